"""The real web chat over the real digest, in a process of its own, and a Chromium to drive it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from assistant.answering.assistant import GuidanceAssistant
from assistant.settings import load_settings

_START_S = 90


def find_chromium() -> str | None:
    """The Chromium of the system."""
    return next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)


@pytest.fixture(scope="session")
def built_data_dir(built_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of the web tests' own, with the digest and the sample plans indexed."""
    return Path(shutil.copytree(built_index, tmp_path_factory.mktemp("web") / "data"))


@pytest.fixture(scope="session")
def guidance(built_data_dir: Path) -> GuidanceAssistant:
    """An assistant over the digest, for tests that change nothing."""
    return GuidanceAssistant(load_settings(data_dir=built_data_dir))


@dataclass
class RunningChat:
    """`assistant chat` in a process of its own."""

    data_dir: Path
    port: int
    _process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        """Address of the page."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Start it and wait until the page answers."""
        command = [
            sys.executable,
            "-m",
            "assistant",
            "chat",
            "--data-dir",
            str(self.data_dir),
            "--port",
            str(self.port),
        ]
        log = (self.data_dir / "chat.log").open("ab")
        self._process = subprocess.Popen(command, stdout=log, stderr=log)
        for _ in range(_START_S * 4):
            try:
                urllib.request.urlopen(self.url, timeout=5).close()
                return
            except (urllib.error.URLError, OSError):
                assert self._process.poll() is None, (self.data_dir / "chat.log").read_text()
                time.sleep(0.25)
        raise AssertionError("the web chat did not start")

    def stop(self) -> None:
        """Stop it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def chat(built_data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningChat]:
    """The web chat over a copy of the index."""
    folder = tmp_path_factory.mktemp("chat") / "data"
    shutil.copytree(built_data_dir, folder)
    running = RunningChat(folder, free_port())
    running.start()
    yield running
    running.stop()


@pytest.fixture
def free_chat() -> Iterator[Callable[[Path], RunningChat]]:
    """Starts a web chat over any folder."""
    started: list[RunningChat] = []

    def start(folder: Path) -> RunningChat:
        running = RunningChat(folder, free_port())
        running.start()
        started.append(running)
        return running

    yield start
    for running in started:
        running.stop()
