"""A corpus of a few sentences and an encoder without a model, for tests of the index itself."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from assistant.encoders import Vectors
from assistant.index.build import BuildReport, build_index
from assistant.index.lexical import stems
from assistant.index.reader import IndexReader
from assistant.settings import Settings, load_settings, packaged
from assistant.sources.registry import Registrations

_DIMENSIONS = 64

_MANIFEST = """
schema = 1

[[standard]]
id = "yard"
title = "Sharing a yard"
label = "Yard guide"
kind = "standard"
audience = "msme"
recognise = ['guide to sharing a yard']

[[source]]
id = "yard"
paths = ["guidance/*.md"]
rendition = "digest"

[source.licence]
holder = "Us"
quote_words_per_answer = 500
export = true
model_use = "any"
"""
_DIGEST = """# The yard in plain words

## 1 Scope

For everybody who shares a yard.

## 2 Keys

The keeper should write down every key. Spare keys hang in the shed.

## 3 Tools

Makers should:

- a) lend what lies idle;
- b) mend what they break.
"""
_SAMPLE = """
schema = 1

[[source]]
id = "plan-sample"
path = "sample.md"
title = "Sample plan"
rendition = "plan"
sample = true
"""
_QUESTIONS = (
    ("yard:1", "who is this yard guide for"),
    ("yard:2", "who writes down the keys"),
    ("yard:3", "may I borrow a tool"),
    ("yard:3 a)", "what should we lend"),
)
_NOT_COVERED = """
[[topic]]
key = "prices"
topic = "Prices"
reason = "not_covered"
say = "The guide names no prices."
nearest = ["yard:1"]
questions = ["what does a yard cost", "how much is the rent"]
"""


@dataclass
class HashingEncoder:
    """Unit vectors from hashed word stems: equal words, near vectors; counts what it was asked to encode."""

    name: str = "hashing"
    max_tokens: int = 40
    encoded: list[str] = field(default_factory=list)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), 64), float32."""
        self.encoded += texts
        vectors = np.zeros((len(texts), _DIMENSIONS), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in ["", *stems(text)]:
                row[int(hashlib.sha256(word.encode()).hexdigest(), 16) % _DIMENSIONS] += 1.0
            row /= np.linalg.norm(row)
        return vectors

    def count_tokens(self, text: str) -> int:
        """Words, and one for each further ten letters of a long one."""
        return 2 + sum(1 + len(word) // 10 for word in text.split())


class SmallProduct:
    """A data folder over the small corpus.

    Args:
        root: An empty folder.
        encoder: Encodes passages and questions.
        source_id: Id of the guide; "iso-44003" lets questions name its clauses by number.
    """

    def __init__(self, root: Path, encoder: HashingEncoder | None = None, *, source_id: str = "yard") -> None:
        self.encoder = encoder or HashingEncoder()
        self.corpus = root / "corpus"
        self.settings: Settings = load_settings(data_dir=root / "data", corpus_dir=self.corpus)
        if not self.corpus.exists():
            _write_corpus(self.corpus, source_id)

    def build(self, add: Sequence[Path] = (), remove: Sequence[str] = ()) -> BuildReport:
        """As `assistant index` does it."""
        registrations = Registrations.load(self.settings.data_dir)
        for folder in add:
            registrations.register(folder)
        for source_id in remove:
            registrations.remove(self.reader().current().catalog.sources.values(), source_id)
        return build_index(self.settings, registrations, self.encoder, self.encoder)

    def reader(self) -> IndexReader:
        """A reader of its own, as another process would have one."""
        return IndexReader(self.settings.data_dir, self.encoder, self.encoder)

    def ids(self) -> set[str]:
        """Ids of the sources that are served."""
        return {source_id for source_id, _ in self.reader().current().catalog.sources}


def _write_corpus(corpus: Path, source_id: str) -> None:
    def named(text: str) -> str:
        return text.replace('"yard', f'"{source_id}')

    (corpus / "guidance").mkdir(parents=True)
    (corpus / "questions" / "asked-as").mkdir(parents=True)
    (corpus / "plans").mkdir()
    shutil.copy(packaged("corpus") / "taxonomy.toml", corpus)
    (corpus / "manifest.toml").write_text(named(_MANIFEST), encoding="utf-8")
    (corpus / "guidance" / "yard.md").write_text(_DIGEST, encoding="utf-8")
    lines = [json.dumps({"id": i, "voice": "near", "question": q}) for i, q in _QUESTIONS]
    (corpus / "questions" / "asked-as" / "yard.jsonl").write_text(named("\n".join(lines)), encoding="utf-8")
    (corpus / "questions" / "not-covered.toml").write_text(named(_NOT_COVERED), encoding="utf-8")
    (corpus / "plans" / "manifest.toml").write_text(_SAMPLE, encoding="utf-8")
    (corpus / "plans" / "sample.md").write_text("# Sample plan\n\n## Keys\n\nBo keeps the keys.\n", encoding="utf-8")
