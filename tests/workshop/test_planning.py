"""Time and choice of material."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.clauses.catalog import Catalog
from assistant.clauses.taxonomy import read_taxonomy
from assistant.errors import CorpusError, WorkshopError
from assistant.workshop.agenda import MOST_MINUTES, divide, least_minutes, make_agenda, plan_time
from assistant.workshop.pack import WorkshopRequest, chapter_lines
from assistant.workshop.planning import plan_pack
from assistant.workshop.stock import TeachingStock
from tests.workshop.scripted import CORPUS


@given(st.lists(st.booleans(), min_size=1, max_size=20), st.integers(0, 600))
@settings(max_examples=150, deadline=None)
def test_the_agenda_adds_up_to_the_minutes_and_has_no_gaps(with_plans: list[bool], more: int) -> None:
    minutes = min(MOST_MINUTES, least_minutes(len(with_plans)) + more)
    plan = plan_time(minutes, with_plans)
    agenda = make_agenda(plan, [(f"principle/{i}", f"Topic {i}") for i in range(len(with_plans))])
    assert sum(a.minutes for a in agenda) == minutes
    assert all(a.start + a.minutes == b.start for a, b in pairwise(agenda))
    assert all(a.minutes > 0 for a in agenda)
    assert "Break" not in (agenda[0].title, agenda[1].title, agenda[-1].title)


@given(st.integers(0, 1000), st.lists(st.integers(1, 50), min_size=1, max_size=8))
def test_shares_add_up_to_the_whole(total: int, shares: list[int]) -> None:
    assert sum(divide(total, shares)) == total


def test_too_little_time_is_refused_with_the_least_that_would_do(stock: TeachingStock) -> None:
    request = WorkshopRequest((("principle", "risk-management"), ("principle", "value-creation")), "both", 30)
    with pytest.raises(WorkshopError, match="--minutes 50"):
        plan_pack(request, stock)


def test_nobody_waits_two_hours_for_a_break() -> None:
    agenda = make_agenda(plan_time(480, [False] * 4), [(f"principle/{i}", str(i)) for i in range(4)])
    breaks = [0, *(a.start for a in agenda if a.title == "Break"), 480]
    assert max(b - a for a, b in pairwise(breaks)) <= 135


@pytest.mark.parametrize("audience", ["msme", "large", "both"])
@pytest.mark.parametrize("level", ["introduction", "practice"])
def test_every_topic_can_be_taught_to_every_audience(stock: TeachingStock, audience: str, level: str) -> None:
    for unit in stock.units.values():
        pack = plan_pack(WorkshopRequest(((unit.kind, unit.key),), audience, 90, level), stock)  # type: ignore[arg-type]
        chapter = pack.chapters[0]
        assert len(chapter.objectives) >= 2
        assert sum(len(p) for p in chapter.points.values()) >= 4
        assert chapter.exercises
        assert len(chapter.questions) >= 3
        assert len(chapter.ratings) >= 2


def test_material_for_the_other_side_is_left_out(stock: TeachingStock) -> None:
    pack = plan_pack(WorkshopRequest((("principle", "risk-management"),), "large", 180), stock)
    unit = stock.unit("principle", "risk-management")
    small = {
        f"{unit.unit_id}/{e.id}" for e in (*unit.point, *unit.self_assessment, *unit.objective) if e.audience == "msme"
    }
    assert not small & {line.id for line in chapter_lines(pack.chapters[0])}


def test_the_place_of_the_right_answer_is_no_hint(stock: TeachingStock) -> None:
    places: Counter[str] = Counter()
    for unit in stock.units.values():
        pack = plan_pack(WorkshopRequest(((unit.kind, unit.key),), "both", 480), stock)
        again = plan_pack(WorkshopRequest(((unit.kind, unit.key),), "both", 480), stock)
        assert pack == again
        places.update(q.right.letter for q in pack.chapters[0].questions)
    total = sum(places.values())
    assert set(places) == set("ABCD")
    assert all(0.15 < n / total < 0.35 for n in places.values())


def test_the_right_option_is_not_known_by_its_length(stock: TeachingStock) -> None:
    quiz = [q for u in stock.units.values() for q in u.quiz]
    longest = sum(all(len(q.right) > len(d.text) for d in q.distractor) for q in quiz)
    assert longest / len(quiz) < 0.4


def test_every_citation_of_the_packaged_stock_resolves(stock: TeachingStock, texts: list) -> None:  # type: ignore[type-arg]
    catalog = Catalog(texts, read_taxonomy(CORPUS))
    assert not {c for u in stock.units.values() for c in u.citations() if c not in catalog}


def test_the_stock_has_what_a_trainer_needs_for_each_principle_and_stage(stock: TeachingStock) -> None:
    taxonomy = read_taxonomy(CORPUS)
    wanted = {f"principle/{p.key}" for p in taxonomy.principle} | {f"stage/{s.key}" for s in taxonomy.stage}
    assert set(stock.units) == wanted
    for unit in stock.units.values():
        assert len(unit.scenario) >= 3
        assert len(unit.quiz) >= 8
        assert {s.audience for s in unit.scenario} & {"large", "both"}


def test_an_overlay_adds_replaces_and_hides(tmp_path: Path) -> None:
    folder = tmp_path / "teaching" / "principles"
    folder.mkdir(parents=True)
    (folder / "risk-management.toml").write_text(
        'key = "risk-management"\nkind = "principle"\nhide = ["risk-q1"]\n'
        '[[point]]\nid = "ours"\naudience = "msme"\nfacet = "how"\ntext = "Our own point."\ncitations = ["iso-44003:5.10.2"]\n'
    )
    unit = TeachingStock.load(CORPUS, tmp_path).unit("principle", "risk-management")
    assert unit.point[-1].text == "Our own point."
    assert "risk-q1" not in {q.id for q in unit.quiz}
    assert unit.title == "Risk management"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ('key = "other"\nkind = "principle"\n', "must say"),
        ('key = "risk-management"\nkind = "principle"\nhides = []\n', "hides"),
        ('key = "risk-management"\nkind = ', "not valid TOML"),
        (
            'key = "risk-management"\nkind = "principle"\n[[point]]\naudience = "msme"\nfacet = "how"\ntext = "No clause."\ncitations = []\n',
            "citations",
        ),
    ],
)
def test_an_overlay_that_is_wrong_is_named(tmp_path: Path, words: str, said: str) -> None:
    folder = tmp_path / "teaching" / "principles"
    folder.mkdir(parents=True)
    (folder / "risk-management.toml").write_text(words)
    with pytest.raises(CorpusError, match=said) as caught:
        TeachingStock.load(CORPUS, tmp_path)
    assert "risk-management.toml" in str(caught.value)
