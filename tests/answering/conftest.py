"""What the tests of answering share: a verifier over the packaged corpus, and models that do as they are told."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.licensing import QuoteLedger
from assistant.answering.verification import Verifier


@pytest.fixture(scope="session")
def verifier(assistant: GuidanceAssistant) -> Verifier:
    """A verifier over the digest that takes over the vectors of the index."""
    return Verifier.of_index(assistant.index(), assistant.encoder, assistant.question_encoder)


@pytest.fixture
def ledger(assistant: GuidanceAssistant) -> QuoteLedger:
    """The quote budget of one answer."""
    return QuoteLedger(assistant.catalog, "staff", date(2026, 1, 1))
