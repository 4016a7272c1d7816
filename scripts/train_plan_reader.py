"""Train what reads plans for the coverage map: which recommendation a sentence is about, and what it is to one.

    python scripts/train_plan_reader.py --data-dir DIR [--out PATH] [--epochs 7] [--rate 1e-3]
                                                           [--rank 16] [--start PATH [--kept 0.5]]

DIR holds an index of the packaged corpus (`assistant index --data-dir DIR`). It learns from the example sentences and the
whole labelled plans of `corpus/plan-examples`; the plans and the labelled pairs of `evals/coverage` take no part.
A quarter of an hour an epoch on two cores; under 3 MB. Then `bench/coverage.py --fit` fits what judges by it. `assistant.coverage.reading` says how it is put together.
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
from low_rank import ADAPTER_SCALE, adapt, arrays_of
from torch import nn
from torch.nn import functional

from assistant.answering.assistant import GuidanceAssistant, adapter_path
from assistant.answering.licensing import QuoteLedger
from assistant.coverage.examples import FOLDER, PLANS, Example, read_records
from assistant.coverage.judging import JOINTLY
from assistant.coverage.labelled import LabelledPlan, read_labelled_plans
from assistant.coverage.reading import MAX_TOKENS, PATH, mean_outputs, with_context
from assistant.coverage.recommendations import recommendations
from assistant.coverage.statuses import JUDGED
from assistant.settings import load_settings

# Sentences that go through the encoder together, and example sentences that go with each plan.
BATCH, EXAMPLES = 32, 24
SMOOTHING = 0.05
# What the losses count beside that of the ranking: which recommendation a plan's sentence serves, the same for the example
# sentences, what a sentence is to a recommendation, and what the first ones amount to together.
TOPIC_SHARE, EXAMPLE_SHARE, STATUS_SHARE, TOGETHER_SHARE = 0.3, 0.3, 0.5, 0.5
# A plan is seen many times: so often a sentence goes without its heading, and a word is masked.
NO_HEADING, MASKED = 0.15, 0.08
# A plan's sentence that serves no recommendation counts so much less than one that does.
IDLE_WEIGHT = 0.3
# So much counts it that the best ranked sentence which no label names is no evidence: surely where a plan has none at all.
SURE_MISTAKE, LIKELY_MISTAKE = 1.0, 0.25
# The weights of a recommendation begin as its own vector, so long; the shared width of sentence and recommendation.
FIRST_LENGTH, SHARED_WIDTH = 8.0, 96
MISSING = JUDGED.index("not_found")
# Up to here the tokenizer's numbers stand for no words (Devlin et al. 2019: [PAD], unused ones, [CLS], [SEP], [MASK]).
LAST_SPECIAL = 103
# What the first sentences of a recommendation amount to together is learnt too: all along, and at the end by the second head
# alone, so long and so fast; single sentences and examples count so much beside it.
JUDGING_EPOCHS, JUDGING_RATE, JUDGING_EXAMPLES, SINGLE_SHARE = 8, 1e-3, 64, 0.5
# A sentence, a recommendation, a status, and what it counts.
Judgement = tuple[int, int, int, float]


@dataclass(frozen=True)
class PlanRows:
    """A labelled plan.

    Attributes:
        texts: Its sentences as they are read.
        bare: The same without their headings.
        side: Positions of the recommendations that it was read for.
        serves: Whether a sentence serves a recommendation, shape (side, texts).
        statuses: What is known of sentences and recommendations.
        judged: Position of the status that the plan has for each recommendation of its side.
    """

    texts: list[str]
    bare: list[str]
    side: list[int]
    serves: torch.Tensor
    statuses: list[Judgement]
    judged: list[int]


@dataclass(frozen=True)
class ExampleRow:
    """A single sentence that was written for one recommendation.

    Attributes:
        text: The sentence.
        key: Position of the recommendation.
        status: Position of the status.
    """

    text: str
    key: int
    status: int


def plan_rows(labelled: LabelledPlan, place: Mapping[str, int]) -> PlanRows:
    """What is learnt from a plan."""
    labels = [label for label in labelled.labels if label.key in place]
    sentences = labelled.plan.sentences
    serves = torch.zeros(len(labels), len(sentences), dtype=torch.bool)
    statuses: list[Judgement] = []
    for row, label in enumerate(labels):
        key, shows = place[label.key], labelled.positions(label.evidence) if label.status != "not_found" else []
        serves[row, shows] = True
        statuses += [(i, key, JUDGED.index(label.status), 1.0) for i in shows]
        statuses += [(i, key, MISSING, 1.0) for i in labelled.positions(label.near) if i not in shows]
    side, judged = [place[label.key] for label in labels], [JUDGED.index(label.status) for label in labels]
    return PlanRows([with_context(s) for s in sentences], [s.shown for s in sentences], side, serves, statuses, judged)


class Student(nn.Module):  # type: ignore[misc]
    """The question encoder with trainable low-rank updates and two heads, as `assistant.coverage.reading` has them."""

    def __init__(self, assistant: GuidanceAssistant, texts: Sequence[str], rank: int, question_adapter: Path) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.question_adapter = question_adapter
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
        self.mixed = nn.Linear(3 * SHARED_WIDTH, len(JUDGED))
        self.direct = nn.Linear(2 * width, len(JUDGED))

    def start_from(self, path: Path, keys: Sequence[str], kept: float) -> None:
        """Take over what was trained before, with the same rank and recommendations.

        Args:
            path: What was trained.
            keys: The recommendations, in the order of the heads.
            kept: So much of the encoder's updates and of the weights of the first head, not of its biases; what is learnt by
                heart goes first (Ash and Adams 2020).
        """
        with np.load(path) as arrays, torch.no_grad():
            known = [str(key) for key in arrays["keys"]]
            if {*known} != {*keys}:
                raise SystemExit(f"{path}: it knows other recommendations; train without --start")
            order = [known.index(key) for key in keys]
            rows = {"recommendation": order, "topics.weight": [*order, len(order)], "topics.bias": [*order, len(order)]}
            before = np.load(self.question_adapter)
            if any(len(arrays[f"{n}.A"]) != len(before[f"{n}.A"]) + len(u.down) for n, u in self.updates.items()):
                raise SystemExit(f"{path}: it was trained with another --rank; give that one, or train without --start")
            for name, update in self.updates.items():
                rank = update.down.shape[0]
                update.down.copy_(torch.from_numpy(arrays[f"{name}.A"][-rank:].astype(np.float32)))
                update.up.copy_(torch.from_numpy(arrays[f"{name}.B"][:, -rank:].astype(np.float32)) * kept)
            first = self.topics.weight.clone()
            for name, value in self._heads().items():
                value.copy_(torch.from_numpy(arrays[name][rows.get(name, ...)].astype(np.float32)))
            self.topics.weight.lerp_(first, 1 - kept)
            self.topics.bias.copy_(torch.from_numpy(arrays["topics.bias"][rows["topics.bias"]]))
            self.mixed.bias.zero_()
            self.direct.bias.copy_(torch.from_numpy(arrays["status.bias"]))

    def judging_parameters(self) -> list[nn.Parameter]:
        """What the second head consists of."""
        parts = (self.sentence, self.mixed, self.direct)
        return [self.recommendation, *(p for part in parts for p in part.parameters())]

    def _heads(self) -> dict[str, torch.Tensor]:
        return {
            "topics.weight": self.topics.weight,
            "sentence.weight": self.sentence.weight,
            "sentence.bias": self.sentence.bias,
            "recommendation": self.recommendation,
            "mixed.weight": self.mixed.weight,
            "direct.weight": self.direct.weight,
        }

    def outputs(self, texts: Sequence[str]) -> torch.Tensor:
        """First and mean output of the encoder, shape (texts, 2 width); those of about equal length go together."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        rows = []
        for start in range(0, len(order), BATCH):
            chosen = [texts[i] for i in order[start : start + BATCH]]
            tokens = self.tokenizer(chosen, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
            if self.training:
                masked = (torch.rand(tokens["input_ids"].shape) < MASKED) & (tokens["input_ids"] > LAST_SPECIAL)
                tokens["input_ids"] = tokens["input_ids"].masked_fill(masked, self.tokenizer.mask_token_id)
            hidden = self.model(**tokens)[0]
            share = tokens["attention_mask"][..., None].float()
            rows.append(torch.cat([hidden[:, 0], (hidden * share).sum(1) / share.sum(1)], -1))
        back = torch.empty(len(order), dtype=torch.long)
        back[torch.tensor(order)] = torch.arange(len(order))
        return torch.cat(rows)[back]

    def about(self, outputs: torch.Tensor) -> torch.Tensor:
        """Scores of the recommendations and of none, shape (texts, recommendations + 1)."""
        return self.topics(functional.normalize(outputs[:, outputs.shape[1] // 2 :], dim=-1))

    def statuses(self, outputs: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
        """Scores of the statuses, shape (texts, statuses), each text with one recommendation."""
        dropped = functional.dropout(outputs, 0.1, self.training)
        sentence = functional.gelu(self.sentence(dropped), approximate="tanh")
        wanted = self.recommendation[keys]
        return self.mixed(torch.cat([sentence * wanted, sentence, wanted], -1)) + self.direct(dropped)

    def save(self, path: Path, wanted: Mapping[str, str]) -> None:
        """Write what `assistant.coverage.reading` reads: both updates of the encoder as one, and the heads.

        Args:
            path: The file.
            wanted: The words of the recommendations by key, in the order of the heads.
        """
        self.eval()
        with torch.no_grad():
            words = mean_outputs(self.outputs(list(wanted.values())).numpy())
        self.train()
        arrays = arrays_of(self.updates)
        with np.load(self.question_adapter) as before:
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


def loss_of(student: Student, plan: PlanRows, examples: Sequence[ExampleRow], standards: torch.Tensor) -> torch.Tensor:
    """What is wrong with the ranking of a plan's sentences, with what they serve, and with the statuses.

    Args:
        student: What is trained.
        plan: A labelled plan.
        examples: Sentences beside it.
        standards: Which standard each recommendation is of, and none of them in the last place (-1).
    """
    bare = (torch.rand(len(plan.texts)) < NO_HEADING).tolist()
    texts = [b if without else t for t, b, without in zip(plan.texts, plan.bare, bare, strict=True)]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        outputs = student.outputs([*texts, *(e.text for e in examples)])
        scores = student.about(outputs)
    outputs, scores = outputs.float(), scores.float()
    mine, others = scores[: len(plan.texts)], scores[len(plan.texts) :]
    loss = ranking_loss(mine[:, plan.side].T, plan.serves) + TOPIC_SHARE * topic_loss(mine, plan)
    known = [e for e in examples if e.status != MISSING]
    if known:
        keys = torch.tensor([e.key for e in known])
        rows = others[[i for i, e in enumerate(examples) if e.status != MISSING]]
        rivals = (standards[None, :] == standards[keys][:, None]) | (standards == -1)[None, :]
        loss = loss + EXAMPLE_SHARE * functional.cross_entropy(rows.masked_fill(~rivals, -1e4), keys)
    asked = [*plan.statuses, *mistakes(mine, plan)]
    asked += [(len(plan.texts) + i, e.key, e.status, 1.0) for i, e in enumerate(examples)]
    places, wanted, kinds, weights = (torch.tensor(column) for column in zip(*asked, strict=True))
    judged = functional.cross_entropy(
        student.statuses(outputs[places], wanted), kinds, label_smoothing=SMOOTHING, reduction="none"
    )
    ranked = mine.detach()[:, plan.side].T.topk(min(JOINTLY, len(texts)))
    together = judging_loss(student, plan, outputs[: len(texts)], ranked)
    return loss + STATUS_SHARE * (judged * weights).sum() / weights.sum() + TOGETHER_SHARE * together


def ranking_loss(scores: torch.Tensor, serves: torch.Tensor) -> torch.Tensor:
    """Of each recommendation that a plan serves, the right sentences go before the others (ListNet, Cao et al. 2007).

    Args:
        scores: Shape (recommendations, sentences).
        serves: Which sentences are right, of the same shape.
    """
    some = serves.any(1)
    right = serves[some].float()
    return -((right * functional.log_softmax(scores[some], 1)).sum(1) / right.sum(1)).sum() / some.sum().clamp(min=1)


def topic_loss(scores: torch.Tensor, plan: PlanRows) -> torch.Tensor:
    """Of each sentence, the recommendations that it serves go before those of the same standard, or "none" does."""
    idle = ~plan.serves.any(0)
    wanted = torch.cat([plan.serves.T.float(), idle[:, None].float()], 1)
    wanted = wanted / wanted.sum(1, keepdim=True) * (1 - SMOOTHING) + SMOOTHING / wanted.shape[1]
    weight = torch.where(idle, IDLE_WEIGHT, 1.0)
    chances = functional.log_softmax(scores[:, [*plan.side, scores.shape[1] - 1]], 1)
    return -((wanted * chances).sum(1) * weight).sum() / weight.sum()


def mistakes(scores: torch.Tensor, plan: PlanRows) -> list[Judgement]:
    """The best ranked sentence of each recommendation that no label names is no evidence of it."""
    best = scores[:, plan.side].T.masked_fill(plan.serves, -1e4).argmax(1).tolist()
    named = {(i, key) for i, key, _, _ in plan.statuses}
    return [
        (i, key, MISSING, SURE_MISTAKE if judged == MISSING else LIKELY_MISTAKE)
        for i, key, judged in zip(best, plan.side, plan.judged, strict=True)
        if (i, key) not in named
    ]


@dataclass(frozen=True)
class Schedule:
    """How long and how fast it learns.

    Attributes:
        epochs: How often it sees every plan.
        rate: Learning rate at its highest.
    """

    epochs: int
    rate: float


def step(loss: torch.Tensor, optimiser: torch.optim.Optimizer, schedule: torch.optim.lr_scheduler.LRScheduler) -> float:
    """Take a step down the loss; gives the loss."""
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    schedule.step()
    return float(loss.detach())


def train(
    student: Student,
    plans: Sequence[PlanRows],
    examples: Sequence[ExampleRow],
    standards: torch.Tensor,
    schedule: Schedule,
    after_epoch: Callable[[], None],
) -> None:
    """Train in place, by AdamW with a short warm-up and a linear decline; a step is a plan with some examples."""
    updates = [p for u in student.updates.values() for p in (u.down, u.up)]
    topics = list(student.topics.parameters())
    optimiser = torch.optim.AdamW(
        [
            {"params": updates + student.judging_parameters(), "lr": schedule.rate, "weight_decay": 0.01},
            {"params": topics, "lr": 5 * schedule.rate, "weight_decay": 0.0},
        ]
    )
    steps = max(1, schedule.epochs * len(plans))  # no epoch at all trains the second head alone
    declining = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min(1.0, (s + 1) / 30) * max(0.02, 1 - s / steps)
    )
    rng = np.random.default_rng(0)
    student.train()
    began = time.time()
    for epoch in range(schedule.epochs):
        losses = []
        for number in rng.permutation(len(plans)):
            beside = [examples[i] for i in rng.choice(len(examples), EXAMPLES, replace=False)]
            losses.append(step(loss_of(student, plans[number], beside, standards), optimiser, declining))
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}, {time.time() - began:.0f} s", flush=True)
        after_epoch()


def learn_to_judge(student: Student, plans: Sequence[PlanRows], examples: Sequence[ExampleRow]) -> None:
    """Train the second head once more, all else as it is, on what whole plans amount to.

    The status of a recommendation is that of its first sentences, each by its share in the ranking. The outputs of the encoder
    stay the same, so they are made once.
    """
    student.eval()
    with torch.no_grad():
        read = [student.outputs(plan.texts) for plan in plans]
        beside = student.outputs([e.text for e in examples])
        ranked = [
            student.about(o)[:, p.side].T.topk(min(JOINTLY, len(p.texts))) for o, p in zip(read, plans, strict=True)
        ]
    student.train()
    optimiser = torch.optim.AdamW(student.judging_parameters(), lr=JUDGING_RATE, weight_decay=0.05)
    declining = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.05, JUDGING_EPOCHS * len(plans))
    keys, kinds = torch.tensor([e.key for e in examples]), torch.tensor([e.status for e in examples])
    rng = np.random.default_rng(0)
    for epoch in range(JUDGING_EPOCHS):
        losses = []
        for number in rng.permutation(len(plans)):
            chosen = torch.from_numpy(rng.choice(len(examples), JUDGING_EXAMPLES, replace=False))
            single = functional.cross_entropy(student.statuses(beside[chosen], keys[chosen]), kinds[chosen])
            loss = judging_loss(student, plans[number], read[number], ranked[number]) + SINGLE_SHARE * single
            losses.append(step(loss, optimiser, declining))
        print(f"judging, epoch {epoch + 1}: loss {np.mean(losses):.3f}", flush=True)


def judging_loss(
    student: Student, plan: PlanRows, outputs: torch.Tensor, ranked: torch.return_types.topk
) -> torch.Tensor:
    """Cross-entropy of the statuses that the first sentences amount to, and of those sentences whose status is known."""
    positions = ranked.indices
    asked = torch.tensor(plan.side).repeat_interleave(positions.shape[1])
    scores = student.statuses(outputs[positions.flatten()], asked).view(*positions.shape, -1)
    shares = functional.softmax(ranked.values, 1)
    together = (shares[..., None] * functional.softmax(scores, -1)).sum(1).clamp(min=1e-5)
    loss = functional.nll_loss(together.log(), torch.tensor(plan.judged))
    named = {(i, key): status for i, key, status, _ in plan.statuses}
    known = [
        [named.get((i, key), MISSING if judged == MISSING else -1) for i in row]
        for row, key, judged in zip(positions.tolist(), plan.side, plan.judged, strict=True)
    ]
    kinds = torch.tensor(known).flatten()
    single = functional.cross_entropy(scores.flatten(0, 1), kinds, ignore_index=-1, reduction="sum")
    return loss + SINGLE_SHARE * single / (kinds >= 0).sum().clamp(min=1)


def main() -> None:
    """Train and write the reader."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=PATH)
    parser.add_argument("--epochs", type=int, default=7)
    parser.add_argument("--rate", type=float, default=1e-3, help="learning rate at its highest")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--start", type=Path, help="go on from this .npz (with --epochs 0 the second head alone)")
    parser.add_argument(
        "--kept", type=float, default=1.0, help="so much of what was trained before; with new plans 0.5"
    )
    options = parser.parse_args()
    if options.out.suffix != ".npz":
        parser.error(f"--out {options.out}: give a name that ends in .npz")
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
        ExampleRow(e.text, place[e.key], JUDGED.index(e.status))
        for path in sorted((corpus / FOLDER).glob("*.jsonl"))
        for e in read_records(path, Example, "key, status, text")
        if e.key in place
    ]
    plans = [plan_rows(labelled, place) for labelled in read_labelled_plans(corpus / FOLDER / PLANS, catalog)]
    print(f"{len(plans)} plans, {len(examples)} examples, {len(place)} recommendations", flush=True)
    student = Student(assistant, [r.matched_text for r in wanted], options.rank, question_adapter)
    if options.start:
        student.start_from(options.start, list(place), options.kept)
    save = partial(student.save, options.out, {r.key: r.matched_text for r in wanted})
    sources = [key.partition(":")[0] for key in place]
    standards = torch.tensor([*(sources.index(s) for s in sources), -1])
    train(student, plans, examples, standards, Schedule(options.epochs, options.rate), save)
    learn_to_judge(student, plans, examples)
    save()


if __name__ == "__main__":
    main()
