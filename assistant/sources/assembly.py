"""Pieces -> Document, for the forms whose readable text the reader itself has to make."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.sources.document import Block, BlockKind, Document
from assistant.sources.lines import (
    ends_sentence,
    fold,
    is_heading_line,
    is_note,
    item_parts,
    join_wrapped,
)

Media = Literal["text", "markdown", "html", "docx", "pdf"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A block before its place in the text is known; the fields are those of `Block`."""

    kind: BlockKind
    text: str
    level: int = 0
    marker: str = ""
    cells: tuple[str, ...] = ()
    page: int | None = None
    references: tuple[str, ...] = ()


def row_piece(cells: Iterable[str], *, marker: str = "", page: int | None = None) -> Piece | None:
    """Return a row of folded cells, None where all are empty.

    Every cell is kept, so that each stays in its column; the text leaves out empty ones at both ends.
    """
    folded = tuple(fold(cell) for cell in cells)
    text = "\t".join(folded).strip("\t")
    return Piece("row", text, marker=marker, cells=folded, page=page) if text else None


def pieces_of_lines(
    text: str, *, level: int = 1, page: int | None = None, references: tuple[str, ...] = ()
) -> Iterator[Piece]:
    """Yield what one paragraph of a file holds: usually itself, else the items, notes or headings that
    were typed into it with forced line breaks.

    Args:
        text: The paragraph's words with "\\n" at its line breaks.
        level: Level for list items.
        page: Page number for all pieces.
        references: Link texts; each goes to the first piece that holds it.
    """
    left = list(references)
    for lines in _line_groups(text):
        whole = join_wrapped(lines)
        parts = item_parts(whole)
        mine = tuple(name for name in left if name in whole)
        left = [name for name in left if name not in mine]
        if is_note(whole):
            yield Piece("note", whole, page=page, references=mine)
        elif parts and not is_heading_line(whole):
            yield Piece("item", parts[1], level, parts[0], page=page, references=mine)
        else:
            yield Piece("paragraph", whole, page=page, references=mine)


def _line_groups(text: str) -> Iterator[list[str]]:
    group: list[str] = []
    for line in filter(None, (fold(line) for line in text.split("\n"))):
        if group:
            whole = " ".join(group)
            heading_ended = is_heading_line(whole)
            fresh = ends_sentence(whole) or bool(item_parts(whole))
            if heading_ended or (fresh and (item_parts(line) or is_note(line) or is_heading_line(line))):
                yield group
                group = []
        group.append(line)
    if group:
        yield group


def assemble(
    pieces: Iterable[Piece], *, path: Path, media: Media, title: str, data: bytes, pages: int | None = None
) -> Document:
    """Lay the pieces out as one text, an item with its marker, and point each block to its words.

    Here `document.text[block.start:block.end]` is exactly `block.text`.
    """
    parts: list[str] = []
    blocks: list[Block] = []
    offset = 0
    for piece in pieces:
        lead = f"{'  ' * (piece.level - 1)}{piece.marker} " if piece.kind == "item" and piece.marker else ""
        start = offset + len(lead)
        blocks.append(
            Block(
                piece.kind,
                piece.text,
                start,
                start + len(piece.text),
                piece.level,
                piece.marker,
                piece.cells,
                piece.page,
                piece.references,
            )
        )
        parts.append(lead + piece.text)
        offset = start + len(piece.text) + 2
    text = "\n\n".join(parts)
    sha256 = hashlib.sha256(data).hexdigest()
    return Document(path, media, title or path.stem, text, tuple(blocks), sha256, pages)
