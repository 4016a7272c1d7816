"""The Coverage tab: choose plans, make the map with progress and cancel, look closer, decide, download."""

from __future__ import annotations

import queue
import tempfile
import threading
import tomllib
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.answering.assistant import EXTRACTIVE, GuidanceAssistant
from assistant.answering.licensing import QuoteLedger
from assistant.coverage.coverage_map import STATUSES, CoverageMap, CoverageMapper, Finding
from assistant.coverage.exporting import export_json, export_xlsx
from assistant.coverage.gaps import gaps
from assistant.coverage.model_reading import ModelReading, model_reading_of
from assistant.coverage.plan_text import plan_ids
from assistant.errors import AssistantError
from assistant.web.coverage_view import finding_html, gaps_html, heat_map_html, shortened
from assistant.web.texts import Texts

_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_POLL_S = 0.2
_ALL = "all"

Told = tuple[str, int, int] | CoverageMap
# Plans, size, and whether a language model judged too: by these the map is found again in the cache.
Mapped = tuple[list[str], Any, bool]
Refresh = tuple[Callable[..., Any], list[Any], list[Any]]


def build_coverage_tab(assistant: GuidanceAssistant, texts: Texts | None = None) -> Refresh:
    """Lay out and wire the tab; to be called inside a `gr.Tab`.

    Args:
        assistant: Its index holds guidance and plans.
        texts: The interface's own words; those of this tab stand in coverage_text.toml.

    Returns:
        What to call when the tab is chosen, what it is told and what it updates: plans may have come or gone meanwhile.
    """
    return _CoverageTab(assistant).build()


class _CoverageTab:
    """The tab's parts and what they do. Which plans were mapped is kept on the page; maps come from the cache."""

    def __init__(self, assistant: GuidanceAssistant) -> None:
        self._assistant = assistant
        self._mapper = CoverageMapper(assistant)
        self._words = Texts(tomllib.loads((files("assistant.web") / "coverage_text.toml").read_text(encoding="utf-8")))
        self._stops: dict[str, threading.Event] = {}

    def build(self) -> Refresh:
        """Lay out and wire."""
        words = self._words
        gr.HTML(
            f'<div class="tab-head"><h2 tabindex="-1">{escape(words("heading"))}</h2><p>{escape(words("intro"))}</p></div>'
        )
        chosen = gr.CheckboxGroup(
            self._plans(), label=words("plans"), info=words("plans_info"), elem_id="coverage-plans"
        )
        sizes = [(words(f"size_{s}"), s) for s in ("msme", "large", "both")]
        size = gr.Radio(sizes, value=self._size(), label=words("size"), elem_id="coverage-size")
        judge = gr.Checkbox(
            False, label=words("judge"), info=words("judge_info", engine=self._assistant.settings.engine),
            visible=self._assistant.settings.engine != EXTRACTIVE, elem_id="coverage-judge",
        )  # fmt: skip
        with gr.Row():
            make = gr.Button(words("make"), variant="primary", elem_id="coverage-make")
            cancel = gr.Button(words("cancel"), interactive=False, elem_id="coverage-cancel")
        said = gr.HTML(elem_id="coverage-said")
        mapped = gr.State(None)
        with gr.Column(visible=False) as result:
            heat = gr.HTML(elem_id="coverage-map")
            gr.HTML(f'<h3 class="block-title">{escape(words("look_heading"))}</h3>')
            with gr.Row():
                principle = gr.Dropdown([], label=words("principle"), elem_id="coverage-principle")
                status = gr.Dropdown(self._statuses(), value=_ALL, label=words("status"), elem_id="coverage-status")
            finding = gr.Dropdown([], label=words("finding"), elem_id="coverage-finding")
            detail = gr.HTML(elem_id="coverage-detail")
            decide = self._decide_parts()
            gap_list = gr.HTML(elem_id="coverage-gaps")
            downloads = gr.File(
                label=words("downloads"), interactive=False, file_count="multiple", elem_id="coverage-downloads"
            )
        shown = [said, make, cancel, mapped, result, heat, principle, finding, detail, gap_list, downloads]
        make.click(self._make, [chosen, size, judge], shown, concurrency_limit=1, concurrency_id="coverage", **_PRIVATE)
        cancel.click(self._cancel, None, [said], queue=False, **_PRIVATE)
        for changed in (principle, status):
            changed.change(self._narrow, [mapped, principle, status], [finding, detail], **_PRIVATE)
        finding.change(self._show, [mapped, finding], [detail], **_PRIVATE)
        after = [decide["said"], heat, detail, gap_list, downloads]
        inputs = [mapped, finding, decide["status"], decide["comment"]]
        for kind in ("accepted", "corrected", "withdrawn"):
            decide[kind].click(self._deciding(kind), inputs, after, **_PRIVATE)
        return self._refresh, [chosen], [chosen]

    def _decide_parts(self) -> dict[str, Any]:
        words = self._words
        gr.HTML(f'<h3 class="block-title">{escape(words("decide_heading"))}</h3>')
        with gr.Row():
            status = gr.Dropdown(
                [(words(s), s) for s in STATUSES],
                value="evidenced",
                label=words("decide_status"),
                elem_id="coverage-decision",
            )
            comment = gr.Textbox(
                label=words("comment"), info=words("comment_info"), max_length=2000, elem_id="coverage-comment"
            )
        with gr.Row():
            accepted = gr.Button(words("accept"), elem_id="coverage-accept")
            corrected = gr.Button(words("correct"), elem_id="coverage-correct")
            withdrawn = gr.Button(words("withdraw"), elem_id="coverage-withdraw")
        said = gr.HTML(elem_id="coverage-decided")
        return {
            "status": status,
            "comment": comment,
            "accepted": accepted,
            "corrected": corrected,
            "withdrawn": withdrawn,
            "said": said,
        }

    def _plans(self) -> list[tuple[str, str]]:
        catalog = self._assistant.catalog
        return [(catalog.sources[i, "plan"].title, i) for i in plan_ids(catalog)]

    def _refresh(self, chosen: list[str] | None) -> Any:
        """The plans that are there now, those ticked that are still among them."""
        plans = self._plans()
        ids = {i for _, i in plans}
        return gr.update(choices=plans, value=[i for i in chosen or [] if i in ids])

    def _size(self) -> str:
        size = self._assistant.settings.organisation_size
        return size if size != "unknown" else "both"

    def _statuses(self) -> list[tuple[str, str]]:
        return [(self._words("all_statuses"), _ALL), *((self._words(s), s) for s in STATUSES)]

    def _make(self, chosen: list[str], size: Any, judge: bool, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        words, rest = self._words, [gr.skip()] * 8
        if not chosen:
            yield _said(words("nothing_chosen"), bad=True), *_idle(), *rest
            return
        yield _busy(words("starting")), gr.update(interactive=False), gr.update(interactive=True), *rest
        stop = self._stops[str(request.session_hash)] = threading.Event()
        try:
            model = model_reading_of(self._assistant.settings) if judge else None
            for told in self._events(chosen, size, model, stop):
                if isinstance(told, CoverageMap):
                    # What a failing model left is the plain map, and only that one is kept.
                    yield self._done(told, (list(chosen), size, model is not None and not model.failure))
                else:
                    yield (
                        _busy(words("progress", what=told[0], done=told[1], total=told[2])),
                        gr.skip(),
                        gr.skip(),
                        *rest,
                    )
        except AssistantError as error:
            yield self._trouble(error), *_idle(), *rest
        finally:
            self._stops.pop(str(request.session_hash), None)

    def _events(
        self, chosen: Sequence[str], size: Any, model: ModelReading | None, stop: threading.Event
    ) -> Iterator[Told]:
        """Progress of the work that runs beside, and the map at the end."""
        told: queue.Queue[Told | BaseException] = queue.Queue()

        def work() -> None:
            try:
                progress = lambda what, done, total: told.put((what, done, total))  # noqa: E731 - a callback of one line
                told.put(self._mapper.make(chosen, size, model=model, progress=progress, stopped=stop.is_set))
            except BaseException as error:
                told.put(error)

        threading.Thread(target=work, name="coverage", daemon=True).start()
        while True:
            try:
                event = told.get(timeout=_POLL_S)
                while not told.empty() and isinstance(event, tuple):
                    event = told.get_nowait()  # only the newest line of progress is worth showing
            except queue.Empty:
                continue
            if isinstance(event, BaseException):
                raise event
            yield event
            if isinstance(event, CoverageMap):
                return

    def _cancel(self, request: gr.Request) -> str:
        stop = self._stops.get(str(request.session_hash))
        if stop is not None:
            stop.set()
        return _busy(self._words("cancelling"))

    def _done(self, found: CoverageMap, mapped: Mapped) -> tuple[Any, ...]:
        words, listed = self._words, gaps(found)
        lines = [
            words("done", findings=len(found.findings), gaps=len(listed)),
            *([words("cached")] if found.from_cache else []),
        ]
        notices = "".join(_said(n) for n in (*lines, *found.notices))
        principles = [(words("all_principles"), _ALL), *((p, p) for p in found.heat_map())]
        choices = self._choices(found, _ALL, _ALL)
        first = choices[0][1] if choices else None
        return (
            notices, *_idle(), mapped, gr.update(visible=True), heat_map_html(found, words),
            gr.update(choices=principles, value=_ALL), gr.update(choices=choices, value=first),
            self._detail(found, first), gaps_html(listed, words), self._files(found),
        )  # fmt: skip

    def _found(self, mapped: Mapped) -> CoverageMap:
        chosen, size, judged = mapped
        return self._mapper.make(chosen, size, model=model_reading_of(self._assistant.settings) if judged else None)

    def _choices(self, found: CoverageMap, principle: str, status: str) -> list[tuple[str, str]]:
        return [
            (_shortened(f), f.recommendation.key)
            for f in found.findings
            if principle in (_ALL, f.recommendation.principle) and status in (_ALL, f.final_status)
        ]

    def _narrow(self, mapped: Any, principle: str, status: str) -> tuple[Any, str]:
        if mapped is None:
            return gr.skip(), ""
        try:
            found = self._found(mapped)
            choices = self._choices(found, principle or _ALL, status or _ALL)
            first = choices[0][1] if choices else None
            return gr.update(choices=choices, value=first), self._detail(found, first)
        except AssistantError as error:
            return gr.skip(), self._trouble(error)

    def _show(self, mapped: Any, key: str | None) -> str:
        if mapped is None:
            return ""
        try:
            return self._detail(self._found(mapped), key)
        except AssistantError as error:
            return self._trouble(error)

    def _trouble(self, error: AssistantError) -> str:
        return _said(self._words("trouble", reason=error), bad=True)

    def _detail(self, found: CoverageMap, key: str | None) -> str:
        if not key:
            return f'<p class="empty">{escape(self._words("none_like_this"))}</p>'
        ledger = QuoteLedger(self._assistant.catalog, self._assistant.settings.role, date.today())
        return finding_html(found.finding(key), self._words, ledger)

    def _files(self, found: CoverageMap) -> list[str]:
        """The exports in the temporary folder, from which the page may serve them."""
        folder = Path(tempfile.mkdtemp(prefix="coverage-"))
        return [str(export_xlsx(found, self._assistant, folder)), str(export_json(found, self._assistant, folder))]

    def _deciding(self, kind: str) -> Any:
        def decide(mapped: Any, key: str | None, status: Any, comment: str) -> tuple[Any, ...]:
            if mapped is None or not key:
                return gr.skip(), gr.skip(), gr.skip(), gr.skip(), gr.skip()
            try:
                line = self._keep(kind, mapped, key, status, comment or "")
                found = self._found(mapped)
            except AssistantError as error:
                return _said(str(error), bad=True), gr.skip(), gr.skip(), gr.skip(), gr.skip()
            listed = gaps(found)
            return (
                _said(line),
                heat_map_html(found, self._words),
                self._detail(found, key),
                gaps_html(listed, self._words),
                self._files(found),
            )

        return decide

    def _keep(self, kind: str, mapped: Any, key: str, status: Any, comment: str) -> str:
        found = self._found(mapped)
        finding = found.finding(key)
        if kind == "withdrawn":
            self._mapper.decisions.withdraw(found.scope, finding.recommendation)
            return self._words("withdrawn")
        evidence = finding.evidence.text if finding.evidence else ""
        if kind == "accepted":
            self._mapper.decisions.record(
                found.scope, finding.recommendation, "accepted", finding.status, comment=comment, evidence=evidence
            )
        else:
            self._mapper.decisions.record(
                found.scope, finding.recommendation, "corrected", status, comment=comment, evidence=evidence
            )
        return self._words("saved")


def _shortened(finding: Finding) -> str:
    return shortened(f"{finding.label}: {finding.recommendation.text}")


def _idle() -> tuple[Any, Any]:
    return gr.update(interactive=True), gr.update(interactive=False)


def _said(line: str, *, bad: bool = False) -> str:
    kind, role = ("declined", "alert") if bad else ("said", "status")
    return f'<p class="{kind}" role="{role}">{escape(line)}</p>'


def _busy(line: str) -> str:
    return f'<p class="progress" role="status"><span class="dot" aria-hidden="true"></span> {escape(line)}</p>'
