"""From a thumbs-down to a case: nothing enters a suite unreviewed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.errors import CaseError
from assistant.evals.case import Case
from assistant.evals.dataset import load_cases
from assistant.evals.protocols import Feedback
from assistant.evals.review import ClauseFinder, ReviewDialogue, append_case, duplicate_of, known_cases, reviewed_case

from .scripted import ScriptedCatalog, ScriptedQueue, make_answer

RISK = "iso-44003:5.10.3.3"
FIRST = Feedback("1", "Who owns joint risks?", ("We team up.",), make_answer("iso-44003:5.10.1"), "wrong clause")
SECOND = Feedback("2", "What is the VAT rate?", (), make_answer())


def talk(path: Path, *typed: str, known: list[Case] | None = None) -> tuple[ScriptedQueue, list[str], ReviewDialogue]:
    queue, lines = ScriptedQueue(FIRST, SECOND), iter(typed)
    told: list[str] = []

    def ask(prompt: str) -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    dialogue = ReviewDialogue(queue, ScriptedCatalog(), path, known or [], ask=ask, tell=told.append)
    dialogue.run()
    return queue, told, dialogue


def test_picked_clauses_become_a_case_that_loads(tmp_path: Path) -> None:
    path = tmp_path / "cases" / "reviewed.jsonl"
    queue, told, dialogue = talk(path, "joint risk management", "must 1", "save", "decline")
    assert queue.outcomes == {"1": "case:feedback-1", "2": "case:feedback-2"}
    first, second = load_cases([path], known_ids=ScriptedCatalog().known_ids())
    assert (first.expected, first.must_cite, first.history) == ((RISK,), (RISK,), ("We team up.",))
    assert (first.principle, first.audience) == ("Risk management", "msme")
    assert "wrong clause" in first.note
    assert second.must_decline
    assert dialogue.saved == 2
    assert any("note: wrong clause" in line for line in told)


def test_what_the_answer_cited_is_offered_first(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    talk(path, "1", "save", "quit")
    assert load_cases([path])[0].expected == ("iso-44003:5.10.1",)


def test_nothing_is_written_unless_the_reviewer_decides(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    for typed in (["skip", "skip"], ["quit"], [], ["save", "99", "zzzz"]):
        queue, _, _ = talk(path, *typed)
        assert queue.outcomes == {}
        assert not path.exists()
    queue, _, dialogue = talk(path, "drop")
    assert queue.outcomes == {"1": "rejected"}
    assert dialogue.dropped == 1
    assert not path.exists()


def test_a_question_that_is_a_case_already_is_told(tmp_path: Path) -> None:
    known = [Case("old", "who owns joint RISKS", (RISK,), history=("We team up!",))]
    assert duplicate_of(FIRST, known) == "old"
    assert duplicate_of(SECOND, known) == ""
    assert any("Case old asks the same" in line for line in talk(tmp_path / "r", "quit", known=known)[1])


def test_a_second_case_for_one_question_is_refused(tmp_path: Path) -> None:
    known = [Case("old", "who owns joint RISKS", (RISK,), history=("We team up!",))]
    with pytest.raises(CaseError, match="case old asks the same already"):
        reviewed_case(FIRST, ScriptedCatalog(), expected=[RISK], known=known)
    queue, _, _ = talk(tmp_path / "r.jsonl", "1", "save", "drop", "decline", known=known)
    assert queue.outcomes == {"1": "rejected", "2": "case:feedback-2"}


def test_known_cases_are_read_once_and_empty_or_missing_files_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "a", "question": "q", "expected": []}))
    files = [Path("a.jsonl"), tmp_path / "a.jsonl", tmp_path / "empty.jsonl", tmp_path / "missing.jsonl"]
    assert [c.case_id for c in known_cases(files)] == ["a"]
    assert known_cases(files[2:]) == []


def test_an_id_that_does_not_exist_is_refused() -> None:
    with pytest.raises(CaseError, match="is no citation id"):
        reviewed_case(FIRST, ScriptedCatalog(), expected=["iso-44003:99"])


def test_appending_mends_a_missing_line_break_and_refuses_a_second_time(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(json.dumps({"id": "a", "question": "q", "expected": []}))
    case = reviewed_case(FIRST, ScriptedCatalog(), expected=[RISK.upper()])
    append_case(path, case)
    assert [c.case_id for c in load_cases([path])] == ["a", "feedback-1"]
    with pytest.raises(CaseError, match="is there already"):
        append_case(path, case)


def test_a_file_that_cannot_be_written_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    queue, told, _ = talk(tmp_path / "file" / "r.jsonl", "1", "save", "quit")
    assert queue.outcomes == {}
    assert any("cannot be written" in line for line in told)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        (RISK, RISK),
        ("5.10.3.3", RISK),
        ("governance", "iso-44004:5.5"),
        ("5.1.3.3 g) 1)", "iso-44003:5.1.3.3 g) 1)"),
        ("planning exits early", "iso-44003:5.12.3.1 #2"),
    ],
)
def test_clauses_are_found_by_id_number_and_words(typed: str, first: str) -> None:
    assert ClauseFinder(ScriptedCatalog()).find(typed)[0].citation_id == first


def test_nothing_is_found_for_words_that_stand_nowhere() -> None:
    assert ClauseFinder(ScriptedCatalog()).find("zebra crossing") == []
    assert len(ClauseFinder(ScriptedCatalog()).find("management", limit=2)) == 2
