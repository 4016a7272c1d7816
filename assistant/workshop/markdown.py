"""Pack -> one Markdown file with everything in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from assistant.workshop.agenda import clock_time
from assistant.workshop.deck import FACET_TITLES, labels
from assistant.workshop.pack import Chapter, Exercise, Line, Pack, Question, audience_name, source_sections


def render_markdown(pack: Pack) -> str:
    """The whole pack: agenda, talk, cases, model answers, quiz, answer key, self-assessment, sources."""
    request = pack.request
    parts = [
        f"# {pack.title}",
        f"{request.minutes} minutes, {request.level}, for {audience_name(request.audience)}.",
        "## Agenda",
        _table(
            ("From", "Minutes", "What", "How"),
            [(clock_time(a.start), str(a.minutes), a.title, a.method) for a in pack.agenda],
        ),
    ]
    for chapter in pack.chapters:
        parts += _chapter(chapter, pack)
    rows = [(r.label, r.title, r.edition or "not stated", ", ".join(r.clauses), r.licence) for r in pack.references]
    parts += ["## Sources", _table(("Source", "Title", "Edition", "Cited places", "Licence"), rows)]
    parts += [f"*{n}*" for n in pack.notices]
    return "\n\n".join(parts) + "\n"


def write_markdown(pack: Pack, path: Path) -> None:
    """The same into a file."""
    path.write_text(render_markdown(pack), encoding="utf-8")


def _chapter(chapter: Chapter, pack: Pack) -> list[str]:
    parts = [
        f"## {chapter.title}",
        f"> {chapter.introduction.text}",
        "### Objectives",
        _bullets(chapter.objectives, pack),
    ]
    for facet, lines in chapter.points.items():
        if lines:
            parts += [f"### {chapter.title}: {FACET_TITLES[facet]}", _bullets(lines, pack)]
    if chapter.plan_lines:
        parts += ["### Worked example from our plans", _bullets(chapter.plan_lines, pack, "“{}”")]
    for exercise in chapter.exercises:
        parts += _exercise(exercise, pack)
    parts += ["### Quiz", *(_question(i, q) for i, q in enumerate(chapter.questions, 1)), "### Answer key"]
    parts += [_key(i, q, pack) for i, q in enumerate(chapter.questions, 1)]
    parts += ["### Self-assessment", "Rate from 1 (not at all) to 5 (fully).", _bullets(chapter.ratings, pack)]
    for heading, lines in source_sections(chapter):
        parts += [f"### {heading}", _bullets(lines, pack)]
    return parts


def _bullets(lines: Iterable[Line], pack: Pack, form: str = "{}") -> str:
    return "\n".join(f"- {form.format(_plain(line.text))}{_cite(line.citations, pack)}" for line in lines)


def _exercise(exercise: Exercise, pack: Pack) -> list[str]:
    tasks = "\n".join(f"{i}. {t.text}" for i, t in enumerate(exercise.tasks, 1))
    return [
        f"### Case: {exercise.title.text}",
        "*Teaching text: an invented case.*",
        _plain(exercise.situation.text),
        tasks,
        "#### Model answer",
        _bullets(exercise.answer, pack),
    ]


def _question(number: int, question: Question) -> str:
    options = "\n".join(f"   - {o.letter}. {_plain(o.line.text)}" for o in question.options)
    return f"{number}. {_plain(question.question.text)}\n{options}"


def _key(number: int, question: Question, pack: Pack) -> str:
    right = question.right
    lines = [
        f"{number}. **{right.letter}. {_plain(right.line.text)}** {_plain(question.reason.text)}{_cite(question.reason.citations, pack)}"
    ]
    lines += [
        f"   - {o.letter} is wrong: {_plain(o.why)}{_cite(o.citations, pack)}" for o in question.options if not o.right
    ]
    return "\n".join(lines)


def _cite(citations: Sequence[str], pack: Pack) -> str:
    return f" ({labels(citations, pack)})" if citations else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(_plain(c).replace('|', chr(92) + '|') for c in row)} |" for row in rows]
    return "\n".join(lines)


def _plain(words: str) -> str:
    """One line without marks that Markdown would read."""
    return " ".join(words.split()).replace("*", r"\*").replace("<", "&lt;")
