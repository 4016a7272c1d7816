"""The few Markdown marks that text files carry: emphasis, links, bare addresses."""

from __future__ import annotations

import re

_LINK = re.compile(r"!?\[((?:\\.|[^\[\]\\]|\[[^\[\]]*\])*)\]\((?:\\.|[^()\\\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)")
_ADDRESS = re.compile(r"<((?:https?|ftp|mailto):[^<>\s]+|[\w.+-]+@[\w-]+\.[\w.]+)>")
_STRONG = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", re.DOTALL)
_EMPHASIS = re.compile(r"(?<![\w*\\])\*(?=[^\s*])([^*]+?)(?<=[^\s\\])\*(?![\w*])", re.DOTALL)
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|~<>-])")


def strip_markup(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the words of `text` without marks, and the texts of its links in order.

    `[5.4 c\\)](#)` gives the words "5.4 c)" and the reference "5.4 c)".
    """
    references: list[str] = []

    def link_words(found: re.Match[str]) -> str:
        words = _unmarked(found.group(1))
        if words.strip() and not found.group().startswith("!"):
            references.append(" ".join(words.split()))
        return words

    return _unmarked(_LINK.sub(link_words, text)), tuple(references)


def is_emphasised(text: str) -> bool:
    """Return whether the whole of `text` stands between bold marks."""
    found = _STRONG.fullmatch(text.strip())
    return bool(found) and "**" not in text.strip()[2:-2]


class OpenEmphasis:
    """Whether bold, or italics from the very start, is still open at the end of a text that comes in parts.

    No run of asterisks may reach over the end of a part.
    """

    def __init__(self) -> None:
        self._doubles = self._singles = 0
        self._in_italics: bool | None = None

    def __bool__(self) -> bool:
        return self._doubles % 2 == 1 or (bool(self._in_italics) and self._singles % 2 == 1)

    def read(self, part: str) -> None:
        """Take in the next part."""
        single = part.replace("**", "")
        if self._in_italics is None and part:
            self._in_italics = bool(re.match(r"\*[^\s*]", single))
        self._doubles += part.count("**")
        self._singles += single.count("*")


def _unmarked(text: str) -> str:
    text = _ADDRESS.sub(r"\1", text)
    text = _EMPHASIS.sub(r"\1", _STRONG.sub(r"\1", text))
    return _ESCAPED.sub(r"\1", text)
