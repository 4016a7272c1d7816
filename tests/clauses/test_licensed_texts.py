"""The three licensed texts, where they are: exactly their own tree, from whatever form of file."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from assistant.clauses.catalog import Catalog
from assistant.clauses.clause import Clause
from assistant.clauses.outline import WATERMARK
from assistant.sources.reading import read_document
from tests.clauses.trees import by_locator, headings, letters, read_folder, taxonomy
from tests.sources.printing import print_all

pytestmark = pytest.mark.licensed

_PRINCIPLES = (
    "Relationship management",
    "Visions and values",
    "Business objectives",
    "Collaborative leadership",
    "Governance and processes",
    "Collaborative competence and behaviour",
    "Trust and commitment to mutual benefit",
    "Value creation",
    "Information and knowledge sharing",
    "Risk management",
    "Relationship measurement and optimization",
    "Exit strategy",
)
_DEPTH_FOUR = (
    (
        "Establishment of the relationship management plan (RMP)",
        "Relationship segmentation",
        "Developing and managing the relationship",
    ),
    ("Defining what is important to your organization", "Assessing and maintaining alignment"),
    (
        "Establishing objectives",
        "Define a business case",
        "Aligning objectives for specific relationships",
        "Engagement process",
        "Identification of operational objectives and value",
        "Assessment of joint objectives",
        "Managing the objectives",
    ),
    ("SER role", "Establishing resource requirements", "Joint management of the relationship"),
    (
        "Adapting internal practices",
        "Agreeing on a joint operational approach",
        "Overall governance model",
        "Adoption of a joint issue resolution process",
        "Communications procedures",
        "Agreements or contractual arrangements",
    ),
    ("Identification of key individuals' competence and behaviour", "Managing the relationship"),
    ("Managing trust and mutual benefit within the relationship",),
    ("Defining value", "Managing value creation"),
    ("Knowledge management", "Joint knowledge management process"),
    ("Identifying potential areas of risk", "Internal risk management", "Joint risk management", "Managing risk"),
    ("Implementation of monitoring of behaviour and trust indicators",),
    (
        "Defining an exit strategy",
        "Establishment of a joint exit strategy",
        "Disengagement and future opportunities",
    ),
)
_FRONT = (
    ("Foreword", "Foreword"),
    ("Introduction", "Introduction"),
    ("1", "Scope"),
    ("2", "Normative references"),
    ("3", "Terms and definitions"),
)
_ROWS = {
    "Relationship management": 3,
    "Visions and values": 3,
    "Business objectives": 3,
    "Collaborative leadership": 3,
    "Governance and process": 3,
    "Collaborative competence and behaviour": 2,
}
_LETTERS = {1: "abcd", 2: "abc", 3: "ab", 4: "abc", 5: "abcdefg", 6: "ab", 7: "ab", 8: "abc", 9: "abc"}
_STAGES = (
    ("overview", "Overview"),
    ("awareness", "Awareness"),
    ("knowledge", "Knowledge"),
    ("internal-assessment", "Internal assessment"),
    ("partner-selection", "Partner selection"),
    ("working-together", "Working together"),
    ("value-creation", "Value creation"),
    ("staying-together", "Staying together"),
    ("exit-strategy", "Exit strategy"),
)
_FILES = {
    "iso-44003": "iso-44003-2021.txt",
    "iso-44004": "iso-44004-2021.txt",
    "iso-44001-guide": "iso-44001-life-cycle.txt",
}

Trees = dict[str, list[Clause]]


def _msme_headings() -> list[tuple[str, str]]:
    expected = [*_FRONT, ("4", "Structure of this document")]
    expected.append(("5", "Implementation of the principles of collaborative business relationships management"))
    for number, (principle, below) in enumerate(zip(_PRINCIPLES, _DEPTH_FOUR, strict=True), 1):
        the = "the " if number == 12 else ""
        expected += [
            (f"5.{number}", principle),
            (f"5.{number}.1", "What: summary of the intent"),
            (f"5.{number}.2", f"Why: explanation of {the}relevance"),
            (f"5.{number}.3", "How: implementation guidance"),
            *((f"5.{number}.3.{i}", heading) for i, heading in enumerate(below, 1)),
        ]
    expected.append(("Annex A", "Key elements of relationship management plans"))
    expected.append(("Annex B", "Competencies and collaborative behaviour"))
    return [*expected, ("Bibliography", "Bibliography")]


def _large_headings() -> list[tuple[str, str]]:
    principles = [(f"5.{number}", principle) for number, principle in enumerate(_PRINCIPLES, 1)]
    return [*_FRONT, ("4", "Context"), ("5", "Implementation"), *principles, ("Bibliography", "Bibliography")]


@pytest.fixture(scope="module")
def trees(licensed_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Trees:
    found = read_folder(licensed_dir, tmp_path_factory.mktemp("data"))
    assert set(found) == set(_FILES)
    return found


@pytest.fixture(scope="module")
def msme(trees: Trees) -> dict[str, Clause]:
    return by_locator(trees["iso-44003"])


@pytest.fixture(scope="module")
def large(trees: Trees) -> dict[str, Clause]:
    return by_locator(trees["iso-44004"])


def test_iso_44003_has_every_body_heading_and_nothing_else(trees: Trees) -> None:
    assert headings(trees["iso-44003"]) == _msme_headings()


def test_iso_44003_has_36_clauses_of_depth_four(msme: dict[str, Clause]) -> None:
    assert sum(bool(re.fullmatch(r"5\.\d+\.3\.\d+", locator)) for locator in msme) == 36


def test_iso_44004_has_every_body_heading_and_those_known_from_its_contents_alone(trees: Trees) -> None:
    assert headings(trees["iso-44004"]) == _large_headings()


def test_the_life_cycle_has_its_nine_entries(trees: Trees) -> None:
    assert headings(trees["iso-44001-guide"]) == list(_STAGES)
    assert all(c.kind == "stage" and c.text for c in trees["iso-44001-guide"])


def test_table_a1_has_its_17_rows_under_the_names_of_their_sections(msme: dict[str, Clause]) -> None:
    rows = [c for c in msme.values() if c.kind == "row"]
    expected = [f"A.1 {section} {n}" for section, count in _ROWS.items() for n in range(1, count + 1)]
    assert [r.locator for r in rows] == expected
    assert len(rows) == 17
    assert {r.parent for r in rows} == {"iso-44003:Annex A"}
    assert all(len(r.text) > 40 for r in rows)


def test_rows_of_the_annex_are_no_clauses_1_to_3(msme: dict[str, Clause]) -> None:
    assert [msme[n].heading for n in "123"] == ["Scope", "Normative references", "Terms and definitions"]
    assert letters(msme["A.1 Visions and values 2"].text) in letters(msme["Annex A"].text)


def test_iso_44004_has_its_29_lettered_items(large: dict[str, Clause]) -> None:
    expected = [f"5.{number} {letter})" for number, these in _LETTERS.items() for letter in these]
    found = [c.locator for c in large.values() if c.kind == "item" and "#" not in c.locator]
    assert found == expected
    assert len(found) == 29
    assert all(large[i].parent == f"iso-44004:{i.split()[0]}" for i in found)


def test_iso_44003_5_1_3_3_has_items_a_to_g_and_g_has_1_to_5(msme: dict[str, Clause]) -> None:
    items = [c for c in msme.values() if c.locator.startswith("5.1.3.3 ")]
    assert [c.locator for c in items if c.parent == "iso-44003:5.1.3.3"] == [f"5.1.3.3 {x})" for x in "abcdefg"]
    assert [c.locator for c in items if c.parent == "iso-44003:5.1.3.3 g)"] == [f"5.1.3.3 g) {n})" for n in range(1, 6)]
    assert all(letters(c.text) in letters(msme["5.1.3.3"].text) for c in items)


def test_unlettered_items_are_counted_by_position(msme: dict[str, Clause]) -> None:
    items = [c.locator for c in msme.values() if c.locator.startswith("5.12.3.1 #")]
    assert items == [f"5.12.3.1 #{n}" for n in range(1, len(items) + 1)]
    assert len(items) >= 2


def test_text_that_is_not_held_is_known_by_number_and_title(trees: Trees) -> None:
    unheld = {c.citation_id for clauses in trees.values() for c in clauses if not c.held}
    assert unheld == {
        "iso-44003:Annex B",
        "iso-44003:Bibliography",
        "iso-44004:5.11",
        "iso-44004:5.12",
        "iso-44004:Bibliography",
    }


def test_bare_headings_are_clauses_with_children_and_one_has_none(msme: dict[str, Clause]) -> None:
    bare = {c.locator for c in msme.values() if c.held and not c.text and c.kind == "clause"}
    parents = {c.parent for c in msme.values()}
    expected = {"5", *(f"5.{n}" for n in range(1, 13)), *(f"5.{n}.3" for n in range(1, 13)), "5.3.3.4"}
    assert bare == expected
    assert {b for b in bare if f"iso-44003:{b}" not in parents} == {"5.3.3.4"}


def test_every_clause_stands_below_the_number_it_extends(trees: Trees) -> None:
    for source_id in ("iso-44003", "iso-44004"):
        for clause in trees[source_id]:
            if clause.kind == "clause":
                upper = clause.number.rpartition(".")[0]
                assert clause.parent == (f"{source_id}:{upper}" if upper else None), clause.locator
    assert [c.order for c in trees["iso-44003"]] == list(range(len(trees["iso-44003"])))


def test_cross_references_are_recorded_and_resolve(msme: dict[str, Clause], large: dict[str, Clause]) -> None:
    assert [r.target for r in msme["5.1.3.1"].references] == ["iso-44003:Annex A"]
    assert [r.target for r in msme["5.4.3.1"].references] == ["iso-44003:5.6.3"]
    assert [r.target for r in msme["5.6.3.1"].references] == ["iso-44003:Annex B"]
    assert [r.target for r in large["5.3"].references] == ["iso-44004:5.4 c)"]
    assert {r.target for r in large["5.4"].references} == {"iso-44004:5.5 c)", "iso-44004:5.5 e)", "iso-44004:5.6"}
    assert [r.target for r in large["5.8"].references] == ["iso-44004:5.9"]
    assert all(r.target for clauses in (msme, large) for c in clauses.values() for r in c.references)


def test_notes_belong_to_their_clause(msme: dict[str, Clause]) -> None:
    for locator in ("1", "5.1.3.3"):
        assert [p.citation_id for p in msme[locator].parts if p.kind == "note"] == [f"iso-44003:{locator}"]


def test_slips_of_the_texts_are_kept(trees: Trees) -> None:
    everything = " ".join(c.text for clauses in trees.values() for c in clauses)
    for slip in ("resolves issue which are", "of the each of the", "ISO/TR 44004"):
        assert slip in everything


def test_no_watermark_link_or_leader_is_left(trees: Trees) -> None:
    for clauses in trees.values():
        for clause in clauses:
            assert not WATERMARK.search(clause.text + clause.heading)
            assert "](" not in clause.text
            assert "...." not in clause.text + clause.heading
            assert "\t" not in clause.text + clause.heading


def test_the_footer_of_the_life_cycle_page_is_left_out(trees: Trees) -> None:
    words = " ".join(c.text for c in trees["iso-44001-guide"]).lower()
    assert "download" not in words
    assert "appointment" not in words


@pytest.mark.parametrize("source_id", ["iso-44003", "iso-44004"])
def test_between_the_first_and_the_last_clause_no_word_is_lost_or_added(
    source_id: str, trees: Trees, licensed_dir: Path
) -> None:
    document = read_document(licensed_dir / _FILES[source_id])
    clauses = [c for c in trees[source_id] if c.kind == "clause" and c.held]
    after = next((c for c in trees[source_id] if c.kind == "annex" and c.held), None)
    body = [WATERMARK.sub("", document.text[b.start : b.end]) for b in document.blocks]
    starts = [b.start for b in document.blocks]
    first = max(i for i, block in enumerate(document.blocks) if block.text == "1 Scope")
    end = (
        next(i for i, b in enumerate(document.blocks) if b.text.startswith("Annex A") and i > first)
        if after
        else len(starts)
    )
    raw = re.sub(r"\]\(#\)", "", "".join(body[first:end]))
    assert letters("".join(f"{c.number}{c.heading}{c.text}" for c in clauses)) == letters(raw)


@pytest.mark.parametrize("source_id", sorted(_FILES))
def test_every_part_points_at_its_words_in_the_file(source_id: str, trees: Trees, licensed_dir: Path) -> None:
    text = read_document(licensed_dir / _FILES[source_id]).text
    for clause in trees[source_id]:
        for part in clause.parts:
            shown = clause.text[part.start : part.end]
            there = re.sub(r"\]\(#\)", "", WATERMARK.sub("", text[part.source_start : part.source_end]))
            words = re.sub(r"^.* \d+: ", "", shown) if part.kind == "row" else shown
            assert letters(words) in letters(there) or letters(there) in letters(words), clause.locator
            assert letters(there)


def test_each_clause_has_its_principle_facet_and_side(trees: Trees, licensed_dir: Path, tmp_path: Path) -> None:
    from assistant.clauses.builder import read_source
    from assistant.settings import packaged
    from assistant.sources.registry import Registrations, collect_sources

    registrations = Registrations.load(tmp_path)
    registrations.register(licensed_dir)
    collected = collect_sources(packaged("corpus"), registrations, max_bytes=30_000_000)
    licensed = [s for s in collected.sources if s.rendition == "licensed"]
    catalog = Catalog([read_source(s, taxonomy(), read_document) for s in licensed], taxonomy())
    counted = Counter(e.principle for e in catalog if e.clause.kind == "clause" and e.principle)
    assert set(counted) == {p.name for p in taxonomy().principle}
    assert catalog.resolve("iso-44003:5.10.1").facet == "what"
    assert catalog.resolve("iso-44003:5.12.2").facet == "why"
    assert catalog.resolve("iso-44003:5.10.3.3").facet == "how"
    assert catalog.resolve("iso-44004:5.5 d)").facet == "how"
    assert catalog.resolve("iso-44004:5.5").facet is None
    assert catalog.resolve("iso-44003:A.1 Governance and process 1").principle == "Governance and processes"
    assert catalog.resolve("iso-44003:5.1").audience == "msme"
    assert catalog.resolve("iso-44004:5.1").audience == "large"
    assert catalog.resolve("iso-44001-guide:knowledge").stage == "knowledge"
    assert catalog.resolve("iso-44001-guide:knowledge").principle is None


@pytest.mark.parametrize("source_id", sorted(_FILES))
def test_printed_to_another_form_the_tree_is_the_same(
    source_id: str, trees: Trees, licensed_dir: Path, tmp_path: Path
) -> None:
    printed = print_all(read_document(licensed_dir / _FILES[source_id]), tmp_path)
    for suffix, path in printed.items():
        folder = tmp_path / suffix[1:]
        folder.mkdir()
        path.rename(folder / path.name)
        found = read_folder(folder, tmp_path / f"data{suffix}")
        assert list(found) == [source_id], f"{suffix} is recognised as {list(found)}"
        assert [_view(c) for c in found[source_id]] == [_view(c) for c in trees[source_id]], suffix


def _view(clause: Clause) -> tuple[object, ...]:
    targets = tuple(r.target for r in clause.references)
    return (clause.citation_id, clause.kind, clause.heading, clause.parent, clause.held, clause.text, targets)
