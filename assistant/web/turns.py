"""A conversation as HTML: greeting, questions, answers with their buttons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from assistant.conversations import Conversation, Message
from assistant.web.context import WebContext
from assistant.web.rendering import AnswerRenderer, attribute


def greeting_html(context: WebContext) -> str:
    """What stands there before the first question: a greeting and examples by role."""
    texts = context.texts
    cards = []
    for role in texts.table("ask.roles"):
        lines = "".join(f"<li>{ask_button(q)}</li>" for q in role["questions"])
        cards.append(f'<section class="role-card"><h4>{escape(role["name"])}</h4><ul>{lines}</ul></section>')
    return (
        f'<div class="greeting"><h2>{escape(texts("ask.greeting"))}</h2><p>{escape(texts("ask.greeting_more"))}</p>'
        f'<h3>{escape(texts("ask.examples"))}</h3><div class="role-cards">{"".join(cards)}</div></div>'
    )


def ask_button(question: str) -> str:
    """A question that is asked when it is selected."""
    return f'<button type="button" class="question-button" data-ask="{attribute(question)}">{escape(question)}</button>'


def earlier_html(context: WebContext, conversation: Conversation | None, *, with_last: bool = False) -> str:
    """The turns before the last one, or all of them where another follows."""
    messages = conversation.messages if conversation else ()
    return "".join(message_html(context, m, last=False) for m in (messages if with_last else messages[:-1]))


def last_html(context: WebContext, conversation: Conversation | None) -> str:
    """The last turn with everything one can do with it; "" where there is none."""
    if conversation is None or not conversation.messages:
        return ""
    return message_html(context, conversation.messages[-1], last=True, conversation_id=conversation.conversation_id)


def message_html(context: WebContext, message: Message, *, last: bool, conversation_id: str = "") -> str:
    """A question with its kept answer."""
    texts, answer, renderer = context.texts, message.answer, context.renderer()
    body = renderer.answer(answer) + _actions(context, renderer, message, last=last)
    if last:
        body += _next_questions(context, answer["next_questions"])
    count = len(answer["statements"])
    announce = texts.count("answer.announce", count) if count else texts("answer.announce_declined")
    return turn_html(
        context,
        message.question,
        body,
        state="done" if last else "earlier",
        turn=message.message_id,
        announce=announce,
        conversation_id=conversation_id,
        understood=answer["standalone_question"],
        filters=message.filters,
    )


def turn_html(
    context: WebContext,
    question: str,
    body: str,
    *,
    state: str,
    turn: str = "",
    announce: str = "",
    conversation_id: str = "",
    understood: str = "",
    filters: Mapping[str, Any] | None = None,
) -> str:
    """One question with whatever stands below it.

    Args:
        context: Words and settings.
        question: As asked.
        body: HTML below it.
        state: "asking", "done", "earlier" or "failed" (also where it was stopped): what the page may do with it.
        turn: Identity of the turn.
        announce: What a screen reader is told.
        conversation_id: Its conversation, for the address of the page.
        understood: The question as it was understood, shown where it differs.
        filters: Filters that were set.
    """
    texts = context.texts
    notes = []
    if understood and understood.strip() != question.strip():
        notes.append(texts("ask.understood_as", question=understood))
    if set_filters := filter_words(context, filters or {}):
        notes.append(texts("ask.filters_set", filters=set_filters))
    lines = "".join(f'<p class="understood">{escape(n)}</p>' for n in notes)
    return (
        f'<article class="turn" data-turn="{attribute(turn)}" data-state="{state}" data-announce="{attribute(announce)}" '
        f'data-conversation="{attribute(conversation_id)}"><h3 class="question"><span class="sr-only">{escape(texts("ask.you_asked"))}: </span>'
        f'{escape(question)}</h3>{lines}<div class="answer">{body}</div></article>'
    )


def filter_words(context: WebContext, filters: Mapping[str, Any]) -> str:
    """The filters that were set, in words."""
    texts, words = context.texts, []
    if filters.get("audience"):
        words.append(texts(f"filters.audience_{filters['audience']}"))
    if filters.get("principle"):
        words.append(str(filters["principle"]))
    if filters.get("facet"):
        words.append(texts(f"filters.facet_{filters['facet']}"))
    if filters.get("scope") not in (None, "all"):
        words.append(texts(f"filters.scope_{filters['scope']}"))
    return ", ".join(words)


def progress_html(words: str) -> str:
    """A line that says what is being done."""
    return f'<p class="progress"><span class="dot" aria-hidden="true"></span> {escape(words)}</p>'


def trouble_html(context: WebContext, words: str, *, retry: bool) -> str:
    """A box that says what went wrong."""
    again = _action("data-retry", "", context.texts("answer.retry")) if retry else ""
    return f'<div class="declined"><p>{escape(words)}</p></div><div class="actions">{again}</div>'


def _next_questions(context: WebContext, questions: Sequence[str]) -> str:
    if not questions:
        return ""
    lines = "".join(f"<li>{ask_button(q)}</li>" for q in questions)
    return f'<section class="next"><h4>{escape(context.texts("answer.next"))}</h4><ul>{lines}</ul></section>'


def _actions(context: WebContext, renderer: AnswerRenderer, message: Message, *, last: bool) -> str:
    texts = context.texts
    buttons = [
        _action("data-copy", renderer.plain(message.answer), texts("answer.copy")),
        _vote(context, message, "up", "answer.helpful"),
        _vote(context, message, "down", "answer.unhelpful"),
    ]
    if last:
        buttons.append(_action("data-retry", "", texts("answer.retry")))
        buttons.append(_action("data-edit", "", texts("answer.edit")))
    return f'<div class="actions">{"".join(buttons)}</div>{_note(context, message)}'


def _action(name: str, value: str, words: str) -> str:
    return f'<button type="button" class="quiet" {name}="{attribute(value)}">{escape(words)}</button>'


_THUMBS = {
    "up": "M7 10v10H4V10zm2 0 4-7c1.5 0 2.4 1.2 2 2.7L14.300 9H19c1.300 0 2.200 1.200 1.900 2.400l-1.700 6.900c-.3 1-1.200 1.700-2.200 1.700H9z",
    "down": "M7 14V4H4v10zm2 0 4 7c1.5 0 2.4-1.200 2-2.700L14.300 15H19c1.300 0 2.200-1.200 1.900-2.400l-1.700-6.900C18.900 4.700 18 4 17 4H9z",
}


def _vote(context: WebContext, message: Message, vote: str, key: str) -> str:
    pressed = "true" if message.vote == vote else "false"
    icon = f'<svg viewBox="0 0 24 24" width="16" height="16" aria-hidden="true"><path d="{_THUMBS[vote]}"/></svg>'
    return (
        f'<button type="button" class="quiet vote" data-vote="{vote}" data-message="{attribute(message.message_id)}" '
        f'aria-pressed="{pressed}">{icon} {escape(context.texts(key))}</button>'
    )


def _note(context: WebContext, message: Message) -> str:
    """The form for a note, once a vote was given."""
    if message.vote is None:
        return ""
    texts, name = context.texts, f"note-{message.message_id}"
    label = texts("answer.note_label" if message.vote == "down" else "answer.note_up_label")
    saved = texts("answer.note_saved" if message.note else "answer.vote_saved")
    return (
        f'<div class="note" data-note-for="{attribute(message.message_id)}" data-note-vote="{message.vote}">'
        f'<label for="{name}">{escape(label)}</label><textarea id="{name}" rows="2" maxlength="2000">{escape(message.note)}</textarea>'
        f'<button type="button" class="quiet" data-note-send>{escape(texts("answer.note_send"))}</button>'
        f'<span class="saved" role="status">{escape(saved)}</span></div>'
    )
