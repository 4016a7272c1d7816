"""The Workshops tab: choose, build with progress and cancel, look at the slides, download the pack."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.answering.assistant import GuidanceAssistant
from assistant.clauses.taxonomy import read_taxonomy
from assistant.errors import AssistantError, WorkshopError
from assistant.progress import Progress
from assistant.web.background import Stops, Told, at_work, events, idle
from assistant.web.context import PRIVATE
from assistant.web.rendering import said_html, tab_head_html, title_html
from assistant.web.texts import Texts, read_texts
from assistant.workshop.building import WorkshopBuilder
from assistant.workshop.deck import Paragraph, Slide
from assistant.workshop.edits import CHOICES_FILE, Choices, read_choices, write_choices
from assistant.workshop.pack import Pack, WorkshopRequest
from assistant.workshop.report import BuildReport
from assistant.workshop.slides import footer_text

_DEFAULT_MINUTES = 90


class _Cancelled(Exception):
    """The user wants the build to stop; nothing has been written."""


def build_workshop_tab(assistant: GuidanceAssistant) -> None:
    """Lay out and wire the tab; to be called inside a `gr.Tab`. Its words stand in workshop_text.toml.

    Args:
        assistant: Its index is what packs are checked against.
    """
    words = read_texts("workshop_text.toml")
    taxonomy = read_taxonomy(assistant.settings.corpus_dir, assistant.settings.overlay_dir)
    stops = Stops()
    gr.HTML(tab_head_html(words("heading"), words("intro")))
    with gr.Row():
        principles = gr.CheckboxGroup(
            [(p.name, p.key) for p in taxonomy.principle], label=words("principles"), elem_id="workshop-principles"
        )
        stages = gr.CheckboxGroup(
            [(s.name, s.key) for s in taxonomy.stage], label=words("stages"), elem_id="workshop-stages"
        )
    with gr.Row():
        audience = gr.Radio(
            [(words(f"audience_{a}"), a) for a in ("msme", "large", "both")], value="both", label=words("audience")
        )
        level = gr.Radio(
            [(words(f"level_{v}"), v) for v in ("introduction", "practice")], value="introduction", label=words("level")
        )
        minutes = gr.Number(
            _DEFAULT_MINUTES, label=words("minutes"), info=words("minutes_info"), precision=0, minimum=30, maximum=960
        )
    with_plans = gr.Checkbox(False, label=words("with_plans"))
    template = gr.File(label=words("template"), file_types=[".potx", ".pptx"], height=120)
    with gr.Row():
        build = gr.Button(words("build"), variant="primary", elem_id="workshop-build")
        cancel = gr.Button(words("cancel"), interactive=False, elem_id="workshop-cancel")
    said = gr.HTML(elem_id="workshop-said")
    with gr.Column(visible=False) as result:
        download = gr.File(label=words("download"), interactive=False, elem_id="workshop-download")
        preview = gr.HTML()
        hidden = gr.CheckboxGroup([], label=words("hidden"), elem_id="workshop-hidden")
        again = gr.Button(words("again"))

    def run(left_out: Sequence[str] | None, request: gr.Request, *chosen: Any) -> Iterator[tuple[Any, ...]]:
        rest = [gr.skip()] * 4
        yield said_html(words("starting"), busy=True), *at_work(), *rest
        try:
            wanted = _request(words, *chosen)
            out = _folder(assistant, wanted)
            if left_out is not None:
                kept = read_choices(out)
                write_choices(out / CHOICES_FILE, Choices(hidden=tuple(left_out), order=kept.order, text=kept.text))
            with stops.of(request) as stop:
                for event in _events(assistant, wanted, out, stop):
                    if isinstance(event, BuildReport):
                        yield _done(event, out, words)
                    else:
                        line = words("progress", what=event[0], done=event[1], total=event[2])
                        yield said_html(line, busy=True), gr.skip(), gr.skip(), *rest
        except _Cancelled:
            yield said_html(words("cancelled")), *idle(), *rest
        except AssistantError as error:
            yield said_html(words("not_built", reason=error), bad=True), *idle(), *rest

    def first(request: gr.Request, *chosen: Any) -> Iterator[tuple[Any, ...]]:
        yield from run(None, request, *chosen)

    def rebuilt(request: gr.Request, left_out: list[str], *chosen: Any) -> Iterator[tuple[Any, ...]]:
        yield from run(left_out, request, *chosen)

    choices = [principles, stages, audience, level, minutes, with_plans, template]
    shown = [said, build, cancel, result, download, preview, hidden]
    one: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "workshop"}
    build.click(first, choices, shown, **one, **PRIVATE)
    again.click(rebuilt, [hidden, *choices], shown, **one, **PRIVATE)
    cancel.click(stops.stop, None, None, queue=False, **PRIVATE)


def _request(
    words: Texts, principles: list[str], stages: list[str], audience: Any, level: Any, minutes: float | None, with_plans: bool,
    template: str | None,
) -> WorkshopRequest:  # fmt: skip
    """What was chosen.

    Raises:
        WorkshopError: Nothing was chosen.
    """
    units = (*(("principle", p) for p in principles or ()), *(("stage", s) for s in stages or ()))
    if not units:
        raise WorkshopError(words("nothing_chosen"))
    return WorkshopRequest(
        units=units,  # type: ignore[arg-type]
        audience=audience,
        minutes=int(minutes or _DEFAULT_MINUTES),
        level=level,
        with_plans=bool(with_plans),
        template=Path(template) if template else None,
    )


def _folder(assistant: GuidanceAssistant, request: WorkshopRequest) -> Path:
    """The same choices give the same folder, so that wording and slide choices are found again."""
    name = "-".join([*(k for _, k in request.units), request.audience, str(request.minutes), request.level])
    mark = hashlib.sha256(f"{request.units}{request.with_plans}{name}".encode()).hexdigest()[:8]
    folder = assistant.settings.data_dir / "workshops" / f"{re.sub(r'[^a-z0-9-]+', '-', name.lower())[:60]}-{mark}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _events(
    assistant: GuidanceAssistant, request: WorkshopRequest, out: Path, stop: threading.Event
) -> Iterator[Told | BuildReport]:
    """Progress of a build that runs beside, and its report at the end.

    Raises:
        _Cancelled: The user stopped it.
        AssistantError: It failed.
    """

    def work(progress: Progress) -> BuildReport:
        def until_stopped(what: str, done: int, total: int) -> None:
            if stop.is_set():
                raise _Cancelled
            progress(what, done, total)

        return WorkshopBuilder(assistant).build(request, out, until_stopped)

    return events(work)


def _done(report: BuildReport, out: Path, words: Texts) -> tuple[Any, ...]:
    line = words("done", slides=len(report.pages), checked=report.pack.checked, replaced=len(report.pack.replacements))
    notices = "".join(said_html(n) for n in report.pack.notices)
    listed = [(s.title, s.id) for s in report.slides] + [(i, i) for i in report.hidden]
    return (
        said_html(line) + notices,
        *idle(),
        gr.update(visible=True),
        gr.update(value=_zip(out)),
        preview_html(report.slides, report.pack, words),
        gr.update(choices=listed, value=list(report.hidden)),
    )


def _zip(out: Path) -> str:
    """The pack as one file in the temporary folder, from which the page may serve it."""
    folder = Path(tempfile.mkdtemp(prefix="workshop-"))
    return shutil.make_archive(str(folder / out.name), "zip", out)


def preview_html(slides: Sequence[Slide], pack: Pack, words: Texts) -> str:
    """The slides as a list of cards: title, text, sources."""
    cards = "".join(_card(number, slide, pack) for number, slide in enumerate(slides, 1))
    return f'{title_html(words("preview"))}<ol class="workshop-preview">{cards}</ol>'


def _card(number: int, slide: Slide, pack: Pack) -> str:
    marks = {c: i for i, c in enumerate(slide.citations(), 1)}
    body = "".join(f"<p>{_marked(p, marks)}</p>" for p in (*slide.body, *slide.aside))
    if slide.rows:
        rows = [f"<tr>{''.join(f'<td>{_marked(c, marks)}</td>' for c in row)}</tr>" for row in slide.rows[1:]]
        head = "".join(f'<th scope="col">{escape(c.text)}</th>' for c in slide.rows[0])
        body += f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    foot = f"<p><small>{escape(footer_text(slide, pack))}</small></p>" if slide.citations() or slide.remark else ""
    return f"<li><h4>{number}. {escape(slide.title)}</h4>{body}{foot}</li>"


def _marked(paragraph: Paragraph, marks: dict[str, int]) -> str:
    numbers = ",".join(str(marks[c]) for c in paragraph.citations)
    return escape(paragraph.text) + (f" <sup>{numbers}</sup>" if numbers else "")
