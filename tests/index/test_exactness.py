"""The approximate index changes nothing: what it finds is what an exact search finds, however often it is built."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.answering.assistant import GuidanceAssistant
from assistant.index.vector_store import VectorStore

_TOP = 20
_QUERIES = (
    "trust between partners",
    "who leads the joint team",
    "how do we end the relationship well",
    "share knowledge but keep secrets",
    "reporting burden on a small supplier",
)


@pytest.mark.parametrize("query", _QUERIES)
def test_the_best_passages_are_those_of_an_exact_search(query: str, assistant: GuidanceAssistant) -> None:
    index = assistant.index()
    vector = assistant.encoder.encode([query])[0]
    rows = [i for i, p in enumerate(index.passages) if not p.plan]
    exact = index.passage_vectors[rows] @ vector
    best = sorted(zip(exact, rows, strict=True), key=lambda p: (-p[0], index.passages[p[1]].passage_id))[:_TOP]
    found = [h.passage.passage_id for h in index.dense("guidance", vector)[:_TOP]]
    assert found == [index.passages[row].passage_id for _, row in best]


def test_vectors_stored_twice_are_found_alike(assistant: GuidanceAssistant, tmp_path: Path) -> None:
    index = assistant.index()
    vectors = np.array(index.passage_vectors)
    ids = [p.passage_id for p in index.passages]
    stores = [VectorStore.make(tmp_path / name) for name in ("one", "two")]
    for store in stores:
        store.create("guidance", ids, vectors)
    rows = {passage_id: i for i, passage_id in enumerate(ids)}
    for vector in assistant.encoder.encode(list(_QUERIES)):
        first, second = (
            sorted(store.nearest("guidance", vector, 400), key=lambda i: (-float(vectors[rows[i]] @ vector), i))[:_TOP]
            for store in stores
        )
        assert first == second
    for store in stores:
        store.close()
