"""Pack -> facilitator guide and participant handout (DOCX), with headings, contents and page numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from assistant.workshop.agenda import clock_time
from assistant.workshop.deck import FACET_TITLES, labels
from assistant.workshop.pack import Chapter, Exercise, Line, Pack, Question, audience_name, source_sections

_NAVY, _GREY = RGBColor(0x1B, 0x36, 0x5D), RGBColor(0x55, 0x5F, 0x69)
_LINES_TO_WRITE = 4


class _Paper:
    """A document being written; keeps its headings for the contents."""

    def __init__(self, title: str, subtitle: str, pack: Pack) -> None:
        self.pack = pack
        self.document: Any = Document()
        self._headings: list[tuple[int, str, str]] = []
        self._style(title)
        self.document.add_paragraph(title, style="Title")
        self.document.add_paragraph(subtitle, style="Subtitle")
        self._contents = self.document.add_paragraph()

    def _style(self, title: str) -> None:
        styles = self.document.styles
        styles["Normal"].font.name, styles["Normal"].font.size = "Arial", Pt(10.5)
        styles["Normal"].paragraph_format.space_after = Pt(6)
        for name, size in (("Title", 22), ("Subtitle", 12), ("Heading 1", 16), ("Heading 2", 13), ("Heading 3", 11)):
            font = styles[name].font
            font.name, font.size, font.color.rgb = "Arial", Pt(size), _NAVY
            fonts = styles[name].element.get_or_add_rPr().get_or_add_rFonts()
            for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{theme}"), None)
            styles[name].paragraph_format.keep_with_next = True
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.3)
        properties = self.document.core_properties
        properties.title, properties.language, properties.author = title, "en-GB", ""
        foot = section.footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        foot.add_run("Page ")
        _field(foot, "PAGE", "1")
        foot.add_run(" of ")
        _field(foot, "NUMPAGES", "1")

    def heading(self, text: str, level: int, *, new_page: bool = False) -> None:
        """A heading that the contents will name."""
        paragraph = self.document.add_heading(text, level)
        paragraph.paragraph_format.page_break_before = new_page
        if level <= 2:
            name = f"h{len(self._headings) + 1}"
            _bookmark(paragraph, name, len(self._headings) + 1)
            self._headings.append((level, text, name))

    def text(self, text: str, citations: Sequence[str] = (), style: str | None = None, *, italic: bool = False) -> None:
        """A paragraph with its citations in brackets."""
        paragraph = self.document.add_paragraph(style=style)
        paragraph.add_run(text).italic = italic
        if citations:
            note = paragraph.add_run(f"  [{labels(citations, self.pack)}]")
            note.font.size, note.font.color.rgb = Pt(8.5), _GREY

    def lines(self, lines: Iterable[Line], style: str = "List Bullet") -> None:
        """Lines as a list."""
        for line in lines:
            self.text(line.text, line.citations, style)

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]], widths_cm: Sequence[float]) -> None:
        """A table whose head is repeated on every page."""
        table = self.document.add_table(rows=1, cols=len(head), style="Table Grid")
        table.autofit = False
        for cell, words in zip(table.rows[0].cells, head, strict=True):
            cell.paragraphs[0].add_run(words).bold = True
            _shade(cell, "EAF1F5")
        marker = OxmlElement("w:tblHeader")
        table.rows[0]._tr.get_or_add_trPr().append(marker)
        for row in rows:
            added = table.add_row()
            for cell, words in zip(added.cells, row, strict=True):
                cell.paragraphs[0].add_run(words)
            added._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for column, width in zip(table.columns, widths_cm, strict=True):
            column.width = Cm(width)
        for row_cells in table.rows:
            for cell, width in zip(row_cells.cells, widths_cm, strict=True):
                cell.width = Cm(width)
                cell.paragraphs[0].paragraph_format.space_after = Pt(2)
        self.document.add_paragraph()

    def save(self, path: Path) -> None:
        """Put the contents in and write the file."""
        _write_contents(self._contents, self._headings)
        self.document.save(str(path))


# ---- fields ---------------------------------------------------------------------------------------------------


def _field_part(kind: str) -> Any:
    part = OxmlElement("w:fldChar")
    part.set(qn("w:fldCharType"), kind)
    return part


def _field(paragraph: Any, code: str, shown: str) -> None:
    """A field with the result that is shown until a word processor works it out."""
    instruction = OxmlElement("w:instrText")
    instruction.set(qn("xml:space"), "preserve")
    instruction.text = f" {code} "
    for part in (_field_part("begin"), instruction, _field_part("separate")):
        paragraph.add_run()._r.append(part)
    paragraph.add_run(shown)
    paragraph.add_run()._r.append(_field_part("end"))


def _bookmark(paragraph: Any, name: str, number: int) -> None:
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for part in (start, end):
        part.set(qn("w:id"), str(number))
    start.set(qn("w:name"), name)
    paragraph._p.insert(1 if paragraph._p.pPr is not None else 0, start)
    paragraph._p.append(end)


def _write_contents(place: Any, headings: Sequence[tuple[int, str, str]]) -> None:
    """A contents field whose result is written out already: links that work in any reader, refreshed by a word processor."""
    instruction = OxmlElement("w:instrText")
    instruction.set(qn("xml:space"), "preserve")
    instruction.text = ' TOC \\o "1-2" \\h \\z \\u '
    for part in (_field_part("begin"), instruction, _field_part("separate")):
        place.add_run()._r.append(part)
    place.paragraph_format.space_after = Pt(0)
    last = place
    for level, text, name in headings:
        entry = OxmlElement("w:p")
        last._p.addnext(entry)
        paragraph = type(place)(entry, place._parent)
        paragraph.paragraph_format.left_indent = Cm(0.7 * (level - 1))
        paragraph.paragraph_format.space_after = Pt(2)
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), name)
        link.append(paragraph.add_run(text)._r)
        paragraph._p.append(link)
        last = paragraph
    last.add_run()._r.append(_field_part("end"))


def _shade(cell: Any, colour: str) -> None:
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), colour)
    cell._tc.get_or_add_tcPr().append(shade)


# ---- the facilitator guide ------------------------------------------------------------------------------------


def write_guide(pack: Pack, path: Path) -> None:
    """The facilitator guide: agenda, talk, cases with model answers, quiz with its key, sources."""
    paper = _Paper(pack.title, f"Facilitator guide · {pack.request.minutes} minutes · {pack.request.level}", pack)
    paper.heading("At a glance", 1, new_page=True)
    paper.text(
        f"For {audience_name(pack.request.audience)}. The pack has slides, a participant handout, a self-assessment workbook and this guide."
    )
    _agenda(paper)
    for chapter in pack.chapters:
        _guide_chapter(paper, chapter)
    _references(paper)
    paper.heading("How this pack was checked", 1)
    paper.text(
        f"{pack.checked} sentences that state guidance were held against the clauses that they cite; {len(pack.replacements)} of them "
        "were replaced by the digest's own sentence (report.md lists them). Cases, tasks, wrong options and the agenda are teaching "
        "text: invented, or advice of trainers, and not part of any standard."
    )
    for notice in pack.notices:
        paper.text(notice)
    paper.save(path)


def _agenda(paper: _Paper) -> None:
    paper.heading("Agenda", 2)
    rows = [(clock_time(a.start), str(a.minutes), a.title, a.method) for a in paper.pack.agenda]
    rows.append((clock_time(sum(a.minutes for a in paper.pack.agenda)), "", "End", ""))
    paper.table(("From", "Minutes", "What", "How"), rows, (1.6, 1.8, 8, 5))


def _guide_chapter(paper: _Paper, chapter: Chapter) -> None:
    paper.heading(chapter.title, 1, new_page=True)
    paper.text(f"To open: “{chapter.introduction.text}”", italic=True)
    paper.heading(f"Objectives: {chapter.title}", 2)
    paper.text("Afterwards participants can:")
    paper.lines(chapter.objectives)
    paper.heading(f"Talk: {chapter.title}", 2)
    for facet, lines in chapter.points.items():
        if lines:
            paper.heading(FACET_TITLES[facet][:1].upper() + FACET_TITLES[facet][1:], 3)
            paper.lines(lines)
    _plan_example(paper, chapter)
    for exercise in chapter.exercises:
        _case(paper, exercise, answers=True)
    if chapter.spare:
        paper.text("In reserve, in the teaching stock: " + "; ".join(chapter.spare) + ".")
    _quiz_key(paper, chapter)
    paper.heading(f"Where we stand: {chapter.title}", 2)
    paper.text(
        "Teams rate each statement from 1 (not at all) to 5 (fully), alone first, then together (self-assessment.xlsx)."
    )
    paper.lines(chapter.ratings)
    for heading, lines in source_sections(chapter):
        paper.heading(f"{heading}: {chapter.title}", 2)
        paper.lines(lines)


def _plan_example(paper: _Paper, chapter: Chapter) -> None:
    if chapter.plan_lines:
        paper.heading(f"Worked example from our plans: {chapter.title}", 2)
        for line in chapter.plan_lines:
            paper.text(f"“{line.text}”", line.citations)
        paper.text("Ask: which of the points above does each sentence meet, and which one is not there yet?")


def _case(paper: _Paper, exercise: Exercise, *, answers: bool) -> None:
    paper.heading(f"Case: {exercise.title.text}", 2)
    paper.text(exercise.situation.text)
    for task in exercise.tasks:
        paper.text(task.text, style="List Bullet")
        if not answers:
            for _ in range(_LINES_TO_WRITE):
                paper.text("_" * 78)
    if answers:
        paper.heading("Model answer", 3)
        paper.lines(exercise.answer)


def _quiz_key(paper: _Paper, chapter: Chapter) -> None:
    paper.heading(f"Quiz and answer key: {chapter.title}", 2)
    for number, question in enumerate(chapter.questions, 1):
        _ask(paper, number, question)
        right = question.right
        paper.text(f"Right: {right.letter}. {question.reason.text}", question.reason.citations)
        for option in question.options:
            if not option.right:
                paper.text(f"{option.letter} is wrong: {option.why}", option.citations, "List Bullet")


def _ask(paper: _Paper, number: int, question: Question) -> None:
    paragraph = paper.document.add_paragraph()
    paragraph.paragraph_format.keep_with_next = True
    paragraph.add_run(f"{number}. {question.question.text}").bold = True
    for option in question.options:
        choice = paper.document.add_paragraph(f"{option.letter}  {option.line.text}")
        choice.paragraph_format.left_indent, choice.paragraph_format.space_after = Cm(0.6), Pt(2)
        choice.paragraph_format.keep_with_next = option is not question.options[-1]


def _references(paper: _Paper) -> None:
    paper.heading("Sources", 1, new_page=True)
    rows = [
        (r.label, f"{r.title}{f', edition {r.edition}' if r.edition else ''}", ", ".join(r.clauses), r.licence)
        for r in paper.pack.references
    ]
    paper.table(("Source", "Title", "Cited places", "Licence"), rows, (2.9, 4.6, 5, 3.9))


# ---- the participant handout ----------------------------------------------------------------------------------


def write_handout(pack: Pack, path: Path) -> None:
    """The participant handout: key points, cases with room to write, quiz without its key, sources."""
    paper = _Paper(pack.title, f"Participant handout · {pack.request.minutes} minutes", pack)
    paper.heading("Today", 1)
    _agenda(paper)
    for chapter in pack.chapters:
        paper.heading(chapter.title, 1, new_page=True)
        paper.text("By the end of this part you can:")
        paper.lines(chapter.objectives)
        paper.heading(f"Key points: {chapter.title}", 2)
        for lines in chapter.points.values():
            paper.lines(lines)
        _plan_example(paper, chapter)
        for exercise in chapter.exercises:
            _case(paper, exercise, answers=False)
        paper.heading(f"Quiz: {chapter.title}", 2)
        for number, question in enumerate(chapter.questions, 1):
            _ask(paper, number, question)
        paper.heading(f"Where we stand: {chapter.title}", 2)
        rows = [(f"{r.text} [{labels(r.citations, pack)}]", "", "", "", "", "") for r in chapter.ratings]
        paper.table(("1 not at all, 5 fully", "1", "2", "3", "4", "5"), rows, (12.4, 0.8, 0.8, 0.8, 0.8, 0.8))
    _references(paper)
    paper.save(path)
