"""Sentences that are out of date: never shown, never sent to a model, and nothing that a statement may rest on."""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.answering.answer import Evidence
from assistant.answering.verification.units import units_of
from assistant.clauses.catalog import Catalog
from assistant.clauses.clause import Clause

_MARKER = re.compile(r"^\s*(?:[-•]|[a-z]\)|\d+\)|NOTE(?:\s+\d+)?)")


def _patterns(catalog: Catalog) -> dict[str, re.Pattern[str]]:
    """Sentences that must not be shown, by source id."""
    return {
        source.source_id: re.compile("|".join(source.outdated), re.IGNORECASE)
        for source in catalog.sources.values()
        if source.outdated
    }


class Outdated:
    """Tells which sentences of the clauses are out of date, by the patterns of their sources.

    Args:
        catalog: The clauses, with their sources.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._patterns = _patterns(catalog)

    def spans(self, clause: Clause) -> list[tuple[int, int]]:
        """Where sentences and items of a clause are out of date, an item also by what leads into its list.

        Raises:
            UnknownCitation: The clause is not in the catalog.
        """
        pattern = self._patterns.get(clause.source_id)
        if pattern is None:
            return []
        units = units_of(self._catalog, clause.citation_id)
        return [(u.start, u.end) for u in units if u.rendition == clause.rendition and matches(pattern, u.full)]

    def left_of(self, clause: Clause) -> str:
        """The clause's text without what is out of date; "" where nothing is left.

        Raises:
            UnknownCitation: The clause is not in the catalog.
        """
        text, hidden = clause.text, sorted(self.spans(clause))
        if not hidden:
            return text
        kept, at = [], 0
        for start, end in [*hidden, (len(text), len(text))]:
            kept.append(text[at:start])
            at = max(at, end)
        lines = (re.sub(r"[ \t]+", " ", line).strip() for line in "".join(kept).split("\n"))
        return "\n".join(line for line in lines if re.search(r"\w", _MARKER.sub("", line)))

    def holds(self, clause: Clause, text: str) -> bool:
        """Whether a text taken from a clause is out of date."""
        pattern = self._patterns.get(clause.source_id)
        return pattern is not None and matches(pattern, text)

    def repeated(self, text: str, citations: Iterable[str]) -> bool:
        """Whether a text says what is out of date in the source of something that it cites.

        Raises:
            UnknownCitation: A citation does not resolve exactly.
        """
        sources = {self._catalog.resolve(c).clause.source_id for c in citations}
        return any(matches(p, text) for source_id, p in self._patterns.items() if source_id in sources)

    def under(self, evidence: Iterable[Evidence]) -> bool:
        """Whether any of the evidence stands in a sentence that is out of date.

        Raises:
            UnknownCitation: A citation does not resolve exactly.
        """
        for piece in evidence:
            clause = self._catalog.resolve(piece.citation).renditions.get(piece.rendition)  # type: ignore[call-overload]
            if clause is not None and overlaps(piece.start, piece.end, self.spans(clause)):
                return True
        return False


def overlaps(start: int, end: int, spans: Iterable[tuple[int, int]]) -> bool:
    """Whether a span shares a character with any of others."""
    return any(start < other_end and other_start < end for other_start, other_end in spans)


def matches(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a pattern is found; it is written with plain spaces, a text may hold line breaks or other spaces there."""
    return bool(pattern.search(" ".join(text.split())))
