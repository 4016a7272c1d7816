"""The values that the readers make: a document as a sequence of blocks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

BlockKind = Literal["heading", "paragraph", "item", "row", "note"]


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item, table row or note, in reading order.

    Attributes:
        kind: What the block is, as far as the file itself says so (a style, a tag, a bullet).
        text: The words, white space folded, markup removed. For a row the cells joined by a tab,
            without empty ones at both ends.
        start: Offset in code points of the block in `Document.text`.
        end: Offset one past its last code point.
        level: Heading level from 1; nesting depth of a list item from 1; otherwise 0.
        marker: What stood before a list item ("a)", "1)", "-"); "header" for a row of a table's header, "first"
            for the first row of a table without one; else empty.
        cells: The cells of a table row, one for each column, else empty.
        page: Page number from 1 where the file has pages (PDF), else None.
        references: Link texts inside the block ("Annex A", "5.6.3"), in order.
    """

    kind: BlockKind
    text: str
    start: int
    end: int
    level: int = 0
    marker: str = ""
    cells: tuple[str, ...] = ()
    page: int | None = None
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One source file, read.

    Attributes:
        path: Where it was read from.
        media: "text", "markdown", "html", "docx" or "pdf".
        title: The document's own title where it has one, else the file's stem.
        text: The readable text of the whole file; block spans point into it.
        blocks: The blocks in reading order.
        sha256: Hex digest of the file's bytes.
        pages: Number of pages, None where the form has none.
    """

    path: Path
    media: Literal["text", "markdown", "html", "docx", "pdf"]
    title: str
    text: str
    blocks: tuple[Block, ...]
    sha256: str
    pages: int | None = None
