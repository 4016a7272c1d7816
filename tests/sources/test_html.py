"""HTML is read as a visitor of the page sees it."""

from __future__ import annotations

import pytest

from assistant.sources.document import Document
from assistant.sources.reading import read_bytes


def read(body: str, head: str = "") -> Document:
    return read_bytes(f"<html><head>{head}</head><body>{body}</body></html>".encode(), "page.html")


def shapes(body: str) -> list[tuple[str, int, str, str]]:
    return [(block.kind, block.level, block.marker, block.text) for block in read(body).blocks]


def test_headings_paragraphs_and_nested_lists_keep_their_shape() -> None:
    body = "<h2>Plan</h2><p>We\n meet.</p><ul><li>a) talk<ul><li>softly</li></ul></li><li>b) write</li></ul>"
    assert shapes(body) == [
        ("heading", 2, "", "Plan"),
        ("paragraph", 0, "", "We meet."),
        ("item", 1, "a)", "talk"),
        ("item", 2, "-", "softly"),
        ("item", 1, "b)", "write"),
    ]


def test_ordered_lists_show_the_markers_that_browsers_draw() -> None:
    body = "<ol type='a'><li>x</li><li>y</li></ol><ol start='3'><li>z</li></ol><ol type='i'><li>r</li><li>s</li></ol>"
    assert [block.marker for block in read(body).blocks] == ["a)", "b)", "3.", "i)", "ii)"]


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>x</p>",
        "<div style='color: red; display:none'><p>x</p></div>",
        "<p style='visibility: hidden'>x</p>",
        "<span style='font-size:0'>x</span>",
        "<p aria-hidden='true'>x</p>",
        "<p class='gone'>x</p>",
        "<!-- x -->",
        "<script>x</script>",
        "<style>x</style>",
        "<template>x</template>",
        "<nav>x</nav>",
        "<footer>x</footer>",
        "<aside>x</aside>",
        "<img alt='x' src='y'>",
        "<noscript>x</noscript>",
    ],
)
def test_what_a_visitor_does_not_read_is_left_out(hidden: str) -> None:
    document = read(f"<p>Seen.</p>{hidden}<p>Also.</p>", head="<style>.gone { display: none }</style>")
    assert [block.text for block in document.blocks] == ["Seen.", "Also."]
    assert "x" not in document.text


def test_a_rule_for_printing_hides_nothing_on_the_page() -> None:
    head = "<style>@media print { .menu { display: none } }</style>"
    assert read("<p class='menu'>Seen.</p>", head=head).blocks[0].text == "Seen."


def test_tables_become_rows_and_a_spanning_cell_is_repeated() -> None:
    body = "<table><tr><th>Part</th><th>No.</th></tr><tr><td rowspan='2'>Trust</td><td>1</td></tr><tr><td>2</td></tr></table>"
    assert [(block.marker, block.cells) for block in read(body).blocks] == [
        ("header", ("Part", "No.")),
        ("", ("Trust", "1")),
        ("", ("Trust", "2")),
    ]


def test_a_table_that_only_arranges_the_page_is_read_through() -> None:
    assert shapes("<table><tr><td><h1>Plan</h1><p>We meet.</p></td></tr></table>") == [
        ("heading", 1, "", "Plan"),
        ("paragraph", 0, "", "We meet."),
    ]


def test_forced_line_breaks_part_items_and_notes() -> None:
    assert [block.kind for block in read("<p>We should:<br>a) talk;<br>b) write.<br>NOTE Softly.</p>").blocks] == [
        "paragraph",
        "item",
        "item",
        "note",
    ]


def test_the_blocks_stand_exactly_at_their_offsets() -> None:
    document = read(
        "<h1>Plan</h1><p>We <b>meet</b> often.</p><ol type=a><li>talk</li></ol><table><tr><td>1<td>x</table>"
    )
    assert [document.text[block.start : block.end] for block in document.blocks] == [
        block.text for block in document.blocks
    ]


def test_links_are_recorded() -> None:
    assert read("<p>See <a href='#x'>Annex A</a> and <a href='#y'>5.4</a>.</p>").blocks[0].references == (
        "Annex A",
        "5.4",
    )


def test_the_title_is_the_pages_own() -> None:
    assert read("<h1>Other</h1>", head="<title>Our plan</title>").title == "Our plan"


def test_a_declared_old_encoding_is_believed() -> None:
    data = "<meta charset='iso-8859-1'><p>naïve “plan”</p>".encode("cp1252")
    assert read_bytes(data, "old.htm").blocks[0].text == "naïve “plan”"


def test_broken_html_is_still_read() -> None:
    assert [block.text for block in read("<p>One<p>Two<ul><li>a<li>b</ul></div>").blocks] == [
        "One",
        "Two",
        "a",
        "b",
    ]
