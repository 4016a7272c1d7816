"""Plots as inline SVG, drawn with the colours of the page they stand in.

Every text in a plot goes through `escape`. Each plot is an image with a title for screen readers; the report sets the same figures as a table beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from assistant.evals.aggregate import Figure, RiskCoverage
from assistant.evals.changes import Change

_WIDTH = 640


def _svg(width: int, height: int, title: str, parts: Sequence[str]) -> Markup:
    body = Markup("").join(Markup(p) for p in parts)
    return Markup(
        '<svg role="img" viewBox="0 0 {0} {1}" width="{0}" height="{1}" aria-label="{2}"><title>{2}</title>{3}</svg>'
    ).format(width, height, title, body)


def _text(x: float, y: float, words: str, anchor: str = "start", kind: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{escape(words)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str = "axis") -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def heat_map_svg(cells: Mapping[tuple[str, str], Figure]) -> Markup:
    """Share of right answers by principle (rows) and facet (columns); the fuller the colour, the more are right."""
    rows = sorted({row for row, _ in cells}, key=lambda r: (r == "–", r))
    order = ("what", "why", "how")
    columns = sorted({c for _, c in cells}, key=lambda c: (c == "–", order.index(c) if c in order else len(order), c))
    cell_width, cell_height, top = 100, 30, 26
    left = 16 + 7.2 * max(len(row) for row in [*rows, "no principle"])
    parts = [
        _text(left + (i + 0.5) * cell_width, 16, "no facet" if c == "–" else c, "middle") for i, c in enumerate(columns)
    ]
    for j, row in enumerate(rows):
        y = top + j * cell_height
        parts.append(_text(left - 8, y + 20, "no principle" if row == "–" else row, "end"))
        for i, column in enumerate(columns):
            figure = cells.get((row, column))
            x = left + i * cell_width
            if figure is None or figure.value is None:
                parts.append(_text(x + cell_width / 2, y + 20, "·", "middle", "faint"))
                continue
            said = f"{100 * figure.value:.0f} % of {figure.count}"
            parts.append(
                f'<rect x="{x + 1}" y="{y + 1}" width="{cell_width - 2}" height="{cell_height - 2}" rx="3" '
                f'class="cell" fill-opacity="{0.06 + 0.39 * figure.value:.3f}"><title>{escape(row)}, '
                f"{escape(column)}: {said}</title></rect>"
            )
            parts.append(_text(x + cell_width / 2, y + 20, said, "middle"))
    width, height = int(left) + cell_width * max(1, len(columns)), top + cell_height * max(1, len(rows)) + 4
    return _svg(width, height, "Share of right answers by principle and facet", parts)


def risk_coverage_svg(curve: RiskCoverage) -> Markup:
    """Share of wrong answers (upwards) when only the surest share of all (rightwards) is answered."""
    left, top, width, height = 52, 12, _WIDTH - 72, 200
    parts = [_line(left, top + height, left + width, top + height), _line(left, top, left, top + height)]
    for step in range(5):
        share = step / 4
        parts.append(_text(left + share * width, top + height + 18, f"{100 * share:.0f} %", "middle", "faint"))
        parts.append(_text(left - 6, top + height * (1 - share) + 4, f"{100 * share:.0f} %", "end", "faint"))
    if curve.points:
        corners = " ".join(f"{left + c * width:.1f},{top + height * (1 - r):.1f}" for c, r in curve.points)
        parts.append(f'<polyline points="{corners}" class="curve"/>')
        coverage, risk = curve.points[-1]
        parts.append(
            f'<circle cx="{left + coverage * width:.1f}" cy="{top + height * (1 - risk):.1f}" r="4" class="dot"/>'
        )
    parts.append(_text(left + width / 2, top + height + 38, "share of questions answered, surest first", "middle"))
    return _svg(_WIDTH, top + height + 46, "Risk-coverage curve: share of wrong answers by share answered", parts)


def histogram_bins(values: Sequence[float], bins: int = 20) -> list[tuple[float, float, int]]:
    """(from, to, count) of equally wide bins from 0 to the largest value."""
    if not values:
        return []
    step = max(0.0, *values) / bins or 1.0 / bins
    counts = [0] * bins
    for value in values:
        counts[max(0, min(bins - 1, int(value / step)))] += 1
    return [(i * step, (i + 1) * step, n) for i, n in enumerate(counts)]


def histogram_svg(values: Sequence[float], unit: str = "ms") -> Markup:
    """How many answers took how long."""
    bins = histogram_bins(values)
    left, top, width, height = 20, 18, _WIDTH - 40, 140
    most = max((n for _, _, n in bins), default=1)
    parts = [_line(left, top + height, left + width, top + height)]
    for i, (low, high, count) in enumerate(bins):
        x, tall = left + i * width / len(bins), height * count / most
        parts.append(
            f'<rect x="{x + 1:.1f}" y="{top + height - tall:.1f}" width="{width / len(bins) - 2:.1f}" '
            f'height="{tall:.1f}" class="bar"><title>{low:.0f} to {high:.0f} {unit}: {count}</title></rect>'
        )
        if count:
            parts.append(_text(x + width / len(bins) / 2, top + height - tall - 4, str(count), "middle", "faint"))
        if i % 5 == 0:
            parts.append(_text(x, top + height + 16, f"{low:.0f}", "middle", "faint"))
    parts.append(_text(left + width, top + height + 16, f"{bins[-1][1] if bins else 0:.0f} {unit}", "end", "faint"))
    return _svg(_WIDTH, top + height + 24, "Latency: how many answers took how long", parts)


def change_svg(changes: Sequence[Change]) -> Markup:
    """Difference of each quality metric with its 95 % interval, in percentage points around zero."""
    known = [c for c in changes if c.interval and c.difference is not None and c.measure.is_quality]
    left, row, top, width = 190, 24, 22, _WIDTH - 200
    reach = max((max(abs(c.interval.low), abs(c.interval.high)) for c in known if c.interval), default=0.0)
    reach = max(reach, 0.02) * 1.05
    middle = left + width / 2

    def at(value: float) -> float:
        return middle + value / reach * width / 2

    height = top + row * max(1, len(known)) + 6
    parts = [_line(middle, top - 6, middle, height - 4), _text(middle, 12, "no change", "middle", "faint")]
    parts.append(_text(left, 12, f"-{100 * reach:.1f} points", "start", "faint"))
    parts.append(_text(left + width, 12, f"+{100 * reach:.1f}", "end", "faint"))
    for i, change in enumerate(known):
        if change.interval is None or change.difference is None:
            continue
        y = top + (i + 0.5) * row
        kind = {"better": "up", "perhaps better": "up", "worse": "down", "perhaps worse": "down"}.get(change.word, "")
        parts.append(_text(left - 8, y + 4, change.measure.label, "end"))
        parts.append(_line(at(change.interval.low), y, at(change.interval.high), y, f"range {kind}"))
        parts.append(
            f'<circle cx="{at(change.difference):.1f}" cy="{y:.1f}" r="4.5" class="dot {kind}"><title>'
            f"{escape(change.measure.label)}: {100 * change.difference:+.1f} points, {change.word}</title></circle>"
        )
    return _svg(_WIDTH, height, "Change of each metric since the base, with 95 % intervals", parts)
