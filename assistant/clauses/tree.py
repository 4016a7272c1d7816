"""Sections -> Clause tree: citation ids, list items, notes, rows, text with offsets."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field, replace

from assistant.clauses.clause import Clause, ClauseKind, Part, PartKind, Rendition, citation_id
from assistant.clauses.outline import NOT_HELD, Section
from assistant.sources.document import Block

_LETTER = re.compile(r"^\(?([a-z])[).]$")
_DIGIT = re.compile(r"^\(?(\d{1,2})[).]$")
_TABLE_TITLE = re.compile(r"^Table[ \t]+((?:[A-Z]\.)?\d+)\b")
_ROW_NUMBER = re.compile(r"^\d{1,3}[.)]?$")


def slug(heading: str) -> str:
    """A heading as a locator: lower case, words joined by hyphens ("section" where nothing is left)."""
    return re.sub(r"[^\w]+", "-", heading.lower(), flags=re.UNICODE).strip("-") or "section"


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
    pieces: list[tuple[PartKind, str, str, Block]] = field(default_factory=list)
    """Kind, line as shown, locator it is cited by, block it came from."""
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
    ancestors: list[tuple[int, str, str]] = []
    for section in sections:
        locator, kind = _identity(section, slugs)
        locator = _unique(locator, taken)
        while ancestors and ancestors[-1][0] >= section.level:
            ancestors.pop()
        parent = _parent_locator(locator, ancestors, taken)
        heading = section.heading or locator
        shown = f"{section.number} {heading}" if kind == "clause" or (kind == "section" and section.number) else heading
        path = (*(a[2] for a in ancestors), shown)
        draft = _Draft(locator, kind, _number(section, kind), heading, parent, path, section.held, section.page)
        if len(section.blocks) == 1 and NOT_HELD.match(section.blocks[0].text):
            draft.held = False
        else:
            _ListReader(draft, taken).read(section.blocks)
        drafts.append(draft)
        ancestors.append((section.level, locator, shown))
    return _finish(drafts, source_id, rendition)


def _identity(section: Section, slugs: bool) -> tuple[str, ClauseKind]:
    if section.kind == "annex":
        return f"Annex {section.number}", "annex"
    if section.number:
        return section.number, "section" if slugs else "clause"
    if section.kind == "front_matter" and not slugs:
        return section.heading, "front_matter"
    return slug(section.heading), "section"


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


def _parent_locator(locator: str, ancestors: Sequence[tuple[int, str, str]], known: Container[str]) -> str | None:
    """A numbered clause belongs to the number it extends; anything else to the heading above it."""
    if re.fullmatch(r"\d+(?:\.\d+)+", locator):
        upper = locator.rpartition(".")[0]
        if upper in known:
            return upper
    return ancestors[-1][1] if ancestors else None


class _ListReader:
    """Reads the blocks of one section: paragraphs, lettered and unlettered items, notes, rows of tables.

    Args:
        draft: The section; its pieces and children are filled.
        taken: The locators of the whole tree, since letters return in a section and tables in a document.
    """

    def __init__(self, draft: _Draft, taken: dict[str, int]) -> None:
        self._draft = draft
        self._taken = taken
        self._count = 0
        self._open: list[tuple[str, int, _Draft]] = []
        self._table = ""
        self._group = ""
        self._header: tuple[str, ...] = ()

    def read(self, blocks: Sequence[Block]) -> None:
        for i, block in enumerate(blocks):
            if block.kind == "item":
                self._item(block)
            elif block.kind == "note" or re.match(r"^NOTE\b", block.text):
                # A note between two items belongs to the item before it; the list goes on after it.
                between = self._open and i + 1 < len(blocks) and blocks[i + 1].kind == "item"
                target = self._open[-1][2] if between else self._draft
                self._note(block, target)
                if not between:
                    self._open = []
            elif self._is_row(block):
                self._row(block)
            elif self._table and self._is_group(block):
                self._group = block.text.strip()
            else:
                self._paragraph(block)

    def _paragraph(self, block: Block) -> None:
        title = _TABLE_TITLE.match(block.text)
        if title and len(block.text) < 160 and not block.text.rstrip().endswith("."):
            self._table = title[1]
            self._group = ""
            return
        self._open = []
        self._draft.pieces.append(("paragraph", block.text, self._draft.locator, block))

    def _note(self, block: Block, target: _Draft) -> None:
        text = block.text if block.text.startswith("NOTE") else f"NOTE {block.text}"
        target.pieces.append(("note", text, target.locator, block))
        if target is not self._draft:
            self._draft.pieces.append(("note", text, target.locator, block))

    def _item(self, block: Block) -> None:
        letter, digit = _LETTER.match(block.marker), _DIGIT.match(block.marker)
        style = "letter" if letter else "digit" if digit else "bullet"
        depth = self._depth(style, block.level)
        del self._open[depth:]
        parent = self._open[-1][2] if self._open else None
        if letter:
            name = f"{letter[1]})"
        elif digit and parent is not None:
            name = f"{digit[1]})"
        else:
            name = self._position(parent)
        base = (parent or self._draft).locator
        locator = f"{base} {name}" if not (parent and name.startswith(".")) else f"{base}{name}"
        locator = _unique(locator, self._taken)
        owner = parent or self._draft
        item = _Draft(
            locator, "item", "", self._draft.heading, owner.locator, (*self._draft.path, name), True, block.page
        )
        item.pieces.append(("item", block.text, locator, block))
        shown = f"{name} {block.text}" if letter or digit else f"- {block.text}"
        for above in [self._draft, *(entry[2] for entry in self._open)]:
            above.pieces.append(("item", shown, locator, block))
        owner.children.append(item)
        self._open.append((style, block.level, item))

    def _depth(self, style: str, level: int) -> int:
        for i, (open_style, open_level, _) in enumerate(self._open):
            if level <= open_level and (style == open_style or level < open_level or open_style == "bullet"):
                return i
        if self._open and self._open[-1][0] == style and level <= self._open[-1][1]:
            return len(self._open) - 1
        return len(self._open)

    def _position(self, parent: _Draft | None) -> str:
        if parent is not None:
            return f".{len(parent.children) + 1}"
        self._count += 1
        return f"#{self._count}"

    def _is_group(self, block: Block) -> bool:
        text = block.text.strip()
        return block.kind in ("paragraph", "row", "heading") and len(text) < 80 and not text.endswith((".", ";", ":"))

    def _is_row(self, block: Block) -> bool:
        if block.kind == "row":
            return block.marker == "header" or len([c for c in block.cells if c.strip()]) > 1 or not self._table
        return bool(self._table and re.match(r"^\d{1,2}[ \t]+\S", block.text))

    def _row(self, block: Block) -> None:
        if block.marker == "header":
            self._header = block.cells
            return
        cells = [c.strip() for c in block.cells] if block.cells else block.text.split(None, 1)
        if self._table and len(cells) == 3 and _ROW_NUMBER.match(cells[1]):
            self._group, cells = cells[0], cells[1:]
        if self._table and self._group and len(cells) == 2 and _ROW_NUMBER.match(cells[0]):
            self._add_row(f"{self._table} {self._group}", cells[0].rstrip(".)"), cells[1], block, self._group)
            return
        self._count += 1
        named = [
            f"{h.strip()}: {c}" if h.strip() and c else c for h, c in zip(self._titles(cells), cells, strict=False)
        ]
        self._add_row(self._draft.locator, f"#{self._count}", "; ".join(n for n in named if n), block)

    def _titles(self, cells: Sequence[str]) -> Sequence[str]:
        return self._header if len(self._header) == len(cells) else [""] * len(cells)

    def _add_row(self, base: str, number: str, text: str, block: Block, shown_with: str = "") -> None:
        self._open = []
        locator = _unique(f"{base} {number}", self._taken)
        heading = shown_with or self._draft.heading
        row = _Draft(locator, "row", "", heading, self._draft.locator, (*self._draft.path, heading), True, block.page)
        row.pieces.append(("row", text, locator, block))
        shown = f"{shown_with} {number}: {text}" if shown_with else f"- {text}"
        self._draft.pieces.append(("row", shown, locator, block))
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
    for kind, line, locator, block in draft.pieces:
        parts.append(
            Part(
                kind,
                offset,
                offset + len(line),
                citation_id(source_id, locator),
                block.start,
                block.end,
                block.page,
            )
        )
        lines.append(line)
        offset += len(line) + 1
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


def reordered(clauses: Iterable[Clause]) -> list[Clause]:
    """The same clauses with `order` counted anew, for trees that were joined from several files."""
    return [replace(clause, order=i) for i, clause in enumerate(clauses)]
