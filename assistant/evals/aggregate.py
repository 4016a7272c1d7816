"""From scores of answers to figures of a run: means with counts, groups, percentiles, the risk-coverage curve."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np

from assistant.evals.case import Case
from assistant.evals.measures import MEASURES
from assistant.evals.metrics import Scored
from assistant.evals.statistics import Interval, bootstrap_mean, bootstrap_ratio

GroupKey = TypeVar("GroupKey", str, tuple[str, str])


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric over cases.

    Attributes:
        value: Mean over the cases that it applies to (of a ratio: over the answers), None where it applies to none.
        count: How many cases that are.
        interval: 95 % bootstrap interval clustered by case, None where there is nothing to resample.
    """

    value: float | None
    count: int
    interval: Interval | None = None

    def to_record(self) -> dict[str, Any]:
        """The figure as a JSON object."""
        bounds = None if self.interval is None else [self.interval.low, self.interval.high]
        return {"value": self.value, "cases": self.count, "interval": bounds}


def by_case(scored: Iterable[Scored], name: str) -> dict[str, float]:
    """A metric by case id: the mean over the repetitions that it applies to; cases without any are left out.

    Resampling these means resamples whole cases, which is what "clustered by case" asks for (Miller: "Adding
    Error Bars to Evals", 2024, section 2.2).
    """
    values: dict[str, list[float]] = {}
    for one in scored:
        value = one.scores.get(name)
        if value is not None:
            values.setdefault(one.case_id, []).append(value)
    return {case_id: sum(v) / len(v) for case_id, v in values.items()}


class Part(NamedTuple):
    """What one case brings to a ratio.

    Attributes:
        good: Sum of the values, the numerator.
        applies: Answers that the metric applies to, the denominator.
        answers: Answers of the case that were scored.
    """

    good: float
    applies: int
    answers: int


def ratio_parts(scored: Iterable[Scored], name: str) -> dict[str, Part]:
    """A ratio's parts by case id, for every case that was scored, also where the metric applies to none of its answers."""
    parts: dict[str, Part] = {}
    for one in scored:
        if not one.unscored:
            part, value = parts.get(one.case_id, Part(0.0, 0, 0)), one.scores.get(name)
            parts[one.case_id] = Part(part.good + (value or 0.0), part.applies + (value is not None), part.answers + 1)
    return parts


def summarise(scored: Sequence[Scored], *, intervals: bool = True) -> dict[str, Figure]:
    """Every metric over a run."""
    figures: dict[str, Figure] = {}
    for measure in MEASURES:
        if measure.kind == "ratio":
            figures[measure.name] = _ratio(scored, measure.name, intervals)
            continue
        values = list(by_case(scored, measure.name).values())
        mean = sum(values) / len(values) if values else None
        interval = bootstrap_mean(values) if intervals and len(values) > 1 else None
        figures[measure.name] = Figure(mean, len(values), interval)
    return figures


def _ratio(scored: Sequence[Scored], name: str, intervals: bool) -> Figure:
    parts = [(p.good, float(p.applies)) for p in ratio_parts(scored, name).values() if p.applies]
    value = sum(good for good, _ in parts) / sum(applies for _, applies in parts) if parts else None
    return Figure(value, len(parts), bootstrap_ratio(parts) if intervals and len(parts) > 1 else None)


def group_means(
    cases: Sequence[Case], values: Mapping[str, float], key: Callable[[Case], GroupKey | None]
) -> dict[GroupKey, tuple[float, int]]:
    """Mean and number of cases by group, groups in order.

    Args:
        cases: The cases.
        values: Value by case id; cases without one are left out.
        key: The group of a case; where it is None or "" the case is left out.
    """
    groups: dict[GroupKey, list[float]] = {}
    for case in cases:
        group = key(case)
        if group and case.case_id in values:
            groups.setdefault(group, []).append(values[case.case_id])
    return {group: (sum(v) / len(v), len(v)) for group, v in sorted(groups.items())}


def right_shares(scored: Iterable[Scored]) -> dict[str, float]:
    """Case id -> share of repetitions with nothing wrong; unscored ones are left out."""
    flags: dict[str, list[bool]] = {}
    for one in scored:
        if not one.unscored:
            flags.setdefault(one.case_id, []).append(one.right)
    return {case_id: sum(f) / len(f) for case_id, f in flags.items()}


def heat_map(cases: Sequence[Case], scored: Sequence[Scored]) -> dict[tuple[str, str], Figure]:
    """Share of right answers by (principle, facet); cases without one of them stand under "–"."""
    cells = group_means(cases, right_shares(scored), lambda c: (c.principle or "–", c.facet or "–"))
    return {cell: Figure(*mean) for cell, mean in cells.items()}


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """How often answers are wrong when only the surest are given.

    Attributes:
        points: (coverage, risk) from the surest answers to all that were given; both from 0 to 1.
        area: Area under the curve over the coverage reached, divided by that coverage; None without points.
        unknown: Answers without a confidence, which the curve leaves out.
    """

    points: tuple[tuple[float, float], ...]
    area: float | None
    unknown: int


def risk_coverage(scored: Sequence[Scored]) -> RiskCoverage:
    """The risk-coverage curve: El-Yaniv and Wiener, JMLR 11 (2010); area as Geifman et al., ICLR 2019.

    Coverage is the share of all scored answers; declined ones are not covered, whatever the threshold. Risk is the
    share of wrong answers among the covered. Equally sure answers enter together.
    """
    usable = [s for s in scored if not s.unscored]
    rated = [s for s in usable if not s.declined and s.confidence is not None]
    levels: dict[float, list[bool]] = {}
    for one in rated:
        levels.setdefault(one.confidence or 0.0, []).append(not one.right)
    points: list[tuple[float, float]] = []
    covered = wrong = 0
    area = 0.0
    for level in sorted(levels, reverse=True):
        covered += len(levels[level])
        wrong += sum(levels[level])
        points.append((covered / len(usable), wrong / covered))
        area += len(levels[level]) * wrong / covered
    unknown = sum(not s.declined and s.confidence is None for s in usable)
    return RiskCoverage(tuple(points), area / covered if covered else None, unknown)


def percentiles(scored: Iterable[Scored], name: str = "latency_ms") -> dict[str, float]:
    """The 50th, 90th, 95th and 99th percentile and the maximum of a metric over answers; empty without values."""
    values = [v for s in scored if (v := s.scores.get(name)) is not None]
    if not values:
        return {}
    found = {f"p{q}": float(np.percentile(values, q)) for q in (50, 90, 95, 99)}
    return found | {"max": max(values)}


def summary_record(cases: Sequence[Case], scored: Sequence[Scored]) -> dict[str, Any]:
    """What `summary.json` holds: figures, groups, curve, percentiles, and what could not be scored."""
    curve = risk_coverage(scored)
    groups: Mapping[str, Callable[[Case], str | None]] = {
        "type": lambda c: c.case_type,
        "principle": lambda c: c.principle,
        "facet": lambda c: c.facet,
        "audience": lambda c: c.audience,
    }
    names = ("hit@5", "any_expected", "must_cite_recall", "citation_precision", "decision_right")
    values = {name: by_case(scored, name) for name in names}
    return {
        "cases": len(cases),
        "answers": len(scored),
        "unscored": {f"{s.case_id}#{s.repeat}": s.unscored for s in scored if s.unscored},
        "right": Figure(*_mean(right_shares(scored).values())).to_record(),
        "metrics": {name: figure.to_record() for name, figure in summarise(scored).items()},
        "groups": {
            group: {
                name: {g: Figure(*mean).to_record() for g, mean in group_means(cases, values[name], key).items()}
                for name in names
            }
            for group, key in groups.items()
        },
        "risk_coverage": {"points": list(curve.points), "area": curve.area, "unknown": curve.unknown},
        "latency_ms": percentiles(scored),
    }


def _mean(values: Iterable[float]) -> tuple[float | None, int]:
    known = list(values)
    return (sum(known) / len(known) if known else None), len(known)
