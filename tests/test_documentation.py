"""The documentation says what there is: every command, every option and every setting."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import fields
from pathlib import Path
from types import ModuleType

import pytest

from assistant.answering.answer import Answer, Citation, Evidence, Gap, Receipt, Statement, Verification
from assistant.cli import make_parser
from assistant.evals.dataset import KEYS
from assistant.retrieval.hit import Hit
from assistant.settings import Settings

_ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def writer() -> ModuleType:
    specification = importlib.util.spec_from_file_location("write_docs", _ROOT / "scripts" / "write_docs.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_every_command_and_option_is_documented(writer: ModuleType) -> None:
    text = (_ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for parser in writer.parsers(make_parser()):
        section = text.split(f" {parser.prog}\n", 1)[1].split("\n```\n", 1)[0]
        for action in parser._actions:
            for option in action.option_strings:
                assert option in section, (parser.prog, option)


def test_the_commands_are_those_that_users_were_promised(writer: ModuleType) -> None:
    names = {parser.prog for parser in writer.parsers(make_parser())}
    promised = ("index", "sources", "clauses", "ask", "retrieve", "chat", "coverage", "workshop")
    assert {f"assistant {name}" for name in promised} <= names
    assert {f"assistant evals {name}" for name in ("run", "score", "compare", "review", "retrieval")} <= names


def test_every_command_says_what_it_is_for(writer: ModuleType) -> None:
    for parser in writer.parsers(make_parser()):
        assert parser.description, parser.prog
        for action in parser._actions:
            if action.option_strings:
                assert action.help, (parser.prog, action.option_strings)


def test_every_setting_is_documented(writer: ModuleType) -> None:
    text = (_ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert set(writer.described()) == set(Settings.model_fields)
    for name in Settings.model_fields:
        assert f"`ASSISTANT_{name.upper()}`" in text


def test_the_written_pages_are_current(writer: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    for name, text in (("commands.md", writer.commands_text()), ("settings.md", writer.settings_text())):
        written = (_ROOT / "docs" / name).read_text(encoding="utf-8")
        assert written == text, f"docs/{name}: run python scripts/write_docs.py"


def test_the_written_pages_name_no_folder_of_the_machine_they_were_written_on() -> None:
    for page in (_ROOT / "docs").glob("*.md"):
        text = page.read_text(encoding="utf-8")
        assert str(_ROOT) not in text, page.name
        assert not re.search(r"(?<![\w.])/(?:home|work|root|Users)/", text), page.name


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page in [*_ROOT.glob("*.md"), *(_ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []


def test_sections_that_the_code_refers_to_are_there() -> None:
    page = (_ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^#+ (.+)$", page, re.MULTILINE))
    cited = {
        name
        for path in (_ROOT / "assistant").rglob("*.py")
        for name in re.findall(r'docs/architecture\.md,? \(?"([^"]+)"', path.read_text(encoding="utf-8"))
    }
    assert len(cited) >= 3
    assert cited <= headings


def test_every_key_of_an_answer_and_of_a_case_is_described() -> None:
    page = (_ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    answer, cases = (page.split(f"### {name}\n")[1].split("\n### ")[0] for name in ("An answer as JSON", "Case files"))
    parts = (Answer, Statement, Evidence, Citation, Gap, Hit, Verification, Receipt)
    for key in {field.name for part in parts for field in fields(part)}:
        assert f"`{key}`" in answer, key
    for key in KEYS:
        assert f"`{key}`" in cases, key


def test_no_page_is_longer_than_anybody_reads_without_headings() -> None:
    for page in (_ROOT / "docs").glob("*.md"):
        assert page.read_text(encoding="utf-8").startswith("# "), page.name
