"""What the whole suite shares: one real index, the licensed texts where they are, and no network."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from assistant.answering.assistant import GuidanceAssistant
from assistant.settings import load_settings, set_offline
from tests import skips
from tests.network import ATTEMPTS, refuse_network

_KEPT = {
    "ASSISTANT_TEST_INDEX",
    "ASSISTANT_LICENSED_DIR",
    "ASSISTANT_CASES_DIR",
    "ASSISTANT_BENCHMARKS_DIR",
}
"""Variables that say what is there to test with; any other one would change what is tested."""


def pytest_configure(config: pytest.Config) -> None:
    """Set the stage before anything of the product is used: offline, and with nobody's own settings."""
    for name in [n for n in os.environ if n.startswith("ASSISTANT_") and n not in _KEPT]:
        del os.environ[name]
    set_offline()
    refuse_network()


_INDEX = pytest.StashKey[Path]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Build the index before the first test, where any test wants it: it takes minutes, which no time-out should see.

    ASSISTANT_TEST_INDEX names a data folder whose vectors are taken over, so that only what has changed
    since is encoded.
    """
    if session.config.option.collectonly or not any("built_index" in i.fixturenames for i in _functions(session)):
        return
    folder = Path(tempfile.mkdtemp(prefix="assistant-tests-")) / "data"
    session.config.add_cleanup(lambda: shutil.rmtree(folder.parent, ignore_errors=True))
    ready = os.environ.get("ASSISTANT_TEST_INDEX")
    if ready:
        shutil.copytree(ready, folder)
        (folder / "sources.json").unlink(missing_ok=True)
    GuidanceAssistant(load_settings(data_dir=folder)).build()
    session.config.stash[_INDEX] = folder


def _functions(session: pytest.Session) -> list[pytest.Function]:
    return [item for item in session.items if isinstance(item, pytest.Function)]


@pytest.fixture(scope="session")
def built_index(pytestconfig: pytest.Config) -> Path:
    """A data folder in which the packaged corpus is indexed; only to be read, copy it to change it."""
    return pytestconfig.stash[_INDEX]


@pytest.fixture(scope="session")
def assistant(built_index: Path) -> GuidanceAssistant:
    """The product over the packaged corpus; only to be asked, never to be built with."""
    return GuidanceAssistant(load_settings(data_dir=built_index))


@pytest.fixture(scope="session")
def licensed_dir() -> Path:
    """The folder of the real licensed texts; skips, and is counted, where it is absent."""
    return skips.folder_or_skip("ASSISTANT_LICENSED_DIR", skips.LICENSED)


@pytest.fixture(scope="session")
def cases_dir() -> Path:
    """The folder of the development cases; skips, and is counted, where it is absent."""
    return skips.folder_or_skip("ASSISTANT_CASES_DIR", skips.CASES)


@pytest.fixture(scope="session")
def licensed_assistant(
    licensed_dir: Path, built_index: Path, tmp_path_factory: pytest.TempPathFactory
) -> GuidanceAssistant:
    """The product with the licensed texts beside the digest; only their own passages are encoded."""
    folder = tmp_path_factory.mktemp("licensed") / "data"
    shutil.copytree(built_index, folder)
    assistant = GuidanceAssistant(load_settings(data_dir=folder))
    assistant.build([licensed_dir])
    return assistant


def _skip_reasons(reporter: pytest.TerminalReporter) -> list[str]:
    return [
        str(report.longrepr[-1]) for report in reporter.stats.get("skipped", []) if isinstance(report.longrepr, tuple)
    ]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud how many tests did not run and for want of what."""
    counts = Counter(skips.missing(reason) or f"NOT SANCTIONED: {reason}" for reason in _skip_reasons(terminalreporter))
    if counts:
        terminalreporter.section("skipped tests")
    for what, count in sorted(counts.items()):
        terminalreporter.write_line(f"{count} tests did not run for want of {what}")
    if ATTEMPTS:
        terminalreporter.write_line(f"connections beyond this machine were refused: {sorted(set(ATTEMPTS))}")
