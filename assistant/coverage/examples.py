"""Examples: how plans carry out a recommendation, go part of the way, miss it, or lay down the opposite.

One JSON object a line in `plan-examples/*.jsonl` of the corpus, and of an organisation's overlay folder:
{"key": recommendation key, "status": "evidenced" | "partly" | "not_found" | "contradicted", "text": sentence of a plan}.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.errors import CorpusError

FOLDER = "plan-examples"
ExampleStatus = Literal["evidenced", "partly", "not_found", "contradicted"]
STATUSES: tuple[ExampleStatus, ...] = get_args(ExampleStatus)


class Example(BaseModel):
    """A sentence as a plan could hold it, and what it is to one recommendation.

    Attributes:
        key: Key of the recommendation.
        status: "not_found" for a sentence that is near it and yet no evidence of it; of others it may be.
        text: The sentence.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    status: ExampleStatus
    text: str


def read_examples(folders: Iterable[Path]) -> list[Example]:
    """Every example below `plan-examples` of some folders, in order.

    Raises:
        CorpusError: A line is out of form; the message names file and line.
    """
    found: list[Example] = []
    for path in (p for folder in folders for p in sorted((folder / FOLDER).glob("*.jsonl"))):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if line.strip():
                try:
                    found.append(Example.model_validate(json.loads(line)))
                except (ValueError, ValidationError) as error:
                    raise CorpusError(
                        f"{path}:{number}: write a JSON object with key, status ({', '.join(STATUSES)}) and text"
                    ) from error
    return found


def evidencing(examples: Sequence[Example]) -> dict[str, str]:
    """Recommendation key -> the first sentence by which a plan carries it out."""
    first: dict[str, str] = {}
    for example in examples:
        if example.status == "evidenced":
            first.setdefault(example.key, example.text)
    return first
