"""The map as a whole: statuses, cache, decisions, gaps, exports, command."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from assistant.answering.assistant import GuidanceAssistant
from assistant.coverage.commands import render
from assistant.coverage.coverage_map import CoverageMap, CoverageMapper
from assistant.coverage.decisions import Decision, Decisions
from assistant.coverage.exporting import as_json, export_json, export_xlsx
from assistant.coverage.gaps import gaps
from assistant.errors import CoverageError, WriteError
from assistant.sources.licence import DEFAULT_PLAN_LICENCE, Licence, count_words
from assistant.sources.registry import Source
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
    with pytest.raises(CoverageError, match="the decision was not saved"):
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
    assert gap.next_step.startswith("Note which sentence")
    sheet = load_workbook(export_xlsx(again, assistant, tmp_path / "out"))["Findings"]
    row = 2 + [f.recommendation.key for f in again.findings].index(finding.recommendation.key)
    shown = {sheet.cell(1, c).value: sheet.cell(row, c).value for c in range(1, sheet.max_column + 1)}
    assert (shown["Status"], shown["Found status"]) == ("Contradicted", "Not found")


def belonging(plan: Path, organisation: str) -> Source:
    """The plan as a manifest describes it."""
    return Source("plan-ferry", "plan", "Ferry", "Ferry", "", "", "plan", "both", (plan,), DEFAULT_PLAN_LICENCE,
                  organisation=organisation)  # fmt: skip


@pytest.mark.parametrize(
    ("licence", "why"),
    [
        (Licence(roles=("counsel",)), "does not cover the role 'staff'"),
        (Licence(valid_until=date(2020, 1, 1)), "has expired"),
    ],
)
def test_a_plan_that_may_not_be_seen_is_not_mapped(
    mapper: CoverageMapper, assistant: GuidanceAssistant, monkeypatch: pytest.MonkeyPatch, licence: Licence, why: str
) -> None:
    key = ("plan-brindlewick-risks", "plan")
    monkeypatch.setitem(assistant.catalog.sources, key, replace(assistant.catalog.sources[key], licence=licence))
    for make in (mapper.make, mapper.kept):
        with pytest.raises(CoverageError, match=f"plan-brindlewick-risks: its licence {why}; leave the plan out"):
            make(["plan-brindlewick-risks"], "msme")


def test_an_accepted_gap_that_was_closed_asks_for_another_look(
    mapper: CoverageMapper, plan: Path, found: CoverageMap
) -> None:
    """It was accepted that nothing was found; now the plan says it."""
    accepted = [f.recommendation for f in found.findings if f.status == "not_found"][:8]
    for recommendation in accepted:
        mapper.decisions.record(found.scope, recommendation, "accepted", "not_found", plans=["plan-ferry"])
    assert not any(f.look_again for f in mapper.make([str(plan)], "msme").findings)
    examples = "\n\n".join(found.examples[r.key] for r in accepted)
    plan.write_text(f"{PLAN}\n{examples}\n", encoding="utf-8")
    again = mapper.make([str(plan)], "msme")
    closed = [f for f in map(again.finding, (r.key for r in accepted)) if f.status != "not_found"]
    assert closed
    assert {f.look_again for f in closed} == {"found_otherwise"}
    assert "the map now says" in closed[0].look_again_reason
    assert any("no longer makes" in n and closed[0].recommendation.citation_id in n for n in again.notices)


def test_a_corrected_status_stands_whatever_the_map_finds(
    mapper: CoverageMapper, plan: Path, found: CoverageMap
) -> None:
    finding = next(f for f in found.findings if f.status == "not_found")
    mapper.decisions.record(found.scope, finding.recommendation, "corrected", "evidenced", plans=["plan-ferry"])
    assert not mapper.make([str(plan)], "msme").finding(finding.recommendation.key).look_again


def test_why_a_decision_needs_another_look_stands_in_terminal_and_exports(
    found: CoverageMap, assistant: GuidanceAssistant, tmp_path: Path
) -> None:
    finding = replace(found.findings[0], status="partly")
    first = finding.recommendation
    decision = Decision("own", first.key, first.citation_id, first.text, "accepted", "contradicted")
    stale = replace(found, findings=(replace(finding, decision=decision, look_again="found_otherwise"),))
    why = "the finding that was accepted has changed, the map now says: Partly."
    assert f"Look again: {why}" in render(stale)
    exported = as_json(stale, assistant)["findings"][0]
    assert (exported["look_again"], exported["look_again_reason"]) == (True, why)
    book = load_workbook(export_xlsx(stale, assistant, tmp_path / "out"))
    assert book["Findings"]["M2"].value == book["Decisions"]["G2"].value == why


@pytest.fixture
def other_firm(tmp_path: Path) -> Path:
    """The plan of another firm, of no organisation either."""
    path = tmp_path / "bakery.md"
    path.write_text(PLAN, encoding="utf-8")
    return path


def test_a_decision_does_not_pass_silently_to_the_plan_of_another_firm(
    mapper: CoverageMapper, plan: Path, other_firm: Path, found: CoverageMap
) -> None:
    recommendation = found.findings[0].recommendation
    mapper.decisions.record(
        found.scope, recommendation, "corrected", "not_applicable", comment="We sell nothing.", plans=["plan-ferry"]
    )
    other = mapper.make([str(other_firm)], "msme")
    assert other.finding(recommendation.key).look_again == "other_plans"
    assert "plan-ferry" in other.finding(recommendation.key).look_again_reason
    assert any("other plans" in n for n in other.notices)
    assert not mapper.make([str(plan)], "msme").finding(recommendation.key).look_again


def test_what_another_firm_decides_or_withdraws_leaves_a_decision_as_it_is(
    mapper: CoverageMapper, plan: Path, other_firm: Path, found: CoverageMap
) -> None:
    recommendation = found.findings[0].recommendation
    mapper.decisions.record(found.scope, recommendation, "corrected", "partly", plans=["plan-ferry"])
    mapper.decisions.record(found.scope, recommendation, "corrected", "contradicted", plans=["plan-bakery"])
    assert mapper.make([str(plan)], "msme").finding(recommendation.key).final_status == "partly"
    assert mapper.make([str(other_firm)], "msme").finding(recommendation.key).final_status == "contradicted"
    mapper.decisions.withdraw(found.scope, recommendation, plans=["plan-bakery"])
    assert mapper.make([str(plan)], "msme").finding(recommendation.key).final_status == "partly"
    assert mapper.make([str(other_firm)], "msme").finding(recommendation.key).decision is None


def test_a_decision_of_an_earlier_version_names_no_plans_and_holds(
    mapper: CoverageMapper, plan: Path, found: CoverageMap
) -> None:
    recommendation = found.findings[0].recommendation
    values = asdict(mapper.decisions.record(found.scope, recommendation, "corrected", "partly"))
    del values["plans"]
    mapper.decisions._path.write_text(json.dumps(values) + "\n", encoding="utf-8")
    finding = mapper.make([str(plan)], "msme").finding(recommendation.key)
    assert (finding.final_status, finding.look_again) == ("partly", "")


def test_decisions_stay_with_a_plan_that_gets_its_organisation(
    mapper: CoverageMapper,
    plan: Path,
    other_firm: Path,
    found: CoverageMap,
    assistant: GuidanceAssistant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = (f.recommendation for f in found.findings[:2])
    mapper.decisions.record(found.scope, first, "corrected", "partly", plans=["plan-ferry"])
    mapper.decisions.record(found.scope, second, "corrected", "partly", plans=["plan-bakery"])
    monkeypatch.setitem(assistant.catalog.sources, ("plan-ferry", "plan"), belonging(plan, "brindlewick"))
    again = mapper.make([str(plan)], "msme")
    assert again.scope == "brindlewick"
    assert again.finding(first.key).final_status == "partly"
    assert again.finding(second.key).decision is None
    assert any("before an organisation was named" in n and first.citation_id in n for n in again.notices)


@contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """As if the disk were full: no file can be written beyond this size."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_no_half_of_a_decision(mapper: CoverageMapper, plan: Path, found: CoverageMap) -> None:
    first, second = (f.recommendation for f in found.findings[:2])
    mapper.decisions.record(found.scope, first, "corrected", "partly")
    before = mapper.decisions._path.read_bytes()
    with files_end_at(len(before) + 40), pytest.raises(CoverageError, match="the decision was not saved"):
        mapper.decisions.record(found.scope, second, "corrected", "partly", comment="x" * 100)
    assert mapper.decisions._path.read_bytes() == before
    assert mapper.make([str(plan)], "msme").finding(first.key).decision is not None


def test_a_decision_begins_a_line_of_its_own(mapper: CoverageMapper, found: CoverageMap) -> None:
    """Somebody has deleted a damaged line with an editor that leaves no line break at the end."""
    first, second = (f.recommendation for f in found.findings[:2])
    mapper.decisions.record(found.scope, first, "corrected", "partly")
    path = mapper.decisions._path
    path.write_bytes(path.read_bytes().rstrip())
    mapper.decisions.record(found.scope, second, "corrected", "partly")
    assert [d.key for d in mapper.decisions.history(found.scope)] == [first.key, second.key]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"partly"', b'"perhaps"'),
        (b'"corrected"', b'"guessed"'),
        (b'"Seen."', b"5"),
        (b"Seen.", b"Gr\xfcn."),
        (b"{", b"[{"),
    ],
)
def test_a_damaged_decision_is_named_by_its_line(
    mapper: CoverageMapper, found: CoverageMap, old: bytes, new: bytes
) -> None:
    recommendation = found.findings[0].recommendation
    for _ in range(2):
        mapper.decisions.record(found.scope, recommendation, "corrected", "partly", comment="Seen.")
    path = mapper.decisions._path
    first, second, _ = path.read_bytes().split(b"\n")
    path.write_bytes(first + b"\n" + second.replace(old, new) + b"\n")
    with pytest.raises(CoverageError, match="line 2: damaged"):
        mapper.decisions.history(found.scope)


def test_half_a_character_in_a_comment_is_replaced(
    mapper: CoverageMapper, plan: Path, found: CoverageMap, assistant: GuidanceAssistant, tmp_path: Path
) -> None:
    recommendation = found.findings[0].recommendation
    decided = mapper.decisions.record(found.scope, recommendation, "corrected", "partly", comment="half \ud83d")
    assert decided.comment == "half ?"
    again = mapper.make([str(plan)], "msme")
    assert again.findings[0].decision == decided
    export_json(again, assistant, tmp_path / "out")
    export_xlsx(again, assistant, tmp_path / "out")


def test_a_kept_map_is_the_one_that_was_made(mapper: CoverageMapper, plan: Path, found: CoverageMap) -> None:
    kept = mapper.kept([str(plan)], "msme", mark=found.mark)
    assert kept.findings == found.findings
    recommendation = found.findings[0].recommendation
    mapper.decisions.record(found.scope, recommendation, "corrected", "contradicted")
    assert mapper.kept([str(plan)], "msme", mark=found.mark).findings[0].final_status == "contradicted"


def test_a_changed_plan_has_no_kept_map(mapper: CoverageMapper, plan: Path, found: CoverageMap) -> None:
    plan.write_text(f"{PLAN}\nThe two crews read this on the pier.\n", encoding="utf-8")
    with pytest.raises(CoverageError, match=r"the plans have changed.*make the map again"):
        mapper.kept([str(plan)], "msme")
    mapper.make([str(plan)], "msme")
    mapper.kept([str(plan)], "msme")
    with pytest.raises(CoverageError, match=r"the plans have changed.*make the map again"):
        mapper.kept([str(plan)], "msme", mark=found.mark)


def test_a_gap_that_a_language_model_found_counts_as_sure(found: CoverageMap) -> None:
    """The confidence is the map's own: it is low wherever the model saw what the map had not seen."""
    doubtful, likely = (
        replace(found.findings[0], status="not_found", confidence=chance, evidence=None) for chance in (0.1, 0.5)
    )
    second = found.findings[1].recommendation
    assert second.strength == doubtful.recommendation.strength
    judged = replace(doubtful, recommendation=second, judged_by="ollama:some")
    assert [g.finding for g in gaps(replace(found, findings=(likely, judged)))] == [judged, likely]
    plain = replace(judged, judged_by="")
    assert [g.finding for g in gaps(replace(found, findings=(likely, plain)))] == [likely, plain]


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


def with_evidence(found: CoverageMap, text: str, comment: str) -> CoverageMap:
    """The map with these words as evidence of its first finding, and a decision with this comment."""
    finding = next(f for f in found.findings if f.evidence)
    first, evidence = finding.recommendation, finding.evidence
    assert evidence is not None
    decision = Decision("own", first.key, first.citation_id, first.text, "accepted", finding.status, comment)
    changed: Any = replace(finding, evidence=replace(evidence, text=text), decision=decision)
    return replace(found, findings=(changed, *found.findings[1:]))


def test_the_workbook_holds_text_and_no_formula(
    found: CoverageMap, assistant: GuidanceAssistant, tmp_path: Path
) -> None:
    link, sum_ = '=HYPERLINK("http://x","y")', "=1+1"
    book = load_workbook(export_xlsx(with_evidence(found, link, sum_), assistant, tmp_path / "out"))
    assert book.sheetnames == ["Overview", "Findings", "Gaps", "Decisions", "About"]
    assert book["Findings"].max_row == len(found.findings) + 1
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert (book["Findings"]["H2"].value, book["Findings"]["L2"].value) == (link, sum_)
    assert book["Decisions"]["D2"].value == sum_


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\ud83d", "\ufffe", "\uffff"])
def test_a_character_that_no_workbook_can_hold_becomes_a_space(
    found: CoverageMap, assistant: GuidanceAssistant, tmp_path: Path, character: str
) -> None:
    odd = with_evidence(found, f"one{character}two", f"three{character}four")
    book = load_workbook(export_xlsx(odd, assistant, tmp_path / "out"))
    assert (book["Findings"]["H2"].value, book["Findings"]["L2"].value) == ("one two", "three four")
    assert json.loads(export_json(odd, assistant, tmp_path / "out").read_text(encoding="utf-8"))


def test_exports_that_cannot_be_written_leave_the_old_ones(
    found: CoverageMap, assistant: GuidanceAssistant, tmp_path: Path
) -> None:
    before = export_xlsx(found, assistant, tmp_path).read_bytes()
    for size in (1000, len(before) - 1000):
        with files_end_at(size), pytest.raises(WriteError, match=r"coverage\.xlsx: cannot be written"):
            export_xlsx(found, assistant, tmp_path)
    assert [p.name for p in tmp_path.glob("*.xlsx*")] == ["coverage.xlsx"]
    assert (tmp_path / "coverage.xlsx").read_bytes() == before
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    for export in (export_xlsx, export_json):
        with pytest.raises(WriteError, match="cannot be written"):
            export(found, assistant, tmp_path / "file" / "out")


def test_the_json_file_is_the_map(found: CoverageMap, assistant: GuidanceAssistant, tmp_path: Path) -> None:
    values = json.loads(export_json(found, assistant, tmp_path / "out").read_text(encoding="utf-8"))
    assert len(values["findings"]) == len(found.findings)
    assert values["summary"] == found.heat_map()


def test_an_export_keeps_within_the_licence_of_the_plan(found: CoverageMap, assistant: GuidanceAssistant) -> None:
    tight = replace(found, plans=tuple(replace(p, licence=Licence(export=False)) for p in found.plans))
    values = as_json(tight, assistant)
    assert not any(f["evidence"] and f["evidence"]["text"] in PLAN for f in values["findings"])
    assert any("export limit" in n for n in values["notices"])


def test_evidence_goes_before_neighbours_where_the_export_limit_is_tight(
    found: CoverageMap, assistant: GuidanceAssistant
) -> None:
    near, evidence = (s for s in found.plans[0].sentences[:2])
    gap = replace(found.findings[0], evidence=None, nearest=(near,))
    covered = replace(found.findings[1], evidence=evidence, nearest=(near,))
    licence = Licence(export=True, quote_words_per_export=count_words(evidence.text))
    plan = replace(found.plans[0], licence=licence)
    first, second = as_json(replace(found, findings=(gap, covered), plans=(plan,)), assistant)["findings"]
    assert second["evidence"]["text"] == evidence.text
    assert "export limit" in first["nearest"][0]["text"]


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
