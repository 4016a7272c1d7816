"""Reading: only an index that fits is read, and what does not fit is refused with the way out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
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


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


_DAMAGES: dict[str, Callable[[Path], object]] = {
    "texts": lambda folder: (folder / "texts.json").write_text("["),
    "passages": lambda folder: _truncate(folder / "passages.json"),
    "passages are null": lambda folder: (folder / "passages.json").write_text("null"),
    "organisations are null": lambda folder: (folder / "organisations.json").write_text("null"),
    "vectors": lambda folder: _truncate(folder / "passages-vectors.npy"),
    "vectors are empty": lambda folder: _empty(folder / "passages-vectors.npy"),
    "fewer vectors": lambda folder: np.save(folder / "questions-vectors.npy", np.zeros((1, 64), dtype=np.float32)),
    "question model": lambda folder: _truncate(folder / "question_model.npz"),
    "cache": lambda folder: (folder / "passages-texts.json").write_text("null"),
    "stamp is empty": lambda folder: _empty(folder / "stamp.json"),
    "stamp is {}": lambda folder: (folder / "stamp.json").write_text("{}"),
    "stamp is null": lambda folder: (folder / "stamp.json").write_text("null"),
    "stamp is gone": lambda folder: (folder / "stamp.json").unlink(),
    "store is gone": lambda folder: shutil.rmtree(folder / "chroma"),
    "store is empty": lambda folder: _empty(folder / "chroma" / "chroma.sqlite3"),
    "store is garbage": lambda folder: (folder / "chroma" / "chroma.sqlite3").write_bytes(b"garbage" * 100),
    "pointer": lambda folder: (folder.parent / "current").write_bytes(b"\xff\xfe"),
    "all is gone but the folder": lambda folder: (shutil.rmtree(folder), folder.mkdir(), (folder / "a").mkdir()),
}


@pytest.mark.parametrize("what", _DAMAGES)
@pytest.mark.parametrize("asked_before", [False, True])
def test_a_damaged_index_is_mended_by_the_command_that_the_message_names(
    product: SmallProduct, what: str, asked_before: bool
) -> None:
    vector = product.encoder.encode(["keys"])[0]
    folder = product.settings.data_dir / "index" / product.reader().current().name
    reader = product.reader()
    _DAMAGES[what](folder)
    if asked_before and what not in ("cache", "fewer vectors"):  # neither is met by a search
        with pytest.raises(IndexProblem, match="assistant index"):
            reader.current().dense("guidance", vector)
    product.build()
    for each in (reader, product.reader()):
        assert each.current().dense("guidance", vector)[0].passage.citation_id == "yard:2"
    assert product.reader().current().name == folder.name
    product.reader().current().check()
    assert not product.build().changed


def test_what_a_clean_up_left_when_it_was_interrupted_is_in_nobodys_way(product: SmallProduct) -> None:
    first = product.reader().current().name
    digest = product.corpus / "guidance" / "yard.md"
    before = digest.read_text()
    digest.write_text(before.replace("in the shed", "outside"))
    product.build()
    root = product.settings.data_dir / "index"
    (root / first / "stamp.json").unlink()
    (root / "dropped-g1-0123456789abcdef").mkdir()
    digest.write_text(before)
    product.build()
    assert product.reader().current().name == first
    assert not list(root.glob("dropped-*"))


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


def test_neighbours_are_the_clauses_before_and_after(product: SmallProduct) -> None:
    catalog = product.reader().current().catalog
    assert catalog.neighbours("yard:3 b)") == ("yard:2", None)
    assert catalog.neighbours("yard:1") == (None, "yard:2")


def test_vectors_are_unit_length_and_of_one_type(product: SmallProduct) -> None:
    index = product.reader().current()
    for vectors in (index.passage_vectors, index.question_vectors):
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
