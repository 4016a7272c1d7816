"""Quotes in what a model wrote: literal, and within the licence of what they are taken from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from assistant.answering.licensing import QuoteLedger
from assistant.answering.verification.units import same_words, spoken_sentences, units_of
from assistant.clauses.catalog import Catalog
from assistant.clauses.clause import Clause
from assistant.clauses.lists import LIST_MARKER
from assistant.sources.licence import WORD

_QUOTED = re.compile(r"“([^”]{3,})”|\"([^\"]{3,})\"|«([^»]{3,})»|(?<!\w)['‘]([^'’]+(?:['’]\w[^'’]*)*)['’](?!\w)")
_LIST_MARKER = re.compile(LIST_MARKER.pattern, re.M)
# Up to this many words, marks single out a term; beyond it they quote.
_TERM_WORDS = 3
# As many words in a row that stand in a text are its words, with or without marks.
_RUN_WORDS = 12


def quotes_of(text: str) -> list[str]:
    """What stands between quotation marks and is longer than a term."""
    return [text[start:end] for start, end in _quote_spans(text)]


def _quote_spans(text: str) -> Iterator[tuple[int, int]]:
    for match in _QUOTED.finditer(text):
        group = next(n for n, words in enumerate(match.groups(), 1) if words)
        if len(WORD.findall(match[group])) > _TERM_WORDS:
            yield match.span(group)


def false_quote(text: str, clauses: Iterable[Clause]) -> bool:
    """Whether a quote does not stand word for word in any of the clauses."""
    held = [_folded(c.text) for c in clauses]
    return any(not any(_folded(q) in h for h in held) for q in quotes_of(text))


def taken_words(text: str, clause: Clause, units: Iterable[str] = ()) -> frozenset[int]:
    """Which words of a text are the clause's own, counted from 0.

    Those are whole sentences and items however short, every run of twelve words or more, and what stands in
    quotation marks.

    Args:
        text: A statement.
        clause: What it may have been taken from.
        units: The clause's sentences and items, each also with what leads into its list.
    """
    words = list(WORD.finditer(text))
    # Who runs items together leaves their letters out.
    held = [f" {_folded(t)} " for t in (clause.text, _LIST_MARKER.sub("", clause.text))]
    folded = [w.group().lower() for w in words]
    taken: set[int] = set()
    for start in range(len(folded) - _RUN_WORDS + 1):
        run = f" {' '.join(folded[start : start + _RUN_WORDS])} "
        if any(run in h for h in held):
            taken.update(range(start, start + _RUN_WORDS))
    whole = {same_words(u) for u in units}
    spans = [(s.start, s.end) for s in spoken_sentences(text) if same_words(s.text) in whole]
    spans += [(s, e) for s, e in _quote_spans(text) if any(f" {_folded(text[s:e])} " in h for h in held)]
    taken.update(n for n, w in enumerate(words) if any(s <= w.start() < e for s, e in spans))
    return frozenset(taken)


def within_licence(
    text: str, citations: Iterable[str], catalog: Catalog, ledger: QuoteLedger, shown: Mapping[str, str]
) -> bool:
    """Take the words that a statement quotes from the budgets of all the texts that they stand in.

    Words that stand in several clauses of one text are taken once; the digest is the product's own text and free.

    Args:
        text: The statement.
        citations: What it cites.
        catalog: The clauses.
        ledger: The budget of this answer.
        shown: Which rendition of each clause the model saw.

    Returns:
        False where they do not fit, or stand only in a rendition that the model was not shown; the budgets are as
        before then.

    Raises:
        UnknownCitation: A citation does not resolve exactly.
    """
    taken: dict[tuple[str, str], set[int]] = {}
    clauses: dict[tuple[str, str], Clause] = {}
    seen: set[int] = set()
    unseen: set[int] = set()
    for citation in citations:
        units = units_of(catalog, citation)
        for rendition, clause in catalog.resolve(citation).renditions.items():
            own = [t for u in units if u.rendition == rendition for t in (u.text, u.full)]
            words = taken_words(text, clause, own)
            if rendition != shown.get(citation):
                unseen |= words if rendition != "digest" else set()
                continue
            seen |= words
            if rendition != "digest" and words:
                key = (clause.source_id, rendition)
                clauses[key] = clause
                taken.setdefault(key, set()).update(words)
    if unseen - seen:
        return False
    spoken = WORD.findall(text)
    return ledger.quote_together([(clauses[k], " ".join(spoken[n] for n in sorted(taken[k]))) for k in clauses])


def _folded(text: str) -> str:
    return " ".join(WORD.findall(text.lower()))
