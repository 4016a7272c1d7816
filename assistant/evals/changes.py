"""One metric in two runs: the paired difference, its interval, its test, and what may be said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant.evals.aggregate import Part, by_case, ratio_parts
from assistant.evals.measures import MEASURES, Measure
from assistant.evals.metrics import Scored
from assistant.evals.statistics import (
    Interval,
    bootstrap_mean,
    bootstrap_ratio_difference,
    holm,
    mcnemar_exact,
    permutation_test,
)

ALPHA = 0.05
Word = Literal["better", "worse", "perhaps better", "perhaps worse", "no clear change", "unchanged", "not comparable"]


@dataclass(frozen=True, slots=True)
class Change:
    """One metric in both runs.

    Attributes:
        measure: The metric.
        cases: Paired cases that it applies to; of a ratio, those that it applies to in either run.
        base: Mean of the base run over them, None without cases.
        new: Mean of the new run.
        interval: 95 % interval of the difference new - base.
        p: p value of the paired test; None for a ratio, whose interval alone speaks.
        adjusted_p: The same, by Holm's method; None for ratios and for metrics that are not qualities.
        better: Cases that gained.
        worse: Cases that lost.
    """

    measure: Measure
    cases: int
    base: float | None = None
    new: float | None = None
    interval: Interval | None = None
    p: float | None = None
    adjusted_p: float | None = None
    better: int = 0
    worse: int = 0

    @property
    def difference(self) -> float | None:
        """New minus base."""
        return None if self.base is None or self.new is None else self.new - self.base

    @property
    def word(self) -> Word:
        """What can be said: "better" and "worse" hold after correction, "perhaps" by the interval alone."""
        if self.difference is None or self.interval is None:
            return "not comparable"
        if not self.better and not self.worse and not self.difference:
            return "unchanged"
        gained = (self.difference > 0) == self.measure.higher_is_better
        judged_p = self.p if self.adjusted_p is None else self.adjusted_p
        if self.difference and judged_p is not None and judged_p < ALPHA:
            return "better" if gained else "worse"
        if self.interval.low > 0 or self.interval.high < 0:
            return "perhaps better" if gained else "perhaps worse"
        return "no clear change"


def measure_changes(base: Sequence[Scored], new: Sequence[Scored], *, single: bool) -> list[Change]:
    """Every metric, paired case by case, with p values adjusted over the quality metrics.

    Args:
        base: Scores of the base run.
        new: Scores of the new run.
        single: Whether each case was answered once, so that binary metrics are yes or no.
    """
    changes = [_change(measure, base, new, single) for measure in MEASURES]
    adjusted = holm({c.measure.name: c.p for c in changes if c.p is not None and c.measure.is_quality})
    return [replace(c, adjusted_p=adjusted.get(c.measure.name)) for c in changes]


def _change(measure: Measure, base: Sequence[Scored], new: Sequence[Scored], single: bool) -> Change:
    if measure.kind == "ratio":
        return _ratio_change(measure, base, new)
    old, current = by_case(base, measure.name), by_case(new, measure.name)
    ids = sorted(set(old) & set(current))
    if not ids:
        return Change(measure, 0)
    differences = [current[i] - old[i] for i in ids]
    sign = 1 if measure.higher_is_better else -1
    better = sum(sign * d > 0 for d in differences)
    worse = sum(sign * d < 0 for d in differences)
    p = mcnemar_exact(better, worse) if measure.kind == "binary" and single else permutation_test(differences)
    count = len(ids)
    return Change(
        measure,
        count,
        sum(old[i] for i in ids) / count,
        sum(current[i] for i in ids) / count,
        bootstrap_mean(differences),
        p,
        better=better,
        worse=worse,
    )


def _ratio_change(measure: Measure, base: Sequence[Scored], new: Sequence[Scored]) -> Change:
    """A ratio over all paired cases: each run has its own denominator, so a case has no difference of its own.

    Looking only at the cases that it applies to in both runs would compare every label with itself.
    """
    old, current = ratio_parts(base, measure.name), ratio_parts(new, measure.name)
    ids = sorted(set(old) & set(current))
    touched = sum(bool(old[i].applies or current[i].applies) for i in ids)
    if not touched:
        return Change(measure, 0)
    gains = [_balance(current[i]) - _balance(old[i]) for i in ids]
    sign = 1 if measure.higher_is_better else -1
    return Change(
        measure,
        touched,
        _ratio_of([old[i] for i in ids]),
        _ratio_of([current[i] for i in ids]),
        bootstrap_ratio_difference(
            [(old[i].good, old[i].applies) for i in ids], [(current[i].good, current[i].applies) for i in ids]
        ),
        better=sum(sign * g > 0 for g in gains),
        worse=sum(sign * g < 0 for g in gains),
    )


def _ratio_of(parts: Sequence[Part]) -> float | None:
    applies = sum(p.applies for p in parts)
    return sum(p.good for p in parts) / applies if applies else None


def _balance(part: Part) -> float:
    """Good minus bad, an answer: a right decline more is a gain of the case, a wrong one a loss."""
    return (2 * part.good - part.applies) / part.answers
