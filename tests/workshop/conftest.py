"""The digest, read once, and a builder over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from assistant.clauses.builder import SourceText
from assistant.workshop.building import WorkshopBuilder
from assistant.workshop.pack import WorkshopRequest
from assistant.workshop.report import BuildReport
from assistant.workshop.stock import TeachingStock
from tests.workshop.scripted import CORPUS, ScriptedVerifier, read_texts, scripted_assistant

RISK = WorkshopRequest((("principle", "risk-management"),), "msme", 60)
Build = Callable[..., BuildReport]


@pytest.fixture(scope="session")
def stock() -> TeachingStock:
    return TeachingStock.load(CORPUS)


@pytest.fixture(scope="session")
def texts(tmp_path_factory: pytest.TempPathFactory) -> list[SourceText]:
    return read_texts(tmp_path_factory.mktemp("data"))


@pytest.fixture
def build(tmp_path: Path, texts: list[SourceText]) -> Build:
    """Builds into tmp_path/pack; `texts`, `overlay`, `refuses` and `rewrite` may be given."""

    def run(
        request: WorkshopRequest = RISK,
        *,
        held: Sequence[SourceText] = texts,
        overlay: Path | None = None,
        refuses: tuple[str, ...] = (),
        reason: str = "off",
        rewrite: Callable[[str, Sequence[str]], str] | None = None,
        progress: Callable[[str, int, int], None] = lambda what, done, total: None,
    ) -> BuildReport:
        assistant = scripted_assistant(tmp_path / "data", held, overlay_dir=overlay)
        return WorkshopBuilder(assistant.typed(), ScriptedVerifier(refuses, reason), rewrite).build(
            request, tmp_path / "pack", progress
        )

    return run
