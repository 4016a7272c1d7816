"""What the bench of the coverage map prints, and when it says that it failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.answering.assistant import GuidanceAssistant
from assistant.coverage.judging import Candidates
from assistant.coverage.matching import Verdict, Wanted
from assistant.coverage.model_reading import ModelReading
from assistant.prompts import Prompts
from bench.coverage import Case, report_cases, score_key
from tests.answering.models import scripted


def test_a_right_sentence_under_not_found_counts_for_the_ranking_alone(capsys: pytest.CaptureFixture[str]) -> None:
    nothing: Candidates = None  # type: ignore[assignment]
    cases = [Case("plan", Wanted("a", "a"), (), nothing, "evidenced", [7], whole=True) for _ in range(4)]
    cases.append(Case("plan", Wanted("a", "a"), (), nothing, "not_found", [], whole=True))
    found = [
        Verdict("evidenced", 1.0, "", 7),
        Verdict("not_found", 1.0, "", 7),
        Verdict("partly", 1.0, "", 3, (1, 7)),
        Verdict("partly", 1.0, "", 3, (1, 2, 4, 7)),
        Verdict("not_found", 1.0, "", 7),
    ]
    report_cases(cases, found)
    printed = capsys.readouterr().out
    assert (
        "evidence sentence right: 0.500  (n=4); right and shown as evidence: 0.250; among the sentences shown: 0.750"
        in printed
    )


def test_a_model_that_fails_gives_no_figures(
    assistant: GuidanceAssistant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = ModelReading(
        scripted("x", error=ConnectionError("refused")), Prompts(assistant.settings.prompts_dir), tmp_path
    )
    with pytest.raises(SystemExit) as ended:
        score_key(assistant, model)
    assert ended.value.code == 1
    told = capsys.readouterr()
    assert "scripted:model failed" in told.err
    assert "status right" not in told.out
