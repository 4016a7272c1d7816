"""From thumbs-downs to prepared questions, in the browser; the rules are those of `assistant.evals.review`."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import gradio as gr

from assistant.errors import AssistantError
from assistant.evals.case import Case
from assistant.evals.dataset import case_files
from assistant.evals.protocols import Feedback
from assistant.evals.review import REVIEWED_FILE, append_case, duplicate_of, known_cases, reviewed_case
from assistant.services import FeedbackInbox, GuidanceCitations, user_cases_folder
from assistant.settings import packaged
from assistant.web.context import PRIVATE, WebContext, own_html
from assistant.web.rendering import said_html, title_html


def build_review(context: WebContext, tab: gr.Tab) -> None:
    """The part of the Quality tab in which thumbs-downs are decided on."""
    texts, review = context.texts, _Review(context)
    own_html(f'{title_html(texts("quality.review"))}<p class="block-intro">{escape(texts("quality.review_intro"))}</p>')
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

    outputs = [said, pick, shown, expected, must, form]
    tab.select(review.fresh, None, outputs, queue=False, **PRIVATE)
    pick.input(review.look, [pick], [shown], queue=False, **PRIVATE)
    save.click(review.save, [pick, expected, must], outputs, **PRIVATE)
    decline.click(review.decline, [pick], outputs, **PRIVATE)
    drop.click(review.drop, [pick], outputs, **PRIVATE)


class _Review:
    """What the buttons do; each gives the line that was said, the choice of thumbs-downs, and the form for the first."""

    def __init__(self, context: WebContext) -> None:
        self._context = context
        self._texts = context.texts
        self._inbox = FeedbackInbox(context.store)
        self._user_cases = user_cases_folder(context.assistant.settings.data_dir)

    def fresh(self, said: str = "") -> tuple[Any, ...]:
        """The form for the oldest thumbs-down, empty again."""
        waiting = self._inbox.pending()
        try:
            catalog = self._context.assistant.catalog
            clauses = [(f"{e.label}  {e.clause.heading}", e.citation_id) for e in catalog if not e.is_plan]
        except AssistantError as error:
            clauses, said = [], said_html(str(error), bad=True)
        if not waiting:
            said += f'<p class="empty">{escape(self._texts("quality.review_none"))}</p>'
        first = waiting[0] if waiting else None
        return (
            said,
            gr.update(
                choices=[(f.question, f.feedback_id) for f in waiting], value=first.feedback_id if first else None
            ),
            self._shown(first),
            gr.update(choices=clauses, value=[]),
            gr.update(choices=clauses, value=[]),
            gr.update(visible=bool(waiting)),
        )

    def look(self, feedback_id: str | None) -> str:
        """Another thumbs-down."""
        return self._shown(self._pending(feedback_id))

    def save(self, feedback_id: str | None, expected: list[str] | None, must: list[str] | None) -> tuple[Any, ...]:
        """Keep it as a case with these clauses."""
        if self._pending(feedback_id) and not expected and not must:
            return self._refused(self._texts("quality.review_choose"))
        return self._keep(feedback_id, expected or [], must or [])

    def decline(self, feedback_id: str | None) -> tuple[Any, ...]:
        """Keep it as a case that has to be declined."""
        return self._keep(feedback_id, [], [])

    def drop(self, feedback_id: str | None) -> tuple[Any, ...]:
        """Put it aside for good."""
        if feedback_id:
            self._inbox.resolve(feedback_id, "rejected")
        return self.fresh(said_html(self._texts("quality.review_dropped")))

    def _keep(self, feedback_id: str | None, expected: Sequence[str], must: Sequence[str]) -> tuple[Any, ...]:
        feedback = self._pending(feedback_id)
        if feedback is None:
            return self.fresh()
        try:
            catalog = GuidanceCitations(self._context.assistant.catalog)
            ids = list(dict.fromkeys([*expected, *must]))
            case = reviewed_case(feedback, catalog, expected=ids, must_cite=must, known=self._known())
            append_case(self._user_cases / REVIEWED_FILE, case)
        except AssistantError as error:
            return self._refused(str(error))
        self._inbox.resolve(feedback.feedback_id, f"case:{case.case_id}")
        return self.fresh(said_html(self._texts("quality.review_saved", case=case.case_id, file=REVIEWED_FILE)))

    def _refused(self, why: str) -> tuple[Any, ...]:
        """A line that says why; the form stays as it is."""
        return said_html(why, bad=True), *[gr.skip()] * 5

    def _pending(self, feedback_id: str | None) -> Feedback | None:
        return next((f for f in self._inbox.pending() if f.feedback_id == feedback_id), None)

    def _known(self) -> list[Case]:
        """The cases that a default run asks."""
        return known_cases(case_files(packaged("evals") / "cases", self._user_cases))

    def _shown(self, feedback: Feedback | None) -> str:
        if feedback is None:
            return ""
        texts = self._texts
        lines = [
            f'<p class="understood">{escape(texts("quality.review_before", question=q))}</p>' for q in feedback.history
        ]
        notes = [texts("quality.review_note", note=feedback.note)] if feedback.note else []
        try:
            if same := duplicate_of(feedback, self._known()):
                notes.append(texts("quality.review_known", case=same))
            answer = self._context.renderer().answer(feedback.answer)
        except AssistantError as error:
            answer = escape(texts("page.trouble", reason=error))
        notices = "".join(f'<p class="notice">{escape(note)}</p>' for note in notes)
        return f'<div class="turn">{"".join(lines)}<h4>{escape(feedback.question)}</h4>{notices}{answer}</div>'
