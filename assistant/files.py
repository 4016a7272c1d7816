"""Writing files whole, and reading them line by line."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from assistant.errors import AssistantError, WriteError


def read_lines(path: Path, error: type[AssistantError]) -> list[tuple[int, str]]:
    """The lines of a text file that are not blank, as they stand, with their numbers from 1; of JSON Lines for instance.

    Only a line feed ends a line: a string of JSON may hold the rarer line separators of Unicode.

    Args:
        path: A file in UTF-8, with or without a byte order mark.
        error: What is raised where it cannot be read.

    Raises:
        AssistantError: Of the type `error`: the file is missing, cannot be opened, or is not in UTF-8.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise error(f"{path}: no such file; check the path") from None
    except UnicodeDecodeError as cause:
        raise error(f"{path}: is not UTF-8 at byte {cause.start}; save it again as UTF-8") from cause
    except OSError as cause:
        raise error(f"{path}: cannot be read ({cause.strerror}); check its permissions") from cause
    lines = (line.removesuffix("\r") for line in text.split("\n"))
    return [(number, line) for number, line in enumerate(lines, 1) if line.strip()]


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
