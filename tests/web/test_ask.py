"""What is kept, and what is not, when a question is tried again, changed, stopped, or followed by another."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from assistant.answering.answer import Answer, Receipt
from assistant.answering.assistant import GuidanceAssistant
from assistant.clauses.taxonomy import read_taxonomy
from assistant.conversations import Conversations
from assistant.errors import AssistantError
from assistant.web.ask import AskTab, Talk, build_ask_tab, fresh_talk
from assistant.web.context import USER_COOKIE, WebContext
from assistant.web.texts import read_texts

REQUEST: Any = SimpleNamespace(cookies={USER_COOKIE: "ann"}, session_hash="page")
FIRST, SECOND, THIRD = "Who owns a risk?", "Who owns a shared risk?", "What is trust?"


class Engine:
    """Answers at once with nothing, or fails; the rest is the real assistant's."""

    def __init__(self, guidance: GuidanceAssistant) -> None:
        self.catalog, self.settings = guidance.catalog, guidance.settings
        self.fails = False

    def stream(self, question: str, *_: object) -> Iterator[Any]:
        if self.fails:
            raise AssistantError("the engine is away")
        yield SimpleNamespace(statement=None, answer=Answer(question, question, "extractive", Receipt("g")))


@pytest.fixture
def tab(guidance: GuidanceAssistant) -> AskTab:
    settings = guidance.settings
    engine: Any = Engine(guidance)
    with gr.Blocks():
        return build_ask_tab(
            WebContext(engine, read_texts(), Conversations("sqlite://")),
            read_taxonomy(settings.corpus_dir, settings.overlay_dir),
        )


def talk_of(tab: AskTab, outputs: Any) -> Talk:
    talk: Talk = outputs[tab.outputs.index(tab.talk)]
    return talk


def typed(tab: AskTab, question: str, talk: Talk) -> Talk:
    """The talk after a question in the box was shown."""
    return talk_of(tab, tab.begin_from_box(question, talk, {}, "ann"))


def retried(tab: AskTab, talk: Talk) -> Talk:
    """The talk after "Try again" has shown the question."""
    question, talk = tab.again(talk, "ann")
    return talk_of(tab, tab.begin(question, talk, talk["filters"], "ann"))


def changed(tab: AskTab, talk: Talk) -> Talk:
    """The talk after "Change the question"."""
    return tab.again(talk, "ann")[1] | {"question": ""}


def answered(tab: AskTab, talk: Talk) -> Talk:
    return talk_of(tab, list(tab.answer(talk, REQUEST))[-1])


def kept(tab: AskTab, talk: Talk) -> list[str]:
    conversation = tab.context.store.get("ann", talk["conversation"])
    return [m.question for m in conversation.messages] if conversation else []


def test_a_changed_question_takes_the_place_of_the_last_one(tab: AskTab) -> None:
    talk = answered(tab, typed(tab, FIRST, fresh_talk()))
    talk = answered(tab, typed(tab, SECOND, changed(tab, talk)))
    assert kept(tab, talk) == [SECOND]
    assert kept(tab, answered(tab, typed(tab, THIRD, talk))) == [SECOND, THIRD]


def test_a_try_that_was_stopped_takes_its_own_place_when_it_is_tried_again(tab: AskTab) -> None:
    talk = answered(tab, typed(tab, FIRST, fresh_talk()))
    talk = talk_of(tab, tab.stopped(retried(tab, talk)))
    assert kept(tab, answered(tab, retried(tab, talk))) == [FIRST]


def test_a_new_question_after_a_stopped_try_leaves_the_kept_one_alone(tab: AskTab) -> None:
    talk = answered(tab, typed(tab, FIRST, fresh_talk()))
    talk = talk_of(tab, tab.stopped(retried(tab, talk)))
    assert kept(tab, answered(tab, typed(tab, SECOND, talk))) == [FIRST, SECOND]


def test_a_new_question_after_a_failed_try_leaves_the_kept_one_alone(tab: AskTab) -> None:
    engine: Any = tab.context.assistant
    talk = answered(tab, typed(tab, FIRST, fresh_talk()))
    engine.fails = True
    talk = answered(tab, retried(tab, talk))
    engine.fails = False
    assert kept(tab, answered(tab, typed(tab, SECOND, talk))) == [FIRST, SECOND]


@pytest.mark.parametrize("next_question", ["", SECOND], ids=["tried again", "changed"])
def test_an_answer_that_was_found_unhelpful_stays_in_view_and_for_review(tab: AskTab, next_question: str) -> None:
    store = tab.context.store
    talk = answered(tab, typed(tab, FIRST, fresh_talk()))
    voted = store.get("ann", talk["conversation"]).messages[0].message_id  # type: ignore[union-attr]
    store.vote("ann", voted, "down", "names no owner")
    again = typed(tab, next_question, changed(tab, talk)) if next_question else retried(tab, talk)
    assert FIRST in tab.begin(again["question"], again, {}, "ann")[0]
    talk = answered(tab, again)
    assert kept(tab, talk) == [FIRST, next_question or FIRST]
    assert [(f.feedback_id, f.note) for f in store.pending_feedback()] == [(voted, "names no owner")]
