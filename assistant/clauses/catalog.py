"""Every citation id that exists, with its renditions: the one place where a citation is resolved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from assistant.clauses.builder import SourceText
from assistant.clauses.clause import Clause
from assistant.clauses.taxonomy import Facet, Taxonomy
from assistant.errors import UnknownCitation
from assistant.sources.manifest import Audience, Rendition
from assistant.sources.registry import Source


@dataclass(frozen=True, slots=True)
class Entry:
    """What one citation id stands for.

    Attributes:
        clause: The rendition that gives heading, parent and order: licensed before digest.
        renditions: Every rendition held, by name.
        principle: Name of its principle, None where it has none.
        facet: What, why or how, None where it holds several or none.
        stage: Key of its life-cycle stage, None outside the life cycle.
        audience: Whom its source addresses.
        label: How it is shown to people.
        children: Ids of what stands directly below it, in reading order.
    """

    clause: Clause
    renditions: Mapping[Rendition, Clause]
    principle: str | None
    facet: Facet | None
    stage: str | None
    audience: Audience
    label: str
    children: tuple[str, ...] = ()

    @property
    def citation_id(self) -> str:
        """The id."""
        return self.clause.citation_id

    @property
    def is_plan(self) -> bool:
        """Whether it belongs to one of the organisation's own plans."""
        return self.clause.rendition == "plan"

    @property
    def held(self) -> bool:
        """Whether its text is in the corpus in any rendition (a bare heading counts as held)."""
        return any(c.held for c in self.renditions.values())

    @property
    def has_text(self) -> bool:
        """Whether any rendition has words of its own."""
        return any(c.text for c in self.renditions.values())


class Catalog:
    """All clauses of an index, looked up by exact citation id."""

    def __init__(self, texts: Iterable[SourceText], taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        self.sources: dict[tuple[str, str], Source] = {}
        by_id: dict[str, dict[Rendition, Clause]] = {}
        ordered: dict[str, list[str]] = {}
        for text in sorted(texts, key=lambda t: t.source.rendition != "licensed"):
            self.sources[text.source.source_id, text.source.rendition] = text.source
            for clause in text.clauses:
                renditions = by_id.setdefault(clause.citation_id, {})
                if not renditions:
                    ordered.setdefault(clause.source_id, []).append(clause.citation_id)
                renditions[clause.rendition] = clause
        children: dict[str, list[str]] = {}
        for ids in ordered.values():
            for citation in ids:
                first = _leading(by_id[citation])
                if first.parent:
                    children.setdefault(first.parent, []).append(citation)
        self._entries = {
            citation: self._entry(by_id[citation], tuple(children.get(citation, ())))
            for source_id in sorted(ordered)
            for citation in ordered[source_id]
        }

    def _entry(self, renditions: dict[Rendition, Clause], children: tuple[str, ...]) -> Entry:
        clause = _leading(renditions)
        source = self.sources[clause.source_id, clause.rendition]
        principle = self.taxonomy.principle_of(clause)
        stage = self.taxonomy.stage_of(clause)
        return Entry(
            clause=clause,
            renditions=renditions,
            principle=principle.name if principle else None,
            facet=self.taxonomy.facet_of(clause),
            stage=stage.key if stage else None,
            audience=source.audience,
            label=make_label(clause, source),
            children=children,
        )

    def __contains__(self, citation: object) -> bool:
        return citation in self._entries

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, citation: str) -> Entry | None:
        """The entry of exactly this id, or None."""
        return self._entries.get(citation)

    def resolve(self, citation: str) -> Entry:
        """The entry of exactly this id.

        Raises:
            UnknownCitation: There is none. Near ids are never taken in its place.
        """
        entry = self._entries.get(citation)
        if entry is None:
            raise UnknownCitation(f"no clause has the id {citation!r}; `assistant clauses` lists all ids")
        return entry

    def text_of(self, citation: str) -> Clause:
        """The clause's licensed rendition where held with text, else its digest or plan text.

        Raises:
            UnknownCitation: There is no such id.
        """
        entry = self.resolve(citation)
        for rendition in ("licensed", "digest", "plan"):
            clause = entry.renditions.get(rendition)
            if clause is not None and clause.text:
                return clause
        return entry.clause

    def owner(self, citation: str) -> str:
        """The clause that a list item or row stands in; any other id is its own owner.

        Raises:
            UnknownCitation: There is no such id.
        """
        around = [self.resolve(citation), *self.ancestors(citation)]
        return next((e for e in around if e.clause.kind not in ("item", "row")), around[-1]).citation_id

    def ancestors(self, citation: str) -> list[Entry]:
        """What an id stands in: its parent, the parent's parent, up to the top.

        Raises:
            UnknownCitation: There is no such id.
        """
        found: list[Entry] = []
        above = self.resolve(citation).clause.parent
        while above is not None and (entry := self.get(above)) is not None:
            found.append(entry)
            above = entry.clause.parent
        return found

    def stands_in(self, citation: str, outer: str) -> bool:
        """Whether one id stands in another, however deep; nothing stands in itself, and an unknown id in nothing."""
        return citation in self._entries and any(e.citation_id == outer for e in self.ancestors(citation))

    def neighbours(self, citation: str) -> tuple[str | None, str | None]:
        """The clauses before and after in reading order, on the level of clauses.

        Raises:
            UnknownCitation: There is no such id.
        """
        owner = self.resolve(self.owner(citation))
        ids = [
            e.citation_id
            for e in self
            if e.clause.source_id == owner.clause.source_id and e.clause.kind not in ("item", "row")
        ]
        at = ids.index(owner.citation_id)
        return (ids[at - 1] if at else None, ids[at + 1] if at + 1 < len(ids) else None)


def _leading(renditions: Mapping[Rendition, Clause]) -> Clause:
    licensed, digest = renditions.get("licensed"), renditions.get("digest")
    if licensed is not None and (licensed.held or digest is None):
        return licensed
    return digest or licensed or renditions["plan"]


def make_label(clause: Clause, source: Source) -> str:
    """The citation as shown to people (docs/architecture.md, citations)."""
    if clause.rendition == "plan":
        return f"{source.label}, {_plan_place(clause)}"
    if clause.kind == "stage" or source.kind == "life-cycle":
        item = re.search(r"#([\d.]+)$", clause.locator)
        return f"{source.label}, {clause.heading}" + (f", item {item[1]}" if item else "")
    place = re.sub(r" #([\d.]+)$", r", item \1", clause.locator)
    if clause.kind == "row" and re.match(r"[A-Z]\.\d+ ", place):
        number, _, rest = place.partition(" ")
        place = f"Table {number}, {rest}"
    return f"{source.label}, {place}"


def _plan_place(clause: Clause) -> str:
    item = re.search(r" #([\d.]+)$", clause.locator)
    place = f"{clause.number} {clause.heading}".strip()
    return place + (f", item {item[1]}" if item else "")
