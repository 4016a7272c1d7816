"""Clause -> Passage: what is embedded and searched, each within the encoder's window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.clauses.clause import Clause, Part
from assistant.clauses.sentences import split_sentences
from assistant.sources.manifest import Rendition

PassageKind = Literal["clause", "sentence", "item", "row"]
CountTokens = Callable[[str], int]

PASSAGE_FORM = 1
"""Version of how passages are made; raised whenever equal clauses give other passages, so that indexes are rebuilt."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a clause as it is searched.

    Attributes:
        passage_id: `<citation id>|<rendition>|<kind>|<n>`.
        citation_id: What a hit on it cites: a clause, or the list item or row that it is.
        rendition: The rendition it was made from.
        kind: A window of a whole clause, or one sentence, item or row of it.
        text: What is embedded: a clause window begins with the headings that lead to it.
        start: Offset in the clause's text of this rendition.
        end: Offset one past the end.
        plan: Whether it belongs to a plan of the organisation.
    """

    passage_id: str
    citation_id: str
    rendition: Rendition
    kind: PassageKind
    text: str
    start: int
    end: int
    plan: bool


def make_passages(clauses: Iterable[Clause], count_tokens: CountTokens, max_tokens: int) -> list[Passage]:
    """All passages of the clauses, none longer than `max_tokens` in the encoder's own count."""
    passages: list[Passage] = []
    for clause in clauses:
        if clause.kind in ("item", "row") or not clause.text:
            continue
        passages += _windows(clause, count_tokens, max_tokens)
        passages += _units(clause, count_tokens, max_tokens)
    return passages


def heading_path(clause: Clause) -> str:
    """The headings that lead to a clause, in one line."""
    return " > ".join(clause.path)


def _windows(clause: Clause, count_tokens: CountTokens, max_tokens: int) -> Iterator[Passage]:
    path = heading_path(clause)
    while count_tokens(path) > max_tokens // 3 and " > " in path:
        path = path.split(" > ", 1)[1]
    while count_tokens(path) > max_tokens // 3 and len(path) > 1:
        path = path[: len(path) // 2].rstrip()
    room = max_tokens - count_tokens(path) - 2
    for n, (start, end) in enumerate(_pack(clause, count_tokens, room)):
        text = f"{path}\n{clause.text[start:end]}"
        yield _passage(clause, clause.citation_id, "clause", n, text, start, end)


def _pack(clause: Clause, count_tokens: CountTokens, room: int) -> list[tuple[int, int]]:
    """Spans of whole sentences that fit into the room; what has no sentence break is cut by words."""
    spans: list[tuple[int, int]] = []
    start = end = -1
    for piece_start, piece_end in _pieces(clause.text, count_tokens, room):
        if start >= 0 and count_tokens(clause.text[start:piece_end]) <= room:
            end = piece_end
            continue
        if start >= 0:
            spans.append((start, end))
        start, end = piece_start, piece_end
    if start >= 0:
        spans.append((start, end))
    return spans


def _pieces(text: str, count_tokens: CountTokens, room: int) -> Iterator[tuple[int, int]]:
    for sentence in split_sentences(text):
        if count_tokens(sentence.text) <= room:
            yield sentence.start, sentence.end
        else:
            yield from _cut(sentence.text, sentence.start, count_tokens, room)


def _cut(text: str, offset: int, count_tokens: CountTokens, room: int) -> Iterator[tuple[int, int]]:
    """Halve at a space (or anywhere, where there is none) until each piece fits."""
    if count_tokens(text) <= room or len(text) < 2:
        yield offset, offset + len(text)
        return
    middle = text.rfind(" ", 1, len(text) // 2 + 1)
    middle = middle + 1 if 0 < middle < len(text) - 1 else len(text) // 2
    yield from _cut(text[:middle], offset, count_tokens, room)
    yield from _cut(text[middle:], offset + middle, count_tokens, room)


def _units(clause: Clause, count_tokens: CountTokens, max_tokens: int) -> Iterator[Passage]:
    """Sentences of paragraphs and notes, and each list item and row under its own id."""
    n = 0
    for part in clause.parts:
        for start, end in _unit_spans(clause, part, count_tokens, max_tokens):
            kind: PassageKind = part.kind if part.kind in ("item", "row") else "sentence"
            yield _passage(clause, part.citation_id, kind, n, clause.text[start:end], start, end)
            n += 1


def _unit_spans(clause: Clause, part: Part, count_tokens: CountTokens, max_tokens: int) -> Sequence[tuple[int, int]]:
    text = clause.text[part.start : part.end]
    if part.kind in ("item", "row") and count_tokens(text) <= max_tokens:
        return [(part.start, part.end)]
    return [(s + part.start, e + part.start) for s, e in _pieces(text, count_tokens, max_tokens)]


def _passage(clause: Clause, citation: str, kind: PassageKind, n: int, text: str, start: int, end: int) -> Passage:
    return Passage(
        passage_id=f"{clause.citation_id}|{clause.rendition}|{kind}|{n}",
        citation_id=citation,
        rendition=clause.rendition,
        kind=kind,
        text=text,
        start=start,
        end=end,
        plan=clause.rendition == "plan",
    )
