"""What is kept of conversations and feedback, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.conversations import Conversations
from assistant.errors import SettingsError

ANSWER = {"declined": False, "statements": [{"text": "Agree an owner."}], "citations": []}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Conversations]:
    found = Conversations.in_folder(tmp_path)
    yield found
    found.close()


def ask(
    store: Conversations, question: str, conversation: str | None = None, user: str = "ann", **options: bool
) -> tuple[str, str]:
    return store.record(user, conversation, question, ANSWER, {"audience": "msme"}, **options)


def test_a_conversation_survives_a_restart(tmp_path: Path) -> None:
    first = Conversations.in_folder(tmp_path)
    key, _ = ask(first, "Who owns a risk?")
    ask(first, "And a joint one?", key)
    first.close()
    again = Conversations.in_folder(tmp_path)
    found = again.get("ann", key)
    again.close()
    assert found is not None
    assert [m.question for m in found.messages] == ["Who owns a risk?", "And a joint one?"]
    assert found.messages[0].answer == ANSWER
    assert found.messages[0].filters == {"audience": "msme"}


def test_nobody_reads_renames_deletes_or_rates_what_another_user_asked(store: Conversations) -> None:
    key, message = ask(store, "Who owns a risk?")
    assert store.get("bob", key) is None
    assert not store.rename("bob", key, "Mine now")
    assert not store.delete("bob", key)
    assert store.vote("bob", message, "down") is None
    assert store.listed("bob") == []


def test_a_question_into_another_users_conversation_begins_a_new_one(store: Conversations) -> None:
    key, _ = ask(store, "Who owns a risk?")
    other, _ = ask(store, "What is trust?", key, user="bob")
    assert other != key
    assert store.get("ann", key).size == 1  # type: ignore[union-attr]


def test_a_question_asked_again_takes_the_place_of_the_last_one(store: Conversations) -> None:
    key, _ = ask(store, "Who owns a risk?")
    ask(store, "Who owns a shared risk?", key, replace_last=True)
    found = store.get("ann", key)
    assert found is not None
    assert [m.question for m in found.messages] == ["Who owns a shared risk?"]
    assert found.title == "Who owns a shared risk?"


def test_a_question_that_was_voted_on_stays_with_its_note_when_it_is_asked_again(store: Conversations) -> None:
    key, message = ask(store, "Who owns a risk?")
    store.vote("ann", message, "down", "names no owner")
    ask(store, "Who owns a shared risk?", key, replace_last=True)
    found = store.get("ann", key)
    assert found is not None
    assert [m.question for m in found.messages] == ["Who owns a risk?", "Who owns a shared risk?"]
    assert found.title == "Who owns a risk?"
    assert [(f.question, f.note) for f in store.pending_feedback()] == [("Who owns a risk?", "names no owner")]
    ask(store, "Who owns a joint risk?", key, replace_last=True)
    assert [m.question for m in store.get("ann", key).messages][1:] == ["Who owns a joint risk?"]  # type: ignore[union-attr]


def test_search_looks_into_titles_and_questions_and_takes_signs_literally(store: Conversations) -> None:
    risk, _ = ask(store, "Who owns a risk?")
    ask(store, "What about 100% of it?", risk)
    trust, _ = ask(store, "What is trust?")
    store.rename("ann", trust, "Kick-off notes")
    assert [c.conversation_id for c in store.listed("ann", "kick-off")] == [trust]
    assert [c.conversation_id for c in store.listed("ann", "TRUST what")] == [trust]
    assert [c.conversation_id for c in store.listed("ann", "100%")] == [risk]
    assert store.listed("ann", "100_") == []


def test_the_latest_conversation_stands_first(store: Conversations) -> None:
    first, _ = ask(store, "Who owns a risk?")
    second, _ = ask(store, "What is trust?")
    ask(store, "And then?", first)
    assert [c.conversation_id for c in store.listed("ann")] == [first, second]


def test_a_deleted_conversation_takes_its_feedback_along(store: Conversations) -> None:
    key, message = ask(store, "Who owns a risk?")
    store.vote("ann", message, "down", "too short")
    assert store.delete("ann", key)
    assert store.pending_feedback() == []
    assert store.vote_counts() == {}


def test_a_thumbs_down_waits_with_its_earlier_questions_until_it_is_decided(store: Conversations) -> None:
    key, first = ask(store, "Who owns a risk?")
    _, second = ask(store, "And a joint one?", key)
    store.vote("ann", first, "up")
    store.vote("ann", second, "down", "names no owner")
    (waiting,) = store.pending_feedback()
    assert (waiting.feedback_id, waiting.question, waiting.history) == (
        second,
        "And a joint one?",
        ("Who owns a risk?",),
    )
    assert (waiting.note, waiting.answer) == ("names no owner", ANSWER)
    assert store.resolve_feedback(second, "case:feedback-1")
    assert store.pending_feedback() == []
    assert store.vote_counts() == {"up": 1, "down": 1}


def test_a_vote_can_be_changed_and_taken_back(store: Conversations) -> None:
    key, message = ask(store, "Who owns a risk?")
    store.vote("ann", message, "up")
    store.vote("ann", message, "down", "on second thoughts")
    assert store.get("ann", key).messages[0].vote == "down"  # type: ignore[union-attr]
    store.vote("ann", message, None)
    assert store.get("ann", key).messages[0].vote is None  # type: ignore[union-attr]


def test_a_folder_that_cannot_be_written_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(SettingsError, match="--data-dir"):
        Conversations.in_folder(tmp_path / "file")
