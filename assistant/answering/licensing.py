"""Which words may be shown: role, expiry and quote budget of each source, for one answer or one export."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from assistant.clauses.catalog import Catalog, Entry
from assistant.clauses.clause import Clause
from assistant.sources.licence import Licence, count_words

Purpose = Literal["answer", "export"]


@dataclass
class QuoteLedger:
    """Keeps one answer, or one export, within the licences of the texts it quotes.

    Attributes:
        catalog: What exists, with its sources.
        role: Role of the reader.
        today: The day on which licences are judged.
        purpose: "answer" while reading in the product, "export" for a file.
    """

    catalog: Catalog
    role: str
    today: date
    purpose: Purpose = "answer"
    _spent: dict[str, int] = field(default_factory=dict)
    _withheld: set[tuple[str, str]] = field(default_factory=set)
    _over_budget: set[tuple[str, str]] = field(default_factory=set)

    def licence(self, clause: Clause) -> Licence:
        """The licence of the source and rendition that a clause belongs to."""
        return self.catalog.sources[clause.source_id, clause.rendition].licence

    def may_show(self, clause: Clause) -> bool:
        """Whether the role may see this rendition today."""
        return self.licence(clause).allows(self.role, self.today)

    def renditions(self, entry: Entry) -> list[Clause]:
        """Renditions with text that may be shown, licensed first; what is withheld is remembered for the notices."""
        allowed = []
        for name in ("licensed", "digest", "plan"):
            clause = entry.renditions.get(name)
            if clause is None or not clause.text:
                continue
            if self.may_show(clause):
                allowed.append(clause)
            else:
                self._withheld.add((clause.source_id, clause.rendition))
        return allowed

    def budget(self, clause: Clause) -> int:
        """Words of this rendition that may be quoted in all."""
        licence = self.licence(clause)
        if self.purpose == "export":
            return licence.quote_words_per_export if licence.export else 0
        return licence.quote_words_per_answer

    def room(self, clause: Clause) -> int:
        """Words of this rendition that may still be quoted."""
        return max(0, self.budget(clause) - self._spent.get(_key(clause), 0))

    def quote(self, clause: Clause, words: str) -> bool:
        """Take words of this rendition from the budget; False, and nothing taken, where they do not fit."""
        return self.quote_together([(clause, words)])

    def quote_together(self, quotes: Sequence[tuple[Clause, str]]) -> bool:
        """Take words of several renditions from their budgets; False, and nothing taken of any, where one does not fit."""
        needed: dict[str, int] = {}
        for clause, words in quotes:
            needed[_key(clause)] = needed.get(_key(clause), 0) + count_words(words)
        over = {(c.source_id, c.rendition) for c, _ in quotes if not self.may_show(c) or needed[_key(c)] > self.room(c)}
        self._over_budget |= over
        if over:
            return False
        for key, count in needed.items():
            self._spent[key] = self._spent.get(key, 0) + count
        return True

    @property
    def kept_back(self) -> bool:
        """Whether any words were kept back."""
        return bool(self._withheld or self._over_budget)

    def notices(self, digest_of: Container[str] | None = None) -> list[str]:
        """Lines that say where a licence kept words of a licensed text back, and what stands in their place.

        Args:
            digest_of: Sources whose digest is quoted instead; None where that is so for all of them.
        """
        lines = []
        for source_id, rendition in sorted(self._withheld | self._over_budget):
            if rendition != "licensed":
                continue
            source = self.catalog.sources[source_id, rendition]
            instead = digest_of is None or source_id in digest_of
            if (source_id, rendition) in self._withheld:
                why = "has expired" if source.licence.expired(self.today) else "does not cover your role"
                then = "the plain-language digest answers in its place" if instead else "its words are not shown"
                lines.append(f"The licence of {source.label} {why}: {then}.")
            else:
                then = (
                    "what it leaves out is told in the digest's words"
                    if instead
                    else "part of what answers is left out"
                )
                lines.append(f"The quote limit of {source.label} does not cover all of this: {then}.")
        return lines


def _key(clause: Clause) -> str:
    """Clauses of one rendition of a source share a budget."""
    return f"{clause.source_id}|{clause.rendition}"
