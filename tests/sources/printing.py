"""Prints a document to PDF, Word and HTML, so that tests can read it back from there."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.shared import Cm
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from assistant.sources.document import Block, Document
from assistant.sources.lines import heading_number, is_contents_line, is_heading_line

_STEP_MM = 8.0


@dataclass(frozen=True)
class _Print:
    """One block and how it is to be set: "heading", "contents", "row", "item", "note" or "paragraph"."""

    look: str
    block: Block
    level: int = 0
    page: str = ""


def print_all(document: Document, folder: Path) -> dict[str, Path]:
    """Print to PDF, Word and HTML; returns the paths by suffix (".pdf", ".docx", ".html")."""
    stem = folder / (document.path.stem or "printed")
    paths = {suffix: stem.with_suffix(suffix) for suffix in (".pdf", ".docx", ".html")}
    print_pdf(document, paths[".pdf"])
    print_docx(document, paths[".docx"])
    print_html(document, paths[".html"])
    return paths


def print_pdf(document: Document, path: Path) -> None:
    """Set the document on A4 pages with a running head, page numbers, bold headings and ruled tables."""
    pdf = _Pages(document.title)
    rows: list[Block] = []
    for entry in [*_prints(document), None]:
        if entry is not None and entry.look == "row":
            rows.append(entry.block)
            continue
        if rows:
            pdf.table_of(rows)
            rows = []
        if entry is not None:
            pdf.print(entry)
    pdf.output(str(path))


def print_docx(document: Document, path: Path) -> None:
    """Write a Word file with heading styles, contents styles, indented items and ruled tables."""
    word = docx.Document()
    word.core_properties.title = document.title
    contents = word.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    rows: list[Block] = []
    for entry in [*_prints(document), None]:
        if entry is not None and entry.look == "row":
            rows.append(entry.block)
            continue
        if rows:
            _word_table(word, rows)
            rows = []
        if entry is None:
            continue
        block = entry.block
        if entry.look == "heading":
            word.add_heading(block.text, level=min(9, entry.level))
        elif entry.look == "contents":
            word.add_paragraph(f"{block.text}\t{entry.page}", style=contents)
        elif entry.look == "item":
            item = word.add_paragraph(f"{block.marker} {block.text}")
            item.paragraph_format.left_indent = Cm(0.8 * block.level)
        else:
            word.add_paragraph(block.text)
    word.save(str(path))


def print_html(document: Document, path: Path) -> None:
    """Write a page with headings, nested lists and tables, and with what readers must leave out."""
    parts = ["<!DOCTYPE html><html><head><meta charset='utf-8'>", "<style>p { margin: 1em }</style>"]
    parts.append(f"<title>{html.escape(document.title)}</title></head><body><nav><p>Home Search</p></nav>")
    depth = 0
    in_table = False
    for entry in _prints(document):
        block, words = entry.block, html.escape(entry.block.text)
        if in_table and entry.look != "row":
            parts.append("</table>")
            in_table = False
        wanted = block.level if entry.look == "item" else 0
        while depth < wanted:
            parts.append("<ul>")
            depth += 1
        while depth > wanted:
            parts.append("</ul>")
            depth -= 1
        if entry.look == "item":
            marker = "" if block.marker == "-" else html.escape(block.marker) + " "
            parts.append(f"<li>{marker}{words}</li>")
        elif entry.look == "row":
            parts.append("" if in_table else "<table>")
            in_table = True
            cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in block.cells)
            parts.append(f"<tr>{cells}</tr>")
        elif entry.look == "heading":
            level = min(6, entry.level)
            parts.append(f"<h{level}>{words}</h{level}>")
        elif entry.look == "contents":
            parts.append(f"<p>{words} ..... {entry.page}</p>")
        else:
            parts.append(f"<p>{words}</p>")
    parts.append("</ul>" * depth + ("</table>" if in_table else ""))
    parts.append("<script>var hidden = 1</script><footer>All rights reserved</footer></body></html>")
    path.write_text("\n".join(parts), encoding="utf-8")


def _prints(document: Document) -> Iterator[_Print]:
    for block in document.blocks:
        source = document.text[block.start : block.end]
        page = re.search(r"\t\s*(\d+|[ivxlc]+)$", source)
        if block.kind == "paragraph" and page and not block.cells:
            words = re.sub(r"[ .…]*\s*\S+$", "", block.text)
            yield _Print("contents", _with_text(block, words), page=page.group(1))
        elif block.kind == "heading":
            yield _Print("heading", block, block.level)
        elif block.kind == "paragraph" and is_heading_line(block.text) and not is_contents_line(block.text):
            number = heading_number(block.text)
            yield _Print("heading", block, number.count(".") + 1 if number else 1)
        else:
            yield _Print(block.kind, block)


def _with_text(block: Block, text: str) -> Block:
    return Block(block.kind, text, block.start, block.end)


def _word_table(word: docx.document.Document, rows: list[Block]) -> None:
    table = word.add_table(rows=0, cols=max(len(row.cells) for row in rows))
    table.style = "Table Grid"
    for row in rows:
        cells = table.add_row().cells
        if len(row.cells) == 1:
            cells[0].merge(cells[-1]).text = row.cells[0]
            continue
        for cell, words in zip(cells, row.cells, strict=False):
            cell.text = words


class _Pages(FPDF):
    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        self.core_fonts_encoding = "cp1252"  # WinAnsi, which the PDF names: dashes and quotes survive
        self._running_head = _winansi(title)[:60]
        self.set_margins(25, 25, 25)
        self.set_auto_page_break(True, margin=25)
        self.set_title(title)
        self.add_page()

    def header(self) -> None:
        self.set_y(10)
        self.set_font("helvetica", size=8)
        self.cell(0, 5, self._running_head, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(25)

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font("helvetica", size=8)
        self.cell(0, 5, f"{self.page_no()}", align="C")

    def print(self, entry: _Print) -> None:
        block, words = entry.block, _winansi(entry.block.text)
        if entry.look == "heading":
            self.set_font("helvetica", style="B", size=max(10.5, 15 - 1.5 * (entry.level - 1)))
            self.ln(2)
            self._lines(words, 6.5)
            self.ln(1)
            return
        self.set_font("helvetica", size=10)
        if entry.look == "contents":
            dots = "." * int((self.epw - self.get_string_width(words) - 15) / self.get_string_width("."))
            self._lines(f"{words} {dots} {entry.page}", 5)
        elif entry.look == "item":
            self._item(block, words)
        else:
            self._lines(words, 5)
            self.ln(2.5)

    def table_of(self, rows: list[Block]) -> None:
        self.set_font("helvetica", size=10)
        wide = max(len(row.cells) for row in rows)
        widths = (1, 9) if wide == 2 else None
        with self.table(col_widths=widths, first_row_as_headings=False, line_height=5) as table:
            for row in rows:
                line = table.row()
                if len(row.cells) == 1:
                    line.cell(_winansi(row.cells[0]), colspan=wide)
                else:
                    for cell in row.cells:
                        line.cell(_winansi(cell))
        self.ln(3)

    def _item(self, block: Block, words: str) -> None:
        left = 25 + _STEP_MM * (block.level - 1)
        marker = "•" if block.marker == "-" else block.marker
        if self.will_page_break(5):
            self.add_page()
            self.set_font("helvetica", size=10)
        self.set_x(left)
        self.cell(6, 5, _winansi(marker))
        self.set_left_margin(left + 6)
        self._lines(words, 5)
        self.set_left_margin(25)
        self.set_x(25)
        self.ln(1.5)

    def _lines(self, words: str, height: float) -> None:
        self.multi_cell(0, height, words, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _winansi(text: str) -> str:
    return text.encode("cp1252", errors="replace").decode("cp1252")
