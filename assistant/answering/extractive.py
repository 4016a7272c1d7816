"""The embedded engine: answers made of the clauses' own sentences, without a language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.answering.answer import Evidence, Gap, Part, Statement
from assistant.answering.composing import Composer
from assistant.answering.declining import (
    CoverageEstimate,
    DeclinePolicy,
    estimate,
    gap_for_absent,
    gap_for_topic,
    gap_for_unheld,
    gap_for_unknown,
)
from assistant.answering.selecting import CitePolicy, select
from assistant.index.reader import OpenIndex
from assistant.retrieval.hit import Filters
from assistant.retrieval.naming import SIDE_SOURCE
from assistant.retrieval.needs import leans
from assistant.retrieval.retriever import NeedHits, PlanHit, Retrieved
from assistant.sources.licence import count_words

_PLAN_COSINE = 0.45
_PLAN_WORDS = 6
_PLAN_STATEMENTS = 2
# From here on one part of a question counts as not covered though the question as a whole does not.
_SURE = 0.95
# Who names two of the texts knows that they speak of the matter, and names little else.
_SURE_OF_COMPARED = 0.7


@dataclass
class Draft:
    """What an engine has to say, before it is verified and dressed as an answer.

    Attributes:
        statements: In the order in which they are read.
        gaps: Needs that the texts do not meet.
        chosen: Clauses that were chosen to answer from, best first.
        notices: Lines that a person should read.
    """

    statements: list[Statement] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


class ExtractiveEngine:
    """Chooses clauses and lets the composer make statements of them.

    Args:
        index: The generation.
        composer: Makes statements within the licences of one answer.
        cite: How many clauses are cited.
        decline: When a question counts as not covered.
    """

    def __init__(
        self,
        index: OpenIndex,
        composer: Composer,
        cite: CitePolicy | None = None,
        decline: DeclinePolicy | None = None,
    ) -> None:
        self._index = index
        self._composer = composer
        self._cite = cite or CitePolicy()
        self._decline = decline or DeclinePolicy()

    def draft(self, retrieved: Retrieved, filters: Filters) -> Draft:
        """Statements and gaps for a question."""
        draft = self.choose(retrieved, filters)
        single = len(retrieved.needs) == 1 and not retrieved.understood.compared
        for place, (part, citation, need) in enumerate(self._order(draft, retrieved)):
            whole = citation in retrieved.understood.named.clauses
            # Clauses that are only likely get one sentence: the answer stays short where the first one is right.
            most = 1 if single and place > 0 and not whole else None
            draft.statements += self._composer.compose(
                citation, need.evidence.base, need.need, part, whole=whole, most=most
            )
        draft.statements = _without_repeats(draft.statements)
        return draft

    def choose(self, retrieved: Retrieved, filters: Filters) -> Draft:
        """Which clauses answer, and which needs have no answer; no statements yet."""
        draft = Draft()
        if filters.scope == "plans":
            return draft
        named = retrieved.understood.named
        question = retrieved.understood.question
        draft.gaps += [gap_for_unknown(question, words) for words in named.unknown]
        draft.gaps += [gap_for_absent(question, clause) for clause in named.absent]
        strayed = self._strayed(retrieved)
        if strayed is not None:
            draft.gaps.append(strayed)
            return draft
        if named.clauses:
            self._named(draft, retrieved)
            return draft
        if draft.gaps and not retrieved.understood.besides:
            return draft
        if retrieved.understood.compared:
            self._sides(draft, retrieved)
            return draft
        whole, parts = retrieved.needs[0], retrieved.needs[1:]
        verdict = self._uncovered(whole, retrieved)
        if not parts:
            if verdict is not None:
                draft.gaps.append(verdict)
            else:
                draft.chosen += select(whole.scores, self._index.catalog, self._cite)
            return draft
        self._each_need(draft, retrieved, whole, parts, verdict)
        return draft

    def _named(self, draft: Draft, retrieved: Retrieved) -> None:
        """Clauses asked for by number: their text, or why there is none."""
        for citation in retrieved.understood.named.clauses:
            entry = self._index.catalog.resolve(citation)
            if not entry.held or (not entry.has_text and not entry.children):
                draft.gaps.append(gap_for_unheld(self._index, retrieved.understood.question, citation))
            elif entry.has_text:
                draft.chosen.append(citation)
            else:
                best = sorted(retrieved.needs[0].scores.items(), key=lambda p: (-p[1], p[0]))
                inside = [c for c, _ in best if self._index.catalog.stands_in(c, citation)]
                draft.chosen += inside[: self._cite.most]

    def _sides(self, draft: Draft, retrieved: Retrieved) -> None:
        """The best clauses of each text that is compared."""
        need = retrieved.needs[0]
        found = self._estimate(need, retrieved)
        verdict = self._gap(need, found)
        outright = len(retrieved.understood.named.sources) > 1
        if verdict is not None and (not outright or found.probability >= _SURE_OF_COMPARED):
            draft.gaps.append(verdict)
            return
        for source in retrieved.understood.compared:
            scores = {c: max(n.scores[c] for n in retrieved.needs) for c in need.scores if c.startswith(f"{source}:")}
            one = CitePolicy(self._cite.temperature, self._cite.share, 2)
            draft.chosen += select(scores, self._index.catalog, one)

    def _each_need(
        self, draft: Draft, retrieved: Retrieved, whole: NeedHits, parts: Sequence[NeedHits], verdict: Gap | None
    ) -> None:
        """The best clause of each need; needs without an answer become gaps."""
        estimates = [self._estimate(part, retrieved) for part in parts]
        verdicts = [self._gap(part, found) for part, found in zip(parts, estimates, strict=True)]
        if verdict is not None and all(v or leans(p.need) for v, p in zip(verdicts, parts, strict=True)):
            draft.gaps.append(verdict)
            return
        one = CitePolicy(self._cite.temperature, self._cite.share, 2)
        for part, found, gap in zip(parts, estimates, verdicts, strict=True):
            # A part by itself says less than the whole question: alone it has to be sure.
            if gap is not None and (verdict is not None or found.probability >= _SURE):
                draft.gaps.append(gap)
                continue
            if verdict is not None and leans(part.need):
                continue
            scores = {c: 0.6 * s + 0.4 * whole.scores[c] for c, s in part.scores.items()}
            draft.chosen += select(scores, self._index.catalog, one, draft.chosen)

    def _uncovered(self, need: NeedHits, retrieved: Retrieved) -> Gap | None:
        return self._gap(need, self._estimate(need, retrieved))

    def _estimate(self, need: NeedHits, retrieved: Retrieved) -> CoverageEstimate:
        foreign = bool(retrieved.understood.named.foreign)
        topics = [t.key for t in self._index.not_covered]
        return estimate(need.evidence, foreign, self._decline, topics)

    def _gap(self, need: NeedHits, found: CoverageEstimate) -> Gap | None:
        if found.probability < 0.5:
            return None
        nearest = tuple(c for c, _ in sorted(need.scores.items(), key=lambda p: (-p[1], p[0]))[:2])
        return gap_for_topic(self._index, need.need, found.topic, nearest, need.scores)

    def _strayed(self, retrieved: Retrieved) -> Gap | None:
        """The gap of a follow-up whose own words are surely about something else than the guidance."""
        whole = retrieved.needs[0]
        if whole.own is None:
            return None
        own = NeedHits(retrieved.understood.own, whole.scores, whole.own)
        found = self._estimate(own, retrieved)
        return self._gap(own, found) if found.probability >= _SURE else None

    def _order(self, draft: Draft, retrieved: Retrieved) -> list[tuple[Part, str, NeedHits]]:
        """Chosen clauses with their side and the need that they answer best."""
        ordered: list[tuple[Part, str, NeedHits]] = []
        for citation in draft.chosen:
            needs = retrieved.needs[1:] or retrieved.needs
            need = max(needs, key=lambda n: n.scores.get(citation, -1e9))
            compared = () if retrieved.understood.named.clauses else retrieved.understood.compared
            ordered.append((side_of(citation, compared), citation, need))
        return ordered


def side_of(citation: str, compared: Sequence[str]) -> Part:
    """The side of an answer that a clause belongs to, where the standards of both sides are among the texts compared."""
    if set(SIDE_SOURCE.values()) <= set(compared):
        if citation.startswith(f"{SIDE_SOURCE['msme']}:"):
            return "side:msme"
        if citation.startswith(f"{SIDE_SOURCE['large']}:"):
            return "side:large"
    return "guidance"


def plan_statements(composer: Composer, hits: Sequence[PlanHit]) -> list[Statement]:
    """What the organisation's own plans say on it: their nearest sentences, where they are near enough."""
    statements: list[Statement] = []
    for hit in hits:
        if len(statements) >= _PLAN_STATEMENTS:
            break
        if hit.cosine < _PLAN_COSINE or count_words(hit.passage.text) < _PLAN_WORDS:
            continue
        evidence = Evidence(hit.passage.citation_id, "plan", hit.passage.start, hit.passage.end)
        statement = composer.from_passage(hit.passage, evidence, round(min(1.0, hit.cosine), 3))
        if statement is not None:
            statements.append(statement)
    return statements


def _without_repeats(statements: Sequence[Statement]) -> list[Statement]:
    """Equal sentences of two clauses become one statement with both citations."""
    kept: dict[tuple[str, str], Statement] = {}
    for statement in statements:
        key = (statement.part, statement.text.casefold())
        if key in kept:
            first = kept[key]
            citations = tuple(dict.fromkeys((*first.citations, *statement.citations)))
            verbatim = first.verbatim or (statement.verbatim and statement.text == first.text)
            evidence = (*first.evidence, *statement.evidence)
            kept[key] = Statement(first.text, first.part, citations, evidence, verbatim, first.support)
        else:
            kept[key] = statement
    return list(kept.values())
