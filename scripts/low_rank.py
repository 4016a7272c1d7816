"""Low-rank updates of an encoder (LoRA, Hu et al. 2021), for the training scripts."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional

ADAPTER_SCALE = 2.0


class LowRank(nn.Module):
    """A frozen linear layer with a low-rank update beside it."""

    def __init__(self, layer: nn.Linear, rank: int) -> None:
        super().__init__()
        self.layer = layer
        self.down = nn.Parameter(torch.randn(rank, layer.in_features) / math.sqrt(layer.in_features))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        # Dropped are the few numbers between the two: to draw for all inputs would take as long as everything else. (The
        # question adapter and the verifier were trained while inputs were dropped, and the encoder's own dropout was on.)
        low = functional.dropout(inputs @ self.down.T, 0.1, self.training)
        return self.layer(inputs) + low @ self.up.T * ADAPTER_SCALE


def adapt(model: nn.Module, rank: int) -> dict[str, LowRank]:
    """Put a low-rank update beside every linear layer of the encoder blocks; the encoder itself is frozen and drops nothing."""
    for parameter in model.parameters():
        parameter.requires_grad = False
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    updates = {}
    for name, module in list(model.named_modules()):
        for child_name, child in list(module.named_children()):
            if isinstance(child, nn.Linear) and "encoder" in name:
                update = LowRank(child, rank)
                setattr(module, child_name, update)
                updates[f"{name}.{child_name}"] = update
    return updates


def batches(lengths: np.ndarray, size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Shuffled batches of about equal lengths."""
    order = rng.permutation(len(lengths))
    found = []
    for start in range(0, len(order), size * 20):
        block = order[start : start + size * 20]
        block = block[np.argsort(lengths[block], kind="stable")]
        found += [block[i : i + size] for i in range(0, len(block), size)]
    rng.shuffle(found)  # type: ignore[arg-type]
    return [b for b in found if len(b) >= 8]


def arrays_of(updates: dict[str, LowRank]) -> dict[str, np.ndarray]:
    """What `assistant.encoders.merge_adapter` reads, in half precision."""
    arrays = {"scale": np.float32(ADAPTER_SCALE)}
    for name, update in updates.items():
        arrays[f"{name}.A"] = update.down.detach().numpy().astype(np.float16)
        arrays[f"{name}.B"] = update.up.detach().numpy().astype(np.float16)
    return arrays
