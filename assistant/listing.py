"""Sources, clauses and answers as rows and text, shared by the interfaces."""

from __future__ import annotations

from datetime import date
from typing import Any

from assistant.answering.answer import Answer, Statement
from assistant.answering.assistant import EXTRACTIVE
from assistant.clauses.catalog import Catalog

_PART_TITLES = {
    "guidance": "",
    "side:msme": "For the small firm (ISO 44003)",
    "side:large": "For the large organisation (ISO 44004)",
    "plans": "From our plans",
}


def source_rows(catalog: Catalog, today: date | None = None) -> list[dict[str, Any]]:
    """One row a source and rendition: what it is, how many clauses, and under which licence."""
    day = today or date.today()
    rows = []
    for (source_id, rendition), source in sorted(catalog.sources.items()):
        entries = [e for e in catalog if e.clause.source_id == source_id and rendition in e.renditions]
        rows.append(
            {
                "id": source_id,
                "rendition": rendition,
                "title": source.title,
                "label": source.label,
                "edition": source.edition,
                "publisher": source.publisher,
                "kind": source.kind,
                "audience": source.audience,
                "sample": source.sample,
                "clauses": len(entries),
                "with_text": sum(bool(e.renditions[source.rendition].text) for e in entries),
                "files": [f.name for f in source.files],
                "folder": str(source.folder),
                "licence": source.licence.model_dump(mode="json"),
                "licence_state": "expired"
                if source.licence.expired(day)
                else "default"
                if not source.described
                else "valid",
                "licence_line": source.licence.line(),
                "manifest_lines": "" if source.described else source.manifest_lines(),
            }
        )
    return rows


def clause_rows(catalog: Catalog, source_id: str | None = None) -> list[dict[str, Any]]:
    """One row a clause, list item, annex row, stage or plan section, in reading order."""
    rows = []
    for entry in catalog:
        if source_id is not None and entry.clause.source_id != source_id:
            continue
        rows.append(
            {
                "id": entry.citation_id,
                "kind": entry.clause.kind,
                "heading": entry.clause.heading,
                "label": entry.label,
                "parent": entry.clause.parent,
                "depth": len(catalog.ancestors(entry.citation_id)),
                "principle": entry.principle,
                "facet": entry.facet,
                "stage": entry.stage,
                "audience": entry.audience,
                "renditions": sorted(entry.renditions),
                "text_held": entry.held,
                "has_text": entry.has_text,
                "references": [r.target for r in entry.clause.references if r.target],
                "page": entry.clause.page,
            }
        )
    return rows


def render_answer(answer: Answer, catalog: Catalog) -> str:
    """An answer as text for a terminal: statements with numbers, then what the numbers mean."""
    numbers = {c.id: i for i, c in enumerate(answer.citations, 1)}
    lines: list[str] = []
    part = ""
    for statement in answer.statements:
        if statement.part != part:
            part = statement.part
            title = _PART_TITLES[part]
            lines += ([""] if lines else []) + ([title] if title else [])
        lines.append(_statement_line(statement, numbers))
    for gap in answer.gaps:
        lines += ([""] if lines else []) + [gap.say]
        if gap.nearest:
            lines.append("Nearest help: " + "; ".join(_named(catalog, n) for n in gap.nearest))
    if answer.citations:
        lines += ["", *(f"[{numbers[c.id]}] {c.label}  {c.heading}  <{c.id}>" for c in answer.citations)]
    if answer.related:
        lines += ["", "Related: " + "; ".join(_named(catalog, r) for r in answer.related)]
    if answer.next_questions:
        lines += ["", "You could ask next:", *(f"  - {q}" for q in answer.next_questions)]
    notices = [*_engine_lines(answer), *answer.notices]
    for notice in notices:
        lines += ["", f"Note: {notice}"]
    return "\n".join(lines)


def _engine_lines(answer: Answer) -> list[str]:
    """Who wrote the answer, where a language model was to write it."""
    checked, removed = answer.verification.checked, answer.verification.removed
    if answer.fallback_reason:
        left_out = f"; {removed} of its statements failed verification" if removed else ""
        return [f"The language model was not used: {answer.fallback_reason}{left_out}. Quoted word for word instead."]
    if answer.engine == EXTRACTIVE:
        return []
    return [f"Written by {answer.engine}; {checked} statements checked, {removed} removed."]


def _statement_line(statement: Statement, numbers: dict[str, int]) -> str:
    return f"{statement.text} " + "".join(f"[{numbers[c]}]" for c in statement.citations)


def _named(catalog: Catalog, citation: str) -> str:
    entry = catalog.resolve(citation)
    return f"{entry.label} {entry.clause.heading}" if entry.clause.heading not in entry.label else entry.label
