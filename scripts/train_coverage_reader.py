"""Train the cross-encoder of the coverage map from example sentences of plans and from whole plans with an answer key.

    python scripts/train_coverage_reader.py --data-dir DIR [--out PATH] [--epochs 2] [--rate 1e-3] [--rank 8]

DIR holds an index of the packaged corpus (`assistant index --data-dir DIR`). It learns what a plan's sentence is to a
recommendation from the sentences and the whole plans of `corpus/plan-examples`; that a sentence is no
evidence of a neighbouring recommendation; and that most sentences of a plan, the similar ones too, are no evidence. The
plans and the labelled pairs of `evals/coverage` take no part. About three quarters of an hour on two cores; under 1 MB.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from pair_reader import Row, read_options, trained

from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.licensing import QuoteLedger
from assistant.coverage.examples import FOLDER, PLANS, STATUSES, Example, read_examples
from assistant.coverage.labelled import LabelledPlan, read_labelled_plans
from assistant.coverage.reading import PATH, in_its_place, spoken
from assistant.coverage.recommendations import Recommendation, recommendations
from assistant.settings import load_settings

# A sentence may well evidence the nearest recommendations too; of those beyond, it is no evidence.
TOO_NEAR, NEIGHBOURS = 0.8, 25
NEIGHBOUR_ROWS = 1500
# Of a plan's sentences, so many of the most similar ones to a recommendation are looked at, and so many are drawn.
SIMILAR, DRAWN = 15, 4


def spoken_of(recommendation: Recommendation) -> str:
    """A recommendation as the product reads it."""
    return spoken(recommendation.principle, recommendation.matched_text)


def example_rows(examples: list[Example], wanted: dict[str, Recommendation]) -> list[Row]:
    """Sentence, recommendation and status of every example."""
    return [(e.text, spoken_of(wanted[e.key]), STATUSES.index(e.status)) for e in examples if e.key in wanted]


def neighbour_rows(
    examples: list[Example], wanted: dict[str, Recommendation], assistant: GuidanceAssistant
) -> list[Row]:
    """Sentences with a neighbouring recommendation of the same side, drawn by lot: not found."""
    rng = np.random.default_rng(0)
    keys = list(wanted)
    place = {key: i for i, key in enumerate(keys)}
    vectors = assistant.encoder.encode([wanted[k].matched_text for k in keys])
    likeness = vectors @ vectors.T
    covering = [e for e in examples if e.key in wanted and e.status in ("evidenced", "partly")]
    rows = []
    for i in rng.permutation(len(covering))[:NEIGHBOUR_ROWS]:
        example = covering[i]
        mine = likeness[place[example.key]]
        others = [
            keys[j]
            for j in np.argsort(-mine)
            if mine[j] < TOO_NEAR and wanted[keys[j]].audience == wanted[example.key].audience
        ]
        other = others[int(rng.integers(min(NEIGHBOURS, len(others))))]
        rows.append((example.text, spoken_of(wanted[other]), STATUSES.index("not_found")))
    return rows


def plan_rows(
    plans: Sequence[LabelledPlan], wanted: dict[str, Recommendation], assistant: GuidanceAssistant
) -> list[Row]:
    """What the answer key names, and with it similar sentences that it does not name: not found."""
    rng = np.random.default_rng(1)
    missing = STATUSES.index("not_found")
    rows = []
    for labelled in plans:
        sentences = labelled.plan.sentences
        texts = [in_its_place(s) for s in sentences]
        labels = [label for label in labelled.labels if label.key in wanted]
        likeness = assistant.encoder.encode([wanted[label.key].matched_text for label in labels])
        likeness = likeness @ assistant.encoder.encode([s.text for s in sentences]).T
        for label, alike in zip(labels, likeness, strict=True):
            asked = spoken_of(wanted[label.key])
            showing, near = labelled.positions(label.evidence), labelled.positions(label.near)
            # Rows and items beside one that shows it may show it too.
            beside = {sentences[j].lead for j in showing if sentences[j].lead}
            similar = [
                j
                for j in np.argsort(-alike)[:SIMILAR]
                if j not in {*showing, *near} and sentences[j].lead not in beside
            ]
            drawn = rng.permutation(similar)[:DRAWN]
            rows += [(texts[j], asked, STATUSES.index(label.status)) for j in showing]
            rows += [(texts[j], asked, missing) for j in [*near, *drawn]]
    return rows


def main() -> None:
    """Train and write the cross-encoder."""
    options = read_options(__doc__, PATH, epochs=2)
    assistant = GuidanceAssistant(load_settings(data_dir=options.data_dir))
    catalog = assistant.catalog
    wanted = {r.key: r for r in recommendations(catalog, QuoteLedger(catalog, "staff", date.today()), "both")}
    examples = read_examples([assistant.settings.corpus_dir])
    rows = [
        *example_rows(examples, wanted),
        *neighbour_rows(examples, wanted, assistant),
        *plan_rows(read_labelled_plans(assistant.settings.corpus_dir / FOLDER / PLANS, catalog), wanted, assistant),
    ]
    trained(STATUSES, rows, options, first_counts=False)


if __name__ == "__main__":
    main()
