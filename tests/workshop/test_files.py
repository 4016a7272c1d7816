"""The files of a pack: complete, cited, never too full, and kind to people's edits."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Inches

from assistant.clauses.builder import SourceText
from assistant.errors import CheckFailed, WorkshopError
from assistant.workshop.deck import Paragraph, Slide
from assistant.workshop.edits import CHOICES_FILE, Choices, arrange, read_choices, write_choices
from assistant.workshop.fitting import height
from assistant.workshop.pack import WorkshopRequest
from assistant.workshop.paging import paginate, runs_of
from assistant.workshop.template import open_template
from tests.workshop.conftest import RISK, Build

LONG = WorkshopRequest(
    (("principle", "exit-strategy"), ("stage", "exit-strategy")), "both", 240, "practice", with_plans=True
)


def test_a_pack_has_every_file_and_each_names_its_sources(build: Build, tmp_path: Path) -> None:
    report = build(LONG)
    out = tmp_path / "pack"
    assert {p.name for p in out.iterdir()} == {
        "slides.pptx", "facilitator-guide.docx", "participant-handout.docx", "self-assessment.xlsx", "pack.md",
        "report.json", "report.md", "pack.toml",
    }  # fmt: skip
    for reference in report.pack.references:
        assert reference.label in (out / "pack.md").read_text(encoding="utf-8")
        assert reference.licence
    values = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert values["claims_checked"] == report.pack.checked > 20
    assert values["citations"] == sorted(report.pack.labels)


def test_every_slide_that_states_guidance_names_its_clauses_in_the_footer(build: Build, tmp_path: Path) -> None:
    build()
    deck = Presentation(str(tmp_path / "pack" / "slides.pptx"))
    numbered = 0
    for slide in deck.slides:
        small = [
            r.text
            for s in slide.shapes
            if s.has_text_frame
            for p in s.text_frame.paragraphs
            for r in p.runs
            if r.font._element.get("baseline")
        ]
        if not small:
            continue
        numbered += 1
        (footer,) = [s.text_frame.text for s in slide.shapes if s.name == "Sources"]
        for number in {n for words in small for n in re.findall(r"\d+", words)}:
            assert re.search(rf"(?:^|· ){number} ISO ", footer)
        assert "Sources:" in slide.notes_slide.notes_text_frame.text
    assert numbered >= 4


def test_slides_hold_native_text_and_tables_and_no_empty_places(build: Build, tmp_path: Path) -> None:
    build(LONG)
    deck = Presentation(str(tmp_path / "pack" / "slides.pptx"))
    assert any(s.has_table for slide in deck.slides for s in slide.shapes)
    assert not any(s.shape_type == 13 for slide in deck.slides for s in slide.shapes)
    assert all(p.text_frame.text.strip() for slide in deck.slides for p in slide.placeholders if p.has_text_frame)
    assert all(slide.shapes.title is not None and slide.shapes.title.text_frame.text for slide in deck.slides)


words = st.text(alphabet="abcdefghi klmnop", min_size=1, max_size=400).map(lambda t: " ".join(t.split()) or "word")


@given(st.lists(words, min_size=1, max_size=25))
@settings(max_examples=60, deadline=None)
def test_no_page_is_ever_fuller_than_its_box(texts: list[str]) -> None:
    slide = Slide("x", "Title", body=tuple(Paragraph(t, ("iso-44003:5.1",)) for t in texts))
    pages = paginate(slide, 870, 360)
    for page in pages:
        assert height(runs_of(page.slide.body), 870, page.size) <= 360
    assert [w for p in pages for b in p.slide.body for w in b.text.split()] == [w for t in texts for w in t.split()]


@given(st.lists(words, min_size=1, max_size=25))
@settings(max_examples=40, deadline=None)
def test_a_long_table_goes_on_over_further_slides_with_its_head(texts: list[str]) -> None:
    rows = ((Paragraph("A"), Paragraph("B")), *((Paragraph("1"), Paragraph(t[:200])) for t in texts))
    pages = paginate(Slide("x", "Title", "table", rows=rows, widths=(0.2, 0.8)), 870, 360)
    assert all(sum(p.row_heights) <= 360 for p in pages)
    assert all(p.slide.rows[0] == rows[0] for p in pages)
    assert sum(len(p.slide.rows) - 1 for p in pages) == len(texts)
    assert len({p.slide.id for p in pages}) == len(pages)


@pytest.mark.skipif(not (shutil.which("soffice") and shutil.which("pdftoppm")), reason="needs LibreOffice")
@pytest.mark.parametrize("request_", [RISK, LONG])
def test_rendered_slides_keep_text_inside_the_page_and_above_the_footer(
    build: Build, tmp_path: Path, request_: WorkshopRequest
) -> None:
    report = build(request_)
    pdf = _render(tmp_path / "pack" / "slides.pptx", tmp_path)
    with pdfplumber.open(pdf) as pages:
        assert len(pages.pages) == len(report.pages)
        for page in pages.pages[1:]:
            found = page.extract_words(extra_attrs=["size"])
            footer = [w for w in found if w["size"] <= 11.1 and w["top"] > page.height * 0.9]
            body = [w for w in found if w not in footer]
            limit = min((w["top"] for w in footer), default=page.height)
            assert max(w["bottom"] for w in body) <= limit + 1
            assert min(w["x0"] for w in found) >= 20
            assert max(w["x1"] for w in found) <= page.width - 20
            assert not _overlaps(body)


def _overlaps(found: list[dict[str, float]]) -> list[tuple[object, object]]:
    """Pairs of words that stand on top of each other."""
    return [
        (a["text"], b["text"])
        for i, a in enumerate(found)
        for b in found[i + 1 :]
        if min(a["x1"], b["x1"]) - max(a["x0"], b["x0"]) > 2
        and min(a["bottom"], b["bottom"]) - max(a["top"], b["top"]) > 4
    ]


def _render(path: Path, folder: Path) -> Path:
    profile = f"-env:UserInstallation=file://{folder}/office"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(path)],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    return folder / f"{path.stem}.pdf"


@pytest.mark.parametrize("name", ["facilitator-guide.docx", "participant-handout.docx"])
def test_documents_have_headings_a_filled_contents_list_and_page_numbers(
    build: Build, tmp_path: Path, name: str
) -> None:
    build()
    document = Document(str(tmp_path / "pack" / name))
    headings = [p.text for p in document.paragraphs if p.style.name in ("Heading 1", "Heading 2")]
    xml = document.element.xml
    assert "TOC \\o" in xml
    linked = ["".join(t.text or "" for t in h.iter(qn("w:t"))) for h in document.element.iter(qn("w:hyperlink"))]
    assert linked == headings
    assert " PAGE " in document.sections[0].footer._element.xml


def test_the_handout_gives_no_answers_away(build: Build, tmp_path: Path) -> None:
    report = build()
    text = "\n".join(p.text for p in Document(str(tmp_path / "pack" / "participant-handout.docx")).paragraphs)
    assert not any(a.text in text for e in report.pack.chapters[0].exercises for a in e.answer)
    assert not any(q.reason.text in text for q in report.pack.chapters[0].questions)
    assert all(q.question.text in text for q in report.pack.chapters[0].questions)


def test_the_workbook_has_a_sheet_a_topic_with_a_mean_and_takes_whole_ratings_only(
    build: Build, tmp_path: Path
) -> None:
    report = build(LONG)
    book = load_workbook(tmp_path / "pack" / "self-assessment.xlsx")
    assert len(book.sheetnames) == 3
    sheet = book[book.sheetnames[0]]
    assert sheet["C3"].value.startswith("=IF(COUNT(")
    assert sheet.data_validations.dataValidation[0].type == "whole"
    assert [sheet.cell(r, 1).value for r in range(5, 5 + len(report.pack.chapters[0].ratings))] == [
        r.text for r in report.pack.chapters[0].ratings
    ]


def test_plan_sentences_stand_in_the_plan_word_for_word_and_are_cited(build: Build, texts: list[SourceText]) -> None:
    report = build(replace(RISK, with_plans=True))
    clauses = {c.citation_id: c for t in texts for c in t.clauses}
    lines = report.pack.chapters[0].plan_lines
    assert all(line.text in clauses[line.citations[0]].text and line.citations[0].startswith("plan-") for line in lines)
    assert sum(a.minutes for a in report.pack.agenda) == 60


# ---- templates ------------------------------------------------------------------------------------------------


def _organisations_template(path: Path, kind: str = "template") -> Path:
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(10), Inches(5.625)
    for layout in deck.slide_layouts:
        for holder in layout.placeholders:
            box = (holder.left, int(holder.top * 0.75), holder.width, int(holder.height * 0.75))
            holder.left, holder.top, holder.width, holder.height = box
    deck.slides.add_slide(deck.slide_layouts[0]).shapes.title.text_frame.text = "Left over from somebody"
    data = BytesIO()
    deck.save(data)
    with zipfile.ZipFile(data) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "[Content_Types].xml":
                content = content.replace(
                    b"presentationml.presentation.main+xml", f"presentationml.{kind}.main+xml".encode()
                )
            target.writestr(name, content)
    return path


@pytest.mark.parametrize(("name", "kind"), [("ours.potx", "template"), ("ours.pptx", "presentation")])
def test_the_organisations_template_is_taken_without_its_slides(
    build: Build, tmp_path: Path, name: str, kind: str
) -> None:
    template = _organisations_template(tmp_path / name, kind)
    report = build(replace(RISK, template=template))
    deck = Presentation(str(tmp_path / "pack" / "slides.pptx"))
    assert len(deck.slides) == len(report.pages)
    assert deck.slide_width == Inches(10)
    assert not any("Left over" in s.text_frame.text for slide in deck.slides for s in slide.shapes if s.has_text_frame)
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.top + shape.height <= deck.slide_height
            assert shape.left + shape.width <= deck.slide_width


def test_a_file_that_is_no_template_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.potx"
    path.write_text("no")
    with pytest.raises(WorkshopError, match=r"notes\.potx"):
        open_template(path)


def test_the_agenda_has_examples_only_where_plans_give_one(build: Build) -> None:
    request = WorkshopRequest((("principle", "risk-management"), ("stage", "knowledge")), "both", 120, with_plans=True)
    report = build(request)
    assert [bool(c.plan_lines) for c in report.pack.chapters] == [True, False]
    for chapter in report.pack.chapters:
        promised = any(a.unit_id == chapter.unit_id and "our plans" in a.title for a in report.pack.agenda)
        assert promised == bool(chapter.plan_lines)
    assert sum(a.minutes for a in report.pack.agenda) == 120
    assert any("Knowledge: no worked example" in n for n in report.pack.notices)


# ---- edits ----------------------------------------------------------------------------------------------------


def test_wording_hiding_and_order_survive_a_rebuild(build: Build, tmp_path: Path) -> None:
    first = build()
    ids = [s.id for s in first.slides]
    line = first.pack.chapters[0].points["how"][0]
    write_choices(
        tmp_path / "pack" / CHOICES_FILE,
        Choices(
            hidden=(ids[1],),
            order=(ids[3], ids[2]),
            text={line.id: "Owners should look at the risks first.", "gone": "x"},
        ),
    )
    for _ in range(2):
        report = build()
        shown = [s.id for s in report.slides]
        assert ids[1] not in shown
        assert shown.index(ids[3]) < shown.index(ids[2])
        assert "Owners should look at the risks first." in (tmp_path / "pack" / "pack.md").read_text(encoding="utf-8")
        assert report.edited == (line.id,)
        assert report.lost == ("gone",)


def test_an_edit_that_changes_a_provision_fails_the_rebuild_and_leaves_the_pack_as_it_was(
    build: Build, tmp_path: Path
) -> None:
    line = build().pack.chapters[0].points["how"][0]
    before = (tmp_path / "pack" / "pack.md").read_bytes()
    write_choices(tmp_path / "pack" / CHOICES_FILE, Choices(text={line.id: line.text.replace("should", "must")}))
    with pytest.raises(CheckFailed, match=re.escape(line.id)):
        build()
    assert (tmp_path / "pack" / "pack.md").read_bytes() == before


def test_what_was_hidden_moved_or_reworded_in_powerpoint_is_read_back(build: Build, tmp_path: Path) -> None:
    first = build()
    path = tmp_path / "pack" / "slides.pptx"
    deck = Presentation(str(path))
    slides = {s._element.find(qn("p:cSld")).get("name"): s for s in deck.slides}
    how = "principle/risk-management/how"
    holder = next(p for p in slides[how].placeholders if p.placeholder_format.idx != 0)
    holder.text_frame.paragraphs[0].runs[0].text = "Owners should assess this partnership's risks early."
    slides["closing"]._element.set("show", "0")
    order = deck.slides._sldIdLst
    order.insert(1, order[-1])
    deck.save(str(path))
    report = build()
    assert "closing" in report.hidden
    assert [s.id for s in report.slides][1] == first.slides[-1].id
    assert report.pack.chapters[0].points["how"][0].text == "Owners should assess this partnership's risks early."
    assert report.kept["slides.pptx"] == "slides (your version 1).pptx"
    assert read_choices(tmp_path / "pack").hidden == ("closing",)
    assert build().kept == {}


def _edit(pack: Path, page: str, change: Callable[[Any], None]) -> None:
    """Change a slide of the pack's deck as somebody would in PowerPoint."""
    deck = Presentation(str(pack / "slides.pptx"))
    change(next(s for s in deck.slides if s._element.find(qn("p:cSld")).get("name") == page))
    deck.save(str(pack / "slides.pptx"))


def _body(slide: Any) -> Any:
    return next(p for p in slide.placeholders if p.placeholder_format.idx != 0).text_frame


HOW = "principle/risk-management/how"


@pytest.mark.parametrize("change", ["deleted", "swapped"])
def test_a_bullet_that_was_deleted_or_moved_gives_its_words_to_no_other_sentence(
    build: Build, tmp_path: Path, change: str
) -> None:
    before = build().pack.chapters[0].points

    def edit(slide: Any) -> None:
        bullets = _body(slide).paragraphs
        if change == "deleted":
            bullets[1]._p.getparent().remove(bullets[1]._p)
        else:
            bullets[0]._p.addprevious(bullets[1]._p)

    _edit(tmp_path / "pack", HOW, edit)
    report = build()
    assert read_choices(tmp_path / "pack").text == {}
    assert report.pack.chapters[0].points == before
    assert any(n.startswith(f"{HOW}: what was added, deleted or moved") for n in report.pack.notices)
    assert report.kept == {"slides.pptx": "slides (your version 1).pptx"}


def test_cases_and_tables_reworded_in_powerpoint_are_read_back(build: Build, tmp_path: Path) -> None:
    chapter = build().pack.chapters[0]
    case, rating = chapter.exercises[0], chapter.ratings[0]

    def situation(slide: Any) -> None:
        box = next(s for s in slide.shapes if s.name == "Situation")
        box.text_frame.paragraphs[0].runs[0].text = "Two firms share a yard."

    def statement(slide: Any) -> None:
        table = next(s for s in slide.shapes if s.has_table).table
        table.cell(1, 0).text_frame.paragraphs[0].runs[0].text = "We look at risks together."

    _edit(tmp_path / "pack", case.id, situation)
    _edit(tmp_path / "pack", "principle/risk-management/ratings", statement)
    report = build()
    assert read_choices(tmp_path / "pack").text == {
        case.situation.id: "Two firms share a yard.",
        rating.id: "We look at risks together.",
    }
    text = (tmp_path / "pack" / "pack.md").read_text(encoding="utf-8")
    assert "Two firms share a yard." in text
    assert "We look at risks together." in text
    assert not any("not kept" in n for n in report.pack.notices)


def test_a_line_break_within_a_sentence_is_a_space(build: Build, tmp_path: Path) -> None:
    line = build().pack.chapters[0].points["how"][0]
    first, rest = line.text.split(" ", 1)

    def edit(slide: Any) -> None:
        run = _body(slide).paragraphs[0].runs[0]
        second = deepcopy(run._r)
        second.find(qn("a:t")).text, run.text = rest, first
        run._r.addnext(second)
        run._r.addnext(run._r.makeelement(qn("a:br"), {}))

    _edit(tmp_path / "pack", HOW, edit)
    build()
    assert read_choices(tmp_path / "pack").text == {}


def test_a_deck_whose_slides_lost_their_names_hides_nothing(build: Build, tmp_path: Path) -> None:
    """LibreOffice writes no names of slides."""
    first = build()
    path = tmp_path / "pack" / "slides.pptx"
    deck = Presentation(str(path))
    for slide in deck.slides:
        slide._element.find(qn("p:cSld")).attrib.pop("name")
    deck.save(str(path))
    report = build()
    assert [s.id for s in report.slides] == [s.id for s in first.slides]
    assert read_choices(tmp_path / "pack").hidden == ()
    assert any("drops the names of slides" in n for n in report.pack.notices)


def test_one_part_of_a_continued_slide_hides_nothing(build: Build, tmp_path: Path) -> None:
    request = replace(RISK, minutes=240, level="practice", audience="both")
    parts = [p.id for p in build(request).pages if p.id.endswith("~2")]
    assert parts
    _edit(tmp_path / "pack", parts[0], lambda slide: slide._element.set("show", "0"))
    report = build(request)
    assert report.hidden == ()
    assert any("a part of a continued slide" in n for n in report.pack.notices)


def test_a_document_changed_by_hand_is_kept_under_another_name(build: Build, tmp_path: Path) -> None:
    build()
    path = tmp_path / "pack" / "participant-handout.docx"
    document = Document(str(path))
    document.add_paragraph("My own line")
    document.save(str(path))
    report = build()
    assert report.kept == {"participant-handout.docx": "participant-handout (your version 1).docx"}
    kept = Document(str(tmp_path / "pack" / "participant-handout (your version 1).docx"))
    assert kept.paragraphs[-1].text == "My own line"


def test_a_choices_file_that_does_not_parse_is_named(build: Build, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / CHOICES_FILE).write_text("hidden = [")
    with pytest.raises(WorkshopError, match=r"pack\.toml"):
        build()


def test_cancelling_leaves_nothing_behind(build: Build, tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stop(what: str, done: int, total: int) -> None:
        if what == "writing files" and done == 3:
            raise Stop

    with pytest.raises(Stop):
        build(progress=stop)
    assert list((tmp_path / "pack").iterdir()) == []


def test_a_second_build_of_the_same_pack_is_the_same_to_a_reader(build: Build, tmp_path: Path) -> None:
    build()
    before = (tmp_path / "pack" / "pack.md").read_bytes()
    assert build().kept == {}
    assert (tmp_path / "pack" / "pack.md").read_bytes() == before


@given(st.lists(st.sampled_from("abcdefg"), unique=True), st.lists(st.sampled_from("abcdefgx"), unique=True))
def test_arranging_loses_no_slide(order: list[str], hidden: list[str]) -> None:
    slides = [Slide(i, i) for i in "abcdefg"]
    shown, lost = arrange(slides, Choices(hidden=tuple(hidden), order=tuple(order)))
    assert {s.id for s in shown} == set("abcdefg") - set(hidden)
    assert [s.id for s in shown if s.id in order] == [i for i in order if i not in hidden]
    assert set(lost) == {"x"} & set(hidden)
