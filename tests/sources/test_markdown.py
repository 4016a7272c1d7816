"""Markdown keeps its headings, lists, tables and notes; what readers never see goes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.sources.document import Document
from assistant.sources.reading import read_bytes


def read(text: str) -> Document:
    return read_bytes(text.encode(), "sample.md")


def shapes(text: str) -> list[tuple[str, int, str, str]]:
    return [(block.kind, block.level, block.marker, block.text) for block in read(text).blocks]


def test_headings_keep_their_level_and_lose_their_marks() -> None:
    assert shapes("# A *good* plan\n\n#### 5.1.3.1 Who `leads`\n\nSetext\n------\n") == [
        ("heading", 1, "", "A good plan"),
        ("heading", 4, "", "5.1.3.1 Who leads"),
        ("heading", 2, "", "Setext"),
    ]


def test_the_first_heading_or_the_front_matter_is_the_title() -> None:
    assert read("Words first.\n\n## Our plan").title == "Our plan"
    assert read('---\ntitle: "Our plan"\n---\n\n# Other').title == "Our plan"


def test_items_have_their_own_letters_for_markers() -> None:
    assert shapes("- a) plan;\n- b) act:\n  - 1) start;\n  - 2) stop;\n- c) look back.") == [
        ("item", 1, "a)", "plan;"),
        ("item", 1, "b)", "act:"),
        ("item", 2, "1)", "start;"),
        ("item", 2, "2)", "stop;"),
        ("item", 1, "c)", "look back."),
    ]


def test_ordered_lists_count_from_their_start() -> None:
    assert [block.marker for block in read("3. plan\n4. act\n\ntext\n\n1) one\n2) two").blocks] == [
        "3.",
        "4.",
        "",
        "1)",
        "2)",
    ]


def test_letters_without_bullets_are_items_too() -> None:
    assert shapes("a) plan;\nb) act.") == [("item", 1, "a)", "plan;"), ("item", 1, "b)", "act.")]


def test_a_second_paragraph_of_an_item_is_a_paragraph_and_the_list_goes_on() -> None:
    assert [block.kind for block in read("- plan\n\n  More on this.\n\n- act").blocks] == [
        "item",
        "paragraph",
        "item",
    ]


def test_a_note_is_a_note_inside_and_outside_lists() -> None:
    assert [block.kind for block in read("NOTE Short.\n\n- plan\n\n  NOTE Also short.\n\n- act").blocks] == [
        "note",
        "item",
        "note",
        "item",
    ]


def test_tables_become_rows_with_the_header_marked() -> None:
    blocks = read("| No. | Element |\n|---|---|\n| 1 | Meet *often*. |\n| 2 | |\n").blocks
    assert [(block.marker, block.cells) for block in blocks] == [
        ("header", ("No.", "Element")),
        ("", ("1", "Meet often.")),
        ("", ("2", "")),
    ]


def test_comments_hidden_html_and_zero_width_characters_are_dropped() -> None:
    text = (
        "Seen<!-- not this\nnor this -->.\n\n<div hidden>\n\nnot this\n\n</div>\n\n"
        'Also<span style="display: none"> not this</span> se\u200ben.\n\n<script>not(this)</script>\n\n'
        "<p style='visibility:hidden'>not this</p>\n\nLast."
    )
    document = read(text)
    assert [block.text for block in document.blocks] == ["Seen.", "Also seen.", "Last."]
    assert "nor this" not in document.text


@pytest.mark.parametrize(
    "placeholder",
    "Head of Procurement|Select partner|Option A, B|Object of the deal|Template name|Footer text|Script for calls".split(
        "|"
    ),
)
def test_a_placeholder_that_looks_like_a_tag_hides_nothing_and_stays(placeholder: str) -> None:
    placeholder = f"<{placeholder}>"
    text = (
        f"# Plan\n\nOwner: {placeholder} signs.\n\n## Next\n\n{placeholder} reads it.\n\n"
        f"| Who |\n|---|\n| {placeholder} |\n\nLast."
    )
    document = read(text)
    assert [block.text for block in document.blocks] == [
        "Plan",
        f"Owner: {placeholder} signs.",
        "Next",
        f"{placeholder} reads it.",
        "Who",
        placeholder,
        "Last.",
    ]
    assert document.blocks[5].cells == (placeholder,)
    assert document.text == text


def test_a_tag_hides_up_to_its_end_tag_however_far_and_only_where_it_has_one() -> None:
    text = (
        "A <Head of Sales> plan.\n\nSeen <span style='display:none'>not this\n\nnor this\n\n</span>again.\n\n"
        "Seen <span hidden>too.\n\n<select><option>not this</option></select>Last."
    )
    assert [block.text for block in read(text).blocks] == [
        "A <Head of Sales> plan.",
        "Seen",
        "again.",
        "Seen <span hidden>too.",
        "Last.",
    ]


def test_tags_in_code_neither_hide_nor_close() -> None:
    text = "Ask <Head of Sales> or `</head>`.\n\n```\n<select>\n</head>\n```\n\nUse `<template>` here.\n\nLast."
    assert [block.text for block in read(text).blocks] == [
        "Ask <Head of Sales> or </head>.",
        "<select> </head>",
        "Use <template> here.",
        "Last.",
    ]


def test_html_tables_inside_are_read() -> None:
    assert read("<table>\n<tr><td>1</td><td>Meet often.</td></tr>\n</table>").blocks[0].cells == (
        "1",
        "Meet often.",
    )


def test_anchors_in_headings_leave_the_number_in_front() -> None:
    assert read('### <a name="x"></a> 5.1 Kinds').blocks[0].text == "5.1 Kinds"


def test_link_texts_are_recorded_and_pictures_say_nothing() -> None:
    (block,) = read("See [Annex A](#a) and [5.4 c\\)](#b) ![a picture](x.png).").blocks
    assert block.text == "See Annex A and 5.4 c) ."
    assert block.references == ("Annex A", "5.4 c)")


def test_spans_cover_the_source_lines() -> None:
    document = read("# Plan\n\nWe *meet*\nmonthly.\n\n- a) talk;\n- b) write.\n\n| a | b |\n|---|---|\n| 1 | two |\n")
    assert [document.text[block.start : block.end] for block in document.blocks] == [
        "# Plan",
        "We *meet*\nmonthly.",
        "- a) talk;",
        "- b) write.",
        "| a | b |",
        "| 1 | two |",
    ]


_WORD = st.sampled_from(["we", "all", "meet", "here", "then", "talk", "about", "plans", "with", "every", "partner"])
_WORDS = st.lists(_WORD, min_size=2, max_size=12).map(" ".join)
_PART = st.one_of(
    st.tuples(st.just("heading"), st.integers(1, 6), _WORDS),
    st.tuples(st.just("paragraph"), st.just(0), _WORDS.map(lambda text: text.capitalize() + ".")),
    st.tuples(st.just("item"), st.integers(1, 3), _WORDS),
    st.tuples(st.just("row"), st.just(0), _WORDS),
)


@settings(deadline=None)
@given(st.lists(_PART, min_size=1, max_size=12))
def test_any_markdown_written_from_blocks_reads_back_as_those_blocks(
    parts: list[tuple[str, int, str]],
) -> None:
    lines: list[str] = []
    expected: list[tuple[str, int, str]] = []
    depth = 0
    for kind, level, words in parts:
        if kind == "item":
            depth = min(level, depth + 1)
            lines.append("  " * (depth - 1) + f"- {words}")
            expected.append(("item", depth, words))
            continue
        depth = 0
        if kind == "heading":
            lines += ["", "#" * level + f" {words}", ""]
            expected.append(("heading", level, words))
        elif kind == "row":
            lines += ["", "| h | i |", "|---|---|", f"| 1 | {words} |", ""]
            expected += [("row", 0, "h\ti"), ("row", 0, f"1\t{words}")]
        else:
            lines += ["", words, ""]
            expected.append(("paragraph", 0, words))
    document = read("\n".join(lines))
    assert [(block.kind, block.level, block.text) for block in document.blocks] == expected


_ANY_TEXT = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\n\t"), max_size=300
)


@settings(deadline=None)
@given(_ANY_TEXT)
def test_any_markdown_at_all_is_read_without_an_error(text: str) -> None:
    document = read_bytes(f"# Begin\n\n{text}".encode(), "any.md")
    assert all(0 <= block.start <= block.end <= len(document.text) for block in document.blocks)


@pytest.mark.parametrize(
    "opening",
    [
        "---\n\n# Joint plan\n\nWe share the yard.\n\n---\n",
        "---\n# Joint plan\nOwner: Ann\n---\n",
        "---\nOwner: Ann\n\n## Joint plan\n\n---\n",
        "---\nWe share the yard.\n---\n",
        "---\n\nOwner: Ann\n\n---\n",
        "---\nOwner: Ann\nWe share the yard.\n---\n",
    ],
)
def test_text_between_two_rules_is_no_front_matter(opening: str) -> None:
    found = read_bytes(f"{opening}\n## Risks\n\nThe roof leaks.\n".encode(), "plan.md")
    words = re.findall(r"\w+", opening)
    assert words
    assert set(words) <= set(re.findall(r"\w+", " ".join(b.text for b in found.blocks)))
    assert found.blocks[-1].text == "The roof leaks."


def test_front_matter_of_every_form_is_left_out_and_names_the_title() -> None:
    front = '---\ntitle: "Joint plan"\n# who\nowner:\n  - Ann\n\ntags:\n- yard\n"kept-until": 2027\n...\n'
    found = read_bytes(f"{front}\n# Risks\n\nThe roof leaks.\n".encode(), "plan.md")
    assert found.title == "Joint plan"
    assert [b.text for b in found.blocks] == ["Risks", "The roof leaks."]
