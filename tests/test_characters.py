"""Characters that nobody sees are the same ones everywhere, and half a character goes nowhere."""

from __future__ import annotations

import pytest

from assistant.answering.generation.context import plain_data
from assistant.characters import refuse_half_characters, whole_characters, whole_json, without_invisible
from assistant.clauses.catalog import Catalog
from assistant.clauses.taxonomy import Taxonomy
from assistant.errors import CaseError
from assistant.retrieval.hit import Filters
from assistant.retrieval.spelling import Speller
from assistant.retrieval.understanding import understand
from assistant.sources.lines import fold
from tests.clauses.trees import taxonomy

_UNSEEN = ["\u2066", "\u061c", "\u200b", "\u202e", "\u00ad", "\u3164", "\ufe0f", "\U000e0041"]


def asked(text: str) -> str:
    """A question as it is searched for."""
    words: Taxonomy = taxonomy()
    return understand(text, (), Filters(), Catalog([], words), Speller([])).search


@pytest.mark.parametrize("read", [without_invisible, asked, fold, plain_data])
@pytest.mark.parametrize("character", _UNSEEN)
def test_questions_sources_and_prompts_leave_out_the_same_characters(read, character: str) -> None:  # type: ignore[no-untyped-def]
    assert read(f"tr{character}ust in partners") == "trust in partners"


def test_a_question_is_one_line_of_single_spaces() -> None:
    assert asked("trust  in\n partners\U000e0041") == "trust in partners"


def test_half_a_character_becomes_a_question_mark() -> None:
    assert whole_characters("risk \ud83d") == "risk ?"
    assert whole_characters("risk \U0001f600") == "risk \U0001f600"
    assert whole_json('{"a": "\\ud83d"}') == {"a": "?"}


def test_half_a_character_in_a_case_is_refused_with_its_place() -> None:
    with pytest.raises(CaseError, match=r'cases\.jsonl:3: key "question": has half a character \(\\ud83d\)'):
        refuse_half_characters({"question": "risk \ud83d"}, "cases.jsonl:3")
    refuse_half_characters({"question": "risk \U0001f600"}, "cases.jsonl:3")
