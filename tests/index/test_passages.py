"""Passages: never longer than the encoder reads, each with its place, items and rows under their own ids."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.answering.assistant import GuidanceAssistant
from assistant.index.passage import heading_path, make_passages
from tests.clauses.trees import by_locator, plan, standard
from tests.small_corpus import HashingEncoder

_count = HashingEncoder().count_tokens

_word = st.sampled_from(
    ["trust", "plan", "a", "verylongwordwithoutanybreakinit" * 3, "risk;", "end.", "— Then", "é\u0301"]
)
_line = st.lists(_word, min_size=1, max_size=120).map(" ".join)


@settings(max_examples=80, deadline=None)
@given(st.lists(_line, min_size=1, max_size=4), st.lists(_line, max_size=3), _line, st.integers(24, 90))
def test_no_passage_is_longer_than_the_window_and_none_of_the_text_is_left_out(
    paragraphs: list[str], items: list[str], heading: str, window: int
) -> None:
    text = (
        f"# {heading[:150]}\n\n"
        + "\n\n".join(paragraphs)
        + "\n\nShould:\n\n"
        + "\n".join(f"- {i}" for i in items)
        + "\n"
    )
    clauses = plan(text)
    passages = make_passages(clauses, _count, window)
    assert all(_count(p.text) <= window for p in passages)
    assert len({p.passage_id for p in passages}) == len(passages)
    for clause in clauses:
        if clause.kind in ("item", "row"):
            continue
        for kinds in (("clause",), ("sentence", "item", "row")):
            mine = [p for p in passages if p.passage_id.startswith(f"{clause.citation_id}|") and p.kind in kinds]
            covered = {i for p in mine for i in range(p.start, p.end)}
            assert all(
                clause.text[i].isspace() or clause.text[i] in "-" for i in set(range(len(clause.text))) - covered
            )


def test_a_window_begins_with_the_headings_that_lead_to_it() -> None:
    clauses = standard("1 Yard\n\n1.1 Door\n\nShut it. Then lock it.\n")
    windows = [p for p in make_passages(clauses, _count, 40) if p.kind == "clause"]
    assert [w.text for w in windows] == ["1 Yard > 1.1 Door\nShut it. Then lock it."]
    assert heading_path(clauses[1]) == "1 Yard > 1.1 Door"


def test_items_and_rows_are_found_under_their_own_ids() -> None:
    text = "1 Yard\n\nThey should:\n\n- a) sweep it;\n- b) share:\n - 1) brooms;\n\nAnnex A (informative)\n\nThings\n\nTable A.1 — Things\n\nIn\t\n1\tA broom.\n2\tA bin.\n"
    clauses = standard(text)
    found = [(p.citation_id, p.kind) for p in make_passages(clauses, _count, 60) if p.kind in ("item", "row")]
    assert found == [
        ("x:1 a)", "item"),
        ("x:1 b)", "item"),
        ("x:1 b) 1)", "item"),
        ("x:A.1 In 1", "row"),
        ("x:A.1 In 2", "row"),
    ]


def test_spans_point_into_the_text_of_the_clause() -> None:
    clauses = by_locator(standard("1 Yard\n\nShut it. Then lock it.\n\n- a) at night.\n"))
    for passage in make_passages(clauses.values(), _count, 60):
        owner = clauses[passage.passage_id.split("|")[0].split(":")[1]]
        assert passage.text.endswith(owner.text[passage.start : passage.end])


def test_no_passage_of_the_real_corpus_exceeds_the_encoders_window(assistant: GuidanceAssistant) -> None:
    encoder = assistant.encoder
    longest = max(assistant.index().passages, key=lambda p: encoder.count_tokens(p.text))
    assert encoder.count_tokens(longest.text) <= encoder.max_tokens, longest.passage_id
