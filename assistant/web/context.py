"""What every tab works with: the assistant, the words, the kept conversations, and who is asking."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import date
from html import escape
from typing import Any

import gradio as gr

from assistant.answering.assistant import GuidanceAssistant
from assistant.conversations import Conversations
from assistant.errors import AssistantError
from assistant.web.rendering import AnswerRenderer
from assistant.web.texts import Texts

USER_COOKIE = "assistant_user"
PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
"""Options of every listener: none is a public endpoint, and our own pages say what is being done."""

_log = logging.getLogger(__name__)


@dataclass
class WebContext:
    """Shared by all tabs of one running web application.

    Attributes:
        assistant: Answers.
        texts: The words of the interface.
        store: Conversations and feedback.
        ready: Set when the first question will not have to wait.
    """

    assistant: GuidanceAssistant
    texts: Texts
    store: Conversations
    ready: threading.Event = field(default_factory=threading.Event)

    @property
    def role(self) -> str:
        """Role of the reader until there is a log-in."""
        return self.assistant.settings.role

    def today(self) -> date:
        """The day on which licences are judged."""
        return date.today()

    def renderer(self) -> AnswerRenderer:
        """Renders answers against the generation that serves now."""
        return AnswerRenderer(self.assistant.catalog, self.texts, self.role, self.today())

    def trouble(self, error: AssistantError) -> str:
        """The line that stands in the place of what cannot be shown."""
        return f'<p class="declined">{escape(self.texts("page.trouble", reason=error))}</p>'

    def warm(self) -> None:
        """Load what the first question needs; a missing index is no reason to stop."""
        try:
            self.assistant.warm()
        except AssistantError as error:
            _log.warning("%s", error)
        finally:
            self.ready.set()


def own_html(html: str = "", **options: Any) -> gr.HTML:
    """A block of our own HTML, styled by page.css alone; the caller has escaped every text in it."""
    return gr.HTML(html, apply_default_css=False, padding=False, **options)


def user_of(request: gr.Request) -> str:
    """The key of a user: the browser cookie, else the page's session, so that nobody shares a key."""
    cookies = getattr(request, "cookies", None) or {}
    key = cookies.get(USER_COOKIE) or f"s-{request.session_hash or 'none'}"
    return str(key)[:64]


def event_data(event: gr.EventData) -> dict[str, Any]:
    """What the page sent with an event; an empty dictionary where it is not of the form."""
    data = event._data
    return data if isinstance(data, dict) else {}


def text_of(data: dict[str, Any], key: str, limit: int = 4000) -> str:
    """A text that the page sent, "" where it sent none."""
    value = data.get(key)
    return value[:limit] if isinstance(value, str) else ""
