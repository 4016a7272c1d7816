"""Whether the texts answer a question at all, and what to say where they do not."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from assistant.answering.answer import Gap
from assistant.index.reader import OpenIndex
from assistant.retrieval.evidence import Evidence


@dataclass(frozen=True, slots=True)
class DeclinePolicy:
    """Weights of the evidence that a question is not covered; fitted by `bench/declining.py`.

    Attributes:
        margin: Of the question model: log-mass of topics minus log-mass of clauses.
        nearness: Of the nearest questions: best topic minus best clause.
        wanted: Of a kind of answer that the texts do not give (a price, a date, a name ...).
        foreign: Of another standard being named.
        bias: Constant.
    """

    margin: float = 0.5
    nearness: float = 6.0
    wanted: float = 0.8
    foreign: float = 1.2
    bias: float = -0.6


# Kinds of answer that the guidance never gives: an amount, a number, a date, a name, a law, a product.
_WANTED = re.compile(
    r"\bhow much (?:does|do|is|are|will|would|should we (?:pay|charge|budget|spend)|money|time)\b|\bhow many\b|\bhow (?:long|often|soon|big|large|old|expensive|high|far)\b"
    r"|\bwhat (?:percentage|per ?cent|share|number|amount|price|cost|fee|salary|rate|date|year|budget|size|score|threshold|fine|penalty|deadline|software|app|tool|law|act|statute|court)\b|\bper ?cent(?:age)?\b|%"
    r"|\bprice\b|\bcosts?\b|\bfees?\b|\bfines?\b|\bsalary\b|\bwage\b|\btax\w*\b|\bvat\b|\binsurance\b|\blawsuit\b|\bsue\b|\bgdpr\b|\blegal(?:ly)?\b|\blaws?\b"
    r"|\bwhich (?:companies|company|firms?|software|tools?|app|consultant|body|bodies|auditor|registrar|bank|course|university|country|countries|law)\b|\bwho (?:wrote|invented|founded|chaired|certifies|audits|won|owns)\b"
    r"|\bwhen (?:was|did|will|is the next)\b|\bwhere (?:can|do) (?:i|we) (?:buy|download|get|find|register|apply)\b|\btemplate\b|\bdownload\b|\bexample of a (?:company|firm)\b|\bcase stud(?:y|ies)\b|\bstatistic\w*\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CoverageEstimate:
    """How sure it is that a question is not answered by the texts.

    Attributes:
        probability: That it is not covered, 0 to 1.
        topic: Key of the nearest topic of the not-covered register, "" where there is none.
    """

    probability: float
    topic: str


def features(evidence: Evidence, question: str, foreign: bool) -> tuple[float, float, float, float]:
    """The evidence in the order of the policy's weights: margin, nearness, wanted, foreign."""
    if evidence.topic_logits.size == 0:
        return 0.0, 0.0, float(bool(_WANTED.search(question))), float(foreign)
    margin = _log_mass(evidence.topic_logits) - _log_mass(evidence.model)
    nearness = float(evidence.topics.max() - evidence.nearest.max())
    return margin, nearness, float(bool(_WANTED.search(question))), float(foreign)


def estimate(
    evidence: Evidence, question: str, foreign: bool, policy: DeclinePolicy, topics: list[str]
) -> CoverageEstimate:
    """How likely it is that the texts do not answer a question.

    Args:
        evidence: What the question found.
        question: Its words.
        foreign: Whether another standard is named.
        policy: Weights.
        topics: Keys of the register, in the order of the evidence.
    """
    margin, nearness, wanted, other = features(evidence, question, foreign)
    score = policy.bias + policy.margin * margin + policy.nearness * nearness + policy.wanted * wanted + policy.foreign * other
    probability = float(1.0 / (1.0 + np.exp(-score)))
    if not topics:
        return CoverageEstimate(0.0 if not foreign else probability, "")
    best = int(np.argmax(evidence.topic_logits / 10.0 + evidence.topics))
    return CoverageEstimate(probability, topics[best])


def _log_mass(logits: np.ndarray) -> float:  # type: ignore[type-arg]
    top = float(logits.max())
    return top + float(np.log(np.exp(logits - top).sum()))


def gap_for_topic(index: OpenIndex, need: str, topic: str, nearest: tuple[str, ...]) -> Gap:
    """What is said of a question that the register knows, or of one that is merely not covered."""
    known = index.topics.get(topic)
    if known is not None:
        return Gap(need, known.reason, known.say, known.nearest or nearest[:2])
    return Gap(need, "not_covered", "The indexed texts do not answer this.", nearest[:2])


def gap_for_unheld(index: OpenIndex, need: str, citation: str) -> Gap:
    """What is said of a clause whose text is not in the corpus, or that is a bare heading."""
    entry = index.catalog.resolve(citation)
    heading = entry.clause.heading if entry.clause.heading != entry.clause.locator else ""
    name = f"{entry.label} ({heading})" if heading else entry.label
    nearest = _nearest_held(index, citation)
    if not entry.held:
        return Gap(need, "text_not_held", f"{name} exists, but its text is not in the indexed copy, so nothing can be quoted from it.", nearest)
    return Gap(need, "text_not_held", f"{name} is a heading without any text of its own.", nearest)


def _nearest_held(index: OpenIndex, citation: str) -> tuple[str, ...]:
    """Clauses with text that are the closest help: the same principle, else the neighbours."""
    entry = index.catalog.resolve(citation)
    if entry.principle and not entry.held:
        same = [e.citation_id for e in index.catalog if e.principle == entry.principle and e.has_text and e.clause.kind == "clause"]
        if same:
            return tuple(same[:2])
    before, after = index.catalog.neighbours(citation)
    return tuple(c for c in (before, after) if c and index.catalog.resolve(c).has_text)


def gap_for_unknown(need: str, words: str) -> Gap:
    """What is said of a clause number that does not exist."""
    return Gap(need, "not_covered", f"There is no {words if words[:1].isalpha() else 'clause ' + words} in the indexed texts. Please check the number.")
