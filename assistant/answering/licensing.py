"""Which words may be shown: role, expiry and quote budget of each source, for one answer or one export."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from assistant.clauses.catalog import Catalog, Entry
from assistant.clauses.clause import Clause
from assistant.sources.licence import Licence

Purpose = Literal["answer", "export"]
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def count_words(text: str) -> int:
    """Words as a quote budget counts them."""
    return len(_WORD.findall(text))


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
    _withheld: set[str] = field(default_factory=set)
    _over_budget: set[str] = field(default_factory=set)

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
                self._withheld.add(clause.source_id)
        return allowed

    def budget(self, clause: Clause) -> int:
        """Words of this rendition that may be quoted in all."""
        licence = self.licence(clause)
        if self.purpose == "export":
            return licence.quote_words_per_export if licence.export else 0
        return licence.quote_words_per_answer

    def room(self, clause: Clause) -> int:
        """Words of this rendition that may still be quoted."""
        return max(0, self.budget(clause) - self._spent.get(f"{clause.source_id}|{clause.rendition}", 0))

    def quote(self, clause: Clause, words: str) -> bool:
        """Take words of this rendition from the budget; False, and nothing taken, where they do not fit."""
        needed = count_words(words)
        if not self.may_show(clause) or needed > self.room(clause):
            self._over_budget.add(clause.source_id)
            return False
        key = f"{clause.source_id}|{clause.rendition}"
        self._spent[key] = self._spent.get(key, 0) + needed
        return True

    def notices(self) -> list[str]:
        """Lines that say where a licence kept words back."""
        lines = []
        for source_id in sorted(self._withheld):
            source = self.catalog.sources.get((source_id, "licensed"))
            if source is None:
                continue
            why = "has expired" if source.licence.expired(self.today) else "does not cover your role"
            lines.append(f"The licence of {source.label} {why}: the plain-language digest answers in its place.")
        for source_id in sorted(self._over_budget - self._withheld):
            source = self.catalog.sources.get((source_id, "licensed"))
            if source is not None:
                lines.append(f"The quote limit of {source.label} is reached: the rest is told in the digest's words.")
        return lines
