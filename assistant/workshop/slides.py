"""Slides -> PPTX: native text and tables, the sources in each slide's footer, never more than fits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.util import Emu, Pt

from assistant.workshop.deck import SITUATION, TASKS, Paragraph, Slide, labels
from assistant.workshop.fitting import Run, fitting_size
from assistant.workshop.pack import Pack
from assistant.workshop.paging import CELL_MARGIN_PT, COLUMN_GAP, INDENT_EM, LEFT_COLUMN, Page, paginate
from assistant.workshop.template import NAVY, TEAL, Box, Template, open_template

_GREY, _DARK, _PALE = RGBColor(0x55, 0x5F, 0x69), RGBColor(0x22, 0x2B, 0x33), RGBColor(0xEA, 0xF1, 0xF5)
_WHITE = RGBColor(0xFF, 0xFF, 0xFF)
_TITLE_LARGEST, _TITLE_SMALLEST = 28.0, 18.0
_FOOTER_LARGEST, _FOOTER_SMALLEST = 11.0, 8.0
_NUMBER_WIDTH_PT = 40
_FIELD = (
    '<a:fld xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" id="{{5C1E9A1B-0F1C-4E0C-9F55-5B1A3E6C7D10}}" '
    'type="slidenum"><a:rPr lang="en-GB" sz="1000"><a:solidFill><a:srgbClr val="555F69"/></a:solidFill></a:rPr><a:t>{number}</a:t></a:fld>'
)


def write_slides(pack: Pack, slides: Sequence[Slide], path: Path) -> list[Slide]:
    """Draw the slides.

    Args:
        pack: For labels and titles.
        slides: In the order in which they are shown.
        path: The .pptx to write.

    Returns:
        Each page that was drawn as a slide; ids of pages beyond a slide's first end in "~2", "~3".

    Raises:
        WorkshopError: The organisation's template cannot be used.
    """
    template = open_template(pack.request.template)
    drawn: list[Slide] = []
    for slide in slides:
        for page in _pages(slide, template, pack):
            _draw(page, template, pack, len(drawn) + 1)
            drawn.append(page.slide)
    properties = template.presentation.core_properties
    properties.title, properties.language, properties.author = pack.title, "en-GB", ""
    template.presentation.save(str(path))
    return drawn


def _pages(slide: Slide, template: Template, pack: Pack) -> list[Page]:
    """Pages whose footers fit too: where the sources take too many lines, the text is spread over more slides."""
    if slide.kind == "title":
        return [Page(slide, 20.0)]
    body = template.body
    for share in (1.0, 0.75, 0.55, 0.4, 0.3):
        pages = paginate(slide, body.width_pt, body.height_pt * share)
        if all(_footer_size(footer_text(p.slide, pack), template) is not None for p in pages):
            return pages
    return pages


def footer_text(slide: Slide, pack: Pack) -> str:
    """The numbers of a slide and the clauses that they stand for."""
    sources = [f"{i} {labels((c,), pack)}" for i, c in enumerate(slide.citations(), 1)]
    return " · ".join(([slide.remark] if slide.remark else []) + sources)


def _footer_size(text: str, template: Template) -> float | None:
    box = template.footer
    return fitting_size(
        [Run(text, after_em=0)], box.width_pt - _NUMBER_WIDTH_PT, box.height_pt, _FOOTER_LARGEST, _FOOTER_SMALLEST
    )


def _draw(page: Page, template: Template, pack: Pack, number: int) -> None:
    slide = page.slide
    layout = {"title": template.title_layout, "text": template.text_layout}.get(slide.kind, template.plain_layout)
    drawn = template.presentation.slides.add_slide(layout)
    drawn._element.find(qn("p:cSld")).set("name", slide.id)
    _set_title(drawn, slide, template)
    if slide.kind == "title":
        _draw_subtitle(drawn, slide)
        return
    marks = {c: i for i, c in enumerate(slide.citations(), 1)}
    if slide.kind == "text":
        holder = _body_placeholder(drawn)
        _put(holder, template.body)
        _fill(holder.text_frame, slide.body, page.size, marks)
    elif slide.kind == "columns":
        _draw_columns(drawn, page, template.body, marks)
    else:
        _draw_table(drawn, page, template.body, marks)
    _drop_empty_placeholders(drawn)
    _draw_footer(drawn, footer_text(slide, pack), template, number)
    _write_notes(drawn, slide, pack)


def _set_title(drawn: Any, slide: Slide, template: Template) -> None:
    title = drawn.shapes.title
    title.text_frame.text = slide.title
    if slide.kind == "title":
        box, largest = Box(title.left, title.top, title.width, title.height), 36.0
    else:
        box, largest = template.title, _TITLE_LARGEST
    run = Run(slide.title, bold=True, after_em=0)
    size = fitting_size([run], box.width_pt - 15, box.height_pt - 8, largest, _TITLE_SMALLEST) or _TITLE_SMALLEST
    title.text_frame.paragraphs[0].runs[0].font.size = Pt(size)


def _draw_subtitle(drawn: Any, slide: Slide) -> None:
    holders = [p for p in drawn.placeholders if p != drawn.shapes.title and p.placeholder_format.idx != 0]
    if holders:
        holders[0].text_frame.text = slide.body[0].text
    for other in holders[1:]:
        other._element.getparent().remove(other._element)
    drawn.notes_slide.notes_text_frame.text = "\n".join(slide.notes)


def _body_placeholder(drawn: Any) -> Any:
    return next(p for p in drawn.placeholders if p.placeholder_format.idx != 0 and p.has_text_frame)


def _drop_empty_placeholders(drawn: Any) -> None:
    """A layout may have more places than a slide needs; an empty one would show "Click to add text"."""
    for holder in list(drawn.placeholders):
        if holder.has_text_frame and not holder.text_frame.text.strip():
            holder._element.getparent().remove(holder._element)


def _put(shape: Any, box: Box) -> None:
    shape.left, shape.top, shape.width, shape.height = (Emu(v) for v in (box.left, box.top, box.width, box.height))


def _fill(frame: Any, paragraphs: Sequence[Paragraph], size: float, marks: dict[str, int], *, inset: int = 0) -> None:
    frame.word_wrap = True
    frame.auto_size = MSO_AUTO_SIZE.NONE
    frame.vertical_anchor = MSO_ANCHOR.TOP
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = Emu(inset)
    for index, paragraph in enumerate(paragraphs):
        target = frame.paragraphs[0] if index == 0 else frame.add_paragraph()
        _write(target, paragraph, size, marks)
        target.space_after, target.space_before, target.line_spacing = Pt(size * 0.6), Pt(0), 1.0
        _set_bullet(target, paragraph.style, size)


def _write(target: Any, paragraph: Paragraph, size: float, marks: dict[str, int]) -> None:
    run = target.add_run()
    run.text = paragraph.text
    run.font.size = Pt(size)
    run.font.color.rgb = NAVY if paragraph.style == "heading" else _DARK
    run.font.bold = paragraph.style == "heading"
    if paragraph.citations:
        note = target.add_run()
        note.text = "\u00a0" + ",".join(str(marks[c]) for c in paragraph.citations)
        note.font.size = Pt(size)
        note.font.color.rgb = TEAL
        note.font._element.set("baseline", "30000")


def _set_bullet(target: Any, style: str, size: float) -> None:
    properties = target._p.get_or_add_pPr()
    for child in list(properties):
        if child.tag in (qn("a:buNone"), qn("a:buChar"), qn("a:buAutoNum")):
            properties.remove(child)
    indent = int(INDENT_EM[style] * size * 12700)
    properties.set("marL", str(indent))
    properties.set("indent", str(-indent))
    name = '<a:buChar char="•" {}/>' if style == "bullet" else "<a:buNone {}/>"
    properties.append(parse_xml(name.format('xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"')))


def _draw_columns(drawn: Any, page: Page, area: Box, marks: dict[str, int]) -> None:
    left_width = int(area.width * (LEFT_COLUMN - COLUMN_GAP / 2))
    right_left = area.left + int(area.width * (LEFT_COLUMN + COLUMN_GAP / 2))
    boxes = (
        (SITUATION, page.slide.body, Box(area.left, area.top, left_width, area.height), 0, False),
        (
            TASKS,
            page.slide.aside,
            Box(right_left, area.top, area.left + area.width - right_left, area.height),
            88900,
            True,
        ),
    )
    for name, paragraphs, box, inset, shaded in boxes:
        shape = drawn.shapes.add_textbox(*(Emu(v) for v in (box.left, box.top, box.width, box.height)))
        shape.name = name
        if shaded:
            shape.fill.solid()
            shape.fill.fore_color.rgb = _PALE
        _fill(shape.text_frame, paragraphs, page.size, marks, inset=inset)


def _draw_table(drawn: Any, page: Page, area: Box, marks: dict[str, int]) -> None:
    rows = page.slide.rows
    height = Pt(sum(page.row_heights))
    frame = drawn.shapes.add_table(len(rows), len(rows[0]), Emu(area.left), Emu(area.top), Emu(area.width), height)
    frame.name = page.slide.title
    table = frame.table
    for column, share in zip(table.columns, page.slide.widths, strict=True):
        column.width = Emu(int(area.width * share))
    for number, (row, cells, points) in enumerate(zip(table.rows, rows, page.row_heights, strict=True)):
        row.height = Pt(points)
        for cell, paragraph in zip(row.cells, cells, strict=True):
            _fill_cell(cell, paragraph, page.size, marks, head=number == 0, odd=number % 2 == 1)


def _fill_cell(cell: Any, paragraph: Paragraph, size: float, marks: dict[str, int], *, head: bool, odd: bool) -> None:
    cell.margin_top = cell.margin_bottom = Pt(CELL_MARGIN_PT)
    cell.margin_left = cell.margin_right = Pt(7.2)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    cell.fill.solid()
    cell.fill.fore_color.rgb = NAVY if head else (_PALE if odd else _WHITE)
    target = cell.text_frame.paragraphs[0]
    cell.text_frame.word_wrap = True
    _write(target, paragraph, size, marks)
    if head:
        target.runs[0].font.color.rgb, target.runs[0].font.bold = _WHITE, True


def _draw_footer(drawn: Any, text: str, template: Template, number: int) -> None:
    box = template.footer
    if text:
        shape = drawn.shapes.add_textbox(
            Emu(box.left), Emu(box.top), Emu(box.width) - Pt(_NUMBER_WIDTH_PT), Emu(box.height)
        )
        shape.name = "Sources"
        frame = shape.text_frame
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.BOTTOM
        run = frame.paragraphs[0].add_run()
        run.text = text
        run.font.size = Pt(_footer_size(text, template) or _FOOTER_SMALLEST)
        run.font.color.rgb = _GREY
    corner = drawn.shapes.add_textbox(
        Emu(box.left + box.width) - Pt(_NUMBER_WIDTH_PT), Emu(box.top), Pt(_NUMBER_WIDTH_PT), Emu(box.height)
    )
    corner.name = "Slide number"
    corner.text_frame.margin_left = corner.text_frame.margin_right = corner.text_frame.margin_top = (
        corner.text_frame.margin_bottom
    ) = 0
    corner.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM
    paragraph = corner.text_frame.paragraphs[0]
    paragraph._p.get_or_add_pPr().set("algn", "r")
    paragraph._p.append(parse_xml(_FIELD.format(number=number)))


def _write_notes(drawn: Any, slide: Slide, pack: Pack) -> None:
    lines = list(slide.notes)
    if slide.citations():
        lines += [
            "Sources:",
            *(f"{i} {pack.label(c)} {pack.headings.get(c, '')}".rstrip() for i, c in enumerate(slide.citations(), 1)),
        ]
    drawn.notes_slide.notes_text_frame.text = "\n".join(lines)
