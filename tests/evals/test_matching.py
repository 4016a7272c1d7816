"""The matching rule of the case files, by example and by property."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evals.matching import clause_of, guidance_ids, lineage, meets, met_by, ranked_gains

CLAUSE, ITEM_A, ITEM_B = "iso-44003:5.1.3.3", "iso-44003:5.1.3.3 a)", "iso-44003:5.1.3.3 b)"
NESTED = "iso-44003:5.1.3.3 g) 1)"


@pytest.mark.parametrize(
    ("found", "expected", "met"),
    [
        (ITEM_A, ITEM_A, True),
        (CLAUSE, ITEM_A, True),
        (ITEM_A, CLAUSE, True),
        (ITEM_B, ITEM_A, False),
        ("ISO-44003:5.1.3.3 A)", ITEM_A, True),
        (CLAUSE, NESTED, True),
        (NESTED, CLAUSE, True),
        ("iso-44003:5.1.3.3 g)", NESTED, True),
        ("iso-44003:5.1.3.3 g) 2)", NESTED, False),
        ("iso-44003:5.1.3", CLAUSE, False),
        (CLAUSE, "iso-44003:5.1.3", False),
        ("iso-44003:5.1.3.30", CLAUSE, False),
        ("iso-44004:5.1.3.3", CLAUSE, False),
        ("iso-44003:5.12.3.1 #2", "iso-44003:5.12.3.1", True),
        ("iso-44003:5.12.3.1 #2", "iso-44003:5.12.3.1 #3", False),
        ("iso-44003:A.1 Visions and values 2", "iso-44003:Annex A", True),
        ("iso-44003:A.1 Visions and values 2", "iso-44003:A.1 Visions and values 1", False),
        ("iso-44001:8 c) viii)", "iso-44001:8", True),
        ("iso-44003:5.1.3.3 a)-2", CLAUSE, True),
        ("iso-44003:5.1.3.3 a)-2", ITEM_A, False),
        ("iso-44003:5.1.3.3 a)-2 1)", "iso-44003:5.1.3.3 a)-2", True),
        ("iso-44003:Introduction", "iso-44003:introduction", True),
    ],
)
def test_an_item_is_met_by_itself_or_its_clause_and_never_by_a_sibling(found: str, expected: str, met: bool) -> None:
    assert meets(found, expected) is met


def test_ids_of_plans_are_left_out_and_repeated_ids_count_once() -> None:
    assert guidance_ids(["plan-acme:2", CLAUSE, CLAUSE.upper(), "PLAN-x:1"]) == [CLAUSE]


def test_the_lineage_ends_at_the_clause() -> None:
    assert lineage(NESTED) == (NESTED, "iso-44003:5.1.3.3 g)", CLAUSE)
    assert clause_of("iso-44003:A.1 Trust 1") == "iso-44003:annex a"


def test_a_clause_that_meets_two_expected_items_gains_both_and_a_later_one_nothing() -> None:
    assert ranked_gains(["iso-44003:1", CLAUSE, ITEM_A], [ITEM_A, ITEM_B]) == [[], [ITEM_A, ITEM_B], []]


_IDS = st.builds(
    lambda clause, tail: f"iso-44003:{clause}{tail}",
    st.sampled_from(["5.1", "5.1.3.3", "5.10", "Annex A"]),
    st.sampled_from(["", " a)", " b)", " g) 1)", " #2"]),
)


@given(_IDS, _IDS)
def test_meeting_is_symmetric_and_stays_within_one_clause(one: str, other: str) -> None:
    assert meets(one, one)
    assert meets(one, other) == meets(other, one)
    if meets(one, other):
        assert clause_of(one) == clause_of(other)


@given(st.lists(_IDS, max_size=6), st.lists(_IDS, min_size=1, max_size=5))
def test_more_citations_never_meet_less(found: list[str], expected: list[str]) -> None:
    assert set(met_by(expected, found[:-1])) <= set(met_by(expected, found))
