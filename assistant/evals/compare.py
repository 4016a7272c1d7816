"""Comparing two runs over the same cases: what got better, what got worse, and is it noise?

Every metric is paired case by case; a case counts where the metric applies to it in both runs. Binary metrics of
single runs are tested by the exact McNemar test, all others by a permutation test; the interval is the paired
bootstrap, clustered by case where cases were answered several times. A ratio (decline precision) is taken over all
paired cases, with an interval and without a test. p values are adjusted by Holm's method over the quality metrics that
have one, so that a look at many of them does not find a loss by chance.

The gate (`--max-loss POINTS`) fails when one of these holds:

- a gated metric lost more than POINTS percentage points and its 95 % interval lies below zero: the loss is larger
  than allowed and is not explained by which cases happen to be in the suite. The gate looks at the interval and not
  at the adjusted p value, since a loss that ships costs more than a second look at one that does not hold up;
- an answer of the new run breaches a licence budget;
- the new run could not answer or score a case of its suite that the base run could.

A suite may be smaller on purpose: cases that the new run was not given are named, in the verdict too, and the gate
judges the shared ones. A run that holds fewer cases than its header says it was given has lost the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.errors import CaseError
from assistant.evals.aggregate import group_means, right_shares
from assistant.evals.answers import cited_ids, statements_of
from assistant.evals.baselines import LEFT_OUT
from assistant.evals.case import Case
from assistant.evals.changes import ALPHA, Change, measure_changes
from assistant.evals.runs import Run
from assistant.evals.statistics import Interval, smallest_detectable_loss
from assistant.evals.wording import counted


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
        lost: Ids of cases that the new run was given and only the base run has a scored answer for.
        not_asked: Ids of the base run's cases that the new run was not given.
        changes: Every metric.
        flips: Cases whose outcome changed, losses first.
        groups: "type", "principle" -> groups.
        changed_settings: What differs in settings and hashes.
        different: Paired answers that differ in words, citations or decision; words that a baseline leaves out
            are not compared.
        detectable: Smallest loss of a yes/no metric that these cases show with 80 % power; None where they show none.
    """

    base: Run
    new: Run
    paired: tuple[Case, ...]
    left_out: tuple[str, ...]
    lost: tuple[str, ...]
    not_asked: tuple[str, ...]
    changes: tuple[Change, ...]
    flips: tuple[Flip, ...]
    groups: Mapping[str, tuple[GroupChange, ...]]
    changed_settings: tuple[str, ...]
    different: int
    detectable: float | None

    @property
    def verdict(self) -> str:
        """One line: what is missing, what got worse, what got better, or that nothing clear did."""
        missing = []
        if self.lost:
            missing.append(f"{counted(len(self.lost), 'case')} can no longer be scored")
        if self.not_asked:
            missing.append(f"{counted(len(self.not_asked), 'case')} of the base run not asked")
        return "; ".join([*missing, self._outcome(" in the others" if missing else "")])

    @property
    def lost_line(self) -> str:
        """A sentence about the cases that only the base run could score, "" where there are none."""
        if not self.lost:
            return ""
        return f"Scored in the base run and not in the new one, so in no figure here: {_some(self.lost)}."

    def _outcome(self, where: str) -> str:
        quality = [c for c in self.changes if c.measure.is_quality]
        said = []
        for word in ("worse", "perhaps worse", "better", "perhaps better"):
            names = [c.measure.label for c in quality if c.word == word]
            if names:
                said.append(f"{word}: {', '.join(names)}")
        if said:
            return "; ".join(said)
        if not all(c.word in ("unchanged", "not comparable") for c in quality) or self.flips:
            return f"no clear change{where}"
        if where:
            return f"no score differs{where}"
        return "unchanged: no score differs" if self.different else "unchanged: no answer differs"

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
            found.append(f"a licence budget is breached by {counted(breaches, 'answer')} of the new run")
        if self.lost:
            found.append(f"scored in the base run and not in the new one: {_some(self.lost)}")
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
            raise CaseError(f"{run.name}: has no scores; finish it with `assistant evals run --out {run.name}`")
    paired, left_out = _paired_cases(base, new)
    lost, not_asked = _missing(base, new)
    if not_asked:
        left_out.append(f"Only in the base run: {_some(not_asked)}; figures and gate are over the shared cases.")
    ids = {c.case_id for c in paired}
    base_scored = [s for s in base.scored if s.case_id in ids]
    new_scored = [s for s in new.scored if s.case_id in ids]
    single = base.header.repeat == new.header.repeat == 1
    changes = measure_changes(base_scored, new_scored, single=single)
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
        tuple(lost),
        tuple(not_asked),
        tuple(changes),
        tuple(flips),
        groups,
        tuple(d for d in base.header.differences(new.header) if d != "the cases"),
        sum(_differ(_answer(base, i), _answer(new, i)) for i in sorted(ids)),
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
        told.append(f"Changed between the runs and left out: {_some(changed)}.")
    if added := [i for i in current if i not in old]:
        told.append(f"Only in the new run: {_some(added)}.")
    return paired, told


def _some(ids: Sequence[str]) -> str:
    return f"{counted(len(ids), 'case')} ({', '.join(ids[:5])}{' …' if len(ids) > 5 else ''})"


def _missing(base: Run, new: Run) -> tuple[list[str], list[str]]:
    """Cases that the new run lost, and cases that it was not given.

    The header tells the two apart: it counts the cases that the run was given, so a run that holds fewer has lost
    some, and which of the absent ones those are cannot be known.
    """
    scored_base, scored_new = right_shares(base.scored), right_shares(new.scored)
    current = {c.case_id for c in new.cases}
    absent = [c.case_id for c in base.cases if c.case_id not in current]
    whole = len(current) >= new.header.cases
    lost = [i for i in scored_base if i not in scored_new and (i in current or not whole)]
    return lost, absent if whole else []


def _flips(paired: Sequence[Case], base: Run, new: Run) -> list[Flip]:
    """Cases whose outcome changed; with repetitions, those whose share of right answers crossed one half."""
    old, current = right_shares(base.scored), right_shares(new.scored)
    flips = []
    for case in paired:
        i = case.case_id
        if i in old and i in current and (old[i] >= 0.5) != (current[i] >= 0.5):
            flips.append(Flip(case, current[i] >= 0.5, _why(base, i), _why(new, i), _answer(base, i), _answer(new, i)))
    return sorted(flips, key=lambda f: (f.better, f.case.case_id))


def _why(run: Run, case_id: str) -> tuple[str, ...]:
    return next((s.why for s in run.scored if s.case_id == case_id and s.why), ())


def _answer(run: Run, case_id: str) -> Mapping[str, Any] | None:
    record = run.answers.get((case_id, 0))
    return record.answer if record else None


def _differ(base: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> bool:
    if base is None or new is None:
        return base is not new
    if base["declined"] != new["declined"] or cited_ids(base) != cited_ids(new):
        return True
    old, current = statements_of(base), statements_of(new)
    return len(old) != len(current) or any(
        a["text"] != b["text"] and LEFT_OUT not in (a["text"], b["text"]) for a, b in zip(old, current, strict=True)
    )


def _groups(
    cases: Sequence[Case],
    base: Mapping[str, float],
    new: Mapping[str, float],
    key: Callable[[Case], str | None],
) -> tuple[GroupChange, ...]:
    old, current = group_means(cases, base, key), group_means(cases, new, key)
    return tuple(GroupChange(group, count, mean, current[group][0]) for group, (mean, count) in old.items())
