"""Files are written whole or not at all, and what cannot be read is said in a line."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from assistant.errors import CaseError, CorpusError, WriteError
from assistant.files import read_lines, write_whole

ONE, OTHER = b"a" * 300_000, b"b" * 300_000


def _write_often(path: Path, content: bytes) -> None:
    for _ in range(30):
        write_whole(path, content)


def test_two_processes_that_write_the_same_file_leave_one_of_both_contents_whole_and_nothing_else(tmp_path: Path):
    path = tmp_path / "folder" / "file.json"
    context = get_context("fork")
    writers = [context.Process(target=_write_often, args=(path, content)) for content in (ONE, OTHER)]
    for writer in writers:
        writer.start()
    seen = set()
    while any(w.is_alive() for w in writers):
        if path.exists():
            seen.add(path.read_bytes())
    for writer in writers:
        writer.join()
    assert [w.exitcode for w in writers] == [0, 0]
    assert seen | {path.read_bytes()} <= {ONE, OTHER}
    assert [p.name for p in path.parent.iterdir()] == ["file.json"]


def test_a_file_that_cannot_be_replaced_stays_as_it_was_and_no_part_is_left(tmp_path: Path):
    path = tmp_path / "file.json"
    (path / "inside").mkdir(parents=True)
    with pytest.raises(WriteError, match="choose another folder"):
        write_whole(path, ONE)
    assert [p.name for p in tmp_path.iterdir()] == ["file.json"]
    assert (path / "inside").is_dir()


def test_threads_of_one_process_do_not_spoil_each_others_file(tmp_path: Path):
    path = tmp_path / "file.json"
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(_write_often, path, content) for content in (ONE, OTHER)]:
            done.result()
    assert path.read_bytes() in {ONE, OTHER}
    assert [p.name for p in tmp_path.iterdir()] == ["file.json"]


def test_lines_end_at_line_feeds_alone_and_keep_their_numbers(tmp_path: Path):
    path = tmp_path / "lines.jsonl"
    path.write_bytes("\ufeffone \u2028 two\x85\r\n\r\n  \nfour".encode())
    assert read_lines(path, CaseError) == [(1, "one \u2028 two\x85"), (4, "four")]


def test_lines_that_cannot_be_read_raise_the_callers_error_in_one_line(tmp_path: Path):
    (tmp_path / "latin").write_bytes("für".encode("latin-1"))
    for name, said in (("latin", "is not UTF-8 at byte"), ("gone", "no such file"), (".", "cannot be read")):
        with pytest.raises(CorpusError, match=said) as caught:
            read_lines(tmp_path / name, CorpusError)
        assert str(caught.value).startswith(f"{tmp_path / name}: ")
        assert "\n" not in str(caught.value)
