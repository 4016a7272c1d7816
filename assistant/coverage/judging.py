"""One recommendation and one sentence of a plan -> evidenced, partly, not found or contradicted, with a reason."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assistant.coverage.examples import STATUSES
from assistant.coverage.plan_text import PlanSentence
from assistant.coverage.wording import concepts_of, content_stems, coverage, cue_counts, name_count, number_count

Status = Literal["evidenced", "partly", "not_found", "contradicted", "not_applicable"]
JUDGED: tuple[Status, ...] = ("evidenced", "partly", "not_found", "contradicted")
Floats = NDArray[np.float64]

_FOLLOWING_WORDS = 16
# What tells the sentence that is evidence from the others of a plan.
EVIDENCE_SIGNALS = ("fused", "taught", "taught_margin", "cosine", "covering")
FEATURES = (
    "evidence", "runner_up", "cosine", "question_cosine", "taught", "taught_margin",
    *(f"reading_{s}" for s in STATUSES), *(f"any_reading_{s}" for s in STATUSES),
    "concepts", "concepts_weighted", "shared_concepts", "later", "part", "against", "firm", "numbers", "names", "stems", "length",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameters:
    """The few numbers fitted by `bench/coverage.py --fit` from labelled plans and the development half of the pairs.

    Attributes:
        ranking: Weight of each of the fused signals (signals.SIGNALS).
        scales: Mean and standard deviation of each signal, to bring them to one scale.
        concept_weights: Inverse document frequency of each concept in plans.
        evidence: Weight of each of EVIDENCE_SIGNALS.
        evidence_intercept: Added to their weighed sum, which makes it the log odds of being evidence.
        mean: Mean of each feature, for scaling.
        scale: Standard deviation of each feature.
        weights: One row of weights a status, in the order of JUDGED.
        intercepts: One number a status.
        sha256: Identity of the file they were read from, for the cache.
    """

    ranking: dict[str, float]
    scales: dict[str, tuple[float, float]]
    concept_weights: dict[str, float]
    evidence: dict[str, float]
    evidence_intercept: float
    mean: Floats
    scale: Floats
    weights: Floats
    intercepts: Floats
    sha256: str = ""

    def evidence_log_odds(self, signals: Floats) -> Floats:
        """Log odds that sentences are evidence, shape (sentences,).

        Args:
            signals: What is known of them, shape (sentences, len(EVIDENCE_SIGNALS)).
        """
        return np.asarray(signals @ np.array([self.evidence[n] for n in EVIDENCE_SIGNALS]) + self.evidence_intercept)


@lru_cache(maxsize=1)
def read_parameters() -> Parameters:
    """The parameters that come with the product."""
    raw = (Path(__file__).parent / "parameters.json").read_bytes()
    values = json.loads(raw)
    return Parameters(
        ranking=values["ranking"],
        scales={name: (mean, deviation) for name, (mean, deviation) in values["scales"].items()},
        concept_weights=values["concept_weights"],
        evidence=values["evidence"],
        evidence_intercept=values["evidence_intercept"],
        mean=np.array(values["mean"]),
        scale=np.array(values["scale"]),
        weights=np.array(values["weights"]),
        intercepts=np.array(values["intercepts"]),
        sha256=hashlib.sha256(raw).hexdigest(),
    )


def cue_text(sentence: PlanSentence) -> str:
    """The sentence with a short one behind it, where plans like to say what is still missing."""
    following = sentence.following if len(sentence.following.split()) <= _FOLLOWING_WORDS else ""
    return f"{sentence.text} {following}".strip()


def features_of(
    recommendation: str, sentence: PlanSentence, weights: dict[str, float], measured: Sequence[float]
) -> list[float]:
    """What the model sees of a pair, in the order of FEATURES.

    Args:
        recommendation: The recommendation with its lead-in.
        sentence: The plan's sentence.
        weights: Weight of each concept.
        measured: What the ranking, the vectors and the reading say: the features before "concepts".
    """
    text = f"{sentence.lead} {sentence.text}".strip()
    wanted, present = concepts_of(recommendation), concepts_of(text)
    cues = cue_counts(cue_text(sentence))
    return [
        *measured,
        coverage(wanted, present, {}),
        coverage(wanted, present, weights),
        float(len(wanted & present)),
        float(min(cues["later"], 2)),
        float(min(cues["part"], 2)),
        float(min(cues["against"], 2)),
        float(min(cues["firm"], 4)),
        float(min(number_count(text), 4)),
        float(min(name_count(text), 3)),
        coverage(content_stems(recommendation), content_stems(text), {}),
        math.log(min(len(sentence.text.split()), 60)),
    ]


def probabilities(rows: Floats, parameters: Parameters) -> Floats:
    """Probability of each status, shape (len(rows), len(JUDGED)), by multinomial logistic regression."""
    scaled = (rows - parameters.mean) / parameters.scale
    logits = scaled @ parameters.weights.T + parameters.intercepts
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def reason_of(status: Status, recommendation: str, sentence: PlanSentence | None) -> str:
    """Why, in one line for people."""
    if sentence is None or status == "not_found":
        return "No sentence of the plans speaks of this clearly enough."
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
            return "The sentence covers it for a part only, or on one side only."
        return (
            f"The sentence is on the subject but says nothing of: {missed}."
            if missed
            else "The sentence touches the subject without settling it."
        )
    firm = (
        "with a name, date or figure" if number_count(sentence.text) or name_count(sentence.text) else "in plain words"
    )
    return f"The sentence commits to it {firm}."
