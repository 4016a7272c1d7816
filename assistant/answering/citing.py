"""From citation ids to what people see and what a receipt keeps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.answering.answer import Citation, Evidence, Statement
from assistant.clauses.catalog import Catalog
from assistant.index.generation import content_hash


def make_citation(catalog: Catalog, citation: str) -> Citation:
    """A citation as shown.

    Raises:
        UnknownCitation: The id does not resolve exactly.
    """
    entry = catalog.resolve(citation)
    return Citation(
        id=citation,
        label=entry.label,
        heading=entry.clause.heading,
        source_id=entry.clause.source_id,
        principle=entry.principle,
        facet=entry.facet,
        page=entry.clause.page,
    )


def evidence_text(catalog: Catalog, evidence: Evidence) -> str | None:
    """The words that evidence points at; None where there are none."""
    entry = catalog.get(evidence.citation)
    clause = entry.renditions.get(evidence.rendition) if entry else None  # type: ignore[call-overload]
    if clause is None or not 0 <= evidence.start < evidence.end <= len(clause.text):
        return None
    return str(clause.text[evidence.start : evidence.end])


def stands_in(catalog: Catalog, text: str, evidence: Iterable[Evidence]) -> bool:
    """Whether a text stands letter for letter in one piece of the evidence."""
    return any(evidence_text(catalog, piece) == text for piece in evidence)


def citations_of(catalog: Catalog, statements: Sequence[Statement], order: Sequence[str]) -> tuple[Citation, ...]:
    """What the statements cite, best first: in the order of the ranking, then of the statements."""
    cited = list(dict.fromkeys(c for s in statements for c in s.citations))
    position = {c: i for i, c in enumerate(order)}
    cited.sort(key=lambda c: position.get(c, len(position)))
    return tuple(make_citation(catalog, c) for c in cited)


def clause_hashes(catalog: Catalog, statements: Iterable[Statement]) -> dict[str, str]:
    """Digest of each rendition that the statements rest on, by "<citation>|<rendition>"."""
    hashes: dict[str, str] = {}
    for statement in statements:
        for evidence in statement.evidence:
            entry = catalog.resolve(evidence.citation)
            clause = entry.renditions.get(evidence.rendition)  # type: ignore[call-overload]
            if clause is not None:
                hashes[f"{evidence.citation}|{evidence.rendition}"] = content_hash([clause.text])
    return dict(sorted(hashes.items()))
