"""Case files: what is taken, and how each slip is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.errors import CaseError
from assistant.evals.case import Case, cases_sha256, select_tier
from assistant.evals.dataset import load_cases, parse_case

from .scripted import FACTS, case_record, write_cases

RISK = "iso-44003:5.10.3.3"


def test_a_full_line_is_taken_as_it_stands(tmp_path: Path) -> None:
    record = case_record(
        "c1", "Who looks after shared risks?", RISK, type="direct", must_cite=[RISK], facet="how",
        principle="Risk management", audience="msme", history=["We work with a bigger firm."], key_points=["both own it"],
        tier="smoke",
    )  # fmt: skip
    (case,) = load_cases([write_cases(tmp_path / "a.jsonl", record)], known_ids=FACTS)
    assert case.to_record() == record
    assert not case.must_decline
    assert case.origin.endswith("a.jsonl:1")


def test_nothing_expected_means_that_the_assistant_must_decline() -> None:
    assert parse_case('{"id": "c", "question": "What is the VAT rate?", "expected": []}', "x:1").must_decline


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"id": "c", "question": "q"', ["column 28", "not JSON"]),
        ('["id"]', ["not a JSON object"]),
        ('{"id": "c", "question": "half \\ud800", "expected": []}', ['key "question"', r"half a character (\ud800)"]),
        ('{"id": "c", "question": "q", "expected": [], "\\udfff": 1}', [r'key "\udfff"', "half a character"]),
        ('{"id": "c", "question": "q", "expected": [' + "1" * 5000 + "]}", ["not JSON"]),
        ('{"id": "c", "expected": []}', ['key "question" is missing', "add it"]),
        ('{"id": "c", "question": "q"}', ['key "expected" is missing', "use []"]),
        ('{"id": "", "question": "q", "expected": []}', ['key "id"', "not empty"]),
        ('{"id": 7, "question": "q", "expected": []}', ['key "id"', "is 7"]),
        ('{"id": "c", "question": "q", "expected": "iso-44003:1"}', ['key "expected"', "list of texts"]),
        ('{"id": "c", "question": "q", "expected": ["5.1"]}', ['key "expected"', "SOURCE:LOCATOR"]),
        ('{"id": "c", "question": "q", "expected": ["plan-a:1"]}', ['key "expected"', "plan"]),
        ('{"id": "c", "question": "q", "expected": ["a:1", "A:1"]}', ['key "expected"', "twice"]),
        (
            '{"id": "c", "question": "q", "expected": ["a:1"], "must_cite": ["a:2"]}',
            ['key "must_cite"', '"expected"'],
        ),
        ('{"id": "c", "question": "q", "expected": [], "facet": "who"}', ['key "facet"', "what, why, how"]),
        (
            '{"id": "c", "question": "q", "expected": [], "audience": "all"}',
            ['key "audience"', "msme, large, both"],
        ),
        ('{"id": "c", "question": "q", "expected": [], "tier": "big"}', ['key "tier"', "smoke, full"]),
        (
            '{"id": "c", "question": "q", "expected": [], "historie": []}',
            ['key "historie"', 'mean "history"'],
        ),
        ('{"id": "c", "id": "d", "question": "q", "expected": []}', ['key "id"', "stands twice"]),
        ('{"id": "c", "question": "q", "expected": [], "history": "q"}', ['key "history"', "list of texts"]),
    ],
)
def test_a_slip_is_named_with_file_line_key_and_remedy_on_one_line(line: str, words: list[str]) -> None:
    with pytest.raises(CaseError) as caught:
        parse_case(line, "cases.jsonl:3")
    message = str(caught.value)
    assert message.startswith("cases.jsonl:3: ")
    assert "\n" not in message
    assert all(w in message for w in words), message


def test_an_id_may_stand_once_over_all_files(tmp_path: Path) -> None:
    one = write_cases(tmp_path / "a.jsonl", case_record("c", "q"))
    other = write_cases(tmp_path / "b.jsonl", case_record("d", "q"), case_record("c", "r"))
    with pytest.raises(CaseError, match=r'b\.jsonl:2: key "id": "c" is already used in .*a\.jsonl:1'):
        load_cases([one, other])
    assert len(load_cases([one])) == 1


def test_expected_citations_that_do_not_exist_are_all_told_before_anything_runs(tmp_path: Path) -> None:
    path = write_cases(
        tmp_path / "a.jsonl",
        case_record("c", "q", RISK.upper()),
        case_record("d", "q", "iso-44003:5.10.3.9", must_cite=["iso-44003:5.10.3.9"]),
    )
    with pytest.raises(CaseError) as caught:
        load_cases([path], known_ids=FACTS)
    assert "2 expected citations do not exist" in str(caught.value)
    assert f'{path}:2: key "expected": iso-44003:5.10.3.9' in str(caught.value)
    assert "assistant clauses" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_a_file_without_cases_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jsonl").write_bytes(content)
    with pytest.raises(CaseError, match="no case in it"):
        load_cases([tmp_path / "a.jsonl"])


def test_a_missing_file_and_one_that_is_not_text_are_named(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no such file"):
        load_cases([tmp_path / "none.jsonl"])
    (tmp_path / "a.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CaseError, match="not UTF-8"):
        load_cases([tmp_path / "a.jsonl"])
    with pytest.raises(CaseError, match="no case file was given"):
        load_cases([])


def test_the_full_tier_holds_the_smoke_cases_too() -> None:
    cases = [Case("a", "q", (), tier="smoke"), Case("b", "q", ())]
    assert [c.case_id for c in select_tier(cases, "smoke")] == ["a"]
    assert len(select_tier(cases, "full")) == 2
    with pytest.raises(CaseError, match="smoke"):
        select_tier(cases[1:], "smoke")


def test_the_hash_sees_labels_and_not_remarks_or_places() -> None:
    base = Case("a", "q", ("s:1",), origin="x:1")
    assert cases_sha256([base]) == cases_sha256([Case("a", "q", ("s:1",), origin="y:9", note="seen")])
    assert cases_sha256([base]) != cases_sha256([Case("a", "q", ("s:2",))])
    assert base.fingerprint() == Case("a", "q", ("S:1",), tier="smoke").fingerprint()
    assert base.fingerprint() != Case("a", "q!", ("s:1",)).fingerprint()


def test_line_separators_inside_a_text_do_not_shift_line_numbers(tmp_path: Path) -> None:
    lines = [json.dumps(case_record("a", "one\u2028two"), ensure_ascii=False), "", "{}"]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(CaseError, match=r"a\.jsonl:3: "):
        load_cases([tmp_path / "a.jsonl"])
