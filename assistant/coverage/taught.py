"""What the examples teach: which recommendation a plan's sentence is about, and how far it goes towards it.

Three linear classifiers on sentence vectors, fitted from the examples in seconds and kept in the data folder. Each
example is read twice, by the encoder of passages and by that of questions, whose space tells the clauses apart better.
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

from assistant.coverage.examples import STATUSES, Example
from assistant.encoders import Vectors
from assistant.errors import CoverageError
from assistant.index.build import Progress

Floats = NDArray[np.float64]
# Inverse regularisation of the classifiers, chosen by cross-validation on the examples of one writer against the other's.
_TOPIC_STRENGTH, _STATUS_STRENGTH = 2.0, 0.3
_BATCH = 256
_LEAST_CHANCE = 1e-3


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
class _Classifier:
    """Multinomial logistic regression: weights of shape (classes, features), and biases."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def log_chances(self, rows: Any) -> Floats:
        """Logarithms of the chances of each class, shape (len(rows), classes)."""
        scores = np.asarray(rows, dtype=float) @ self.weights.T.astype(float) + self.bias
        return np.asarray(scores - np.logaddexp.reduce(scores, axis=1)[:, None])


@dataclass(frozen=True, slots=True)
class Taught:
    """The classifiers.

    Attributes:
        keys: Recommendations that have examples, in the order of the topic classifier.
        topic: Which recommendation a sentence is about, from its vector in the questions' space.
        wording: Which status sentences of such wording have, from both vectors.
        relation: Which status a sentence has for a given recommendation, from the vectors of both.
    """

    keys: tuple[str, ...]
    topic: _Classifier
    wording: _Classifier
    relation: _Classifier

    def about(self, sentences: Encoded, keys: Sequence[str]) -> Floats:
        """Logarithm of the chance that a sentence is about each recommendation, shape (keys, sentences).

        A recommendation without examples gets the mean of the others.
        """
        chances = self.topic.log_chances(sentences.questions).T
        row = {key: i for i, key in enumerate(self.keys)}
        mean = chances.mean(axis=0)
        return np.stack([chances[row[k]] if k in row else mean for k in keys])

    def statuses(self, sentences: Encoded, wanted: Encoded) -> Floats:
        """Logarithms of the chances of each status, by wording and by relation, shape (sentences, 2 x statuses).

        Args:
            sentences: The sentences.
            wanted: One recommendation, as a single row.
        """
        wording = self.wording.log_chances(np.hstack([sentences.passages, sentences.questions]))
        relation = self.relation.log_chances(_related(sentences, wanted))
        return np.asarray(np.log(np.exp(np.hstack([wording, relation])) + _LEAST_CHANCE))


def teach(examples: Sequence[Example], sentences: Encoded, wanted: Encoded, keys: Sequence[str]) -> Taught:
    """Fit the classifiers; deterministic.

    Args:
        examples: The examples; those of unknown recommendations are left out.
        sentences: Their vectors.
        wanted: Vectors of the recommendations.
        keys: Keys of the recommendations, in the order of `wanted`.
    """
    row = {key: i for i, key in enumerate(keys)}
    known = np.array([i for i, e in enumerate(examples) if e.key in row])
    sentences = sentences.rows(known)
    labels = np.array([row[examples[i].key] for i in known])
    statuses = np.array([STATUSES.index(examples[i].status) for i in known])
    on_topic = statuses != STATUSES.index("not_found")
    topics = np.unique(labels[on_topic])
    return Taught(
        tuple(keys[i] for i in topics),
        _fit(sentences.questions[on_topic], labels[on_topic], _TOPIC_STRENGTH, balanced=False),
        _fit(np.hstack([sentences.passages, sentences.questions]), statuses, _STATUS_STRENGTH, balanced=True),
        _fit(_related(sentences, wanted.rows(labels)), statuses, _STATUS_STRENGTH, balanced=True),
    )


def taught_by(
    examples: Sequence[Example],
    wanted: Sequence[tuple[str, str]],
    encoders: tuple[TextEncoder, TextEncoder],
    folder: Path,
    progress: Progress,
    stopped: Callable[[], bool] = lambda: False,
) -> Taught:
    """The classifiers for some recommendations, from the folder where they were fitted before.

    Args:
        examples: The examples.
        wanted: Key and words of every recommendation.
        encoders: Those of passages and of questions.
        folder: Where the result is kept.
        progress: Told how far the reading of the examples is.
        stopped: Asked now and then; True ends the work.

    Raises:
        CoverageError: The work was stopped.
    """
    texts = [e.text for e in examples]
    identity = "\n".join([*(e.name for e in encoders), *(f"{k}\t{t}" for k, t in wanted), *(repr(e) for e in examples)])
    path = folder / f"{hashlib.sha256(identity.encode()).hexdigest()[:32]}.npz"
    if (kept := _load(path)) is not None:
        return kept
    done = 0

    def read(encoder: TextEncoder) -> Vectors:
        nonlocal done
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # equal lengths together: less padding
        rows: list[Vectors] = []
        for start in range(0, len(order), _BATCH):
            if stopped():
                raise CoverageError("stopped before the map was ready; nothing was changed")
            rows.append(encoder.encode([texts[i] for i in order[start : start + _BATCH]]))
            done += len(rows[-1])
            progress("learning from examples", done, 2 * len(texts))
        vectors = np.concatenate(rows)
        placed = np.empty_like(vectors)
        placed[order] = vectors
        return placed

    sentences = Encoded(read(encoders[0]), read(encoders[1]))
    words = [text for _, text in wanted]
    found = teach(
        examples, sentences, Encoded(encoders[0].encode(words), encoders[1].encode(words)), [k for k, _ in wanted]
    )
    _save(path, found)
    return found


def _related(sentences: Encoded, wanted: Encoded) -> NDArray[np.float32]:
    """Products and differences of the vectors in both spaces, and the sentence itself."""
    return np.hstack(
        [
            sentences.passages * wanted.passages,
            np.abs(sentences.passages - wanted.passages),
            sentences.questions * wanted.questions,
            np.abs(sentences.questions - wanted.questions),
            sentences.passages,
        ]
    )


def _fit(rows: Any, labels: Any, strength: float, *, balanced: bool) -> _Classifier:
    from sklearn.linear_model import LogisticRegression  # importing it takes a second: only when fitting

    model = LogisticRegression(C=strength, max_iter=300, class_weight="balanced" if balanced else None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # stopping before full convergence is meant: it regularises
        model.fit(rows, labels)
    return _Classifier(model.coef_.astype(np.float32), model.intercept_.astype(np.float32))


def _save(path: Path, taught: Taught) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.npz")  # another process may write the same
    arrays = {
        f"{name}_{part}": getattr(getattr(taught, name), part)
        for name in ("topic", "wording", "relation")
        for part in ("weights", "bias")
    }
    np.savez(temporary, keys=np.array(taught.keys, dtype=np.str_), **arrays)
    temporary.replace(path)


def _load(path: Path) -> Taught | None:
    try:
        with np.load(path) as arrays:
            parts = [_Classifier(arrays[f"{n}_weights"], arrays[f"{n}_bias"]) for n in ("topic", "wording", "relation")]
            return Taught(tuple(str(k) for k in arrays["keys"]), *parts)
    except (OSError, ValueError, KeyError):
        return None  # missing or from another version: it is made anew
