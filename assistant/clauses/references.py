"""Cross-references in a text, recorded in its words and resolved to ids of the same source."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from assistant.clauses.clause import Clause, Reference

_NUMBER = r"\d{1,2}(?:\.\d{1,3})+"
_REFERENCE = re.compile(
    rf"\b(?P<table>Table\s+(?:[A-Z]\.)?\d+)\b|\b(?P<annex>Annex\s+[A-Z])\b"
    rf"|(?<![\w.])(?P<clause>(?:[Cc]lause\s+\d{{1,2}}(?![\d.])|{_NUMBER}))(?![\d])(?P<items>(?:\s+[a-z]\)(?:\s*(?:,|and|or)\s*[a-z]\))*)?)"
)
_FOREIGN = re.compile(
    r"(?:ISO|IEC|BS|EN)[\w/ ]*\s\d{4,5}(?::\d{4})?(?:,\s*|\s+)$|[€$£%]$|\bv(?:ersion)?\s?$", re.IGNORECASE
)


def find_references(text: str, source_id: str, known: set[str]) -> tuple[Reference, ...]:
    """References in reading order; "5.5 c) and e)" gives one for each item.

    Args:
        text: A clause's own text.
        source_id: The source whose clauses are meant when none is named.
        known: Citation ids that exist.
    """
    found: dict[tuple[str, str | None], Reference] = {}
    for match in _REFERENCE.finditer(text):
        if _FOREIGN.search(text[max(0, match.start() - 24) : match.start()]):
            continue
        for words, locator in _locators(match):
            target = f"{source_id}:{locator}"
            reference = Reference(words, target if target in known else None)
            found.setdefault((reference.words, reference.target), reference)
    return tuple(found.values())


def _locators(match: re.Match[str]) -> list[tuple[str, str]]:
    if match["table"]:
        number = match["table"].split()[-1]
        locator = f"Annex {number[0]}" if number[0].isalpha() else match["table"]
        return [(match["table"], locator)]
    if match["annex"]:
        return [(match["annex"], re.sub(r"\s+", " ", match["annex"]))]
    number = match["clause"].split()[-1]
    letters = re.findall(r"[a-z]\)", match["items"] or "")
    if not letters:
        return [(match["clause"], number)]
    return [(f"{number} {letter}", f"{number} {letter}") for letter in letters]


def resolve_references(clauses: Iterable[Clause]) -> list[Clause]:
    """The clauses with their cross-references recorded; a number that names no clause stays unresolved."""
    listed = list(clauses)
    known = {c.citation_id for c in listed}
    return [replace(c, references=find_references(c.text, c.source_id, known)) for c in listed]
