"""The web application: its page, its tabs, and the server that shows it."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from html import escape
from typing import Any
from urllib.parse import parse_qs

import gradio as gr
import uvicorn
from fastapi import FastAPI

from assistant.answering.assistant import GuidanceAssistant
from assistant.clauses.taxonomy import read_taxonomy
from assistant.conversations import Conversations
from assistant.errors import AssistantError, SettingsError
from assistant.settings import Settings, set_offline
from assistant.web.ask import AskTab, build_ask_tab, fresh_talk, wire_ask_tab
from assistant.web.browse import build_browse_tab
from assistant.web.context import PRIVATE, WebContext, event_data, own_html, text_of, user_of
from assistant.web.coverage_tab import Refresh, build_coverage_tab
from assistant.web.history import build_history_tab
from assistant.web.hosting import make_server
from assistant.web.plans import build_plans_tab
from assistant.web.quality import build_quality_tab
from assistant.web.rendering import attribute
from assistant.web.source_panel import panel_html
from assistant.web.source_view import Mark
from assistant.web.texts import Texts, read_texts, static_text
from assistant.web.workshop_tab import build_workshop_tab

# What builds a tab may name a function to call when it is chosen, the components that this is told, and those it updates.
TabBuilder = Callable[[GuidanceAssistant], Refresh | None]

EXTRA_TABS: list[tuple[str, TabBuilder]] = [("coverage", build_coverage_tab), ("workshop", build_workshop_tab)]
"""Tabs of other parts of the product, by the key of their name in text.toml; shown between plans and history.

A builder is called as `build_..._tab(assistant)` inside the tab. Its HTML may use data-clause="ID" and
data-ask="QUESTION" on buttons; its listeners must be private (`**PRIVATE` of assistant/web/context.py).
"""

_HEAD = '<link rel="stylesheet" href="page/page.css"><link rel="icon" href="page/icon.svg" type="image/svg+xml">'
# The browser turns to the tab itself, at once: an update from the server could take the user away from a question.
_TURN_TO_CLAUSE = """() => {
  const named = new URLSearchParams(window.location.search);
  const turn = named.get("clause") && !named.get("c") && !named.get("q");
  return { __type__: "update", ...(turn ? { selected: "browse" } : {}) };
}"""
_CLEAN_S = (1800, 3600)


def build_app(
    assistant: GuidanceAssistant, texts: Texts | None = None, store: Conversations | None = None
) -> gr.Blocks:
    """The page with all its tabs.

    Args:
        assistant: Answers.
        texts: The words of the interface; None for those that ship with the product.
        store: Conversations; None for those of the data folder.

    Raises:
        AssistantError: The data folder cannot be written, or corpus data does not parse.
    """
    settings = assistant.settings
    context = WebContext(assistant, texts or read_texts(), store or Conversations.in_folder(settings.data_dir))
    return _page(context)


def _page(context: WebContext) -> gr.Blocks:
    texts, settings = context.texts, context.assistant.settings
    taxonomy = read_taxonomy(settings.corpus_dir, settings.overlay_dir)
    with gr.Blocks(title=texts("page.title"), analytics_enabled=False, delete_cache=_CLEAN_S, fill_width=True) as page:
        bridge = own_html(_head_html(context), js_on_load=static_text("page.js"), elem_id="page-head")
        arrival = gr.Textbox(visible="hidden", elem_id="arrival")
        with gr.Row(elem_id="layout"):
            with (
                gr.Column(elem_id="main-column"),
                gr.Tabs(selected="ask", elem_id="tabs", overflow_behavior="wrap") as tabs,
            ):
                with gr.Tab(texts("tabs.ask"), id="ask"):
                    ask = build_ask_tab(context, taxonomy)
                with gr.Tab(texts("tabs.browse"), id="browse"):
                    build_browse_tab(context, page)
                with gr.Tab(texts("tabs.plans"), id="plans"):
                    build_plans_tab(context, page, bridge)
                for key, build in EXTRA_TABS:
                    with gr.Tab(texts(f"tabs.{key}"), id=key) as tab:
                        _build_extra(context, build, tab)
                with gr.Tab(texts("tabs.history"), id="history") as history_tab:
                    build_history_tab(context, history_tab, bridge)
                with gr.Tab(texts("tabs.quality"), id="quality") as quality_tab:
                    build_quality_tab(context, quality_tab)
            with gr.Column(elem_id="source-column"):
                panel = own_html(elem_id="source-panel")
        own_html(f'<p class="page-foot">{escape(texts("page.footer"))}</p>')
        _wire_page(context, page, bridge, arrival, ask, tabs, panel)
    page.web_context = context
    page.queue(default_concurrency_limit=8, api_open=False)
    return page


def _build_extra(context: WebContext, build: TabBuilder, tab: gr.Tab) -> None:
    """A tab of another part; one that cannot be built (nothing is indexed yet) must not keep the page from opening."""
    try:
        refresh = build(context.assistant)
        if refresh is not None:
            call, told, updated = refresh
            # As the page holds it: Gradio would refuse a choice that is gone, which is just what the call has to mend.
            tab.select(call, told, updated, preprocess=False, queue=False, **PRIVATE)
    except AssistantError as error:
        own_html(context.trouble(error))


def _head_html(context: WebContext) -> str:
    texts = context.texts
    words = {
        "language": texts("page.language"), "copied": texts("page.copied"), "copy_failed": texts("page.copy_failed"),
        "name": texts("page.name"), "file": texts("plans.file_label"), "note_saved": texts("answer.note_saved"),
        "wait": texts("page.wait"),
    }  # fmt: skip
    return (
        f'<a class="skip-link" href="#question">{escape(texts("page.skip"))}</a>'
        f'<div class="page-head" data-words="{attribute(json.dumps(words))}"><div><h1>{escape(texts("page.name"))}</h1>'
        f"<p>{escape(texts('page.tagline'))}</p></div>"
        f'<button type="button" class="quiet" id="theme" data-theme>{escape(texts("page.theme"))}</button></div>'
        f'<div id="announcer" class="sr-only" role="status" aria-live="polite"></div>{_remedy(context)}'
    )


def _remedy(context: WebContext) -> str:
    """The line that says what to do where nothing is indexed."""
    try:
        context.assistant.index()
    except AssistantError as error:
        return f'<p class="nothing-indexed" role="alert">{escape(str(error))}</p>'
    return ""


def _wire_page(
    context: WebContext,
    page: gr.Blocks,
    bridge: gr.HTML,
    arrival: gr.Textbox,
    ask: AskTab,
    tabs: gr.Tabs,
    panel: gr.HTML,
) -> None:
    """What concerns more than one tab: the source panel, addresses with ?clause=, ?q= and ?c=, kept conversations."""

    def open_clause(event: gr.EventData) -> str:
        data = event_data(event)
        return _panel(
            context, text_of(data, "citation", 300), Mark.read(data.get("marks")), text_of(data, "rendition", 20)
        )

    # What arrives late leaves alone what it need not change: on a slow machine the user may have asked already.
    def arrive(address: str, request: gr.Request) -> tuple[Any, ...]:
        named = _named_in(address)
        shown = _panel(context, named["clause"][:300], (), "") if "clause" in named else gr.skip()
        talk, user = fresh_talk() | {"conversation": named.get("c")}, user_of(request)
        if "q" not in named and context.store.get(user, talk["conversation"]):
            return shown, *ask.show(talk, user)
        return shown, *[gr.skip()] * len(ask.outputs)

    def answer_arrival(address: str, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        question = _named_in(address).get("q", "")
        if not question:
            yield (gr.skip(), *[gr.skip()] * len(ask.outputs))
            return
        begun = ask.begin(question, fresh_talk(), {}, user_of(request))
        yield gr.update(selected="ask"), *begun
        for outputs in ask.answer(begun[ask.outputs.index(ask.talk)], request):
            yield gr.skip(), *outputs

    def open_conversation(event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        talk = fresh_talk() | {"conversation": text_of(event_data(event), "id", 32)}
        return gr.update(selected="ask"), *ask.show(talk, user_of(request))

    bridge.clause(open_clause, None, [panel], queue=False, **PRIVATE)
    bridge.conversation(open_conversation, None, [tabs, *ask.outputs], queue=False, **PRIVATE)
    bridge.ask(lambda: gr.update(selected="ask"), None, [tabs], queue=False, **PRIVATE)
    where = {"js": "() => window.location.search", **PRIVATE}
    page.load(None, None, [tabs], js=_TURN_TO_CLAUSE, **PRIVATE)
    arrived = page.load(arrive, [arrival], [panel, *ask.outputs], queue=False, **where)
    arrived.then(None, js="() => { document.querySelector('#ask-form').inert = false }")
    asking = page.load(answer_arrival, [arrival], [tabs, *ask.outputs], **where)
    wire_ask_tab(ask, bridge, asking)


def _named_in(address: str) -> dict[str, str]:
    """What the address of a page names: clause=, q= and c=, the first of each."""
    return {name: values[0] for name, values in parse_qs(address.lstrip("?")).items()}


def _panel(context: WebContext, citation: str, marks: tuple[Mark, ...], rendition: str) -> str:
    try:
        return panel_html(
            context.assistant.catalog, context.texts, citation, context.role, context.today(), marks, rendition
        )
    except AssistantError as error:
        return context.trouble(error)


def theme() -> gr.themes.Base:
    """Our colours and sizes; only fonts that are on every computer, since nothing is loaded from elsewhere."""
    made = gr.themes.Base(
        primary_hue=gr.themes.colors.cyan, neutral_hue=gr.themes.colors.slate,
        font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"],
        font_mono=["ui-monospace", "Consolas", "monospace"], radius_size=gr.themes.sizes.radius_md,
    )  # fmt: skip
    return made.set(
        body_background_fill="#ffffff", body_background_fill_dark="#151b22",
        body_text_color="#1d2733", body_text_color_dark="#e6ebf0",
        body_text_color_subdued="#4b5867", body_text_color_subdued_dark="#aab6c2",
        block_background_fill="#ffffff", block_background_fill_dark="#151b22",
        block_label_text_color="#1d2733", block_label_text_color_dark="#e6ebf0",
        block_title_text_color="#1d2733", block_title_text_color_dark="#e6ebf0",
        block_border_width="0px", block_shadow="none", block_padding="0px",
        input_background_fill="#ffffff", input_background_fill_dark="#1d252e",
        input_border_color="#76828f", input_border_color_dark="#76828f", input_border_width="1px",
        input_placeholder_color="#5d6a78", input_placeholder_color_dark="#9aa7b4",
        border_color_primary="#d9dfe5", border_color_primary_dark="#36414d",
        button_primary_background_fill="#0b5c6b", button_primary_background_fill_hover="#084a56",
        button_primary_background_fill_dark="#7cc9d6", button_primary_background_fill_hover_dark="#9fdbe5",
        button_primary_border_color="#0b5c6b", button_primary_border_color_dark="#7cc9d6",
        button_primary_text_color="#ffffff", button_primary_text_color_dark="#06262c",
        button_secondary_background_fill="#ffffff", button_secondary_background_fill_dark="#151b22",
        button_secondary_border_color="#d9dfe5", button_secondary_border_color_dark="#36414d", button_border_width="1px",
        color_accent="#0b5c6b", color_accent_soft="#e4f1f3", color_accent_soft_dark="#17343b",
    )  # fmt: skip


def make_web_app(settings: Settings) -> FastAPI:
    """The whole web application, ready for a server.

    Raises:
        AssistantError: The data folder cannot be written, or corpus data does not parse.
    """
    set_offline()
    page = build_app(GuidanceAssistant(settings))
    context: WebContext = page.web_context
    threading.Thread(target=context.warm, name="warm", daemon=True).start()
    server = make_server(context)
    server.state.context = context
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        app: FastAPI = gr.mount_gradio_app(
            server, page, path="/", server_name=settings.host, server_port=settings.port, footer_links=[], ssr_mode=False,
            show_error=False, max_file_size=settings.max_upload_mb * 1_000_000, theme=theme(), head=_HEAD,
            enable_monitoring=False, run_history=False,
        )  # fmt: skip
    return app


def _tells_something(record: logging.LogRecord) -> bool:
    """Whether a line of the server's log is more than a connection cut at the end."""
    cut = bool(record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))
    return not cut and "graceful shutdown" not in str(record.msg)


def serve(settings: Settings) -> None:
    """Serve the web chat until it is interrupted.

    Raises:
        SettingsError: The address is taken.
        AssistantError: The data folder cannot be written, or corpus data does not parse.
    """
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise SettingsError(
                f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); choose another with --port"
            ) from error
    app = make_web_app(settings)
    print(f"The web chat is at http://{settings.host}:{settings.port} (stop it with Ctrl-C)", file=sys.stderr)
    # Open pages hold a connection each: do not wait for them when the service is stopped, and do not lament them.
    logging.getLogger("uvicorn.error").addFilter(_tells_something)
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="warning", timeout_graceful_shutdown=2)
