"""Work that takes a while, beside the page: its progress as it comes, its result, and who wants it stopped."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import gradio as gr

from assistant.progress import Progress

Told = tuple[str, int, int]
"""A line of progress: what is being done, how far it is, and of how many."""

Result = TypeVar("Result")


def events(work: Callable[[Progress], Result]) -> Iterator[Told | Result]:
    """Run work in a thread of its own; yields its newest line of progress whenever one is asked for, then its result.

    Args:
        work: Tells its progress to what it is called with; what it returns is no tuple.

    Raises:
        BaseException: Whatever the work raised.
    """
    told: queue.Queue[Told | Result | BaseException] = queue.Queue()

    def run() -> None:
        try:
            told.put(work(lambda what, done, total: told.put((what, done, total))))
        except BaseException as error:  # it is raised where the result is waited for
            told.put(error)

    threading.Thread(target=run, name="background", daemon=True).start()
    while True:
        event = told.get()
        while isinstance(event, tuple) and not told.empty():
            event = told.get_nowait()
        if isinstance(event, BaseException):
            raise event
        yield event
        if not isinstance(event, tuple):
            return


class Stops:
    """Which pages want their work to stop."""

    def __init__(self) -> None:
        self._events: dict[str, threading.Event] = {}

    @contextmanager
    def of(self, request: gr.Request) -> Iterator[threading.Event]:
        """What is set as soon as the page wants its work to stop, or is closed before its end."""
        page = str(request.session_hash)
        stop = self._events[page] = threading.Event()
        try:
            yield stop
        finally:
            stop.set()
            self._events.pop(page, None)

    def stop(self, request: gr.Request) -> None:
        """Stop the work of a page, where there is any."""
        event = self._events.get(str(request.session_hash))
        if event is not None:
            event.set()


def at_work() -> tuple[Any, Any]:
    """Updates of the buttons that start and cancel, while the work is under way."""
    return gr.update(interactive=False), gr.update(interactive=True)


def idle() -> tuple[Any, Any]:
    """The same before and after it."""
    return gr.update(interactive=True), gr.update(interactive=False)
