"""All words of the interface, from one catalogue file that can be translated (text.toml)."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any

from assistant.errors import SettingsError


class Texts:
    """The catalogue: `texts("ask.send")` is one text, `texts.table("ask.examples")` a list of tables.

    Args:
        values: The parsed catalogue.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def __call__(self, key: str, **words: object) -> str:
        """A text with its {names} filled in.

        Raises:
            SettingsError: The catalogue lacks the text, or the text asks for a word that was not given.
        """
        value = self._find(key)
        if not isinstance(value, str):
            raise SettingsError(f"assistant/web/text.toml: {key} is no text")
        try:
            return value.format(**words) if words else value
        except (KeyError, IndexError, ValueError) as error:
            raise SettingsError(f"assistant/web/text.toml: {key} has an unknown {{name}}: {error}") from error

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
            raise SettingsError(f"assistant/web/text.toml: {key} is no list")
        return value

    def section(self, key: str) -> dict[str, Any]:
        """A whole table of texts.

        Raises:
            SettingsError: The catalogue lacks it.
        """
        value = self._find(key)
        if not isinstance(value, dict):
            raise SettingsError(f"assistant/web/text.toml: {key} is no table")
        return value

    def _find(self, key: str) -> Any:
        value: Any = self._values
        for name in key.split("."):
            if not isinstance(value, dict) or name not in value:
                raise SettingsError(f"assistant/web/text.toml: no text {key!r}; add it")
            value = value[name]
        return value


@lru_cache(maxsize=1)
def read_texts() -> Texts:
    """The catalogue that ships with the product."""
    return Texts(tomllib.loads((files("assistant.web") / "text.toml").read_text(encoding="utf-8")))


def static_text(name: str) -> str:
    """A file of assistant/web/static/."""
    return (files("assistant.web") / "static" / name).read_text(encoding="utf-8")
