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

# So many of the best-ranked sentences are read together with the recommendation, and so many of these are judged.
READ, CANDIDATES = 20, 6
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
    for i, found in enumerate(candidates(wanted, plan, parameters, taught, reader)):
        if stopped():
            break
        verdicts.append(decide(wanted[i].text, plan.sentences, found, parameters))
        progress(i + 1, len(wanted))
    return verdicts


def candidates(
    wanted: Sequence[Wanted], plan: PlanMatrix, parameters: Parameters, taught: Taught, reader: PlanReader
) -> Iterator[list[Candidate]]:
    """For each recommendation its best-ranked sentences, best first; ties go to the earlier sentence.

    Args:
        wanted: The recommendations.
        plan: All sentences.
        parameters: Fitted numbers.
        taught: What the examples teach.
        reader: Reads a sentence and a recommendation together.
    """
    signal = signals(wanted, plan, parameters.concept_weights, taught)
    fused = fuse(signal, parameters.ranking, parameters.scales)
    about = signal["taught"]
    score = ranking_score(fused, rival_level(fused), about, parameters.taught_weight, parameters.scales["taught"])
    likeliest = about.max(axis=0)
    for i, recommendation in enumerate(wanted):
        ranked = np.argsort(-score[i], kind="stable")[:READ]
        yield judged_candidates(
            recommendation, plan, ranked, score[i], (about[i], likeliest), parameters, taught, reader
        )


def judged_candidates(
    wanted: Wanted,
    plan: PlanMatrix,
    ranked: Sequence[int] | NDArray[np.int64],
    score: Floats,
    about: tuple[Floats, Floats],
    parameters: Parameters,
    taught: Taught,
    reader: PlanReader,
) -> list[Candidate]:
    """The sentences that may be evidence, read together with the recommendation; the best first.

    Args:
        wanted: The recommendation.
        plan: All sentences.
        ranked: Positions of those to read, the best-ranked first.
        score: Ranking score of every sentence.
        about: Logarithm of the chance that each sentence is about the recommendation, and about its likeliest one.
        parameters: Fitted numbers.
        taught: What the examples teach.
        reader: Reads a sentence and a recommendation together.
    """
    readings = reader.statuses([plan.sentences[j] for j in ranked], spoken(wanted.principle, wanted.text))
    covering = np.log1p(-np.minimum(np.exp(readings[:, STATUSES.index("not_found")]), 1 - 1e-3))
    scores = score[ranked] + parameters.reading_weight * covering
    best = np.argsort(-scores, kind="stable")[:CANDIDATES]
    chosen = [int(ranked[n]) for n in best]
    measured = measure(wanted, plan, chosen, *about, taught)
    return [
        Candidate(
            j,
            float(scores[n]),
            tuple(
                features_of(
                    wanted.text, plan.sentences[j], parameters.concept_weights, [*values, *readings[n].tolist()]
                )
            ),
        )
        for j, n, values in zip(chosen, best, measured, strict=True)
    ]


def measure(
    wanted: Wanted,
    plan: PlanMatrix,
    chosen: Sequence[int] | NDArray[np.int64],
    about: Floats,
    likeliest: Floats,
    taught: Taught,
) -> list[list[float]]:
    """What the vectors say of one recommendation and some sentences: the first features of each, before the reading.

    Args:
        wanted: The recommendation.
        plan: All sentences.
        chosen: Positions of the sentences to measure.
        about: Logarithm of the chance that each sentence is about the recommendation.
        likeliest: The same for the recommendation that each sentence is most likely about.
        taught: What the examples teach.
    """
    sentences = plan.encoded.rows(chosen)
    statuses = taught.statuses(sentences, wanted.encoded)
    cosine = sentences.passages @ wanted.encoded.passages[0]
    question_cosine = sentences.questions @ wanted.encoded.questions[0]
    return [
        [
            float(cosine[n]),
            float(question_cosine[n]),
            float(about[j]),
            float(about[j] - likeliest[j]),
            *map(float, statuses[n]),
        ]
        for n, j in enumerate(chosen)
    ]


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
