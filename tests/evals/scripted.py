"""A scripted product for the eval tests: a small catalogue, answers by question, no model and no index."""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.errors import EngineError, UnknownCitation
from assistant.evals.protocols import (
    Answerer,
    BeirDocument,
    CitationCatalog,
    CitationFacts,
    Feedback,
    FeedbackQueue,
    QuoteBudgets,
    Search,
    SupportJudge,
)

FACTS: dict[str, tuple[str, str, str, str]] = {
    "iso-44003:5.10.3.3": ("Joint risk management", "Risk management", "how", "msme"),
    "iso-44003:5.10.1": ("What is it?", "Risk management", "what", "msme"),
    "iso-44003:5.1.3.3": ("Joint relationship management", "Relationship management", "how", "msme"),
    "iso-44003:5.1.3.3 a)": ("Joint relationship management", "Relationship management", "how", "msme"),
    "iso-44003:5.1.3.3 b)": ("Joint relationship management", "Relationship management", "how", "msme"),
    "iso-44003:5.1.3.3 g)": ("Joint relationship management", "Relationship management", "how", "msme"),
    "iso-44003:5.1.3.3 g) 1)": ("Joint relationship management", "Relationship management", "how", "msme"),
    "iso-44003:5.12.3.1 #2": ("Early planning", "Exit strategy", "how", "msme"),
    "iso-44003:Annex A": ("Self-assessment", "", "", "msme"),
    "iso-44003:A.1 Visions and values 2": ("Self-assessment", "Visions and values", "", "msme"),
    "iso-44004:5.5": ("Governance and processes", "Governance and processes", "", "large"),
    "iso-44004:5.5 d)": ("Governance and processes", "Governance and processes", "how", "large"),
    "iso-44001-guide:overview": ("Overview", "", "", "both"),
}


class ScriptedCatalog:
    def known_ids(self) -> set[str]:
        return set(FACTS)

    def describe(self, citation_id: str) -> CitationFacts:
        if citation_id not in FACTS:
            raise UnknownCitation(f"{citation_id}: no such citation; `assistant clauses` lists them")
        heading, principle, facet, audience = FACTS[citation_id]
        label = citation_id.replace("iso-", "ISO ").replace(":", ", ", 1)
        return CitationFacts(label=label, heading=heading, principle=principle, facet=facet, audience=audience)


def make_answer(
    *cited: str,
    hits: Sequence[str] | None = None,
    text: str = "Agree together who watches which risk.",
    support: float = 0.9,
    rendition: str = "digest",
    verbatim: bool = False,
    facet: str | None = None,
) -> dict[str, Any]:
    """An answer of the contract that cites these ids; without ids it declines."""
    statement = {
        "text": text,
        "part": "guidance",
        "citations": list(cited),
        "evidence": [{"citation": c, "rendition": rendition, "start": 0, "end": 10} for c in cited],
        "verbatim": verbatim,
        "support": support,
    }
    return {
        "id": None,
        "question": "",
        "declined": not cited,
        "statements": [statement] if cited else [],
        "citations": [{"id": c, "label": c, "heading": "", "facet": facet} for c in cited],
        "gaps": []
        if cited
        else [{"need": "?", "reason": "not_covered", "say": "The guidance does not say.", "nearest": []}],
        "hits": [{"id": h, "rank": i + 1, "score": 1.0} for i, h in enumerate(cited if hits is None else hits)],
        "plan_hits": [],
        "engine": "scripted",
        "timings_ms": {"retrieve": 3, "answer": 4},
    }


class ScriptedAnswerer:
    """Answers from a table; raises for questions in `failing`, interrupts at the question `stop_at`."""

    def __init__(self, table: Mapping[str, dict[str, Any]], failing: Iterable[str] = (), stop_at: str = "") -> None:
        self.table, self.failing, self.stop_at = dict(table), set(failing), stop_at
        self.asked: list[str] = []
        self._lock = threading.Lock()

    def answer(self, question: str, history: list[str]) -> dict[str, Any]:
        with self._lock:
            self.asked.append(question)
        if question in self.failing:
            raise EngineError("the model does not answer; start it and try again")
        if question == self.stop_at:
            raise KeyboardInterrupt
        return self.table.get(question) or make_answer()


class ScriptedJudge:
    """Supports a statement when one of the given sets of ids is among the cited ones."""

    def __init__(self, *enough: set[str]) -> None:
        self.enough = enough

    def support(self, statement_text: str, citation_ids: Sequence[str]) -> float | bool:
        return any(one <= set(citation_ids) for one in self.enough)


class ScriptedQueue:
    def __init__(self, *waiting: Feedback) -> None:
        self.waiting = list(waiting)
        self.outcomes: dict[str, str] = {}

    def pending(self) -> Sequence[Feedback]:
        return [f for f in self.waiting if f.feedback_id not in self.outcomes]

    def resolve(self, feedback_id: str, outcome: str) -> None:
        self.outcomes[feedback_id] = outcome


class ScriptedServices:
    def __init__(
        self,
        answerer: Answerer | None = None,
        judge: SupportJudge | None = None,
        settings: dict[str, Any] | None = None,
        budgets: QuoteBudgets | None = None,
        queue: FeedbackQueue | None = None,
        user_cases: Path = Path("nowhere/cases"),
    ) -> None:
        self._answerer = answerer or ScriptedAnswerer({})
        self._judge, self._settings = judge, settings or {"engine": "scripted", "top": 5}
        self._budgets, self._queue = budgets or QuoteBudgets(), queue or ScriptedQueue()
        self._user_cases = user_cases

    def answerer(self) -> Answerer:
        return self._answerer

    def catalog(self) -> CitationCatalog:
        return ScriptedCatalog()

    def judge(self) -> SupportJudge | None:
        return self._judge

    def settings(self) -> dict[str, Any]:
        return self._settings

    def hashes(self) -> dict[str, str]:
        return {"index_generation": "g1", "prompts": "p1"}

    def quote_budgets(self) -> QuoteBudgets:
        return self._budgets

    def search(self, name: str, documents: Iterable[BeirDocument]) -> Search:
        held = list(documents)

        def by_shared_words(queries: Sequence[str], k: int) -> list[list[tuple[str, float]]]:
            return [one(query, k) for query in queries]

        def one(query: str, k: int) -> list[tuple[str, float]]:
            wanted = set(query.lower().split())
            scored = [(d.document_id, float(len(wanted & set(d.text.lower().split())))) for d in held]
            return sorted((s for s in scored if s[1]), key=lambda s: (-s[1], s[0]))[:k]

        return by_shared_words

    def runs_folder(self) -> Path:
        return Path("runs")

    def user_cases_folder(self) -> Path:
        return self._user_cases

    def feedback(self) -> FeedbackQueue:
        return self._queue


def scripted_services(args: argparse.Namespace) -> ScriptedServices:
    """What `--assistant-services` names in the plugin's tests: right about risk, wrong about everything else."""
    table = {
        "Who looks after shared risks?": make_answer("iso-44003:5.10.3.3"),
        "What may go into our joint plan?": make_answer("iso-44003:5.10.1"),
    }
    return ScriptedServices(ScriptedAnswerer(table))


def case_record(case_id: str, question: str, *expected: str, **more: Any) -> dict[str, Any]:
    """A line of a case file."""
    return {"id": case_id, "question": question, "expected": list(expected), **more}


def write_cases(path: Path, *records: dict[str, Any]) -> Path:
    """A case file."""
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path
