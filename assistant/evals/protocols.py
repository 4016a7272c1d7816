"""What the evals need of the rest of the product: a few small protocols, and the bundle that hands them over.

The evals see an answer only as the JSON object of docs/architecture.md ("An answer as JSON"), so that answers
which were made elsewhere are scored by the same code.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypedDict

Answer: TypeAlias = Mapping[str, Any]
# Queries and hits wanted -> for each query (document id, score), best first.
Search: TypeAlias = Callable[[Sequence[str], int], Sequence[Sequence[tuple[str, float]]]]


class Answerer(Protocol):
    """Answers one question; safe to call from several threads, deterministic for the embedded engine."""

    def answer(self, question: str, history: list[str]) -> dict[str, Any]:
        """The answer object for a question and the earlier user questions."""


class CitationFacts(TypedDict):
    """What the catalogue knows of a citation id; "" where a clause has no principle, facet or audience."""

    label: str
    heading: str
    principle: str
    facet: str
    audience: str


class CitationCatalog(Protocol):
    """The citation ids that exist."""

    def known_ids(self) -> set[str]:
        """Every guidance id, as it is written."""

    def describe(self, citation_id: str) -> CitationFacts:
        """Facts of a known id; raises `UnknownCitation` for any other."""


class SupportJudge(Protocol):
    """Says whether cited clauses together support a statement (the product's verifier in practice)."""

    def support(self, statement_text: str, citation_ids: Sequence[str]) -> float | bool:
        """Support from 0 to 1, or yes or no."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """A thumbs-down from the chat that waits for review.

    Attributes:
        feedback_id: Identity in the store that keeps it.
        question: The question that was asked.
        history: The user questions before it.
        answer: The answer object that was shown.
        note: What the user wrote with it, "" where nothing.
        created_at: ISO 8601 time, for display.
    """

    feedback_id: str
    question: str
    history: tuple[str, ...] = ()
    answer: Answer = field(default_factory=dict)
    note: str = ""
    created_at: str = ""


class FeedbackQueue(Protocol):
    """Where thumbs-downs wait; any store will do."""

    def pending(self) -> Sequence[Feedback]:
        """Thumbs-downs that nobody has decided on, oldest first."""

    def resolve(self, feedback_id: str, outcome: str) -> None:
        """Record that one was made a case (`"case:<id>"`) or put aside (`"rejected"`)."""


@dataclass(frozen=True, slots=True)
class QuoteBudgets:
    """How many licensed words may be shown.

    Attributes:
        per_answer: Source id -> words of it that one answer may quote.
        per_export: Source id -> words of it that one report may quote; a source that is not named may quote none.
    """

    per_answer: Mapping[str, int] = field(default_factory=dict)
    per_export: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BeirDocument:
    """One document of a BEIR folder."""

    document_id: str
    title: str
    text: str


class EvalServices(Protocol):
    """The product as the eval commands see it; each method opens what it hands over when it is first called."""

    def answerer(self) -> Answerer:
        """The assistant with the engine that was asked for; raises where that engine cannot be opened."""

    def catalog(self) -> CitationCatalog:
        """The citation ids of the current index."""

    def judge(self) -> SupportJudge | None:
        """The verifier, None where none can be had."""

    def settings(self) -> dict[str, Any]:
        """What shapes an answer and can be written as JSON; "engine" names the engine."""

    def hashes(self) -> dict[str, str]:
        """Hashes of all that an answer is made with, by name: index, prompts, code with its weights."""

    def quote_budgets(self) -> QuoteBudgets:
        """Licence budgets in words."""

    def search(self, name: str, documents: Iterable[BeirDocument]) -> Search:
        """A search over foreign documents, indexed once under this name and reused while they do not change."""

    def runs_folder(self) -> Path:
        """Where runs are kept that were given no folder."""

    def user_cases_folder(self) -> Path:
        """Where the user's cases are kept: reviewed thumbs-downs go there, and a run without `--cases` asks them too."""

    def feedback(self) -> FeedbackQueue:
        """The thumbs-downs that wait for review."""


ServicesFactory: TypeAlias = Callable[[argparse.Namespace], EvalServices]


def source_of(citation_id: str) -> str:
    """The source id of a citation id: what stands before its first colon."""
    return citation_id.partition(":")[0]


def name_of(path: Path) -> str:
    """A short name for messages: the file's name with its folder."""
    return "/".join(path.parts[-2:])
