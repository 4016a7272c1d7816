"""A run or a comparison as Markdown for a pull request. It shows citations and no words of an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.evals.aggregate import right_shares, summarise
from assistant.evals.answers import cited_ids
from assistant.evals.compare import Comparison, Flip
from assistant.evals.measures import BY_NAME
from assistant.evals.report_html import change_row, metric_row, power_line
from assistant.evals.runs import Run
from assistant.evals.wording import counted

_FLIPS_SHOWN = 25
_WRONG_SHOWN = 25
# All at once: signs that are replaced one after the other spoil the "&#" of those before them.
_HARMLESS = {ord(sign): f"&#{ord(sign)};" for sign in "\\|`*_[]<>#@"}


def render_run(run: Run) -> str:
    """A run: figures, what could not be scored, the first wrong answers."""
    figures = summarise(run.scored)
    shares = right_shares(run.scored)
    lines = [
        f"# Evals: {_cell(run.name)}",
        "",
        f"{counted(len(run.cases), 'case')}, {counted(len(run.scored), 'answer')}.",
    ]
    unscored = [s for s in run.scored if s.unscored]
    if unscored:
        lines += [
            "",
            f"**{len(unscored)} could not be scored**: " + ", ".join(_cell(s.case_id) for s in unscored),
        ]
    lines += ["", "| Metric | Value | 95 % interval | Cases |", "|---|---:|---:|---:|"]
    for name, figure in figures.items():
        row = metric_row(BY_NAME[name], figure)
        if figure.count:
            lines.append(f"| {row['label']} | {row['value']} | {row['interval']} | {row['count']} |")
    wrong = [c for c in run.cases if shares.get(c.case_id, 1.0) < 1]
    if wrong:
        why = {s.case_id: " ".join(s.why) for s in reversed(run.scored) if s.why}
        lines += [
            "",
            f"<details><summary>{counted(len(wrong), 'wrong answer')}</summary>",
            "",
            "| Case | Question | Why |",
            "|---|---|---|",
        ]
        for case in wrong[:_WRONG_SHOWN]:
            lines.append(f"| {_cell(case.case_id)} | {_cell(case.question)} | {_cell(why.get(case.case_id, ''))} |")
        lines += [*_more(len(wrong) - _WRONG_SHOWN), "", "</details>"]
    return "\n".join(lines) + "\n"


def render_comparison(comparison: Comparison, failures: Sequence[str] | None = None) -> str:
    """A comparison.

    Args:
        comparison: The two runs.
        failures: What the gate found, empty where it passes; None where there is no gate.
    """
    lines = [f"# Evals: {_cell(comparison.new.name)} against {_cell(comparison.base.name)}", ""]
    lines += [f"**Verdict:** {comparison.verdict}.", ""]
    if failures is not None:
        lines += ["**Gate: failed**" if failures else "**Gate: passed**", *(f"- {f}" for f in failures), ""]
    if comparison.lost_line:
        lines += [f"**{_cell(comparison.lost_line)}**", ""]
    lines += [power_line(comparison), *map(_cell, comparison.left_out), ""]
    if comparison.changed_settings:
        lines += [f"Changed: {', '.join(comparison.changed_settings)}.", ""]
    lines += [
        "| Metric | Base | New | Difference | 95 % interval | p | p adjusted | + / − | |",
        "|---|" + "---:|" * 7 + "---|",
    ]
    for change in comparison.changes:
        if change.cases:
            r = change_row(change)
            cells = (r["base"], r["new"], r["difference"], r["interval"], r["p"], r["adjusted"])
            lines.append(f"| {r['label']} | {' | '.join(cells)} | {r['better']} / {r['worse']} | {r['word']} |")
    lines += _flips(comparison.flips)
    for name, rows in comparison.groups.items():
        if rows:
            lines += [
                "",
                f"<details><summary>Right answers by {name}</summary>",
                "",
                f"| {name} | Cases | Base | New |",
            ]
            lines += ["|---|---:|---:|---:|"]
            lines += [f"| {_cell(g.group)} | {g.cases} | {100 * g.base:.1f} % | {100 * g.new:.1f} % |" for g in rows]
            lines += ["", "</details>"]
    return "\n".join(lines) + "\n"


def _flips(flips: Sequence[Flip]) -> list[str]:
    if not flips:
        return ["", "No flips."]
    worse = sum(not f.better for f in flips)
    lines = ["", f"Flips: {worse} worse, {len(flips) - worse} better.", ""]
    lines += ["| | Case | Question | Base cites | New cites | Why |", "|---|---|---|---|---|---|"]
    for flip in flips[:_FLIPS_SHOWN]:
        why = " ".join(flip.base_why if flip.better else flip.new_why)
        cells = [
            flip.case.case_id,
            flip.case.question,
            _cited(flip.base_answer),
            _cited(flip.new_answer),
            why,
        ]
        lines.append(f"| {'better' if flip.better else '**worse**'} | {' | '.join(map(_cell, cells))} |")
    return lines + _more(len(flips) - _FLIPS_SHOWN)


def _cited(answer: Mapping[str, Any] | None) -> str:
    if answer is None:
        return "–"
    return "declined" if answer["declined"] else ", ".join(cited_ids(answer)[:4]) or "nothing"


def _more(count: int) -> list[str]:
    return ["", f"… and {count} more."] if count > 0 else []


def _cell(text: str) -> str:
    """A text that stays in its table cell and brings no markup of its own."""
    return " ".join(text.split()).translate(_HARMLESS)
