"""Near copies: a statement that repeats a sentence of the clause but for a word has to keep that word's meaning.

Neither the likeness of sentences nor that of words tells "the register is set up" from "the register is wound up": opposites
stand in the same places, so their vectors are alike. Where all else is the same, the one word that differs is the claim; a
statement in words of its own can be weighed, a copy with another word in it cannot.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from difflib import SequenceMatcher

from assistant.answering.verification.units import Unit, spoken_sentences
from assistant.answering.verification.wording import content_words
from assistant.index.lexical import stems

_WORD = re.compile(r"[\w'’-]+")
# Fewer words in common make no copy.
_FEWEST = 5
# So many words may stand in the place of others: "wind up" for "set up", "fails to identify" for "identifies".
_LONGEST = 2
# What bounds a recommendation; without it the same words ask for more.
_HEDGE = re.compile(
    r"(?:(?:as|so|in so) far as (?:is )?(?:practical|practicable|possible|reasonable)|(?:where|wherever|if|when|whenever|as) (?:it is )?"
    r"(?:practical|practicable|possible|reasonable|necessary|needed|appropriate|applicable|feasible|suitable|relevant)|"
    r"often|sometimes|usually|generally|typically|frequently|likely|perhaps|possibly|partly|largely|in part|to some extent|some|many|most)"
)
# Words without content of their own that change what is claimed: how many, and when.
_TURNING = frozenset(
    "all any both each every few many most neither none one several some after before during until while".split()
)


def exchanged_word(statement: str, units: Sequence[Unit]) -> str:
    """What a near copy says in place of words of the clause, as “success” for “failing”; "" where nothing.

    Args:
        statement: The statement.
        units: Sentences and items of the clauses that it cites.
    """
    spoken = {u: set(stems(u.full)) for u in units}
    for sentence in spoken_sentences(statement):
        mine = _words(sentence.text)
        for unit in units:
            words = _words(unit.full)
            whole = len(mine) == len(words)
            # A word that the clause uses elsewhere can be a shorter way to say the same; in a copy of the whole sentence
            # it can only be the word of another rendition.
            held = [s for u, s in spoken.items() if not whole or u.rendition != unit.rendition]
            exchange = _exchange(mine, words)
            if exchange and _tells(*exchange, set().union(*held)):
                return f"“{exchange[0]}” for “{exchange[1]}”"
    return ""


def dropped_hedge(statement: str, units: Sequence[Unit]) -> str:
    """A hedge of the clause ("where possible") that a statement leaves out while it takes over the words around; "" for none.

    Args:
        statement: The statement.
        units: Sentences and items of the clauses that it cites.
    """
    theirs = [_words(u.full) for u in units]
    for sentence in spoken_sentences(statement):
        mine = _words(sentence.text)
        for words in theirs:
            steps = SequenceMatcher(None, mine, words, autojunk=False).get_opcodes()
            if len(mine) < _FEWEST or any(s[0] in ("replace", "delete") for s in steps):
                continue
            for left_out in (" ".join(words[s[3] : s[4]]) for s in steps if s[0] == "insert"):
                if _HEDGE.fullmatch(left_out):
                    return left_out
    return ""


def _tells(said: str, there: str, held: Set[str]) -> bool:
    """Whether an exchange of words changes what is claimed.

    Args:
        said: The words of the statement.
        there: Those of the clause.
        held: Stems of words that the clause has besides.
    """
    if set(said.split()) & _TURNING and set(there.split()) & _TURNING:
        return True
    return any(not set(stems(w)) & held for w in content_words(said))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _exchange(mine: Sequence[str], theirs: Sequence[str]) -> tuple[str, str] | None:
    """The words that differ where the rest of a text is taken over word by word; words of the other may be left out."""
    steps = SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes()
    changes = [s for s in steps if s[0] == "replace"]
    if len(changes) != 1 or any(s[0] == "delete" for s in steps):
        return None
    _, start, end, there, to = changes[0]
    if end == len(mine):  # what comes behind its last word is left out
        to = min(to, there + end - start)
    if end - start > _LONGEST or to - there > _LONGEST or len(mine) - (end - start) < _FEWEST:
        return None
    return " ".join(mine[start:end]), " ".join(theirs[there:to])
