"""Forms in which a generation's values are stored."""

from __future__ import annotations

from pydantic import TypeAdapter

from assistant.clauses.builder import SourceText
from assistant.index.passage import Passage
from assistant.index.questions import AskedAs, NotCovered

TEXTS = TypeAdapter(list[SourceText])
PASSAGES = TypeAdapter(list[Passage])
ASKED = TypeAdapter(list[AskedAs])
NOT_COVERED = TypeAdapter(list[NotCovered])
