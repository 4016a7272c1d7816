"""The packaged encoder: what it gives does not depend on what else is being done with it."""

from __future__ import annotations

import threading
import time

import numpy as np

from assistant.encoders import SentenceEncoder

_TEXTS = [f"{'A long plan of what the partners do together. ' * 60} {n}" for n in range(3)] + ["Short.", "Not so long."]


def test_counting_tokens_and_reading_beside_encoding_change_nothing() -> None:
    """Long texts are cut in one use and counted whole in another, at the same time."""
    encoder = SentenceEncoder()
    alone, outputs, counts = (
        encoder.encode(_TEXTS),
        encoder.outputs(_TEXTS, 32),
        [encoder.count_tokens(t) for t in _TEXTS],
    )
    assert counts[0] > encoder.max_tokens
    stop, wrong = threading.Event(), list[str]()

    def beside() -> None:
        try:
            while not stop.is_set():
                if [encoder.count_tokens(t) for t in _TEXTS] != counts:
                    wrong.append("counts")
                if not np.allclose(encoder.outputs(_TEXTS[3:], 32), outputs[3:], atol=1e-5):
                    wrong.append("outputs")
        except Exception as error:
            wrong.append(repr(error))

    thread = threading.Thread(target=beside)
    thread.start()
    try:
        until = time.monotonic() + 3
        while time.monotonic() < until:
            assert np.allclose(encoder.encode(_TEXTS), alone, atol=1e-5)
    finally:
        stop.set()
        thread.join()
    assert wrong == []
