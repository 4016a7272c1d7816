"""Elsewhere: how well a statement fits the clauses that it does not cite."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set

import numpy as np
from numpy.typing import NDArray

from assistant.answering.verification.units import units_of
from assistant.clauses.catalog import Catalog
from assistant.encoders import Vectors
from assistant.index.lexical import stems


class Elsewhere:
    """Every sentence and item of the guidance, to compare a statement with.

    Args:
        catalog: The clauses; plans are left out.
        encode: Gives vectors, from the index where it holds them.
    """

    def __init__(self, catalog: Catalog, encode: Callable[[Sequence[str]], Vectors]) -> None:
        units = [
            u
            for entry in catalog
            if entry.clause.kind != "item" and not entry.is_plan
            for u in units_of(catalog, entry.citation_id)
        ]
        texts = sorted({u.raw for u in units})
        vector_of = dict(zip(texts, encode(texts), strict=True))
        self._vectors = np.stack([vector_of[u.raw] for u in units]) if units else np.zeros((0, 1), dtype=np.float32)
        self._owners: NDArray[np.str_] = np.array([catalog.owner(u.citation) for u in units])
        words = [stems(u.raw) for u in units]
        self._column = {stem: n for n, stem in enumerate(sorted({s for w in words for s in w}))}
        self._stems = np.zeros((len(units), len(self._column)), dtype=np.float32)
        for row, found in enumerate(words):
            self._stems[row, [self._column[s] for s in found]] = 1.0

    def best(self, vector: Vectors, weights: Mapping[str, float], share: float, cited: Set[str]) -> float:
        """Best score of a statement among the sentences of clauses that it does not cite; 0 where there are none.

        Args:
            vector: Of the statement.
            weights: Its stems and how telling each is.
            share: What the shared words count beside the cosine.
            cited: The clauses that it cites, by the id of the clause that an item stands in.
        """
        away = ~np.isin(self._owners, list(cited))
        if not away.any():
            return 0.0
        scores = self._vectors @ vector
        total = sum(weights.values())
        known = [(self._column[s], w) for s, w in weights.items() if s in self._column]
        if known and total:
            columns, values = zip(*known, strict=True)
            scores = scores + share * (self._stems[:, list(columns)] @ np.array(values, dtype=np.float32)) / total
        return float(scores[away].max())
