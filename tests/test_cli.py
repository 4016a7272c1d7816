"""The command line: each command, and for each bad input one clear line, exit code 2 and the index as it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fpdf import FPDF
from pypdf import PdfReader, PdfWriter

from assistant.cli import run
from assistant.encoders import Vectors
from assistant.index.generation import Generations
from tests.small_corpus import HashingEncoder, SmallProduct

_MAX_UPLOAD = 30_000_000


@dataclass
class Shell:
    """Runs commands over the small corpus and keeps what they wrote."""

    product: SmallProduct
    capsys: pytest.CaptureFixture[str]
    out: str = ""
    err: str = ""

    def __call__(self, *arguments: str | Path) -> int:
        """One command; its exit code."""
        self.capsys.readouterr()
        try:
            code = run([str(a) for a in arguments])
        except SystemExit as left:
            code = int(left.code or 0)
        written = self.capsys.readouterr()
        self.out, self.err = written.out, written.err
        return code

    @property
    def generation(self) -> str:
        """Name of the generation that serves."""
        current = Generations(self.product.settings.data_dir).current()
        return current.name if current else ""


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    encoder = HashingEncoder()
    product = SmallProduct(tmp_path, encoder, source_id="iso-44003")
    monkeypatch.setenv("ASSISTANT_CORPUS_DIR", str(product.corpus))
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(product.settings.data_dir))
    monkeypatch.setattr("assistant.answering.assistant.SentenceEncoder", lambda *_: encoder)
    return Shell(product, capsys)


@pytest.fixture
def ready(shell: Shell) -> Shell:
    """The same with the small corpus indexed."""
    shell.product.build()
    return shell


# ---- commands ----------------------------------------------------------------------------------------------


def test_index_builds_and_then_has_nothing_to_do(shell: Shell) -> None:
    assert shell("index") == 0
    assert shell.out.startswith("index built: 2 sources")
    assert shell("index") == 0
    assert shell.out.startswith("index unchanged")
    assert "0 texts encoded" in shell.out


def test_index_forgets_a_folder_by_its_path_even_where_it_is_gone(ready: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "our plans"
    folder.mkdir()
    (folder / "rules.md").write_text("# Rules\n\n## Who\n\nAnn calls the meeting.\n")
    assert ready("index", "--source", folder) == 0
    (folder / "rules.md").unlink()
    folder.rmdir()
    assert ready("index") == 2
    command = ready.err.strip().rpartition("assistant index ")[2].replace('"', "").split(" ", 1)
    assert ready("index", *command) == 0, ready.err
    assert ready("index", "--remove", folder) == 2


def test_an_index_that_is_stopped_says_that_it_is_as_before(
    ready: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("assistant.answering.assistant.build_index", stop)
    assert ready("index") == 2
    assert ready.err == "assistant: stopped; the index is as it was before\n"


def test_index_registers_a_folder_and_says_under_which_terms(ready: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "plans"
    folder.mkdir()
    (folder / "meeting rules.md").write_text("# Meeting rules\n\n## Who\n\nAnn calls the meeting.\n")
    assert ready("index", "--source", folder) == 0
    assert "plan-meeting-rules: no manifest entry" in ready.err
    assert ready("sources") == 0
    assert "plan-meeting-rules  [plan]" in ready.out
    assert "manifest.toml:" in ready.out
    assert ready("index", "--remove", "plan-meeting-rules") == 0
    assert ready("sources", "--json") == 0
    assert "plan-meeting-rules" not in {row["id"] for row in json.loads(ready.out)}


def test_progress_goes_to_standard_error(shell: Shell) -> None:
    shell("index")
    assert "encoding passages" in shell.err
    assert "encoding" not in shell.out.splitlines()[0].split(":")[0]


def test_a_batch_tells_how_far_it_is_in_plain_lines(ready: Shell, tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text("".join(json.dumps({"id": n, "question": "hello"}) + "\n" for n in range(25)))
    assert ready("ask", "--batch", cases) == 0
    lines = ready.err.splitlines()
    assert lines[-1] == "answering: 25 of 25"
    assert len(lines) == 10


def test_sources_tells_edition_rendition_clauses_and_licence(ready: Shell) -> None:
    assert ready("sources", "--json") == 0
    rows = {(r["id"], r["rendition"]): r for r in json.loads(ready.out)}
    row = rows["iso-44003", "digest"]
    assert {"edition", "clauses", "licence", "licence_state", "licence_line", "title"} <= set(row)
    assert row["clauses"] == 5
    assert row["licence_state"] == "valid"


def test_clauses_is_the_tree_with_everything_that_is_known_of_it(ready: Shell) -> None:
    assert ready("clauses", "--source", "iso-44003", "--json") == 0
    rows = json.loads(ready.out)
    assert [r["id"] for r in rows] == [f"iso-44003:{n}" for n in ("1", "2", "3", "3 a)", "3 b)")]
    assert rows[3]["parent"] == "iso-44003:3"
    promised = {"id", "heading", "parent", "principle", "facet", "stage", "audience", "renditions", "text_held"}
    assert all(promised <= set(r) for r in rows)
    assert ready("clauses") == 0
    assert "  iso-44003:3 a)  Tools" in ready.out.splitlines()
    assert any(line.startswith("plan-sample:") for line in ready.out.splitlines())


def test_ask_prints_numbered_statements_with_their_clauses(ready: Shell) -> None:
    assert ready("ask", "what does clause 2 say") == 0
    assert "The keeper should write down every key. [1]" in ready.out
    assert "<iso-44003:2>" in ready.out
    assert ready.err == ""


def test_ask_as_json_is_one_answer(ready: Shell) -> None:
    assert ready("ask", "what does clause 2 say", "--json") == 0
    answer = json.loads(ready.out)
    assert answer["declined"] is False
    assert {c["id"] for c in answer["citations"]} == {"iso-44003:2"}


@pytest.mark.parametrize("written", ["what does clause 2 say\n", '["what does clause 2 say"]'])
def test_ask_reads_earlier_questions_from_a_file(ready: Shell, tmp_path: Path, written: str) -> None:
    history = tmp_path / "history"
    history.write_text(written)
    assert ready("ask", "and why?", "--history", history, "--json") == 0
    assert json.loads(ready.out)["standalone_question"] == "what does clause 2 say: and why?"


def test_a_batch_keeps_ids_and_order_and_goes_on_after_a_bad_case(ready: Shell, tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    lines = [
        {"id": "a", "question": "what does clause 2 say", "expected": ["never read"]},
        {"id": "b", "question": ""},
        {"id": "c", "question": "and why?", "history": ["what does clause 3 say"]},
        {"id": "d", "question": "what does clause 1 say", "history": "not a list"},
        {"id": 5, "question": "hello"},
    ]
    cases.write_text("\n".join(json.dumps(line) for line in lines) + "\n\n")
    out = tmp_path / "answers.jsonl"
    assert ready("ask", "--batch", cases, "--out", out) == 0
    answers = [json.loads(line) for line in out.read_text().splitlines()]
    assert [a["id"] for a in answers] == ["a", "b", "c", "d", 5]
    assert [sorted(a) == ["error", "id"] for a in answers] == [False, True, False, True, False]
    assert answers[2]["standalone_question"].startswith("what does clause 3 say")
    assert ready("ask", "--batch", cases) == 0
    assert len(ready.out.splitlines()) == len(lines)


class _Fussy(HashingEncoder):
    """Takes half a character no more than a real tokenizer does, and breaks at one word."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        if any("\ud800" <= c <= "\udfff" for t in texts for c in t):
            raise TypeError("TextEncodeInput must be Union[TextInputSequence, ...]")
        if any("spanner" in t for t in texts):
            raise RuntimeError("a spanner\nin the works")
        if any("enough" in t for t in texts):
            raise KeyboardInterrupt
        return super().encode(texts)


@pytest.fixture
def fussy(ready: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """The small corpus behind an encoder that refuses what real ones refuse."""
    monkeypatch.setattr("assistant.answering.assistant.SentenceEncoder", lambda *_: _Fussy())
    return ready


def test_half_a_character_in_a_case_is_replaced_and_the_batch_goes_on(fussy: Shell, tmp_path: Path) -> None:
    cases, out = tmp_path / "cases.jsonl", tmp_path / "answers.jsonl"
    lines = [
        {"id": "a", "question": "What is \ud83d risk?"},
        {"id": "b \ud83d", "question": "what does clause 2 say"},
        {"id": ["\udfff"], "question": ""},
        {"id": "d", "question": "and why?", "history": ["what does \udcff clause 2 say"]},
        {"id": "e", "question": "\ud83d\ude00 what does clause 2 say"},
        {"id": "f", "question": "what does\u2028clause 2 say"},
    ]
    cases.write_text("".join(json.dumps(line, ensure_ascii=line["id"] != "f") + "\r\n" for line in lines), newline="")
    assert fussy("ask", "--batch", cases, "--out", out) == 0
    answers = [json.loads(line) for line in out.read_text().split("\n") if line]
    assert [a["id"] for a in answers] == ["a", "b ?", ["?"], "d", "e", "f"]
    assert [set(a) == {"id", "error"} for a in answers] == [False, False, True, False, False, False]
    assert answers[0]["question"] == "What is ? risk?"
    assert answers[3]["standalone_question"] == "what does ? clause 2 say: and why?"
    assert answers[4]["question"].startswith("\U0001f600")
    assert fussy("ask", "--batch", cases) == 0
    assert len(fussy.out.splitlines()) == len(lines)


def test_whatever_breaks_one_case_leaves_the_others(fussy: Shell, tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    asked = ["what does clause 2 say", "where is the spanner", "what does clause 1 say"]
    cases.write_text("".join(json.dumps({"id": n, "question": q}) + "\n" for n, q in enumerate(asked)))
    assert fussy("ask", "--batch", cases) == 0
    answers = [json.loads(line) for line in fussy.out.splitlines()]
    assert [a["id"] for a in answers] == [0, 1, 2]
    assert [sorted(a) == ["error", "id"] for a in answers] == [False, True, False]
    assert answers[1]["error"].startswith("line 2: failed unexpectedly (RuntimeError: a spanner in the works)")


def test_a_batch_that_is_stopped_stops(fussy: Shell, tmp_path: Path) -> None:
    cases, out = tmp_path / "cases.jsonl", tmp_path / "answers.jsonl"
    asked = ["what does clause 2 say", "is that enough", "what does clause 1 say"]
    cases.write_text("".join(json.dumps({"id": n, "question": q}) + "\n" for n, q in enumerate(asked)))
    assert fussy("ask", "--batch", cases, "--out", out) == 2
    assert "stopped" in _one_line(fussy)
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == [0]


@pytest.mark.skipif("not __import__('os').path.exists('/dev/full')")
def test_a_full_disk_ends_a_batch_in_one_line(ready: Shell, tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text('{"id": 1, "question": "what does clause 2 say"}\n')
    assert ready("ask", "--batch", cases, "--out", "/dev/full") == 2
    assert "/dev/full: cannot be written" in _one_line(ready)


def test_half_a_character_on_the_command_line_or_in_a_history_is_replaced(fussy: Shell, tmp_path: Path) -> None:
    history = tmp_path / "history.json"
    history.write_text(json.dumps(["what does \ud83d clause 2 say"]))
    assert fussy("ask", "what does clause 2 say \udcff", "--json") == 0
    assert json.loads(fussy.out)["question"] == "what does clause 2 say ?"
    assert fussy("ask", "and why \udcff", "--history", history) == 0
    assert fussy("retrieve", "lend \udcff what lies idle") == 0
    assert "iso-44003:3 a)" in fussy.out


def test_verify_reports_half_a_character_instead_of_breaking_on_it(fussy: Shell, tmp_path: Path) -> None:
    assert fussy("ask", "what does clause 2 say", "--json") == 0
    answer = json.loads(fussy.out)
    answer["statements"][0] |= {"text": "Half \ud83d a word.", "citations": ["iso-44003:\ud83d"]}
    (tmp_path / "answer.json").write_text(json.dumps(answer))
    assert fussy("verify", tmp_path / "answer.json") == 1
    assert "there is no iso-44003:?" in fussy.out


def test_retrieve_ranks_clauses(ready: Shell) -> None:
    assert ready("retrieve", "lend what lies idle", "--json", "-k", "3") == 0
    hits = json.loads(ready.out)
    assert [h["rank"] for h in hits] == [1, 2, 3]
    assert hits[0]["id"] == "iso-44003:3 a)"
    assert ready("retrieve", "lend what lies idle") == 0
    assert "iso-44003:3 a)" in ready.out.splitlines()[0]


@pytest.mark.parametrize("number", ["0", "-3", "many"])
def test_retrieve_refuses_a_count_that_is_none(ready: Shell, number: str) -> None:
    assert ready("retrieve", "lend what lies idle", "-k", number) == 2
    assert "must be a whole number of at least 1" in ready.err


def test_verify_checks_a_stored_answer_and_notices_a_changed_clause(ready: Shell, tmp_path: Path) -> None:
    assert ready("ask", "what does clause 2 say", "--json") == 0
    stored = tmp_path / "answer.json"
    stored.write_text(ready.out)
    assert ready("verify", stored) == 0
    digest = ready.product.corpus / "guidance" / "yard.md"
    digest.write_text(digest.read_text().replace("every key", "each key"))
    assert ready("index") == 0
    assert ready("verify", stored) == 1


_REGISTER = "iso-44003:1"


def _cite(answer: dict[str, Any]) -> None:
    for statement in answer["statements"]:
        statement["citations"] = [_REGISTER]


def _uncite(answer: dict[str, Any]) -> None:
    answer["statements"][0]["citations"] = []


def _cite_more(answer: dict[str, Any]) -> None:
    answer["statements"][0]["citations"].append(_REGISTER)


def _list_more(answer: dict[str, Any]) -> None:
    answer["citations"][0] = answer["citations"][0] | {"id": _REGISTER}


def _reword(answer: dict[str, Any]) -> None:
    answer["statements"][0]["text"] = answer["statements"][0]["text"].replace("every", "no")


def _mark(answer: dict[str, Any]) -> None:
    answer["statements"][0]["verbatim"] = not answer["statements"][0]["verbatim"]


def _shift(answer: dict[str, Any]) -> None:
    answer["statements"][0]["evidence"][0]["start"] += 1


def _overrun(answer: dict[str, Any]) -> None:
    answer["statements"][0]["evidence"].append(answer["statements"][0]["evidence"][0] | {"end": 9999})


def _move(answer: dict[str, Any]) -> None:
    answer["statements"][0]["evidence"][0]["citation"] = _REGISTER


def _unfound(answer: dict[str, Any]) -> None:
    answer["statements"][0]["evidence"] = []


def _unhash(answer: dict[str, Any]) -> None:
    answer["receipt"]["clause_sha256"] = {}


def _rehash(answer: dict[str, Any]) -> None:
    answer["receipt"]["clause_sha256"] = dict.fromkeys(answer["receipt"]["clause_sha256"], "0" * 64)


_TAMPERINGS = (
    _cite, _uncite, _cite_more, _list_more, _reword, _mark, _shift, _overrun, _move, _unfound, _unhash, _rehash,
)  # fmt: skip


@pytest.mark.parametrize(
    ("question", "tamper"),
    [("what does clause 2 say", t) for t in _TAMPERINGS]
    + [("what does clause 3 a) say", t) for t in _TAMPERINGS if t not in (_shift, _reword)],
)
def test_verify_notices_an_answer_that_was_tampered_with(
    ready: Shell, tmp_path: Path, question: str, tamper: Callable[[dict[str, Any]], None]
) -> None:
    """A quoted sentence, and an item with its lead-in, which is not quoted letter for letter."""
    assert ready("ask", question, "--json") == 0
    answer = json.loads(ready.out)
    stored = tmp_path / "answer.json"
    stored.write_text(json.dumps(answer))
    assert ready("verify", stored) == 0, ready.out
    tamper(answer)
    stored.write_text(json.dumps(answer))
    assert ready("verify", stored) == 1
    assert "not all stand" in ready.out


def test_help_and_version_are_there(shell: Shell) -> None:
    assert shell("--help") == 0
    for command in ("index", "sources", "clauses", "ask", "retrieve", "chat", "coverage", "workshop", "evals"):
        assert f"    {command}" in shell.out
    assert shell("--version") == 0
    assert shell() == 2
    assert shell("index", "--help") == 0


# ---- wrong use ---------------------------------------------------------------------------------------------


def _one_line(shell: Shell) -> str:
    lines = [line for line in shell.err.splitlines() if line.startswith("assistant: ")]
    assert len(lines) == 1, shell.err
    assert "Traceback" not in shell.err
    return lines[0]


def test_without_an_index_the_next_step_is_named(shell: Shell) -> None:
    for arguments in (("ask", "x"), ("sources",), ("clauses",), ("retrieve", "x")):
        assert shell(*arguments) == 2
        assert "run `assistant index`" in _one_line(shell)
        assert shell.out == ""


@pytest.mark.parametrize("arguments", [("ask",), ("ask", "  "), ("ask", "x", "--principle", "juggling")])
def test_a_question_that_cannot_be_asked_is_refused(ready: Shell, arguments: tuple[str, ...]) -> None:
    assert ready(*arguments) == 2
    _one_line(ready)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("x", "--out", "F"), "--out goes with --batch"),
        (("x", "--batch", "F"), "QUESTION or --batch"),
        (("--batch", "F", "--history", "F"), "--history does not go with --batch"),
    ],
)
def test_options_that_would_have_no_effect_are_refused(
    ready: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("F").write_text('{"id": 1, "question": "what does clause 2 say"}\n')
    before = Path("F").read_text()
    assert ready("ask", *arguments) == 2
    assert said in _one_line(ready)
    assert (ready.out, Path("F").read_text()) == ("", before)


def test_clauses_of_an_unknown_source_are_refused_with_the_sources_there_are(ready: Shell) -> None:
    for form in ((), ("--json",)):
        assert ready("clauses", "--source", "nope", *form) == 2
        assert "iso-44003, plan-sample" in _one_line(ready)


@pytest.mark.parametrize("engine", ["nonsense", "openai:", "no such: engine"])
def test_an_unknown_engine_is_refused(ready: Shell, engine: str) -> None:
    assert ready("ask", "what does clause 2 say", "--engine", engine) == 2
    assert "extractive" in _one_line(ready)


def test_a_batch_that_could_not_answer_anything_is_refused_and_leaves_the_earlier_answers(
    shell: Shell, tmp_path: Path
) -> None:
    cases, out = tmp_path / "cases.jsonl", tmp_path / "answers.jsonl"
    cases.write_text('\ufeff{"id": 1, "question": "what does clause 2 say"}\n', encoding="utf-8")
    out.write_text("earlier answers\n")
    assert shell("ask", "--batch", cases, "--out", out) == 2
    assert "run `assistant index`" in _one_line(shell)
    shell.product.build()
    assert shell("ask", "--batch", cases, "--out", out, "--engine", "nonsense") == 2
    assert out.read_text() == "earlier answers\n"
    assert shell("ask", "--batch", cases, "--out", out) == 0
    assert json.loads(out.read_text())["statements"]


def test_an_unknown_provider_never_ends_in_a_traceback(ready: Shell) -> None:
    code = ready("ask", "what does clause 2 say", "--engine", "nosuchprovider:model", "--json")
    if code == 0:
        assert json.loads(ready.out)["fallback_reason"]
    else:
        assert code == 2
        _one_line(ready)


@pytest.mark.parametrize("name", ["ASSISTANT_PORT", "ASSISTANT_ORGANISATION_SIZE", "ASSISTANT_MAX_UPLOAD_MB"])
def test_a_setting_out_of_range_is_named(ready: Shell, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "-7")
    assert ready("sources") == 2
    assert f"setting {name.removeprefix('ASSISTANT_').lower()}" in _one_line(ready)


@pytest.mark.parametrize("text", [None, "{not json", '["list"]', b"\xff\xfe\xfa"])
def test_a_file_of_cases_that_cannot_be_read_is_named(ready: Shell, tmp_path: Path, text: str | bytes | None) -> None:
    cases = tmp_path / "cases.jsonl"
    if text is not None:
        cases.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert ready("ask", "--batch", cases) == 2
    assert "cases.jsonl" in _one_line(ready)


@pytest.mark.parametrize("text", [None, "[1, 2]", "[", b"\xff\xfe\xfa"])
def test_a_history_that_cannot_be_read_is_named(ready: Shell, tmp_path: Path, text: str | bytes | None) -> None:
    history = tmp_path / "history"
    if text is not None:
        history.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert ready("ask", "x", "--history", history) == 2
    assert "history" in _one_line(ready)


# ---- bad input ---------------------------------------------------------------------------------------------


def _pdf(path: Path) -> None:
    page = FPDF()
    page.add_page()
    page.set_font("helvetica", size=12)
    page.multi_cell(0, 8, "1 Keys\n\nThe keeper writes down every key.")
    page.output(str(path))


def _encrypted_pdf(folder: Path) -> None:
    _pdf(folder / "plain.pdf")
    writer = PdfWriter(clone_from=PdfReader(folder / "plain.pdf"))
    writer.encrypt("secret", algorithm="RC4-128")
    with (folder / "plan.pdf").open("wb") as file:
        writer.write(file)
    (folder / "plain.pdf").unlink()


def _truncated_pdf(folder: Path) -> None:
    _pdf(folder / "plan.pdf")
    data = (folder / "plan.pdf").read_bytes()
    (folder / "plan.pdf").write_bytes(data[: len(data) // 3])


def _large(folder: Path) -> None:
    with (folder / "plan.txt").open("wb") as file:
        file.truncate(50_000_000)


def _same_ids(folder: Path) -> None:
    for name in ("a.md", "b.md"):
        (folder / name).write_text("# Plan\n\n## Keys\n\nAnn keeps them.\n")
    entry = '[[source]]\nid = "plan-twice"\npath = "{}"\nrendition = "plan"\n'
    (folder / "manifest.toml").write_text(entry.format("a.md") + entry.format("b.md"))


def _guide_without_headings(folder: Path) -> None:
    (folder / "guide.txt").write_text("A guide to sharing a yard\n\nIn one breath and without any heading at all.")


def _bytes(name: str, data: bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / name).write_bytes(data)

    return write


_BAD: dict[str, Callable[[Path], None]] = {
    "an empty file": _bytes("plan.txt", b""),
    "a blank file": _bytes("plan.md", b" \n\n\t\n"),
    "the wrong encoding": _bytes("plan.txt", "Sch\u0081\u009dn".encode("latin-1") + b" plan\x8d\x9d"),
    "half of UTF-16": _bytes("plan.txt", b"\xff\xfeA\x00B"),
    "binary under .txt": _bytes("plan.txt", bytes(range(256)) * 20),
    "a picture under .txt": _bytes("plan.txt", b"\x89PNG\r\n\x1a\n" + bytes(200)),
    "an encrypted PDF": _encrypted_pdf,
    "a truncated PDF": _truncated_pdf,
    "a PDF that is none": _bytes("plan.pdf", b"not a PDF at all"),
    "a DOCX that is no zip": _bytes("plan.docx", b"this is no zip archive"),
    "50 MB": _large,
    "two sources of one id": _same_ids,
    "a standard without any heading": _guide_without_headings,
    "a manifest that is no TOML": _bytes("manifest.toml", b"[[source]\n"),
    "a manifest with an unknown key": _bytes("manifest.toml", b'[[source]]\nid = "plan-x"\ncolour = "red"\n'),
    "a manifest that names no file": _bytes("manifest.toml", b'[[source]]\nid = "plan-x"\npath = "no.md"\nrendition = "plan"\n'),
}  # fmt: skip


@pytest.mark.parametrize("what", _BAD)
def test_bad_input_gives_one_line_and_leaves_the_index_as_it_was(ready: Shell, tmp_path: Path, what: str) -> None:
    before = ready.generation
    folder = tmp_path / "bad"
    folder.mkdir()
    _BAD[what](folder)
    assert ready("index", "--source", folder) == 2
    line = _one_line(ready)
    assert str(folder) in line or "plan-twice" in line, line
    assert ready.generation == before
    assert ready("index") == 0
    assert ready.out.startswith("index unchanged")


def test_a_missing_file_is_named(ready: Shell, tmp_path: Path) -> None:
    before = ready.generation
    assert ready("index", "--source", tmp_path / "nowhere.docx") == 2
    assert "nowhere.docx" in _one_line(ready)
    assert ready.generation == before


def test_a_plan_without_any_heading_is_taken_in_as_one_section(ready: Shell, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("we meet every month and share what we learn, and ann keeps the key.")
    assert ready("index", "--source", tmp_path / "notes.txt") == 0
    assert ready("clauses", "--source", "plan-notes", "--json") == 0
    assert len(json.loads(ready.out)) == 1


def test_a_folder_that_vanished_later_is_named_and_can_be_dropped(ready: Shell, tmp_path: Path) -> None:
    """A share that is not mounted must not silently take its plans out of the answers."""
    folder = tmp_path / "plans"
    folder.mkdir()
    (folder / "keys.md").write_text("# Keys\n\n## Who\n\nAnn keeps them.\n")
    assert ready("index", "--source", folder) == 0
    (folder / "keys.md").unlink()
    folder.rmdir()
    assert ready("index") == 2
    assert str(folder) in _one_line(ready)
    assert ready("index", "--remove", folder) == 0
    assert ready("index") == 0
    assert ready("sources", "--json") == 0
    assert "plan-keys" not in ready.out


def test_a_data_folder_that_cannot_be_written_is_refused(ready: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        assert ready("index", "--data-dir", place) == 2
        assert "--data-dir" in _one_line(ready)


def test_answers_that_cannot_be_written_are_refused_before_any_work(ready: Shell, tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text('{"id": 1, "question": "what does clause 2 say"}\n')
    assert ready("ask", "--batch", tmp_path / "cases.jsonl", "--out", tmp_path / "none" / "answers.jsonl") == 2
    _one_line(ready)


def test_while_another_process_writes_the_second_is_told_and_readers_go_on(ready: Shell) -> None:
    with Generations(ready.product.settings.data_dir).writer():
        assert ready("index") == 2
        assert "another process" in _one_line(ready)
        assert ready("ask", "what does clause 2 say") == 0
