"""Whether a statement is supported by what it cites: deterministic, without a language model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.answering.answer import Evidence
from assistant.answering.verification.actors import same_actor
from assistant.answering.verification.matter import Aspect, Matter, Matters
from assistant.answering.verification.names import missing_names
from assistant.answering.verification.numbers import missing_figures
from assistant.answering.verification.polarity import adds_only, contradicts
from assistant.answering.verification.segments import segments
from assistant.answering.verification.strength import compare_strength, levels
from assistant.answering.verification.support import FITTED, Parameters, Signals
from assistant.answering.verification.units import verbatim_spans
from assistant.clauses.catalog import Catalog
from assistant.encoders import Encoder, Vectors


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the verifier found.

    Attributes:
        supported: Whether the statement may be shown.
        support: How well the cited text carries it, 0 to 1; 1 for words that stand there.
        reasons: Why it may not be shown, each a few words; empty where it may.
        evidence: Where the support stands, the best first.
        verbatim: Whether it stands word for word in what it cites.
    """

    supported: bool
    support: float
    reasons: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    verbatim: bool = False


class Verifier:
    """Checks statements against the clauses that they cite.

    Args:
        catalog: The clauses.
        encoder: The passages' encoder.
        known: Vectors of texts that the index holds already, by text; saves encoding them again.
        parameters: Weights and thresholds; those fitted on the dev pairs unless told otherwise.
    """

    def __init__(
        self,
        catalog: Catalog,
        encoder: Encoder,
        known: Mapping[str, Vectors] | None = None,
        parameters: Parameters = FITTED,
    ) -> None:
        self._catalog = catalog
        self._encoder = encoder
        self._matters = Matters(catalog, encoder, known)
        self._parameters = parameters

    def check(self, text: str, citations: Sequence[str]) -> Verdict:
        """Check one statement.

        Args:
            text: The statement.
            citations: The ids that it cites; an unknown one is reported, never replaced by a near one.
        """
        unknown = [c for c in citations if c not in self._catalog]
        if unknown or not citations:
            return Verdict(False, 0.0, tuple(f"unknown citation {c}" for c in unknown) or ("no citation",))
        verbatim = self._verbatim(text, citations)
        if verbatim:
            return Verdict(True, 1.0, (), verbatim, verbatim=True)
        matters = {c: m for c in citations if (m := self._matters.of(c)) is not None}
        if not matters:
            return Verdict(False, 0.0, ("no text held",))
        signals, evidence = self.measure(text, matters)
        support = self._parameters.support(signals)
        reasons = list(signals.faults)
        if support < self._parameters.threshold:
            reasons.append(self._parameters.weakest(signals))
        return Verdict(not reasons, round(support, 4), tuple(reasons), evidence)

    def _verbatim(self, text: str, citations: Sequence[str]) -> tuple[Evidence, ...]:
        found = []
        for citation in citations:
            for rendition, clause in self._catalog.resolve(citation).renditions.items():
                if clause.held and len(text.split()) > 1:
                    found += [Evidence(citation, rendition, *span) for span in verbatim_spans(clause, text)[:1]]
        return tuple(found)
