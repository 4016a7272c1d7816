"""Cross-encoders for the training script: two texts read together by the packaged encoder with low-rank updates."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from low_rank import adapt, arrays_of, batches
from torch import nn
from torch.nn import functional

from assistant.encoders import SentenceEncoder

# First text, second text, position of the class.
Row = tuple[str, str, int]
BATCH, MAX_TOKENS = 32, 192
SMOOTHING = 0.05


def read_options(description: str, out: Path, epochs: int) -> argparse.Namespace:
    """What the training script is told on the command line.

    Args:
        description: The script's own.
        out: Where the result goes unless told otherwise.
        epochs: How many unless told otherwise.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=out)
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--rate", type=float, default=1e-3, help="learning rate at its highest")
    parser.add_argument("--start", type=Path, help="go on from this .npz")
    parser.add_argument("--rank", type=int, default=8)
    return parser.parse_args()


def trained(classes: tuple[str, ...], rows: list[Row], options: argparse.Namespace) -> None:
    """Train a reader as the options say and write it; it matters most to tell the first class from the others.

    Args:
        classes: Names of the classes.
        rows: What it learns from.
        options: Of `read_options`.
    """
    print(f"{len(rows)} rows: {dict(Counter(classes[kind] for *_, kind in rows))}", flush=True)
    reader = Reader(classes, options.rank)
    if options.start:
        reader.start_from(options.start)
    train(rows, reader, options.epochs, options.rate)
    reader.save(options.out)


class Reader(nn.Module):
    """The packaged encoder with trainable low-rank updates, reading two texts together."""

    def __init__(self, classes: tuple[str, ...], rank: int) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.classes = classes
        sentence_model = SentenceEncoder()._model
        self.model, self.tokenizer = sentence_model[0].auto_model, sentence_model.tokenizer
        self.updates = adapt(self.model, rank)
        width = self.model.config.hidden_size
        self.head = nn.Linear(2 * width, len(classes))
        nn.init.zeros_(self.head.bias)
        self.segments = nn.Parameter(torch.randn(2, width) * 0.02)

    def low_rank_parameters(self) -> list[nn.Parameter]:
        """Parameters of the updates."""
        return [p for u in self.updates.values() for p in (u.down, u.up)]

    def start_from(self, path: Path) -> None:
        """Take over what was trained before."""
        with np.load(path) as arrays, torch.no_grad():
            for name, update in self.updates.items():
                update.down.copy_(torch.from_numpy(arrays[f"{name}.A"].astype(np.float32)))
                update.up.copy_(torch.from_numpy(arrays[f"{name}.B"].astype(np.float32)))
            self.head.weight.copy_(torch.from_numpy(arrays["head.weight"].astype(np.float32)))
            self.head.bias.copy_(torch.from_numpy(arrays["head.bias"]))
            self.segments.copy_(torch.from_numpy(arrays["segments"].astype(np.float32)))

    def save(self, path: Path) -> None:
        """Write what `assistant.encoders.CrossEncoder` reads."""
        arrays = {
            "classes": np.array(self.classes),
            "max_tokens": np.int64(MAX_TOKENS),
            "segments": self.segments.detach().numpy().astype(np.float16),
            "head.weight": self.head.weight.detach().numpy().astype(np.float16),
            "head.bias": self.head.bias.detach().numpy().astype(np.float32),
        }
        np.savez(path, **arrays, **arrays_of(self.updates))
        print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")

    def forward(self, rows: list[Row]) -> torch.Tensor:
        """Scores of the classes, shape (rows, classes); as `assistant.encoders.CrossEncoder` reads."""
        tokens = self.tokenizer(
            [r[0] for r in rows], [r[1] for r in rows],
            padding=True, truncation="longest_first", max_length=MAX_TOKENS, return_tensors="pt",
        )  # fmt: skip
        kinds, there = tokens["token_type_ids"], tokens["attention_mask"]
        embedded = self.model.embeddings(input_ids=tokens["input_ids"], token_type_ids=kinds) + self.segments[kinds]
        hidden = self.model.encoder(embedded, attention_mask=(1.0 - there[:, None, None, :].float()) * -1e4)[0]
        share = there[..., None].float()
        mean = (hidden * share).sum(1) / share.sum(1)
        return self.head(functional.dropout(torch.cat([hidden[:, 0], mean], -1), 0.1, self.training))


def train(rows: list[Row], reader: Reader, epochs: int, rate: float) -> None:
    """Train the reader, above all to tell the first class from the others.

    Args:
        rows: What it learns from.
        reader: Changed in place.
        epochs: How often it sees all rows.
        rate: Learning rate at its highest.
    """
    rng = np.random.default_rng(0)
    updates = reader.low_rank_parameters()
    optimiser = torch.optim.AdamW(
        [
            {"params": [*updates, *reader.head.parameters()], "lr": rate, "weight_decay": 0.01},
            {"params": [reader.segments], "lr": rate},
        ]
    )
    steps = epochs * (len(rows) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda s: min(1.0, (s + 1) / 60) * max(0.02, 1 - s / steps))
    lengths = np.array([len(r[0]) + len(r[1]) for r in rows])
    reader.train()
    began = time.time()
    for epoch in range(epochs):
        losses = []
        for batch in batches(lengths, BATCH, rng):
            chosen = [rows[i] for i in batch]
            with torch.autocast("cpu", dtype=torch.bfloat16):
                scores = reader(chosen)
            kinds = torch.tensor([r[2] for r in chosen])
            loss = functional.cross_entropy(scores.float(), kinds, label_smoothing=SMOOTHING)
            first = torch.softmax(scores.float(), -1)[:, 0].clamp(1e-6, 1 - 1e-6)
            wanted = (kinds == 0).float() * (1 - 2 * SMOOTHING) + SMOOTHING
            loss = 0.5 * loss + functional.binary_cross_entropy(first, wanted)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(updates, 1.0)
            optimiser.step()
            schedule.step()
            losses.append(float(loss.detach()))
        print(
            f"epoch {epoch + 1} of {epochs}: mean loss {np.mean(losses):.3f}, {time.time() - began:.0f} s", flush=True
        )
