"""An index built once, with an encoder that takes no time."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.answering.assistant import GuidanceAssistant
from assistant.index.reader import IndexReader
from assistant.settings import load_settings
from tests.coverage.invented import PLAN, WordEncoder


def with_word_encoder(data_dir: Path) -> GuidanceAssistant:
    """An assistant whose encoder is the hashed bag of words."""
    assistant = GuidanceAssistant(load_settings(data_dir=data_dir))
    encoder = WordEncoder()
    assistant.encoder = encoder  # type: ignore[assignment]
    assistant.question_encoder = encoder  # type: ignore[assignment]
    assistant._reader = IndexReader(data_dir, encoder, encoder)
    return assistant


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with digest and sample plans."""
    folder = tmp_path_factory.mktemp("coverage-index")
    with_word_encoder(folder).build()
    return folder


@pytest.fixture
def assistant(indexed: Path) -> GuidanceAssistant:
    """An assistant on that index."""
    return with_word_encoder(indexed)


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """The plan of an invented firm, as a file that is not indexed."""
    path = tmp_path / "ferry.md"
    path.write_text(PLAN, encoding="utf-8")
    return path
