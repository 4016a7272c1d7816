"""The product answers in a process of its own, without any network, from start to end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.answering.assistant import GuidanceAssistant
from tests.network import NetworkRefused, is_local

_QUESTION = "How should a joint team keep an eye on risks?"
_CHILD = """
import sys
from tests.network import ATTEMPTS, refuse_network
refuse_network()
from assistant.cli import run
code = run(sys.argv[1:])
print(ATTEMPTS, file=sys.stderr)
sys.exit(code)
"""


def test_a_question_is_answered_without_trying_the_network(assistant: GuidanceAssistant) -> None:
    command = [sys.executable, "-c", _CHILD, "ask", _QUESTION, "--json", "--data-dir", str(assistant.settings.data_dir)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "TRANSFORMERS_", "ANONYMIZED_"))}
    root = Path(__file__).parents[1]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=root, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "[]"
    answer = json.loads(done.stdout)
    expected = assistant.ask(_QUESTION).to_json()
    assert {k: v for k, v in answer.items() if k != "timings_ms"} == {
        k: v for k, v in expected.items() if k != "timings_ms"
    }


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), (None, True), ("8.8.8.8", False), ("example.org", False)],
)
def test_the_guard_tells_this_machine_from_others(host: str | None, local: bool) -> None:
    assert is_local(host) is local


def test_the_guard_refuses() -> None:
    import socket

    from tests.network import ATTEMPTS

    with pytest.raises(NetworkRefused):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(NetworkRefused):
        socket.getaddrinfo("example.org", 80)
    assert ATTEMPTS[-2:] == ["192.0.2.1", "example.org"]
    del ATTEMPTS[-2:]
