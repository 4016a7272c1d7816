"""Word documents are read as Word shows them: numbers computed, hidden words and deletions gone."""

from __future__ import annotations

import io
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor

from assistant.sources.document import Document
from assistant.sources.docx_numbering import format_number
from assistant.sources.reading import read_bytes

_SCHEME = """
<w:abstractNum {ns} w:abstractNumId="{abstract}"><w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>
"""
_LEVEL = (
    '<w:lvl w:ilvl="{depth}"><w:start w:val="1"/>{style}<w:numFmt w:val="{form}"/><w:lvlText w:val="{pattern}"/>'
    '<w:pPr><w:ind w:left="{left}" w:hanging="360"/></w:pPr></w:lvl>'
)


def read(word: Any) -> Document:
    stream = io.BytesIO()
    word.save(stream)
    return read_bytes(stream.getvalue(), "sample.docx")


def texts(word: Any) -> list[str]:
    return [block.text for block in read(word).blocks]


def add_scheme(word: Any, number: int, levels: list[tuple[str, str]], styles: tuple[str, ...] = ()) -> None:
    """Define numbering `number` with (form, pattern) for each level, linked to styles where given."""
    root = word.part.numbering_part.element
    parts = "".join(
        _LEVEL.format(
            depth=depth,
            form=form,
            pattern=pattern,
            left=360 * (depth + 1),
            style=f'<w:pStyle w:val="{styles[depth]}"/>' if depth < len(styles) else "",
        )
        for depth, (form, pattern) in enumerate(levels)
    )
    root.insert(0, parse_xml(_SCHEME.format(ns=nsdecls("w"), abstract=900 + number, levels=parts)))
    root.append(
        parse_xml(f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{900 + number}"/></w:num>')
    )


def numbered(paragraph: Any, number: int, depth: int = 0) -> None:
    properties = paragraph._p.get_or_add_pPr()
    properties.append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>')
    )


def test_headings_are_known_by_built_in_style_by_base_style_and_by_outline_level() -> None:
    word = docx.Document()
    word.add_heading("Plan", level=2)
    own = word.styles.add_style("Kapitel", 1)
    own.base_style = word.styles["Heading 1"]
    word.add_paragraph("Teil", style=own)
    outlined = word.add_paragraph("Part")
    outlined._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="3"/>'))
    body = word.add_paragraph("Body")
    body._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="9"/>'))
    assert [(block.kind, block.level) for block in read(word).blocks] == [
        ("heading", 2),
        ("heading", 1),
        ("heading", 4),
        ("paragraph", 0),
    ]


def test_generated_heading_numbers_stand_in_the_text() -> None:
    word = docx.Document()
    patterns = [("decimal", "%1"), ("decimal", "%1.%2"), ("decimal", "%1.%2.%3")]
    add_scheme(word, 50, patterns, ("Heading1", "Heading2", "Heading3"))
    for level in (1, 2, 3):
        properties = word.styles[f"Heading {level}"].element.get_or_add_pPr()
        properties.append(parse_xml(f'<w:numPr {nsdecls("w")}><w:numId w:val="50"/></w:numPr>'))
    for title, level in (("A", 1), ("B", 2), ("C", 3), ("D", 3), ("E", 2), ("F", 3), ("G", 1), ("H", 2)):
        word.add_heading(title, level=level)
    assert texts(word) == ["1 A", "1.1 B", "1.1.1 C", "1.1.2 D", "1.2 E", "1.2.1 F", "2 G", "2.1 H"]


def test_list_markers_are_computed_and_depth_follows_indentation() -> None:
    word = docx.Document()
    add_scheme(word, 51, [("lowerLetter", "%1)"), ("decimal", "%2)"), ("bullet", "•")])
    word.add_paragraph("We should:")
    for words, depth in (
        ("plan;", 0),
        ("act:", 0),
        ("start;", 1),
        ("stop;", 1),
        ("now;", 2),
        ("look back.", 0),
    ):
        numbered(word.add_paragraph(words), 51, depth)
    assert [(block.marker, block.level, block.text) for block in read(word).blocks[1:]] == [
        ("a)", 1, "plan;"),
        ("b)", 1, "act:"),
        ("1)", 2, "start;"),
        ("2)", 2, "stop;"),
        ("-", 3, "now;"),
        ("c)", 1, "look back."),
    ]


def test_a_restarted_list_counts_from_its_start_again() -> None:
    word = docx.Document()
    add_scheme(word, 52, [("lowerLetter", "%1)")])
    root = word.part.numbering_part.element
    root.append(
        parse_xml(
            f'<w:num {nsdecls("w")} w:numId="53"><w:abstractNumId w:val="952"/>'
            '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
        )
    )
    for number in (52, 52, 53, 53, 52):
        numbered(word.add_paragraph("x"), number)
    assert [block.marker for block in read(word).blocks] == ["a)", "b)", "a)", "b)", "c)"]


def test_word_list_styles_are_items() -> None:
    word = docx.Document()
    word.add_paragraph("plan", style="List Bullet")
    word.add_paragraph("softly", style="List Bullet 2")
    word.add_paragraph("act", style="List Number")
    assert [(block.kind, block.level, block.marker) for block in read(word).blocks] == [
        ("item", 1, "-"),
        ("item", 2, "-"),
        ("item", 1, "1."),
    ]


def test_typed_markers_and_notes_are_recognised() -> None:
    word = docx.Document()
    word.add_paragraph("a) plan:")
    nested = word.add_paragraph("1) start")
    nested.paragraph_format.left_indent = Cm(1)
    word.add_paragraph("NOTE Softly.")
    assert [(block.kind, block.level, block.marker) for block in read(word).blocks] == [
        ("item", 1, "a)"),
        ("item", 2, "1)"),
        ("note", 0, ""),
    ]


def test_hidden_white_and_tiny_words_are_dropped_but_white_on_colour_is_read() -> None:
    word = docx.Document()
    paragraph = word.add_paragraph("Seen")
    paragraph.add_run(" vanished").font.hidden = True
    paragraph.add_run(" white").font.color.rgb = RGBColor(255, 255, 255)
    paragraph.add_run(" tiny").font.size = Pt(1)
    cell = word.add_table(rows=1, cols=2).rows[0].cells
    cell[0]._tc.get_or_add_tcPr().append(parse_xml(f'<w:shd {nsdecls("w")} w:fill="1F3864"/>'))
    cell[0].paragraphs[0].add_run("Shown").font.color.rgb = RGBColor(255, 255, 255)
    cell[1].paragraphs[0].add_run("x")
    assert texts(word) == ["Seen", "Shown\tx"]


def test_a_hidden_paragraph_style_hides_its_words() -> None:
    word = docx.Document()
    word.styles.add_style("Secret", 1).font.hidden = True
    word.add_paragraph("not this", style="Secret")
    word.add_paragraph("Seen.")
    assert texts(word) == ["Seen."]


def test_tracked_deletions_go_and_insertions_stay() -> None:
    word = docx.Document()
    paragraph = word.add_paragraph("We ")
    paragraph._p.append(
        parse_xml(f'<w:del {nsdecls("w")} w:id="1" w:author="x"><w:r><w:delText>never </w:delText></w:r></w:del>')
    )
    paragraph._p.append(parse_xml(f'<w:ins {nsdecls("w")} w:id="2" w:author="x"><w:r><w:t>meet.</w:t></w:r></w:ins>'))
    assert texts(word) == ["We meet."]


def test_content_controls_are_read() -> None:
    word = docx.Document()
    word.element.body.insert(
        0,
        parse_xml(
            f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>Inside.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        ),
    )
    assert texts(word) == ["Inside."]


def test_tables_stand_in_reading_order_with_nested_and_merged_cells() -> None:
    word = docx.Document()
    word.add_paragraph("Before.")
    table = word.add_table(rows=3, cols=2)
    table.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    for place, words in enumerate(("Part", "Element", "Trust", "Meet.", "", "Talk.")):
        table.rows[place // 2].cells[place % 2].text = words
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(2, 1).add_table(rows=1, cols=2).rows[0].cells[1].text = "inner"
    word.add_paragraph("After.")
    assert [(block.marker, block.text) for block in read(word).blocks] == [
        ("", "Before."),
        ("header", "Part\tElement"),
        ("", "Trust\tMeet."),
        ("", "Trust\tTalk."),
        ("", "inner"),
        ("", "After."),
    ]


def test_automatic_numbers_in_a_first_column_are_cells() -> None:
    word = docx.Document()
    add_scheme(word, 54, [("decimal", "%1")])
    table = word.add_table(rows=2, cols=2)
    for row, words in zip(table.rows, ("Meet.", "Talk."), strict=True):
        numbered(row.cells[0].paragraphs[0], 54)
        row.cells[1].text = words
    assert [block.cells for block in read(word).blocks] == [("1", "Meet."), ("2", "Talk.")]


def test_a_heading_in_a_table_that_only_arranges_the_page_is_a_heading() -> None:
    word = docx.Document()
    cell = word.add_table(rows=1, cols=1).rows[0].cells[0]
    cell.paragraphs[0].style = word.styles["Heading 1"]
    cell.paragraphs[0].add_run("Plan")
    cell.add_paragraph("We meet.")
    assert [block.kind for block in read(word).blocks] == ["heading", "paragraph"]


def test_contents_entries_have_the_leaders_that_word_draws() -> None:
    word = docx.Document()
    word.styles.add_style("toc 1", 1)
    word.add_paragraph("1 Scope\t3", style="toc 1")
    assert texts(word) == ["1 Scope ..... 3"]


def test_forced_line_breaks_part_items() -> None:
    word = docx.Document()
    word.add_paragraph("We should:\na) plan;\nb) act.")
    assert [block.kind for block in read(word).blocks] == ["paragraph", "item", "item"]


def test_the_title_is_the_title_paragraph_then_the_property_then_the_first_heading() -> None:
    word = docx.Document()
    word.core_properties.title = ""
    word.add_heading("First", level=1)
    assert read(word).title == "First"
    word.core_properties.title = "Named"
    assert read(word).title == "Named"
    word.add_paragraph("Our plan", style="Title")
    assert read(word).title == "Our plan"


def test_the_blocks_stand_exactly_at_their_offsets() -> None:
    word = docx.Document()
    word.add_heading("Plan", level=1)
    word.add_paragraph("plan", style="List Bullet")
    word.add_table(rows=1, cols=2).rows[0].cells[0].text = "x"
    document = read(word)
    assert [document.text[block.start : block.end] for block in document.blocks] == [
        block.text for block in document.blocks
    ]


@pytest.mark.parametrize(
    ("number", "form", "shown"),
    [
        (3, "lowerLetter", "c"),
        (28, "upperLetter", "BB"),
        (4, "lowerRoman", "iv"),
        (19, "upperRoman", "XIX"),
        (7, "decimal", "7"),
        (7, "decimalZero", "07"),
        (7, "none", ""),
    ],
)
def test_numbers_are_written_in_words_forms(number: int, form: str, shown: str) -> None:
    assert format_number(number, form) == shown


def test_styles_based_on_each_other_in_a_circle_end() -> None:
    word = docx.Document()
    first, second = word.styles.add_style("One", 1), word.styles.add_style("Two", 1)
    first.base_style, second.base_style = second, first
    word.add_paragraph("Seen.", style="One")
    assert texts(word) == ["Seen."]
    assert word.element.body.find(qn("w:p")) is not None
