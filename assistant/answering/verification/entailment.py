"""Whether the words cited entail a statement: both are read together by a small fine-tuned cross-encoder.

`scripts/train_entailment.py` trains it on labelled pairs of `evals/verification` and on the digest alone, and writes
`entailment.npz`: a low-rank adapter of the packaged encoder and a head, under 1 MB.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from assistant.answering.verification.units import Unit, without_number
from assistant.clauses.catalog import Entry
from assistant.encoders import CrossEncoder

PATH = Path(__file__).with_name("entailment.npz")
SUPPORTED = "paraphrase"
_UNITS, _WORDS = 3, 110
_LEAST_CHANCE = 1e-3
_AUDIENCES = {"msme": "small firm", "large": "large organisation"}
# What people read where a statement is of some unsupported kind.
_DOUBTS = {
    "strengthened": "stronger than the clause",
    "weakened": "weaker than the clause",
    "wrong_number": "a figure that the clause does not give",
    "wrong_actor": "somebody else does it in the clause",
    "other_clause": "another clause says this",
    "negated": "the clause says the opposite",
    "invented": "a detail that the clause does not give",
    "half_true": "only a part of it is there",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a statement and its premises together says.

    Attributes:
        log_odds: Logarithm of the odds that the best premise entails it, within +-6.9; 0 without a premise.
        doubt: What seems wrong with it, in a few words; "" where it seems supported.
    """

    log_odds: float
    doubt: str = ""


class Entailment:
    """Chances that premises entail statements.

    Args:
        reader: Reads a statement and a premise together.
    """

    def __init__(self, reader: CrossEncoder) -> None:
        self._reader = reader
        self._supported = reader.classes.index(SUPPORTED)

    def read(self, statement: str, premises: Sequence[str]) -> Reading:
        """How likely the best of the premises entails a statement; without a premise nothing is said."""
        if not premises:
            return Reading(0.0)
        found = np.exp(self._reader.log_chances([(statement, p) for p in premises]).astype(float))
        best = found[int(found[:, self._supported].argmax())]
        chance = float(best[self._supported].clip(_LEAST_CHANCE, 1 - _LEAST_CHANCE))
        likeliest = self._reader.classes[int(best.argmax())]
        return Reading(math.log(chance / (1 - chance)), _DOUBTS.get(likeliest, ""))


@lru_cache(maxsize=1)
def packaged_entailment() -> Entailment:
    """The one that comes with the product."""
    return Entailment(CrossEncoder(PATH))


def premise(entry: Entry, units: Iterable[Unit]) -> str:
    """What a statement is read with: whom the clause speaks to, its headings, and the closest units in reading order.

    Args:
        entry: The cited clause.
        units: Units of one rendition, the closest first.
    """
    chosen: list[Unit] = []
    words = 0
    for unit in units:
        words += len(unit.full.split())
        if len(chosen) == _UNITS or (chosen and words > _WORDS):
            break
        chosen.append(unit)
    sentences: list[str] = []
    lead_in = ""
    for unit in sorted(chosen, key=lambda u: (u.citation, u.start)):
        if unit.lead_in and unit.lead_in == lead_in:
            sentences[-1] += f"; {unit.text}"
        else:
            sentences.append(unit.full)
        lead_in = unit.lead_in
    headings = " ".join(without_number(h) for h in entry.clause.path[-2:])
    opening = f"{_AUDIENCES.get(entry.audience, 'both')}. {headings}."
    return " ".join([opening, *(s if s[-1] in ".!?:" else f"{s}." for s in sentences)])
