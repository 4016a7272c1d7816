"""Train the cross-encoder of the verifier from the dev pairs, read with the digest alone.

    python scripts/train_entailment.py --data-dir DIR [--out PATH] [--epochs 5] [--rate 1e-3] [--start PATH] [--rank 8]

DIR holds an index of the packaged corpus without licensed texts (`assistant index --data-dir DIR`). The adapter (LoRA, Hu
et al. 2021) and a head tell paraphrases from each kind of unsupported statement; the result is under 1 MB. Beside the
pairs, the digest's own sentences serve: as they stand, and with their "should" made a "must" or a "may". About 45
minutes on two cores; `--start` goes on from what was trained before.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from pair_reader import Row, read_options, trained

from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.verification import Verifier
from assistant.answering.verification.entailment import PATH, SUPPORTED
from assistant.answering.verification.units import units_of
from assistant.clauses.catalog import Catalog
from assistant.settings import load_settings

PAIRS = Path(__file__).resolve().parent.parent / "evals" / "verification" / "pairs.jsonl"
KINDS = (SUPPORTED, "strengthened", "weakened", "wrong_number", "wrong_actor", "other_clause", "negated", "invented", "half_true")  # fmt: skip
SHOULD = re.compile(r"\bshould\b")
OTHER_STRENGTH = re.compile(r"\b(?:can|may|might|could|must|shall)\b")


def pair_rows(verifier: Verifier) -> list[Row]:
    """Statement, premise and kind of every dev pair."""
    pairs = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    return [
        (p["statement"], premise, KINDS.index(p["kind"]))
        for p in pairs
        if p["half"] == "dev"
        for premise in verifier.premises(p["statement"], [p["citation"]])
    ]


def literal_rows(verifier: Verifier, catalog: Catalog) -> list[Row]:
    """Sentences and items of the digest as they stand, and with another strength."""
    rows = []
    for entry in catalog:
        if entry.is_plan or entry.clause.citation_id != catalog.owner(entry.clause.citation_id):
            continue
        for unit in units_of(catalog, entry.clause.citation_id):
            said = {unit.full: SUPPORTED}
            if SHOULD.search(unit.full) and not OTHER_STRENGTH.search(unit.full):
                said |= {SHOULD.sub("must", unit.full): "strengthened", SHOULD.sub("may", unit.full): "weakened"}
            for text, kind in said.items():
                rows += [(text, p, KINDS.index(kind)) for p in verifier.premises(text, [entry.clause.citation_id])]
    return rows


def main() -> None:
    """Train and write the cross-encoder."""
    options = read_options(__doc__, PATH, epochs=5)
    assistant = GuidanceAssistant(load_settings(data_dir=options.data_dir))
    verifier = assistant.verifier()
    rows = [*pair_rows(verifier), *literal_rows(verifier, assistant.catalog)]
    # The kinds are a help for learning; what counts is whether a statement is supported.
    trained(KINDS, rows, options)


if __name__ == "__main__":
    main()
