"""Search over documents that have no asked-as questions: any BEIR folder, another organisation's standard.

The same parts as for guidance, words and vectors, joined by weighted scores; nothing is learned from questions.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.clauses.sentences import split_sentences
from assistant.encoders import Encoder, Vectors
from assistant.files import write_whole
from assistant.index.lexical import LexicalIndex

WORDS_WEIGHT = 0.6
"""Share of BM25 beside the vectors, both scaled to 0..1 by query; set beforehand, not tuned (docs/retrieval.md)."""

_BATCH = 512
Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class ForeignDocument:
    """A document to search: its id, its title and its text."""

    document_id: str
    title: str
    text: str


class ForeignSearch:
    """Words and vectors over foreign documents.

    Args:
        ids: Document ids.
        lexical: BM25 over the documents.
        vectors: Unit vectors of windows of the documents.
        owner: Row of the document that each window belongs to.
        encoder: Encoder of the windows.
    """

    def __init__(
        self, ids: Sequence[str], lexical: LexicalIndex, vectors: Vectors, owner: NDArray[np.int64], encoder: Encoder
    ) -> None:
        self._ids = list(ids)
        self._lexical = lexical
        self._vectors = vectors
        self._owner = owner
        self._encoder = encoder

    @classmethod
    def build(
        cls, documents: Iterable[ForeignDocument], encoder: Encoder, folder: Path, *, progress: Told | None = None
    ) -> ForeignSearch:
        """Index documents, taking vectors over from a build of the same documents before.

        Args:
            documents: What to search.
            encoder: Encodes windows and queries.
            folder: Where the vectors are kept.
            progress: Told how far it is.
        """
        listed = list(documents)
        windows, owner = _windows(listed, encoder)
        digest = hashlib.sha256(json.dumps([encoder.name, windows]).encode()).hexdigest()[:24]
        path = folder / f"{digest}.npy"
        if path.is_file():
            vectors = np.load(path)
        else:
            vectors = _encode(windows, encoder, progress)
            content = io.BytesIO()
            np.save(content, vectors)
            write_whole(path, content.getvalue())
        lexical = LexicalIndex([f"{d.title}\n{d.text}" for d in listed])
        return cls([d.document_id for d in listed], lexical, vectors, np.asarray(owner, dtype=np.int64), encoder)

    def search(self, queries: Sequence[str], count: int) -> list[list[tuple[str, float]]]:
        """For each query the best documents with their scores, ties broken by id.

        Queries are encoded together: one at a time they take several times as long.
        """
        return [
            self.best(WORDS_WEIGHT * unit_range(words) + (1 - WORDS_WEIGHT) * unit_range(dense), count)
            for words, dense in self.evidence(queries)
        ]

    def evidence(self, queries: Sequence[str]) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """For each query BM25 and best cosine of each document, shapes (documents,)."""
        for query, vector in zip(queries, self._encoder.encode(queries), strict=True):
            dense = np.full(len(self._ids), -1.0, dtype=np.float32)
            np.maximum.at(dense, self._owner, self._vectors @ vector)
            yield self._lexical.scores(query), dense

    def best(self, scores: NDArray[np.float32], count: int) -> list[tuple[str, float]]:
        """The documents with the highest scores."""
        count = min(count, len(self._ids))
        top = np.argpartition(-scores, count - 1)[:count] if count else np.zeros(0, dtype=np.int64)
        found = [(self._ids[i], float(scores[i])) for i in top]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def unit_range(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores from 0 to 1; all zero where they do not differ."""
    low, high = float(scores.min()), float(scores.max())
    return (scores - low) / (high - low) if high > low else np.zeros_like(scores)


def _windows(documents: Sequence[ForeignDocument], encoder: Encoder) -> tuple[list[str], list[int]]:
    """Each document whole where it fits the encoder's window, else in runs of sentences, under its title."""
    windows: list[str] = []
    owner: list[int] = []
    for row, document in enumerate(documents):
        title = document.title.strip()
        room = encoder.max_tokens - encoder.count_tokens(title) - 2
        for text in _fitting(document.text, room, encoder):
            windows.append(f"{title}\n{text}".strip())
            owner.append(row)
    return windows, owner


def _fitting(text: str, room: int, encoder: Encoder) -> list[str]:
    # Two characters a token is the least that English comes to: short texts need no count.
    if len(text) <= 2 * room or encoder.count_tokens(text) <= room:
        return [text]
    runs: list[str] = []
    run = ""
    for sentence in split_sentences(text):
        joined = f"{run} {sentence.text}".strip()
        if run and encoder.count_tokens(joined) > room:
            runs.append(run)
            joined = sentence.text
        run = joined
    return [*runs, run]


def _encode(windows: Sequence[str], encoder: Encoder, progress: Told | None) -> Vectors:
    order = sorted(range(len(windows)), key=lambda i: len(windows[i]))  # equal lengths together: less padding
    rows: list[Vectors] = []
    for start in range(0, len(order), _BATCH):
        batch = order[start : start + _BATCH]
        rows.append(encoder.encode([windows[i] for i in batch]))
        if progress:
            progress("encoding documents", start + len(batch), len(order))
    vectors = np.concatenate(rows) if rows else encoder.encode([])
    placed = np.empty_like(vectors)
    placed[order] = vectors
    return placed
