"""Filters that a user sets restrict; a side that a question only speaks of does not."""

from __future__ import annotations

import pytest

from assistant.answering.assistant import GuidanceAssistant
from assistant.clauses.catalog import Catalog
from assistant.errors import SettingsError
from assistant.retrieval.hit import Filters
from assistant.retrieval.retriever import HITS
from assistant.retrieval.spelling import Speller
from assistant.retrieval.understanding import understand

_QUESTION = "How do we share risks with a partner?"
_TWO_NEEDS = "Who leads the joint team and how are decisions made?"
_ONE = Filters(principle="Exit strategy")
_NOTHING = Filters(audience="large", principle="Exit strategy")
"""The text of this principle is held for the other side only."""


@pytest.mark.parametrize("question", [_QUESTION, _TWO_NEEDS, "What does clause 5.9.3.2 of ISO 44003 say?"])
def test_only_clauses_of_the_principle_are_found_under_its_filter(question: str, assistant: GuidanceAssistant) -> None:
    hits = assistant.retrieve(question, HITS, _ONE)
    assert hits
    assert {assistant.catalog.resolve(h.id).principle for h in hits} == {"Exit strategy"}
    assert [h.rank for h in hits] == list(range(1, len(hits) + 1))


def test_only_clauses_of_the_facet_or_without_any_are_found_under_its_filter(assistant: GuidanceAssistant) -> None:
    hits = assistant.retrieve(_QUESTION, HITS, Filters(principle="Risk management", facet="why"))
    assert hits
    assert {assistant.catalog.resolve(h.id).facet for h in hits} <= {"why", None}


@pytest.mark.parametrize("question", [_QUESTION, _TWO_NEEDS])
def test_what_a_filter_lets_through_keeps_its_score(question: str, assistant: GuidanceAssistant) -> None:
    retriever = assistant.retriever()
    for free, filtered in zip(
        retriever.retrieve(question).needs, retriever.retrieve(question, (), _ONE).needs, strict=True
    ):
        inside = {c for c in free.scores if assistant.catalog.resolve(c).principle == "Exit strategy"}
        assert filtered.scores == pytest.approx({c: free.scores[c] for c in inside}, abs=0.01)


@pytest.mark.parametrize(
    "question",
    [_QUESTION, _TWO_NEEDS, "Compare ISO 44003 and ISO 44004 on risk.", "Who won the football world cup in 1966?"],
)
def test_filters_that_let_nothing_through_give_an_honest_decline(question: str, assistant: GuidanceAssistant) -> None:
    answer = assistant.ask(question, (), _NOTHING)
    assert answer.declined
    assert (answer.hits, answer.citations, answer.related) == ((), (), ())
    assert answer.gaps
    assert all(g.say and g.nearest == () for g in answer.gaps)


def test_an_answer_under_a_filter_cites_and_offers_nothing_from_outside(assistant: GuidanceAssistant) -> None:
    for question in (_QUESTION, _TWO_NEEDS, "How do we part from a partner?"):
        answer = assistant.ask(question, (), _ONE)
        cited = [c.id for c in answer.citations if not c.id.startswith("plan-")]
        for citation in [*cited, *(n for g in answer.gaps for n in g.nearest)]:
            assert assistant.catalog.resolve(citation).principle == "Exit strategy"


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("As a large company, how do we share risks with a partner?", "iso-44003"),
        ("We are a small firm. How do we share risks with a partner?", "iso-44004"),
    ],
)
def test_a_side_that_is_only_spoken_of_excludes_nothing(
    question: str, other: str, assistant: GuidanceAssistant
) -> None:
    retrieved = assistant.retriever().retrieve(question)
    assert retrieved.understood.audience
    assert {c for c in retrieved.needs[0].scores if c.startswith(f"{other}:")}
    assert len(retrieved.hits) == HITS


@pytest.mark.parametrize("question", [_QUESTION, _TWO_NEEDS, "hello", "Who won the football world cup in 1966?"])
def test_without_filters_there_are_ten_hits_or_more(question: str, assistant: GuidanceAssistant) -> None:
    assert len(assistant.retriever().retrieve(question).hits) >= 10


@pytest.mark.parametrize("words", ["Exitt stratgy", "everything", "5.12"])
def test_a_principle_that_does_not_exist_is_refused_with_those_that_do(
    words: str, catalog: Catalog, speller: Speller
) -> None:
    with pytest.raises(SettingsError, match=r"unknown principle .*; use one of: .*Exit strategy") as refused:
        understand(_QUESTION, (), Filters(principle=words), catalog, speller)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_as_many_hits_are_given_as_are_asked_for(assistant: GuidanceAssistant) -> None:
    hits = assistant.retrieve(_QUESTION, 100)
    assert [h.rank for h in hits] == list(range(1, 101))
    assert assistant.retrieve(_QUESTION, HITS) == hits[:HITS]


def test_the_registers_nearest_help_keeps_to_the_filter(assistant: GuidanceAssistant) -> None:
    question = "What does an ISO 44001 certificate cost?"
    free, filtered = assistant.ask(question), assistant.ask(question, (), _ONE)
    assert free.gaps[0].nearest
    assert free.gaps[0].say == filtered.gaps[0].say
    inside = {assistant.catalog.resolve(n).principle for g in filtered.gaps for n in g.nearest}
    assert inside == {"Exit strategy"}
