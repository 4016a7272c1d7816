"""Thumbs-downs on the page: what is saved, where, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assistant.answering.answer import Answer, Receipt
from assistant.clauses.catalog import Catalog
from assistant.conversations import Conversations
from assistant.evals.dataset import load_cases
from assistant.web.context import WebContext
from assistant.web.review import _Review
from assistant.web.texts import read_texts
from tests.workshop.scripted import read_texts as read_sources
from tests.workshop.scripted import scripted_assistant

RISK = "iso-44003:5.10.3.3"
TEXTS = read_texts()
ANSWER = Answer("q", "q", "extractive", Receipt("g-test"), declined=True).to_json()


@dataclass
class Page:
    """The review over a store, with what it writes."""

    review: _Review
    store: Conversations
    file: Path

    def vote_down(self, question: str) -> str:
        """Ask, and say that the answer was not helpful; gives the id of the thumbs-down."""
        _, message = self.store.record("ann", None, question, ANSWER, {})
        self.store.vote("ann", message, "down")
        return message

    def saved(self) -> list[str]:
        """Questions of the case file."""
        return [c.question for c in load_cases([self.file])] if self.file.exists() else []


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("texts")
    return scripted_assistant(folder, read_sources(folder)).catalog


@pytest.fixture
def page(tmp_path: Path, catalog: Catalog) -> Iterator[Page]:
    assistant = scripted_assistant(tmp_path, [])
    assistant.catalog = catalog
    store = Conversations.in_folder(tmp_path)
    context = WebContext(assistant.typed(), TEXTS, store)
    yield Page(_Review(context), store, tmp_path / "cases" / "reviewed.jsonl")
    store.close()


def line(outputs: tuple[Any, ...]) -> str:
    """What the page said."""
    return str(outputs[0])


def test_a_decision_becomes_a_case_in_the_file_that_the_terminal_writes_too(page: Page) -> None:
    first, second = page.vote_down("Who minds our shared risks?"), page.vote_down("What is the VAT rate of Malta?")
    assert "reviewed.jsonl" in line(page.review.save(first, [], [RISK]))
    assert "reviewed.jsonl" in line(page.review.decline(second))
    risk, tax = load_cases([page.file])
    assert (risk.expected, risk.must_cite, tax.must_decline) == ((RISK,), (RISK,), True)
    assert page.store.pending_feedback() == []
    assert TEXTS("quality.review_none") in line(page.review.fresh())


def test_a_question_that_is_a_case_already_is_told_and_not_saved_again(page: Page) -> None:
    first = page.vote_down("Who minds our shared risks?")
    page.review.save(first, [RISK], [])
    packaged = "What does ISO 44004 5.11 want a large organisation to measure?"
    for question, known in (("who minds our SHARED risks", f"feedback-{first}"), (packaged, "ownd-001")):
        again = page.vote_down(question)
        assert TEXTS("quality.review_known", case=known) in page.review.look(again)
        assert "asks the same already" in line(page.review.save(again, [RISK], []))
        assert "asks the same already" in line(page.review.decline(again))
        assert again in {f.feedback_id for f in page.store.pending_feedback()}
        page.review.drop(again)
    assert page.saved() == ["Who minds our shared risks?"]
    assert page.store.pending_feedback() == []


def test_cases_that_earlier_versions_of_the_page_saved_are_known(page: Page) -> None:
    page.review.save(page.vote_down("Who minds our shared risks?"), [RISK], [])
    page.file.rename(page.file.with_name("feedback.jsonl"))
    again = page.vote_down("Who minds our shared risks?")
    assert "asks the same already" in line(page.review.save(again, [RISK], []))
    assert page.saved() == []


def test_nothing_is_saved_without_a_clause_and_a_broken_file_is_named(page: Page) -> None:
    waiting = page.vote_down("Who minds our shared risks?")
    assert TEXTS("quality.review_choose") in line(page.review.save(waiting, [], []))
    page.file.parent.mkdir()
    page.file.write_text("{\n")
    assert "reviewed.jsonl:1" in line(page.review.save(waiting, [RISK], []))
    assert "reviewed.jsonl:1" in page.review.look(waiting)
    assert [f.feedback_id for f in page.store.pending_feedback()] == [waiting]
