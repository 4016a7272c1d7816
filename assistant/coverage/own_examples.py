"""An organisation's own examples move what is known of the recommendations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from assistant.coverage.examples import Example
from assistant.coverage.reading import Floats, PlanReader, mean_outputs, topic_scores
from assistant.encoders import Vectors
from assistant.errors import CoverageError
from assistant.index.build import Progress

_BATCH = 128
# Strength of the prior: an example by itself moves the score of its recommendation by less than 1 / _PRIOR.
_PRIOR, _STEPS = 0.5, 300


def adapted_to(
    examples: Sequence[Example], reader: PlanReader, progress: Progress, stopped: Callable[[], bool] = lambda: False
) -> PlanReader:
    """The reader with the weights of recommendations moved by examples.

    Multinomial logistic regression with the reader's own weights as the mean of a Gaussian prior (maximum a posteriori);
    deterministic. An example says what its sentence is about, whatever its status.

    Args:
        examples: The organisation's; near misses and those of recommendations that the reader does not know are left out.
        reader: The packaged one.
        progress: Told how far the reading of the examples is.
        stopped: Asked now and then; True ends the work.

    Raises:
        CoverageError: The work was stopped.
    """
    used = [e for e in examples if e.key in reader.heads.rows and e.status != "not_found"]
    if not used:
        return reader
    rows = []
    for start in range(0, len(used), _BATCH):
        if stopped():
            raise CoverageError("stopped before the map was ready; nothing was changed")
        rows.append(reader.outputs([e.text for e in used[start : start + _BATCH]]))
        progress("learning from examples", min(start + _BATCH, len(used)), len(used))
    outputs = np.vstack(rows)
    wanted = np.zeros((len(used), len(reader.heads.topics)))
    wanted[np.arange(len(used)), [reader.heads.rows[e.key] for e in used]] = 1.0
    weights = _posterior(
        outputs, wanted, _rivals(used, reader), reader.heads.topics.astype(float), reader.heads.topic_bias
    )
    return reader.with_heads(replace(reader.heads, topics=weights.astype(np.float32)))


def _rivals(used: Sequence[Example], reader: PlanReader) -> NDArray[np.bool_]:
    """What an example could be about instead: none, or one of the same standard; two of them say much the same to two sides.

    Returns:
        Shape (examples, recommendations + 1).
    """
    standards = [""] * (len(reader.heads.topics) - 1)
    for key, row in reader.heads.rows.items():
        standards[row] = key.partition(":")[0]
    same = [[e.key.partition(":")[0] == s for s in standards] for e in used]
    return np.hstack([np.array(same), np.ones((len(used), 1), dtype=bool)])


def _posterior(outputs: Vectors, wanted: Floats, rivals: NDArray[np.bool_], before: Floats, bias: Vectors) -> Floats:
    """The likeliest weights, by accelerated gradient descent (Nesterov 1983) from those of before."""
    vectors = mean_outputs(outputs).astype(float)
    # Half the largest eigenvalue bounds the curvature of the logarithm of a sum of exponentials (Boehning 1992).
    step = 1 / (_PRIOR + 0.5 * float(np.linalg.eigvalsh(vectors.T @ vectors)[-1]))
    weights, ahead = before.copy(), before.copy()
    for n in range(1, _STEPS + 1):
        scores = np.where(rivals, topic_scores(outputs, ahead.astype(np.float32), bias), -np.inf)
        chances = np.exp(scores - np.logaddexp.reduce(scores, axis=1)[:, None])
        moved = ahead - step * ((chances - wanted).T @ vectors + _PRIOR * (ahead - before))
        ahead = moved + (n - 1) / (n + 2) * (moved - weights)
        weights = moved
    return weights
