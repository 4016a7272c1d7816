"""Clause -> statements: the fewest sentences, items or rows of it that answer, in reading order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.answering.answer import Evidence, Part, Statement
from assistant.answering.licensing import QuoteLedger, count_words
from assistant.answering.outdated import matches
from assistant.clauses.clause import Clause
from assistant.clauses.clause import Part as ClausePart
from assistant.clauses.sentences import split_sentences
from assistant.encoders import Vectors
from assistant.index.lexical import stems
from assistant.index.passage import Passage
from assistant.index.reader import OpenIndex

_MAX_SENTENCES = 3
_NEAR_BEST = 0.12
_LEAD = re.compile(r":\s*$")
LIST_MARKER = re.compile(r"^(?:[-•]|[a-z]\)|\d+\))\s+")
# "What should the plan consider?" asks for the list that "The plan should consider:" leads into.
_ASKED_LIST = 0.3
_HOLDS = re.compile(r"\b(?:consider|cover|includ|contain|address|compris|deal with|look at|take into account)\w*", re.I)


@dataclass(frozen=True, slots=True)
class Unit:
    """Something of a clause that can be a statement: a sentence, or a list with its lead-in.

    Attributes:
        start: Offset in the clause's text.
        end: Offset one past the end.
        is_list: Whether it is a lead-in with its items.
    """

    start: int
    end: int
    is_list: bool = False


def units_of(clause: Clause) -> list[Unit]:
    """Sentences of paragraphs and notes, and each list (or table) with the sentence that leads into it."""
    units: list[Unit] = []
    parts = list(clause.parts)
    i = 0
    while i < len(parts):
        if parts[i].kind in ("item", "row"):
            j = i
            while j + 1 < len(parts) and (parts[j + 1].kind in ("item", "row") or _note_within(parts, j + 1)):
                j += 1
            start = parts[i].start
            if units and _LEAD.search(clause.text[units[-1].start : units[-1].end]) and not units[-1].is_list:
                start = units.pop().start
            units.append(Unit(start, parts[j].end, True))
            i = j + 1
            continue
        text = clause.text[parts[i].start : parts[i].end]
        units += [Unit(s.start, s.end) for s in split_sentences(text, parts[i].start)]
        i += 1
    return units


def _note_within(parts: Sequence[ClausePart], at: int) -> bool:
    return parts[at].kind == "note" and at + 1 < len(parts) and parts[at + 1].kind == "item"


def lead_ins(owner: Clause, item: Clause) -> list[tuple[int, int]]:
    """Spans of what leads into a list item, in reading order: the sentence before its list, and the items it is nested in.

    Empty where no sentence leads into the list.

    Args:
        owner: The clause that the list stands in.
        item: The item; its parent is the item that it is nested in, or the owner.
    """
    first = _lead_sentence(owner, item.citation_id)
    if first is None:
        return []
    above = [p for p in owner.parts if p.kind == "item" and p.citation_id == item.parent]
    return [first, *((p.start, p.end) for p in above)]


def joined_lead(owner: Clause, spans: Sequence[tuple[int, int]]) -> str:
    """What leads into an item as the opening of one sentence, without list markers and colons."""
    pieces = [LIST_MARKER.sub("", owner.text[start:end]) for start, end in spans]
    return " ".join(re.sub(r"\s*[:;]\s*$", "", piece.strip()) for piece in pieces)


def _lead_sentence(clause: Clause, item: str) -> tuple[int, int] | None:
    last: tuple[int, int] | None = None
    for part in clause.parts:
        if part.kind == "paragraph":
            sentences = split_sentences(clause.text[part.start : part.end], part.start)
            last = (sentences[-1].start, sentences[-1].end) if sentences and _LEAD.search(sentences[-1].text) else None
        elif part.citation_id == item and part.kind in ("item", "row"):
            return last
    return None


class Composer:
    """Makes statements from clauses, for one answer.

    Args:
        index: The generation.
        ledger: Keeps the answer within its licences.
        outdated: Patterns of sentences that are never shown, by source id.
    """

    def __init__(
        self, index: OpenIndex, ledger: QuoteLedger, outdated: dict[str, re.Pattern[str]] | None = None
    ) -> None:
        self._index = index
        self._catalog = index.catalog
        self._ledger = ledger
        self._outdated = outdated or {}

    def compose(
        self, citation: str, query: Vectors, question: str, part: Part, *, whole: bool = False, most: int | None = None
    ) -> list[Statement]:
        """Statements from one clause, item, row or stage; empty where nothing of it may be shown.

        Args:
            citation: What to answer from.
            query: The question's vector in the passages' encoder.
            question: The question, for its words.
            part: The side of the answer.
            whole: Show all of it (a look-up by number) as far as the licence goes.
            most: No more statements than this; None for as many as answer.
        """
        entry = self._catalog.resolve(citation)
        for clause in self._ledger.renditions(entry):
            if clause.kind in ("item", "row"):
                statements = self._item(clause, part)
            else:
                statements = self._clause(clause, query, question, part, whole, most)
            if statements:
                return statements
        return []

    def from_passage(self, passage: Passage, evidence: Evidence, support: float) -> Statement | None:
        """A passage of a plan as a statement, None where it may not be shown.

        Offsets of an item or row are those of its own text, as for every citation of an item.
        """
        entry = self._catalog.resolve(passage.citation_id)
        clause = entry.renditions.get("plan")
        if clause is None:
            return None
        text = clause.text if clause.kind in ("item", "row") else clause.text[evidence.start : evidence.end]
        if text.strip().casefold() == clause.heading.casefold() or self._is_outdated(clause, text):
            return None
        if not self._ledger.quote(clause, text):
            return None
        start = 0 if clause.kind in ("item", "row") else evidence.start
        exact = Evidence(clause.citation_id, "plan", start, start + len(text))
        return Statement(text, "plans", (clause.citation_id,), (exact,), True, support)

    def _item(self, clause: Clause, part: Part) -> list[Statement]:
        """One list item, with the words that lead into its list so that its strength and actor are not lost."""
        owner = self._owner_clause(clause)
        spans = lead_ins(owner, clause) if owner is not None else []
        whole = Evidence(clause.citation_id, clause.rendition, 0, len(clause.text))
        if clause.kind == "row" or owner is None or not spans:
            if self._is_outdated(clause, clause.text) or not self._ledger.quote(clause, clause.text):
                return []
            return [Statement(clause.text, part, (clause.citation_id,), (whole,), True, 1.0)]
        body = re.sub(r"\s*;$", ".", clause.text.strip())
        text = _joined(joined_lead(owner, spans), body)
        if self._is_outdated(clause, text) or not self._ledger.quote(clause, text):
            return []
        evidence = (whole, *(Evidence(owner.citation_id, owner.rendition, *span) for span in spans))
        return [Statement(text, part, (clause.citation_id,), evidence, False, 1.0)]

    def _is_outdated(self, clause: Clause, text: str) -> bool:
        pattern = self._outdated.get(clause.source_id)
        return pattern is not None and matches(pattern, text)

    def _owner_clause(self, clause: Clause) -> Clause | None:
        entry = self._catalog.get(self._catalog.owner(clause.citation_id))
        return entry.renditions.get(clause.rendition) if entry else None

    def _clause(
        self, clause: Clause, query: Vectors, question: str, part: Part, whole: bool, most: int | None
    ) -> list[Statement]:
        units = [u for u in units_of(clause) if not self._is_outdated(clause, clause.text[u.start : u.end])]
        if not units:
            return []
        chosen = units if whole else self._choose(clause, units, query, question, most)
        statements: list[Statement] = []
        for unit in chosen:
            text = clause.text[unit.start : unit.end]
            if not self._ledger.quote(clause, text):
                if not statements or not whole:
                    continue
                break
            evidence = Evidence(clause.citation_id, clause.rendition, unit.start, unit.end)
            statements.append(Statement(text, part, (clause.citation_id,), (evidence,), True, 1.0))
        return statements

    def _choose(
        self, clause: Clause, units: Sequence[Unit], query: Vectors, question: str, most: int | None
    ) -> list[Unit]:
        """The best unit and those nearly as good, in reading order."""
        texts = [clause.text[u.start : u.end] for u in units]
        spans = [(u.start, u.end) for u in units]
        scores = self._index.likeness(clause.citation_id, clause.rendition, spans, query)
        asked = set(stems(question))
        overlap = [len(asked & set(stems(t))) / (len(asked) or 1) for t in texts]
        total = np.asarray(scores) + 0.3 * np.asarray(overlap)
        total += [_ASKED_LIST * _asks_for_list(question, clause, u) for u in units]
        best = float(total.max())
        order = sorted(range(len(units)), key=lambda i: (-total[i], i))
        limit = most or (_MAX_SENTENCES if sum(count_words(t) for t in texts) > 60 else 2)
        kept = [i for i in order if total[i] >= best - _NEAR_BEST][:limit]
        return [units[i] for i in sorted(kept)]


def _asks_for_list(question: str, clause: Clause, unit: Unit) -> bool:
    """Whether a question asks what something holds, in the verb of the sentence that leads into this list."""
    end = clause.text.find("\n", unit.start, unit.end)
    lead = clause.text[unit.start : end if end > 0 else unit.end]
    if not unit.is_list or not _LEAD.search(lead):
        return False
    asked, said = ({s for m in _HOLDS.finditer(t) for s in stems(m.group())} for t in (question, lead))
    return bool(asked & said)


def _joined(start: str, body: str) -> str:
    """A lead-in and one of its items as a sentence."""
    if not body.endswith((".", "!", "?", ":")):
        body += "."
    return f"{start}: {body}" if not re.search(r"\b(?:should|shall|can|may|must|to)$", start) else f"{start} {body}"
