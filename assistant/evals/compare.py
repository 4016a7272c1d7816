"""Comparing two runs over the same cases: what got better, what got worse, and is it noise?

Every metric is paired case by case; a case counts where the metric applies to it in both runs. Binary metrics of
single runs are tested by the exact McNemar test, all others by a permutation test; the interval is the paired
bootstrap, clustered by case where cases were answered several times. p values are adjusted by Holm's method over
the quality metrics, so that a look at many of them does not find a loss by chance.

The gate (`--max-loss POINTS`) fails when one of these holds:

- a gated metric lost more than POINTS percentage points and its 95 % interval lies below zero: the loss is larger
  than allowed and is not explained by which cases happen to be in the suite. The gate looks at the interval and not
  at the adjusted p value, since a loss that ships costs more than a second look at one that does not hold up;
- an answer of the new run breaches a licence budget;
- the new run could not answer or score a case that the base run could, or was not given it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from assistant.errors import CaseError
from assistant.evals.aggregate import by_case, right_shares
from assistant.evals.dataset import Case
from assistant.evals.measures import MEASURES, Measure
from assistant.evals.metrics import Scored
from assistant.evals.runs import Run
from assistant.evals.statistics import (
    Interval,
    bootstrap_mean,
    holm,
    mcnemar_exact,
    permutation_test,
    smallest_detectable_loss,
)

ALPHA = 0.05
Word = Literal[
    "better", "worse", "perhaps better", "perhaps worse", "no clear change", "unchanged", "not comparable"
]


@dataclass(frozen=True, slots=True)
class Change:
    """One metric in both runs.

    Attributes:
        measure: The metric.
        cases: Paired cases that it applies to.
        base: Mean of the base run over them, None without cases.
        new: Mean of the new run.
        interval: 95 % interval of the difference new - base.
        p: p value of the paired test.
        adjusted_p: The same, by Holm's method; None for metrics that are not qualities.
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
        if not self.better and not self.worse:
            return "unchanged"
        gained = (self.difference > 0) == self.measure.higher_is_better
        judged_p = self.p if self.adjusted_p is None else self.adjusted_p
        if self.difference and judged_p is not None and judged_p < ALPHA:
            return "better" if gained else "worse"
        if self.interval.low > 0 or self.interval.high < 0:
            return "perhaps better" if gained else "perhaps worse"
        return "no clear change"


@dataclass(frozen=True, slots=True)
class Flip:
    """A case that one run got right and the other did not.

    Attributes:
        case: The case.
        better: Whether the new run is the right one.
        base_why: What was wrong in the base run.
        new_why: What is wrong in the new run.
        base_answer: Answer of the base run (its first repetition), None where it was not kept.
        new_answer: The same of the new run.
    """

    case: Case
    better: bool
    base_why: tuple[str, ...]
    new_why: tuple[str, ...]
    base_answer: Mapping[str, Any] | None
    new_answer: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class GroupChange:
    """Share of right answers in a group of cases, in both runs."""

    group: str
    cases: int
    base: float
    new: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side.

    Attributes:
        base: The base run.
        new: The new run.
        paired: Cases in both runs, with the same question and labels.
        left_out: Why cases were left out, a sentence each.
        lost: Ids that only the base run has a scored answer for.
        changes: Every metric.
        flips: Cases whose outcome changed, losses first.
        groups: "type", "principle" -> groups.
        changed_settings: What differs in settings and hashes.
        detectable: Smallest loss of a yes/no metric that these cases show 8 times of 10; None where they show none.
    """

    base: Run
    new: Run
    paired: tuple[Case, ...]
    left_out: tuple[str, ...]
    lost: tuple[str, ...]
    changes: tuple[Change, ...]
    flips: tuple[Flip, ...]
    groups: Mapping[str, tuple[GroupChange, ...]]
    changed_settings: tuple[str, ...]
    detectable: float | None

    @property
    def verdict(self) -> str:
        """One line: what got worse, what got better, or that nothing clear did."""
        quality = [c for c in self.changes if c.measure.is_quality]
        said = []
        for word in ("worse", "perhaps worse", "better", "perhaps better"):
            names = [c.measure.label for c in quality if c.word == word]
            if names:
                said.append(f"{word}: {', '.join(names)}")
        if said:
            return "; ".join(said)
        same = all(c.word in ("unchanged", "not comparable") for c in quality) and not self.flips
        return "no answer changed in what is scored" if same else "no clear change"

    def gate(self, max_loss: float) -> list[str]:
        """Why the gate fails, a sentence each; empty where it passes (the rule stands at the top of the module).

        Args:
            max_loss: Loss in percentage points that is let through.
        """
        found = []
        for change in self.changes:
            lost = -100 * (change.difference or 0.0)
            if change.measure.gated and change.interval and lost > max_loss and change.interval.high < 0:
                found.append(
                    f"{change.measure.label} lost {lost:.1f} points ({_points(change.interval)}), "
                    f"more than the {max_loss:g} allowed"
                )
        breaches = sum(bool(s.scores.get("budget_breaches")) for s in self.new.scored)
        if breaches:
            found.append(
                f"{breaches} answer{'s' if breaches > 1 else ''} of the new run breach a licence budget"
            )
        if self.lost:
            shown = ", ".join(self.lost[:5]) + (" …" if len(self.lost) > 5 else "")
            found.append(
                f"{len(self.lost)} cases that the base run scored are not scored in the new one: {shown}"
            )
        return found


def _points(interval: Interval) -> str:
    return f"95 % interval {100 * interval.low:+.1f} to {100 * interval.high:+.1f}"


def compare_runs(base: Run, new: Run) -> Comparison:
    """Compare two scored runs.

    Raises:
        CaseError: A run has no scores, or the two share no case.
    """
    for run in (base, new):
        if not run.scored:
            raise CaseError(
                f"{run.name}: has no scores; finish it with `assistant evals run --out {run.name}`"
            )
    paired, left_out = _paired_cases(base, new)
    ids = {c.case_id for c in paired}
    base_scored = [s for s in base.scored if s.case_id in ids]
    new_scored = [s for s in new.scored if s.case_id in ids]
    single = base.header.repeat == new.header.repeat == 1
    changes = _adjusted([_change(m, base_scored, new_scored, single) for m in MEASURES])
    flips = _flips(paired, base, new)
    base_right, new_right = right_shares(base_scored), right_shares(new_scored)
    both = [c for c in paired if c.case_id in base_right and c.case_id in new_right]
    keys: dict[str, Callable[[Case], str | None]] = {
        "type": lambda c: c.case_type,
        "principle": lambda c: c.principle,
    }
    groups = {name: _groups(both, base_right, new_right, key) for name, key in keys.items()}
    ups = sum(f.better for f in flips)
    noise = 2 * min(ups, len(flips) - ups) / len(both) if both else 0.0
    return Comparison(
        base,
        new,
        tuple(paired),
        tuple(left_out),
        tuple(_lost(base, new)),
        tuple(changes),
        tuple(flips),
        groups,
        tuple(d for d in base.header.differences(new.header) if d != "the cases"),
        smallest_detectable_loss(len(both), noise=noise, alpha=ALPHA),
    )


def _paired_cases(base: Run, new: Run) -> tuple[list[Case], list[str]]:
    old = {c.case_id: c for c in base.cases}
    current = {c.case_id: c for c in new.cases}
    changed = [i for i in current if i in old and old[i].fingerprint() != current[i].fingerprint()]
    paired = [c for i, c in current.items() if i in old and i not in changed]
    if not paired:
        raise CaseError(
            f"{base.name} and {new.name} share no case with the same question and labels; "
            "run the base again over the new cases"
        )
    told = []
    if changed:
        told.append(f"{len(changed)} cases were changed between the runs and are left out: {_some(changed)}")
    if added := [i for i in current if i not in old]:
        told.append(f"{len(added)} cases are only in the new run: {_some(added)}")
    if gone := [i for i in old if i not in current]:
        told.append(f"{len(gone)} cases are only in the base run: {_some(gone)}")
    return paired, told


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:5]) + (" …" if len(ids) > 5 else "")


def _lost(base: Run, new: Run) -> list[str]:
    """Cases of the new run's own suite that only the base has a score for; removed cases are told, not gated."""
    scored_new = set(right_shares(new.scored))
    current = {c.case_id for c in new.cases}
    return [i for i in right_shares(base.scored) if i in current and i not in scored_new]


def _change(measure: Measure, base: Sequence[Scored], new: Sequence[Scored], single: bool) -> Change:
    old, current = by_case(base, measure.name), by_case(new, measure.name)
    ids = sorted(set(old) & set(current))
    if not ids:
        return Change(measure, 0)
    differences = [current[i] - old[i] for i in ids]
    sign = 1 if measure.higher_is_better else -1
    better = sum(sign * d > 0 for d in differences)
    worse = sum(sign * d < 0 for d in differences)
    if measure.kind == "binary" and single:
        p = mcnemar_exact(better, worse)
    else:
        p = permutation_test(differences)
    count = len(ids)
    return Change(
        measure,
        count,
        sum(old[i] for i in ids) / count,
        sum(current[i] for i in ids) / count,
        bootstrap_mean(differences),
        p,
        None,
        better,
        worse,
    )


def _adjusted(changes: Sequence[Change]) -> list[Change]:
    adjusted = holm({c.measure.name: c.p for c in changes if c.p is not None and c.measure.is_quality})
    return [
        Change(
            c.measure,
            c.cases,
            c.base,
            c.new,
            c.interval,
            c.p,
            adjusted.get(c.measure.name),
            c.better,
            c.worse,
        )
        for c in changes
    ]


def _flips(paired: Sequence[Case], base: Run, new: Run) -> list[Flip]:
    """Cases whose outcome changed; with repetitions, those whose share of right answers crossed one half."""
    old, current = right_shares(base.scored), right_shares(new.scored)
    flips = []
    for case in paired:
        i = case.case_id
        if i in old and i in current and (old[i] >= 0.5) != (current[i] >= 0.5):
            flips.append(
                Flip(case, current[i] >= 0.5, _why(base, i), _why(new, i), _answer(base, i), _answer(new, i))
            )
    return sorted(flips, key=lambda f: (f.better, f.case.case_id))


def _why(run: Run, case_id: str) -> tuple[str, ...]:
    return next((s.why for s in run.scored if s.case_id == case_id and s.why), ())


def _answer(run: Run, case_id: str) -> Mapping[str, Any] | None:
    record = run.answers.get((case_id, 0))
    return record.answer if record else None


def _groups(
    cases: Sequence[Case],
    base: Mapping[str, float],
    new: Mapping[str, float],
    key: Callable[[Case], str | None],
) -> tuple[GroupChange, ...]:
    members: dict[str, list[str]] = {}
    for case in cases:
        if group := key(case):
            members.setdefault(group, []).append(case.case_id)
    return tuple(
        GroupChange(g, len(ids), sum(base[i] for i in ids) / len(ids), sum(new[i] for i in ids) / len(ids))
        for g, ids in sorted(members.items())
    )
