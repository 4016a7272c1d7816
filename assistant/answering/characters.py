"""Whole characters: half of one ("\\ud83d", half an emoji) is valid JSON, but can be neither encoded nor printed."""

from __future__ import annotations

import json
from typing import Any


def whole_characters(text: str) -> str:
    """The text with a question mark in place of every lone surrogate; any other text as it is."""
    return text.encode("utf-8", "replace").decode("utf-8")


def whole_json(text: str) -> Any:
    """The value of a JSON text, every string in it made of whole characters.

    Raises:
        ValueError: It is not valid JSON, or nested too deeply to be read.
    """
    try:
        return json.loads(whole_characters(json.dumps(json.loads(text), ensure_ascii=False)))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
