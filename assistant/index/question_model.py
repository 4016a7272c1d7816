"""What the asked-as questions teach: a linear classifier from question vectors to citation ids and not-covered topics."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from assistant import __version__
from assistant.encoders import Vectors
from assistant.index.generation import content_hash

INVERSE_REGULARISATION = 2.0


@dataclass(frozen=True, slots=True)
class QuestionModel:
    """Multinomial logistic regression on unit vectors.

    Attributes:
        labels: Citation ids, and "!<key>" for topics that are not covered; sorted.
        weights: Shape (labels, dimensions).
        bias: Shape (labels,).
        lessons: Digest of what it was taught; "" where that is not known.
    """

    labels: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    lessons: str = ""

    def logits(self, vectors: Vectors) -> NDArray[np.float32]:
        """Scores before the softmax, shape (len(vectors), labels)."""
        return np.asarray(vectors @ self.weights.T + self.bias, dtype=np.float32)

    def save(self, path: Path) -> None:
        """Write as .npz."""
        labels, lessons = np.array(self.labels, dtype=np.str_), np.array(self.lessons)
        np.savez(path, labels=labels, weights=self.weights, bias=self.bias, lessons=lessons)

    @classmethod
    def load(cls, path: Path) -> QuestionModel:
        """Read what `save` wrote."""
        with np.load(path) as arrays:
            labels = tuple(str(label) for label in arrays["labels"])
            lessons = str(arrays["lessons"]) if "lessons" in arrays.files else ""
            return cls(labels, arrays["weights"], arrays["bias"], lessons)


def train_question_model(vectors: Vectors, labels: Sequence[str], before: Path | None = None) -> QuestionModel:
    """Fit the classifier; deterministic, a matter of seconds.

    Args:
        vectors: Unit vectors of the questions, shape (questions, dimensions).
        labels: The citation id or "!<key>" of each.
        before: A model saved before: it is taken over where it was taught the same.

    Returns:
        A model with as many labels as occur; an empty one where fewer than two occur.
    """
    lessons = content_hash([__version__, str(INVERSE_REGULARISATION), vectors.tobytes(), *labels])
    if before is not None:
        with suppress(OSError, EOFError, ValueError, KeyError, BadZipFile):  # damaged: it is made anew
            known = QuestionModel.load(before)
            if known.lessons == lessons:
                return known
    names = sorted(set(labels))
    dimensions = vectors.shape[1] if vectors.ndim == 2 else 0
    if len(names) < 2:
        return QuestionModel(
            tuple(names), np.zeros((len(names), dimensions), np.float32), np.zeros(len(names), np.float32), lessons
        )
    from sklearn.linear_model import LogisticRegression  # importing it takes a second: only when building

    classifier = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=100, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # stopping before full convergence is meant: it regularises
        classifier.fit(vectors, np.asarray(labels))
    weights, bias = classifier.coef_, classifier.intercept_
    if len(names) == 2:
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    return QuestionModel(
        tuple(str(c) for c in classifier.classes_), weights.astype(np.float32), bias.astype(np.float32), lessons
    )
