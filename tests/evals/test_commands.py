"""`assistant evals …` from arguments to exit codes and files."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from assistant.errors import CaseError, EngineError, IndexMissing, WriteError
from assistant.evals import commands
from assistant.evals.arguments import add_evals_parser
from assistant.evals.protocols import Feedback, QuoteBudgets

from .scripted import ScriptedAnswerer, ScriptedQueue, ScriptedServices, case_record, make_answer, write_cases

RISK, WRONG = "iso-44003:5.10.3.3", "iso-44003:5.10.1"
N = 40


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    records = [case_record(f"c{i}", f"question {i}", RISK, tier="smoke" if i < 3 else "full") for i in range(N)]
    return write_cases(tmp_path / "cases.jsonl", *records)


def call(services: ScriptedServices, *words: str, folder: Path = Path("nowhere")) -> int:
    parser = argparse.ArgumentParser()
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data-dir")
    add_evals_parser(parser.add_subparsers(), lambda args: services, cases_folder=folder, parents=[shared])
    args = parser.parse_args(["evals", *map(str, words)])
    code: int = args.handler(args)
    return code


def product(wrong: int = 0, **more: Any) -> ScriptedServices:
    table = {f"question {i}": make_answer(WRONG if i < wrong else RISK) for i in range(N)}
    return ScriptedServices(ScriptedAnswerer(table), **more)


def test_run_writes_every_file_and_prints_the_figures(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(product(), "run", "--cases", str(cases), "--out", str(tmp_path / "run"), "--data-dir", "x") == 0
    names = {p.name for p in (tmp_path / "run").iterdir()} - {".lock"}
    expected = {
        "run.json",
        "cases.jsonl",
        "answers.jsonl",
        "scores.jsonl",
        "summary.json",
        "report.html",
        "report.md",
    }
    assert names == expected
    told = capsys.readouterr()
    assert "Any expected" in told.out
    assert "100.0 %" in told.out
    assert "answered: 40 of 40" in told.err
    assert "report.html" in told.err


def test_a_deliberate_loss_fails_the_gate_and_an_unchanged_run_passes(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = {"base": product(), "same": product(), "worse": product(wrong=8)}
    for name, services in runs.items():
        call(services, "run", "--cases", str(cases), "--out", str(tmp_path / name))
    call(product(), "baseline", str(tmp_path / "base"), "--out", str(tmp_path / "baselines" / "full.jsonl"))
    capsys.readouterr()
    for base in (tmp_path / "base", tmp_path / "baselines" / "full.jsonl"):
        assert call(product(), "compare", str(base), str(tmp_path / "same"), "--max-loss", "2") == 0
        assert "Gate: passed" in capsys.readouterr().out
        assert call(product(), "compare", str(base), str(tmp_path / "worse"), "--max-loss", "2") == 1
        assert "Gate: failed" in capsys.readouterr().out
    assert call(product(), "compare", str(tmp_path / "base"), str(tmp_path / "worse")) == 0
    files = ["--html", str(tmp_path / "c.html"), "--markdown", str(tmp_path / "c.md")]
    assert call(product(), "compare", str(tmp_path / "base"), str(tmp_path / "worse"), *files) == 0
    assert "Flips" in (tmp_path / "c.html").read_text()
    assert (tmp_path / "c.md").read_text().startswith("# Evals: worse against base")
    with pytest.raises(CaseError, match="--max-loss"):
        call(product(), "compare", str(tmp_path / "base"), str(tmp_path / "worse"), "--max-loss", "-1")


def test_runs_are_compared_where_there_is_no_index_too(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call(product(), "run", "--cases", str(cases), "--out", str(tmp_path / "base"))
    without = product()
    without.catalog = Mock(side_effect=IndexMissing("nothing is indexed yet"))  # type: ignore[method-assign]
    capsys.readouterr()
    report = ["--html", str(tmp_path / "c.html")]
    assert call(without, "compare", str(tmp_path / "base"), str(tmp_path / "base"), *report) == 0
    assert "nothing is indexed yet; the report shows ids" in capsys.readouterr().err
    assert "iso-44003:" in (tmp_path / "c.html").read_text()


def test_the_smoke_tier_and_the_default_folder_are_used(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "run")
    assert call(product(), "run", "--tier", "smoke", "--out", out, "--json", folder=cases.parent) == 0
    assert json.loads(capsys.readouterr().out)["cases"] == 3
    with pytest.raises(CaseError, match="no case file in"):
        call(product(), "run", folder=tmp_path / "empty")


def test_a_default_run_asks_the_cases_of_ones_own_too(cases: Path, tmp_path: Path) -> None:
    own = tmp_path / "data" / "cases"
    own.mkdir(parents=True)
    write_cases(own / "reviewed.jsonl", case_record("feedback-7", "question 1", RISK))
    write_cases(own / "feedback.jsonl", case_record("feedback-8", "question 2", RISK))
    services = product(user_cases=own)
    assert call(services, "run", "--out", str(tmp_path / "run"), folder=cases.parent) == 0
    asked = [json.loads(line)["id"] for line in (tmp_path / "run" / "cases.jsonl").read_text().splitlines()]
    assert asked == [*(f"c{i}" for i in range(N)), "feedback-8", "feedback-7"]
    again = str(tmp_path / "run" / "answers.jsonl")
    assert call(services, "score", again, "--out", str(tmp_path / "again"), folder=cases.parent) == 0
    call(services, "run", "--cases", str(cases), "--out", str(tmp_path / "named"), folder=cases.parent)
    assert len((tmp_path / "named" / "cases.jsonl").read_text().splitlines()) == N


def test_nothing_runs_when_an_expected_citation_does_not_exist(tmp_path: Path) -> None:
    path = write_cases(tmp_path / "bad.jsonl", case_record("c", "question 1", "iso-44003:9.9"))
    answerer = ScriptedAnswerer({})
    with pytest.raises(CaseError, match="does not exist"):
        call(ScriptedServices(answerer), "run", "--cases", str(path), "--out", str(tmp_path / "run"))
    assert answerer.asked == []
    assert not (tmp_path / "run").exists()


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(folder: Any, *_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(commands, "answer_cases", stopped)
        assert call(product(), "run", "--cases", str(cases), "--out", str(out)) == 2
    assert f"0 of {N} answers are kept; the same command with --out {out} goes on" in capsys.readouterr().err
    assert call(product(), "run", "--cases", str(cases), "--out", str(out)) == 0


def test_an_engine_that_cannot_be_opened_ends_the_run_before_anything_is_written(cases: Path, tmp_path: Path) -> None:
    services = product()
    services.answerer = Mock(side_effect=EngineError("engine nosuch:model: unknown provider"))  # type: ignore[method-assign]
    with pytest.raises(EngineError, match="unknown provider"):
        call(services, "run", "--cases", str(cases), "--out", str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_an_unanswered_case_or_a_breach_gives_exit_code_1(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = {f"question {i}": make_answer(RISK) for i in range(N)}
    failing = ScriptedServices(ScriptedAnswerer(table, failing=["question 5"]))
    assert call(failing, "run", "--cases", str(cases), "--out", str(tmp_path / "a")) == 1
    assert "c5: not answered: the model does not answer" in capsys.readouterr().err
    quote = {"question 1": make_answer(RISK, text="a b c-c d e", rendition="licensed", verbatim=True)}
    quoting = ScriptedServices(ScriptedAnswerer(table | quote), budgets=QuoteBudgets({"iso-44003": 3}))
    assert call(quoting, "run", "--cases", str(cases), "--out", str(tmp_path / "b")) == 1
    assert "more is quoted than a licence allows in 1 answer\n" in capsys.readouterr().err


def test_answers_made_elsewhere_are_scored(cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = tmp_path / "answers.jsonl"
    lines = [make_answer(RISK) | {"id": f"c{i}"} for i in range(N)]
    answers.write_text("".join(json.dumps(line) + "\n" for line in [*lines, make_answer() | {"id": "stranger"}]))
    assert call(product(), "score", str(answers), "--cases", str(cases), "--out", str(tmp_path / "run")) == 0
    assert "stranger" in capsys.readouterr().err
    assert call(product(), "score", str(answers), "--cases", str(cases), "--json") == 0
    assert json.loads(capsys.readouterr().out)["metrics"]["any_expected"]["value"] == 1
    assert call(product(), "compare", str(tmp_path / "run"), str(tmp_path / "run"), "--max-loss", "0") == 0
    again = str(tmp_path / "run" / "answers.jsonl")
    assert call(product(), "score", again, "--cases", str(cases), "--out", str(tmp_path / "again")) == 0


def test_missing_answers_are_unscored_and_strange_files_are_named(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = tmp_path / "answers.jsonl"
    answers.write_text(json.dumps(make_answer(RISK) | {"id": "c1"}) + "\n")
    assert call(product(), "score", str(answers), "--cases", str(cases)) == 1
    assert f"{N - 1} could not be scored" in capsys.readouterr().out
    answers.write_text(2 * (json.dumps(make_answer(RISK) | {"id": "c1"}) + "\n"))
    with pytest.raises(CaseError, match=r'answers\.jsonl:2: key "id": "c1" is answered twice'):
        call(product(), "score", str(answers), "--cases", str(cases))
    answers.write_text(json.dumps(make_answer(RISK) | {"id": "zzz"}) + "\n")
    with pytest.raises(CaseError, match="answers none of the cases"):
        call(product(), "score", str(answers), "--cases", str(cases))
    answers.write_text("{\n")
    with pytest.raises(CaseError, match=r"answers\.jsonl:1: not JSON"):
        call(product(), "score", str(answers), "--cases", str(cases))


def test_review_runs_on_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = ScriptedQueue(Feedback("7", "Who owns the joint risks?"))
    monkeypatch.setattr("sys.stdin", io.StringIO("joint risk management\nmust 1\nsave\n"))
    into = tmp_path / "reviewed.jsonl"
    assert call(ScriptedServices(queue=queue), "review", "--into", str(into), folder=tmp_path) == 0
    assert queue.outcomes == {"7": "case:feedback-7"}
    assert json.loads(into.read_text())["must_cite"] == [RISK]


def test_reviewed_cases_go_where_a_default_run_finds_them_and_none_goes_in_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "data" / "cases"
    own.mkdir(parents=True)
    write_cases(own / "feedback.jsonl", case_record("feedback-1", "Who minds the plan?", RISK))
    asked = ["Who owns the joint risks?", "Who minds the plan?", "who owns the JOINT risks"]
    queue = ScriptedQueue(*(Feedback(str(i), question) for i, question in enumerate(asked, start=7)))
    monkeypatch.setattr("sys.stdin", io.StringIO("decline\n" + 2 * "decline\ndrop\n"))
    assert call(ScriptedServices(queue=queue, user_cases=own), "review", folder=tmp_path) == 0
    assert queue.outcomes == {"7": "case:feedback-7", "8": "rejected", "9": "rejected"}
    assert [json.loads(line)["id"] for line in (own / "reviewed.jsonl").read_text().splitlines()] == ["feedback-7"]
    told = capsys.readouterr().out
    assert "case feedback-1 asks the same already; mend that one" in told
    assert "case feedback-7 asks the same already; mend that one" in told


def test_review_goes_on_after_it_saved_a_case_into_a_file_named_in_two_ways(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "evals" / "cases"
    folder.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    for number in ("7", "8"):
        queue = ScriptedQueue(Feedback(number, f"Who owns the joint risks of project {number}?"))
        monkeypatch.setattr("sys.stdin", io.StringIO("joint risk management\n1\nsave\n"))
        into = ("--into", "evals/cases/reviewed.jsonl")
        assert call(ScriptedServices(queue=queue), "review", *into, folder=folder) == 0
        assert queue.outcomes == {number: f"case:feedback-{number}"}
    assert len((folder / "reviewed.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, 1.7e308, -5.0], ids=lambda v: f"{v!s:.9}")
def test_times_that_are_no_times_leave_the_report_whole(cases: Path, tmp_path: Path, value: float) -> None:
    answers = tmp_path / "answers.jsonl"
    lines = [make_answer(RISK) | {"id": f"c{i}"} for i in range(N)]
    lines[3]["timings_ms"] = {"retrieve": value, "answer": value}
    answers.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert call(product(), "score", str(answers), "--cases", str(cases), "--out", str(tmp_path / "run")) == 0
    scored = [json.loads(line) for line in (tmp_path / "run" / "scores.jsonl").read_text().splitlines()]
    assert scored[3]["scores"]["latency_ms"] == (-10 if value == -5 else None)
    assert "Latency" in (tmp_path / "run" / "report.html").read_text()


def test_a_trec_run_that_cannot_be_written_is_refused_before_the_search(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("keep me")
    services = product()
    services.search = Mock(side_effect=AssertionError("searched"))  # type: ignore[method-assign]
    for target in (tmp_path / "file" / "x.trec", tmp_path / "file" / "a" / "x.trec", tmp_path):
        with pytest.raises(WriteError, match="cannot be written; name another file with --run"):
            call(services, "retrieval", str(tmp_path), "--split", "dev", "--run", str(target))
    assert (tmp_path / "file").read_text() == "keep me"


def test_the_smoke_target_starts_from_an_empty_folder() -> None:
    recipe = (Path(__file__).parents[2] / "Makefile").read_text().split("\nevals-smoke:")[1].split("\n\n")[0]
    assert recipe.index("rm -rf runs/smoke") < recipe.index("evals run --tier smoke --out runs/smoke")


def test_retrieval_prints_our_figures_beside_the_published_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "obliqa-dev"
    (folder / "qrels").mkdir(parents=True)
    documents = [{"_id": f"d{i}", "title": "", "text": f"rule number{i} applies"} for i in range(5)]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(d) + "\n" for d in documents))
    (folder / "queries.jsonl").write_text(json.dumps({"_id": "q1", "text": "which rule is number3"}) + "\n")
    (folder / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td3\t1\n")
    run_file = tmp_path / "out" / "dev.trec"
    assert call(product(), "retrieval", str(folder), "--split", "dev", "--run", str(run_file)) == 0
    told = capsys.readouterr().out
    assert "assistant" in told
    assert "0.761" in told
    assert "another split" in told
    assert run_file.read_text().startswith("q1 Q0 d3 1 2.0 assistant\n")
    assert call(product(), "retrieval", str(folder), "--split", "dev", "--json") == 0
    assert json.loads(capsys.readouterr().out)["scores"]["MAP@10"] == 1


def test_wrong_numbers_are_named(cases: Path, tmp_path: Path) -> None:
    for option in ("--repeat", "--workers"):
        with pytest.raises(CaseError, match=f"{option} 0: must be at least 1"):
            call(product(), "run", "--cases", str(cases), "--out", str(tmp_path / option), option, "0")
