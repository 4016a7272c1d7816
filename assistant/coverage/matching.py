"""Recommendations x plan sentences -> verdicts: ranks what could be evidence and judges the best of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.coverage.examples import STATUSES
from assistant.coverage.judging import JUDGED, Floats, Parameters, Status, features_of, probabilities, reason_of
from assistant.coverage.plan_text import PlanSentence
from assistant.coverage.reading import PlanReader, spoken
from assistant.coverage.signals import PlanMatrix, Wanted, fuse, ranking_score, rival_level, signals
from assistant.coverage.taught import Taught

# So many of the best-ranked sentences are read together with the recommendation, and so many of these are named.
READ, CANDIDATES = 20, 6
# Of so many of these it also counts what the strongest reading of each status is.
_TOGETHER = 3
# Log odds of a runner-up where there is none; and the largest logarithm of a chance of being no evidence.
_NO_RIVAL, _SURE = -8.0, -1e-3


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of every sentence before it is read with one recommendation.

    Attributes:
        fused: The signals on one scale.
        taught: Logarithm of the chance that it is about the recommendation.
        likeliest: The same for the recommendation that it is likeliest about.
    """

    fused: Floats
    taught: Floats
    likeliest: Floats


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of some sentences and one recommendation once they were read together, a row a sentence.

    Attributes:
        positions: Their positions among the sentences.
        evidence: In the order of judging.EVIDENCE_SIGNALS.
        vectors: Cosines in both spaces, and what is taught: the features between "runner_up" and the reading.
        readings: Logarithms of the chances of each status.
    """

    positions: NDArray[np.int64]
    evidence: Floats
    vectors: Floats
    readings: Floats


@dataclass(frozen=True, slots=True)
class Likeliest:
    """The likeliest evidence for one recommendation.

    Attributes:
        positions: Positions of sentences, the likeliest first.
        features: What the judging sees of the first, in the order of judging.FEATURES.
    """

    positions: tuple[int, ...]
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
    taught: Taught,
    reader: PlanReader,
    *,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    stopped: Callable[[], bool] = lambda: False,
) -> list[Verdict]:
    """A verdict for each recommendation.

    Args:
        wanted: The recommendations.
        plan: All sentences of the plans.
        parameters: Fitted numbers.
        taught: What the examples teach.
        reader: Reads a sentence and a recommendation together.
        progress: Told how many recommendations are done, of how many.
        stopped: Asked before each recommendation; True ends the work, and the verdicts so far are returned.
    """
    if not wanted or not len(plan.sentences):
        return [Verdict("not_found", 1.0, reason_of("not_found", w.text, None), None) for w in wanted]
    verdicts: list[Verdict] = []
    for one, measured in zip(wanted, measurements(wanted, plan, parameters, taught, reader), strict=True):
        if stopped():
            break
        found = likeliest(one, plan.sentences, measured, parameters)
        verdicts.append(decide(one.text, plan.sentences, found, parameters))
        progress(len(verdicts), len(wanted))
    return verdicts


def measurements(
    wanted: Sequence[Wanted], plan: PlanMatrix, parameters: Parameters, taught: Taught, reader: PlanReader
) -> Iterator[Measured]:
    """For each recommendation what is known of the sentences that may be evidence; ties go to the earlier sentence.

    Args:
        wanted: The recommendations.
        plan: All sentences.
        parameters: Fitted numbers; how the signals are weighed and scaled is used of them.
        taught: What the examples teach.
        reader: Reads a sentence and a recommendation together.
    """
    signal = signals(wanted, plan, parameters.concept_weights, taught)
    fused = fuse(signal, parameters.ranking, parameters.scales)
    ranking = ranking_score(fused, rival_level(fused), signal["taught"], parameters.scales["taught"])
    best_known = signal["taught"].max(axis=0)
    for i, recommendation in enumerate(wanted):
        ranked = np.argsort(-ranking[i], kind="stable")[:READ]
        yield measure(recommendation, plan, ranked, Known(fused[i], signal["taught"][i], best_known), reader)


def measure(
    wanted: Wanted, plan: PlanMatrix, positions: NDArray[np.int64], known: Known, reader: PlanReader
) -> Measured:
    """Read some sentences together with a recommendation.

    Args:
        wanted: The recommendation.
        plan: All sentences.
        positions: Positions of those to read.
        known: What is known of every sentence.
        reader: Reads a sentence and a recommendation together.
    """
    readings = reader.statuses([plan.sentences[j] for j in positions], spoken(wanted.principle, wanted.text))
    missing = np.minimum(readings[:, STATUSES.index("not_found")], _SURE)
    covering = np.log1p(-np.exp(missing)) - missing
    sentences = plan.encoded.rows(positions)
    cosine = sentences.passages @ wanted.encoded.passages[0]
    question_cosine = sentences.questions @ wanted.encoded.questions[0]
    taught, margin = known.taught[positions], known.taught[positions] - known.likeliest[positions]
    return Measured(
        positions,
        np.column_stack([known.fused[positions], taught, margin, cosine, covering]),
        np.column_stack([cosine, question_cosine, taught, margin]),
        readings,
    )


def likeliest(
    wanted: Wanted, sentences: Sequence[PlanSentence], measured: Measured, parameters: Parameters
) -> Likeliest:
    """The likeliest evidence among measured sentences, and what the judging sees of the first.

    Args:
        wanted: The recommendation.
        sentences: All sentences.
        measured: What is known of some of them.
        parameters: Fitted numbers.
    """
    odds = parameters.evidence_log_odds(measured.evidence)
    best = np.argsort(-odds, kind="stable")[:CANDIDATES]
    first = best[0]
    runner_up = max(float(odds[best[1]]), _NO_RIVAL) if len(best) > 1 else _NO_RIVAL
    readings = [*measured.readings[first], *measured.readings[best[:_TOGETHER]].max(axis=0)]
    values = [float(odds[first]), runner_up, *measured.vectors[first].tolist(), *map(float, readings)]
    positions = tuple(int(measured.positions[n]) for n in best)
    features = features_of(wanted.text, sentences[positions[0]], parameters.concept_weights, values)
    return Likeliest(positions, tuple(features))


def decide(text: str, sentences: Sequence[PlanSentence], found: Likeliest, parameters: Parameters) -> Verdict:
    """The verdict: what the likeliest evidence amounts to."""
    chances = probabilities(np.array([found.features]), parameters)[0]
    status, position = JUDGED[int(np.argmax(chances))], found.positions[0]
    return Verdict(
        status=status,
        confidence=round(float(chances.max()), 3),
        reason=reason_of(status, text, sentences[position]),
        position=position,
        others=found.positions[1:],
    )
