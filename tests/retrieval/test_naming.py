"""What a question names outright is found: numbers, letters, annexes, stages, principles, sides."""

from __future__ import annotations

import pytest

from assistant.clauses.catalog import Catalog
from assistant.retrieval.naming import (
    audience_of,
    facet_of,
    foreign_standards,
    principles_in,
    read_names,
    speaks_of_life_cycle,
    stage_of,
)
from tests.clauses.trees import taxonomy


@pytest.mark.parametrize(
    ("question", "clauses"),
    [
        ("what does 5.9.3.2 say", ["iso-44003:5.9.3.2"]),
        ("What does clause 5.9.3.2 say?", ["iso-44003:5.9.3.2"]),
        ("Explain ISO 44003, 5.10.3.3.", ["iso-44003:5.10.3.3"]),
        ("5.5 d) of ISO 44004", ["iso-44004:5.5 d)"]),
        ("what is 5.5 item d", ["iso-44004:5.5 d)"]),
        ("ISO 44004 5.5 (d)", ["iso-44004:5.5 d)"]),
        ("item d) of clause 5.5 in ISO 44004", ["iso-44004:5.5 d)"]),
        ("point g 3) of 5.1.3.3", ["iso-44003:5.1.3.3 g) 3)"]),
        ("5.1.3.3 g) 3)", ["iso-44003:5.1.3.3 g) 3)"]),
        ("what does 44003 say in section 5.1.3.3 a) please", ["iso-44003:5.1.3.3 a)"]),
        ("compare 5.1 and 5.2 of ISO 44004", ["iso-44004:5.1", "iso-44004:5.2"]),
        ("what does 5.7 say", ["iso-44003:5.7", "iso-44004:5.7"]),
        ("what is in Annex A", ["iso-44003:Annex A"]),
        ("and Table A.1?", ["iso-44003:Annex A"]),
        ("what does annex B list", ["iso-44003:Annex B"]),
        ("what is clause 4 of ISO 44004 about", ["iso-44004:4"]),
        ("the introduction of ISO 44003", ["iso-44003:Introduction"]),
    ],
)
def test_clauses_named_by_number_are_found(question: str, clauses: list[str], catalog: Catalog) -> None:
    assert list(read_names(question, catalog).clauses) == clauses


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ("what does 5.13 say", ("5.13",)),
        ("what does clause 7 say", ("clause 7",)),
        ("5.5 d) of ISO 44003", ("5.5 d)",)),
        ("what is in annex Q", ("Annex Q",)),
    ],
)
def test_numbers_that_no_clause_has_are_never_snapped_to_a_near_one(
    question: str, unknown: tuple[str, ...], catalog: Catalog
) -> None:
    named = read_names(question, catalog)
    assert named.unknown == unknown
    assert named.clauses == ()


@pytest.mark.parametrize(
    "question",
    [
        "we pay £5.10 a unit, is that a risk?",
        "5.5% of our sales come from them",
        "our firm has 12 people",
        "version 1.2.3.4.5.6 of the tool",
        "we meet at 10:30 on Monday",
        "is a 50/50 split fair",
        "ISO 44003:2021 is new to me",
    ],
)
def test_other_numbers_are_no_clauses(question: str, catalog: Catalog) -> None:
    named = read_names(question, catalog)
    assert (named.clauses, named.unknown) == ((), ())


def test_the_speakers_side_decides_between_equal_numbers(catalog: Catalog) -> None:
    question = "what does 5.7 say"
    assert read_names(question, catalog, audience="large").clauses == ("iso-44004:5.7",)
    assert read_names(question, catalog, audience="msme").clauses == ("iso-44003:5.7",)
    assert read_names(f"{question} in ISO 44003", catalog, audience="large").clauses == ("iso-44003:5.7",)


@pytest.mark.parametrize(
    ("question", "sources"),
    [
        ("what does ISO 44003 say on trust", ("iso-44003",)),
        ("iso44004 on trust", ("iso-44004",)),
        ("44003 versus 44004", ("iso-44003", "iso-44004")),
        ("what is BS 11000", ("iso-44001-guide",)),
        ("the stages of ISO 44001", ("iso-44001-guide",)),
        ("what does ISO 9001 say", ()),
    ],
)
def test_standards_named_are_the_sources_meant(question: str, sources: tuple[str, ...], catalog: Catalog) -> None:
    assert read_names(question, catalog).sources == sources


@pytest.mark.parametrize(
    ("question", "foreign"),
    [
        ("what does ISO 9001 say", ("9001",)),
        ("ISO/IEC 27001 and ISO 14001", ("27001", "14001")),
        ("ISO 44002 please", ("44002",)),
        ("ISO 44003 and BS 11000", ()),
    ],
)
def test_standards_that_are_not_held_are_told_apart(question: str, foreign: tuple[str, ...]) -> None:
    assert foreign_standards(question) == foreign


@pytest.mark.parametrize(
    ("question", "principles"),
    [
        ("how does risk management work", ("Risk management",)),
        ("Value creation and exit strategy for us", ("Value creation", "Exit strategy")),
        ("collaborative leadership: what is it", ("Collaborative leadership",)),
        ("our lunch menu", ()),
        ("the risk manager left", ()),
    ],
)
def test_principles_are_named_by_their_names_as_whole_words(question: str, principles: tuple[str, ...]) -> None:
    assert principles_in(question, taxonomy()) == principles


@pytest.mark.parametrize(
    ("question", "stage"),
    [
        ("what is the knowledge stage", "knowledge"),
        ("what happens in stage 3", "internal-assessment"),
        ("stage four please", "partner-selection"),
        ("the fifth stage of the life cycle", "working-together"),
        ("the last stage", "exit-strategy"),
        ("the awareness phase in BS 11000", "awareness"),
        ("value creation as a stage of the life cycle", "value-creation"),
        ("which stages are there: awareness and knowledge?", None),
        ("how do we share knowledge", None),
        ("what is value creation", None),
    ],
)
def test_a_stage_is_meant_only_where_the_life_cycle_is_spoken_of(question: str, stage: str | None) -> None:
    assert stage_of(question, taxonomy()) == stage


def test_a_clause_of_iso_44001_leads_to_its_stage(catalog: Catalog) -> None:
    named = read_names("what is clause 8.6 of ISO 44001 about", catalog)
    assert named.stage == "working-together"
    assert named.unknown == ()


@pytest.mark.parametrize(
    ("question", "spoken"),
    [
        ("the eight stages", True),
        ("ISO 44001", True),
        ("bs11000?", True),
        ("a stage play", True),
        ("stagnant sales", False),
    ],
)
def test_talk_of_the_life_cycle_is_noticed(question: str, spoken: bool) -> None:
    assert speaks_of_life_cycle(question) is spoken


@pytest.mark.parametrize(
    ("question", "facet"),
    [
        ("why is trust important", "why"),
        ("what's the point of sharing knowledge", "why"),
        ("how do we share knowledge", "how"),
        ("what should we write into the plan", "how"),
        ("what steps does it take", "how"),
        ("what is risk management about", "what"),
        ("explain trust", "what"),
        ("trust", None),
    ],
)
def test_the_facet_is_read_from_the_words_that_ask(question: str, facet: str | None) -> None:
    assert facet_of(question) == facet


@pytest.mark.parametrize(
    ("question", "side"),
    [
        ("what should our small firm do", "msme"),
        ("We're an SME. What is trust?", "msme"),
        ("as a large company, how do we help our suppliers", "large"),
        ("what should both sides do", "both"),
        ("what is trust", None),
    ],
)
def test_the_speakers_side_is_read_from_the_taxonomys_phrases(question: str, side: str | None) -> None:
    assert audience_of(question, taxonomy()) == side


@pytest.mark.parametrize(
    ("question", "side"),
    [
        ("What should a micro business do about risks?", "msme"),
        ("In a small firm, who leads the partnership?", "msme"),
        ("How does a large organisation handle risks with small suppliers?", "large"),
        ("What can a large organisation do for a small firm?", "large"),
        ("Can small companies and can large companies share data?", None),
        ("How should we treat small firms?", None),
        ("What happens at the end of a partnership?", None),
    ],
)
def test_the_side_that_a_question_asks_about_is_told_by_who_acts(question: str, side: str | None) -> None:
    assert audience_of(question, taxonomy()) == side


@pytest.mark.parametrize("question", ["", "?", "5.", ".5", "…", "\u202e5.1\u202c", "５.１", "5.1 " * 300])
def test_odd_input_breaks_nothing(question: str, catalog: Catalog) -> None:
    named = read_names(question, catalog)
    assert all(c in catalog for c in named.clauses)
