"""Scores of one answer. A metric that does not apply to a case is None, never 0.

Which metrics apply:

- Nothing is scored where answering failed; the case is reported as unscored.
- Retrieval and citation metrics apply where something is expected. Declining such a case cites nothing: any
  expected 0, must-cite recall 0, and no precision, since there is nothing to be precise about.
- Citation recall (in the F1 figures) is the must-cite recall; where a case names no must-cite ids, one expected
  id is enough (the ids of `expected` are alternatives).
- `decline_precision` applies where the assistant declined and `decline_recall` where it had to. The recall is the
  mean over cases; the precision is right declines over all declines of a run, since what a run declined is its own.
- Facet and audience apply where the case names one and something is cited that has one; "both" audiences are
  never wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.evals.answers import (
    AnswerRecord,
    answer_text,
    cited_ids,
    confidence,
    hit_ids,
    latency_ms,
    quoted_words,
    statements_of,
    usage,
)
from assistant.evals.case import Case
from assistant.evals.matching import clause_of, fold, guidance_ids, meets, met_by
from assistant.evals.measures import BY_NAME
from assistant.evals.protocols import CitationCatalog, SupportJudge
from assistant.evals.ranking import RANKING_NAMES, ranking_scores
from assistant.evals.support import support_scores
from assistant.evals.wording import overlap

KEY_POINT_SHARE = 0.6
Scores = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores of one answer.

    Attributes:
        case_id: The case's id.
        repeat: Which repetition, from 0.
        scores: Metric -> value, None where it does not apply.
        why: What is wrong with the answer, a sentence each; empty where nothing is.
        unscored: Why the case could not be scored, "" where it was.
        confidence: What the risk-coverage curve sorts by, None where unknown or declined.
        declined: Whether the assistant declined.
    """

    case_id: str
    repeat: int
    scores: Scores
    why: tuple[str, ...] = ()
    unscored: str = ""
    confidence: float | None = None
    declined: bool = False

    @property
    def right(self) -> bool:
        """Whether nothing is wrong with the answer."""
        return not self.why and not self.unscored


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores answers; what it is not given, it does not score.

    Attributes:
        catalog: Knows the citations: facet and audience where the answer does not say, and which ids exist.
        judge: Judges support.
        quote_words: Source id -> words of it that an answer may quote; None scores no breaches.
        known: Folded id -> id as written, of all that exist; empty skips the check.
    """

    catalog: CitationCatalog | None = None
    judge: SupportJudge | None = None
    quote_words: Mapping[str, int] | None = None
    known: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def with_catalog(
        cls, catalog: CitationCatalog, judge: SupportJudge | None, quote_words: Mapping[str, int] | None
    ) -> Scorer:
        """A scorer that also reports cited ids which do not exist."""
        return cls(catalog, judge, quote_words, {fold(i): i for i in catalog.known_ids()})

    def score(self, case: Case, record: AnswerRecord) -> Scored:
        """Scores of one answer to one case."""
        if record.answer is None:
            empty: Scores = dict.fromkeys(BY_NAME)
            return Scored(case.case_id, record.repeat, empty, unscored=f"not answered: {record.error}")
        answer = record.answer
        scores: Scores = dict.fromkeys(BY_NAME)
        scores.update(self._retrieval(case, answer))
        scores.update(citation_scores(cited_ids(answer), case.expected, case.must_cite))
        scores.update(support_scores(statements_of(answer), self.judge))
        scores.update(decision_scores(case, bool(answer["declined"])))
        scores.update(self._content(case, answer))
        scores["latency_ms"] = latency_ms(record)
        for name in ("input_tokens", "output_tokens", "cost"):
            scores[name] = usage(answer, name)
        why = tuple(self._why(case, answer, scores))
        sure = None if answer["declined"] else confidence(answer)
        return Scored(case.case_id, record.repeat, scores, why, "", sure, bool(answer["declined"]))

    def _retrieval(self, case: Case, answer: Mapping[str, Any]) -> Scores:
        hits = hit_ids(answer)
        return dict.fromkeys(RANKING_NAMES) if hits is None else ranking_scores(hits, case.expected)

    def _content(self, case: Case, answer: Mapping[str, Any]) -> Scores:
        facet = self._first(answer, "facet") if case.facet else ""
        audience = self._first(answer, "audience") if case.audience in ("msme", "large") else ""
        over = None
        if self.quote_words is not None:
            allowed = self.quote_words
            over = float(sum(n > allowed.get(s, 0) for s, n in quoted_words(answer).items()))
        return {
            "facet_right": float(facet == case.facet) if facet else None,
            "audience_right": float(audience in (case.audience, "both")) if audience else None,
            "key_points": None if case.must_decline else key_point_share(case.key_points, answer_text(answer)),
            "budget_breaches": over,
        }

    def _first(self, answer: Mapping[str, Any], key: str) -> str:
        """The value of the first cited guidance id that has one, "" where none has."""
        said = {fold(c["id"]): c.get(key) for c in answer["citations"]}
        for citation in guidance_ids(cited_ids(answer)):
            value = said.get(citation) or self._described(citation, key)
            if value:
                return str(value)
        return ""

    def _described(self, citation: str, key: str) -> str:
        if self.catalog is None or citation not in self.known:
            return ""
        return str(dict(self.catalog.describe(self.known[citation])).get(key) or "")

    def _why(self, case: Case, answer: Mapping[str, Any], scores: Scores) -> list[str]:
        why: list[str] = []
        cited = cited_ids(answer)
        if answer["declined"] and not case.must_decline:
            why.append("Declined, although the guidance answers it.")
        elif case.must_decline and not answer["declined"]:
            why.append("Answered, although the guidance does not cover it.")
        elif scores["any_expected"] == 0:
            why.append("Cites none of the expected clauses.")
        elif missing := [m for m in case.must_cite if m not in met_by(case.must_cite, cited)]:
            why.append(f"Does not cite {', '.join(missing)}.")
        if why and not case.must_decline and scores["hit@10"] == 0:
            why.append("No expected clause is among the first ten hits: retrieval missed it.")
        elif why and not case.must_decline and scores["hit@5"] == 1:
            why.append("An expected clause is among the first five hits: it was found and not used.")
        if scores["budget_breaches"]:
            why.append("Quotes more words than the licence allows.")
        if self.known and (unknown := [c for c in cited if fold(c) not in self.known]):
            why.append(f"Cites ids that do not exist: {', '.join(unknown)}.")
        return why


def citation_scores(cited: Sequence[str], expected: Sequence[str], must_cite: Sequence[str]) -> Scores:
    """Citation metrics by the matching rule, by clause, and by the very id.

    Args:
        cited: Guidance ids that the answer cites.
        expected: Acceptable ids; where there are none, nothing applies.
        must_cite: The ids that have to be cited.
    """
    names = ["any_expected", "must_cite_recall", "citation_precision", "citation_f1"]
    names += [f"{level}_{metric}" for level in ("clause", "item") for metric in ("precision", "recall", "f1")]
    if not expected:
        return dict.fromkeys(names)
    precision, recall, f1 = _figures(guidance_ids(cited), expected, must_cite, meets)
    by_clause = _figures(_clauses(guidance_ids(cited)), _clauses(expected), _clauses(must_cite), str.__eq__)
    exact = _figures(guidance_ids(cited), expected, must_cite, lambda a, b: fold(a) == fold(b))
    values: list[float | None] = [
        float(bool(met_by(expected, cited))),
        recall if must_cite else None,
        precision,
        f1,
    ]
    return dict(zip(names, [*values, *by_clause, *exact], strict=True))


def _clauses(ids: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(map(clause_of, ids)))


def _figures(
    cited: Sequence[str], expected: Sequence[str], must_cite: Sequence[str], same: Callable[[str, str], bool]
) -> tuple[float | None, float, float]:
    """Precision (None where nothing is cited), recall and their harmonic mean."""
    good = [c for c in cited if any(same(c, e) for e in expected)]
    precision = len(good) / len(cited) if cited else None
    recall = sum(any(same(c, m) for c in cited) for m in must_cite) / len(must_cite) if must_cite else float(bool(good))
    both = (precision or 0.0) + recall
    return precision, recall, 2 * (precision or 0.0) * recall / both if both else 0.0


def decision_scores(case: Case, declined: bool) -> Scores:
    """Whether the assistant declined where it had to, and only there."""
    right = float(declined == case.must_decline)
    return {
        "decision_right": right,
        "decline_precision": float(case.must_decline) if declined else None,
        "decline_recall": float(declined) if case.must_decline else None,
    }


def key_point_share(points: Sequence[str], text: str) -> float | None:
    """Share of key points whose content stems stand in the text to at least `KEY_POINT_SHARE`; None without points.

    A lexical stand-in for reading: it sees shared words and misses synonyms, and is labelled so in reports.
    """
    if not points:
        return None
    return sum(overlap(point, text) >= KEY_POINT_SHARE for point in points) / len(points)
