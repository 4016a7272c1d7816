"""Statement and clauses -> Signals: the closest sentences of each part of a statement, and what they say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.answering.answer import Evidence
from assistant.answering.verification.actors import same_actor
from assistant.answering.verification.matter import Aspect, Matter, Matters
from assistant.answering.verification.names import NameWords
from assistant.answering.verification.numbers import missing_figures
from assistant.answering.verification.polarity import adds_only, contradicts
from assistant.answering.verification.segments import segments
from assistant.answering.verification.strength import compare_strength, levels
from assistant.answering.verification.support import Signals
from assistant.clauses.catalog import Catalog
from assistant.encoders import Encoder, Vectors
from assistant.index.lexical import stems

# Sentences this close to the best one may be the one that is meant (cosine plus shared words).
_NEAR = 0.06
_SHARED_WORDS = 0.35
# Below this a part is about something else and its polarity says nothing.
_SAME_THING = 0.55


@dataclass(frozen=True, slots=True)
class _Fit:
    """The aspects closest to one part of a statement."""

    text: str
    near: tuple[Aspect, ...]
    score: float
    cosine: float


class Meter:
    """Measures statements against clauses.

    Args:
        catalog: The clauses.
        encoder: The passages' encoder.
        matters: What the clauses hold.
    """

    def __init__(self, catalog: Catalog, encoder: Encoder, matters: Matters) -> None:
        self._catalog = catalog
        self._encoder = encoder
        self._matters = matters
        self._names = NameWords(catalog.taxonomy)

    def measure(self, text: str, matters: Mapping[str, Matter]) -> tuple[Signals, tuple[Evidence, ...]]:
        """Signals of one statement, and where its support stands.

        Args:
            text: The statement.
            matters: What each cited clause holds, by citation id.
        """
        parts = segments(text)
        texts = [text, *parts] if len(parts) > 1 else [text]
        vectors = self._encoder.encode(texts)
        fits = [self._fit(t, v, matters) for t, v in zip(texts, vectors, strict=True)]
        whole, pieces = fits[0], fits[1:] or fits[:1]
        coverage = [self._coverage(f.text, matters) for f in (whole, *pieces)]
        signals = Signals(
            cosine=whole.cosine,
            least_cosine=min(f.cosine for f in pieces),
            coverage=coverage[0],
            least_coverage=min(coverage[1:]),
            margin=whole.cosine - self._elsewhere(vectors[0], matters),
            parts=len(pieces),
            faults=tuple(dict.fromkeys([*self._literal(text, matters), *self._meaning(whole, pieces, matters)])),
        )
        return signals, _evidence(pieces)

    def _fit(self, text: str, vector: Vectors, matters: Mapping[str, Matter]) -> _Fit:
        words = set(stems(text))
        scored = [
            (float(cosine) + _SHARED_WORDS * _overlap(words, aspect.text), float(cosine), aspect)
            for matter in matters.values()
            for aspect, cosine in zip(matter.aspects, matter.vectors @ vector, strict=True)
        ]
        scored.sort(key=lambda s: -s[0])
        best = scored[0][0]
        near = tuple(a for score, _, a in scored if score >= best - _NEAR)
        return _Fit(text, near, best, max(c for _, c, _ in scored))

    def _coverage(self, text: str, matters: Mapping[str, Matter]) -> float:
        return max(self._matters.wording.coverage(text, m.vocabulary) for m in matters.values())

    def _elsewhere(self, vector: Vectors, matters: Mapping[str, Matter]) -> float:
        """Best cosine to a sentence of any clause that is not cited."""
        vectors, owners = self._matters.guidance()
        cited = {self._catalog.owner(c) for c in matters}
        away = np.array([o not in cited for o in owners])
        return float((vectors[away] @ vector).max()) if away.any() else 0.0

    def _literal(self, text: str, matters: Mapping[str, Matter]) -> list[str]:
        evidence = "\n".join(m.text for m in matters.values())
        counts = [n for m in matters.values() for n in m.counts]
        faults = [f"figure not there: {f.split(':')[-1]}" for f in missing_figures(text, evidence, counts=counts)]
        return faults + [f"name not there: {n}" for n in self._names.missing(text, evidence)]

    def _meaning(self, whole: _Fit, pieces: Sequence[_Fit], matters: Mapping[str, Matter]) -> list[str]:
        faults: list[str] = []
        body = "\n".join(m.body for m in matters.values())
        for fit in pieces:
            near = fit.near if len(pieces) > 1 else whole.near
            verdict = compare_strength(levels(fit.text), [set(a.levels) for a in near])
            if verdict:
                faults.append(verdict)
            subjects = self._matters.actor_words.subjects(fit.text)
            if not any(same_actor(subjects, set(a.subjects)) for a in near):
                faults.append("wrong actor")
            if fit.score >= _SAME_THING and all(contradicts(fit.text, a.text) for a in near):
                faults.append("contradicts the clause")
            if adds_only(fit.text, body):
                faults.append("restricts what the clause does not")
        named = self._matters.actor_words.named(whole.text)
        held = {a for m in matters.values() for a in m.actors}
        if "external" in named - held:
            faults.append("somebody the clause does not name")
        return faults


def _overlap(words: set[str], text: str) -> float:
    return len(words & set(stems(text))) / len(words) if words else 0.0


def _evidence(fits: Sequence[_Fit]) -> tuple[Evidence, ...]:
    found: dict[Evidence, None] = {}
    for fit in sorted(fits, key=lambda f: -f.score):
        seen: set[tuple[str, str]] = set()
        for aspect in fit.near:
            unit = aspect.unit
            if (unit.citation, unit.rendition) not in seen:
                seen.add((unit.citation, unit.rendition))
                found.setdefault(Evidence(unit.citation, unit.rendition, unit.start, unit.end))
    return tuple(found)


