"""Clause -> Unit: the sentences and list items that a statement is held against, each with its lead-in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.clauses.catalog import Catalog
from assistant.clauses.clause import Clause, Part
from assistant.clauses.lists import LIST_MARKER
from assistant.clauses.sentences import Sentence, split_sentences

_MARKER = re.compile(rf"{LIST_MARKER.pattern}|^NOTE(?:\s+\d+)?\s+")
_NUMBERING = re.compile(r"^(?:[A-Z]\.)?\d+(?:\.\d+)*\.?\s+")


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence or list item of one rendition of a cited clause.

    Attributes:
        text: Its own words, without a list marker.
        raw: The same as the index holds it, with list marker and final mark.
        lead_in: What introduces the list it stands in ("The joint management team should"), else "".
        before: The sentence before it in the same paragraph, which a pronoun points to, else "".
        citation: The id that was cited.
        rendition: Where it stands.
        start: Offset in that rendition's text of the cited clause.
        end: Offset one past the end.
        listed: Whether it is a list item or table row.
    """

    text: str
    raw: str
    lead_in: str
    before: str
    citation: str
    rendition: str
    start: int
    end: int
    listed: bool

    @property
    def full(self) -> str:
        """Its words as a sentence: the lead-in belongs to an item."""
        return f"{self.lead_in} {self.text}".strip()


def spoken_sentences(text: str) -> list[Sentence]:
    """Sentences of a statement; marks around the whole of it belong to none."""
    words = text.strip(" \"“”„'‘’")
    return split_sentences(words, text.index(words))


def same_words(text: str) -> str:
    """What a sentence or item is compared by: its words without marks at either end, in one case and spacing."""
    return " ".join(re.sub(r"^(?:[a-z]\)|\d+\)|[-–•*])\s+", "", text).strip(" .;:,\"“”'‘’").casefold().split())


def without_number(heading: str) -> str:
    """A heading's words: its number is no figure that a statement could rest on."""
    return _NUMBERING.sub("", heading)


def units_of(catalog: Catalog, citation: str) -> list[Unit]:
    """Units of every rendition of a clause, list item or row that holds text.

    Raises:
        UnknownCitation: The id does not resolve exactly.
    """
    units: list[Unit] = []
    for rendition, clause in catalog.resolve(citation).renditions.items():
        if clause.held and clause.text:
            units += _clause_units(clause, _lead_in_of(catalog, clause, rendition))
    return units


def _lead_in_of(catalog: Catalog, clause: Clause, rendition: str) -> str:
    """What introduces an item, from the clause that it stands in."""
    if clause.kind != "item" or not clause.parent:
        return ""
    parent = catalog.resolve(clause.parent).renditions.get(rendition)  # type: ignore[call-overload]
    if parent is None:
        return ""
    above = _lead_in_of(catalog, parent, rendition)
    lead_in = ""
    for part in parent.parts:
        if part.citation_id == clause.citation_id:
            return f"{above} {lead_in}".strip()
        own_opening = part.kind == "item" and part.citation_id == parent.citation_id
        if part.kind == "paragraph" or own_opening:
            lead_in = _opening(parent.text[part.start : part.end])
    return above


def _opening(text: str) -> str:
    """The last sentence of a paragraph where it ends in a colon, without the colon."""
    if not text.rstrip().endswith(":"):
        return ""
    sentences = split_sentences(text)
    return _MARKER.sub("", sentences[-1].text).rstrip(" :") if sentences else ""


def _clause_units(clause: Clause, inherited: str) -> Iterator[Unit]:
    lead_in, openings = "", {clause.citation_id: inherited}
    for part in clause.parts or (_whole(clause),):
        text = clause.text[part.start : part.end]
        nested = part.kind == "item" and part.citation_id != clause.citation_id
        if nested:
            intro = openings.get(_parent_id(part.citation_id), lead_in) or lead_in
        else:
            intro = inherited if part.kind == "item" else ""
        opening = _opening(text)
        if part.kind == "paragraph":
            lead_in = opening
        elif part.kind == "item" and opening:
            openings[part.citation_id] = f"{intro} {opening}".strip()
            lead_in = openings[part.citation_id] if part.citation_id == clause.citation_id else lead_in
        yield from _part_units(clause, part, intro)


def _parent_id(citation: str) -> str:
    return citation.rsplit(" ", 1)[0]


def _part_units(clause: Clause, part: Part, lead_in: str) -> Iterator[Unit]:
    before = ""
    for sentence in split_sentences(clause.text[part.start : part.end], part.start):
        marker = _MARKER.match(sentence.text)
        start = sentence.start + (marker.end() if marker else 0)
        text = clause.text[start : sentence.end].rstrip(" ;")
        if not text:
            continue
        listed = part.kind in ("item", "row")
        raw = clause.text[part.start : part.end] if listed else sentence.text
        yield Unit(text, raw, lead_in, before, clause.citation_id, clause.rendition, start, start + len(text), listed)
        before = text


def _whole(clause: Clause) -> Part:
    return Part("paragraph", 0, len(clause.text), clause.citation_id, 0, 0)
