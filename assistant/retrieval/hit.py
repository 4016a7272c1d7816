"""The values of this stage: filters that a user sets, and ranked hits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Filters:
    """What a user restricts a question to; None for no restriction. What it excludes is found nowhere in the hits.

    Attributes:
        audience: Answer from this side's standard.
        principle: Name, key or alias of a principle.
        facet: What, why or how.
        scope: Guidance and plans, or only one of them.
    """

    audience: Literal["msme", "large", "both"] | None = None
    principle: str | None = None
    facet: Literal["what", "why", "how"] | None = None
    scope: Literal["all", "guidance", "plans"] = "all"


@dataclass(frozen=True, slots=True)
class Hit:
    """A citation id that a question found.

    Attributes:
        id: The citation id.
        rank: From 1.
        score: Comparable within one ranking only; higher is better.
    """

    id: str
    rank: int
    score: float


def ranked(scores: dict[str, float], count: int) -> tuple[Hit, ...]:
    """The best ids in order; equal scores by id, so that every run gives the same order."""
    best = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))[:count]
    return tuple(Hit(citation, rank, round(score, 6)) for rank, (citation, score) in enumerate(best, 1))
