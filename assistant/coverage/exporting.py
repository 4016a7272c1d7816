"""Coverage map -> XLSX and JSON, within what the licences let out of the product."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from lxml.etree import LxmlError  # type: ignore[import-untyped]
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from assistant import __version__
from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.licensing import QuoteLedger
from assistant.characters import whole_characters
from assistant.coverage.coverage_map import CoverageMap, Finding
from assistant.coverage.gaps import gaps
from assistant.coverage.plan_text import PlanSentence
from assistant.coverage.statuses import STATUS_NAMES, STATUSES, Status
from assistant.errors import WriteError
from assistant.files import write_whole
from assistant.sources.licence import count_words

XLSX_NAME, JSON_NAME = "coverage.xlsx", "coverage.json"
# What XML cannot hold (XML 1.0, section 2.2): a workbook with it would not open.
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Light fills: the word in the cell says the status, the colour only helps to see it.
_FILLS: dict[Status, str] = {
    "evidenced": "D5EBD8", "partly": "FBEFC9", "not_found": "F6D9D5", "contradicted": "E3CDE6", "not_applicable": "E8E8E8",
}  # fmt: skip
_WIDTHS = {"short": 14, "middle": 28, "long": 60}


@dataclass
class Words:
    """Keeps one export within the licences of guidance and plans.

    Attributes:
        found: The map.
        ledger: Budget of the guidance.
    """

    found: CoverageMap
    ledger: QuoteLedger
    _plan_room: dict[str, int] = field(default_factory=dict)
    _quoted: set[tuple[str, str]] = field(default_factory=set)
    withheld: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._plan_room = {p.plan_id: p.may_export_words for p in self.found.plans}

    def guidance(self, finding: Finding) -> str:
        """The recommendation's words, or where to read them if they may not leave the product."""
        recommendation = finding.recommendation
        clause = self.ledger.catalog.resolve(recommendation.citation_id).renditions.get(recommendation.rendition)  # type: ignore[call-overload]
        text = recommendation.matched_text
        if clause is not None and self.ledger.quote(clause, text):
            return text
        return f"Read {finding.label} in the product: its licence does not allow these words to be exported."

    def plan(self, sentence: PlanSentence | None, *, named_cells: bool = False) -> str:
        """The plan's words; a sentence that stands in the file already costs nothing again.

        Args:
            sentence: The sentence, None for none.
            named_cells: Whether the cells of a table's row stand under their headings, for people to read.
        """
        if sentence is None:
            return ""
        text = sentence.shown if named_cells and sentence.row else sentence.text
        mark = (sentence.plan_id, text)
        needed = 0 if mark in self._quoted else count_words(text)
        if needed > self._plan_room.get(sentence.plan_id, 0):
            self.withheld.add(sentence.plan_id)
            return (
                f"See {sentence.heading or sentence.section_id} in the plan: the export limit of its words is reached."
            )
        self._plan_room[sentence.plan_id] -= needed
        self._quoted.add(mark)
        return text

    def notices(self) -> list[str]:
        """Lines that say what was kept back."""
        lines = [*self.found.notices, *self.ledger.notices()]
        lines += [
            f"{p}: the export limit of this plan's words is reached; its sections are named instead."
            for p in sorted(self.withheld)
        ]
        return lines


def _words(found: CoverageMap, assistant: GuidanceAssistant) -> Words:
    return Words(found, QuoteLedger(assistant.catalog, assistant.settings.role, date.today(), purpose="export"))


def export_json(found: CoverageMap, assistant: GuidanceAssistant, folder: Path) -> Path:
    """Write `coverage.json`.

    Returns:
        The file.

    Raises:
        WriteError: It cannot be written.
    """
    values = as_json(found, assistant)
    path = folder / JSON_NAME
    write_whole(path, whole_characters(json.dumps(values, ensure_ascii=False, indent=1)) + "\n")
    return path


def as_json(found: CoverageMap, assistant: GuidanceAssistant) -> dict[str, Any]:
    """The map as plain values, within the licences."""
    words = _words(found, assistant)
    for finding in found.findings:
        words.plan(finding.evidence)  # evidence first: neighbours get the room that it leaves
    findings = [_finding_json(f, words) for f in found.findings]
    listed = [
        {
            "priority": g.priority, "key": g.finding.recommendation.key, "citations": list(g.citations),
            "status": g.finding.final_status, "next_step": g.next_step, "example_wording": g.example,
        }
        for g in gaps(found)
    ]  # fmt: skip
    return {
        "schema": 1,
        "version": __version__,
        "what_this_is": found.notices[0],
        "size": found.size,
        "organisation": found.scope,
        "plans": [
            {"id": p.plan_id, "title": p.title, "sentences": len(p.sentences), "sha256": p.sha256} for p in found.plans
        ],
        "summary": found.heat_map(),
        "findings": findings,
        "gaps": listed,
        "notices": words.notices(),
        "index_generation": assistant.index().name,
    }


_DECIDED = ("kind", "status", "comment", "by", "at")


def _finding_json(finding: Finding, words: Words) -> dict[str, Any]:
    evidence = finding.evidence
    return {
        "key": finding.recommendation.key,
        "citation": finding.recommendation.citation_id,
        "label": finding.label,
        "principle": finding.recommendation.principle,
        "audience": finding.recommendation.audience,
        "strength": finding.recommendation.strength,
        "recommendation": words.guidance(finding),
        "rendition": finding.recommendation.rendition,
        "status": finding.final_status,
        "found_status": finding.status,
        "confidence": finding.confidence,
        "reason": finding.reason,
        "evidence": None if evidence is None else {
            "plan": evidence.plan_id, "section": evidence.section_id, "heading": evidence.heading,
            "page": evidence.page, "text": words.plan(evidence),
        },
        "nearest": [{"section": s.section_id, "heading": s.heading, "text": words.plan(s)} for s in finding.nearest[:1]],
        # Not the words that it was made on: those go past the licences.
        "decision": {k: v for k, v in asdict(finding.decision).items() if k in _DECIDED} if finding.decision else None,
        "look_again": bool(finding.look_again),
        "look_again_reason": finding.look_again_reason,
    }  # fmt: skip


def export_xlsx(found: CoverageMap, assistant: GuidanceAssistant, folder: Path) -> Path:
    """Write `coverage.xlsx`: overview, findings, gaps, decisions, and what the map is.

    Returns:
        The file.

    Raises:
        WriteError: It cannot be written.
    """
    words = _words(found, assistant)
    book = Workbook()
    overview = book.active
    assert isinstance(overview, Worksheet)
    overview.title = "Overview"
    _overview(overview, found)
    _findings(book.create_sheet("Findings"), found, words)
    _gaps(book.create_sheet("Gaps"), found)
    _decisions(book.create_sheet("Decisions"), found)
    about = book.create_sheet("About")
    _rows(about, ["What to know before you rely on this"], [[line] for line in words.notices()], ["long"])
    path = folder / XLSX_NAME
    content = io.BytesIO()
    try:
        book.save(content)
    except (OSError, LxmlError) as error:  # sheets pass through temporary files
        raise WriteError(f"{path}: cannot be written; free some space in {gettempdir()}") from error
    write_whole(path, content.getvalue())
    return path


def _overview(sheet: Worksheet, found: CoverageMap) -> None:
    rows: list[list[Any]] = []
    for principle, counts in found.heat_map().items():
        rows.append([principle, *(counts[s] for s in STATUSES), sum(counts.values())])
    _rows(
        sheet,
        ["Principle", *(STATUS_NAMES[s] for s in STATUSES), "All"],
        rows,
        ["middle", *["short"] * (len(STATUSES) + 1)],
    )
    for column, status in enumerate(STATUSES, 2):
        for row in range(2, len(rows) + 2):
            cell = sheet.cell(row, column)
            if cell.value:
                cell.fill = PatternFill("solid", fgColor=_FILLS[status])


def _findings(sheet: Worksheet, found: CoverageMap, words: Words) -> None:
    titles = ["Citation", "Principle", "Recommendation", "Status", "Found status", "Confidence", "Reason", "Plan sentence", "Plan section",
              "Plan", "Decision", "Comment", "Look again"]  # fmt: skip
    rows = []
    for f in found.findings:
        evidence = f.evidence
        rows.append(
            [
                f.label, f.recommendation.principle, words.guidance(f), STATUS_NAMES[f.final_status], STATUS_NAMES[f.status], f.confidence,
                f.reason,
                words.plan(evidence, named_cells=True), evidence.heading if evidence else "", evidence.plan_id if evidence else "",
                f.decision.kind if f.decision else "", f.decision.comment if f.decision else "", f.look_again_reason,
            ]
        )  # fmt: skip
    widths = [
        "middle",
        "middle",
        "long",
        "short",
        "short",
        "short",
        "middle",
        "long",
        "middle",
        "middle",
        "short",
        "middle",
        "middle",
    ]
    _rows(sheet, titles, rows, widths)
    for number, f in enumerate(found.findings, 2):
        sheet.cell(number, 4).fill = PatternFill("solid", fgColor=_FILLS[f.final_status])


def _gaps(sheet: Worksheet, found: CoverageMap) -> None:
    rows = [
        [
            g.priority,
            g.finding.label,
            g.finding.recommendation.principle,
            STATUS_NAMES[g.finding.final_status],
            g.next_step,
            g.example,
        ]
        for g in gaps(found)
    ]
    titles = ["Priority", "Citation", "Principle", "Status", "Suggested next step", "A plan could say (example)"]
    _rows(sheet, titles, rows, ["short", "middle", "middle", "short", "long", "long"])


def _decisions(sheet: Worksheet, found: CoverageMap) -> None:
    decided = [(f, f.decision) for f in found.findings if f.decision is not None]
    rows = [[f.label, d.kind, STATUS_NAMES[d.status], d.comment, d.by, d.at, f.look_again_reason] for f, d in decided]
    _rows(sheet, ["Citation", "Decision", "Status", "Comment", "By", "When (UTC)", "Look again"], rows,
          ["middle", "short", "short", "long", "short", "middle", "middle"])  # fmt: skip


def _rows(sheet: Worksheet, titles: Sequence[str], rows: Iterable[Sequence[Any]], widths: Sequence[str]) -> None:
    for column, (title, width) in enumerate(zip(titles, widths, strict=True), 1):
        sheet.cell(1, column, title).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS[width]
    for number, row in enumerate(rows, 2):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column)
            cell.value = _NOT_XML.sub(" ", value) if isinstance(value, str) else value
            if isinstance(value, str):
                cell.data_type = "s"  # a plan's sentence that begins with "=" is text, never a formula
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
    if sheet.max_row > 1:
        sheet.auto_filter.ref = sheet.dimensions
