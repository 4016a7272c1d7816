"""Which files of a registered folder are taken in, under which terms, and what is said where one is not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import ManifestError, SourceError
from assistant.settings import packaged
from assistant.sources.registry import Registrations, Source, collect_sources

_PLAN = "# Key plan\n\n## Locks\n\nAnn changes the locks in May.\n"
_STRICT = """
[[source]]
id = "plan-secret"
path = "secret.md"
rendition = "plan"

[source.licence]
holder = "The board"
valid_until = 2020-01-01
export = false
roles = ["board"]
model_use = "none"
"""


def registered(tmp_path: Path, *paths: Path) -> Registrations:
    registrations = Registrations.load(tmp_path / "data")
    for path in paths:
        registrations.register(path)
    return registrations


def collected(registrations: Registrations) -> list[Source]:
    """The sources beside the packaged ones."""
    corpus = packaged("corpus")
    found = collect_sources(corpus, registrations, max_bytes=1_000_000).sources
    return [s for s in found if not s.files[0].is_relative_to(corpus)]


def ids(registrations: Registrations) -> list[str]:
    return [s.source_id for s in collected(registrations)]


def written(path: Path, text: str = _PLAN) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def described(source: Source) -> dict[str, Any]:
    """What a manifest's lines are to keep."""
    return {name: getattr(source, name) for name in Source.__slots__ if name != "described"}


def test_a_manifest_speaks_for_its_files_whichever_way_they_are_registered(tmp_path: Path) -> None:
    secret = written(tmp_path / "docs" / "std" / "secret.md")
    written(tmp_path / "docs" / "std" / "manifest.toml", _STRICT)
    found = [collected(registered(tmp_path, path)) for path in (tmp_path / "docs" / "std", tmp_path / "docs", secret)]
    assert [[s.source_id for s in sources] for sources in found] == [["plan-secret"]] * 3
    assert found[0][0].licence.roles == ("board",)
    assert {sources[0].licence for sources in found} == {found[0][0].licence}


def test_the_manifest_that_lies_nearest_to_a_file_speaks_for_it(tmp_path: Path) -> None:
    written(tmp_path / "docs" / "std" / "secret.md")
    written(tmp_path / "docs" / "open.md")
    written(tmp_path / "docs" / "std" / "manifest.toml", _STRICT)
    outer = '[[source]]\nid = "plan-all"\npaths = ["*.md", "std/*.md"]\nrendition = "plan"\n'
    written(tmp_path / "docs" / "manifest.toml", outer)
    found = {s.source_id: [f.name for f in s.files] for s in collected(registered(tmp_path, tmp_path / "docs"))}
    assert found == {"plan-secret": ["secret.md"], "plan-all": ["open.md"]}


def test_other_entries_of_the_manifest_beside_a_single_file_do_not_matter(tmp_path: Path) -> None:
    secret = written(tmp_path / "secret.md")
    written(tmp_path / "other.md")
    entry = '\n[[source]]\nid = "plan-{}"\npath = "{}.md"\nrendition = "plan"\n'
    written(tmp_path / "manifest.toml", _STRICT + entry.format("other", "other") + entry.format("gone", "gone"))
    assert ids(registered(tmp_path, secret)) == ["plan-secret"]


def test_two_entries_for_one_file_are_refused(tmp_path: Path) -> None:
    written(tmp_path / "docs" / "a.md")
    entry = '[[source]]\nid = "plan-{}"\npath = "a.md"\nrendition = "plan"\n'
    written(tmp_path / "docs" / "manifest.toml", entry.format("one") + entry.format("two"))
    with pytest.raises(ManifestError, match=r"'plan-one' and 'plan-two' both name a\.md"):
        collected(registered(tmp_path, tmp_path / "docs"))


def test_a_missing_folder_is_named_with_the_command_that_drops_it(tmp_path: Path) -> None:
    written(tmp_path / "plans" / "a.md")
    registrations = registered(tmp_path, tmp_path / "plans")
    (tmp_path / "plans").rename(tmp_path / "gone")
    with pytest.raises(SourceError, match=r'assistant index --remove "') as caught:
        collected(registrations)
    name = str(caught.value).rpartition("--remove ")[2].strip('"')
    assert registrations.unregister(name)
    assert collected(registrations) == []
    assert not registrations.unregister(name)


def test_a_file_that_was_taken_out_may_go(tmp_path: Path) -> None:
    path = written(tmp_path / "a.md")
    registrations = registered(tmp_path, path)
    registrations.remove(collected(registrations), "plan-a")
    path.unlink()
    assert collected(registrations) == []


def test_a_hidden_folder_is_read_where_it_is_named_and_passed_over_where_it_is_not(tmp_path: Path) -> None:
    written(tmp_path / ".plans" / "a.md")
    written(tmp_path / "plans" / ".venv" / "lib" / "site" / "pkg" / "readme.md")
    written(tmp_path / "plans" / ".b.md")
    written(tmp_path / "plans" / "c.md")
    assert ids(registered(tmp_path, tmp_path / ".plans", tmp_path / "plans")) == ["plan-a", "plan-c"]


@pytest.mark.parametrize("manifest", [False, True])
def test_the_file_by_which_word_marks_an_open_document_is_passed_over(tmp_path: Path, manifest: bool) -> None:
    folder = tmp_path / "plans"
    written(folder / "a.md")
    (folder / "~$lationship plan.docx").write_bytes(b"\x05Ann M" + b" " * 156)
    if manifest:
        written(folder / "manifest.toml", '[[source]]\nid = "plan-a"\npaths = ["*.md", "*.docx"]\nrendition = "plan"\n')
    assert ids(registered(tmp_path, folder)) == ["plan-a"]


def test_a_file_that_is_found_twice_is_one_source(tmp_path: Path) -> None:
    path = written(tmp_path / "plans" / "2024" / "a.md")
    (tmp_path / "plans" / "latest.md").symlink_to(path)
    assert ids(registered(tmp_path, path, tmp_path / "plans" / "2024", tmp_path / "plans")) == ["plan-a"]
    written(tmp_path / "plans" / "2024" / "manifest.toml", _STRICT.replace("secret.md", "a.md"))
    assert ids(registered(tmp_path, path, tmp_path / "plans" / "2024", tmp_path / "plans")) == ["plan-secret"]


@pytest.mark.parametrize("name", ["kp.md", "sub/Key plan.md", "Key plan [v2].md", 'The "key" plan.md', "Plan – Ä.md"])
def test_the_lines_for_a_manifest_change_nothing_but_that_it_describes(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "plans"
    written(folder / name, 'Text without a title, on the "key" plan \\ and its locks.\n')
    (before,) = collected(registered(tmp_path, folder))
    written(folder / "manifest.toml", before.manifest_lines())
    (after,) = collected(registered(tmp_path, folder))
    assert (before.described, after.described) == (False, True)
    assert described(after) == described(before)


def test_the_lines_for_a_recognised_standard_change_nothing_either(tmp_path: Path) -> None:
    title = "Guidelines for large organizations seeking collaboration with MSMEs"
    written(tmp_path / "std" / "bought.txt", f"{title}\n\n1 Scope\n\nFor all.\n")
    (before,) = collected(registered(tmp_path, tmp_path / "std"))
    assert before.source_id == "iso-44004"
    written(tmp_path / "std" / "manifest.toml", before.manifest_lines())
    (after,) = collected(registered(tmp_path, tmp_path / "std"))
    assert described(after) == described(before)


def test_terms_that_a_manifest_leaves_out_are_those_of_the_default_licence(tmp_path: Path) -> None:
    folder = tmp_path / "plans"
    written(folder / "a.md")
    (default,) = collected(registered(tmp_path, folder))
    written(folder / "manifest.toml", '[[source]]\nid = "plan-a"\npath = "a.md"\nrendition = "plan"\n[source.licence]\nholder = "Us"\n')  # fmt: skip
    (ours,) = collected(registered(tmp_path, folder))
    assert ours.licence == default.licence.model_copy(update={"holder": "Us"})


def test_a_standard_of_ones_own_is_known_from_the_manifest_of_a_folder(tmp_path: Path) -> None:
    standard = '[[standard]]\nid = "own"\ntitle = "Our guide"\nlabel = "Own 1"\nrecognise = ["our own guide"]\n'
    written(tmp_path / "s" / "manifest.toml", standard + '\n[[source]]\nid = "own"\npath = "o.txt"\n')
    written(tmp_path / "s" / "o.txt", "A guide\n\n1 Scope\n\nFor makers.\n")
    (found,) = collected(registered(tmp_path, tmp_path / "s"))
    assert (found.source_id, found.rendition, found.label, found.kind) == ("own", "licensed", "Own 1", "standard")
    written(tmp_path / "s" / "manifest.toml", standard)
    written(tmp_path / "s" / "o.txt", "Our own guide\n\n1 Scope\n\nFor makers.\n")
    (found,) = collected(registered(tmp_path, tmp_path / "s"))
    assert (found.source_id, found.rendition) == ("own", "licensed")


def test_a_standard_that_is_known_cannot_be_made_another(tmp_path: Path) -> None:
    written(tmp_path / "s" / "manifest.toml", '[[standard]]\nid = "iso-44003"\ntitle = "Mine"\nlabel = "Mine"\n')
    with pytest.raises(ManifestError, match="'iso-44003' is known already"):
        collected(registered(tmp_path, tmp_path / "s"))


@pytest.mark.skipif(os.name != "posix", reason="names are Unicode elsewhere")
def test_a_name_that_is_not_utf_8_is_refused_in_a_line(tmp_path: Path) -> None:
    with open(os.path.join(os.fsencode(tmp_path), b"Pl\xe4n.md"), "wb") as file:
        file.write(_PLAN.encode())
    with pytest.raises(SourceError, match=r"Pl�n\.md: the name is not UTF-8; rename"):
        collected(registered(tmp_path, tmp_path))


def test_a_name_that_is_too_long_is_refused_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="check its name"):
        registered(tmp_path, tmp_path / ("a" * 300))


def test_a_title_from_a_file_name_has_composed_letters(tmp_path: Path) -> None:
    written(tmp_path / "s" / "Schlu\u0308ssel.txt", "Ann keeps the keys of the yard, and Bo those of the shed.\n")
    (found,) = collected(registered(tmp_path, tmp_path / "s"))
    assert found.title == "Schl\u00fcssel"
