"""Matter: all that a cited clause says, with its vectors, made once for each clause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from assistant.answering.verification.actors import ActorWords
from assistant.answering.verification.elsewhere import Elsewhere
from assistant.answering.verification.segments import segments
from assistant.answering.verification.strength import Strength, strength_of
from assistant.answering.verification.units import Unit, units_of, without_number
from assistant.answering.verification.wording import TextEncoder, Vocabulary, Wording
from assistant.clauses.catalog import Catalog
from assistant.encoders import Vectors
from assistant.index.lexical import stems

_LAST_PART = re.compile(r",\s+(?=which\b)")
_GOES_ON = re.compile(r"^(?:and|or)\b", re.I)


@dataclass(frozen=True, slots=True)
class Aspect:
    """A unit, or a part of one that claims something by itself.

    Attributes:
        unit: Where it stands.
        text: Its words, with the lead-in of the list.
        strength: How strongly it speaks.
        subjects: Who is to act in it.
        stems: Stems of its words.
        whole: Whether it falls apart into parts that are aspects of their own.
    """

    unit: Unit
    text: str
    strength: Strength
    subjects: frozenset[str]
    stems: frozenset[str]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Matter:
    """What one cited clause holds in all its renditions.

    Attributes:
        aspects: Sentences and items, and their parts.
        vectors: A unit vector for each aspect, shape (aspects, dimensions).
        stretches: Vectors of neighbouring sentences and of whole lists, for statements that sum up.
        stretch_stems: Stems of each of these.
        vocabulary: Its words, those of its headings and of its principle.
        text: All of its words with headings and the names of its source, for what has to occur literally.
        body: Its own words alone.
        counts: Lengths of its lists.
        actors: Everybody whom it names.
    """

    aspects: tuple[Aspect, ...]
    vectors: Vectors
    stretches: Vectors
    stretch_stems: tuple[frozenset[str], ...]
    vocabulary: Vocabulary
    text: str
    body: str
    counts: tuple[int, ...]
    actors: frozenset[str]


class Matters:
    """Makes and keeps the matter of clauses.

    Args:
        catalog: The clauses.
        encoder: The passages' encoder.
        known: Vectors of texts that the index holds already.
    """

    def __init__(self, catalog: Catalog, encoder: TextEncoder, known: Mapping[str, Vectors] | None = None) -> None:
        self.wording = Wording(catalog, encoder)
        self.actor_words = ActorWords(catalog.taxonomy)
        self._catalog = catalog
        self._encoder = encoder
        self._known = known or {}
        self._made: dict[str, Matter | None] = {}
        self._elsewhere: Elsewhere | None = None

    def of(self, citation: str) -> Matter | None:
        """The matter of a clause; None where no words of it are held.

        Raises:
            UnknownCitation: The id does not resolve exactly.
        """
        if citation not in self._made:
            self._made[citation] = self._make(citation)
        return self._made[citation]

    def elsewhere(self) -> Elsewhere:
        """The guidance as a whole, made when it is first asked for."""
        if self._elsewhere is None:
            self._elsewhere = Elsewhere(self._catalog, self._encode)
        return self._elsewhere

    def _make(self, citation: str) -> Matter | None:
        units = units_of(self._catalog, citation)
        if not units:
            return None
        aspects = tuple(a for u in units for a in self._aspects(u))
        body = "\n".join(u.full for u in units)
        clause = self._catalog.resolve(citation).clause
        names = self._names(citation)
        stretches = list(_stretches(units))
        per_rendition = [sum(u.listed and u.rendition == r for u in units) for r in {u.rendition for u in units}]
        return Matter(
            aspects=aspects,
            vectors=self._encode([a.text for a in aspects]),
            stretches=self._encode(stretches),
            stretch_stems=tuple(frozenset(stems(s)) for s in stretches),
            vocabulary=self.wording.vocabulary([body, *clause.path[-2:]]),
            text="\n".join([body, *(without_number(h) for h in clause.path), *names]),
            body=body,
            counts=tuple(n for n in per_rendition if n),
            actors=frozenset(self.actor_words.named("\n".join([body, *clause.path[-1:]]))),
        )

    def _names(self, citation: str) -> list[str]:
        """What a statement may call the source and the clause without the clause saying so."""
        entry = self._catalog.resolve(citation)
        sources = [self._catalog.sources.get((entry.clause.source_id, r)) for r in entry.renditions]
        return [entry.label, entry.principle or "", *(f"{s.title} {s.label}" for s in sources if s is not None)]

    def _aspects(self, unit: Unit) -> Iterator[Aspect]:
        subjects = frozenset(self.actor_words.subjects(unit.full, unit.before))
        strength = self._strength(unit, unit.text)
        parts = segments(unit.text)
        yield Aspect(unit, unit.full, strength, subjects, frozenset(stems(unit.full)), whole=len(parts) > 1)
        for part in parts if len(parts) > 1 else ():
            text = f"{unit.lead_in} {part}".strip()
            who = frozenset(self.actor_words.subjects(text)) or subjects
            yield Aspect(
                unit, text, _inherited(self._strength(unit, part), strength, part), who, frozenset(stems(text))
            )

    def _strength(self, unit: Unit, text: str) -> Strength:
        """An item is as strong as the last part of its lead-in ("..., which can include")."""
        if not unit.lead_in:
            return strength_of(text)
        own = strength_of(f"{_LAST_PART.split(unit.lead_in)[-1]} {text}")
        whole = strength_of(f"{unit.lead_in} {text}")
        return Strength(
            own.rungs | whole.rungs,
            own.considers or whole.considers,
            own.declared or whole.declared,
            own.options | whole.options,
        )

    def _encode(self, texts: Sequence[str]) -> Vectors:
        missing = [t for t in texts if t not in self._known]
        fresh = dict(zip(missing, self._encoder.encode(missing), strict=True)) if missing else {}
        rows = [fresh[t] if t in fresh else self._known[t] for t in texts]
        return np.stack(rows) if rows else np.zeros((0, 1), dtype=np.float32)


def _inherited(own: Strength, whole: Strength, part: str) -> Strength:
    """A part that names no strength, or goes on with "and", shares that of its sentence."""
    if not own.rungs:
        return whole
    return replace(own, rungs=own.rungs | whole.rungs, sure=own.sure or whole.sure) if _GOES_ON.match(part) else own


def _stretches(units: Sequence[Unit]) -> Iterator[str]:
    """Each two neighbouring sentences, and each list as one sentence."""
    for one, other in pairwise(units):
        if one.rendition == other.rendition and not one.listed and not other.listed:
            yield f"{one.full} {other.full}"
    for rendition, lead_in in dict.fromkeys((u.rendition, u.lead_in) for u in units if u.listed):
        items = [u.text for u in units if u.listed and (u.rendition, u.lead_in) == (rendition, lead_in)]
        yield f"{lead_in} {'; '.join(items)}".strip()
