"""Whole plans with what a reviewer says of every recommendation: for training and scoring."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from assistant.clauses.catalog import Catalog
from assistant.coverage.examples import Label, read_records
from assistant.coverage.plan_text import Plan, read_plans
from assistant.sources.registry import Registrations

_MAX_BYTES = 30_000_000


@dataclass(frozen=True, slots=True)
class LabelledPlan:
    """A plan and what a reviewer says of it."""

    name: str
    plan: Plan
    labels: tuple[Label, ...]

    def positions(self, texts: Sequence[str]) -> list[int]:
        """Positions of the sentences that hold some labelled texts, or are held by them, in the order of the texts."""
        wordings = [_wordings(s.text) for s in self.plan.sentences]
        found: list[int] = []
        for text in map(_folded, texts):
            found += [i for i, w in enumerate(wordings) if text in w] or [
                i
                for i, w in enumerate(wordings)
                if any(f and (f in text or text in f) and len(f) > len(text) / 3 for f in w)
            ]
        return list(dict.fromkeys(found))


def read_labelled_plans(folder: Path, catalog: Catalog) -> list[LabelledPlan]:
    """Every plan NAME.md of a folder with its labels NAME.jsonl, by name.

    Raises:
        CorpusError: A line is out of form; the message names file and line.
        CoverageError: A plan has nothing that could be evidence.
    """
    found = []
    for path in sorted(folder.glob("*.md")):
        labels = read_records(path.with_suffix(".jsonl"), Label, "key, status, evidence and near")
        nothing_registered = Registrations(folder / "none", (), {}, ())
        plan = read_plans([str(path)], catalog, nothing_registered, max_bytes=_MAX_BYTES)[0]
        found.append(LabelledPlan(path.stem, plan, tuple(labels)))
    return found


@lru_cache(maxsize=1000)  # the sentences of a plan, asked for by each of its labels
def _wordings(sentence: str) -> frozenset[str]:
    """How a label may write a sentence: as it stands, or a row without the headings of its cells."""
    return frozenset((_folded(sentence), _folded(re.sub(r"(?:^|(?<=; ))[^:;]{1,60}: ", "", sentence))))


def _folded(text: str) -> str:
    return re.sub(r"\W+", " ", text).casefold().strip()
