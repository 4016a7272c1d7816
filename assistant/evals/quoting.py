"""Licensed words in reports: what a licence lets one export show, and not a word more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.evals.answers import licensed_sources
from assistant.sources.licence import WORD, count_words


class QuoteAllowance:
    """Hands out statements of one report until the words of each licensed source are used up.

    A statement counts in full against every licensed source that it draws on, verbatim or not: a reader of the
    report cannot tell a close paraphrase from a quote.
    """

    def __init__(self, words_per_source: Mapping[str, int] | None = None) -> None:
        self._left = dict(words_per_source or {})
        self.trimmed = 0

    def show(self, statement: Mapping[str, Any]) -> str:
        """The statement's text, trimmed to what is left for its sources."""
        text = str(statement.get("text", ""))
        sources = licensed_sources(statement)
        if not sources:
            return text
        left = min(max(0, self._left.get(s, 0)) for s in sources)
        size = count_words(text)
        for source in sources:
            self._left[source] = self._left.get(source, 0) - min(size, left)
        if size <= left:
            return text
        self.trimmed += 1
        names = " and ".join(sources)
        if not left:
            return f"[left out: the licence of {names}]"
        return f"{_first_words(text, left)} … [trimmed: the licence of {names}]"


def _first_words(text: str, count: int) -> str:
    return text[: list(WORD.finditer(text))[count - 1].end()]
