"""How well the verifier tells supported statements from others, on the labelled pairs under evals/verification.

python bench/verification.py                      the dev half, with the digest alone
python bench/verification.py --licensed DIR       the same with the licensed texts of DIR read too
python bench/verification.py --half frozen ...    the half that nothing was fitted on
python bench/verification.py --fit --licensed DIR fit the weights on the dev half (both with and without DIR),
                                                  print cross-validated figures and write parameters.json
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.answering.verification import Verifier
from assistant.answering.verification import support as support_module
from assistant.answering.verification.support import Parameters, Signals, fitted
from assistant.clauses.builder import read_source
from assistant.clauses.catalog import Catalog
from assistant.clauses.taxonomy import read_taxonomy
from assistant.encoders import SentenceEncoder
from assistant.settings import packaged
from assistant.sources.reading import read_document
from assistant.sources.registry import Registrations, collect_sources

PAIRS = Path(__file__).parents[1] / "evals" / "verification" / "pairs.jsonl"
MECHANICAL = ("strengthened", "weakened", "wrong_number", "wrong_actor", "other_clause", "unknown_id")
MEANING = ("negated", "invented", "half_true")
_MAX_BYTES = 30_000_000
# Kinds that the content signals are to tell apart, and how much each counts in the fit.
_FIT_WEIGHTS = {"paraphrase": 1.0, "other_clause": 1.0, "invented": 0.6, "half_true": 0.2}
_THRESHOLD, _LEAST_MARGIN, _SURE_COVERAGE, _FOLDS, _REGULARITY = 0.4, -0.16, 0.9, 5, 3.0


def read_catalog(licensed: Path | None) -> Catalog:
    """The packaged corpus without plans, and the licensed texts of a folder where one is given."""
    corpus = packaged("corpus")
    with tempfile.TemporaryDirectory() as empty:
        registrations = Registrations.load(Path(empty))
    registrations.folders = [str(licensed)] if licensed else []
    collected = collect_sources(corpus, registrations, max_bytes=_MAX_BYTES)
    taxonomy = read_taxonomy(corpus)
    sources = [s for s in collected.sources if s.kind != "plan"]
    texts = [read_source(s, taxonomy, lambda p: read_document(p, max_bytes=_MAX_BYTES)) for s in sources]
    return Catalog(texts, taxonomy)


def read_pairs(half: str) -> list[dict[str, Any]]:
    """Pairs of one half, and a made-up id for every tenth supported one."""
    pairs = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines() if line.strip()]
    chosen = [p for p in pairs if p["half"] == half]
    supported = [p for p in chosen if p["kind"] == "paraphrase"]
    made_up = [dict(p, citation=f"{p['citation']}.99", label="unsupported", kind="unknown_id") for p in supported[::10]]
    return chosen + made_up


def score(verifier: Verifier, pairs: Sequence[dict[str, Any]], *, show: bool) -> None:
    """Print caught and falsely alarmed pairs by kind, with the time a statement takes once its clause is known."""
    total, flagged, took = Counter[str](), Counter[str](), []
    verifier.warm([p["citation"] for p in pairs])
    for pair in pairs:
        began = time.perf_counter()
        verdict = verifier.check(pair["statement"], [pair["citation"]])
        took.append((time.perf_counter() - began) * 1000)
        total[pair["kind"]] += 1
        flagged[pair["kind"]] += not verdict.supported
        if show and verdict.supported != (pair["label"] == "supported"):
            print(
                f"  {pair['id']} {pair['kind']} {pair['citation']} {verdict.support} {verdict.reasons}: {pair['statement']}"
            )
    for kind in ("paraphrase", *MECHANICAL, *MEANING):
        name = "false alarms" if kind == "paraphrase" else "caught"
        print(
            f"{kind:14s} {name:12s} {flagged[kind]:4d} of {total[kind]:4d}  {flagged[kind] / max(1, total[kind]):.3f}"
        )
    caught, of = sum(flagged[k] for k in MECHANICAL), sum(total[k] for k in MECHANICAL)
    print(f"{'mechanical':14s} {'caught':12s} {caught:4d} of {of:4d}  {caught / max(1, of):.3f}")
    print(f"time: median {np.median(took):.1f} ms, 95th percentile {np.percentile(took, 95):.1f} ms a statement")


def fit(licensed: Path, encoder: SentenceEncoder) -> Parameters:
    """Fit on the dev half, in both conditions; cross-validated figures are printed, the fit on all is returned."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    pairs = [p for p in read_pairs("dev") if p["kind"] in _FIT_WEIGHTS]
    kinds = np.array([p["kind"] for p in pairs])
    measured = [_measure(read_catalog(folder), encoder, pairs) for folder in (licensed, None)]

    def fit_on(rows: Any) -> Parameters:
        values = np.vstack([[list(m[i].weighed().values()) for i in rows] for m in measured])
        labels = np.tile(kinds[rows] == "paraphrase", len(measured))
        weights = np.tile([_FIT_WEIGHTS[k] for k in kinds[rows]], len(measured))
        model = LogisticRegression(C=_REGULARITY, max_iter=5000).fit(values, labels, sample_weight=weights)
        named = dict(zip(measured[0][0].weighed(), (round(float(w), 4) for w in model.coef_[0]), strict=True))
        return Parameters(named, round(float(model.intercept_[0]), 4), _THRESHOLD, _LEAST_MARGIN, _SURE_COVERAGE)

    flagged = [np.zeros(len(pairs), dtype=bool) for _ in measured]
    for train, test in StratifiedKFold(_FOLDS, shuffle=True, random_state=0).split(kinds, kinds):
        parameters = fit_on(train)
        for condition, signals in zip(flagged, measured, strict=True):
            condition[test] = [bool(signals[i].faults or parameters.doubts(signals[i])) for i in test]
    for name, condition in zip(("with licensed texts", "digest alone"), flagged, strict=True):
        rates = ", ".join(f"{k} {condition[kinds == k].mean():.3f}" for k in _FIT_WEIGHTS)
        print(f"cross-validated, {name}: not supported of {rates}")
    return fit_on(np.arange(len(pairs)))


def _measure(catalog: Catalog, encoder: SentenceEncoder, pairs: Sequence[dict[str, Any]]) -> list[Signals]:
    unfitted = Parameters({}, 0.0, 0.0, 0.0, 0.0)
    verifier = Verifier(catalog, encoder, parameters=unfitted)
    found = [verifier.signals(p["statement"], [p["citation"]]) for p in pairs]
    nothing = Signals(0.0, 0.0, 0.0, 0.0, -1.0, -1.0, True, ("no text held",))
    return [s or nothing for s in found]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("dev", "frozen"), default="dev")
    parser.add_argument("--licensed", type=Path)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--show", action="store_true", help="print what was judged wrongly")
    options = parser.parse_args(arguments)
    encoder = SentenceEncoder()
    if options.fit:
        if options.licensed is None:
            parser.error(
                "--fit needs --licensed DIR, since the weights are to hold with and without the licensed texts"
            )
        parameters = fit(options.licensed, encoder)
        path = Path(support_module.__file__).with_name("parameters.json")
        values = {
            n: getattr(parameters, n) for n in ("weights", "intercept", "threshold", "least_margin", "sure_coverage")
        }
        path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
        fitted.cache_clear()
    condition = "with licensed texts" if options.licensed else "digest alone"
    print(f"{options.half} half, {condition}")
    score(Verifier(read_catalog(options.licensed), encoder), read_pairs(options.half), show=options.show)
    return 0


if __name__ == "__main__":
    sys.exit(main())
