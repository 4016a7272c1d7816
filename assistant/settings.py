"""Settings: frozen and strict; the only reader of the environment."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import SettingsError


def packaged(name: str) -> Path:
    """A data folder that ships with the product ("corpus", "prompts"): beside the package in a checkout, inside a wheel.

    Raises:
        SettingsError: The folder is not there, so the installation is not complete.
    """
    package = Path(__file__).resolve().parent
    for candidate in (package / "_data" / name, package.parent / name):
        if candidate.is_dir():
            return candidate
    raise SettingsError(f"the folder {name}/ is missing from this installation; install the product again")


class Settings(BaseSettings):
    """Everything that can be set, each by an environment variable with the prefix ASSISTANT_.

    Attributes:
        data_dir: Where index, conversations and registrations live.
        corpus_dir: The packaged corpus.
        prompts_dir: The packaged prompts.
        overlay_dir: An organisation's own questions, names and teaching material; unset for none.
        encoder: A sentence-transformers model by path or name; "packaged" for the one that comes with the product.
        engine: "extractive" or PROVIDER:MODEL.
        base_url: Address of an OpenAI-compatible server for the engine; "" for the provider's own.
        api_key: Key for the engine where it needs one.
        model_timeout_s: Seconds to wait for output of a model before it is given up.
        model_max_tokens: Maximum tokens in a model's answer.
        context_max_tokens: Tokens of guidance that a model is shown.
        model_picks_clauses: Whether a model chooses clauses from the map of headings first.
        model_rewrites: Whether a model rewrites follow-ups.
        organisation_size: Which standard speaks first where a question does not say.
        role: Role of the user until there is a log-in.
        host: Address that the web chat listens on.
        port: Port that the web chat listens on.
        max_upload_mb: Largest file that is accepted, in megabytes.
    """

    model_config = SettingsConfigDict(env_prefix="ASSISTANT_", extra="forbid", frozen=True)

    data_dir: Path = Path("./.assistant")
    corpus_dir: Path = Field(default_factory=lambda: packaged("corpus"))
    prompts_dir: Path = Field(default_factory=lambda: packaged("prompts"))
    overlay_dir: Path | None = None
    encoder: str = "packaged"
    engine: str = "extractive"
    base_url: str = ""
    api_key: str = ""
    model_timeout_s: float = Field(default=60.0, gt=0)
    model_max_tokens: int = Field(default=700, gt=0)
    context_max_tokens: int = Field(default=3000, gt=0)
    model_picks_clauses: bool = False
    model_rewrites: bool = False
    organisation_size: Literal["msme", "large", "unknown"] = "unknown"
    role: str = "staff"
    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=0, le=65535)
    max_upload_mb: int = Field(default=30, gt=0)

    @field_validator("overlay_dir")
    @classmethod
    def _check_overlay(cls, folder: Path | None) -> Path | None:
        """An organisation's own questions are not left out without a word because of a typing slip."""
        if folder is not None and not os.path.isdir(folder):
            raise PydanticCustomError("folder", "{folder}: no such folder", {"folder": str(folder)})
        return folder

    def sha256(self) -> str:
        """Hex digest of what shapes an answer: engine, encoder, model limits, organisation, role."""
        shaping = {
            "encoder": self.encoder,
            "engine": self.engine,
            "base_url": self.base_url,
            "model_max_tokens": self.model_max_tokens,
            "context_max_tokens": self.context_max_tokens,
            "model_picks_clauses": self.model_picks_clauses,
            "model_rewrites": self.model_rewrites,
            "organisation_size": self.organisation_size,
            "role": self.role,
        }
        return hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment, with what the caller gives on top (None values are left out).

    Raises:
        SettingsError: A setting is unknown or out of range; the message names it.
    """
    try:
        return Settings(**{k: v for k, v in overrides.items() if v is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"setting {name}: {first['msg']} (see docs/settings.md)") from error


def set_offline() -> None:
    """Tell the libraries that no model hub is to be asked and nothing is to be reported home."""
    for name, value in _OFFLINE.items():
        os.environ.setdefault(name, value)


_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "TOKENIZERS_PARALLELISM": "false",
    "LANGSMITH_TRACING": "false",
}
