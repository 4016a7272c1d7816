"""Scores of a ranked list by ir-measures (MacAvaney, Macdonald, Ounis: "Streamlining Evaluation with ir-measures",
ECIR 2022), after the matching rules of the evals have been applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ir_measures
from ir_measures import AP, RR, R, Success, nDCG

from assistant.evals.matching import fold, guidance_ids, ranked_gains

_BY_RANK = {
    "hit@1": Success @ 1,
    "hit@5": Success @ 5,
    "hit@10": Success @ 10,
    "ndcg@10": nDCG @ 10,
    "ap@10": AP @ 10,
    "rr": RR,
}
_RECALL_CUTS = (5, 10)
RANKING_NAMES = (*_BY_RANK, *(f"recall@{k}" for k in _RECALL_CUTS))


def ranking_scores(hits: Sequence[str], expected: Sequence[str]) -> dict[str, float | None]:
    """Retrieval metrics of one question.

    A hit that is the first to meet several expected ids (a clause, where three of its items are expected) stands
    for them at consecutive ranks; one that meets nothing new keeps its rank and gains nothing. Recall@k counts
    what the first k hits themselves meet, so that such a hit takes up one place and not three.

    Args:
        hits: Retrieved ids, best first; ids of plans are left out.
        expected: Acceptable ids.

    Returns:
        Metric -> value from 0 to 1; None for all where nothing is expected.
    """
    if not expected:
        return dict.fromkeys(RANKING_NAMES)
    ranked = guidance_ids(hits)
    gains = ranked_gains(ranked, expected)
    qrels = {"q": {fold(e): 1 for e in expected}}
    scores: dict[str, float | None] = dict(_calculate(_BY_RANK, qrels, {"q": _run(ranked, gains)}))
    for k in _RECALL_CUTS:
        run = {"q": _run(ranked[:k], gains[:k])}
        scores[f"recall@{k}"] = _calculate({"r": R @ 1000}, qrels, run)["r"]
    return scores


def _run(ranked: Sequence[str], gains: Sequence[Sequence[str]]) -> dict[str, float]:
    order: list[str] = []
    for hit, gained in zip(ranked, gains, strict=True):
        order += gained or [f"-{hit}"]
    return {document: float(len(order) - i) for i, document in enumerate(order)}


def _calculate(
    measures: Mapping[str, ir_measures.Measure],
    qrels: Mapping[str, Mapping[str, int]],
    run: Mapping[str, Mapping[str, float]],
) -> dict[str, float]:
    if not run["q"]:
        return dict.fromkeys(measures, 0.0)
    values = ir_measures.calc_aggregate(list(measures.values()), qrels, run)
    return {name: float(values[measure]) for name, measure in measures.items()}
