"""Words of the sources in a pack: what is quoted on purpose, and licensed words that came in some other way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.answering.licensing import QuoteLedger
from assistant.answering.outdated import Outdated
from assistant.answering.verification.units import Unit, units_of
from assistant.clauses.catalog import Catalog
from assistant.clauses.clause import Clause
from assistant.sources.licence import WORD
from assistant.workshop.pack import Chapter, Line, LineKind

# A run of this many words is a quotation; shorter ones are the language of the trade.
RUN_WORDS = 12
_MOST_SOURCE_LINES = 12
_KINDS: dict[str, LineKind] = {"licensed": "source", "digest": "digest"}


class LicensedRuns:
    """Finds runs of words that stand in a licensed text.

    Args:
        catalog: The clauses, of which only licensed renditions count.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._runs: dict[tuple[str, ...], Clause] = {}
        for entry in catalog:
            clause = entry.renditions.get("licensed")
            if clause is not None and clause.held:
                words = _words(clause.text)
                for i in range(len(words) - RUN_WORDS + 1):
                    self._runs.setdefault(tuple(words[i : i + RUN_WORDS]), clause)

    def find(self, text: str) -> Iterator[tuple[Clause, str]]:
        """Each longest run of twelve words or more, with the clause it stands in."""
        words = _words(text)
        i = 0
        while i <= len(words) - RUN_WORDS:
            clause = self._runs.get(tuple(words[i : i + RUN_WORDS]))
            if clause is None:
                i += 1
                continue
            end = i + RUN_WORDS
            while end < len(words) and tuple(words[end - RUN_WORDS + 1 : end + 1]) in self._runs:
                end += 1
            yield clause, " ".join(words[i:end])
            i = end


def _words(text: str) -> list[str]:
    return [w.casefold() for w in WORD.findall(text)]


def add_source_lines(chapter: Chapter, catalog: Catalog, ledger: QuoteLedger) -> Chapter:
    """The chapter with the cited clauses' own sentences, for the facilitator guide.

    Licensed words are taken where their licence lets them leave the product and the budget has room, else the digest's.

    Args:
        chapter: Checked already.
        catalog: The clauses.
        ledger: The export's budgets.
    """
    lines: list[Line] = []
    cited = dict.fromkeys(c for points in chapter.points.values() for p in points for c in p.citations)
    for number, citation in enumerate(list(cited)[:_MOST_SOURCE_LINES], 1):
        found = _allowed_words(citation, catalog, ledger)
        if found:
            kind, text = found
            lines.append(Line(f"{chapter.unit_id}/source-{number}", text, (citation,), kind))
    return replace(chapter, source_lines=tuple(lines))


def _allowed_words(citation: str, catalog: Catalog, ledger: QuoteLedger) -> tuple[LineKind, str] | None:
    """The first sentence or item that recommends something, else the first one, and whose words it is."""
    units, entry, outdated = units_of(catalog, citation), catalog.resolve(citation), Outdated(catalog)
    for clause in ledger.renditions(entry):
        own = [u for u in units if u.rendition == clause.rendition and not u.text.rstrip().endswith(":")]
        own = [u for u in own if not outdated.holds(clause, u.full)]
        # Where no word may leave, no limit is reached.
        if own and clause.rendition in _KINDS and ledger.budget(clause):
            unit = _telling(own)
            if ledger.quote(clause, unit.full):
                return _KINDS[clause.rendition], unit.full
    return None


def _telling(units: Sequence[Unit]) -> Unit:
    return next((u for u in units if re.search(r"\bshould\b", u.full)), units[0])
