"""Ruled tables of a PDF page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assistant.sources.lines import join_wrapped
from assistant.sources.pdf_lines import lines_of

_MIN_EDGES = 4
_MAX_EDGES = 4000  # a drawing, not a table; looking for cells in it would take minutes
_Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class PdfTable:
    """A ruled table: its box (x0, top, x1, bottom) in points and the words of its cells."""

    box: _Box
    rows: list[list[str]]


def tables_of(page: Any, characters: list[dict[str, Any]]) -> list[PdfTable]:
    """Return the tables whose cells are ruled on all sides, two rows and two columns at least."""
    if not _MIN_EDGES <= len(page.rects) * 4 + len(page.lines) + len(page.curves) <= _MAX_EDGES:
        return []
    tables = []
    for found in page.find_tables():
        rows = [[_words(characters, cell) for cell in row.cells] for row in found.rows]
        if _is_table(rows):
            tables.append(PdfTable(found.bbox, rows))
    return tables


def outside(characters: list[dict[str, Any]], tables: list[PdfTable]) -> list[dict[str, Any]]:
    """Return the characters that stand in none of the tables."""
    return [char for char in characters if not any(_inside(char, table.box) for table in tables)]


def _words(characters: list[dict[str, Any]], cell: _Box | None) -> str:
    if cell is None:
        return ""
    lines = lines_of((char for char in characters if _inside(char, cell)), 0)
    return join_wrapped([line.text for line in lines])


def _inside(char: dict[str, Any], box: _Box) -> bool:
    middle_x, middle_y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return bool(box[0] <= middle_x <= box[2] and box[1] <= middle_y <= box[3])


def _is_table(rows: list[list[str]]) -> bool:
    filled = [sum(1 for cell in row if cell) for row in rows]
    return len(rows) >= 2 and max(map(len, rows)) >= 2 and sum(1 for count in filled if count >= 2) * 2 >= len(rows)
