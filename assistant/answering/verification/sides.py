"""Sides: what the guidance tells of small firms must not be told of large ones, nor the reverse.

Each word of content belongs to the side that was named last before it. Where a statement and the sentence it rests on
share words, and each of these stands with the other side there, the sides were exchanged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set

from assistant.index.lexical import stems

_TOKEN = re.compile(r"[^\W_][\w'’-]*|[.;]")
# One word in common may stand there by chance.
_FEWEST_SHARED = 2
Sides = Mapping[str, frozenset[str]]


def other_side(statement: Set[str], sentences: Iterable[Set[str]]) -> bool:
    """Whether a fact is told of the small firm where the sentence that fits best tells it of the large one, or the reverse.

    Args:
        statement: Subjects of the statement or of one part of it.
        sentences: Subjects of the sentences that fit it, the best first.
    """
    theirs = next((s for s in sentences if s), frozenset[str]())
    return any(
        one in statement and other not in statement and other in theirs and one not in theirs
        for one, other in (("small", "large"), ("large", "small"))
    )


def sides_of(text: str, mentions: Iterable[tuple[int, int, str]]) -> Sides:
    """Stem -> the sides with which it stands in a text; stems before any mention have none.

    Args:
        text: Any text.
        mentions: Start, end and side ("small", "large") of each mention, in order.
    """
    found: dict[str, set[str]] = {}
    side, position = "", 0
    for start, end, named in [*mentions, (len(text), len(text), "")]:
        for token in _TOKEN.finditer(text, position, start):
            if token.group() in ".;":
                side = ""
            for stem in stems(token.group())[:1] if side else ():
                found.setdefault(stem, set()).add(side)
        side, position = named, end
    return {stem: frozenset(s) for stem, s in found.items()}


def exchanged(statement: Sides, sentences: Iterable[Sides]) -> bool:
    """Whether all that a statement shares with each of the sentences stands with the other side there.

    Args:
        statement: Sides of its words.
        sentences: Those of the sentences that may be meant; one that agrees anywhere is enough to be in order.
    """
    opposed = 0
    for theirs in sentences:
        shared = [stem for stem in statement if stem in theirs]
        if any(statement[stem] & theirs[stem] for stem in shared):
            return False
        opposed = max(opposed, len(shared))
    return opposed >= _FEWEST_SHARED
