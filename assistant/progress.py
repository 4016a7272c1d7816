"""How far long work is: what does the work tells it, and who shows it decides how."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from tqdm import tqdm

Progress = Callable[[str, int, int], None]
"""Told what is being done, how far it is, and of how many."""

_PLAIN_LINES = 10


def silent(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


@contextmanager
def shown(stream: TextIO | None = None) -> Iterator[Progress]:
    """Progress for people: a bar for each stage on a terminal, at most ten plain lines a stage anywhere else.

    Args:
        stream: Where it goes; standard error unless told otherwise.
    """
    out = stream or sys.stderr
    if not out.isatty():
        yield _PlainLines(out).show
        return
    bars = _Bars(out)
    try:
        yield bars.show
    finally:
        bars.close()


class _PlainLines:
    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._what = ""
        self._tenths = 0

    def show(self, what: str, done: int, total: int) -> None:
        if what != self._what:
            self._what, self._tenths = what, 0
        tenths = done * _PLAIN_LINES // total if total > 0 else 0
        if tenths > self._tenths:
            self._tenths = tenths
            print(f"{what}: {done} of {total}", file=self._out, flush=True)


class _Bars:
    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._what = ""
        self._bar: Any = None

    def show(self, what: str, done: int, total: int) -> None:
        if self._bar is None or what != self._what:
            self.close()
            self._what = what
            self._bar = tqdm(total=total, desc=what, file=self._out, leave=total > 0)
        self._bar.n = done
        self._bar.refresh()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
