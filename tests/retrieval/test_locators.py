"""Clauses that a question names: found exactly, told apart from other numbers, and never taken from another standard."""

from __future__ import annotations

from typing import Any

from assistant.clauses.catalog import Catalog
from assistant.retrieval.naming import Absent, read_names, without_own_places
from tests.retrieval.cases import each, expect


@expect(
    ("what does 5.9.3.2 say", ["iso-44003:5.9.3.2"]),
    ("What does clause 5.9.3.2 say?", ["iso-44003:5.9.3.2"]),
    ("Explain ISO 44003, 5.10.3.3.", ["iso-44003:5.10.3.3"]),
    ("5.5 d) of ISO 44004", ["iso-44004:5.5 d)"]),
    ("what is 5.5 item d", ["iso-44004:5.5 d)"]),
    ("ISO 44004 5.5 (d)", ["iso-44004:5.5 d)"]),
    ("item d) of clause 5.5 in ISO 44004", ["iso-44004:5.5 d)"]),
    ("item d) of ISO 44004, 5.5", ["iso-44004:5.5 d)"]),
    ("point g 3) of 5.1.3.3", ["iso-44003:5.1.3.3 g) 3)"]),
    ("5.1.3.3 g) 3)", ["iso-44003:5.1.3.3 g) 3)"]),
    ("what does 44003 say in section 5.1.3.3 a) please", ["iso-44003:5.1.3.3 a)"]),
    ("compare 5.1 and 5.2 of ISO 44004", ["iso-44004:5.1", "iso-44004:5.2"]),
    ("what does 5.7 say", ["iso-44003:5.7", "iso-44004:5.7"]),
    ("5.7 in short", ["iso-44003:5.7", "iso-44004:5.7"]),
    ("what is in Annex A", ["iso-44003:Annex A"]),
    ("and Table A.1?", ["iso-44003:Annex A"]),
    ("what does annex B list", ["iso-44003:Annex B"]),
    ("what is clause 4 of ISO 44004 about", ["iso-44004:4"]),
    ("What stands in clause 4.", ["iso-44003:4", "iso-44004:4"]),
    ("the introduction of ISO 44003", ["iso-44003:Introduction"]),
    ("Give me an introduction to ISO 44004.", ["iso-44004:Introduction"]),
    ("What does 44004 say on its purpose? What does its introduction say?", ["iso-44004:Introduction"]),
    ("clause 5.6 people in ISO 44003", ["iso-44003:5.6"]),
)
def test_clauses_named_by_number_are_found(question: str, expected: Any, catalog: Catalog) -> None:
    assert list(read_names(question, catalog).clauses) == expected


@expect(
    ("what does 5.13 say", ("5.13",)),
    ("what does clause 7 say", ("clause 7",)),
    ("5.5 d) of ISO 44003", ("5.5 d)",)),
    ("what does 5.5 (h) of ISO 44004 say", ("5.5 h)",)),
    ("what is in annex Q", ("Annex Q",)),
)
def test_numbers_that_no_clause_has_are_never_snapped_to_a_near_one(
    question: str, expected: Any, catalog: Catalog
) -> None:
    named = read_names(question, catalog)
    assert (named.unknown, named.clauses) == (expected, ())


@each(
    "we pay £5.10 a unit, is that a risk?",
    "5.5% of our sales come from them",
    "our firm has 12 people",
    "version 1.2.3.4.5.6 of the tool",
    "Is version 5.1.2 of our tool a risk?",
    "we meet at 10:30 on Monday",
    "is a 50/50 split fair",
    "ISO 44003:2021 is new to me",
    "Our partner has 3.5 people; how should resources be shared?",
    "Their turnover is 5.5 million; how do we choose partners?",
    "We follow ISO 44003 and lost 5.2 days last year: how should we plan?",
    "The meeting is at 10.30 on 5.10.24, who should attend?",
    "Our partner scored 5.5 in the review, what should we do about trust?",
    "How can trust grow from 5.5 to 5.7 points within a year?",
)
def test_other_numbers_are_no_clauses(question: str, catalog: Catalog) -> None:
    named = read_names(question, catalog)
    assert (named.clauses, named.unknown) == ((), ())


@each(
    "How should we plan the introduction of a new partner?",
    "We are a small firm. How should we handle the introduction of a new partner?",
    "How does ISO 44003 treat the introduction of new team members?",
    "I need a one-slide introduction to ISO 44001 for the board.",
    "What is the bibliography of knowledge that ISO 44003 wants us to build?",
)
def test_an_introduction_of_something_else_is_no_part_of_a_standard(question: str, catalog: Catalog) -> None:
    named = read_names(question, catalog)
    assert (named.clauses, named.unknown, named.absent) == ((), (), ())


@expect(
    ("What does section 2 of our joint plan have to hold?", "What does our joint plan have to hold?"),
    ("Should chapter 5 of our contract deal with risk?", "Should our contract deal with risk?"),
    ("What does paragraph 3 in the agreement need?", "What does the agreement need?"),
    ("What should appendix A of the new supply contract list?", "What should the new supply contract list?"),
    ("What does clause 5.2 of our contract need?", "What does our contract need?"),
    ("Is our contract's clause 5.2 enough?", "Is our contract's enough?"),
)
def test_places_in_ones_own_papers_are_no_clauses_and_not_searched_for(
    question: str, expected: Any, catalog: Catalog
) -> None:
    named = read_names(question, catalog)
    assert (named.clauses, named.unknown) == ((), ())
    assert " ".join(without_own_places(question).split()) == expected


def test_a_clause_that_is_to_go_into_ones_own_paper_is_still_the_standards(catalog: Catalog) -> None:
    question = "How do we put 5.10.3.3 in our contract?"
    assert read_names(question, catalog).clauses == ("iso-44003:5.10.3.3",)
    assert without_own_places(question) == question


def test_the_speakers_side_decides_between_equal_numbers(catalog: Catalog) -> None:
    question = "what does 5.7 say"
    assert read_names(question, catalog, audience="large").clauses == ("iso-44004:5.7",)
    assert read_names(question, catalog, audience="msme").clauses == ("iso-44003:5.7",)
    assert read_names(f"{question} in ISO 44003", catalog, audience="large").clauses == ("iso-44003:5.7",)


@expect(
    ("5.7 of ISO 44003 and 5.9 of ISO 44004", ["iso-44003:5.7", "iso-44004:5.9"]),
    ("Compare 5.3 of ISO 44003 with 5.5 of ISO 44004", ["iso-44003:5.3", "iso-44004:5.5"]),
    ("ISO 44003 5.10.3.3 and ISO 44004 5.5 d)", ["iso-44003:5.10.3.3", "iso-44004:5.5 d)"]),
    ("What does 5.7 say in ISO 44003 and ISO 44004?", ["iso-44003:5.7", "iso-44004:5.7"]),
    ("5.1 and 5.2 of ISO 44004", ["iso-44004:5.1", "iso-44004:5.2"]),
    ("We run ISO 9001. What does 5.7 of ISO 44003 say?", ["iso-44003:5.7"]),
    ("As an ISO 9001 certified firm, what does 5.9.3.2 tell us?", ["iso-44003:5.9.3.2"]),
    ("How does 5.10.3.3 fit in with ISO 9001?", ["iso-44003:5.10.3.3"]),
)
def test_each_clause_belongs_to_the_standard_that_is_named_beside_it(
    question: str, expected: Any, catalog: Catalog
) -> None:
    named = read_names(question, catalog)
    assert list(named.clauses) == expected
    assert named.absent == ()


_OVERVIEW = "iso-44001-guide:overview"


@expect(
    ("What does clause 5.2 of ISO 9001 say?", Absent("5.2", "ISO 9001")),
    ("ISO 27001 5.7", Absent("5.7", "ISO 27001")),
    ("What does ISO/IEC 27001 say in 5.7?", Absent("5.7", "ISO/IEC 27001")),
    ("What is in annex A of ISO 9001?", Absent("Annex A", "ISO 9001")),
    ("What does clause 5.2 of ISO 44001 require?", Absent("5.2", "ISO 44001", _OVERVIEW)),
    ("What is in ISO 44001 clause 3.", Absent("clause 3", "ISO 44001", _OVERVIEW)),
    ("ISO 44001 8.6.3", Absent("8.6.3", "ISO 44001", "iso-44001-guide:working-together")),
)
def test_a_clause_of_a_standard_that_is_not_held_is_taken_from_no_other(
    question: str, expected: Any, catalog: Catalog
) -> None:
    named = read_names(question, catalog)
    assert (named.clauses, named.unknown, named.absent) == ((), (), (expected,))


def test_of_two_standards_only_the_one_that_is_not_held_is_absent(catalog: Catalog) -> None:
    named = read_names("5.1 of ISO 9001 and 5.2 of ISO 44004", catalog)
    assert (named.clauses, named.absent) == (("iso-44004:5.2",), (Absent("5.1", "ISO 9001"),))


@expect(
    ("ISO 44003:2015 5.10.3.3", (("ISO 44003:2015", "ISO 44003:2021"),)),
    ("what does ISO 44003 (2015) say on trust", (("ISO 44003:2015", "ISO 44003:2021"),)),
    ("ISO 44003:2021 5.10.3.3", ()),
    ("ISO 44001:2017", ()),
)
def test_another_edition_than_the_one_held_is_noticed(question: str, expected: Any, catalog: Catalog) -> None:
    assert read_names(question, catalog).editions == expected


def test_a_clause_of_iso_44001_leads_to_its_stage(catalog: Catalog) -> None:
    named = read_names("what is clause 8.6 of ISO 44001 about", catalog)
    assert named.stage == "working-together"
    assert (named.unknown, named.absent) == ((), ())


@each("", "?", "5.", ".5", "…", "\u202e5.1\u202c", "５.１", "5.1 " * 300)
def test_odd_input_breaks_nothing(question: str, catalog: Catalog) -> None:
    named = read_names(question, catalog)
    assert all(c in catalog for c in named.clauses)
    without_own_places(question)
