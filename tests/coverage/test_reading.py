"""What the network reads out of sentences of plans."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.licensing import QuoteLedger
from assistant.coverage.coverage_map import CoverageMapper
from assistant.coverage.examples import Example
from assistant.coverage.own_examples import adapted_to
from assistant.coverage.plan_text import Plan, PlanSentence, read_plans
from assistant.coverage.reading import PATH, PlanReader, packaged_reader, with_context
from assistant.coverage.recommendations import recommendations
from assistant.coverage.sentence_outputs import sentence_outputs
from assistant.coverage.statuses import JUDGED
from assistant.errors import CoverageError, WriteError
from assistant.sources.registry import Registrations
from tests.coverage.invented import PLAN

REGISTER, EXIT = "iso-44003:5.10.3.3|s2", "iso-44003:5.12.3.1|s1"
TEXTS = [
    "The joint risk register lives on the shared drive, where the whole joint team can open it, with the risks of both firms.",
    "Invoices are paid within fourteen days of delivery.",
    "The exit strategy, signed by both firms in May, says who gives back which tools and papers when the work together ends.",
]


def read(texts: Sequence[str]) -> np.ndarray:
    return packaged_reader().outputs([with_context(PlanSentence("plan-a", "plan-a:1", "", t)) for t in texts])


def test_it_knows_every_recommendation_of_the_guidance(assistant: GuidanceAssistant) -> None:
    wanted = recommendations(assistant.catalog, QuoteLedger(assistant.catalog, "staff", date.today()), "both")
    assert sorted({r.key for r in wanted} - packaged_reader().heads.rows.keys()) == []


def test_a_sentence_serves_what_it_carries_out_and_an_idle_one_nothing() -> None:
    keys = [k for k in packaged_reader().heads.rows if k.startswith("iso-44003:")]
    topics = packaged_reader().topics(read(TEXTS), keys)
    assert keys[int(topics.about[:, 0].argmax())] == REGISTER
    assert keys[int(topics.about[:, 2].argmax())].startswith("iso-44003:5.12.")
    assert topics.idle[1] > topics.likeliest[1]
    total = np.exp(topics.about).sum(axis=0) + np.exp(topics.idle)
    assert np.allclose(total, 1.0)


def test_the_statuses_of_a_sentence_add_up_to_one_and_do_not_hang_on_its_neighbours() -> None:
    together = packaged_reader().statuses(read(TEXTS), REGISTER)
    assert together.shape == (3, len(JUDGED))
    assert np.allclose(np.exp(together).sum(axis=1), 1.0, atol=0.01)
    evidenced = together[:, JUDGED.index("evidenced")]
    assert evidenced[0] > evidenced[1:].max() + 1.0
    alone = packaged_reader().statuses(read(TEXTS[::-1]), REGISTER)
    assert np.allclose(alone[::-1], together, atol=0.02)


def test_a_sentence_longer_than_the_model_reads_does_no_harm() -> None:
    """Tables and paragraphs without full stops come in plans."""
    assert np.isfinite(packaged_reader().statuses(read(["Both firms keep the register and " * 100]), REGISTER)).all()


def test_the_network_stays_small() -> None:
    assert PATH.stat().st_size < 3_000_000


def test_a_recommendation_that_it_was_not_trained_on_is_known_by_its_words() -> None:
    reader = packaged_reader().with_recommendations({"own:1": "Firms should insure shared tools against fire."})
    keys = [*(k for k in reader.heads.rows if k.startswith("iso-44003:5.10")), "own:1"]
    topics = reader.topics(read(["The shared tools are insured against fire with Harland Mutual.", *TEXTS]), keys)
    assert topics.about[-1].argmax() == 0
    assert reader.statuses(read(TEXTS), "own:1").shape == (3, len(JUDGED))


def test_a_key_with_other_words_is_another_recommendation(assistant: GuidanceAssistant) -> None:
    wanted = recommendations(assistant.catalog, QuoteLedger(assistant.catalog, "staff", date.today()), "both")
    words = {r.key: r.matched_text for r in wanted}
    assert packaged_reader().with_recommendations(words) is packaged_reader()
    changed = packaged_reader().with_recommendations(
        words | {REGISTER: "Firms should insure shared tools against fire."}
    )
    assert changed.heads.rows[REGISTER] >= len(packaged_reader().heads.words)


def own(*texts: str, key: str = EXIT, status: str = "evidenced") -> list[Example]:
    return [Example(key=key, status=status, text=t) for t in texts]  # type: ignore[arg-type]


def silent(*_: object) -> None:
    """No progress is shown."""


def test_an_own_example_raises_the_chance_of_what_it_shows() -> None:
    odd = "The blue folder is opened at the harvest supper."
    before = packaged_reader()
    after = adapted_to(own(odd, "The blue folder lies with the notary."), before, silent)
    keys = list(before.heads.rows)
    chance = [r.topics(read([odd]), keys).about[keys.index(EXIT), 0] for r in (before, after)]
    assert chance[1] > chance[0] + 0.5
    untouched = [r.topics(read(TEXTS[:1]), keys).about[:, 0].argmax() for r in (before, after)]
    assert untouched[0] == untouched[1]


def test_an_example_counts_beside_many_others() -> None:
    odd = "The blue folder is opened at the harvest supper."
    others = own(*(f"Invoice {n} is paid within {n} days of delivery." for n in range(300)), key=REGISTER)
    keys = list(packaged_reader().heads.rows)
    alone, beside = (
        adapted_to(examples, packaged_reader(), silent).topics(read([odd]), keys).about[keys.index(EXIT), 0]
        for examples in (own(odd), [*own(odd), *others])
    )
    assert abs(alone - beside) < 0.5


def test_an_example_for_one_standard_leaves_the_other_as_it_was() -> None:
    before = packaged_reader()
    after = adapted_to(own("The blue folder lies with the notary."), before, silent)
    mine = EXIT.partition(":")[0]
    moved = {
        key: bool((after.heads.topics[row] != before.heads.topics[row]).any()) for key, row in before.heads.rows.items()
    }
    assert moved[EXIT]
    assert not any(there for key, there in moved.items() if not key.startswith(f"{mine}:"))


def test_without_examples_nothing_is_learnt() -> None:
    reader = packaged_reader()
    assert adapted_to([], reader, silent) is reader
    assert adapted_to(own("We met.", status="not_found"), reader, silent) is reader
    assert adapted_to(own("We met.", key="own:unknown"), reader, silent) is reader


def test_learning_can_be_stopped() -> None:
    with pytest.raises(CoverageError, match="stopped"):
        adapted_to(own("We met."), packaged_reader(), silent, lambda: True)


def test_examples_of_the_overlay_reach_the_map(
    assistant: GuidanceAssistant, plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "overlay" / "plan-examples"
    folder.mkdir(parents=True)
    lines = [line for line in PLAN.splitlines() if line.endswith(".")]
    rows = [{"key": REGISTER, "status": "evidenced", "text": line} for line in lines]
    (folder / "ours.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    plain = CoverageMapper(assistant).make([str(plan)], "msme")
    monkeypatch.setattr(assistant, "settings", assistant.settings.model_copy(update={"overlay_dir": folder.parent}))
    taught = CoverageMapper(assistant).make([str(plan)], "msme")
    assert not taught.from_cache
    assert [f.confidence for f in plain.findings] != [f.confidence for f in taught.findings]


class Counting(PlanReader):
    """Counts the sentences that it reads."""

    def __init__(self, name: str = "") -> None:
        super().__init__(packaged_reader()._encoder, packaged_reader().heads)
        self.named, self.read = name, list[str]()

    @property
    def name(self) -> str:
        return self.named or super().name

    def outputs(self, texts: Sequence[str]) -> np.ndarray:
        self.read += texts
        return super().outputs(texts)


def plans_of(path: Path, assistant: GuidanceAssistant) -> list[Plan]:
    return read_plans(
        [str(path)], assistant.catalog, Registrations.load(assistant.settings.data_dir), max_bytes=1_000_000
    )


def test_of_a_new_version_only_new_sentences_are_read(tmp_path: Path, plan: Path, assistant: GuidanceAssistant) -> None:
    kept, reader = tmp_path / "kept" / "outputs.db", Counting()
    before = plans_of(plan, assistant)
    first = sentence_outputs(kept, before, reader, silent)
    assert len(reader.read) == len(first) == len(before[0].sentences)
    reader.read = []
    assert np.array_equal(sentence_outputs(kept, before, reader, silent), first)
    assert reader.read == []
    plan.write_text(f"{PLAN}\nBoth firms agreed this on a rainy Tuesday.\n", encoding="utf-8")
    again = sentence_outputs(kept, plans_of(plan, assistant), reader, silent)
    assert ["rainy" in text for text in reader.read] == [True]
    assert np.array_equal(again[:-1], first)


def test_a_stop_loses_no_batch_that_was_read(tmp_path: Path, assistant: GuidanceAssistant) -> None:
    path, kept, reader = tmp_path / "long.md", tmp_path / "outputs.db", Counting()
    path.write_text(
        "# Long\n\n" + "\n\n".join(f"Firm {n} sends its figures on day {n}." for n in range(300)), encoding="utf-8"
    )
    plans = plans_of(path, assistant)
    with pytest.raises(CoverageError, match="what was read is kept"):
        sentence_outputs(kept, plans, reader, silent, lambda: len(reader.read) > 0)
    stopped_at = len(reader.read)
    assert 0 < stopped_at < 300
    assert len(sentence_outputs(kept, plans, reader, silent)) == 300
    assert sorted(reader.read) == sorted(set(reader.read))


def test_a_damaged_record_of_outputs_is_begun_anew(tmp_path: Path, plan: Path, assistant: GuidanceAssistant) -> None:
    kept = tmp_path / "outputs.db"
    kept.write_bytes(b"this is no database" * 100)
    plans = plans_of(plan, assistant)
    reader = Counting()
    first = sentence_outputs(kept, plans, reader, silent)
    read = len(reader.read)
    assert np.array_equal(sentence_outputs(kept, plans, reader, silent), first)
    assert len(reader.read) == read


def test_damage_far_inside_the_record_of_outputs_is_mended(
    tmp_path: Path, plan: Path, assistant: GuidanceAssistant
) -> None:
    """The first pages, which say what tables there are, are whole."""
    kept, plans, reader = tmp_path / "outputs.db", plans_of(plan, assistant), Counting()
    first = sentence_outputs(kept, plans, reader, silent)
    with kept.open("r+b") as file:
        file.seek(2 * 4096)
        file.write(b"\xff" * (kept.stat().st_size - 2 * 4096))
    assert np.array_equal(sentence_outputs(kept, plans, reader, silent), first)
    reader.read = []
    sentence_outputs(kept, plans, reader, silent)
    assert reader.read == []


def test_what_another_network_left_goes(tmp_path: Path, plan: Path, assistant: GuidanceAssistant) -> None:
    kept, plans = tmp_path / "outputs.db", plans_of(plan, assistant)
    sentence_outputs(kept, plans, Counting("another network"), silent)
    sentence_outputs(kept, plans, Counting(), silent)
    with sqlite3.connect(kept) as database:
        assert database.execute("SELECT DISTINCT reader FROM outputs").fetchall() == [(packaged_reader().name,)]


def test_a_blocked_folder_is_named(tmp_path: Path, plan: Path, assistant: GuidanceAssistant) -> None:
    (tmp_path / "coverage").write_text("in the way", encoding="utf-8")
    with pytest.raises(WriteError, match=r"outputs\.db: cannot be written"):
        sentence_outputs(tmp_path / "coverage" / "outputs.db", plans_of(plan, assistant), Counting(), silent)
