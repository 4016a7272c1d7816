"""The Coverage tab: what it shows, that its events do what they say, and what it does when plans have gone."""

from __future__ import annotations

import tempfile
import threading
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from bs4 import BeautifulSoup

from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.licensing import QuoteLedger
from assistant.conversations import Conversations
from assistant.coverage.decisions import Decision, Decisions
from assistant.coverage.gaps import gaps
from assistant.coverage.model_reading import ModelReading
from assistant.coverage.statuses import STATUSES
from assistant.prompts import Prompts
from assistant.sources.licence import Licence
from assistant.web.app import build_app
from assistant.web.coverage_tab import Mapped, _CoverageTab, build_coverage_tab
from assistant.web.coverage_view import finding_html, gaps_html, heat_map_html
from tests.answering.models import scripted

REQUEST: Any = SimpleNamespace(session_hash="page")
PLANS = ["plan-brindlewick-risks"]
GONE: Any = (["plan-gone"], "both", False, "")
PLAN = """# Plan

## 1 Risk

The joint risk register is open to all members of both crews in the shared folder.
Every line names an owner, the effect and what is done about it.

## 2 End

An exit strategy will be looked at later.
"""


@pytest.fixture
def tab(guidance: GuidanceAssistant, tmp_path: Path) -> _CoverageTab:
    made = _CoverageTab(guidance)
    made._mapper._decisions = Decisions(tmp_path)
    return made


@pytest.fixture
def mapped(tab: _CoverageTab) -> Mapped:
    """What the page remembers of a map of the sample plan."""
    return mapping(tab, PLANS)


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan that is not indexed."""
    path = tmp_path / "ferry.md"
    path.write_text(PLAN, encoding="utf-8")
    return path


def mapping(tab: _CoverageTab, plans: list[str], judge: bool = False) -> Mapped:
    """Make a map as the page does; what the page remembers of it."""
    last: Any = list(tab._make(plans, "msme", judge, REQUEST))[-1]
    return last[3]  # type: ignore[no-any-return]


def test_the_tab_can_be_built_inside_a_page(guidance: GuidanceAssistant) -> None:
    with gr.Blocks() as page, gr.Tab("Coverage"):
        build_coverage_tab(guidance)
    assert len(page.blocks) > 10


def test_making_a_map_ends_with_map_list_and_downloads(tab: _CoverageTab) -> None:
    last = list(tab._make(PLANS, "msme", False, REQUEST))[-1]
    assert last[3][:3] == (PLANS, "msme", False)
    assert [Path(f).name for f in last[-1]] == ["coverage.xlsx", "coverage.json"]


def test_without_a_plan_it_says_what_to_do(tab: _CoverageTab) -> None:
    (only,) = list(tab._make([], "msme", False, REQUEST))
    assert "at least one plan" in only[0]


def test_trouble_is_told_in_a_line(tab: _CoverageTab) -> None:
    last = list(tab._make(["plan-nobody"], "msme", False, REQUEST))[-1]
    assert 'role="alert"' in last[0]
    assert "plan-nobody" in last[0]


def test_the_heat_map_can_be_read_without_colours(tab: _CoverageTab, mapped: Mapped) -> None:
    found = tab._found(mapped)
    table = BeautifulSoup(heat_map_html(found, tab._words), "html.parser")
    assert table.caption is not None
    assert len(table.select("thead th[scope=col]")) == len(STATUSES) + 2
    assert len(table.select("tbody th[scope=row]")) == len(found.heat_map())


def test_a_finding_shows_clause_and_plan_side_by_side(
    tab: _CoverageTab, mapped: Mapped, guidance: GuidanceAssistant
) -> None:
    found = tab._found(mapped)
    finding = next(f for f in found.findings if f.evidence)
    html = finding_html(finding, tab._words, QuoteLedger(guidance.catalog, "staff", date.today()))
    sections = BeautifulSoup(html, "html.parser").select("section")
    assert len(sections) == 2
    assert finding.evidence is not None
    assert finding.evidence.text in sections[1].get_text()


def test_every_gap_is_listed_by_priority_and_says_what_it_is_about(tab: _CoverageTab, mapped: Mapped) -> None:
    listed = gaps(tab._found(mapped))
    page = BeautifulSoup(gaps_html(listed, tab._words), "html.parser")
    assert len(page.select("tbody tr")) == len(listed) > 60
    groups = page.select("details")
    assert len(groups) == len({g.priority for g in listed})
    assert [g.has_attr("open") for g in groups] == [True] + [False] * (len(groups) - 1)
    assert listed[0].finding.recommendation.text[:40] in page.select_one("tbody tr").get_text()


def test_a_decision_made_on_the_page_is_kept_and_counted(tab: _CoverageTab, mapped: Mapped) -> None:
    found = tab._found(mapped)
    key = found.findings[0].recommendation.key
    tab._deciding("corrected")(mapped, key, "not_applicable", "We sell nothing.")
    assert tab._found(mapped).finding(key).final_status == "not_applicable"


def test_a_decision_without_its_reason_is_refused_in_a_line(tab: _CoverageTab, mapped: Mapped) -> None:
    key = tab._found(mapped).findings[0].recommendation.key
    assert "reason" in tab._deciding("corrected")(mapped, key, "not_applicable", "")[0]


def test_a_language_model_judges_where_it_is_asked_to(
    tab: _CoverageTab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model = ModelReading(scripted("partly 1"), Prompts(tab._assistant.settings.prompts_dir), tmp_path)
    monkeypatch.setattr("assistant.web.coverage_tab.model_reading_of", lambda _settings: model)
    last = list(tab._make(PLANS, "msme", True, REQUEST))[-1]
    assert last[3][:3] == (PLANS, "msme", True)
    assert "scripted:model judged" in last[0]
    sent = len(model._engine.model.received)  # type: ignore[attr-defined]
    assert {f.status for f in tab._found(last[3]).findings} == {"partly"}
    assert len(model._engine.model.received) == sent  # type: ignore[attr-defined]


def test_a_model_that_fails_on_the_page_leaves_the_plain_map(
    tab: _CoverageTab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model = ModelReading(
        scripted("x", error=ConnectionError("no")), Prompts(tab._assistant.settings.prompts_dir), tmp_path
    )
    monkeypatch.setattr("assistant.web.coverage_tab.model_reading_of", lambda _settings: model)
    monkeypatch.setattr(ModelReading, "name", "a failing model")
    last = list(tab._make(PLANS, "msme", True, REQUEST))[-1]
    assert last[3][:3] == (PLANS, "msme", False)
    assert "the map was made without it" in last[0]
    assert tab._found(last[3]).findings


def test_a_ticked_plan_that_is_gone_is_no_longer_ticked(tab: _CoverageTab) -> None:
    plans = tab._plans()
    there = plans[0][1]
    update = tab._refresh([there, "plan-gone"])
    assert update["choices"] == plans
    assert update["value"] == [there]
    assert tab._refresh(None)["value"] == []


def test_the_page_hands_over_a_ticked_plan_that_is_gone_instead_of_refusing_it(guidance: GuidanceAssistant) -> None:
    page = build_app(guidance, store=Conversations("sqlite://"))
    (plans,) = [b for b in page.blocks.values() if isinstance(b, gr.CheckboxGroup) and b.elem_id == "coverage-plans"]
    (refresh,) = [f for f in page.fns.values() if plans in f.outputs]
    assert refresh.inputs == [plans]
    assert not refresh.preprocess


def test_looking_closer_at_the_map_of_a_plan_that_is_gone_says_what_is_wrong(tab: _CoverageTab) -> None:
    findings, detail = tab._narrow(GONE, "all", "all")
    assert "choices" not in findings
    for said in (detail, tab._show(GONE, "iso-44003:5.1.1 1")[0]):
        assert 'role="alert"' in said
        assert "plan-gone" in said


def test_plans_that_the_role_may_not_see_are_not_offered(tab: _CoverageTab, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = tab._assistant.catalog.sources
    for hidden, licence in (
        ("plan-brindlewick-risks", Licence(roles=("counsel",))),
        ("plan-brindlewick-exit", Licence(valid_until=date(2020, 1, 1))),
    ):
        assert hidden in dict(map(reversed, tab._plans()))  # type: ignore[call-overload]
        monkeypatch.setitem(sources, (hidden, "plan"), replace(sources[hidden, "plan"], licence=licence))
        assert hidden not in dict(map(reversed, tab._plans()))  # type: ignore[call-overload]


def test_nothing_is_decided_on_a_finding_that_nobody_saw(tab: _CoverageTab, plan: Path) -> None:
    """The plan has changed behind the page; that another page has made the new map already helps nothing."""
    mapped = mapping(tab, [str(plan)])
    key = tab._found(mapped).findings[0].recommendation.key
    plan.write_text(PLAN.replace("An exit strategy will be looked at later.", "We meet in Hull."), encoding="utf-8")
    for _ in range(2):
        assert "make the map again" in tab._deciding("accepted")(mapped, key, "evidenced", "Seen.")[0]
        assert "make the map again" in tab._show(mapped, key)[0]
        assert "make the map again" in tab._narrow(mapped, "all", "all")[1]
        again = mapping(tab, [str(plan)])
    assert all(f.decision is None for f in tab._found(again).findings)


def test_looking_closer_starts_no_model(tab: _CoverageTab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Not even where an answer was out of form, so that the next run will ask again."""
    model = ModelReading(scripted("I would say yes."), Prompts(tab._assistant.settings.prompts_dir), tmp_path)
    monkeypatch.setattr(ModelReading, "name", "one that knows no form")
    monkeypatch.setattr("assistant.web.coverage_tab.model_reading_of", lambda _settings: model)
    mapped = mapping(tab, PLANS, judge=True)
    received = model._engine.model.received  # type: ignore[attr-defined]
    sent = len(received)
    assert sent
    assert 'class="coverage-finding"' in tab._show(mapped, tab._found(mapped).findings[0].recommendation.key)[0]
    assert len(received) == sent


def test_a_comment_stays_with_its_finding(tab: _CoverageTab, mapped: Mapped) -> None:
    first, second = (f.recommendation.key for f in tab._found(mapped).findings[:2])
    said, comment, *_ = tab._deciding("accepted")(mapped, first, "evidenced", "Read with Ada.")
    assert tab._words("saved") in said
    assert comment == ""
    detail, comment, said = tab._show(mapped, second)
    assert 'class="coverage-finding"' in detail
    assert (comment, said) == ("", "")


def test_a_refused_decision_leaves_its_comment_in_the_box(tab: _CoverageTab, mapped: Mapped) -> None:
    key = tab._found(mapped).findings[0].recommendation.key
    assert tab._deciding("corrected")(mapped, key, "not_applicable", " ")[1] == gr.skip()


def test_comment_and_result_are_cleared_on_the_page(guidance: GuidanceAssistant) -> None:
    with gr.Blocks() as page, gr.Tab("Coverage"):
        build_coverage_tab(guidance)
    parts = {getattr(b, "elem_id", None): b for b in page.blocks.values()}
    comment, said = parts["coverage-comment"], parts["coverage-decided"]
    for fn in page.fns.values():
        if parts["coverage-detail"] in fn.outputs and fn.inputs[1:2] == [parts["coverage-finding"]]:
            assert {comment, said} <= set(fn.outputs)


def test_closing_the_page_stops_the_work(tab: _CoverageTab, monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()

    def make(*_: Any, progress: Any, stopped: Any, **__: Any) -> None:
        progress("reading plans", 1, 2)
        while not stopped():
            time.sleep(0.01)
        done.set()

    monkeypatch.setattr(tab._mapper, "make", make)
    running = tab._make(PLANS, "msme", False, REQUEST)
    next(running)
    assert "1 of 2" in next(running)[0]
    running.close()  # what Gradio does with the generator of a page that is gone
    assert done.wait(5)


def test_a_failure_that_nobody_foresaw_leaves_the_buttons_usable(
    tab: _CoverageTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(*_: Any, **__: Any) -> None:
        raise KeyError("nobody foresaw this")

    monkeypatch.setattr(tab._mapper, "make", make)
    steps = tab._make(PLANS, "msme", False, REQUEST)
    next(steps)
    last = next(steps)
    with pytest.raises(KeyError):
        next(steps)
    assert 'role="alert"' in last[0]
    assert last[1]["interactive"] is True
    assert last[2]["interactive"] is False


def test_exports_leave_no_folder_behind(tab: _CoverageTab, mapped: Mapped, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    real = tempfile.mkdtemp
    monkeypatch.setattr(tempfile, "mkdtemp", lambda *a, **k: made.append(real(*a, **k)) or made[-1])
    files = tab._files(tab._found(mapped))
    assert made
    assert not any(Path(folder).exists() for folder in made)
    assert all(Path(f).is_file() and Path(f).is_relative_to(tab._downloads.GRADIO_CACHE) for f in files)


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("sentence_gone", "no longer in the plans"),
        ("found_otherwise", "the map now says"),
        ("other_plans", "plan-other"),
    ],
)
def test_a_decision_says_why_it_needs_another_look(tab: _CoverageTab, mapped: Mapped, why: Any, words: str) -> None:
    finding = tab._found(mapped).findings[0]
    first = finding.recommendation
    decision = Decision("own", first.key, first.citation_id, first.text, "accepted", "partly", plans=("plan-other",))
    html = finding_html(
        replace(finding, decision=decision, look_again=why),
        tab._words,
        QuoteLedger(tab._assistant.catalog, "staff", date.today()),
    )
    warning = BeautifulSoup(html, "html.parser").select_one("[role=alert]")
    assert warning is not None
    assert words in warning.get_text()
