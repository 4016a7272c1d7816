"""Statement and clauses -> Signals: the closest sentences of each part of a statement, and what they say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from assistant.answering.answer import Evidence
from assistant.answering.verification.actors import is_agent, wrong_actor
from assistant.answering.verification.asked import Asked
from assistant.answering.verification.entailment import Entailment, Reading, premise
from assistant.answering.verification.matter import Aspect, Matter, Matters
from assistant.answering.verification.names import NameWords
from assistant.answering.verification.near_copies import dropped_hedge, exchanged_word
from assistant.answering.verification.numbers import missing_figures, missing_references
from assistant.answering.verification.polarity import adds_only, contradicts
from assistant.answering.verification.segments import segments, stretches
from assistant.answering.verification.sides import exchanged, other_side
from assistant.answering.verification.strength import (
    Strength,
    compare_strength,
    demands,
    is_option,
    is_task,
    strength_of,
)
from assistant.answering.verification.support import (
    CONTRADICTS,
    EXCHANGED,
    OTHER_SIDE,
    RESTRICTS,
    SOMETHING_ELSE,
    STRANGER,
    STRENGTHENED,
    WEAKENED,
    Signals,
)
from assistant.answering.verification.things import missing_things
from assistant.answering.verification.wording import TextEncoder
from assistant.clauses.catalog import Catalog
from assistant.encoders import Vectors
from assistant.index.lexical import stems

# Sentences this close to the best one may be the one that is meant (cosine plus shared words).
_NEAR = 0.08
_SHARED_WORDS = 0.35
# The same sentence in another rendition uses other words.
_OTHER_RENDITION = 0.15
# How much further away a sentence may be that speaks of a possibility too, or that says who acts.
_OPTION_WINDOW = 0.05
_SUBJECT_WINDOW = 0.2
_BESIDE = 0.1
# Below this likeness a word has no counterpart in the clause; words for somebody are all a little alike.
_STRANGE, _STRANGE_AGENT = 0.3, 0.7
# Actors whom a paraphrase does not bring in by itself.
_APART = frozenset({"customer", "supplier", "large", "ser", "joint-team"})
# Below this a part is about something else and its polarity says nothing; above, an opposite rules it out by itself.
_SAME_THING, _SAME_WORDS = 0.55, 0.9
# No paraphrase of the labelled pairs is less like the closest sentence that it cites.
_LEAST_LIKE = 0.17
# Statements of the labelled pairs have up to 43 words: the cross-encoder knows nothing longer.
_READABLE_WORDS = 43


@dataclass(frozen=True, slots=True)
class _Fit:
    """The aspects closest to one part of a statement.

    Attributes:
        text: The part.
        words: Its stems and how telling each is.
        near: Aspects that may be the ones meant.
        ranked: All aspects with their scores, the best first.
        cosine: The best cosine, that of neighbouring sentences and whole lists included.
        widest: The best score, likewise.
    """

    text: str
    words: Mapping[str, float]
    near: tuple[Aspect, ...]
    ranked: tuple[tuple[float, Aspect], ...]
    cosine: float
    widest: float

    @property
    def score(self) -> float:
        """Score of the closest aspect."""
        return self.ranked[0][0]

    def strengths(self, spoken: Strength) -> list[Strength]:
        """Strengths that a statement is compared with: of what may be meant.

        For what is possible, of whatever is nearly as close; for what is said to be optional, of the closest alone.
        """
        if spoken.declared:
            return [self.ranked[0][1].strength]
        if is_option(spoken.rungs):
            return [a.strength for score, a in self.ranked if score >= self.score - _OPTION_WINDOW]
        return [a.strength for a in self.near]

    def subjects(self) -> list[frozenset[str]]:
        """Who acts in the sentences that may be meant; where nobody does, in what comes next closest."""
        named = [a.subjects for a in self.near]
        return (
            named if any(named) else [a.subjects for score, a in self.ranked if score >= self.score - _SUBJECT_WINDOW]
        )


class Meter:
    """Measures statements against clauses.

    Args:
        catalog: The clauses.
        encoder: The passages' encoder.
        matters: What the clauses hold.
        entailment: Reads a statement and the words it cites together.
        asked: What people ask about each clause; None where no question model is at hand.
    """

    def __init__(
        self,
        catalog: Catalog,
        encoder: TextEncoder,
        matters: Matters,
        entailment: Entailment,
        asked: Asked | None = None,
    ) -> None:
        self._entailment = entailment
        self._asked = asked
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
        margins = [f.widest - self._elsewhere(f, v, matters) for f, v in zip(fits, vectors, strict=True)]
        subject = self._strange_subject(pieces[0].text, matters)
        faults, hints = self._meaning(whole, pieces, matters, subject)
        asked, asked_margin, asked_item = self._asked.signals(text, matters) if self._asked else (0.0, 0.0, 0.0)
        if whole.cosine < _LEAST_LIKE:
            faults.append(SOMETHING_ELSE)
        reading = self._read(whole, matters)
        signals = Signals(
            cosine=whole.cosine,
            least_cosine=min(f.cosine for f in pieces),
            coverage=coverage[0],
            least_coverage=min(coverage[1:]),
            margin=margins[0],
            least_margin=min(margins[1:] or margins),
            single=len({a.unit.rendition for m in matters.values() for a in m.aspects}) == 1,
            faults=tuple(dict.fromkeys([*self._literal(text, matters), *faults])),
            hints=hints,
            asked=asked,
            asked_margin=asked_margin,
            asked_item=asked_item,
            entailed=reading.log_odds,
            doubt=reading.doubt,
            stranger=subject if STRANGER in hints else "",
        )
        return signals, _evidence(pieces)

    def _read(self, whole: _Fit, matters: Mapping[str, Matter]) -> Reading:
        """What reading the statement with what it cites says; a long one is read in stretches, and the worst counts."""
        if len(whole.text.split()) <= _READABLE_WORDS:
            return self._entailment.read(whole.text, self._premises(whole, matters))
        texts = stretches(whole.text, _READABLE_WORDS)
        fits = [self._fit(t, v, matters) for t, v in zip(texts, self._encoder.encode(texts), strict=True)]
        readings = [self._entailment.read(f.text, self._premises(f, matters)) for f in fits]
        return min(readings, key=lambda r: r.log_odds)

    def _fit(self, text: str, vector: Vectors, matters: Mapping[str, Matter]) -> _Fit:
        words = {stem: self._matters.wording.weight(stem) for stem in stems(text)}
        scored = [
            (
                float(cosine) + _SHARED_WORDS * _overlap(words, aspect.stems) - _beside(words, aspect),
                float(cosine),
                aspect,
            )
            for matter in matters.values()
            for aspect, cosine in zip(matter.aspects, matter.vectors @ vector, strict=True)
        ]
        scored.sort(key=lambda s: -s[0])
        near, places = [], set()
        for score, _, aspect in scored:
            place = (aspect.unit.citation, aspect.unit.rendition)
            if score >= scored[0][0] - (_NEAR if place in places else _OTHER_RENDITION):
                near.append(aspect)
                places.add(place)
        wide = [
            (float(cosine), float(cosine) + _SHARED_WORDS * _overlap(words, there))
            for matter in matters.values()
            if matter.stretch_stems
            for cosine, there in zip(matter.stretches @ vector, matter.stretch_stems, strict=True)
        ]
        cosine = max([c for _, c, _ in scored] + [c for c, _ in wide])
        widest = max([scored[0][0]] + [s for _, s in wide])
        return _Fit(text, words, tuple(near), tuple((s, a) for s, _, a in scored), cosine, widest)

    def premises(self, text: str, matters: Mapping[str, Matter]) -> list[str]:
        """What a statement is read with, one premise for each rendition that is held."""
        return self._premises(self._fit(text, self._encoder.encode([text])[0], matters), matters)

    def _premises(self, fit: _Fit, matters: Mapping[str, Matter]) -> list[str]:
        entry = self._catalog.resolve(next(iter(matters)))
        units = list({id(a.unit): a.unit for _, a in fit.ranked}.values())
        renditions = sorted({u.rendition for u in units})
        return [premise(entry, (u for u in units if u.rendition == r)) for r in renditions]

    def _coverage(self, text: str, matters: Mapping[str, Matter]) -> float:
        return max(self._matters.wording.coverage(text, m.vocabulary) for m in matters.values())

    def _elsewhere(self, fit: _Fit, vector: Vectors, matters: Mapping[str, Matter]) -> float:
        cited = {self._catalog.owner(c) for c in matters}
        return self._matters.elsewhere().best(vector, fit.words, _SHARED_WORDS, cited)

    def _literal(self, text: str, matters: Mapping[str, Matter]) -> list[str]:
        evidence = "\n".join(m.text for m in matters.values())
        counts = [n for m in matters.values() for n in m.counts]
        faults = [f"figure not there: {f.split(':')[-1]}" for f in missing_figures(text, evidence, counts=counts)]
        faults += [f"reference not there: {r}" for r in missing_references(text, evidence)]
        faults += [f"name not there: {n}" for n in self._names.missing(text, evidence)]
        faults += [f"thing not there: {t}" for t in missing_things(text, evidence)]
        units = list(dict.fromkeys(a.unit for m in matters.values() for a in m.aspects))
        if exchange := exchanged_word(text, units):
            faults.append(f"another word than the clause has: {exchange}")
        if hedge := dropped_hedge(text, units):
            faults.append(f"leaves out “{hedge}”")
        return faults

    def _meaning(
        self, whole: _Fit, pieces: Sequence[_Fit], matters: Mapping[str, Matter], subject: str
    ) -> tuple[list[str], dict[str, float]]:
        """What rules a statement out, and what speaks against it: each hint with the score of the sentence it rests on."""
        faults: list[str] = []
        hints: dict[str, float] = {}
        body = "\n".join(m.body for m in matters.values())
        held = {a for m in matters.values() for a in m.actors}
        words = self._matters.actor_words
        optional = is_option(strength_of(whole.text, statement=True).rungs)

        def hint(name: str, score: float) -> None:
            hints[name] = max(score, hints.get(name, 0.0))

        for fit in pieces:
            spoken = strength_of(fit.text, statement=True)
            verdict = compare_strength(spoken, fit.strengths(spoken))
            if verdict == STRENGTHENED and demands(spoken):
                faults.append(STRENGTHENED)
            elif verdict and (optional or spoken.declared or verdict != WEAKENED):
                hint(verdict, fit.score)
            who, task = words.subjects(fit.text), is_task(spoken) or words.assigns(fit.text)
            if wrong_actor(who, fit.subjects(), held, self._audience(matters), task=task):
                faults.append("wrong actor")
            if not task and other_side(who, fit.subjects()):
                hint(OTHER_SIDE, fit.score)
            if fit.score >= _SAME_THING and contradicts(fit.text, [a.text for a in fit.near]):
                hint(CONTRADICTS, fit.score)
                faults += [CONTRADICTS] * (fit.score >= _SAME_WORDS)
            if adds_only(fit.text, body):
                hint(RESTRICTS, fit.score)
        if exchanged(words.sides(whole.text), [words.sides(a.text) for a in whole.near]):
            hint(EXCHANGED, whole.score)
        named = words.named(whole.text)
        if (named & _APART) - held:
            faults.append(STRANGER)
        elif "external" in named - held or subject:
            hint(STRANGER, 1.0)
        return faults, hints

    def _strange_subject(self, text: str, matters: Mapping[str, Matter]) -> str:
        """Of whom or what something is asked, where the clause has no word for it; else ""."""
        head = self._matters.actor_words.subject_head(text)
        if not head or not is_task(strength_of(text, statement=True)):
            return ""
        least = _STRANGE_AGENT if is_agent(head) else _STRANGE
        strange = all(self._matters.wording.coverage(head, m.vocabulary) < least for m in matters.values())
        return head if strange else ""

    def _audience(self, matters: Mapping[str, Matter]) -> str:
        audiences = {self._catalog.resolve(c).audience for c in matters}
        return audiences.pop() if len(audiences) == 1 else "both"


def _overlap(weights: Mapping[str, float], stems_there: Set[str]) -> float:
    total = sum(weights.values())
    return sum(w for stem, w in weights.items() if stem in stems_there) / total if total else 0.0


def _beside(words: Mapping[str, float], aspect: Aspect) -> float:
    """What a list item loses that shares no word with a statement but through its lead-in."""
    return _BESIDE if aspect.unit.lead_in and not words.keys() & set(stems(aspect.unit.text)) else 0.0


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
