"""Clauses -> what a model is shown: whole clauses first, within a budget and within their licences."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.answering.licensing import QuoteLedger
from assistant.answering.outdated import Outdated, overlaps
from assistant.characters import without_invisible
from assistant.clauses.catalog import Catalog, Entry
from assistant.clauses.clause import Clause
from assistant.clauses.sentences import split_sentences

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.S)
_TAG = re.compile(r"</?\s*[a-zA-Z][^<>\n]{0,200}>")
_KEY_LIKE = re.compile(r"\[(?=\s*[CcHh]?\d)")
_Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Context:
    """What the model is shown.

    Attributes:
        text: The clauses between delimiters, each with its key.
        keys: The allow-list: what each key stands for.
        renditions: Which rendition of each shown clause the model sees.
        tokens: Tokens of the text.
        notices: Lines that say what could not be shown.
    """

    text: str
    keys: Mapping[str, str]
    renditions: Mapping[str, str]
    tokens: int
    notices: tuple[str, ...] = ()


@dataclass
class _Shown:
    blocks: list[str] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    renditions: dict[str, str] = field(default_factory=dict)
    tokens: int = 0


def plain_data(text: str) -> str:
    """A text without anything hidden in it or imitating the prompt's own marks.

    Zero-width and other invisible characters, halves of characters, control characters, HTML comments and tags go;
    a bracket that opens like a citation key becomes a round one. Words stay as they are: what they order has no
    effect, since only statements that a clause supports are shown.
    """
    visible = _CONTROL.sub(" ", without_invisible(_COMMENT.sub(" ", html.unescape(without_invisible(text)))))
    return _KEY_LIKE.sub("(", _TAG.sub(" ", _COMMENT.sub(" ", visible)))


def assemble(
    catalog: Catalog,
    clause_ids: Iterable[str],
    ledger: QuoteLedger,
    *,
    loopback: bool,
    max_tokens: int,
    count: Callable[[str], int],
) -> Context:
    """Put clauses together for a model, without the sentences that are out of date.

    Args:
        catalog: The clauses.
        clause_ids: The best first; an item or row stands for the clause that it belongs to, once.
        ledger: Judges who may see which rendition.
        loopback: Whether the model runs on this machine.
        max_tokens: Most that the clauses may take.
        count: Counts a model's tokens.

    Raises:
        UnknownCitation: An id does not exist.
    """
    shown, outdated = _Shown(), Outdated(catalog)
    kept_back: dict[str, None] = {}
    too_long: list[Clause] = []
    for citation in dict.fromkeys(_block_of(catalog, c) for c in clause_ids):
        entry = catalog.resolve(citation)
        clause = _rendition(entry, ledger, loopback=loopback)
        if clause is None:
            if entry.has_text:
                kept_back[entry.label] = None
            continue
        if not _add(shown, catalog, clause, outdated.spans(clause), max_tokens, count):
            too_long.append(clause)
    for clause in too_long:
        _add_opening(shown, catalog, clause, outdated.spans(clause), max_tokens, count)
    notices = tuple(f"{label} was not sent to the model: its licence does not allow it." for label in kept_back)
    return Context("\n\n".join(shown.blocks), shown.keys, shown.renditions, shown.tokens, notices)


def _block_of(catalog: Catalog, citation: str) -> str:
    """The clause of a list item; rows of a table stand by themselves."""
    return catalog.owner(citation) if catalog.resolve(citation).clause.kind == "item" else citation


def _rendition(entry: Entry, ledger: QuoteLedger, *, loopback: bool) -> Clause | None:
    """The fullest rendition that the reader may see and this model may be sent."""
    return next((c for c in ledger.renditions(entry) if ledger.licence(c).allows_model(loopback=loopback)), None)


def _add(
    shown: _Shown, catalog: Catalog, clause: Clause, hidden: _Spans, max_tokens: int, count: Callable[[str], int]
) -> bool:
    """Add a whole clause but for what is hidden of it; False where it does not fit."""
    key = f"C{len(shown.blocks) + 1}"
    items: dict[str, str] = {}
    text = "\n".join(_lines(clause, key, items, hidden))
    if not text and hidden:
        return True
    block = _block(catalog, clause, key, text)
    tokens = count(block)
    if shown.tokens + tokens > max_tokens:
        return False
    shown.blocks.append(block)
    shown.tokens += tokens
    shown.keys |= {key: clause.citation_id, **items}
    shown.renditions |= dict.fromkeys([clause.citation_id, *items.values()], clause.rendition)
    return True


def _add_opening(
    shown: _Shown, catalog: Catalog, clause: Clause, hidden: _Spans, max_tokens: int, count: Callable[[str], int]
) -> None:
    """As many whole sentences of a long clause as there is room for."""
    key = f"C{len(shown.blocks) + 1}"
    text, block = "", ""
    for sentence in split_sentences(clause.text):
        if overlaps(sentence.start, sentence.end, hidden):
            continue
        text = f"{text} {plain_data(sentence.text)}".strip()
        longer = _block(catalog, clause, key, text)
        if shown.tokens + count(longer) > max_tokens:
            break
        block = longer
    if block:
        shown.blocks.append(block)
        shown.tokens += count(block)
        shown.keys[key] = clause.citation_id
        shown.renditions[clause.citation_id] = clause.rendition


def _block(catalog: Catalog, clause: Clause, key: str, text: str) -> str:
    label = catalog.resolve(clause.citation_id).label
    title = plain_data(f"{label}: {clause.heading}".strip(": ")).replace('"', "'")
    return f'<clause key="{key}" title="{title}">\n{text}\n</clause>'


def _lines(clause: Clause, key: str, items: dict[str, str], hidden: _Spans) -> Iterator[str]:
    """The clause's parts, each item behind a key of its own; the keys are written into `items`."""
    for part in clause.parts:
        text = plain_data(_without(clause.text, part.start, part.end, hidden)).strip()
        if not text and overlaps(part.start, part.end, hidden):
            continue
        if part.kind == "item" and part.citation_id != clause.citation_id and part.citation_id not in items.values():
            items[f"{key}.{len(items) + 1}"] = part.citation_id
            text = f"[{key}.{len(items)}] {text}"
        yield text
    if not clause.parts:
        yield plain_data(_without(clause.text, 0, len(clause.text), hidden))


def _without(text: str, start: int, end: int, hidden: _Spans) -> str:
    """A part of a text without its hidden sentences; with none of them, as it stands."""
    if not overlaps(start, end, hidden):
        return text[start:end]
    return " ".join(s.text for s in split_sentences(text[start:end], start) if not overlaps(s.start, s.end, hidden))


def heading_map(
    catalog: Catalog, max_tokens: int, count: Callable[[str], int], allowed: Container[str] | None = None
) -> tuple[list[str], dict[str, str]]:
    """Lines with key, place and heading of every guidance clause that has text, and what each key stands for.

    Args:
        catalog: The clauses.
        max_tokens: The map ends before it gets longer.
        count: Counts a model's tokens.
        allowed: Ids that may be in it; None for all.
    """
    keys: dict[str, str] = {}
    lines: list[str] = []
    tokens = 0
    for entry in catalog:
        if entry.is_plan or entry.clause.kind == "item" or not entry.has_text:
            continue
        if allowed is not None and entry.citation_id not in allowed:
            continue
        line = f"H{len(keys) + 1} {entry.label}: {plain_data(entry.clause.heading)}"
        line += f" ({entry.principle})" if entry.principle else ""
        tokens += count(line) + 1
        if tokens > max_tokens:
            break
        keys[f"H{len(keys) + 1}"] = entry.citation_id
        lines.append(line)
    return lines, keys
