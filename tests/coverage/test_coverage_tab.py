"""The Coverage tab: what it shows, and that its events do what they say."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from bs4 import BeautifulSoup

from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.licensing import QuoteLedger
from assistant.coverage.coverage_map import STATUSES
from assistant.coverage.decisions import Decisions
from assistant.coverage.gaps import gaps
from assistant.coverage.model_reading import ModelReading
from assistant.prompts import Prompts
from assistant.web.coverage_tab import _CoverageTab, build_coverage_tab
from assistant.web.coverage_view import finding_html, gaps_html, heat_map_html
from tests.answering.models import scripted

REQUEST: Any = SimpleNamespace(session_hash="page")
PLANS = ["plan-brindlewick-risks"]


@pytest.fixture
def tab(assistant: GuidanceAssistant, tmp_path: Path) -> _CoverageTab:
    made = _CoverageTab(assistant)
    made._mapper._decisions = Decisions(tmp_path)
    return made


def test_the_tab_can_be_built_inside_a_page(assistant: GuidanceAssistant) -> None:
    with gr.Blocks() as page, gr.Tab("Coverage"):
        build_coverage_tab(assistant)
    assert len(page.blocks) > 10


def test_making_a_map_ends_with_map_list_and_downloads(tab: _CoverageTab) -> None:
    last = list(tab._make(PLANS, "msme", False, REQUEST))[-1]
    assert last[3] == (PLANS, "msme", False)
    assert [Path(f).name for f in last[-1]] == ["coverage.xlsx", "coverage.json"]


def test_without_a_plan_it_says_what_to_do(tab: _CoverageTab) -> None:
    (only,) = list(tab._make([], "msme", False, REQUEST))
    assert "at least one plan" in only[0]


def test_trouble_is_told_in_a_line(tab: _CoverageTab) -> None:
    last = list(tab._make(["plan-nobody"], "msme", False, REQUEST))[-1]
    assert 'role="alert"' in last[0]
    assert "plan-nobody" in last[0]


def test_the_heat_map_can_be_read_without_colours(tab: _CoverageTab) -> None:
    found = tab._found((PLANS, "msme", False))
    table = BeautifulSoup(heat_map_html(found, tab._words), "html.parser")
    assert table.caption is not None
    assert len(table.select("thead th[scope=col]")) == len(STATUSES) + 2
    assert len(table.select("tbody th[scope=row]")) == len(found.heat_map())


def test_a_finding_shows_clause_and_plan_side_by_side(tab: _CoverageTab, assistant: GuidanceAssistant) -> None:
    found = tab._found((PLANS, "msme", False))
    finding = next(f for f in found.findings if f.evidence)
    html = finding_html(finding, tab._words, QuoteLedger(assistant.catalog, "staff", date.today()))
    sections = BeautifulSoup(html, "html.parser").select("section")
    assert len(sections) == 2
    assert finding.evidence is not None
    assert finding.evidence.text in sections[1].get_text()


def test_every_gap_is_listed_by_priority_and_says_what_it_is_about(tab: _CoverageTab) -> None:
    listed = gaps(tab._found((PLANS, "msme", False)))
    page = BeautifulSoup(gaps_html(listed, tab._words), "html.parser")
    assert len(page.select("tbody tr")) == len(listed) > 60
    groups = page.select("details")
    assert len(groups) == len({g.priority for g in listed})
    assert [g.has_attr("open") for g in groups] == [True] + [False] * (len(groups) - 1)
    assert listed[0].finding.recommendation.text[:40] in page.select_one("tbody tr").get_text()


def test_a_decision_made_on_the_page_is_kept_and_counted(tab: _CoverageTab) -> None:
    found = tab._found((PLANS, "msme", False))
    key = found.findings[0].recommendation.key
    tab._deciding("corrected")((PLANS, "msme", False), key, "not_applicable", "We sell nothing.")
    assert tab._found((PLANS, "msme", False)).finding(key).final_status == "not_applicable"


def test_a_decision_without_its_reason_is_refused_in_a_line(tab: _CoverageTab) -> None:
    key = tab._found((PLANS, "msme", False)).findings[0].recommendation.key
    assert "reason" in tab._deciding("corrected")((PLANS, "msme", False), key, "not_applicable", "")[0]


def test_a_language_model_judges_where_it_is_asked_to(
    tab: _CoverageTab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model = ModelReading(scripted("partly 1"), Prompts(tab._assistant.settings.prompts_dir), tmp_path)
    monkeypatch.setattr("assistant.web.coverage_tab.model_reading_of", lambda _settings: model)
    last = list(tab._make(PLANS, "msme", True, REQUEST))[-1]
    assert last[3] == (PLANS, "msme", True)
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
    assert last[3] == (PLANS, "msme", False)
    assert "given up" in last[0]
