"""Reading: only an index that fits is read, and what does not fit is refused with the way out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import IndexMismatch, IndexMissing, IndexProblem, UnknownCitation
from assistant.index.reader import IndexReader
from tests.small_corpus import HashingEncoder, SmallProduct


@pytest.fixture
def product(tmp_path: Path) -> SmallProduct:
    made = SmallProduct(tmp_path)
    made.build()
    return made


def test_without_an_index_the_command_that_makes_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="assistant index"):
        IndexReader(tmp_path, HashingEncoder(), HashingEncoder()).current()


def test_an_index_of_another_encoder_is_refused_and_a_build_mends_it(product: SmallProduct) -> None:
    product.encoder = HashingEncoder(name="another")
    with pytest.raises(IndexMismatch, match=r"hashing and another is set; run `assistant index`"):
        product.reader().current()
    assert product.build().encoded > 0
    assert product.reader().current().stamp.encoder == "another"


def test_an_index_of_another_question_encoder_is_refused(product: SmallProduct) -> None:
    reader = IndexReader(product.settings.data_dir, product.encoder, HashingEncoder(name="adapted"))
    with pytest.raises(IndexMismatch, match="adapted"):
        reader.current()


@pytest.mark.parametrize("stamp", ['{"form": 0}', "{", '{"form": 1, "strange": 2}'])
def test_an_index_of_another_form_is_refused_with_the_command_that_mends_it(product: SmallProduct, stamp: str) -> None:
    folder = product.settings.data_dir / "index" / product.reader().current().name
    (folder / "stamp.json").write_text(stamp)
    with pytest.raises(IndexMismatch, match="assistant index"):
        product.reader().current()


def test_a_damaged_index_says_what_to_do(product: SmallProduct) -> None:
    folder = product.settings.data_dir / "index" / product.reader().current().name
    (folder / "texts.json").write_text("[")
    with pytest.raises(IndexProblem, match="assistant index"):
        product.reader().current()


def test_the_stamp_names_form_encoders_and_counts(product: SmallProduct) -> None:
    folder = product.settings.data_dir / "index" / product.reader().current().name
    stamp = json.loads((folder / "stamp.json").read_text())
    assert set(stamp) == {"form", "encoder", "question_encoder", "content_sha256", "passages", "clauses", "questions"}
    assert folder.name == f"g{stamp['form']}-{stamp['content_sha256'][:16]}"


def test_dense_hits_carry_exact_cosines_and_ties_go_by_id(product: SmallProduct) -> None:
    index = product.reader().current()
    vector = product.encoder.encode(["lend what lies idle"])[0]
    hits = index.dense("guidance", vector)
    rows = {p.passage_id: i for i, p in enumerate(index.passages)}
    for hit in hits:
        assert hit.score == pytest.approx(float(index.passage_vectors[rows[hit.passage.passage_id]] @ vector), abs=1e-6)
    assert [(h.score, h.passage.passage_id) for h in hits] == sorted(
        ((h.score, h.passage.passage_id) for h in hits), key=lambda p: (-p[0], p[1])
    )
    assert {h.passage.passage_id for h in hits} == {p.passage_id for p in index.passages if not p.plan}


def test_guidance_and_plans_never_mix(product: SmallProduct) -> None:
    index = product.reader().current()
    vector = product.encoder.encode(["keys"])[0]
    assert {h.passage.rendition for h in index.dense("plans", vector)} == {"plan"}
    assert "plan" not in {h.passage.rendition for h in index.dense("guidance", vector)}


def test_likeness_is_the_best_unit_inside_each_span(product: SmallProduct) -> None:
    index = product.reader().current()
    text = index.catalog.resolve("yard:2").clause.text
    half = text.index("Spare")
    vector = product.encoder.encode(["spare keys hang in the shed"])[0]
    first, second, none = index.likeness("yard:2", "digest", [(0, half - 1), (half, len(text)), (0, 1)], vector)
    assert second == pytest.approx(1.0, abs=1e-5)
    assert first < second
    assert none == 0.0


def test_a_citation_is_only_ever_resolved_exactly(product: SmallProduct) -> None:
    catalog = product.reader().current().catalog
    assert catalog.owner("yard:3 a)") == "yard:3"
    for near in ("yard:3a)", "yard:3 a", "YARD:3 a)", "yard: 3 a)", "yard:3.1", "yard", ""):
        assert catalog.get(near) is None
        with pytest.raises(UnknownCitation, match="assistant clauses"):
            catalog.resolve(near)
    assert catalog.canonical("Yard:3 A)") == "yard:3 a)"


def test_neighbours_are_the_clauses_before_and_after(product: SmallProduct) -> None:
    catalog = product.reader().current().catalog
    assert catalog.neighbours("yard:3 b)") == ("yard:2", None)
    assert catalog.neighbours("yard:1") == (None, "yard:2")


def test_vectors_are_unit_length_and_of_one_type(product: SmallProduct) -> None:
    index = product.reader().current()
    for vectors in (index.passage_vectors, index.question_vectors):
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
