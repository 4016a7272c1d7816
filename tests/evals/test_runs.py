"""Runs: they go on after a kill, keep what is done when stopped, and refuse what is not theirs."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import CaseError, IndexMissing, WriteError
from assistant.evals.answers import AnswerRecord
from assistant.evals.baselines import LEFT_OUT, load_run, save_baseline
from assistant.evals.case import Case
from assistant.evals.commands import RunOptions, baseline, compare, run, score
from assistant.evals.compare import compare_runs
from assistant.evals.running import answer_cases
from assistant.evals.runs import RunFolder, RunHeader

from .scripted import ScriptedAnswerer, ScriptedServices, case_record, make_answer, write_cases

RISK = "iso-44003:5.10.3.3"
CASES = [Case(f"c{i}", f"question {i}", (RISK,)) for i in range(12)]
TABLE = {c.question: make_answer(RISK) for c in CASES}


def header(cases: list[Case] = CASES, repeat: int = 1, **settings: object) -> RunHeader:
    return RunHeader.of(cases, repeat, {"engine": "scripted", **settings}, {"index_generation": "g1"})


def test_every_case_is_answered_once_and_written(tmp_path: Path) -> None:
    answerer = ScriptedAnswerer(TABLE)
    with RunFolder.open(tmp_path / "run", CASES, header()) as folder:
        answers = answer_cases(folder, CASES, answerer, workers=4, stream=io.StringIO())
    assert sorted(answerer.asked) == sorted(TABLE)
    assert set(answers) == {(c.case_id, 0) for c in CASES}
    assert len((tmp_path / "run" / "answers.jsonl").read_text().splitlines()) == len(CASES)


def test_a_run_goes_on_where_it_stopped_and_asks_failed_cases_again(tmp_path: Path) -> None:
    with RunFolder.open(tmp_path, CASES, header()) as folder:
        answer_cases(folder, CASES[:5], ScriptedAnswerer(TABLE, failing=["question 2"]), stream=io.StringIO())
    again = ScriptedAnswerer(TABLE)
    told = io.StringIO()
    with RunFolder.open(tmp_path, CASES, header()) as folder:
        answers = answer_cases(folder, CASES, again, stream=told)
    assert sorted(again.asked) == sorted(["question 2", *(c.question for c in CASES[5:])])
    assert all(a.answer for a in answers.values())
    assert "going on: 4 of 12" in told.getvalue()


def test_half_a_line_from_a_kill_is_dropped_and_asked_again(tmp_path: Path) -> None:
    with RunFolder.open(tmp_path, CASES, header()) as folder:
        answer_cases(folder, CASES[:2], ScriptedAnswerer(TABLE), stream=io.StringIO())
    with (tmp_path / "answers.jsonl").open("a") as file:
        file.write('{"id": "c7", "repeat": 0, "ans')
    with RunFolder.open(tmp_path, CASES, header()) as folder:
        assert set(folder.answers()) == {("c0", 0), ("c1", 0)}
        assert len(answer_cases(folder, CASES, ScriptedAnswerer(TABLE), stream=io.StringIO())) == len(CASES)


def test_an_answer_that_cannot_be_kept_ends_the_run_in_words(tmp_path: Path) -> None:
    with RunFolder.open(tmp_path, CASES, header()) as folder:
        (tmp_path / "answers.jsonl").symlink_to("/dev/full")
        with pytest.raises(WriteError, match=r"answers\.jsonl: cannot be written .* make room"):
            folder.append(AnswerRecord("c0", 0, TABLE["question 0"]))


_KILLED = """
import sys, time
from pathlib import Path
from {package}.scripted import ScriptedAnswerer, make_answer
from {package}.test_runs import CASES, TABLE, header
from assistant.evals.running import answer_cases
from assistant.evals.runs import RunFolder

class Slow(ScriptedAnswerer):
    def answer(self, question, history):
        if question == "question 6":
            print("here", flush=True)
            time.sleep(600)
        return super().answer(question, history)

with RunFolder.open(Path(sys.argv[1]), CASES, header()) as folder:
    answer_cases(folder, CASES, Slow(TABLE), workers=1)
"""


def test_a_run_that_was_killed_loses_only_what_was_under_way(tmp_path: Path) -> None:
    package = __package__ or ""
    root = Path(__file__).parents[package.count(".") + 1]
    script = _KILLED.format(package=package)
    code = f"import sys; sys.path.insert(0, {str(root)!r}); sys.path.append({str(Path.cwd())!r})\n{script}"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "run")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.communicate()
    again = ScriptedAnswerer(TABLE)
    with RunFolder.open(tmp_path / "run", CASES, header()) as folder:
        answer_cases(folder, CASES, again, stream=io.StringIO())
    assert sorted(again.asked) == sorted(c.question for c in CASES[6:])


def test_an_interrupt_keeps_what_is_done_and_what_is_under_way(tmp_path: Path) -> None:
    pressed = iter([KeyboardInterrupt])

    class Stopping(RunFolder):
        def append(self, record: AnswerRecord) -> None:
            super().append(record)
            if record.case_id == "c3" and (stop := next(pressed, None)):
                raise stop

    with Stopping.open(tmp_path, CASES, header()) as folder, pytest.raises(KeyboardInterrupt):
        answer_cases(folder, CASES, ScriptedAnswerer(TABLE), workers=2, stream=io.StringIO())
    with RunFolder.open(tmp_path, CASES, header()) as folder:
        kept = {case_id for case_id, _ in folder.answers()}
    assert {"c0", "c1", "c2", "c3"} <= kept
    assert len(kept) < len(CASES)


def test_what_would_fail_for_every_case_ends_the_run(tmp_path: Path) -> None:
    class NoIndex(ScriptedAnswerer):
        def answer(self, question: str, history: list[str]) -> dict[str, object]:
            raise IndexMissing("nothing is indexed here; run `assistant index`")

    with RunFolder.open(tmp_path, CASES, header()) as folder, pytest.raises(IndexMissing):
        answer_cases(folder, CASES, NoIndex({}), stream=io.StringIO())


def test_a_fault_in_one_answer_is_recorded_and_the_run_goes_on(tmp_path: Path) -> None:
    class Faulty(ScriptedAnswerer):
        def answer(self, question: str, history: list[str]) -> dict[str, object]:
            if question == "question 1":
                raise ZeroDivisionError("division by zero")
            if question == "question 3":
                return make_answer(RISK, text="half \ud800")
            return {"declined": "no"} if question == "question 2" else super().answer(question, history)

    with RunFolder.open(tmp_path, CASES, header()) as folder:
        answers = answer_cases(folder, CASES, Faulty(TABLE), stream=io.StringIO())
    assert answers[("c1", 0)].error == "ZeroDivisionError: division by zero"
    assert 'key "declined"' in answers[("c2", 0)].error
    assert "half a character" in answers[("c3", 0)].error
    assert sum(a.answer is not None for a in answers.values()) == len(CASES) - 3


def test_repetitions_are_answers_of_their_own(tmp_path: Path) -> None:
    with RunFolder.open(tmp_path, CASES, header(repeat=3)) as folder:
        answers = answer_cases(folder, CASES, ScriptedAnswerer(TABLE), stream=io.StringIO())
    assert len(answers) == 3 * len(CASES)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (header(CASES[:3]), "the cases"),
        (header(repeat=2), "--repeat"),
        (header(top=9), 'setting "top"'),
        (replace(header(), hashes={"index_generation": "g2"}), 'hash of "index_generation"'),
        (replace(header(), hashes={"index_generation": "g1", "code": "new"}), 'hash of "code"'),
    ],
)
def test_a_folder_of_another_run_is_refused_and_the_difference_named(
    tmp_path: Path, other: RunHeader, words: str
) -> None:
    RunFolder.open(tmp_path, CASES, header()).close()
    with pytest.raises(CaseError, match="differs in") as caught:
        RunFolder.open(tmp_path, CASES, other)
    assert words in str(caught.value)
    assert "name another folder with --out, remove this one, or go back" in str(caught.value)


class _Versioned(ScriptedServices):
    def __init__(self, code: str) -> None:
        super().__init__(ScriptedAnswerer(TABLE))
        self.code = code

    def hashes(self) -> dict[str, str]:
        return {"code": self.code}


def test_answers_of_other_code_are_not_scored_as_this_ones_and_both_runs_compare(tmp_path: Path) -> None:
    path = write_cases(tmp_path / "cases.jsonl", *(c.to_record() for c in CASES))
    old, new = _Versioned("old"), _Versioned("new")
    assert run(old, RunOptions([path], tmp_path / "old")) == 0
    with pytest.raises(CaseError, match='hash of "code"'):
        run(new, RunOptions([path], tmp_path / "old"))
    assert run(new, RunOptions([path], tmp_path / "new")) == 0
    found = compare_runs(load_run(tmp_path / "old"), load_run(tmp_path / "new"))
    assert found.changed_settings == ('hash of "code"',)
    assert found.gate(0) == []


def test_folders_of_another_version_of_something_else_and_damaged_ones_are_refused(tmp_path: Path) -> None:
    RunFolder.open(tmp_path / "old", CASES, header()).close()
    record = json.loads((tmp_path / "old" / "run.json").read_text())
    (tmp_path / "old" / "run.json").write_text(json.dumps(record | {"format_version": 0}))
    with pytest.raises(CaseError, match="form version 0, this program reads version 1"):
        RunFolder.open(tmp_path / "old", CASES, header())
    with pytest.raises(CaseError, match="form version 0"):
        load_run(tmp_path / "old")
    (tmp_path / "old" / "run.json").write_text("{")
    with pytest.raises(CaseError, match="damaged"):
        load_run(tmp_path / "old")
    (tmp_path / "old" / "run.json").write_text(json.dumps(record | {"settings": 3}))
    with pytest.raises(CaseError, match=r'damaged \(key "settings"\)'):
        load_run(tmp_path / "old")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("keep me")
    with pytest.raises(CaseError, match="holds no run"):
        RunFolder.open(tmp_path / "other", CASES, header())
    with pytest.raises(CaseError, match="cannot be a run folder"):
        RunFolder.open(tmp_path / "other" / "letter.txt", CASES, header())
    assert (tmp_path / "other" / "letter.txt").read_text() == "keep me"


def test_a_run_header_that_is_not_utf_8_is_refused_in_words_wherever_it_is_read(tmp_path: Path) -> None:
    path = write_cases(tmp_path / "cases.jsonl", *(c.to_record() for c in CASES))
    services, folder = ScriptedServices(ScriptedAnswerer(TABLE)), tmp_path / "run"
    run(services, RunOptions([path], folder))
    (folder / "run.json").write_bytes(b"\xff\xfe{}")
    reads: list[Callable[[], int]] = [
        lambda: compare(folder, folder),
        lambda: run(services, RunOptions([path], folder)),
        lambda: score(services, folder / "answers.jsonl", [path]),
    ]
    for read in reads:
        with pytest.raises(CaseError, match=r"run\.json: is damaged \(not UTF-8 at byte 0\)"):
            read()


def test_two_writers_exclude_each_other(tmp_path: Path) -> None:
    refused: list[str] = []

    def second() -> None:
        try:
            RunFolder.open(tmp_path, CASES, header()).close()
        except CaseError as error:
            refused.append(str(error))

    with RunFolder.open(tmp_path, CASES, header()):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert refused
    assert "another run is writing here" in refused[0]
    RunFolder.open(tmp_path, CASES, header()).close()


def test_two_runs_of_the_same_product_give_the_same_scores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_cases(tmp_path / "cases.jsonl", *(c.to_record() for c in CASES))
    for name, workers in (("one", 1), ("two", 4)):
        services = ScriptedServices(ScriptedAnswerer(TABLE))
        assert run(services, RunOptions([path], tmp_path / name, workers=workers)) == 0
    assert "12 cases" in capsys.readouterr().out
    files = [(tmp_path / name / "scores.jsonl").read_text() for name in ("one", "two")]
    assert files[0] == files[1]


def test_a_baseline_is_read_back_and_holds_no_licensed_words(tmp_path: Path) -> None:
    cases = CASES[:2]
    secret, own = "these words stand in a licensed text", "our own words"
    table = {
        "question 0": make_answer(RISK, text=secret, rendition="licensed", verbatim=True),
        "question 1": make_answer(RISK, text=own),
    }
    path = write_cases(tmp_path / "cases.jsonl", *(c.to_record() for c in cases))
    run(ScriptedServices(ScriptedAnswerer(table)), RunOptions([path], tmp_path / "run"))
    save_baseline(load_run(tmp_path / "run"), tmp_path / "baselines" / "smoke.jsonl")
    text = (tmp_path / "baselines" / "smoke.jsonl").read_text()
    assert secret not in text
    assert LEFT_OUT in text
    assert own in text
    loaded, kept = load_run(tmp_path / "run"), load_run(tmp_path / "baselines" / "smoke.jsonl")
    assert kept.scored == loaded.scored
    assert [c.fingerprint() for c in kept.cases] == [c.fingerprint() for c in loaded.cases]


@pytest.mark.parametrize(
    ("content", "words"),
    [("", "is empty"), ("{}\n", "not of the form"), ("nonsense\n", "not JSON")],
)
def test_a_file_that_is_no_baseline_is_refused(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "b.jsonl").write_text(content)
    with pytest.raises(CaseError, match=words):
        load_run(tmp_path / "b.jsonl")
    with pytest.raises(CaseError, match="no such file"):
        load_run(tmp_path / "none.jsonl")
    with pytest.raises(CaseError, match="holds no run"):
        load_run(tmp_path)


def test_scores_of_another_version_of_the_metrics_are_refused(tmp_path: Path) -> None:
    path = write_cases(tmp_path / "cases.jsonl", case_record("c", "question 0", RISK))
    run(ScriptedServices(ScriptedAnswerer(TABLE)), RunOptions([path], tmp_path / "run"))
    record = json.loads((tmp_path / "run" / "scores.jsonl").read_text())
    (tmp_path / "run" / "scores.jsonl").write_text(json.dumps(record | {"scoring_version": 0}) + "\n")
    with pytest.raises(CaseError, match="assistant evals score"):
        load_run(tmp_path / "run")


def test_scores_that_are_no_numbers_are_refused_with_their_line(tmp_path: Path) -> None:
    path = write_cases(tmp_path / "cases.jsonl", case_record("c", "question 0", RISK))
    run(ScriptedServices(ScriptedAnswerer(TABLE)), RunOptions([path], tmp_path / "run"))
    record = json.loads((tmp_path / "run" / "scores.jsonl").read_text())
    record["scores"]["latency_ms"] = float("nan")
    (tmp_path / "run" / "scores.jsonl").write_text(json.dumps(record) + "\n")
    with pytest.raises(CaseError, match=r'scores\.jsonl:1: is damaged \("latency_ms" is no number\)'):
        load_run(tmp_path / "run")


def test_a_baseline_is_not_written_below_a_file(tmp_path: Path) -> None:
    path = write_cases(tmp_path / "cases.jsonl", case_record("c", "question 0", RISK))
    run(ScriptedServices(ScriptedAnswerer(TABLE)), RunOptions([path], tmp_path / "run"))
    with pytest.raises(WriteError, match=r"cases\.jsonl/x\.jsonl: cannot be written"):
        baseline(tmp_path / "run", path / "x.jsonl")
