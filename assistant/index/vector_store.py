"""Dense vectors in Chroma: the only module that imports chromadb."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.encoders import Vectors
from assistant.errors import IndexProblem
from assistant.settings import set_offline

# Chroma refuses more than 5,461 records in one call.
_BATCH = 4000
# So wide a search meets every vector of the guidance: what a narrower one meets in the end differs from run to run.
_DATABASE = "chroma.sqlite3"
_CONFIGURATION = {"hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 4000, "max_neighbors": 32}}


class VectorStore:
    """Named collections of vectors below one folder; written once, then only read."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._collections: dict[str, Any] = {}

    @classmethod
    def open(cls, folder: Path) -> VectorStore:
        """Open the store that was made in a folder.

        Raises:
            IndexProblem: There is none, or Chroma cannot open it.
        """
        if not (folder / _DATABASE).is_file():
            raise IndexProblem(f"the vectors in {folder} are gone; run `assistant index`")
        return cls.make(folder)

    @classmethod
    def make(cls, folder: Path) -> VectorStore:
        """Make a store in a folder, or open the one that is there.

        Raises:
            IndexProblem: Chroma cannot open the folder.
        """
        set_offline()
        import chromadb  # importing it takes about a second: only when needed
        from chromadb.config import Settings as ChromaSettings

        with _translated(f"the vectors in {folder} cannot be opened; run `assistant index`"):
            settings = ChromaSettings(anonymized_telemetry=False, allow_reset=False)
            try:
                return cls(chromadb.PersistentClient(path=str(folder), settings=settings))
            except Exception:
                _forget(str(folder))
                raise

    def create(self, name: str, ids: Sequence[str], vectors: Vectors) -> None:
        """Make a collection and fill it.

        Args:
            name: "guidance" or "plans".
            ids: One id a vector.
            vectors: Unit vectors, shape (len(ids), dimensions).

        Raises:
            IndexProblem: Chroma refuses; for instance the disk is full.
        """
        with _translated("the vectors cannot be written; check free disk space and permissions"):
            collection = self._client.create_collection(name, configuration=_CONFIGURATION, embedding_function=None)
            for start in range(0, len(ids), _BATCH):
                batch = list(ids[start : start + _BATCH])
                collection.add(ids=batch, embeddings=vectors[start : start + len(batch)])

    def count(self, name: str) -> int:
        """How many vectors a collection holds.

        Raises:
            IndexProblem: The collection cannot be read.
        """
        with _translated("the vectors cannot be read; run `assistant index`"):
            return int(self._collection(name).count())

    def nearest(self, name: str, vector: Vectors, count: int) -> list[str]:
        """Ids of about the nearest vectors; approximate, so callers rescore them exactly.

        Args:
            name: The collection.
            vector: One unit vector, shape (dimensions,).
            count: How many.

        Raises:
            IndexProblem: The collection cannot be read.
        """
        with _translated("the vectors cannot be read; run `assistant index`"):
            collection = self._collection(name)
            size = collection.count()
            if size == 0:
                return []
            found = collection.query(query_embeddings=[vector.tolist()], n_results=min(count, size), include=[])
            return list(found["ids"][0])

    def _collection(self, name: str) -> Any:
        if name not in self._collections:
            self._collections[name] = self._client.get_collection(name, embedding_function=None)
        return self._collections[name]

    def close(self) -> None:
        """Let go of the folder."""
        self._collections.clear()
        close = getattr(self._client, "close", None)
        if callable(close):
            close()


def _forget(folder: str) -> None:
    """Chroma keeps what it could not start, and would give it to whoever opens the mended folder."""
    from chromadb.api.shared_system_client import SharedSystemClient

    if folder not in SharedSystemClient._identifier_to_refcount:
        SharedSystemClient._identifier_to_system.pop(folder, None)


@contextmanager
def _translated(remedy: str) -> Iterator[None]:
    """Chroma's errors have no common root besides Exception: every one of them becomes an IndexProblem here."""
    try:
        yield
    except (KeyboardInterrupt, IndexProblem):
        raise
    except Exception as error:
        raise IndexProblem(f"{remedy} ({error.__class__.__name__})") from error
