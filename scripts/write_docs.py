"""Write docs/commands.md and docs/settings.md from the command line and the settings themselves.

    python scripts/write_docs.py [--check]

With --check nothing is written, and the exit code is 1 where a file is not current.
"""

from __future__ import annotations

import argparse
import inspect
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo

from assistant.cli import make_parser
from assistant.settings import Settings

DOCS = Path(__file__).resolve().parents[1] / "docs"
_COMMANDS = """# Commands

*Written by `python scripts/write_docs.py` from the command line's own help; edit that, not this file.*

Results go to standard output and everything else to standard error. Exit codes: 0 success, 1 a check failed,
2 wrong use or an error that the user can mend. The settings of [settings.md](settings.md) apply
to every command that uses what they set, but for one: `assistant coverage` reads plans without a language model unless
its own `--engine` names one, whatever `ASSISTANT_ENGINE` says.
"""
_SETTINGS = """# Settings

*Written by `python scripts/write_docs.py` from `assistant/settings.py`; edit that, not this file.*

Each is an environment variable. An option on the command line overrides the variable. A value that is out of
range is refused by name.

| variable | what it says | default |
|---|---|---|
"""


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Every command and subcommand, in the order of the help."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in dict.fromkeys(action.choices.values()):
                yield command
                yield from parsers(command)


def commands_text() -> str:
    """docs/commands.md."""
    os.environ["COLUMNS"] = "100"
    sections = [_COMMANDS]
    for parser in parsers(make_parser()):
        level = "##" if parser.prog.count(" ") == 1 else "###"
        sections.append(f"{level} {parser.prog}\n\n```text\n{parser.format_help().strip()}\n```\n")
    return "\n".join(sections)


def described() -> dict[str, str]:
    """What the docstring of `Settings` says of each setting."""
    text = inspect.getdoc(Settings) or ""
    lines = text.split("Attributes:\n", 1)[-1]
    found = re.findall(r"^ {4}(\w+): (.+(?:\n {6,}.+)*)", lines, re.MULTILINE)
    return {name: re.sub(r"\s+", " ", words) for name, words in found}


def settings_text() -> str:
    """docs/settings.md."""
    words = described()
    rows = [
        f"| `ASSISTANT_{name.upper()}` | {words[name].replace('|', '/')} | {_default(name, field)} |"
        for name, field in Settings.model_fields.items()
    ]
    return _SETTINGS + "\n".join(rows) + "\n"


def _default(name: str, field: FieldInfo) -> str:
    if field.default_factory is not None:
        return f"the packaged `{name.removesuffix('_dir')}/`"
    if field.default in (None, ""):
        return "none"
    return f"`{field.default}`"


def main() -> int:
    """Write the files, or say which are not current."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    stale = 0
    for name, text in (("commands.md", commands_text()), ("settings.md", settings_text())):
        path = DOCS / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if check:
            print(f"docs/{name} is not current; run python scripts/write_docs.py", file=sys.stderr)
            stale = 1
        else:
            path.write_text(text, encoding="utf-8")
            print(f"wrote docs/{name}")
    return stale


if __name__ == "__main__":
    sys.exit(main())
