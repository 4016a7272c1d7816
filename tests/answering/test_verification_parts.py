"""The single checks of the verifier, each on sentences made for it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.verification import Verifier
from assistant.answering.verification.actors import ActorWords, wrong_actor
from assistant.answering.verification.entailment import PATH, Entailment, packaged_entailment, premise
from assistant.answering.verification.names import NameWords
from assistant.answering.verification.numbers import figures, missing_figures
from assistant.answering.verification.polarity import adds_only, contradicts
from assistant.answering.verification.segments import segments, stretches
from assistant.answering.verification.strength import compare_strength, strength_of
from assistant.answering.verification.units import units_of
from assistant.encoders import CrossEncoder


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("twelve principles", {"12"}),
        ("12 principles", {"12"}),
        ("about 5 % of turnover", {"5", "unit:percent"}),
        ("50,000 euros", {"50000", "unit:money"}),
        ("every second Tuesday", {"date:tuesday"}),
        ("a third of them", {"1/3"}),
        ("twice a year", {"2", "unit:year"}),
        ("reviewed annually", {"unit:year"}),
        ("see 5.10.3.3 and clause 4", set()),
        ("no two opportunities are alike", set()),
        ("some day it ends", set()),
        ("ISO/TR 44000 and ISO 44001:2017", {"standard:44000", "standard:44001"}),
    ],
)
def test_figures_are_found_and_normalised(text: str, found: set[str]) -> None:
    """Digits, words, shares, frequencies and standards become comparable; clause numbers and idioms are none."""
    assert figures(text) == found


def test_a_list_may_be_counted() -> None:
    """The number of things in a list may be said although it does not stand there."""
    assert missing_figures("Four things belong to the plan.", "The plan names roles and risks.", counts=[4]) == []
    assert missing_figures("Five things belong to the plan.", "The plan names roles and risks.", counts=[4]) == ["5"]


def test_two_may_be_said_of_a_pair() -> None:
    """Both, each other and one to one are said of two."""
    assert missing_figures("The two firms agree.", "Both firms agree.") == []


@pytest.mark.parametrize(
    ("statement", "clause", "verdict"),
    [
        ("The team must meet.", "The team should meet.", "strengthened"),
        ("The team has to meet.", "The team should meet.", "strengthened"),
        ("It is compulsory to meet.", "It is important to meet.", "strengthened"),
        ("Meetings always help.", "Meetings can often help.", "strengthened"),
        ("The team should meet.", "The team can meet.", "strengthened"),
        ("The firm should adopt a policy.", "The firm should consider adopting a policy.", "strengthened"),
        ("The firm will gain.", "The firm can gain.", "strengthened"),
        ("The team may meet.", "The team should meet.", "weakened"),
        ("Meeting is merely useful.", "Meeting is crucial.", "weakened"),
        ("The team need not meet.", "The team should meet.", "weakened"),
        ("The team should meet.", "The team should meet.", ""),
        ("It is important that the team meets.", "The team needs to meet.", ""),
        ("The team needs to meet.", "The team should meet.", ""),
        ("People have to be trained.", "Training people is fundamental.", ""),
        ("The team can meet.", "The team may meet.", ""),
        ("The firm should think about a policy.", "The firm should consider adopting a policy.", ""),
        ("The team names the risks that can arise.", "The team should name risks.", ""),
        ("Define the aims.", "Define the objectives.", ""),
        ("The team meets.", "The team should meet.", ""),
    ],
)
def test_strength_is_kept(statement: str, clause: str, verdict: str) -> None:
    """A recommendation is neither made an order nor an option, a possibility not a recommendation."""
    assert compare_strength(strength_of(statement, statement=True), [strength_of(clause)]) == verdict


@pytest.mark.parametrize(
    ("statement", "clause", "wrong"),
    [
        ("The owners should set up a register.", "The joint management team should set up a register.", True),
        ("The SER should set up a register.", "The joint management team should set up a register.", True),
        ("The customer should write the plan.", "The owners or managers should write the plan.", True),
        ("The small firm should adapt its processes.", "The large organisation should adapt its processes.", True),
        (
            "It is up to the small firm's leaders to build trust.",
            "The larger organisation's leaders are responsible for trust.",
            True,
        ),
        ("A consultant should review the risks.", "The owners or managers should review the risks.", True),
        ("The joint team should set up a register.", "The joint management team should set up a register.", False),
        ("Management should write the plan.", "The owners or managers should write the plan.", False),
        ("Big companies should adapt their processes.", "The large organisation should adapt its processes.", False),
        ("The plan should be written.", "The owners or managers should write the plan.", False),
    ],
)
def test_the_actor_stays_the_same(assistant: GuidanceAssistant, statement: str, clause: str, wrong: bool) -> None:
    """Who is to act may be named in other words, but not be somebody else."""
    words = ActorWords(assistant.catalog.taxonomy)
    found = wrong_actor(words.subjects(statement), [words.subjects(clause)], words.named(clause), "both", task=True)
    assert found is wrong


def test_a_pronoun_stands_for_the_sentence_before(assistant: GuidanceAssistant) -> None:
    """They are those who were spoken of."""
    words = ActorWords(assistant.catalog.taxonomy)
    assert words.subjects("They should define it.", "The joint management team should meet.") == {"joint-team"}


@pytest.mark.parametrize(
    ("statement", "clause", "opposite"),
    [
        ("Values should not be shared.", "Values should be shared with staff.", True),
        ("Day-to-day pressure rarely tests values.", "Daily pressure often tests values.", True),
        ("Issues should be resolved late.", "Issues should be resolved as early as practicable.", True),
        (
            "The register should be kept from the team.",
            "The register should be readily accessible to the whole team.",
            True,
        ),
        ("The process can be kept simple.", "The process need not be complex.", False),
        ("The values must not be compromised.", "It is important that values are not compromised.", False),
        ("Do not just look at results.", "Look not only at results but at behaviour.", False),
        ("No two firms are alike.", "Firms differ.", False),
    ],
)
def test_the_opposite_is_noticed(statement: str, clause: str, opposite: bool) -> None:
    """A denial or an opposite word turns the meaning; both together do not."""
    assert contradicts(statement, [clause]) is opposite


def test_a_restriction_has_to_stand_there() -> None:
    """Only and alone say more than the clause where it restricts nothing."""
    assert adds_only("Only the SER may read it.", "The SER and the team can read it.")
    assert not adds_only("Only the SER may read it.", "The SER alone can read it.")
    assert not adds_only("It is not only about money.", "It is about money and more.")


def test_names_have_to_occur(assistant: GuidanceAssistant) -> None:
    """Organisations and products that the clause does not name are reported, the field's own words are not."""
    names = NameWords(assistant.catalog.taxonomy)
    clause = "The senior executive responsible reports to the owners."
    assert names.missing("The SER reports with Microsoft Teams.", clause) == ["Microsoft", "Teams"]
    assert names.missing("The SER of the MSME reports.", clause) == []
    assert names.missing("Reports go to the owners. Trust matters.", clause) == []


def test_a_statement_falls_into_its_claims() -> None:
    """Each part that claims something is looked at by itself; lists stay together."""
    assert segments("The team should meet, and every issue should go to the owners.") == [
        "The team should meet",
        "and every issue should go to the owners.",
    ]
    assert segments("Costs, risks and know-how are shared.") == ["Costs, risks and know-how are shared."]
    assert segments("") == [""]


@given(st.lists(st.sampled_from(["risk", "should", "meet,", "and", "which", "team.", "but;"]), max_size=120))
def test_stretches_hold_every_word_once_and_none_is_too_long(words: list[str]) -> None:
    found = stretches(" ".join(words), 9)
    assert all(len(s.split()) <= 9 for s in found)
    letters = [re.findall(r"[a-z]+", t) for t in (" ".join(words), " ".join(found))]
    assert letters[0] == letters[1]


REGISTER = (
    "small firm. How: implementation guidance Risk register. The joint risk register should show who owns each risk."
)


def test_what_a_statement_is_read_with_names_the_side_and_the_closest_sentences(assistant: GuidanceAssistant) -> None:
    """Whom the clause speaks to, its headings without numbers, then at most three units in reading order."""
    entry = assistant.catalog.resolve("iso-44003:5.1.3.3")
    units = [u for u in units_of(assistant.catalog, "iso-44003:5.1.3.3") if u.rendition == "digest"]
    listed = [u for u in units if u.listed][:2]
    told = premise(entry, [listed[1], units[0], listed[0], units[-1]])
    assert told.startswith("small firm. ")
    assert "5.1.3.3" not in told
    assert told.index(units[0].full) < told.index(f"{listed[0].full}; {listed[1].text}")
    assert units[-1].text not in told


def test_what_turns_a_clause_round_is_less_entailed_than_what_follows_from_it(verifier: Verifier) -> None:
    """Read together with the clause, a paraphrase has far better odds than its opposite or another matter."""
    clause = "iso-44003:5.10.3.3"
    said = {
        text: packaged_entailment().read(text, verifier.premises(text, [clause])).log_odds
        for text in (
            "Risks should be written down in a joint register that everyone on the team can see.",
            "The team should keep the register to itself.",
            "Suppliers should be paid within thirty days.",
        )
    }
    follows, turned, other = said.values()
    assert follows > 1 > -1 > max(turned, other)
    assert packaged_entailment().read("Each risk should have an owner.", []).log_odds == 0.0


def test_what_is_read_beside_it_does_not_change_the_odds() -> None:
    """Padding of a batch leaves the chances as they are; the best of several premises counts."""
    reader = CrossEncoder(PATH)
    statement = "Each risk should have an owner."
    alone = reader.log_chances([(statement, REGISTER)])
    beside = reader.log_chances([(statement, REGISTER), (statement, REGISTER * 4)])
    assert alone.shape == (1, len(reader.classes))
    assert np.allclose(alone[0], beside[0], atol=1e-3)
    entailment = Entailment(reader)
    both = entailment.read(statement, [REGISTER, "large organisation. Payment. Invoices should be paid on time."])
    assert both.log_odds == pytest.approx(entailment.read(statement, [REGISTER]).log_odds, abs=0.02)


def test_the_cross_encoder_stays_small() -> None:
    """It ships under a megabyte."""
    assert PATH.stat().st_size < 1_000_000
