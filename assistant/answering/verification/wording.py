"""Wording: how much of what a statement says has a counterpart among the words of the clause."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from assistant.clauses.catalog import Catalog
from assistant.encoders import Vectors
from assistant.index.lexical import STOPWORDS, stems

_WORD = re.compile(r"[^\W\d_](?:[\w'’-]*[^\W\d_])?")
# Words that every clause could use: they carry strength or address, which other checks look at, and no content.
_EMPTY = frozenset(
    re.findall(
        r"\S+",
        """must shall should need needs needed might may can could will would ought much also even still already organisation
        organization organisations organizations firm firms company companies business businesses make makes making made sure
        one ones thing things way ways many lot some somebody someone everyone everybody people every each other others take
        takes taking give gives given giving get gets keep keeps put puts go goes going come comes let lets use uses used using
        like well good really rather quite just iso standard document guidance clause is it's don't doesn't""",
    )
)
_MAX_IDF = 4.0
# A cosine of single words: below the first number two words have nothing in common, above the second they mean the same.
_UNLIKE, _ALIKE = 0.25, 0.70


class TextEncoder(Protocol):
    """All that verification needs of an encoder."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimensions), float32."""
        ...


def content_words(text: str) -> list[str]:
    """Words of a text that carry content, in lower case and in order."""
    words = (w.lower().replace("’", "'").removesuffix("'s") for w in _WORD.findall(text))
    return [w for w in words if w not in STOPWORDS and w not in _EMPTY and len(w) > 2]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a stretch of text, ready to be looked up.

    Attributes:
        stems: Their stems.
        vectors: Their vectors, shape (words, dimensions).
    """

    stems: frozenset[str]
    vectors: Vectors


class Wording:
    """Looks words up by stem, and by the likeness of their vectors where the stem is another.

    Args:
        catalog: Tells how rare a word is.
        encoder: Gives word vectors; each word is encoded once.
    """

    def __init__(self, catalog: Catalog, encoder: TextEncoder) -> None:
        self._encoder = encoder
        self._vectors: dict[str, Vectors] = {}
        frequency: Counter[str] = Counter()
        self._clauses = 0
        for entry in catalog:
            if entry.clause.kind not in ("item", "row"):
                self._clauses += 1
                frequency.update({s for c in entry.renditions.values() for s in stems(c.text)})
        self._frequency = frequency

    def vocabulary(self, texts: Iterable[str]) -> Vocabulary:
        """The content words of some texts."""
        words = sorted({w for text in texts for w in content_words(text)})
        return Vocabulary(frozenset(s for w in words for s in stems(w)), self._encode(words))

    def coverage(self, text: str, vocabulary: Vocabulary) -> float:
        """Share of a text's content, weighed by rarity, that has a counterpart in a vocabulary; 1 for no content."""
        words = list(dict.fromkeys(content_words(text)))
        if not words:
            return 1.0
        weights = np.array([self.weight(_stem(w)) for w in words])
        return float((weights * self._likeness(words, vocabulary)).sum() / weights.sum())

    def _likeness(self, words: Sequence[str], vocabulary: Vocabulary) -> Vectors:
        known = [bool(set(stems(w)) & vocabulary.stems) for w in words]
        like = np.array(known, dtype=np.float32)
        strange = [w for w, k in zip(words, known, strict=True) if not k]
        if strange and len(vocabulary.vectors):
            cosine = (self._encode(strange) @ vocabulary.vectors.T).max(axis=1)
            like[~np.array(known)] = np.clip((cosine - _UNLIKE) / (_ALIKE - _UNLIKE), 0, 1)
        return like

    def weight(self, stem: str) -> float:
        """How telling a stem is: its inverse document frequency among the clauses, up to a limit."""
        return min(_MAX_IDF, math.log(1 + self._clauses / (1 + self._frequency[stem])))

    def _encode(self, words: Sequence[str]) -> Vectors:
        missing = [w for w in words if w not in self._vectors]
        if missing:
            self._vectors.update(zip(missing, self._encoder.encode(missing), strict=True))
        if not words:
            return np.zeros((0, 1), dtype=np.float32)
        return np.stack([self._vectors[w] for w in words])


def _stem(word: str) -> str:
    return (stems(word) or [word])[0]
