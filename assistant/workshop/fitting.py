"""How much room a text takes, measured with Helvetica's widths, so that no slide needs a renderer to be known to fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Advance widths of Helvetica (Arial and Liberation Sans are drawn to the same), in thousandths of the size, from " " to "~".
_REGULAR = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556,
    556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_OTHER = {"’": 222, "‘": 222, "“": 333, "”": 333, "–": 556, "—": 1000, "·": 278, "•": 350, "…": 1000, "→": 1000}
_UNKNOWN = 667
_BOLD_FACTOR = 1.07
LINE_HEIGHT = 1.2
"""Height of a line as a multiple of the size; Arial's own is 1.15."""
# Fonts of an organisation's template are not known: none in common use runs wider than this.
SAFETY = 1.06


@dataclass(frozen=True, slots=True)
class Run:
    """A paragraph to be measured.

    Attributes:
        text: Its words.
        scale: Its size as a multiple of the size of the whole.
        bold: Whether it is bold.
        indent_em: Indent of all its lines, in multiples of its size.
        after_em: Space after it, likewise.
    """

    text: str
    scale: float = 1.0
    bold: bool = False
    indent_em: float = 0.0
    after_em: float = 0.5


def text_width(text: str, size_pt: float, *, bold: bool = False) -> float:
    """Width of a text on one line, in points, on the safe side."""
    units = 0
    for char in text:
        code = ord(char) - 32
        units += _REGULAR[code] if 0 <= code < len(_REGULAR) else _OTHER.get(char, _UNKNOWN)
    return units * size_pt / 1000 * SAFETY * (_BOLD_FACTOR if bold else 1.0)


def count_lines(text: str, width_pt: float, size_pt: float, *, bold: bool = False) -> int:
    """Lines that a text takes in this width; a word that is wider than a line is broken, as renderers do."""
    space = text_width(" ", size_pt, bold=bold)
    lines, used = 1, 0.0
    for word in text.split():
        needed = text_width(word, size_pt, bold=bold)
        if used and used + space + needed > width_pt:
            lines, used = lines + 1, 0.0
        while needed > width_pt > 0:
            lines, needed = lines + 1, needed - width_pt
        used += needed + (space if used else 0.0)
    return lines


def height(runs: Sequence[Run], width_pt: float, size_pt: float) -> float:
    """Height in points that paragraphs take in this width."""
    total = 0.0
    for run in runs:
        size = size_pt * run.scale
        lines = count_lines(run.text, width_pt - run.indent_em * size, size, bold=run.bold)
        total += lines * size * LINE_HEIGHT + run.after_em * size
    return total


def fitting_size(
    runs: Sequence[Run], width_pt: float, height_pt: float, largest: float, smallest: float
) -> float | None:
    """The largest size, in whole points, at which the paragraphs fit; None where even the smallest is too large."""
    size = largest
    while size >= smallest:
        if height(runs, width_pt, size) <= height_pt:
            return size
        size -= 1
    return None
