"""Foreign data: any folder in BEIR form, searched by the product's own retrieval and scored by ir-measures.

BEIR form (Thakur et al., NeurIPS 2021): `corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`, `text`) and
`qrels/SPLIT.tsv` (query-id, corpus-id, score, with a header line).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import ir_measures
import numpy as np
from ir_measures import AP, R, nDCG

from assistant.characters import refuse_half_characters
from assistant.errors import CaseError, WriteError
from assistant.evals.protocols import BeirDocument, Search
from assistant.evals.running import progress
from assistant.files import read_lines, write_whole

MEASURES = {"Recall@10": R @ 10, "MAP@10": AP @ 10, "nDCG@10": nDCG @ 10}
_TOGETHER = 64
RunScores = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Published:
    """A published figure to print beside ours."""

    system: str
    split: str
    values: Mapping[str, float]


# RegNLP / ObliQA (Gokhan et al., 2024, and the systems of the RIRAG-2025 shared task), on the test split.
PUBLISHED: Mapping[str, tuple[Published, ...]] = {
    "obliqa": (
        Published("BM25", "test", {"Recall@10": 0.761, "MAP@10": 0.624}),
        Published("bge-small, zero-shot", "test", {"Recall@10": 0.702, "MAP@10": 0.536}),
        Published("best hybrid, trained on its train split", "test", {"Recall@10": 0.833, "MAP@10": 0.702}),
    )
}


def published_for(folder: Path) -> tuple[Published, ...]:
    """Published figures for a data set that the folder's name gives away."""
    return next((found for name, found in PUBLISHED.items() if name in folder.resolve().name.lower()), ())


def read_documents(folder: Path) -> Iterator[BeirDocument]:
    """Documents of `corpus.jsonl` in order.

    Raises:
        CaseError: The file cannot be read, or a line is out of form.
    """
    for origin, record in _records(folder / "corpus.jsonl"):
        title = record.get("title") or ""
        yield BeirDocument(_text(record, "_id", origin), str(title), _text(record, "text", origin, empty=True))


def read_queries(folder: Path) -> dict[str, str]:
    """Query id -> words.

    Raises:
        CaseError: The file cannot be read, or a line is out of form.
    """
    return {_text(r, "_id", o): _text(r, "text", o) for o, r in _records(folder / "queries.jsonl")}


def read_qrels(folder: Path, split: str) -> dict[str, dict[str, int]]:
    """Query id -> document id -> grade.

    Raises:
        CaseError: There is no such split, or a line is out of form.
    """
    path = folder / "qrels" / f"{split}.tsv"
    if not path.is_file():
        there = ", ".join(sorted(p.stem for p in path.parent.glob("*.tsv"))) or "none"
        raise CaseError(f"{path}: no such split; --split can be one of: {there}")
    qrels: dict[str, dict[str, int]] = {}
    for number, line in read_lines(path, CaseError):
        fields = line.split("\t")
        if number == 1 and not fields[-1].strip().lstrip("-").isdigit():
            continue
        try:
            query, document, grade = fields
            qrels.setdefault(query, {})[document] = int(grade)
        except ValueError as error:
            raise CaseError(
                f"{path}:{number}: must be query-id, corpus-id and a whole number, tab between them"
            ) from error
    if not qrels:
        raise CaseError(f"{path}: holds no judgement; check the split")
    return qrels


def _records(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    if not path.is_file():
        raise CaseError(f"{path}: no such file; name a folder in BEIR form (corpus.jsonl, queries.jsonl, qrels/)")
    for number, line in read_lines(path, CaseError):
        origin = f"{path}:{number}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise CaseError(f"{origin}: not JSON ({error}); write one JSON object a line") from error
        if not isinstance(record, dict):
            raise CaseError(f"{origin}: is not a JSON object")
        refuse_half_characters(record, origin)
        yield origin, record


def _text(record: Mapping[str, object], key: str, origin: str, *, empty: bool = False) -> str:
    value = record.get(key)
    if not isinstance(value, str) or not (value or empty):
        raise CaseError(f'{origin}: key "{key}": must be a text')
    if key == "_id" and value.split() != [value]:
        raise CaseError(f'{origin}: key "_id": "{value}" has white space in it, which a TREC run cannot hold')
    return value


def run_queries(
    search: Search,
    queries: Mapping[str, str],
    wanted: Sequence[str],
    depth: int,
    stream: TextIO | None = None,
) -> RunScores:
    """Search every wanted query.

    Args:
        search: Gives (document id, score), best first, for each of some queries.
        queries: Query id -> words.
        wanted: The queries to run: those that have judgements.
        depth: Hits a query, at least 10.
        stream: Where progress goes.

    Returns:
        Query id -> document id -> score that falls strictly with the rank, also in the single precision that
        trec_eval reads, so that ties are broken as the search broke them.
    """
    if depth < 10:
        raise CaseError(f"-k {depth}: must be at least 10, since the metrics look at ten hits")
    if missing := [q for q in wanted if q not in queries]:
        raise CaseError(f"{len(missing)} judged queries are not in queries.jsonl, the first is {missing[0]}")
    found: RunScores = {}
    with progress(len(wanted), "searched", stream) as told:
        for start in range(0, len(wanted), _TOGETHER):
            together = wanted[start : start + _TOGETHER]
            for query, hits in zip(together, search([queries[q] for q in together], depth), strict=True):
                found[query] = _falling(hits[:depth])
                told.advance()
    return found


def _falling(hits: Sequence[tuple[str, float]]) -> dict[str, float]:
    scores: dict[str, float] = {}
    last = np.float32(np.inf)
    for document, score in hits:
        if document in scores:
            continue
        value = np.float32(score)
        last = value if value < last else np.nextafter(last, np.float32(-np.inf))
        scores[document] = float(last)
    return scores


def write_trec(path: Path, run: RunScores, tag: str = "assistant") -> None:
    """Write a TREC run: query, Q0, document, rank from 1, score, tag.

    Raises:
        WriteError: The file cannot be written.
    """
    lines = [
        f"{query} Q0 {document} {rank} {score!r} {tag}\n"
        for query, hits in run.items()
        for rank, (document, score) in enumerate(hits.items(), start=1)
    ]
    write_whole(path, "".join(lines))


def check_target(path: Path) -> None:
    """Refuse, before a long search, a file that plainly cannot be written after it; nothing is written or made.

    Raises:
        WriteError: It is a folder, or what should be a folder above it is none or may not be written to.
    """
    try:
        above = next(p for p in path.absolute().parents if p.exists())
        fits = not path.is_dir() and above.is_dir() and os.access(above, os.W_OK)
    except OSError:
        fits = False
    if not fits:
        raise WriteError(f"{path}: cannot be written; name another file with --run")


def score_run(qrels: Mapping[str, Mapping[str, int]], run: RunScores) -> dict[str, float]:
    """Recall@10, MAP@10 and nDCG@10; a query without hits counts 0."""
    full = {query: run.get(query) or {"-": 0.0} for query in qrels}
    values = ir_measures.calc_aggregate(list(MEASURES.values()), qrels, full)
    return {name: float(values[measure]) for name, measure in MEASURES.items()}


def table(split: str, scores: Mapping[str, float], published: Sequence[Published]) -> str:
    """Our figures with the published ones below them."""
    width = max(len(p.system) for p in published) if published else 9
    width = max(width, len("assistant"))
    lines = [f"{'system':<{width}}  {'split':<6}" + "".join(f"  {name:>9}" for name in MEASURES)]
    rows = [("assistant", split, scores), *((p.system, p.split, p.values) for p in published)]
    for system, where, values in rows:
        figures = "".join(f"  {values[n]:>9.3f}" if n in values else f"  {'–':>9}" for n in MEASURES)
        lines.append(f"{system:<{width}}  {where:<6}{figures}")
    if any(p.split != split for p in published):
        lines.append("Published figures are of another split: they place ours, they do not rank it.")
    return "\n".join(lines)
