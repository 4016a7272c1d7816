"""The Workshops tab."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from assistant.errors import WorkshopError
from assistant.web import workshop_tab
from assistant.web.texts import read_texts
from assistant.workshop.deck import Paragraph, Slide
from assistant.workshop.pack import Pack, WorkshopRequest
from tests.workshop.scripted import CORPUS

REQUEST = WorkshopRequest((("principle", "risk-management"),))
WORDS = read_texts("workshop_text.toml")


def _assistant(tmp_path: Path) -> Any:
    return SimpleNamespace(settings=SimpleNamespace(corpus_dir=CORPUS, overlay_dir=None, data_dir=tmp_path))


def test_the_tab_is_laid_out_without_an_index_and_exposes_no_public_endpoint(tmp_path: Path) -> None:
    with gr.Blocks() as page:
        workshop_tab.build_workshop_tab(_assistant(tmp_path))
    assert len(page.fns) == 3
    assert all(f.api_visibility == "private" for f in page.fns.values())
    shown = [
        b
        for b in page.blocks.values()
        if isinstance(b, gr.CheckboxGroup | gr.Radio | gr.Number | gr.File | gr.Checkbox)
    ]
    assert all(b.label for b in shown)


def test_nothing_chosen_is_said_before_any_work() -> None:
    with pytest.raises(WorkshopError, match="at least one"):
        workshop_tab._request(WORDS, [], [], "both", "introduction", 90, False, None)


def test_a_build_tells_its_progress_and_stops_when_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()

    class Builder:
        def __init__(self, assistant: Any) -> None: ...

        def build(self, request: Any, out: Path, progress: Any) -> None:
            progress("checking claims", 1, 2)
            stop.wait(20)
            progress("checking claims", 2, 2)

    monkeypatch.setattr(workshop_tab, "WorkshopBuilder", Builder)
    events = workshop_tab._events(_assistant(tmp_path), REQUEST, tmp_path, stop)
    assert next(events) == ("checking claims", 1, 2)
    stop.set()
    with pytest.raises(workshop_tab._Cancelled):
        next(events)


def test_an_error_of_the_build_reaches_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Builder:
        def __init__(self, assistant: Any) -> None: ...

        def build(self, *_: Any) -> None:
            raise WorkshopError("too short")

    monkeypatch.setattr(workshop_tab, "WorkshopBuilder", Builder)
    with pytest.raises(WorkshopError, match="too short"):
        list(workshop_tab._events(_assistant(tmp_path), REQUEST, tmp_path, threading.Event()))


def test_the_same_choices_find_the_same_folder_and_names_cannot_leave_it(tmp_path: Path) -> None:
    folder = workshop_tab._folder(_assistant(tmp_path), REQUEST)
    assert folder == workshop_tab._folder(_assistant(tmp_path), REQUEST)
    odd = workshop_tab._folder(_assistant(tmp_path), WorkshopRequest((("principle", "../../x"),)))
    assert odd.parent == tmp_path / "workshops"


def test_the_preview_shows_words_as_words() -> None:
    slide = Slide("x", "<b>", body=(Paragraph("a <script>", ("iso-44003:5.1",)),))
    html = workshop_tab.preview_html([slide], Pack("t", REQUEST, (), ()), WORDS)
    assert "<script>" not in html
    assert "&lt;b&gt;" in html
    assert "<sup>1</sup>" in html
