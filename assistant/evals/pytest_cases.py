"""Runs cases as pytest items; loaded by `pytest_plugin` when `--assistant-cases` is given.

A case passes when the answer is right in every respect that its labels state: declined exactly where it must, an
expected clause cited, every must-cite id cited, no id that does not exist, no licence budget breached.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import AssistantError
from assistant.evals.answers import AnswerRecord, cited_ids
from assistant.evals.case import Case, select_tier
from assistant.evals.dataset import load_cases
from assistant.evals.metrics import Scored, Scorer
from assistant.evals.protocols import Answerer, EvalServices
from assistant.evals.running import answer_case


class _Assistant:
    """Opens the product once a session, when the first case is collected."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @cached_property
    def services(self) -> EvalServices:
        name = str(self._config.getoption("--assistant-services"))
        module, _, function = name.partition(":")
        try:
            factory = getattr(importlib.import_module(module), function)
        except (ImportError, AttributeError, ValueError) as error:
            raise pytest.UsageError(f"--assistant-services {name}: {error}; name MODULE:FUNCTION") from error
        options = argparse.Namespace(
            data_dir=self._config.getoption("--assistant-data-dir"),
            engine=self._config.getoption("--assistant-engine"),
        )
        services: EvalServices = factory(options)
        return services

    @cached_property
    def answerer(self) -> Answerer:
        return self.services.answerer()

    @cached_property
    def scorer(self) -> Scorer:
        budgets = self.services.quote_budgets()
        return Scorer.with_catalog(self.services.catalog(), None, budgets.per_answer)


_ASSISTANT = pytest.StashKey[_Assistant]()
_FILES = pytest.StashKey[frozenset[Path]]()


def pytest_configure(config: pytest.Config) -> None:
    """Take the case files in; pytest collects them alone unless paths are named on the command line."""
    files = [Path(f).resolve() for f in config.getoption("--assistant-cases")]
    if missing := [f for f in files if not f.is_file()]:
        raise pytest.UsageError(f"--assistant-cases {missing[0]}: no such file")
    config.stash[_ASSISTANT] = _Assistant(config)
    config.stash[_FILES] = frozenset(files)
    named = list(config.args) if config.args_source == pytest.Config.ArgsSource.ARGS else []
    config.args = [*named, *(str(f) for f in files if str(f) not in named)]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A case file that was named."""
    if file_path.resolve() in parent.config.stash[_FILES]:
        return CaseFile.from_parent(parent, path=file_path)
    return None


class CaseFile(pytest.File):
    """A case file."""

    def collect(self) -> Iterator[pytest.Item]:
        """Its cases, after their citations were checked against the index."""
        assistant = self.config.stash[_ASSISTANT]
        try:
            known = assistant.services.catalog().known_ids()
            cases = load_cases([self.path], known_ids=known)
            chosen = select_tier(cases, self.config.getoption("--assistant-tier"))
        except AssistantError as error:
            raise self.CollectError(str(error)) from error
        for case in chosen:
            yield CaseItem.from_parent(self, name=case.case_id, case=case)


class CaseFailed(Exception):
    """The answer to a case is wrong."""

    def __init__(self, scored: Scored, record: AnswerRecord) -> None:
        super().__init__(scored.unscored or " ".join(scored.why))
        self.record = record


class CaseItem(pytest.Item):
    """One case."""

    def __init__(self, *, case: Case, **options: Any) -> None:
        super().__init__(**options)
        self.case = case

    def runtest(self) -> None:
        """Ask, score, and fail where something is wrong."""
        assistant = self.config.stash[_ASSISTANT]
        record = answer_case(assistant.answerer, self.case)
        scored = assistant.scorer.score(self.case, record)
        if not scored.right:
            raise CaseFailed(scored, record)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """What was asked, expected and cited, without a traceback."""
        error = excinfo.value
        if isinstance(error, AssistantError):
            return str(error)
        if not isinstance(error, CaseFailed):
            return str(super().repr_failure(excinfo, style))
        answer = error.record.answer
        declined = answer is not None and answer["declined"]
        cited = ", ".join(cited_ids(answer)) if answer is not None else ""
        return "\n".join(
            [
                f"question: {self.case.question}",
                f"why:      {error}",
                f"expected: {', '.join(self.case.expected) or 'decline'}",
                f"must:     {', '.join(self.case.must_cite) or '–'}",
                f"cited:    {'declined' if declined else cited or 'nothing'}",
            ]
        )

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the case stands."""
        line = self.case.origin.rpartition(":")[2]
        return self.path, int(line) - 1 if line.isdigit() else None, f"case {self.case.case_id}"
