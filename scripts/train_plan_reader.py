"""Train what reads plans for the coverage map: which recommendation a sentence is about, and what it is to one.

    python scripts/train_plan_reader.py --data-dir DIR [--out PATH] [--epochs 7] [--rate 1e-3] [--rank 16] [--start PATH]

DIR holds an index of the packaged corpus (`assistant index --data-dir DIR`). It learns from the example sentences and the
whole labelled plans of `corpus/plan-examples`; the plans and the labelled pairs of `evals/coverage` take no part. About
five minutes an epoch on two cores; under 3 MB. `assistant.coverage.reading` says how it is put together.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import torch
from low_rank import ADAPTER_SCALE, adapt, arrays_of, batches
from torch import nn
from torch.nn import functional

from assistant.answering.assistant import GuidanceAssistant, adapter_path
from assistant.answering.licensing import QuoteLedger
from assistant.coverage.examples import FOLDER, PLANS, STATUSES, Example, read_lines
from assistant.coverage.labelled import LabelledPlan, read_labelled_plans
from assistant.coverage.reading import MAX_TOKENS, PATH, in_its_place, mean_outputs
from assistant.coverage.recommendations import recommendations
from assistant.settings import load_settings

BATCH, SMOOTHING = 32, 0.05
# A plan's sentence that serves no recommendation counts so much less than one that does.
IDLE_WEIGHT = 0.3
# So much counts it that a sentence is no evidence of the recommendation for which it is taken most wrongly.
MISTAKEN_WEIGHT = 0.5
# The weights of a recommendation begin as its own vector, so long; the shared width of sentence and recommendation.
FIRST_LENGTH, SHARED_WIDTH = 8.0, 96
MISSING = STATUSES.index("not_found")


@dataclass(frozen=True)
class Row:
    """A sentence and what is known of it.

    Attributes:
        text: The sentence as it is read.
        about: Positions of the recommendations that it serves; of "none" for a plan's idle sentence; empty if unknown.
        statuses: Position of a recommendation and of its status, for each that is known.
        side: Positions of the recommendations that its plan was read for; empty for a single sentence.
    """

    text: str
    about: tuple[int, ...]
    statuses: tuple[tuple[int, int], ...]
    side: tuple[int, ...] = ()


def example_rows(examples: Sequence[Example], place: dict[str, int]) -> list[Row]:
    """Single sentences; a near miss is known to be none of one recommendation, of others it may be evidence."""
    return [
        Row(
            e.text,
            () if e.status == "not_found" else (place[e.key],),
            ((place[e.key], STATUSES.index(e.status)),),
        )
        for e in examples
        if e.key in place
    ]


def plan_rows(plans: Sequence[LabelledPlan], place: dict[str, int]) -> list[Row]:
    """Every sentence of the labelled plans."""
    rows = []
    for labelled in plans:
        about: dict[int, list[int]] = {}
        statuses: dict[int, list[tuple[int, int]]] = {}
        labels = [label for label in labelled.labels if label.key in place]
        for label in labels:
            key, shows = place[label.key], labelled.positions(label.evidence) if label.status != "not_found" else []
            for position in shows:
                about.setdefault(position, []).append(key)
                statuses.setdefault(position, []).append((key, STATUSES.index(label.status)))
            for position in set(labelled.positions(label.near)) - set(shows):
                statuses.setdefault(position, []).append((key, MISSING))
        side = tuple(place[label.key] for label in labels)
        for i, sentence in enumerate(labelled.plan.sentences):
            known = tuple(about.get(i, [len(place)]))
            rows.append(Row(in_its_place(sentence), known, tuple(statuses.get(i, [])), side))
    return rows


class Student(nn.Module):  # type: ignore[misc]
    """The question encoder with trainable low-rank updates and two heads, as `assistant.coverage.reading` has them."""

    def __init__(self, assistant: GuidanceAssistant, texts: Sequence[str], rank: int) -> None:
        super().__init__()
        torch.manual_seed(0)
        vectors = torch.from_numpy(assistant.question_encoder.encode(texts))
        sentence_model = assistant.question_encoder._model
        self.model, self.tokenizer = sentence_model[0].auto_model, sentence_model.tokenizer
        self.updates = adapt(self.model, rank)
        width = self.model.config.hidden_size
        self.topics = nn.Linear(width, len(texts) + 1)
        with torch.no_grad():
            self.topics.weight.copy_(torch.cat([vectors, torch.zeros(1, width)]) * FIRST_LENGTH)
            self.topics.bias.zero_()
        self.sentence = nn.Linear(2 * width, SHARED_WIDTH)
        self.recommendation = nn.Parameter(vectors @ torch.randn(width, SHARED_WIDTH) * 4 / width**0.5)
        self.mixed = nn.Linear(3 * SHARED_WIDTH, len(STATUSES))
        self.direct = nn.Linear(2 * width, len(STATUSES))

    def start_from(self, path: Path, keys: Sequence[str]) -> None:
        """Take over what was trained before, with the same rank and recommendations."""
        with np.load(path) as arrays, torch.no_grad():
            if [*arrays["keys"]] != [*keys]:
                raise SystemExit(f"{path}: it knows other recommendations; train without --start")
            for name, update in self.updates.items():
                rank = update.down.shape[0]
                update.down.copy_(torch.from_numpy(arrays[f"{name}.A"][-rank:].astype(np.float32)))
                update.up.copy_(torch.from_numpy(arrays[f"{name}.B"][:, -rank:].astype(np.float32)))
            for name, value in self._heads().items():
                value.copy_(torch.from_numpy(arrays[name].astype(np.float32)))
            self.topics.bias.copy_(torch.from_numpy(arrays["topics.bias"]))
            self.mixed.bias.zero_()
            self.direct.bias.copy_(torch.from_numpy(arrays["status.bias"]))

    def _heads(self) -> dict[str, torch.Tensor]:
        return {
            "topics.weight": self.topics.weight,
            "sentence.weight": self.sentence.weight,
            "sentence.bias": self.sentence.bias,
            "recommendation": self.recommendation,
            "mixed.weight": self.mixed.weight,
            "direct.weight": self.direct.weight,
        }

    def outputs(self, texts: list[str]) -> torch.Tensor:
        """First and mean output of the encoder, shape (texts, 2 width)."""
        tokens = self.tokenizer(texts, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
        hidden = self.model(**tokens)[0]
        share = tokens["attention_mask"][..., None].float()
        return torch.cat([hidden[:, 0], (hidden * share).sum(1) / share.sum(1)], -1)

    def about(self, outputs: torch.Tensor) -> torch.Tensor:
        """Scores of the recommendations and of none, shape (texts, recommendations + 1)."""
        return self.topics(functional.normalize(outputs[:, outputs.shape[1] // 2 :], dim=-1))

    def statuses(self, outputs: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
        """Scores of the statuses, shape (texts, statuses), each text with one recommendation."""
        dropped = functional.dropout(outputs, 0.1, self.training)
        sentence = functional.gelu(self.sentence(dropped), approximate="tanh")
        wanted = self.recommendation[keys]
        return self.mixed(torch.cat([sentence * wanted, sentence, wanted], -1)) + self.direct(dropped)

    def save(self, path: Path, wanted: Mapping[str, str], question_adapter: Path) -> None:
        """Write what `assistant.coverage.reading` reads: both updates of the encoder as one, and the heads.

        Args:
            path: The file.
            wanted: The words of the recommendations by key, in the order of the heads.
            question_adapter: What the encoder was updated with before.
        """
        self.eval()
        with torch.no_grad():
            words = mean_outputs(self.outputs(list(wanted.values())).numpy())
        self.train()
        arrays = arrays_of(self.updates)
        with np.load(question_adapter) as before:
            share = float(before["scale"]) / ADAPTER_SCALE
            for name in self.updates:
                arrays[f"{name}.A"] = np.vstack([before[f"{name}.A"], arrays[f"{name}.A"]])
                arrays[f"{name}.B"] = np.hstack([before[f"{name}.B"] * np.float16(share), arrays[f"{name}.B"]])
        small = {name: value.detach().numpy().astype(np.float16) for name, value in self._heads().items()}
        exact = {
            "topics.bias": self.topics.bias.detach().numpy(),
            "status.bias": (self.mixed.bias + self.direct.bias).detach().numpy(),
        }
        np.savez(path, **{"keys": np.array([*wanted]), "words": words.astype(np.float16), **small, **exact, **arrays})
        print(f"{path}: {path.stat().st_size / 1e6:.2f} MB", flush=True)


def loss_of(student: Student, rows: Sequence[Row]) -> torch.Tensor:
    """Cross-entropy of the recommendations and of the statuses."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        outputs = student.outputs([r.text for r in rows])
        scores = student.about(outputs)
    outputs, scores = outputs.float(), scores.float()
    wanted, weight = torch.zeros_like(scores), torch.zeros(len(rows))
    none = scores.shape[1] - 1
    asked: list[tuple[int, int, int, float]] = []
    for i, row in enumerate(rows):
        if row.about:
            wanted[i, list(row.about)] = 1 / len(row.about)
            weight[i] = IDLE_WEIGHT if row.about == (none,) else 1.0
        asked += [(i, key, status, 1.0) for key, status in row.statuses]
        known = {*row.about, *(key for key, _ in row.statuses)}
        if open_keys := [k for k in row.side if k not in known]:
            mistaken = open_keys[int(scores[i, open_keys].argmax())]
            asked.append((i, mistaken, MISSING, MISTAKEN_WEIGHT))
    wanted = wanted * (1 - SMOOTHING) + SMOOTHING / scores.shape[1]
    loss = -((wanted * functional.log_softmax(scores, -1)).sum(1) * weight).sum() / weight.sum().clamp(min=1.0)
    if asked:
        places, keys, kinds, weights = (torch.tensor(column) for column in zip(*asked, strict=True))
        judged = functional.cross_entropy(
            student.statuses(outputs[places], keys), kinds, label_smoothing=SMOOTHING, reduction="none"
        )
        loss = loss + (judged * weights).sum() / weights.sum()
    return loss


def train(student: Student, rows: Sequence[Row], epochs: int, rate: float, after_epoch: Callable[[], None]) -> None:
    """Train in place, by AdamW with a short warm-up and a linear decline."""
    updates = [p for u in student.updates.values() for p in (u.down, u.up)]
    topics = list(student.topics.parameters())
    judging = [
        student.recommendation,
        *(p for m in (student.sentence, student.mixed, student.direct) for p in m.parameters()),
    ]
    optimiser = torch.optim.AdamW(
        [
            {"params": updates + judging, "lr": rate, "weight_decay": 0.01},
            {"params": topics, "lr": 5 * rate, "weight_decay": 0.0},
        ]
    )
    steps = epochs * (len(rows) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda s: min(1.0, (s + 1) / 60) * max(0.02, 1 - s / steps))
    lengths = np.array([len(r.text) for r in rows])
    rng = np.random.default_rng(0)
    student.train()
    began = time.time()
    for epoch in range(epochs):
        losses = []
        for batch in batches(lengths, BATCH, rng):
            loss = loss_of(student, [rows[i] for i in batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}, {time.time() - began:.0f} s", flush=True)
        after_epoch()


def main() -> None:
    """Train and write the reader."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=PATH)
    parser.add_argument("--epochs", type=int, default=7)
    parser.add_argument("--rate", type=float, default=1e-3, help="learning rate at its highest")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--start", type=Path, help="go on from this .npz")
    options = parser.parse_args()
    assistant = GuidanceAssistant(load_settings(data_dir=options.data_dir))
    catalog, corpus = assistant.catalog, assistant.settings.corpus_dir
    question_adapter = adapter_path(assistant.settings)
    if question_adapter is None:
        parser.error(
            "the question adapter of the packaged encoder is missing; train it first (scripts/train_adapter.py)"
        )
    wanted = recommendations(catalog, QuoteLedger(catalog, "staff", date.today()), "both")
    if any(r.rendition != "digest" for r in wanted):
        parser.error(
            "the index holds licensed texts, which must not be trained on; give one of the packaged corpus alone"
        )
    place = {r.key: i for i, r in enumerate(wanted)}
    examples = [
        e for path in sorted((corpus / FOLDER).glob("*.jsonl")) for e in read_lines(path, Example, "key, status, text")
    ]
    rows = [*example_rows(examples, place), *plan_rows(read_labelled_plans(corpus / FOLDER / PLANS, catalog), place)]
    print(f"{len(rows)} sentences, {len(place)} recommendations", flush=True)
    student = Student(assistant, [r.matched_text for r in wanted], options.rank)
    if options.start:
        student.start_from(options.start, list(place))
    save = partial(student.save, options.out, {r.key: r.matched_text for r in wanted}, question_adapter)
    train(student, rows, options.epochs, options.rate, save)


if __name__ == "__main__":
    main()
