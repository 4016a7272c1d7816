"""Words and stems, for key points and for searching clauses (a hyphen parts two words here), and numbers with nouns.

Quoted words are another matter: `assistant.sources.licence` says how a budget counts them.
"""

from __future__ import annotations

import re
from functools import lru_cache

import Stemmer  # type: ignore[import-not-found, unused-ignore]

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_STOP_WORDS = """
a an and any are as at be been being but by can could did do does doing done each every for from get gets had has have
having he her his how i if in into is it its itself let may me might more most must my no nor not of off on once one
only or other our ours out over own shall she should so some such than that the their them then there these they this
those through to too under up us very was we were what when where which while who whom why will with would you your
yours
"""
_STOP = frozenset(_STOP_WORDS.split())


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    # A stemmer keeps state and is not safe between threads, hence a new one a word; the cache makes that cheap.
    return str(Stemmer.Stemmer("english").stemWord(word))


def words(text: str) -> list[str]:
    """Words in order, in lower case."""
    return [w.lower().replace("’", "'") for w in _WORD.findall(text)]


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 case", "2 cases"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def content_stems(text: str) -> set[str]:
    """Stems (Snowball English) of the words that carry meaning; all stems where only stop words stand."""
    found = words(text)
    kept = [w for w in found if w not in _STOP] or found
    return {_stem(w) for w in kept}


def overlap(part: str, whole: str) -> float:
    """Share of the content stems of `part` that stand in `whole`, from 0 to 1; 0 where `part` has no word."""
    wanted = content_stems(part)
    return len(wanted & content_stems(whole)) / len(wanted) if wanted else 0.0
