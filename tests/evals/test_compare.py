"""The comparison catches a loss that was put in, and does not cry at a run that did not change."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import CaseError
from assistant.evals.aggregate import summarise
from assistant.evals.answers import AnswerRecord
from assistant.evals.baselines import load_run, save_baseline
from assistant.evals.case import Case
from assistant.evals.compare import Comparison, compare_runs
from assistant.evals.metrics import Scorer
from assistant.evals.report_html import render_html
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
    assert any("Decision accuracy" in line for line in found.gate(2))


def declining(*ids: str) -> Callable[[Case], dict[str, Any]]:
    return lambda c: make_answer() if c.case_id in ids else right(c)


def test_decline_precision_is_right_declines_over_all_declines_of_each_run() -> None:
    found = compare_runs(make_run("base"), make_run("new", declining(*(f"c{i:03}" for i in range(40)))))
    change = change_of(found, "decline_precision")
    assert (change.base, change.new) == (1, pytest.approx(1 / 3))
    assert (change.better, change.worse) == (0, 40)
    assert -0.9 < change.interval.low < -2 / 3 < change.interval.high < -0.4
    assert change.word == "perhaps worse"
    assert "Decline precision" in found.verdict
    assert "| Decline precision | 100.0 % | 33.3 % | -66.7 |" in render_comparison(found)
    back = change_of(compare_runs(found.new, found.base), "decline_precision")
    assert (back.better, back.worse, back.word) == (40, 0, "perhaps better")


def test_decline_precision_has_no_p_value_and_does_not_dilute_those_of_the_others() -> None:
    found = compare_runs(make_run("base"), make_run("new", worse_on("c000", "c001", "c002")))
    change = change_of(found, "decline_precision")
    assert (change.base, change.new, change.word) == (1, 1, "unchanged")
    assert change.p is change.adjusted_p is None
    tested = [c for c in found.changes if c.measure.is_quality and c.p is not None]
    lowest = min(tested, key=lambda c: c.p or 0)
    assert lowest.adjusted_p == pytest.approx(min(1, len(tested) * (lowest.p or 0)))


def test_more_right_declines_are_a_gain_and_a_run_that_declines_nothing_has_no_precision() -> None:
    fewer = make_run("base", lambda c: make_answer(RISK) if c.case_id < "n10" else right(c))
    gained = change_of(compare_runs(fewer, make_run("new")), "decline_precision")
    assert (gained.base, gained.new, gained.better, gained.worse) == (1, 1, 10, 0)
    none = change_of(compare_runs(make_run("base"), make_run("new", lambda c: make_answer(RISK))), "decline_precision")
    assert (none.base, none.new, none.difference, none.word) == (1, None, None, "not comparable")


def test_with_repetitions_decline_precision_counts_answers_and_not_cases() -> None:
    cases = [CASES[0], CASES[120]]
    asked: list[str] = []

    def once_wrong(case: Case) -> dict[str, Any]:
        asked.append(case.case_id)
        return make_answer() if case.must_decline or asked.count(case.case_id) == 2 else right(case)

    new = make_run("new", once_wrong, cases=cases, repeat=3)
    figure = summarise(new.scored)["decline_precision"]
    assert (figure.value, figure.count) == (3 / 4, 2)
    change = change_of(compare_runs(make_run("base", cases=cases, repeat=3), new), "decline_precision")
    assert (change.base, change.new, change.better, change.worse) == (1, 3 / 4, 0, 1)


def test_a_breach_of_a_licence_budget_fails_the_gate_whatever_is_allowed() -> None:
    def quoting(case: Case) -> dict[str, Any]:
        return make_answer(*case.expected, text="one two three four five six", rendition="licensed", verbatim=True)

    failures = compare_runs(make_run("base"), make_run("new", quoting)).gate(100)
    assert any(re.search(r"licence budget is breached by \d+ answers? of the new run", line) for line in failures)


def test_a_case_that_can_no_longer_be_answered_fails_the_gate() -> None:
    new = make_run("new", lambda c: None if c.case_id == "c003" else right(c))
    found = compare_runs(make_run("base"), new)
    assert found.lost == ("c003",)
    assert any("c003" in line for line in found.gate(100))
    assert change_of(found, "any_expected").cases == 119


def test_cases_that_can_no_longer_be_scored_are_told_without_a_gate_too() -> None:
    found = compare_runs(make_run("base"), make_run("new", lambda c: None if c.case_id < "c060" else right(c)))
    assert found.verdict == "60 cases can no longer be scored; no score differs in the others"
    line = "Scored in the base run and not in the new one, so in no figure here: 60 cases (c000, c001, c002, c003, c004 …)."
    assert line in render_comparison(found)
    assert line in render_html(found.new, found)
    one = compare_runs(make_run("base"), make_run("new", lambda c: None if c.case_id == "c003" else right(c)))
    assert one.verdict.startswith("1 case can no longer be scored; ")
    assert "Scored in the base run" not in render_comparison(compare_runs(make_run("base"), make_run("new")))


def test_a_smaller_suite_is_compared_and_gated_over_the_shared_cases_and_that_is_said() -> None:
    found = compare_runs(make_run("base"), make_run("new", cases=CASES[60:]))
    assert found.lost == ()
    assert found.gate(0) == []
    assert found.verdict == "60 cases of the base run not asked; no score differs in the others"
    told = (
        "Only in the base run: 60 cases (c000, c001, c002, c003, c004 …); figures and gate are over the shared cases."
    )
    assert told in render_comparison(found, [])
    assert told in render_html(found.new, found)
    worse = compare_runs(make_run("base"), make_run("new", worse_on(*(f"c{i:03}" for i in range(60, 80))), CASES[60:]))
    assert any("Any expected" in line for line in worse.gate(2))


def test_a_run_that_holds_fewer_cases_than_it_was_given_has_lost_them_and_fails_the_gate() -> None:
    whole = make_run("new")
    kept = {c.case_id for c in CASES[60:]}
    part = replace(whole, cases=tuple(CASES[60:]), scored=tuple(s for s in whole.scored if s.case_id in kept))
    found = compare_runs(make_run("base"), part)
    assert len(found.lost) == 60
    assert found.gate(100) == [
        "scored in the base run and not in the new one: 60 cases (c000, c001, c002, c003, c004 …)"
    ]
    assert "60 cases can no longer be scored" in found.verdict


def test_the_same_answers_are_judged_alike_as_a_run_and_as_a_baseline(tmp_path: Path) -> None:
    new = make_run("new", lambda c: None if c.case_id < "c060" else right(c))
    gone = {key: record for key, record in new.answers.items() if record.answer is not None}
    for name, run in (("failed", new), ("absent", replace(new, answers=gone))):
        save_baseline(run, tmp_path / f"{name}.jsonl")
        kept = load_run(tmp_path / f"{name}.jsonl")
        assert len(kept.cases) == len(kept.answers) == len(CASES)
        found = compare_runs(make_run("base"), kept)
        assert found.lost == tuple(f"c{i:03}" for i in range(60))
        assert found.gate(100) == compare_runs(make_run("base"), new).gate(100) != []
    assert kept.answers[("c000", 0)].error == "there is no answer to it"
    unscored = replace(new, scored=tuple(s for s in new.scored if s.case_id != "c100"))
    save_baseline(unscored, tmp_path / "unscored.jsonl")
    assert "c100" in compare_runs(make_run("base"), load_run(tmp_path / "unscored.jsonl")).lost


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
    assert f"a loss of {100 * found.detectable:.1f} points" in render_comparison(found)
    assert "would show with 80 % power" in render_comparison(found)


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
    alone = compare_runs(make_run("base", cases=[case]), make_run("new", lambda c: make_answer(WRONG), cases=[case]))
    assert "What about &#60;b&#62;risk&#60;/b&#62; &#124; and &#64;all?" in render_comparison(alone)


def test_the_smallest_suites_can_be_compared(tmp_path: Path) -> None:
    one = [Case("a", "q", (RISK,))]
    found = compare_runs(make_run("base", cases=one), make_run("new", cases=one))
    assert found.detectable is None
    assert "too few" in render_comparison(found)
