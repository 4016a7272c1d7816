"""`pytest --assistant-cases FILE`: each case is a test."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import pytest

from . import scripted
from .scripted import case_record, write_cases

pytest_plugins = ["pytester"]

PLUGIN = "assistant.evals.pytest_plugin"
GOOD = case_record("good", "Who looks after shared risks?", "iso-44003:5.10.3.3")
BAD = case_record("bad", "What may go into our joint plan?", "iso-44003:5.1.3.3", tier="smoke")


def run(pytester: pytest.Pytester, *words: str | Path) -> pytest.RunResult:
    installed = any(e.value == PLUGIN for e in entry_points(group="pytest11"))
    plugin = [] if installed else ["-p", PLUGIN]
    services = f"{scripted.__name__}:scripted_services"
    return pytester.runpytest_inprocess(*plugin, "-p", "no:cacheprovider", "--assistant-services", services, *words)


def test_a_right_answer_passes_and_a_wrong_one_tells_what_was_cited(pytester: pytest.Pytester) -> None:
    path = write_cases(pytester.path / "cases.jsonl", GOOD, BAD)
    result = run(pytester, "--assistant-cases", path, "-v")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*good PASSED*", "*bad FAILED*"])
    result.stdout.fnmatch_lines(
        [
            "question: What may go into our joint plan?",
            "why: *Cites none of the expected clauses.*",
            "expected: iso-44003:5.1.3.3",
            "cited: *iso-44003:5.10.1",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_cases_are_collected_alone_unless_paths_are_named(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_own="def test_own(): pass")
    path = write_cases(pytester.path / "cases.jsonl", GOOD)
    run(pytester, "--assistant-cases", path).assert_outcomes(passed=1)
    run(pytester, "--assistant-cases", path, "test_own.py").assert_outcomes(passed=2)


def test_without_the_option_nothing_changes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_own="def test_own(): pass")
    write_cases(pytester.path / "cases.jsonl", GOOD, BAD)
    run(pytester).assert_outcomes(passed=1)


def test_several_files_and_the_smoke_tier(pytester: pytest.Pytester) -> None:
    one = write_cases(pytester.path / "one.jsonl", GOOD | {"tier": "smoke"}, BAD)
    run(pytester, "--assistant-cases", one, "--assistant-tier", "smoke").assert_outcomes(passed=1, failed=1)
    two = write_cases(pytester.path / "two.jsonl", GOOD, case_record("off", "What is the VAT rate?"))
    run(pytester, "--assistant-cases", one, "--assistant-cases", two).assert_outcomes(passed=3, failed=1)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"id": "c"}, '*key "question" is missing*'),
        (case_record("c", "q", "iso-44003:77"), "*iso-44003:77*assistant clauses*"),
    ],
)
def test_a_malformed_file_is_a_collection_error_on_one_line(
    pytester: pytest.Pytester, record: dict[str, object], words: str
) -> None:
    path = write_cases(pytester.path / "cases.jsonl", record)
    result = run(pytester, "--assistant-cases", path)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([words])


def test_a_missing_file_and_unknown_services_are_wrong_use(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--assistant-cases", "none.jsonl")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*none.jsonl: no such file*"])
    path = write_cases(pytester.path / "cases.jsonl", GOOD)
    result = run(pytester, "--assistant-cases", path, "--assistant-services", "nowhere:at_all")
    assert result.ret != pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*--assistant-services nowhere:at_all*"])
