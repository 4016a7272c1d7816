"""What a plan's sentence is to a recommendation, the two read together by a small fine-tuned cross-encoder.

`scripts/train_coverage_reader.py` trains it on example sentences and on whole plans with an answer key, and writes
`reading.npz`: a low-rank adapter of the packaged encoder and a head, under 1 MB.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.coverage.examples import STATUSES
from assistant.coverage.plan_text import PlanSentence
from assistant.encoders import CrossEncoder

PATH = Path(__file__).with_name("reading.npz")
_BATCH = 32
_LEAST_CHANCE = 1e-3


class PlanReader:
    """Chances of each status.

    Args:
        reader: Reads a sentence and a recommendation together.
    """

    def __init__(self, reader: CrossEncoder) -> None:
        self._reader = reader
        self._order = [reader.classes.index(s) for s in STATUSES]

    def statuses(self, sentences: Sequence[PlanSentence], recommendation: str) -> NDArray[np.float64]:
        """Logarithms of the chances of each status, shape (sentences, statuses), at least log 0.001.

        Args:
            sentences: Sentences of plans.
            recommendation: What is looked for, as `spoken` says it.
        """
        texts = [in_its_place(s) for s in sentences]
        found = np.zeros((len(texts), len(STATUSES)))
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # equal lengths together: less padding
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            found[batch] = self._reader.log_chances([(texts[i], recommendation) for i in batch])[:, self._order]
        return np.asarray(np.log(np.exp(found) + _LEAST_CHANCE))


@lru_cache(maxsize=1)
def packaged_reader() -> PlanReader:
    """The one that comes with the product."""
    return PlanReader(CrossEncoder(PATH))


@lru_cache(maxsize=1)
def reading_identity() -> str:
    """Identity of the packaged cross-encoder, for the cache."""
    return hashlib.sha256(PATH.read_bytes()).hexdigest()


def in_its_place(sentence: PlanSentence) -> str:
    """A plan's sentence as it is read: the heading it stands under, what leads into it, and its words."""
    return f"{sentence.title}. {sentence.shown}" if sentence.title else sentence.shown


def spoken(principle: str, text: str) -> str:
    """A recommendation as it is read: its principle, then its words with what leads into them."""
    return f"{principle}. {text}"
