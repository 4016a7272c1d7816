"""The values of this stage: a clause with its own text, and the identity it is cited by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from assistant.sources.manifest import Rendition

ClauseKind = Literal["clause", "item", "row", "front_matter", "annex", "stage", "section"]
PartKind = Literal["paragraph", "item", "row", "note"]


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph, list item, row or note of a clause's own text.

    Attributes:
        kind: What it is.
        start: Offset in code points in `Clause.text`.
        end: Offset one past the last code point.
        citation_id: The item's or row's own id; the clause's id for paragraphs and notes.
        source_start: Offset in the source document's text.
        source_end: Offset one past the end there.
        page: Page from 1 where the source has pages.
        has_header: Whether it is a row of a table whose header row the file marks; its cells then stand behind
            the names of their columns ("Risk: Flood; Owner: Ann").
    """

    kind: PartKind
    start: int
    end: int
    citation_id: str
    source_start: int
    source_end: int
    page: int | None = None
    has_header: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """A cross-reference as it stands in the text, and the id it resolves to (None if it does not)."""

    words: str
    target: str | None


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause, list item, annex row, stage or plan section in one rendition.

    Attributes:
        citation_id: `<source_id>:<locator>`, stable for ever (docs/architecture.md, citations).
        source_id: The source it belongs to.
        locator: The part of the id behind the colon.
        kind: What it is.
        number: "5.10.3.3" for numbered clauses, else "".
        heading: Its heading; for items and rows that of the clause they stand in.
        text: Its own words with its list items on lines of their own, without subclauses.
        parent: Citation id of the enclosing clause, None at the top.
        rendition: "licensed", "digest" or "plan".
        held: False where only the heading is known because the text is not in the corpus.
        order: Position in reading order within its source, from 0.
        parts: Where paragraphs, items, rows and notes stand in `text`.
        references: Cross-references in its text.
        page: First page where the source has pages.
        path: Headings from the top down to this clause, its own last.
    """

    citation_id: str
    source_id: str
    locator: str
    kind: ClauseKind
    number: str
    heading: str
    text: str
    parent: str | None
    rendition: Rendition
    held: bool = True
    order: int = 0
    parts: tuple[Part, ...] = ()
    references: tuple[Reference, ...] = ()
    page: int | None = None
    path: tuple[str, ...] = field(default=())


def citation_id(source_id: str, locator: str) -> str:
    """The citation id of a locator in a source."""
    return f"{source_id}:{locator}"
