"""The numbers and list markers that Word shows but does not store in the text.

Rules: ECMA-376 Part 1, 17.9 (numbering) and 17.9.23 (the numbering of a style).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn

from assistant.sources.docx_styles import Styles, is_on, value

_DEFAULT_STEP_TWIPS = 360
_LEVELS = 9


@dataclass(frozen=True, slots=True)
class Number:
    """A displayed number or marker ("5.1.2", "a)", "-" for any bullet) and its indentation in twips."""

    text: str
    indent: float


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    pattern: str
    start: int
    indent: float | None
    style: str
    decimal_only: bool


class Numbering:
    """Counts the numbered paragraphs of one document; ask for each paragraph once, in order."""

    def __init__(self, element: Any, styles: Styles) -> None:
        self._styles = styles
        self._abstract: dict[str, dict[int, _Level]] = {}
        self._of_number: dict[str, str] = {}
        self._overrides: dict[str, dict[int, _Level]] = {}
        self._restarts: dict[str, dict[int, int]] = {}
        self._counters: dict[str, list[int | None]] = {}
        if element is not None:
            self._load(element)

    def number(self, paragraph: Any, style_id: str) -> Number | None:
        """Return what Word shows before this paragraph, or None where it has no number."""
        number_id, depth = self._reference(paragraph, style_id)
        abstract = self._of_number.get(number_id, "")
        levels = {**self._abstract.get(abstract, {}), **self._overrides.get(number_id, {})}
        level = levels.get(depth)
        if level is None:
            return None
        counters = self._count(number_id, abstract, depth, levels)
        indent = self._own_indent(paragraph)
        if indent is None:
            indent = level.indent if level.indent is not None else (depth + 1) * _DEFAULT_STEP_TWIPS
        if level.form == "bullet":
            return Number("-", indent)
        text = _display(level, levels, counters)
        return Number(text, indent) if text else None

    def indent(self, paragraph: Any, style_id: str) -> float:
        """Return the left indentation of a paragraph without a number, in twips."""
        own = self._own_indent(paragraph)
        if own is not None:
            return own
        return _left(self._styles.property(style_id, "w:pPr/w:ind")) or 0

    def _load(self, element: Any) -> None:
        linked: dict[str, str] = {}
        for abstract in element.findall(qn("w:abstractNum")):
            name = abstract.get(qn("w:abstractNumId"), "")
            self._abstract[name] = _levels(abstract)
            if style := value(abstract.find(qn("w:numStyleLink"))):
                linked[name] = style
        for number in element.findall(qn("w:num")):
            self._load_number(number)
        for name, style in linked.items():
            reference = value(self._styles.property(style, "w:pPr/w:numPr/w:numId"))
            target = self._of_number.get(reference, "")
            self._abstract[name] = self._abstract.get(target, {})

    def _load_number(self, number: Any) -> None:
        name = number.get(qn("w:numId"), "")
        self._of_number[name] = value(number.find(qn("w:abstractNumId")))
        self._overrides[name] = {}
        self._restarts[name] = {}
        for override in number.findall(qn("w:lvlOverride")):
            depth = _integer(override.get(qn("w:ilvl")), 0)
            self._overrides[name].update(_levels(override))
            start = override.find(qn("w:startOverride"))
            if start is not None:
                self._restarts[name][depth] = _integer(value(start), 1)

    def _reference(self, paragraph: Any, style_id: str) -> tuple[str, int]:
        """Return the number id and the depth, from the paragraph itself or else from its style."""
        own = paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        own_id = value(own.find(qn("w:numId"))) if own is not None else ""
        own_depth = value(own.find(qn("w:ilvl"))) if own is not None else ""
        style_number = value(self._styles.property(style_id, "w:pPr/w:numPr/w:numId"))
        number_id = own_id or style_number
        if number_id in ("", "0"):
            return "", 0
        if own_depth:
            return number_id, _integer(own_depth, 0)
        if not own_id:
            for depth, level in self._abstract.get(self._of_number.get(number_id, ""), {}).items():
                if level.style and level.style == style_id:
                    return number_id, depth
            return number_id, _integer(value(self._styles.property(style_id, "w:pPr/w:numPr/w:ilvl")), 0)
        return number_id, 0

    def _count(self, number_id: str, abstract: str, depth: int, levels: dict[int, _Level]) -> list[int | None]:
        # Numbers that share an abstract list go on counting together until one restarts it.
        counters = self._counters.setdefault(abstract, [None] * _LEVELS)
        for restart, start in self._restarts.pop(number_id, {}).items():
            if restart < _LEVELS:
                counters[restart:] = [start - 1] + [None] * (_LEVELS - restart - 1)
        before = counters[depth]
        counters[depth] = levels[depth].start if before is None else before + 1
        counters[depth + 1 :] = [None] * (_LEVELS - depth - 1)
        for outer in range(depth):
            if counters[outer] is None:
                counters[outer] = levels[outer].start if outer in levels else 1
        return counters

    @staticmethod
    def _own_indent(paragraph: Any) -> float | None:
        return _left(paragraph.find(f"{qn('w:pPr')}/{qn('w:ind')}"))


def _levels(parent: Any) -> dict[int, _Level]:
    levels: dict[int, _Level] = {}
    for element in parent.findall(qn("w:lvl")):
        depth = _integer(element.get(qn("w:ilvl")), 0)
        if 0 <= depth < _LEVELS:
            levels[depth] = _Level(
                form=value(element.find(qn("w:numFmt")), "decimal"),
                pattern=value(element.find(qn("w:lvlText"))),
                start=_integer(value(element.find(qn("w:start"))), 1),
                indent=_left(element.find(f"{qn('w:pPr')}/{qn('w:ind')}")),
                style=value(element.find(qn("w:pStyle"))),
                decimal_only=is_on(element.find(qn("w:isLgl"))),
            )
    return levels


def _display(level: _Level, levels: dict[int, _Level], counters: list[int | None]) -> str:
    if level.form == "none":
        return re.sub(r"%\d", "", level.pattern).strip()

    def shown(found: re.Match[str]) -> str:
        depth = int(found.group(1)) - 1
        form = "decimal" if level.decimal_only or depth not in levels else levels[depth].form
        return format_number(counters[depth] or 0, form) if 0 <= depth < _LEVELS else ""

    return " ".join(re.sub(r"%([1-9])", shown, level.pattern).split())


def format_number(number: int, form: str) -> str:
    """Return a number in one of Word's forms ("decimal", "lowerLetter", "upperRoman", ...)."""
    if form in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1) if number > 0 else ""
        return letter.upper() if form == "upperLetter" else letter
    if form in ("lowerRoman", "upperRoman"):
        roman = _roman(number)
        return roman.upper() if form == "upperRoman" else roman
    if form == "none":
        return ""
    return f"{number:02d}" if form == "decimalZero" else str(number)


def _roman(number: int) -> str:
    signs = (
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    )
    text = ""
    for worth, sign in signs:
        while number >= worth and len(text) < 40:
            text += sign
            number -= worth
    return text


def _left(indentation: Any) -> float | None:
    if indentation is None:
        return None
    for name in ("w:left", "w:start"):
        text = str(indentation.get(qn(name), ""))
        if re.fullmatch(r"-?\d+", text):
            return float(text)
    return None


def _integer(text: object, default: int) -> int:
    found = str(text)
    return int(found) if re.fullmatch(r"-?\d{1,6}", found) else default
