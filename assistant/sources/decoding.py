"""Bytes -> text, or a clear refusal: no text is better than text with the wrong letters."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from assistant.errors import UnreadableSource

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the one of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a zip archive (a Word file perhaps)",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a gzip archive",
    b"{\\rtf": "a rich-text file",
}
# Controls that text never holds; tab, line feed, form feed, carriage return and escape are let through.
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_UNASSIGNED_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


def decode(data: bytes, path: Path) -> str:
    """Decode a text file and make its line ends "\\n".

    UTF-8 (with or without a mark), UTF-16 and UTF-32 with a mark, else Windows-1252 where nothing
    speaks against it.

    Raises:
        UnreadableSource: The bytes are not text, or not in one of these encodings.
    """
    return re.sub(r"\r\n?|\u2028|\u2029|\x85", "\n", _decode(data, path))


def _decode(data: bytes, path: Path) -> str:
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            raise UnreadableSource(
                f"{path}: the file is {what}, not text; give it the right ending or export it as text"
            )
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding, path)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        if _BINARY.search(data):
            raise _binary(path) from None
        if _UNASSIGNED_IN_CP1252.search(data):
            raise _wrong_encoding(path) from None
        return data.decode("cp1252")
    # A stray control from copy and paste does no harm; many of them, or a NUL, are no text.
    if b"\x00" in data or len(_BINARY.findall(data)) > max(4, len(data) // 200):
        raise _binary(path)
    return text


def _strictly(data: bytes, encoding: str, path: Path) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as exc:
        raise _wrong_encoding(path) from exc
    if "\x00" in text:
        raise _wrong_encoding(path)
    return text


def _wrong_encoding(path: Path) -> UnreadableSource:
    return UnreadableSource(f"{path}: the text is not in UTF-8; save it again with the encoding UTF-8")


def _binary(path: Path) -> UnreadableSource:
    return UnreadableSource(
        f"{path}: the file holds binary data, not text; give it the ending of its real form or save it as UTF-8 text"
    )
