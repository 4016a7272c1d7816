"""Names: organisations, products, places and abbreviations of a statement have to occur in what it cites."""

from __future__ import annotations

import re

from assistant.clauses.sentences import split_sentences
from assistant.clauses.taxonomy import Taxonomy

_TOKEN = re.compile(r"[^\W\d_][\w&'’-]*")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"”)]+|[\w.+-]+@[\w-]+\.[\w.]+", re.I)
_ORDINARY = frozenset(
    {"I", "MSME", "MSMEs", "SME", "SMEs", "OK", "Introduction", "Foreword", "Annex", "Table", "Clause", "Section"}
    | {"Figure", "Part", "Item", "Note", "NOTE", "Stage"}
)


class NameWords:
    """Finds names in statements, and knows which short forms stand for which words.

    Args:
        taxonomy: Its abbreviations, principles, stages and roles are the field's own words and no foreign names.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._long = {a.short.lower(): a.long.lower() for a in taxonomy.abbreviation}
        words = [p.name for p in taxonomy.principle] + [s.name for s in taxonomy.stage]
        words += [n for r in taxonomy.role for n in (r.name, *r.aliases)]
        self._own = {t.lower() for w in words for t in _TOKEN.findall(w) if not t.isupper()}

    def missing(self, statement: str, evidence: str) -> list[str]:
        """Names of a statement that do not occur in what it cites, in order.

        Args:
            statement: What is claimed.
            evidence: All that the cited clauses say, with headings and the names of their sources.
        """
        held = evidence.lower()
        addresses = [a for a in _ADDRESS.findall(statement) if a.lower().rstrip("/.,") not in held]
        names = self._names(_ADDRESS.sub(" ", statement))
        return [*addresses, *(n for n in dict.fromkeys(names) if not self._occurs(n, held))]

    def _names(self, statement: str) -> list[str]:
        found = []
        for sentence in split_sentences(statement):
            tokens = [t for t in _TOKEN.finditer(sentence.text) if not any(c.isdigit() for c in t.group())]
            for n, token in enumerate(tokens):
                word = re.sub(r"['’]s?$", "", token.group())
                inner = any(c.isupper() for c in word[1:])
                opens = n == 0 or sentence.text[: token.start()].rstrip()[-1:] in tuple(':"“‘(')
                if word in _ORDINARY or not (word[0].isupper() or inner):
                    continue
                if inner or not opens:
                    found.append(word)
        return found

    def _occurs(self, name: str, held: str) -> bool:
        low = name.lower()
        singular = low.removesuffix("s")
        if any(low in long.split() and _stands(short, held) for short, long in self._long.items()):
            return True
        if low in self._own or _stands(low, held) or _stands(singular, held):
            return True
        long = self._long.get(low) or self._long.get(singular)
        return bool(long and (long in held or (long.split()[0] in held and long.split()[-1] in held)))


def _stands(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}", text) is not None
