"""From thumbs-downs to prepared questions, in the browser; the rules are those of `assistant.evals.review`."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.clauses.catalog import Catalog
from assistant.conversations import Conversations
from assistant.errors import AssistantError
from assistant.evals.protocols import CitationFacts, Feedback
from assistant.evals.review import append_case, reviewed_case
from assistant.web.context import PRIVATE, WebContext, own_html
from assistant.web.plans import said_html


class FeedbackInbox:
    """The thumbs-downs of a store, as the evals want them (`assistant.evals.protocols.FeedbackQueue`).

    Args:
        store: Where they are kept.
    """

    def __init__(self, store: Conversations) -> None:
        self._store = store

    def pending(self) -> Sequence[Feedback]:
        """Thumbs-downs that nobody has decided on, oldest first."""
        return [
            Feedback(f.feedback_id, f.question, f.history, f.answer, f.note, f.created_at)
            for f in self._store.pending_feedback()
        ]

    def resolve(self, feedback_id: str, outcome: str) -> None:
        """Record what became of one."""
        self._store.resolve_feedback(feedback_id, outcome)


class GuidanceCitations:
    """Guidance ids of a catalog, as the evals want them (`assistant.evals.protocols.CitationCatalog`).

    Args:
        catalog: What exists.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def known_ids(self) -> set[str]:
        """Every guidance id."""
        return {e.citation_id for e in self._catalog if not e.is_plan}

    def describe(self, citation_id: str) -> CitationFacts:
        """Facts of a known id.

        Raises:
            UnknownCitation: There is no such id.
        """
        entry = self._catalog.resolve(citation_id)
        return {
            "label": entry.label,
            "heading": entry.clause.heading,
            "principle": entry.principle or "",
            "facet": entry.facet or "",
            "audience": entry.audience,
        }


def reviewed_cases_file(data_dir: Path) -> Path:
    """Where prepared questions from the page go."""
    return data_dir / "cases" / "feedback.jsonl"


def build_review(context: WebContext, tab: gr.Tab) -> None:
    """The part of the Quality tab in which thumbs-downs are decided on."""
    texts, inbox = context.texts, FeedbackInbox(context.store)
    own_html(
        f'<h3 class="block-title">{escape(texts("quality.review"))}</h3><p class="block-intro">{escape(texts("quality.review_intro"))}</p>'
    )
    said = own_html(elem_id="review-said")
    with gr.Column(visible=False, elem_id="review-form") as form:
        pick = gr.Dropdown([], label=texts("quality.review_pick"), filterable=False, elem_id="review-pick")
        shown = own_html(elem_id="review-shown")
        expected = gr.Dropdown([], label=texts("quality.review_clauses"), multiselect=True, elem_id="review-clauses")
        must = gr.Dropdown([], label=texts("quality.review_must"), multiselect=True, elem_id="review-must")
        with gr.Row():
            save = gr.Button(texts("quality.review_save"), variant="primary", elem_id="review-save")
            decline = gr.Button(texts("quality.review_decline"), elem_id="review-decline")
            drop = gr.Button(texts("quality.review_drop"), elem_id="review-drop")

    def fresh(words: str = "") -> tuple[Any, ...]:
        waiting = inbox.pending()
        choices = [(f.question, f.feedback_id) for f in waiting]
        try:
            clauses = [
                (f"{e.label}  {e.clause.heading}", e.citation_id) for e in context.assistant.catalog if not e.is_plan
            ]
        except AssistantError as error:
            clauses, words = [], said_html(str(error), bad=True)
        if not choices:
            words += f'<p class="empty">{escape(texts("quality.review_none"))}</p>'
        first = waiting[0] if waiting else None
        return (
            words, gr.update(choices=choices, value=first.feedback_id if first else None), _shown(context, first),
            gr.update(choices=clauses, value=[]), gr.update(choices=clauses, value=[]),
            gr.update(visible=bool(waiting)),
        )  # fmt: skip

    def look(feedback_id: str | None) -> str:
        return _shown(context, next((f for f in inbox.pending() if f.feedback_id == feedback_id), None))

    def decide(feedback_id: str | None, wanted: list[str], needed: list[str], *, may_be_empty: bool) -> tuple[Any, ...]:
        feedback = next((f for f in inbox.pending() if f.feedback_id == feedback_id), None)
        if feedback is None:
            return fresh()
        if not wanted and not needed and not may_be_empty:
            return said_html(texts("quality.review_choose"), bad=True), *[gr.skip()] * 5
        file = reviewed_cases_file(context.assistant.settings.data_dir)
        try:
            ids = list(dict.fromkeys([*wanted, *needed]))
            case = reviewed_case(feedback, GuidanceCitations(context.assistant.catalog), expected=ids, must_cite=needed)
            append_case(file, case)
        except AssistantError as error:
            return said_html(str(error), bad=True), *[gr.skip()] * 5
        inbox.resolve(feedback.feedback_id, f"case:{case.case_id}")
        return fresh(said_html(texts("quality.review_saved", case=case.case_id, file=file.name)))

    def saved(feedback_id: str | None, wanted: list[str], needed: list[str]) -> tuple[Any, ...]:
        return decide(feedback_id, wanted or [], needed or [], may_be_empty=False)

    def declined(feedback_id: str | None) -> tuple[Any, ...]:
        return decide(feedback_id, [], [], may_be_empty=True)

    def dropped(feedback_id: str | None) -> tuple[Any, ...]:
        if feedback_id:
            inbox.resolve(feedback_id, "rejected")
        return fresh(said_html(texts("quality.review_dropped")))

    outputs = [said, pick, shown, expected, must, form]
    tab.select(fresh, None, outputs, queue=False, **PRIVATE)
    pick.input(look, [pick], [shown], queue=False, **PRIVATE)
    save.click(saved, [pick, expected, must], outputs, **PRIVATE)
    decline.click(declined, [pick], outputs, **PRIVATE)
    drop.click(dropped, [pick], outputs, **PRIVATE)


def _shown(context: WebContext, feedback: Feedback | None) -> str:
    if feedback is None:
        return ""
    texts = context.texts
    lines = [
        f'<p class="understood">{escape(texts("quality.review_before", question=q))}</p>' for q in feedback.history
    ]
    note = f'<p class="notice">{escape(texts("quality.review_note", note=feedback.note))}</p>' if feedback.note else ""
    try:
        answer = context.renderer().answer(feedback.answer)
    except AssistantError as error:
        answer = escape(texts("page.trouble", reason=error))
    return f'<div class="turn">{"".join(lines)}<h4>{escape(feedback.question)}</h4>{note}{answer}</div>'
