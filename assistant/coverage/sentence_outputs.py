"""What the reader makes of the sentences of plans: kept from an earlier run, or encoded in batches and kept."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.coverage.plan_text import Plan
from assistant.coverage.reading import PlanReader, with_context
from assistant.encoders import Vectors
from assistant.errors import CoverageError, WriteError
from assistant.index.build import Progress

# Half precision is enough, and half the room.
Halves = NDArray[np.float16]
_BATCH = 128
_WAIT_SECONDS = 60.0
_TABLE = "CREATE TABLE IF NOT EXISTS outputs (reader TEXT, sentence BLOB, row BLOB, PRIMARY KEY (reader, sentence))"


def sentence_outputs(
    path: Path,
    plans: Sequence[Plan],
    reader: PlanReader,
    progress: Progress,
    stopped: Callable[[], bool] = lambda: False,
) -> Vectors:
    """Outputs of the encoder, a row a sentence, in the order of the plans.

    They are kept by sentence, each batch as soon as it is read: a new version of a plan costs its new sentences, and a stop
    costs a batch.

    Args:
        path: The database that keeps them; what another version of the reader left there goes.
        plans: The plans.
        reader: Has the encoder.
        progress: Told how many sentences are read, of how many.
        stopped: Asked before each batch; True ends the work.

    Raises:
        CoverageError: The work was stopped.
        WriteError: The database cannot be written.
    """
    texts = [with_context(s) for p in plans for s in p.sentences]
    known: dict[str, Halves] = {}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _read_all(path, texts, reader, progress, stopped, known)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:  # damaged: it is begun anew, since all in it can be read again
            path.unlink(missing_ok=True)
            _read_all(path, texts, reader, progress, stopped, known)
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise WriteError(f"{path}: cannot be written ({reason}); free some space or fix its permissions") from error
    return np.stack([known[text] for text in texts]).astype(np.float32)


def _read_all(
    path: Path,
    texts: Sequence[str],
    reader: PlanReader,
    progress: Progress,
    stopped: Callable[[], bool],
    known: dict[str, Halves],
) -> None:
    """Add to `known` the outputs of those texts that it lacks, from the database or from the encoder."""
    with closing(sqlite3.connect(path, timeout=_WAIT_SECONDS)) as kept:
        kept.execute(_TABLE)
        known.update(_known(kept, reader, set(texts) - known.keys()))
        missing = sorted(set(texts) - known.keys(), key=lambda t: (len(t), t))
        if missing:
            with kept:
                kept.execute("DELETE FROM outputs WHERE reader != ?", (reader.name,))
        for start in range(0, len(missing), _BATCH):
            if stopped():
                raise CoverageError("stopped before the map was ready; run it again to go on, what was read is kept")
            batch = missing[start : start + _BATCH]
            rows = reader.outputs(batch).astype(np.float16)
            known.update(zip(batch, rows, strict=True))
            _keep(kept, reader, batch, rows)
            progress("reading plans", start + len(batch), len(missing))


def _known(kept: sqlite3.Connection, reader: PlanReader, texts: Iterable[str]) -> dict[str, Halves]:
    found = {}
    for text in texts:
        row = kept.execute(
            "SELECT row FROM outputs WHERE reader = ? AND sentence = ?", (reader.name, _digest(text))
        ).fetchone()
        if row:
            found[text] = np.frombuffer(row[0], np.float16)
    return found


def _keep(kept: sqlite3.Connection, reader: PlanReader, texts: Sequence[str], rows: Halves) -> None:
    values = [(reader.name, _digest(text), row.tobytes()) for text, row in zip(texts, rows, strict=True)]
    with kept:
        kept.executemany("INSERT OR REPLACE INTO outputs VALUES (?, ?, ?)", values)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
