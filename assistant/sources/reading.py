"""One door for every file form: suffix -> reader, with each bad input refused in one clear line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from assistant.errors import UnreadableSource
from assistant.sources.document import Document
from assistant.sources.docx import read_docx
from assistant.sources.html import read_html
from assistant.sources.markdown import read_markdown
from assistant.sources.pdf import read_pdf
from assistant.sources.plain_text import read_plain_text

Reader = Callable[[bytes, Path], Document]

MAX_BYTES = 30_000_000
READERS: dict[str, Reader] = {
    ".txt": read_plain_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".docx": read_docx,
    ".pdf": read_pdf,
}
SUFFIXES = frozenset(READERS)


def read_document(path: Path, *, max_bytes: int = MAX_BYTES) -> Document:
    """Read a file of any supported form.

    Args:
        path: A .txt, .md, .html, .docx or .pdf file.
        max_bytes: Refuse files larger than this.

    Raises:
        UnreadableSource: The file is missing, a folder, empty, too large, of an unknown form, or its
            content cannot be read; the message is one line that says what to do next.
    """
    if path.is_dir():
        raise UnreadableSource(f"{path}: this is a folder; name a file, or index the folder with --source")
    if not path.exists():
        raise UnreadableSource(f"{path}: no such file; check the path")
    _reader(path)
    try:
        _check_size(path, path.stat().st_size, max_bytes)
        data = path.read_bytes()
    except OSError as exc:
        reason = exc.strerror or type(exc).__name__
        raise UnreadableSource(f"{path}: cannot be opened ({reason}); check its permissions") from exc
    return read_bytes(data, str(path), max_bytes=max_bytes)


def read_bytes(data: bytes, name: str, *, max_bytes: int = MAX_BYTES) -> Document:
    """Read a document that is in memory, an upload for instance.

    Args:
        data: The file's bytes.
        name: Its name or path; the ending chooses the reader.
        max_bytes: Refuse data larger than this.

    Raises:
        UnreadableSource: As `read_document`.
    """
    path = Path(name)
    reader = _reader(path)
    _check_size(path, len(data), max_bytes)
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise UnreadableSource(f"{path}: the file is empty; put text into it or leave it out")
    try:
        document = reader(data, path)
    except RecursionError as exc:
        raise UnreadableSource(f"{path}: the file is nested too deeply; simplify it or export it anew") from exc
    if not document.blocks:
        raise UnreadableSource(f"{path}: the file holds no readable text; check it in the program it came from")
    return document


def _reader(path: Path) -> Reader:
    try:
        return READERS[path.suffix.lower()]
    except KeyError:
        known = ", ".join(sorted(READERS))
        ending = f"the ending {path.suffix}" if path.suffix else "a name without an ending"
        raise UnreadableSource(f"{path}: {ending} is not supported; convert it to one of {known}") from None


def _check_size(path: Path, size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise UnreadableSource(
            f"{path}: {size / 1e6:.1f} MB is more than the limit of {max_bytes / 1e6:.0f} MB; "
            "split the file or leave out its pictures"
        )
