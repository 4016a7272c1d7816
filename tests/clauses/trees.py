"""Reading a text into its clauses the way a build does, and comparing trees."""

from __future__ import annotations

import io
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from assistant.clauses.builder import plan_sections, read_source
from assistant.clauses.clause import Clause
from assistant.clauses.outline import headed_sections, numbered_sections
from assistant.clauses.references import resolve_references
from assistant.clauses.taxonomy import Taxonomy, read_taxonomy
from assistant.clauses.tree import build_tree
from assistant.settings import packaged
from assistant.sources.reading import read_bytes, read_document
from assistant.sources.registry import Registrations, collect_sources


@lru_cache(maxsize=1)
def taxonomy() -> Taxonomy:
    """The packaged taxonomy."""
    return read_taxonomy(packaged("corpus"))


def read_folder(folder: Path, data_dir: Path) -> dict[str, list[Clause]]:
    """Clauses of every text in a folder by source id, found and recognised as `assistant index` does it."""
    registrations = Registrations.load(data_dir)
    registrations.register(folder)
    collected = collect_sources(packaged("corpus"), registrations, max_bytes=30_000_000)
    return {
        source.source_id: list(read_source(source, taxonomy(), read_document).clauses)
        for source in collected.sources
        if source.folder == folder.resolve()
    }


def standard(text: str, title: str = "", name: str = "guide.txt") -> list[Clause]:
    """Clauses of a numbered standard given as text."""
    sections = numbered_sections(read_bytes(text.encode(), name), title)
    return resolve_references(build_tree(sections, "x", "licensed"))


def plan(text: str, name: str = "plan.md") -> list[Clause]:
    """Clauses of a plan given as Markdown."""
    return build_tree(headed_sections(read_bytes(text.encode(), name)), "plan-x", "plan", slugs=True)


def by_locator(clauses: list[Clause]) -> dict[str, Clause]:
    """Clauses by locator; no two may have the same."""
    found = {c.locator: c for c in clauses}
    assert len(found) == len(clauses)
    return found


def headings(clauses: list[Clause]) -> list[tuple[str, str]]:
    """Locator and heading of everything that is no list item and no row, in reading order."""
    return [(c.locator, c.heading) for c in clauses if c.kind not in ("item", "row")]


def letters(text: str) -> str:
    """The letters and digits of a text: what must not get lost, however it is set."""
    return re.sub(r"[\W_]+", "", text).lower()


def plan_file(data: str | bytes, name: str) -> list[Clause]:
    """Clauses of a plan in any form of file, parted as `assistant index` does it."""
    document = read_bytes(data.encode() if isinstance(data, str) else data, name)
    return build_tree(plan_sections(document), "plan-x", "plan", slugs=True)


def saved(word: Any) -> bytes:
    """The bytes of a Word document."""
    stream = io.BytesIO()
    word.save(stream)
    return stream.getvalue()
