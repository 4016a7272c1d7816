"""Recommendations x plan sentences -> verdicts: ranks what could be evidence and judges the best of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.coverage.judging import JUDGED, Floats, Parameters, Status, features_of, probabilities, reason_of
from assistant.coverage.plan_text import PlanSentence
from assistant.coverage.signals import PlanMatrix, Wanted, fuse, ranking_score, rival_level, signals

CANDIDATES = 6
_NOT_FOUND = JUDGED.index("not_found")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that could be evidence.

    Attributes:
        position: Its position among the sentences.
        score: Ranking score; about 0 for an ordinary sentence.
        features: What the model sees, in the order of judging.FEATURES.
    """

    position: int
    score: float
    features: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the matcher found for one recommendation.

    Attributes:
        status: Never "not_applicable": only people set that.
        confidence: Probability of the status, 0 to 1.
        reason: One line.
        position: Position of the evidence among the sentences, or of the nearest one where nothing was found.
        others: Positions of further candidates, best first.
    """

    status: Status
    confidence: float
    reason: str
    position: int | None
    others: tuple[int, ...] = ()


def match(
    wanted: Sequence[Wanted],
    plan: PlanMatrix,
    parameters: Parameters,
    *,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    stopped: Callable[[], bool] = lambda: False,
) -> list[Verdict]:
    """A verdict for each recommendation.

    Args:
        wanted: The recommendations.
        plan: All sentences of the plans.
        parameters: Fitted numbers.
        progress: Told how many recommendations are done, of how many.
        stopped: Asked before each recommendation; True ends the work, and the verdicts so far are returned.
    """
    if not wanted or not len(plan.sentences):
        return [Verdict("not_found", 1.0, reason_of("not_found", w.text, None), None) for w in wanted]
    verdicts: list[Verdict] = []
    for i, found in enumerate(candidates(wanted, plan, parameters)):
        if stopped():
            break
        verdicts.append(decide(wanted[i].text, plan.sentences, found, parameters))
        progress(i + 1, len(wanted))
    return verdicts


def candidates(
    wanted: Sequence[Wanted], plan: PlanMatrix, parameters: Parameters, rivals: Floats | None = None
) -> list[list[Candidate]]:
    """The best-ranked sentences of each recommendation, best first; ties go to the earlier sentence.

    Args:
        wanted: The recommendations.
        plan: All sentences.
        parameters: Fitted numbers.
        rivals: Per sentence, how strongly it speaks of what it fits best; None to take it from these recommendations.
    """
    signal = signals(wanted, plan, parameters.concept_weights)
    fused = fuse(signal, parameters.ranking, parameters.scales)
    level = rival_level(fused) if rivals is None else rivals
    score = ranking_score(fused, level)
    found = []
    for i, recommendation in enumerate(wanted):
        best = np.argsort(-score[i], kind="stable")[:CANDIDATES]
        found.append(
            [
                Candidate(
                    int(j),
                    float(score[i, j]),
                    tuple(
                        features_of(
                            recommendation.text, plan.sentences[j], parameters.concept_weights,
                            cosine=float(signal["cosine"][i, j]), said=float(signal["said"][i, j]), asked=float(signal["asked"][i, j]),
                            fused=float(fused[i, j]), margin=float(fused[i, j] - level[j]),
                        )
                    ),
                )
                for j in best
            ]
        )  # fmt: skip
    return found


def decide(text: str, sentences: Sequence[PlanSentence], found: Sequence[Candidate], parameters: Parameters) -> Verdict:
    """The verdict from the ranked candidates: the sentence that is best by rank and by its chance of being evidence."""
    chances = probabilities(np.array([c.features for c in found]), parameters)
    values = [c.score + parameters.evidence_bonus * (1 - p[_NOT_FOUND]) for c, p in zip(found, chances, strict=True)]
    best = int(np.argmax(values))
    status = JUDGED[int(np.argmax(chances[best]))]
    order = sorted(range(len(found)), key=lambda i: -values[i])
    return Verdict(
        status=status,
        confidence=round(float(chances[best].max()), 3),
        reason=reason_of(status, text, sentences[found[best].position]),
        position=found[best].position,
        others=tuple(found[i].position for i in order if i != best),
    )
