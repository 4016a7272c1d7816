"""How strongly each sentence of the plans speaks of each recommendation: ten signals on one scale, and their fusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.clauses.catalog import Catalog
from assistant.coverage.plan_text import Plan, PlanSentence
from assistant.coverage.taught import Encoded, Taught, TextEncoder
from assistant.coverage.wording import concepts_of, content_stems
from assistant.encoders import Vectors
from assistant.index.reader import OpenIndex

Floats = NDArray[np.float64]
SIGNALS = (
    "cosine",
    "taught",
    "asked",
    "clause",
    "principle",
    "concepts",
    "lexical",
    "heading",
    "clause_heading",
    "plan_title",
)
_NEAREST_QUESTIONS = 3
_RIVALS = 5
_RIVAL_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Wanted:
    """A recommendation as it is matched.

    Attributes:
        key: Its key.
        citation_id: What it cites.
        text: Its words with what leads into them.
        encoded: Vectors of the text, a single row.
        questions: Unit vectors of questions that people ask about it, shape (n, dimensions); n may be 0.
        heading_vector: Unit vector of the heading of its clause.
        principle: Name of its principle.
        principle_vector: Unit vector of that name.
    """

    key: str
    citation_id: str
    text: str
    encoded: Encoded
    questions: Vectors
    heading_vector: Vectors
    principle: str
    principle_vector: Vectors

    @property
    def vector(self) -> Vectors:
        """Unit vector of the text by the encoder of passages."""
        row: Vectors = self.encoded.passages[0]
        return row


@dataclass(frozen=True, slots=True)
class PlanMatrix:
    """Sentences of plans with everything that ranking needs of them, a row a sentence.

    Attributes:
        sentences: In order.
        encoded: Vectors of the sentences.
        heading_vectors: Unit vectors of the headings, zero where there is none.
        title_vectors: Unit vectors of the plans' titles.
        clause_chances: Logarithm of the chance that a question in these words is about each label of the question model.
        labels: Those labels.
        principle_chances: Chance of each principle, by name.
    """

    sentences: Sequence[PlanSentence]
    encoded: Encoded
    heading_vectors: Vectors
    title_vectors: Vectors
    clause_chances: Floats
    labels: tuple[str, ...]
    principle_chances: Mapping[str, Floats]


def make_wanted(
    texts: Sequence[tuple[str, str, str]], index: OpenIndex, encoder: TextEncoder, question_encoder: TextEncoder
) -> list[Wanted]:
    """Recommendations ready to be matched.

    Args:
        texts: Recommendation key, citation id and words (with their lead-in) of each.
        index: Gives headings, principles and asked-as questions.
        encoder: Encoder of passages.
        question_encoder: Encoder of questions.
    """
    catalog = index.catalog
    rows: dict[str, list[int]] = {}
    for row, label in enumerate(index.question_labels):
        rows.setdefault(label, []).append(row)
    headings = [catalog.resolve(catalog.owner(c)).clause.heading for _, c, _ in texts]
    principles = [catalog.resolve(c).principle or "" for _, c, _ in texts]
    words = [t for _, _, t in texts]
    encoded = Encoded(encoder.encode(words), question_encoder.encode(words))
    named = _named_vectors([*headings, *principles], encoder)
    return [
        Wanted(
            key, citation, text, encoded.rows([i]), np.asarray(index.question_vectors[rows.get(citation, [])]),
            named[headings[i]], principles[i], named[principles[i]],
        )
        for i, (key, citation, text) in enumerate(texts)
    ]  # fmt: skip


def make_matrix(plans: Sequence[Plan], encoded: Encoded, index: OpenIndex, encoder: TextEncoder) -> PlanMatrix:
    """The sentences of all plans, ready to be matched.

    Args:
        plans: The plans.
        encoded: A row a sentence, in the order of the plans.
        index: Gives the question model.
        encoder: Encodes headings and titles.
    """
    sentences = [s for p in plans for s in p.sentences]
    titles = [p.title for p in plans for _ in p.sentences]
    headings = [s.title for s in sentences]
    named = _named_vectors([*headings, *titles], encoder)
    logits = np.asarray(index.question_model.logits(encoded.questions), dtype=float)
    chances = logits - logits.max(axis=1, keepdims=True) if logits.size else logits
    chances = chances - np.log(np.exp(chances).sum(axis=1, keepdims=True)) if logits.size else chances
    return PlanMatrix(
        sentences=sentences,
        encoded=encoded,
        heading_vectors=_stack([named[h] for h in headings], encoded.passages),
        title_vectors=_stack([named[t] for t in titles], encoded.passages),
        clause_chances=chances,
        labels=index.question_model.labels,
        principle_chances=_by_principle(np.exp(chances), index.question_model.labels, index.catalog),
    )


def _stack(rows: Sequence[Vectors], like: Vectors) -> Vectors:
    return np.stack(rows) if rows else np.zeros_like(like)


def _named_vectors(names: Sequence[str], encoder: TextEncoder) -> dict[str, Vectors]:
    distinct = sorted({n for n in names if n})
    vectors = encoder.encode(distinct)
    return dict(zip(distinct, vectors, strict=True)) | {"": np.zeros(vectors.shape[1], np.float32)}


def _by_principle(chances: Floats, labels: Sequence[str], catalog: Catalog) -> dict[str, Floats]:
    columns: dict[str, list[int]] = {}
    for column, label in enumerate(labels):
        entry = catalog.get(label)
        if entry is not None and entry.principle:
            columns.setdefault(entry.principle, []).append(column)
    return {name: np.asarray(chances[:, found].sum(axis=1)) for name, found in columns.items()}


def signals(
    wanted: Sequence[Wanted], plan: PlanMatrix, concept_weights: dict[str, float], taught: Taught
) -> dict[str, Floats]:
    """Each signal, shape (recommendations, sentences)."""
    column = {label: i for i, label in enumerate(plan.labels)}
    none = np.zeros(len(plan.sentences))
    floor = plan.clause_chances.mean(axis=1) if plan.clause_chances.size else none
    clause = [plan.clause_chances[:, column[w.citation_id]] if w.citation_id in column else floor for w in wanted]
    return {
        "cosine": _product([w.vector for w in wanted], plan.encoded.passages),
        "taught": taught.about(plan.encoded, [w.key for w in wanted]),
        "asked": np.stack([_asked(w, plan) for w in wanted]),
        "clause": np.stack(clause),
        "principle": np.stack([plan.principle_chances.get(w.principle, none) for w in wanted]),
        "concepts": _concept_signal(wanted, plan.sentences, concept_weights),
        "lexical": _lexical_signal(wanted, plan.sentences),
        "heading": _product([w.vector for w in wanted], plan.heading_vectors),
        "clause_heading": _product([w.heading_vector for w in wanted], plan.heading_vectors),
        "plan_title": _product([w.principle_vector for w in wanted], plan.title_vectors),
    }


def fuse(
    signal: Mapping[str, Floats], weights: Mapping[str, float], scales: Mapping[str, tuple[float, float]]
) -> Floats:
    """The signals on one scale: weighted mean of (signal - mean) / deviation, with means and deviations as committed.

    A signal that is zero throughout (headings, in a plan without any) is left out; what the examples teach is added
    by `ranking_score`.
    """
    speaking = [n for n in SIGNALS if n != "taught" and weights.get(n) and signal[n].any()]
    if not speaking:
        return np.zeros_like(signal[SIGNALS[0]])
    fused = [weights[n] * (signal[n] - scales[n][0]) / scales[n][1] for n in speaking]
    return np.asarray(np.sum(fused, axis=0) / sum(weights[n] for n in speaking))


def rival_level(fused: Floats) -> Floats:
    """Per sentence, how strongly it speaks of the recommendations that it fits best (mean of the five highest)."""
    return np.asarray(np.sort(fused, axis=0)[-_RIVALS:].mean(axis=0))


def ranking_score(fused: Floats, rivals: Floats, taught: Floats, scale: tuple[float, float]) -> Floats:
    """How well each sentence serves each recommendation; by this the sentences to read are chosen.

    Sentences that fit everything are marked down: cross-domain similarity local scaling (Conneau et al. 2018, eq. 6),
    one-sided. What the examples teach sets recommendations against each other by itself.

    Args:
        fused: The other signals together.
        rivals: Per sentence, its level for what it fits best.
        taught: Logarithm of the chance that the sentence is about the recommendation.
        scale: Its mean and deviation.
    """
    return np.asarray(fused - _RIVAL_SHARE * rivals + (taught - scale[0]) / scale[1])


def _product(rows: Sequence[Vectors], vectors: Vectors) -> Floats:
    return np.asarray(np.stack(rows) @ vectors.T, dtype=float)


def _asked(wanted: Wanted, plan: PlanMatrix) -> Floats:
    if not len(wanted.questions):
        return np.asarray(plan.encoded.passages @ wanted.vector, dtype=float)
    nearest = np.sort(wanted.questions @ plan.encoded.questions.T, axis=0)[-_NEAREST_QUESTIONS:]
    return np.asarray(nearest.mean(axis=0), dtype=float)


def _concept_signal(wanted: Sequence[Wanted], sentences: Sequence[PlanSentence], weights: dict[str, float]) -> Floats:
    names = sorted(weights)
    column = {name: i for i, name in enumerate(names)}
    weight = np.array([weights[n] for n in names])
    asked = _concept_rows([w.text for w in wanted], column) * weight
    present = _concept_rows([f"{s.lead} {s.text}".strip() for s in sentences], column)
    total = np.maximum(asked.sum(axis=1, keepdims=True), 1e-9)
    return np.asarray(asked @ present.T / total)


def _concept_rows(texts: Sequence[str], column: Mapping[str, int]) -> Floats:
    matrix = np.zeros((len(texts), len(column)))
    for i, text in enumerate(texts):
        for concept in concepts_of(text):
            if concept in column:
                matrix[i, column[concept]] = 1.0
    return matrix


def _lexical_signal(wanted: Sequence[Wanted], sentences: Sequence[PlanSentence]) -> Floats:
    """BM25 (k1 = 1.2, b = 0.75; Robertson and Zaragoza 2009, eq. 3.15) over stems, as a share of a perfect match."""
    stems = [set(content_stems(w.text)) for w in wanted]
    documents = [content_stems(f"{s.lead} {s.text}") for s in sentences]
    vocabulary = {stem: i for i, stem in enumerate(sorted(set().union(*stems)))}
    counts = np.zeros((len(documents), len(vocabulary)))
    for i, document in enumerate(documents):
        for stem in document:
            if stem in vocabulary:
                counts[i, vocabulary[stem]] += 1
    lengths = np.array([max(len(d), 1) for d in documents], dtype=float)
    present = (counts > 0).sum(axis=0)
    idf = np.log(1 + (len(documents) - present + 0.5) / (present + 0.5))
    saturated = counts * 2.2 / (counts + (1.2 * (0.25 + 0.75 * lengths / lengths.mean()))[:, None])
    asked = np.zeros((len(wanted), len(vocabulary)))
    for i, words in enumerate(stems):
        for stem in words:
            asked[i, vocabulary[stem]] = 1.0
    return np.asarray((asked * idf) @ saturated.T / np.maximum((asked @ idf) * 2.2, 1e-9)[:, None])
