"""Whether a statement is supported by what it cites: deterministic, without a language model."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.answering.answer import Evidence
from assistant.answering.verification.asked import Asked
from assistant.answering.verification.entailment import Entailment, packaged_entailment
from assistant.answering.verification.matter import Matter, Matters
from assistant.answering.verification.measuring import Meter
from assistant.answering.verification.support import Parameters, Signals, fitted
from assistant.answering.verification.units import Unit, same_words, spoken_sentences, units_of
from assistant.answering.verification.wording import TextEncoder, content_words
from assistant.clauses.catalog import Catalog
from assistant.encoders import Vectors
from assistant.index.reader import OpenIndex

# Fewer words of content could be said of anything; nothing so long is one statement.
_FEWEST_WORDS = 2
_LONGEST = 1200


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the verifier found.

    Attributes:
        supported: Whether the statement may be shown.
        support: How well the cited text carries it, 0 to 1; 1 for words that stand there.
        reasons: Why it may not be shown, each a few words; empty where it may.
        evidence: Where the support stands, the best first; a citation without evidence added nothing.
        verbatim: Whether it consists of whole sentences or items of what it cites.
    """

    supported: bool
    support: float
    reasons: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    verbatim: bool = False


class Verifier:
    """Checks statements against the clauses that they cite; safe to use from several threads.

    Args:
        catalog: The clauses.
        encoder: The passages' encoder.
        known: Vectors of texts that the index holds already, by text; saves encoding them again.
        asked: What people ask about each clause; None where no question model is at hand.
        parameters: Weights and limits; those fitted on the `tune` pairs unless told otherwise.
        entailment: Reads a statement and what it cites together; the packaged one unless told otherwise.
    """

    def __init__(
        self,
        catalog: Catalog,
        encoder: TextEncoder,
        known: Mapping[str, Vectors] | None = None,
        asked: Asked | None = None,
        parameters: Parameters | None = None,
        entailment: Entailment | None = None,
    ) -> None:
        self._catalog = catalog
        self._matters = Matters(catalog, encoder, known)
        self._meter = Meter(catalog, encoder, self._matters, entailment or packaged_entailment(), asked)
        self._parameters = parameters or fitted()
        self._lock = threading.RLock()

    @classmethod
    def of_index(
        cls,
        index: OpenIndex,
        encoder: TextEncoder,
        question_encoder: TextEncoder,
        *,
        catalog: Catalog | None = None,
        parameters: Parameters | None = None,
    ) -> Verifier:
        """A verifier over what an index holds; vectors that stand there are not made again.

        Args:
            index: An open generation.
            encoder: The passages' encoder.
            question_encoder: The questions' encoder.
            catalog: Clauses to check against where these are not the whole index.
            parameters: Weights and limits; the committed ones unless told otherwise.
        """
        known = {p.text: v for p, v in zip(index.passages, index.passage_vectors, strict=True)}
        catalog = catalog or index.catalog
        asked = Asked(catalog, index.question_model, question_encoder)
        return cls(catalog, encoder, known, asked, parameters)

    def warm(self, citations: Sequence[str]) -> None:
        """Make ready what checks against these clauses need; the first check of a clause is slow otherwise."""
        with self._lock:
            self._matters.elsewhere()
            for citation in citations:
                if citation in self._catalog:
                    self._matters.of(citation)

    def check(self, text: str, citations: Sequence[str]) -> Verdict:
        """Check one statement.

        Args:
            text: The statement.
            citations: The ids that it cites; an unknown one is reported, never replaced by a near one.
        """
        unknown = tuple(f"unknown citation: {c}" for c in citations if c not in self._catalog)
        if unknown or not citations:
            return Verdict(False, 0.0, unknown or ("no citation",))
        literal = self._verbatim(text, citations)
        if literal:
            return Verdict(True, 1.0, (), literal, verbatim=True)
        if len(set(content_words(text))) < _FEWEST_WORDS or len(text) > _LONGEST:
            return Verdict(False, 0.0, ("too little is said" if len(text) <= _LONGEST else "too long for a statement",))
        with self._lock:
            matters = self._held(citations)
            if not matters:
                return Verdict(False, 0.0, ("no text held",))
            signals, evidence = self._meter.measure(text, matters)
        doubts = signals.hinted() if signals.faults else self._parameters.doubts(signals)
        reasons = tuple(dict.fromkeys([*signals.faults, *doubts]))
        return Verdict(not reasons, round(self._parameters.support(signals), 4), reasons, evidence)

    def premises(self, text: str, citations: Sequence[str]) -> list[str]:
        """What the statement is read together with, for training; one text a rendition.

        Raises:
            UnknownCitation: An id does not resolve exactly.
        """
        matters = self._held(citations)
        return self._meter.premises(text, matters) if matters else []

    def signals(self, text: str, citations: Sequence[str]) -> Signals | None:
        """What is measured of a statement, for fitting; None where no text is held.

        Raises:
            UnknownCitation: An id does not resolve exactly.
        """
        matters = self._held(citations)
        return self._meter.measure(text, matters)[0] if matters else None

    def _held(self, citations: Sequence[str]) -> dict[str, Matter]:
        return {c: m for c in citations if (m := self._matters.of(c)) is not None}

    def _verbatim(self, text: str, citations: Sequence[str]) -> tuple[Evidence, ...]:
        """Where each sentence of the text is a whole sentence or item of a cited clause; empty if one is not.

        Parts of sentences do not count: "be viewed in a negative way" would pass for its opposite.
        """
        units = [u for c in citations for u in units_of(self._catalog, c)]
        found: list[Evidence] = []
        for sentence in spoken_sentences(text):
            words = same_words(sentence.text)
            same = [u for u in units if words in (same_words(u.text), same_words(u.full))]
            if not same:
                return ()
            found += [Evidence(u.citation, u.rendition, u.start, u.end) for u in _one_each(same)]
        return tuple(dict.fromkeys(found))


def _one_each(units: Sequence[Unit]) -> list[Unit]:
    return list({(u.citation, u.rendition): u for u in reversed(units)}.values())
