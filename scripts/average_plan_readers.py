"""Average what `scripts/train_plan_reader.py` wrote at several points of one training (Izmailov et al. 2018).

    python scripts/average_plan_readers.py --data-dir DIR --out PATH SHARE:PATH [SHARE:PATH ...]

DIR holds an index of the packaged corpus, of which the recommendations' words are read. The shares add up to 1.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import numpy as np

from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.licensing import QuoteLedger
from assistant.coverage.reading import mean_outputs, read_reader
from assistant.coverage.recommendations import recommendations
from assistant.settings import load_settings


def averaged(parts: list[tuple[float, Path]]) -> dict[str, np.ndarray]:
    """The weighted mean of every array of numbers; the rest is that of the first file."""
    loaded = []
    for share, path in parts:
        with np.load(path) as arrays:
            loaded.append((share, {name: arrays[name] for name in arrays.files}))
    first = loaded[0][1]
    if any([*arrays["keys"]] != [*first["keys"]] for _, arrays in loaded):
        raise SystemExit("these readers know different recommendations; average those of one training")
    found = dict(first)
    for name, values in first.items():
        if values.dtype.kind == "f":
            mean = sum(share * arrays[name].astype(np.float64) for share, arrays in loaded)
            found[name] = np.asarray(mean, dtype=values.dtype)
    return found


def main() -> None:
    """Average and write; what the recommendations' words look like to the averaged encoder is made anew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("parts", nargs="+", metavar="SHARE:PATH")
    options = parser.parse_args()
    parts = [(float(share), Path(path)) for share, _, path in (p.partition(":") for p in options.parts)]
    if abs(sum(share for share, _ in parts) - 1) > 1e-6 or options.out.suffix != ".npz":
        parser.error("let the shares add up to 1, and the name behind --out end in .npz")
    arrays = averaged(parts)
    np.savez(options.out, **arrays)
    catalog = GuidanceAssistant(load_settings(data_dir=options.data_dir)).catalog
    wanted = recommendations(catalog, QuoteLedger(catalog, "staff", date.today()), "both")
    words = {r.key: r.matched_text for r in wanted}
    outputs = read_reader(options.out).outputs([words[str(key)] for key in arrays["keys"]])
    np.savez(options.out, **arrays | {"words": mean_outputs(outputs).astype(np.float16)})
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
