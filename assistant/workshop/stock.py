"""corpus/teaching and an overlay folder -> TeachingUnits: what a trainer has to choose from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import CorpusError, ManifestError
from assistant.sources.manifest import read_toml

Audience = Literal["msme", "large", "both"]
Level = Literal["introduction", "practice"]
UnitKind = Literal["principle", "stage"]
FacetKey = Literal["what", "why", "how"]
_FOLDERS: dict[UnitKind, str] = {"principle": "principles", "stage": "stages"}


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Cited(_Strict):
    """A sentence with the ids that it rests on.

    Attributes:
        id: Stable name within its unit; made from the words where the file gives none.
        text: The sentence.
        citations: Citation ids.
    """

    id: str = ""
    text: str = Field(min_length=3)
    citations: tuple[str, ...] = Field(min_length=1)


class Objective(Cited):
    """What a participant can do afterwards; starts with a verb and claims nothing."""

    audience: Audience
    level: Level


class Point(Cited):
    """A short guidance claim for a slide."""

    audience: Audience
    facet: FacetKey


class Rating(Cited):
    """A statement that a team rates from 1 to 5."""

    audience: Audience


class Scenario(_Strict):
    """An invented case with tasks for a group and a model answer.

    Attributes:
        situation: Teaching text: invented, claims nothing of the guidance.
        answer: The model answer, each sentence a guidance claim.
    """

    id: str
    audience: Audience
    level: Level
    title: str
    situation: str
    tasks: tuple[str, ...] = Field(min_length=1)
    answer: tuple[Cited, ...] = Field(min_length=1)


class Distractor(_Strict):
    """A wrong option, and where its content really belongs."""

    text: str
    why_wrong: str
    citations: tuple[str, ...] = ()


class QuizItem(_Strict):
    """A question with one right answer and three distractors."""

    id: str
    audience: Audience
    level: Level
    question: str
    right: str
    reason: str
    citations: tuple[str, ...] = Field(min_length=1)
    distractor: tuple[Distractor, ...] = Field(min_length=3, max_length=3)


class TeachingUnit(_Strict):
    """All teaching material on one principle or stage."""

    key: str
    kind: UnitKind
    title: str = ""
    introduction: str = ""
    objective: tuple[Objective, ...] = ()
    point: tuple[Point, ...] = ()
    scenario: tuple[Scenario, ...] = ()
    quiz: tuple[QuizItem, ...] = ()
    self_assessment: tuple[Rating, ...] = ()
    hide: tuple[str, ...] = ()

    @property
    def unit_id(self) -> str:
        """`principle/<key>` or `stage/<key>`: two keys are both a principle and a stage."""
        return f"{self.kind}/{self.key}"

    def citations(self) -> set[str]:
        """Every id that occurs in the unit."""
        found = {c for part in (self.objective, self.point, self.self_assessment) for e in part for c in e.citations}
        found |= {c for s in self.scenario for a in s.answer for c in a.citations}
        found |= {c for q in self.quiz for c in q.citations}
        return found | {c for q in self.quiz for d in q.distractor for c in d.citations}


class TeachingStock:
    """The units by kind and key.

    Args:
        units: Every unit once.
    """

    def __init__(self, units: Iterable[TeachingUnit]) -> None:
        self.units = {u.unit_id: u for u in units}

    @classmethod
    def load(cls, corpus_dir: Path, overlay_dir: Path | None = None) -> TeachingStock:
        """The packaged stock, with an organisation's own material merged in.

        An overlay file `teaching/principles/<key>.toml` or `teaching/stages/<key>.toml` has the packaged form with
        every part optional: its entries are added, one with an id that exists replaces it, and `hide = ["id", ...]`
        takes entries out.

        Raises:
            CorpusError: A file does not have the form, or two entries share an id; the message names file and place.
        """
        units = {u.unit_id: u for u in _read_folder(corpus_dir / "teaching")}
        if not units:
            raise CorpusError(f"{corpus_dir}/teaching holds no teaching material; install the product again")
        for own in _read_folder(overlay_dir / "teaching") if overlay_dir is not None else ():
            known = units.get(own.unit_id)
            units[own.unit_id] = _merged(known, own) if known is not None else own
        for unit in units.values():
            _check_ids(unit)
        return cls(units.values())

    def unit(self, kind: UnitKind, key: str) -> TeachingUnit:
        """The unit of a principle or stage.

        Raises:
            CorpusError: There is none; the message lists what there is.
        """
        unit = self.units.get(f"{kind}/{key}")
        if unit is None:
            names = ", ".join(sorted(u.key for u in self.units.values() if u.kind == kind)) or "none"
            raise CorpusError(f"there is no teaching material for the {kind} {key!r}; there is for: {names}")
        return unit


def _read_folder(folder: Path) -> list[TeachingUnit]:
    units = []
    for kind, name in _FOLDERS.items():
        for path in sorted((folder / name).glob("*.toml")):
            unit = _read_unit(path)
            if unit.kind != kind or unit.key != path.stem:
                raise CorpusError(f'{path}: must say kind = "{kind}" and key = "{path.stem}"')
            units.append(unit)
    return units


def _read_unit(path: Path) -> TeachingUnit:
    try:
        values = read_toml(path)
        _name_entries(values)
        return TeachingUnit.model_validate(values)
    except ManifestError as error:
        raise CorpusError(str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CorpusError(f"{path}: {where}: {first['msg']}") from error


def _name_entries(values: dict[str, Any]) -> None:
    """Give an id to entries without one: from their words, so that reordering a file changes no id."""
    for kind in ("objective", "point", "self_assessment"):
        for entry in values.get(kind) or ():
            if isinstance(entry, dict) and not entry.get("id"):
                entry["id"] = f"{kind.replace('self_assessment', 'rating')}-{_mark(entry.get('text', ''))}"
    scenarios = values.get("scenario")
    # What is no list of tables is reported by the model that reads it.
    for scenario in scenarios if isinstance(scenarios, list) else ():
        answers = scenario.get("answer") if isinstance(scenario, dict) else None
        for number, entry in enumerate(answers if isinstance(answers, list) else (), 1):
            if isinstance(entry, dict) and not entry.get("id"):
                entry["id"] = f"{scenario.get('id', 'scenario')}-answer-{number}"


def _mark(text: object) -> str:
    return hashlib.sha256(re.sub(r"\W+", " ", str(text)).strip().lower().encode()).hexdigest()[:6]


def _merged(known: TeachingUnit, own: TeachingUnit) -> TeachingUnit:
    changes: dict[str, Any] = {n: getattr(own, n) for n in ("title", "introduction") if getattr(own, n)}
    for name in ("objective", "point", "scenario", "quiz", "self_assessment"):
        entries = {e.id: e for e in getattr(known, name)}
        entries.update({e.id: e for e in getattr(own, name)})
        changes[name] = tuple(e for e in entries.values() if e.id not in own.hide)
    return known.model_copy(update=changes)


def _check_ids(unit: TeachingUnit) -> None:
    seen: set[str] = set()
    ids = [e.id for part in (unit.objective, unit.point, unit.self_assessment) for e in part]
    ids += [s.id for s in unit.scenario] + [q.id for q in unit.quiz] + [a.id for s in unit.scenario for a in s.answer]
    for name in ids:
        if name in seen:
            raise CorpusError(
                f"teaching material {unit.unit_id}: the id {name!r} occurs twice; give one of them another"
            )
        seen.add(name)
