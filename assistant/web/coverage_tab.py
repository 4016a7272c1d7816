"""The Coverage tab: choose plans, make the map with progress and cancel, look closer, decide, download."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import date
from html import escape
from pathlib import Path
from typing import Any, get_args

import gradio as gr

from assistant.answering.assistant import EXTRACTIVE, GuidanceAssistant
from assistant.answering.licensing import QuoteLedger
from assistant.coverage.coverage_map import CoverageMap, CoverageMapper, Finding
from assistant.coverage.decisions import Kind
from assistant.coverage.exporting import export_json, export_xlsx
from assistant.coverage.gaps import gaps
from assistant.coverage.model_reading import ModelReading, model_reading_of
from assistant.coverage.plan_text import plan_ids
from assistant.coverage.statuses import STATUSES
from assistant.errors import AssistantError
from assistant.web.background import Stops, Told, at_work, events, idle
from assistant.web.context import PRIVATE
from assistant.web.coverage_view import finding_html, gaps_html, heat_map_html
from assistant.web.rendering import said_html, shortened, tab_head_html, title_html
from assistant.web.texts import read_texts

_ALL = "all"

# Plans, size, whether a language model judged too, and the map's mark: by these the map is found again in the cache.
Mapped = tuple[list[str], Any, bool, str]
Refresh = tuple[Callable[..., Any], list[Any], list[Any]]


def build_coverage_tab(assistant: GuidanceAssistant) -> Refresh:
    """Lay out and wire the tab; to be called inside a `gr.Tab`. Its words stand in coverage_text.toml.

    Args:
        assistant: Its index holds guidance and plans.

    Returns:
        What to call when the tab is chosen, what it is told and what it updates: plans may have come or gone meanwhile.
    """
    return _CoverageTab(assistant).build()


class _CoverageTab:
    """The tab's parts and what they do. Which plans were mapped is kept on the page; maps come from the cache."""

    def __init__(self, assistant: GuidanceAssistant) -> None:
        self._assistant = assistant
        self._mapper = CoverageMapper(assistant)
        self._words = read_texts("coverage_text.toml")
        self._stops = Stops()
        self._downloads = gr.File(
            label=self._words("downloads"), interactive=False, file_count="multiple", elem_id="coverage-downloads",
            render=False,
        )  # fmt: skip

    def build(self) -> Refresh:
        """Lay out and wire."""
        words = self._words
        gr.HTML(tab_head_html(words("heading"), words("intro")))
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
            gr.HTML(title_html(words("look_heading")))
            with gr.Row():
                principle = gr.Dropdown([], label=words("principle"), elem_id="coverage-principle")
                status = gr.Dropdown(self._statuses(), value=_ALL, label=words("status"), elem_id="coverage-status")
            finding = gr.Dropdown([], label=words("finding"), elem_id="coverage-finding")
            detail = gr.HTML(elem_id="coverage-detail")
            decide = self._decide_parts()
            gap_list = gr.HTML(elem_id="coverage-gaps")
            self._downloads.render()
        shown = [said, make, cancel, mapped, result, heat, principle, finding, detail, gap_list, self._downloads]
        make.click(self._make, [chosen, size, judge], shown, concurrency_limit=1, concurrency_id="coverage", **PRIVATE)
        cancel.click(self._cancel, None, [said], queue=False, **PRIVATE)
        for changed in (principle, status):
            changed.change(self._narrow, [mapped, principle, status], [finding, detail], **PRIVATE)
        finding.change(self._show, [mapped, finding], [detail, decide["comment"], decide["said"]], **PRIVATE)
        after = [decide["said"], decide["comment"], heat, detail, gap_list, self._downloads]
        inputs = [mapped, finding, decide["status"], decide["comment"]]
        for kind in get_args(Kind):
            decide[kind].click(self._deciding(kind), inputs, after, **PRIVATE)
        return self._refresh, [chosen], [chosen]

    def _decide_parts(self) -> dict[str, Any]:
        words = self._words
        gr.HTML(title_html(words("decide_heading")))
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
        """Title and id of each indexed plan that may be seen."""
        role, today = self._assistant.settings.role, date.today()
        sources = self._assistant.catalog.sources
        plans = [(i, sources[i, "plan"]) for i in plan_ids(self._assistant.catalog)]
        return [(source.title, i) for i, source in plans if source.licence.allows(role, today)]

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
            yield said_html(words("nothing_chosen"), bad=True), *idle(), *rest
            return
        yield said_html(words("starting"), busy=True), *at_work(), *rest
        try:
            yield from self._steps(chosen, size, judge, request)
        except AssistantError as error:
            yield said_html(words("trouble", reason=error), bad=True), *idle(), *rest
        except Exception:
            yield said_html(words("broken"), bad=True), *idle(), *rest
            raise

    def _steps(self, chosen: list[str], size: Any, judge: bool, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """What the page shows while the map is made, and the map at the end."""
        model = model_reading_of(self._assistant.settings) if judge else None
        with self._stops.of(request) as stop:
            for event in self._events(chosen, size, model, stop):
                if isinstance(event, CoverageMap):
                    # What a failing model left is the plain map, and only that one is kept.
                    judged = model is not None and not model.failure
                    yield self._done(event, (list(chosen), size, judged, event.mark))
                else:
                    line = self._words("progress", what=event[0], done=event[1], total=event[2])
                    yield said_html(line, busy=True), *[gr.skip()] * 10

    def _events(
        self, chosen: list[str], size: Any, model: ModelReading | None, stop: threading.Event
    ) -> Iterator[Told | CoverageMap]:
        """Progress of the work that runs beside, and the map at the end."""
        return events(
            lambda progress: self._mapper.make(chosen, size, model=model, progress=progress, stopped=stop.is_set)
        )

    def _cancel(self, request: gr.Request) -> str:
        self._stops.stop(request)
        return said_html(self._words("cancelling"), busy=True)

    def _done(self, found: CoverageMap, mapped: Mapped) -> tuple[Any, ...]:
        words, listed = self._words, gaps(found)
        lines = [
            words("done", findings=len(found.findings), gaps=len(listed)),
            *([words("cached")] if found.from_cache else []),
        ]
        notices = "".join(said_html(n) for n in (*lines, *found.notices))
        principles = [(words("all_principles"), _ALL), *((p, p) for p in found.heat_map())]
        choices = self._choices(found, _ALL, _ALL)
        first = choices[0][1] if choices else None
        return (
            notices, *idle(), mapped, gr.update(visible=True), heat_map_html(found, words),
            gr.update(choices=principles, value=_ALL), gr.update(choices=choices, value=first),
            self._detail(found, first), gaps_html(listed, words), self._files(found),
        )  # fmt: skip

    def _found(self, mapped: Mapped) -> CoverageMap:
        """The map that the page shows, with today's decisions.

        Raises:
            AssistantError: It is no longer what these plans give.
        """
        chosen, size, judged, mark = mapped
        model = model_reading_of(self._assistant.settings) if judged else None
        return self._mapper.kept(chosen, size, model=model, mark=mark)

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

    def _show(self, mapped: Any, key: str | None) -> tuple[str, str, str]:
        """The finding; comment and result of the last decision belong to another one and go."""
        if mapped is None:
            return "", "", ""
        try:
            return self._detail(self._found(mapped), key), "", ""
        except AssistantError as error:
            return self._trouble(error), "", ""

    def _trouble(self, error: AssistantError) -> str:
        return said_html(self._words("not_shown", reason=error), bad=True)

    def _detail(self, found: CoverageMap, key: str | None) -> str:
        if not key:
            return f'<p class="empty">{escape(self._words("none_like_this"))}</p>'
        ledger = QuoteLedger(self._assistant.catalog, self._assistant.settings.role, date.today())
        return finding_html(found.finding(key), self._words, ledger)

    def _files(self, found: CoverageMap) -> list[str]:
        """The exports in Gradio's cache, which deletes them in time."""
        with tempfile.TemporaryDirectory(prefix="coverage-") as folder:
            made = [export(found, self._assistant, Path(folder)) for export in (export_xlsx, export_json)]
            return [str(self._downloads.move_resource_to_block_cache(path)) for path in made]

    def _deciding(self, kind: Kind) -> Any:
        def decide(mapped: Any, key: str | None, status: Any, comment: str) -> tuple[Any, ...]:
            if mapped is None or not key:
                return (gr.skip(),) * 6
            try:
                line = self._keep(kind, mapped, key, status, comment or "")
                found = self._found(mapped)
            except AssistantError as error:
                return said_html(str(error), bad=True), *[gr.skip()] * 5
            listed = gaps(found)
            return (
                said_html(line),
                "",
                heat_map_html(found, self._words),
                self._detail(found, key),
                gaps_html(listed, self._words),
                self._files(found),
            )

        return decide

    def _keep(self, kind: Kind, mapped: Any, key: str, status: Any, comment: str) -> str:
        found = self._found(mapped)
        finding, plans = found.finding(key), [p.plan_id for p in found.plans]
        if kind == "withdrawn":
            self._mapper.decisions.withdraw(found.scope, finding.recommendation, plans=plans)
            return self._words("withdrawn")
        self._mapper.decisions.record(
            found.scope,
            finding.recommendation,
            kind,
            finding.status if kind == "accepted" else status,
            comment=comment,
            evidence=finding.evidence.text if finding.evidence else "",
            plans=plans,
        )
        return self._words("saved")


def _shortened(finding: Finding) -> str:
    return shortened(f"{finding.label}: {finding.recommendation.text}")
