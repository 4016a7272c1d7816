"""With a language model, claims are reworded, and only what holds is kept."""

from __future__ import annotations

import pytest

from assistant.prompts import Prompts
from assistant.settings import load_settings, packaged
from assistant.workshop.pack import Line, chapter_lines
from assistant.workshop.report import BuildReport
from assistant.workshop.rewording import Rewording, rewording_of
from tests.answering.models import scripted
from tests.workshop.conftest import Build

_CLAIM = "Each risk in the joint register should have a clear owner."


def rewording(text: str = "", **how: object) -> Rewording:
    return Rewording(scripted(text, **how), Prompts(packaged("prompts")))  # type: ignore[arg-type]


def test_a_sentence_is_reworded_from_the_prompt_of_the_product() -> None:
    engine = scripted("Somebody should clearly own each risk in the joint register.")
    said = Rewording(engine, Prompts(packaged("prompts")))(_CLAIM, ())
    assert said == "Somebody should clearly own each risk in the joint register."
    assert _CLAIM in engine.model.received[-1]


@pytest.mark.parametrize(
    "answer", ["", "Two lines.\nOf words that go on.", "Short.", "I'm sorry, but I can't help with that request."]
)
def test_anything_but_one_sentence_leaves_the_claim_as_it_was(answer: str) -> None:
    assert rewording(answer)(_CLAIM, ()) == _CLAIM


def test_a_model_that_fails_is_asked_no_more_and_the_pack_says_so(build: Build) -> None:
    broken = rewording("x", error=ConnectionError("gone"))
    report = build(rewrite=broken)
    assert broken.failure
    assert any("given up" in notice for notice in report.pack.notices)
    assert len(broken._engine.model.received) <= 2


def test_words_that_order_what_is_only_recommended_never_reach_the_pack(build: Build) -> None:
    plain = {line.id: line.text for line in _lines(build())}
    report = build(rewrite=rewording("Everybody must always do exactly this every day."))
    assert {line.id: line.text for line in _lines(report)} == plain


def test_without_a_model_nothing_is_reworded() -> None:
    assert rewording_of(load_settings()) is None


def _lines(report: BuildReport) -> list[Line]:
    return [line for chapter in report.pack.chapters for line in chapter_lines(chapter)]
