"""Recommendations x plan sentences -> verdicts: takes the likeliest evidence and judges it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.coverage.judging import Candidates, Parameters, features_of, probabilities, reason_of, status_of
from assistant.coverage.plan_text import PlanSentence
from assistant.coverage.reading import PlanReader, Topics
from assistant.coverage.statuses import JUDGED, Status
from assistant.encoders import Vectors

# So many of the likeliest sentences are judged, and so many of these are named.
JUDGED_SENTENCES, NAMED = 20, 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """A recommendation as it is matched.

    Attributes:
        key: Its key.
        text: Its words with what leads into them.
    """

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the matcher found for one recommendation.

    Attributes:
        status: Never "not_applicable": only people set that.
        confidence: Probability of the status, 0 to 1.
        reason: One line.
        position: Position of the evidence among the sentences, or of the nearest one where nothing was found.
        others: Positions of further candidates, best first.
        chances: Probability of each status, in the order of statuses.JUDGED.
        judged_by: The language model that had the last word, "" for none.
    """

    status: Status
    confidence: float
    reason: str
    position: int | None
    others: tuple[int, ...] = ()
    chances: tuple[float, ...] = ()
    judged_by: str = ""


def match(
    wanted: Sequence[Wanted],
    sentences: Sequence[PlanSentence],
    outputs: Vectors,
    reader: PlanReader,
    parameters: Parameters,
    *,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    stopped: Callable[[], bool] = lambda: False,
) -> list[Verdict]:
    """A verdict for each recommendation.

    Args:
        wanted: The recommendations.
        sentences: All sentences of the plans.
        outputs: What the reader's encoder makes of them, a row each.
        reader: Knows which recommendation a sentence serves, and how.
        parameters: Fitted numbers.
        progress: Told how many recommendations are done, of how many.
        stopped: Asked before each recommendation; True ends the work, and the verdicts so far are returned.
    """
    verdicts: list[Verdict] = []
    for one, found in zip(wanted, candidates(wanted, outputs, reader), strict=True):
        if stopped():
            break
        verdicts.append(decide(one, sentences, found, parameters))
        progress(len(verdicts), len(wanted))
    return verdicts


def candidates(wanted: Sequence[Wanted], outputs: Vectors, reader: PlanReader) -> Iterator[Candidates]:
    """For each recommendation the likeliest evidence; ties go to the earlier sentence.

    A sentence may serve several, so nothing is taken from one recommendation for another. What a sentence most likely serves
    is asked among the recommendations of one standard: two of them say much the same to two sides.

    Args:
        wanted: The recommendations.
        outputs: What the reader's encoder makes of the sentences, a row each.
        reader: Knows which recommendation a sentence serves, and how.
    """
    keys: dict[str, list[str]] = {}
    for one in wanted:
        keys.setdefault(_standard(one), []).append(one.key)
    topics = {standard: reader.topics(outputs, mine) for standard, mine in keys.items()}
    for one in wanted:
        known = topics[_standard(one)]
        yield likeliest(keys[_standard(one)].index(one.key), one.key, known, outputs, reader)


def _standard(wanted: Wanted) -> str:
    return wanted.key.partition(":")[0]


def likeliest(row: int, key: str, topics: Topics, outputs: Vectors, reader: PlanReader) -> Candidates:
    """The likeliest evidence for one recommendation.

    Args:
        row: Row of the recommendation in the topics.
        key: Its key.
        topics: What the sentences are about.
        outputs: What the reader's encoder makes of the sentences.
        reader: Knows which recommendation a sentence serves, and how.
    """
    ranked = np.argsort(-topics.scores[row], kind="stable")[:JUDGED_SENTENCES]
    scores, about = topics.scores[row][ranked], topics.about[row][ranked]
    return Candidates(
        ranked,
        scores,
        about,
        about - topics.likeliest[ranked],
        topics.idle[ranked],
        reader.statuses(outputs[ranked], key),
    )


def decide(wanted: Wanted, sentences: Sequence[PlanSentence], found: Candidates, parameters: Parameters) -> Verdict:
    """The verdict: what the likeliest evidence amounts to."""
    first = int(found.positions[0])
    chances = [
        round(float(c), 3) for c in probabilities(np.array([features_of(sentences[first], found)]), parameters)[0]
    ]
    status = status_of(chances, parameters.least_evidenced)
    return Verdict(
        status=status,
        confidence=chances[JUDGED.index(status)],
        reason=reason_of(status, wanted.text, sentences[first]),
        position=first,
        others=tuple(int(p) for p in found.positions[1:NAMED]),
        chances=tuple(chances),
    )
