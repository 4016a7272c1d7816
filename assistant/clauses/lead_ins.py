"""Lead-ins: what stands before a list and is part of what each of its items says."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.clauses.clause import Clause
from assistant.clauses.lists import LIST_MARKER
from assistant.clauses.sentences import split_sentences

_COLON = re.compile(r":\s*$")


def leads_in(text: str) -> bool:
    """Whether a text announces a list: it ends with a colon."""
    return bool(_COLON.search(text))


def lead_ins(owner: Clause, item: Clause) -> list[tuple[int, int]]:
    """Spans of what leads into a list item, in reading order: the sentence before its list, and the items it is nested in.

    Empty where no sentence leads into the list.

    Args:
        owner: The clause that the list stands in.
        item: The item; its parent is the item that it is nested in, or the owner.
    """
    first = _lead_sentence(owner, item.citation_id)
    if first is None:
        return []
    above = [p for p in owner.parts if p.kind == "item" and p.citation_id == item.parent]
    return [first, *((p.start, p.end) for p in above)]


def joined_lead(owner: Clause, spans: Sequence[tuple[int, int]]) -> str:
    """What leads into an item as the opening of one sentence, without list markers and colons."""
    pieces = [LIST_MARKER.sub("", owner.text[start:end]) for start, end in spans]
    return " ".join(re.sub(r"\s*[:;]\s*$", "", piece.strip()) for piece in pieces)


def _lead_sentence(clause: Clause, item: str) -> tuple[int, int] | None:
    last: tuple[int, int] | None = None
    for part in clause.parts:
        if part.kind == "paragraph":
            sentences = split_sentences(clause.text[part.start : part.end], part.start)
            last = (sentences[-1].start, sentences[-1].end) if sentences and leads_in(sentences[-1].text) else None
        elif part.citation_id == item and part.kind in ("item", "row"):
            return last
    return None
