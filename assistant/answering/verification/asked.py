"""Asked: what people who speak like a statement ask about, as a second opinion on which clause it belongs to.

The question model has learnt from some ten thousand everyday questions which words people have for which clause; a
statement in everyday words, far from those of the clause that it cites, is still known by it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from assistant.answering.verification.wording import TextEncoder
from assistant.clauses.catalog import Catalog
from assistant.index.question_model import QuestionModel

# Chances smaller than this are all alike.
_LEAST = -8.0


class Asked:
    """Chances of clauses for a text, from the question model.

    Args:
        catalog: The clauses.
        model: The question model of the index.
        encoder: The questions' encoder.
    """

    def __init__(self, catalog: Catalog, model: QuestionModel, encoder: TextEncoder) -> None:
        self._model = model
        self._encoder = encoder
        self._catalog = catalog
        owners = [catalog.owner(label) if label in catalog else "" for label in model.labels]
        self._owners: NDArray[np.str_] = np.array(owners, dtype=np.str_)

    def signals(self, text: str, citations: Iterable[str]) -> tuple[float, float, float]:
        """Logarithms of chances, each at least -8.

        Args:
            text: A statement.
            citations: What it cites.

        Returns:
            That of the cited clauses with all their items; the same less that of the likeliest other clause, at most 0;
            and that of the very items that are cited. Zeros where nothing has been asked about a cited clause.
        """
        citations = list(citations)
        cited = {self._catalog.owner(c) for c in citations}
        family = np.isin(self._owners, list(cited))
        if not family.any():
            return 0.0, 0.0, 0.0
        logits = self._model.logits(self._encoder.encode([text]))[0].astype(float)
        chances = logits - np.logaddexp.reduce(logits)
        whole = float(np.logaddexp.reduce(chances[family]))
        others = chances[~family & (self._owners != "")]
        margin = min(0.0, whole - float(others.max())) if others.size else 0.0
        own = np.isin(np.array(self._model.labels), [*citations, *cited]) if self._items(citations) else family
        exact = float(np.logaddexp.reduce(chances[own])) if own.any() else whole
        return max(whole, _LEAST), max(margin, _LEAST), max(exact, _LEAST)

    def _items(self, citations: list[str]) -> bool:
        return all(self._catalog.owner(c) != c for c in citations)
