"""What the words of a plan say about a recommendation."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.coverage.examples import STATUSES
from assistant.coverage.judging import FEATURES, JUDGED, probabilities, read_parameters, reason_of
from assistant.coverage.plan_text import PlanSentence
from assistant.coverage.reading import PATH, packaged_reader, spoken
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


def test_sentence_and_recommendation_are_read_together() -> None:
    """What does it is likelier some evidence than what is about something else; the order of sentences changes nothing."""
    wanted = spoken(
        "Risk management", "The joint management team should set up a joint risk register, open to the whole team."
    )
    texts = [
        "The joint risk register lives on the shared drive, where the whole joint team can open it, with the risks of both firms.",
        "Invoices are paid within fourteen days of delivery.",
        "A list of dangers may be drawn up some day.",
    ]
    sentences = [PlanSentence("plan-a", "plan-a:1", "1 Plan", text) for text in texts]
    read = packaged_reader().statuses(sentences, wanted)
    assert read.shape == (3, len(STATUSES))
    missing = read[:, STATUSES.index("not_found")]
    assert missing[0] < missing[1]
    assert read[1].argmax() == STATUSES.index("not_found")
    again = packaged_reader().statuses(sentences[::-1], wanted)
    assert np.allclose(again[::-1], read, atol=0.02)


def test_a_sentence_longer_than_the_model_reads_does_no_harm() -> None:
    """Tables and paragraphs without full stops come in plans."""
    sentence = PlanSentence("plan-a", "plan-a:1", "1 Plan", "Both firms keep the register and " * 100)
    assert packaged_reader().statuses([sentence], spoken("Risk management", "Keep a register.")).shape == (1, 4)


def test_the_reader_stays_small() -> None:
    assert PATH.stat().st_size < 1_000_000
