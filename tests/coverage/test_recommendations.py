"""What counts as a recommendation."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.licensing import QuoteLedger
from assistant.coverage.examples import read_examples
from assistant.coverage.labelled import read_labelled_plans
from assistant.coverage.recommendations import Recommendation, recommendations
from assistant.coverage.statuses import JUDGED
from assistant.errors import CorpusError
from assistant.settings import packaged

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def all_of_them(assistant: GuidanceAssistant) -> list[Recommendation]:
    return recommendations(assistant.catalog, QuoteLedger(assistant.catalog, "staff", date.today()), "both")


def test_keys_are_unique(all_of_them: list[Recommendation]) -> None:
    keys = [r.key for r in all_of_them]
    assert len(keys) == len(set(keys))


def test_a_list_item_carries_the_sentence_that_leads_into_it(all_of_them: list[Recommendation]) -> None:
    item = next(r for r in all_of_them if r.key == "iso-44004:5.5 d)")
    assert "large organisation should" in item.matched_text


def test_an_item_with_nested_items_recommends_through_them(all_of_them: list[Recommendation]) -> None:
    keys = {r.key for r in all_of_them}
    assert "iso-44003:5.1.3.3 g) 5)" in keys
    assert "iso-44003:5.1.3.3 g)" not in keys


def test_a_sentence_with_two_provisions_is_two_recommendations(all_of_them: list[Recommendation]) -> None:
    first, second = (next(r for r in all_of_them if r.key == f"iso-44003:5.1.3.1|s{n}") for n in (1, 2))
    assert "need to understand" in first.text
    assert second.text.startswith("should identify")
    assert second.lead == "The owners or managers"


def test_a_condition_is_no_second_provision(all_of_them: list[Recommendation]) -> None:
    """ "..., should it come to that, ..." stays in its sentence."""
    ours = [r for r in all_of_them if r.key.startswith("iso-44003:5.12.3.2|")]
    assert len(ours) == 2
    assert "should disengagement be appropriate" in ours[1].text


@pytest.mark.parametrize(("size", "source"), [("msme", "iso-44003"), ("large", "iso-44004")])
def test_the_size_of_the_organisation_chooses_the_standard(
    assistant: GuidanceAssistant, size: str, source: str
) -> None:
    found = recommendations(assistant.catalog, QuoteLedger(assistant.catalog, "staff", date.today()), size)  # type: ignore[arg-type]
    assert {r.citation_id.split(":")[0] for r in found} == {source}


def test_offsets_point_at_the_words_in_the_clause(
    assistant: GuidanceAssistant, all_of_them: list[Recommendation]
) -> None:
    for recommendation in all_of_them:
        owner = assistant.catalog.resolve(assistant.catalog.owner(recommendation.citation_id))
        clause = owner.renditions[recommendation.rendition]  # type: ignore[index]
        assert recommendation.text in clause.text[recommendation.start : recommendation.end + 1]


def test_every_example_belongs_to_a_recommendation(all_of_them: list[Recommendation]) -> None:
    keys = {e.key for e in read_examples(packaged("corpus"))}
    assert sorted(keys - {r.key for r in all_of_them}) == []


def test_every_recommendation_has_examples_of_every_status(all_of_them: list[Recommendation]) -> None:
    held = {(e.key, e.status) for e in read_examples(packaged("corpus"))}
    lacking = [(r.key, s) for r in all_of_them for s in JUDGED if (r.key, s) not in held]
    assert lacking == []


def test_a_broken_example_is_named_by_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "plan-examples").mkdir()
    (tmp_path / "plan-examples" / "ours.jsonl").write_text('{"key": "a", "status": "maybe", "text": "b"}\n')
    with pytest.raises(CorpusError, match=r"ours\.jsonl:1: write a JSON object with key, status"):
        read_examples(tmp_path)


def written(tmp_path: Path, encoding: str) -> Path:
    """A folder whose examples a program of another persuasion has saved."""
    (tmp_path / "plan-examples").mkdir()
    line = '{"key": "a", "status": "partly", "text": "Grün, we may meet."}\n'
    (tmp_path / "plan-examples" / "ours.jsonl").write_bytes(line.encode(encoding))
    return tmp_path


def test_examples_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    assert [e.text for e in read_examples(written(tmp_path, "utf-8-sig"))] == ["Grün, we may meet."]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16"])
def test_examples_in_another_encoding_are_refused_in_a_line(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(CorpusError, match=r"ours\.jsonl: is not UTF-8 at byte \d+; save it again as UTF-8"):
        read_examples(written(tmp_path, encoding))


def test_examples_that_cannot_be_opened_are_named(tmp_path: Path) -> None:
    (tmp_path / "plan-examples" / "ours.jsonl").mkdir(parents=True)
    with pytest.raises(CorpusError, match=r"ours\.jsonl: cannot be read"):
        read_examples(tmp_path)


def test_the_evidence_of_whole_plans_is_an_example_too(tmp_path: Path) -> None:
    folder = tmp_path / "plan-examples" / "plans"
    folder.mkdir(parents=True)
    (folder / "ours.jsonl").write_text(
        '{"key": "a", "status": "partly", "evidence": ["We may meet."], "near": ["We met."]}\n'
    )
    assert [(e.key, e.status, e.text) for e in read_examples(tmp_path)] == [("a", "partly", "We may meet.")]


@pytest.mark.parametrize(
    "folder",
    [
        packaged("corpus") / "plan-examples" / "plans",
        REPOSITORY / "evals/coverage/plans",
        REPOSITORY / "evals/coverage/unseen",
    ],
)
def test_a_labelled_plan_says_of_every_recommendation_what_its_sentences_show(
    assistant: GuidanceAssistant, all_of_them: list[Recommendation], folder: Path
) -> None:
    labelled = read_labelled_plans(folder, assistant.catalog)
    assert labelled
    for plan in labelled:
        audience = "msme" if plan.name.startswith("m") else "large"
        assert {n.key for n in plan.labels} == {r.key for r in all_of_them if r.audience == audience}
        named = [n for n in plan.labels if n.status != "not_found"]
        assert all(n.evidence for n in named)
        assert all(plan.positions(n.evidence) for n in named)
