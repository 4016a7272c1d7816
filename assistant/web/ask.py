"""The Ask tab: a conversation whose every statement opens its clause."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

import gradio as gr

from assistant.answering.answer import Statement
from assistant.clauses.taxonomy import Taxonomy
from assistant.errors import AssistantError
from assistant.retrieval.hit import Filters
from assistant.web.context import PRIVATE, WebContext, event_data, own_html, text_of, user_of
from assistant.web.turns import earlier_html, greeting_html, last_html, progress_html, trouble_html, turn_html

MAX_QUESTION = 2000

_log = logging.getLogger(__name__)
Talk = dict[str, Any]
Outputs = tuple[Any, ...]


def fresh_talk() -> Talk:
    """The state of a page before its first question.

    "conversation" is the id of what is kept, "replace" says that the next question takes the last one's place (unless
    that one was voted on), "question" and "filters" are what is to be answered next (or was stopped).
    """
    return {"conversation": None, "replace": False, "question": "", "filters": {}}


@dataclass
class AskTab:
    """The parts of the tab that others reach for.

    Attributes:
        outputs: What a change of the conversation updates, in the order in which `show` returns it.
    """

    context: WebContext
    earlier: gr.HTML
    current: gr.HTML
    box: gr.Textbox
    talk: gr.State
    send: gr.Button
    stop: gr.Button
    filters: list[gr.Dropdown]

    @property
    def outputs(self) -> list[Any]:
        """What a change of the conversation updates."""
        return [self.earlier, self.current, self.box, self.talk, self.send, self.stop]

    # ---- what happens -------------------------------------------------------------------------------------

    def show(self, talk: Talk, user: str, *, box: Any = None) -> Outputs:
        """The conversation as it is kept."""
        conversation = self.context.store.get(user, talk["conversation"])
        if conversation is None or not conversation.messages:
            return self._frame(greeting_html(self.context), "", talk, box=box)
        return self._frame(
            earlier_html(self.context, conversation), last_html(self.context, conversation), talk, box=box
        )

    def _frame(self, earlier: Any, current: Any, talk: Any, *, box: Any = None, asking: bool = False) -> Outputs:
        """Values of `outputs`; None leaves the box as it is."""
        words = box if box is not None else gr.skip()
        return earlier, current, words, talk, gr.update(visible=not asking), gr.update(visible=asking)

    def begin(self, question: str, talk: Talk, filters: dict[str, Any], user: str) -> Outputs:
        """Show a question at once, before anything is looked up."""
        texts = self.context.texts
        question = question.strip()
        trouble = ""
        if not question:
            trouble = texts("ask.empty")
        elif len(question) > MAX_QUESTION:
            trouble = texts("ask.too_long", limit=MAX_QUESTION)
        if trouble:
            gr.Warning(trouble)
            return self._frame(gr.skip(), gr.skip(), talk | {"question": ""})
        talk = talk | {"question": question, "filters": filters}
        conversation = self.context.store.get(user, talk["conversation"])
        # An answer that was voted on is kept (`Conversations.record`), so it stays in view too.
        voted = bool(conversation and conversation.messages and conversation.messages[-1].vote)
        earlier = earlier_html(self.context, conversation, with_last=voted or not talk["replace"])
        waiting = texts("ask.searching") if self.context.ready.is_set() else texts("ask.loading")
        current = turn_html(
            self.context,
            question,
            progress_html(waiting),
            state="asking",
            turn="now",
            announce=waiting,
            filters=filters,
        )
        return self._frame(earlier, current, talk, box=gr.update(value="", label=texts("ask.question")), asking=True)

    def begin_from_box(self, question: str, talk: Talk, filters: dict[str, Any], user: str) -> Outputs:
        """The same for the words in the box: they take the last question's place only after "Change the question"."""
        # A try that was stopped or failed is still named here; what is typed after it is a question of its own.
        if talk["question"]:
            talk = talk | {"replace": False}
        return self.begin(question, talk, filters, user)

    def answer(self, talk: Talk, request: gr.Request) -> Iterator[Outputs]:
        """Answer the question that `begin` showed, statement by statement; nothing where there is none."""
        if not talk["question"]:
            yield tuple(gr.skip() for _ in self.outputs)
            return
        try:
            yield from self._answer(talk, user_of(request))
        except AssistantError as error:
            yield self._failed(talk, str(error))
        except Exception:  # whatever else happens, the page must say so instead of hanging
            _log.exception("a question could not be answered")
            yield self._failed(talk, self.context.texts("page.unexpected"))

    def _answer(self, talk: Talk, user: str) -> Iterator[Outputs]:
        context, question, filters = self.context, talk["question"], talk["filters"]
        conversation = context.store.get(user, talk["conversation"])
        asked = [m.question for m in conversation.messages] if conversation else []
        history = asked[:-1] if talk["replace"] else asked
        statements: list[Statement] = []
        for event in context.assistant.stream(question, history, Filters(**filters)):
            if event.statement is not None:
                statements.append(event.statement)
                body = context.renderer().statement_parts([asdict(s) for s in statements])
                current = turn_html(context, question, body, state="asking", turn="now", filters=filters)
                yield (gr.skip(), current, *[gr.skip()] * (len(self.outputs) - 2))
            if event.answer is not None:
                kept, _ = context.store.record(
                    user, talk["conversation"], question, event.answer.to_json(), filters, replace_last=talk["replace"]
                )
                yield self.show(fresh_talk() | {"conversation": kept, "filters": filters}, user)

    def _failed(self, talk: Talk, reason: str) -> Outputs:
        body = trouble_html(self.context, reason, retry=True)
        current = turn_html(
            self.context, talk["question"], body, state="failed", turn="now", announce=reason, filters=talk["filters"]
        )
        return self._frame(gr.skip(), current, talk)

    def stopped(self, talk: Talk) -> Outputs:
        """After "Stop": the question stays, to be asked again or changed."""
        return self._failed(talk, self.context.texts("ask.stopped"))

    def again(self, talk: Talk, user: str) -> tuple[str, Talk]:
        """The question to try again, and the state in which its answer takes the old one's place."""
        if talk["question"]:
            return talk["question"], talk
        conversation = self.context.store.get(user, talk["conversation"])
        if conversation is None or not conversation.messages:
            return "", talk
        last = conversation.messages[-1]
        return last.question, talk | {"replace": True, "filters": dict(last.filters)}


def build_ask_tab(context: WebContext, taxonomy: Taxonomy) -> AskTab:
    """Lay out the tab; `wire_ask_tab` makes it work."""
    texts = context.texts
    own_html(f'<h2 class="sr-only">{escape(texts("ask.heading"))}</h2>')
    earlier = own_html(greeting_html(context), elem_id="earlier")
    current = own_html(elem_id="current")
    with gr.Column(elem_id="ask-form"):
        box = gr.Textbox(
            label=texts("ask.question"), placeholder=texts("ask.placeholder"), lines=1, max_lines=8,
            max_length=MAX_QUESTION, elem_id="question", autofocus=False,
        )  # fmt: skip
        with gr.Row(elem_id="ask-buttons"):
            send = gr.Button(texts("ask.send"), variant="primary", elem_id="send")
            stop = gr.Button(texts("ask.stop"), variant="stop", visible=False, elem_id="stop")
            own_html(
                f'<div class="form-links"><button type="button" class="quiet" data-new>{escape(texts("ask.new"))}</button>'
                f'<a class="quiet" id="export" hidden download>{escape(texts("ask.export"))}</a></div>'
            )
        with gr.Accordion(texts("ask.filters"), open=False, elem_id="filters"), gr.Row():
            filters = _filters(context, taxonomy)
    return AskTab(context, earlier, current, box, gr.State(fresh_talk()), send, stop, filters)


def _filters(context: WebContext, taxonomy: Taxonomy) -> list[gr.Dropdown]:
    texts = context.texts
    choices = {
        "audience": [(texts(f"filters.audience_{k}"), k if k != "any" else "") for k in ("any", "msme", "large")],
        "principle": [(texts("filters.principle_any"), ""), *((p.name, p.name) for p in taxonomy.principle)],
        "facet": [(texts(f"filters.facet_{k}"), k if k != "any" else "") for k in ("any", "what", "why", "how")],
        "scope": [(texts(f"filters.scope_{k}"), k) for k in ("all", "guidance", "plans")],
    }
    return [
        gr.Dropdown(
            options,
            value=options[0][1],
            label=texts(f"filters.{name}"),
            filterable=False,
            min_width=150,
            elem_id=f"filter-{name}",
        )
        for name, options in choices.items()
    ]


def chosen_filters(audience: str, principle: str, facet: str, scope: str) -> dict[str, Any]:
    """Filters as they are kept with a question."""
    return {
        "audience": audience or None,
        "principle": principle or None,
        "facet": facet or None,
        "scope": scope or "all",
    }


def wire_ask_tab(tab: AskTab, bridge: gr.HTML, arrival: Any) -> None:
    """Connect box, buttons and the page's own buttons.

    Args:
        tab: The tab.
        bridge: Sends the events of the page's own buttons.
        arrival: The listener that answers the question of an address with ?q=; "Stop" stops it too.
    """
    context = tab.context

    def from_box(
        question: str, talk: Talk, audience: str, principle: str, facet: str, scope: str, request: gr.Request
    ) -> Outputs:
        filters = chosen_filters(audience, principle, facet, scope)
        return tab.begin_from_box(question, talk, filters, user_of(request))

    def from_page(
        talk: Talk, audience: str, principle: str, facet: str, scope: str, event: gr.EventData, request: gr.Request
    ) -> Outputs:
        filters = chosen_filters(audience, principle, facet, scope)
        return tab.begin(text_of(event_data(event), "question"), talk | {"replace": False}, filters, user_of(request))

    def retry(talk: Talk, request: gr.Request) -> Outputs:
        question, talk = tab.again(talk, user_of(request))
        return tab.begin(question, talk, talk["filters"], user_of(request))

    def edit(talk: Talk, request: gr.Request) -> Outputs:
        question, talk = tab.again(talk, user_of(request))
        box = gr.update(value=question, label=context.texts("ask.question_edit"))
        return (gr.skip(), gr.skip(), box, talk | {"question": ""}, gr.skip(), gr.skip())

    def anew(request: gr.Request) -> Outputs:
        return tab.show(fresh_talk(), user_of(request), box=gr.update(value="", label=context.texts("ask.question")))

    def vote(talk: Talk, event: gr.EventData, request: gr.Request) -> tuple[Any, Any]:
        data = event_data(event)
        wished = data.get("vote")
        context.store.vote(
            user_of(request),
            text_of(data, "message", 32),
            wished if wished in ("up", "down") else None,
            text_of(data, "note", 2000),
        )
        return tab.show(talk, user_of(request))[:2]

    asking: dict[str, Any] = {"outputs": tab.outputs, "queue": False, **PRIVATE}
    inputs = [tab.box, tab.talk, *tab.filters]
    begun = [
        tab.box.submit(from_box, inputs, **asking),
        tab.send.click(from_box, inputs, **asking),
        bridge.ask(from_page, [tab.talk, *tab.filters], **asking),
        bridge.retry(retry, [tab.talk], **asking),
    ]
    steps = [b.then(tab.answer, [tab.talk], tab.outputs, **PRIVATE) for b in begun]
    tab.stop.click(tab.stopped, [tab.talk], cancels=[*steps, arrival], **asking)
    bridge.edit(edit, [tab.talk], **asking)
    bridge.anew(anew, None, **asking)
    bridge.vote(vote, [tab.talk], [tab.earlier, tab.current], queue=False, **PRIVATE)
