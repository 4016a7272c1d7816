"""The History tab: this user's conversations, to open, search, rename, save and delete."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from assistant.conversations import Conversation
from assistant.web.context import PRIVATE, WebContext, event_data, own_html, text_of, user_of
from assistant.web.rendering import attribute, said_html, tab_head_html
from assistant.web.texts import Texts


def build_history_tab(context: WebContext, tab: gr.Tab, bridge: gr.HTML) -> None:
    """Lay out and wire the tab; the list is read when the tab is opened."""
    texts = context.texts
    own_html(tab_head_html(texts("history.heading"), texts("history.intro")))
    search = gr.Textbox(
        label=texts("history.search"),
        placeholder=texts("history.search_placeholder"),
        elem_id="history-search",
        max_length=200,
    )
    rows = own_html(elem_id="history-list")

    def show(words: str, request: gr.Request) -> str:
        return rows_html(context, user_of(request), words)

    def rename(words: str, event: gr.EventData, request: gr.Request) -> str:
        data, user = event_data(event), user_of(request)
        done = context.store.rename(user, text_of(data, "id", 32), text_of(data, "title", 200))
        return rows_html(context, user, words, said=texts("history.renamed") if done else "")

    def erase(words: str, event: gr.EventData, request: gr.Request) -> str:
        user = user_of(request)
        done = context.store.delete(user, text_of(event_data(event), "id", 32))
        return rows_html(context, user, words, said=texts("history.deleted") if done else "")

    options: dict[str, Any] = {"queue": False, **PRIVATE}
    tab.select(show, [search], [rows], **options)
    search.change(show, [search], [rows], trigger_mode="always_last", **options)
    bridge.rename(rename, [search], [rows], **options)
    bridge.erase(erase, [search], [rows], **options)


def rows_html(context: WebContext, user: str, words: str = "", said: str = "") -> str:
    """The list of a user's conversations."""
    texts = context.texts
    found = context.store.listed(user, words)
    line = said_html(said) if said else ""
    if not found:
        return f'{line}<p class="empty">{escape(texts("history.none_found" if words.strip() else "history.none"))}</p>'
    return f'{line}<ul class="rows">{"".join(_row(texts, c) for c in found)}</ul>'


def _row(texts: Texts, conversation: Conversation) -> str:
    when = conversation.updated_at.astimezone().strftime("%d %B %Y, %H:%M").lstrip("0")
    size = texts.count("history.questions", conversation.size)
    key = attribute(conversation.conversation_id)

    def button(name: str, words: str, kind: str = "quiet") -> str:
        return f'<button type="button" class="{kind}" {name}="{key}">{escape(texts(words))}<span class="sr-only">: {escape(conversation.title)}</span></button>'

    field = f"rename-{key}"
    return (
        f'<li><div class="row-main"><b>{escape(conversation.title)}</b><span>{escape(when)} · {escape(size)}</span></div>'
        f'<div class="row-buttons">{button("data-open-conversation", "history.open")}{button("data-rename-start", "history.rename")}'
        f'<a class="quiet" href="export/{key}.md" download>{escape(texts("history.export"))}<span class="sr-only">: {escape(conversation.title)}</span></a>'
        f"{button('data-erase-start', 'history.delete', 'quiet danger')}</div>"
        f'<div class="row-form rename-form" hidden><label for="{field}">{escape(texts("history.rename_label"))}</label>'
        f'<input id="{field}" maxlength="120" value="{attribute(conversation.title)}">'
        f"{button('data-rename-save', 'history.save')}{button('data-form-cancel', 'history.cancel')}</div>"
        f'<div class="row-form erase-form" hidden>{button("data-erase", "history.delete_sure", "quiet danger")}'
        f"{button('data-form-cancel', 'history.cancel')}</div></li>"
    )
