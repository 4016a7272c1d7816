"""A language model as a reader of the likeliest evidence."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.generation.context import plain_data
from assistant.answering.licensing import QuoteLedger
from assistant.coverage.coverage_map import CoverageMapper
from assistant.coverage.judging import JUDGED
from assistant.coverage.matching import Verdict
from assistant.coverage.model_reading import ModelReading, read_line
from assistant.coverage.plan_text import PlanSentence
from assistant.coverage.recommendations import recommendations
from assistant.errors import CoverageError
from assistant.prompts import Prompts
from assistant.sources.licence import Licence
from tests.answering.models import scripted

_NUMBERS = count()


class Dying:
    """A model that cannot be reached any more after some questions."""

    def __init__(self, model: Any, after: int) -> None:
        self._model = model
        self._left = after

    def stream(self, *args: Any, **how: Any) -> Any:
        """What the model streams, as long as it lives."""
        self._left -= 1
        if self._left < 0:
            raise ConnectionError("gone")
        return self._model.stream(*args, **how)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


def reading(assistant: GuidanceAssistant, text: str = "", **how: Any) -> ModelReading:
    """A model that always says the same, under a name of its own: maps are kept by the model's name."""
    engine = replace(scripted(text, **how), name=f"scripted:model-{next(_NUMBERS)}")
    return ModelReading(engine, Prompts(assistant.settings.prompts_dir), assistant.settings.data_dir / "replies")


def test_the_model_has_the_last_word_on_status_and_sentence(assistant: GuidanceAssistant, plan: Path) -> None:
    plain = CoverageMapper(assistant).make([str(plan)], "large")
    model = reading(assistant, "partly 2 1")
    found = CoverageMapper(assistant).make([str(plan)], "large", model=model)
    assert {f.status for f in found.findings} == {"partly"}
    before, after = plain.findings[0], found.findings[0]
    shown = [before.evidence, *before.nearest] if before.evidence else [*before.nearest]
    assert after.evidence == shown[1]
    assert "scripted:model" in after.reason
    assert any("judged" in n for n in found.notices)
    assert CoverageMapper(assistant).make([str(plan)], "large", model=model).from_cache


def test_every_sentence_that_the_model_sees_is_one_of_the_plan(assistant: GuidanceAssistant, plan: Path) -> None:
    model = reading(assistant, "not_found 1")
    found = CoverageMapper(assistant).make([str(plan)], "large", model=model)
    asked = [m for m in model._engine.model.received if m.startswith("Recommendation:")]  # type: ignore[attr-defined]
    assert len(asked) == len(found.findings)
    lines = {re.sub(r"^\d+\. \[[^]]*\] ", "", line) for m in asked for line in m.splitlines() if line[:1].isdigit()}
    assert lines <= {plain_data(s.shown) for s in found.plans[0].sentences}
    assert lines


def test_licensed_words_go_to_no_model_that_their_licence_forbids(
    assistant: GuidanceAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = reading(assistant, "evidenced 1", loopback=False)
    catalog = assistant.catalog
    one = recommendations(catalog, QuoteLedger(catalog, "staff", date.today()), "large")[0]
    source = catalog.resolve(one.citation_id).clause.source_id
    key = (source, one.rendition)
    monkeypatch.setitem(catalog.sources, key, replace(catalog.sources[key], licence=Licence(model_use="loopback")))
    verdict = Verdict("not_found", 0.5, "", 0, (), (0.1, 0.2, 0.5, 0.2))
    sentence = PlanSentence("plan-a", "plan-a:1", "1 Risk", "Both firms keep a register.")
    assert model._judged(one, verdict, [sentence], catalog) == verdict
    assert model._engine.model.received == []  # type: ignore[attr-defined]


def test_a_model_that_fails_leaves_the_map_as_it_was(assistant: GuidanceAssistant, plan: Path) -> None:
    plain = CoverageMapper(assistant).make([str(plan)], "large")
    model = reading(assistant, "evidenced 1", error=ConnectionError("refused"))
    found = CoverageMapper(assistant).make([str(plan)], "large", model=model)
    assert [f.status for f in found.findings] == [f.status for f in plain.findings]
    assert any("given up" in n for n in found.notices)
    assert not CoverageMapper(assistant).make([str(plan)], "large", model=model).from_cache


def test_a_second_run_asks_only_for_what_is_missing(assistant: GuidanceAssistant, plan: Path) -> None:
    """The model dies in the middle; what it said before is not asked again, nor is what was said before a stop."""
    model = reading(assistant, "partly 1")
    dying, asked = Dying(model._engine.model, after=9), model._engine.model.received  # type: ignore[attr-defined]
    first = ModelReading(replace(model._engine, model=dying), model._prompts, model._folder)
    plain = CoverageMapper(assistant).make([str(plan)], "large")
    given_up = CoverageMapper(assistant).make([str(plan)], "large", model=first)
    assert [f.status for f in given_up.findings] == [f.status for f in plain.findings]
    before = len(asked)
    found = CoverageMapper(assistant).make([str(plan)], "large", model=model)
    assert {f.status for f in found.findings} == {"partly"}
    prompts = [m for m in asked[before:] if m.startswith("Recommendation:")]
    assert len(prompts) == len(found.findings) - 9


def test_an_answer_out_of_form_leaves_the_finding_as_it_was(assistant: GuidanceAssistant, plan: Path) -> None:
    plain = CoverageMapper(assistant).make([str(plan)], "large")
    found = CoverageMapper(assistant).make([str(plan)], "large", model=reading(assistant, "I would say yes."))
    assert found.findings == plain.findings


def test_a_plan_goes_to_no_model_that_its_licence_forbids(assistant: GuidanceAssistant, plan: Path) -> None:
    model = reading(assistant, "evidenced 1", loopback=False)
    with pytest.raises(CoverageError, match=r"ferry: its licence .* without the model"):
        CoverageMapper(assistant).make([str(plan)], "large", model=model)
    assert model._engine.model.received == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("evidenced 3 1", ("evidenced", (3, 1))),
        ("**partly** 2", ("partly", (2,))),
        ("Let me look.\nnot_found", ("not_found", ())),
        ("not_found 4", ("not_found", (4,))),
        ("contradicted: 1, 9", ("contradicted", (1,))),
        ("partly 2 " + "1" * 5000, ("partly", (2,))),
    ],
)
def test_a_line_in_form_is_read(reply: str, found: object) -> None:
    assert read_line(reply, 6) == found


@pytest.mark.parametrize(
    "reply", ["", "evidenced", "evidenced 9", "perhaps 2", "It is evidenced by 2", "evidenced 1 but not 2"]
)
def test_a_line_out_of_form_is_not(reply: str) -> None:
    assert read_line(reply, 6) is None


@given(st.text(), st.integers(1, 8))
def test_no_reply_names_a_sentence_that_was_not_given(reply: str, given_sentences: int) -> None:
    found = read_line(reply, given_sentences)
    assert found is None or (found[0] in JUDGED and all(1 <= n <= given_sentences for n in found[1]))
