"""Clause -> statements: the fewest sentences, items or rows of it that answer, in reading order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.answering.answer import Evidence, Part, Statement
from assistant.answering.licensing import QuoteLedger
from assistant.answering.outdated import Outdated
from assistant.clauses.clause import Clause
from assistant.clauses.clause import Part as ClausePart
from assistant.clauses.lead_ins import joined_lead, lead_ins, leads_in
from assistant.clauses.sentences import split_sentences
from assistant.encoders import Vectors
from assistant.index.lexical import stems
from assistant.index.passage import Passage
from assistant.index.reader import OpenIndex
from assistant.sources.licence import count_words

_MAX_SENTENCES = 3
_NEAR_BEST = 0.12
# "What should the plan consider?" asks for the list that "The plan should consider:" leads into.
_ASKED_LIST = 0.3
_HOLDS = re.compile(r"\b(?:consider|cover|includ|contain|address|compris|deal with|look at|take into account)\w*", re.I)


@dataclass(frozen=True, slots=True)
class Span:
    """Something of a clause that can be a statement: a sentence, or a list with its lead-in.

    Attributes:
        start: Offset in the clause's text.
        end: Offset one past the end.
        is_list: Whether it is a lead-in with its items.
    """

    start: int
    end: int
    is_list: bool = False


_Picks = list[tuple[Clause, Span]]


def spans_of(clause: Clause) -> list[Span]:
    """Sentences of paragraphs and notes, and each list (or table) with the sentence that leads into it."""
    spans: list[Span] = []
    parts = list(clause.parts)
    i = 0
    while i < len(parts):
        if parts[i].kind in ("item", "row"):
            j = i
            while j + 1 < len(parts) and (parts[j + 1].kind in ("item", "row") or _note_within(parts, j + 1)):
                j += 1
            start = parts[i].start
            if spans and leads_in(clause.text[spans[-1].start : spans[-1].end]) and not spans[-1].is_list:
                start = spans.pop().start
            spans.append(Span(start, parts[j].end, True))
            i = j + 1
            continue
        text = clause.text[parts[i].start : parts[i].end]
        spans += [Span(s.start, s.end) for s in split_sentences(text, parts[i].start)]
        i += 1
    return spans


def _note_within(parts: Sequence[ClausePart], at: int) -> bool:
    return parts[at].kind == "note" and at + 1 < len(parts) and parts[at + 1].kind == "item"


class Composer:
    """Makes statements from clauses, for one answer.

    Args:
        index: The generation.
        ledger: Keeps the answer within its licences.
    """

    def __init__(self, index: OpenIndex, ledger: QuoteLedger) -> None:
        self._index = index
        self._catalog = index.catalog
        self._ledger = ledger
        self._outdated = Outdated(index.catalog)

    def compose(
        self, citation: str, query: Vectors, question: str, part: Part, *, whole: bool = False, most: int | None = None
    ) -> list[Statement]:
        """Statements from one clause, item, row or stage; empty where nothing of it may be shown.

        They are in the licensed words where the budget has room for all that is to be said. In a look-up a list that
        it has no room for is told by the digest, between the licensed sentences; any other clause is answered by the
        digest as a whole, so that nothing is missing from the middle of an answer.

        Args:
            citation: What to answer from.
            query: The question's vector in the passages' encoder.
            question: The question, for its words.
            part: The side of the answer.
            whole: Show all of it (a look-up by number) as far as the licence goes.
            most: No more statements than this; None for as many as answer.
        """
        renditions = self._ledger.renditions(self._catalog.resolve(citation))
        offers: list[_Picks] = []
        for place, clause in enumerate(renditions):
            if clause.kind in ("item", "row"):
                statements = self._item(clause, part)
                if statements:
                    return statements
                continue
            spans = self._shown_spans(clause)
            chosen = spans if whole else self._choose(clause, spans, query, question, most)
            offer = [(clause, s) for s in chosen]
            if offer and self._take(offer):
                return _statements(offer, part)
            offers.append(offer)
            if whole and place + 1 < len(renditions):
                mixed = self._with_lists_of(renditions[place + 1], offer)
                if mixed:
                    return _statements(mixed, part)
        return _statements(self._what_fits(offers, whole), part)

    def from_passage(self, passage: Passage, evidence: Evidence, support: float) -> Statement | None:
        """A passage of a plan as a statement, None where it may not be shown.

        Offsets of an item or row are those of its own text, as for every citation of an item.
        """
        entry = self._catalog.resolve(passage.citation_id)
        clause = entry.renditions.get("plan")
        if clause is None:
            return None
        text = clause.text if clause.kind in ("item", "row") else clause.text[evidence.start : evidence.end]
        if text.strip().casefold() == clause.heading.casefold() or self._outdated.holds(clause, text):
            return None
        if not self._ledger.quote(clause, text):
            return None
        start = 0 if clause.kind in ("item", "row") else evidence.start
        exact = Evidence(clause.citation_id, "plan", start, start + len(text))
        return Statement(text, "plans", (clause.citation_id,), (exact,), True, support)

    def _item(self, clause: Clause, part: Part) -> list[Statement]:
        """One list item, with the words that lead into its list so that its strength and actor are not lost."""
        owner = self._owner_clause(clause)
        leads = lead_ins(owner, clause) if owner is not None else []
        whole = Evidence(clause.citation_id, clause.rendition, 0, len(clause.text))
        if clause.kind == "row" or owner is None or not leads:
            if self._outdated.holds(clause, clause.text) or not self._ledger.quote(clause, clause.text):
                return []
            return [Statement(clause.text, part, (clause.citation_id,), (whole,), True, 1.0)]
        body = re.sub(r"\s*;$", ".", clause.text.strip())
        text = _joined(joined_lead(owner, leads), body)
        if self._outdated.holds(clause, text) or not self._ledger.quote(clause, text):
            return []
        evidence = (whole, *(Evidence(owner.citation_id, owner.rendition, *lead) for lead in leads))
        return [Statement(text, part, (clause.citation_id,), evidence, False, 1.0)]

    def _owner_clause(self, clause: Clause) -> Clause | None:
        entry = self._catalog.get(self._catalog.owner(clause.citation_id))
        return entry.renditions.get(clause.rendition) if entry else None

    def _shown_spans(self, clause: Clause) -> list[Span]:
        return [s for s in spans_of(clause) if not self._outdated.holds(clause, clause.text[s.start : s.end])]

    def _take(self, picks: _Picks) -> bool:
        """Take all of them from the budgets, or none."""
        return self._ledger.quote_together([(c, c.text[s.start : s.end]) for c, s in picks])

    def _with_lists_of(self, other: Clause, offer: _Picks) -> _Picks:
        """What is over budget with as few of its lists as need be told by another rendition; empty where that is no help.

        Lists are what takes most words, and the one thing of which two renditions say that it is the same: its items
        have the same ids.
        """
        picks = list(offer)
        theirs = [s for s in self._shown_spans(other) if s.is_list]
        for place in sorted(range(len(picks)), key=lambda i: picks[i][1].start - picks[i][1].end):
            clause, span = picks[place]
            same = next((s for s in theirs if span.is_list and _items(other, s) >= _items(clause, span)), None)
            if same is not None:
                picks[place] = (other, same)
                if self._take(picks):
                    return picks
        return []

    def _what_fits(self, offers: Sequence[_Picks], whole: bool) -> _Picks:
        """Where no rendition can answer in full: what fits of the first, the best of it above all."""
        for offer in offers:
            fitting: _Picks = []
            for pick in offer:
                if self._take([pick]):
                    fitting.append(pick)
                elif not whole:
                    break
            if fitting:
                return fitting
        return []

    def _choose(
        self, clause: Clause, spans: Sequence[Span], query: Vectors, question: str, most: int | None
    ) -> list[Span]:
        """The best span and those nearly as good, the best first."""
        if not spans:
            return []
        texts = [clause.text[s.start : s.end] for s in spans]
        places = [(s.start, s.end) for s in spans]
        scores = self._index.likeness(clause.citation_id, clause.rendition, places, query)
        asked = set(stems(question))
        overlap = [len(asked & set(stems(t))) / (len(asked) or 1) for t in texts]
        total = np.asarray(scores) + 0.3 * np.asarray(overlap)
        total += [_ASKED_LIST * _asks_for_list(question, clause, s) for s in spans]
        best = float(total.max())
        order = sorted(range(len(spans)), key=lambda i: (-total[i], i))
        limit = most or (_MAX_SENTENCES if sum(count_words(t) for t in texts) > 60 else 2)
        return [spans[i] for i in order if total[i] >= best - _NEAR_BEST][:limit]


def _items(clause: Clause, span: Span) -> set[str]:
    """Ids of the items and rows of a list."""
    return {p.citation_id for p in clause.parts if p.kind in ("item", "row") and span.start <= p.start < span.end}


def _statements(picks: _Picks, part: Part) -> list[Statement]:
    """Each span as a statement, in reading order; where two renditions are mixed they are in it already."""
    if len({c.rendition for c, _ in picks}) == 1:
        picks = sorted(picks, key=lambda p: p[1].start)
    statements = []
    for clause, span in picks:
        evidence = Evidence(clause.citation_id, clause.rendition, span.start, span.end)
        text = clause.text[span.start : span.end]
        statements.append(Statement(text, part, (clause.citation_id,), (evidence,), True, 1.0))
    return statements


def _asks_for_list(question: str, clause: Clause, span: Span) -> bool:
    """Whether a question asks what something holds, in the verb of the sentence that leads into this list."""
    end = clause.text.find("\n", span.start, span.end)
    lead = clause.text[span.start : end if end > 0 else span.end]
    if not span.is_list or not leads_in(lead):
        return False
    asked, said = ({s for m in _HOLDS.finditer(t) for s in stems(m.group())} for t in (question, lead))
    return bool(asked & said)


def _joined(start: str, body: str) -> str:
    """A lead-in and one of its items as a sentence."""
    if not body.endswith((".", "!", "?", ":")):
        body += "."
    return f"{start}: {body}" if not re.search(r"\b(?:should|shall|can|may|must|to)$", start) else f"{start} {body}"
