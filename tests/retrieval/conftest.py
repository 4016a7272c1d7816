"""The packaged digest as a catalog and a speller, without any index."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.clauses.builder import read_source
from assistant.clauses.catalog import Catalog
from assistant.index.questions import read_asked_as
from assistant.retrieval.spelling import Speller
from assistant.settings import packaged
from assistant.sources.reading import read_document
from assistant.sources.registry import Registrations, collect_sources
from tests.clauses.trees import taxonomy


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Every citation id of the digest."""
    nothing = Registrations.load(Path(tmp_path_factory.mktemp("data")))
    collected = collect_sources(packaged("corpus"), nothing, max_bytes=30_000_000)
    digest = [s for s in collected.sources if s.rendition == "digest"]
    return Catalog([read_source(s, taxonomy(), read_document) for s in digest], taxonomy())


@pytest.fixture(scope="session")
def speller(catalog: Catalog) -> Speller:
    """Knows the words of the digest and of the asked-as questions."""
    texts = [c.text for e in catalog for c in e.renditions.values()]
    return Speller([*texts, *(q.question for q in read_asked_as([packaged("corpus")]))])
