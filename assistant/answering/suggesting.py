"""Related clauses and good next questions."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answering.answer import Gap, Statement
from assistant.clauses.catalog import Catalog
from assistant.index.lexical import stems
from assistant.index.reader import OpenIndex

_RELATED = 4
_QUESTIONS = 3
_LONGEST = 95


def related(catalog: Catalog, ranking: Sequence[str], statements: Sequence[Statement]) -> tuple[str, ...]:
    """Clauses worth reading next: what the cited ones refer to, then the next hits, none of them cited already.

    Raises:
        UnknownCitation: A statement or the ranking names an id that does not exist.
    """
    cited = {c for s in statements for c in s.citations}
    owners = {catalog.owner(c) for c in cited}
    found: list[str] = []
    for citation in cited_references(catalog, sorted(cited)):
        found.append(citation)
    found += list(ranking)
    unique = [c for c in dict.fromkeys(found) if c not in cited and catalog.owner(c) not in owners]
    return tuple(c for c in unique if catalog.resolve(c).has_text)[:_RELATED]


def cited_references(catalog: Catalog, citations: Sequence[str]) -> list[str]:
    """Targets of the cross-references in these clauses.

    Raises:
        UnknownCitation: One of the ids does not exist.
    """
    targets: list[str] = []
    for citation in citations:
        for reference in catalog.text_of(citation).references:
            if reference.target and reference.target in catalog:
                targets.append(reference.target)
    return targets


def next_questions(
    index: OpenIndex, ranking: Sequence[str], statements: Sequence[Statement], question: str, gaps: Sequence[Gap]
) -> tuple[str, ...]:
    """Questions that the corpus is known to answer, about neighbouring clauses rather than the same one."""
    cited = [c for s in statements for c in s.citations if not c.startswith("plan-")]
    wanted = (
        [n for g in gaps for n in g.nearest]
        + _other_facets(index.catalog, cited)
        + [c for c in ranking if c not in cited]
    )
    asked = {frozenset(stems(question))}
    chosen: list[str] = []
    for citation in dict.fromkeys(wanted):
        best = _plainest(index, citation)
        if best and frozenset(stems(best)) not in asked:
            asked.add(frozenset(stems(best)))
            chosen.append(best)
        if len(chosen) == _QUESTIONS:
            break
    return tuple(chosen)


def _other_facets(catalog: Catalog, cited: Sequence[str]) -> list[str]:
    """For a What the Why and How of the same principle, and so on."""
    found: list[str] = []
    for citation in cited[:1]:
        entry = catalog.resolve(citation)
        for other in catalog:
            same = other.principle == entry.principle and other.clause.source_id == entry.clause.source_id
            if (
                entry.principle
                and same
                and other.facet != entry.facet
                and other.has_text
                and other.clause.kind == "clause"
            ):
                found.append(other.citation_id)
    return found[:2]


def _plainest(index: OpenIndex, citation: str) -> str | None:
    """The first short question near the clause's wording that reads well on a button."""
    for question in index.asked:
        text = question.question
        plain = question.voice in ("near", "everyday") and len(text) <= _LONGEST
        if question.citation_id == citation and plain and text[:1].isupper() and text.endswith("?"):
            return text
    return None
