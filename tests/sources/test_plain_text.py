"""Plain text, and the light Markdown inside it, becomes the blocks that a reader sees."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.sources.document import Block, Document
from assistant.sources.reading import read_bytes


def read(text: str) -> Document:
    return read_bytes(text.encode(), "sample.txt")


def shapes(text: str) -> list[tuple[str, int, str, str]]:
    return [(block.kind, block.level, block.marker, block.text) for block in read(text).blocks]


def texts(text: str) -> list[str]:
    return [block.text for block in read(text).blocks]


def test_blank_lines_part_paragraphs_and_hard_wraps_are_joined() -> None:
    assert texts("The partners meet every month to look\nat the work together.\n\nThey keep notes.") == [
        "The partners meet every month to look at the work together.",
        "They keep notes.",
    ]


def test_a_hyphen_at_a_line_end_keeps_its_compound() -> None:
    assert texts("Both of them keep a well-\nkept list of the work that is still open.") == [
        "Both of them keep a well-kept list of the work that is still open."
    ]


def test_long_lines_that_end_in_full_stops_are_paragraphs_of_their_own() -> None:
    first = "Each firm looks at what it can do by itself before it asks another firm to join the work. " * 2
    second = "Only then does it make a list of firms that could fill the gaps, and asks them one by one. " * 3
    assert texts(f"{first.strip()}\n{second.strip()}") == [first.strip(), second.strip()]


def test_a_long_line_without_full_stop_goes_on_where_the_next_starts_in_lower_case() -> None:
    head = "Each firm looks at what it can do by itself before it asks another firm to join the work. " * 2
    wrapped = "Where only one supplier can be had, their\nwillingness to share is often not looked at. " + head
    assert texts(f"{head.strip()}\n{wrapped.strip()}") == [
        head.strip(),
        wrapped.strip().replace("\n", " "),
    ]


def test_a_page_break_inside_a_sentence_is_rejoined() -> None:
    head = "The owners look at what the firm wants to reach and decide where they want to put the"
    assert texts(f"{head}\n\nmoney and time that they have.") == [f"{head} money and time that they have."]


def test_a_short_line_before_a_lower_case_paragraph_is_not_swallowed() -> None:
    assert texts("Glossary\n\nsmall firm: one with few people.") == [
        "Glossary",
        "small firm: one with few people.",
    ]


@pytest.mark.parametrize("bullet", ["-", "*", "•", "–", "—"])
def test_bullets_are_items_with_a_dash_for_a_marker(bullet: str) -> None:
    assert shapes(f"{bullet} one thing;\n{bullet} another.") == [
        ("item", 1, "-", "one thing;"),
        ("item", 1, "-", "another."),
    ]


def test_a_letter_after_the_dash_is_the_marker_and_indentation_is_the_level() -> None:
    text = "The team should:\n\n- a) plan;\n- b) act, which means:\n - 1) starting;\n - 2) going on;\n   - x;\n- c) look back."
    assert shapes(text)[1:] == [
        ("item", 1, "a)", "plan;"),
        ("item", 1, "b)", "act, which means:"),
        ("item", 2, "1)", "starting;"),
        ("item", 2, "2)", "going on;"),
        ("item", 3, "-", "x;"),
        ("item", 1, "c)", "look back."),
    ]


def test_items_need_no_dash() -> None:
    assert shapes("a) plan;\nb) act.") == [("item", 1, "a)", "plan;"), ("item", 1, "b)", "act.")]


def test_numbers_under_a_letter_nest_without_indentation() -> None:
    levels = [(block.marker, block.level) for block in read("a) plan:\n1) first;\n2) then;\nb) act.").blocks]
    assert levels == [("a)", 1), ("1)", 2), ("2)", 2), ("b)", 1)]


def test_a_list_goes_on_after_a_note() -> None:
    assert shapes("- a) plan;\n\nNOTE A plan can be short.\n\n- b) act.") == [
        ("item", 1, "a)", "plan;"),
        ("note", 0, "", "NOTE A plan can be short."),
        ("item", 1, "b)", "act."),
    ]


def test_nested_items_keep_their_level_after_a_note() -> None:
    blocks = read("- a) plan:\n\nNOTE Plans can be short.\n\n - 1) who;\n - 2) when.").blocks
    assert [(block.marker, block.level) for block in blocks if block.kind == "item"] == [
        ("a)", 1),
        ("1)", 2),
        ("2)", 2),
    ]


def test_note_that_opens_an_ordinary_sentence_is_no_note() -> None:
    assert shapes("Note that plans can be short.")[0][0] == "paragraph"
    assert shapes("Note 1 to entry: plans can be short.")[0][0] == "note"


def test_a_wrapped_cross_reference_is_no_item() -> None:
    assert texts("The leader stays within reach of everybody, see 5.5 c) and\ne) of the list above for this.") == [
        "The leader stays within reach of everybody, see 5.5 c) and e) of the list above for this."
    ]


def test_a_wrapped_item_is_one_item() -> None:
    assert shapes("- a) plan the work with everybody\n  who has a part in it;\n- b) act.") == [
        ("item", 1, "a)", "plan the work with everybody who has a part in it;"),
        ("item", 1, "b)", "act."),
    ]


def test_tabs_make_rows_and_a_lone_name_among_them_heads_a_section() -> None:
    blocks = read("Working together\t\n1\tMeet often.\n2\tWrite it down.\nParting\t\n1\tSay so early.").blocks
    assert [block.kind for block in blocks] == ["row"] * 5
    assert [block.cells for block in blocks] == [
        ("Working together",),
        ("1", "Meet often."),
        ("2", "Write it down."),
        ("Parting",),
        ("1", "Say so early."),
    ]


def test_a_number_and_a_tab_before_a_title_is_a_heading_line() -> None:
    assert shapes("5.1.2\tWhy: what it is good for") == [("paragraph", 0, "", "5.1.2 Why: what it is good for")]


def test_contents_lines_stay_single_paragraphs_in_all_their_forms() -> None:
    text = "Contents\n\n\tPage\nForeword\tiv\n1 Scope.....\t1\n\n5.1.2\tWhy: its use.....\t11\nSources\t17"
    assert {block.kind for block in read(text).blocks} == {"paragraph"}
    assert texts(text)[2:] == ["Foreword iv", "1 Scope..... 1", "5.1.2 Why: its use..... 11", "Sources 17"]


def test_a_numbered_heading_is_a_block_of_its_own() -> None:
    assert texts("5.1 Working together\n5.1.1 What: the idea\nFirms that work together meet often.\nThey talk.") == [
        "5.1 Working together",
        "5.1.1 What: the idea",
        "Firms that work together meet often. They talk.",
    ]


def test_a_number_inside_wrapped_prose_is_no_heading() -> None:
    assert texts("The group met again and counted the members, who were now some\n12 People in all, as it said.") == [
        "The group met again and counted the members, who were now some 12 People in all, as it said."
    ]


def test_dotted_numbers_that_count_on_are_items_and_a_lone_one_is_a_heading() -> None:
    assert [block.marker for block in read("1. Plan\n2. Act\n3. Look back").blocks] == ["1.", "2.", "3."]
    assert shapes("1. Introduction\n\nFirms meet.")[0] == ("paragraph", 0, "", "1. Introduction")


def test_a_bold_title_over_several_lines_is_one_paragraph_and_the_document_title() -> None:
    document = read("**Working with others —\nA guide for small firms**\n\nFirms meet.")
    assert document.title == document.blocks[0].text == "Working with others — A guide for small firms"


def test_links_keep_their_words_and_are_recorded() -> None:
    (block,) = read("See [Annex A](#), [5.4 c\\)](#) and [5.9](#x); more at <https://example.org/a_b>.").blocks
    assert block.text == "See Annex A, 5.4 c) and 5.9; more at https://example.org/a_b."
    assert block.references == ("Annex A", "5.4 c)", "5.9")


def test_emphasis_goes_and_lone_stars_stay() -> None:
    assert texts("The *Good Guide* says **no** to 2 * 3 * 4.") == ["The Good Guide says no to 2 * 3 * 4."]


def test_invisible_characters_are_removed_and_spans_still_fit() -> None:
    document = read("The part\u200bners me\u00adet.\n\nThey\ufeff talk\u202e.")
    assert [document.text[block.start : block.end] for block in document.blocks] == [
        "The partners meet.",
        "They talk.",
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_line_end_is_a_line_end(newline: str) -> None:
    assert len(read_bytes(newline.join(["One.", "", "Two."]).encode(), "a.txt").blocks) == 2


def test_a_document_without_headings_is_read_as_paragraphs() -> None:
    assert {block.kind for block in read("We meet.\n\nWe talk.\n\nWe part.").blocks} == {"paragraph"}


def test_the_stem_is_the_title_where_the_text_has_none() -> None:
    assert read("We meet every month and we talk.").title == "sample"


def test_blocks_without_markup_stand_word_for_word_at_their_offsets() -> None:
    document = read("5.1 Working together\n\n- a) plan\n  it;\n- b) act.\n\nNOTE One\nmore.\n\n1\tMeet.\n2\tTalk.")
    assert_spans(document)


_WORD = st.sampled_from(["we", "all", "meet", "here", "then", "talk", "about", "plans", "with", "every", "partner"])
_SENTENCE = st.lists(_WORD, min_size=3, max_size=25).map(lambda words: " ".join(words).capitalize() + ".")
_ITEMS = st.lists(_SENTENCE, min_size=1, max_size=6)
_PART = st.one_of(
    _SENTENCE.map(lambda text: ("paragraph", [text])),
    _ITEMS.map(lambda items: ("bullets", items)),
    _ITEMS.map(lambda items: ("letters", items)),
    _SENTENCE.map(lambda text: ("note", [f"NOTE {text}"])),
    _SENTENCE.map(lambda text: ("heading", [text.rstrip(".")])),
)


@settings(deadline=None)
@given(st.lists(_PART, min_size=1, max_size=12))
def test_any_text_written_from_blocks_reads_back_as_those_blocks(parts: list[tuple[str, list[str]]]) -> None:
    written: list[str] = []
    expected: list[tuple[str, str, str]] = []
    for number, (kind, sentences) in enumerate(parts, start=1):
        if kind == "heading":
            written.append(f"{number}.1 {sentences[0][:80]}")
            expected.append(("paragraph", "", written[-1].strip()))
        elif kind in ("paragraph", "note"):
            written.append(sentences[0])
            expected.append((kind, "", sentences[0]))
        else:
            markers = (
                ["-"] * len(sentences) if kind == "bullets" else [f"{chr(97 + i)})" for i in range(len(sentences))]
            )
            lead = "" if kind == "bullets" else "- "
            written.append("\n".join(f"{lead}{marker} {text}" for marker, text in zip(markers, sentences, strict=True)))
            expected += [("item", marker, text) for marker, text in zip(markers, sentences, strict=True)]
    document = read("\n\n".join(written))
    assert [(block.kind, block.marker, block.text) for block in document.blocks] == expected
    assert_spans(document)


_ANY_TEXT = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\n\t"), max_size=300
)


@settings(deadline=None)
@given(_ANY_TEXT)
def test_any_text_at_all_gives_ordered_blocks_inside_the_text(text: str) -> None:
    document = read_bytes(f"Begin.\n\n{text}".encode("utf-8", errors="ignore"), "any.txt")
    ends = [0]
    for block in document.blocks:
        assert block.text == " ".join(block.text.split()) or block.kind == "row"
        assert ends[-1] <= block.start < block.end <= len(document.text)
        ends.append(block.end)


def assert_spans(document: Document) -> None:
    for block in document.blocks:
        assert _words(block) in " ".join(document.text[block.start : block.end].split())


def _words(block: Block) -> str:
    return " ".join(block.text.split())


def test_the_path_and_the_hash_of_the_bytes_are_kept(tmp_path: Path) -> None:
    first, second = read_bytes(b"One.", "a.txt"), read_bytes(b"Two.", "a.txt")
    assert first.path == Path("a.txt")
    assert first.sha256 != second.sha256
    assert first.pages is None


@pytest.mark.parametrize(
    "line",
    [
        "the owners share what they know and write it down,",
        "R1; flood in the *cellar and the yard; Ann Miller; open",
        "and so forth",
        "word-",
        "“\u00bb)",
    ],
)
def test_very_many_lines_without_a_blank_one_are_read_in_no_time(line: str) -> None:
    started = time.process_time()
    found = texts("The owners write:\n" + f"{line}\n" * 5000)
    assert time.process_time() - started < 5
    assert "".join(found).count(line.rstrip("-")) == 5000


def test_letters_and_accents_that_stand_apart_are_composed() -> None:
    (block,) = read("Ann ha\u0308lt die Schlu\u0308ssel.").blocks
    assert block.text == "Ann h\u00e4lt die Schl\u00fcssel."
