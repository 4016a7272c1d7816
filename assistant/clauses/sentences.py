"""Sentences with their offsets: the smallest thing that an answer quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Abbreviations after which a full stop ends no sentence.
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|vs|cf|No|Nos|Fig|approx|Dr|Mr|Mrs|Ms|St|Inc|Ltd|Co|incl|resp)\.$")
# "1. Tell Ann.": a full stop behind nothing but a list marker ends none either.
_MARKER = re.compile(r"\s*\(?(?:[A-Za-z]|[ivxIVX]{2,6}|\d{1,2}(?:\.\d{1,2})*)\.$")
_END = re.compile(r"[.!?]['\")\]’”]*(?=\s+[\"'“‘(\[]?[A-Z0-9ÄÖÜÉ])|\n")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and where it stands: `text == source[start:end]`."""

    text: str
    start: int
    end: int


def split_sentences(text: str, offset: int = 0) -> list[Sentence]:
    """Sentences of a text in order; line breaks always end one.

    Args:
        text: Any text.
        offset: Added to every offset, for a text that is a slice of a longer one.
    """
    sentences: list[Sentence] = []
    start = 0
    for match in _END.finditer(text):
        if match.group() != "\n" and _ends_none(text[start : match.end()]):
            continue
        _append(sentences, text, start, match.end(), offset)
        start = match.end()
    _append(sentences, text, start, len(text), offset)
    return sentences


def _ends_none(words: str) -> bool:
    return bool(_ABBREVIATION.search(words.rstrip("'\")]’”")) or _MARKER.match(words))


def _append(sentences: list[Sentence], text: str, start: int, end: int, offset: int) -> None:
    raw = text[start:end]
    words = raw.strip()
    if not words:
        return
    begin = start + raw.index(words[0])
    sentences.append(Sentence(words, begin + offset, begin + len(words) + offset))
