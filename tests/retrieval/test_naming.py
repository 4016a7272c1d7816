"""What a question names outright is found: standards, stages, principles, facets, sides."""

from __future__ import annotations

from typing import Any

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
from tests.retrieval.cases import expect


@expect(
    ("what does ISO 44003 say on trust", ("iso-44003",)),
    ("iso44004 on trust", ("iso-44004",)),
    ("44003 versus 44004", ("iso-44003", "iso-44004")),
    ("what is BS 11000", ("iso-44001-guide",)),
    ("the stages of ISO 44001", ("iso-44001-guide",)),
    ("what does ISO 9001 say", ()),
)
def test_standards_named_are_the_sources_meant(question: str, expected: Any, catalog: Catalog) -> None:
    assert read_names(question, catalog).sources == expected


@expect(
    ("what does ISO 9001 say", ("9001",)),
    ("ISO/IEC 27001 and ISO 14001", ("27001", "14001")),
    ("ISO 44002 please", ("44002",)),
    ("ISO 44003 and BS 11000", ()),
)
def test_standards_that_are_not_held_are_told_apart(question: str, expected: Any) -> None:
    assert foreign_standards(question) == expected


@expect(
    ("how does risk management work", ("Risk management",)),
    ("Value creation and exit strategy for us", ("Value creation", "Exit strategy")),
    ("collaborative leadership: what is it", ("Collaborative leadership",)),
    ("our lunch menu", ()),
    ("the risk manager left", ()),
)
def test_principles_are_named_by_their_names_as_whole_words(question: str, expected: Any) -> None:
    assert principles_in(question, taxonomy()) == expected


@expect(
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
)
def test_a_stage_is_meant_only_where_the_life_cycle_is_spoken_of(question: str, expected: Any) -> None:
    assert stage_of(question, taxonomy()) == expected


@expect(
    ("the eight stages", True),
    ("ISO 44001", True),
    ("bs11000?", True),
    ("a stage play", True),
    ("stagnant sales", False),
)
def test_talk_of_the_life_cycle_is_noticed(question: str, expected: Any) -> None:
    assert speaks_of_life_cycle(question) is expected


@expect(
    ("why is trust important", "why"),
    ("what's the point of sharing knowledge", "why"),
    ("how do we share knowledge", "how"),
    ("what should we write into the plan", "how"),
    ("what steps does it take", "how"),
    ("what is risk management about", "what"),
    ("explain trust", "what"),
    ("trust", None),
)
def test_the_facet_is_read_from_the_words_that_ask(question: str, expected: Any) -> None:
    assert facet_of(question) == expected


@expect(
    ("what should our small firm do", "msme"),
    ("We're an SME. What is trust?", "msme"),
    ("as a large company, how do we help our suppliers", "large"),
    ("what should both sides do", "both"),
    ("what is trust", None),
)
def test_the_speakers_side_is_read_from_the_taxonomys_phrases(question: str, expected: Any) -> None:
    assert audience_of(question, taxonomy()) == expected


@expect(
    ("What should a micro business do about risks?", "msme"),
    ("In a small firm, who leads the partnership?", "msme"),
    ("How does a large organisation handle risks with small suppliers?", "large"),
    ("What can a large organisation do for a small firm?", "large"),
    ("Can small companies and can large companies share data?", None),
    ("How should we treat small firms?", None),
    ("What happens at the end of a partnership?", None),
)
def test_the_side_that_a_question_asks_about_is_told_by_who_acts(question: str, expected: Any) -> None:
    assert audience_of(question, taxonomy()) == expected
