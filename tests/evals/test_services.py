"""The product as the evals see it: what marks a run as made by this code, and engines that cannot be opened."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import pytest

from assistant import services
from assistant.answering.assistant import GuidanceAssistant
from assistant.conversations import Conversations
from assistant.errors import EngineError
from assistant.services import Services, folder_sha256
from assistant.settings import Settings


def product(folder: Path, engine: str = "extractive") -> Services:
    found = Services(Settings(data_dir=folder, engine=engine))
    found.__dict__["_assistant"] = Mock()
    return found


def test_a_run_is_marked_with_the_code_and_weights_that_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (services.PACKAGE / "evals" / "metrics.py").is_file()
    package = tmp_path / "assistant"
    (package / "part").mkdir(parents=True)
    (package / "part" / "code.py").write_text("one = 1")
    monkeypatch.setattr(services, "PACKAGE", package)
    seen = [product(tmp_path).hashes()]
    for name, content in (("part/code.py", "one = 2"), ("part/weights.npz", "numbers"), ("words.toml", "")):
        (package / name).write_text(content)
        seen.append(product(tmp_path).hashes())
    codes = [hashes["code"] for hashes in seen]
    assert len(set(codes)) == len(codes)
    assert len({hashes["prompts"] for hashes in seen}) == 1


def test_terminal_and_page_keep_cases_in_one_folder(tmp_path: Path) -> None:
    assert product(tmp_path).user_cases_folder() == services.user_cases_folder(tmp_path) == tmp_path / "cases"


def test_thumbs_downs_of_the_chat_wait_until_they_are_decided_on(tmp_path: Path) -> None:
    store = Conversations.in_folder(tmp_path)
    conversation, _ = store.record("ann", None, "Who minds risks?", {"declined": True}, {})
    _, message = store.record("ann", conversation, "And who pays?", {"declined": True}, {})
    store.vote("ann", message, "down", "wrong")
    inbox = product(tmp_path).feedback()
    (waiting,) = inbox.pending()
    assert (waiting.question, waiting.history, waiting.note) == ("And who pays?", ("Who minds risks?",), "wrong")
    inbox.resolve(waiting.feedback_id, "rejected")
    assert inbox.pending() == []
    store.close()


def test_what_python_compiles_does_not_change_the_mark_and_where_a_file_stands_does(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.py").write_text("x")
    before = folder_sha256(tmp_path)
    (tmp_path / "a" / "__pycache__").mkdir()
    (tmp_path / "a" / "__pycache__" / "x.cpython-311.pyc").write_bytes(b"x")
    assert folder_sha256(tmp_path) == before
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "x.py").rename(tmp_path / "b" / "x.py")
    assert folder_sha256(tmp_path) != before


def test_an_unknown_engine_is_refused_when_the_assistant_is_handed_over(assistant: GuidanceAssistant) -> None:
    Services(assistant.settings).answerer()
    with pytest.raises(EngineError, match="unknown provider"):
        Services(assistant.settings.model_copy(update={"engine": "nosuch:model"})).answerer()
