"""Every shape that is known from real standards, in texts of our own words."""

from __future__ import annotations

from textwrap import dedent

from assistant.clauses.life_cycle import life_cycle_sections
from assistant.clauses.references import resolve_references
from assistant.clauses.tree import build_tree
from assistant.sources.reading import read_bytes
from tests.clauses.trees import by_locator, headings, standard, taxonomy

_TITLE = "Sharing a workshop — Guidelines for makers of any size"

_GUIDE = """
**Sharing a workshop —
Guidelines for makers
of any size**

*Partager un atelier — Lignes directrices pour les artisans
de toute taille*

STANDARDSISO.COM : Click to view the full PDF of GUIDE 77:2020

Contents

\tPage
Foreword.....\tv
Introduction.....\tvi
1 Scope.....\t1
2 Working together.....\t2
2.1 Keys.....\t2
2.1.1 What: the idea.....\t2

STANDARDSISO.COM : Click to view the full PDF of GUIDE 77:2020

2.1.2\tWhy: the use of it.....\t2
2.1.3 How: what to do.....\t3
2.2 Tools.....\t4
2.3 Leaving.....\t5
Annex A\t(informative) Things to bring.....\t6
Annex B\t(informative) People to ask.....\t7
Bibliography\t9

Foreword

The makers of the yard wrote this guide.

Introduction

Those who share a roof do well to share a few habits as well, as [Annex A](#) shows.

[STANDARDSISO.COM : Click to view the full PDF](#)

Sharing a workshop — Guidelines for makers of any size

1 Scope

This guide is for everybody who works under one roof with others and who would like to go on doing so for

STANDARDSISO.COM : Click to view full PDF of GUIDE 77:2020

a good many years.

NOTE Who counts as a maker is left to the reader.

2 Working together

2.1 Keys

2.1.1 What: the idea

A key stands for trust.

2.1.2 Why: the use of it

Lost keys cost everybody a morning, so that it pays to know who holds which (see [2.2](#) and [2.1.3.1 b\\)](#)).

2.1.3 How: what to do

2.1.3.1 Handing out

The keeper should:

- a) write down every key, see 2.2 a) and c);
- b) agree with each maker, before the first day:
 - 1) which doors are meant;
 - 2) who may lend the key;

NOTE A spare key may hang at the neighbour's.

- c) ask for it back.

2.1.3.2 Changing the locks

2.1.3.3 In the morning

Before opening, look round:

- lights;
- water;
- gas.

2.2 Tools

Good tools are shared gladly. A key stands for trust.

The larger workshop should:

- a) lend what lies idle;
- b) mend what it breaks;
- c) say so.

Annex A (informative)

Things to bring

[Table A.1](#) lists what to bring.

Table A.1 — Things to bring

Keys\t
1\tA hook for the board.
2\tA label.
Tools\t
1\tWhatever lies idle at home.
"""


def test_contents_pages_give_no_clauses_and_every_body_heading_does() -> None:
    assert headings(standard(_GUIDE, _TITLE)) == [
        ("Foreword", "Foreword"),
        ("Introduction", "Introduction"),
        ("1", "Scope"),
        ("2", "Working together"),
        ("2.1", "Keys"),
        ("2.1.1", "What: the idea"),
        ("2.1.2", "Why: the use of it"),
        ("2.1.3", "How: what to do"),
        ("2.1.3.1", "Handing out"),
        ("2.1.3.2", "Changing the locks"),
        ("2.1.3.3", "In the morning"),
        ("2.2", "Tools"),
        ("Annex A", "Things to bring"),
        ("2.3", "Leaving"),
        ("Annex B", "People to ask"),
        ("Bibliography", "Bibliography"),
    ]


def test_what_only_the_contents_page_knows_is_not_held() -> None:
    found = by_locator(standard(_GUIDE, _TITLE))
    assert {c.locator for c in found.values() if not c.held} == {"2.3", "Annex B", "Bibliography"}
    assert found["2.3"].parent == "x:2"


def test_a_heading_without_text_is_held_and_empty() -> None:
    found = by_locator(standard(_GUIDE, _TITLE))
    assert found["2.1.3.2"].held
    assert found["2.1.3.2"].text == ""
    assert found["2.1"].text == ""


def test_the_repeated_title_and_watermarks_belong_to_no_clause() -> None:
    for clause in standard(_GUIDE, _TITLE):
        assert "any size" not in clause.text
        assert "PDF" not in clause.text


def test_a_paragraph_cut_by_a_page_break_is_one_again() -> None:
    scope = by_locator(standard(_GUIDE, _TITLE))["1"]
    assert "doing so for a good many years." in scope.text
    assert [p.kind for p in scope.parts] == ["paragraph", "note"]


def test_dead_links_keep_their_words_and_become_references() -> None:
    found = by_locator(standard(_GUIDE, _TITLE))
    assert found["Introduction"].text.endswith("as Annex A shows.")
    assert [r.target for r in found["Introduction"].references] == ["x:Annex A"]
    assert "(see 2.2 and 2.1.3.1 b))" in found["2.1.2"].text
    assert [r.target for r in found["2.1.2"].references] == ["x:2.2", "x:2.1.3.1 b)"]


def test_a_reference_to_a_table_leads_to_its_annex() -> None:
    assert [r.target for r in by_locator(standard(_GUIDE, _TITLE))["Annex A"].references] == ["x:Annex A"]


def test_see_a_and_c_inside_a_sentence_is_a_reference_and_no_item() -> None:
    found = by_locator(standard(_GUIDE, _TITLE))
    assert [r.target for r in found["2.1.3.1 a)"].references] == ["x:2.2 a)", "x:2.2 c)"]
    items = [locator for locator in found if locator.startswith("2.1.3.1 ")]
    assert items == ["2.1.3.1 a)", "2.1.3.1 b)", "2.1.3.1 b) 1)", "2.1.3.1 b) 2)", "2.1.3.1 c)"]


def test_a_note_between_two_items_belongs_to_the_item_before_and_the_list_goes_on() -> None:
    found = by_locator(standard(_GUIDE, _TITLE))
    notes = [p for p in found["2.1.3.1"].parts if p.kind == "note"]
    assert [n.citation_id for n in notes] == ["x:2.1.3.1 b) 2)"]
    assert "spare key" in found["2.1.3.1 b) 2)"].text
    assert found["2.1.3.1 c)"].parent == "x:2.1.3.1"


def test_an_item_holds_its_sub_items_and_the_clause_holds_all_of_them() -> None:
    found = by_locator(standard(_GUIDE, _TITLE))
    assert found["2.1.3.1 b) 1)"].text == "which doors are meant;"
    assert "1) which doors are meant;" in found["2.1.3.1 b)"].text
    assert "1) which doors are meant;" in found["2.1.3.1"].text
    assert found["2.1.3.1 b) 2)"].parent == "x:2.1.3.1 b)"


def test_unlettered_items_are_cited_by_position() -> None:
    found = by_locator(standard(_GUIDE, _TITLE))
    assert [(locator, c.text) for locator, c in found.items() if locator.startswith("2.1.3.3 #")] == [
        ("2.1.3.3 #1", "lights;"),
        ("2.1.3.3 #2", "water;"),
        ("2.1.3.3 #3", "gas."),
    ]


def test_rows_of_an_annex_table_are_cited_by_section_and_number() -> None:
    rows = {c.locator: c.text for c in standard(_GUIDE, _TITLE) if c.kind == "row"}
    assert rows == {
        "A.1 Keys 1": "A hook for the board.",
        "A.1 Keys 2": "A label.",
        "A.1 Tools 1": "Whatever lies idle at home.",
    }


def test_a_sentence_that_stands_in_two_clauses_stays_in_both() -> None:
    found = by_locator(standard(_GUIDE, _TITLE))
    assert "A key stands for trust." in found["2.1.1"].text
    assert "A key stands for trust." in found["2.2"].text


def test_offsets_of_parts_are_code_points_of_the_clause_text() -> None:
    for clause in standard(_GUIDE.replace("morning", "m🌅rning"), _TITLE):
        assert "\n".join(clause.text[p.start : p.end] for p in clause.parts) == clause.text


def test_numbers_in_prose_open_no_clause() -> None:
    text = dedent(
        """\
        1 Scope

        This guide follows ISO 44001:2017, 8.2 and costs €5.60. Version 2.1 came before it. See clause 2
        and 7.7.7 for more.

        2 Years of work stood behind it, and 3 people.

        2 Tools

        3 of them are enough.
        """
    )
    found = standard(text)
    assert headings(found) == [("1", "Scope"), ("2", "Tools")]
    assert [(r.words, r.target) for r in found[0].references] == [("clause 2", "x:2"), ("7.7.7", None)]


def test_numbers_go_to_any_depth() -> None:
    text = "1 Yard\n\n1.1 Door\n\n1.1.1 Lock\n\n1.1.1.1 Spring\n\n1.1.1.1.1 Wire\n\nBend it.\n\n2 Shed\n\nLock it.\n"
    found = standard(text)
    assert [c.number for c in found] == ["1", "1.1", "1.1.1", "1.1.1.1", "1.1.1.1.1", "2"]
    assert found[4].path == ("1 Yard", "1.1 Door", "1.1.1 Lock", "1.1.1.1 Spring", "1.1.1.1.1 Wire")


_PAGE = """
Keeping a shared garden

Keeping a garden with others takes a plan that everybody knows.

The stages of a shared garden

The first stages (Awareness, Knowledge, Internal assessment and Partner selection) happen before anybody digs, and each of them is a stage of its own.

Look over the fence and see what could grow there before anything else is done.

Read up on what the soil and the neighbours will bear, and write it down for everybody.

Internal assessment

Ask what you can give before you ask what others could. It is seldom as much as you would like, and it is always more than you think at first sight.
In a like vein, where a neighbour is the only one about, their
tools and their time are often taken for granted (as nobody else has any). So ask them all the same, and ask them early in the year.

Partner selection

Choose those who like to dig.

The last stages (Working together, Value creation, Staying together and Exit strategy) begin with the first spade: a stage for each season.

Working together

Dig where it was agreed.

Value creation

Try something new every year.

Staying together

Talk in winter.

Exit strategy

Say early who keeps the shed.

Shared Gardens Ltd

Book a visit now
"""


def test_stages_without_a_heading_are_found_by_the_order_that_announces_them() -> None:
    document = read_bytes(_PAGE.encode(), "page.txt")
    sections = life_cycle_sections(document, [s.name for s in taxonomy().stage])
    found = by_locator(resolve_references(build_tree(sections, "x", "licensed", slugs=True)))
    assert list(found) == [
        "overview",
        "awareness",
        "knowledge",
        "internal-assessment",
        "partner-selection",
        "working-together",
        "value-creation",
        "staying-together",
        "exit-strategy",
    ]
    assert found["awareness"].text.startswith("Look over the fence")
    assert found["knowledge"].text.startswith("Read up")
    assert "the only one about, their tools and their time" in found["internal-assessment"].text
    assert len(found["internal-assessment"].parts) == 2
    assert found["overview"].text.count("stages (") == 2
    assert found["exit-strategy"].text == "Say early who keeps the shed."
