"""Lines of a PDF -> headings, paragraphs, list items and notes."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from assistant.sources.assembly import Piece, row_piece
from assistant.sources.lines import (
    ends_sentence,
    fold,
    follows,
    heading_number,
    is_contents_line,
    is_heading_line,
    is_note,
    item_parts,
    split_marker,
    starts_lower,
)
from assistant.sources.nesting import Nesting
from assistant.sources.pdf_lines import PdfLine

_LARGER = 1.12
_NEW_PARAGRAPH_GAP = 1.3
_MAX_HEADING_CHARACTERS = 200
_INDENT_TOLERANCE_POINTS = 4.0


@dataclass(frozen=True, slots=True)
class PageRow:
    """A table row on its page, between the lines."""

    cells: list[str]
    page: int


@dataclass
class _Group:
    """The lines of one block."""

    lines: list[PdfLine]
    marker: str = ""
    is_note: bool = False

    @property
    def last(self) -> PdfLine:
        return self.lines[-1]

    @property
    def raw(self) -> str:
        return " ".join(fold(line.text) for line in self.lines)


class Blocks:
    """Turns the lines and rows of one document into pieces."""

    def __init__(self, content: Sequence[PdfLine | PageRow]) -> None:
        self._content = content
        lines = [entry for entry in content if isinstance(entry, PdfLine)]
        self._body_size = _body_size(lines)
        self._leading = _leading(lines)
        self._right = _right_edges(lines)
        self._vocabulary = Counter(word for line in lines for word in re.findall(r"[\w-]+", line.text.lower()))
        self._dotted = _dotted_items(lines, self._body_size)
        self._ranks: dict[tuple[float, bool], int] = {}
        self._outline: list[int] = []

    def pieces(self) -> Iterator[Piece]:
        """Yield the pieces in reading order."""
        groups = list(self._groups())
        self._ranks = _ranks(group for group in groups if isinstance(group, _Group) and self._is_heading(group))
        nesting = Nesting()
        before = ""
        for group in groups:
            if isinstance(group, PageRow):
                piece = row_piece(group.cells, page=group.page)
            else:
                piece = self._piece(group, nesting, before)
            if piece and piece.text:
                before = piece.text
                yield piece

    def _groups(self) -> Iterator[_Group | PageRow]:
        current: _Group | None = None
        for entry in self._content:
            if isinstance(entry, PageRow):
                if current:
                    yield current
                current = None
                yield entry
                continue
            if current and not self._begins_block(entry, current):
                current.lines.append(entry)
                continue
            if current:
                yield current
            current = _Group([entry], marker=self._marker(entry, current), is_note=is_note(entry.text))
        if current:
            yield current

    def _begins_block(self, line: PdfLine, group: _Group) -> bool:
        last, text = group.last, fold(line.text)
        if abs(line.size - last.size) > 0.6 or is_contents_line(text) or is_contents_line(fold(last.text)):
            return True
        mid_sentence = not ends_sentence(last.text) and self._is_full(last, line)
        if line.page != last.page or line.column != last.column:
            # A long paragraph that breaks off at a full line goes on, even with a name or a number.
            goes_on = starts_lower(text) or (len(group.lines) > 2 and not group.marker and self._is_full(last, line))
            joins = not ends_sentence(last.text) and goes_on and line.bold == last.bold
            return not joins or bool(self._marker(line, group)) or self._is_heading(group)
        if line.bold != last.bold and not mid_sentence:
            return True
        if line.top - last.top > _NEW_PARAGRAPH_GAP * max(self._leading.get(line.size, line.size * 1.2), line.size):
            return True
        if is_heading_line(fold(last.text)) and len(group.lines) == 1 and not group.marker:
            return not self._is_full(last, line) or is_heading_line(text)
        if self._marker(line, group):
            return True
        if (is_note(text) or is_heading_line(text)) and not mid_sentence:
            return True
        return ends_sentence(last.text) and self._steps_aside(line, group)

    def _steps_aside(self, line: PdfLine, group: _Group) -> bool:
        """Whether a line after a finished sentence starts a paragraph: the last line was left short, or
        the indentation changes."""
        if group.marker:
            return line.x0 <= group.lines[0].x0 + 2 or not self._is_full(group.last, line)
        if line.x0 > group.last.x0 + line.size:
            return True
        return not self._is_full(group.last, line)

    def _is_full(self, last: PdfLine, line: PdfLine) -> bool:
        """Whether the first word of `line` would not have found room at the end of `last`."""
        words = line.text.split()
        width = (line.x1 - line.x0) * (len(words[0]) + 1) / max(1, len(line.text))
        return last.x1 + width > self._right.get((last.page, last.column), last.x1) - 2

    def _marker(self, line: PdfLine, current: _Group | None) -> str:
        text = fold(line.text)
        parts = item_parts(text)
        if parts:
            typed = not re.match(r"[•·▪◦●○■□–—*➢➤✓\uf0a7\uf0b7-]", text)
            if typed and current and not ends_sentence(current.raw):
                same_list = current.marker and abs(current.lines[0].x0 - line.x0) < _INDENT_TOLERANCE_POINTS
                if not same_list and self._is_full(current.last, line) and line.page == current.last.page:
                    return ""  # "see 5.5 c) and / e) below": a wrapped cross-reference
            return parts[0]
        return split_marker(text, dotted=True)[0] if id(line) in self._dotted else ""

    def _piece(self, group: _Group, nesting: Nesting, before: str) -> Piece | None:
        text, page = self._joined(group.lines), group.lines[0].page
        if self._is_heading(group):
            nesting.paragraph(text, is_heading=True)
            return Piece("heading", text, self._level(group, text), page=page)
        if group.is_note:
            return Piece("note", text, page=page)
        if group.marker:
            parts = item_parts(text) or split_marker(text, dotted=True)
            x0 = group.lines[0].x0 + 10_000 * group.lines[0].column
            level = nesting.level(x0, group.marker, before, tolerance=_INDENT_TOLERANCE_POINTS)
            return Piece("item", parts[1], level, group.marker, page=page)
        nesting.paragraph(text, is_heading=is_heading_line(text))
        return Piece("paragraph", text, page=page)

    def _is_heading(self, group: _Group) -> bool:
        text = group.raw
        if len(text) > _MAX_HEADING_CHARACTERS or sum(sign.isalpha() for sign in text) < 2:
            return False
        if group.is_note or is_contents_line(text):
            return False
        size = group.last.size
        if size >= self._body_size * _LARGER:
            short = size >= self._body_size * 1.3 and len(text) <= 120
            return not group.marker and (short or not ends_sentence(text) or text.endswith(("?", ":", "!")))
        bold = all(line.bold for line in group.lines)
        if not bold or size < self._body_size * 0.9 or len(group.lines) > 3:
            return False
        return not group.marker and (not ends_sentence(text) or text.endswith("?"))

    def _level(self, group: _Group, text: str) -> int:
        """The depth of a heading: its number's, else one more than the larger heading before it has."""
        rank = self._ranks.get((group.last.size, group.last.bold), 6)
        while self._outline and self._outline[-1] >= rank:
            self._outline.pop()
        self._outline.append(rank)
        number = heading_number(text)
        return min(6, number.count(".") + 1 if number else len(self._outline))

    def _joined(self, lines: list[PdfLine]) -> str:
        text = ""
        for line in lines:
            words = fold(line.text)
            hyphenated = re.search(r"(\w+)-$", text)
            if not text:
                text = words
            elif hyphenated and starts_lower(words):
                text = self._dehyphenated(text, hyphenated.group(1), words)
            else:
                text += (" " if not hyphenated else "") + words
        return text

    def _dehyphenated(self, text: str, head: str, words: str) -> str:
        """Join a word parted at a line end: as the document writes it elsewhere, else without hyphen."""
        tail = (re.match(r"[\w-]+", words) or re.match("", words)).group()  # type: ignore[union-attr]
        closed, open_form = (head + tail).lower(), f"{head}-{tail}".lower()
        known_parts = self._vocabulary[head.lower()] and self._vocabulary[tail.lower()] > 1
        if self._vocabulary[closed] or not (self._vocabulary[open_form] or known_parts):
            return text[:-1] + words
        return text + words


def _ranks(headings: Iterable[_Group]) -> dict[tuple[float, bool], int]:
    """Rank the styles of headings, largest first; sizes nearly alike count as one, bold before light."""
    styles = Counter((heading.last.size, heading.last.bold) for heading in headings)
    ranks: dict[tuple[float, bool], int] = {}
    rank, leader = 0, (0.0, False)
    for size, bold in sorted(styles, key=lambda style: (-style[0], not style[1])):
        if not rank or size < 0.9 * leader[0] or (leader[1] and not bold and size < leader[0]):
            rank, leader = rank + 1, (size, bold)
        ranks[size, bold] = rank
    return ranks


def _dotted_items(lines: Sequence[PdfLine], body_size: float) -> set[int]:
    """Find the lines whose "1." or "a." marks a list item and not a numbered heading.

    They are in body type and either sentences, or the list goes on at the same edge with nothing but
    indented lines between.
    """
    items: set[int] = set()
    open_at: dict[float, tuple[str, PdfLine]] = {}
    for line in lines:
        edge = round(line.x0 / 3) * 3.0 + 10_000 * line.column
        open_at = {x0: entry for x0, entry in open_at.items() if x0 <= edge + 3}
        marker, words = split_marker(fold(line.text), dotted=True)
        if not marker.endswith(".") or line.bold or line.size > body_size * _LARGER:
            if any(abs(x0 - edge) <= 3 for x0 in open_at) and not starts_lower(fold(line.text)):
                open_at = {x0: entry for x0, entry in open_at.items() if abs(x0 - edge) > 3}
            continue
        near = next((entry for x0, entry in open_at.items() if abs(x0 - edge) <= 3), None)
        if near and follows(marker, near[0]):
            items |= {id(line), id(near[1])}
        elif ends_sentence(words):
            items.add(id(line))
        open_at = {x0: entry for x0, entry in open_at.items() if abs(x0 - edge) > 3}
        open_at[edge] = (marker, line)
    return items


def _body_size(lines: Sequence[PdfLine]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _leading(lines: Sequence[PdfLine]) -> dict[float, float]:
    """The usual distance between two lines of one size, in points."""
    steps: dict[float, list[float]] = {}
    for before, line in itertools.pairwise(lines):
        same = (before.page, before.column, before.size) == (line.page, line.column, line.size)
        if same and 0 < line.top - before.top < 2.2 * line.size:
            steps.setdefault(line.size, []).append(line.top - before.top)
    return {size: _usual(found) for size, found in steps.items()}


def _usual(steps: list[float]) -> float:
    """Lines inside a paragraph are the closest ones: take the commonest step, the smaller of equals."""
    counts = Counter(round(step * 2) / 2 for step in steps)
    often = [step for step, count in counts.items() if count >= 0.5 * max(counts.values())]
    return min(min(often), median(steps)) if often else median(steps)


def _right_edges(lines: Sequence[PdfLine]) -> dict[tuple[int, int], float]:
    edges: dict[tuple[int, int], float] = {}
    for line in lines:
        key = (line.page, line.column)
        edges[key] = max(edges.get(key, 0.0), line.x1)
    return edges
