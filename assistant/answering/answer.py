"""The answer: the same object on the command line, in the web chat, in files and for evaluators (JSON contract)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from assistant.retrieval.hit import Hit

Part = Literal["guidance", "plans", "side:msme", "side:large"]
GapReason = Literal["not_covered", "text_not_held", "off_topic"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that support a statement: code points in that rendition's text of the clause."""

    citation: str
    rendition: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer with what it rests on.

    Attributes:
        text: The words shown.
        part: The side of the answer it belongs to.
        citations: Ids, the best first.
        evidence: Where the support stands.
        verbatim: Whether the text stands word for word in the evidence.
        support: How well the evidence supports it, 0 to 1.
    """

    text: str
    part: Part
    citations: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    verbatim: bool
    support: float


@dataclass(frozen=True, slots=True)
class Citation:
    """A cited clause as people see it."""

    id: str
    label: str
    heading: str
    source_id: str
    principle: str | None
    facet: str | None
    page: int | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A need that the texts do not meet, what to say instead, and the nearest help."""

    need: str
    reason: GapReason
    say: str
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """How many statements were checked, and how many of them removed."""

    checked: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is needed to check an answer later.

    Attributes:
        index_generation: Name of the generation that answered.
        clause_sha256: Hex digest of each cited rendition's text, by "<citation>|<rendition>".
        prompt_sha256: Digest of the prompt where a model answered.
        settings_sha256: Digest of the settings that shape answers.
    """

    index_generation: str
    clause_sha256: Mapping[str, str] = field(default_factory=dict)
    prompt_sha256: str | None = None
    settings_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; `to_json` gives the contract's object."""

    question: str
    standalone_question: str
    engine: str
    receipt: Receipt
    id: str | None = None
    declined: bool = False
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    gaps: tuple[Gap, ...] = ()
    related: tuple[str, ...] = ()
    next_questions: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()
    plan_hits: tuple[Hit, ...] = ()
    fallback_reason: str | None = None
    verification: Verification = Verification()
    timings_ms: Mapping[str, int] = field(default_factory=dict)
    usage: Mapping[str, int] | None = None

    def to_json(self) -> dict[str, Any]:
        """The answer as plain data, keys in the order of the contract."""
        values = asdict(self)
        first = ("id", "question", "standalone_question", "declined", "statements", "citations", "gaps", "related")
        then = ("next_questions", "notices", "hits", "plan_hits", "engine", "fallback_reason", "verification")
        ordered = {k: _plain(values[k]) for k in (*first, *then, "timings_ms", "receipt")}
        if self.usage is not None:
            ordered["usage"] = dict(self.usage)
        return ordered

    def with_id(self, case_id: str | None) -> Answer:
        """The same answer under a case's id."""
        return replace(self, id=case_id)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value
