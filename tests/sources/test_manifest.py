"""What is wrong in a manifest is said when it is read, with the file, the key and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import ManifestError
from assistant.settings import packaged
from assistant.sources.manifest import read_manifest
from assistant.sources.registry import Registrations, collect_sources

_STANDARD = '[[standard]]\nid = "yard"\ntitle = "Yard"\nlabel = "Yard"\n'
_PLAN = '[[source]]\nid = "plan-yard"\nrendition = "plan"\n'


def refusal(folder: Path, lines: str) -> str:
    (folder / "manifest.toml").write_text(lines)
    (folder / "plan.md").write_text("# Plan\n\nWe meet every month.\n")
    registrations = Registrations.load(folder / "data")
    registrations.register(folder)
    with pytest.raises(ManifestError) as caught:
        collect_sources(packaged("corpus"), registrations, max_bytes=1_000_000)
    message = str(caught.value)
    assert message.startswith(f"{folder / 'manifest.toml'}: ")
    assert "\n" not in message
    return message.removeprefix(f"{folder / 'manifest.toml'}: ")


@pytest.mark.parametrize(
    ("line", "key"),
    [('path = "/home/ann/plan.md"', "path"), ('paths = ["plan.md", "C:\\\\plans\\\\*.md"]', "paths.1")],
)
def test_an_absolute_path_is_refused_with_what_to_write(tmp_path: Path, line: str, key: str) -> None:
    message = refusal(tmp_path, f"{_PLAN}{line}\n")
    assert message.startswith(f"source.0.{key}: ")
    assert "write it relative to the manifest's folder" in message


@pytest.mark.parametrize("glob", ["**.md", ""])
def test_a_path_that_is_no_pattern_of_files_is_refused(tmp_path: Path, glob: str) -> None:
    assert "'plan-yard': " in refusal(tmp_path, f'{_PLAN}paths = ["{glob}"]\n')


@pytest.mark.parametrize("key", ["outdated", "recognise"])
def test_a_pattern_of_a_standard_that_does_not_compile_is_refused(tmp_path: Path, key: str) -> None:
    message = refusal(tmp_path, f'{_STANDARD}{key} = ["fine", "("]\n')
    assert message.startswith(f"standard.0.{key}.1: '(' is no regular expression (missing ), unterminated subpattern")
    assert "mend it" in message


@pytest.mark.parametrize(
    ("patterns", "key"), [('["("]', "source.0.outdated.0"), ('["old", "(?i)older"]', "source.0.outdated")]
)
def test_outdated_patterns_that_would_fail_at_a_question_are_refused(tmp_path: Path, patterns: str, key: str) -> None:
    assert refusal(tmp_path, f'{_PLAN}path = "plan.md"\noutdated = {patterns}\n').startswith(f"{key}: ")


def test_patterns_that_compile_are_kept_as_written(tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_text(_STANDARD + "recognise = ['guide\\s+\\(yard\\)']\noutdated = ['a', 'b']\n")
    (standard,) = read_manifest(tmp_path / "manifest.toml").standard
    assert (standard.recognise, standard.outdated) == ((r"guide\s+\(yard\)",), ("a", "b"))


@pytest.mark.parametrize("name", ["risk-register", "plan-", "plan-a:b", "plan-a b"])
def test_the_id_of_a_plan_shows_that_it_is_one(tmp_path: Path, name: str) -> None:
    message = refusal(tmp_path, f'[[source]]\nid = "{name}"\npath = "plan.md"\nrendition = "plan"\n')
    assert message.startswith(f"source.0: {name!r} cannot be the id of a plan; write plan- and then ")


@pytest.mark.parametrize("name", ["plan-yard", "the yard", "yard:1", ""])
def test_the_id_of_a_standard_is_told_from_a_plans(tmp_path: Path, name: str) -> None:
    message = refusal(tmp_path, _STANDARD.replace('"yard"', f'"{name}"'))
    assert message.startswith(f"standard.0.id: {name!r} cannot be the id of a standard")


def test_a_manifest_that_a_windows_editor_saved_is_read(tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_bytes(b"\xef\xbb\xbf" + _STANDARD.replace("\n", "\r\n").encode())
    assert [s.id for s in read_manifest(tmp_path / "manifest.toml").standard] == ["yard"]
