"""Plans as files: limits, names, previews, and what happens when something fails."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.answering.assistant import GuidanceAssistant
from assistant.errors import AssistantError, IndexBusy, StandardNotPlan, UnreadableSource
from assistant.index.reader import OpenIndex
from assistant.plan_files import PlanFiles
from assistant.settings import load_settings
from assistant.sources.registry import Registrations

PLAN = "# Harbour plan\n\n## Who meets\n\nThe harbour group meets every second Tuesday.\n\n## Signals\n\nA red flag goes to Mina.\n"


@pytest.fixture
def files(built_index: Path, tmp_path: Path) -> PlanFiles:
    folder = tmp_path / "data"
    shutil.copytree(built_index, folder)
    return PlanFiles(GuidanceAssistant(load_settings(data_dir=folder, max_upload_mb=1)))


def upload(tmp_path: Path, name: str, content: str | bytes = PLAN) -> Path:
    path = tmp_path / "upload" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refuse_while_another_indexes(
    files: PlanFiles, monkeypatch: pytest.MonkeyPatch, token: str, plan: str, before: Callable[[], None] = lambda: None
) -> None:
    """Let a new version of a plan be refused, since another process is indexing; `before` is what that one did first."""

    def build(*_args: object, **_options: object) -> None:
        before()
        raise IndexBusy("another process is indexing")

    with monkeypatch.context() as patch:
        patch.setattr(files._assistant, "build", build)
        with pytest.raises(IndexBusy):
            files.add(token, plan)


def a_plan_elsewhere(files: PlanFiles, folder: Path) -> tuple[Path, str]:
    """A plan in a registered folder, and its source id."""
    file = folder / "harbour.md"
    file.parent.mkdir()
    file.write_text(PLAN, encoding="utf-8")
    files._assistant.build([folder])
    (plan,) = [r.source.source_id for r in files.rows()]
    return file, plan


def test_a_plan_is_previewed_added_replaced_under_its_id_and_taken_out(files: PlanFiles, tmp_path: Path) -> None:
    path = upload(tmp_path, "harbour.md")
    preview = files.take_in(path)
    assert not path.exists()
    assert [s.heading for s in preview.sections][-2:] == ["Who meets", "Signals"]
    plan = files.add(preview.token)
    assert plan == "plan-harbour"
    assert [r.source.source_id for r in files.rows()] == ["plan-harbour"]

    again = files.take_in(upload(tmp_path, "harbour v2.txt", PLAN.replace("Tuesday", "Friday")))
    assert files.add(again.token, "plan-harbour") == "plan-harbour"
    (row,) = files.rows()
    assert row.source.files[0].name == "harbour v2.txt"
    texts = [e.clause.text for e in files._assistant.catalog if e.clause.source_id == "plan-harbour"]
    assert any("Friday" in t for t in texts)
    assert not any("Tuesday" in t for t in texts)

    files.remove("plan-harbour")
    assert not list((files._folder).iterdir())
    assert all(r.source.sample for r in files.rows())


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("sheet.xlsx", b"x", "not supported"),
        ("empty.md", b"  ", "empty"),
        ("big.txt", b"a " * 600_000, "limit"),
        ("broken.docx", b"PK no", "broken.docx"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name_without_its_path(
    files: PlanFiles, tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    with pytest.raises(UnreadableSource) as refused:
        files.take_in(upload(tmp_path, name, content))
    assert says in str(refused.value)
    assert str(tmp_path) not in str(refused.value)
    assert not list(files._waiting.iterdir())


def test_the_text_of_a_standard_is_not_taken_for_a_plan(files: PlanFiles, tmp_path: Path) -> None:
    title = "Guidelines for large organizations seeking collaboration with micro, small and medium-sized enterprises"
    with pytest.raises(StandardNotPlan, match="ISO 44004"):
        files.take_in(upload(tmp_path, "44004.md", f"# {title}\n\n## 1 Scope\n\nWords.\n"))


def test_a_file_name_cannot_lead_out_of_the_folder(files: PlanFiles, tmp_path: Path) -> None:
    preview = files.take_in(upload(tmp_path, "..;rm -rf $HOME.md"))
    assert preview.name == "rm -rf -HOME.md"
    with pytest.raises(AssistantError):
        files.add("../../etc")


def test_where_indexing_fails_the_old_plan_and_its_file_stay(
    files: PlanFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = files.add(files.take_in(upload(tmp_path, "harbour.md")).token)
    preview = files.take_in(upload(tmp_path, "new.md", PLAN.replace("Tuesday", "Friday")))
    refuse_while_another_indexes(files, monkeypatch, preview.token, plan)
    assert [f.name for f in files._folder.iterdir()] == ["harbour.md"]
    files._assistant.build()
    assert [r.source.source_id for r in files.rows()] == [plan]
    assert files.add(preview.token, plan) == plan
    assert [f.name for f in files._folder.iterdir()] == ["new.md"]


def test_where_indexing_fails_a_plan_of_a_registered_folder_stays_and_the_upload_can_be_added_again(
    files: PlanFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside, plan = a_plan_elsewhere(files, tmp_path / "shared")
    record = files._assistant.settings.data_dir / "sources.json"
    before = record.read_text(encoding="utf-8")
    preview = files.take_in(upload(tmp_path, "new.md", PLAN.replace("Tuesday", "Friday")))
    refuse_while_another_indexes(files, monkeypatch, preview.token, plan)
    assert record.read_text(encoding="utf-8") == before
    assert not list(files._folder.iterdir())

    assert files.add(preview.token, plan) == plan
    (row,) = files.rows()
    assert (row.source.source_id, row.source.files[0].name) == (plan, "new.md")
    assert outside.exists()


def test_a_replacement_that_fails_loses_nothing_that_another_process_registered_meanwhile(
    files: PlanFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = files._assistant.settings.data_dir
    outside, plan = a_plan_elsewhere(files, tmp_path / "shared")
    (tmp_path / "more").mkdir()

    def register() -> None:
        registrations = Registrations.load(data_dir)
        assert (registrations.ids[str(outside)], registrations.removed) == (plan, [])
        registrations.register(tmp_path / "more")
        registrations.save()

    preview = files.take_in(upload(tmp_path, "new.md", PLAN.replace("Tuesday", "Friday")))
    refuse_while_another_indexes(files, monkeypatch, preview.token, plan, register)
    assert str(tmp_path / "more") in Registrations.load(data_dir).folders


def test_taking_a_plan_out_loses_nothing_that_another_process_registered_meanwhile(
    files: PlanFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant, data_dir = files._assistant, files._assistant.settings.data_dir
    plan = files.add(files.take_in(upload(tmp_path, "harbour.md")).token)
    (tmp_path / "more").mkdir()
    opened = assistant.index

    def slowly() -> OpenIndex:
        registrations = Registrations.load(data_dir)
        registrations.register(tmp_path / "more")
        registrations.save()
        return opened()

    with monkeypatch.context() as patch:
        patch.setattr(assistant, "index", slowly)
        assistant.build(remove=[plan])
    assert str(tmp_path / "more") in Registrations.load(data_dir).folders
