"""Asked-as questions and the not-covered register: index-time data of the corpus and of an overlay."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.errors import CorpusError, ManifestError
from assistant.files import read_lines
from assistant.sources.manifest import read_toml

GapReason = Literal["not_covered", "text_not_held", "off_topic"]
VOICES = ("near", "everyday", "situation", "short")


@dataclass(frozen=True, slots=True)
class AskedAs:
    """A question for which a clause is the best answer."""

    citation_id: str
    question: str
    voice: str


class NotCovered(BaseModel):
    """A topic that sounds as if the guidance answered it and does not.

    Attributes:
        key: Stable name.
        topic: Short title.
        reason: Why there is no answer.
        say: What the assistant says instead.
        nearest: Clauses that do help.
        questions: How people ask for it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    topic: str
    reason: GapReason
    say: str
    nearest: tuple[str, ...] = ()
    questions: tuple[str, ...]


def read_asked_as(folders: Iterable[Path]) -> list[AskedAs]:
    """Every asked-as question below the folders, in a fixed order, equal ones once.

    Raises:
        CorpusError: A file cannot be read, or a line is no JSON object with id and question; the message names file
            and line.
    """
    seen: set[tuple[str, str]] = set()
    questions: list[AskedAs] = []
    for path, number, line in _lines(folders):
        try:
            record = json.loads(line)
            asked = AskedAs(record["id"], record["question"].strip(), record.get("voice", ""))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise CorpusError(
                f'{path}, line {number}: needs {{"id": "...", "voice": "...", "question": "..."}}'
            ) from None
        key = (asked.citation_id, asked.question.casefold())
        if key not in seen:
            seen.add(key)
            questions.append(asked)
    return questions


def _lines(folders: Iterable[Path]) -> Iterator[tuple[Path, int, str]]:
    for folder in folders:
        for path in sorted((folder / "questions" / "asked-as").rglob("*.jsonl")):
            yield from ((path, number, line) for number, line in read_lines(path, CorpusError))


def read_not_covered(folders: Iterable[Path]) -> list[NotCovered]:
    """The not-covered register of the folders, in order.

    Raises:
        CorpusError: A file cannot be read, a topic is incomplete, or two have one key; the message names file and
            topic.
    """
    topics: dict[str, NotCovered] = {}
    for folder in folders:
        path = folder / "questions" / "not-covered.toml"
        if not path.is_file():
            continue
        try:
            tables = read_toml(path).get("topic", [])
        except ManifestError as error:
            raise CorpusError(str(error)) from error
        for number, table in enumerate(tables, 1):
            try:
                topic = NotCovered.model_validate(table)
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(str(p) for p in first["loc"])
                raise CorpusError(
                    f"{path}, topic {number} ({table.get('key', 'no key')}): {where}: {first['msg']}"
                ) from error
            if topic.key in topics:
                raise CorpusError(f"{path}: the topic {topic.key!r} stands twice; give each topic a key of its own")
            topics[topic.key] = topic
    return list(topics.values())
