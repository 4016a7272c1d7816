"""The boundary to language models: opened through LangChain, and their failures told in a few words.

Only this module calls a model. Texts may be licensed for models on this machine alone, so a connection to this
machine goes through no proxy, follows no redirect and is never traced to a service. A provider whose client cannot be
told so, or that takes no notice of an address, never counts as being on this machine.
"""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlparse

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from langsmith.run_helpers import tracing_context

from assistant.errors import EngineError
from assistant.prompts import Prompt
from assistant.settings import Settings, set_offline

_PACKAGES = {"openai": "openai", "ollama": "ollama", "anthropic": "anthropic"}
# Providers whose clients keep to the address that they are given.
_DIRECT = frozenset({"openai", "ollama"})
_ADDRESSES = {"openai": "https://api.openai.com/v1", "ollama": "http://127.0.0.1:11434"}
_MAX_RETRIES = 1
# A model that goes on sending is given up after this many times the time-out for a silent one.
_PATIENCE = 4
_MAX_CHARACTERS_PER_TOKEN = 8
# Models that refuse a temperature other than their own.
_OWN_TEMPERATURE = re.compile(r"^(?:o\d|gpt-5)")


@dataclass(frozen=True, slots=True)
class Engine:
    """An opened language model.

    Attributes:
        name: PROVIDER:MODEL, as it was asked for.
        model: The chat model.
        loopback: Whether it runs on this machine, which licences ask.
        timeout_s: Seconds of silence after which it is given up.
        max_tokens: Tokens that it may answer with.
        tells_end: Whether it says why it stopped, so that an end without a reason is a broken connection.
    """

    name: str
    model: BaseChatModel
    loopback: bool
    timeout_s: float
    max_tokens: int
    tells_end: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said.

    Attributes:
        text: Its words.
        tokens_in: Tokens that it read, 0 where it does not say.
        tokens_out: Tokens that it wrote, likewise.
        stopped: Why it stopped, in its own word ("stop", "length", "content_filter"), or "".
    """

    text: str
    tokens_in: int = 0
    tokens_out: int = 0
    stopped: str = ""


def open_engine(engine: str, settings: Settings) -> Engine:
    """Open a language model; nothing is sent to it yet.

    Args:
        engine: PROVIDER:MODEL, for instance "openai:gpt-4.1-mini" or "ollama:llama3.2".
        settings: Address, key, time-out and limits.

    Raises:
        EngineError: The form is wrong, the provider unknown, or its package not installed.
    """
    return Engine(
        name=engine,
        model=open_model(engine, settings),
        loopback=is_loopback(engine, settings),
        timeout_s=settings.model_timeout_s,
        max_tokens=settings.model_max_tokens,
        tells_end=split_engine(engine)[0] in _PACKAGES,
    )


def open_model(engine: str, settings: Settings) -> BaseChatModel:
    """The chat model itself.

    Raises:
        EngineError: The form is wrong, the provider unknown, or its package not installed.
    """
    provider, name = split_engine(engine)
    set_offline()
    from langchain.chat_models import init_chat_model  # takes a second to import: only when a model is wanted

    try:
        model: BaseChatModel = init_chat_model(
            name, model_provider=provider, **_options(provider, name, settings, is_loopback(engine, settings))
        )
    except ImportError as error:
        package = (
            f'"assistant[{_PACKAGES[provider]}]"'
            if provider in _PACKAGES
            else f"langchain-{provider.replace('_', '-')}"
        )
        raise EngineError(f"engine {engine}: its package is not installed; run `pip install {package}`") from error
    except ValueError as error:  # pydantic's validation errors are ValueErrors too
        if "api_key" in str(error).lower():
            raise EngineError(f"engine {engine}: needs a key; set ASSISTANT_API_KEY") from error
        raise EngineError(
            f"engine {engine}: unknown provider or option; use openai:MODEL, ollama:MODEL or anthropic:MODEL"
        ) from error
    except Exception as error:
        if "api_key" in str(error).lower():
            raise EngineError(f"engine {engine}: needs a key; set ASSISTANT_API_KEY") from error
        raise EngineError(
            f"engine {engine}: cannot be opened ({type(error).__name__}); see With a language model in README.md"
        ) from error
    return model


def split_engine(engine: str) -> tuple[str, str]:
    """Provider and model of PROVIDER:MODEL.

    Raises:
        EngineError: There are no two parts.
    """
    provider, _, name = engine.partition(":")
    if not provider or not name:
        raise EngineError(f"engine {engine!r}: use extractive or PROVIDER:MODEL, for instance ollama:llama3.2")
    return provider.strip().lower().replace("-", "_"), name.strip()


def is_loopback(engine: str, settings: Settings) -> bool:
    """Whether the model is reached at an address of this machine and nowhere else.

    Raises:
        EngineError: The engine's name has no two parts.
    """
    provider, _ = split_engine(engine)
    if provider not in _DIRECT:
        return False
    address = _address(provider, settings)
    host = (urlparse(address).hostname or "") if address else ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _address(provider: str, settings: Settings) -> str:
    return settings.base_url or _ADDRESSES.get(provider, "")


def _options(provider: str, name: str, settings: Settings, loopback: bool) -> dict[str, Any]:
    """Everything that the provider's class is told, time-outs and retries among it: unset, they would be endless."""
    options: dict[str, Any] = {} if _OWN_TEMPERATURE.match(name) else {"temperature": 0}
    address = _address(provider, settings)
    if address:
        options["base_url"] = address
    if provider == "ollama":
        options["num_predict"] = settings.model_max_tokens
        options["client_kwargs"] = {
            "timeout": settings.model_timeout_s,
            "trust_env": not loopback,
            "follow_redirects": not loopback,
        }
        return options
    options |= {
        "timeout": settings.model_timeout_s,
        "max_retries": _MAX_RETRIES,
        "max_tokens": settings.model_max_tokens,
    }
    if settings.api_key:
        options["api_key"] = settings.api_key
    if provider == "openai" and loopback:
        options.setdefault("api_key", "not needed")
        options |= _direct_clients(settings.model_timeout_s)
    return options


def _direct_clients(timeout_s: float) -> dict[str, Any]:
    """HTTP clients that ask no proxy and follow no redirect."""
    import httpx  # comes with the provider's package

    plain: dict[str, Any] = {"trust_env": False, "follow_redirects": False, "timeout": timeout_s}
    return {"http_client": httpx.Client(**plain), "http_async_client": httpx.AsyncClient(**plain)}


def ask(engine: Engine, prompt: Prompt) -> Reply:
    """The model's whole answer to a prompt.

    Raises:
        EngineError: It cannot be reached, is silent too long, refuses, or stops in the middle.
    """
    *_, reply = stream(engine, prompt)
    return reply


def stream(engine: Engine, prompt: Prompt) -> Iterator[Reply]:
    """The answer as it grows: each reply holds all of it so far.

    Raises:
        EngineError: As for `ask`; the message is a few words that can be shown as a reason.
    """
    messages: list[BaseMessage] = [SystemMessage(prompt.system), HumanMessage(prompt.user)]
    deadline = time.monotonic() + _PATIENCE * engine.timeout_s
    reply = Reply("")
    for chunk in _chunks(engine, messages):
        reply = _grown(reply, chunk)
        yield reply
        if time.monotonic() > deadline:
            raise EngineError(f"the model did not finish within {_PATIENCE * engine.timeout_s:g} s")
        if len(reply.text) > _MAX_CHARACTERS_PER_TOKEN * engine.max_tokens:
            reply = replace(reply, stopped="length")
            break
    if engine.tells_end and reply.text and not reply.stopped:
        raise EngineError("the model stopped in the middle of its answer")
    if reply.stopped in ("content_filter", "refusal"):
        raise EngineError("the model refused to answer")
    if not reply.text.strip():
        raise EngineError("the model answered with nothing")


def _chunks(engine: Engine, messages: Sequence[BaseMessage]) -> Iterator[Any]:
    """Chunks of the model, every failure of whatever library turned into one kind of error.

    A server that cannot stream ends the stream before it began; it is asked for the whole answer at once.
    """
    source, started = None, False
    while True:
        try:
            with tracing_context(enabled=False):
                source = source or iter(engine.model.stream(list(messages)))
                chunk = _next(source)
                if chunk is None and not started:
                    chunk = engine.model.invoke(list(messages))
                    source = iter(())
        except Exception as error:  # the providers' libraries share no base class
            raise EngineError(failure_reason(error, engine.timeout_s, started=started)) from error
        if chunk is None:
            return
        started = True
        yield chunk


def _next(source: Iterator[Any]) -> Any | None:
    try:
        return next(source, None)
    except ValueError as error:
        if "No generation" in str(error):  # how LangChain tells that no chunk came at all
            return None
        raise


def _grown(reply: Reply, chunk: Any) -> Reply:
    content = chunk.content
    if isinstance(content, list):
        content = "".join(
            p if isinstance(p, str) else str(p.get("text", "")) for p in content if isinstance(p, str | dict)
        )
    usage = getattr(chunk, "usage_metadata", None) or {}
    extra = getattr(chunk, "response_metadata", None) or {}
    stopped = str(extra.get("finish_reason") or extra.get("stop_reason") or extra.get("done_reason") or "")
    if (getattr(chunk, "additional_kwargs", None) or {}).get("refusal"):
        stopped = "refusal"
    return Reply(
        reply.text + content,
        max(reply.tokens_in, int(usage.get("input_tokens", 0))),
        max(reply.tokens_out, int(usage.get("output_tokens", 0))),
        stopped or reply.stopped,
    )


def failure_reason(error: BaseException, timeout_s: float, *, started: bool) -> str:
    """Why a model failed, in a few words that can be shown.

    Args:
        error: Whatever its library raised.
        timeout_s: The time-out that was set.
        started: Whether it had begun to answer.
    """
    names = {c.__name__ for e in _causes(error) for c in type(e).__mro__}
    status = next((s for e in _causes(error) if (s := _status(e)) is not None), None)
    if names & {"APITimeoutError", "TimeoutException", "TimeoutError", "ReadTimeout", "ConnectTimeout"}:
        return f"the model was silent for {timeout_s:g} s"
    if status == 429 or "RateLimitError" in names:
        return "the model's rate limit is reached"
    if status in (401, 403):
        return "the model does not accept the key (ASSISTANT_API_KEY)"
    if status == 404:
        return "the server does not know this model"
    if status is not None and status >= 500:
        return f"the model's server failed (status {status})"
    if started:
        return "the model stopped in the middle of its answer"
    if names & {
        "APIConnectionError",
        "ConnectError",
        "ConnectionError",
        "ConnectionRefusedError",
        "TransportError",
        "OSError",
    }:
        return "the model cannot be reached"
    if status is not None:
        return f"the model's server does not accept the request (status {status})"
    return f"the model failed ({type(error).__name__})"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    step: BaseException | None = error
    while step is not None and id(step) not in seen:
        seen.add(id(step))
        yield step
        step = step.__cause__ or step.__context__


def _status(error: BaseException) -> int | None:
    status = getattr(error, "status_code", None) or getattr(getattr(error, "response", None), "status_code", None)
    return status if isinstance(status, int) else None
