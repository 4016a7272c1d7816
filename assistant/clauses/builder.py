"""Source -> Clauses: picks the shape that a source has and joins its files into one tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.clauses.clause import Clause
from assistant.clauses.life_cycle import life_cycle_sections
from assistant.clauses.outline import Section, headed_sections, numbered_sections, opening_section
from assistant.clauses.references import resolve_references
from assistant.clauses.taxonomy import Taxonomy
from assistant.clauses.tree import build_tree
from assistant.errors import UnreadableSource
from assistant.sources.document import Document
from assistant.sources.registry import Source

Reader = Callable[[Path], Document]


@dataclass(frozen=True, slots=True)
class SourceText:
    """A source with its clauses and the hash of the bytes they were read from."""

    source: Source
    clauses: tuple[Clause, ...]
    sha256: tuple[str, ...]


def read_source(source: Source, taxonomy: Taxonomy, read: Reader) -> SourceText:
    """Read and parse one source.

    Args:
        source: What to read.
        taxonomy: Names the life-cycle stages.
        read: Reads one file.

    Raises:
        UnreadableSource: A file cannot be read, or nothing that could be cited was found in the source.
    """
    documents = [read(path) for path in source.files]
    sections: list[Section] = []
    for document in documents:
        sections += _sections(document, source, taxonomy)
    slugs = source.kind != "standard"
    clauses = build_tree(sections, source.source_id, source.rendition, slugs=slugs)
    if source.kind == "life-cycle":
        clauses = [replace(c, kind="stage") if c.kind == "section" else c for c in clauses]
    if not any(c.text for c in clauses):
        raise UnreadableSource(f"{source.files[0]}: no text was found under any heading; check the file")
    return SourceText(source, tuple(resolve_references(clauses)), tuple(d.sha256 for d in documents))


def _sections(document: Document, source: Source, taxonomy: Taxonomy) -> Sequence[Section]:
    if source.rendition == "digest":
        return headed_sections(document, numbered=True)
    if source.kind == "standard":
        return numbered_sections(document, source.title)
    if source.kind == "life-cycle":
        return life_cycle_sections(document, [s.name for s in taxonomy.stage])
    return plan_sections(document)


def plan_sections(document: Document) -> list[Section]:
    """Sections of a plan: by its headings, or by numbered lines where no heading style was used.

    Returns:
        Sections in reading order; what stands before the first one is a section under the document's title.
    """
    sections = headed_sections(document)
    if any(b.kind == "heading" for b in document.blocks):
        return sections
    numbered = numbered_sections(document)
    if len(numbered) < 2:
        return sections
    opening = opening_section(document, numbered)
    return [opening, *numbered] if opening else numbered
