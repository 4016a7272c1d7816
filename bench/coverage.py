"""Scores the coverage map on the labelled pairs and on the answer key of the sample plans, and refits its few numbers.

    python bench/coverage.py --data-dir DIR               score the development half and the answer key
    python bench/coverage.py --data-dir DIR --frozen      score the frozen half too (once, at the end)
    python bench/coverage.py --data-dir DIR --fit         refit assistant/coverage/parameters.json

DIR holds an index of the packaged corpus (`assistant index --data-dir DIR`). Fitting looks at the development half of the
pairs and at the whole plans of `evals/coverage/plans`, never at the frozen half or the answer key of the sample plans.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
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
from assistant.coverage.judging import EVIDENCE_SIGNALS, FEATURES, JUDGED, Parameters, read_parameters
from assistant.coverage.labelled import read_labelled_plans
from assistant.coverage.matching import Known, Measured, Verdict, decide, likeliest, measure, measurements
from assistant.coverage.plan_text import Plan, PlanSentence, plan_ids, read_plans
from assistant.coverage.reading import packaged_reader
from assistant.coverage.recommendations import recommendations
from assistant.coverage.signals import (
    SIGNALS,
    Floats,
    PlanMatrix,
    Wanted,
    fuse,
    make_matrix,
    make_wanted,
    signals,
)
from assistant.coverage.taught import Encoded, Taught, taught_by
from assistant.coverage.wording import concepts_of
from assistant.settings import load_settings
from assistant.sources.registry import Registrations

ROOT = Path(__file__).resolve().parent.parent
PAIRS = ROOT / "evals" / "coverage" / "pairs.jsonl"
KEY = ROOT / "evals" / "coverage" / "answer-key.json"
PLANS = ROOT / "evals" / "coverage" / "plans"
PARAMETERS = ROOT / "assistant" / "coverage" / "parameters.json"
FOLDS = 8


@dataclass
class Pairs:
    """Labelled pairs with the matrices that scoring needs.

    Attributes:
        rows: The labels.
        owners: Row of the pair that each sentence belongs to.
        matrix: All sentences.
        wanted: The recommendation of each pair, in the label's words, under the key of the product's own counterpart.
        own: The product's recommendations.
    """

    rows: list[dict[str, Any]]
    owners: list[int]
    matrix: PlanMatrix
    wanted: list[Wanted]
    own: list[Wanted]


@dataclass(frozen=True)
class Case:
    """A recommendation, the sentences among which its evidence is looked for, and what is right.

    Attributes:
        group: What it is held out together with in cross-validation: its clause, or its plan.
        wanted: The recommendation.
        sentences: All sentences.
        measured: What is known of those that may be evidence.
        status: The right status.
        accepted: Positions of the sentences that are right evidence.
        whole: Whether the sentences are a whole plan's, with much to choose from.
    """

    group: str
    wanted: Wanted
    sentences: Sequence[PlanSentence]
    measured: Measured
    status: str
    accepted: list[int]
    whole: bool


def load_pairs(assistant: GuidanceAssistant, half: str) -> Pairs:
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
    index, encoders = assistant.index(), (assistant.encoder, assistant.question_encoder)
    plan = Plan("plan-pairs", "", "", tuple(sentences), "", False, (), 0)
    matrix = make_matrix([plan], encode(assistant, [s.text for s in sentences]), index, assistant.encoder)
    own = make_wanted(own_texts(assistant), index, *encoders)
    spoken = assistant.encoder.encode([r["recommendation"] for r in rows])
    counterparts = [counterpart(r["citation"], v, own) for r, v in zip(rows, spoken, strict=True)]
    keys = ["" if c is None else own[c].key for c in counterparts]
    wanted = make_wanted(
        [(k, r["citation"], r["recommendation"]) for k, r in zip(keys, rows, strict=True)], index, *encoders
    )
    return Pairs(rows, owners, matrix, wanted, own)


def own_texts(assistant: GuidanceAssistant) -> list[tuple[str, str, str]]:
    """Key, citation and words of every recommendation of the product."""
    catalog = assistant.index().catalog
    own = recommendations(catalog, QuoteLedger(catalog, "staff", date.today()), "both")
    return [(r.key, r.citation_id, r.matched_text) for r in own]


def encode(assistant: GuidanceAssistant, texts: Sequence[str]) -> Encoded:
    """Texts in both spaces."""
    return Encoded(assistant.encoder.encode(texts), assistant.question_encoder.encode(texts))


def learn(assistant: GuidanceAssistant) -> Taught:
    """What the examples of the corpus teach."""
    keys = [key for key, _, _ in own_texts(assistant)]
    folder = assistant.settings.data_dir / "coverage" / "taught"
    return taught_by(CoverageMapper(assistant).examples(), keys, assistant.question_encoder, folder, lambda *_: None)


def counterpart(citation: str, vector: Any, own: Sequence[Wanted]) -> int | None:
    """Position of the product's own recommendation that a label means: of the same citation, the nearest in words."""
    same = [i for i, o in enumerate(own) if o.citation_id == citation]
    return max(same, key=lambda i: float(own[i].vector @ vector)) if same else None


def pair_cases(assistant: GuidanceAssistant, half: str, parameters: Parameters, taught: Taught) -> list[Case]:
    """Half of the pairs, each measured among its own sentences."""
    pairs = load_pairs(assistant, half)
    signal = signals(pairs.wanted, pairs.matrix, parameters.concept_weights, taught)
    own_signal = signals(pairs.own, pairs.matrix, parameters.concept_weights, taught)
    fused = fuse(signal, parameters.ranking, parameters.scales)
    found = []
    for i, row in enumerate(pairs.rows):
        known = Known(fused[i], signal["taught"][i], own_signal["taught"].max(axis=0))
        mine = np.array([j for j, o in enumerate(pairs.owners) if o == i])
        measured = measure(pairs.wanted[i], pairs.matrix, mine, known, packaged_reader())
        sentences = pairs.matrix.sentences
        accepted = [j for j in mine if row["evidence"] and _is_evidence(sentences[j].text, [row["evidence"]])]
        found.append(Case(row["citation"], pairs.wanted[i], sentences, measured, row["status"], accepted, whole=False))
    return found


def plan_cases(assistant: GuidanceAssistant, parameters: Parameters, taught: Taught) -> list[Case]:
    """Every recommendation against the labelled plans, measured among all sentences of the plan."""
    index = assistant.index()
    own = make_wanted(own_texts(assistant), index, assistant.encoder, assistant.question_encoder)
    found = []
    for labelled in read_labelled_plans(PLANS, index.catalog):
        labels = {label.key: label for label in labelled.labels}
        wanted = [w for w in own if w.key in labels]
        encoded = encode(assistant, [s.text for s in labelled.plan.sentences])
        matrix = make_matrix([labelled.plan], encoded, index, assistant.encoder)
        all_measured = measurements(wanted, matrix, parameters, taught, packaged_reader())
        for one, measured in zip(wanted, all_measured, strict=True):
            label = labels[one.key]
            accepted = [] if label.status == "not_found" else labelled.positions(label.evidence)
            found.append(Case(labelled.name, one, matrix.sentences, measured, label.status, accepted, whole=True))
    return found


def scales_of(signal: dict[str, Floats]) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation of each signal; a signal that is silent here keeps (0, 1)."""
    return {n: (float(signal[n].mean()), float(signal[n].std()) or 1.0) for n in SIGNALS}


def fit(assistant: GuidanceAssistant) -> Parameters:
    """Fit what is committed: concept weights, scales, the model of evidence, and that of the status."""
    rows = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    rows = [r for r in rows if r["half"] == "dev"]
    counts = Counter(c for r in rows for c in concepts_of(r["plan_text"]))
    concept_weights = {c: round(float(np.log(len(rows) / (1 + n))), 3) for c, n in sorted(counts.items())}
    taught = learn(assistant)
    # Statistics of the sample plans' words; no label is looked at.
    scales = plan_scales(assistant, concept_weights, taught)
    none = np.zeros(1)
    start = Parameters(RANKING, scales, concept_weights, {}, 0.0, none, none, none, none)
    plans, pairs = plan_cases(assistant, start, taught), pair_cases(assistant, "dev", start, taught)
    groups = [c.group for c in (*plans, *pairs)]
    found: dict[int, Verdict] = {}
    cases = [*plans, *pairs]
    for train, test in GroupKFold(FOLDS).split(groups, groups, groups):
        part = _fit_models(start, [cases[i] for i in train])
        found |= {i: judged(cases[i], part) for i in test}
    print(f"cross-validated, {FOLDS} folds; labelled plans, held out whole:")
    report_cases(plans, [found[i] for i in range(len(plans))])
    print("development half of the pairs, held out by clause:")
    report_cases(pairs, [found[len(plans) + i] for i in range(len(pairs))])
    return _fit_models(start, cases)


def judged(case: Case, parameters: Parameters) -> Verdict:
    """What the product says of a case."""
    return decide(
        case.wanted.text, case.sentences, likeliest(case.wanted, case.sentences, case.measured, parameters), parameters
    )


def report_cases(cases: Sequence[Case], found: Sequence[Verdict]) -> None:
    """Print the figures of some cases."""
    showing = [(c, v) for c, v in zip(cases, found, strict=True) if c.accepted]
    evidence = [v.position in c.accepted for c, v in showing]
    near = [bool({v.position, *v.others[:SHOWN_BESIDE]} & set(c.accepted)) for c, v in showing]
    report([c.status for c in cases], [v.status for v in found], evidence, near)


RANKING = {
    "cosine": 1.0, "asked": 1.0, "clause": 0.7, "principle": 0.3, "concepts": 1.0, "lexical": 0.5,
    "heading": 0.5, "clause_heading": 0.3, "plan_title": 0.3,
}  # fmt: skip
EVIDENCE_REGULARISATION, STATUS_REGULARISATION = 0.3, 0.2
# There are a third as many pairs as recommendations of labelled plans, and they have to be judged as well.
PAIR_WEIGHT = 2.0
# Sentences shown beside the first one.
SHOWN_BESIDE = 3


def _fit_models(start: Parameters, cases: Sequence[Case]) -> Parameters:
    """Both models by logistic regression; evidence is learnt from whole plans, where there is much to choose from."""
    whole = [c for c in cases if c.whole]
    rows = np.vstack([c.measured.evidence for c in whole])
    right = np.concatenate([np.isin(c.measured.positions, c.accepted) for c in whole])
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    evidence = LogisticRegression(C=EVIDENCE_REGULARISATION, max_iter=2000).fit((rows - mean) / scale, right)
    weights = evidence.coef_[0] / scale
    known = replace(
        start,
        evidence=dict(zip(EVIDENCE_SIGNALS, weights.tolist(), strict=True)),
        evidence_intercept=float(evidence.intercept_[0] - weights @ mean),
    )
    features = np.array([likeliest(c.wanted, c.sentences, c.measured, known).features for c in cases])
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-9
    model = LogisticRegression(C=STATUS_REGULARISATION, max_iter=4000)
    weight = [1.0 if c.whole else PAIR_WEIGHT for c in cases]
    model.fit((features - mean) / scale, [c.status for c in cases], sample_weight=weight)
    order = [list(model.classes_).index(s) for s in JUDGED]
    return replace(known, mean=mean, scale=scale, weights=model.coef_[order], intercepts=model.intercept_[order])


def plan_scales(
    assistant: GuidanceAssistant, concept_weights: dict[str, float], taught: Taught
) -> dict[str, tuple[float, float]]:
    """Mean and deviation of each signal over all recommendations and all sentences of the sample plans."""
    index = assistant.index()
    plans = read_plans(
        plan_ids(index.catalog), index.catalog, Registrations.load(assistant.settings.data_dir), max_bytes=30_000_000
    )
    encoded = encode(assistant, [s.text for p in plans for s in p.sentences])
    matrix = make_matrix(plans, encoded, index, assistant.encoder)
    wanted = make_wanted(own_texts(assistant), index, assistant.encoder, assistant.question_encoder)
    found = signals(wanted, matrix, concept_weights, taught)
    return {n: (round(m, 4), round(d, 4)) for n, (m, d) in scales_of(found).items()}


def write(parameters: Parameters) -> None:
    """Commit the parameters."""
    values = {
        "features": list(FEATURES),
        "statuses": list(JUDGED),
        "ranking": parameters.ranking,
        "evidence": {name: round(weight, 4) for name, weight in parameters.evidence.items()},
        "evidence_intercept": round(parameters.evidence_intercept, 4),
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
    cases = pair_cases(assistant, half, parameters, learn(assistant))
    print(f"pairs, {half} half:")
    report_cases(cases, [judged(c, parameters) for c in cases])


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
