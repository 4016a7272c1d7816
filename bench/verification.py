"""How well the verifier tells supported statements from others, on the labelled pairs under evals/verification.

python bench/verification.py --data-dir DIR                the tune pairs, against the index in DIR
python bench/verification.py --data-dir DIR --half final   pairs that nothing was fitted on ("frozen": the first such set)
python bench/verification.py --fit DIR [DIR ...]           fit the weights under each of some indexes (digest alone,
                                                           licensed texts too) on the tune pairs, print cross-validated
                                                           figures and write parameters.json

Beside the pairs it scores near copies: sentences of the digest in which one word was exchanged for another that says
something else (`evals/verification/exchanges.json`), each of them a fault.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.verification import Verifier
from assistant.answering.verification import support as support_module
from assistant.answering.verification.support import Parameters, Signals, fitted
from assistant.answering.verification.units import units_of
from assistant.clauses.catalog import Catalog
from assistant.settings import load_settings

PAIRS = Path(__file__).parents[1] / "evals" / "verification" / "pairs.jsonl"
EXCHANGES = PAIRS.with_name("exchanges.json")
# So many sentences at most for each pair of words, drawn from those of some length.
_COPIES, _LENGTHS = 4, range(6, 36)
MECHANICAL = ("strengthened", "weakened", "wrong_number", "wrong_actor", "other_clause", "unknown_id")
MEANING = ("negated", "invented", "half_true")
_LABELLED = ("paraphrase", *MECHANICAL[:-1], *MEANING)
_FALSE_ALARMS, _FOLDS, _REGULARITY = 0.03, 6, 0.5
# Without any text there is nothing to measure.
_NOTHING = Signals(0.0, 0.0, 0.0, 0.0, -1.0, -1.0, True, ("no text held",))


def open_assistant(data_dir: Path) -> GuidanceAssistant:
    """The product over an index."""
    return GuidanceAssistant(load_settings(data_dir=data_dir))


def read_pairs(half: str) -> list[dict[str, Any]]:
    """Pairs of one set, and a made-up id for every tenth supported one."""
    pairs = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines() if line.strip()]
    chosen = [p for p in pairs if p["half"] == half]
    supported = [p for p in chosen if p["kind"] == "paraphrase"]
    made_up = [dict(p, citation=f"{p['citation']}.99", label="unsupported", kind="unknown_id") for p in supported[::10]]
    return chosen + made_up


def near_copies(catalog: Catalog) -> list[tuple[str, str]]:
    """Sentences of the digest with one word exchanged, each with the id of its clause."""
    units = [
        unit
        for entry in catalog
        if not entry.is_plan and entry.clause.kind not in ("item", "row")
        for unit in units_of(catalog, entry.citation_id)
        if unit.rendition == "digest" and not unit.listed and len(unit.text.split()) in _LENGTHS
    ]
    found = []
    for word, other in json.loads(EXCHANGES.read_text(encoding="utf-8")):
        there = re.compile(rf"\b{word}\b")
        copies = [(there.sub(other, u.full, count=1), u.citation) for u in units if there.search(u.full)]
        found += random.Random(0).sample(copies, min(_COPIES, len(copies)))
    return found


def score_near_copies(assistant: GuidanceAssistant) -> None:
    """Print how many near copies with an exchanged word are caught."""
    copies, verifier = near_copies(assistant.catalog), assistant.verifier()
    caught = sum(not verifier.check(text, [citation]).supported for text, citation in copies)
    print(f"{'exchanged word':14s} {'caught':12s} {caught:4d} of {len(copies):4d}  {caught / max(1, len(copies)):.3f}")


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


def fit(folders: Sequence[Path]) -> Parameters:
    """Fit under each index; cross-validated figures are printed, the fit on all is returned.

    The pairs are the tune pairs: the cross-encoder has seen the dev pairs and is too sure of them.

    What a fault rules out by itself takes no part. The threshold is the one at which, cross-validated by clause,
    the wanted share of paraphrases is lost.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold

    pairs = [p for p in read_pairs("tune") if p["kind"] in _LABELLED]
    measured = [s for folder in folders for s in _measure(open_assistant(folder).verifier(), pairs)]
    kinds = np.tile([p["kind"] for p in pairs], len(folders))
    clauses = np.tile([p["citation"].split(" ")[0] for p in pairs], len(folders))
    names = list(measured[0].weighed())
    values = np.array([list(s.weighed().values()) for s in measured])
    open_rows = np.array([not s.faults for s in measured])
    supported = kinds == "paraphrase"

    def fit_on(rows: Any) -> tuple[Any, float]:
        rows = rows[open_rows[rows]]
        mean, deviation = values[rows].mean(axis=0), values[rows].std(axis=0) + 1e-6
        model = LogisticRegression(C=_REGULARITY, max_iter=5000)
        model.fit((values[rows] - mean) / deviation, supported[rows])
        weights = model.coef_[0] / deviation
        return weights, float(model.intercept_[0] - (weights * mean).sum())

    support = np.zeros(len(values))
    for train, test in GroupKFold(_FOLDS).split(values, groups=clauses):
        weights, intercept = fit_on(train)
        support[test] = 1 / (1 + np.exp(-(values[test] @ weights + intercept)))
    support[~open_rows] = 0.0
    threshold = round(float(np.quantile(support[supported], _FALSE_ALARMS)), 3)
    flagged = support < threshold
    print(f"cross-validated by clause, {len(pairs)} pairs under {len(folders)} indexes; not supported of:")
    for name, chosen in [*((k, kinds == k) for k in _LABELLED), ("mechanical", np.isin(kinds, MECHANICAL))]:
        print(f"  {name:14s} {flagged[chosen].mean():.3f}")
    weights, intercept = fit_on(np.arange(len(values)))
    named = {name: round(float(w), 4) for name, w in zip(names, weights, strict=True)}
    return Parameters(named, round(intercept, 4), threshold)


def _measure(verifier: Verifier, pairs: Sequence[dict[str, Any]]) -> list[Signals]:
    found = [verifier.signals(p["statement"], [p["citation"]]) for p in pairs]
    return [s or _NOTHING for s in found]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, help="folder of the index that is checked against")
    parser.add_argument("--half", choices=("dev", "tune", "frozen", "final"), default="tune")
    parser.add_argument("--fit", type=Path, nargs="+", metavar="DIR")
    parser.add_argument("--show", action="store_true", help="print what was judged wrongly")
    options = parser.parse_args(arguments)
    if not options.fit and options.data_dir is None:
        parser.error("name the folder of an index with --data-dir, or folders to fit on with --fit")
    if options.fit:
        parameters = fit(options.fit)
        path = Path(support_module.__file__).with_name("parameters.json")
        values = {"weights": parameters.weights, "intercept": parameters.intercept, "threshold": parameters.threshold}
        path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
        fitted.cache_clear()
    if options.data_dir:
        print(f"{options.half} pairs against the index in {options.data_dir}")
        assistant = open_assistant(options.data_dir)
        score(assistant.verifier(), read_pairs(options.half), show=options.show)
        score_near_copies(assistant)
    return 0


if __name__ == "__main__":
    sys.exit(main())
