"""Follow-ups made into questions that stand alone, from the questions before and without a language model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.index.lexical import stems
from assistant.retrieval.naming import speaks_of_life_cycle

_JOINS_ON = re.compile(r"^(?:and|but|so|or|ok(?:ay)?|then|also)\b[, ]*", re.IGNORECASE)
_OPENER = re.compile(
    r"^(?:(?:and|but|so|or|ok(?:ay)?|then|also|what about|how about|what if|how so|how come|in what way|such as|like what|for example)\b"
    r"|why(?: not| is that| so)?\??$)",
    re.IGNORECASE,
)
_POINTER = re.compile(
    r"\b(?:(?P<own>its|their)|(?P<pronoun>it|they|them)|this|these|those|ones|same|such|(?:the|this|which|another) one|one(?=\W*$)"
    r"|the (?:first|second|other|last|former|latter|rest|next|previous)|then(?=\W*$)"
    r"|(?<!\bis )(?<!\bare )there\b(?! (?:is|are|was|were)\b|['’]s)|(?P<that>that))\b",
    re.IGNORECASE,
)
_PEOPLE = re.compile(r"they|them|their", re.IGNORECASE)
_ASKING = re.compile(
    r"(?!(?:what|how) about\b|what if\b)(?:who|whom|whose|what|why|how|when|where|which|should|do|does|did|is|are|was|were|can|could"
    r"|may|might|must|will|would|has|have|tell|explain|describe|define|give|list|show|compare|summari[sz]e)\b",
    re.IGNORECASE,
)
_NAMES_IT = (
    r"(?:\b(?:does|do|did|should|can|could|may|must|will|would) (?:the |an? |our )?|(?:\b(?:is|are)|['’]s) (?:an? |our )?"
    r"|\b(?:define|explain|describe|tell me about) (?:the |an? )?)%s\b"
)
"""Where a word of its own names what a question is about ("why is TRUST important", "what does the SER do")."""

_HOLLOW = frozenset(
    stems(
        "tell explain describe define give list show compare summarise summarize example detail please term word next happen first last come"
        " responsible required needed involved recommended allowed work start begin stop end mean say step thing point way"
        " case practice exactly often long usually different important essential necessary missing matter else help possible typical"
    )
)
"""Words that name nothing which a question could be about: with these alone it leans on the one before."""

_LARGE = re.compile(
    r"\b(?:large|big(?:ger)?|corporate|giant|major) (?:company|companies|firm|firms|organi[sz]ations?|one|ones|partner|customer|buyer|side|player|players)\b|\bthe (?:big|large)(?:r)? (?:side|one|party)\b",
    re.IGNORECASE,
)
_SMALL = re.compile(r"\b(?:small(?:er)?|little|tiny|micro) (?:company|companies|firm|firms|organi[sz]ations?|one|ones|partner|business|businesses|outfit|outfits|side)\b|\bmsmes?\b|\bsmes?\b", re.IGNORECASE)  # fmt: skip


_SHORT = 6
"""Content words up to which a pronoun is taken to point into the conversation, and not into its own question."""


def is_follow_up(question: str, history: Sequence[str]) -> bool:
    """Whether a question leans on the ones before: it points back, joins on, or is not whole ("for how long?")."""
    if not history or not re.search(r"\w", question):
        return False
    content = stems(question)
    if points_back(question) and (len(content) <= _SHORT or _OPENER.match(question.strip())):
        return True
    if _is_whole(question):
        return False
    return len(content) <= (3 if _OPENER.match(question.strip()) else 2)


def without_opener(question: str) -> str:
    """The question without the word that joins it on ("and the meetings?" becomes "the meetings?")."""
    return _JOINS_ON.sub("", question.strip()) or question


def points_back(question: str) -> bool:
    """Whether a question points back with a pronoun or the like ("does it ...", "and the other one?")."""
    return any(_is_back(pointer, question) for pointer in _POINTER.finditer(question))


def takes_up(question: str, history: Sequence[str]) -> bool:
    """Whether a follow-up is about the very thing that was named before, not only about its subject."""
    if not is_follow_up(question, history):
        return False
    if _is_whole(question):
        return any(not _PEOPLE.fullmatch(p[0]) and _is_back(p, question) for p in _POINTER.finditer(question))
    return points_back(question) or bool(_OPENER.match(question.strip())) or not own_words(question)


def _is_back(pointer: re.Match[str], question: str) -> bool:
    """Whether a pointer stands for something said before, not for a word of its own question."""
    before = question[: pointer.start()]
    if pointer["own"]:  # "how do partners share their knowledge"
        return not own_words(before)
    if pointer["pronoun"]:  # "how do we share knowledge and protect it"
        return not (len(own_words(before)) >= 2 and re.search(r"\b(?:and|or|if|when|while)\b", before, re.IGNORECASE))
    if pointer["that"]:  # "a partner that fits"
        last = re.search(r"(\w+)\W*$", before)
        return not re.search(r"\w", question[pointer.end() :]) or last is None or not stems(last[1])
    return True


def _is_whole(question: str) -> bool:
    """Whether a question can be understood alone: a word that asks, and something of its own that is asked about."""
    bare = _JOINS_ON.sub("", question.strip())
    if not _ASKING.match(bare):
        return False
    own = own_words(bare)
    return len(own) >= 2 or any(re.search(_NAMES_IT % re.escape(w), bare, re.IGNORECASE) for w in own)


def own_words(text: str) -> list[str]:
    """Words of a text that name something; "and what is needed then?" has none."""
    return [w for w in re.findall(r"\w+", text) if any(s not in _HOLLOW for s in stems(w))]


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
