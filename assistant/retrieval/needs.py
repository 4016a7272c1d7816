"""Several needs in one question, and comparisons of the two sides."""

from __future__ import annotations

import re

from assistant.index.lexical import stems

_BOTH_TEXTS = re.compile(
    r"\b(?:both|the two|two) (?:standards|documents|guides|texts|sides|guidelines|papers|isos|guidance)\b|\b44003\b.*\b44004\b|\b44004\b.*\b44003\b"
    r"|\b(?:each|either) (?:side|standard|document|guide|one) (?:say|tell|want|ask|recommend|expect|advise|treat)\w*",
    re.IGNORECASE,
)
_COMPARING = re.compile(
    r"\bcompar\w*|\bdiffer(?:s|ence|ences|ent)?\b|\bversus\b|\bvs\.?\b|\bside by side\b|\bcontrast\w*|\brespectively\b",
    re.IGNORECASE,
)
_SMALL_SIDE = re.compile(
    r"\b(?:small|smaller|little|tiny|micro|minnow|mini)[ -](?:\w+ ){0,1}(?:firm|firms|company|companies|business|businesses|organi[sz]ation|organi[sz]ations|partner|partners|one|ones|outfit|outfits|side|supplier|suppliers|player|players|fry|party|guy|guys|fish)\b|\bmsmes?\b|\bsmes?\b|\b44003\b|\bthe (?:small|smaller|little|minnow)\b",
    re.IGNORECASE,
)
_LARGE_SIDE = re.compile(
    r"\b(?:large|larger|big|bigger|giant|huge|major)[ -](?:\w+ ){0,1}(?:firm|firms|company|companies|business|businesses|organi[sz]ation|organi[sz]ations|partner|partners|one|ones|side|customer|customers|buyer|buyers|corporate|player|players|party|guy|guys|fish|corporation)\b|\bcorporates?\b|\b44004\b|\bthe (?:big|large|larger|giant|whale)\b",
    re.IGNORECASE,
)
_WE = re.compile(r"\b(?:we|us|our|ours|ourselves)\b", re.IGNORECASE)
_PAIRING = re.compile(r"\band\b|\bwhile\b|\bwhereas\b|\bbut\b|,", re.IGNORECASE)
_QUESTION_WORD = (
    r"(?:who|whom|whose|what|why|how|when|where|which|whether|should|do|does|is|are|can|may|must|will|would|could|if)"
)
_SPLIT_JOIN = re.compile(
    rf"\s*(?:[;,]\s*(?:and\s+|or\s+|but\s+|plus\s+)?|\s+and\s+(?:also\s+)?|\s+plus\s+)(?={_QUESTION_WORD}\b)",
    re.IGNORECASE,
)
_MAX_NEEDS = 4


def is_comparison(question: str) -> bool:
    """Whether a question wants both standards, or both sides, answered."""
    if _BOTH_TEXTS.search(question):
        return True
    small, large = _SMALL_SIDE.search(question), _LARGE_SIDE.search(question)
    if small and large and (_COMPARING.search(question) or _asks_of_both(question)):
        return True
    # "how does the small firm guard its own, and how do we put its mind at rest?": the speaker is the other side
    return bool((small or large) and _WE.search(question) and _asks_twice(question) and _asks_of_both(question))


def _asks_of_both(question: str) -> bool:
    return (
        bool(_PAIRING.search(question))
        and len(re.findall(rf"\b{_QUESTION_WORD}\b", question, re.IGNORECASE)) >= 1
        and (
            _asks_twice(question)
            or bool(re.search(r"\bboth\b|\beach\b|\beither\b|\brespectively\b", question, re.IGNORECASE))
        )
    )


def _asks_twice(question: str) -> bool:
    return len(_SPLIT_JOIN.findall(question)) >= 1


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


def _pieces(sentence: str) -> list[str]:
    lead, colon, rest = sentence.partition(": ")
    body = rest if colon and len(stems(rest)) >= 4 else sentence
    parts = [p.strip(" ,;") for p in _SPLIT_JOIN.split(body)]
    solid = [p for p in parts if len(stems(p)) >= 2]
    if len(solid) < 2 or len(solid) < len(parts):
        return [sentence]
    if colon and body is rest:
        return [f"{lead}: {p}" if len(stems(lead)) <= 4 else p for p in solid]
    return solid
