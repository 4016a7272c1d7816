"""Train what tells comparisons of the texts from other questions, or measure it.

    python scripts/train_comparisons.py [--measure]

It learns from the labelled questions of `corpus/questions/comparisons.jsonl`, and from a sample of the asked-as questions, each of
which one clause answers. A few seconds. Both ways end with the figures on `evals/comparisons/held-out.jsonl`, which takes no part in it.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from assistant.errors import CorpusError
from assistant.files import read_lines
from assistant.index.questions import read_asked_as
from assistant.retrieval import comparing
from assistant.settings import packaged

# Asked-as questions beside the labelled ones, and what each counts.
OTHERS, OTHERS_WEIGHT = 3000, 0.2
# Runs of words in fewer questions are left out, and weights below this.
FEWEST, LEAST_WEIGHT = 2, 0.03


def labelled(path: Path) -> list[tuple[str, frozenset[str]]]:
    """Questions with the ids of the texts that each compares."""
    rows = [json.loads(line) for _, line in read_lines(path, CorpusError)]
    return [(row["question"], frozenset(row["compared"])) for row in rows]


def train(questions: Sequence[str], compares: Sequence[bool], weights: Sequence[float], path: Path) -> None:
    """Fit the weights and write them."""
    found = [comparing.runs_of_words(question) for question in questions]
    counts = Counter(run for runs in found for run in runs)
    known = {run: i for i, run in enumerate(sorted(r for r, n in counts.items() if n >= FEWEST))}
    places = [(row, known[run]) for row, runs in enumerate(found) for run in runs if run in known]
    rows, columns = zip(*places, strict=True)
    table = csr_matrix((np.ones(len(places)), (rows, columns)), shape=(len(found), len(known)))
    model = LogisticRegression(max_iter=500).fit(table, compares, sample_weight=weights)
    kept = [(run, model.coef_[0][i]) for run, i in known.items() if abs(model.coef_[0][i]) >= LEAST_WEIGHT]
    np.savez_compressed(
        path,
        runs=np.array([run for run, _ in kept]),
        weights=np.array([w for _, w in kept], np.float16),
        bias=model.intercept_[0],
    )
    print(f"{path}: {len(kept)} of {len(known)} runs of words, {path.stat().st_size / 1000:.0f} kB")


def measure(rows: Sequence[tuple[str, frozenset[str]]]) -> None:
    """Print how many comparisons are told, and of which texts, and how many other questions are taken for one."""
    found = [(frozenset(comparing.compared_texts(question)), wanted) for question, wanted in rows]
    told = [bool(got) for got, wanted in found if wanted]
    exact = [got == wanted for got, wanted in found if wanted]
    false = [bool(got) for got, wanted in found if not wanted]
    print(f"comparisons told: {np.mean(told):.3f} of {len(told)}, with the very texts {np.mean(exact):.3f}")
    print(f"other questions taken for one: {np.mean(false):.3f} of {len(false)}")


def main() -> None:
    """Train unless it is only to be measured, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", action="store_true", help="leave the weights as they are")
    corpus = packaged("corpus")
    if not parser.parse_args().measure:
        rows = labelled(corpus / "questions" / "comparisons.jsonl")
        asked = [asked.question for asked in read_asked_as([corpus])]
        others = random.Random(0).sample(asked, OTHERS)
        questions = [question for question, _ in rows] + others
        compares = [bool(compared) for _, compared in rows] + [False] * len(others)
        train(questions, compares, [1.0] * len(rows) + [OTHERS_WEIGHT] * len(others), comparing.WEIGHTS)
    measure(labelled(packaged("evals") / "comparisons" / "held-out.jsonl"))


if __name__ == "__main__":
    main()
