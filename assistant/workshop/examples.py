"""The organisation's own plans as the worked example: sentences found for a chapter, quoted with their place."""

from __future__ import annotations

from dataclasses import replace

from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.licensing import QuoteLedger
from assistant.clauses.catalog import Catalog
from assistant.clauses.sentences import split_sentences
from assistant.retrieval.hit import Filters
from assistant.workshop.pack import Chapter, Line, Pack
from assistant.workshop.stock import Audience

_MOST_LINES = 4
_FEWEST_WORDS, _MOST_WORDS = 7, 60
# Below this cosine a sentence shares the topic's words at best.
_NEAR_ENOUGH = 0.45


def add_plan_lines(pack: Pack, assistant: GuidanceAssistant, ledger: QuoteLedger) -> Pack:
    """The pack with up to four sentences of plans in each chapter that the plans speak of.

    Args:
        pack: Checked already.
        assistant: Finds the sentences.
        ledger: The export's budgets; a sentence that does not fit is left out.
    """
    return replace(
        pack, chapters=tuple(_with_plans(c, pack.request.audience, assistant, ledger) for c in pack.chapters)
    )


def _with_plans(chapter: Chapter, audience: Audience, assistant: GuidanceAssistant, ledger: QuoteLedger) -> Chapter:
    points = [p.text for lines in (chapter.points["how"], chapter.points["what"], chapter.points["why"]) for p in lines]
    found: dict[str, Line] = {}
    for query in [*points, chapter.title]:
        for line in _lines(f"{chapter.title}: {query}", audience, assistant):
            found.setdefault(line.text, line)
    if not found:
        return chapter
    vectors = assistant.encoder.encode([*points, *found])
    scores = vectors[len(points) :] @ vectors[: len(points)].T
    lines, met = list(found.values()), set[int]()
    quoted: list[Line] = []
    for at in (-scores.max(axis=1)).argsort(kind="stable"):
        point = int(scores[at].argmax())
        clause = assistant.catalog.resolve(lines[at].citations[0]).renditions.get("plan")
        if scores[at].max() < _NEAR_ENOUGH or len(quoted) == _MOST_LINES:
            break
        # One sentence for each point: four that say the same are no example.
        if point not in met and clause is not None and ledger.quote(clause, lines[at].text):
            met.add(point)
            quoted.append(replace(lines[at], id=f"{chapter.unit_id}/plan-{len(quoted) + 1}"))
    return replace(chapter, plan_lines=tuple(quoted))


def _lines(query: str, audience: Audience, assistant: GuidanceAssistant) -> list[Line]:
    """Whole sentences of the plan passages that fit a query, best first, of plans for this audience."""
    catalog, lines = assistant.catalog, []
    for hit in assistant.retriever().retrieve(query, (), Filters(scope="plans")).plan_hits:
        entry = catalog.resolve(hit.passage.citation_id)
        text = _sentence(catalog, hit.passage.citation_id, hit.passage.start, hit.passage.end)
        suits = audience == "both" or entry.audience in (audience, "both")
        if suits and _FEWEST_WORDS <= len(text.split()) <= _MOST_WORDS and not text.endswith(":"):
            lines.append(Line("plan", text, (entry.citation_id,), "plan"))
    return lines


def _sentence(catalog: Catalog, citation: str, start: int, end: int) -> str:
    clause = catalog.resolve(citation).renditions.get("plan")
    if clause is None:
        return ""
    if clause.kind in ("item", "row"):
        return clause.text.strip()
    return next(
        (s.text for s in split_sentences(clause.text) if s.start <= start < s.end), clause.text[start:end].strip()
    )
