"""The map as a whole: statuses, cache, decisions, gaps, exports, command."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from assistant.answering.assistant import GuidanceAssistant
from assistant.coverage.commands import render
from assistant.coverage.coverage_map import CoverageMap, CoverageMapper
from assistant.coverage.decisions import Decision, Decisions
from assistant.coverage.exporting import as_json, export_json, export_xlsx
from assistant.coverage.gaps import gaps
from assistant.errors import CoverageError
from assistant.sources.licence import Licence
from tests.coverage.invented import PLAN


@pytest.fixture
def mapper(assistant: GuidanceAssistant, tmp_path: Path) -> CoverageMapper:
    made = CoverageMapper(assistant)
    made._decisions = Decisions(tmp_path / "decisions")
    return made


@pytest.fixture
def found(mapper: CoverageMapper, plan: Path) -> CoverageMap:
    return mapper.make([str(plan)], "msme")


def test_every_recommendation_has_one_finding(found: CoverageMap) -> None:
    assert sum(sum(row.values()) for row in found.heat_map().values()) == len(found.findings)
    assert len(found.heat_map()) == 12


def test_the_map_says_first_that_it_is_no_audit(found: CoverageMap) -> None:
    assert "not an audit" in found.notices[0]


def test_a_finding_is_evidenced_with_a_sentence_of_the_plan(found: CoverageMap) -> None:
    for finding in found.findings:
        assert (finding.evidence is None) == (finding.status == "not_found")
        if finding.evidence:
            assert finding.evidence.text in PLAN


def test_a_second_run_on_the_same_plan_comes_from_the_cache(
    mapper: CoverageMapper, plan: Path, found: CoverageMap
) -> None:
    again = mapper.make([str(plan)], "msme")
    assert again.from_cache
    assert again.findings == found.findings


def test_a_changed_plan_is_compared_anew(mapper: CoverageMapper, plan: Path, found: CoverageMap) -> None:
    plan.write_text(PLAN + "\nThe captain keeps a list of open issues and settles them early.\n", encoding="utf-8")
    assert not mapper.make([str(plan)], "msme").from_cache


def test_a_short_sentence_behind_another_counts_as_a_change(
    mapper: CoverageMapper, plan: Path, found: CoverageMap
) -> None:
    """What is still missing is often said in three words."""
    evidence = next(f.evidence for f in found.findings if f.evidence and not f.evidence.row and not f.evidence.lead)
    plan.write_text(PLAN.replace(evidence.text, f"{evidence.text} To be decided."), encoding="utf-8")
    assert not mapper.make([str(plan)], "msme").from_cache


def test_the_other_standard_changes_nothing_for_the_first(
    mapper: CoverageMapper, plan: Path, found: CoverageMap
) -> None:
    both = {f.recommendation.key: f for f in mapper.make([str(plan)], "both").findings}
    assert [both[f.recommendation.key] for f in found.findings] == list(found.findings)


def test_the_work_can_be_stopped(mapper: CoverageMapper, tmp_path: Path) -> None:
    path = tmp_path / "other.md"
    path.write_text("# Other\n\nThe firms meet twice a year and write down what they learned.\n", encoding="utf-8")
    with pytest.raises(CoverageError, match="stopped"):
        mapper.make([str(path)], "msme", stopped=lambda: True)


def test_the_size_follows_the_organisation_of_the_plan(mapper: CoverageMapper) -> None:
    assert mapper.make(["plan-aldermarsh-risks"]).size == "large"


def test_a_decision_outlives_a_new_version_of_the_plan(mapper: CoverageMapper, plan: Path, found: CoverageMap) -> None:
    finding = found.findings[0]
    mapper.decisions.record(
        found.scope, finding.recommendation, "corrected", "not_applicable", comment="We have no market of our own."
    )
    plan.write_text(PLAN + "\nA new sentence makes this another version.\n", encoding="utf-8")
    again = mapper.make([str(plan)], "msme").finding(finding.recommendation.key)
    assert again.final_status == "not_applicable"
    assert again.status != "not_applicable"


def test_a_decision_on_a_sentence_that_is_gone_asks_for_another_look(
    mapper: CoverageMapper, plan: Path, found: CoverageMap
) -> None:
    finding = next(f for f in found.findings if f.evidence)
    assert finding.evidence is not None
    mapper.decisions.record(
        found.scope, finding.recommendation, "accepted", finding.status, evidence=finding.evidence.text
    )
    plan.write_text(
        PLAN.replace(finding.evidence.text, "Something else stands here now, about the weather."), encoding="utf-8"
    )
    again = mapper.make([str(plan)], "msme")
    assert again.finding(finding.recommendation.key).look_again
    assert any("look again" in n for n in again.notices)


def test_a_decision_finds_its_recommendation_again_by_its_words(
    mapper: CoverageMapper, plan: Path, found: CoverageMap
) -> None:
    finding = next(f for f in found.findings if f.recommendation.key == "iso-44003:5.1.3.1|s3")
    decision = mapper.decisions.record(found.scope, finding.recommendation, "corrected", "evidenced")
    path = mapper.decisions._path
    path.write_text(path.read_text(encoding="utf-8").replace(decision.key, "iso-44003:5.1.3.1|s9"), encoding="utf-8")
    assert mapper.make([str(plan)], "msme").finding("iso-44003:5.1.3.1|s3").decision is not None


def test_not_applicable_needs_a_reason(mapper: CoverageMapper, found: CoverageMap) -> None:
    with pytest.raises(CoverageError, match="reason"):
        mapper.decisions.record(
            found.scope, found.findings[0].recommendation, "corrected", "not_applicable", comment=" "
        )


def test_a_decision_can_be_taken_back(mapper: CoverageMapper, plan: Path, found: CoverageMap) -> None:
    recommendation = found.findings[0].recommendation
    mapper.decisions.record(found.scope, recommendation, "corrected", "evidenced")
    mapper.decisions.withdraw(found.scope, recommendation)
    assert mapper.make([str(plan)], "msme").finding(recommendation.key).decision is None


def test_each_decision_follows_its_words_when_the_keys_move_up(
    mapper: CoverageMapper, plan: Path, found: CoverageMap
) -> None:
    first, second = (found.finding(f"iso-44003:5.1.3.1|s{n}").recommendation for n in (2, 3))
    mapper.decisions.record(found.scope, replace(second, key=first.key), "corrected", "partly")
    mapper.decisions.record(found.scope, first, "corrected", "contradicted")
    again = mapper.make([str(plan)], "msme")
    assert again.finding(second.key).final_status == "partly"
    assert again.finding(first.key).final_status == "contradicted"


def test_what_was_decided_under_another_key_can_be_taken_back(
    mapper: CoverageMapper, plan: Path, found: CoverageMap
) -> None:
    finding = found.finding("iso-44003:5.1.3.1|s3")
    mapper.decisions.record(
        found.scope,
        replace(finding.recommendation, key="iso-44003:5.1.3.1|s9"),
        "corrected",
        "evidenced",
        evidence="Gone.",
    )
    mapper.decisions.withdraw(found.scope, finding.recommendation)
    again = mapper.make([str(plan)], "msme")
    assert again.finding(finding.recommendation.key).decision is None
    assert not any("look again" in n for n in again.notices)


def test_a_comment_may_hold_any_character(mapper: CoverageMapper, plan: Path, found: CoverageMap) -> None:
    comment = "one\u2028two\u0085three\nfour \U0001f600"
    recommendation = found.findings[0].recommendation
    mapper.decisions.record(found.scope, recommendation, "corrected", "partly", comment=comment)
    decision = mapper.make([str(plan)], "msme").finding(recommendation.key).decision
    assert decision is not None
    assert decision.comment == comment


def test_a_decision_that_cannot_be_kept_is_refused_in_a_line(tmp_path: Path, found: CoverageMap) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(CoverageError, match="nothing was decided"):
        Decisions(blocked).record(found.scope, found.findings[0].recommendation, "accepted", "partly")


def test_an_exported_decision_holds_no_words_past_the_licence(
    mapper: CoverageMapper, plan: Path, found: CoverageMap, assistant: GuidanceAssistant
) -> None:
    finding = next(f for f in found.findings if f.evidence)
    assert finding.evidence is not None
    mapper.decisions.record(
        found.scope, finding.recommendation, "accepted", finding.status, comment="Seen.", evidence=finding.evidence.text
    )
    again = mapper.make([str(plan)], "msme")
    tight = replace(again, plans=tuple(replace(p, licence=Licence(export=False)) for p in again.plans))
    exported = next(f for f in as_json(tight, assistant)["findings"] if f["decision"])
    assert exported["decision"]["comment"] == "Seen."
    assert finding.evidence.text not in json.dumps(exported, ensure_ascii=False)


def test_what_a_person_decided_is_shown_as_decided(
    mapper: CoverageMapper, plan: Path, found: CoverageMap, assistant: GuidanceAssistant, tmp_path: Path
) -> None:
    finding = next(f for f in found.findings if f.status == "not_found")
    mapper.decisions.record(found.scope, finding.recommendation, "corrected", "contradicted")
    again = mapper.make([str(plan)], "msme")
    assert f"[Contradicted, decided] {finding.label}" in render(again)
    (gap,) = (g for g in gaps(again) if g.finding.recommendation.key == finding.recommendation.key)
    assert gap.next_step.startswith("Put down which sentence")
    sheet = load_workbook(export_xlsx(again, assistant, tmp_path / "out"))["Findings"]
    row = 2 + [f.recommendation.key for f in again.findings].index(finding.recommendation.key)
    shown = {sheet.cell(1, c).value: sheet.cell(row, c).value for c in range(1, sheet.max_column + 1)}
    assert (shown["Status"], shown["Found status"]) == ("Contradicted", "Not found")


def test_gaps_are_ordered_and_cited(found: CoverageMap) -> None:
    listed = gaps(found)
    assert [g.weight for g in listed] == sorted((g.weight for g in listed), reverse=True)
    assert all(g.citations and g.finding.label in g.next_step for g in listed)
    assert not any(g.finding.final_status in ("evidenced", "not_applicable") for g in listed)


def test_a_doubtful_contradiction_goes_behind_a_sure_gap(found: CoverageMap) -> None:
    doubtful, sure = (
        replace(found.findings[0], status=status, confidence=chance, evidence=None)
        for status, chance in (("contradicted", 0.35), ("not_found", 0.95))
    )
    second = found.findings[1].recommendation
    assert second.principle == doubtful.recommendation.principle
    assert second.strength == doubtful.recommendation.strength
    listed = gaps(replace(found, findings=(doubtful, replace(sure, recommendation=second))))
    assert [g.finding.status for g in listed] == ["not_found", "contradicted"]
    first = doubtful.recommendation
    decision = Decision("own", first.key, first.citation_id, first.text, "accepted", "contradicted")
    confirmed = gaps(
        replace(found, findings=(replace(doubtful, decision=decision), replace(sure, recommendation=second)))
    )
    assert [g.finding.status for g in confirmed] == ["contradicted", "not_found"]


def test_the_workbook_shows_the_cells_of_a_row_under_their_headings(
    mapper: CoverageMapper, assistant: GuidanceAssistant, tmp_path: Path
) -> None:
    path = tmp_path / "register.md"
    path.write_text(
        "# Register\n\n## Joint risk register\n\n| Risk | Owner |\n|---|---|\n| The pump shared by both firms fails | Ada Moll |\n",
        encoding="utf-8",
    )
    made = mapper.make([str(path)], "msme")
    evidenced = [replace(f, evidence=made.plans[0].sentences[0]) for f in made.findings[:1]]
    book = load_workbook(export_xlsx(replace(made, findings=tuple(evidenced)), assistant, tmp_path / "out"))
    assert book["Findings"]["H2"].value == "Risk: The pump shared by both firms fails; Owner: Ada Moll"


def test_the_workbook_holds_text_and_no_formula(
    found: CoverageMap, assistant: GuidanceAssistant, tmp_path: Path
) -> None:
    book = load_workbook(export_xlsx(found, assistant, tmp_path / "out"))
    assert book.sheetnames == ["Overview", "Findings", "Gaps", "Decisions", "About"]
    assert book["Findings"].max_row == len(found.findings) + 1
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_the_json_file_is_the_map(found: CoverageMap, assistant: GuidanceAssistant, tmp_path: Path) -> None:
    values = json.loads(export_json(found, assistant, tmp_path / "out").read_text(encoding="utf-8"))
    assert len(values["findings"]) == len(found.findings)
    assert values["summary"] == found.heat_map()


def test_an_export_keeps_within_the_licence_of_the_plan(found: CoverageMap, assistant: GuidanceAssistant) -> None:
    tight = replace(found, plans=tuple(replace(p, licence=Licence(export=False)) for p in found.plans))
    values = as_json(tight, assistant)
    assert not any(f["evidence"] and f["evidence"]["text"] in PLAN for f in values["findings"])
    assert any("export limit" in n for n in values["notices"])


def test_the_command_prints_the_heat_map_and_writes_both_files(
    assistant: GuidanceAssistant,
    plan: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from assistant.coverage import commands

    monkeypatch.setattr(commands, "GuidanceAssistant", lambda _settings: assistant)
    parser = argparse.ArgumentParser()
    commands.add_coverage_parser(parser.add_subparsers())
    options = parser.parse_args(["coverage", str(plan), "--size", "msme", "--out", str(tmp_path / "out")])
    options.command(options)
    assert "Relationship management" in capsys.readouterr().out
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["coverage.json", "coverage.xlsx"]
