"""The values of this stage: what a workshop is asked to be, and the pack that comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from assistant.workshop.stock import Audience, Level, UnitKind

LineKind = Literal["guidance", "teaching", "plan", "source", "digest"]
"""guidance: verified against its citations; teaching: invented or organisational, exempt; plan: quoted from one of
the organisation's plans; source: quoted from a licensed copy of the clause; digest: what the digest says of it."""


@dataclass(frozen=True, slots=True)
class WorkshopRequest:
    """What a trainer asks for.

    Attributes:
        units: Principles and stages as (kind, key), in the order in which they are taught.
        audience: Whose side the material takes.
        minutes: Length of the workshop, breaks included.
        level: "introduction" or "practice"; the other level fills up where material would run out.
        with_plans: Quote the organisation's own plans as the worked example.
        template: A .potx or .pptx of the organisation; None for the clean one.
    """

    units: tuple[tuple[UnitKind, str], ...]
    audience: Audience = "both"
    minutes: int = 90
    level: Level = "introduction"
    with_plans: bool = False
    template: Path | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a pack.

    Attributes:
        id: Stable: `<unit>/<entry>`, or the name of a fixed place; edits are keyed by it.
        text: What is shown.
        citations: Ids that it rests on; empty for teaching text.
        kind: How it is treated by the check.
    """

    id: str
    text: str
    citations: tuple[str, ...] = ()
    kind: LineKind = "guidance"


@dataclass(frozen=True, slots=True)
class Exercise:
    """A scenario as it is handed out, with its model answer."""

    id: str
    title: Line
    situation: Line
    tasks: tuple[Line, ...]
    answer: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a quiz question; `why` says why it is wrong, "" for the right one."""

    letter: str
    line: Line
    right: bool
    why: str = ""
    citations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A quiz question with its options in the order in which they are shown."""

    id: str
    question: Line
    options: tuple[Option, ...]
    reason: Line

    @property
    def right(self) -> Option:
        """The right option."""
        return next(o for o in self.options if o.right)


@dataclass(frozen=True, slots=True)
class Chapter:
    """The part of a pack on one principle or stage.

    Attributes:
        unit_id: `principle/<key>` or `stage/<key>`.
        title: Its name.
        introduction: Opening words of the trainer.
        points: Guidance by facet ("what", "why", "how").
        plan_lines: Sentences of the organisation's plans, as the worked example.
        source_lines: The cited clauses in their own words (kind "source"), or in the digest's where those may not leave.
        spare: Titles of scenarios that the time has no room for.
    """

    unit_id: str
    title: str
    introduction: Line
    objectives: tuple[Line, ...]
    points: dict[str, tuple[Line, ...]]
    exercises: tuple[Exercise, ...]
    questions: tuple[Question, ...]
    ratings: tuple[Line, ...]
    plan_lines: tuple[Line, ...] = ()
    source_lines: tuple[Line, ...] = ()
    spare: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """A stretch of the workshop.

    Attributes:
        start: Minute at which it begins, from 0.
        minutes: How long it takes.
        title: What happens.
        method: How: talk, group work, ...
        unit_id: The chapter it belongs to, "" for none.
    """

    start: int
    minutes: int
    title: str
    method: str
    unit_id: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """One source that the pack cites."""

    label: str
    title: str
    edition: str
    licence: str
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replacement:
    """A claim that the check did not let through, and what stands in its place."""

    line_id: str
    was: str
    now: str
    citations: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Pack:
    """Everything that goes into the files.

    Attributes:
        labels: How each cited id is shown to people.
        headings: The heading of each cited id.
        references: Sources with edition and licence line.
        replacements: Claims that the check replaced.
        checked: How many guidance claims were verified.
        notices: What the trainer should know.
    """

    title: str
    request: WorkshopRequest
    agenda: tuple[AgendaItem, ...]
    chapters: tuple[Chapter, ...]
    labels: dict[str, str] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    replacements: tuple[Replacement, ...] = ()
    checked: int = 0
    notices: tuple[str, ...] = ()

    def label(self, citation: str) -> str:
        """How a citation is shown to people."""
        return self.labels.get(citation, citation)


def chapter_lines(chapter: Chapter) -> Iterator[Line]:
    """Every line of a chapter, in the order in which a reader meets them."""
    yield chapter.introduction
    yield from chapter.objectives
    for lines in chapter.points.values():
        yield from lines
    yield from chapter.plan_lines
    for exercise in chapter.exercises:
        yield from (exercise.title, exercise.situation, *exercise.tasks, *exercise.answer)
    for question in chapter.questions:
        yield question.question
        yield from (o.line for o in question.options)
        yield question.reason
    yield from chapter.ratings
    yield from chapter.source_lines


def mapped(chapter: Chapter, change: Callable[[Line], Line]) -> Chapter:
    """A chapter with every line changed by a function."""

    def each(lines: Iterable[Line]) -> tuple[Line, ...]:
        return tuple(change(line) for line in lines)

    def exercise(e: Exercise) -> Exercise:
        return Exercise(e.id, change(e.title), change(e.situation), each(e.tasks), each(e.answer))

    def question(q: Question) -> Question:
        options = tuple(replace(o, line=change(o.line)) for o in q.options)
        return Question(q.id, change(q.question), options, change(q.reason))

    return replace(
        chapter,
        introduction=change(chapter.introduction),
        objectives=each(chapter.objectives),
        points={facet: each(lines) for facet, lines in chapter.points.items()},
        exercises=tuple(exercise(e) for e in chapter.exercises),
        questions=tuple(question(q) for q in chapter.questions),
        ratings=each(chapter.ratings),
    )


def source_sections(chapter: Chapter) -> Iterator[tuple[str, tuple[Line, ...]]]:
    """The cited clauses under headings that say whose words they are."""
    for heading, kind in (("In the standards' own words", "source"), ("In the digest's words", "digest")):
        lines = tuple(line for line in chapter.source_lines if line.kind == kind)
        if lines:
            yield heading, lines


def audience_name(audience: Audience) -> str:
    """For titles and headings."""
    return {
        "msme": "small and medium-sized firms",
        "large": "large organisations",
        "both": "small firms and large organisations",
    }[audience]
