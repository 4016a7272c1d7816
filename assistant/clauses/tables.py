"""Tables among the blocks of a section: captions, names of columns, groups of numbered rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from assistant.sources.document import Block

_TITLE = re.compile(r"^Table[ \t]+((?:[A-Z]\.)?\d+)\b")
_ROW_NUMBER = re.compile(r"^(\d{1,3})[.)]?$")
_NUMBERED_LINE = re.compile(r"^(\d{1,2})[ \t]+\S")
_MAX_CAPTION = 160
_MAX_GROUP = 80


class TableReader:
    """Follows the tables of one section; ask for each block in order.

    Args:
        blocks: The blocks of the section.

    Attributes:
        number: "A.1" while a table with a numbered caption is open, else "".
        group: The name that stands above the rows, else "".
        header: Names of the columns, empty where the file marks none.
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._last = 0
        self.number = ""
        self.group = ""
        self.header: tuple[str, ...] = ()

    def close(self) -> None:
        """End the table: something else stands here."""
        self._last, self.number, self.group, self.header = 0, "", "", ()

    def begins(self, place: int) -> bool:
        """Whether a paragraph is the caption of a table, which is then open."""
        text = self._blocks[place].text.rstrip()
        title = _TITLE.match(text)
        if not title or len(text) >= _MAX_CAPTION or text.endswith((".", ":", ";")):
            return False
        follows = place + 1 < len(self._blocks) and (
            self._blocks[place + 1].kind == "row" or self._starts_rows(place + 1) or self._names_group(place + 1)
        )
        if follows:
            self.close()
            self.number = title[1]
        return follows

    def takes_row(self, place: int) -> bool:
        """Whether a block is a row: one of the file's own, or a line that counts on in the table that is open."""
        block = self._blocks[place]
        if block.kind == "row":
            return block.marker == "header" or not self.number or len(_filled(block)) > 1
        line = _NUMBERED_LINE.match(block.text)
        return bool(self.number and line and int(line[1]) == self._last + 1)

    def takes_group(self, place: int) -> bool:
        """Whether a block names the group of the rows below it, which is then open."""
        block = self._blocks[place]
        if not self.number or not (self._names_group(place) or (block.kind == "row" and _is_name(block))):
            return False
        self.group, self._last = block.text.strip(), 0
        return True

    def numbered_row(self, block: Block) -> tuple[str, str, str] | None:
        """Group, number and words of a row that is cited by them; None of one that is cited by its position."""
        cells = [c.strip() for c in block.cells] if block.cells else block.text.split(None, 1)
        while cells and not cells[-1]:
            cells.pop()
        if not self.number:
            return None
        if len(cells) == 3 and cells[0] and _ROW_NUMBER.match(cells[1]):
            self.group, cells = cells[0], cells[1:]
        number = _ROW_NUMBER.match(cells[0]) if cells else None
        self._last = int(number[1]) if number else self._last
        return (self.group, number[1], cells[1]) if number and self.group and len(cells) == 2 else None

    def words(self, block: Block) -> str:
        """A row's cells in a line, each behind the name of its column where the file marks one."""
        cells = [c.strip() for c in block.cells] if block.cells else block.text.split(None, 1)
        spans_all = len(cells) == 1 < len(self.header)
        header = () if spans_all else self.header[: len(cells)]
        named = (f"{name}: {cell}" if name else cell for name, cell in zip_longest(header, cells, fillvalue="") if cell)
        return "; ".join(named)

    def reads_header(self, place: int) -> str:
        """Take in a header row; several above each other name a column together.

        Returns:
            "", or the row's words where it names no column: a title across the table, or a header without rows.
        """
        block = self._blocks[place]
        if place == 0 or self._blocks[place - 1].marker != "header" or self._blocks[place - 1].kind != "row":
            self.header = ()
        after = next((b for b in self._blocks[place + 1 :] if not (b.kind == "row" and b.marker == "header")), None)
        next_row = self._blocks[place + 1] if place + 1 < len(self._blocks) else None
        is_title = len(block.cells) == 1 and next_row is not None and len(_filled(next_row)) > 1
        if after is None or after.kind != "row" or is_title:
            return "; ".join(dict.fromkeys(_filled(block)))
        below = (c.strip().rstrip(" :") for c in block.cells)
        self.header = tuple(_joined(*names) for names in zip_longest(self.header, below, fillvalue=""))
        return ""

    def _starts_rows(self, place: int) -> bool:
        """Whether a block is the row with the number 1."""
        if place >= len(self._blocks):
            return False
        block = self._blocks[place]
        if block.kind == "row":
            return any(_ROW_NUMBER.match(c) and int(c.strip(".)")) == 1 for c in _filled(block)[:2])
        line = _NUMBERED_LINE.match(block.text)
        return bool(line and int(line[1]) == 1 and block.kind == "paragraph")

    def _names_group(self, place: int) -> bool:
        return _is_name(self._blocks[place]) and self._starts_rows(place + 1)


def _joined(above: str, below: str) -> str:
    """The name of a column from two header rows; a cell that spans both stands in each."""
    return above if f" {above}".endswith(f" {below}") else f"{above} {below}".strip()


def _filled(block: Block) -> list[str]:
    return [c.strip() for c in block.cells if c.strip()]


def _is_name(block: Block) -> bool:
    text = block.text.strip()
    short = len(text) < _MAX_GROUP and not text.endswith((".", ";", ":"))
    return short and block.kind in ("paragraph", "row", "heading")
