"""Plain text: paragraphs, lists, notes and tabbed rows, told from lines, blanks and indentation."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from assistant.sources.decoding import decode
from assistant.sources.document import Block, BlockKind, Document
from assistant.sources.light_markup import is_emphasised, strip_markup
from assistant.sources.lines import (
    MAX_HEADING_CHARACTERS,
    ends_in_page_number,
    ends_sentence,
    fold,
    heading_number,
    is_contents_line,
    is_heading_line,
    is_note,
    split_bullet,
    split_marker,
    starts_lower,
    visible,
)
from assistant.sources.nesting import Nesting
from assistant.sources.wrapping import Chunk, Line, Wrapped, continues_item, is_successor, starts_paragraph

_CONTENTS_TITLES = {"contents", "table of contents", "content"}
_MAX_FIRST_CELL_CHARACTERS = 80
_MAX_TITLE_CHARACTERS = 250


@dataclass
class _Piece:
    """A block in the making: its lines and what they were recognised as.

    Attributes:
        first: The words of its first line, without a marker.
        closed: Whether nothing can be added to it.
    """

    kind: BlockKind
    lines: list[Line]
    marker: str = ""
    level: int = 0
    cells: tuple[str, ...] = ()
    first: str = ""
    closed: bool = False
    words: Wrapped = field(init=False)

    def __post_init__(self) -> None:
        self.words = Wrapped(self.first)

    def add(self, line: Line) -> None:
        self.lines.append(line)
        self.words.add(line.text)

    def block(self) -> Block:
        words, references = strip_markup(self.words.text)
        words = "\t".join(self.cells) if self.cells else fold(words)
        start, end = self.lines[0].start, self.lines[-1].end
        return Block(self.kind, words, start, end, self.level, self.marker, self.cells, None, references)


def read_plain_text(data: bytes, path: Path) -> Document:
    """Read a text file.

    Blocks are found from the text alone: a numbered heading stays a paragraph (of its own), since only
    the whole document can tell whether it is one.

    Raises:
        UnreadableSource: The bytes are not text.
    """
    text = visible(decode(data, path).replace("\f", "\n\n"))
    blocks = tuple(blocks_of_text(text))
    return Document(path, "text", _title(blocks, text, path), text, blocks, hashlib.sha256(data).hexdigest())


def blocks_of_text(text: str) -> Iterator[Block]:
    """Yield the blocks of `text`; offsets count from its beginning."""
    pending: _Piece | None = None
    for piece in _pieces(text):
        if pending and _was_split_by_a_page_break(pending, piece):
            for line in piece.lines:
                pending.add(line)
            continue
        if pending:
            yield pending.block()
        pending = piece
    if pending:
        yield pending.block()


def _pieces(text: str) -> Iterator[_Piece]:
    nesting = Nesting()
    in_contents = False
    for chunk in _chunks(text):
        in_contents = (in_contents and chunk.is_contents_like) or any(
            is_contents_line(line.text) for line in chunk.lines
        )
        for piece in _pieces_of_chunk(chunk, nesting, in_contents):
            in_contents = in_contents or fold(piece.words.text).lower() in _CONTENTS_TITLES
            yield piece


def _chunks(text: str) -> Iterator[Chunk]:
    lines: list[Line] = []
    for found in re.finditer(r"[^\n]*(?:\n|$)", text):
        raw = found.group().rstrip(" \n\u00a0")
        words = raw.strip()
        if words:
            start = found.start() + len(raw) - len(raw.lstrip())
            indent = len(raw[: start - found.start()].replace("\t", "    "))
            lines.append(Line(words, raw, start, start + len(words), indent))
        elif lines:
            yield Chunk(lines)
            lines = []


def _pieces_of_chunk(chunk: Chunk, nesting: Nesting, in_contents: bool) -> Iterator[_Piece]:
    current: _Piece | None = None
    for line in chunk.lines:
        if current and not current.closed and current.words.opens_emphasis:
            current.add(line)
            continue
        piece = _recognised(line, chunk, current, nesting, in_contents)
        if piece is None and current and not current.closed and _continues(line, current, chunk):
            current.add(line)
            continue
        if current:
            yield current
        current = piece or _Piece("paragraph", [line], first=line.text)
        if current.kind == "paragraph":
            nesting.paragraph(current.words.end, is_heading=is_heading_line(current.words.text))
    if current:
        yield current


def _recognised(line: Line, chunk: Chunk, current: _Piece | None, nesting: Nesting, in_contents: bool) -> _Piece | None:
    """Return a new piece where the line shows by itself what it is, None for running prose."""
    if in_contents and (is_contents_line(line.text) or ends_in_page_number(line.text)):
        return _Piece("paragraph", [line], first=line.text, closed=True)
    if "\t" in line.raw.lstrip():
        row = _row(line, chunk)
        if row:
            return row
    mid_sentence = current is not None and current.kind == "paragraph" and not _is_complete(current)
    if is_heading_line(line.text) and not mid_sentence and not _is_dotted_item(line, chunk):
        return _Piece("paragraph", [line], first=line.text, closed=True)
    if is_note(line.text) and not mid_sentence:
        return _Piece("note", [line], first=line.text)
    return _item(line, chunk, current, nesting, mid_sentence)


def _item(line: Line, chunk: Chunk, current: _Piece | None, nesting: Nesting, mid_sentence: bool) -> _Piece | None:
    bullet, rest = split_bullet(line.text)
    marker, words = split_marker(rest, dotted=_is_dotted_item(line, chunk))
    if not bullet and not marker:
        return None
    if not bullet:
        # "see 5.5 c) and\ne) below": a letter at the start of a wrapped line is no item by itself.
        previous = current.marker if current and current.kind == "item" else ""
        unfinished = current is not None and current.kind == "item" and not _is_complete(current)
        if mid_sentence or (unfinished and not is_successor(marker, previous)):
            return None
    level = nesting.level(line.indent, marker or bullet, current.words.end if current else "")
    return _Piece("item", [line], marker or bullet, level, first=words if marker else rest)


def _row(line: Line, chunk: Chunk) -> _Piece | None:
    cells = [strip_markup(fold(cell))[0] for cell in line.raw.strip(" ").split("\t")]
    while cells and not cells[-1]:
        cells.pop()
    if not cells or not cells[0] or len(cells[0]) > _MAX_FIRST_CELL_CHARACTERS:
        return None
    if len(cells) == 1 and chunk.tabbed == 1:
        return None  # a stray tab at a line's end; among rows it ends the name of a section
    # "5.1.2<TAB>Why" is a heading with a tab; "1<TAB>text" among other rows is a row.
    is_alone = "." in cells[0].rstrip(".") or len(chunk.lines) == 1
    if len(cells) == 2 and is_alone and heading_number(" ".join(cells)) == cells[0].rstrip("."):
        return None
    if len(cells) == 2 and (split_bullet(cells[0] + " x")[0] or split_marker(cells[0] + " x")[0]):
        return None
    return _Piece("row", [line], cells=tuple(cells), first=line.text, closed=True)


def _is_dotted_item(line: Line, chunk: Chunk) -> bool:
    """Return whether "1. text" is a list item: its neighbour is numbered too, or it is a sentence."""
    marker, words = split_marker(line.text, dotted=True)
    if not marker.endswith("."):
        return False
    if line.indent or ends_sentence(words):
        return True
    return any(is_successor(marker, other) or is_successor(other, marker) for other in chunk.markers)


def _continues(line: Line, current: _Piece, chunk: Chunk) -> bool:
    if current.kind in ("item", "note"):
        return continues_item(line, current.lines[0], current.words)
    return not starts_paragraph(line, current.lines[-1], chunk)


def _is_complete(piece: _Piece) -> bool:
    return piece.closed or piece.words.ends_sentence or (len(piece.lines) == 1 and piece.words.length < 40)


def _was_split_by_a_page_break(before: _Piece, after: _Piece) -> bool:
    if before.closed or before.kind not in ("paragraph", "item", "note") or after.kind != "paragraph":
        return False
    if before.words.length < 60 or before.words.ends_sentence or not starts_lower(after.first):
        return False
    return before.words.length > MAX_HEADING_CHARACTERS or not is_heading_line(before.words.text)


def _title(blocks: tuple[Block, ...], text: str, path: Path) -> str:
    for block in blocks[:8]:
        if is_emphasised(text[block.start : block.end]) and len(block.text) <= _MAX_TITLE_CHARACTERS:
            return block.text
    first = blocks[0] if blocks else None
    if first and first.kind == "paragraph" and len(first.text) <= 120 and not first.text.endswith((".", ";", ":")):
        return first.text
    return path.stem
