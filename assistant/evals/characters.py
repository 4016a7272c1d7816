"""Characters that JSON can name and no file can hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from assistant.errors import CaseError


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
