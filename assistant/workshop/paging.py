"""A slide that is too full -> several that fit, each with the size at which it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.workshop.deck import Paragraph, Slide
from assistant.workshop.fitting import Run, count_lines, fitting_size, height

LARGEST, SMALLEST = 24.0, 16.0
CASE_SMALLEST = 13.0
TABLE_SIZES, CELL_MARGIN_PT = (16.0, 15.0, 14.0, 13.0), 5.0
COLUMN_GAP = 0.04
LEFT_COLUMN = 0.6
# Superscript numbers behind a sentence take about this many characters.
_MARK = " 00"
INDENT_EM = {"bullet": 1.1, "option": 1.6, "plain": 0.0, "heading": 0.0}


@dataclass(frozen=True, slots=True)
class Page:
    """A slide that fits, and how.

    Attributes:
        slide: Its content; `slide.id` of further pages ends in "~2", "~3".
        size: Size of its text in points.
        row_heights: Of its table's rows, in points.
    """

    slide: Slide
    size: float
    row_heights: tuple[float, ...] = ()


def paginate(slide: Slide, width_pt: float, height_pt: float) -> list[Page]:
    """The pages of one slide.

    Args:
        slide: Content of any length.
        width_pt: Width of the body in points.
        height_pt: Height of the body in points.
    """
    if slide.kind == "table":
        pages = _table_pages(slide, width_pt, height_pt)
    elif slide.kind == "columns":
        pages = _column_pages(slide, width_pt, height_pt)
    else:
        pages = _text_pages(slide, width_pt, height_pt)
    if len(pages) == 1:
        return pages
    return [
        replace(
            p,
            slide=replace(
                p.slide, id=f"{slide.id}~{i}" if i > 1 else slide.id, title=f"{slide.title} ({i} of {len(pages)})"
            ),
        )
        for i, p in enumerate(pages, 1)
    ]


def runs_of(paragraphs: Sequence[Paragraph]) -> list[Run]:
    """Paragraphs as they are measured."""
    return [
        Run(
            p.text + _MARK * bool(p.citations),
            scale=1.0,
            bold=p.style == "heading",
            indent_em=INDENT_EM[p.style],
            after_em=0.6,
        )
        for p in paragraphs
    ]


def _text_pages(slide: Slide, width: float, height_pt: float) -> list[Page]:
    size = fitting_size(runs_of(slide.body), width, height_pt, LARGEST, SMALLEST)
    if size is not None:
        return [Page(slide, size)]
    parts = _even_parts(list(slide.body), width, height_pt, SMALLEST + 2)
    pages = []
    for part in parts:
        fits = fitting_size(runs_of(part), width, height_pt, LARGEST, SMALLEST)
        pages.append(Page(replace(slide, body=tuple(part)), fits or SMALLEST))
    size = min(p.size for p in pages)
    return [replace(p, size=size) for p in pages]


def _even_parts(paragraphs: list[Paragraph], width: float, height_pt: float, size: float) -> list[list[Paragraph]]:
    """As few parts as will fit, of nearly equal height; a paragraph that no page holds is cut between words."""
    whole = [p for paragraph in paragraphs for p in _pieces(paragraph, width, height_pt, size)]
    for count in range(2, len(whole) + 1):
        target = height(runs_of(whole), width, size) / count
        parts: list[list[Paragraph]] = [[]]
        for paragraph in whole:
            grown = height(runs_of([*parts[-1], paragraph]), width, size)
            last = len(parts) == count
            if parts[-1] and (grown > height_pt or (not last and grown > target * 1.15)):
                parts.append([])
            parts[-1].append(paragraph)
        if len(parts) <= count and all(height(runs_of(p), width, size) <= height_pt for p in parts):
            return parts
    return [[p] for p in whole]


def _pieces(paragraph: Paragraph, width: float, height_pt: float, size: float) -> list[Paragraph]:
    if height(runs_of([paragraph]), width, size) <= height_pt:
        return [paragraph]
    words, pieces, start = paragraph.text.split(), [], 0
    while start < len(words):
        end = len(words)
        while (
            end > start + 1
            and height(runs_of([replace(paragraph, text=" ".join(words[start:end]))]), width, size) > height_pt
        ):
            end -= max(1, (end - start) // 10)
        pieces.append(replace(paragraph, text=" ".join(words[start:end])))
        start = end
    return pieces


def _column_pages(slide: Slide, width: float, height_pt: float) -> list[Page]:
    left, right = width * (LEFT_COLUMN - COLUMN_GAP / 2), width * (1 - LEFT_COLUMN - COLUMN_GAP / 2) - 14
    sizes = [
        fitting_size(runs_of(part), w, height_pt - 14, 20.0, CASE_SMALLEST)
        for part, w in ((slide.body, left), (slide.aside, right))
    ]
    if all(sizes):
        return [Page(slide, min(s for s in sizes if s))]
    situation = replace(slide, kind="text", aside=())
    tasks = replace(slide, kind="text", body=slide.aside, aside=())
    return [*_text_pages(situation, width, height_pt), *_text_pages(tasks, width, height_pt)]


def _table_pages(slide: Slide, width: float, height_pt: float) -> list[Page]:
    """The largest size that takes one page; else the smallest, over as few pages as that takes."""
    for size in TABLE_SIZES:
        heights = tuple(row_height(r, slide.widths, width, size) for r in slide.rows)
        if sum(heights) <= height_pt:
            return [Page(slide, size, heights)]
    return _split_table(slide, width, height_pt, TABLE_SIZES[-1])


def _split_table(slide: Slide, width: float, height_pt: float, size: float) -> list[Page]:
    head, *rows = slide.rows
    heights = [row_height(r, slide.widths, width, size) for r in rows]
    top = row_height(head, slide.widths, width, size)
    parts: list[list[int]] = [[]]
    whole = sum(heights)
    needed = max(1, -(-int(whole) // int(height_pt - top)))
    target = whole / needed * 1.1 if needed > 1 else height_pt
    for i, row in enumerate(heights):
        used = sum(heights[j] for j in parts[-1])
        full = used + row > height_pt - top or (len(parts) < needed and used + row / 2 > target)
        if parts[-1] and full:
            parts.append([])
        parts[-1].append(i)
    return [
        Page(replace(slide, rows=(head, *(rows[i] for i in part))), size, (top, *(heights[i] for i in part)))
        for part in parts
    ]


def row_height(row: Sequence[Paragraph], widths: Sequence[float], width_pt: float, size: float) -> float:
    """Height of a table row in points: that of its fullest cell."""
    lines = max(
        count_lines(p.text + _MARK * bool(p.citations), share * width_pt - 2 * 7.2, size)
        for p, share in zip(row, widths, strict=True)
    )
    return lines * size * 1.2 + 2 * CELL_MARGIN_PT
