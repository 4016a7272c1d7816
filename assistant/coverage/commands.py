"""`assistant coverage`: the coverage map on the command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from textwrap import shorten
from typing import Any

from tqdm import tqdm

from assistant.answering.assistant import GuidanceAssistant
from assistant.coverage.coverage_map import CoverageMap, CoverageMapper
from assistant.coverage.exporting import export_json, export_xlsx
from assistant.coverage.gaps import gaps
from assistant.coverage.model_reading import model_reading_of
from assistant.coverage.statuses import STATUS_NAMES, STATUSES
from assistant.settings import load_settings

_SHOWN_GAPS = 10
# Letters of a recommendation that stand beside a gap: two of one clause look the same without.
_WORDS_SHOWN = 110
_DESCRIPTION = (
    "Compare plans with every recommendation of the guidance: what is evidenced, partly done, not found or contradicted. "
    "Help for a reviewer, not an audit."
)


def add_coverage_parser(commands: Any) -> None:
    """Add `assistant coverage` to the command line."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "coverage", help="map what your plans cover of the guidance", description=_DESCRIPTION
    )
    parser.add_argument(
        "plans", nargs="+", metavar="PLAN", help="a file, or the id of an indexed plan (`assistant sources`)"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="write coverage.xlsx and coverage.json into this folder"
    )
    parser.add_argument(
        "--size", choices=("msme", "large", "both"),
        help="which standard applies: ISO 44003 (msme), ISO 44004 (large) or both (default: the organisation's size, else both)",
    )  # fmt: skip
    parser.add_argument(
        "--engine", metavar="ENGINE",
        help="PROVIDER:MODEL: a language model judges the likeliest sentences of each recommendation too (slow)",
    )  # fmt: skip
    parser.add_argument("--data-dir", type=Path, help="where index and decisions live (default ./.assistant)")
    parser.set_defaults(command=coverage_command)


def coverage_command(options: argparse.Namespace) -> None:
    """`assistant coverage`."""
    settings = load_settings(data_dir=options.data_dir, engine=options.engine)
    model = model_reading_of(settings) if options.engine else None
    assistant = GuidanceAssistant(settings)
    progress = _Progress()
    try:
        found = CoverageMapper(assistant).make(options.plans, options.size, model=model, progress=progress.show)
    finally:
        progress.close()
    for notice in found.notices:
        print(notice, file=sys.stderr)
    if found.from_cache:
        print("unchanged since the last run: taken from the cache", file=sys.stderr)
    print(render(found))
    if options.out is not None:
        for path in (export_xlsx(found, assistant, options.out), export_json(found, assistant, options.out)):
            print(f"written: {path}", file=sys.stderr)


def render(found: CoverageMap) -> str:
    """The heat map and the most pressing gaps as text."""
    names = [STATUS_NAMES[s] for s in STATUSES]
    lines = [f"{'Principle':42}" + "".join(f"{n:>16}" for n in names)]
    for principle, counts in found.heat_map().items():
        lines.append(f"{principle:42}" + "".join(f"{counts[s]:>16}" for s in STATUSES))
    listed = gaps(found)
    lines += ["", f"{len(found.findings)} recommendations, {len(listed)} gaps. The most pressing:"]
    for number, gap in enumerate(listed[:_SHOWN_GAPS], 1):
        finding = gap.finding
        sure = "decided" if finding.decision else f"{finding.confidence:.0%}"
        lines.append(
            f"{number:3}. [{STATUS_NAMES[finding.final_status]}, {sure}] {finding.label} <{finding.recommendation.citation_id}>"
        )
        lines.append(f"     {shorten(finding.recommendation.text, _WORDS_SHOWN, placeholder=' …')}")
        if finding.look_again:
            lines.append(f"     Look again: {finding.look_again_reason}")
        lines.append(f"     {gap.next_step}")
    return "\n".join(lines)


class _Progress:
    """A bar on a terminal, one line a stage otherwise."""

    def __init__(self) -> None:
        self._bar: Any = None

    def show(self, what: str, done: int, total: int) -> None:
        """How far a stage is."""
        if not sys.stderr.isatty():
            if done >= total > 0:
                print(f"{what}: {total}", file=sys.stderr)
            return
        if self._bar is None or self._bar.desc.removesuffix(": ") != what:
            self.close()
            self._bar = tqdm(total=total, desc=what, file=sys.stderr)
        self._bar.n = done
        self._bar.refresh()

    def close(self) -> None:
        """Let the bar go."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
