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
from assistant.coverage.matching import Verdict
from assistant.coverage.model_reading import ModelReading, model_reading_of, read_line
from assistant.coverage.plan_text import PlanSentence
from assistant.coverage.recommendations import recommendations
from assistant.coverage.statuses import JUDGED
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
    assert any("failed" in n and "the map was made without it" in n for n in found.notices)
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


def test_replies_of_another_server_or_with_another_limit_are_another_models(assistant: GuidanceAssistant) -> None:
    engine, prompts, folder = reading(assistant)._engine, Prompts(assistant.settings.prompts_dir), Path("replies")
    models = [
        ModelReading(engine, prompts, folder),
        ModelReading(engine, prompts, folder, "http://127.0.0.1:8001/v1"),
        ModelReading(replace(engine, max_tokens=9), prompts, folder),
    ]
    assert len({m.name for m in models}) == 3
    (shown,) = {m.notice([]).split(" judged")[0] for m in models}
    assert shown == engine.name


def test_the_address_of_the_settings_is_part_of_the_name(assistant: GuidanceAssistant) -> None:
    settings = assistant.settings.model_copy(update={"engine": "openai:some", "base_url": "http://127.0.0.1:8001/v1"})
    model = model_reading_of(settings)
    assert model is not None
    assert "http://127.0.0.1:8001/v1" in model.name


def test_what_was_answered_out_of_form_is_asked_again(assistant: GuidanceAssistant, plan: Path) -> None:
    mapper, model = CoverageMapper(assistant), reading(assistant, "I would say yes.")
    first = mapper.make([str(plan)], "large", model=model)
    model._engine.model.text = "partly 1"  # type: ignore[attr-defined]
    assert mapper.kept([str(plan)], "large", model=model).findings == first.findings
    second = mapper.make([str(plan)], "large", model=model)
    assert not second.from_cache
    assert {f.status for f in second.findings} == {"partly"}
    assert {f.judged_by for f in second.findings} == {model._engine.name}
    assert mapper.make([str(plan)], "large", model=model).from_cache


def test_what_a_licence_kept_back_is_asked_as_soon_as_the_licence_lets_it(
    assistant: GuidanceAssistant, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapper, model = CoverageMapper(assistant), reading(assistant, "partly 1")
    source = assistant.catalog.sources["iso-44004", "digest"]
    closed = replace(source, licence=source.licence.model_copy(update={"model_use": "none"}))
    with monkeypatch.context() as patched:
        patched.setitem(assistant.catalog.sources, ("iso-44004", "digest"), closed)
        found = mapper.make([str(plan)], "large", model=model)
        assert {f.judged_by for f in found.findings} == {""}
        assert mapper.make([str(plan)], "large", model=model).from_cache
    found = mapper.make([str(plan)], "large", model=model)
    assert {f.judged_by for f in found.findings} == {model._engine.name}


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
