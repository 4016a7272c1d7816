"""What the words of a plan say about a recommendation."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.coverage.judging import (
    FEATURES,
    Candidates,
    features_of,
    probabilities,
    read_parameters,
    reason_of,
    status_of,
)
from assistant.coverage.plan_text import PlanSentence
from assistant.coverage.statuses import JUDGED
from assistant.coverage.wording import concepts_of, cue_counts


def test_the_parameters_fit_the_features() -> None:
    parameters = read_parameters()
    assert parameters.weights.shape == (len(JUDGED), len(FEATURES))
    assert parameters.mean.shape == parameters.scale.shape == (len(FEATURES),)


def test_chances_add_up_to_one() -> None:
    rows = np.zeros((3, len(FEATURES)))
    assert np.allclose(probabilities(rows, read_parameters()).sum(axis=1), 1.0)


@pytest.mark.parametrize(
    ("sentence", "cue"),
    [
        ("The owner of the register will be named later.", "later"),
        ("Only our own staff can see it.", "part"),
        ("Proposals by the other firm are not accepted.", "against"),
    ],
)
def test_a_cue_is_seen(sentence: str, cue: str) -> None:
    assert cue_counts(sentence)[cue] > 0


def test_plain_words_touch_the_same_concept_as_the_guidance() -> None:
    assert "risk" in concepts_of("a list of dangers") & concepts_of("the joint risk register")


def test_a_reason_says_what_is_put_off() -> None:
    sentence = PlanSentence("plan-a", "plan-a:1", "1 Risk", "A register is under discussion.")
    assert "puts it off" in reason_of("partly", "keep a joint risk register", sentence)


def test_one_sentence_alone_can_be_judged() -> None:
    """A plan of a single sentence has no runner-up."""
    sentence = PlanSentence("plan-a", "plan-a:1", "1 Risk", "Both firms keep a register.")
    one = np.zeros(1)
    found = Candidates(np.zeros(1, int), one, one, one, one - 5, np.zeros((1, 4)))
    assert len(features_of(sentence, found)) == len(FEATURES)


def test_nothing_unlikely_is_called_evidenced() -> None:
    chances = (0.45, 0.30, 0.20, 0.05)
    assert status_of(chances, 0.4) == "evidenced"
    assert status_of(chances, 0.5) == "partly"
