"""Guards of the corpus: everything in it points at something that exists, and nothing in it leaks."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

import pytest

from assistant.clauses.builder import read_source
from assistant.clauses.catalog import Catalog
from assistant.clauses.clause import Clause
from assistant.index.questions import VOICES, AskedAs, NotCovered, read_asked_as, read_not_covered
from assistant.settings import packaged
from assistant.sources.licence import count_words
from assistant.sources.reading import read_document
from assistant.sources.registry import Collected, Registrations, collect_sources
from tests.clauses.trees import read_folder, taxonomy

_CORPUS = packaged("corpus")
_MIN_QUESTIONS = 30
_MIN_SHARE_OF_CLAUSES = 0.7
_MIN_TOPICS = 80
_MIN_TOPIC_QUESTIONS = 12
_MAX_ADAPTER_BYTES = 1_000_000
_MAX_DIGEST_SHARE = 0.8
_RUN = 12


@lru_cache(maxsize=1)
def _collected() -> Collected:
    nothing = Registrations(Path("none.json"), (), {}, ())
    return collect_sources(_CORPUS, nothing, max_bytes=30_000_000)


@lru_cache(maxsize=1)
def _catalog() -> Catalog:
    return Catalog([read_source(s, taxonomy(), read_document) for s in _collected().sources], taxonomy())


@lru_cache(maxsize=1)
def _asked() -> list[AskedAs]:
    return read_asked_as([_CORPUS])


@lru_cache(maxsize=1)
def _topics() -> list[NotCovered]:
    return read_not_covered([_CORPUS])


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


# ---- digest ------------------------------------------------------------------------------------------------


@pytest.mark.licensed
def test_digest_and_licensed_texts_have_the_same_ids(licensed_dir: Path, tmp_path: Path) -> None:
    for source_id, clauses in read_folder(licensed_dir, tmp_path).items():
        theirs = {c.citation_id: c for c in clauses if "#" not in c.locator}
        ours = {
            e.citation_id: e.clause
            for e in _catalog()
            if e.clause.source_id == source_id and "#" not in e.clause.locator
        }
        assert set(ours) == set(theirs)
        for citation, clause in ours.items():
            assert clause.held == theirs[citation].held, citation
            assert bool(clause.text) == bool(theirs[citation].text), citation
            assert clause.parent == theirs[citation].parent, citation


@pytest.mark.licensed
def test_headings_of_the_digest_are_those_of_the_texts(licensed_dir: Path, tmp_path: Path) -> None:
    for clauses in read_folder(licensed_dir, tmp_path).values():
        for clause in clauses:
            if clause.kind in ("clause", "annex", "front_matter", "stage"):
                assert _catalog().resolve(clause.citation_id).clause.heading == clause.heading, clause.citation_id


@pytest.mark.licensed
def test_the_digest_is_shorter_than_the_texts_and_takes_no_sentence_from_them(
    licensed_dir: Path, tmp_path: Path
) -> None:
    for source_id, clauses in read_folder(licensed_dir, tmp_path).items():
        theirs = [c for c in clauses if c.kind not in ("item", "row")]
        ours = [
            e.clause for e in _catalog() if e.clause.source_id == source_id and e.clause.kind not in ("item", "row")
        ]
        words = sum(count_words(c.text) for c in theirs)
        assert sum(count_words(c.text) for c in ours) < _MAX_DIGEST_SHARE * words, source_id
        assert not [c.citation_id for c in ours if _runs([c]) & _runs(theirs)]


def _runs(clauses: list[Clause]) -> set[tuple[str, ...]]:
    """Runs of words inside a paragraph, item or row; headings, which are facts, take no part."""
    found: set[tuple[str, ...]] = set()
    for clause in clauses:
        for part in clause.parts:
            text = clause.text[part.start : part.end]
            text = text.split(": ", 1)[-1] if part.kind == "row" else text
            words = re.findall(r"\w+", text.lower())
            found |= {tuple(words[i : i + _RUN]) for i in range(len(words) - _RUN + 1)}
    return found


def test_the_digest_knows_what_is_not_held() -> None:
    unheld = {e.citation_id for e in _catalog() if not e.held}
    assert unheld == {
        "iso-44003:Annex B",
        "iso-44003:Bibliography",
        "iso-44004:5.11",
        "iso-44004:5.12",
        "iso-44004:Bibliography",
    }


def test_every_digest_file_says_what_it_is_not() -> None:
    files = sorted((_CORPUS / "guidance").rglob("*.md"))
    assert files
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert "not a substitute" in text, path.name


def test_cross_references_of_the_digest_resolve() -> None:
    loose = [(e.citation_id, r.words) for e in _catalog() if not e.is_plan for r in e.clause.references if not r.target]
    assert loose == []


# ---- asked-as questions ------------------------------------------------------------------------------------


def test_every_asked_as_question_has_a_live_clause() -> None:
    assert sorted({q.citation_id for q in _asked() if q.citation_id not in _catalog()}) == []


def test_every_clause_and_lettered_item_has_questions() -> None:
    counts = Counter(q.citation_id for q in _asked())
    entries = [e for e in _catalog() if not e.is_plan and e.held and "#" not in e.clause.locator]
    without = [e.citation_id for e in entries if not counts[e.citation_id]]
    assert without == []
    with_text = [e for e in entries if e.has_text]
    enough = sum(counts[e.citation_id] >= _MIN_QUESTIONS for e in with_text)
    assert enough >= _MIN_SHARE_OF_CLAUSES * len(with_text)


def test_every_question_has_one_of_the_four_voices_and_clauses_have_them_all() -> None:
    assert {q.voice for q in _asked()} == set(VOICES)
    voices: dict[str, set[str]] = {}
    counts = Counter(q.citation_id for q in _asked())
    for question in _asked():
        voices.setdefault(question.citation_id, set()).add(question.voice)
    assert [c for c, n in counts.items() if n >= _MIN_QUESTIONS and voices[c] != set(VOICES)] == []


def test_no_question_stands_for_two_clauses_or_for_a_clause_and_a_topic() -> None:
    owners: dict[str, set[str]] = {}
    for asked in _asked():
        owners.setdefault(_letters(asked.question), set()).add(asked.citation_id)
    for topic in _topics():
        for question in topic.questions:
            owners.setdefault(_letters(question), set()).add(f"!{topic.key}")
    assert {q: o for q, o in owners.items() if len(o) > 1} == {}


# ---- not covered -------------------------------------------------------------------------------------------


def test_the_register_has_enough_topics_with_enough_questions() -> None:
    assert len(_topics()) >= _MIN_TOPICS
    assert [t.key for t in _topics() if len(set(t.questions)) < _MIN_TOPIC_QUESTIONS] == []


def test_every_topic_says_something_and_its_nearest_help_has_text() -> None:
    for topic in _topics():
        assert topic.say.strip(), topic.key
        for nearest in topic.nearest:
            assert _catalog().resolve(nearest).has_text, (topic.key, nearest)


# ---- no leaks ----------------------------------------------------------------------------------------------


def _leaks(paths: list[Path]) -> list[str]:
    """Ids of the cases whose question stands in the corpus; never the questions themselves."""
    known = {_letters(q.question) for q in _asked()} | {_letters(q) for t in _topics() for q in t.questions}
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.strip():
                case = json.loads(line)
                if _letters(case["question"]) in known:
                    found.append(f"{path.name}: {case.get('id', number)}")
    return found


@pytest.mark.parametrize("folder", ["cases", "declining"])
def test_no_eval_case_stands_in_the_corpus(folder: str) -> None:
    paths = sorted((packaged("evals") / folder).glob("*.jsonl"))
    assert paths
    assert _leaks(paths) == []


def test_no_development_case_stands_in_the_corpus(cases_dir: Path) -> None:
    paths = sorted(cases_dir.glob("*.jsonl"))
    assert paths
    assert _leaks(paths) == []


# ---- taxonomy, licences, adapter ---------------------------------------------------------------------------


def test_the_taxonomy_has_twelve_principles_eight_stages_and_clauses_that_exist() -> None:
    words = taxonomy()
    assert [p.number for p in words.principle] == list(range(1, 13))
    assert [s.number for s in words.stage] == list(range(1, 9))
    assert [s.iso_44001_clause for s in words.stage] == [f"8.{n}" for n in range(2, 10)]
    assert [f.key for f in words.facet] == ["what", "why", "how"]
    for principle in words.principle:
        for source_id, number in principle.clauses.items():
            entry = _catalog().resolve(f"{source_id}:{number}")
            assert entry.clause.heading == principle.name
        assert set(principle.stages) <= {s.key for s in words.stage}
    for stage in words.stage:
        assert _catalog().resolve(stage.citation).stage == stage.key
        assert set(stage.principles) <= {p.key for p in words.principle}


def test_no_alias_names_two_principles_or_two_stages() -> None:
    for group in (taxonomy().principle, taxonomy().stage):
        names = Counter(n for entry in group for n in {w.lower() for w in (entry.name, *entry.aliases)})
        assert [n for n, count in names.items() if count > 1] == []


def test_all_licences_parse_and_say_who_holds_them() -> None:
    assert len(_collected().sources) >= 13
    for source in _collected().sources:
        assert source.licence.line()
        assert source.licence.holder != "not stated", source.source_id
        assert source.described


def test_sample_plans_are_labelled_as_such_and_belong_to_an_organisation() -> None:
    plans = [s for s in _collected().sources if s.rendition == "plan"]
    assert len(plans) == 10
    assert all(p.sample for p in plans)
    assert {p.organisation for p in plans} == {o.slug for o in _collected().organisations}
    assert {o.size for o in _collected().organisations} == {"msme", "large"}


def test_the_adapter_is_small() -> None:
    path = _CORPUS / "adapter.npz"
    assert not path.exists() or path.stat().st_size < _MAX_ADAPTER_BYTES


def test_no_licensed_text_ships_with_the_corpus() -> None:
    assert {s.rendition for s in _collected().sources if "licensed" not in str(s.folder)} == {"digest", "plan"}
