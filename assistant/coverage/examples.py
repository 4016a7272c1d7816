"""Examples: how plans carry out a recommendation, go part of the way, miss it, or lay down the opposite.

In the corpus and in an organisation's overlay folder, one JSON object a line:
- `plan-examples/*.jsonl`, single sentences: {"key": recommendation key, "status": "evidenced" | "partly" | "not_found" |
  "contradicted", "text": sentence of a plan};
- `plan-examples/plans/NAME.jsonl`, what a reviewer says of the plan `NAME.md` beside it, a line for each recommendation:
  {"key", "status", "evidence": [sentences that show it, the best first], "near": [sentences that come nearest without]}.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.coverage.statuses import JUDGED, JudgedStatus
from assistant.errors import CorpusError
from assistant.files import read_lines

FOLDER, PLANS = "plan-examples", "plans"
Line = TypeVar("Line", bound=BaseModel)


class Example(BaseModel):
    """A sentence as a plan could hold it, and what it is to one recommendation.

    Attributes:
        key: Key of the recommendation.
        status: "not_found" for a sentence that is near it and yet no evidence of it; of others it may be.
        text: The sentence.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    status: JudgedStatus
    text: str


class Label(BaseModel):
    """What a reviewer says of one recommendation and a whole plan.

    Attributes:
        key: Key of the recommendation.
        status: Its status in this plan.
        evidence: Sentences that show it, the best first; empty where nothing was found.
        near: Sentences that come nearest without doing it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    status: JudgedStatus
    evidence: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


def read_sentences(folder: Path) -> list[Example]:
    """The single sentences in `plan-examples` of a folder, in order.

    Raises:
        CorpusError: A file cannot be read, or a line is out of form; the message names file and line.
    """
    found: list[Example] = []
    for path in sorted((folder / FOLDER).glob("*.jsonl")):
        found += read_records(path, Example, f"key, status ({', '.join(JUDGED)}) and text")
    return found


def read_examples(folder: Path) -> list[Example]:
    """Every example below `plan-examples` of a folder, in order: single sentences, then the evidence of whole plans.

    Raises:
        CorpusError: A file cannot be read, or a line is out of form; the message names file and line.
    """
    found = read_sentences(folder)
    for path in sorted((folder / FOLDER / PLANS).glob("*.jsonl")):
        labels = read_records(path, Label, "key, status, evidence and near")
        found += [Example(key=n.key, status=n.status, text=t) for n in labels for t in n.evidence]
    return found


def read_records(path: Path, model: type[Line], form: str) -> list[Line]:
    """The lines of a file.

    Args:
        path: The file.
        model: What a line is.
        form: What a line holds, in words.

    Raises:
        CorpusError: A file cannot be read, or a line is out of form; the message names file and line.
    """
    found: list[Line] = []
    for number, line in read_lines(path, CorpusError):
        try:
            found.append(model.model_validate(json.loads(line)))
        except (ValueError, ValidationError) as error:
            raise CorpusError(f"{path}:{number}: write a JSON object with {form}") from error
    return found


def evidencing(examples: Sequence[Example]) -> dict[str, str]:
    """Recommendation key -> the first sentence by which a plan carries it out."""
    first: dict[str, str] = {}
    for example in examples:
        if example.status == "evidenced":
            first.setdefault(example.key, example.text)
    return first
