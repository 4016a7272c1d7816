"""Building: nothing twice, one writer at a time, and the old index serves until the new one is whole."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from assistant.clauses import tree
from assistant.clauses.clause import Clause
from assistant.encoders import Vectors
from assistant.errors import CorpusError, IndexBusy, IndexProblem, SettingsError, SourceError, UnreadableSource
from assistant.index.build import build_index
from assistant.index.generation import Generations
from assistant.settings import load_settings
from assistant.sources.registry import Registrations
from tests.small_corpus import HashingEncoder, SmallProduct


@pytest.fixture
def product(tmp_path: Path) -> SmallProduct:
    return SmallProduct(tmp_path)


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    folder = tmp_path / "our plans"
    folder.mkdir()
    (folder / "Key plan.md").write_text("# Key plan\n\n## Locks\n\nAnn changes the locks in May.\n", encoding="utf-8")
    return folder


def test_a_build_serves_clauses_questions_and_topics(product: SmallProduct) -> None:
    report = product.build()
    index = product.reader().current()
    assert report.changed
    assert report.generation == index.name
    assert report.passages == len(index.passages) == len(index.passage_vectors)
    assert [e.citation_id for e in index.catalog if not e.is_plan] == [
        "yard:1",
        "yard:2",
        "yard:3",
        "yard:3 a)",
        "yard:3 b)",
    ]
    assert index.question_labels == ["yard:1", "yard:2", "yard:3", "yard:3 a)", "!prices", "!prices"]
    assert index.stamp.questions == 6


def test_unchanged_input_encodes_nothing_and_builds_nothing(product: SmallProduct) -> None:
    first = product.build()
    product.encoder.encoded.clear()
    again = product.build()
    assert not again.changed
    assert (again.encoded, again.generation, again.passages) == (0, first.generation, first.passages)
    assert product.encoder.encoded == []


def test_a_changed_sentence_encodes_only_what_it_changed(product: SmallProduct) -> None:
    product.build()
    product.encoder.encoded.clear()
    digest = product.corpus / "guidance" / "yard.md"
    digest.write_text(digest.read_text().replace("Spare keys hang in the shed", "Spare keys hang outside"))
    report = product.build()
    assert report.changed
    assert report.encoded == len(product.encoder.encoded)
    assert all("hang outside" in text for text in product.encoder.encoded)


def test_a_new_question_encodes_that_question_alone(product: SmallProduct) -> None:
    product.build()
    product.encoder.encoded.clear()
    path = product.corpus / "questions" / "asked-as" / "more.jsonl"
    path.write_text('{"id": "yard:2", "question": "where is the spare key"}\n')
    assert product.build().encoded == 1
    assert product.encoder.encoded == ["where is the spare key"]


def test_a_new_plan_leaves_what_was_learnt_from_the_questions_as_it_is(
    product: SmallProduct, plans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    product.build()
    before = product.reader().current().question_model

    def fit(*_args: object) -> None:
        raise AssertionError("it was learnt again")

    with monkeypatch.context() as patch:
        patch.setattr(LogisticRegression, "fit", fit)
        product.build(add=[plans])
    after = product.reader().current().question_model
    assert after.labels == before.labels
    assert np.array_equal(after.weights, before.weights)

    path = product.corpus / "questions" / "asked-as" / "more.jsonl"
    path.write_text('{"id": "yard:2", "question": "where is the spare key"}\n')
    product.build()
    learnt = product.reader().current().question_model
    assert not np.array_equal(learnt.weights, after.weights)


def test_a_damaged_model_of_the_questions_is_learnt_again(product: SmallProduct, plans: Path) -> None:
    generation = product.settings.data_dir / "index" / product.build().generation
    weights = product.reader().current().question_model.weights
    (generation / "question_model.npz").write_bytes(b"PK no model")
    product.build(add=[plans])
    assert np.array_equal(product.reader().current().question_model.weights, weights)


def test_a_folder_that_is_registered_stays_registered(product: SmallProduct, plans: Path) -> None:
    product.build(add=[plans])
    assert product.ids() == {"yard", "plan-key-plan"}
    assert not product.build().changed
    assert product.ids() == {"yard", "plan-key-plan"}


def test_nothing_is_written_into_a_registered_folder(product: SmallProduct, plans: Path) -> None:
    before = sorted(plans.rglob("*"))
    product.build(add=[plans])
    assert sorted(plans.rglob("*")) == before


def test_sample_plans_are_set_aside_by_a_real_one_and_come_back(product: SmallProduct, plans: Path) -> None:
    product.build()
    assert product.ids() == {"yard", "plan-sample"}
    product.build(add=[plans])
    assert product.ids() == {"yard", "plan-key-plan"}
    product.build(remove=["plan-key-plan"])
    assert product.ids() == {"yard", "plan-sample"}


def test_a_removed_source_stays_out_until_it_is_registered_again(product: SmallProduct, plans: Path) -> None:
    product.build(add=[plans])
    product.build(remove=["plan-key-plan"])
    product.build()
    assert "plan-key-plan" not in product.ids()
    product.build(add=[plans])
    assert "plan-key-plan" in product.ids()


def test_removing_what_is_not_there_names_the_command_that_lists(product: SmallProduct) -> None:
    product.build()
    with pytest.raises(SourceError, match="assistant sources"):
        product.build(remove=["plan-nothing"])


def test_the_digest_cannot_be_removed(product: SmallProduct) -> None:
    product.build()
    with pytest.raises(SourceError):
        product.build(remove=["yard"])
    assert "yard" in product.ids()


def test_the_id_of_a_plan_is_fixed_when_it_is_first_indexed(product: SmallProduct, plans: Path, tmp_path: Path) -> None:
    product.build(add=[plans])
    other = tmp_path / "another folder"
    other.mkdir()
    (other / "key-plan.md").write_text("# Another plan\n\n## Doors\n\nClose them.\n", encoding="utf-8")
    product.build(add=[other])
    assert product.ids() == {"yard", "plan-key-plan", "plan-key-plan-2"}
    product.build(remove=["plan-key-plan"])
    assert product.ids() == {"yard", "plan-key-plan-2"}
    (other / "key-plan.md").write_text("# Renamed plan\n\n## Doors\n\nLock them.\n", encoding="utf-8")
    product.build()
    assert product.reader().current().catalog.resolve("plan-key-plan-2:doors").label == "Renamed plan, Doors"
    product.build(add=[plans])
    assert product.reader().current().catalog.resolve("plan-key-plan:locks").clause.text.startswith("Ann")


def test_a_bad_file_leaves_index_and_registrations_as_they_were(product: SmallProduct, plans: Path) -> None:
    before = product.build()
    (plans / "empty.md").write_text("")
    with pytest.raises(UnreadableSource):
        product.build(add=[plans])
    assert product.reader().current().name == before.generation
    assert not product.build().changed
    assert product.ids() == {"yard", "plan-sample"}


def test_two_sources_of_one_id_are_refused_by_name(product: SmallProduct, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "yard.txt").write_text("A guide to sharing a yard\n\n1 Scope\n\nFor makers of all sizes.\n")
    product.build(add=[tmp_path / "one"])
    with pytest.raises(SourceError, match=r"two sources claim the id 'yard'.*keep one"):
        product.build(add=[tmp_path / "two"])


def test_a_folder_that_is_gone_takes_no_plan_out_until_it_is_dropped(product: SmallProduct, plans: Path) -> None:
    before = product.build(add=[plans])
    plans.rename(plans.with_name("moved"))
    with pytest.raises(SourceError, match=f'--remove "{plans}"'):
        product.build()
    assert product.reader().current().name == before.generation
    registrations = Registrations.load(product.settings.data_dir)
    assert registrations.unregister(str(plans))
    build_index(product.settings, registrations, product.encoder, product.encoder)
    assert product.ids() == {"yard", "plan-sample"}


def test_a_folder_that_was_moved_is_shown_where_it_is_and_nothing_is_encoded(
    product: SmallProduct, tmp_path: Path
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "yard.txt").write_text("A guide to sharing a yard\n\n1 Scope\n\nFor makers of all sizes.\n")
    product.build(add=[tmp_path / "one"])
    (tmp_path / "one").rename(tmp_path / "two")
    registrations = Registrations.load(product.settings.data_dir)
    registrations.unregister(str(tmp_path / "one"))
    registrations.register(tmp_path / "two")
    report = build_index(product.settings, registrations, product.encoder, product.encoder)
    assert (report.changed, report.encoded) == (True, 0)
    source = product.reader().current().catalog.sources["yard", "licensed"]
    assert source.folder == tmp_path / "two"
    assert source.files == (tmp_path / "two" / "yard.txt",)


def test_a_mended_parser_reads_unchanged_files_anew(product: SmallProduct, monkeypatch: pytest.MonkeyPatch) -> None:
    product.build()
    product.encoder.encoded.clear()
    make = tree._clause

    def mended(*arguments: Any) -> Clause:
        clause = make(*arguments)
        return replace(clause, text=clause.text.replace("in the shed", "IN THE SHED"))

    monkeypatch.setattr(tree, "_clause", mended)
    assert product.build().changed
    assert "IN THE SHED" in product.reader().current().catalog.resolve("yard:2").clause.text
    assert product.encoder.encoded
    assert all("IN THE SHED" in text for text in product.encoder.encoded)


@pytest.mark.parametrize("version", ["__version__", "PASSAGE_FORM"])
def test_another_version_builds_anew_and_encodes_nothing(
    product: SmallProduct, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    product.build()
    monkeypatch.setattr(f"assistant.index.build.{version}", "2")
    report = product.build()
    assert (report.changed, report.encoded) == (True, 0)


def test_overlay_questions_that_cannot_be_read_are_named(product: SmallProduct, tmp_path: Path) -> None:
    (tmp_path / "overlay" / "questions" / "asked-as").mkdir(parents=True)
    object.__setattr__(product, "settings", product.settings.model_copy(update={"overlay_dir": tmp_path / "overlay"}))
    for name in ("asked-as/ours.jsonl", "not-covered.toml"):
        path = tmp_path / "overlay" / "questions" / name
        path.write_bytes("# für".encode("latin-1"))
        with pytest.raises(CorpusError, match="UTF-8") as caught:
            product.build()
        assert str(caught.value).startswith(f"{path}: ")
        path.unlink()
    line = '{"id": "yard:2", "question": "where is\u2028the key"}'
    (tmp_path / "overlay" / "questions" / "asked-as" / "ours.jsonl").write_bytes(b"\xef\xbb\xbf" + line.encode())
    product.build()
    assert "where is\u2028the key" in product.reader().current().question_texts


def test_an_overlay_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"setting overlay_dir: .*typo: no such folder"):
        load_settings(overlay_dir=tmp_path / "typo")
    assert load_settings(overlay_dir=tmp_path).overlay_dir == tmp_path


def test_a_question_for_a_clause_that_is_not_there_is_refused(product: SmallProduct) -> None:
    product.build()
    (product.corpus / "questions" / "asked-as" / "more.jsonl").write_text(
        '{"id": "yard:9", "question": "what of cats"}\n'
    )
    with pytest.raises(CorpusError, match="'yard:9'"):
        product.build()


def test_a_topic_whose_nearest_clause_is_not_there_is_refused(product: SmallProduct) -> None:
    path = product.corpus / "questions" / "not-covered.toml"
    path.write_text(path.read_text().replace('"yard:1"', '"yard:8"'))
    with pytest.raises(CorpusError, match="'yard:8'"):
        product.build()


def test_a_second_writer_is_told_at_once(product: SmallProduct) -> None:
    product.build()
    with Generations(product.settings.data_dir).writer(), pytest.raises(IndexBusy, match="wait until it has finished"):
        product.build()


_HOLD = """
import sys
from pathlib import Path
from assistant.index.generation import Generations
with Generations(Path(sys.argv[1])).writer():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_writer_in_another_process_keeps_others_out_until_it_ends_however_it_ends(product: SmallProduct) -> None:
    product.build()
    command = [sys.executable, "-c", _HOLD, str(product.settings.data_dir)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(IndexBusy):
            product.build()
        assert product.reader().current().catalog.get("yard:1") is not None
        holder.kill()
        holder.wait()
    product.build()


class _Stopping(HashingEncoder):
    """Is interrupted in the middle of its work."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        if any("outside" in text for text in texts):
            raise KeyboardInterrupt
        return super().encode(texts)


def test_an_interrupted_build_leaves_the_old_index_serving(product: SmallProduct, tmp_path: Path) -> None:
    before = product.build()
    digest = product.corpus / "guidance" / "yard.md"
    digest.write_text(digest.read_text().replace("in the shed", "outside"))
    product.encoder = _Stopping()
    with pytest.raises(KeyboardInterrupt):
        product.build()
    assert product.reader().current().name == before.generation
    assert not (product.settings.data_dir / "index" / "building").exists()
    product.encoder = HashingEncoder()
    assert product.build().changed


_KILL = """
import os, sys
from pathlib import Path
from tests.small_corpus import HashingEncoder, SmallProduct
class Dying(HashingEncoder):
    def encode(self, texts):
        os._exit(9)
SmallProduct(Path(sys.argv[1]), Dying()).build()
"""


def test_a_build_that_is_killed_leaves_the_old_index_serving(product: SmallProduct, tmp_path: Path) -> None:
    before = product.build()
    digest = product.corpus / "guidance" / "yard.md"
    digest.write_text(digest.read_text().replace("in the shed", "outside"))
    died = subprocess.run([sys.executable, "-c", _KILL, str(tmp_path)], cwd=Path(__file__).parents[2], check=False)
    assert died.returncode == 9
    assert (product.settings.data_dir / "index" / "building").exists()
    assert product.reader().current().name == before.generation
    assert product.build().changed


def test_readers_pick_up_a_new_generation_and_the_old_one_goes_on_answering(product: SmallProduct, plans: Path) -> None:
    product.build()
    reader = product.reader()
    old = reader.current()
    assert reader.current() is old
    vector = product.encoder.encode(["keys"])[0]
    product.build(add=[plans])
    assert old.dense("guidance", vector)[0].passage.citation_id == "yard:2"
    new = reader.current()
    assert new.name != old.name
    assert new.catalog.get("plan-key-plan:locks") is not None
    assert new.dense("plans", vector)


def test_readers_never_fail_while_generations_change(product: SmallProduct, plans: Path) -> None:
    product.build()
    reader = product.reader()
    vector = product.encoder.encode(["keys in the shed"])[0]
    failures: list[Exception] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                assert reader.current().dense("guidance", vector)
            except Exception as error:
                failures.append(error)
                return

    readers = [threading.Thread(target=read) for _ in range(3)]
    for thread in readers:
        thread.start()
    for number in range(3):
        (plans / "Key plan.md").write_text(f"# Key plan\n\n## Locks\n\nAnn changes {number} locks.\n")
        product.build(add=[plans])
    done.set()
    for thread in readers:
        thread.join()
    assert failures == []


def test_only_the_generation_that_serves_and_the_one_before_are_kept(product: SmallProduct, plans: Path) -> None:
    for number in range(4):
        (plans / "Key plan.md").write_text(f"# Key plan\n\n## Locks\n\nAnn changes {number} locks.\n")
        product.build(add=[plans])
    assert len(list((product.settings.data_dir / "index").glob("g*-*"))) == 2


def test_a_data_folder_that_cannot_be_written_is_named_with_the_way_out(tmp_path: Path) -> None:
    product = SmallProduct(tmp_path)
    product.settings.data_dir.write_text("a file where the folder should be")
    with pytest.raises(IndexProblem, match="--data-dir"):
        product.build()


def test_a_disk_without_room_is_told_in_a_line_and_the_old_index_serves(
    product: SmallProduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = product.build()
    digest = product.corpus / "guidance" / "yard.md"
    digest.write_text(digest.read_text().replace("in the shed", "outside"))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("assistant.index.build.np.save", full)
        with pytest.raises(IndexProblem, match=r"No space left on device.*make room"):
            product.build()
    assert product.reader().current().name == before.generation
    assert not (product.settings.data_dir / "index" / "building").exists()
    assert product.build().changed


def test_a_damaged_record_of_folders_is_named(product: SmallProduct) -> None:
    product.build()
    (product.settings.data_dir / "sources.json").write_text("{")
    with pytest.raises(SourceError, match="register the folders again"):
        product.build()
