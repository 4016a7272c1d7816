"""Which clauses an answer cites: enough to be right, few enough to be precise."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from assistant.clauses.catalog import Catalog


@dataclass(frozen=True, slots=True)
class CitePolicy:
    """How many clauses are cited; chosen by comparing figures on the dev and own cases (docs/retrieval.md).

    Attributes:
        temperature: Divides the fused scores before the softmax.
        share: A clause is cited when its probability is at least this share of the best one's.
        most: Never more than this many for one need.
        least_share: The same for what is second to a clause that another need has.
    """

    temperature: float = 0.45
    share: float = 0.25
    most: int = 3
    least_share: float = 0.1


def probabilities(scores: Mapping[str, float], temperature: float, top: int = 30) -> dict[str, float]:
    """Softmax over the best scores: how likely each clause is to be the right one."""
    best = sorted(scores.items(), key=lambda p: (-p[1], p[0]))[:top]
    if not best:
        return {}
    values = np.array([s for _, s in best]) / temperature
    weights = np.exp(values - values.max())
    return {c: float(w) for (c, _), w in zip(best, weights / weights.sum(), strict=True)}


def select(scores: Mapping[str, float], catalog: Catalog, policy: CitePolicy, taken: Collection[str] = ()) -> list[str]:
    """Ids to cite for one need, best first; a clause and its own item never both.

    Args:
        scores: How well each clause meets the need.
        catalog: Tells what stands in what.
        policy: How many.
        taken: Clauses that other needs of the question have: they are not said twice.
    """
    chances = probabilities(scores, policy.temperature)
    if not chances:
        return []
    ordered = sorted(chances.items(), key=lambda p: (-p[1], p[0]))
    best = ordered[0][1]
    chosen: list[str] = []
    for citation, chance in ordered:
        if len(chosen) >= policy.most or chance < policy.share * best:
            break
        if not any(_related(citation, c, catalog) for c in chosen):
            chosen.append(citation)
    fresh = [c for c in chosen if c not in taken]
    if chosen and not fresh:
        # Two needs in one question are hardly ever met by one clause: what is next best for this one is said too.
        others = (c for c, chance in ordered if c not in taken and chance >= policy.least_share * best)
        fresh = [c for c in others if not any(_related(c, t, catalog) for t in taken)][:1]
    return fresh


def _related(one: str, other: str, catalog: Catalog) -> bool:
    """Whether one is the clause in which the other stands."""
    return _within(one, other, catalog) or _within(other, one, catalog)


def _within(inner: str, outer: str, catalog: Catalog) -> bool:
    """Whether one is a list item or row of the other, or of one of its items."""
    chain = [catalog.resolve(inner), *catalog.ancestors(inner)]
    return any(a.citation_id == outer and b.clause.kind in ("item", "row") for b, a in pairwise(chain))
