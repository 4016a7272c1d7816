"""A wheel that is built offline works from an empty folder: corpus, prompts and evals are found inside it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from assistant.coverage.examples import evidencing, read_sentences

_ROOT = Path(__file__).parents[1]
_FOR_TRAINING = _ROOT / "corpus" / "plan-examples" / "plans"
_LOOK = """
import assistant, sys
from pathlib import Path
from assistant.settings import load_settings, packaged
assert Path(assistant.__file__).is_relative_to(sys.argv[1]), assistant.__file__
settings = load_settings()
for folder in (settings.corpus_dir, settings.prompts_dir, packaged("evals")):
    assert folder.is_relative_to(sys.argv[1]) and any(folder.iterdir()), folder
from assistant.cli import make_parser
from assistant.clauses.taxonomy import read_taxonomy
from assistant.index.questions import read_asked_as
from assistant.sources.registry import Registrations, collect_sources
found = collect_sources(settings.corpus_dir, Registrations.load(settings.data_dir), max_bytes=30_000_000)
from assistant.coverage.examples import evidencing, read_sentences
examples = len(evidencing(read_sentences(settings.corpus_dir)))
assert examples == int(sys.argv[2]), examples
print(make_parser().prog, len(read_taxonomy(settings.corpus_dir).principle), len(found.sources) >= 13, len(read_asked_as([settings.corpus_dir])) > 2700)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(_ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_works_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    site, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ASSISTANT_")} | {"PYTHONPATH": str(site)}
    examples = len(evidencing(read_sentences(_ROOT / "corpus")))
    assert examples > 100
    command = [sys.executable, "-P", "-c", _LOOK, str(site), str(examples)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=empty, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["assistant", "12", "True", "True"]
    assert list(empty.iterdir()) == []


def test_the_wheel_holds_every_data_file_but_neither_licensed_ones_nor_those_for_training(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder in ("corpus", "prompts"):
        for path in (_ROOT / folder).rglob("*"):
            if (
                path.is_file()
                and not {"licensed", "__pycache__"} & {*path.parts}
                and not path.is_relative_to(_FOR_TRAINING)
            ):
                assert f"assistant/_data/{path.relative_to(_ROOT)}" in names
    for path in (_ROOT / "assistant").rglob("*"):
        if path.is_file() and path.suffix not in (".pyc",) and "__pycache__" not in path.parts:
            assert str(path.relative_to(_ROOT)) in names
    assert not [n for n in names if "licensed/" in n or "plan-examples/plans/" in n or n.startswith("tests/")]
    assert any(n.endswith("entry_points.txt") for n in names)
