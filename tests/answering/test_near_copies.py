"""Statements that repeat a clause but for a word or a hedge."""

import pytest

from assistant.answering.verification.near_copies import dropped_hedge, exchanged_word
from assistant.answering.verification.units import Unit

REGISTER = "The joint team should set up a register of shared risks and, as far as practical, review all of them before each meeting."


def units(*texts: str, rendition: str = "digest") -> list[Unit]:
    return [Unit(t, t, "", "", "iso-44003:5.10.3.3", rendition, 0, len(t), False) for t in texts]


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (REGISTER.replace("set up", "wind up"), "“wind” for “set”"),
        (REGISTER.replace("shared", "hidden"), "“hidden” for “shared”"),
        (REGISTER.replace("all of", "some of"), "“some” for “all”"),
        (REGISTER.replace("before", "after"), "“after” for “before”"),
        ("The joint team should set up a register of shared rewards.", "“rewards” for “risks”"),
        (REGISTER.replace("The joint team", "The review team"), "“review” for “joint”"),
    ],
)
def test_another_word_in_a_copied_sentence_is_named(statement: str, named: str) -> None:
    assert exchanged_word(statement, units(REGISTER)) == named


@pytest.mark.parametrize(
    "statement",
    [
        REGISTER,
        "The joint team should set up a register of shared risks.",
        "Partners keep one list of what could go wrong for them and go through it whenever they meet.",
        "The team should set up a register of risks.",
        "A register of shared risks is set up by the joint team.",
    ],
)
def test_quotes_shortenings_and_words_of_its_own_are_no_exchange(statement: str) -> None:
    assert exchanged_word(statement, units(REGISTER)) == ""


def test_a_word_of_another_rendition_is_no_exchange() -> None:
    licensed = "Both sides have to maintain a common list."
    copy = REGISTER.replace("set up", "maintain")
    assert exchanged_word(copy, units(REGISTER)) == "“maintain” for “set up”"
    assert exchanged_word(copy, [*units(REGISTER), *units(licensed, rendition="licensed")]) == ""


def test_a_hedge_that_is_left_out_is_named() -> None:
    assert dropped_hedge(REGISTER.replace(", as far as practical,", ""), units(REGISTER)) == "as far as practical"
    assert dropped_hedge(REGISTER, units(REGISTER)) == ""


def test_a_part_without_its_hedge_is_no_dropped_hedge() -> None:
    assert dropped_hedge("The joint team should set up a register of shared risks.", units(REGISTER)) == ""
