"""Language models that say what a test tells them to, and fail as it tells them to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from assistant.answering.engines import Engine


class ScriptedModel(BaseChatModel):
    """Streams `text` in pieces, raises `error` after `after` pieces, and keeps what it was sent.

    Attributes:
        text: What it says.
        error: What it raises; None for nothing.
        after: Pieces before the error.
        finish: Why it says it stopped.
        received: Every message that it was sent.
    """

    text: str = ""
    error: Any = None
    after: int = 0
    finish: str = "stop"
    received: list[str] = []

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: Any = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **_: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self.text))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: Any = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **_: Any,
    ) -> Iterator[ChatGenerationChunk]:
        self.received.extend(str(m.content) for m in messages)
        pieces = [self.text[i : i + 7] for i in range(0, len(self.text), 7)]
        for n, piece in enumerate(pieces):
            if self.error is not None and n >= self.after:
                raise self.error
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
        if self.error is not None:
            raise self.error
        end = AIMessageChunk(content="", response_metadata={"finish_reason": self.finish})
        yield ChatGenerationChunk(message=end)


def scripted(text: str = "", *, loopback: bool = True, timeout_s: float = 5, **how: Any) -> Engine:
    """An engine whose model is scripted."""
    model = ScriptedModel(text=text, received=[], **how)
    return Engine("scripted:model", model, loopback=loopback, timeout_s=timeout_s, max_tokens=500)
