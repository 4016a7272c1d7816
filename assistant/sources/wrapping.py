"""Which line breaks of a text file end a paragraph, and which only wrap it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from assistant.sources.light_markup import OpenEmphasis
from assistant.sources.lines import (
    ends_in_page_number,
    ends_sentence,
    fold,
    follows,
    glue,
    is_contents_line,
    split_bullet,
    split_marker,
    starts_lower,
    without_closing,
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


class Wrapped:
    """The words of one paragraph, taken in line by line: asking how it stands costs no more the longer it gets.

    Args:
        line: Its first line.

    Attributes:
        end: Its last two characters.
        length: Characters of all of it.
    """

    def __init__(self, line: str) -> None:
        self._parts: list[str] = []
        self.end = self._last = ""
        self._emphasis = OpenEmphasis()
        self.length = 0
        self.add(line)

    def add(self, line: str) -> None:
        """Take in the next line."""
        words = fold(line)
        self._parts += (glue(self.end), words)
        self.end = (self.end + self._parts[-2] + words)[-2:]
        # A line of nothing but closing signs is judged together with what it closes.
        self._last = words if without_closing(words) else self._last + words
        self._emphasis.read(words)
        self.length += len(self._parts[-2]) + len(words)

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self._parts)

    @property
    def opens_emphasis(self) -> bool:
        """Whether bold or italics are still open at its end."""
        return bool(self._emphasis)

    @property
    def ends_sentence(self) -> bool:
        """Whether it ends in final punctuation, closing quotes and brackets aside."""
        return ends_sentence(self._last)


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
    def tabbed(self) -> int:
        """Number of lines with a tab."""
        return sum("\t" in line.raw for line in self.lines)

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


def continues_item(line: Line, first: Line, words: Wrapped) -> bool:
    """Return whether prose on `line` still belongs to the item or note that began on `first`."""
    return line.indent > first.indent or starts_lower(line.text) or not words.ends_sentence


def is_successor(marker: str, previous: str) -> bool:
    """Return whether `marker` continues a list after `previous`, in the same style."""
    return bool(previous) and marker[-1:] == previous[-1:] and follows(marker, previous)
