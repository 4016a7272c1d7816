"""The command line of packs."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.clauses.taxonomy import read_taxonomy
from assistant.errors import CheckFailed, SettingsError, WorkshopError
from assistant.workshop import commands
from tests.workshop.scripted import CORPUS


def _options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    commands.add_workshop_parser(parser.add_subparsers())
    return parser.parse_args(["workshop", *words])


def test_topics_keep_the_order_in_which_they_were_given() -> None:
    options = _options("--stage", "Partner selection", "--principle", "trust", "--stage", "exit strategy", "--out", "x")
    assert commands.topics(options.topics, read_taxonomy(CORPUS)) == (
        ("stage", "partner-selection"),
        ("principle", "trust-and-commitment-to-mutual-benefit"),
        ("stage", "exit-strategy"),
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([("principle", "leprechauns")], "leprechauns.*Risk management"),
        ([("stage", "risk management")], "Awareness"),
        ([], "--principle"),
    ],
)
def test_an_unknown_topic_is_answered_with_those_there_are(given: list[tuple[str, str]], said: str) -> None:
    with pytest.raises((SettingsError, WorkshopError), match=said):
        commands.topics(given, read_taxonomy(CORPUS))


def test_a_failed_check_exits_with_one_and_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Builder:
        def __init__(self, assistant: Any) -> None: ...

        def build(self, *_: Any) -> None:
            raise CheckFailed("citations do not resolve: iso-44003:9.9")

    @contextmanager
    def bar() -> Iterator[Any]:
        yield lambda what, done, total: None

    monkeypatch.setattr(commands, "WorkshopBuilder", Builder)
    monkeypatch.setattr(
        commands,
        "GuidanceAssistant",
        lambda settings: SimpleNamespace(catalog=SimpleNamespace(taxonomy=read_taxonomy(CORPUS))),
    )
    options = _options("--principle", "risk management", "--out", "x", "--data-dir", str(Path("y")))
    assert commands.workshop_command(options, bar) == 1
    assert "iso-44003:9.9" in capsys.readouterr().err
