"""What the source panel shows of a clause: its words with marks and links, its place, its terms. No HTML here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from assistant.answering.licensing import QuoteLedger
from assistant.clauses.catalog import Catalog, Entry
from assistant.clauses.clause import Clause, Part
from assistant.sources.registry import Source

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """Words to be marked: code points in one rendition's text of a clause, list item or row."""

    citation: str
    rendition: str
    start: int
    end: int

    @classmethod
    def read(cls, values: Any) -> tuple[Mark, ...]:
        """Marks from what a browser sent; whatever is not of the form is passed over."""
        marks = []
        for value in values if isinstance(values, list) else ():
            match value:
                case [str(citation), str(rendition), int(start), int(end)] if 0 <= start < end:
                    marks.append(cls(citation, rendition, start, end))
        return tuple(marks)


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text with one look: marked or not, and where it links to."""

    text: str
    marked: bool = False
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list item, row or note."""

    kind: str
    citation: str
    runs: tuple[Run, ...]
    asked_for: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A clause to go to."""

    citation: str
    label: str
    heading: str


@dataclass(frozen=True, slots=True)
class SourceView:
    """Everything the panel shows.

    Attributes:
        citation: The id that was opened.
        label: How it is cited.
        heading: Heading of the clause.
        path: Headings that lead to it, from the top, each with its id where it is known.
        blocks: Its words; empty where there are none to show.
        state: "text", "heading_only", "not_held" or "withheld".
        rendition: What is shown: "licensed", "digest" or "plan".
        others: Other renditions that may be shown.
        source: Whose text it is.
        before: The clause before in reading order.
        after: The clause after.
        parent: The clause above.
        children: The clauses below.
        refers_to: Clauses that its words refer to.
    """

    citation: str
    label: str
    heading: str
    path: tuple[Place, ...]
    blocks: tuple[Block, ...]
    state: str
    rendition: str
    others: tuple[str, ...]
    source: Source
    principle: str | None
    facet: str | None
    before: Place | None
    after: Place | None
    parent: Place | None
    children: tuple[Place, ...]
    refers_to: tuple[Place, ...]


def view_source(
    catalog: Catalog, citation: str, role: str, today: date, marks: Sequence[Mark] = (), rendition: str = ""
) -> SourceView:
    """What to show of a citation id; a list item or row is shown within its clause.

    Args:
        catalog: What exists.
        citation: An id.
        role: Role of the reader.
        today: Day on which licences are judged.
        marks: Words to mark.
        rendition: The rendition wished for; "" for that of the marks, else the first that may be shown.

    Raises:
        UnknownCitation: No clause has this id.
    """
    entry = catalog.resolve(citation)
    owner = catalog.resolve(catalog.owner(citation))
    ledger = QuoteLedger(catalog, role, today)
    allowed = {c.rendition: c for c in ledger.renditions(owner)}
    wished = rendition or next((m.rendition for m in marks if m.citation in (citation, owner.citation_id)), "")
    clause = next((c for name, c in allowed.items() if name == wished), None) or next(iter(allowed.values()), None)
    shown = clause or owner.clause
    before, after = catalog.neighbours(citation)
    return SourceView(
        citation=citation,
        label=entry.label,
        heading=entry.clause.heading,
        path=_path(catalog, owner),
        blocks=_blocks(clause, citation, marks) if clause else (),
        state="text" if clause else _absence(owner),
        rendition=shown.rendition,
        others=tuple(name for name in allowed if name != shown.rendition),
        source=catalog.sources[shown.source_id, shown.rendition],
        principle=entry.principle,
        facet=entry.facet,
        before=place(catalog, before),
        after=place(catalog, after),
        parent=place(catalog, owner.clause.parent),
        children=_children(catalog, owner),
        refers_to=_references(catalog, clause),
    )


def place(catalog: Catalog, citation: str | None) -> Place | None:
    """A clause to go to, None where there is none."""
    entry = catalog.get(citation) if citation else None
    return Place(entry.citation_id, entry.label, entry.clause.heading) if entry else None


def _absence(owner: Entry) -> str:
    if not owner.held:
        return "not_held"
    return "withheld" if owner.has_text else "heading_only"


def _path(catalog: Catalog, owner: Entry) -> tuple[Place, ...]:
    above = reversed(catalog.ancestors(owner.citation_id))
    return tuple(Place(entry.citation_id, entry.label, _titled(entry.clause)) for entry in above)


def _titled(clause: Clause) -> str:
    return f"{clause.number} {clause.heading}".strip()


def _children(catalog: Catalog, owner: Entry) -> tuple[Place, ...]:
    below = [catalog.resolve(c) for c in owner.children]
    return tuple(
        Place(e.citation_id, e.label, _titled(e.clause)) for e in below if e.clause.kind not in ("item", "row")
    )


def _references(catalog: Catalog, clause: Clause | None) -> tuple[Place, ...]:
    targets = dict.fromkeys(r.target for r in clause.references if r.target) if clause else {}
    return tuple(p for t in targets if (p := place(catalog, t)) is not None)


def _blocks(clause: Clause, citation: str, marks: Sequence[Mark]) -> tuple[Block, ...]:
    spans = _marked_spans(clause, marks)
    links = _links(clause)
    blocks = []
    for part in clause.parts or (Part("paragraph", 0, len(clause.text), clause.citation_id, 0, 0),):
        asked_for = part.citation_id == citation and part.kind in ("item", "row")
        if asked_for and not spans:
            spans = [(part.start, part.end)]
        blocks.append(
            Block(part.kind, part.citation_id, _runs(clause.text, part.start, part.end, spans, links), asked_for)
        )
    return tuple(blocks)


def _marked_spans(clause: Clause, marks: Sequence[Mark]) -> list[Span]:
    """Marks as spans of the clause's text; those of an item or row are counted from its own beginning."""
    spans = []
    for mark in marks:
        if mark.rendition != clause.rendition:
            continue
        if mark.citation == clause.citation_id:
            spans.append((mark.start, min(mark.end, len(clause.text))))
        for part in clause.parts:
            if part.citation_id == mark.citation != clause.citation_id:
                spans.append((part.start + mark.start, min(part.start + mark.end, part.end)))
    return spans


def _links(clause: Clause) -> list[tuple[int, int, str]]:
    """Where the cross-references stand in the text."""
    found: list[tuple[int, int, str]] = []
    for reference in clause.references:
        if not reference.target or not reference.words:
            continue
        for match in re.finditer(rf"(?<![\w.]){re.escape(reference.words)}(?!\.?\w)", clause.text):
            if not any(start < match.end() and match.start() < end for start, end, _ in found):
                found.append((match.start(), match.end(), reference.target))
    return found


def _runs(
    text: str, start: int, end: int, spans: Sequence[Span], links: Sequence[tuple[int, int, str]]
) -> tuple[Run, ...]:
    """The text from start to end, cut wherever a mark or a link begins or ends."""
    edges = {start, end}
    for a, b in (*spans, *((a, b) for a, b, _ in links)):
        edges |= {min(max(e, start), end) for e in (a, b)}
    cuts = sorted(edges)
    runs = []
    for a, b in pairwise(cuts):
        target = next((t for x, y, t in links if x <= a and b <= y), None)
        runs.append(Run(text[a:b], any(x <= a and b <= y for x, y in spans), target))
    return tuple(runs)
