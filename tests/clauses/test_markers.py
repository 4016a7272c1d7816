"""List markers: what a marker counts with is told from its list, and the file's own marker is shown."""

from __future__ import annotations

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.clauses.lists import LIST_MARKER, read_markers
from assistant.clauses.sentences import split_sentences
from assistant.sources.document import Block
from assistant.sources.docx_numbering import format_number
from tests.clauses.trees import by_locator, plan, plan_file, saved, standard
from tests.sources.test_docx import add_scheme, numbered


def _items(markers: list[tuple[int, str]]) -> list[tuple[str, str]]:
    blocks = [Block("item", "x", 0, 1, level, marker) for level, marker in markers]
    return [(m.style, m.name) for m in read_markers(blocks).values()]


def test_roman_numbers_are_one_list_and_not_a_letter_with_items_below_it() -> None:
    numbers = ("i", "ii", "iii", "iv", "v")
    found = by_locator(plan("# P\n\nThe owner shall:\n\n" + "\n\n".join(f"{n}) keep {n};" for n in numbers)))
    assert found["p"].text == "The owner shall:\n" + "\n".join(f"{n}) keep {n};" for n in numbers)
    assert [c.locator for c in found.values() if c.kind == "item"] == [f"p {n})" for n in numbers]
    assert {c.parent for c in found.values() if c.kind == "item"} == {"plan-x:p"}


def test_roman_numbers_below_a_letter_are_its_items_even_where_nothing_is_indented() -> None:
    text = "1 Duties\n\nThe owner shall:\n\na) keep:\n\n(i) keys;\n\n(ii) locks;\n\nb) lock the gate.\n"
    found = by_locator(standard(text))
    assert list(found) == ["1", "1 a)", "1 a) i)", "1 a) ii)", "1 b)"]
    assert found["1 a)"].text == "keep:\n(i) keys;\n(ii) locks;"


@pytest.mark.parametrize(
    ("markers", "styles"),
    [
        ("h) i) j)", "letter letter letter"),
        ("a) b) c) d) e) f) g) h) i)", " ".join(["letter"] * 9)),
        ("i) ii) a) b)", "roman roman letter letter"),
        ("h) i) ii)", "letter roman roman"),
        ("u. v. w.", "letter letter letter"),
        ("iv) v) vi)", "roman roman roman"),
        ("v)", "letter"),
        ("(i)", "roman"),
        ("h) (i)", "letter roman"),
        ("z) aa) bb)", "letter letter letter"),
        ("1) 2. (3)", "digit digit digit"),
        ("- Step\u00a01: -", "bullet bullet bullet"),
        ("1.1 1.2 1.1.1", "digit2 digit2 digit3"),
    ],
)
def test_an_ambiguous_marker_goes_on_with_its_list(markers: str, styles: str) -> None:
    assert [style for style, _ in _items([(1, m) for m in markers.split(" ")])] == styles.split()


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(["lowerLetter", "upperLetter", "lowerRoman", "upperRoman"]),
    st.integers(2, 26),
    st.sampled_from([")", ".", "()"]),
)
def test_a_list_of_any_length_that_begins_at_its_beginning_is_one_list(form: str, length: int, sign: str) -> None:
    names = [format_number(n, form) for n in range(1, length + 1)]
    found = _items([(1, f"({n})" if sign == "()" else n + sign) for n in names])
    style = ("upper " if form.startswith("upper") else "") + ("roman" if "Roman" in form else "letter")
    assert found == [(style, f"{n})") for n in names]


def test_the_numbers_of_the_file_are_shown_and_items_are_cited_by_position() -> None:
    found = by_locator(
        plan("# P\n\nTo leave:\n\n1. Tell Ann.\n2. Hand over keys.\n\nThen:\n\n4. Wave.\n   1) Twice.\n")
    )
    assert found["p"].text == "To leave:\n1. Tell Ann.\n2. Hand over keys.\nThen:\n4. Wave.\n1) Twice."
    assert [(c.locator, c.text.split("\n")[0]) for c in found.values() if c.kind == "item"] == [
        ("p #1", "Tell Ann."),
        ("p #2", "Hand over keys."),
        ("p #3", "Wave."),
        ("p #3 1)", "Twice."),
    ]


@pytest.mark.parametrize(
    ("form", "pattern", "locators"),
    [
        ("upperLetter", "%1.", ["options A)", "options B)"]),
        ("upperLetter", "%1)", ["options A)", "options B)"]),
        ("upperRoman", "%1.", ["options I)", "options II)"]),
        ("decimal", "Step %1:", ["options #1", "options #2"]),
    ],
)
def test_whatever_word_shows_before_an_item_is_shown(form: str, pattern: str, locators: list[str]) -> None:
    word = docx.Document()
    add_scheme(word, 1, [(form, pattern)])
    word.add_heading("Options", 1)
    for text in ("stay in the yard", "leave the yard"):
        numbered(word.add_paragraph(text), 1)
    found = plan_file(saved(word), "plan.docx")
    marks = [pattern.replace("%1", format_number(n, form)) for n in (1, 2)]
    assert found[0].text == f"{marks[0]} stay in the yard\n{marks[1]} leave the yard"
    assert [c.locator for c in found[1:]] == locators


def test_a_note_is_shown_in_the_words_of_the_file() -> None:
    text = "# P\n\nNote: the owners meet.\n\nNote 1 to entry: keys are metal.\n\nNOTE Keys rust.\n"
    assert plan(text)[0].text == "Note: the owners meet.\nNote 1 to entry: keys are metal.\nNOTE Keys rust."


@pytest.mark.parametrize("marker", ["-", "a)", "(ii)", "viii)", "A)", "1.", "12)", "iv.", "(b)"])
def test_a_marker_can_be_taken_off_and_ends_no_sentence(marker: str) -> None:
    assert LIST_MARKER.sub("", f"{marker} Keep the keys.") == "Keep the keys."
    assert [s.text for s in split_sentences(f"{marker} Keep the keys. Lock up.")] == [
        f"{marker} Keep the keys.",
        "Lock up.",
    ]


@pytest.mark.parametrize("text", ["A. Miller keeps them.", "5.1 is the clause.", "(see) below", "2019 was dry."])
def test_words_that_only_look_like_a_marker_stay(text: str) -> None:
    assert LIST_MARKER.sub("", text) == text


def test_a_contract_in_word_is_parted_by_the_numbers_that_word_computes() -> None:
    word = docx.Document()
    add_scheme(word, 1, [("decimal", "%1."), ("decimal", "%1.%2"), ("lowerRoman", "(%3)")])
    word.add_paragraph("Collaboration agreement")
    for text, depth in (
        ("Purpose", 0),
        ("The owners share the yard.", 1),
        ("Neither owner shall lend the keys.", 1),
        ("Meetings", 0),
        ("The owners shall:", 1),
        ("agree the agenda;", 2),
        ("keep minutes.", 2),
    ):
        numbered(word.add_paragraph(text), 1, depth)
    found = by_locator(plan_file(saved(word), "agreement.docx"))
    assert [(c.locator, c.heading, c.text, c.parent) for c in found.values() if c.kind == "section"] == [
        ("agreement", "agreement", "Collaboration agreement", None),
        ("1", "Purpose", "", None),
        ("1.1", "Purpose", "The owners share the yard.", "plan-x:1"),
        ("1.2", "Purpose", "Neither owner shall lend the keys.", "plan-x:1"),
        ("2", "Meetings", "", None),
        ("2.1", "Meetings", "The owners shall:\n(i) agree the agenda;\n(ii) keep minutes.", "plan-x:2"),
    ]
    assert found["1.2"].path == ("1 Purpose", "1.2")
    assert found["2.1 ii)"].text == "keep minutes."


def test_a_plain_numbered_list_in_word_opens_no_sections() -> None:
    word = docx.Document()
    add_scheme(word, 1, [("decimal", "%1.")])
    for text in ("Tell Ann", "Hand over the keys"):
        numbered(word.add_paragraph(text), 1)
    assert plan_file(saved(word), "plan.docx")[0].text == "1. Tell Ann\n2. Hand over the keys"
