"""Word: body, tables and lists in reading order, with the numbers that Word computes and does not store."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
from docx.oxml.ns import qn

from assistant.errors import UnreadableSource
from assistant.sources.assembly import Piece, assemble, pieces_of_lines, row_piece
from assistant.sources.document import Document
from assistant.sources.docx_numbering import Numbering
from assistant.sources.docx_runs import Runs
from assistant.sources.docx_styles import Styles
from assistant.sources.lines import fold, split_marker
from assistant.sources.nesting import Nesting

_MAX_UNPACKED_BYTES = 400_000_000
_INDENT_TOLERANCE_TWIPS = 60
_MAX_COLUMNS = 63  # Word's own limit
_CONTAINERS = {qn(name) for name in ("w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:moveTo", "w:smartTag")}
_RELATIONS, _STRICT = "_rels/.rels", b"http://purl.oclc.org/ooxml/"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_docx(data: bytes, path: Path) -> Document:
    """Read a Word document.

    Hidden and white words, tracked deletions, footnotes, headers and footers are left out; numbers that
    Word generates stand in the text of headings and as markers of list items.

    Raises:
        UnreadableSource: The file is no Word document, is encrypted or damaged.
    """
    if data.startswith(_OLD_OFFICE):
        raise UnreadableSource(
            f"{path}: the file is password-protected or in the old .doc form; "
            "save it again in Word as .docx without a password"
        )
    try:
        _refuse_bombs(data, path)
        _refuse_strict_form(data, path)
        opened = docx.Document(io.BytesIO(data))
        body = _Body(opened)
        pieces = list(body.pieces())
    except (UnreadableSource, RecursionError):
        raise
    except zipfile.BadZipFile as exc:
        raise UnreadableSource(
            f"{path}: the file is no Word document or is cut off; open it in Word and save it again as .docx"
        ) from exc
    except Exception as exc:
        # python-docx and lxml meet a damaged package with almost any exception: KeyError for a missing
        # part, ValueError, XMLSyntaxError, AttributeError. All of them mean the same to the user.
        raise UnreadableSource(
            f"{path}: the Word document is damaged ({type(exc).__name__}); open it in Word and save it again"
        ) from exc
    return assemble(pieces, path=path, media="docx", title=_title(opened, body, pieces), data=data)


def _refuse_bombs(data: bytes, path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > _MAX_UNPACKED_BYTES:
        raise UnreadableSource(f"{path}: the document unpacks to {unpacked / 1e6:.0f} MB; split it or leave it out")


def _refuse_strict_form(data: bytes, path: Path) -> None:
    """Word can save in a form of the standard that has other names for everything and that python-docx does not know."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        relations = archive.read(_RELATIONS) if _RELATIONS in archive.namelist() else b""
    if _STRICT in relations:
        raise UnreadableSource(
            f"{path}: the document is in the form Strict Open XML; "
            "open it in Word and save it again as Word Document (.docx), which is not the strict form"
        )


def _named(opened: Any) -> str:
    """The title in the document's properties; none where another program left properties that cannot be read."""
    try:
        return str(opened.core_properties.title or "").strip()
    except Exception:  # lxml and python-docx raise almost anything here, as above
        return ""


def _title(opened: Any, body: _Body, pieces: list[Piece]) -> str:
    named = _named(opened)
    first = next((piece.text for piece in pieces if piece.kind == "heading"), "")
    # Templates leave titles such as "Word Document" behind; a title that is a file name is none either.
    generic = named.lower() in ("", "word document", "title", "document", "untitled") or named.endswith(".docx")
    return body.title or ("" if generic else fold(named)) or first


class _Body:
    """Walks the body; python-docx opens the package, the XML itself is read for speed and completeness."""

    def __init__(self, opened: Any) -> None:
        self.title = ""
        self._root = opened.element.body
        self._styles = Styles(opened.styles.element)
        self._numbering = Numbering(_numbering_element(opened), self._styles)
        self._runs = Runs(self._styles)
        self._nesting = Nesting()
        self._before = ""

    def pieces(self) -> Iterator[Piece]:
        """Yield the document's pieces in reading order."""
        yield from self._blocks(self._root, shaded=False)

    def _blocks(self, parent: Any, *, shaded: bool) -> Iterator[Piece]:
        for child in parent.iterchildren():
            if child.tag == qn("w:p"):
                yield from self._paragraph(child, shaded=shaded)
            elif child.tag == qn("w:tbl"):
                yield from self._table(child)
            elif child.tag in _CONTAINERS:
                yield from self._blocks(child, shaded=shaded)

    def _paragraph(self, element: Any, *, shaded: bool) -> Iterator[Piece]:
        words = self._runs.words(element, shaded=shaded)
        style = self._styles.of(element)
        number = self._numbering.number(element, style)  # Word counts empty paragraphs too
        if fold(words.text):
            for piece in self._pieces_of_words(element, style, words.text, number, words.references):
                if piece.kind in ("paragraph", "heading"):
                    self._nesting.paragraph(piece.text, is_heading=piece.kind == "heading")
                self._before = piece.text
                yield piece
        for box in words.boxes:
            yield from self._blocks(box, shaded=shaded)

    def _pieces_of_words(
        self, element: Any, style: str, text: str, number: Any, references: tuple[str, ...]
    ) -> Iterator[Piece]:
        level = self._styles.outline_level(element, style)
        if self._styles.is_title(style) and not self.title:
            self.title = fold(text)
        if level:
            lead = f"{number.text} " if number and number.text != "-" else ""
            yield Piece("heading", fold(lead + text), level, references=references)
        elif self._styles.is_contents(style):
            yield Piece("paragraph", fold(text.replace("\t", " ..... ")), references=references)
        elif number:
            yield from self._list_item(text, number, references)
        else:
            indent = self._numbering.indent(element, style)
            for piece in pieces_of_lines(text, references=references):
                if piece.kind == "item":
                    level = self._level(indent, piece.marker)
                    piece = Piece("item", piece.text, level, piece.marker, references=piece.references)
                yield piece

    def _list_item(self, text: str, number: Any, references: tuple[str, ...]) -> Iterator[Piece]:
        typed, rest = split_marker(fold(text))
        if typed and number.text == "-":
            yield Piece("item", rest, self._level(number.indent, typed), typed, references=references)
            return
        level = self._level(number.indent, number.text)
        yield Piece("item", fold(text), level, number.text, references=references)

    def _level(self, indent: float, marker: str) -> int:
        return self._nesting.level(indent, marker, self._before, tolerance=_INDENT_TOLERANCE_TWIPS)

    def _table(self, table: Any) -> Iterator[Piece]:
        shaded = self._styles.shades_table(table)
        if len(list(_rows(table))) == 1 and sum(1 for cell in table.iter(qn("w:tc")) if _text(cell)) == 1:
            for cell in table.iter(qn("w:tc")):
                yield from self._blocks(cell, shaded=True)
            return
        above: list[str] = []
        rows: list[_Row] = []
        for row in _rows(table):
            if self._is_layout(row):
                yield from _row_pieces(rows)
                rows = []
                for cell in _cells(row):
                    yield from self._blocks(cell, shaded=shaded or self._styles.is_shaded(cell.find(qn("w:tcPr"))))
                continue
            is_header = row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
            above = self._row(row, above, is_header=is_header, shaded=shaded)
            rows.append(_Row(above, is_header))
            if nested := [inner for cell in _cells(row) for inner in cell.findall(qn("w:tbl"))]:
                yield from _row_pieces(rows)
                rows = []
                for inner in nested:
                    yield from self._table(inner)
        yield from _row_pieces(rows)

    def _row(self, row: Any, above: list[str], *, is_header: bool, shaded: bool) -> list[str]:
        """The words of a row, one entry a column; a header cell stands in every column that it spans."""
        cells = [""] * _grid_before(row)
        for cell in _cells(row):
            words = self._cell(cell, shaded=shaded)
            if _continues_merge(cell) and not words and len(cells) < len(above):
                words = above[len(cells)]
            span = _span(cell)
            cells += [words] * span if is_header else [words] + [""] * (span - 1)
        return cells if sum(1 for _ in _cells(row)) > 1 else cells[:1] if cells and cells[0] else cells

    def _is_layout(self, row: Any) -> bool:
        """A row with a heading beside nothing, or above other words, only arranges the page."""
        cells = list(_cells(row))
        if len(cells) == 1 and len(_own_paragraphs(cells[0])) > 1:
            return True
        filled = [cell for cell in cells if _text(cell)]
        return any(
            self._styles.outline_level(paragraph, self._styles.of(paragraph))
            and (len(filled) == 1 or len(_own_paragraphs(cell)) > 1)
            for cell in filled
            for paragraph in _own_paragraphs(cell)
        )

    def _cell(self, cell: Any, *, shaded: bool) -> str:
        shaded = shaded or self._styles.is_shaded(cell.find(qn("w:tcPr")))
        words: list[str] = []
        for paragraph in _own_paragraphs(cell):
            text = fold(self._runs.words(paragraph, shaded=shaded).text)
            number = self._numbering.number(paragraph, self._styles.of(paragraph))
            if number and number.text != "-":
                text = f"{number.text} {text}".strip()
            words.append(text)
        return " ".join(filter(None, words))


def _numbering_element(opened: Any) -> Any:
    for relation in opened.part.rels.values():
        if relation.reltype.endswith("/numbering"):
            return relation.target_part.element
    return None


@dataclass
class _Row:
    cells: list[str]
    is_header: bool


def _row_pieces(rows: list[_Row]) -> Iterator[Piece]:
    """Yield the rows without the columns that are empty throughout, which only make room."""
    width = max((len(row.cells) for row in rows), default=0)
    used = [any(place < len(row.cells) and row.cells[place] for row in rows) for place in range(width)]
    for place, row in enumerate(rows):
        marker = "header" if row.is_header else "" if place else "first"
        piece = row_piece((cell for cell, kept in zip(row.cells, used, strict=False) if kept), marker=marker)
        if piece:
            yield piece


def _span(cell: Any) -> int:
    span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
    return _whole(span, least=1)


def _grid_before(row: Any) -> int:
    return _whole(row.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}"), least=0)


def _whole(element: Any, *, least: int) -> int:
    number = str(element.get(qn("w:val"), "")) if element is not None else ""
    return min(max(int(number), least), _MAX_COLUMNS) if re.fullmatch(r"\d{1,4}", number) else least


def _text(cell: Any) -> str:
    return fold("".join(cell.itertext(qn("w:t"))))


def _own_paragraphs(cell: Any) -> list[Any]:
    return [paragraph for paragraph in cell.iter(qn("w:p")) if _owner(paragraph, "w:tc") is cell]


def _owner(element: Any, name: str) -> Any:
    return next(element.iterancestors(qn(name)), None)


def _rows(table: Any) -> Iterator[Any]:
    for row in table.iter(qn("w:tr")):
        if _owner(row, "w:tbl") is table and row.find(f"{qn('w:trPr')}/{qn('w:del')}") is None:
            yield row


def _cells(row: Any) -> Iterator[Any]:
    return (cell for cell in row.iter(qn("w:tc")) if _owner(cell, "w:tr") is row)


def _continues_merge(cell: Any) -> bool:
    merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    return merge is not None and merge.get(qn("w:val"), "continue") == "continue"
