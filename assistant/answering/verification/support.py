"""Support: a few signals weighed into one figure, with the weights fitted on the `tune` pairs.

Logistic regression over the signals and hints. `python bench/verification.py --fit` fits the weights again on the
`tune` pairs of `evals/verification/pairs.jsonl` and writes `parameters.json`. Of the other pairs the `dev` ones have
taught the cross-encoder, whose judgement is one of the signals; nothing is fitted on the rest.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

STRENGTHENED = "strengthened"
WEAKENED = "weakened"
CONTRADICTS = "contradicts the clause"
RESTRICTS = "restricts what the clause does not"
OTHER_SIDE = "told of the other side"
EXCHANGED = "small and large are exchanged"
STRANGER = "somebody the clause does not name"
SOMETHING_ELSE = "about something else"
# A part of a statement is missing where its words fare this much worse than those of the whole.
_PART = 0.1
HINTS = (STRENGTHENED, WEAKENED, CONTRADICTS, RESTRICTS, OTHER_SIDE, EXCHANGED, STRANGER)


@dataclass(frozen=True, slots=True)
class Signals:
    """What was measured of one statement.

    Attributes:
        cosine: Of the statement and its closest sentence.
        least_cosine: The same for the part of the statement that fits worst.
        coverage: Share of its content that has a counterpart among the clause's words.
        least_coverage: The same for the part that fits worst.
        margin: Cosine to the closest sentence cited less that of the closest sentence of any other clause.
        least_margin: The same for the part that fits worst.
        single: Whether only one rendition of the clause is held, so that fewer words speak for it.
        faults: What rules it out by itself.
        hints: What speaks against it, one of HINTS each, with the score of the sentence that it rests on: the closer
            that sentence, the surer the hint.
        asked: Logarithm of the chance that people who speak like that ask about the cited clauses; 0 where unknown.
        asked_margin: The same less that of the likeliest other clause, at most 0.
        asked_item: The chance of the very items that are cited.
        entailed: Log odds that the words cited entail it, read together with it by the cross-encoder.
        doubt: What seems wrong with it to the cross-encoder, in a few words; "" where it seems supported.
        stranger: The word for somebody whom the clause does not name, where that is a hint.
    """

    cosine: float
    least_cosine: float
    coverage: float
    least_coverage: float
    margin: float
    least_margin: float
    single: bool
    faults: tuple[str, ...] = ()
    hints: Mapping[str, float] = field(default_factory=dict)
    asked: float = 0.0
    asked_margin: float = 0.0
    asked_item: float = 0.0
    entailed: float = 0.0
    doubt: str = ""
    stranger: str = ""

    def hinted(self) -> list[str]:
        """The hints in words."""
        return [f"{h}: {self.stranger}" if h == STRANGER and self.stranger else h for h in self.hints]

    def weighed(self) -> dict[str, float]:
        """The signals that are weighed, by name. Fitting better than other clauses is no merit, fitting worse a fault."""
        return {
            "cosine": self.cosine,
            "least_cosine": self.least_cosine,
            "coverage": self.coverage,
            "least_coverage": self.least_coverage,
            "margin": min(self.margin, 0.0),
            "least_margin": min(self.least_margin, 0.0),
            "single": float(self.single),
            "asked": self.asked,
            "asked_margin": self.asked_margin,
            "asked_item": self.asked_item,
            "entailed": self.entailed,
            **{hint: self.hints.get(hint, 0.0) for hint in HINTS},
        }


@dataclass(frozen=True, slots=True)
class Parameters:
    """Weights of the signals, and the limits beyond which a statement does not pass.

    Attributes:
        weights: By name of the signal.
        intercept: Added to the weighed sum.
        threshold: Least support.
    """

    weights: Mapping[str, float]
    intercept: float
    threshold: float

    def support(self, signals: Signals) -> float:
        """How well the clause carries the statement, 0 to 1 (logistic function of the weighed signals)."""
        z = self.intercept + sum(self.weights[name] * value for name, value in signals.weighed().items())
        return 1 / (1 + math.exp(-z))

    def doubts(self, signals: Signals) -> list[str]:
        """Why the content as a whole does not pass; empty where it does."""
        if self.support(signals) >= self.threshold:
            return []
        if signals.hints:
            return signals.hinted()
        if signals.doubt:
            return [signals.doubt]
        if signals.margin < 0:
            return ["another clause fits better"]
        partly = signals.least_coverage < signals.coverage - _PART
        return ["a part of it is not there" if partly else "not what the clause says"]


@lru_cache(maxsize=1)
def fitted() -> Parameters:
    """The committed parameters."""
    return load_parameters(Path(__file__).with_name("parameters.json"))


def load_parameters(path: Path) -> Parameters:
    """Parameters from a file that `bench/verification.py --fit` wrote."""
    values = json.loads(path.read_text(encoding="utf-8"))
    return Parameters(values["weights"], values["intercept"], values["threshold"])
