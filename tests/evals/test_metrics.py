"""Scores against values worked out by hand, and what must hold for any answer."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import CaseError
from assistant.evals.aggregate import by_case, heat_map, percentiles, risk_coverage, summarise
from assistant.evals.answers import AnswerRecord, quoted_words, read_answer_record
from assistant.evals.case import Case
from assistant.evals.measures import BY_NAME, MEASURES, shown
from assistant.evals.metrics import Scored, Scorer, citation_scores, key_point_share
from assistant.evals.ranking import ranking_scores
from assistant.evals.support import support_scores
from assistant.sources.licence import count_words

from .scripted import FACTS, ScriptedCatalog, ScriptedJudge, make_answer

A, B, C, D = (f"iso-44003:5.{n}" for n in (1, 2, 3, 4))
RISK = "iso-44003:5.10.3.3"
SCORER = Scorer.with_catalog(ScriptedCatalog(), None, {"iso-44003": 5})


def score(case: Case, answer: dict[str, object] | None, scorer: Scorer = SCORER) -> Scored:
    return scorer.score(case, AnswerRecord(case.case_id, 0, answer, "" if answer else "broken"))


def test_ranking_scores_are_those_of_a_pencil() -> None:
    scores = ranking_scores([D, A, C, B], [A, B])
    ideal = 1 / math.log2(2) + 1 / math.log2(3)
    assert scores["hit@1"] == 0
    assert scores["hit@5"] == scores["recall@5"] == 1
    assert scores["rr"] == pytest.approx(1 / 2)
    assert scores["ap@10"] == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert scores["ndcg@10"] == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal)


def test_one_clause_can_meet_several_expected_items_at_its_one_rank() -> None:
    items = [f"{A} {letter})" for letter in "abcdefg"]
    scores = ranking_scores([A], items)
    assert scores["recall@5"] == scores["ndcg@10"] == scores["ap@10"] == scores["hit@1"] == 1


def test_a_sibling_item_meets_nothing() -> None:
    assert ranking_scores([f"{A} b)"], [f"{A} a)"])["hit@10"] == 0


def test_plan_hits_take_no_rank_and_an_empty_list_scores_0() -> None:
    assert ranking_scores(["plan-x:1", A], [A])["hit@1"] == 1
    assert set(ranking_scores([], [A]).values()) == {0.0}


def test_where_nothing_is_expected_ranking_does_not_apply() -> None:
    assert set(ranking_scores([A], []).values()) == {None}


@given(
    st.lists(st.sampled_from([A, B, C, D]), unique=True),
    st.lists(st.sampled_from([A, B, C]), unique=True, min_size=1),
)
def test_ranking_scores_stay_in_range_and_grow_with_depth(hits: list[str], expected: list[str]) -> None:
    scores = ranking_scores(hits, expected)
    values = {k: v for k, v in scores.items() if v is not None}
    assert len(values) == len(scores)
    assert all(0 <= v <= 1 + 1e-9 for v in values.values())
    assert values["hit@1"] <= values["hit@5"] <= values["hit@10"]
    assert values["recall@5"] <= values["recall@10"]
    assert (values["rr"] > 0) == bool(set(hits) & set(expected))


def test_citation_scores_are_those_of_a_pencil() -> None:
    scores = citation_scores([A, D, "plan-x:2"], [A, B, C], [A, B])
    assert scores["any_expected"] == 1
    assert scores["must_cite_recall"] == pytest.approx(1 / 2)
    assert scores["citation_precision"] == pytest.approx(1 / 2)
    assert scores["citation_f1"] == pytest.approx(1 / 2)


def test_levels_differ_where_an_item_stands_for_its_clause() -> None:
    scores = citation_scores([f"{A} b)", f"{A} a)"], [f"{A} a)"], [f"{A} a)"])
    assert scores["citation_precision"] == pytest.approx(1 / 2)
    assert scores["clause_precision"] == 1
    assert scores["item_precision"] == pytest.approx(1 / 2)
    by_clause = citation_scores([A], [f"{A} a)"], [f"{A} a)"])
    assert (by_clause["any_expected"], by_clause["must_cite_recall"], by_clause["citation_f1"]) == (1, 1, 1)
    assert (by_clause["item_precision"], by_clause["item_recall"], by_clause["item_f1"]) == (0, 0, 0)


def test_without_must_cite_ids_the_recall_does_not_apply_and_one_alternative_is_enough() -> None:
    scores = citation_scores([A], [A, B, C], [])
    assert scores["must_cite_recall"] is None
    assert scores["citation_f1"] == 1


def test_declining_an_answerable_case_is_0_for_hits_and_nothing_for_precision() -> None:
    scored = score(Case("c", "q", (A,), (A,)), make_answer())
    assert scored.scores["any_expected"] == scored.scores["must_cite_recall"] == scored.scores["decision_right"] == 0
    assert scored.scores["citation_precision"] is None
    assert scored.scores["decline_precision"] == 0
    assert scored.scores["decline_recall"] is None
    assert scored.why[0].startswith("Declined")


def test_a_case_to_decline_is_scored_by_its_decision_alone() -> None:
    declined, answered = score(Case("c", "q", ()), make_answer()), score(Case("c", "q", ()), make_answer(A))
    assert declined.right
    assert declined.scores["decline_precision"] == declined.scores["decline_recall"] == 1
    assert answered.scores["decline_recall"] == answered.scores["decision_right"] == 0
    assert answered.scores["decline_precision"] is None
    for name in ("hit@5", "any_expected", "citation_precision", "key_points"):
        assert declined.scores[name] is answered.scores[name] is None


def test_an_answer_that_failed_is_unscored_and_never_0_or_1() -> None:
    scored = score(Case("c", "q", (A,)), None)
    assert scored.unscored == "not answered: broken"
    assert set(scored.scores.values()) == {None}
    assert summarise([scored])["any_expected"].value is None


def test_support_follows_alce() -> None:
    def statement(*cited: str) -> dict[str, object]:
        return {"text": "t", "citations": list(cited)}

    judge = ScriptedJudge({"a", "b"}, {"c"})
    assert support_scores([statement("a", "b")], judge) == {"support_recall": 1, "support_precision": 1}
    assert support_scores([statement("c", "d")], judge) == {"support_recall": 1, "support_precision": 0.5}
    assert support_scores([statement("a")], judge) == {"support_recall": 0, "support_precision": 0}
    assert support_scores([statement()], judge) == {"support_recall": 0, "support_precision": None}
    mixed = support_scores([statement("a", "b"), statement("a")], judge)
    assert mixed == {"support_recall": 0.5, "support_precision": pytest.approx(2 / 3)}
    assert support_scores([statement("c")], None) == {"support_recall": None, "support_precision": None}


def test_a_judge_that_gives_a_number_is_cut_at_the_threshold() -> None:
    class Number:
        def support(self, statement_text: str, citation_ids: object) -> float:
            return 0.6

    statements = [{"text": "t", "citations": ["a"]}]
    assert support_scores(statements, Number())["support_recall"] == 1
    assert support_scores(statements, Number(), threshold=0.7)["support_recall"] == 0


def test_facet_and_audience_are_those_of_the_first_citation_that_has_one() -> None:
    case = Case("c", "q", (A,), facet="how", audience="msme")
    how, large = "iso-44003:5.10.3.3", "iso-44004:5.5"
    assert score(case, make_answer(how)).scores["facet_right"] == 1
    assert score(case, make_answer(large, how)).scores["facet_right"] == 1
    assert score(case, make_answer(large, how)).scores["audience_right"] == 0
    assert score(case, make_answer(how, facet="why")).scores["facet_right"] == 0
    assert score(case, make_answer("iso-44001-guide:overview")).scores["audience_right"] == 1
    assert score(case, make_answer()).scores["facet_right"] is None
    both = Case("c", "q", (A,), audience="both")
    assert score(both, make_answer(how)).scores["audience_right"] is None


def test_key_points_are_covered_by_stems() -> None:
    text = "Partners share the risks they found and keep one register."
    assert key_point_share(["sharing risk register", "train the staff"], text) == 0.5
    assert key_point_share([], text) is None


def test_quoting_beyond_the_licence_is_a_breach() -> None:
    case = Case("c", "q", ("iso-44003:5.10.3.3",))
    six = make_answer("iso-44003:5.10.3.3", text="one two three four five six", rendition="licensed", verbatim=True)
    five = make_answer("iso-44003:5.10.3.3", text="one two three four five", rendition="licensed", verbatim=True)
    assert quoted_words(six) == {"iso-44003": 6}
    assert score(case, six).scores["budget_breaches"] == 1
    assert not score(case, six).right
    assert score(case, five).scores["budget_breaches"] == 0
    assert score(case, make_answer(A, text="w " * 99, verbatim=True)).scores["budget_breaches"] == 0
    assert Scorer().score(case, AnswerRecord("c", 0, six)).scores["budget_breaches"] is None


def test_quoted_words_are_counted_as_the_licence_counts_them() -> None:
    text = "a well-known long-term plan"
    statement = make_answer(RISK, text=text, rendition="licensed", verbatim=True)
    assert quoted_words(statement) == {"iso-44003": count_words(text)} == {"iso-44003": 4}
    assert score(Case("c", "q", (RISK,)), statement).scores["budget_breaches"] == 0


def test_an_item_with_its_lead_in_is_quoted_though_not_verbatim() -> None:
    item = make_answer(RISK, text="The plan should name its owner.", rendition="licensed")
    assert quoted_words(item | {"engine": "extractive"}) == {"iso-44003": 6}
    assert quoted_words(item | {"engine": "openai:some-model"}) == {}
    literal = item | {"engine": "openai:some-model", "statements": [item["statements"][0] | {"support": 1.0}]}
    assert quoted_words(literal) == {"iso-44003": 6}
    digest = make_answer(RISK, text="The plan should name its owner.")
    assert quoted_words(digest | {"engine": "extractive"}) == {}


def test_the_reason_tells_retrieval_from_use() -> None:
    case = Case("c", "q", ("iso-44003:5.10.3.3",), ("iso-44003:5.10.3.3",))
    missed = score(case, make_answer("iso-44003:5.10.1"))
    unused = score(case, make_answer("iso-44003:5.10.1", hits=["iso-44003:5.10.1", "iso-44003:5.10.3.3"]))
    assert "retrieval missed it" in " ".join(missed.why)
    assert "found and not used" in " ".join(unused.why)


def test_an_id_that_does_not_exist_is_reported_and_never_snapped() -> None:
    scored = score(Case("c", "q", ("iso-44003:5.10.3.3",)), make_answer("iso-44003:5.10.3.3", "iso-44003:5.10.33"))
    assert scored.why == ("Cites ids that do not exist: iso-44003:5.10.33.",)
    assert scored.scores["citation_precision"] == 0.5


def test_answers_without_hits_or_timings_leave_those_metrics_open() -> None:
    answer = make_answer(A)
    del answer["hits"], answer["timings_ms"]
    scored = score(Case("c", "q", (A,)), answer)
    assert scored.scores["hit@5"] is scored.scores["latency_ms"] is None
    assert scored.scores["any_expected"] == 1


def test_tokens_and_cost_are_taken_where_they_are_told() -> None:
    answer = make_answer(A) | {"usage": {"input_tokens": 120, "cost": 0.25}}
    scores = score(Case("c", "q", (A,)), answer).scores
    assert (scores["input_tokens"], scores["output_tokens"], scores["cost"]) == (120, None, 0.25)


@given(
    st.lists(st.sampled_from(sorted(FACTS)), unique=True),
    st.lists(st.sampled_from(sorted(FACTS)), unique=True),
)
def test_every_quality_stays_between_0_and_1(cited: list[str], expected: list[str]) -> None:
    case = Case("c", "q", tuple(expected), tuple(expected[:1]), facet="how", audience="msme", key_points=("risk",))
    for name, value in score(case, make_answer(*cited)).scores.items():
        assert value is None or not BY_NAME[name].is_quality or 0 <= value <= 1


def _scored(case_id: str, value: float | None, *, repeat: int = 0, why: str = "", sure: float | None = None) -> Scored:
    scores = dict.fromkeys(BY_NAME) | {"any_expected": value, "latency_ms": 10.0 * (repeat + 1)}
    return Scored(case_id, repeat, scores, (why,) if why else (), "", sure, False)


def test_repetitions_of_a_case_count_as_one_case() -> None:
    scored = [_scored("a", 1), _scored("a", 0, repeat=1), _scored("b", 1), _scored("c", None)]
    assert by_case(scored, "any_expected") == {"a": 0.5, "b": 1}
    figure = summarise(scored)["any_expected"]
    assert (figure.value, figure.count) == (0.75, 2)


def test_the_risk_coverage_curve_takes_the_surest_first() -> None:
    scored = [
        _scored("a", 1, sure=0.9),
        _scored("b", 0, sure=0.5, why="wrong"),
        _scored("c", 1, sure=0.5),
        Scored("d", 0, dict.fromkeys(BY_NAME), declined=True),
    ]
    curve = risk_coverage(scored)
    assert curve.points[0] == (0.25, 0.0)
    assert curve.points[1][1] == pytest.approx(1 / 3)
    assert curve.area == pytest.approx((0.25 * 0 + 0.5 / 3) / 0.75)
    assert risk_coverage([_scored("a", 1)]).unknown == 1


def test_percentiles_and_heat_map_count_what_they_have() -> None:
    scored = [_scored("a", 1), _scored("b", 0, why="wrong")]
    cases = [
        Case("a", "q", (A,), principle="Trust", facet="how"),
        Case("b", "q", (A,), principle="Trust", facet="how"),
    ]
    assert percentiles(scored)["p50"] == percentiles(scored)["max"] == 10
    assert percentiles([]) == {}
    assert heat_map(cases, scored)[("Trust", "how")].value == 0.5


def test_every_metric_is_filled_and_can_be_shown() -> None:
    scored = score(Case("c", "q", (A,)), make_answer(A))
    assert set(scored.scores) == {m.name for m in MEASURES}
    assert shown(BY_NAME["hit@5"], None) == "–"
    assert shown(BY_NAME["hit@5"], 0.5) == "50.0 %"


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ([], "not a JSON object"),
        ({"declined": False}, 'key "id"'),
        ({"id": "c"}, 'key "declined"'),
        ({"id": "c", "declined": True, "statements": [], "citations": [{"label": "x"}]}, 'key "citations"'),
        ({"id": "c", "declined": True, "statements": [{}], "citations": []}, 'key "statements"'),
        ({"id": "c", "declined": True, "statements": [], "citations": [], "hits": {}}, 'key "hits"'),
        ({"id": "c", "repeat": -1, "error": "x"}, 'key "repeat"'),
        (make_answer() | {"id": "c", "gaps": 3}, 'key "gaps": must be a list or null'),
        (
            {"id": "c", "declined": False, "statements": [{"text": "t", "evidence": 3}], "citations": []},
            'key "statements.evidence": must be a list or null',
        ),
        ({"id": "c\ud800", "error": "x"}, 'key "id": has half a character'),
        ({"id": "c", "answer": make_answer(A, text="half \ud800")}, r'key "statements": has half a character (\ud800)'),
        (
            {"id": "c", "declined": 0, "statements": [{"text": "t", "citations": [1]}], "citations": []},
            'key "declined"',
        ),
    ],
)
def test_an_answer_out_of_form_is_named_with_line_and_key(record: object, words: str) -> None:
    with pytest.raises(CaseError) as caught:
        read_answer_record(record, "answers.jsonl:2")
    assert str(caught.value).startswith("answers.jsonl:2: ")
    assert words in str(caught.value)


def test_lists_that_an_answer_may_leave_out_may_be_null_too() -> None:
    answer = make_answer(A) | {"id": "c", "gaps": None}
    answer["statements"][0]["evidence"] = None
    scored = score(Case("c", "q", (A,)), dict(read_answer_record(answer, "x:1").answer or {}))
    assert scored.scores["any_expected"] == 1


def test_batch_lines_and_error_lines_are_both_read() -> None:
    assert read_answer_record(make_answer(A) | {"id": "c"}, "x:1").answer is not None
    assert read_answer_record({"id": "c", "error": "no model"}, "x:1").error == "no model"
