"""Scores the coverage map on the labelled pairs and on the answer key of the sample plans, and refits its few numbers.

    python bench/coverage.py --data-dir DIR               score the development half and the answer key
    python bench/coverage.py --data-dir DIR --frozen      score the frozen half too (once, at the end)
    python bench/coverage.py --data-dir DIR --fit         refit assistant/coverage/parameters.json from the development half

DIR holds an index of the packaged corpus (`assistant index --data-dir DIR`). Fitting looks at the development half only.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import GroupKFold

from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.licensing import QuoteLedger
from assistant.clauses.sentences import split_sentences
from assistant.coverage.coverage_map import CoverageMapper
from assistant.coverage.judging import FEATURES, JUDGED, Parameters, features_of, read_parameters
from assistant.coverage.matching import Candidate, decide
from assistant.coverage.plan_text import Plan, PlanSentence, plan_ids, read_plans
from assistant.coverage.recommendations import recommendations
from assistant.coverage.signals import (
    SIGNALS,
    Floats,
    Wanted,
    fuse,
    make_matrix,
    make_wanted,
    ranking_score,
    rival_level,
    signals,
)
from assistant.coverage.wording import concepts_of
from assistant.settings import load_settings
from assistant.sources.registry import Registrations

ROOT = Path(__file__).resolve().parent.parent
PAIRS = ROOT / "evals" / "coverage" / "pairs.jsonl"
KEY = ROOT / "evals" / "coverage" / "answer-key.json"
PARAMETERS = ROOT / "assistant" / "coverage" / "parameters.json"
FOLDS = 8


@dataclass
class Pairs:
    """Labelled pairs with the matrices that scoring needs."""

    rows: list[dict[str, Any]]
    owners: list[int]
    sentences: list[PlanSentence]
    signal: dict[str, Floats]
    own_signal: dict[str, Floats]
    counterparts: list[int | None]


def load_pairs(assistant: GuidanceAssistant, half: str, concept_weights: dict[str, float]) -> Pairs:
    """One half of the pairs, each pair's text cut into sentences as a plan's would be."""
    rows = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    rows = [r for r in rows if r["half"] == half]
    sentences, owners = [], []
    for i, row in enumerate(rows):
        texts = [s.text for s in split_sentences(row["plan_text"])]
        for n, text in enumerate(texts):
            following = texts[n + 1] if n + 1 < len(texts) else ""
            sentences.append(PlanSentence("plan-pairs", "plan-pairs:all", "", text, "", following))
            owners.append(i)
    index = assistant.index()
    plan = Plan("plan-pairs", "", "", tuple(sentences), "", False, (), 0)
    vectors = assistant.encoder.encode([s.text for s in sentences])
    matrix = make_matrix([plan], vectors, _question_vectors(assistant, sentences, vectors), index, assistant.encoder)
    ledger = QuoteLedger(index.catalog, "staff", date.today())
    own = recommendations(index.catalog, ledger, "both")
    own_wanted = make_wanted([(r.key, r.citation_id, r.matched_text) for r in own], index, assistant.encoder)
    spoken = assistant.encoder.encode([r["recommendation"] for r in rows])
    counterparts = [counterpart(r["citation"], v, own_wanted) for r, v in zip(rows, spoken, strict=True)]
    keys = ["" if c is None else own[c].key for c in counterparts]
    wanted = make_wanted(
        [(k, r["citation"], r["recommendation"]) for k, r in zip(keys, rows, strict=True)], index, assistant.encoder
    )
    return Pairs(rows, owners, sentences, signals(wanted, matrix, concept_weights),
                 signals(own_wanted, matrix, concept_weights), counterparts)  # fmt: skip


def counterpart(citation: str, vector: Any, own: Sequence[Wanted]) -> int | None:
    """Position of the product's own recommendation that a label means: of the same citation, the nearest in words."""
    same = [i for i, o in enumerate(own) if o.citation_id == citation]
    return max(same, key=lambda i: float(own[i].vector @ vector)) if same else None


def _question_vectors(assistant: GuidanceAssistant, sentences: Sequence[PlanSentence], vectors: Any) -> Any:
    if assistant.question_encoder is assistant.encoder:
        return vectors
    return assistant.question_encoder.encode([s.text for s in sentences])


def pair_candidates(pairs: Pairs, parameters: Parameters, *, haystack: bool = False) -> list[list[Candidate]]:
    """Ranked candidates of each pair: among its own sentences, or among those of all pairs on other clauses too."""
    fused = fuse(pairs.signal, parameters.ranking, parameters.scales)
    own = fuse(pairs.own_signal, parameters.ranking, parameters.scales)
    found = []
    for i, row in enumerate(pairs.rows):
        keep = [k for k in range(len(own)) if k != pairs.counterparts[i]]
        level = rival_level(np.vstack([own[keep], fused[i : i + 1]]))
        score = ranking_score(fused[i], level)
        allowed = [
            j for j, o in enumerate(pairs.owners)
            if o == i or (haystack and pairs.rows[o]["citation"] != row["citation"])
        ]  # fmt: skip
        best = sorted(allowed, key=lambda j: (-score[j], j))[:6]
        found.append(
            [
                Candidate(j, float(score[j]), tuple(features_of(
                    row["recommendation"], pairs.sentences[j], parameters.concept_weights,
                    cosine=float(pairs.signal["cosine"][i, j]), said=float(pairs.signal["said"][i, j]), asked=float(pairs.signal["asked"][i, j]),
                    fused=float(fused[i, j]), margin=float(fused[i, j] - level[j]))))
                for j in best
            ]
        )  # fmt: skip
    return found


def scales_of(signal: dict[str, Floats]) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation of each signal; a signal that is silent here keeps (0, 1)."""
    return {n: (float(signal[n].mean()), float(signal[n].std()) or 1.0) for n in SIGNALS}


def fit(assistant: GuidanceAssistant) -> Parameters:
    """Fit what is committed: concept weights, scales, and the status model, from the development half."""
    rows = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    rows = [r for r in rows if r["half"] == "dev"]
    counts = Counter(c for r in rows for c in concepts_of(r["plan_text"]))
    concept_weights = {c: round(float(np.log(len(rows) / (1 + n))), 3) for c, n in sorted(counts.items())}
    scales = plan_scales(assistant, concept_weights)  # statistics of the sample plans' words; no label is looked at
    start = Parameters(
        RANKING, scales, concept_weights, np.zeros(1), np.ones(1), np.zeros((4, 1)), np.zeros(4), EVIDENCE_BONUS
    )
    pairs = load_pairs(assistant, "dev", concept_weights)
    found = pair_candidates(pairs, start)
    print(f"cross-validated on the development half, {FOLDS} folds by clause:")
    statuses: list[Any] = [None] * len(pairs.rows)
    groups = [r["citation"] for r in pairs.rows]
    for train, test in GroupKFold(FOLDS).split(groups, groups, groups):
        part = _fit_model(start, pairs, found, train)
        for i in test:
            statuses[i] = decide(pairs.rows[i]["recommendation"], pairs.sentences, found[i], part).status
    report([r["status"] for r in pairs.rows], statuses)
    return _fit_model(start, pairs, found, range(len(pairs.rows)))


RANKING = {
    "cosine": 1.0, "said": 1.5, "asked": 1.0, "clause": 0.7, "principle": 0.3, "concepts": 1.0, "lexical": 0.5,
    "heading": 0.5, "clause_heading": 0.3, "plan_title": 0.3,
}  # fmt: skip
EVIDENCE_BONUS = 0.3
INVERSE_REGULARISATION = 0.1


def _fit_model(
    start: Parameters, pairs: Pairs, found: Sequence[Sequence[Candidate]], chosen: Iterable[int]
) -> Parameters:
    chosen = list(chosen)
    rows = np.array([found[i][0].features for i in chosen])
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=4000)
    model.fit((rows - mean) / scale, [pairs.rows[i]["status"] for i in chosen])
    order = [list(model.classes_).index(s) for s in JUDGED]
    return replace(start, mean=mean, scale=scale, weights=model.coef_[order], intercepts=model.intercept_[order])


def plan_scales(assistant: GuidanceAssistant, concept_weights: dict[str, float]) -> dict[str, tuple[float, float]]:
    """Mean and deviation of each signal over all recommendations and all sentences of the sample plans."""
    index = assistant.index()
    plans = read_plans(
        plan_ids(index.catalog), index.catalog, Registrations.load(assistant.settings.data_dir), max_bytes=30_000_000
    )
    sentences = [s for p in plans for s in p.sentences]
    vectors = assistant.encoder.encode([s.text for s in sentences])
    matrix = make_matrix(plans, vectors, _question_vectors(assistant, sentences, vectors), index, assistant.encoder)
    own = recommendations(index.catalog, QuoteLedger(index.catalog, "staff", date.today()), "both")
    wanted = make_wanted([(r.key, r.citation_id, r.matched_text) for r in own], index, assistant.encoder)
    return {n: (round(m, 4), round(d, 4)) for n, (m, d) in scales_of(signals(wanted, matrix, concept_weights)).items()}


def write(parameters: Parameters) -> None:
    """Commit the parameters."""
    values = {
        "features": list(FEATURES),
        "statuses": list(JUDGED),
        "ranking": parameters.ranking,
        "evidence_bonus": parameters.evidence_bonus,
        "scales": parameters.scales,
        "concept_weights": parameters.concept_weights,
        "mean": parameters.mean.round(4).tolist(),
        "scale": parameters.scale.round(4).tolist(),
        "weights": parameters.weights.round(4).tolist(),
        "intercepts": parameters.intercepts.round(4).tolist(),
    }
    PARAMETERS.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def report(
    labels: Sequence[str], found: Sequence[str], evidence: Sequence[bool] = (), near: Sequence[bool] = ()
) -> None:
    """Print the figures and the confusion table (rows: labels; columns: found)."""
    label, status = np.array(labels), np.array(found)
    three = label != "contradicted"
    gap, absent = label != "evidenced", label == "not_found"
    print(
        f"  status right (evidenced / partly / not found): {np.mean(label[three] == status[three]):.3f}  (n={three.sum()})"
    )
    print(f"  the same with contradicted as a fourth:        {np.mean(label == status):.3f}  (n={len(label)})")
    print(
        f"  gaps found (partly, not found, contradicted -> listed as a gap): {np.mean(status[gap] != 'evidenced'):.3f}  (n={gap.sum()})"
    )
    print(
        f"  not found -> listed as a gap: {np.mean(status[absent] != 'evidenced'):.3f}; -> as not found: {np.mean(status[absent] == 'not_found'):.3f}  (n={absent.sum()})"
    )
    if evidence:
        print(
            f"  evidence sentence right: {np.mean(evidence):.3f}  (n={len(evidence)}); among the sentences shown: {np.mean(near):.3f}"
        )
    print("  " + " " * 14 + "".join(f"{s:>14}" for s in JUDGED))
    for name, row in zip(JUDGED, confusion_matrix(label, status, labels=list(JUDGED)), strict=True):
        print(f"  {name:>14}" + "".join(f"{n:>14}" for n in row))


def score_pairs(assistant: GuidanceAssistant, half: str) -> None:
    """Score one half of the pairs."""
    parameters = read_parameters()
    pairs = load_pairs(assistant, half, parameters.concept_weights)
    statuses, evidence, near = [], [], []
    for i, found in enumerate(pair_candidates(pairs, parameters)):
        verdict = decide(pairs.rows[i]["recommendation"], pairs.sentences, found, parameters)
        statuses.append(verdict.status)
        if pairs.rows[i]["evidence"]:
            evidence.append(_is_evidence(pairs.sentences[verdict.position or 0].text, [pairs.rows[i]["evidence"]]))
            near.append(True)
    print(f"pairs, {half} half:")
    report([r["status"] for r in pairs.rows], statuses, evidence, near)


def _is_evidence(text: str, accepted: Sequence[str]) -> bool:
    folded = _fold(text)
    return any(folded == _fold(a) or folded in _fold(a) for a in accepted)


def _fold(text: str) -> str:
    return " ".join(text.split()).rstrip(".;: ")


def score_key(assistant: GuidanceAssistant) -> None:
    """Score the whole path on the sample plans: reading, recommendations, ranking, judging."""
    key = json.loads(KEY.read_text(encoding="utf-8"))["entries"]
    labels, statuses, evidence, near = [], [], [], []
    for organisation in sorted({e["organisation"] for e in key}):
        sources = [
            i for i in plan_ids(assistant.catalog) if assistant.catalog.sources[i, "plan"].organisation == organisation
        ]
        found = CoverageMapper(assistant).make(sources)
        vectors = assistant.encoder.encode([f.recommendation.matched_text for f in found.findings])
        for entry in (e for e in key if e["organisation"] == organisation):
            label = assistant.encoder.encode([f"{entry['recommendation']} {entry['sentence_cue']}"])[0]
            same = [i for i, f in enumerate(found.findings) if f.recommendation.citation_id == entry["citation"]]
            if not same:
                print(f"  no recommendation of the product stands for {entry['citation']} ({entry['sentence_cue']})")
                labels.append(entry["status"])
                statuses.append("not_found")
                continue
            finding = found.findings[max(same, key=lambda i: float(vectors[i] @ label))]
            labels.append(entry["status"])
            statuses.append(finding.status)
            if entry["evidence"]:
                accepted = [entry["evidence"], *entry["also_acceptable"]]
                shown = ([finding.evidence] if finding.evidence else []) + list(finding.nearest)
                evidence.append(_is_evidence(shown[0].text, accepted) if shown else False)
                near.append(any(_is_evidence(s.text, accepted) for s in shown))
    print("answer key of the sample plans:")
    report(labels, statuses, evidence, near)


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--fit", action="store_true", help="refit the parameters from the development half")
    parser.add_argument("--frozen", action="store_true", help="score the frozen half too")
    options = parser.parse_args()
    assistant = GuidanceAssistant(load_settings(data_dir=options.data_dir))
    if options.fit:
        write(fit(assistant))
        read_parameters.cache_clear()
    score_pairs(assistant, "dev")
    if options.frozen:
        score_pairs(assistant, "frozen")
    score_key(assistant)


if __name__ == "__main__":
    main()
