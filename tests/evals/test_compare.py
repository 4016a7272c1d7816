"""The comparison catches a loss that was put in, and does not cry at a run that did not change."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import CaseError
from assistant.evals.answers import AnswerRecord
from assistant.evals.case import Case
from assistant.evals.compare import Comparison, compare_runs
from assistant.evals.metrics import Scorer
from assistant.evals.report_markdown import render_comparison
from assistant.evals.runs import Run, RunHeader

from .scripted import ScriptedCatalog, make_answer

RISK, WRONG = "iso-44003:5.10.3.3", "iso-44003:5.10.1"
CASES = [
    Case(
        f"c{i:03}",
        f"question {i}",
        (RISK,),
        (RISK,),
        case_type="direct" if i % 2 else "typo",
        principle="Risk management",
    )
    for i in range(120)
] + [Case(f"n{i:02}", f"off {i}", ()) for i in range(20)]


def right(case: Case) -> dict[str, Any]:
    return make_answer(*case.expected)


def make_run(
    name: str,
    answer: Callable[[Case], dict[str, Any] | None] = right,
    cases: list[Case] = CASES,
    repeat: int = 1,
    settings: dict[str, Any] | None = None,
) -> Run:
    scorer = Scorer.with_catalog(ScriptedCatalog(), None, {"iso-44003": 5})
    answers = {
        (c.case_id, r): AnswerRecord(c.case_id, r, a := answer(c), "" if a else "broken")
        for r in range(repeat)
        for c in cases
    }
    by_id = {c.case_id: c for c in cases}
    scored = tuple(scorer.score(by_id[i], record) for (i, _), record in answers.items())
    return Run(name, RunHeader.of(cases, repeat, settings or {"top": 5}, {}), tuple(cases), answers, scored)


def worse_on(*ids: str) -> Callable[[Case], dict[str, Any]]:
    return lambda c: make_answer(WRONG) if c.case_id in ids else right(c)


def change_of(found: Comparison, name: str) -> Any:
    return next(c for c in found.changes if c.measure.name == name)


def test_an_unchanged_run_passes_and_says_so() -> None:
    found = compare_runs(make_run("base"), make_run("new"))
    assert found.gate(0) == []
    assert found.flips == ()
    assert found.verdict == "unchanged: no answer differs"
    assert found.different == 0
    assert all(c.word in ("unchanged", "not comparable") for c in found.changes if c.measure.is_quality)


def test_a_loss_that_was_put_in_is_caught_and_its_flips_are_listed() -> None:
    lost = [f"c{i:03}" for i in range(10)]
    found = compare_runs(make_run("base"), make_run("new", worse_on(*lost)))
    change = change_of(found, "any_expected")
    assert change.difference == pytest.approx(-10 / 120)
    assert (change.better, change.worse) == (0, 10)
    assert change.p == pytest.approx(2 / 2**10)
    assert change.adjusted_p >= change.p
    assert change.word == "worse"
    assert any("Any expected lost 8.3 points" in line for line in found.gate(2))
    assert [f.case.case_id for f in found.flips] == lost
    assert not any(f.better for f in found.flips)
    assert found.flips[0].new_why
    assert found.flips[0].base_answer
    assert "worse" in found.verdict


def test_words_that_changed_without_a_change_of_scores_are_told() -> None:
    found = compare_runs(make_run("base"), make_run("new", lambda c: make_answer(*c.expected, text="Other words.")))
    assert found.different == 120
    assert found.verdict == "unchanged: no score differs"


def test_a_loss_within_what_is_allowed_passes() -> None:
    found = compare_runs(make_run("base"), make_run("new", worse_on(*(f"c{i:03}" for i in range(10)))))
    assert found.gate(10) == []


def test_a_loss_that_may_be_noise_passes() -> None:
    found = compare_runs(make_run("base", worse_on("c000")), make_run("new", worse_on("c001", "c002")))
    assert change_of(found, "any_expected").word == "no clear change"
    assert found.gate(0) == []


def test_random_flips_both_ways_are_not_called_a_loss() -> None:
    draw = random.Random(5)
    alarms = 0
    for _ in range(8):
        old, new = (set(draw.sample([c.case_id for c in CASES], 8)) for _ in range(2))
        found = compare_runs(make_run("base", worse_on(*old)), make_run("new", worse_on(*new)))
        alarms += bool(found.gate(2))
    assert alarms <= 1


def test_a_gain_is_called_better() -> None:
    found = compare_runs(make_run("base", worse_on(*(f"c{i:03}" for i in range(12)))), make_run("new"))
    assert change_of(found, "any_expected").word == "better"
    assert found.gate(0) == []
    assert all(f.better for f in found.flips)


def test_answering_what_must_be_declined_is_caught() -> None:
    found = compare_runs(make_run("base"), make_run("new", lambda c: make_answer(RISK)))
    assert any("Decision right" in line for line in found.gate(2))


def test_a_breach_of_a_licence_budget_fails_the_gate_whatever_is_allowed() -> None:
    def quoting(case: Case) -> dict[str, Any]:
        return make_answer(*case.expected, text="one two three four five six", rendition="licensed", verbatim=True)

    assert any("licence budget" in line for line in compare_runs(make_run("base"), make_run("new", quoting)).gate(100))


def test_a_case_that_can_no_longer_be_answered_fails_the_gate() -> None:
    new = make_run("new", lambda c: None if c.case_id == "c003" else right(c))
    found = compare_runs(make_run("base"), new)
    assert found.lost == ("c003",)
    assert any("c003" in line for line in found.gate(100))
    assert change_of(found, "any_expected").cases == 119


def test_only_cases_with_the_same_question_and_labels_are_paired() -> None:
    changed = [Case("c000", "another question", (RISK,)), *CASES[1:60], Case("extra", "q", (RISK,))]
    found = compare_runs(make_run("base"), make_run("new", cases=changed))
    told = " ".join(found.left_out)
    assert len(found.paired) == 59
    assert "c000" in told
    assert "extra" in told
    assert "Only in the base run: 80 cases (c060" in told
    with pytest.raises(CaseError, match="share no case"):
        compare_runs(make_run("base"), make_run("new", cases=[Case("z", "q", (RISK,))]))


def test_repetitions_are_clustered_by_case() -> None:
    once = compare_runs(make_run("base"), make_run("new", worse_on("c000", "c001", "c002", "c003", "c004")))
    thrice = compare_runs(
        make_run("base", repeat=3),
        make_run("new", worse_on("c000", "c001", "c002", "c003", "c004"), repeat=3),
    )
    assert change_of(once, "any_expected").interval == change_of(thrice, "any_expected").interval


def test_what_changed_in_the_settings_and_what_the_cases_can_show_is_told() -> None:
    found = compare_runs(make_run("base"), make_run("new", settings={"top": 3}))
    assert found.changed_settings == ('setting "top"',)
    assert found.detectable is not None
    assert 0 < found.detectable < 0.1


def test_groups_are_told_apart() -> None:
    found = compare_runs(make_run("base"), make_run("new", worse_on(*(f"c{i:03}" for i in range(1, 20, 2)))))
    direct = next(g for g in found.groups["type"] if g.group == "direct")
    typo = next(g for g in found.groups["type"] if g.group == "typo")
    assert direct.new < direct.base == typo.base == typo.new == 1


def test_a_run_without_scores_is_refused() -> None:
    bare = make_run("bare")
    with pytest.raises(CaseError, match="has no scores"):
        compare_runs(bare, Run("x", bare.header, bare.cases, bare.answers))


def test_markdown_for_a_pull_request_shows_verdict_gate_and_flips_and_no_words_of_answers() -> None:
    case = Case("c|1", "What about <b>risk</b> | and @all?", (RISK,), (RISK,))
    cases = [case, *CASES[:40]]
    found = compare_runs(make_run("base", cases=cases), make_run("new", lambda c: make_answer(WRONG), cases=cases))
    text = render_comparison(found, found.gate(2))
    assert "**Gate: failed**" in text
    assert "Power: over 41 cases" in text
    assert "<b>" not in text
    assert "@all" not in text
    assert "Agree together" not in text
    tables = [line for line in text.splitlines() if line.startswith("| **worse**")]
    assert tables
    assert all(line.count("|") == 7 for line in tables)
    assert "**Gate: passed**" in render_comparison(found, [])


def test_the_smallest_suites_can_be_compared(tmp_path: Path) -> None:
    one = [Case("a", "q", (RISK,))]
    found = compare_runs(make_run("base", cases=one), make_run("new", cases=one))
    assert found.detectable is None
    assert "too few" in render_comparison(found)
