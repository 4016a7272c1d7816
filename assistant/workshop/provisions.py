"""Whether a sentence orders what a clause only recommends, makes an option of it, or brings a figure of its own.

The verbs are those of the ISO/IEC Directives, Part 2, clause 7: "shall" for a requirement, "should" for a
recommendation, "may" for a permission, "can" for a possibility. Only what is plain counts here, since it fails a
build; anything subtler is the verifier's to find.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum

from assistant.answering.verification.numbers import figures


class Strength(IntEnum):
    """How binding a sentence is; everyday words stand between the provisions."""

    OPTION = 1
    RECOMMENDATION = 2
    NEED = 3
    HAVE_TO = 4
    REQUIREMENT = 5


_VERBS = (
    (Strength.REQUIREMENT, r"must|shall|mandatory|compulsory|obligatory|obliged to|(?:is|are) required to"),
    (Strength.HAVE_TO, r"ha(?:s|ve) to"),
    (Strength.NEED, r"needs?|needed|require[sd]?|essential|crucial|critical|vital|necessary|fundamental|prerequisite"),
    (Strength.RECOMMENDATION, r"should|ought to|recommend(?:s|ed)?|advis(?:es|ed|able)|important|importance"),
    (Strength.OPTION, r"may|can|could|might|optional(?:ly)?|if they (?:like|wish)"),
)
_FOUND = tuple((s, re.compile(rf"\b(?:{verbs})\b", re.I)) for s, verbs in _VERBS)
# A denial is no order, and "cannot" no permission; "need not" leaves open what is done.
_DENIED = re.compile(
    r"\b(?:cannot|can ?not|can't|must not|mustn't|(?:does|do|did) not have to|need not|not (?:necessary|required|mandatory|obliged to))\b",
    re.I,
)
# Up to here a number in a sentence can count what the sentence itself names ("these four").
_MOST_COUNTED = 12


def strengths(text: str) -> set[Strength]:
    """Every strength that a sentence has a verb for; empty for a plain statement."""
    plain = _DENIED.sub(" ", text)
    return {strength for strength, pattern in _FOUND if pattern.search(plain)}


def strength_change(text: str, cited: Sequence[str], before: str | None = None) -> str:
    """How a sentence changes the strength of what it cites, "" where it plainly does not.

    Args:
        text: The sentence.
        cited: Sentences of the cited clauses, items with their lead-in.
        before: The sentence before somebody edited it, which passed.
    """
    claim = strengths(text)
    if not claim:
        return ""
    held = set().union(*(strengths(c) for c in cited)) if cited else set()
    was = strengths(before) if before else set()
    top = max(claim)
    excused = Strength.NEED in held and before is None
    if (
        top is Strength.REQUIREMENT
        and not excused
        and not held & {Strength.REQUIREMENT, Strength.HAVE_TO}
        and Strength.REQUIREMENT not in was
    ):
        return "makes a requirement of what is none"
    if before is None:
        return ""
    if top is Strength.HAVE_TO and not (held | was) & {Strength.HAVE_TO, Strength.REQUIREMENT}:
        return "makes a requirement of what is none"
    if top is Strength.OPTION and was and max(was) > Strength.OPTION and Strength.OPTION not in was:
        return "makes a mere option of what was more before the edit"
    if top >= Strength.RECOMMENDATION and was == {Strength.OPTION}:
        return "makes a recommendation of an option"
    return ""


def only_an_option(text: str, cited: Sequence[str]) -> bool:
    """Whether a sentence has no verb but "may" or "can", and nothing that it cites has one of those.

    By itself that is no fault (a fact can be told with "can"); where the verifier finds a weakening too, it is one.
    """
    held = set().union(*(strengths(c) for c in cited)) if cited else set()
    return strengths(text) == {Strength.OPTION} and bool(held) and Strength.OPTION not in held


def strange_figures(text: str, held: Sequence[str]) -> list[str]:
    """Figures of a sentence that occur nowhere in what it may take them from; small counts are left to the verifier."""
    known = figures(" ".join(held))
    return sorted(f.split(":")[-1] for f in figures(text) - known if not is_count(f))


def is_count(figure: str) -> bool:
    """Whether a figure can be a mere count of things that the sentence names, or an idiom ("a third party", "day by day")."""
    return (figure.isdigit() and int(figure) <= _MOST_COUNTED) or "/" in figure or figure == "unit:day"
