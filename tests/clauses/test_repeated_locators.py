"""Two lists or tables of one section, or two tables of one name: each item has an id and a lead-in of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.clauses.builder import SourceText
from assistant.clauses.catalog import Catalog
from assistant.clauses.clause import Clause
from assistant.clauses.lead_ins import joined_lead, lead_ins
from assistant.errors import UnknownCitation
from assistant.sources.licence import Licence
from assistant.sources.registry import Source
from tests.clauses.trees import by_locator, plan, standard, taxonomy

_TWO_LISTS = """
1 Sharing

1.1 Tools

Makers should:

a) lend what lies idle;
b) mend what they break:

1) at once;
2) with care;

Guests shall not:

a) take the keys;
b) open the safe:

1) by day;
2) by night;

1.2 Keys

Keepers should:

a) count them.
"""

_TABLE = """
## {heading}

Table 1 Dangers

| No. | Danger |
|---|---|
| Water | |
| 1 | {first} |
| 2 | {second} |
"""
_TWO_TABLES = _TABLE.format(heading="Spring", first="The river rises.", second="The roof leaks.") + _TABLE.format(
    heading="Autumn", first="The gutter freezes.", second="The tank bursts."
)


def _catalog(clauses: list[Clause]) -> Catalog:
    source = Source(
        "x", "licensed", "Guide", "GUIDE 77", "", "", "standard", "both", (Path("guide.txt"),), Licence()
    )  # fmt: skip
    return Catalog([SourceText(source, tuple(clauses), ("",))], taxonomy())


def _items(clauses: list[Clause]) -> list[Clause]:
    return [c for c in clauses if c.kind in ("item", "row")]


def test_a_second_lettered_list_of_a_section_gets_ids_of_its_own() -> None:
    clauses = standard(_TWO_LISTS)
    found = by_locator(clauses)
    assert [(c.locator, c.text.split("\n")[0]) for c in _items(clauses)] == [
        ("1.1 a)", "lend what lies idle;"),
        ("1.1 b)", "mend what they break:"),
        ("1.1 b) 1)", "at once;"),
        ("1.1 b) 2)", "with care;"),
        ("1.1 a)-2", "take the keys;"),
        ("1.1 b)-2", "open the safe:"),
        ("1.1 b)-2 1)", "by day;"),
        ("1.1 b)-2 2)", "by night;"),
        ("1.2 a)", "count them."),
    ]
    assert found["1.1 b)-2 1)"].parent == "x:1.1 b)-2"
    assert found["1.1"].text.count("a) ") == 2, "the text is shown as it stands"
    cited = [
        (found[p.citation_id.removeprefix("x:")], c.text[p.start : p.end])
        for c in clauses
        for p in c.parts
        if p.kind == "item"
    ]
    assert all(item.text.split("\n")[0] in shown for item, shown in cited)


def test_the_letters_of_one_list_after_a_subclause_are_a_list_of_their_own() -> None:
    ids = [c.citation_id for c in standard(_TWO_LISTS.replace("1.2 Keys\n", ""))]
    assert ids[-1] == "x:1.1 a)-3"
    assert len(set(ids)) == len(ids)


def test_every_item_resolves_and_is_joined_with_the_words_that_lead_into_its_own_list() -> None:
    catalog = _catalog(standard(_TWO_LISTS))
    leads = {}
    for item in _items([e.clause for e in catalog]):
        owner = catalog.resolve(catalog.owner(item.citation_id)).clause
        leads[item.locator] = joined_lead(owner, lead_ins(owner, item))
    assert leads == {
        "1.1 a)": "Makers should",
        "1.1 b)": "Makers should",
        "1.1 b) 1)": "Makers should mend what they break",
        "1.1 b) 2)": "Makers should mend what they break",
        "1.1 a)-2": "Guests shall not",
        "1.1 b)-2": "Guests shall not",
        "1.1 b)-2 1)": "Guests shall not open the safe",
        "1.1 b)-2 2)": "Guests shall not open the safe",
        "1.2 a)": "Keepers should",
    }
    assert catalog.resolve("x:1.1 a)-2").label == "GUIDE 77, 1.1 a)-2"


def test_rows_of_a_second_table_of_the_same_name_get_ids_of_their_own() -> None:
    clauses = plan(_TWO_TABLES)
    assert [(c.locator, c.text, c.parent) for c in _items(clauses)] == [
        ("1 Water 1", "The river rises.", "plan-x:spring"),
        ("1 Water 2", "The roof leaks.", "plan-x:spring"),
        ("1 Water 1-2", "The gutter freezes.", "plan-x:autumn"),
        ("1 Water 2-2", "The tank bursts.", "plan-x:autumn"),
    ]
    assert "Water 1: The gutter freezes." in by_locator(clauses)["autumn"].text


def test_what_an_item_stands_in_is_told_from_the_inside_out() -> None:
    catalog = _catalog(standard(_TWO_LISTS))
    around = [e.citation_id for e in catalog.ancestors("x:1.1 b)-2 1)")]
    assert around == ["x:1.1 b)-2", "x:1.1", "x:1"]
    assert catalog.ancestors("x:1") == []
    for asked in (catalog.ancestors, catalog.owner, catalog.text_of, catalog.neighbours):
        with pytest.raises(UnknownCitation):
            asked("x:7")
