"""Prompts are files, one a prompt, read once; a variable that is missing raises."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import PromptError

_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_SECTION = re.compile(r"^# (System|User)\s*$", re.M)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file, or the same with its variables filled in.

    Attributes:
        name: File name without the ending.
        system: What the model is told to be.
        user: What it is asked.
        sha256: Hex digest of the file, for receipts.
    """

    name: str
    system: str
    user: str
    sha256: str

    def render(self, **variables: str) -> Prompt:
        """The prompt with every variable filled in; what a value contains is never read as a variable.

        Raises:
            PromptError: A variable of the file was not given, or one was given that it does not have.
        """
        wanted = set(_VARIABLE.findall(self.system + self.user))
        if wanted != set(variables):
            lacking, strange = sorted(wanted - set(variables)), sorted(set(variables) - wanted)
            what = f"lacks a value for {', '.join(lacking)}" if lacking else f"has no variable {', '.join(strange)}"
            raise PromptError(
                f"prompts/{self.name}.md {what}; restore the file from the product, or mend its variables"
            )

        def fill(text: str) -> str:
            return _VARIABLE.sub(lambda m: variables[m[1]], text)

        return Prompt(self.name, fill(self.system), fill(self.user), self.sha256)


class Prompts:
    """The prompts of a folder, each read when it is first used and kept.

    Args:
        folder: Where the files are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, Prompt] = {}

    def get(self, name: str) -> Prompt:
        """A prompt by its file name without the ending.

        Raises:
            PromptError: The file is missing or does not have its two sections.
        """
        if name not in self._read:
            self._read[name] = read_prompt(self._folder / f"{name}.md")
        return self._read[name]


def read_prompt(path: Path) -> Prompt:
    """Read one prompt file.

    Raises:
        PromptError: It is missing or does not have the sections "# System" and "# User".
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"{path}: cannot be read; restore the file from the product") from error
    parts = _SECTION.split(text)
    if parts[1::2] != ["System", "User"] or not parts[2].strip() or not parts[4].strip():
        raise PromptError(f'{path}: needs a section "# System" and then a section "# User"')
    return Prompt(path.stem, parts[2].strip(), parts[4].strip(), hashlib.sha256(text.encode()).hexdigest())
