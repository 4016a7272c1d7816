"""Typing slips mended towards the words of the corpus and its questions, for searching only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

_WORD = re.compile(r"[A-Za-z]{4,}")
_SURE = 5


class Speller:
    """Mends words that the corpus does not know when exactly one known word is near.

    Args:
        texts: Texts whose words count as known.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._counts: Counter[str] = Counter()
        for text in texts:
            self._counts.update(w.lower() for w in _WORD.findall(text))
        # A word seen once or twice may itself be a slip (the questions have them on purpose).
        self._by_length: dict[int, list[str]] = {}
        for word, count in self._counts.items():
            if count >= _SURE:
                self._by_length.setdefault(len(word), []).append(word)

    def mend(self, text: str) -> str:
        """The text with likely slips mended; capitals inside a sentence (names) are left alone."""
        return _WORD.sub(lambda m: self._mend_word(m, text), text)

    def _mend_word(self, match: re.Match[str], text: str) -> str:
        word = match.group()
        lowered = word.lower()
        if self._counts[lowered] >= 2 or (
            word[0].isupper() and match.start() > 0 and text[match.start() - 2 : match.start() - 1] not in ".?!"
        ):
            return word
        reach = 1 if len(word) < 7 else 2
        near = [w for n in range(len(word) - reach, len(word) + reach + 1) for w in self._by_length.get(n, ())]
        found = process.extract(lowered, near, scorer=OSA.distance, score_cutoff=reach, limit=5)
        if not found:
            return word
        best = min(found, key=lambda f: (f[1], f[0][0] != lowered[0], -self._counts[f[0]], f[0]))
        return best[0] if best[0][0] == lowered[0] or best[1] == 1 else word
