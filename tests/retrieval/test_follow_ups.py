"""Follow-ups: a question leans on the ones before only where it points back, joins on, or is not whole."""

from __future__ import annotations

from typing import Any

from assistant.clauses.catalog import Catalog
from assistant.retrieval.follow_up import about_side, is_follow_up, own_words, standalone, subject_of
from assistant.retrieval.hit import Filters
from assistant.retrieval.spelling import Speller
from assistant.retrieval.understanding import understand
from tests.retrieval.cases import each, expect

_RISKS = "How should partners handle joint risks?"
_CLAUSE = "What does 5.10.3.3 of ISO 44003 say?"


@expect(
    ("and why?", True),
    ("why?", True),
    ("What about large companies?", True),
    ("who does that?", True),
    ("is it worth the effort?", True),
    ("and the other one?", True),
    ("Is a contract enough then?", True),
    ("Who decides?", True),
    ("What are the steps?", True),
    ("What happens next?", True),
    ("Give me an example", True),
    ("for how long?", True),
    ("and the reports?", True),
    ("How do we choose partners?", False),
    ("And how do we choose partners?", False),
    ("What is trust?", False),
    ("Why is trust important?", False),
    ("What does the SER do?", False),
    ("How do we measure performance?", False),
    ("How do we choose a partner that fits?", False),
    ("How do partners share their knowledge?", False),
    ("Are there risks in sharing data?", False),
    ("Who won the world cup?", False),
    ("?", False),
    ("How should a small firm choose the people who manage a relationship?", False),
    ("What does the standard say on leaving a partnership early?", False),
    ("Which information may we share with a new partner about the habits of our customers?", False),
)
def test_a_question_that_leans_on_the_one_before_is_recognised(question: str, expected: Any) -> None:
    assert is_follow_up(question, [_RISKS]) is expected


def test_without_a_conversation_nothing_is_a_follow_up() -> None:
    assert not is_follow_up("and why?", [])
    assert standalone("and why?", []) == "and why?"


def test_a_follow_up_is_joined_with_the_subject_of_the_conversation() -> None:
    assert standalone("and why?", [_RISKS]) == "How should partners handle joint risks: and why?"
    assert standalone("and who does it?", [_RISKS, "and why?"]).startswith("How should partners handle joint risks")


def test_the_subject_is_the_latest_question_that_stands_alone() -> None:
    newer = "How do we measure whether a relationship goes well?"
    assert subject_of([_RISKS, "and why?"]) == _RISKS
    assert subject_of([_RISKS, newer, "and who?"]) == newer
    assert subject_of([]) == ""


@expect(
    ("what about a large company?", "large"),
    ("and for the bigger firm?", "large"),
    ("and small firms?", "msme"),
    ("and an SME?", "msme"),
    ("and for a small firm and a large firm?", None),
    ("and why?", None),
)
def test_a_follow_up_can_turn_to_the_other_side(question: str, expected: Any) -> None:
    assert about_side(question) == expected


@expect(("and what is needed then?", []), ("and the price of gold?", ["price", "gold"]))
def test_words_that_name_something_are_told_from_those_that_only_ask(question: str, expected: Any) -> None:
    assert own_words(question) == expected


def test_a_follow_up_takes_over_what_was_named_before(catalog: Catalog, speller: Speller) -> None:
    understood = understand("and why?", ["What does ISO 44004 say on risk management?"], Filters(), catalog, speller)
    assert understood.named.principles == ("Risk management",)
    assert understood.named.sources == ("iso-44004",)
    assert understood.named.facet == "why"
    assert understood.subject.startswith("What does ISO 44004")


def test_a_follow_up_that_turns_to_the_other_side_leaves_the_first_sides_clause(
    catalog: Catalog, speller: Speller
) -> None:
    history = ["What does ISO 44003 say on risk management?"]
    understood = understand("what about large companies?", history, Filters(), catalog, speller)
    assert understood.audience == "large"
    assert understood.named.sources == ()


@each("and why?", "does that apply to us?", "Tell me more", "What is needed?", "and the meetings?")
def test_a_clause_is_taken_up_by_what_points_to_it_or_joins_on(
    question: str, catalog: Catalog, speller: Speller
) -> None:
    assert understand(question, [_CLAUSE], Filters(), catalog, speller).named.clauses == ("iso-44003:5.10.3.3",)


@each("trust", "Who decides?", "How do we resolve issues with them?", "and what does 5.2 of ISO 9001 say?", "and 5.13?")
def test_a_clause_is_not_taken_up_by_what_names_something_else(
    question: str, catalog: Catalog, speller: Speller
) -> None:
    assert understand(question, [_CLAUSE], Filters(), catalog, speller).named.clauses == ()


def test_small_talk_in_the_history_is_no_subject(catalog: Catalog, speller: Speller) -> None:
    understood = understand("and why?", [_RISKS, "thanks!", "ok"], Filters(), catalog, speller)
    assert understood.subject == _RISKS
