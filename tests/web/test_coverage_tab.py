"""The Coverage tab when plans have gone since it was laid out."""

from __future__ import annotations

from typing import Any

import gradio as gr
import pytest

from assistant.answering.assistant import GuidanceAssistant
from assistant.conversations import Conversations
from assistant.web.app import build_app
from assistant.web.coverage_tab import _CoverageTab

GONE: Any = (["plan-gone"], "both", False)


@pytest.fixture
def tab(guidance: GuidanceAssistant) -> _CoverageTab:
    return _CoverageTab(guidance)


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
    for said in (detail, tab._show(GONE, "iso-44003:5.1.1 1")):
        assert 'role="alert"' in said
        assert "plan-gone" in said
