"""A run folder: what was asked, with which settings, what came back, and the scores.

run.json        format, cases, settings, hashes; written first, never changed
cases.jsonl     the cases as they were when the run began
answers.jsonl   one line an answer, appended as it arrives: a killed run goes on where it stopped
scores.jsonl    one line an answer; written anew by every scoring
summary.json    figures of the run
report.html, report.md
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from assistant.errors import CaseError, WriteError
from assistant.evals.answers import AnswerRecord, finite, read_answer_record
from assistant.evals.case import Case, cases_sha256
from assistant.evals.measures import SCORING_VERSION
from assistant.evals.metrics import Scored
from assistant.files import read_lines, write_whole

RUN_FORMAT, BASELINE_FORMAT = "assistant-evals-run", "assistant-evals-baseline"
FORMAT_VERSION = 1
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class RunHeader:
    """What makes two runs the same run: a folder is only continued with an equal one (apart from the time).

    Attributes:
        cases_sha256: Hash of the cases.
        cases: How many cases the run was given.
        repeat: Times that each is answered.
        settings: What shapes an answer; "engine" names the engine.
        hashes: Hashes of all that an answer is made with, by name.
        created_at: ISO 8601 time.
    """

    cases_sha256: str
    cases: int
    repeat: int
    settings: Mapping[str, Any]
    hashes: Mapping[str, str]
    created_at: str = ""

    @classmethod
    def of(
        cls, cases: Sequence[Case], repeat: int, settings: Mapping[str, Any], hashes: Mapping[str, str]
    ) -> RunHeader:
        """The header of a run that begins now."""
        plain = json.loads(json.dumps(dict(settings), default=str, sort_keys=True))
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(cases_sha256(cases), len(cases), repeat, plain, dict(hashes), now)

    def to_record(self, form: str) -> dict[str, Any]:
        """The header as `run.json` or the first line of a baseline holds it."""
        return {
            "format": form,
            "format_version": FORMAT_VERSION,
            "scoring_version": SCORING_VERSION,
            "created_at": self.created_at,
            "cases_sha256": self.cases_sha256,
            "cases": self.cases,
            "repeat": self.repeat,
            "settings": dict(self.settings),
            "hashes": dict(self.hashes),
        }

    def differences(self, other: RunHeader) -> list[str]:
        """What differs, in words; empty where one run may go on as the other."""
        found = ["the cases"] if self.cases_sha256 != other.cases_sha256 else []
        found += ["--repeat"] if self.repeat != other.repeat else []
        for name, mine, theirs in (
            ("setting", self.settings, other.settings),
            ("hash of", self.hashes, other.hashes),
        ):
            keys = sorted(k for k in {*mine, *theirs} if mine.get(k) != theirs.get(k))
            found += [f'{name} "{key}"' for key in keys]
        return found


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it is read back: header, cases, the last answer of each case and repetition, scores if any."""

    name: str
    header: RunHeader
    cases: tuple[Case, ...]
    answers: Mapping[Key, AnswerRecord]
    scored: tuple[Scored, ...] = ()


def read_header(text: str, origin: str, form: str) -> RunHeader:
    """A header from its JSON.

    Raises:
        CaseError: It is not one, or of another version of the form.
    """
    try:
        record = json.loads(text)
        if record.get("format") != form:
            raise CaseError(f"{origin}: is not of the form {form}; name a run folder or a baseline file")
        version = record.get("format_version")
        if version != FORMAT_VERSION:
            raise CaseError(
                f"{origin}: is of form version {version}, this program reads version {FORMAT_VERSION}; "
                "run the cases again into a new folder (--out)"
            )
        keys = ("cases_sha256", "cases", "repeat", "settings", "hashes", "created_at")
        header = RunHeader(**{key: record[key] for key in keys})
        for key, kind in (("cases", int), ("repeat", int), ("settings", dict), ("hashes", dict), ("created_at", str)):
            if not isinstance(record[key], kind):
                raise TypeError(f'key "{key}"')
        return header
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CaseError(f"{origin}: is damaged ({error}); remove the folder or name another with --out") from error


def read_marker(path: Path) -> RunHeader:
    """The header of a run folder from its `run.json`.

    Raises:
        CaseError: It cannot be read, is not one, or of another version of the form.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CaseError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise CaseError(
            f"{path}: is damaged (not UTF-8 at byte {error.start}); remove the folder or name another with --out"
        ) from error
    return read_header(text, str(path), RUN_FORMAT)


class RunFolder:
    """A run folder that is being written; one process at a time."""

    def __init__(self, path: Path, header: RunHeader) -> None:
        self.path = path
        self.header = header
        self._lock = FileLock(str(path / ".lock"))

    @classmethod
    def open(cls, path: Path, cases: Sequence[Case], header: RunHeader) -> RunFolder:
        """A new folder, or one to go on with.

        Raises:
            CaseError: The folder holds another run or something else, or another process is writing to it.
        """
        marker = path / "run.json"
        try:
            path.mkdir(parents=True, exist_ok=True)
            folder = cls(path, header)
            folder._lock.acquire(timeout=0)
        except Timeout as error:
            raise CaseError(f"{path}: another run is writing here; wait for it or name another --out") from error
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise CaseError(f"{path}: cannot be a run folder ({reason}); name another with --out") from error
        try:
            folder._prepare(marker, cases)
        except BaseException:
            folder.close()
            raise
        return folder

    def _prepare(self, marker: Path, cases: Sequence[Case]) -> None:
        if marker.exists():
            found = read_marker(marker)
            if different := found.differences(self.header):
                raise CaseError(
                    f"{self.path}: holds a run that differs in {', '.join(different)}; "
                    "name another folder with --out, remove this one, or go back to what it was made with"
                )
            self.header = found
            _drop_unfinished_line(self.path / "answers.jsonl")
            return
        if any(p.name != ".lock" for p in self.path.iterdir()):
            raise CaseError(f"{self.path}: is not empty and holds no run; name a new folder with --out")
        write_lines(self.path / "cases.jsonl", (case.to_record() for case in cases))
        write_whole(marker, json.dumps(self.header.to_record(RUN_FORMAT), indent=2, ensure_ascii=False) + "\n")

    def answers(self) -> dict[Key, AnswerRecord]:
        """The answers that are there."""
        return read_answers(self.path / "answers.jsonl") if (self.path / "answers.jsonl").exists() else {}

    def append(self, record: AnswerRecord) -> None:
        """Write one answer; it is in the file when this returns.

        Raises:
            WriteError: It cannot be written.
        """
        path = self.path / "answers.jsonl"
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record.to_record(), ensure_ascii=False) + "\n")
        except OSError as error:
            raise WriteError(
                f"{path}: cannot be written ({error.strerror}); make room and give the same command with --out {self.path}"
            ) from error

    def close(self) -> None:
        """Let others write."""
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_answers(path: Path, *, strict: bool = False) -> dict[Key, AnswerRecord]:
    """Answers of a file by case and repetition; a later line replaces an earlier one.

    Args:
        path: An answers file.
        strict: Refuse a second answer to the same case and repetition.

    Raises:
        CaseError: The file cannot be read, or a line is not of the contract.
    """
    found: dict[Key, AnswerRecord] = {}
    for number, record in read_records(path):
        answer = read_answer_record(record, f"{path}:{number}")
        key = (answer.case_id, answer.repeat)
        if strict and key in found:
            raise CaseError(f'{path}:{number}: key "id": "{answer.case_id}" is answered twice; keep one of the lines')
        found[key] = answer
    return found


def read_records(path: Path) -> Iterator[tuple[int, Any]]:
    """Line numbers and values of a JSON Lines file.

    Raises:
        CaseError: The file cannot be read, or a line is not JSON.
    """
    for number, line in read_lines(path, CaseError):
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError) as error:  # a ValueError too where a number has thousands of digits
            raise CaseError(f"{path}:{number}: not JSON ({error}); write one JSON object a line") from error


def _drop_unfinished_line(path: Path) -> None:
    """A kill in the middle of a write leaves half a line behind; that answer is asked for again."""
    if path.exists():
        data = path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            with path.open("r+b") as file:
                file.truncate(len(whole))


def write_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write objects as JSON Lines, in one go."""
    write_whole(path, "".join(json.dumps(dict(r), ensure_ascii=False) + "\n" for r in records))


def scored_record(scored: Scored) -> dict[str, Any]:
    """A line of `scores.jsonl`."""
    return {
        "id": scored.case_id,
        "repeat": scored.repeat,
        "scoring_version": SCORING_VERSION,
        "scores": scored.scores,
        "why": list(scored.why),
        "unscored": scored.unscored,
        "confidence": scored.confidence,
        "declined": scored.declined,
    }


def read_scored(record: Any, origin: str) -> Scored:
    """A line of `scores.jsonl`.

    Raises:
        CaseError: It is damaged, or was made by another version of the metrics.
    """
    try:
        if record["scoring_version"] != SCORING_VERSION:
            raise CaseError(
                f"{origin}: scored by version {record['scoring_version']} of the metrics, this is version "
                f"{SCORING_VERSION}; score it again with `assistant evals score ANSWERS.jsonl --cases FILE --out DIR`"
            )
        scores = record["scores"]
        if strange := [k for k, v in scores.items() if v is not None and finite(v) is None]:
            raise TypeError(f'"{strange[0]}" is no number')
        return Scored(
            record["id"],
            record["repeat"],
            scores,
            tuple(record["why"]),
            record["unscored"],
            record["confidence"],
            record["declined"],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise CaseError(f"{origin}: is damaged ({error}); score the run again") from error
