"""Evidence for each clause: asked-as questions, the question model, sentences and clauses, words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assistant.encoders import Encoder, Vectors
from assistant.index.reader import OpenIndex
from assistant.retrieval.follow_up import own_words
from assistant.retrieval.needs import told_and_asked

Scores = NDArray[np.float64]

NEAREST_QUESTIONS = 3

# Of a text that is too long for the encoder: what the sentences that ask count beside what leads into them, and the
# words that they need to be searched for alone ("What should we do?" says nothing without what was told).
_ASKING = 0.6
_ASKS_ENOUGH = 2
_REQUEST = re.compile(r"(?:please )?(?:tell|explain|describe|show|give|list|advise|help|summari[sz]e)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Weights:
    """What each kind of evidence counts, after scaling to unit variance over the clauses.

    Chosen by comparing figures on the dev and own cases, which are no unseen test of them (docs/retrieval.md).
    """

    model: float = 0.50
    nearest: float = 0.50
    sentence: float = 0.08
    clause: float = 0.05
    words: float = 0.08


@dataclass(frozen=True, slots=True)
class Evidence:
    """Scores of one search text, one column a clause id.

    Attributes:
        model: Logit of the question model.
        nearest: Mean cosine of the nearest asked-as questions.
        sentence: Best cosine of a sentence, item or row.
        clause: Best cosine of a clause window.
        words: BM25.
        topics: Mean cosine of the nearest questions of each not-covered topic.
        topic_logits: Logit of the question model of each topic.
        base: The vector of the passages' encoder.
    """

    model: Scores
    nearest: Scores
    sentence: Scores
    clause: Scores
    words: Scores
    topics: Scores
    topic_logits: Scores
    base: Vectors


class EvidenceFinder:
    """Finds the evidence for search texts in one open index.

    Args:
        index: The generation.
        encoder: Encoder of passages.
        question_encoder: Encoder of questions.
    """

    def __init__(self, index: OpenIndex, encoder: Encoder, question_encoder: Encoder) -> None:
        self._index = index
        self._encoder = encoder
        self._question_encoder = question_encoder

    @cached_property
    def ids(self) -> list[str]:
        """Guidance ids that have words of their own and are cited as such: clauses, lettered items, rows, stages."""
        return [
            e.citation_id for e in self._index.catalog if not e.is_plan and e.has_text and " #" not in e.clause.locator
        ]

    @cached_property
    def topic_keys(self) -> list[str]:
        """Keys of the not-covered register, in order."""
        return [t.key for t in self._index.not_covered]

    @cached_property
    def _columns(self) -> dict[str, int]:
        """Column of every id; what has no words of its own counts for the nearest thing that has."""
        own = {c: i for i, c in enumerate(self.ids)}
        columns = dict(own)
        for entry in self._index.catalog:
            if entry.is_plan or entry.citation_id in columns:
                continue
            stand_in = self._stand_in(entry.citation_id, own)
            if stand_in is not None:
                columns[entry.citation_id] = own[stand_in]
        return columns

    def _stand_in(self, citation: str, own: dict[str, int]) -> str | None:
        entry = self._index.catalog.resolve(citation)
        if " #" in entry.clause.locator:
            return self._index.catalog.owner(citation)
        queue = list(entry.children)
        while queue:
            child = queue.pop(0)
            if child in own:
                return child
            queue += self._index.catalog.resolve(child).children
        return None

    @cached_property
    def _question_columns(self) -> list[tuple[int, NDArray[np.int64]]]:
        return self._rows_by(
            [
                (self._columns.get(label, -1), i)
                for i, label in enumerate(self._index.question_labels)
                if not label.startswith("!")
            ]
        )

    @cached_property
    def _topic_columns(self) -> list[tuple[int, NDArray[np.int64]]]:
        position = {f"!{k}": i for i, k in enumerate(self.topic_keys)}
        return self._rows_by(
            [(position[label], i) for i, label in enumerate(self._index.question_labels) if label.startswith("!")]
        )

    @staticmethod
    def _rows_by(pairs: list[tuple[int, int]]) -> list[tuple[int, NDArray[np.int64]]]:
        rows: dict[int, list[int]] = {}
        for column, row in pairs:
            if column >= 0:
                rows.setdefault(column, []).append(row)
        return [(c, np.asarray(r, dtype=np.int64)) for c, r in sorted(rows.items())]

    @cached_property
    def _word_columns(self) -> NDArray[np.int64]:
        return np.asarray([self._columns.get(c, -1) for c in self._index.clause_ids], dtype=np.int64)

    def find(self, search: str) -> Evidence:
        """Evidence for one search text; the encoder reads no further than its window (see `windows`)."""
        asked = self._question_encoder.encode([search])[0]
        base = asked if self._question_encoder is self._encoder else self._encoder.encode([search])[0]
        similar = self._index.question_vectors @ asked
        model, topic_logits = self._logits(asked)
        sentence, clause = self._dense(base)
        return Evidence(
            model=model,
            nearest=_nearest(similar, self._question_columns, len(self.ids)),
            sentence=sentence,
            clause=clause,
            words=self._words(search),
            topics=_nearest(similar, self._topic_columns, len(self.topic_keys)),
            topic_logits=topic_logits,
            base=base,
        )

    def windows(self, search: str) -> list[tuple[str, float]]:
        """What is searched for in place of a text, with weights that sum to 1: the text itself where it is short.

        Of one that takes more than half of the encoder's window, what asks in it counts for more than half, and the
        same led in by as much as fits of what is told before it for the rest: the encoder would read the beginning
        alone, most people ask last, and a long story drowns the question long before it is cut.
        """
        encoder = self._question_encoder
        if self._fits(search, encoder.max_tokens // 2):
            return [(search, 1.0)]
        told, asked = told_and_asked(search)
        asked = asked or [s for s in told if _REQUEST.match(s)]
        told = [s for s in told if s not in asked]
        kept = asked or told[-1:]
        asking = _last_words(" ".join(kept), encoder)
        for sentence in reversed(told if asked else told[:-1]):
            if not self._fits(" ".join([sentence, *kept]), encoder.max_tokens):
                break
            kept = [sentence, *kept]
        led_in = _last_words(" ".join(kept), encoder)
        if asking == led_in or len(own_words(asking)) < _ASKS_ENOUGH:
            return [(led_in, 1.0)]
        return [(asking, _ASKING), (led_in, 1 - _ASKING)]

    def _fits(self, text: str, max_tokens: int) -> bool:
        return len(text) + 2 <= max_tokens or self._question_encoder.count_tokens(text) <= max_tokens

    def _logits(self, asked: Vectors) -> tuple[Scores, Scores]:
        question_model = self._index.question_model
        clause_logits = np.full(len(self.ids), -np.inf)
        topic_logits = np.full(len(self.topic_keys), -np.inf)
        positions = {f"!{k}": i for i, k in enumerate(self.topic_keys)}
        for label, logit in zip(question_model.labels, question_model.logits(asked[None])[0], strict=True):
            target, at = (
                (topic_logits, positions[label])
                if label in positions
                else (clause_logits, self._columns.get(label, -1))
            )
            if at >= 0:
                target[at] = max(target[at], float(logit))
        for scores in (clause_logits, topic_logits):
            known = scores[np.isfinite(scores)]
            scores[~np.isfinite(scores)] = known.min() if known.size else 0.0
        return clause_logits, topic_logits

    def _dense(self, base: Vectors) -> tuple[Scores, Scores]:
        sentence = np.full(len(self.ids), -1.0)
        clause = np.full(len(self.ids), -1.0)
        for hit in self._index.dense("guidance", base):
            target = clause if hit.passage.kind == "clause" else sentence
            at = self._columns.get(hit.passage.citation_id, -1)
            if at >= 0:
                target[at] = max(target[at], hit.score)
        for scores in (sentence, clause):
            found = scores[scores > -1.0]
            scores[scores == -1.0] = found.min() if found.size else 0.0
        return sentence, clause

    def _words(self, search: str) -> Scores:
        scores = np.zeros(len(self.ids))
        for at, score in zip(self._word_columns, self._index.clause_lexical.scores(search), strict=True):
            if at >= 0:
                scores[at] = max(scores[at], float(score))
        return scores


def _last_words(text: str, encoder: Encoder) -> str:
    """The end of a text that the encoder can read whole: where one sentence runs on, the question comes last."""
    while encoder.count_tokens(text) > encoder.max_tokens:
        words = text.split()
        if len(words) < 2:
            break
        text = " ".join(words[max(1, len(words) // 10) :])
    return text


def _nearest(similar: Vectors, columns: list[tuple[int, NDArray[np.int64]]], size: int) -> Scores:
    scores = np.full(size, np.nan)
    for column, rows in columns:
        values = similar[rows]
        count = min(NEAREST_QUESTIONS, len(values))
        scores[column] = float(np.mean(np.partition(values, -count)[-count:]))
    floor = np.nanmin(scores) if np.isfinite(scores).any() else 0.0
    filled: Scores = np.nan_to_num(scores, nan=float(floor))
    return filled


def scaled(scores: Scores) -> Scores:
    """Scores with mean 0 and variance 1; all zero where they do not differ."""
    spread = float(scores.std())
    return (scores - scores.mean()) / spread if spread > 1e-9 else np.zeros_like(scores)


def fuse(evidence: Evidence, weights: Weights) -> Scores:
    """Weighted sum of the scaled evidence, one score a clause id (min-max or z scaling beat rank fusion here)."""
    fused: Scores = (
        weights.model * scaled(evidence.model)
        + weights.nearest * scaled(evidence.nearest)
        + weights.sentence * scaled(evidence.sentence)
        + weights.clause * scaled(evidence.clause)
        + weights.words * scaled(evidence.words)
    )
    return fused
