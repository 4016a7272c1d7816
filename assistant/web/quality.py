"""The Quality tab: the runs of the evals, two of them compared, and what users thought. The figures are the evals' own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.errors import AssistantError
from assistant.evals.aggregate import heat_map
from assistant.evals.baselines import load_run
from assistant.evals.compare import Flip, compare_runs
from assistant.web.context import PRIVATE, WebContext, own_html
from assistant.web.rendering import attribute, said_html, tab_head_html, title_html
from assistant.web.review import build_review
from assistant.web.texts import Texts

_FIGURES = ("any_expected", "must_cite_recall", "citation_precision", "decision_right")
_TREND = 12


@dataclass(frozen=True, slots=True)
class RunRow:
    """A finished run in the list: name, time, and its summary as `assistant.evals` wrote it."""

    name: str
    created_at: str
    summary: dict[str, Any]
    has_report: bool

    def value(self, name: str) -> float | None:
        """A figure between 0 and 1."""
        figure = self.summary.get("right") if name == "right" else self.summary.get("metrics", {}).get(name)
        value = figure.get("value") if isinstance(figure, dict) else None
        return float(value) if isinstance(value, int | float) else None


def runs_of(data_dir: Path) -> tuple[list[RunRow], list[tuple[str, str]]]:
    """Finished runs, oldest first, and (name, reason) of what cannot be read."""
    rows, trouble = [], []
    folder = data_dir / "runs"
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not (path / "summary.json").is_file():
            continue
        try:
            summary = json.loads((path / "summary.json").read_text(encoding="utf-8"))
            header = json.loads((path / "run.json").read_text(encoding="utf-8"))
            rows.append(RunRow(path.name, str(header["created_at"]), dict(summary), (path / "report.html").is_file()))
        except (OSError, ValueError, KeyError, TypeError) as error:
            trouble.append((path.name, f"{type(error).__name__}: {error}"))
    return sorted(rows, key=lambda r: (r.created_at, r.name)), trouble


def build_quality_tab(context: WebContext, tab: gr.Tab) -> None:
    """Lay out and wire the tab; it is read anew whenever it is opened."""
    texts, data_dir = context.texts, context.assistant.settings.data_dir
    own_html(tab_head_html(texts("quality.heading"), texts("quality.intro")))
    board = own_html(elem_id="quality-board")
    with gr.Row(visible=False, elem_id="compare-row") as row:
        base = gr.Dropdown([], label=texts("quality.compare_base"), filterable=False)
        new = gr.Dropdown([], label=texts("quality.compare_new"), filterable=False)
        compare = gr.Button(texts("quality.compare_do"), min_width=120)
    compared = own_html(elem_id="compared")

    def show() -> tuple[Any, ...]:
        rows, trouble = runs_of(data_dir)
        names = [r.name for r in rows]
        old, late = (names[-2], names[-1]) if len(names) > 1 else (None, None)
        return (
            board_html(context, rows, trouble), gr.update(visible=len(names) > 1),
            gr.update(choices=names, value=old), gr.update(choices=names, value=late),
        )  # fmt: skip

    def side_by_side(first: str | None, second: str | None) -> str:
        names = {r.name for r in runs_of(data_dir)[0]}
        if first == second or not {first, second} <= names:
            return said_html(texts("quality.compare_same"), bad=True)
        try:
            return comparison_html(texts, data_dir / "runs" / str(first), data_dir / "runs" / str(second))
        except AssistantError as error:
            return said_html(str(error), bad=True)

    tab.select(show, None, [board, row, base, new], queue=False, **PRIVATE)
    compare.click(side_by_side, [base, new], [compared], **PRIVATE)
    build_review(context, tab)


def board_html(context: WebContext, rows: Sequence[RunRow], trouble: Sequence[tuple[str, str]]) -> str:
    """Votes, the list of runs, the trend and the heat map."""
    texts, votes = context.texts, context.store.vote_counts()
    line = texts(
        "quality.votes_line",
        up=votes.get("up", 0),
        down=votes.get("down", 0),
        pending=len(context.store.pending_feedback()),
    )
    parts = [title_html(texts("quality.votes")), f"<p>{escape(line)}</p>", title_html(texts("quality.runs"))]
    parts += [f'<p class="declined">{escape(texts("quality.unreadable", name=n, reason=r))}</p>' for n, r in trouble]
    if not rows:
        return "".join([*parts, f'<p class="empty">{escape(texts("quality.runs_none"))}</p>'])
    parts += [_runs_table(texts, rows), _trend(texts, rows[-_TREND:])]
    return "".join([*parts, _heat(context, rows[-1])])


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _runs_table(texts: Texts, rows: Sequence[RunRow]) -> str:
    names = ("right", *_FIGURES)
    head = "".join(
        f'<th scope="col">{escape(texts(f"quality.{n}"))}</th>' for n in ("run", "when", "cases", *names, "report")
    )
    lines = []
    for row in reversed(rows):
        cells = "".join(f'<td class="number">{_percent(row.value(n))}</td>' for n in names)
        link = f"runs/{attribute(row.name)}"
        report = (
            f'<a href="{link}/report.html" target="_blank" rel="noopener">{escape(texts("quality.open_report"))}</a> '
            if row.has_report
            else ""
        )
        report += f'<a href="{link}/summary.json" download="{attribute(row.name)}.json">{escape(texts("quality.download"))}</a>'
        when = escape(row.created_at.replace("T", " ")[:16])
        lines.append(
            f'<tr><th scope="row">{escape(row.name)}</th><td>{when}</td><td class="number">{escape(str(row.summary.get("cases", "–")))}</td>'
            f"{cells}<td>{report}</td></tr>"
        )
    return f'<div class="scroll-x" tabindex="0" role="group" aria-label="{attribute(texts("quality.runs"))}"><table class="figures"><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'


def _trend(texts: Texts, rows: Sequence[RunRow]) -> str:
    known = [(r.name, v) for r in rows if (v := r.value("right")) is not None]
    if len(known) < 2:
        return ""
    bars = "".join(
        f'<div style="height:{max(1.0, 100 * v):.1f}%" title="{attribute(f"{n}: {_percent(v)}")}"></div>'
        for n, v in known
    )
    words = "; ".join(f"{n} {_percent(v)}" for n, v in known)
    return f'{title_html(texts("quality.trend"))}<div class="trend" role="img" aria-label="{attribute(words)}">{bars}</div>'


def _heat(context: WebContext, row: RunRow) -> str:
    texts = context.texts
    try:
        run = load_run(context.assistant.settings.data_dir / "runs" / row.name)
    except AssistantError as error:
        return f'<p class="declined">{escape(str(error))}</p>'
    cells = heat_map(run.cases, run.scored)
    principles = list(dict.fromkeys(p for p, _ in cells))
    facets = [f for f in ("what", "why", "how", "–") if any(key[1] == f for key in cells)]
    head = "".join(f'<th scope="col">{escape(texts(f"browse.{f}") if f != "–" else f)}</th>' for f in facets)
    lines = []
    for principle in principles:
        shown = []
        for facet in facets:
            figure = cells.get((principle, facet))
            value = figure.value if figure else None
            strength = (
                ""
                if value is None
                else f' style="background:color-mix(in srgb, var(--accent-soft) {100 * value:.0f}%, transparent)"'
            )
            shown.append(f'<td class="number"{strength}>{_percent(value)}</td>')
        lines.append(f'<tr><th scope="row">{escape(principle)}</th>{"".join(shown)}</tr>')
    return (
        f'{title_html(texts("quality.heat"))}<div class="scroll-x" tabindex="0" role="group" aria-label="{attribute(texts("quality.heat"))}">'
        f'<table class="figures"><thead><tr><th scope="col">{escape(texts("browse.principle"))}</th>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def comparison_html(texts: Texts, base: Path, new: Path) -> str:
    """Two runs compared: the verdict and every question whose outcome changed.

    Raises:
        CaseError: A run cannot be read, or the two share no question.
    """
    found = compare_runs(load_run(base), load_run(new))
    parts = [f'<p class="said">{escape(found.verdict)}</p>']
    for better, key in ((False, "quality.worse"), (True, "quality.better")):
        lines = "".join(_flip(f) for f in found.flips if f.better == better)
        if lines:
            parts.append(f'{title_html(texts(key))}<ul class="rows">{lines}</ul>')
    if not found.flips:
        parts.append(f'<p class="empty">{escape(texts("quality.flips_none"))}</p>')
    return "".join(parts)


def _flip(flip: Flip) -> str:
    why = "; ".join(flip.base_why if flip.better else flip.new_why)
    return f'<li><div class="row-main"><b>{escape(flip.case.question)}</b><span>{escape(flip.case.case_id)}: {escape(why)}</span></div></li>'
