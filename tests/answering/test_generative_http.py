"""A model behind a real HTTP server that fails in each way that servers fail."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from assistant.answering.engines import ask, open_engine, stream
from assistant.errors import EngineError
from assistant.prompts import Prompt
from assistant.settings import load_settings

_WHOLE = {"index": 0, "message": {"role": "assistant", "content": "All at once. [C1]"}, "finish_reason": "stop"}
PROMPT = Prompt("answer", "You answer.", "Well?", "0")


class Server(ThreadingHTTPServer):
    """Speaks the OpenAI protocol as far as it is told to."""

    fault: str = ""
    calls: int = 0
    sent: dict[str, object]


class Handler(BaseHTTPRequestHandler):
    """Answers one request in the way that the server's `fault` names."""

    server: Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """One chat completion."""
        self.server.calls += 1
        self.server.sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
        fault = self.server.fault
        if fault.isdigit():
            self._fail(int(fault))
            return
        if fault == "redirect":
            self.send_response(307)
            self.send_header("location", "http://192.0.2.1/v1/chat/completions")
            self.end_headers()
            return
        if fault == "silent":
            time.sleep(3)
            return
        if fault == "plain":
            self._reply(200, {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [_WHOLE]})
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        if fault == "garbage":
            self.wfile.write(b"data: {not json\n\n")
            return
        for word in ("The ", "register ", "helps. ", "[C1]"):
            self._event({"delta": {"content": word}})
        if fault == "dies":
            self.wfile.write(b'data: {"id": "x", "object": "chat.compl')
            self.connection.close()
            return
        self._event({"delta": {}, "finish_reason": "stop"})
        self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, choice: dict[str, object]) -> None:
        body = {
            "id": "x",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, **choice}],
        }
        self.wfile.write(b"data: " + json.dumps(body).encode() + b"\n\n")

    def _fail(self, status: int) -> None:
        self._reply(status, {"error": {"message": "no", "type": "x"}})

    def _reply(self, status: int, value: dict[str, object]) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on this machine."""
    running = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield running
    running.shutdown()
    running.server_close()


def opened(server: Server, timeout_s: float = 20):  # type: ignore[no-untyped-def]
    """The engine that talks to it."""
    address = f"http://127.0.0.1:{server.server_address[1]}/v1"
    return open_engine("openai:m", load_settings(base_url=address, model_timeout_s=timeout_s, model_max_tokens=50))


def test_an_answer_comes_in_pieces(server: Server) -> None:
    """Streaming gives all of the text so far, each time more."""
    texts = [r.text for r in stream(opened(server), PROMPT)]
    assert texts[-1] == "The register helps. [C1]"
    assert len(set(texts)) >= 4
    assert [m["role"] for m in server.sent["messages"]] == ["system", "user"]  # type: ignore[attr-defined]


def test_a_server_that_cannot_stream_is_asked_for_all_at_once(server: Server) -> None:
    """An OpenAI-compatible server without streaming works too."""
    server.fault = "plain"
    assert ask(opened(server), PROMPT).text == "All at once. [C1]"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("429", "rate limit"),
        ("401", "does not accept the key"),
        ("404", "does not know this model"),
        ("500", "server failed"),
        ("400", "does not accept the request"),
        ("garbage", "the model"),
        ("dies", "stopped in the middle"),
    ],
)
def test_each_failure_of_a_server_is_told(server: Server, fault: str, reason: str) -> None:
    """No library's error gets through, and no failure is retried for long."""
    server.fault = fault
    with pytest.raises(EngineError, match=reason):
        ask(opened(server), PROMPT)
    assert server.calls <= 2


def test_a_silent_server_is_given_up(server: Server) -> None:
    """The time-out is the one that was set."""
    server.fault = "silent"
    with pytest.raises(EngineError, match=r"silent for 0\.5 s"):
        ask(opened(server, timeout_s=0.5), PROMPT)


def test_a_redirect_away_from_this_machine_is_not_followed(server: Server) -> None:
    """Texts licensed for this machine do not leave it because a server says so."""
    server.fault = "redirect"
    with pytest.raises(EngineError):
        ask(opened(server), PROMPT)
    assert server.calls <= 2


def test_no_server_at_all_is_told() -> None:
    """A model that is not running cannot be reached, and that is what is said."""
    settings = load_settings(base_url="http://127.0.0.1:9/v1", model_timeout_s=5)
    with pytest.raises(EngineError, match="cannot be reached"):
        ask(open_engine("openai:m", settings), PROMPT)
