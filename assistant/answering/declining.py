"""Whether the texts answer a question at all, and what to say where they do not."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

import numpy as np

from assistant.answering.answer import Gap
from assistant.index.reader import OpenIndex
from assistant.retrieval.evidence import Evidence, Scores
from assistant.retrieval.naming import Absent


@dataclass(frozen=True, slots=True)
class DeclinePolicy:
    """Weights of the evidence that a question is not covered.

    Rounded from a logistic regression on the calibration questions of `evals/declining`, and kept with the figures of
    the dev and own cases in sight (docs/retrieval.md, declining).

    Attributes:
        margin: Of the question model: log-mass of topics minus log-mass of clauses.
        nearness: Of the nearest questions: best topic minus best clause.
        foreign: Of another standard being named.
        bias: Constant.
    """

    margin: float = 1.3
    nearness: float = 12.0
    foreign: float = 2.5
    bias: float = 1.8


_SURE_TOPIC = 0.5
"""Cosine from which a topic of the register is taken to be the one that was asked about, and speaks for itself."""

_NOT_ANSWERED = "I found nothing in the indexed texts that answers this. If the nearest clauses are what you mean, please ask in other words."


@dataclass(frozen=True, slots=True)
class CoverageEstimate:
    """How sure it is that a question is not answered by the texts.

    Attributes:
        probability: That it is not covered, 0 to 1.
        topic: Key of the nearest topic of the not-covered register, "" where there is none.
    """

    probability: float
    topic: str


def features(evidence: Evidence, foreign: bool) -> tuple[float, float, float]:
    """The evidence in the order of the policy's weights: margin, nearness, foreign.

    Words for a kind of answer that the texts never give (a price, a number, a date) were tried as a fourth and left
    out: questions that the texts do answer hold them nearly as often (docs/retrieval.md, declining).
    """
    if evidence.topic_logits.size == 0:
        return 0.0, 0.0, float(foreign)
    margin = _log_mass(evidence.topic_logits) - _log_mass(evidence.model)
    nearness = float(evidence.topics.max() - evidence.nearest.max())
    return margin, nearness, float(foreign)


def estimate(evidence: Evidence, foreign: bool, policy: DeclinePolicy, topics: list[str]) -> CoverageEstimate:
    """How likely it is that the texts do not answer a question.

    Args:
        evidence: What the question found.
        foreign: Whether another standard is named.
        policy: Weights.
        topics: Keys of the register, in the order of the evidence.
    """
    margin, nearness, other = features(evidence, foreign)
    score = policy.bias + policy.margin * margin + policy.nearness * nearness + policy.foreign * other
    probability = float(1.0 / (1.0 + np.exp(-score)))
    if not topics:
        return CoverageEstimate(0.0 if not foreign else probability, "")
    best = int(np.argmax(evidence.topic_logits / 10.0 + evidence.topics))
    sure = float(evidence.topics[best]) >= _SURE_TOPIC
    return CoverageEstimate(probability, topics[best] if sure else "")


def _log_mass(logits: Scores) -> float:
    top = float(logits.max())
    return top + float(np.log(np.exp(logits - top).sum()))


def gap_for_topic(index: OpenIndex, need: str, topic: str, nearest: tuple[str, ...], allowed: Container[str]) -> Gap:
    """What is said of a question that the register knows, or of one that is merely not covered.

    Args:
        index: Holds the register.
        need: The question.
        topic: Key of its topic in the register, "" for none.
        nearest: The nearest clauses.
        allowed: What the user's filters let through: the register's nearest help keeps to it too.
    """
    known = index.topics.get(topic)
    if known is not None:
        return Gap(need, known.reason, known.say, tuple(n for n in known.nearest if n in allowed) or nearest[:2])
    return Gap(need, "not_covered", _NOT_ANSWERED, nearest[:2])


def gap_for_unheld(index: OpenIndex, need: str, citation: str) -> Gap:
    """What is said of a clause whose text is not in the corpus, or that is a bare heading."""
    entry = index.catalog.resolve(citation)
    heading = entry.clause.heading if entry.clause.heading != entry.clause.locator else ""
    name = f"{entry.label} ({heading})" if heading else entry.label
    nearest = _nearest_held(index, citation)
    if not entry.held:
        return Gap(
            need,
            "text_not_held",
            f"{name} exists, but its text is not in the indexed copy, so nothing can be quoted from it.",
            nearest,
        )
    return Gap(need, "text_not_held", f"{name} is a heading without any text of its own.", nearest)


def _nearest_held(index: OpenIndex, citation: str) -> tuple[str, ...]:
    """Clauses with text that are the closest help: the same principle, else the neighbours."""
    entry = index.catalog.resolve(citation)
    if entry.principle and not entry.held:
        same = [
            e.citation_id
            for e in index.catalog
            if e.principle == entry.principle and e.has_text and e.clause.kind == "clause"
        ]
        if same:
            return tuple(same[:2])
    before, after = index.catalog.neighbours(citation)
    return tuple(c for c in (before, after) if c and index.catalog.resolve(c).has_text)


def gap_for_absent(need: str, clause: Absent) -> Gap:
    """What is said of a clause of a standard whose text is not held."""
    name = f"clause {clause.words}" if clause.words[:1].isdigit() else clause.words
    if clause.nearest:
        say = f"Only an outline of the life cycle of {clause.standard} is indexed, so its {name} cannot be quoted."
        return Gap(need, "text_not_held", say, (clause.nearest,))
    return Gap(
        need, "not_covered", f"{clause.standard} is not among the indexed texts, so its {name} cannot be quoted."
    )


def gap_for_unknown(need: str, words: str) -> Gap:
    """What is said of a clause number that does not exist."""
    return Gap(
        need,
        "not_covered",
        f"There is no {words if words[:1].isalpha() else 'clause ' + words} in the indexed texts. Please check the number.",
    )
