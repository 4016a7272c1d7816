"""What becomes of texts on the page: escaped, marked in the right place, within licences."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup

from assistant.answering.assistant import GuidanceAssistant
from assistant.clauses.catalog import Catalog
from assistant.conversations import Conversation, Conversations, Message
from assistant.errors import UnknownCitation
from assistant.web.browse import board_html, find_clauses
from assistant.web.context import WebContext
from assistant.web.conversation_export import conversation_markdown
from assistant.web.rendering import AnswerRenderer, words_html
from assistant.web.source_panel import panel_html
from assistant.web.source_view import Mark, view_source
from assistant.web.texts import read_texts
from assistant.web.turns import message_html, turn_html

TODAY = date(2026, 1, 1)
EVIL = '<img src=x onerror="alert(1)"> & "quotes"'


@pytest.fixture
def catalog(guidance: GuidanceAssistant) -> Catalog:
    return guidance.catalog


@pytest.fixture
def context(guidance: GuidanceAssistant) -> WebContext:
    return WebContext(guidance, read_texts(), Conversations("sqlite://"))


def answer(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "question": "q", "standalone_question": "q", "declined": False, "statements": [], "citations": [], "gaps": [],
        "related": [], "next_questions": [], "notices": [], "hits": [], "plan_hits": [], "engine": "extractive",
        "fallback_reason": None, "verification": {"checked": 0, "removed": 0},
    }  # fmt: skip
    return made | changes


def statement(text: str, citation: str, end: int, part: str = "guidance", rendition: str = "digest") -> dict[str, Any]:
    evidence = [{"citation": citation, "rendition": rendition, "start": 0, "end": end}]
    return {"text": text, "part": part, "citations": [citation], "evidence": evidence, "verbatim": True, "support": 1.0}


def render(catalog: Catalog, made: dict[str, Any]) -> str:
    return AnswerRenderer(catalog, read_texts(), "staff", TODAY).answer(made)


def test_no_text_of_an_answer_becomes_markup(catalog: Catalog) -> None:
    made = answer(
        statements=[statement(EVIL, "iso-44003:5.10.3.3", 20), statement(EVIL, EVIL, 5)],
        gaps=[{"need": EVIL, "reason": "not_covered", "say": EVIL, "nearest": [EVIL, "iso-44003:5.1"]}],
        notices=[EVIL], related=[EVIL], engine=EVIL, fallback_reason=EVIL,
    )  # fmt: skip
    html = render(catalog, made)
    assert "<img" not in html
    assert 'onerror="' not in html


def test_no_question_becomes_markup(context: WebContext) -> None:
    html = turn_html(
        context, EVIL, "", state="done", turn=EVIL, announce=EVIL, conversation_id=EVIL, understood=EVIL + " x"
    )
    assert "<img" not in html
    assert 'onerror="' not in html


def test_lines_that_begin_like_items_become_a_list() -> None:
    html = words_html("Partners should:\na) agree aims;\nb) share risks.")
    assert html.count("<li>") == 2


def test_the_two_sides_of_a_comparison_stand_in_columns_of_their_own(catalog: Catalog) -> None:
    sides = [statement("A", "iso-44003:5.7.1", 5, "side:msme"), statement("B", "iso-44004:5.7", 5, "side:large")]
    html = render(catalog, answer(statements=sides))
    assert html.count('<section class="side">') == 2
    assert "sides-2" in html


def test_the_panel_marks_exactly_the_supporting_words(catalog: Catalog) -> None:
    text = catalog.resolve("iso-44003:5.10.3.3").renditions["digest"].text
    view = view_source(catalog, "iso-44003:5.10.3.3", "staff", TODAY, [Mark("iso-44003:5.10.3.3", "digest", 0, 40)])
    marked = "".join(r.text for b in view.blocks for r in b.runs if r.marked)
    assert marked == text[:40]
    assert "".join(r.text for b in view.blocks for r in b.runs) == text.replace("\n", "")


def test_an_item_opens_within_its_clause_and_is_marked(catalog: Catalog) -> None:
    view = view_source(catalog, "iso-44004:5.5 d)", "staff", TODAY)
    asked_for = [b for b in view.blocks if b.asked_for]
    assert [b.citation for b in asked_for] == ["iso-44004:5.5 d)"]
    assert all(r.marked for r in asked_for[0].runs)
    assert len(view.blocks) > 1


def test_the_panel_names_neighbours_parent_edition_and_licence(catalog: Catalog) -> None:
    html = panel_html(catalog, read_texts(), "iso-44003:5.10.3.2", "staff", TODAY, ())
    for words in (
        'data-clause="iso-44003:5.10.3.1"',
        'data-clause="iso-44003:5.10.3.3"',
        'data-clause="iso-44003:5.10.3"',
        "Edition 2021",
        "Licence:",
    ):
        assert words in html


def test_a_clause_whose_text_is_not_held_says_so(catalog: Catalog) -> None:
    assert view_source(catalog, "iso-44004:5.11", "staff", TODAY).state == "not_held"


def test_an_unknown_id_is_reported_and_never_replaced(catalog: Catalog) -> None:
    with pytest.raises(UnknownCitation):
        view_source(catalog, "iso-44003:5.10.3.33", "staff", TODAY)
    html = panel_html(catalog, read_texts(), "iso-44003:5.10.3.33<b>", "staff", TODAY, ())
    assert read_texts()("source.unknown") in html
    assert "<b>" not in html


@pytest.mark.parametrize(
    "sent", [None, "x", [1], [["a", "digest", 5, 2]], [["a", "digest", -1, 2]], [["a", 1, 0, 2]], [[]]]
)
def test_marks_of_another_form_are_passed_over(sent: Any) -> None:
    assert Mark.read(sent) == ()


def test_every_clause_can_be_reached_from_the_browse_page(catalog: Catalog) -> None:
    html = board_html(catalog, read_texts())
    shown = set(re.findall(r'data-clause="([^"]+)"', html))
    assert {e.citation_id for e in catalog} <= {s.replace("&#x27;", "'").replace("&amp;", "&") for s in shown}


def test_search_finds_numbers_headings_and_words_in_this_order(catalog: Catalog) -> None:
    assert find_clauses(catalog, "5.10.3.3")[0].citation_id == "iso-44003:5.10.3.3"
    assert find_clauses(catalog, "joint risk man")[0].clause.heading == "Joint risk management"
    assert find_clauses(catalog, "zebra") == []


def licensed_only_in_the_app(catalog: Catalog, monkeypatch: pytest.MonkeyPatch, **terms: Any) -> None:
    source = catalog.sources["iso-44003", "digest"]
    monkeypatch.setitem(
        catalog.sources, ("iso-44003", "digest"), replace(source, licence=source.licence.model_copy(update=terms))
    )


def conversation(citation: str, text: str) -> Conversation:
    cited = {"id": citation, "label": "ISO 44003:2021, 5.7.1", "heading": "", "source_id": "iso-44003"}
    made = answer(statements=[statement(text, citation, len(text))], citations=[cited])
    from datetime import UTC, datetime

    return Conversation("k", "About trust", datetime.now(UTC), 1, (Message("m", "What about <b>trust</b>?", made, {}),))


def test_an_export_holds_question_statement_and_citation(context: WebContext) -> None:
    text = context.assistant.catalog.text_of("iso-44003:5.7.1").text
    words = conversation_markdown(context, conversation("iso-44003:5.7.1", text))
    assert "## What about \\<b\\>trust" in words
    assert text.split(".")[0] in words
    assert "[ISO 44003:2021, 5.7.1]" in words


def test_words_that_may_not_be_exported_are_left_out(context: WebContext, monkeypatch: pytest.MonkeyPatch) -> None:
    text = context.assistant.catalog.text_of("iso-44003:5.7.1").text
    licensed_only_in_the_app(context.assistant.catalog, monkeypatch, export=False)
    words = conversation_markdown(context, conversation("iso-44003:5.7.1", text))
    assert text.split(".")[0] not in words
    assert "may not be exported" in words


def test_a_kept_answer_hides_words_whose_licence_has_run_out(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    licensed_only_in_the_app(catalog, monkeypatch, valid_until=TODAY - timedelta(days=1))
    html = render(catalog, answer(statements=[statement("Trust grows from deeds.", "iso-44003:5.7.1", 20)]))
    assert "Trust grows from deeds." not in html


WITHHELD = "may no longer be shown"


def test_words_of_a_licensed_text_that_was_taken_out_are_not_shown_any_more(catalog: Catalog) -> None:
    made = answer(statements=[statement("Trust grows from deeds.", "iso-44003:5.7.1", 20, rendition="licensed")])
    html = render(catalog, made)
    assert "Trust grows from deeds." not in html
    assert WITHHELD in html


@pytest.mark.parametrize(("citation", "rendition"), [("iso-44003:5.7.1 z)", "digest"), ("plan-gone:aims", "plan")])
def test_words_of_a_digest_or_plan_that_has_changed_stay_in_a_kept_answer(
    catalog: Catalog, citation: str, rendition: str
) -> None:
    made = answer(statements=[statement("Trust grows from deeds.", citation, 20, rendition=rendition)])
    assert "Trust grows from deeds." in render(catalog, made)


@pytest.mark.parametrize("rendition", ["digest", "licensed"])
def test_what_is_copied_holds_no_words_that_are_withheld_on_the_page(
    context: WebContext, monkeypatch: pytest.MonkeyPatch, rendition: str
) -> None:
    licensed_only_in_the_app(context.assistant.catalog, monkeypatch, valid_until=TODAY - timedelta(days=1))
    gone = statement("Trust grows from deeds.", "iso-44003:5.7.1", 20, rendition=rendition)
    kept = statement("Say who decides.", "iso-44004:5.7", 10)
    cited = {"id": "iso-44003:5.7.1", "label": "ISO 44003:2021, 5.7.1", "heading": "Trust", "source_id": "iso-44003"}
    message = Message("m", "What about trust?", answer(statements=[gone, kept], citations=[cited]), {})
    html = message_html(context, message, last=True)
    assert "Trust grows from deeds." not in html
    copied = str(BeautifulSoup(html, "html.parser").select_one("[data-copy]")["data-copy"])  # type: ignore[index]
    assert copied.splitlines()[0].endswith(f"{WITHHELD}. [ISO 44003:2021, 5.7.1]")
    assert copied.splitlines()[1] == "Say who decides. [iso-44004:5.7]"
