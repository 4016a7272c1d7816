"""What a question names outright: clauses by number, annex rows, stages, principles, facets, sides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.clauses.catalog import Catalog
from assistant.clauses.taxonomy import Taxonomy
from assistant.index.lexical import stems
from assistant.retrieval.locators import Reference, Standard, references_in, standards_in, without_places_in_papers

SIDE_SOURCE = {"msme": "iso-44003", "large": "iso-44004"}
"""The standard that speaks to each side."""

LIFE_CYCLE = "iso-44001-guide"
_SOURCES = {"44003": "iso-44003", "44004": "iso-44004", "44001": LIFE_CYCLE, "11000": LIFE_CYCLE}
_AT_HOME = ("44003", "44004")


@dataclass(frozen=True, slots=True)
class Absent:
    """A clause of a standard whose text is not held.

    Attributes:
        words: The clause as named: "5.2", "Annex A".
        standard: "ISO 9001".
        nearest: What is held instead: the life cycle for ISO 44001, None for any other standard.
    """

    words: str
    standard: str
    nearest: str | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """What stands in a question by name.

    Attributes:
        clauses: Citation ids of clauses named by number, title of an annex, or stage number; in order.
        unknown: Clause numbers named that do not exist in any source meant.
        absent: Clauses named of standards whose text is not held.
        editions: Another edition than the one held that is named, with the one held ("ISO 44003:2015", "ISO 44003:2021").
        sources: Source ids named ("44004" gives "iso-44004").
        within: Id of an annex whose rows the question is about, where it asks for something in it.
        foreign: Other standards named ("9001", "44002"), which are not held.
        principles: Names of principles, in order of first mention.
        stage: Key of a life-cycle stage, where the question speaks of the life cycle.
        facet: What, why or how, where the question asks for it in so many words.
        audience: Whose side the speaker is on, or which one the question asks about.
    """

    clauses: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    absent: tuple[Absent, ...] = ()
    editions: tuple[tuple[str, str], ...] = ()
    sources: tuple[str, ...] = ()
    within: str | None = None
    foreign: tuple[str, ...] = ()
    principles: tuple[str, ...] = ()
    stage: str | None = None
    facet: str | None = None
    audience: str | None = None


def read_names(question: str, catalog: Catalog, *, audience: str | None = None) -> Named:
    """Everything that a question names.

    Args:
        question: The question as asked.
        catalog: What exists.
        audience: Side that a filter or the organisation's profile gives; decides between equal numbers.
    """
    taxonomy = catalog.taxonomy
    standards = standards_in(question)
    spoken = audience_of(question, taxonomy)
    places = _places(question, catalog, spoken or audience)
    clauses, within = _annex_rows(question, places.clauses, catalog)
    return Named(
        clauses=clauses,
        unknown=places.unknown,
        absent=places.absent,
        editions=_other_editions(standards, catalog),
        sources=tuple(dict.fromkeys(_SOURCES[s.number] for s in standards if _is_held(s))),
        within=within,
        foreign=foreign_standards(question),
        principles=principles_in(question, taxonomy),
        stage=places.stage or stage_of(question, taxonomy),
        facet=facet_of(question),
        audience=spoken,
    )


def without_standards(question: str) -> str:
    """The question without the numbers of standards, which say where to look and not for what.

    As it is where it is about the standards themselves.
    """
    bare = question
    for standard in reversed(standards_in(question)):
        if _is_held(standard):
            bare = f"{bare[: standard.start]} {bare[standard.end :]}"
    bare = re.sub(r"\s+", " ", bare).strip()
    return bare if set(stems(bare)) - _RELATING else question


# Words that relate texts to each other, or tell of the texts themselves.
_RELATING = frozenset(
    stems(
        "compare differ difference relate relation connect belong fit together versus same alike between standard guide text"
        " write written intend meant reader audience publish edition year cover scope structure built page long short"
    )
)


def without_own_places(question: str) -> str:
    """The question without the clause numbers of one's own papers ("section 2 of our plan" becomes "our plan")."""
    return without_places_in_papers(question, _AT_HOME)


def foreign_standards(question: str) -> tuple[str, ...]:
    """Numbers of standards named that are not those held; a bare "44000" may be the family of them all."""
    named = [s.number for s in standards_in(question) if s.number not in _SOURCES and question[s.start].isalpha()]
    return tuple(dict.fromkeys(named))


def _is_held(standard: Standard) -> bool:
    return standard.number in _SOURCES and (standard.number != "11000" or standard.name.startswith("BS"))


def _other_editions(standards: Sequence[Standard], catalog: Catalog) -> tuple[tuple[str, str], ...]:
    held = {source.source_id: source for source in catalog.sources.values() if source.edition}
    found: dict[tuple[str, str], None] = {}
    for standard in standards:
        source = held.get(_SOURCES.get(standard.number, ""))
        if source is not None and standard.year and standard.year != source.edition:
            found[f"{standard.name}:{standard.year}", source.label] = None
    return tuple(found)


@dataclass
class _Places:
    """Where the references of a question lead."""

    clauses: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    absent: tuple[Absent, ...] = ()
    stage: str | None = None


def _places(question: str, catalog: Catalog, audience: str | None) -> _Places:
    places = _Places()
    stages = {s.iso_44001_clause: s for s in catalog.taxonomy.stage}
    of_iso_44001 = any(_SOURCES.get(s.number) == LIFE_CYCLE for s in standards_in(question))
    for reference in references_in(question, _AT_HOME):
        stage = stages.get(reference.locator)
        if stage and (_named_of(reference, LIFE_CYCLE) or (of_iso_44001 and not reference.standards)):
            places.stage = stage.key
            continue
        found = _existing(reference, catalog, audience)
        absent = [_absent(reference, s, catalog) for s in reference.standards if s.number not in _AT_HOME]
        places.clauses += tuple(c for c in found if c not in places.clauses)
        places.absent += tuple(a for a in absent if a not in places.absent)
        lost = reference.certain and not found and not absent
        if lost and not any(u.startswith(reference.words) for u in places.unknown):
            places.unknown += (reference.words,)
    return places


def _named_of(reference: Reference, source_id: str) -> bool:
    return any(_SOURCES.get(s.number) == source_id for s in reference.standards)


def _absent(reference: Reference, standard: Standard, catalog: Catalog) -> Absent:
    if not _is_held(standard):
        return Absent(reference.words, standard.name)
    stages = [s for s in catalog.taxonomy.stage if reference.locator.startswith(f"{s.iso_44001_clause}.")]
    return Absent(reference.words, standard.name, stages[0].citation if stages else f"{LIFE_CYCLE}:overview")


def _existing(reference: Reference, catalog: Catalog, audience: str | None) -> list[str]:
    """Ids with this locator: in the standards it is named of, else on the side of the speaker, else in both standards."""
    ids = [f"{s}:{reference.locator}" for s in SIDE_SOURCE.values()]
    if reference.standards:
        ids = [f"{_SOURCES[s.number]}:{reference.locator}" for s in reference.standards if s.number in _AT_HOME]
    elif audience in SIDE_SOURCE:
        preferred = f"{SIDE_SOURCE[audience]}:{reference.locator}"
        ids = [preferred] if preferred in catalog else ids
    return [c for c in ids if c in catalog]


_ROW = re.compile(
    r"\b(?:row|point|item|entry|line|element|number|no\.?|#)\s*(?P<number>[1-9])\b|\b(?P<ordinal>first|second|third|last|1st|2nd|3rd)\b",
    re.IGNORECASE,
)
_ROW_NUMBERS = {"first": "1", "1st": "1", "second": "2", "2nd": "2", "third": "3", "3rd": "3"}
_ASKS_FOR_ITSELF = 6


def _annex_rows(question: str, clauses: tuple[str, ...], catalog: Catalog) -> tuple[tuple[str, ...], str | None]:
    """An annex named together with one of its rows, or with something in it, is not asked for as a whole."""
    annexes = [c for c in clauses if catalog.resolve(c).clause.kind == "annex" and catalog.resolve(c).children]
    if not annexes:
        return clauses, None
    annex = annexes[0]
    rest = tuple(c for c in clauses if c != annex)
    rows = [catalog.resolve(c) for c in catalog.resolve(annex).children]
    text = question.lower()
    named = [r for r in rows if mentions(text, r.clause.heading) or mentions(text, r.principle or r.clause.heading)]
    place = _ROW.search(question)
    if named and place:
        number = place["number"] or _ROW_NUMBERS.get(
            place["ordinal"].lower(), named[-1].clause.locator.rsplit(" ", 1)[1]
        )
        found = tuple(r.citation_id for r in named if r.clause.locator.endswith(f" {number}"))
        if found:
            return rest + found, None
    if named or len(re.findall(r"\w+", question)) > _ASKS_FOR_ITSELF:
        return rest, annex
    return clauses, None


@lru_cache(maxsize=512)
def _phrase(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(words.lower())}(?!\w)")


def mentions(text: str, phrase: str) -> bool:
    """Whether a phrase stands in a lower-cased text as whole words."""
    return phrase.lower() in text and bool(_phrase(phrase).search(text))


def principles_in(question: str, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Principles named by their name or an alias of more than one word, in order of mention."""
    text = question.lower()
    places: list[tuple[int, str]] = []
    for principle in taxonomy.principle:
        names = [principle.name, *(a for a in principle.aliases if " " in a)]
        at = min((text.find(n.lower()) for n in names if mentions(text, n)), default=-1)
        if at >= 0:
            places.append((at, principle.name))
    return tuple(name for _, name in sorted(places))


_LIFE_CYCLE = re.compile(
    r"\blife[ -]?cycle\b|\bstages?\b|\bphases?\b|\bsteps?\b (?:one|two|three|four|five|six|seven|eight|[1-8])\b|\bof the eight\b|\bthe eight\b"
    r"|\b44001\b|\bbs ?11000\b",
    re.IGNORECASE,
)
_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"]
_CARDINALS = ["one", "two", "three", "four", "five", "six", "seven", "eight"]


def speaks_of_life_cycle(question: str) -> bool:
    """Whether a question is about the eight stages."""
    return bool(_LIFE_CYCLE.search(question))


def stage_of(question: str, taxonomy: Taxonomy) -> str | None:
    """The one life-cycle stage that a question names or numbers, None where it names none or several."""
    text = question.lower()
    if not speaks_of_life_cycle(text):
        return None
    found = {s.key for s in taxonomy.stage if any(mentions(text, n) for n in (s.name, *s.aliases))}
    for number in range(1, 9):
        ordinal, cardinal = _ORDINALS[number - 1], _CARDINALS[number - 1]
        pattern = (
            rf"\b(?:stage|step|phase)s? (?:no\.? ?|number )?(?:{number}|{cardinal})\b"
            rf"|\b(?:{ordinal}|{number}(?:st|nd|rd|th)) (?:of the eight|stage|step|phase|life)"
        )
        if re.search(pattern, text):
            found.add(next(s.key for s in taxonomy.stage if s.number == number))
    if re.search(
        r"\b(?:last|final|closing) (?:of the eight|stage|step|phase)\b|\blast of the (?:eight|life|stages)", text
    ):
        found.add(taxonomy.stage[-1].key)
    return found.pop() if len(found) == 1 else None


_FACETS = (
    ("why", r"\bwhy\b|\bwhat(?:'s| is) the (?:point|benefit|use|good|reason)|\breasons? for\b|\bwhat for\b|\bhow come\b|\bwhat do we gain|\bwhat is in it\b|\bwhat's in it\b|\bdoes it matter\b|\bis it worth\b|\bwhy bother\b"),
    ("how", r"\bhow (?:do|does|should|can|could|would|to|ought|must|might|are we|shall)\b|\bwhat (?:should|do|must|can|could) (?:we|i|you|one|they|it|the|a|an|each|both|our|owners)\b|\bsteps?\b|\bhow\b|\brecommend|\badvice\b|\bput .{0,40} into practice\b|\bimplement"),
    ("what", r"\bwhat(?:'s| is| are| does)\b.{0,60}\b(?:about|mean|principle|intent|cover)\b|\bdefine\b|\bexplain\b|\bin a nutshell\b|\bsummar|\bwhat is\b|\bwat is\b|\btell me about\b"),
)  # fmt: skip


def facet_of(question: str) -> str | None:
    """What, why or how, by the words in which a question asks."""
    text = question.lower()
    if re.search(_FACETS[0][1], text):
        return "why"
    if re.search(_FACETS[2][1], text) and not re.search(r"\bhow (?:do|should|can|to)\b", text):
        return "what"
    return "how" if re.search(_FACETS[1][1], text) else None


_BODIES = (
    r"(?:firm|business|company|compan|enterprise|organi[sz]ation|supplier|customer|buyer|partner|player)(?:s|es|ies)?"
)
_SIDES = {
    "msme": rf"(?:very )?(?:small(?:er)?|tiny|little|micro)(?: or medium-sized| and medium-sized)? {_BODIES}",
    "large": rf"(?:very )?(?:large(?:r)?|big(?:ger)?) {_BODIES}",
}
_ACTS = r"\b(?:should|can|could|must|does|do|may|might|would|will) (?:(?:a|an|the|any|our) )?{}\b"
_PLACED = r"\b(?:in|for|inside|within) (?:a|an|any|our) {}\b"


def audience_of(question: str, taxonomy: Taxonomy) -> str | None:
    """The side that the speaker is on, by phrases of the taxonomy (of overlapping ones the longest), else the one asked about."""
    text = " " + re.sub(r"\s+", " ", question.lower()) + " "
    found: list[tuple[int, int, str]] = []
    for audience in taxonomy.audience:
        for cue in audience.cues:
            if cue.lower() in text:
                for match in _phrase(cue).finditer(text):
                    found.append((match.start(), match.end(), audience.key))
    kept = [f for f in found if not any(g[0] <= f[0] and f[1] <= g[1] and (g[1] - g[0]) > (f[1] - f[0]) for g in found)]
    sides = {side for _, _, side in kept}
    if "both" in sides or len(sides & {"msme", "large"}) == 2:
        return "both" if "both" in sides else None
    return sides.pop() if sides else _acting_side(text)


def _acting_side(text: str) -> str | None:
    """The side of which a question asks what it does ("what should a small firm ...?"), else in which it is asked ("in a ...")."""
    for place in (_ACTS, _PLACED):
        sides = {side for side, kind in _SIDES.items() if re.search(place.format(kind), text)}
        if sides:
            return sides.pop() if len(sides) == 1 else None
    return None
