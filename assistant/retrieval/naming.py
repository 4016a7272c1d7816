"""What a question names outright: clauses by number, annex rows, stages, principles, facets, sides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.clauses.catalog import Catalog
from assistant.clauses.taxonomy import Taxonomy

_STANDARD = re.compile(r"\b(?:iso[ /-]*(?:tr)?[ -]*)?(4400[0-9]|bs ?11000)(?::\d{4})?\b", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?<![\w.,£$€:])(?P<number>\d{1,2}(?:\.\d{1,2}){1,4})(?=[a-g]\b|[^\w%]|$)(?!\.\d)"
    r"(?:[ ,]*\(?(?:item |point |letter |bullet |list item )?\(?(?P<letter>[a-g])\)|[ ]?(?:item|point|letter|bullet)[ ]+(?P<bare>[a-g])\b|(?P<glued>[a-g]| [b-g])\b)?"
    r"(?:[ ,]*\(?(?P<digit>[1-9])\))?",
    re.IGNORECASE,
)
_LETTER_OF = re.compile(
    r"\b(?:item|point|letter|bullet|list item|sub-?item|recommendation) (?P<letter>[a-g])\)?(?: (?P<digit>[1-9])\)?)? (?:of|in|under|from|at) (?:clause |section |iso ?4400[34],? )*(?P<number>\d{1,2}(?:\.\d{1,2})+)",
    re.IGNORECASE,
)
_CLAUSE_WORD = re.compile(
    r"\b(?:clause|section|chapter|paragraph|subclause|§)s? (?P<number>\d{1,2})(?![\d.]|\w)", re.IGNORECASE
)
_ANNEX = re.compile(
    r"\b(?:annex|appendix)[ -]?(?P<letter>[a-z])\b|\btable[ -]?(?P<table>[a-z])\.?(?P<n>\d)\b", re.IGNORECASE
)
_FRONT = re.compile(r"\b(?:the )?(foreword|introduction|bibliography)\b", re.IGNORECASE)
_ISO_44001_CLAUSE = re.compile(
    r"\b(?:44001|bs ?11000)\b.{0,40}?\b(8\.[2-9])\b|\b(8\.[2-9])\b.{0,40}?\b(?:44001|bs ?11000)\b", re.IGNORECASE
)
_SOURCES = {"44003": "iso-44003", "44004": "iso-44004", "44001": "iso-44001-guide", "bs11000": "iso-44001-guide"}
_AUDIENCE_SOURCE = {"msme": "iso-44003", "large": "iso-44004"}


@dataclass(frozen=True, slots=True)
class Named:
    """What stands in a question by name.

    Attributes:
        clauses: Citation ids of clauses named by number, title of an annex, or stage number; in order.
        unknown: Clause numbers named that do not exist in any source meant.
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
    sources = tuple(dict.fromkeys(_SOURCES[s] for s in _standards(question) if s in _SOURCES))
    spoken = audience_of(question, taxonomy)
    side = spoken or audience
    clauses, unknown = _clauses(question, catalog, sources, side)
    clauses, within = _annex_rows(question, clauses, catalog)
    stage = stage_of(question, taxonomy)
    by_clause = _ISO_44001_CLAUSE.search(question)
    if by_clause:
        number = by_clause[1] or by_clause[2]
        stage = next((s.key for s in taxonomy.stage if s.iso_44001_clause == number), stage)
        unknown = tuple(u for u in unknown if u != number)
    return Named(
        clauses=clauses,
        unknown=unknown,
        sources=sources,
        within=within,
        foreign=foreign_standards(question),
        principles=principles_in(question, taxonomy),
        stage=stage,
        facet=facet_of(question),
        audience=spoken,
    )


def without_standards(question: str) -> str:
    """The question without the numbers of standards, which say where to look and not for what."""
    bare = re.sub(r"\s+", " ", _STANDARD.sub(" ", question)).strip()
    return bare if len(re.findall(r"\w+", bare)) >= 3 else question


def _standards(question: str) -> list[str]:
    return [m[1].lower().replace(" ", "") for m in _STANDARD.finditer(question)]


_FOREIGN = re.compile(
    r"\b(?:iso|iec|bs|en|din|ansi|nist|pas|iso/iec|iso/tr)[ /-]*(?:iec|tr|ts|en|pas)?[ -]*(\d{3,5}(?:-\d+)?)\b",
    re.IGNORECASE,
)


def foreign_standards(question: str) -> tuple[str, ...]:
    """Numbers of standards named that are not those held."""
    held = {"44003", "44004", "44001", "11000"}
    return tuple(dict.fromkeys(m[1] for m in _FOREIGN.finditer(question) if m[1].split("-")[0] not in held))


def _clauses(
    question: str, catalog: Catalog, sources: Sequence[str], audience: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found: list[str] = []
    unknown: list[str] = []
    for locator, words in _locators(question):
        ids = _existing(locator, catalog, sources, audience)
        found += ids
        if not ids and not any(u.startswith(words) for u in unknown):
            unknown.append(words)
    return tuple(dict.fromkeys(found)), tuple(unknown)


def _locators(question: str) -> Iterable[tuple[str, str]]:
    """Locators named, each with the words that a message would repeat."""
    taken: list[tuple[int, int]] = []
    for match in [*_LETTER_OF.finditer(question), *_NUMBER.finditer(question)]:
        if any(a < match.end() and match.start() < b for a, b in taken):
            continue
        taken.append(match.span())
        groups = match.groupdict()
        letter = groups.get("letter") or groups.get("bare") or groups.get("glued")
        locator = match["number"] + (f" {letter.strip().lower()})" if letter else "")
        if letter and groups.get("digit"):
            locator += f" {groups['digit']})"
        yield locator, locator
    for match in _CLAUSE_WORD.finditer(question):
        yield match["number"], f"clause {match['number']}"
    for match in _ANNEX.finditer(question):
        letter = match["letter"] or match["table"]
        yield f"Annex {letter.upper()}", f"Annex {letter.upper()}"
    for match in _FRONT.finditer(question):
        yield match[1].capitalize(), match[1]


def _existing(locator: str, catalog: Catalog, sources: Sequence[str], audience: str | None) -> list[str]:
    """Ids with this locator: in the sources named, else on the side of the speaker, else in both standards."""
    standards = [s for s in sources if s != "iso-44001-guide"] or ["iso-44003", "iso-44004"]
    if not sources and audience in _AUDIENCE_SOURCE:
        preferred = _AUDIENCE_SOURCE[audience]
        standards = [preferred] if f"{preferred}:{locator}" in catalog else standards
    if not sources and locator in ("Foreword", "Introduction", "Bibliography") and audience is None:
        return []
    return [f"{s}:{locator}" for s in standards if f"{s}:{locator}" in catalog]


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
