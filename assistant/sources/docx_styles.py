"""What a Word style means: heading level, contents entry, hidden or white words, numbering."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from docx.oxml.ns import qn

_HEADING_NAME = re.compile(r"heading ([1-9])")
_BODY_LEVEL = 9  # the outline level that Word writes for "body text"
_LARGEST_INVISIBLE_HALF_POINTS = 3
_LIGHT = {"", "AUTO", "FFFFFF", "CLEAR"}


class Styles:
    """The styles of one document, resolved through what they are based on."""

    def __init__(self, element: Any) -> None:
        self._by_id: dict[str, Any] = {}
        self._default = ""
        for style in element.findall(qn("w:style")):
            name = style.get(qn("w:styleId"), "")
            self._by_id[name] = style
            if style.get(qn("w:type")) == "paragraph" and style.get(qn("w:default")) in ("1", "true"):
                self._default = name
        self.chain = cache(self._chain)
        self._level = cache(self._style_level)
        self.hides = cache(self._style_hides)

    def of(self, paragraph: Any) -> str:
        """Return the id of a paragraph's style, "" where the document does not define it."""
        style = value(paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}"), self._default)
        return style if style in self._by_id else self._default

    def _chain(self, style_id: str) -> tuple[Any, ...]:
        """The style and those it is based on, nearest first; a circle ends where it closes."""
        chain: list[Any] = []
        while style_id in self._by_id and self._by_id[style_id] not in chain:
            style = self._by_id[style_id]
            chain.append(style)
            style_id = value(style.find(qn("w:basedOn")))
        return tuple(chain)

    def name(self, style_id: str) -> str:
        """Return the built-in name, which Word stores in English whatever its own language."""
        style = self._by_id.get(style_id)
        return value(style.find(qn("w:name"))).lower() if style is not None else ""

    def outline_level(self, paragraph: Any, style_id: str) -> int:
        """Return the heading level of a paragraph from 1, or 0 for body text."""
        own = paragraph.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
        if own is not None:
            return _from_outline(value(own))
        return self._level(style_id)

    def is_title(self, style_id: str) -> bool:
        """Return whether the style is the document's title."""
        return self.name(style_id) == "title"

    def is_contents(self, style_id: str) -> bool:
        """Return whether the style is one of the table of contents, whose tabs Word draws as leaders."""
        return bool(re.fullmatch(r"toc \d", self.name(style_id)))

    def property(self, style_id: str, path: str) -> Any:
        """Return the nearest element at `path` ("w:pPr/w:ind") in the style's chain, or None."""
        where = "/".join(qn(step) for step in path.split("/"))
        found = (style.find(where) for style in self.chain(style_id))
        return next((element for element in found if element is not None), None)

    def _style_level(self, style_id: str) -> int:
        for style in self.chain(style_id):
            name = value(style.find(qn("w:name"))).lower()
            outline = style.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
            if outline is not None:
                return _from_outline(value(outline))
            if heading := _HEADING_NAME.fullmatch(name):
                return int(heading.group(1))
        return 0

    def _style_hides(self, style_id: str) -> bool:
        """Whether words in this style are hidden, white or too small to see."""
        return any(is_hidden(style.find(qn("w:rPr"))) for style in self.chain(style_id))

    def shades_table(self, table: Any) -> bool:
        """Return whether the table's style colours cells, so that white words in it can be read."""
        style_id = value(table.find(f"{qn('w:tblPr')}/{qn('w:tblStyle')}"))
        return any(
            value_of(shade, "w:fill").upper() not in _LIGHT
            for style in self.chain(style_id)
            for shade in style.iter(qn("w:shd"))
        )

    @staticmethod
    def is_shaded(properties: Any) -> bool:
        """Return whether cell, paragraph or run properties set a coloured ground."""
        if properties is None:
            return False
        shade = properties.find(qn("w:shd"))
        if shade is not None and value_of(shade, "w:fill").upper() not in _LIGHT:
            return True
        return properties.find(qn("w:highlight")) is not None


def is_hidden(properties: Any) -> bool:
    """Return whether run properties hide words: `vanish`, or a size too small to be seen."""
    if properties is None:
        return False
    if is_on(properties.find(qn("w:vanish"))):
        return True
    size = value(properties.find(qn("w:sz")))
    return size.isdigit() and int(size) <= _LARGEST_INVISIBLE_HALF_POINTS


def is_white(properties: Any) -> bool:
    """Return whether run properties colour words white."""
    return properties is not None and value(properties.find(qn("w:color"))).upper() == "FFFFFF"


def is_on(element: Any) -> bool:
    """Return whether a switch such as `w:vanish` is there and not set to off."""
    return element is not None and element.get(qn("w:val"), "1") not in ("0", "false", "off")


def value(element: Any, default: str = "") -> str:
    """Return the `w:val` of an element, or the default where either is missing."""
    return default if element is None else str(element.get(qn("w:val"), default))


def value_of(element: Any, name: str) -> str:
    """Return an attribute, "" where it is missing."""
    return str(element.get(qn(name), ""))


def _from_outline(text: str) -> int:
    level = int(text) if text.isdigit() else _BODY_LEVEL
    return level + 1 if level < _BODY_LEVEL else 0
