"""Reading runs back, and baselines: one file that may be committed.

A baseline has the cases, answers and scores of a run, without hits and without a word that came from a licensed text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.errors import CaseError
from assistant.evals.answers import NO_ANSWER, AnswerRecord, licensed_sources, read_answer_record
from assistant.evals.case import Case
from assistant.evals.dataset import load_cases, parse_case
from assistant.evals.measures import BY_NAME
from assistant.evals.metrics import Scored
from assistant.evals.runs import (
    BASELINE_FORMAT,
    Key,
    Run,
    read_answers,
    read_header,
    read_marker,
    read_records,
    read_scored,
    scored_record,
    write_lines,
)

LEFT_OUT = "[licensed words left out]"


def load_run(path: Path) -> Run:
    """A run folder or a baseline file.

    Raises:
        CaseError: It is neither, or of another version.
    """
    if path.is_dir():
        marker = path / "run.json"
        if not marker.exists():
            raise CaseError(f"{path}: holds no run (no run.json); name a folder that `assistant evals run` wrote")
        header = read_marker(marker)
        cases = load_cases([path / "cases.jsonl"])
        answers = read_answers(path / "answers.jsonl") if (path / "answers.jsonl").exists() else {}
        file = path / "scores.jsonl"
        scored = [read_scored(r, f"{file}:{n}") for n, r in read_records(file)] if file.exists() else []
        return Run(path.name, header, tuple(cases), answers, tuple(scored))
    return _load_baseline(path)


def save_baseline(run: Run, path: Path) -> None:
    """Write a run as one file that may be committed: no hits, no words of a licensed text.

    Every case stands in it, with an error where it has no answer, so that the file compares as the run does.

    Raises:
        WriteError: The file cannot be written.
    """
    scored = {(s.case_id, s.repeat): s for s in run.scored}
    lines: list[dict[str, Any]] = [run.header.to_record(BASELINE_FORMAT)]
    for case in run.cases:
        for repeat in range(run.header.repeat):
            key = (case.case_id, repeat)
            record = run.answers.get(key) or AnswerRecord(*key, None, NO_ANSWER)
            score = scored.get(key) or Scored(*key, dict.fromkeys(BY_NAME), unscored="it was not scored")
            answer = redacted(record).to_record()
            lines.append({"case": case.to_record(), "answer": answer, "score": scored_record(score)})
    write_lines(path, lines)


def redacted(record: AnswerRecord) -> AnswerRecord:
    """The answer with what a comparison shows, and without statements that draw on a licensed rendition."""
    if record.answer is None:
        return record
    statements = [
        {
            "text": LEFT_OUT if licensed_sources(s) else s["text"],
            "part": s.get("part", "guidance"),
            "citations": list(s.get("citations", ())),
        }
        for s in record.answer["statements"]
    ]
    kept: dict[str, Any] = {"declined": record.answer["declined"], "statements": statements}
    kept["citations"] = [{k: c[k] for k in ("id", "label") if k in c} for c in record.answer["citations"]]
    gaps = record.answer.get("gaps") or ()
    kept["gaps"] = [{k: g[k] for k in ("reason", "say") if k in g} for g in gaps if isinstance(g, Mapping)]
    return replace(record, answer=kept, wall_ms=None)


def _load_baseline(path: Path) -> Run:
    records = list(read_records(path))
    if not records:
        raise CaseError(f"{path}: is empty; write it with `assistant evals baseline RUN --out FILE`")
    header = read_header(json.dumps(records[0][1]), f"{path}:1", BASELINE_FORMAT)
    cases: dict[str, Case] = {}
    answers: dict[Key, AnswerRecord] = {}
    scored: list[Scored] = []
    for number, record in records[1:]:
        origin = f"{path}:{number}"
        if not isinstance(record, dict) or not {"case", "answer", "score"} <= set(record):
            raise CaseError(f'{origin}: lacks "case", "answer" or "score"; write the baseline again')
        case = parse_case(json.dumps(record["case"]), origin)
        cases[case.case_id] = case
        answer = read_answer_record(record["answer"], origin)
        answers[(answer.case_id, answer.repeat)] = answer
        scored.append(read_scored(record["score"], origin))
    return Run(path.stem, header, tuple(cases.values()), answers, tuple(scored))
