"""What a sentence of a plan is about, and what it is to a recommendation: a small fine-tuned network.

The packaged encoder with low-rank updates reads each sentence once, with its context. One head (linear, on the mean output) says
how well it serves each of the known recommendations: the sentences of a plan are ranked by it, and it gives the chances of
what a sentence serves, or that it serves nothing. Another one says what the sentence is to one of them: evidence, part of
it, none, or the opposite (two layers on first and mean output and a vector of the recommendation).
`scripts/train_plan_reader.py` trains it from `corpus/plan-examples` and writes `reading.npz`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.coverage.plan_text import PlanSentence
from assistant.encoders import SentenceEncoder, Vectors

PATH = Path(__file__).with_name("reading.npz")
MAX_TOKENS = 96
Floats = NDArray[np.float64]
# The weights of a recommendation that was not trained on: its own vector, so long.
_NEW_LENGTH = 8.0
# A recommendation whose words are less like those that were trained on (cosine) is another one under the same key.
_SAME_WORDS = 0.8
_LEAST_CHANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Topics:
    """What sentences are about.

    Attributes:
        scores: How well a sentence serves each recommendation; by it the sentences for one recommendation are ranked. Shape
            (recommendations, sentences).
        about: Logarithm of the chance that a sentence serves each recommendation, shape (recommendations, sentences).
        idle: Logarithm of the chance that it serves none, shape (sentences,).
    """

    scores: Floats
    about: Floats
    idle: Floats

    @property
    def likeliest(self) -> Floats:
        """Logarithm of the chance of the recommendation that a sentence most likely serves, shape (sentences,)."""
        return np.asarray(self.about.max(axis=0))


@dataclass(frozen=True, slots=True)
class Heads:
    """What makes judgements of the encoder's outputs; "width" is that of the encoder, "shared" that of the second head.

    Attributes:
        rows: Row of each known recommendation in the arrays, by its key.
        topics: Weights of each recommendation, and of none in the last row, shape (recommendations + 1, width).
        topic_bias: Shape (recommendations + 1,).
        words: Unit vector of the words of each recommendation, shape (recommendations, width).
        recommendations: What the second head knows of each recommendation, shape (recommendations, shared).
        judging: Weights and biases of the second head by name.
    """

    rows: Mapping[str, int]
    topics: Vectors
    topic_bias: Vectors
    words: Vectors
    recommendations: Vectors
    judging: Mapping[str, Vectors]


class PlanReader:
    """Reads sentences of plans.

    Args:
        encoder: The encoder with its updates.
        heads: What makes judgements of its outputs.
    """

    def __init__(self, encoder: SentenceEncoder, heads: Heads) -> None:
        self._encoder = encoder
        self.heads = heads

    def with_heads(self, heads: Heads) -> PlanReader:
        """The same encoder with other heads; outputs serve both."""
        return PlanReader(self._encoder, heads)

    @property
    def name(self) -> str:
        """Identity of the file that it was read from."""
        return self._encoder.name

    def outputs(self, texts: Sequence[str]) -> Vectors:
        """First and mean output of the encoder for each text, shape (len(texts), 2 width), float32."""
        return self._encoder.outputs(texts, MAX_TOKENS)

    def topics(self, outputs: Vectors, keys: Sequence[str]) -> Topics:
        """Which of some recommendations sentences serve.

        Args:
            outputs: Of the sentences, as `outputs` gives them.
            keys: Keys of the recommendations, all of them known (see `with_recommendations`).
        """
        chosen = [*(self.heads.rows[k] for k in keys), len(self.heads.topics) - 1]
        scores = topic_scores(outputs, self.heads.topics[chosen], self.heads.topic_bias[chosen])
        chances = (scores - np.logaddexp.reduce(scores, axis=1)[:, None]).T
        return Topics(scores.T[:-1], chances[:-1], chances[-1])

    def statuses(self, outputs: Vectors, key: str) -> Floats:
        """Logarithms of the chances of each status for one recommendation, shape (sentences, statuses), at least log 0.001."""
        weights, wanted = self.heads.judging, self.heads.recommendations[self.heads.rows[key]]
        sentence = _gelu(outputs @ weights["sentence.weight"].T + weights["sentence.bias"])
        mixed = np.hstack([sentence * wanted, sentence, np.broadcast_to(wanted, sentence.shape)])
        scores = mixed @ weights["mixed.weight"].T + outputs @ weights["direct.weight"].T + weights["status.bias"]
        chances = np.exp(scores - np.logaddexp.reduce(scores, axis=1)[:, None], dtype=float)
        return np.asarray(np.log(chances + _LEAST_CHANCE))

    def with_recommendations(self, wanted: Mapping[str, str]) -> PlanReader:
        """A reader that knows these recommendations too.

        Of what it was not trained on, the first head knows the words alone, and the second one nothing but what holds
        for recommendations on the whole. The same goes for a key that stands for other words than in training.

        Args:
            wanted: The words of recommendations by their key.
        """
        vectors = mean_outputs(self.outputs(list(wanted.values())))
        new = {
            key: vector
            for key, vector in zip(wanted, vectors, strict=True)
            if key not in self.heads.rows or vector @ self.heads.words[self.heads.rows[key]] < _SAME_WORDS
        }
        if not new:
            return self
        heads, first, words = self.heads, len(self.heads.words), np.stack(list(new.values()))
        middle = heads.recommendations.mean(axis=0, keepdims=True)
        no_bias = np.zeros(len(new), np.float32)
        return self.with_heads(
            Heads(
                rows={**heads.rows, **{key: first + i for i, key in enumerate(new)}},
                topics=np.vstack([heads.topics[:-1], words * _NEW_LENGTH, heads.topics[-1:]]),
                topic_bias=np.concatenate([heads.topic_bias[:-1], no_bias, heads.topic_bias[-1:]]),
                words=np.vstack([heads.words, words]),
                recommendations=np.vstack([heads.recommendations, np.repeat(middle, len(new), axis=0)]),
                judging=heads.judging,
            )
        )


def mean_outputs(outputs: Vectors) -> Vectors:
    """The mean outputs as unit vectors, shape (len(outputs), width)."""
    mean = outputs[:, outputs.shape[1] // 2 :]
    return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True).clip(1e-9), dtype=np.float32)


def topic_scores(outputs: Vectors, weights: Vectors, bias: Vectors) -> Floats:
    """Scores before they are made chances, shape (len(outputs), len(weights))."""
    return np.asarray(mean_outputs(outputs) @ weights.T + bias, dtype=float)


def _gelu(values: Vectors) -> Vectors:
    """Gaussian error linear unit, by its tanh approximation (Hendrycks and Gimpel 2016, section 2)."""
    inner = np.sqrt(2 / np.pi) * (values + 0.044715 * values**3)
    return np.asarray(0.5 * values * (1 + np.tanh(inner)), dtype=np.float32)


@lru_cache(maxsize=1)
def packaged_reader() -> PlanReader:
    """The one that comes with the product."""
    return read_reader(PATH)


def read_reader(path: Path) -> PlanReader:
    """A reader as `scripts/train_plan_reader.py` wrote it."""
    with np.load(path) as arrays:
        heads = Heads(
            rows={str(key): i for i, key in enumerate(arrays["keys"])},
            topics=arrays["topics.weight"].astype(np.float32),
            topic_bias=arrays["topics.bias"].astype(np.float32),
            words=arrays["words"].astype(np.float32),
            recommendations=arrays["recommendation"].astype(np.float32),
            judging={
                name: arrays[name].astype(np.float32)
                for name in ("sentence.weight", "sentence.bias", "mixed.weight", "direct.weight", "status.bias")
            },
        )
    return PlanReader(SentenceEncoder(adapter=path), heads)


def with_context(sentence: PlanSentence) -> str:
    """A plan's sentence as it is read: the heading it stands under, what leads into it, and its words."""
    return f"{sentence.title}. {sentence.shown}" if sentence.title else sentence.shown
