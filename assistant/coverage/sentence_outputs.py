"""What the reader makes of the sentences of plans: from an earlier run, or encoded in batches and kept."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from assistant.coverage.plan_text import Plan
from assistant.coverage.reading import PlanReader, in_its_place
from assistant.encoders import Vectors
from assistant.errors import CoverageError
from assistant.files import write_whole
from assistant.index.build import Progress

_BATCH = 128


def sentence_outputs(
    folder: Path,
    plans: Sequence[Plan],
    reader: PlanReader,
    progress: Progress,
    stopped: Callable[[], bool] = lambda: False,
) -> Vectors:
    """Outputs of the encoder, a row a sentence, in the order of the plans.

    Args:
        folder: Where they are kept, a file a plan.
        plans: The plans.
        reader: Has the encoder.
        progress: Told how many sentences are read, of how many.
        stopped: Asked before each batch; True ends the work.

    Raises:
        CoverageError: The work was stopped.
    """
    known: dict[str, Vectors] = {}
    stored = {p.plan_id: _stored(folder, p, reader) for p in plans}
    for plan in plans:
        known.update({in_its_place(s): row for s, row in zip(plan.sentences, stored[plan.plan_id], strict=False)})
    missing = sorted({in_its_place(s) for p in plans for s in p.sentences} - known.keys(), key=lambda t: (len(t), t))
    for start in range(0, len(missing), _BATCH):
        if stopped():
            raise CoverageError("stopped before the map was ready; nothing was changed")
        batch = missing[start : start + _BATCH]
        known.update(zip(batch, reader.outputs(batch).astype(np.float16), strict=True))
        progress("reading plans", min(start + _BATCH, len(missing)), len(missing))
    rows = {p.plan_id: np.stack([known[in_its_place(s)] for s in p.sentences]) for p in plans}
    for plan in plans:
        if not len(stored[plan.plan_id]):
            _store(_path(folder, plan, reader), rows[plan.plan_id])
    return np.vstack([rows[p.plan_id] for p in plans]).astype(np.float32)


def _path(folder: Path, plan: Plan, reader: PlanReader) -> Path:
    return folder / f"{hashlib.sha256(f'{reader.name} {plan.sha256}'.encode()).hexdigest()[:32]}.npy"


def _stored(folder: Path, plan: Plan, reader: PlanReader) -> Vectors:
    try:
        rows: Vectors = np.load(_path(folder, plan, reader))
    except (OSError, ValueError, EOFError):
        return np.zeros((0, 0), np.float16)
    return rows if len(rows) == len(plan.sentences) else np.zeros((0, 0), np.float16)


def _store(path: Path, rows: Vectors) -> None:
    content = io.BytesIO()
    np.save(content, rows)
    write_whole(path, content.getvalue())
