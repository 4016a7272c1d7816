"""Which plans can be compared, and what is said of those that cannot."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from fpdf import FPDF

from assistant.answering.assistant import GuidanceAssistant
from assistant.coverage.plan_text import Plan, PlanSentence, read_plans
from assistant.errors import CoverageError, UnreadableSource
from assistant.sources.licence import Licence
from assistant.sources.registry import Registrations, Source


def read(assistant: GuidanceAssistant, *references: str) -> list[Plan]:
    return read_plans(
        references, assistant.catalog, Registrations.load(assistant.settings.data_dir), max_bytes=30_000_000
    )


def test_a_file_that_is_not_indexed_is_read_directly(assistant: GuidanceAssistant, plan: Path) -> None:
    (found,) = read(assistant, str(plan))
    assert found.plan_id == "plan-ferry"
    assert any(s.heading == "2 Risk" and "risk register" in s.text for s in found.sentences)


def test_an_indexed_plan_is_taken_by_its_id(assistant: GuidanceAssistant) -> None:
    (found,) = read(assistant, "plan-brindlewick-rmp")
    assert found.indexed
    assert found.organisation == "brindlewick"


def test_an_unknown_id_names_the_plans_there_are(assistant: GuidanceAssistant) -> None:
    with pytest.raises(CoverageError, match="plan-brindlewick-rmp"):
        read(assistant, "plan-nobody")


def test_a_missing_file_is_said_to_be_missing(assistant: GuidanceAssistant) -> None:
    with pytest.raises(CoverageError, match="no such file"):
        read(assistant, "nowhere/plan.docx")


def test_no_plan_at_all_is_refused(assistant: GuidanceAssistant) -> None:
    with pytest.raises(CoverageError, match="no plan was named"):
        read(assistant)


def test_a_plan_without_headings_is_compared_with_a_notice(assistant: GuidanceAssistant, tmp_path: Path) -> None:
    path = tmp_path / "flat.txt"
    path.write_text(
        "The two firms meet every month to look at the figures.\n\nEach firm names one person for risk.\n",
        encoding="utf-8",
    )
    (found,) = read(assistant, str(path))
    assert any("no headings" in n for n in found.notices)


def test_an_empty_plan_is_refused_in_one_line(assistant: GuidanceAssistant, tmp_path: Path) -> None:
    path = tmp_path / "empty.md"
    path.write_text("", encoding="utf-8")
    with pytest.raises(UnreadableSource, match="empty"):
        read(assistant, str(path))


def test_a_plan_of_headings_alone_is_refused(assistant: GuidanceAssistant, tmp_path: Path) -> None:
    path = tmp_path / "bare.md"
    path.write_text("# One\n\n## Two\n\n## Three\n", encoding="utf-8")
    with pytest.raises((CoverageError, UnreadableSource)):
        read(assistant, str(path))


def test_a_scan_without_text_is_said_to_be_a_scan(assistant: GuidanceAssistant, tmp_path: Path) -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.rect(10, 10, 100, 100, style="F")
    path = tmp_path / "scan.pdf"
    pdf.output(str(path))
    with pytest.raises(UnreadableSource, match="scan"):
        read(assistant, str(path))


def test_a_table_header_is_no_evidence(assistant: GuidanceAssistant) -> None:
    (found,) = read(assistant, "plan-aldermarsh-risks")
    assert not any(s.text.startswith("No.; Kind") for s in found.sentences)


def test_every_row_of_a_table_can_be_evidence(assistant: GuidanceAssistant, tmp_path: Path) -> None:
    path = tmp_path / "table.md"
    path.write_text(
        "# Plan\n\n## Who sees what\n\n| Class | Who sees it |\n|---|---|\n| Open | All four firms |\n| Held back | Its owner |\n",
        encoding="utf-8",
    )
    (found,) = read(assistant, str(path))
    assert [s.shown for s in found.sentences] == [
        "Class: Open; Who sees it: All four firms",
        "Class: Held back; Who sees it: Its owner",
    ]


def test_the_cells_of_a_row_stand_under_their_headings_where_the_file_marks_none(assistant: GuidanceAssistant) -> None:
    (found,) = read(assistant, "plan-aldermarsh-exit")
    rows = [s for s in found.sentences if s.row]
    assert "Case: Insolvency; Notice: At once; Who decides: The other firms" in [s.shown for s in rows]
    assert all(s.text in s.shown or ": " in s.shown for s in rows)


NAMES_AND_VALUES = (("Sponsor", "Ada Moll"), ("Reference", "FP-1, issue 3"), ("Yard", "Hull"))


def rows_of(assistant: GuidanceAssistant, path: Path) -> list[PlanSentence]:
    (found,) = read(assistant, str(path))
    return [s for s in found.sentences if s.row]


def test_a_word_table_of_names_and_values_keeps_its_first_row(assistant: GuidanceAssistant, tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("Plan", 1)
    table = document.add_table(0, 2)
    for cells in NAMES_AND_VALUES:
        for cell, words in zip(table.add_row().cells, cells, strict=True):
            cell.text = words
    document.save(str(tmp_path / "plan.docx"))
    rows = rows_of(assistant, tmp_path / "plan.docx")
    assert [s.shown for s in rows] == ["Sponsor: Ada Moll", "Reference: FP-1, issue 3", "Yard: Hull"]


def test_an_html_table_with_headings_in_its_first_column_keeps_its_first_row(
    assistant: GuidanceAssistant, tmp_path: Path
) -> None:
    rows = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in NAMES_AND_VALUES)
    path = tmp_path / "plan.html"
    path.write_text(f"<h1>Plan</h1><table>{rows}</table>", encoding="utf-8")
    assert next(s.shown for s in rows_of(assistant, path)) == "Sponsor: Ada Moll"


@pytest.mark.parametrize(
    "first",
    [
        "Opened in May, on the quay",
        "Costs 4,000 a year",
        "The crews meet here.",
        "Wherever the two crews want to meet it",
        "decides",
        "Keeper: Ada",
    ],
)
def test_what_does_not_look_like_a_heading_is_a_row(assistant: GuidanceAssistant, tmp_path: Path, first: str) -> None:
    path = tmp_path / "plan.md"
    path.write_text(f"# Plan\n\n|  |  |\n|---|---|\n| Register | {first} |\n| Yard | Hull |\n", encoding="utf-8")
    assert [s.text for s in rows_of(assistant, path)] == [f"Register; {first}", "Yard; Hull"]


def test_short_words_without_figures_head_a_table_that_marks_no_header(
    assistant: GuidanceAssistant, tmp_path: Path
) -> None:
    path = tmp_path / "plan.md"
    path.write_text(
        "# Plan\n\n|  |  |  |\n|---|---|---|\n| No. | Risk | Who looks after it |\n| 1 | Fog | Ada |\n",
        encoding="utf-8",
    )
    assert [s.shown for s in rows_of(assistant, path)] == ["No.: 1; Risk: Fog; Who looks after it: Ada"]


def test_of_a_plan_in_several_files_every_file_is_read(
    assistant: GuidanceAssistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "a.md", tmp_path / "b.md"
    first.write_text("# First\n\nBoth crews meet on Mondays.\n", encoding="utf-8")
    second.write_text("# Second\n\nAda Moll keeps the joint register.\n", encoding="utf-8")
    source = Source("plan-two", "plan", "Two", "Two", "", "", "plan", "both", (first, second), Licence())
    monkeypatch.setitem(assistant.catalog.sources, ("plan-two", "plan"), source)
    (found,) = read(assistant, str(first))
    assert [s.text for s in found.sentences] == ["Both crews meet on Mondays.", "Ada Moll keeps the joint register."]


def test_a_name_that_no_file_can_have_is_refused_in_a_line(assistant: GuidanceAssistant) -> None:
    with pytest.raises(CoverageError, match=r"cannot be opened .*check its name"):
        read(assistant, "long" * 200 + ".md")
