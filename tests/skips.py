"""The only reasons for which a test may be skipped; the suite counts them aloud at its end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

LICENSED = "licensed texts are not here (ASSISTANT_LICENSED_DIR)"
CASES = "development cases are not here (ASSISTANT_CASES_DIR)"
BENCHMARKS = "benchmark documents are not here (ASSISTANT_BENCHMARKS_DIR)"

SANCTIONED = {
    "licensed texts are not here": "the real licensed texts (set ASSISTANT_LICENSED_DIR)",
    "development cases are not here": "the development cases (set ASSISTANT_CASES_DIR)",
    "benchmark documents are not here": "the benchmark documents (set ASSISTANT_BENCHMARKS_DIR)",
    "hromium": "a Chromium",
    "LibreOffice": "LibreOffice (workshop packs are rendered with it)",
    "extra `model`": "the extra `model` (a small language model)",
}
"""Words of a skip reason, and what was missing."""


def folder_or_skip(variable: str, reason: str) -> Path:
    """The folder that an environment variable names; skips with the reason where it is not there."""
    folder = os.environ.get(variable)
    if not folder or not Path(folder).is_dir():
        pytest.skip(reason)
    return Path(folder)


def missing(reason: str) -> str | None:
    """What a skip reason says to be missing, None for a reason that is not sanctioned."""
    return next((what for words, what in SANCTIONED.items() if words in reason), None)
