"""The metrics: what each is called, which way is better, and which of them a gate looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["binary", "share", "ratio", "amount"]
Group = Literal["retrieval", "citations", "support", "decisions", "content", "cost"]
SCORING_VERSION = 1


@dataclass(frozen=True, slots=True)
class Measure:
    """One metric.

    Attributes:
        name: Key in score files.
        label: What people read.
        kind: "binary" is 0 or 1 a case, "share" from 0 to 1, "ratio" counts answers over those it applies to (which
            answers these are depends on the run, so there is no value a case), "amount" has a unit of its own.
        group: Section of a report.
        gated: Whether `--max-loss` looks at it.
        higher_is_better: False for breaches, milliseconds, tokens and cost.
        meaning: One sentence for reports.
    """

    name: str
    label: str
    kind: Kind
    group: Group
    meaning: str
    gated: bool = False
    higher_is_better: bool = True

    @property
    def is_quality(self) -> bool:
        """Whether it lies between 0 and 1 and is shown in per cent."""
        return self.kind != "amount"


def _retrieval() -> list[Measure]:
    hit = [
        Measure(
            f"hit@{k}",
            f"Hit@{k}",
            "binary",
            "retrieval",
            "An expected clause is the first hit." if k == 1 else f"An expected clause is in the first {k} hits.",
            gated=k == 5,
        )
        for k in (1, 5, 10)
    ]
    recall = [
        Measure(f"recall@{k}", f"Recall@{k}", "share", "retrieval", f"Expected ids met by the first {k} hits.")
        for k in (5, 10)
    ]
    return [
        *hit,
        *recall,
        Measure("ndcg@10", "nDCG@10", "share", "retrieval", "Gain of the first 10 hits, discounted by rank."),
        Measure("ap@10", "MAP@10", "share", "retrieval", "Average precision of the first 10 hits."),
        Measure("rr", "RR", "share", "retrieval", "One divided by the rank of the first hit that is expected."),
    ]


MEASURES: tuple[Measure, ...] = (
    *_retrieval(),
    Measure("any_expected", "Any expected", "binary", "citations", "An expected id is cited.", gated=True),
    Measure(
        "must_cite_recall",
        "Must-cite recall",
        "share",
        "citations",
        "Must-cite ids that are cited.",
        gated=True,
    ),
    Measure(
        "citation_precision",
        "Citation precision",
        "share",
        "citations",
        "Cited ids that are expected.",
        gated=True,
    ),
    Measure("citation_f1", "Citation F1", "share", "citations", "Harmonic mean of precision and must-cite recall."),
    Measure(
        "clause_precision",
        "Clause precision",
        "share",
        "citations",
        "The same, every id cut to its clause.",
    ),
    Measure("clause_recall", "Clause recall", "share", "citations", "The same, every id cut to its clause."),
    Measure("clause_f1", "Clause F1", "share", "citations", "The same, every id cut to its clause."),
    Measure("item_precision", "Exact precision", "share", "citations", "The same, only the very id counts."),
    Measure("item_recall", "Exact recall", "share", "citations", "The same, only the very id counts."),
    Measure("item_f1", "Exact F1", "share", "citations", "The same, only the very id counts."),
    Measure(
        "support_recall",
        "Support recall",
        "share",
        "support",
        "Statements that their citations support.",
        gated=True,
    ),
    Measure(
        "support_precision",
        "Support precision",
        "share",
        "support",
        "Citations that a supported statement needs.",
    ),
    Measure(
        "decision_right",
        "Decision accuracy",
        "binary",
        "decisions",
        "Declined exactly where it must.",
        gated=True,
    ),
    Measure(
        "decline_precision",
        "Decline precision",
        "ratio",
        "decisions",
        "Of the declined, those that must be.",
    ),
    Measure(
        "decline_recall",
        "Decline recall",
        "binary",
        "decisions",
        "Of those that must be declined, the declined.",
    ),
    Measure(
        "facet_right",
        "Facet accuracy",
        "binary",
        "content",
        "The first citation has the facet that was asked for.",
    ),
    Measure(
        "audience_right",
        "Audience accuracy",
        "binary",
        "content",
        "The first citation speaks to the audience asked for.",
    ),
    Measure(
        "key_points",
        "Key points (by words)",
        "share",
        "content",
        "Key points whose word stems the answer has.",
    ),
    Measure(
        "budget_breaches",
        "Budget breaches",
        "amount",
        "content",
        "Sources quoted beyond their licence.",
        higher_is_better=False,
    ),
    Measure(
        "latency_ms", "Latency, ms", "amount", "cost", "Time of an answer by its own timings.", higher_is_better=False
    ),
    Measure("input_tokens", "Tokens in", "amount", "cost", "Tokens sent to a model.", higher_is_better=False),
    Measure("output_tokens", "Tokens out", "amount", "cost", "Tokens that a model wrote.", higher_is_better=False),
    Measure("cost", "Cost", "amount", "cost", "Cost of an answer, in the unit of the engine.", higher_is_better=False),
)
BY_NAME = {measure.name: measure for measure in MEASURES}


def shown(measure: Measure, value: float | None) -> str:
    """A value as people read it: per cent with one decimal for qualities, "–" where it does not apply."""
    if value is None:
        return "–"
    if measure.is_quality:
        return f"{100 * value:.1f} %"
    return f"{value:,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:.3g}"
