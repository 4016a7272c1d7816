"""Vectors of plan sentences: from the index where it has them, from an earlier run, or encoded in batches and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from assistant.coverage.plan_text import Plan
from assistant.coverage.taught import TextEncoder
from assistant.encoders import Vectors
from assistant.errors import CoverageError
from assistant.index.build import Progress
from assistant.index.reader import OpenIndex

_BATCH = 128


class SentenceVectors:
    """Finds or makes the vectors of plans.

    Args:
        folder: Where vectors are kept.
        index: Its passages are asked first.
    """

    def __init__(self, folder: Path, index: OpenIndex) -> None:
        self._folder = folder / "vectors"
        self._index = index

    def vectors(
        self, plans: Sequence[Plan], encoder: TextEncoder, progress: Progress, stopped: Callable[[], bool]
    ) -> Vectors:
        """A row a sentence, in the order of the plans.

        Raises:
            CoverageError: The work was stopped; what was encoded is kept.
        """
        known = self._known(encoder)
        stored = {p.plan_id: self._stored(p, encoder) for p in plans}
        for plan in plans:
            for sentence, row in zip(plan.sentences, stored[plan.plan_id], strict=False):
                known.setdefault(sentence.text, row)
        missing = sorted({s.text for p in plans for s in p.sentences} - known.keys(), key=lambda t: (len(t), t))
        for start in range(0, len(missing), _BATCH):
            if stopped():
                raise CoverageError("stopped before the map was ready; nothing was changed")
            batch = missing[start : start + _BATCH]
            known.update(zip(batch, encoder.encode(batch), strict=True))
            progress("reading plans", min(start + _BATCH, len(missing)), len(missing))
        for plan in plans:
            if not len(stored[plan.plan_id]) and missing:
                self._store(plan, encoder, np.stack([known[s.text] for s in plan.sentences]))
        return np.stack([known[s.text] for p in plans for s in p.sentences])

    def _known(self, encoder: TextEncoder) -> dict[str, Vectors]:
        if self._index.stamp.encoder != encoder.name:
            return {}
        return {
            p.text: np.asarray(row)
            for p, row in zip(self._index.passages, self._index.passage_vectors, strict=True)
            if p.plan and p.kind != "clause"
        }

    def _path(self, plan: Plan, encoder: TextEncoder) -> Path:
        name = hashlib.sha256(f"{encoder.name} {plan.sha256}".encode()).hexdigest()[:32]
        return self._folder / f"{name}.npy"

    def _stored(self, plan: Plan, encoder: TextEncoder) -> Vectors:
        try:
            rows: Vectors = np.load(self._path(plan, encoder))
        except (OSError, ValueError):
            return np.zeros((0, 0), np.float32)
        return rows if len(rows) == len(plan.sentences) else np.zeros((0, 0), np.float32)

    def _store(self, plan: Plan, encoder: TextEncoder, rows: Vectors) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        temporary = self._path(plan, encoder).with_suffix(".part.npy")
        np.save(temporary, rows)
        temporary.replace(self._path(plan, encoder))
