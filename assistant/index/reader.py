"""The index as readers see it: one generation, opened once, reopened when the pointer has moved."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from assistant.clauses.catalog import Catalog
from assistant.clauses.taxonomy import Taxonomy
from assistant.encoders import Encoder, Vectors
from assistant.errors import IndexMismatch, IndexProblem
from assistant.index.contents import ASKED, NOT_COVERED, PASSAGES, TEXTS
from assistant.index.generation import Generations, Stamp, read_stamp, require_current
from assistant.index.lexical import LexicalIndex
from assistant.index.passage import Passage, heading_path
from assistant.index.question_model import QuestionModel
from assistant.index.questions import AskedAs, NotCovered
from assistant.index.vector_store import VectorStore
from assistant.sources.manifest import Organisation

_CANDIDATES = 400


@dataclass(frozen=True, slots=True)
class DenseHit:
    """A passage and its exact cosine to the query."""

    passage: Passage
    score: float


class OpenIndex:
    """One generation, read into memory; safe to use from several threads.

    Args:
        folder: The generation's folder.
        stamp: Its stamp.

    Raises:
        IndexProblem: One of its files is missing or damaged.
    """

    def __init__(self, folder: Path, stamp: Stamp) -> None:
        self.name = folder.name
        self.stamp = stamp
        self._folder = folder
        self._lock = threading.Lock()
        try:
            taxonomy = Taxonomy.model_validate_json((folder / "taxonomy.json").read_bytes())
            self.catalog = Catalog(TEXTS.validate_json((folder / "texts.json").read_bytes()), taxonomy)
            self.passages: list[Passage] = PASSAGES.validate_json((folder / "passages.json").read_bytes())
            self.asked: list[AskedAs] = ASKED.validate_json((folder / "asked.json").read_bytes())
            self.not_covered: list[NotCovered] = NOT_COVERED.validate_json((folder / "not_covered.json").read_bytes())
            organisations = json.loads((folder / "organisations.json").read_text(encoding="utf-8"))
            self.organisations = [Organisation.model_validate(o) for o in organisations]
            self.passage_vectors: Vectors = np.load(folder / "passages-vectors.npy", mmap_mode="r")
            self.question_vectors: Vectors = np.load(folder / "questions-vectors.npy")
            self.question_model = QuestionModel.load(folder / "question_model.npz")
        except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile) as error:
            raise self._damaged() from error
        self._row = {p.passage_id: i for i, p in enumerate(self.passages)}

    @cached_property
    def question_labels(self) -> list[str]:
        """Citation id or "!<topic key>" of each row of `question_vectors`."""
        return [q.citation_id for q in self.asked] + [f"!{t.key}" for t in self.not_covered for _ in t.questions]

    @cached_property
    def question_texts(self) -> list[str]:
        """The question of each row of `question_vectors`."""
        return [q.question for q in self.asked] + [q for t in self.not_covered for q in t.questions]

    @cached_property
    def topics(self) -> dict[str, NotCovered]:
        """The not-covered register by key."""
        return {t.key: t for t in self.not_covered}

    @cached_property
    def _store(self) -> VectorStore:
        return VectorStore.open(self._folder / "chroma")

    def dense(self, collection: str, vector: Vectors, count: int = _CANDIDATES) -> list[DenseHit]:
        """Nearest passages of a collection: candidates from Chroma, rescored exactly, ties broken by id.

        Args:
            collection: "guidance" or "plans".
            vector: A unit vector of the passages' encoder.
            count: How many candidates.

        Raises:
            IndexProblem: The vectors cannot be read; once the index is mended, the next call reads them.
        """
        with self._lock:
            try:
                ids = self._store.nearest(collection, vector, count)
            except IndexProblem:
                self._let_go()
                raise
        rows = [self._row[i] for i in ids]
        scores = self.passage_vectors[rows] @ vector if rows else np.zeros(0)
        hits = [DenseHit(self.passages[r], float(s)) for r, s in zip(rows, scores, strict=True)]
        return sorted(hits, key=lambda h: (-h.score, h.passage.passage_id))

    @cached_property
    def clause_ids(self) -> list[str]:
        """Guidance ids that a question can be answered from, in catalog order; documents of `clause_lexical`."""
        return [e.citation_id for e in self.catalog if not e.is_plan and e.held]

    @cached_property
    def clause_lexical(self) -> LexicalIndex:
        """BM25 over guidance: headings, every rendition and the asked-as questions of each id."""
        asked: dict[str, list[str]] = {}
        for question in self.asked:
            asked.setdefault(question.citation_id, []).append(question.question)
        return LexicalIndex([self._document(c, asked.get(c, ())) for c in self.clause_ids])

    def _document(self, citation: str, asked: Sequence[str]) -> str:
        entry = self.catalog.resolve(citation)
        texts = [c.text for c in entry.renditions.values()]
        return "\n".join([heading_path(entry.clause), *texts, *asked])

    @cached_property
    def plan_passages(self) -> list[Passage]:
        """Sentences, items and rows of the plans; documents of `plan_lexical`."""
        return [p for p in self.passages if p.plan and p.kind != "clause"]

    @cached_property
    def plan_lexical(self) -> LexicalIndex:
        """BM25 over the sentences, items and rows of the plans, each with its heading."""
        return LexicalIndex(
            [f"{self.catalog.resolve(p.citation_id).clause.heading}\n{p.text}" for p in self.plan_passages]
        )

    @cached_property
    def _units(self) -> dict[tuple[str, str], list[tuple[int, int, int]]]:
        units: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
        for row, passage in enumerate(self.passages):
            if passage.kind != "clause":
                clause = passage.passage_id.split("|", 1)[0]
                units.setdefault((clause, passage.rendition), []).append((passage.start, passage.end, row))
        return units

    def likeness(self, clause: str, rendition: str, spans: Sequence[tuple[int, int]], vector: Vectors) -> list[float]:
        """How near each span of a clause is to a vector: the best cosine of a sentence, item or row inside it.

        Args:
            clause: Citation id of the clause.
            rendition: Which of its renditions the spans point into.
            spans: Start and end of each.
            vector: A unit vector of the passages' encoder.
        """
        units = self._units.get((clause, rendition), [])
        rows = [row for _, _, row in units]
        cosines = np.asarray(self.passage_vectors[rows] @ vector) if rows else np.zeros(0)
        found = []
        for start, end in spans:
            inside = [float(c) for (s, e, _), c in zip(units, cosines, strict=True) if s >= start and e <= end]
            found.append(max(inside, default=0.0))
        return found

    def check(self) -> None:
        """See that everything is there that a search needs.

        Raises:
            IndexProblem: Something is missing, damaged or does not belong to the rest.
        """
        lengths = (len(self.passages), len(self.passage_vectors), len(self.question_texts), len(self.question_vectors))
        if lengths != (self.stamp.passages, self.stamp.passages, self.stamp.questions, self.stamp.questions):
            raise self._damaged()
        for collection, plan in (("guidance", False), ("plans", True)):
            rows = [i for i, p in enumerate(self.passages) if p.plan is plan]
            if self._store.count(collection) != len(rows):
                raise self._damaged()
            try:
                for row in rows[:1]:
                    self.dense(collection, self.passage_vectors[row], 1)
            except KeyError as error:
                raise self._damaged() from error

    def _damaged(self) -> IndexProblem:
        return IndexProblem(f"the index in {self._folder} is damaged; run `assistant index`")

    def close(self) -> None:
        """Let go of Chroma's folder."""
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        store = self.__dict__.pop("_store", None)
        if store is not None:
            store.close()


class IndexReader:
    """Opens the generation that serves, and follows the pointer when a writer has moved it.

    Args:
        data_dir: The data folder.
        encoder: Encoder of passages; must be the one that the index was built with.
        question_encoder: Encoder of questions, likewise.
    """

    def __init__(self, data_dir: Path, encoder: Encoder, question_encoder: Encoder) -> None:
        self._generations = Generations(data_dir)
        self._encoder = encoder
        self._question_encoder = question_encoder
        self._open: OpenIndex | None = None
        self._lock = threading.Lock()

    def current(self) -> OpenIndex:
        """The generation that serves now.

        Raises:
            IndexMissing: Nothing is indexed yet.
            IndexMismatch: It was built with another encoder or form; the message names the command that mends it.
            IndexProblem: It is damaged, or the pointer to it cannot be read.
        """
        folder = require_current(self._generations)
        with self._lock:
            if self._open is None or self._open.name != folder.name:
                stamp = read_stamp(folder)
                self._check(stamp)
                self._open = OpenIndex(folder, stamp)
            return self._open

    def _check(self, stamp: Stamp) -> None:
        for built, wanted in (
            (stamp.encoder, self._encoder.name),
            (stamp.question_encoder, self._question_encoder.name),
        ):
            if built != wanted:
                raise IndexMismatch(
                    f"the index was built with the encoder {built} and {wanted} is set; run `assistant index` to rebuild it"
                )
