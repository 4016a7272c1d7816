"""All words of the interface, from catalogue files that can be translated (text.toml and those of single tabs)."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any

from assistant.errors import SettingsError


class Texts:
    """A catalogue: `texts("ask.send")` is one text, `texts.table("ask.roles")` a list of tables.

    Args:
        values: The parsed catalogue.
        file: Its file in assistant/web, for messages.
    """

    def __init__(self, values: dict[str, Any], file: str = "text.toml") -> None:
        self._values = values
        self._file = file

    def __call__(self, key: str, **words: object) -> str:
        """A text with its {names} filled in.

        Raises:
            SettingsError: The catalogue lacks the text, or the text asks for a word that was not given.
        """
        value = self._find(key)
        if not isinstance(value, str):
            raise self._wrong(f"{key} is no text")
        try:
            return value.format(**words) if words else value
        except (KeyError, IndexError, ValueError) as error:
            raise self._wrong(f"{key} has an unknown {{name}}: {error}") from error

    def count(self, key: str, number: int) -> str:
        """A text that depends on a number: `<key>.one` or `<key>.many`, with {n} filled in."""
        return self(f"{key}.{'one' if number == 1 else 'many'}", n=number)

    def table(self, key: str) -> list[dict[str, Any]]:
        """A list of tables.

        Raises:
            SettingsError: The catalogue lacks it.
        """
        value = self._find(key)
        if not isinstance(value, list):
            raise self._wrong(f"{key} is no list")
        return value

    def _find(self, key: str) -> Any:
        value: Any = self._values
        for name in key.split("."):
            if not isinstance(value, dict) or name not in value:
                raise self._wrong(f"no text {key!r}; add it")
            value = value[name]
        return value

    def _wrong(self, what: str) -> SettingsError:
        return SettingsError(f"assistant/web/{self._file}: {what}")


@lru_cache
def read_texts(file: str = "text.toml") -> Texts:
    """A catalogue that ships with the product: text.toml, or the one of a tab that has its own."""
    return Texts(tomllib.loads((files("assistant.web") / file).read_text(encoding="utf-8")), file)


def static_text(name: str) -> str:
    """A file of assistant/web/static/."""
    return (files("assistant.web") / "static" / name).read_text(encoding="utf-8")
