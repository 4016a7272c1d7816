"""A small index of the packaged corpus with a plan of an invented firm, for the tests of the coverage map."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from assistant.encoders import Vectors

PLAN = """# Plan for the joint ferry

## 1 Relationship

We drew up an overview of all present customers, suppliers and partners and rated each relationship.
Marta Olin, owner and managing director, is the senior executive responsible and may spend up to 9,000 a month.

## 2 Risk

The joint risk register is open to all members of both crews in the shared folder.
Every line names an owner, the effect and what is done about it.
Whatever goes wrong, the smaller firm pays for it.

## 3 End

An exit strategy will be looked at later.
"""


class WordEncoder:
    """Stands in for the sentence encoder: a hashed bag of words, so that texts that share words are near."""

    name = "words"
    max_tokens = 256

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), 64), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                row[int(hashlib.md5(word.encode()).hexdigest(), 16) % 64] += 1.0
            norm = float(np.linalg.norm(row))
            row[:] = row / norm if norm else row
        return rows

    def count_tokens(self, text: str) -> int:
        return len(text.split())
