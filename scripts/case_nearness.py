"""How near each eval case is to its nearest asked-as question, by the plain encoder.

    python scripts/case_nearness.py [CASES.jsonl ...]

Prints one line a case (cosine, case id, the question it is nearest to) and the quartiles: cases that are nearly
questions of the corpus would flatter the retrieval.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from assistant.encoders import SentenceEncoder
from assistant.index.questions import read_asked_as
from assistant.settings import load_settings, packaged


def main(paths: list[Path]) -> None:
    """Print the nearness of every case."""
    settings = load_settings()
    encoder = SentenceEncoder(settings.encoder)
    asked = [q.question for q in read_asked_as([settings.corpus_dir])]
    vectors = encoder.encode(asked)
    nearness = []
    for path in paths or sorted((packaged("evals") / "cases").glob("*.jsonl")):
        cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        cosines = encoder.encode([c["question"] for c in cases]) @ vectors.T
        for case, row in zip(cases, cosines, strict=True):
            best = int(np.argmax(row))
            nearness.append(float(row[best]))
            print(f"{row[best]:.3f}\t{case['id']}\t{asked[best]}")
    quartiles = np.percentile(nearness, [5, 25, 50, 75, 95, 100])
    print("5 %, quartiles, 95 %, most: " + ", ".join(f"{q:.3f}" for q in quartiles), file=sys.stderr)


if __name__ == "__main__":
    main([Path(a) for a in sys.argv[1:]])
