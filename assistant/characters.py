"""Characters that nobody sees, and halves of characters that no file can hold."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from assistant.errors import CaseError

INVISIBLE = re.compile(
    "[\ud800-\udfff\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
"""Zero-width, direction, filler and tag characters, and halves of characters.

They carry no words for a reader, break exact search, and are a known way to hide instructions from people but not
from programs.
"""


def without_invisible(text: str) -> str:
    """The text without characters that nobody sees; white space stays."""
    return INVISIBLE.sub("", text)


def whole_characters(text: str) -> str:
    """The text with a question mark in place of every lone surrogate; any other text as it is.

    Half a character ("\\ud83d", half an emoji) is valid JSON, but can be neither encoded nor printed.
    """
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


def refuse_half_characters(record: Mapping[str, Any], origin: str) -> None:
    """Refuse a lone surrogate (`\\ud800`): it is read from JSON without complaint and fails when it is written or hashed.

    Args:
        record: An object that was read from JSON.
        origin: `file:line`, opens the message.

    Raises:
        CaseError: With file, line and key.
    """
    for key, value in record.items():
        try:
            json.dumps([key, value], ensure_ascii=False, default=str).encode()
        except UnicodeEncodeError as error:
            half = error.object[error.start].encode("unicode_escape").decode()
            shown = key.encode(errors="backslashreplace").decode()
            raise CaseError(
                f'{origin}: key "{shown}": has half a character ({half}); write the whole character or take it out'
            ) from error
