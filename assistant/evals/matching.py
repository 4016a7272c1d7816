"""When does a cited or retrieved id meet an expected one? (docs/architecture.md, "Case files")

Ids are compared without regard to case. An expected list item is met by that item or by its parent clause, not
by a sibling; an expected clause is met by the clause or any of its items; the rows of an annex table are the
items of their annex. A nested item (`g) 1)`) is met by the item and the clause it stands in, and meets both.
Subclauses are clauses of their own and never meet their parent. Ids of plans (`plan-…`) are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_ITEM = re.compile(r"\s+(?:(?:[a-z]{1,3}|[ivxl]{4,7}|\d{1,3})\)|#\d+)(?:-\d+)?$")
_ROW = re.compile(r"^(?:table\s+)?([a-z])\.\d+\s+\S")


def fold(citation_id: str) -> str:
    """The id as it is compared: lower case, white space folded, none around the colon."""
    source, colon, locator = citation_id.partition(":")
    return f"{source.strip()}{colon}{' '.join(locator.split())}".lower()


def is_guidance(citation_id: str) -> bool:
    """Every id that does not begin with `plan-` is guidance."""
    return not fold(citation_id).startswith("plan-")


def guidance_ids(ids: Iterable[str]) -> list[str]:
    """Folded guidance ids in order, each once."""
    return list(dict.fromkeys(fold(i) for i in ids if is_guidance(i)))


def lineage(citation_id: str) -> tuple[str, ...]:
    """The folded id, then the items around it, then the clause or annex that it stands in.

    >>> lineage("ISO-44003:5.1.3.3 g) 1)")
    ('iso-44003:5.1.3.3 g) 1)', 'iso-44003:5.1.3.3 g)', 'iso-44003:5.1.3.3')
    """
    current = fold(citation_id)
    found = [current]
    while match := _ITEM.search(current):
        current = current[: match.start()]
        found.append(current)
    source, colon, locator = current.partition(":")
    if row := _ROW.match(locator):
        found.append(f"{source}{colon}annex {row[1]}")
    return tuple(found)


def clause_of(citation_id: str) -> str:
    """The clause (or annex) of an id; a clause is its own."""
    return lineage(citation_id)[-1]


def meets(found: str, expected: str) -> bool:
    """Whether a cited or retrieved id meets an expected one."""
    one, other = fold(found), fold(expected)
    return one in lineage(other) or other in lineage(one)


def met_by(expected: Sequence[str], found: Iterable[str]) -> list[str]:
    """The expected ids that at least one found id meets, in the order they are expected."""
    candidates = list(found)
    return [e for e in expected if any(meets(f, e) for f in candidates)]


def ranked_gains(hits: Sequence[str], expected: Sequence[str]) -> list[list[str]]:
    """For each hit in rank order the expected ids that it is the first to meet.

    A hit that meets only what an earlier hit has met gets an empty list: it is not wrong, but brings nothing new.
    """
    open_ids = list(dict.fromkeys(fold(e) for e in expected))
    gains: list[list[str]] = []
    for hit in hits:
        gained = [e for e in open_ids if meets(hit, e)]
        open_ids = [e for e in open_ids if e not in gained]
        gains.append(gained)
    return gains
