"""Understood question -> ranked guidance and plan hits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assistant.encoders import Encoder, Vectors
from assistant.index.passage import Passage
from assistant.index.reader import OpenIndex
from assistant.retrieval.evidence import Evidence, EvidenceFinder, Scores, Weights, fuse, scaled
from assistant.retrieval.follow_up import own_words, without_opener
from assistant.retrieval.hit import Filters, Hit, ranked
from assistant.retrieval.naming import LIFE_CYCLE, SIDE_SOURCE
from assistant.retrieval.spelling import Speller
from assistant.retrieval.understanding import Understood, understand

HITS = 20

# What named things count beside the fused evidence, in its units (about one standard deviation over all clauses).
_NAMED_CLAUSE = 50.0
_NAMED_STAGE = 4.0
_WITHIN = 2.5
_NAMED_PRINCIPLE = 0.5
_NAMED_SOURCE = 1.2
_SIDE = 0.35
_FACET = 0.25
_LIFE_CYCLE_SPOKEN = 0.9


@dataclass(frozen=True, slots=True)
class PlanHit:
    """A sentence, item or row of a plan that fits a question.

    Attributes:
        passage: The sentence, item or row.
        score: Vectors and words together; ranks within one question.
        cosine: The cosine alone, which can be compared between questions.
    """

    passage: Passage
    score: float
    cosine: float


@dataclass(frozen=True, slots=True)
class NeedHits:
    """What one need of a question found.

    Attributes:
        need: The need as a question.
        scores: Score of every guidance id that the filters let through; empty where they let nothing through.
        evidence: The evidence behind the scores.
        own: The evidence of a follow-up's own words, without the conversation; None where it has none ("and why?"), and
            for any other question.
    """

    need: str
    scores: dict[str, float]
    evidence: Evidence
    own: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Everything that a question found.

    Attributes:
        understood: The question taken apart.
        hits: Guidance, best first.
        needs: The same for each need.
        plan_hits: Passages of plans, best first.
        vector: The question's vector in the passages' encoder.
    """

    understood: Understood
    hits: tuple[Hit, ...]
    needs: tuple[NeedHits, ...]
    plan_hits: tuple[PlanHit, ...]
    vector: Vectors


class Retriever:
    """Finds clauses and plan passages in one open index.

    Args:
        index: The generation.
        encoder: Encoder of passages.
        question_encoder: Encoder of questions.
        organisation_size: Which standard speaks first where a question does not say; "unknown" for neither.
        weights: What each kind of evidence counts.
    """

    def __init__(
        self,
        index: OpenIndex,
        encoder: Encoder,
        question_encoder: Encoder,
        *,
        organisation_size: str = "unknown",
        weights: Weights | None = None,
    ) -> None:
        self.index = index
        self._encoder = encoder
        self._finder = EvidenceFinder(index, encoder, question_encoder)
        self._size = organisation_size
        self._weights = weights or Weights()

    @cached_property
    def speller(self) -> Speller:
        """Knows the words of the corpus and of its questions."""
        texts = [c.text for e in self.index.catalog for c in e.renditions.values() if c.kind not in ("item", "row")]
        headings = [e.clause.heading for e in self.index.catalog] * 3
        return Speller([*texts, *headings, *self.index.question_texts])

    def understand(
        self, question: str, history: Sequence[str] = (), filters: Filters | None = None, rewritten: str | None = None
    ) -> Understood:
        """Take a question apart (see `understanding`).

        Raises:
            SettingsError: The filters name a principle that does not exist.
        """
        return understand(
            question, history, filters or Filters(), self.index.catalog, self.speller, rewritten=rewritten
        )

    def retrieve(
        self,
        question: str,
        history: Sequence[str] = (),
        filters: Filters | None = None,
        *,
        rewritten: str | None = None,
        count: int = HITS,
    ) -> Retrieved:
        """Ranked hits for a question.

        Args:
            question: As asked.
            history: Earlier questions, oldest first.
            filters: What the user set.
            rewritten: A standalone form made by a language model; None for our own.
            count: How many hits, where more are wanted than an answer gives.

        Returns:
            At least ten hits where the texts hold as many; under a filter only what it lets through, be it none.

        Raises:
            SettingsError: The filters name a principle that does not exist.
        """
        filters = filters or Filters()
        return self.search(self.understand(question, history, filters, rewritten), filters, count=count)

    def search(self, understood: Understood, filters: Filters | None = None, *, count: int = HITS) -> Retrieved:
        """Ranked hits for a question that has been taken apart under the same filters (see `retrieve`)."""
        filters = filters or Filters()
        whole = self._search(understood, self._texts(understood), filters)
        needs = [whole]
        if len(understood.needs) > 1:
            needs += [self._search(understood, [(n, 1.0)], filters) for n in understood.needs]
        merged = dict(whole.scores)
        for need in needs[1:]:
            # a need's own best clauses belong to the top of the whole list as well
            for citation, score in need.scores.items():
                merged[citation] = max(merged[citation], 0.5 * score + 0.5 * whole.scores[citation])
        return Retrieved(
            understood,
            ranked(merged, max(HITS, count)),
            tuple(needs),
            self._plan_hits(understood, whole.evidence.base) if filters.scope != "guidance" else (),
            whole.evidence.base,
        )

    def _texts(self, understood: Understood) -> list[tuple[str, float]]:
        """What is searched for and its weight: a follow-up with its subject, and a little of each alone."""
        if understood.subject:
            return [(understood.search, 0.6), (understood.own, 0.2), (understood.subject, 0.2)]
        return [(understood.search, 1.0)]

    def _search(self, understood: Understood, texts: list[tuple[str, float]], filters: Filters) -> NeedHits:
        windows = [(w, weight * share) for text, weight in texts for w, share in self._finder.windows(text)]
        found = [self._finder.find(text) for text, _ in windows]
        total: Scores = np.zeros(len(self._finder.ids))
        for evidence, (_, weight) in zip(found, windows, strict=True):
            total = total + weight * fuse(evidence, self._weights)
        total = scaled(total) + self._prior(understood, filters)
        # What a filter excludes has no score at all: with a low one it would still be the best where nothing passes.
        scores = {
            c: float(s) for c, s in zip(self._finder.ids, total, strict=True) if self._passes(c, understood, filters)
        }
        leans = bool(understood.subject and own_words(understood.own))
        own = self._finder.find(without_opener(understood.own)) if leans else None
        return NeedHits(texts[0][0], scores, found[0], own)

    def _prior(self, understood: Understood, filters: Filters) -> Scores:
        """What the question names outright, on top of the evidence."""
        named = understood.named
        audience = understood.audience or (self._size if self._size != "unknown" else None)
        prior = np.zeros(len(self._finder.ids))
        for i, citation in enumerate(self._finder.ids):
            entry = self.index.catalog.resolve(citation)
            source = entry.clause.source_id
            if citation in named.clauses:
                prior[i] += _NAMED_CLAUSE - named.clauses.index(citation) * 0.1
            elif any(self.index.catalog.stands_in(citation, c) for c in named.clauses):
                prior[i] += _NAMED_CLAUSE / 2
            if named.within and (citation == named.within or self.index.catalog.stands_in(citation, named.within)):
                prior[i] += _WITHIN
            if named.stage and entry.stage == named.stage:
                prior[i] += _NAMED_STAGE
            if understood.life_cycle and source == LIFE_CYCLE:
                prior[i] += _LIFE_CYCLE_SPOKEN
            if named.principles and entry.principle in named.principles:
                prior[i] += _NAMED_PRINCIPLE
            if source in named.sources:
                prior[i] += _NAMED_SOURCE
            if audience in SIDE_SOURCE and source == SIDE_SOURCE[audience]:
                prior[i] += _SIDE if not filters.audience else 0.0
            if understood.facet and entry.facet == understood.facet:
                prior[i] += _FACET
        return prior

    def _passes(self, citation: str, understood: Understood, filters: Filters) -> bool:
        """Whether the user's filters let a clause through; a side that is only spoken of excludes nothing."""
        entry = self.index.catalog.resolve(citation)
        other = {"msme": "large", "large": "msme"}
        out = bool(filters.audience and entry.audience == other.get(filters.audience))
        out = out or bool(understood.principle and entry.principle != understood.principle)
        out = out or bool(filters.facet and entry.facet not in (filters.facet, None))
        return not out

    def _plan_hits(self, understood: Understood, base: Vectors, count: int = 8) -> tuple[PlanHit, ...]:
        passages = self.index.plan_passages
        if not passages:
            return ()
        words = self.index.plan_lexical.scores(understood.search)
        top = float(words.max()) or 1.0
        lexical = {p.passage_id: float(w) / top for p, w in zip(passages, words, strict=True)}
        found = [h for h in self.index.dense("plans", base) if h.passage.kind != "clause"]
        hits = [
            PlanHit(h.passage, 0.7 * h.score + 0.3 * lexical.get(h.passage.passage_id, 0.0), h.score) for h in found
        ]
        return tuple(sorted(hits, key=lambda h: (-h.score, h.passage.passage_id))[:count])
