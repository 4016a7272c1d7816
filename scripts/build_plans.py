"""Build the sample plans (DOCX, PDF, Markdown) from their Markdown sources.

usage: python scripts/build_plans.py [--check]

The list of documents is `corpus/plans/manifest.toml`: a source at `ORG/NAME.EXT` is built from
`sources/ORG/NAME.md`. Building twice gives the same bytes. `--check` builds nothing and exits 1
when a document differs from what its source would give.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph
from fpdf import FPDF
from fpdf.fonts import FontFace

PLANS = Path(__file__).resolve().parent.parent / "corpus" / "plans"
BUILT_ON = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
LABEL = "Sample plan of an invented organisation"


@dataclass(frozen=True)
class Block:
    """One block of a Markdown source: a heading, paragraph, list item or table."""

    kind: str  # heading | paragraph | bullet | number | table
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


def blocks(markdown: str) -> Iterator[Block]:
    """The blocks of the small part of Markdown that the sources use."""
    for chunk in re.split(r"\n\s*\n", markdown.strip()):
        lines = [line.rstrip() for line in chunk.splitlines()]
        if lines[0].startswith("|"):
            yield Block("table", rows=tuple(_rows(lines)))
            continue
        paragraph: list[str] = []
        for line in lines:
            heading = re.match(r"(#+)\s+(.*)", line)
            item = re.match(r"(-|\d+\.)\s+(.*)", line)
            if (heading or item) and paragraph:
                yield Block("paragraph", " ".join(paragraph))
                paragraph = []
            if heading:
                yield Block("heading", heading[2], len(heading[1]))
            elif item:
                number = int(item[1][:-1]) if item[1] != "-" else 0
                yield Block("number" if number else "bullet", item[2], number)
            else:
                paragraph.append(line)
        if paragraph:
            yield Block("paragraph", " ".join(paragraph))


def _rows(lines: list[str]) -> Iterator[tuple[str, ...]]:
    for line in lines:
        cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
        if not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            yield cells


def build_docx(markdown: str, title: str) -> bytes:
    """A Word document with real headings, lists, tables and page numbers."""
    document = Document()
    _set_up_docx(document, title)
    for block in blocks(markdown):
        if block.kind == "heading" and block.level == 1:
            document.add_paragraph(block.text, style="Title")
        elif block.kind == "heading":
            document.add_heading(block.text, level=block.level - 1)
        elif block.kind == "table":
            _add_docx_table(document, block.rows)
        else:
            style = {"bullet": "List Bullet", "number": "List Number"}.get(block.kind)
            _add_runs(document.add_paragraph(style=style), block.text)
    stream = io.BytesIO()
    document.save(stream)
    return _with_fixed_times(stream.getvalue())


def _set_up_docx(document: DocxDocument, title: str) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.3)
    document.styles["Normal"].font.size = Pt(10.5)
    core = document.core_properties
    core.title, core.subject, core.author, core.comments = title, LABEL, "Sample", ""
    core.created = core.modified = BUILT_ON.replace(tzinfo=None)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer.add_run(f"{title} | {LABEL} | Page ")
    _add_page_field(footer)


def _add_page_field(paragraph: Paragraph) -> None:
    run = paragraph.add_run()._r
    for kind in ("begin", None, "end"):
        if kind is None:
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = "PAGE"
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        run.append(element)


def _add_runs(paragraph: Paragraph, text: str) -> None:
    for i, part in enumerate(text.split("**")):
        if part:
            paragraph.add_run(part).bold = True if i % 2 else None


def _add_docx_table(document: DocxDocument, rows: tuple[tuple[str, ...], ...]) -> None:
    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for i, row in enumerate(rows):
        for j, text in enumerate(row):
            paragraph = table.cell(i, j).paragraphs[0]
            _add_runs(paragraph, f"**{text}**" if i == 0 and text else text)
            for run in paragraph.runs:
                run.font.size = Pt(9)
    document.add_paragraph()


def _with_fixed_times(package: bytes) -> bytes:
    """The same package with every member dated alike, so that a rebuild gives the same bytes."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            info = zipfile.ZipInfo(name, BUILT_ON.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, old.read(name))
    return stream.getvalue()


class PlanPdf(FPDF):
    """An A4 document with the title and page number at the foot of each page."""

    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        self.set_title(title)
        self.set_subject(LABEL)
        self.set_author("Sample")
        self.set_creation_date(BUILT_ON)
        self.set_margins(23, 20)
        self.set_auto_page_break(True, margin=22)
        self._foot = f"{title} | {LABEL}"

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font("Helvetica", size=8)
        self.cell(0, 5, f"{self._foot} | Page {self.page_no()} of {{nb}}", align="C")


def build_pdf(markdown: str, title: str) -> bytes:
    """A PDF with headings (also as bookmarks), lists, tables and numbered pages."""
    pdf = PlanPdf(title)
    pdf.add_page()
    for block in blocks(markdown):
        if block.kind == "heading":
            _add_pdf_heading(pdf, block)
        elif block.kind == "table":
            _add_pdf_table(pdf, block.rows)
        else:
            _add_pdf_text(pdf, block)
    return bytes(pdf.output())


def _add_pdf_heading(pdf: PlanPdf, block: Block) -> None:
    size = {1: 20, 2: 14}.get(block.level, 11.5)
    if pdf.will_page_break(30):
        pdf.add_page()
    pdf.ln(3)
    pdf.set_font("Helvetica", "B", size)
    if block.level > 1:
        pdf.start_section(block.text, level=block.level - 2)
    pdf.multi_cell(0, size * 0.5, block.text, new_x="LMARGIN", new_y="NEXT", align="L")
    pdf.ln(2)


def _add_pdf_text(pdf: PlanPdf, block: Block) -> None:
    pdf.set_font("Helvetica", size=10.5)
    if block.kind == "paragraph":
        pdf.multi_cell(0, 5.4, block.text, markdown=True, new_x="LMARGIN", new_y="NEXT", align="L")
        pdf.ln(2)
        return
    pdf.cell(6, 5.4, "\x95" if block.kind == "bullet" else f"{block.level}.")
    pdf.multi_cell(0, 5.4, block.text, markdown=True, new_x="LMARGIN", new_y="NEXT", align="L")
    pdf.ln(1)


def _add_pdf_table(pdf: PlanPdf, rows: tuple[tuple[str, ...], ...]) -> None:
    pdf.set_font("Helvetica", size=9)
    with pdf.table(text_align="LEFT", headings_style=FontFace(emphasis="BOLD")) as table:
        for row in rows:
            table.row(row)
    pdf.ln(4)


def documents() -> Iterator[tuple[Path, bytes]]:
    """Every document of the manifest with the bytes that its source gives."""
    manifest = tomllib.loads((PLANS / "manifest.toml").read_text(encoding="utf-8"))
    for source in manifest["source"]:
        path = PLANS / source["path"]
        origin = (PLANS / "sources" / source["path"]).with_suffix(".md")
        markdown = origin.read_text(encoding="utf-8")
        if LABEL not in markdown:
            raise SystemExit(f"{origin}: does not say '{LABEL}'")
        title = source["title"]
        if path.suffix == ".docx":
            yield path, build_docx(markdown, title)
        elif path.suffix == ".pdf":
            yield path, build_pdf(markdown, title)
        else:
            yield path, markdown.encode("utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, do not write")
    check = parser.parse_args().check
    stale = 0
    for path, data in documents():
        if check:
            if not path.is_file() or path.read_bytes() != data:
                stale += 1
                print(f"{path}: differs from its source; run scripts/build_plans.py")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        print(f"built {path.relative_to(PLANS)} ({len(data)} bytes)", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
