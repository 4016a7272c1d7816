"""Writing files whole."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from assistant.errors import WriteError


def write_whole(path: Path, content: bytes | str) -> None:
    """Write a file in one step: readers see the old one or the new one, and two writers do not meet.

    Args:
        path: The file; missing folders above it are made.
        content: What it will hold; text goes in as UTF-8.

    Raises:
        WriteError: It cannot be written; the old one is as it was.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(content.encode() if isinstance(content, str) else content)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise WriteError(
            f"{path}: cannot be written ({error.strerror}); close it, free some space or choose another folder"
        ) from error
