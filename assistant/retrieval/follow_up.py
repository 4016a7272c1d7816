"""Follow-ups made into questions that stand alone, from the questions before and without a language model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.index.lexical import stems
from assistant.retrieval.naming import speaks_of_life_cycle

_OPENER = re.compile(
    r"^(?:and|but|so|or|ok(?:ay)?|then|also|what about|how about|what if|why(?: not| is that| so)?\??$|why\b|how so|how come|in what way|such as|like what|for example|who(?: does| should| is)?\b|when\b|which\b|does (?:it|that|this)|is (?:it|that|this)|are (?:they|those|these)|should (?:it|that|they)|can (?:it|that|they)|and (?:why|how|what|who|when))",
    re.IGNORECASE,
)
_POINTER = re.compile(
    r"\b(?:it|its|that|this|these|those|they|them|their|one|ones|there|same|such|the (?:first|second|other|last|former|latter|rest|next|previous))\b",
    re.IGNORECASE,
)
_LARGE = re.compile(
    r"\b(?:large|big(?:ger)?|corporate|giant|major) (?:company|companies|firm|firms|organi[sz]ations?|one|ones|partner|customer|buyer|side|player|players)\b|\bthe (?:big|large)(?:r)? (?:side|one|party)\b",
    re.IGNORECASE,
)
_SMALL = re.compile(r"\b(?:small(?:er)?|little|tiny|micro) (?:company|companies|firm|firms|organi[sz]ations?|one|ones|partner|business|businesses|outfit|outfits|side)\b|\bmsmes?\b|\bsmes?\b", re.IGNORECASE)  # fmt: skip


def is_follow_up(question: str, history: Sequence[str]) -> bool:
    """Whether a question leans on the ones before: short, elliptic, or pointing back at something."""
    if not history:
        return False
    content = stems(question)
    pointing = bool(_POINTER.search(question))
    opening = bool(_OPENER.match(question.strip()))
    if len(content) <= 2:
        return True
    if opening and (pointing or len(content) <= 3):
        return True
    return pointing and len(content) <= 6


def standalone(question: str, history: Sequence[str]) -> str:
    """The question with the subject of the conversation in front, so that it can be understood alone.

    Args:
        question: The follow-up as asked.
        history: Earlier questions, oldest first.

    Returns:
        The question itself where it does not lean on anything.
    """
    if not is_follow_up(question, history):
        return question
    subject = subject_of(history)
    return f"{subject.rstrip('?.! ')}: {question.strip()}" if subject else question


def subject_of(history: Sequence[str]) -> str:
    """The latest earlier question that names a subject of its own, led by an older one where it leans on that."""
    for i in range(len(history) - 1, -1, -1):
        if not is_follow_up(history[i], history[:i]):
            return history[i]
    return history[0] if history else ""


def about_side(question: str) -> str | None:
    """The side that a follow-up turns to ("what about for a large company?")."""
    if re.search(r"\bboth\b", question, re.IGNORECASE):
        return None
    large, small = bool(_LARGE.search(question)), bool(_SMALL.search(question))
    if large == small:
        return None
    return "large" if large else "msme"


def keeps_life_cycle(question: str, history: Sequence[str]) -> bool:
    """Whether the conversation is about the life cycle, so that a follow-up stays with it."""
    return speaks_of_life_cycle(question) or (
        bool(history) and speaks_of_life_cycle(subject_of(history)) and is_follow_up(question, history)
    )
