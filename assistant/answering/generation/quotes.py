"""Quotes in what a model wrote: literal, and within the licence of what they are taken from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from assistant.answering.licensing import QuoteLedger
from assistant.clauses.catalog import Catalog
from assistant.clauses.clause import Clause

_QUOTED = re.compile(r"“([^”]{3,})”|\"([^\"]{3,})\"|«([^»]{3,})»|(?<!\w)['‘]([^'’]+(?:['’]\w[^'’]*)*)['’](?!\w)")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# Up to this many words, marks single out a term; beyond it they quote.
_TERM_WORDS = 3
# As many words in a row that stand in a text are its words, with or without marks.
_RUN_WORDS = 12


def quotes_of(text: str) -> list[str]:
    """What stands between quotation marks and is longer than a term."""
    found = (next(g for g in m.groups() if g) for m in _QUOTED.finditer(text))
    return [q for q in found if len(_WORD.findall(q)) > _TERM_WORDS]


def false_quote(text: str, clauses: Iterable[Clause]) -> bool:
    """Whether a quote does not stand word for word in any of the clauses."""
    held = [_folded(c.text) for c in clauses]
    return any(not any(_folded(q) in h for h in held) for q in quotes_of(text))


def taken_words(text: str, clause: Clause) -> str:
    """The words of a text that are the clause's own: its longest run from the clause, "" under twelve words, and quotes."""
    words, held = _folded(text).split(), f" {_folded(clause.text)} "
    best: list[str] = []
    for start in range(len(words)):
        length = len(best) + 1
        while start + length <= len(words) and f" {' '.join(words[start : start + length])} " in held:
            best, length = words[start : start + length], length + 1
    quoted = [q for q in quotes_of(text) if f" {_folded(q)} " in held]
    return " ".join(best) if len(best) >= _RUN_WORDS else " ".join(quoted)


def within_licence(
    text: str,
    citations: Iterable[str],
    catalog: Catalog,
    ledger: QuoteLedger,
    shown: Mapping[str, str],
    *,
    verbatim: bool,
) -> bool:
    """Take the words that a statement quotes from the budget of the renditions it was written from.

    Args:
        text: The statement.
        citations: What it cites.
        catalog: The clauses.
        ledger: The budget of this answer.
        shown: Which rendition of each clause the model saw.
        verbatim: Whether it consists of whole sentences of what it cites.

    Returns:
        False where they do not fit; the budget is as before then.
    """
    for citation in citations:
        entry = catalog.resolve(citation)
        for rendition, clause in entry.renditions.items():
            words = text if verbatim and _folded(text) in _folded(clause.text) else taken_words(text, clause)
            if not words or rendition == "digest":  # the digest is the product's own text
                continue
            return rendition == shown.get(citation) and ledger.quote(clause, words)
    return True


def _folded(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))
