"""Tables: each cell under the name of its column, each caption kept, and nothing after a table read as a row."""

from __future__ import annotations

from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.clauses.clause import Clause
from tests.clauses.trees import by_locator, plan, plan_file, saved, standard


def _rows(clauses: list[Clause]) -> list[str]:
    return [c.text for c in clauses if c.kind == "row"]


def _table(word: Any, rows: list[list[str]], headers: int = 1) -> Any:
    table = word.add_table(rows=len(rows), cols=len(rows[0]))
    for row, words in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, words, strict=True):
            cell.text = text
    for row in table.rows[:headers]:
        row._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    return table


def test_a_row_with_empty_cells_keeps_the_names_of_its_columns() -> None:
    text = "# P\n\n| Risk | Owner | Due | Comment |\n|---|---|---|---|\n| Fire | Bo | June | |\n| Theft | | | late |\n"
    assert _rows(plan(text)) == ["Risk: Fire; Owner: Bo; Due: June", "Risk: Theft; Comment: late"]


def test_a_column_of_a_word_table_that_nobody_filled_in_takes_no_name_away() -> None:
    word = docx.Document()
    _table(word, [["Risk", "Owner", "Comments"], ["Flood", "Ann", ""], ["Fire", "Bo", ""]])
    assert _rows(plan_file(saved(word), "plan.docx")) == ["Risk: Flood; Owner: Ann", "Risk: Fire; Owner: Bo"]


def test_a_header_cell_that_spans_columns_names_each_of_them() -> None:
    word = docx.Document()
    table = _table(word, [["Risk", "Assessment", ""], ["", "likelihood", "harm"], ["Flood", "rare", "severe"]], 2)
    table.cell(0, 1).merge(table.cell(0, 2)).text = "Assessment"
    table.cell(0, 0).merge(table.cell(1, 0)).text = "Risk"
    expected = ["Risk: Flood; Assessment likelihood: rare; Assessment harm: severe"]
    assert _rows(plan_file(saved(word), "plan.docx")) == expected
    page = (
        "<table><tr><th rowspan=2>Risk</th><th colspan=2>Assessment</th></tr><tr><th>likelihood</th><th>harm</th></tr>"
        "<tr><td>Flood</td><td>rare</td><td>severe</td></tr></table>"
    )
    assert _rows(plan_file(page, "plan.html")) == expected


def test_a_cell_that_spans_columns_leaves_the_cells_behind_it_in_their_columns() -> None:
    page = (
        "<table><tr><th>Risk</th><th>Owner</th><th>Due</th></tr>"
        "<tr><td colspan=2>Flood, nobody's</td><td>May</td></tr></table>"
    )
    assert _rows(plan_file(page, "plan.html")) == ["Risk: Flood, nobody's; Due: May"]
    word = docx.Document()
    table = _table(word, [["Risk", "Owner", "Due"], ["", "", "May"]])
    table.cell(1, 0).merge(table.cell(1, 1)).text = "Flood, nobody's"
    assert _rows(plan_file(saved(word), "plan.docx")) == ["Risk: Flood, nobody's; Due: May"]


def test_a_table_without_a_header_does_not_take_the_one_above() -> None:
    headed = "| Role | Name |\n|---|---|\n| Chair | Ann |\n"
    bare = "<table><tr><td>Ann</td><td>0123</td></tr></table>\n"
    for between in ("\nPhones:\n\n", "\n- phones\n\n", "\n"):
        assert _rows(plan(f"# P\n\n{headed}{between}{bare}")) == ["Role: Chair; Name: Ann", "Ann; 0123"]
    word = docx.Document()
    _table(word, [["Role", "Name"], ["Chair", "Ann"]])
    word.add_paragraph("")
    _table(word, [["Ann", "0123"]], headers=0)
    assert _rows(plan_file(saved(word), "plan.docx")) == ["Role: Chair; Name: Ann", "Ann; 0123"]


def test_a_title_across_a_table_and_a_header_without_rows_are_kept_as_words() -> None:
    page = (
        "<h1>P</h1><table><tr><th colspan=2>All risks are reviewed monthly</th></tr><tr><th>Risk</th><th>Owner</th></tr>"
        "<tr><td>Flood</td><td>Ann</td></tr></table><p>Then:</p><table><tr><th>Sponsor</th><th>Ada</th></tr></table>"
    )
    assert by_locator(plan_file(page, "plan.html"))["p"].text == (
        "All risks are reviewed monthly\n- Risk: Flood; Owner: Ann\nThen:\nSponsor; Ada"
    )


def test_a_part_says_whether_the_file_marks_the_header_of_its_row() -> None:
    headed = plan("# P\n\n| Risk | Owner |\n|---|---|\n| Flood | Ann |\n")
    bare = plan("# P\n\n<table><tr><td>Risk</td><td>Owner</td></tr><tr><td>Flood</td><td>Ann</td></tr></table>\n")
    assert [p.has_header for c in headed for p in c.parts] == [True, True]
    assert {p.has_header for c in bare for p in c.parts} == {False}


_name = st.text("abcdefg", min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(st.lists(_name, min_size=2, max_size=5), st.data())
def test_every_filled_cell_of_any_table_stands_behind_the_name_of_its_column(
    names: list[str], data: st.DataObject
) -> None:
    width = len(names)
    row = st.lists(st.one_of(st.just(""), _name.map(str.upper)), min_size=width, max_size=width).filter(any)
    rows = data.draw(st.lists(row, min_size=1, max_size=4))
    lines = [names, ["---"] * width, *rows]
    text = "# P\n\n" + "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"
    assert _rows(plan(text)) == ["; ".join(f"{n}: {c}" for n, c in zip(names, r, strict=True) if c) for r in rows]


def test_a_sentence_that_begins_with_table_1_and_a_caption_are_both_kept() -> None:
    text = (
        "# P\n\nTable 1 lists the people who approve a change:\n\nTable 1 Approvals\n\n"
        "| Level | Who |\n|---|---|\n| 1 | Ann |\n\nTable 2 is kept by Ann\n\nThe rest stays.\n"
    )
    assert plan(text)[0].text == (
        "Table 1 lists the people who approve a change:\nTable 1 Approvals\n- Level: 1; Who: Ann\n"
        "Table 2 is kept by Ann\nThe rest stays."
    )


def test_the_caption_of_a_page_s_table_is_kept_and_a_hidden_one_is_not() -> None:
    table = "<table><caption{}>Risks as of 3 May</caption><tr><th>Risk</th></tr><tr><td>Flood</td></tr></table>"
    assert plan_file(table.format(""), "plan.html")[0].text == "Risks as of 3 May\n- Risk: Flood"
    assert plan_file(table.format(" hidden"), "plan.html")[0].text == "- Risk: Flood"


def test_the_caption_of_an_annex_table_is_words_of_the_annex() -> None:
    text = "1 Scope\n\nFor makers.\n\nAnnex A (informative)\n\nThings\n\nTable A.1 — Things\n\nKeys\t\n1\tA hook.\n2\tA label.\n"
    found = by_locator(standard(text))
    assert found["Annex A"].text == "Table A.1 — Things\nKeys 1: A hook.\nKeys 2: A label."


@pytest.mark.parametrize("after", ["12 months before the end the owners meet.", "1 Ann and Bo sign here"])
def test_what_stands_after_a_table_is_no_row_of_it(after: str) -> None:
    table = "Table 1 Approvals\n\n| Level | Who |\n|---|---|\n| 1 | Ann |\n\nDecided by both\n\nThe owners sign.\n\n"
    found = by_locator(plan(f"# P\n\n{table}{after}\n"))
    assert [c.locator for c in found.values() if c.kind == "row"] == ["p #1"]
    assert found["p"].text.endswith(f"Decided by both\nThe owners sign.\n{after}")
