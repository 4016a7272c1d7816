"""Work that runs beside the page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.errors import WorkshopError
from assistant.index.build import Progress
from assistant.web.background import Stops, events


def page(name: str) -> Any:
    return SimpleNamespace(session_hash=name)


def test_the_newest_line_of_progress_is_told_and_then_the_result() -> None:
    heard_first, told_all, heard_last = threading.Event(), threading.Event(), threading.Event()

    def work(progress: Progress) -> str:
        progress("reading", 1, 3)
        heard_first.wait(20)
        progress("reading", 2, 3)
        progress("reading", 3, 3)
        told_all.set()
        heard_last.wait(20)
        return "map"

    heard = events(work)
    assert next(heard) == ("reading", 1, 3)
    heard_first.set()
    assert told_all.wait(20)
    assert next(heard) == ("reading", 3, 3)
    heard_last.set()
    assert list(heard) == ["map"]


def test_what_the_work_raises_reaches_the_page() -> None:
    def work(_progress: Progress) -> str:
        raise WorkshopError("too short")

    with pytest.raises(WorkshopError, match="too short"):
        list(events(work))


def test_only_the_work_of_the_page_that_asks_is_stopped_and_nothing_is_left_behind() -> None:
    stops = Stops()
    with stops.of(page("one")) as one, stops.of(page("other")) as other:
        stops.stop(page("one"))
        assert (one.is_set(), other.is_set()) == (True, False)
    assert not stops._events
    stops.stop(page("one"))


def test_the_work_of_a_page_that_is_closed_is_stopped() -> None:
    stops = Stops()

    def shown() -> Iterator[threading.Event]:
        with stops.of(page("one")) as stop:
            yield stop

    stop = next(opened := shown())
    assert not stop.is_set()
    opened.close()
    assert stop.is_set()
