"""A run as one HTML file: no network, light and dark, readable without a script, a section with an anchor a case."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from assistant.evals.aggregate import Figure, heat_map, percentiles, right_shares, risk_coverage, summarise
from assistant.evals.answers import cited_ids, hit_ids, statements_of
from assistant.evals.case import Case
from assistant.evals.changes import Change
from assistant.evals.compare import Comparison, Flip
from assistant.evals.matching import fold, is_guidance, meets, met_by
from assistant.evals.measures import BY_NAME, Measure, shown
from assistant.evals.metrics import Scored
from assistant.evals.plots import change_svg, heat_map_svg, histogram_bins, histogram_svg, risk_coverage_svg
from assistant.evals.protocols import CitationCatalog
from assistant.evals.quoting import QuoteAllowance
from assistant.evals.runs import Run
from assistant.evals.wording import counted

_ENVIRONMENT = Environment(
    loader=PackageLoader("assistant.evals", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)
_TILES = (
    "hit@5",
    "any_expected",
    "must_cite_recall",
    "citation_precision",
    "decline_precision",
    "decline_recall",
)
_HITS_SHOWN = 10


def render_html(
    run: Run,
    comparison: Comparison | None = None,
    *,
    catalog: CitationCatalog | None = None,
    quote_words: Mapping[str, int] | None = None,
) -> str:
    """The report of a scored run.

    Args:
        run: The run; where a comparison is given, its new run.
        comparison: Adds the change since a base run.
        catalog: Labels and headings of expected clauses; without it ids are shown.
        quote_words: Source id -> words that this report may quote of its licensed text; none where not named.
    """
    return _Page(run, comparison, catalog, QuoteAllowance(quote_words)).render()


class _Page:
    """Collects what the template shows; losses and wrong answers come first and get the quotes first."""

    def __init__(
        self,
        run: Run,
        comparison: Comparison | None,
        catalog: CitationCatalog | None,
        allowance: QuoteAllowance,
    ) -> None:
        self._run, self._comparison, self._allowance = run, comparison, allowance
        self._catalog = catalog
        self._known = {fold(i): i for i in catalog.known_ids()} if catalog else {}
        self._anchors = _anchors(run.cases)
        self._scored: dict[str, list[Scored]] = {}
        for one in run.scored:
            self._scored.setdefault(one.case_id, []).append(one)

    def render(self) -> str:
        run, comparison = self._run, self._comparison
        figures = summarise(run.scored)
        curve = risk_coverage(run.scored)
        cells = heat_map(run.cases, run.scored)
        latencies = [v for s in run.scored if (v := s.scores.get("latency_ms")) is not None]
        flips = [self._flip(f) for f in comparison.flips] if comparison else []
        shares = right_shares(run.scored)
        order = sorted(run.cases, key=lambda c: shares.get(c.case_id, 0.0) >= 1)
        cases = [self._case(c) for c in order]
        return _ENVIRONMENT.get_template("report.html.jinja").render(
            title=f"Evals: {run.name}" + (f" against {comparison.base.name}" if comparison else ""),
            subtitle=self._subtitle(),
            comparison=comparison,
            power=power_line(comparison) if comparison else "",
            changes=[change_row(c) for c in comparison.changes if c.cases] if comparison else [],
            flips=flips,
            tiles=[
                *_right_tile(shares),
                *({"label": BY_NAME[n].label, "value": _value(n, figures[n])} for n in _TILES),
            ],
            metrics=[metric_row(BY_NAME[n], f) for n, f in figures.items()],
            unscored=[
                {"id": s.case_id, "anchor": self._anchors.get(s.case_id, ""), "reason": s.unscored}
                for s in run.scored
                if s.unscored
            ],
            plots={
                "heat": heat_map_svg(cells),
                "curve": risk_coverage_svg(curve),
                "latency": histogram_svg(latencies),
                "change": change_svg(comparison.changes) if comparison else "",
            },
            cells=[
                {"principle": p, "facet": f, "value": f"{100 * (g.value or 0):.0f} %", "count": g.count}
                for (p, f), g in cells.items()
            ],
            curve_points=curve.points,
            curve_words=_curve_words(curve.area, curve.unknown),
            latency=percentiles(run.scored),
            bins=histogram_bins(latencies),
            settings=[*_plain(run.header.settings), *_plain(run.header.hashes)],
            cases=cases,
            trimmed=self._allowance.trimmed,
        )

    def _subtitle(self) -> str:
        header = self._run.header
        times = f", each asked {header.repeat} times" if header.repeat > 1 else ""
        engine = header.settings.get("engine")
        return f"{counted(len(self._run.cases), 'case')}{times} · {header.created_at}" + (
            f" · {engine}" if engine else ""
        )

    def _case(self, case: Case) -> dict[str, Any]:
        record = self._run.answers.get((case.case_id, 0))
        answer = record.answer if record else None
        scored = self._scored.get(case.case_id, [])
        why = list(dict.fromkeys(w for s in scored for w in (*s.why, *([s.unscored] if s.unscored else ()))))
        cited = cited_ids(answer) if answer else []
        met = met_by(case.expected, cited)
        tags = [case.case_type, case.principle, case.facet, case.audience]
        return {
            "id": case.case_id,
            "anchor": self._anchors[case.case_id],
            "question": case.question,
            "tags": [t for t in tags if t],
            "wrong": bool(why) or not scored,
            "why": why or ["It was not scored."],
            "history": case.history,
            "expected": [self._facts(e) | {"must": _among(e, case.must_cite), "met": e in met} for e in case.expected],
            "answer": self._answer(answer, case.expected),
            "hits": [self._facts(h)["label"] for h in (hit_ids(answer) or [])[:_HITS_SHOWN]] if answer else [],
        }

    def _flip(self, flip: Flip) -> dict[str, Any]:
        return {
            "id": flip.case.case_id,
            "anchor": self._anchors[flip.case.case_id],
            "question": flip.case.question,
            "better": flip.better,
            "base_why": flip.base_why,
            "new_why": flip.new_why,
            "base": self._answer(flip.base_answer, flip.case.expected),
            "new": self._answer(flip.new_answer, flip.case.expected),
        }

    def _answer(self, answer: Mapping[str, Any] | None, expected: Sequence[str]) -> dict[str, Any] | None:
        if answer is None:
            return None
        labels = {c["id"]: c for c in answer["citations"]}
        return {
            "declined": answer["declined"],
            "statements": [
                {
                    "text": self._allowance.show(s),
                    "citations": [self._facts(c, labels.get(c)) for c in s.get("citations", ())],
                }
                for s in statements_of(answer)
            ],
            "gaps": [
                {"reason": str(g.get("reason", "")), "say": str(g.get("say", ""))}
                for g in answer.get("gaps") or ()
                if isinstance(g, Mapping)
            ],
            "citations": [
                self._facts(c["id"], c) | {"good": any(meets(c["id"], e) for e in expected)}
                for c in answer["citations"]
                if is_guidance(c["id"])
            ],
        }

    def _facts(self, citation: str, said: Mapping[str, Any] | None = None) -> dict[str, Any]:
        found = {"id": citation, "label": citation, "heading": ""}
        written = self._known.get(fold(citation))
        if self._catalog and written:
            facts = self._catalog.describe(written)
            found |= {"label": facts["label"] or citation, "heading": facts["heading"]}
        elif said:
            found |= {k: str(said[k]) for k in ("label", "heading") if said.get(k)}
        return found


def metric_row(measure: Measure, figure: Figure) -> dict[str, Any]:
    """A metric as a report shows it."""
    bounds = figure.interval
    interval = f"{shown(measure, bounds.low)} to {shown(measure, bounds.high)}" if bounds else "–"
    return {
        "label": measure.label,
        "value": shown(measure, figure.value),
        "interval": interval,
        "count": figure.count,
        "meaning": measure.meaning,
    }


def change_row(change: Change) -> dict[str, Any]:
    """A change as a report shows it; qualities in percentage points."""
    scale, form = (100.0, "+.1f") if change.measure.is_quality else (1.0, "+.3g")
    bounds, difference = change.interval, change.difference
    return {
        "label": change.measure.label,
        "base": shown(change.measure, change.base),
        "new": shown(change.measure, change.new),
        "difference": "–" if difference is None else format(scale * difference, form),
        "interval": f"{scale * bounds.low:{form}} to {scale * bounds.high:{form}}" if bounds else "–",
        "p": _p(change.p),
        "adjusted": _p(change.adjusted_p),
        "better": change.better,
        "worse": change.worse,
        "word": change.word,
        "kind": "good" if change.word == "better" else "bad" if change.word == "worse" else "",
    }


def power_line(comparison: Comparison) -> str:
    """How much differs, and what these cases can show at all."""
    cases = len(comparison.paired)
    told = f"{comparison.different} of {cases} answers differ in words or citations. "
    if comparison.detectable is None:
        return f"{told}Power: {cases} cases are too few to show any loss of a yes/no metric reliably."
    return (
        f"{told}Power: over {cases} cases a loss of {100 * comparison.detectable:.1f} points in a yes/no metric that applies "
        "to all of them would show with 80 % power; smaller losses can hide."
    )


def _p(value: float | None) -> str:
    return "–" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"


def _value(name: str, figure: Figure) -> str:
    return shown(BY_NAME[name], figure.value)


def _right_tile(shares: Mapping[str, float]) -> list[dict[str, str]]:
    value = f"{100 * sum(shares.values()) / len(shares):.1f} %" if shares else "–"
    return [{"label": "right in every respect", "value": value}]


def _among(citation: str, ids: Sequence[str]) -> bool:
    return any(fold(citation) == fold(i) for i in ids)


def _curve_words(area: float | None, unknown: int) -> str:
    said = (
        "no answer says how sure it is" if area is None else f"mean share of wrong answers along it {100 * area:.1f} %"
    )
    return f"Area under the curve: {said}." + (
        f" Without a confidence: {counted(unknown, 'answer')}." if unknown else ""
    )


def _plain(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(k, v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)) for k, v in sorted(values.items())]


def _anchors(cases: Sequence[Case]) -> dict[str, str]:
    taken: set[str] = set()
    anchors: dict[str, str] = {}
    for case in cases:
        base = anchor = "case-" + (re.sub(r"[^A-Za-z0-9_-]+", "-", case.case_id).strip("-") or "x")
        number = 1
        while anchor in taken:
            number += 1
            anchor = f"{base}-{number}"
        taken.add(anchor)
        anchors[case.case_id] = anchor
    return anchors
