"""Answering cases: in parallel, going on after a kill, keeping what is done when it is stopped."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from typing import Never, Protocol, TextIO

from tqdm import tqdm

from assistant.errors import AssistantError, CaseError, IndexProblem, PromptError, SettingsError
from assistant.evals.answers import AnswerRecord, check_answer
from assistant.evals.case import Case
from assistant.evals.protocols import Answerer
from assistant.evals.runs import Key, RunFolder

# What would fail alike for every case ends the run at once instead of failing case by case.
_FATAL = (IndexProblem, SettingsError, PromptError)
_PLAIN_LINES = 10


class Progress(Protocol):
    """Told after every answer."""

    def advance(self) -> None:
        """One more is done."""


class _PlainProgress:
    def __init__(self, total: int, words: str, stream: TextIO) -> None:
        self._total, self._words, self._stream = total, words, stream
        self._done = 0

    def advance(self) -> None:
        self._done += 1
        step = max(1, self._total // _PLAIN_LINES)
        if self._done % step == 0 or self._done == self._total:
            print(f"{self._words}: {self._done} of {self._total}", file=self._stream, flush=True)


class _BarProgress:
    def __init__(self, bar: tqdm[Never]) -> None:
        self._bar = bar

    def advance(self) -> None:
        self._bar.update()


@contextmanager
def progress(total: int, words: str, stream: TextIO | None = None) -> Iterator[Progress]:
    """A bar on a terminal, about ten plain lines anywhere else; on standard error unless told otherwise."""
    out = stream or sys.stderr
    if out.isatty():
        with tqdm(total=total, desc=words, file=out, unit="case") as bar:
            yield _BarProgress(bar)
    else:
        yield _PlainProgress(total, words, out)


def answer_case(answerer: Answerer, case: Case, repeat: int = 0) -> AnswerRecord:
    """One answer with its time; a failure becomes a record of its own, so that the run goes on.

    Raises:
        IndexProblem, SettingsError, PromptError: What no other case could get past either.
    """
    started = time.perf_counter()
    try:
        answer = answerer.answer(case.question, list(case.history))
        check_answer(answer, f"answer to {case.case_id}")
    except _FATAL:
        raise
    except AssistantError as error:
        return AnswerRecord(case.case_id, repeat, None, str(error))
    except Exception as error:
        # A fault in one answer must not cost the others; the report names the case and the error.
        return AnswerRecord(case.case_id, repeat, None, f"{type(error).__name__}: {error}")
    return AnswerRecord(case.case_id, repeat, answer, "", 1000 * (time.perf_counter() - started))


def answer_cases(
    folder: RunFolder,
    cases: Sequence[Case],
    answerer: Answerer,
    *,
    workers: int = 2,
    stream: TextIO | None = None,
) -> dict[Key, AnswerRecord]:
    """Answer what the folder does not hold yet; cases that failed before are asked again.

    Args:
        folder: An open run folder.
        cases: The cases of the run.
        answerer: Asked from `workers` threads at once.
        workers: At least 1.
        stream: Where progress goes.

    Returns:
        All answers of the run by case and repetition.

    Raises:
        KeyboardInterrupt: Stopped by Ctrl-C; what was done, and what was under way, is in the folder.
    """
    if workers < 1:
        raise CaseError(f"--workers {workers}: must be at least 1")
    done = folder.answers()
    wanted = [(case, repeat) for repeat in range(folder.header.repeat) for case in cases]
    todo = [(c, r) for c, r in wanted if (c.case_id, r) not in done or done[(c.case_id, r)].answer is None]
    if len(todo) < len(wanted):
        print(
            f"going on: {len(wanted) - len(todo)} of {len(wanted)} answers are there",
            file=stream or sys.stderr,
        )
    if todo:
        with progress(len(todo), "answered", stream) as told:
            for record in _answer_into(folder, todo, answerer, workers):
                done[(record.case_id, record.repeat)] = record
                told.advance()
    return done


def _answer_into(
    folder: RunFolder, todo: Iterable[tuple[Case, int]], answerer: Answerer, workers: int
) -> Iterator[AnswerRecord]:
    """Answers as they arrive, each written before it is handed on.

    Only what is being answered is ever queued, so that stopping is quick; what is under way then is waited for and
    written too. A record leaves `running` after it is written: one that is written twice does no harm.
    """
    waiting = iter(todo)
    with ThreadPoolExecutor(workers, thread_name_prefix="evals") as pool:
        running: set[Future[AnswerRecord]] = set()
        try:
            while True:
                for case, repeat in islice(waiting, workers - len(running)):
                    running.add(pool.submit(answer_case, answerer, case, repeat))
                if not running:
                    return
                ready, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in ready:
                    record = future.result()
                    folder.append(record)
                    running.discard(future)
                    yield record
        finally:
            for future in wait(running).done:
                if future.exception() is None:
                    folder.append(future.result())
