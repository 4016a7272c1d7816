"""Where the words of a licence do not go round, the digest says what is missing, and the notice says what was done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.answering.answer import Answer
from assistant.answering.assistant import GuidanceAssistant
from assistant.sources.licence import Licence, count_words
from tests.small_corpus import SmallProduct

_GUIDE = """
A guide to sharing a yard

1 Scope

This guide is for all the makers who live around one and the same yard.

2 Keys

The keeper should put every key of every door of the whole yard, whether old or new, into one book that lies open. Keys are made of brass. Spare keys rust.

3 Tools

Good tools last longer in many hands than in none.

The makers of the yard should:

- a) lend whatever lies idle in their own workshop to whoever asks;
- b) mend what they have broken, or pay for it.

All of this is meant for good neighbours.
"""
_KEYS, _TOOLS = "what does clause 2 say", "what does clause 3 say"
_WHO = "which keys should the keeper put into one book that lies open?"
_LICENSED = ("iso-44003", "licensed")


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> GuidanceAssistant:
    """The small corpus with a licensed guide beside its digest."""
    root = tmp_path_factory.mktemp("yard")
    product = SmallProduct(root, source_id="iso-44003")
    (root / "licensed").mkdir()
    (root / "licensed" / "guide.txt").write_text(_GUIDE, encoding="utf-8")
    product.build([root / "licensed"])
    assistant = GuidanceAssistant(product.settings)
    assistant.encoder = assistant.question_encoder = product.encoder  # type: ignore[assignment]
    assistant._reader = product.reader()
    return assistant


def ask(
    yard: GuidanceAssistant,
    question: str,
    monkeypatch: pytest.MonkeyPatch,
    licensed: Licence,
    digest: Licence | None = None,
) -> Answer:
    """The answer under other licences."""
    sources = yard.catalog.sources
    monkeypatch.setitem(sources, _LICENSED, replace(sources[_LICENSED], licence=licensed))
    if digest is not None:
        key = ("iso-44003", "digest")
        monkeypatch.setitem(sources, key, replace(sources[key], licence=digest))
    return yard.ask(question)


def words(answer: Answer) -> int:
    """Words of the licensed text that the answer quotes."""
    return sum(count_words(s.text) for s in answer.statements if s.evidence[0].rendition == "licensed")


def test_a_list_that_the_budget_has_no_room_for_is_told_by_the_digest_in_its_place(
    yard: GuidanceAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = ask(yard, _TOOLS, monkeypatch, Licence(quote_words_per_answer=30))
    assert [s.evidence[0].rendition for s in answer.statements] == ["licensed", "digest", "licensed"]
    assert answer.statements[1].text.startswith("Makers should:")
    assert all(letter in answer.statements[1].text for letter in ("a)", "b)"))
    assert words(answer) == 10 + 8
    assert any("what it leaves out is told in the digest's words" in n for n in answer.notices)


def test_where_all_of_it_fits_all_of_it_is_quoted(yard: GuidanceAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = ask(yard, _TOOLS, monkeypatch, Licence(quote_words_per_answer=500))
    assert {s.evidence[0].rendition for s in answer.statements} == {"licensed"}
    assert not any("quote limit" in n for n in answer.notices)


@pytest.mark.parametrize("question", [_KEYS, _WHO])
def test_a_clause_whose_best_sentence_does_not_fit_is_answered_by_the_digest(
    yard: GuidanceAssistant, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    """Lesser sentences that would fit never stand alone, and the words that were not used are not spent."""
    answer = ask(yard, question, monkeypatch, Licence(quote_words_per_answer=15))
    assert "The keeper should write down every key." in [s.text for s in answer.statements]
    assert not any("brass" in s.text or "rust" in s.text for s in answer.statements)
    assert words(answer) == 0


def test_where_the_digest_may_not_be_shown_either_no_notice_promises_it(
    yard: GuidanceAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither for a role that no licence names nor for a budget that is too small, and no gap says that there is nothing."""
    nobody = Licence(roles=("somebody else",))
    answer = ask(yard, _KEYS, monkeypatch, nobody, nobody)
    assert answer.declined
    assert any("does not cover your role: its words are not shown" in n for n in answer.notices)
    assert not any("digest" in n for n in answer.notices)
    assert "licences keep it back" in answer.gaps[0].say
    short = ask(yard, _KEYS, monkeypatch, Licence(quote_words_per_answer=8), nobody)
    assert [s.text for s in short.statements] == ["Keys are made of brass.", "Spare keys rust."]
    assert any("part of what answers is left out" in n for n in short.notices)


def test_what_is_not_a_look_up_is_never_answered_without_its_best_sentence(
    yard: GuidanceAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = Licence(roles=("somebody else",))
    answer = ask(yard, _WHO, monkeypatch, Licence(quote_words_per_answer=8), nobody)
    assert not any("brass" in s.text or "rust" in s.text for s in answer.statements)
