"""One recommendation and one sentence of a plan -> evidenced, partly, not found or contradicted, with a reason."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.coverage.plan_text import PlanSentence
from assistant.coverage.statuses import JUDGED, Status
from assistant.coverage.wording import concepts_of, cue_counts, name_count, number_count
from assistant.errors import CoverageError

Floats = NDArray[np.float64]

_FOLLOWING_WORDS = 16
# Of so many of the likeliest sentences it counts what the strongest reading of each status is.
_FIRST_FEW = 3
# So many of them the network is trained to judge together, each by its share in the ranking.
JOINTLY = 8
# Logarithm of the chance of a second or third sentence where there is none, and of any at least.
_NO_RIVAL = -12.0
# How much better the first sentence is than the next one where there is none.
_NO_RIVAL_BY = 2.0
_LEAST_SHARE = 0.02
FEATURES = (
    "score", "ahead", "first", "second", "third", "together", "margin", "idle",
    *(f"reading_{s}" for s in JUDGED), *(f"any_reading_{s}" for s in JUDGED), *(f"mean_reading_{s}" for s in JUDGED),
    *(f"joint_reading_{s}" for s in JUDGED),
    "later", "part", "against", "firm", "numbers", "names", "length",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidates:
    """The likeliest evidence for one recommendation, a row a sentence, the likeliest first.

    Attributes:
        positions: Positions among the sentences.
        scores: How well the sentence serves the recommendation.
        about: Logarithm of the chance that the sentence serves the recommendation.
        margin: That less the same for the recommendation that it most likely serves: 0 or below.
        idle: Logarithm of the chance that it serves none.
        readings: Logarithms of the chances of each status, in the order of JUDGED.
    """

    positions: NDArray[np.int64]
    scores: Floats
    about: Floats
    margin: Floats
    idle: Floats
    readings: Floats


@dataclass(frozen=True, slots=True)
class Parameters:
    """The few numbers fitted by `bench/coverage.py --fit` from labelled plans and the development half of the pairs.

    Attributes:
        mean: Mean of each feature, for scaling.
        scale: Standard deviation of each feature.
        weights: One row of weights a status, in the order of JUDGED.
        intercepts: One number a status.
        least_evidenced: Chance below which nothing is called evidenced: a gap taken for covered is what harms most.
        sha256: Identity of the file they were read from, for the cache.
    """

    mean: Floats
    scale: Floats
    weights: Floats
    intercepts: Floats
    least_evidenced: float = 0.0
    sha256: str = ""


@lru_cache(maxsize=1)
def read_parameters() -> Parameters:
    """The parameters that come with the product.

    Raises:
        CoverageError: They were fitted for other features.
    """
    raw = (Path(__file__).parent / "parameters.json").read_bytes()
    values = json.loads(raw)
    if values["features"] != list(FEATURES) or values["statuses"] != list(JUDGED):
        raise CoverageError("parameters.json is of another version of the judging; run bench/coverage.py with --fit")
    return Parameters(
        mean=np.array(values["mean"]),
        scale=np.array(values["scale"]),
        weights=np.array(values["weights"]),
        intercepts=np.array(values["intercepts"]),
        least_evidenced=values["least_evidenced"],
        sha256=hashlib.sha256(raw).hexdigest(),
    )


def cue_text(sentence: PlanSentence) -> str:
    """The sentence with a short one behind it, where plans like to say what is still missing."""
    following = sentence.following if len(sentence.following.split()) <= _FOLLOWING_WORDS else ""
    return f"{sentence.text} {following}".strip()


def features_of(sentence: PlanSentence, found: Candidates) -> list[float]:
    """What the judging sees, in the order of FEATURES.

    Args:
        sentence: The likeliest sentence.
        found: It and the next ones.
    """
    text = f"{sentence.lead} {sentence.text}".strip()
    cues = cue_counts(cue_text(sentence))
    scores, readings = found.scores, found.readings
    strongest = [max(float(a), _NO_RIVAL) for a in found.about[:_FIRST_FEW]]
    chances = np.exp(found.about)
    return [
        float(scores[0]), float(scores[0] - scores[1]) if len(scores) > 1 else _NO_RIVAL_BY,
        *strongest, *[_NO_RIVAL] * (_FIRST_FEW - len(strongest)),
        math.log(float(chances.sum()) + math.exp(_NO_RIVAL)), max(float(found.margin[0]), _NO_RIVAL), float(found.idle[0]),
        *readings[0], *readings[:_FIRST_FEW].max(axis=0),
        *np.log((np.exp(readings) * chances[:, None]).sum(axis=0) + _LEAST_SHARE), *_joint_reading(scores, readings),
        float(min(cues["later"], 2)), float(min(cues["part"], 2)), float(min(cues["against"], 2)), float(min(cues["firm"], 4)),
        float(min(number_count(text), 4)), float(min(name_count(text), 3)), math.log(min(len(sentence.text.split()), 60)),
    ]  # fmt: skip


def _joint_reading(scores: Floats, readings: Floats) -> Floats:
    """Logarithms of the chances of each status by the first sentences together, shape (statuses,), at least log 0.02."""
    shares = np.exp(scores[:JOINTLY] - scores[0])
    return np.asarray(np.log(shares / shares.sum() @ np.exp(readings[:JOINTLY]) + _LEAST_SHARE))


def probabilities(rows: Floats, parameters: Parameters) -> Floats:
    """Probability of each status, shape (len(rows), len(JUDGED)), by multinomial logistic regression."""
    scaled = (rows - parameters.mean) / parameters.scale
    logits = scaled @ parameters.weights.T + parameters.intercepts
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def status_of(chances: Sequence[float], least_evidenced: float) -> Status:
    """The likeliest status; "evidenced" only where it is likely enough.

    Args:
        chances: Probability of each status, in the order of JUDGED.
        least_evidenced: The least probability of "evidenced".
    """
    allowed = [s for s, c in zip(JUDGED, chances, strict=True) if s != "evidenced" or c >= least_evidenced]
    return max(allowed, key=lambda s: chances[JUDGED.index(s)])


def reason_of(status: Status, recommendation: str, sentence: PlanSentence | None) -> str:
    """Why, in one line for people."""
    if sentence is None or status == "not_found":
        return "No sentence in the plans addresses this clearly enough."
    cues = cue_counts(cue_text(sentence))
    wanted, present = concepts_of(recommendation), concepts_of(f"{sentence.lead} {sentence.text}")
    missing = sorted(wanted - present)
    missed = ", ".join(c.replace("_", " ") for c in missing[:3])
    if status == "contradicted":
        return "The sentence seems to lay down the opposite, or to rule it out."
    if status == "partly":
        if cues["later"]:
            return "The sentence is on the subject but puts it off or leaves it open."
        if cues["part"]:
            return "The sentence covers only a part of it, or only one side."
        return (
            f"The sentence is on the subject but says nothing of: {missed}."
            if missed
            else "The sentence touches the subject without settling it."
        )
    firm = (
        "with a name, date or figure" if number_count(sentence.text) or name_count(sentence.text) else "in plain words"
    )
    return f"The sentence commits to it {firm}."
