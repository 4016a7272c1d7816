"""Verification of statements against the clauses that they cite."""

from __future__ import annotations

from assistant.answering.verification.verifier import Verdict, Verifier

__all__ = ["Verdict", "Verifier"]
