"""Segments: the parts of a statement that each claim something, so that half a truth does not pass as a whole one."""

from __future__ import annotations

import re

from assistant.answering.verification.wording import content_words
from assistant.clauses.sentences import split_sentences

_VERB = r"(?:must|shall|should|can|could|may|might|will|would|needs?|has|have|is|are|was|were|does|do|isn't|aren't|don't|doesn't)"
_BREAK = re.compile(
    r"\s*;\s+|:\s+(?=\w)|"
    r",?\s+(?=(?:but|so that|so|yet|while|whereas|because|since|although|though|even if|otherwise|unless|given that)\s)|"
    r",\s+(?=(?:and|or|which|who|where|when|as|if|to which|for which|whether)\s)|"
    rf"(?P<pair>\s+(?=and (?:\w+ ){{0,4}}?{_VERB}\b))"
)
_HAS_VERB = re.compile(rf"\b{_VERB}\b", re.I)
_FEWEST_WORDS = 2


def segments(statement: str) -> list[str]:
    """The parts of a statement in order; parts with hardly any content stay with the one before.

    A statement that does not fall apart is its only segment.
    """
    parts: list[str] = []
    for sentence in split_sentences(statement):
        fresh = True
        for piece in _pieces(sentence.text):
            words = piece.strip(" ,;")
            if not words:
                continue
            if (
                parts
                and not fresh
                and (len(content_words(words)) < _FEWEST_WORDS or len(content_words(parts[-1])) < _FEWEST_WORDS)
            ):
                parts[-1] = f"{parts[-1]} {words}"
            else:
                parts.append(words)
            fresh = False
    return parts or [statement.strip()]


def stretches(statement: str, longest: int) -> list[str]:
    """A statement in consecutive stretches of at most so many words, cut between its segments where that is possible."""
    found: list[list[str]] = []
    for segment in segments(statement):
        words = segment.split()
        parts = -(-len(words) // longest)
        pieces = [words[len(words) * n // parts : len(words) * (n + 1) // parts] for n in range(parts)]
        for piece in pieces:
            if found and len(found[-1]) + len(piece) <= longest:
                found[-1] += piece
            else:
                found.append(piece)
    return [" ".join(words) for words in found]


def _pieces(sentence: str) -> list[str]:
    """Cut at the breaks; "and" only joins two claims where there is a verb on both sides of it."""
    pieces, start = [], 0
    for match in _BREAK.finditer(sentence):
        if match["pair"] and not _HAS_VERB.search(sentence[start : match.start()]):
            continue
        pieces.append(sentence[start : match.start()])
        start = match.end()
    return [*pieces, sentence[start:]]
