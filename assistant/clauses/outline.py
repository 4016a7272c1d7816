"""Sections of a document: which block is a heading, what its number is, which blocks it governs.

Handles three shapes with one result: numbered standards (also as flat text with a contents page), documents
with real headings (plans, the digest), and pages whose headings are bare lines. What the shapes look like
in real files is described in docs/architecture.md, "What a parser must get right".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.clauses.numbering import FINAL, MAX_HEADING, Heading, NumberedHeadings, read_heading
from assistant.sources.document import Block, Document

WATERMARK = re.compile(r"^\[?STANDARDS?ISO\.COM\b.*$|click to view (?:the )?full pdf", re.IGNORECASE)
_TABLE = re.compile(r"^Table[ \t]+(?P<number>(?:[A-Z]\.)?\d+)\b[ \t]*[—–:.-]*[ \t]*(?P<title>.*)$")
_CONTENTS_ENTRY = re.compile(
    r"^\s*(?P<entry>\S.*?)(?:[ \t]*(?:\.[ \t]?){3,}[ \t]*|\t+[ \t]*|[ \t]{2,}|[ \t]+(?=\d{1,3}\s*$|[ivxlc]{1,6}\s*$))(?P<page>[ivxlc]{1,6}|\d{1,3})\s*$"
)
NOT_HELD = re.compile(r"^\*?text not held\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the blocks up to the next one.

    Attributes:
        heading: The heading's words without its number.
        number: "5.1.3" where numbered, "A" for Annex A, "" otherwise.
        kind: "clause", "annex", "front_matter" or "section".
        level: Depth from 1; numbered clauses by their number, others by the file's own levels.
        blocks: What stands under it, without the heading.
        start: Offset of the heading in the document's text.
        end: Offset one past the heading.
        held: False for an entry that only the contents page knows.
        page: Page of the heading where the file has pages.
    """

    heading: str
    number: str
    kind: str
    level: int
    blocks: tuple[Block, ...]
    start: int
    end: int
    held: bool = True
    page: int | None = None


def tidy_blocks(document: Document) -> list[Block]:
    """The blocks without watermarks, with paragraphs that a page break split joined again."""
    kept: list[Block] = []
    for block in document.blocks:
        text = WATERMARK.sub("", block.text).strip() if WATERMARK.search(block.text) else block.text
        if not text.strip():
            continue
        block = replace(block, text=text)
        if kept and _continues(kept[-1], block):
            first = kept.pop()
            block = replace(
                first,
                text=f"{first.text} {block.text}",
                end=block.end,
                references=first.references + block.references,
            )
        kept.append(block)
    return kept


def _continues(first: Block, second: Block) -> bool:
    """A paragraph that ends in the middle of a sentence and one that starts in lower case are one."""
    return (
        first.kind in ("paragraph", "item")
        and second.kind == "paragraph"
        and len(first.text) > 40
        and not FINAL.search(first.text)
        and second.text[:1].islower()
    )


def contents_entries(document: Document, blocks: Sequence[Block]) -> tuple[list[str], range]:
    """Entries of a contents page (without page numbers) and the range of blocks it fills (empty where none)."""
    first = next((i for i, b in enumerate(blocks) if b.text.strip().lower() in ("contents", "table of contents")), None)
    if first is None:
        return [], range(0)
    entries: list[str] = []
    last, page = first, 0
    for i in range(first + 1, len(blocks)):
        if _letters(blocks[i].text) in map(_letters, entries):
            break  # the body: its first heading may end in a number ("Stage 1")
        lines = [line for line in document.text[blocks[i].start : blocks[i].end].splitlines() if line.strip()]
        found = [_contents_entry(line, page) for line in lines]
        if not lines or not all(m or _contents_noise(line) for m, line in zip(found, lines, strict=True)):
            joined = _split_joined_entries(blocks[i].text)
            if not joined:
                break
            entries += joined
        else:
            entries += [re.sub(r"\s+", " ", m["entry"]).strip() for m in found if m]
            page = max([page, *(int(m["page"]) for m in found if m and m["page"].isdigit())])
        last = i
    if last == first + 1 and _is_body(blocks[last : last + 2]):
        return [], range(first, last)
    return entries, range(first, last + 1)


def _is_body(blocks: Sequence[Block]) -> bool:
    """Whether the one entry of a contents page is a heading ("Phase 1") below a page that was never filled."""
    entry = _CONTENTS_ENTRY.match(blocks[0].text)
    if blocks[0].kind != "heading" or entry is None or _has_leader(entry):
        return False
    return len(blocks) == 1 or _letters(blocks[1].text) != _letters(entry["entry"])


def _contents_entry(line: str, page: int) -> re.Match[str] | None:
    """A line as an entry of a contents page that has come to a page; a mere space may lead to none before it."""
    entry = _CONTENTS_ENTRY.match(line)
    if entry is None or _has_leader(entry):
        return entry
    falls = int(entry["page"]) < page if entry["page"].isdigit() else page > 0
    return None if falls else entry


def _has_leader(entry: re.Match[str]) -> bool:
    return entry.string[entry.end("entry") : entry.start("page")] != " "


def _contents_noise(line: str) -> bool:
    text = line.strip().strip("*")
    return bool(WATERMARK.search(text)) or text.lower() in ("page", "contents", "") or text.isdigit()


def _split_joined_entries(text: str) -> list[str]:
    """Entries of a contents page whose lines a reader joined into one paragraph."""
    pieces = re.split(r"(?:\.[ ]?){4,}\s*(?:[ivxlc]{1,6}|\d{1,3})(?=\s|$)", text)
    if len(pieces) < 2 or pieces[-1].strip():
        return []
    return [re.sub(r"^\s*Page\s+", "", p).strip() for p in pieces if p.strip()]


def numbered_sections(document: Document, title: str = "") -> list[Section]:
    """Sections of a numbered standard, from real headings or from flat text; then what only the contents know.

    Args:
        document: The document as read.
        title: The standard's title, which is repeated before its first clause and belongs to none.
    """
    blocks = tidy_blocks(document)
    entries, contents = contents_entries(document, blocks)
    titles = {_letters(title)} | {_letters(b.text) for b in blocks[: contents.start] if len(b.text) > 20}
    listed = {h.number for e in entries if (h := read_heading(e)) and h.kind == "clause"}
    aside = {i for i, b in enumerate(blocks) if i in contents or (b.kind != "item" and _letters(b.text) in titles)}
    headings = NumberedHeadings(blocks, aside, listed)
    builder = _SectionBuilder()
    for i, block in enumerate(blocks):
        if i in aside:
            continue
        heading = headings.opens(i)
        if heading is None:
            builder.add(block)
            continue
        builder.open(heading, block)
        if not heading.title and heading.kind == "clause":
            builder.add(replace(block, kind="paragraph", level=0, marker=""))
    sections = builder.finish()
    return sections + _unheld(entries, sections)


def opening_section(document: Document, sections: Sequence[Section]) -> Section | None:
    """What stands before the first section of a plan, to be cited under the document's title.

    Args:
        document: The document as read.
        sections: Its sections, found by `numbered_sections`.

    Returns:
        One section at the top level; None where nothing but the title and a contents page stands there.
    """
    blocks = tidy_blocks(document)
    _, contents = contents_entries(document, blocks)
    first = next((s.start for s in sections if s.held), len(document.text))
    wordless = ("", _letters(document.title))
    kept = [
        b for i, b in enumerate(blocks) if i not in contents and b.start < first and _letters(b.text) not in wordless
    ]
    if not kept:
        return None
    start, page = kept[0].start, kept[0].page
    return Section(document.title, "", "section", 1, tuple(kept), start, start, page=page)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _unheld(entries: Sequence[str], sections: Sequence[Section]) -> list[Section]:
    """What stands in the contents page and nowhere in the body: known by number and title alone."""
    found = {(s.kind, s.number or s.heading) for s in sections}
    missing = []
    for entry in entries:
        heading = read_heading(entry)
        if heading and (heading.kind, heading.number or heading.title) not in found:
            level = heading.number.count(".") + 1 if heading.kind == "clause" else 1
            missing.append(Section(heading.title, heading.number, heading.kind, level, (), 0, 0, held=False))
    return missing


class _SectionBuilder:
    """Collects blocks under the heading that was opened last."""

    def __init__(self) -> None:
        self._sections: list[Section] = []
        self._blocks: list[Block] = []
        self._open: Section | None = None

    def open(self, heading: Heading, block: Block) -> None:
        self._close()
        level = heading.number.count(".") + 1 if heading.kind == "clause" else 1
        self._begin(heading, block, level)

    def open_at(self, heading: Heading, block: Block, level: int) -> None:
        """Open a section at the level that the file itself gives."""
        self._close()
        self._begin(heading, block, level)

    def _begin(self, heading: Heading, block: Block, level: int) -> None:
        self._open = Section(
            heading.title, heading.number, heading.kind, level, (), block.start, block.end, page=block.page
        )

    def add(self, block: Block) -> None:
        self._blocks.append(block)

    def _close(self) -> None:
        if self._open is not None:
            self._sections.append(replace(self._open, blocks=tuple(self._blocks)))
        self._blocks = []

    def finish(self) -> list[Section]:
        self._close()
        self._open = None
        return [_name_annex(s) for s in self._sections]


def _name_annex(section: Section) -> Section:
    """An annex whose title stands on the line below its letter gets it as its heading."""
    if section.kind != "annex" or section.heading or not section.blocks:
        return section
    first = section.blocks[0]
    if first.kind in ("paragraph", "heading") and not FINAL.search(first.text) and len(first.text) < MAX_HEADING:
        return replace(section, heading=first.text, blocks=section.blocks[1:], end=first.end)
    return section


def headed_sections(document: Document, *, numbered: bool = False) -> list[Section]:
    """Sections of a document that has headings of its own (a plan, the digest).

    Args:
        document: The document as read.
        numbered: Its headings are those of a numbered text: depth comes from the numbers, a title at level 1
            is no section, and what stands before the first section is left out. Otherwise depth comes from
            the file's own levels and what stands before the first heading is cited under the title.
    """
    blocks = tidy_blocks(document)
    _, contents = contents_entries(document, blocks)
    builder = _SectionBuilder()
    opened = False
    for i, block in enumerate(blocks):
        if i in contents:
            continue
        if block.kind == "heading" and _TABLE.match(block.text):
            builder.add(replace(block, kind="paragraph"))
        elif block.kind == "heading" and not (numbered and block.level == 1):
            heading = read_heading(block.text) or Heading("", block.text, "section")
            if numbered:
                builder.open(heading, block)
            else:
                builder.open_at(heading, block, block.level)
            opened = True
        elif opened:
            builder.add(block)
        elif not numbered and block.kind != "heading":
            builder.open_at(Heading("", document.title, "section"), replace(block, end=block.start), 1)
            builder.add(block)
            opened = True
    return builder.finish()
