"""Guidance assistant for collaborative business relationships.

One arrow: source file -> Document -> Clause -> Passage -> index -> Hit -> Answer -> interfaces.
"""

__version__ = "0.1.0"
