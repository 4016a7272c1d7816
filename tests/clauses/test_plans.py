"""Plans and the digest: documents with headings of their own."""

from __future__ import annotations

from assistant.clauses.builder import plan_sections
from assistant.clauses.clause import Clause
from assistant.clauses.outline import headed_sections
from assistant.clauses.tree import build_tree, slug
from assistant.sources.reading import read_bytes
from tests.clauses.trees import by_locator, headings, plan, standard


def test_equal_headings_get_2_and_3() -> None:
    text = "# Plan\n\n## Risks\n\nOne.\n\n## Actions\n\nTwo.\n\n## Risks\n\nThree.\n\n## Risks\n\nFour.\n"
    found = by_locator(plan(text))
    assert list(found) == ["plan", "risks", "actions", "risks-2", "risks-3"]
    assert found["risks-3"].text == "Four."


def test_a_heading_that_looks_like_a_second_one_never_takes_its_id() -> None:
    text = "# Plan\n\n## Risks 2\n\nA.\n\n## Risks\n\nB.\n\n## Risks\n\nC.\n\n## Risks 2\n\nD.\n"
    found = by_locator(plan(text))
    assert [c.text for c in found.values() if c.text] == ["A.", "B.", "C.", "D."]
    assert found["risks-2"].text == "A."


def test_numbered_sections_of_a_plan_are_cited_by_number() -> None:
    text = "# Plan\n\n## 1 People\n\nWho.\n\n### 1.2 Deputies\n\nThey stand in.\n\n## Closing words\n\nThanks.\n"
    found = by_locator(plan(text))
    assert list(found) == ["plan", "1", "1.2", "closing-words"]
    assert found["1.2"].parent == "plan-x:1"
    assert found["1.2"].heading == "Deputies"


def test_words_before_the_first_heading_are_cited_under_the_title() -> None:
    found = plan("Agreed in May.\n\n# Plan\n\nText.\n", "our-plan.md")
    assert found[0].text == "Agreed in May."
    assert [c.text for c in found] == ["Agreed in May.", "Text."]


def test_a_plan_whose_numbers_are_no_styles_is_still_parted() -> None:
    text = "Our plan\n\n1 People\n\nThe owners meet monthly.\n\n1.1 Deputies\n\nThey stand in.\n\n2 Risks\n\nWe list them.\n"
    document = read_bytes(text.encode(), "plan.txt")
    found = build_tree(plan_sections(document), "plan-x", "plan", slugs=True)
    assert [c.locator for c in found if c.text and c.kind == "section"][-3:] == ["1", "1.1", "2"]


def _parted(text: str) -> dict[str, Clause]:
    return by_locator(build_tree(plan_sections(read_bytes(text.encode(), "plan.txt")), "plan-x", "plan", slugs=True))


def test_what_stands_before_the_first_numbered_line_is_cited_under_the_title() -> None:
    before = "Agreed in May by both owners.\n\nThe owners should:\n\n- keep the keys;\n- lock the gate.\n\n"
    numbered = "1 People\n\nThe owners meet monthly.\n\n2 Risks\n\nWe list them.\n"
    found = _parted(f"Our plan\n\n{before}{numbered}")
    assert list(found) == ["our-plan", "our-plan #1", "our-plan #2", "1", "2"]
    assert found["our-plan"].heading == "Our plan"
    assert found["our-plan"].text == (
        "Agreed in May by both owners.\nThe owners should:\n- keep the keys;\n- lock the gate."
    )
    assert list(_parted(f"Our plan\n\n{numbered}")) == ["1", "2"], "a title alone is no section"


def test_what_stands_before_a_contents_page_of_a_plan_is_kept_and_the_page_is_not() -> None:
    text = (
        "Our plan\n\nAgreed in May by both owners of the yard.\n\nContents\n\n1 People.....1\n2 Risks.....2\n\n"
        "1 People\n\nThe owners meet monthly.\n\n2 Risks\n\nWe list them.\n"
    )
    found = _parted(text)
    assert [c.text for c in found.values()] == [
        "Agreed in May by both owners of the yard.",
        "The owners meet monthly.",
        "We list them.",
    ]


def test_what_stands_before_the_first_clause_of_a_standard_is_left_out() -> None:
    text = "Agreed in May by both owners.\n\n1 Scope\n\nFor makers.\n\n2 Keys\n\nKeep them.\n"
    assert [c.locator for c in standard(text)] == ["1", "2"]


def test_a_text_without_any_heading_is_one_section() -> None:
    document = read_bytes(b"We meet every month. We share what we learn.", "notes.txt")
    found = build_tree(plan_sections(document), "plan-notes", "plan", slugs=True)
    assert len(found) == 1
    assert found[0].text.startswith("We meet")


def test_table_rows_of_a_plan_are_cited_by_position_with_their_column_names() -> None:
    text = "# Plan\n\n## Register\n\n| Risk | Owner |\n|---|---|\n| Flood | Ann |\n| Fire | Bo |\n"
    found = by_locator(plan(text))
    assert found["register #1"].text == "Risk: Flood; Owner: Ann"
    assert found["register #2"].kind == "row"
    assert found["register #2"].parent == "plan-x:register"


def test_a_digest_file_is_read_by_the_numbers_of_its_headings() -> None:
    text = (
        "# Tools: the guide in plain words\n\n*A digest, not a substitute.*\n\n## 5.2 Tools\n\n### 5.2.1 What: the idea\n\n"
        "Share them.\n\n#### 5.2.1.1 Lending\n\n- a) ask first;\n- b) bring back.\n\n## 5.3 Leaving\n\n*Text not held.*\n\n"
        "## Annex B (informative) People\n\n*Text not held.*\n"
    )
    sections = headed_sections(read_bytes(text.encode(), "digest.md"), numbered=True)
    found = by_locator(build_tree(sections, "x", "digest"))
    assert headings(list(found.values())) == [
        ("5.2", "Tools"),
        ("5.2.1", "What: the idea"),
        ("5.2.1.1", "Lending"),
        ("5.3", "Leaving"),
        ("Annex B", "People"),
    ]
    assert [c.locator for c in found.values() if not c.held] == ["5.3", "Annex B"]
    assert found["5.2.1.1 b)"].text == "bring back."


def test_slugs_keep_the_letters_of_other_alphabets() -> None:
    assert slug("Überblick & Ziele!") == "überblick-ziele"
    assert slug("—") == "section"
