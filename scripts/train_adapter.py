"""Train the question adapter: a low-rank update of the encoder, from the corpus' own questions.

    python scripts/train_adapter.py [--out corpus/adapter.npz] [--epochs 5] [--rank 8]

Questions of one clause (or of one not-covered topic) are drawn together by a softmax over the cosines to one learned
direction a clause (normalised softmax, Zhai and Wu 2019); only the low-rank matrices are kept (LoRA, Hu et al. 2021).
Licensed texts and eval cases take no part. The result is under 1 MB. Deterministic for one thread count.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from low_rank import LowRank, adapt, arrays_of, batches
from torch import nn
from torch.nn import functional

from assistant.encoders import SentenceEncoder
from assistant.index.questions import read_asked_as, read_not_covered
from assistant.settings import load_settings

SCALE = 20.0
BATCH = 64
MAX_TOKENS = 96


def train(questions: list[str], labels: np.ndarray, epochs: int, rank: int) -> dict[str, LowRank]:
    """The trained updates by module name."""
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    encoder = SentenceEncoder()
    vectors = encoder.encode(questions)
    directions = np.stack([vectors[labels == i].mean(0) for i in range(labels.max() + 1)])
    sentence_model = encoder._model
    model, tokenizer = sentence_model[0].auto_model, sentence_model.tokenizer
    updates = adapt(model, rank)
    parameters = [p for u in updates.values() for p in (u.down, u.up)]
    proxies = nn.Parameter(functional.normalize(torch.tensor(directions), dim=-1))
    optimiser = torch.optim.AdamW(
        [
            {"params": parameters, "lr": 1e-3, "weight_decay": 0.01},
            {"params": [proxies], "lr": 3e-3, "weight_decay": 0.0},
        ]
    )
    steps = epochs * (len(questions) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda s: min(1.0, (s + 1) / 60) * max(0.02, 1 - s / steps))
    targets = torch.tensor(labels)
    lengths = np.array([len(q) for q in questions])
    model.train()
    for epoch in range(epochs):
        total = 0.0
        for batch in batches(lengths, BATCH, rng):
            tokens = tokenizer(
                [questions[i] for i in batch], padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
            )
            hidden = model(**tokens).last_hidden_state
            mask = tokens["attention_mask"][..., None].float()
            pooled = functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1)
            logits = SCALE * pooled @ functional.normalize(proxies, dim=-1).T
            loss = functional.cross_entropy(logits, targets[batch], label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
        print(f"epoch {epoch + 1} of {epochs}: mean loss {total / max(1, len(questions) // BATCH):.3f}", flush=True)
    return updates


def main() -> None:
    """Train and write the adapter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    settings = load_settings()
    parser.add_argument("--out", type=Path, default=settings.corpus_dir / "adapter.npz")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rank", type=int, default=8)
    options = parser.parse_args()
    asked = read_asked_as([settings.corpus_dir])
    topics = read_not_covered([settings.corpus_dir])
    questions = [q.question for q in asked] + [q for t in topics for q in t.questions]
    names = [q.citation_id for q in asked] + [f"!{t.key}" for t in topics for _ in t.questions]
    _, labels = np.unique(np.array(names), return_inverse=True)
    updates = train(questions, labels, options.epochs, options.rank)
    np.savez(options.out, **arrays_of(updates))
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.2f} MB from {len(questions)} questions")


if __name__ == "__main__":
    main()
