"""Every bad input is refused in one line that says what to do next."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from fpdf import FPDF
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from assistant.errors import UnreadableSource
from assistant.sources.reading import READERS, SUFFIXES, read_bytes, read_document


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(UnreadableSource) as caught:
        read_bytes(data, name)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(name)
    return message


def a_pdf(words: str = "We meet every month.") -> bytes:
    pdf = FPDF()
    pdf.add_page()
    if words:
        pdf.set_font("helvetica", size=10)
        pdf.multi_cell(0, 5, words)
    else:
        pdf.rect(20, 20, 100, 100)
    return bytes(pdf.output())


def a_docx(words: str = "We meet every month.") -> bytes:
    word, stream = docx.Document(), io.BytesIO()
    word.add_paragraph(words)
    word.save(stream)
    return stream.getvalue()


def locked_pdf(user: str, owner: str) -> bytes:
    writer, stream = PdfWriter(clone_from=PdfReader(io.BytesIO(a_pdf()))), io.BytesIO()
    writer.encrypt(user, owner, algorithm="AES-256")
    writer.write(stream)
    return stream.getvalue()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match=r"absent\.txt: no such file; check the path"):
        read_document(tmp_path / "absent.txt")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="this is a folder; name a file"):
        read_document(tmp_path)


@pytest.mark.parametrize("name", [f"empty{suffix}" for suffix in sorted(SUFFIXES)])
@pytest.mark.parametrize("data", [b"", b" \r\n\t\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused_in_every_form(name: str, data: bytes) -> None:
    assert "the file is empty" in refusal(data, name)


def test_an_empty_file_on_disk_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    with pytest.raises(UnreadableSource, match="the file is empty"):
        read_document(tmp_path / "empty.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_in_a_common_encoding_is_read(encoding: str) -> None:
    (block,) = read_bytes("Été – “naïve”.".encode(encoding), "a.txt").blocks
    assert block.text == "Été – “naïve”."


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_text_in_no_known_encoding_is_refused(name: str) -> None:
    assert "save it again with the encoding UTF-8" in refusal(b"caf\x81 \x8d\x9d plan", name)
    assert "save it again with the encoding UTF-8" in refusal(b"\xff\xfeo\x00d\xd8x", name)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
@pytest.mark.parametrize(
    "data", [bytes(range(256)), b"\x89PNG\r\n\x1a\n\x00\x00", b"Plan\x00\x01\x02", "Plan".encode("utf-16-le")]
)
def test_binary_data_under_a_text_name_is_refused(name: str, data: bytes) -> None:
    assert "not text" in refusal(data, name)


def test_another_form_under_a_text_name_is_named() -> None:
    assert "a PDF, not text" in refusal(a_pdf(), "a.txt")
    assert "zip archive" in refusal(a_docx(), "a.md")


def test_a_stray_control_character_does_no_harm() -> None:
    assert read_bytes(b"We meet\x0b often.\n\x1a", "a.txt").blocks[0].text == "We meet often."


def test_an_encrypted_pdf_is_refused_and_the_remedy_named() -> None:
    assert "encrypted with a password; save a copy without one" in refusal(locked_pdf("secret", "owner"), "a.pdf")


def test_a_pdf_that_only_forbids_changes_is_read() -> None:
    assert read_bytes(locked_pdf("", "owner"), "a.pdf").blocks[0].text == "We meet every month."


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_truncated_pdf_is_refused(share: float) -> None:
    data = a_pdf()
    assert "cut off" in refusal(data[: int(len(data) * share)], "a.pdf")


def test_a_pdf_without_text_is_called_a_scan() -> None:
    message = refusal(a_pdf(words=""), "a.pdf")
    assert "scan" in message
    assert "text recognition" in message


def test_a_pdf_that_is_none_is_refused() -> None:
    assert "no PDF" in refusal(b"We meet every month.", "a.pdf")
    assert "damaged" in refusal(b"%PDF-1.7\nnothing here\n%%EOF\n", "a.pdf")


def test_a_docx_that_is_no_zip_is_refused() -> None:
    assert "no Word document" in refusal(b"We meet every month.", "a.docx")
    assert "no Word document or is cut off" in refusal(a_docx()[:3000], "a.docx")


def repacked(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """A Word file with its parts changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(made, "w") as out:
        for name in archive.namelist():
            out.writestr(name, change(name, archive.read(name)))
    return made.getvalue()


def test_a_docx_in_the_strict_form_is_told_what_it_is() -> None:
    kinds = (
        b"schemas.openxmlformats.org/officeDocument/2006/relationships",
        b"purl.oclc.org/ooxml/officeDocument/relationships",
    )
    said = refusal(repacked(a_docx(), lambda _, part: part.replace(*kinds)), "a.docx")
    assert "Strict Open XML" in said
    assert "save it again as Word Document" in said


def test_properties_that_another_program_left_cost_the_title_and_nothing_else() -> None:
    kind = b"application/vnd.openxmlformats-package.core-properties+xml"
    data = repacked(a_docx(), lambda _, part: part.replace(kind, b"application/xml"))
    assert [block.text for block in read_bytes(data, "a.docx").blocks] == ["We meet every month."]


def test_a_zip_that_is_no_docx_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("plan.txt", "We meet.")
    assert "damaged" in refusal(stream.getvalue(), "a.docx")


def test_an_old_or_locked_word_file_is_refused() -> None:
    assert "password-protected or in the old .doc form" in refusal(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "a.docx"
    )


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("word/document.xml", "w") as part,
    ):
        for _ in range(450):
            part.write(b"\x20" * 1_000_000)
    assert "unpacks to 450 MB" in refusal(stream.getvalue(), "a.docx")


@pytest.mark.parametrize("name", ["plan.doc", "plan.xlsx", "plan"])
def test_an_unknown_form_is_answered_with_the_known_ones(name: str) -> None:
    message = refusal(b"We meet.", name)
    assert all(suffix in message for suffix in READERS)


def test_a_file_over_the_limit_is_refused_without_reading_it(tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    with large.open("wb") as stream:
        stream.truncate(50_000_000)  # sparse: nothing is written
    with pytest.raises(UnreadableSource, match=r"50\.0 MB is more than the limit of 30 MB; split the file"):
        read_document(large)


def test_the_limit_can_be_set() -> None:
    with pytest.raises(UnreadableSource, match="more than the limit"):
        read_bytes(b"We meet." * 100, "a.txt", max_bytes=500)


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed.txt"
    closed.write_text("We meet.")

    def denied(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(UnreadableSource, match=r"cannot be opened \(Permission denied\); check its permissions"):
        read_document(closed)


def test_a_file_of_nothing_but_hidden_words_is_refused() -> None:
    assert "no readable text" in refusal(b"<p hidden>x</p>", "a.html")
    assert "no readable text" in refusal(b"<!-- x -->", "a.md")


def test_html_nested_without_end_is_refused() -> None:
    assert "nested too deeply" in refusal(b"<div>" * 20_000 + b"x", "a.html")


@pytest.mark.parametrize("name", ["a.docx", "a.pdf"])
def test_errors_of_the_libraries_are_translated_with_their_cause(name: str) -> None:
    data = b"%PDF-1.7\n%%EOF" if name == "a.pdf" else b"no zip"
    with pytest.raises(UnreadableSource) as caught:
        read_bytes(data, name)
    assert caught.value.__cause__ is not None


_PDF, _DOCX = a_pdf("We meet every month. " * 30), a_docx("We meet every month. " * 30)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([("a.pdf", _PDF), ("a.docx", _DOCX)]),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_whatever_is_damaged_the_only_error_is_a_refusal(
    form: tuple[str, bytes], changes: list[tuple[float, int]]
) -> None:
    name, data = form
    damaged = bytearray(data)
    for place, value in changes:
        damaged[int(place * len(damaged))] = value
    message = ""
    try:
        read_bytes(bytes(damaged), name)
    except UnreadableSource as error:
        message = str(error)
    assert "\n" not in message
