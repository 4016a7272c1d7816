"""Sections -> Clause tree: citation ids, list items, notes, rows, text with offsets."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field

from assistant.clauses.clause import Clause, ClauseKind, Part, PartKind, citation_id
from assistant.clauses.lists import Marker, read_markers
from assistant.clauses.outline import NOT_HELD, Section
from assistant.clauses.tables import TableReader
from assistant.sources.document import Block
from assistant.sources.manifest import Rendition


def slug(heading: str) -> str:
    """A heading as a locator: lower case, words joined by hyphens ("section" where nothing is left)."""
    return re.sub(r"[^\w]+", "-", heading.lower(), flags=re.UNICODE).strip("-") or "section"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A line of a clause as it is shown, the locator it is cited by and the block it came from."""

    kind: PartKind
    line: str
    locator: str
    block: Block
    has_header: bool = False


@dataclass
class _Draft:
    """A clause while its blocks are being read."""

    locator: str
    kind: ClauseKind
    number: str
    heading: str
    parent: str | None
    path: tuple[str, ...]
    held: bool
    page: int | None
    pieces: list[_Piece] = field(default_factory=list)
    children: list[_Draft] = field(default_factory=list)


def build_tree(
    sections: Sequence[Section], source_id: str, rendition: Rendition, *, slugs: bool = False
) -> list[Clause]:
    """Clauses of one source in reading order.

    Args:
        sections: Sections in reading order.
        source_id: Prefix of the citation ids.
        rendition: Which rendition these clauses are.
        slugs: Use heading slugs where a section has no number (plans, life cycle).

    Returns:
        Clauses, list items and rows, each with the citation id of its parent; `order` counts them from 0.
        No two have the same id: equal headings, the letters of a second list in a section and the rows of a
        second table of one name get -2, -3.
    """
    drafts: list[_Draft] = []
    taken: dict[str, int] = {}
    above: list[tuple[int, _Draft]] = []
    for section in sections:
        locator, kind = _identity(section, slugs)
        locator = _unique(locator, taken)
        while above and above[-1][0] >= section.level:
            above.pop()
        outer = above[-1][1] if above else None
        parent = _parent_locator(locator, outer, taken)
        heading = section.heading or (outer.heading if section.number and kind != "annex" and outer else locator)
        path = (*(outer.path if outer else ()), _shown(section, kind, locator))
        draft = _Draft(locator, kind, _number(section, kind), heading, parent, path, section.held, section.page)
        if len(section.blocks) == 1 and NOT_HELD.match(section.blocks[0].text):
            draft.held = False
        else:
            _ListReader(draft, taken, section.blocks).read()
        drafts.append(draft)
        above.append((section.level, draft))
    return _finish(drafts, source_id, rendition)


def _identity(section: Section, slugs: bool) -> tuple[str, ClauseKind]:
    if section.kind == "annex":
        return f"Annex {section.number}", "annex"
    if section.number:
        return section.number, "section" if slugs else "clause"
    if section.kind == "front_matter" and not slugs:
        return section.heading, "front_matter"
    return slug(section.heading), "section"


def _shown(section: Section, kind: ClauseKind, locator: str) -> str:
    """A section as it stands in a path of headings; a clause without one by its number alone."""
    if section.number and section.heading and kind != "annex":
        return f"{section.number} {section.heading}"
    return section.heading or locator


def _number(section: Section, kind: ClauseKind) -> str:
    return section.number if kind in ("clause", "section") else ""


def _unique(locator: str, taken: dict[str, int]) -> str:
    count = taken.get(locator, 0) + 1
    taken[locator] = count
    if count == 1:
        return locator
    while f"{locator}-{count}" in taken:
        count += 1
    taken[f"{locator}-{count}"] = 1
    return f"{locator}-{count}"


def _parent_locator(locator: str, outer: _Draft | None, known: Container[str]) -> str | None:
    """A numbered clause belongs to the number it extends; anything else to the heading above it."""
    if re.fullmatch(r"\d+(?:\.\d+)+", locator):
        upper = locator.rpartition(".")[0]
        if upper in known:
            return upper
    return outer.locator if outer else None


class _ListReader:
    """Reads the blocks of one section: paragraphs, lettered and unlettered items, notes, rows of tables.

    Args:
        draft: The section; its pieces and children are filled.
        taken: The locators of the whole tree, since letters return in a section and tables in a document.
        blocks: What stands in the section.
    """

    def __init__(self, draft: _Draft, taken: dict[str, int], blocks: Sequence[Block]) -> None:
        self._draft = draft
        self._taken = taken
        self._blocks = blocks
        self._markers = read_markers(blocks)
        self._table = TableReader(blocks)
        self._count = 0
        self._open: list[tuple[str, int, _Draft]] = []

    def read(self) -> None:
        for i, block in enumerate(self._blocks):
            if block.kind == "item":
                self._table.close()
                self._item(block, self._markers[i])
            elif block.kind == "note" or re.match(r"^NOTE\b", block.text):
                # A note between two items belongs to the item before it; the list goes on after it.
                between = self._open and i + 1 < len(self._blocks) and self._blocks[i + 1].kind == "item"
                target = self._open[-1][2] if between else self._draft
                self._note(block, target)
                if not between:
                    self._open = []
            elif self._table.takes_row(i):
                self._row(i)
            elif not self._table.takes_group(i):
                if block.kind != "row" and not self._table.begins(i):
                    self._table.close()
                self._paragraph(block, block.text)

    def _paragraph(self, block: Block, text: str) -> None:
        self._open = []
        self._draft.pieces.append(_Piece("paragraph", text, self._draft.locator, block))

    def _note(self, block: Block, target: _Draft) -> None:
        text = block.text if block.text[:4].upper() == "NOTE" else f"NOTE {block.text}"
        target.pieces.append(_Piece("note", text, target.locator, block))
        if target is not self._draft:
            self._draft.pieces.append(_Piece("note", text, target.locator, block))

    def _item(self, block: Block, marker: Marker) -> None:
        depth = self._depth(marker.style, block.level)
        del self._open[depth:]
        parent = self._open[-1][2] if self._open else None
        # A numbered list is counted by position, unless the numbers stand below an item of their own.
        name = marker.name if marker.name and (parent or marker.style != "digit") else self._position(parent)
        base = (parent or self._draft).locator
        locator = f"{base} {name}" if not (parent and name.startswith(".")) else f"{base}{name}"
        locator = _unique(locator, self._taken)
        owner = parent or self._draft
        item = _Draft(
            locator, "item", "", self._draft.heading, owner.locator, (*self._draft.path, name), True, block.page
        )
        item.pieces.append(_Piece("item", block.text, locator, block))
        shown = f"{block.marker or '-'} {block.text}"
        for above in [self._draft, *(entry[2] for entry in self._open)]:
            above.pieces.append(_Piece("item", shown, locator, block))
        owner.children.append(item)
        self._open.append((marker.style, block.level, item))

    def _depth(self, style: str, level: int) -> int:
        for i, (open_style, open_level, _) in enumerate(self._open):
            if level <= open_level and (style == open_style or level < open_level or open_style == "bullet"):
                return i
        return len(self._open)

    def _position(self, parent: _Draft | None) -> str:
        if parent is not None:
            return f".{len(parent.children) + 1}"
        self._count += 1
        return f"#{self._count}"

    def _row(self, place: int) -> None:
        block = self._blocks[place]
        if block.marker == "header":
            if words := self._table.reads_header(place):
                self._paragraph(block, words)
            return
        if block.marker == "first":
            self._table.header = ()
        numbered = self._table.numbered_row(block)
        if numbered:
            group, number, words = numbered
            self._add_row(f"{self._table.number} {group}", number, words, block, group)
        else:
            self._count += 1
            self._add_row(self._draft.locator, f"#{self._count}", self._table.words(block), block)

    def _add_row(self, base: str, number: str, text: str, block: Block, shown_with: str = "") -> None:
        self._open = []
        locator = _unique(f"{base} {number}", self._taken)
        heading = shown_with or self._draft.heading
        row = _Draft(locator, "row", "", heading, self._draft.locator, (*self._draft.path, heading), True, block.page)
        has_header = any(self._table.header) and not shown_with
        row.pieces.append(_Piece("row", text, locator, block, has_header))
        shown = f"{shown_with} {number}: {text}" if shown_with else f"- {text}"
        self._draft.pieces.append(_Piece("row", shown, locator, block, has_header))
        self._draft.children.append(row)


def _finish(drafts: Sequence[_Draft], source_id: str, rendition: Rendition) -> list[Clause]:
    clauses: list[Clause] = []
    for draft in drafts:
        for each in _walk(draft):
            clauses.append(_clause(each, source_id, rendition, len(clauses)))
    return clauses


def _walk(draft: _Draft) -> Iterable[_Draft]:
    yield draft
    for child in draft.children:
        yield from _walk(child)


def _clause(draft: _Draft, source_id: str, rendition: Rendition, order: int) -> Clause:
    lines: list[str] = []
    parts: list[Part] = []
    offset = 0
    for piece in draft.pieces:
        end, block = offset + len(piece.line), piece.block
        cited = citation_id(source_id, piece.locator)
        parts.append(Part(piece.kind, offset, end, cited, block.start, block.end, block.page, piece.has_header))
        lines.append(piece.line)
        offset = end + 1
    return Clause(
        citation_id=citation_id(source_id, draft.locator),
        source_id=source_id,
        locator=draft.locator,
        kind=draft.kind,
        number=draft.number,
        heading=draft.heading,
        text="\n".join(lines),
        parent=citation_id(source_id, draft.parent) if draft.parent else None,
        rendition=rendition,
        held=draft.held,
        order=order,
        parts=tuple(parts),
        page=draft.page,
        path=draft.path,
    )
