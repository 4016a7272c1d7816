"""Foreign data: reading, searching, TREC runs, scores."""

from __future__ import annotations

import json
from pathlib import Path

import ir_measures
import pytest
from ir_measures import R

from assistant.errors import CaseError, WriteError
from assistant.evals.beir import (
    check_target,
    published_for,
    read_documents,
    read_qrels,
    read_queries,
    run_queries,
    score_run,
    table,
    write_trec,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text('{"_id": "d1", "title": "T", "text": "one"}\n{"_id": "d2", "text": ""}\n')
    (tmp_path / "queries.jsonl").write_text('{"_id": "q1", "text": "first"}\n{"_id": "q2", "text": "second"}\n')
    (tmp_path / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t0\n")
    return tmp_path


def test_a_folder_is_read(folder: Path) -> None:
    assert [(d.document_id, d.title, d.text) for d in read_documents(folder)] == [
        ("d1", "T", "one"),
        ("d2", "", ""),
    ]
    assert read_queries(folder)["q2"] == "second"
    assert read_qrels(folder, "dev") == {"q1": {"d1": 1, "d2": 0}}


def test_a_file_without_a_header_keeps_its_first_line(folder: Path) -> None:
    (folder / "qrels" / "dev.tsv").write_text("q1\td1\t1\r\n")
    assert read_qrels(folder, "dev") == {"q1": {"d1": 1}}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("corpus.jsonl", "{", "corpus.jsonl:1: not JSON"),
        ("corpus.jsonl", "[]", "not a JSON object"),
        ("corpus.jsonl", '{"_id": "\\ud800", "text": "x"}', 'corpus.jsonl:1: key "_id": has half a character'),
        ("corpus.jsonl", '{"_id": "d 1", "text": "x"}', 'key "_id".*white space'),
        ("corpus.jsonl", '{"_id": "d1"}', 'key "text"'),
        ("qrels/dev.tsv", "a\tb\tc\nq1\td1\n", "dev.tsv:2: must be query-id"),
        ("qrels/dev.tsv", "query-id\tcorpus-id\tscore\n", "holds no judgement"),
    ],
)
def test_slips_are_named_with_file_and_line(folder: Path, name: str, content: str, words: str) -> None:
    (folder / name).write_text(content)
    with pytest.raises(CaseError, match=words):
        (list(read_documents(folder)), read_qrels(folder, "dev"))


def test_an_unknown_split_names_those_there_are(folder: Path) -> None:
    with pytest.raises(CaseError, match="can be one of: dev"):
        read_qrels(folder, "test")
    with pytest.raises(CaseError, match="BEIR form"):
        read_queries(folder / "qrels")


def test_equal_scores_keep_the_order_of_the_search_also_in_trec_eval(tmp_path: Path) -> None:
    hits = [(f"d{i:02}", 0.5) for i in range(12)]
    run = run_queries(lambda queries, k: [hits[:k] for _ in queries], {"q": "x"}, ["q"], 10)
    assert list(run["q"]) == [f"d{i:02}" for i in range(10)]
    values = list(run["q"].values())
    assert values == sorted(set(values), reverse=True)
    write_trec(tmp_path / "a.trec", run)
    read_back = list(ir_measures.read_trec_run(str(tmp_path / "a.trec")))  # type: ignore[no-untyped-call]
    qrels = [ir_measures.Qrel("q", "d00", 1)]
    assert ir_measures.calc_aggregate([R @ 1], qrels, read_back)[R @ 1] == 1


def test_a_trec_run_below_a_file_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WriteError, match="cannot be written"):
        write_trec(tmp_path / "file" / "a.trec", {"q": {"d": 1.0}})
    check_target(tmp_path / "new" / "folder" / "a.trec")
    assert not (tmp_path / "new").exists()


def test_scores_are_those_of_a_pencil_and_a_query_without_hits_counts() -> None:
    qrels = {"q1": {"a": 1, "b": 1}, "q2": {"c": 1}}
    scores = score_run(qrels, {"q1": {"x": 3.0, "a": 2.0}})
    assert scores["Recall@10"] == pytest.approx((1 / 2 + 0) / 2)
    assert scores["MAP@10"] == pytest.approx((1 / 2 / 2 + 0) / 2)


def test_a_judged_query_without_words_and_a_shallow_search_are_refused() -> None:
    with pytest.raises(CaseError, match="not in queries"):
        run_queries(lambda queries, k: [[] for _ in queries], {}, ["q"], 10)
    with pytest.raises(CaseError, match="at least 10"):
        run_queries(lambda queries, k: [[] for _ in queries], {"q": "x"}, ["q"], 5)


def test_published_figures_belong_to_their_data_set(tmp_path: Path) -> None:
    assert published_for(tmp_path / "scifact") == ()
    found = published_for(tmp_path / "ObliQA-dev")
    assert {p.system for p in found} >= {"BM25"}
    assert "0.833" in table("dev", {"Recall@10": 0.5, "MAP@10": 0.4, "nDCG@10": 0.45}, found)
    assert json.dumps(table("dev", {"Recall@10": 0.5, "MAP@10": 0.4, "nDCG@10": 0.45}, ())).count("0.") == 3
