"""Sections of a life-cycle page: stages as bare headings, the first ones announced but not headed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.clauses.outline import Section, tidy_blocks
from assistant.sources.document import Block, Document

_FINAL = re.compile(r"[.;:?!,]['\")\]’”]?$")


def life_cycle_sections(document: Document, stages: Sequence[str]) -> list[Section]:
    """The overview and one section a stage, in life-cycle order.

    Stages whose heading is missing are found by the order in which a sentence announces them: the paragraphs
    between that sentence and the first stage that has a heading belong to the announced ones, one each.

    Args:
        document: The page as read.
        stages: Names of the stages in their order.
    """
    names = {name.lower(): name for name in stages}
    blocks = [b for b in tidy_blocks(document) if b.text.strip()]
    found: dict[str, list[Block]] = {name: [] for name in stages}
    marks: dict[str, Block] = {}
    overview: list[Block] = []
    current: str | None = None
    waiting: list[str] = []
    for block in blocks:
        key = block.text.strip().lower()
        announced = _announced(block.text, stages)
        if key in names:
            current, waiting = names[key], []
            marks[current] = block
        elif announced:
            overview.append(block)
            current = None
            waiting = list(announced)
        elif waiting:
            if _is_bare_line(block):
                continue
            current_stage = waiting.pop(0)
            marks.setdefault(current_stage, replace(block, end=block.start))
            found[current_stage].append(block)
        elif current is not None:
            if _is_bare_line(block):
                if all(found.values()):
                    break  # what follows the last stage is the page's footer
                continue
            found[current].append(block)
        elif not _is_bare_line(block):
            overview.append(block)
    return _sections(overview, found, marks)


def _announced(text: str, stages: Sequence[str]) -> list[str]:
    """Stages that one sentence lists, in its order, when it lists at least three."""
    lowered = text.lower()
    hits = [(lowered.find(s.lower()), s) for s in stages if s.lower() in lowered]
    return [s for _, s in sorted(hits)] if len(hits) >= 3 and "stage" in lowered else []


def _is_bare_line(block: Block) -> bool:
    return len(block.text) < 80 and not _FINAL.search(block.text.strip())


def _sections(overview: Sequence[Block], found: dict[str, list[Block]], marks: dict[str, Block]) -> list[Section]:
    sections = []
    if overview:
        first = overview[0]
        sections.append(
            Section("Overview", "", "section", 1, tuple(overview), first.start, first.start, page=first.page)
        )
    for name, blocks in found.items():
        if name not in marks:
            continue
        mark = marks[name]
        sections.append(Section(name, "", "section", 1, tuple(blocks), mark.start, mark.end, page=mark.page))
    return sections
