"""Stand-ins: the real digest and teaching stock, with an encoder and a verifier that need no model."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from assistant.answering.answer import Evidence
from assistant.answering.assistant import GuidanceAssistant
from assistant.clauses.builder import SourceText, read_source
from assistant.clauses.catalog import Catalog
from assistant.clauses.taxonomy import read_taxonomy
from assistant.encoders import Vectors
from assistant.settings import Settings, packaged
from assistant.sources.licence import Licence
from assistant.sources.reading import read_document
from assistant.sources.registry import Registrations, collect_sources

CORPUS = packaged("corpus")


class WordEncoder:
    """Texts with shared words are near: a bag of hashed words."""

    name = "words"
    max_tokens = 256

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of 256 dimensions."""
        rows = np.zeros((len(texts), 256), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split():
                row[int(hashlib.sha256(word.strip(".,;:").encode()).hexdigest()[:8], 16) % 256] += 1
            row /= np.linalg.norm(row) or 1.0
        return rows

    def count_tokens(self, text: str) -> int:
        """Words."""
        return len(text.split())


@dataclass
class ScriptedVerifier:
    """Supports everything but what contains one of the words given."""

    refuses: tuple[str, ...] = ()
    reason: str = "off"
    seen: list[str] = field(default_factory=list)

    def check(self, text: str, citations: Sequence[str]) -> Any:
        """A verdict."""
        self.seen.append(text)
        bad = any(word in text for word in self.refuses)
        return SimpleNamespace(
            supported=not bad, reasons=(self.reason,) if bad else (), evidence=tuple[Evidence, ...]()
        )


class _Retriever:
    """Finds the sentences of plans that share most words with a query."""

    def __init__(self, catalog: Catalog, encoder: WordEncoder) -> None:
        self._encoder = encoder
        self._plans = [
            e.renditions["plan"]
            for e in catalog
            if e.is_plan and e.clause.kind == "section" and e.renditions["plan"].text
        ]

    def retrieve(self, query: str, history: Sequence[str] = (), filters: object = None) -> Any:
        vectors = self._encoder.encode([query, *(c.text for c in self._plans)])
        best = (-(vectors[1:] @ vectors[0])).argsort(kind="stable")[:8]
        hits = [
            SimpleNamespace(passage=SimpleNamespace(citation_id=self._plans[i].citation_id, start=0, end=40))
            for i in best
        ]
        return SimpleNamespace(plan_hits=hits)


@dataclass
class ScriptedAssistant:
    """What a builder needs of an assistant."""

    catalog: Catalog
    settings: Settings
    encoder: WordEncoder = field(default_factory=WordEncoder)

    def index(self) -> Any:
        return SimpleNamespace(name="g-test", catalog=self.catalog)

    def retriever(self) -> Any:
        return _Retriever(self.catalog, self.encoder)

    def typed(self) -> GuidanceAssistant:
        """For callers that are strict about types."""
        return self  # type: ignore[return-value]


def read_texts(data_dir: Path) -> list[SourceText]:
    """The packaged digest and sample plans, parsed."""
    taxonomy = read_taxonomy(CORPUS)
    collected = collect_sources(CORPUS, Registrations.load(data_dir), max_bytes=10_000_000)
    return [read_source(s, taxonomy, lambda p: read_document(p, max_bytes=10_000_000)) for s in collected.sources]


def scripted_assistant(data_dir: Path, texts: Sequence[SourceText], **settings: Any) -> ScriptedAssistant:
    """An assistant over these texts."""
    return ScriptedAssistant(Catalog(texts, read_taxonomy(CORPUS)), Settings(data_dir=data_dir, **settings))


def as_licensed(text: SourceText, licence: Licence) -> SourceText:
    """The same words as if they were a licensed copy."""
    source = replace(text.source, rendition="licensed", licence=licence)
    return replace(text, source=source, clauses=tuple(replace(c, rendition="licensed") for c in text.clauses))
