"""PDF: pages -> lines -> blocks, without running heads, page numbers and invisible words."""

from __future__ import annotations

import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect

from assistant.errors import UnreadableSource
from assistant.sources.assembly import assemble
from assistant.sources.document import Document
from assistant.sources.lines import fold
from assistant.sources.pdf_blocks import Blocks, PageRow
from assistant.sources.pdf_lines import PdfLine, columns_of, lines_of, visible_characters
from assistant.sources.pdf_tables import outside, tables_of

_MARGIN = 0.14  # of the page's height, where running heads and page numbers stand
_PAGE_NUMBER = re.compile(
    r"(?:page\s+)?[-–—]?\s*(?:\d{1,4}|[ivxlc]{1,7})\s*[-–—]?(?:\s*(?:of|/)\s*\d{1,4})?", re.IGNORECASE
)
# "Joint exit strategy | Page 1 of 2" is the same head on each page.
_PAGE_OF = re.compile(r"[\s|·-]*\bpage \d{1,4} (?:of|/) \d{1,4}\b", re.IGNORECASE)
_OUTER_NUMBER = re.compile(r"^\d{1,4}\s+(?=\D)|\s+\d{1,4}$")
_Content = list[PdfLine | PageRow]
_Place = tuple[bool, int, str]


def read_pdf(data: bytes, path: Path) -> Document:
    """Read a PDF that holds text.

    Raises:
        UnreadableSource: The file is encrypted, cut off, damaged, or a scan without text.
    """
    _refuse_cut_off(data, path)
    try:
        with pdfplumber.open(io.BytesIO(data)) as opened:
            pages = [_content(page, number) for number, page in enumerate(opened.pages, start=1)]
            heights = [float(page.height) for page in opened.pages]
            named = str((opened.metadata or {}).get("Title") or "")
    except RecursionError:
        raise
    except Exception as exc:
        # pdfminer meets a damaged file with almost any exception, and pdfplumber wraps some of them.
        raise _mapped(exc, path) from exc
    if not any(pages):
        raise UnreadableSource(
            f"{path}: the PDF holds no text, only pictures of it (a scan); "
            "run text recognition over it first, for instance with ocrmypdf"
        )
    pieces = list(Blocks([entry for page in _without_running_heads(pages, heights) for entry in page]).pieces())
    title = _title(named) or next((piece.text for piece in pieces if piece.kind == "heading"), "")
    return assemble(pieces, path=path, media="pdf", title=title, data=data, pages=len(pages))


def _refuse_cut_off(data: bytes, path: Path) -> None:
    if b"%PDF-" not in data[:1024]:
        raise UnreadableSource(f"{path}: the file is no PDF in spite of its name; export it as PDF again")
    if b"%%EOF" not in data.rstrip(b"\x00 \t\r\n")[-2048:]:
        raise UnreadableSource(f"{path}: the PDF is cut off, its end is missing; download or export it again")


def _mapped(exc: Exception, path: Path) -> UnreadableSource:
    """Translate an error of pdfminer or pdfplumber into one that names the remedy."""
    causes = [exc, exc.__cause__, exc.__context__, *exc.args]
    if any(isinstance(cause, PDFPasswordIncorrect) for cause in causes):
        return UnreadableSource(f"{path}: the PDF is encrypted with a password; save a copy without one and use that")
    return UnreadableSource(
        f"{path}: the PDF is damaged ({type(exc).__name__}); open it in a PDF viewer and print it to a new PDF"
    )


def _content(page: Any, number: int) -> _Content:
    """Return the lines and table rows of a page in reading order, and free what was parsed."""
    characters = visible_characters(page)
    tables = tables_of(page, characters) if characters else []
    content: _Content = []
    columns = columns_of(outside(characters, tables), float(page.width), float(page.height)) if characters else []
    for column, members in enumerate(columns):
        lines: list[tuple[float, _Content]] = [(line.top, [line]) for line in lines_of(members, number, column)]
        for table in tables:
            middle = (table.box[0] + table.box[2]) / 2
            if len(columns) == 1 or (middle > float(page.width) / 2) == bool(column):
                lines.append((table.box[1], [PageRow(cells, number) for cells in table.rows]))
        for _, entries in sorted(lines, key=lambda entry: entry[0]):
            content += entries
    page.close()
    return content


def _without_running_heads(pages: list[_Content], heights: list[float]) -> Iterator[_Content]:
    """Drop lines in the margins that stand on several pages alike, and lone page numbers."""
    body = _body_size(pages)
    found: dict[_Place, list[tuple[int, int | None]]] = {}
    for content, height in zip(pages, heights, strict=True):
        for entry in content:
            place = _place_in_margin(entry, height, body)
            if place and isinstance(entry, PdfLine):
                found.setdefault(place, []).append((entry.page, _outer_number(entry)))
    running = {place for place, seen in found.items() if _is_running(place, seen, len(pages))}
    for content, height in zip(pages, heights, strict=True):
        yield [entry for entry in content if _place_in_margin(entry, height, body) not in running]


def _body_size(pages: list[_Content]) -> float:
    """Size in points of most of the document's characters."""
    sizes: Counter[float] = Counter()
    for content in pages:
        for entry in content:
            if isinstance(entry, PdfLine):
                sizes[entry.size] += len(entry.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _place_in_margin(entry: PdfLine | PageRow, height: float, body: float) -> _Place | None:
    """What makes a running head the same on another page: its margin, its place, its words.

    Only a number at the outer end is ignored: "5.1.1 What" and "5.2.1 What" at the top of two pages are
    headings. So are "Stage 1" and "Stage 2" in larger letters than the text or in bold ones of its size, of which
    no number is ignored.
    """
    if isinstance(entry, PageRow):
        return None
    at_top = entry.bottom < _MARGIN * height
    if not at_top and entry.top < (1 - _MARGIN) * height:
        return None
    words = _PAGE_OF.sub(" ", fold(entry.text))
    if _PAGE_NUMBER.fullmatch(words):
        words = ""
    if entry.size < body or (entry.size == body and not entry.bold):
        words = _OUTER_NUMBER.sub("", words)
    return at_top, round(entry.top / 4), words.strip().lower()


def _outer_number(line: PdfLine) -> int | None:
    found = _OUTER_NUMBER.search(fold(line.text))
    return int(found.group()) if found else None


def _is_running(place: _Place, seen: list[tuple[int, int | None]], pages: int) -> bool:
    """Alike on three pages, or on two with a number that counts on with the pages (by two on spreads)."""
    if not place[2]:
        return True
    if len({page for page, _ in seen}) >= (3 if pages > 3 else 2):
        return True
    return any(
        number is not None and later is not None and later - number in (after - page, 2 * (after - page))
        for (page, number), (after, later) in itertools.pairwise(seen)
        if after > page
    )


def _title(named: str) -> str:
    """Return the title of the metadata, unless a program left a file name or nothing of use there."""
    named = fold(named)
    useless = re.search(r"\.(?:docx?|pdf|indd|pptx?|odt|rtf)$|^microsoft word|^untitled", named, re.IGNORECASE)
    return "" if useless else named
