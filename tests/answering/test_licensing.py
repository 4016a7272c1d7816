"""Licences hold in every answer: quote budgets, expiry and roles, whatever is asked."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answering.answer import Answer, Evidence
from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.composing import Composer
from assistant.answering.generation.quotes import within_licence
from assistant.answering.generative import GenerativeEngine
from assistant.answering.licensing import QuoteLedger
from assistant.answering.outdated import matches
from assistant.answering.verification import Verifier
from assistant.clauses.catalog import Catalog
from assistant.evals.answers import quoted_words
from assistant.prompts import Prompts
from assistant.settings import packaged
from assistant.sources.licence import Licence, count_words
from assistant.sources.registry import Source
from tests.answering.models import scripted
from tests.small_corpus import SmallProduct

_GUIDE = """
A guide to sharing a yard

1 Scope

This guide is for all the makers who live and work around one and the same yard. It does not matter what they make, nor for how long they have been there.

NOTE A shed counts as a yard as well.

2 Keys

The keeper should put every key of every door into one book that all makers may read. Whoever takes a key should sign for it on the very same day. Keys that nobody has used for a year can be melted down.

3 Tools

Good tools cost a good deal, and they last longer in many hands than in none.

The makers of the yard should:

- a) lend whatever lies idle in their own workshop to whoever asks for it politely;
- b) mend what they have broken, or pay for somebody who knows how to do it;
- c) bring it back by nightfall.

4 Visitors

Visitors should:

- a) knock first;
- b) wait at the gate;
- c) carry no open fire;
- d) leave before dusk.
"""
_ASKED = (
    "what does clause 1 say",
    "what does clause 2 say",
    "clause 2 and clause 3 please",
    "who is this guide for?",
    "who should write down the keys?",
    "should we lend tools, and who mends them?",
    "What should makers do with tools?",
    "who keeps the spare keys in our plan",
)
_TODAY = date.today()


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> GuidanceAssistant:
    """The product over a guide, its digest and a plan, with the real encoder."""
    root = tmp_path_factory.mktemp("yard")
    product = SmallProduct(root, source_id="iso-44003")
    (root / "licensed").mkdir()
    (root / "licensed" / "guide.txt").write_text(_GUIDE, encoding="utf-8")
    assistant = GuidanceAssistant(product.settings)
    assistant.build([root / "licensed"])
    return assistant


@contextmanager
def licences(catalog: Catalog, terms: dict[tuple[str, str], Licence]) -> Iterator[None]:
    """Other licences for some sources, for a while."""
    before: dict[tuple[str, str], Source] = dict(catalog.sources)
    catalog.sources.update({key: replace(before[key], licence=licence) for key, licence in terms.items()})
    try:
        yield
    finally:
        catalog.sources.update(before)


def quoted(answer: Answer) -> Counter[tuple[str, str]]:
    """Words that an answer shows of each source and rendition: every statement counts for all that it rests on."""
    counts: Counter[tuple[str, str]] = Counter()
    for statement in answer.statements:
        for key in {(e.citation.split(":")[0], e.rendition) for e in statement.evidence}:
            counts[key] += count_words(statement.text)
    return counts


_licence = st.builds(
    Licence,
    quote_words_per_answer=st.integers(0, 90),
    valid_until=st.sampled_from([None, _TODAY, _TODAY - timedelta(days=1), _TODAY + timedelta(days=30)]),
    roles=st.sampled_from([(), ("staff",), ("trainer",), ("trainer", "staff")]),
)
_KEYS = (("iso-44003", "licensed"), ("iso-44003", "digest"), ("plan-sample", "plan"))


@settings(max_examples=60, deadline=None)
@given(st.tuples(_licence, _licence, _licence), st.sampled_from(_ASKED), st.sampled_from(["staff", "trainer", "guest"]))
def test_no_answer_exceeds_a_quote_budget_or_shows_what_the_role_may_not_see(
    yard: GuidanceAssistant, terms: tuple[Licence, Licence, Licence], question: str, role: str
) -> None:
    reader = GuidanceAssistant(yard.settings.model_copy(update={"role": role}))
    reader.encoder = reader.question_encoder = yard.encoder
    reader._reader, reader._retrievers = yard._reader, yard._retrievers
    with licences(yard.catalog, dict(zip(_KEYS, terms, strict=True))):
        answer = reader.ask(question)
        for key, words in quoted(answer).items():
            licence = yard.catalog.sources[key].licence
            assert words <= licence.quote_words_per_answer, key
            assert licence.allows(role, _TODAY), key
        assert answer.declined is (answer.statements == ())


@pytest.mark.parametrize("question", _ASKED)
def test_the_evals_count_the_words_that_the_ledger_gave_out(yard: GuidanceAssistant, question: str) -> None:
    answer = yard.ask(question)
    licensed = {source: words for (source, rendition), words in quoted(answer).items() if rendition == "licensed"}
    assert quoted_words(answer.to_json()) == licensed


def test_an_expired_licence_takes_its_words_out_and_the_digest_answers_and_says_so(yard: GuidanceAssistant) -> None:
    expired = Licence(valid_until=_TODAY - timedelta(days=1), quote_words_per_answer=500)
    with licences(yard.catalog, {("iso-44003", "licensed"): expired}):
        answer = yard.ask("what does clause 2 say")
    assert {e.rendition for s in answer.statements for e in s.evidence} == {"digest"}
    assert any("expired" in n and "digest" in n for n in answer.notices)


def test_the_last_day_of_a_licence_still_counts(yard: GuidanceAssistant) -> None:
    with licences(yard.catalog, {("iso-44003", "licensed"): Licence(valid_until=_TODAY, quote_words_per_answer=500)}):
        answer = yard.ask("what does clause 2 say")
    assert {e.rendition for s in answer.statements for e in s.evidence} == {"licensed"}


def test_a_role_that_the_licence_does_not_name_gets_the_digest_and_is_told(yard: GuidanceAssistant) -> None:
    with licences(yard.catalog, {("iso-44003", "licensed"): Licence(roles=("trainer",), quote_words_per_answer=500)}):
        answer = yard.ask("what does clause 2 say")
    assert {e.rendition for s in answer.statements for e in s.evidence} == {"digest"}
    assert any("role" in n for n in answer.notices)


def test_beyond_the_budget_the_digest_goes_on_and_the_reader_is_told(yard: GuidanceAssistant) -> None:
    with licences(yard.catalog, {("iso-44003", "licensed"): Licence(quote_words_per_answer=60)}):
        answer = yard.ask("clause 1 and clause 2 and clause 3")
    assert 0 < quoted(answer)["iso-44003", "licensed"] <= 60
    assert quoted(answer)["iso-44003", "digest"] > 0
    assert any("quote limit" in n for n in answer.notices)


def test_without_any_budget_nothing_is_quoted_and_nothing_is_invented(yard: GuidanceAssistant) -> None:
    nothing = {key: Licence(quote_words_per_answer=0) for key in _KEYS}
    with licences(yard.catalog, nothing):
        answer = yard.ask("what does clause 2 say")
    assert answer.declined
    assert answer.statements == ()


@settings(max_examples=100, deadline=None)
@given(
    _licence,
    st.integers(0, 60),
    st.booleans(),
    st.sampled_from(["answer", "export"]),
    st.lists(st.integers(0, 40), max_size=12),
)
def test_a_ledger_never_gives_more_than_its_licence(
    yard: GuidanceAssistant, licence: Licence, per_export: int, export: bool, purpose: str, takes: list[int]
) -> None:
    terms = licence.model_copy(update={"export": export, "quote_words_per_export": per_export})
    with licences(yard.catalog, {("iso-44003", "licensed"): terms}):
        ledger = QuoteLedger(yard.catalog, "staff", _TODAY, purpose)  # type: ignore[arg-type]
        clause = yard.catalog.resolve("iso-44003:2").renditions["licensed"]
        given_out = sum(n for n in takes if ledger.quote(clause, "word " * n))
    limit = (per_export if export else 0) if purpose == "export" else terms.quote_words_per_answer
    assert given_out <= (limit if terms.allows("staff", _TODAY) else 0)


def test_words_are_counted_as_people_count_them() -> None:
    assert count_words("It's a well-known 3-year plan — isn't it?") == 7
    assert count_words("a) first; b) second") == 4
    assert count_words(" … — ") == 0


# ---- what a model writes -----------------------------------------------------------------------------------

_ONE, _TWO, _FOUR, _PLAN = "iso-44003:1", "iso-44003:2", "iso-44003:4", "plan-sample:keys"
_WHO = "This guide is for all the makers who live and work around one and the same yard."
_BOOK = "The keeper should put every key of every door into one book that all makers may read."
_SIGN = "Whoever takes a key should sign for it on the very same day."
_MELT = "Keys that nobody has used for a year can be melted down."
_KEEPS = "Bo keeps the keys."
_VISITORS = ("Leave before dusk.", "Carry no open fire.", "Wait at the gate.", "Knock first.")
_SHOWN = {_ONE: "licensed", _TWO: "licensed", _FOUR: "licensed", _PLAN: "plan"}


def budgets(licensed: int, plan: int = 500) -> dict[tuple[str, str], Licence]:
    """Licences with these words an answer."""
    return {
        ("iso-44003", "licensed"): Licence(quote_words_per_answer=licensed),
        ("plan-sample", "plan"): Licence(quote_words_per_answer=plan),
    }


def rooms(ledger: QuoteLedger) -> tuple[int, int]:
    """Words that are left of the guide and of the plan."""
    guide, plan = ledger.catalog.resolve(_TWO), ledger.catalog.resolve(_PLAN)
    return ledger.room(guide.renditions["licensed"]), ledger.room(plan.renditions["plan"])


def taken(yard: GuidanceAssistant, text: str, licensed: int, plan: int = 500) -> tuple[bool, tuple[int, int]]:
    """Whether a statement citing all of them fits, and what is left then."""
    with licences(yard.catalog, budgets(licensed, plan)):
        ledger = QuoteLedger(yard.catalog, "staff", _TODAY)
        return within_licence(text, list(_SHOWN), yard.catalog, ledger, _SHOWN), rooms(ledger)


@pytest.mark.parametrize("budget", [20, 200])
def test_a_model_that_strings_sentences_of_two_clauses_together_pays_for_each(
    yard: GuidanceAssistant, budget: int
) -> None:
    text = f"{_MELT} {_BOOK} {_WHO}"
    verifier = Verifier.of_index(yard.index(), yard.encoder, yard.question_encoder)
    model = scripted(json.dumps({"text": text, "cite": ["C1", "C2"]}))
    engine = GenerativeEngine(model, Prompts(packaged("prompts")), context_max_tokens=1500)
    with licences(yard.catalog, budgets(budget)):
        ledger = QuoteLedger(yard.catalog, "staff", _TODAY)
        result = engine.generate("Who may have a key?", (_ONE, _TWO), yard.catalog, verifier, ledger)
        spent = budget - rooms(ledger)[0]
    fits = count_words(text) <= budget
    assert [(s.text, s.verbatim) for s in result.statements] == ([(text, False)] if fits else [])
    assert spent == (count_words(text) if fits else 0)


def test_short_items_in_another_order_are_quoted_all_the_same(yard: GuidanceAssistant) -> None:
    text = " ".join(_VISITORS)
    words = count_words(text)
    assert taken(yard, text, 0) == (False, (0, 500))
    assert taken(yard, text, words - 1) == (False, (words - 1, 500))
    assert taken(yard, text, words) == (True, (0, 500))


def test_a_paraphrase_behind_whole_sentences_does_not_make_them_free(yard: GuidanceAssistant) -> None:
    text = f"{' '.join(_VISITORS)} All of this keeps the peace among neighbours."
    assert taken(yard, text, 0) == (False, (0, 500))
    assert taken(yard, text, 100) == (True, (100 - count_words(" ".join(_VISITORS)), 500))
    assert taken(yard, "Visitors had better go home early, and they never light a fire.", 0) == (True, (0, 500))


def test_every_run_and_every_quote_is_charged_to_the_text_that_it_stands_in(yard: GuidanceAssistant) -> None:
    run = _SIGN.rstrip(".")
    text = f'It is said that {run}, that "{_KEEPS}", and that {_BOOK}'
    words = count_words(f"{_SIGN} {_BOOK}")
    assert taken(yard, text, 200) == (True, (200 - words, 500 - count_words(_KEEPS)))
    assert taken(yard, text, words - 1) == (False, (words - 1, 500))


def test_where_one_budget_is_too_small_none_is_spent(yard: GuidanceAssistant) -> None:
    text = f"{_BOOK} {_KEEPS}"
    assert taken(yard, text, 200, 3) == (False, (200, 3))
    assert taken(yard, text, 3, 200) == (False, (3, 200))
    assert taken(yard, text, 200, 200) == (True, (200 - count_words(_BOOK), 200 - count_words(_KEEPS)))


def test_a_clause_cited_with_its_item_pays_once(yard: GuidanceAssistant) -> None:
    with licences(yard.catalog, budgets(10)):
        ledger = QuoteLedger(yard.catalog, "staff", _TODAY)
        shown = {_FOUR: "licensed", f"{_FOUR} b)": "licensed"}
        assert within_licence("Wait at the gate.", list(shown), yard.catalog, ledger, shown)
        assert rooms(ledger)[0] == 10 - 4


def test_words_of_a_rendition_that_the_model_was_not_shown_are_refused(yard: GuidanceAssistant) -> None:
    with licences(yard.catalog, budgets(500)):
        ledger = QuoteLedger(yard.catalog, "staff", _TODAY)
        for text, fine in ((_BOOK, False), ("The keeper should write down every key.", True)):
            assert within_licence(text, [_TWO], yard.catalog, ledger, {_TWO: "digest"}) is fine
        assert rooms(ledger) == (500, 500)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([_WHO, _BOOK, _SIGN, _MELT, *_VISITORS]), min_size=1, max_size=8), st.integers(0, 90))
def test_no_order_of_whole_sentences_is_cheaper_than_its_words(
    yard: GuidanceAssistant, sentences: list[str], budget: int
) -> None:
    text = " ".join(sentences)
    words = count_words(text)
    fits = words <= budget
    assert taken(yard, text, budget) == (fits, (budget - words if fits else budget, 500))


def test_an_outdated_item_or_sentence_of_a_plan_is_not_composed_either(
    yard: GuidanceAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An item by itself, one with an outdated lead-in, and a plan's passage; line breaks hide nothing."""
    catalog, passage = yard.catalog, next(p for p in yard.index().passages if p.citation_id == _PLAN)
    query = yard.encoder.encode(["visitors"])[0]
    evidence = Evidence(_PLAN, "plan", passage.start, passage.end)

    def composed(*outdated: str) -> list[bool]:
        for key in (("iso-44003", "licensed"), ("plan-sample", "plan")):
            monkeypatch.setitem(catalog.sources, key, replace(catalog.sources[key], outdated=outdated))
        composer = Composer(yard.index(), QuoteLedger(catalog, "staff", _TODAY))
        items = [bool(composer.compose(f"{_FOUR} {letter})", query, "visitors", "guidance")) for letter in "bc"]
        return [*items, composer.from_passage(passage, evidence, 1.0) is not None]

    with licences(catalog, budgets(500)):
        assert composed() == [True, True, True]
        assert composed("open fire", "Bo keeps") == [True, False, False]
        assert composed("visitors should") == [False, False, True]
    assert matches(re.compile("ISO ?9"), "it is\nISO\u00a09 now")


_RUN = 8


@pytest.mark.licensed
@pytest.mark.parametrize("budget", [0, 40, 150])
def test_no_answer_of_the_real_texts_holds_more_of_their_words_than_its_budget(
    budget: int, licensed_assistant: GuidanceAssistant
) -> None:
    catalog = licensed_assistant.catalog
    keys = [key for key in catalog.sources if key[1] == "licensed"]
    runs = {source_id: _runs(catalog, source_id) for source_id, _ in keys}
    with licences(catalog, {key: Licence(quote_words_per_answer=budget) for key in keys}):
        for question in ("what does 5.1.3.3 say", "what does 5.7 of ISO 44004 say", "How do partners end a relationship well?",
                         "compare ISO 44003 and ISO 44004 on risk", "the knowledge stage of the life cycle"):  # fmt: skip
            answer = licensed_assistant.ask(question)
            for source_id, words in runs.items():
                assert _covered([s.text for s in answer.statements], words) <= budget, (question, source_id)


def _folded(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _runs(catalog: Catalog, source_id: str) -> set[tuple[str, ...]]:
    """Runs of words that stand in the licensed text of this source alone: in no digest, and in no other text.

    Some sentences are the same in two of the texts; those are quoted under the licence of the one that is cited.
    """
    mine: set[tuple[str, ...]] = set()
    others: set[tuple[str, ...]] = set()
    for entry in catalog:
        for rendition, clause in entry.renditions.items():
            words = _folded(clause.text)
            found = {tuple(words[i : i + _RUN]) for i in range(len(words) - _RUN + 1)}
            if rendition == "licensed" and clause.source_id == source_id:
                mine |= found
            else:
                others |= found
    return mine - others


def _covered(texts: list[str], runs: set[tuple[str, ...]]) -> int:
    count = 0
    for text in texts:
        words = _folded(text)
        inside = {j for i in range(len(words)) if tuple(words[i : i + _RUN]) in runs for j in range(i, i + _RUN)}
        count += len(inside)
    return count
