"""Pack -> self-assessment workbook (XLSX): a sheet for each principle or stage, and one for the sources."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from assistant.workshop.deck import labels
from assistant.workshop.pack import Chapter, Pack

_HEAD = ("Statement", "Source", "Rating 1 to 5", "What shows it", "Next step", "Who, by when")
_WIDTHS = (58, 30, 14, 34, 34, 20)
_FIRST_ROW = 5
_NAVY = "1B365D"
_LINE = Side(style="thin", color="B8C4CE")
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


def write_sheets(pack: Pack, path: Path) -> None:
    """Write the workbook; ratings are checked as whole numbers from 1 to 5, and each sheet shows their mean."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for chapter in pack.chapters:
        _sheet(book.create_sheet(_sheet_name(chapter, book.sheetnames)), chapter, pack)
    _sources(book.create_sheet("Sources"), pack)
    book.properties.title, book.properties.creator = pack.title, ""
    book.save(path)


def _sheet_name(chapter: Chapter, taken: list[str]) -> str:
    name = chapter.title.translate(_FORBIDDEN).strip()[:31]
    return name if name not in taken else f"{name[:23]} {chapter.unit_id.split('/')[0][:6]}"


def _sheet(sheet: Any, chapter: Chapter, pack: Pack) -> None:
    sheet["A1"], sheet["A1"].font = (
        f"{chapter.title}: where we stand",
        Font(name="Arial", size=14, bold=True, color=_NAVY),
    )
    sheet["A2"] = "Rate each statement from 1 (not at all) to 5 (fully). Rate alone first, then compare."
    last = _FIRST_ROW + len(chapter.ratings) - 1
    sheet["B3"], sheet["B3"].alignment = "Mean rating", Alignment(horizontal="right")
    sheet["C3"] = f'=IF(COUNT(C{_FIRST_ROW}:C{last})=0,"",AVERAGE(C{_FIRST_ROW}:C{last}))'
    sheet["C3"].number_format = "0.0"
    for column, (words, width) in enumerate(zip(_HEAD, _WIDTHS, strict=True), 1):
        cell = sheet.cell(_FIRST_ROW - 1, column, words)
        cell.font, cell.fill = Font(name="Arial", bold=True, color="FFFFFF"), PatternFill("solid", fgColor=_NAVY)
        sheet.column_dimensions[get_column_letter(column)].width = width
    for row, line in enumerate(chapter.ratings, _FIRST_ROW):
        for column, content in enumerate((line.text, labels(line.citations, pack), "", "", "", ""), 1):
            cell = sheet.cell(row, column)
            _put(cell, content)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.border, cell.font = Border(bottom=_LINE), Font(name="Arial", size=10)
        sheet.row_dimensions[row].height = 15 * max(2, -(-len(line.text) // 52))
    check = DataValidation(type="whole", operator="between", formula1="1", formula2="5", allow_blank=True)
    check.error, check.errorTitle = "Give a whole number from 1 to 5.", "Rating"
    sheet.add_data_validation(check)
    check.add(f"C{_FIRST_ROW}:C{last}")
    sheet.freeze_panes = f"A{_FIRST_ROW}"
    _print_setup(sheet)


def _sources(sheet: Any, pack: Pack) -> None:
    for column, (words, width) in enumerate(
        (("Source", 26), ("Title", 70), ("Edition", 12), ("Licence", 50), ("Cited places", 60)), 1
    ):
        cell = sheet.cell(1, column, words)
        cell.font, cell.fill = Font(name="Arial", bold=True, color="FFFFFF"), PatternFill("solid", fgColor=_NAVY)
        sheet.column_dimensions[get_column_letter(column)].width = width
    for row, r in enumerate(pack.references, 2):
        for column, words in enumerate((r.label, r.title, r.edition, r.licence, ", ".join(r.clauses)), 1):
            cell = sheet.cell(row, column)
            _put(cell, words)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(name="Arial", size=10)
    _print_setup(sheet)


def _print_setup(sheet: Any) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.right.text = "Page &P of &N"


def _put(cell: Any, words: str) -> None:
    """Write words as words: no spreadsheet may take them for a formula."""
    if words:
        cell.value = words
        cell.data_type = "s"
