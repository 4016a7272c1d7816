"""A case: one question with what a right answer is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from assistant.errors import CaseError
from assistant.evals.matching import fold

Tier = Literal["smoke", "full"]


@dataclass(frozen=True, slots=True)
class Case:
    """One question with what a right answer is.

    Attributes:
        case_id: Unique over all files that are loaded together.
        question: The user's words.
        expected: Acceptable citation ids; empty where the assistant must decline.
        must_cite: The subset of `expected` that a right answer has to cite.
        case_type: A free word to group by ("direct", "scenario").
        facet: "what", "why" or "how"; None where it does not matter.
        principle: Name of the principle, None where there is none.
        audience: "msme", "large" or "both"; None where it does not matter.
        history: Earlier user questions, oldest first.
        key_points: What a right answer says, in a few words each.
        tier: "smoke" cases also belong to the full suite.
        note: Remark of whoever wrote or reviewed the case.
        origin: `file:line`, for messages.
    """

    case_id: str
    question: str
    expected: tuple[str, ...]
    must_cite: tuple[str, ...] = ()
    case_type: str = ""
    facet: str | None = None
    principle: str | None = None
    audience: str | None = None
    history: tuple[str, ...] = ()
    key_points: tuple[str, ...] = ()
    tier: Tier = "full"
    note: str = ""
    origin: str = ""

    @property
    def must_decline(self) -> bool:
        """Whether the only right answer is to decline."""
        return not self.expected

    def to_record(self) -> dict[str, Any]:
        """The case as the object of a case file."""
        record: dict[str, Any] = {
            "id": self.case_id,
            "question": self.question,
            "type": self.case_type,
            "expected": list(self.expected),
            "must_cite": list(self.must_cite),
            "facet": self.facet,
            "principle": self.principle,
            "audience": self.audience,
            "history": list(self.history),
            "key_points": list(self.key_points),
            "tier": self.tier,
        }
        return record | ({"note": self.note} if self.note else {})

    def fingerprint(self) -> str:
        """Hash of what is asked and what is right: two runs are compared only where it is the same."""
        asked = [self.question, *self.history]
        right = [sorted(map(fold, self.expected)), sorted(map(fold, self.must_cite))]
        labels = [self.facet, self.audience, list(self.key_points)]
        return hashlib.sha256(json.dumps([asked, right, labels]).encode()).hexdigest()[:16]


def select_tier(cases: Sequence[Case], tier: Tier) -> list[Case]:
    """The cases of a tier: "smoke" the smoke cases alone, "full" all of them.

    Raises:
        CaseError: No case belongs to the tier.
    """
    chosen = [case for case in cases if tier == "full" or case.tier == "smoke"]
    if not chosen:
        raise CaseError('no case is of tier "smoke"; set "tier": "smoke" on some cases or run the full tier')
    return chosen


def cases_sha256(cases: Sequence[Case]) -> str:
    """Hash of the cases in order, without where they stand and without remarks."""
    records = [{k: v for k, v in case.to_record().items() if k != "note"} for case in cases]
    return hashlib.sha256(json.dumps(records, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
