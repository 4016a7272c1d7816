"""How the tests of this stage list their questions."""

from __future__ import annotations

from typing import Any

import pytest


def expect(*cases: tuple[str, Any]) -> pytest.MarkDecorator:
    """Run a test for each question with what is expected of it."""
    return pytest.mark.parametrize(("question", "expected"), cases)


def each(*questions: str) -> pytest.MarkDecorator:
    """Run a test for each question."""
    return pytest.mark.parametrize("question", questions)
