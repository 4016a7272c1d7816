"""Build: sources -> clauses -> passages -> vectors, as one new generation that is switched to at the end."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant import __version__
from assistant.clauses.builder import SourceText, read_source
from assistant.clauses.catalog import Catalog
from assistant.clauses.taxonomy import Taxonomy, read_taxonomy
from assistant.encoders import Encoder, Vectors
from assistant.errors import CorpusError, IndexProblem
from assistant.index.contents import ASKED, NOT_COVERED, PASSAGES, TEXTS
from assistant.index.generation import FORM, Generations, Stamp, content_hash, read_stamp, write_stamp
from assistant.index.passage import PASSAGE_FORM, Passage, make_passages
from assistant.index.question_model import train_question_model
from assistant.index.questions import AskedAs, NotCovered, read_asked_as, read_not_covered
from assistant.index.reader import OpenIndex
from assistant.index.vector_store import VectorStore
from assistant.settings import Settings
from assistant.sources.reading import read_document
from assistant.sources.registry import Collected, Registrations, collect_sources

Progress = Callable[[str, int, int], None]
"""Told what is being done, how far it is, and of how many."""

_ENCODE_BATCH = 256


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        generation: Name of the generation that serves now.
        changed: False where everything was as before and nothing was built.
        encoded: Texts that had to be encoded; the others were taken over.
        passages: Passages in all.
        sources: Sources in all.
        notices: Lines a person should read.
    """

    generation: str
    changed: bool
    encoded: int
    passages: int
    sources: int
    notices: tuple[str, ...] = ()


def silent(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


def build_index(
    settings: Settings,
    registrations: Registrations,
    encoder: Encoder,
    question_encoder: Encoder,
    *,
    progress: Progress = silent,
) -> BuildReport:
    """Bring the index up to date with its sources; the old generation serves until the last moment.

    Args:
        settings: Where data and corpus are.
        registrations: Registered folders; saved when the build has succeeded.
        encoder: Encodes passages.
        question_encoder: Encodes asked-as questions.
        progress: Told how far it is.

    Raises:
        SourceError: A source cannot be taken in; nothing was changed.
        CorpusError: Questions point at clauses that do not exist.
        IndexBusy: Another process is building.
        IndexProblem: The data folder cannot be written, for want of room for instance.
    """
    generations = Generations(settings.data_dir)
    with generations.building() as folder:
        material = _gather(settings, registrations, progress)
        stamp_parts = _content(material, encoder, question_encoder)
        name = f"g{FORM}-{content_hash(stamp_parts)[:16]}"
        current = generations.readable()
        ready = _whole(generations.folder(name))
        if ready is not None:
            changed = current is None or current.name != name
            if changed:
                generations.serve(name)
            registrations.save()
            return BuildReport(name, changed, 0, ready.passages, len(material.texts), material.notices)
        report = _build(folder, material, stamp_parts, encoder, question_encoder, current, progress)
        generations.take(folder, report.generation)
        generations.serve(report.generation)
        registrations.save()
        return report


def _whole(folder: Path) -> Stamp | None:
    """The stamp of a generation that can be read from end to end; None where there is none or something is amiss."""
    try:
        index = OpenIndex(folder, read_stamp(folder))
        try:
            index.check()
        finally:
            index.close()
        return index.stamp
    except IndexProblem:
        return None


@dataclass(frozen=True, slots=True)
class _Material:
    collected: Collected
    texts: list[SourceText]
    taxonomy: Taxonomy
    asked: list[AskedAs]
    not_covered: list[NotCovered]
    notices: tuple[str, ...]


def corpus_folders(settings: Settings) -> list[Path]:
    """The packaged corpus, then the organisation's overlay where there is one."""
    return [settings.corpus_dir] + ([settings.overlay_dir] if settings.overlay_dir else [])


def _gather(settings: Settings, registrations: Registrations, progress: Progress) -> _Material:
    max_bytes = settings.max_upload_mb * 1_000_000
    collected = collect_sources(settings.corpus_dir, registrations, max_bytes=max_bytes)
    taxonomy = read_taxonomy(settings.corpus_dir, settings.overlay_dir)
    texts = []
    for i, source in enumerate(collected.sources):
        progress("reading", i, len(collected.sources))
        texts.append(read_source(source, taxonomy, lambda p: read_document(p, max_bytes=max_bytes)))
    progress("reading", len(collected.sources), len(collected.sources))
    catalog = Catalog(texts, taxonomy)
    folders = corpus_folders(settings)
    asked = read_asked_as(folders)
    notices = []
    dead = sorted({q.citation_id for q in asked if q.citation_id not in catalog})
    if dead:
        raise CorpusError(f"asked-as questions point at {dead[0]!r}, which is no clause; mend questions/asked-as/")
    topics = read_not_covered(folders)
    for topic in topics:
        for nearest in topic.nearest:
            if nearest not in catalog:
                raise CorpusError(f"not-covered topic {topic.key!r} points at {nearest!r}, which is no clause")
    for source in collected.sources:
        if not source.described:
            notices.append(f"{source.source_id}: no manifest entry, indexed under the default licence")
    return _Material(collected, texts, taxonomy, asked, topics, tuple(notices))


def _content(material: _Material, encoder: Encoder, question_encoder: Encoder) -> list[str | bytes]:
    """Everything that shapes a generation, as strings to hash.

    The clauses themselves and not the files that they were read from: a mended parser reads another text in a file
    that has not changed. What is made of clauses and questions may differ from version to version of the product.
    """
    return [
        *(__version__, str(FORM), str(PASSAGE_FORM), encoder.name, question_encoder.name),
        material.taxonomy.model_dump_json(),
        TEXTS.dump_json(material.texts),
        ASKED.dump_json(material.asked),
        NOT_COVERED.dump_json(material.not_covered),
        *(o.model_dump_json() for o in material.collected.organisations),
    ]


def _build(
    folder: Path,
    material: _Material,
    stamp_parts: Sequence[str | bytes],
    encoder: Encoder,
    question_encoder: Encoder,
    current: Path | None,
    progress: Progress,
) -> BuildReport:
    clauses = [c for t in material.texts for c in t.clauses]
    passages = make_passages(clauses, encoder.count_tokens, encoder.max_tokens)
    passage_cache = _Cache.load(current, "passages", encoder.name)
    vectors = passage_cache.encode([p.text for p in passages], encoder, "encoding passages", progress)
    questions = [q.question for q in material.asked] + [q for t in material.not_covered for q in t.questions]
    question_cache = _Cache.load(current, "questions", question_encoder.name)
    question_vectors = question_cache.encode(questions, question_encoder, "encoding questions", progress)
    progress("learning from the questions", 0, 1)
    labels = [q.citation_id for q in material.asked] + [f"!{t.key}" for t in material.not_covered for _ in t.questions]
    model = train_question_model(question_vectors, labels, current / "question_model.npz" if current else None)
    progress("learning from the questions", 1, 1)
    _write(folder, material, passages, vectors, questions, question_vectors, encoder, question_encoder)
    model.save(folder / "question_model.npz")
    stamp = Stamp(
        FORM,
        encoder.name,
        question_encoder.name,
        content_hash(stamp_parts),
        len(passages),
        len(clauses),
        len(questions),
    )
    write_stamp(folder, stamp)
    encoded = passage_cache.encoded + question_cache.encoded
    return BuildReport(stamp.name, True, encoded, len(passages), len(material.texts), material.notices)


def _write(
    folder: Path,
    material: _Material,
    passages: Sequence[Passage],
    vectors: Vectors,
    questions: Sequence[str],
    question_vectors: Vectors,
    encoder: Encoder,
    question_encoder: Encoder,
) -> None:
    (folder / "texts.json").write_bytes(TEXTS.dump_json(material.texts))
    (folder / "taxonomy.json").write_text(material.taxonomy.model_dump_json(), encoding="utf-8")
    (folder / "passages.json").write_bytes(PASSAGES.dump_json(list(passages)))
    (folder / "asked.json").write_bytes(ASKED.dump_json(material.asked))
    (folder / "not_covered.json").write_bytes(NOT_COVERED.dump_json(material.not_covered))
    organisations = [o.model_dump() for o in material.collected.organisations]
    (folder / "organisations.json").write_text(json.dumps(organisations), encoding="utf-8")
    _Cache.save(folder, "passages", encoder.name, [p.text for p in passages], vectors)
    _Cache.save(folder, "questions", question_encoder.name, questions, question_vectors)
    store = VectorStore.make(folder / "chroma")
    for name, plan in (("guidance", False), ("plans", True)):
        rows = [i for i, p in enumerate(passages) if p.plan is plan]
        store.create(name, [passages[i].passage_id for i in rows], vectors[rows])
    store.close()


class _Cache:
    """Vectors of the generation before, by the hash of their text, so that nothing is encoded twice."""

    def __init__(self, known: dict[str, int], vectors: Vectors) -> None:
        self._known = known
        self._vectors = vectors
        self.encoded = 0

    @classmethod
    def load(cls, generation: Path | None, what: str, encoder: str) -> _Cache:
        try:
            if generation is not None:
                names = json.loads((generation / f"{what}-texts.json").read_text(encoding="utf-8"))
                if names["encoder"] == encoder:
                    vectors = np.load(generation / f"{what}-vectors.npy")
                    if len(vectors) == len(names["sha256"]):
                        return cls({sha: i for i, sha in enumerate(names["sha256"])}, vectors)
        except (OSError, EOFError, ValueError, KeyError, TypeError):
            pass  # an unreadable cache costs time, nothing else
        return cls({}, np.zeros((0, 0), dtype=np.float32))

    @staticmethod
    def save(folder: Path, what: str, encoder: str, texts: Sequence[str], vectors: Vectors) -> None:
        names = {"encoder": encoder, "sha256": [content_hash([t]) for t in texts]}
        (folder / f"{what}-texts.json").write_text(json.dumps(names), encoding="utf-8")
        np.save(folder / f"{what}-vectors.npy", vectors)

    def encode(self, texts: Sequence[str], encoder: Encoder, what: str, progress: Progress) -> Vectors:
        hashes = [content_hash([t]) for t in texts]
        first = {h: i for i, h in reversed(list(enumerate(hashes))) if h not in self._known}
        missing = sorted(first.values(), key=lambda i: len(texts[i]))  # equal lengths together: less padding
        fresh: dict[str, Vectors] = {}
        progress(what, 0, len(missing))
        for start in range(0, len(missing), _ENCODE_BATCH):
            batch = missing[start : start + _ENCODE_BATCH]
            for i, vector in zip(batch, encoder.encode([texts[i] for i in batch]), strict=True):
                fresh[hashes[i]] = vector
            progress(what, start + len(batch), len(missing))
        self.encoded += len(missing)
        if not texts:
            return encoder.encode([])
        rows = [fresh[h] if h in fresh else self._vectors[self._known[h]] for h in hashes]
        return np.stack(rows).astype(np.float32)
