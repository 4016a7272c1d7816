"""Support: a few signals weighed into one figure, with the weights fitted on the dev pairs.

Logistic regression over four signals; `python bench/verification.py --fit` fits the weights again and writes
`parameters.json`. The frozen half of the pairs has no part in it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Signals:
    """What was measured of one statement.

    Attributes:
        cosine: Of the statement and its closest sentence.
        least_cosine: The same for the part of the statement that fits worst.
        coverage: Share of its content that has a counterpart among the clause's words.
        least_coverage: The same for the part that fits worst.
        margin: Cosine to the closest sentence cited less that of the closest sentence of any other clause.
        parts: How many parts claim something.
        faults: What rules it out by itself.
    """

    cosine: float
    least_cosine: float
    coverage: float
    least_coverage: float
    margin: float
    parts: int
    faults: tuple[str, ...] = ()

    def vector(self) -> dict[str, float]:
        """The signals that are weighed, by name."""
        return {
            "cosine": self.cosine,
            "least_cosine": self.least_cosine,
            "coverage": self.coverage,
            "least_coverage": self.least_coverage,
            "margin": min(self.margin, 0.0),
        }


@dataclass(frozen=True, slots=True)
class Parameters:
    """Weights of the signals, and the support from which on a statement passes."""

    weights: Mapping[str, float]
    intercept: float
    threshold: float
    least_margin: float

    def support(self, signals: Signals) -> float:
        """How well the clause carries the statement, 0 to 1 (logistic function of the weighed signals)."""
        z = self.intercept + sum(self.weights[name] * value for name, value in signals.vector().items())
        return 1 / (1 + math.exp(-z))

    @classmethod
    def load(cls, path: Path) -> Parameters:
        """Read committed parameters."""
        values = json.loads(path.read_text(encoding="utf-8"))
        return cls(values["weights"], values["intercept"], values["threshold"], values["least_margin"])
