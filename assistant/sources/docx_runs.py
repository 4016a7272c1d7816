"""The visible words of a Word paragraph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn

from assistant.sources.docx_styles import Styles, is_hidden, is_white, value
from assistant.sources.lines import fold

_SKIPPED = {
    qn(name)
    for name in (
        "w:del",
        "w:moveFrom",
        "w:pPr",
        "w:rPr",
        "w:instrText",
        "w:delText",
        "w:footnoteReference",
        "w:endnoteReference",
        "w:commentReference",
        "w:sdtPr",
        "w:rt",
    )
} | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
_SIGNS = {
    qn("w:tab"): "\t",
    qn("w:br"): "\n",
    qn("w:cr"): "\n",
    qn("w:noBreakHyphen"): "-",
    qn("w:ptab"): "\t",
}


@dataclass
class Words:
    """What a paragraph holds: words with "\\n" and "\\t", link texts, and text boxes anchored in it."""

    text: str
    references: tuple[str, ...]
    boxes: list[Any]


class Runs:
    """Collects visible words, with the styles of one document."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles

    def words(self, paragraph: Any, *, shaded: bool) -> Words:
        """Return a paragraph's words.

        Args:
            paragraph: A `w:p` element.
            shaded: Whether it stands on a coloured ground, where white words can be read.
        """
        properties = paragraph.find(qn("w:pPr"))
        style_id = self._styles.of(paragraph)
        shaded = shaded or Styles.is_shaded(properties)
        shaded = shaded or Styles.is_shaded(self._styles.property(style_id, "w:pPr"))
        if self._styles.hides(style_id):
            return Words("", (), [])
        white = is_white(self._styles.property(style_id, "w:rPr")) and not shaded
        gathering = _Gathering(self._styles, shaded, white)
        gathering.take(paragraph)
        return Words("".join(gathering.parts), tuple(gathering.references), gathering.boxes)


class _Gathering:
    def __init__(self, styles: Styles, shaded: bool, white: bool) -> None:
        self.parts: list[str] = []
        self.references: list[str] = []
        self.boxes: list[Any] = []
        self._styles = styles
        self._shaded = shaded
        self._white = white

    def take(self, parent: Any) -> None:
        for child in parent.iterchildren():
            tag = child.tag
            if tag in _SKIPPED or not isinstance(tag, str):
                continue
            if tag == qn("w:t"):
                self.parts.append(child.text or "")
            elif tag in _SIGNS:
                self.parts.append(_SIGNS[tag])
            elif tag == qn("w:txbxContent"):
                self.boxes.append(child)
            elif tag == qn("w:r"):
                if self._is_visible(child.find(qn("w:rPr"))):
                    self.take(child)
            elif tag == qn("w:hyperlink"):
                self._link(child)
            else:
                self.take(child)

    def _link(self, link: Any) -> None:
        before = len(self.parts)
        self.take(link)
        words = fold("".join(self.parts[before:]))
        if words:
            self.references.append(words)

    def _is_visible(self, properties: Any) -> bool:
        if properties is None:
            return not self._white
        if is_hidden(properties) or self._styles.hides(value(properties.find(qn("w:rStyle")))):
            return False
        own_colour = properties.find(qn("w:color")) is not None
        white = is_white(properties) if own_colour else self._white
        return not white or self._shaded or Styles.is_shaded(properties)
