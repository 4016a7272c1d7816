"""The lines of a PDF page, from the characters that a reader of the page can see."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.sources.lines import visible

_SMALLEST_SIZE_POINTS = 2.0
_BOLD = re.compile(r"bold|black|heavy|semibold|demi", re.IGNORECASE)
_SYMBOL = re.compile(r"\(cid:\d+\)|[\ue000-\uf8ff]")
_WORD_GAP = 0.18  # of the font size; spaces are often not stored but only left blank
_COLUMN_GAP = 2.0
_MIN_CHARACTERS_A_COLUMN = 120
_MIN_CHARACTERS_A_FACING_PAGE = 30


@dataclass(frozen=True, slots=True)
class PdfLine:
    """One line of a page or of a column of it.

    Attributes:
        text: Its words; a tab stands where a wide gap parts them.
        x0: Left edge in points from the left of the page.
        x1: Right edge.
        top: Upper edge in points from the top of the page.
        bottom: Lower edge.
        size: Size of most of its characters in points.
        bold: Whether all of it is bold.
        page: Page number from 1.
        column: Column number from 0.
    """

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    bold: bool
    page: int
    column: int = 0


def visible_characters(page: Any) -> list[dict[str, Any]]:
    """Return the upright characters of a pdfplumber page that can be seen: on the page, large enough,
    and not white on white."""
    grounds: list[tuple[float, float, float, float]] | None = None
    kept = []
    for char in page.chars:
        middle_x, middle_y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
        on_page = page.bbox[0] <= middle_x <= page.bbox[2] and page.bbox[1] <= middle_y <= page.bbox[3]
        if not on_page or not char["upright"] or char["size"] < _SMALLEST_SIZE_POINTS:
            continue
        if _is_white(char.get("non_stroking_color")):
            grounds = _coloured_grounds(page) if grounds is None else grounds
            if not any(x0 <= middle_x <= x1 and top <= middle_y <= bottom for x0, top, x1, bottom in grounds):
                continue
        kept.append(char)
    return kept


def lines_of(characters: Iterable[dict[str, Any]], page: int, column: int = 0) -> list[PdfLine]:
    """Group characters into lines, top to bottom."""
    rows: list[list[dict[str, Any]]] = []
    top = bottom = 0.0
    for char in sorted(characters, key=lambda char: (char["top"], char["x0"])):
        overlap = min(bottom, char["bottom"]) - max(top, char["top"])
        height = min(bottom - top, char["bottom"] - char["top"])
        if rows and overlap > 0.5 * height:
            rows[-1].append(char)
            bottom = max(bottom, char["bottom"]) if char["text"].strip() else bottom
        elif char["text"].strip():
            rows.append([char])
            top, bottom = char["top"], char["bottom"]
    lines = (_line(row, page, column) for row in rows)
    return [line for line in lines if line is not None]


def columns_of(characters: Sequence[dict[str, Any]], width: float, height: float) -> list[list[dict[str, Any]]]:
    """Return the characters column by column: two where a blank band runs down the middle of the page.

    Args:
        characters: The page's characters, those of tables left out.
        width: Of the page in points.
        height: Of the page in points; a page that is wider than high is two facing pages or a slide.
    """
    inked = [char for char in characters if char["text"].strip()]
    places = [width * (0.42 + 0.01 * step) for step in range(17)]
    blank = [place for place in places if not any(char["x0"] - 6 < place < char["x1"] + 6 for char in inked)]
    if not inked or not blank:
        return [list(characters)]
    gutter = min(blank, key=lambda place: abs(place - width / 2))
    left = [char for char in characters if char["x1"] <= gutter]
    right = [char for char in characters if char["x1"] > gutter]
    facing = width > height and min(len(left), len(right)) > _MIN_CHARACTERS_A_FACING_PAGE
    if facing or _both_are_prose(left, right, gutter) or _is_side_title(left, right):
        return [left, right]
    return [list(characters)]


def _is_side_title(left: list[dict[str, Any]], right: list[dict[str, Any]]) -> bool:
    """A chapter's title in large letters on the left, its text on the right."""
    sizes = [Counter(round(char["size"]) for char in side if char["text"].strip()) for side in (left, right)]
    if not sizes[0] or sizes[1].total() < _MIN_CHARACTERS_A_COLUMN:
        return False
    return bool(sizes[0].most_common(1)[0][0] > 1.3 * sizes[1].most_common(1)[0][0])


def _both_are_prose(left: list[dict[str, Any]], right: list[dict[str, Any]], gutter: float) -> bool:
    """Tell columns from a table or a contents page: both sides have lines that reach over their width."""
    for side in (left, right):
        if len(side) < _MIN_CHARACTERS_A_COLUMN:
            return False
        widths = [line.x1 - line.x0 for line in lines_of(side, 0)]
        long_lines = sum(1 for width in widths if width > 0.45 * gutter)
        if long_lines < max(3, 0.35 * len(widths)):
            return False
    return True


def _line(row: list[dict[str, Any]], page: int, column: int) -> PdfLine | None:
    inked = [char for char in row if char["text"].strip()]
    if not inked:
        return None
    size = Counter(round(char["size"] * 2) / 2 for char in inked).most_common(1)[0][0]
    inked = [char for char in inked if not _is_raised_digit(char, row, size)] or inked
    kept = {id(char) for char in inked}
    ordered = sorted(
        (char for char in row if id(char) in kept or not char["text"].strip()), key=lambda char: char["x0"]
    )
    text = _letter_bullet(_without_symbols(_spaced(ordered, size)), inked)
    if not text:
        return None
    body = [char for char in inked if char["text"].isalnum()] or inked
    return PdfLine(
        text=text,
        x0=min(char["x0"] for char in inked),
        x1=max(char["x1"] for char in inked),
        top=min(char["top"] for char in inked),
        bottom=max(char["bottom"] for char in inked),
        size=size,
        bold=all(_BOLD.search(char["fontname"]) for char in body),
        page=page,
        column=column,
    )


def _spaced(ordered: list[dict[str, Any]], size: float) -> str:
    parts: list[str] = []
    before: dict[str, Any] | None = None
    for char in ordered:
        if not char["text"].strip():
            parts.append(" ")
            continue
        if before is not None:
            gap = char["x0"] - before["x1"]
            if char["text"] == before["text"] and abs(char["x0"] - before["x0"]) < 0.1 * size:
                continue  # printed twice, a little apart, to look bold
            if gap > _COLUMN_GAP * size:
                parts.append("\t")
            elif gap > _WORD_GAP * size:
                parts.append(" ")
        parts.append(char["text"])
        before = char
    return re.sub(r" *\t *", "\t", re.sub(r" {2,}", " ", "".join(parts)))


def _without_symbols(text: str) -> str:
    """Drop glyphs of symbol fonts that have no letter; at the start of a line such a glyph is a bullet."""
    text = visible(text).strip()
    if found := _SYMBOL.match(text):
        text = "• " + text[found.end() :].lstrip()
    return re.sub(r"\s*\t\s*", "\t", _SYMBOL.sub("", text)).strip().removesuffix("•").rstrip()


def _letter_bullet(text: str, inked: list[dict[str, Any]]) -> str:
    """Word prints the second level of bullets as the letter "o" of another font."""
    first = min(inked, key=lambda char: char["x0"])
    fonts = Counter(char["fontname"] for char in inked)
    if re.match(r"o\s", text) and fonts.most_common(1)[0][0] != first["fontname"]:
        return "•" + text[1:]
    return text


def _is_raised_digit(char: dict[str, Any], row: list[dict[str, Any]], size: float) -> bool:
    """A small digit above the baseline is the mark of a footnote and no part of the words."""
    if char["size"] > 0.75 * size or not char["text"].isdigit():
        return False
    base = max(other["bottom"] for other in row if other["size"] > 0.75 * size)
    return bool(char["bottom"] < base - 0.2 * size)


def _is_white(colour: Any) -> bool:
    if isinstance(colour, int | float):
        return bool(colour >= 0.99)
    if not isinstance(colour, tuple | list) or not all(isinstance(part, int | float) for part in colour):
        return False
    if len(colour) == 4:
        return bool(max(colour) <= 0.01)
    return len(colour) in (1, 3) and bool(min(colour) >= 0.99)


def _coloured_grounds(page: Any) -> list[tuple[float, float, float, float]]:
    """Boxes of what is painted in a colour or is a picture: white words upon it can be read."""
    shapes = [shape for shape in [*page.rects, *page.curves] if shape.get("fill")]
    painted = [shape for shape in shapes if not _is_white(shape.get("non_stroking_color"))]
    return [(shape["x0"], shape["top"], shape["x1"], shape["bottom"]) for shape in [*painted, *page.images]]
