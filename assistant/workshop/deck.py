"""Pack -> Slides: what each slide says, with its sources and notes, whatever it will be drawn with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.workshop.agenda import clock_time
from assistant.workshop.pack import Chapter, Exercise, Line, Pack, Question

SlideKind = Literal["title", "text", "columns", "table"]
TEACHING = "Teaching text: an invented case"
_SHORT = 4
# The text areas of a slide, by name.
BODY, SITUATION, TASKS, TABLE = "body", "Situation", "Tasks", "table"
FACET_TITLES = {"what": "what it is", "why": "why it matters", "how": "how to go about it"}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a slide.

    Attributes:
        text: Its words.
        citations: Ids, shown as small numbers that the footer explains.
        style: A bullet, plain words, a heading, or an option with its letter before it.
        line_id: The line of the pack that it shows, "" where it belongs to the frame.
    """

    text: str
    citations: tuple[str, ...] = ()
    style: Literal["bullet", "plain", "heading", "option"] = "bullet"
    line_id: str = ""


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide.

    Attributes:
        id: Stable; hiding and ordering are keyed by it.
        title: Its title.
        kind: How it is laid out.
        body: Paragraphs; of the left column for "columns".
        aside: Paragraphs of the right column.
        rows: The table's rows, the first one its head; cells are paragraphs.
        widths: Shares of the table's columns.
        remark: Stands in the footer before the sources.
        notes: For the trainer.
    """

    id: str
    title: str
    kind: SlideKind = "text"
    body: tuple[Paragraph, ...] = ()
    aside: tuple[Paragraph, ...] = ()
    rows: tuple[tuple[Paragraph, ...], ...] = ()
    widths: tuple[float, ...] = ()
    remark: str = ""
    notes: tuple[str, ...] = ()

    def paragraphs(self) -> Iterator[Paragraph]:
        """All of them in reading order."""
        yield from self.body
        yield from self.aside
        for row in self.rows:
            yield from row

    def areas(self) -> dict[str, tuple[Paragraph, ...]]:
        """Its paragraphs by text area; of a table all cells, row by row."""
        if self.kind == "table":
            return {TABLE: tuple(p for row in self.rows for p in row)}
        return {SITUATION: self.body, TASKS: self.aside} if self.kind == "columns" else {BODY: self.body}

    def citations(self) -> tuple[str, ...]:
        """The ids that it cites, each once, in the order of their numbers."""
        return tuple(dict.fromkeys(c for p in self.paragraphs() for c in p.citations))


def make_slides(pack: Pack) -> tuple[Slide, ...]:
    """All slides of a pack in their first order."""
    slides = [_title(pack), _agenda(pack)]
    for chapter in pack.chapters:
        slides += _chapter(chapter, pack)
    return (*slides, _closing(), _references(pack))


def _title(pack: Pack) -> Slide:
    request = pack.request
    line = f"{request.minutes} minutes · {request.level}"
    return Slide(
        "title",
        pack.title,
        "title",
        (Paragraph(line, style="plain"),),
        notes=(
            "Every sentence on the slides that states guidance has a number; the line at the foot of the slide names its clause.",
        ),
    )


def _agenda(pack: Pack) -> Slide:
    rows = [_row("From", "Minutes", "What", "How")]
    rows += [_row(clock_time(a.start), str(a.minutes), a.title, a.method) for a in pack.agenda]
    return Slide("agenda", "Agenda", "table", rows=tuple(rows), widths=(0.09, 0.1, 0.5, 0.31))


def _row(*cells: str) -> tuple[Paragraph, ...]:
    return tuple(Paragraph(c, style="plain") for c in cells)


def _chapter(chapter: Chapter, pack: Pack) -> list[Slide]:
    slides = [
        Slide(
            f"{chapter.unit_id}/objectives",
            f"{chapter.title}: what you take away",
            body=(Paragraph("By the end of this part you can:", style="plain"), *_bullets(chapter.objectives)),
            notes=(f"To open: {chapter.introduction.text}",),
        )
    ]
    slides += _point_slides(chapter)
    if chapter.plan_lines:
        slides.append(_plans(chapter))
    for exercise in chapter.exercises:
        slides += _exercise(exercise, pack)
    slides += [_question(q, i, len(chapter.questions), pack) for i, q in enumerate(chapter.questions, 1)]
    slides.append(_answers(chapter))
    slides.append(_ratings(chapter))
    return slides


def _point_slides(chapter: Chapter) -> Iterator[Slide]:
    """A slide for each facet; what and why share one where both are short."""
    groups = {facet: list(lines) for facet, lines in chapter.points.items() if lines}
    titles = {facet: FACET_TITLES[facet] for facet in groups}
    if len(groups.get("what", ())) + len(groups.get("why", ())) <= _SHORT and {"what", "why"} <= groups.keys():
        groups["what"] += groups.pop("why")
        titles["what"] = f"{FACET_TITLES['what']} and {FACET_TITLES['why']}"
    for facet, lines in groups.items():
        yield Slide(f"{chapter.unit_id}/{facet}", f"{chapter.title}: {titles[facet]}", body=tuple(_bullets(lines)))


def _bullets(lines: Iterable[Line]) -> list[Paragraph]:
    return [Paragraph(line.text, line.citations, line_id=line.id) for line in lines]


def _plans(chapter: Chapter) -> Slide:
    return Slide(
        f"{chapter.unit_id}/plans",
        f"{chapter.title}: what our own plans say",
        body=tuple(Paragraph(f"“{line.text}”", line.citations, "plain", line.id) for line in chapter.plan_lines),
        remark="Quoted from our own plans",
        notes=("Ask the group: which of the points before does each sentence meet, and which one is not there yet?",),
    )


def _exercise(exercise: Exercise, pack: Pack) -> list[Slide]:
    tasks = [Paragraph("Your task", style="heading")]
    tasks += [Paragraph(f"{i}. {t.text}", style="plain", line_id=t.id) for i, t in enumerate(exercise.tasks, 1)]
    case = Slide(
        exercise.id,
        f"Case: {exercise.title.text}",
        "columns",
        body=(Paragraph(exercise.situation.text, style="plain", line_id=exercise.situation.id),),
        aside=tuple(tasks),
        remark=TEACHING,
        notes=("Model answer (next slide):", *(f"- {a.text} [{labels(a.citations, pack)}]" for a in exercise.answer)),
    )
    answer = Slide(
        f"{exercise.id}/answer", f"One good answer: {exercise.title.text}", body=tuple(_bullets(exercise.answer))
    )
    return [case, answer]


def _question(question: Question, number: int, total: int, pack: Pack) -> Slide:
    ask = Paragraph(question.question.text, style="heading", line_id=question.question.id)
    options = [Paragraph(f"{o.letter}  {o.line.text}", style="option", line_id=o.line.id) for o in question.options]
    wrong = [f"{o.letter} is wrong: {o.why}{_bracket(o.citations, pack)}" for o in question.options if not o.right]
    return Slide(
        question.id,
        f"Question {number} of {total}",
        body=(ask, *options),
        remark="Quiz; the answers follow",
        notes=(
            f"Right: {question.right.letter}. {question.reason.text}{_bracket(question.reason.citations, pack)}",
            *wrong,
        ),
    )


def _answers(chapter: Chapter) -> Slide:
    rows = [_row("", "Right answer", "Because")]
    for number, question in enumerate(chapter.questions, 1):
        right = question.right
        rows.append(
            (
                Paragraph(f"{number} {right.letter}", style="plain"),
                Paragraph(right.line.text, style="plain", line_id=right.line.id),
                Paragraph(question.reason.text, question.reason.citations, "plain", question.reason.id),
            )
        )
    return Slide(
        f"{chapter.unit_id}/answers",
        f"{chapter.title}: quiz answers",
        "table",
        rows=tuple(rows),
        widths=(0.08, 0.37, 0.55),
    )


def _ratings(chapter: Chapter) -> Slide:
    rows = [_row("How far is this true of us?", "1", "2", "3", "4", "5")]
    for line in chapter.ratings:
        rows.append((Paragraph(line.text, line.citations, "plain", line.id), *_row("", "", "", "", "")))
    return Slide(
        f"{chapter.unit_id}/ratings",
        f"{chapter.title}: where we stand",
        "table",
        rows=tuple(rows),
        widths=(0.75, 0.05, 0.05, 0.05, 0.05, 0.05),
        remark="1 not at all, 5 fully",
        notes=(
            "Rate alone first, then compare. Large differences within a team are worth more talk than low figures.",
        ),
    )


def _closing() -> Slide:
    lines = (
        "One thing that we will do differently, and by when",
        "Who will do it, and whom they need for it",
        "What we want to ask our partner",
    )
    return Slide("closing", "What we take away", body=tuple(Paragraph(t) for t in lines), remark="Teaching text")


def _references(pack: Pack) -> Slide:
    rows = [_row("Source", "Title", "Licence")]
    rows += [_row(r.label, r.title, r.licence) for r in pack.references]
    return Slide(
        "references",
        "Sources",
        "table",
        rows=tuple(rows),
        widths=(0.24, 0.42, 0.34),
        notes=("The pack is a teaching aid in its own words; the standards themselves are what counts.",),
    )


def labels(citations: Sequence[str], pack: Pack) -> str:
    """Labels of citations in one line; a source is named once ("ISO 44003:2021, 5.10.2 and 5.10.3.1")."""
    by_source: dict[str, list[str]] = {}
    for citation in citations:
        source, _, place = pack.label(citation).partition(", ")
        by_source.setdefault(source, []).append(place)
    return "; ".join(f"{s}, {' and '.join(p)}" if any(p) else s for s, p in by_source.items())


def _bracket(citations: Sequence[str], pack: Pack) -> str:
    return f" [{labels(citations, pack)}]" if citations else ""
