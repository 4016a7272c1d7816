"""What a pack may say, and when it must not be built."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assistant.answering.licensing import QuoteLedger
from assistant.clauses.builder import SourceText
from assistant.errors import CheckFailed, CorpusError, WorkshopError
from assistant.sources.licence import Licence
from assistant.workshop.checking import Checker
from assistant.workshop.edits import CHOICES_FILE, Choices, write_choices
from assistant.workshop.pack import WorkshopRequest, chapter_lines
from assistant.workshop.planning import plan_pack
from assistant.workshop.provisions import strange_figures, strength_change
from assistant.workshop.stock import TeachingStock
from tests.workshop.conftest import Build
from tests.workshop.scripted import CORPUS, ScriptedVerifier, as_licensed, scripted_assistant

POINT = (
    'key = "risk-management"\nkind = "principle"\n'
    '[[point]]\nid = "{id}"\naudience = "msme"\nfacet = "what"\ntext = """{text}"""\ncitations = ["{citation}"]\n'
)
FIRST = "point-3ae27b"


@pytest.fixture
def overlay(tmp_path: Path) -> Callable[..., Path]:
    """An overlay whose first point has these words."""

    def write(text: str, citation: str = "iso-44003:5.10.1") -> Path:
        folder = tmp_path / "overlay" / "teaching" / "principles"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "risk-management.toml").write_text(
            POINT.format(id=FIRST, text=text, citation=citation), encoding="utf-8"
        )
        return tmp_path / "overlay"

    return write


def test_a_citation_that_does_not_resolve_fails_the_build_and_is_named(
    build: Build, overlay: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(CheckFailed, match=r"iso-44003:5\.99\.1"):
        build(overlay=overlay("Handling risk matters.", "iso-44003:5.99.1"))
    assert not (tmp_path / "pack").exists()


@pytest.mark.parametrize(
    ("text", "citation"),
    [
        ("The joint management team must keep one risk register.", "iso-44003:5.10.3.3"),
        ("The joint management team shall keep one risk register.", "iso-44003:5.10.3.3"),
        ("Review the register every 6 weeks.", "iso-44003:5.10.3.4"),
        ("At least 80 per cent of risks should have an owner.", "iso-44003:5.10.3.3"),
    ],
)
def test_a_changed_strength_or_figure_fails_the_build_even_where_the_verifier_is_content(
    build: Build, overlay: Callable[..., Path], text: str, citation: str
) -> None:
    with pytest.raises(CheckFailed, match="strength or figure"):
        build(overlay=overlay(text, citation))


def test_an_unsupported_claim_gives_way_to_the_digests_sentence_and_is_listed(
    build: Build, overlay: Callable[..., Path], tmp_path: Path
) -> None:
    report = build(overlay=overlay("Moonlight improves handling of risk."), refuses=("Moonlight",))
    (replaced,) = report.pack.replacements
    assert replaced.was == "Moonlight improves handling of risk."
    assert replaced.citations == ("iso-44003:5.10.1",)
    assert replaced.now in [line.text for line in chapter_lines(report.pack.chapters[0])]
    assert "Moonlight" not in (tmp_path / "pack" / "pack.md").read_text(encoding="utf-8")
    assert "Moonlight" in (tmp_path / "pack" / "report.md").read_text(encoding="utf-8")


def test_licensed_words_beyond_the_export_budget_fail_the_build(
    build: Build, overlay: Callable[..., Path], texts: list[SourceText]
) -> None:
    digest = next(t for t in texts if t.source.source_id == "iso-44003")
    words = next(c for c in digest.clauses if c.citation_id == "iso-44003:5.10.2").text.split("\n")[0]
    others = [t for t in texts if t is not digest]
    closed = as_licensed(digest, Licence(export=False))
    with pytest.raises(CheckFailed, match="licence"):
        build(held=[closed, *texts], overlay=overlay(words, "iso-44003:5.10.2"))
    opened = as_licensed(digest, Licence(export=True, quote_words_per_export=5000))
    assert build(held=[opened, digest, *others], overlay=overlay(words, "iso-44003:5.10.2")).pages


@pytest.mark.parametrize(
    ("licence", "rendition"),
    [
        (Licence(export=False), "digest"),
        (Licence(export=True, quote_words_per_export=0), "digest"),
        (Licence(export=True, quote_words_per_export=5000, valid_until=date(2020, 1, 1)), "digest"),
        (Licence(export=True, quote_words_per_export=5000), "licensed"),
    ],
)
def test_the_sources_words_are_the_licensed_ones_only_where_they_may_leave(
    build: Build, texts: list[SourceText], licence: Licence, rendition: str
) -> None:
    digest = next(t for t in texts if t.source.source_id == "iso-44003")
    marked = as_licensed(digest, licence)
    upper = tuple(_upper(c) for c in marked.clauses)
    held = [t for t in texts if t is not digest] + [digest, SourceText(marked.source, upper, marked.sha256)]
    lines = [line.text for line in build(held=held).pack.chapters[0].source_lines]
    assert lines
    assert all(line.isupper() == (rendition == "licensed") for line in lines)


def test_a_sentence_that_is_out_of_date_is_not_among_the_sources_words(build: Build, texts: list[SourceText]) -> None:
    digest = next(t for t in texts if t.source.source_id == "iso-44003")
    others = [t for t in texts if t is not digest]
    lines = build(held=texts).pack.chapters[0].source_lines
    said = next(line.text for line in lines if line.citations[0].startswith("iso-44003:"))
    old = SourceText(replace(digest.source, outdated=(re.escape(said),)), digest.clauses, digest.sha256)
    after = [line.text for line in build(held=[old, *others]).pack.chapters[0].source_lines]
    assert after
    assert said not in after


def _upper(clause: object) -> object:
    return replace(clause, text=clause.text.upper())  # type: ignore[attr-defined, type-var]


def test_words_of_the_digest_are_not_called_the_standards(
    build: Build, texts: list[SourceText], tmp_path: Path
) -> None:
    build()
    text = (tmp_path / "pack" / "pack.md").read_text(encoding="utf-8")
    assert "In the digest's words" in text
    assert "standards' own words" not in text
    digest = next(t for t in texts if t.source.source_id == "iso-44003")
    shut = build(held=[as_licensed(digest, Licence(export=False)), *texts])
    assert not any("quote limit" in n for n in shut.pack.notices)
    old = build(held=[as_licensed(digest, Licence(export=True, valid_until=date(2020, 1, 1))), *texts])
    assert any("has expired" in n for n in old.pack.notices)


def test_the_report_tells_no_licensed_words_that_may_not_leave(
    build: Build, overlay: Callable[..., Path], texts: list[SourceText], tmp_path: Path
) -> None:
    digest = next(t for t in texts if t.source.source_id == "iso-44003")
    words = next(c for c in digest.clauses if c.citation_id == "iso-44003:5.10.2").text.split("\n")[0]
    others = [t for t in texts if t is not digest]

    def but(text: SourceText, *, backwards: bool) -> SourceText:
        """5.10.2 backwards, or all the rest: two texts that share no sentence."""
        clauses = [
            replace(c, text=c.text[::-1]) if (c.citation_id == "iso-44003:5.10.2") == backwards else c
            for c in text.clauses
        ]
        return replace(text, clauses=tuple(clauses))

    shut = but(as_licensed(digest, Licence(export=False)), backwards=False)
    apart = but(digest, backwards=True)
    report = build(held=[shut, apart, *others], overlay=overlay(words, "iso-44003:5.10.3.3"), refuses=(words,))
    assert len(report.pack.replacements) == 1
    for name in ("report.md", "report.json", "pack.md"):
        assert words not in (tmp_path / "pack" / name).read_text(encoding="utf-8")


def test_a_model_sees_neither_licensed_words_nor_the_trainers_wording(
    build: Build, overlay: Callable[..., Path], texts: list[SourceText], tmp_path: Path
) -> None:
    digest = next(t for t in texts if t.source.source_id == "iso-44003")
    words = next(c for c in digest.clauses if c.citation_id == "iso-44003:5.10.2").text.split("\n")[0]
    opened = as_licensed(digest, Licence(export=True, quote_words_per_export=5000, model_use="none"))
    seen: list[str] = []

    def rewrite(text: str, citations: Sequence[str]) -> str:
        seen.append(text)
        return f"In short: {text}"

    line = build().pack.chapters[0].points["how"][0]
    mine = "Owners should look at the risks first."
    write_choices(tmp_path / "pack" / CHOICES_FILE, Choices(text={line.id: mine}))
    report = build(held=[opened, *texts], overlay=overlay(words, "iso-44003:5.10.2"), rewrite=rewrite)
    assert seen
    assert words not in seen
    assert mine not in seen
    assert mine in [p.text for p in report.pack.chapters[0].points["how"]]


@pytest.mark.parametrize(
    ("right", "why", "place"),
    [
        ("Insure every risk for 5 million euro.", "It is not said.", "right"),
        ("Look at risks early.", "They must pay 30 per cent.", "wrong-1"),
    ],
)
def test_a_right_option_or_a_reason_against_a_wrong_one_may_change_no_provision(
    build: Build, tmp_path: Path, right: str, why: str, place: str
) -> None:
    folder = tmp_path / "overlay" / "teaching" / "principles"
    folder.mkdir(parents=True)
    wrong = "".join(
        f'[[quiz.distractor]]\ntext = "Wrong {n}"\nwhy_wrong = "{why}"\ncitations = ["iso-44003:5.10.2"]\n'
        for n in range(3)
    )
    (folder / "risk-management.toml").write_text(
        f'key = "risk-management"\nkind = "principle"\n[[quiz]]\nid = "aaa"\naudience = "msme"\nlevel = "introduction"\n'
        f'question = "What is right?"\nright = "{right}"\nreason = "Risks should be looked at."\n'
        f'citations = ["iso-44003:5.10.2"]\n{wrong}'
    )
    hidden = TeachingStock.load(CORPUS).unit("principle", "risk-management").quiz
    with (folder / "risk-management.toml").open("r+") as file:
        text = file.read()
        file.seek(0)
        file.write(f"hide = {json.dumps([q.id for q in hidden])}\n{text}")
    with pytest.raises(CheckFailed, match=f"aaa/{place}"):
        build(overlay=tmp_path / "overlay")


@pytest.mark.parametrize("text", ['[scenario]\nid = "a"\n', 'scenario = ["a"]\n', "hide = RATINGS\n"])
def test_slips_in_an_overlay_are_named_and_end_in_no_traceback(build: Build, tmp_path: Path, text: str) -> None:
    folder = tmp_path / "overlay" / "teaching" / "principles"
    folder.mkdir(parents=True)
    ratings = TeachingStock.load(CORPUS).unit("principle", "risk-management").self_assessment
    text = text.replace("RATINGS", json.dumps([r.id for r in ratings]))
    (folder / "risk-management.toml").write_text(f'key = "risk-management"\nkind = "principle"\n{text}')
    with pytest.raises((CorpusError, WorkshopError), match=r"scenario|self-assessment statement"):
        build(overlay=tmp_path / "overlay")


def test_every_quiz_of_the_stock_leaves_provisions_as_they_are(
    stock: TeachingStock, texts: list[SourceText], tmp_path: Path
) -> None:
    given = scripted_assistant(tmp_path, texts)
    for unit in stock.units.values():
        ledger = QuoteLedger(given.catalog, "staff", date.today(), purpose="export")
        pack = plan_pack(WorkshopRequest(((unit.kind, unit.key),), "both", 960, "practice"), stock)
        assert Checker(given.catalog, ScriptedVerifier(), given.encoder, ledger).check(pack).checked


def test_cases_tasks_and_wrong_options_are_not_verified(build: Build) -> None:
    report = build(refuses=("Kestrel", "insurer to", "lower premiums"))
    assert not report.pack.replacements


def test_the_part_of_a_model_answer_that_speaks_of_the_case_needs_no_clause(build: Build) -> None:
    assert not build(refuses=("the insurer's list does not show them",)).pack.replacements


def test_half_a_claim_does_not_carry_the_other_half(build: Build, overlay: Callable[..., Path]) -> None:
    report = build(
        overlay=overlay("Handling risk is critical; Moonlight makes every partner behave much better."),
        refuses=("Moonlight",),
    )
    assert len(report.pack.replacements) == 1


def test_a_model_may_reword_a_claim_only_where_the_rewording_passes(build: Build) -> None:
    report = build(rewrite=lambda text, citations: f"In short: {text}")
    assert all(p.text.startswith("In short: ") for lines in report.pack.chapters[0].points.values() for p in lines)
    report = build(rewrite=lambda text, citations: f"Partners must always do this: {text}")
    assert not any("must always" in line.text for line in chapter_lines(report.pack.chapters[0]))


@pytest.mark.parametrize(
    ("text", "cited", "before", "changed"),
    [
        ("The team should meet.", "The team should meet often.", None, False),
        ("The team must meet.", "The team should meet often.", None, True),
        ("The team shall meet.", "The team shall meet often.", None, False),
        ("The team has to meet.", "Meeting is critical.", None, False),
        ("The team must meet.", "Meeting is critical.", "The team needs to meet.", True),
        ("The team has to meet.", "The team should meet often.", "The team should meet.", True),
        ("The team may meet.", "The team should meet often.", "The team should meet.", True),
        ("The team can meet.", "The team should meet; it can rest.", None, False),
        ("The team can meet.", "The team should meet; it can rest.", "The team should meet.", True),
        ("The team need not meet.", "The team can rest.", None, False),
        ("Meeting brings people together.", "The team should meet.", None, False),
        ("The team should meet.", "The team can meet.", "The team can meet.", True),
    ],
)
def test_strength_is_kept(text: str, cited: str, before: str | None, changed: bool) -> None:
    assert bool(strength_change(text, [cited], before)) is changed


def test_an_option_made_of_a_recommendation_fails_the_build_where_the_verifier_sees_it_too(
    build: Build, overlay: Callable[..., Path]
) -> None:
    text = "Owners may look at the risks of collaborating."
    with pytest.raises(CheckFailed, match="mere option"):
        build(overlay=overlay(text, "iso-44003:5.10.3.3"), refuses=("Owners may",), reason="weakened")


@pytest.mark.parametrize(
    ("text", "held", "found"),
    [
        ("Review it monthly.", "Review it regularly.", True),
        ("Review it monthly.", "Review it each month.", False),
        ("These four belong together.", "Look at a, b, c and d.", False),
        ("In 30 cases.", "In many cases.", True),
        ("ISO 44003 says so.", "ISO 44003:2021", False),
    ],
)
def test_a_figure_has_to_come_from_what_is_cited(text: str, held: str, found: bool) -> None:
    assert bool(strange_figures(text, [held])) is found
