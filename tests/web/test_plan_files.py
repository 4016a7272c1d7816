"""Plans as files: limits, names, previews, and what happens when something fails."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assistant.answering.assistant import GuidanceAssistant
from assistant.errors import AssistantError, IndexBusy, UnreadableSource
from assistant.settings import load_settings
from assistant.web.plan_files import PlanFiles, StandardNotPlan

PLAN = "# Harbour plan\n\n## Who meets\n\nThe harbour group meets every second Tuesday.\n\n## Signals\n\nA red flag goes to Mina.\n"


@pytest.fixture
def files(built_data_dir: Path, tmp_path: Path) -> PlanFiles:
    folder = tmp_path / "data"
    shutil.copytree(built_data_dir, folder)
    return PlanFiles(GuidanceAssistant(load_settings(data_dir=folder, max_upload_mb=1)))


def upload(tmp_path: Path, name: str, content: str | bytes = PLAN) -> Path:
    path = tmp_path / "upload" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


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

    def busy(*_args: object, **_options: object) -> None:
        raise IndexBusy("another process is indexing")

    with monkeypatch.context() as patch:
        patch.setattr(files._assistant, "build", busy)
        with pytest.raises(IndexBusy):
            files.add(preview.token, plan)
    assert [f.name for f in files._folder.iterdir()] == ["harbour.md"]
    files._assistant.build()
    assert [r.source.source_id for r in files.rows()] == [plan]
    assert files.add(preview.token, plan) == plan
    assert [f.name for f in files._folder.iterdir()] == ["new.md"]


def test_where_indexing_fails_a_plan_of_a_registered_folder_stays_and_the_upload_can_be_added_again(
    files: PlanFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "shared" / "harbour.md"
    outside.parent.mkdir()
    outside.write_text(PLAN, encoding="utf-8")
    files._assistant.build([outside.parent])
    (plan,) = [r.source.source_id for r in files.rows()]
    record = files._assistant.settings.data_dir / "sources.json"
    before = record.read_text(encoding="utf-8")
    preview = files.take_in(upload(tmp_path, "new.md", PLAN.replace("Tuesday", "Friday")))

    def busy(*_args: object, **_options: object) -> None:
        raise IndexBusy("another process is indexing")

    with monkeypatch.context() as patch:
        patch.setattr(files._assistant, "build", busy)
        with pytest.raises(IndexBusy):
            files.add(preview.token, plan)
    assert record.read_text(encoding="utf-8") == before
    assert not list(files._folder.iterdir())

    assert files.add(preview.token, plan) == plan
    (row,) = files.rows()
    assert (row.source.source_id, row.source.files[0].name) == (plan, "new.md")
    assert outside.exists()
