"""Which line breaks of a text file end a paragraph, and which only wrap it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from assistant.sources.lines import (
    ends_in_page_number,
    ends_sentence,
    follows,
    is_contents_line,
    split_bullet,
    split_marker,
    starts_lower,
)

_LONG_LINE_CHARACTERS = 100
_MAX_WRAPPED_CHARACTERS = 140


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank.

    Attributes:
        text: Its words, outer white space removed.
        raw: The line with its indentation, right end stripped of nothing but spaces.
        start: Offset of the first word in the whole text.
        end: Offset one past the last word.
        indent: Columns before the first word; a tab counts as four.
    """

    text: str
    raw: str
    start: int
    end: int
    indent: int


@dataclass(frozen=True)
class Chunk:
    """The lines between two blank lines."""

    lines: list[Line]

    @cached_property
    def width(self) -> int:
        """Characters of the longest line."""
        return max(len(line.text) for line in self.lines)

    @cached_property
    def has_a_paragraph_a_line(self) -> bool:
        """Whether single line breaks part paragraphs here: long lines, of uneven length."""
        if self.width <= _LONG_LINE_CHARACTERS:
            return False
        even = all(len(line.text) >= self.width - 20 for line in self.lines[:-1])
        return self.width > _MAX_WRAPPED_CHARACTERS or not even

    @cached_property
    def markers(self) -> tuple[str, ...]:
        """The list markers that the lines begin with, "1." included."""
        found = (split_marker(split_bullet(line.text)[1], dotted=True)[0] for line in self.lines)
        return tuple(marker for marker in found if marker)

    @cached_property
    def is_contents_like(self) -> bool:
        """Whether every line ends in a page number, as the entries of a contents page do."""
        return all(
            is_contents_line(line.text) or ends_in_page_number(line.raw) or line.text.lower() == "page"
            for line in self.lines
        )


def starts_paragraph(line: Line, before: Line, chunk: Chunk) -> bool:
    """Return whether prose on `line` is a paragraph of its own and not a continuation of `before`."""
    if starts_lower(line.text):
        return False
    if chunk.has_a_paragraph_a_line:
        return not before.text.endswith(",")
    # A line much shorter than its neighbours was ended on purpose: a title, or a paragraph's last line.
    return len(before.text) < 0.6 * chunk.width


def continues_item(line: Line, first: Line, words: str) -> bool:
    """Return whether prose on `line` still belongs to the item or note that began on `first`."""
    return line.indent > first.indent or starts_lower(line.text) or not ends_sentence(words)


def is_successor(marker: str, previous: str) -> bool:
    """Return whether `marker` continues a list after `previous`, in the same style."""
    return bool(previous) and marker[-1:] == previous[-1:] and follows(marker, previous)
