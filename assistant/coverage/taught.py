"""What the examples teach: which recommendation a plan's sentence is about.

A linear classifier on sentence vectors, fitted from the examples in seconds and kept in the data folder. It reads the
questions' encoder, whose space tells the clauses apart better than that of passages.
"""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.coverage.examples import Example
from assistant.encoders import Vectors
from assistant.errors import CoverageError
from assistant.index.build import Progress

Floats = NDArray[np.float64]
# Inverse regularisation, chosen on the plans of evals/coverage/plans.
_STRENGTH = 8.0
_BATCH = 256


class TextEncoder(Protocol):
    """What is needed of an encoder."""

    @property
    def name(self) -> str:
        """Identity of the model; vectors of two names cannot be compared."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimensions), float32."""
        ...


@dataclass(frozen=True, slots=True)
class Encoded:
    """Texts in both spaces.

    Attributes:
        passages: Unit vectors by the encoder of passages, shape (texts, dimensions).
        questions: Unit vectors by the encoder of questions, the same shape.
    """

    passages: Vectors
    questions: Vectors

    def rows(self, chosen: Any) -> Encoded:
        """Some of the texts."""
        return Encoded(self.passages[chosen], self.questions[chosen])


@dataclass(frozen=True, slots=True)
class Taught:
    """Multinomial logistic regression over recommendations.

    Attributes:
        keys: Recommendations that have examples; empty where there is nothing to tell apart.
        weights: Shape (len(keys), dimensions).
        bias: Shape (len(keys),).
    """

    keys: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def about(self, sentences: Encoded, keys: Sequence[str]) -> Floats:
        """Logarithm of the chance that a sentence is about each recommendation, shape (keys, sentences).

        A recommendation without examples gets the mean of the others; without any examples all are 0.
        """
        if not self.keys:
            return np.zeros((len(keys), len(sentences.questions)))
        scores = np.asarray(sentences.questions, dtype=float) @ self.weights.T.astype(float) + self.bias
        chances = (scores - np.logaddexp.reduce(scores, axis=1)[:, None]).T
        row = {key: i for i, key in enumerate(self.keys)}
        mean = chances.mean(axis=0)
        return np.stack([chances[row[k]] if k in row else mean for k in keys])


def taught_by(
    examples: Sequence[Example],
    keys: Sequence[str],
    encoder: TextEncoder,
    folder: Path,
    progress: Progress,
    stopped: Callable[[], bool] = lambda: False,
) -> Taught:
    """The classifier for some recommendations, from the folder where it was fitted before; deterministic.

    Args:
        examples: The examples; near misses and those of other recommendations are left out.
        keys: Keys of the recommendations.
        encoder: That of questions.
        folder: Where the result is kept.
        progress: Told how far the reading of the examples is.
        stopped: Asked now and then; True ends the work.

    Raises:
        CoverageError: The work was stopped.
    """
    known = set(keys)
    used = [e for e in examples if e.key in known and e.status != "not_found"]
    if len({e.key for e in used}) < 2:
        return Taught((), np.zeros((0, 0), np.float32), np.zeros(0, np.float32))  # nothing to tell apart
    identity = "\n".join([encoder.name, *keys, *(repr(e) for e in used)])
    path = folder / f"{hashlib.sha256(identity.encode()).hexdigest()[:32]}.npz"
    if (kept := _load(path)) is not None:
        return kept
    found = _fit(_encoded([e.text for e in used], encoder, progress, stopped), [e.key for e in used])
    _save(path, found)
    return found


def _encoded(texts: Sequence[str], encoder: TextEncoder, progress: Progress, stopped: Callable[[], bool]) -> Vectors:
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # equal lengths together: less padding
    rows: dict[int, Vectors] = {}
    for start in range(0, len(order), _BATCH):
        if stopped():
            raise CoverageError("stopped before the map was ready; nothing was changed")
        batch = order[start : start + _BATCH]
        rows.update(zip(batch, encoder.encode([texts[i] for i in batch]), strict=True))
        progress("learning from examples", len(rows), len(texts))
    return np.stack([rows[i] for i in range(len(texts))])


def _fit(vectors: Vectors, labels: Sequence[str]) -> Taught:
    from sklearn.linear_model import LogisticRegression  # importing it takes a second: only when fitting

    model = LogisticRegression(C=_STRENGTH, max_iter=300)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # stopping before full convergence is meant: it regularises
        model.fit(vectors, np.array(labels))
    return Taught(
        tuple(str(k) for k in model.classes_), model.coef_.astype(np.float32), model.intercept_.astype(np.float32)
    )


def _save(path: Path, taught: Taught) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.npz")  # another process may write the same
    np.savez(temporary, keys=np.array(taught.keys, dtype=np.str_), weights=taught.weights, bias=taught.bias)
    temporary.replace(path)


def _load(path: Path) -> Taught | None:
    try:
        with np.load(path) as arrays:
            return Taught(tuple(str(k) for k in arrays["keys"]), arrays["weights"], arrays["bias"])
    except (OSError, ValueError, KeyError):
        return None  # missing or from another version: it is made anew
