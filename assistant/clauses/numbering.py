"""Numbered headings: which lines of a flat text have the shape of one, and which of those open a clause."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.sources.document import Block

FINAL = re.compile(r"[.;:?!,]['\")\]’”]?$")
MAX_HEADING = 160
_NUMBERED = re.compile(r"^(?P<number>\d{1,2}(?:\.\d{1,3}){0,6})\.?[ \t]+(?P<title>\S.*)$")
_ANNEX = re.compile(
    r"^Annex[ \t]+(?P<letter>[A-Z])\b[ \t.:—–-]*(?P<status>\((?:informative|normative)\))?[ \t:—–-]*(?P<title>.*)$",
    re.IGNORECASE,
)
FRONT_MATTER = ("Foreword", "Introduction", "Bibliography", "Abstract", "Preface", "Executive summary")
_FRONT = {name.lower(): name for name in FRONT_MATTER}
# "2 Risks:" is a heading, "2 Owners shall:" leads into a list.
_LEADS_ON = re.compile(r"\b(?:shall|should|must|will|may|can|to|are|is|by|following|that)$", re.IGNORECASE)
_MAX_COLON_WORDS = 8
_MARKER = re.compile(r"^\d{1,2}(?:\.\d{1,3}){0,6}\.?$")
_MAX_GAP = 3


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading line taken apart; the kinds are those of `Section`."""

    number: str
    title: str
    kind: str


def read_heading(text: str) -> Heading | None:
    """A heading line taken apart, or None when the words do not have the shape of one."""
    words = re.sub(r"\s+", " ", text.replace("\t", " ")).strip().strip("*#").strip()
    if not words or len(words) > MAX_HEADING:
        return None
    if words.lower() in _FRONT:
        return Heading("", _FRONT[words.lower()], "front_matter")
    annex = _ANNEX.match(words)
    if annex and not FINAL.search(words):
        return Heading(annex["letter"].upper(), annex["title"].strip(), "annex")
    numbered = _NUMBERED.match(words)
    title = _without_colon(numbered["title"].strip()) if numbered else ""
    if numbered and title and not FINAL.search(title):
        return Heading(numbered["number"], title, "clause")
    return None


def _without_colon(title: str) -> str:
    bare = title.removesuffix(":").rstrip()
    return title if len(bare.split()) > _MAX_COLON_WORDS or _LEADS_ON.search(bare) else bare


def follows(number: str, previous: str, known: Container[str] = ()) -> bool:
    """Whether a clause number can come right after another: first child, next sibling, or next of an ancestor."""
    if number in known:
        return True
    new = [int(n) for n in number.split(".")]
    if not previous:
        return new[-1] in (0, 1) and all(n in (0, 1) for n in new)
    old = [int(n) for n in previous.split(".")]
    if len(new) > len(old):
        return new[: len(old)] == old and all(n == 1 for n in new[len(old) :])
    return new[:-1] == old[: len(new) - 1] and new[-1] == old[len(new) - 1] + 1


def skips(number: str, previous: str) -> list[str]:
    """The numbers left out between a clause and the next one (3 between 2.4 and 4); empty where that is no step on."""
    new, old = number.split("."), previous.split(".")
    depth = len(new)
    if not previous or depth > len(old) or new[:-1] != old[: depth - 1]:
        return []
    gap = range(int(old[depth - 1]) + 1, int(new[-1]))
    return [".".join([*new[:-1], str(n)]) for n in gap] if len(gap) <= _MAX_GAP else []


class NumberedHeadings:
    """Decides in reading order which blocks of a text open a section.

    Args:
        blocks: The blocks of the text.
        aside: Places of blocks that belong to no section, such as a contents page.
        listed: Clause numbers that the contents page names.
    """

    def __init__(self, blocks: Sequence[Block], aside: Container[int], listed: Iterable[str]) -> None:
        self._blocks = blocks
        self._aside = aside
        self._listed = frozenset(listed)
        self._candidates = self._found()
        self._opened: set[str] = set()
        self._previous = ""
        self._in_annex = False

    def opens(self, place: int) -> Heading | None:
        """The heading that a block is; its title is "" where only a number stands before the words."""
        heading = self._candidates.get(place)
        if heading is None or (heading.kind == "clause" and not self._is_next(heading, place)):
            return None
        if heading.kind == "clause":
            self._previous = heading.number
            self._opened.add(heading.number)
        self._in_annex = heading.kind == "annex" or (self._in_annex and heading.kind != "front_matter")
        return heading

    def _is_next(self, heading: Heading, place: int) -> bool:
        is_heading = self._blocks[place].kind == "heading"
        if heading.number in self._opened or (self._in_annex and not is_heading):
            return False
        if is_heading:
            return True
        known = frozenset() if self._in_annex else self._listed - self._opened
        if not (follows(heading.number, self._previous, known) or self._is_jump(heading, place)):
            return False
        return not self._returns(heading, place)

    def _is_jump(self, heading: Heading, place: int) -> bool:
        """Whether a line goes on after numbers that the text lacks: it stands alone, with text below it."""
        left_out = skips(heading.number, self._previous)
        if not left_out or self._blocks[place].kind == "row" or heading.title[:1].islower():
            return False
        later = {c.number for i, c in self._candidates.items() if i > place}
        return not later.intersection(left_out) and self._has_text(heading, place)

    def _returns(self, heading: Heading, place: int) -> bool:
        """Whether a line only announces a heading that comes later, with its text."""
        title = _letters(heading.title)
        again = [
            i
            for i, c in self._candidates.items()
            if i > place and c.number == heading.number and title.rstrip("0123456789") == _letters(c.title)
        ]
        return bool(again) and not self._has_text(heading, place) and self._has_text(heading, again[-1])

    def _has_text(self, heading: Heading, place: int) -> bool:
        """Whether text stands below a heading or below one of its subclauses."""
        for below in range(place + 1, len(self._blocks)):
            if below in self._aside:
                continue
            other = self._candidates.get(below)
            if other is None:
                return True
            if other.kind != "clause" or not other.number.startswith(f"{heading.number}."):
                return False
        return not heading.title

    def _found(self) -> dict[int, Heading]:
        by_marker = _numbered_by_word(self._blocks)
        found: dict[int, Heading] = {}
        for place, block in enumerate(self._blocks):
            if place in self._aside:
                continue
            if block.kind in ("heading", "paragraph"):
                heading = read_heading(block.text)
            elif block.kind == "row" and self._stands_alone(place):
                heading = read_heading(block.text)
                heading = heading if heading and heading.kind == "clause" and "." in heading.number else None
            else:
                heading = by_marker.get(place)
            if heading:
                found[place] = heading
        return found

    def _stands_alone(self, place: int) -> bool:
        """Whether a row is a number and a title, parted by a tab, and no part of a table."""
        beside = (*self._blocks[max(0, place - 1) : place], *self._blocks[place + 1 : place + 2])
        two = sum(1 for cell in self._blocks[place].cells if cell.strip()) == 2
        return two and not any(b.kind == "row" for b in beside)


def _numbered_by_word(blocks: Sequence[Block]) -> Mapping[int, Heading]:
    """Clauses of a text without headings whose numbers are those of one list of several levels (1., 1.1, 1.1.1)."""
    numbers = {i: b.marker.rstrip(".") for i, b in enumerate(blocks) if b.kind == "item" and _MARKER.match(b.marker)}
    whole = set(numbers.values())
    if any(b.kind == "heading" for b in blocks) or not any("." in n and n.split(".")[0] in whole for n in whole):
        return {}
    levels: dict[int, int] = {}
    found = {}
    for place, number in numbers.items():
        block = blocks[place]
        # A plain list that is numbered too stands at another depth than the clauses.
        if levels.setdefault(number.count("."), block.level) == block.level:
            found[place] = read_heading(f"{number} {block.text}") or Heading(number, "", "clause")
    return found


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
