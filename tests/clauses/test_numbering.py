"""Numbered lines: one odd number costs one heading at most, and a contents page ends where the body begins."""

from __future__ import annotations

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE

from assistant.clauses.clause import Clause
from tests.clauses.trees import headings, plan_file, saved, standard


def _sections(clauses: list[Clause]) -> list[tuple[str, str]]:
    return [(c.locator, c.text) for c in clauses if c.kind in ("clause", "section")]


def test_a_clause_that_is_missing_takes_no_other_with_it() -> None:
    text = "Our plan\n\n1 People\n\nAnn.\n\n2 Risks\n\nFlood.\n\n4 Money\n\nOurs.\n\n5 Exit\n\nLeave.\n"
    assert _sections(plan_file(text, "p.txt")) == [("1", "Ann."), ("2", "Flood."), ("4", "Ours."), ("5", "Leave.")]
    text = "1 Scope\n\nAll.\n\n2 Keys\n\n2.1 Locks\n\nOil.\n\n2.3 Doors\n\nShut.\n\n4 Exit\n\nLeave.\n"
    assert [n for n, _ in _sections(standard(text))] == ["1", "2", "2.1", "2.3", "4"]


def test_a_number_that_comes_later_is_not_skipped() -> None:
    text = "1 Scope\n\nAll.\n\n3 Friends of the yard\n\nMet.\n\n2 Keys\n\nKeep.\n\n3 Exit\n\nLeave.\n"
    assert headings(standard(text)) == [("1", "Scope"), ("2", "Keys"), ("3", "Exit")]


@pytest.mark.parametrize("line", ["12 Main Street", "4 months notice", "2 Owners shall:"])
def test_a_line_that_only_begins_with_a_number_opens_nothing(line: str) -> None:
    assert [n for n, _ in _sections(standard(f"1 Scope\n\nAll.\n\n{line}\n\nMore.\n"))] == ["1"]


def test_a_colon_behind_a_heading_is_no_part_of_it() -> None:
    text = "Our plan\n\n1 People\n\nAnn.\n\n2 Risks:\n\nFlood.\n\n2.1 Fire:\n\nPump.\n\n3 Money\n\nOurs.\n"
    assert headings(plan_file(text, "p.txt")) == [("1", "People"), ("2", "Risks"), ("2.1", "Fire"), ("3", "Money")]


def test_a_list_of_clauses_opens_none_of_them() -> None:
    body = "2 Keys\n\n2.1 Locks\n\nOil.\n\n2.2 Doors\n\nShut.\n"
    for listing in ("- 2.1 Locks\n- 2.2 Doors", "2 Keys\n\n2.1 Locks\n\n2.2 Doors"):
        contents = "Contents\n\n1 Scope.....1\n2 Keys.....2\n2.1 Locks.....2\n2.2 Doors.....3\n\n"
        found = _sections(standard(f"{contents}1 Scope\n\nThe guide treats:\n\n{listing}\n\n{body}"))
        assert [(n, t) for n, t in found if n != "1"] == [("2", ""), ("2.1", "Oil."), ("2.2", "Shut.")]


def test_rows_of_a_table_of_numbers_open_no_clauses() -> None:
    text = "1 Scope\n\nAll.\n\nTable 1 How it maps\n\n1.1\tFlood\tAnn\n1.2\tFire\tBo\n\n2 Keys\n\nKeep.\n"
    assert headings(standard(text)) == [("1", "Scope"), ("2", "Keys")]


def test_a_heading_that_ends_in_a_number_ends_the_contents_page() -> None:
    word = docx.Document()
    entry = word.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    word.add_paragraph("Contents")
    for text in ("Stage 1\t2", "Stage 2\t5"):
        word.add_paragraph(text, style=entry)
    for heading, text in (("Stage 1", "We meet."), ("Stage 2", "We work.")):
        word.add_heading(heading, 1)
        word.add_paragraph(text)
    assert _sections(plan_file(saved(word), "p.docx")) == [("stage-1", "We meet."), ("stage-2", "We work.")]


def test_a_contents_page_that_was_never_filled_swallows_no_heading() -> None:
    text = "Contents\n\n# Phase 1\n\nWe meet.\n\n# Phase 2\n\nWe work.\n"
    assert ("phase-1", "We meet.") in _sections(plan_file(text, "p.md"))


def test_page_numbers_after_a_mere_space_are_entries_as_long_as_they_do_not_fall() -> None:
    text = "# Contents\n\n# 1 Keys 4\n\n# 2 Doors 9\n\n# 1 Keys\n\nKeep.\n\n# 2 Doors\n\nShut.\n\n# Annex 1\n\nMore.\n"
    assert _sections(plan_file(text, "p.md")) == [("1", "Keep."), ("2", "Shut."), ("annex-1", "More.")]
    text = "# Contents\n\nKeys 4\n\nDoors 9\n\n# Part 1\n\nKeep.\n"
    assert _sections(plan_file(text, "p.md")) == [("part-1", "Keep.")]
