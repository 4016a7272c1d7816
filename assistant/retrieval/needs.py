"""Several needs in one question."""

from __future__ import annotations

import re

from assistant.index.lexical import stems

_QUESTION_WORD = (
    r"(?:who|whom|whose|what|why|how|when|where|which|whether|should|do|does|is|are|can|may|must|will|would|could|if)"
)
_SPLIT_JOIN = re.compile(
    rf"\s*(?:[;,]\s*(?:and\s+|or\s+|but\s+|plus\s+)?|\s+and\s+(?:also\s+)?|\s+plus\s+)(?={_QUESTION_WORD}\b)",
    re.IGNORECASE,
)
# "If" joins a condition on more often than it asks.
_BEGINS_TO_ASK = re.compile(rf"(?!if\b){_QUESTION_WORD}\b", re.IGNORECASE)
_MAX_NEEDS = 4


def asks(sentence: str) -> bool:
    """Whether a sentence asks, and does not only tell."""
    return sentence.endswith("?") or bool(re.match(rf"{_QUESTION_WORD}\b", sentence, re.IGNORECASE))


def told_and_asked(question: str) -> tuple[list[str], list[str]]:
    """The sentences of a question that only tell, and those that ask, each in order."""
    sentences = [s.strip() for s in re.split(r"(?<=[?.!])\s+", question) if s.strip()]
    return [s for s in sentences if not asks(s)], [s for s in sentences if asks(s)]


def split_needs(question: str) -> tuple[str, ...]:
    """The separate needs of a question, in order; the question alone where it has only one.

    Sentences that ask count as needs; sentences that only tell are background for all of them.
    """
    told, asked = told_and_asked(question)
    telling = " ".join(told)
    pieces: list[str] = []
    for sentence in asked or told:
        pieces += _pieces(sentence)
    pieces = [p for p in pieces if p]
    if len(pieces) < 2:
        return (question,)
    return tuple(f"{telling} {p}".strip() for p in pieces[:_MAX_NEEDS])


def leans(need: str) -> bool:
    """Whether a need says too little to be judged without the question that it is a part of ("how did that turn out?")."""
    told, asked = told_and_asked(need)
    return len(set(stems(" ".join(asked or told)))) < 2


def _with_openers(parts: list[str]) -> list[str]:
    """Parts of a sentence; what only opens it ("If we split up", "On risks and on exits") goes with each of those that ask."""
    asking = [p for p in parts if _BEGINS_TO_ASK.match(p)]
    opener = ", ".join(p for p in parts[: len(parts) - len(asking)] if p)
    if len(asking) < 2 or not opener or parts[len(parts) - len(asking) :] != asking:
        return parts
    return [f"{opener}, {p}" for p in asking]


def _pieces(sentence: str) -> list[str]:
    lead, colon, rest = sentence.partition(": ")
    body = rest if colon and len(stems(rest)) >= 4 else sentence
    parts = _with_openers([p.strip(" ,;") for p in _SPLIT_JOIN.split(body)])
    solid = [p for p in parts if stems(p) and len(p.split()) >= 3]
    if len(solid) < 2 or len(solid) < len(parts):
        return [sentence]
    if colon and body is rest:
        return [f"{lead}: {p}" if len(stems(lead)) <= 4 else p for p in solid]
    return solid
