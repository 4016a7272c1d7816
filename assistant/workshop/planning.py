"""A request and the stock -> chapters: which points, cases, questions and ratings fit the time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from assistant.errors import WorkshopError
from assistant.workshop.agenda import ChapterTime, TimePlan, make_agenda, plan_time
from assistant.workshop.pack import Chapter, Exercise, Line, Option, Pack, Question, WorkshopRequest, audience_name
from assistant.workshop.stock import Audience, Cited, Level, Point, QuizItem, Scenario, TeachingStock, TeachingUnit

_FACETS = ("what", "why", "how")
_LETTERS = "ABCD"
# Minutes that each takes with a group, as trainers reckon: a point with its talk, a case, a question, a rating.
_PER_POINT, _PER_CASE, _PER_QUESTION, _PER_RATING = 2.0, 18, 1.5, 1.5
_MOST_CASES = 3
_FEWEST_OBJECTIVES, _MOST_OBJECTIVES = 3, 4


class _ForSomebody(Protocol):
    @property
    def audience(self) -> Audience: ...


Entry = TypeVar("Entry", bound=_ForSomebody)


def plan_pack(request: WorkshopRequest, stock: TeachingStock) -> Pack:
    """Choose what a workshop consists of; nothing is checked yet.

    Raises:
        WorkshopError: No topic was given, one occurs twice, or the time does not suffice.
        CorpusError: There is no material for a topic.
    """
    if not request.units:
        raise WorkshopError("no topic given; use --principle or --stage at least once")
    if len(set(request.units)) < len(request.units):
        raise WorkshopError("a topic was given twice; name each principle or stage once")
    units = [stock.unit(kind, key) for kind, key in request.units]
    time = plan_time(request.minutes, [request.with_plans] * len(units))
    chapters = tuple(_chapter(u, t, request) for u, t in zip(units, time.chapters, strict=True))
    agenda = make_agenda(time, [(c.unit_id, _agenda_title(c, chapters)) for c in chapters])
    return Pack(_title(chapters, request), request, agenda, chapters)


def with_examples_found(pack: Pack) -> Pack:
    """The pack with an agenda that has worked examples only where a plan says something on the topic."""
    time: TimePlan = plan_time(pack.request.minutes, [bool(c.plan_lines) for c in pack.chapters])
    agenda = make_agenda(time, [(c.unit_id, _agenda_title(c, pack.chapters)) for c in pack.chapters])
    return replace(pack, agenda=agenda)


def _agenda_title(chapter: Chapter, chapters: Sequence[Chapter]) -> str:
    same = [c for c in chapters if c.title == chapter.title]
    return chapter.title if len(same) == 1 else f"{chapter.title} ({chapter.unit_id.split('/')[0]})"


def _title(chapters: Sequence[Chapter], request: WorkshopRequest) -> str:
    names = list(dict.fromkeys(c.title for c in chapters))
    if len(names) > 3:
        names = [*names[:2], f"{len(names) - 2} more topics"]
    topics = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{topics}: a workshop for {audience_name(request.audience)}"


def _chapter(unit: TeachingUnit, time: ChapterTime, request: WorkshopRequest) -> Chapter:
    audience, level = request.audience, request.level
    cases = _suited(unit.scenario, audience)
    cases = _by_level(cases, level)
    chosen = _balanced(cases, audience, max(1, min(_MOST_CASES, time.exercise // _PER_CASE)))
    points = _points(unit, audience, max(4, round(time.talk / _PER_POINT)))
    quiz = _balanced(_by_level(_suited(unit.quiz, audience), level), audience, max(3, round(time.quiz / _PER_QUESTION)))
    ratings = _balanced(_suited(unit.self_assessment, audience), audience, max(4, round(time.rating / _PER_RATING)))
    objectives = [o for o in _suited(unit.objective, audience) if o.level == level]
    objectives += [o for o in _suited(unit.objective, audience) if o not in objectives][
        : max(0, _FEWEST_OBJECTIVES - len(objectives))
    ]
    _need(unit, {"scenario": chosen, "point": points, "quiz item": quiz, "self-assessment statement": ratings})
    return Chapter(
        unit_id=unit.unit_id,
        title=unit.title,
        introduction=Line(f"{unit.unit_id}/introduction", unit.introduction, (), "teaching"),
        objectives=tuple(_line(unit, o, "teaching") for o in _balanced(objectives, audience, _MOST_OBJECTIVES)),
        points={f: tuple(_line(unit, p) for p in points if p.facet == f) for f in _FACETS},
        exercises=tuple(_exercise(unit, s) for s in chosen),
        questions=tuple(_question(unit, q) for q in quiz),
        ratings=tuple(_line(unit, r, "teaching") for r in ratings),
        spare=tuple(s.title for s in cases if s not in chosen),
    )


def _need(unit: TeachingUnit, parts: Mapping[str, Sequence[object]]) -> None:
    missing = [name for name, entries in parts.items() if not entries]
    if missing:
        raise WorkshopError(
            f"the teaching material for {unit.unit_id} has no {missing[0]} for this audience; add one in the overlay folder"
        )


def _suited(entries: Sequence[Entry], audience: Audience) -> list[Entry]:
    if audience == "both":
        return list(entries)
    return [e for e in entries if e.audience in (audience, "both")]


def _by_level(entries: Sequence[Entry], level: Level) -> list[Entry]:
    """Those of the level first, the file's order within."""
    return sorted(entries, key=lambda e: getattr(e, "level", level) != level)


def _balanced(entries: Sequence[Entry], audience: Audience, count: int) -> list[Entry]:
    """The first ones; for both audiences in turn from either side, so that neither is left out."""
    if audience != "both":
        return list(entries[:count])
    small = [e for e in entries if e.audience != "large"]
    large = [e for e in entries if e.audience == "large"]
    turns: list[Entry] = []
    while (small or large) and len(turns) < count:
        source = small if small and (len(turns) % 2 == 0 or not large) else large
        turns.append(source.pop(0))
    return [e for e in entries if e in turns]


def _points(unit: TeachingUnit, audience: Audience, count: int) -> list[Point]:
    """Points from every facet: half of them say how, the rest what and why."""
    by_facet = {f: [p for p in _suited(unit.point, audience) if p.facet == f] for f in _FACETS}
    wanted = {"what": max(1, count // 5), "why": max(1, count * 3 // 10)}
    chosen = [p for f, n in wanted.items() for p in _balanced(by_facet[f], audience, n)]
    chosen += _balanced(by_facet["how"], audience, count - len(chosen))
    left = [p for p in _suited(unit.point, audience) if p not in chosen]
    chosen += left[: max(0, count - len(chosen))]
    return [p for p in unit.point if p in chosen]


def _line(unit: TeachingUnit, entry: Cited, kind: str = "guidance") -> Line:
    return Line(
        f"{unit.unit_id}/{entry.id}", entry.text, entry.citations, "teaching" if kind == "teaching" else "guidance"
    )


def _exercise(unit: TeachingUnit, scenario: Scenario) -> Exercise:
    name = f"{unit.unit_id}/{scenario.id}"
    return Exercise(
        id=name,
        title=Line(f"{name}/title", scenario.title, (), "teaching"),
        situation=Line(f"{name}/situation", scenario.situation, (), "teaching"),
        tasks=tuple(Line(f"{name}/task-{i}", t, (), "teaching") for i, t in enumerate(scenario.tasks, 1)),
        answer=tuple(_line(unit, a) for a in scenario.answer),
    )


def _question(unit: TeachingUnit, item: QuizItem) -> Question:
    name = f"{unit.unit_id}/{item.id}"
    options = [(Line(f"{name}/right", item.right, item.citations, "teaching"), True, "", item.citations)]
    options += [
        (Line(f"{name}/wrong-{i}", d.text, (), "teaching"), False, d.why_wrong, d.citations)
        for i, d in enumerate(item.distractor, 1)
    ]
    shown = shuffled(options, item.id)
    return Question(
        id=name,
        question=Line(f"{name}/question", item.question, (), "teaching"),
        options=tuple(
            Option(_LETTERS[i], line, right, why, cites) for i, (line, right, why, cites) in enumerate(shown)
        ),
        reason=Line(f"{name}/reason", item.reason, item.citations),
    )


Thing = TypeVar("Thing")


def shuffled(things: Sequence[Thing], seed: str) -> list[Thing]:
    """The same order for the same seed, on every machine, and none that the place in the file would tell."""
    return [
        things[i] for i in sorted(range(len(things)), key=lambda i: hashlib.sha256(f"{seed}|{i}".encode()).digest())
    ]
