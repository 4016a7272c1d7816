"""Clauses, annexes and front matter that a question names, each with the standards that it is named of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.index.lexical import stems

_STANDARD = re.compile(
    r"\b(?:(?P<prefix>(?:iso|iec|bs|en|din|ansi|nist|pas)(?:[ /-]*(?:iso|iec|tr|ts|en|pas))*)[ /-]*(?P<number>\d{3,5}(?:-\d+)?)"
    r"|(?P<bare>4400[0-9]))(?:(?::| \()(?P<year>\d{4})\)?)?(?!\w)",
    re.IGNORECASE,
)
_CLAUSE_WORDS = r"(?:clause|sub-?clause|section|chapter|paragraph|para|principle|heading|item|point|cl|sec)s?\.?|§+"
_NUMBER = re.compile(
    r"(?<![\w.,£$€:])(?P<number>\d{1,2}(?:\.\d{1,2}){1,4})(?=[a-g]\b|[^\w%]|$)(?!\.\d)"
    r"(?:[ ,]*\(?(?:item |point |letter |bullet |list item )?\(?(?P<letter>[a-z])\)|[ ]?(?:item|point|letter|bullet)[ ]+(?P<bare>[a-z])\b|(?P<glued>[a-g]| [b-g])\b)?"
    r"(?:[ ,]*\(?(?P<digit>[1-9])\))?",
    re.IGNORECASE,
)
_LETTER_OF = re.compile(
    r"\b(?:item|point|letter|bullet|list item|sub-?item|recommendation) (?P<letter>[a-z])\)?(?: (?P<digit>[1-9])\)?)? (?:of|in|under|from|at) (?:clause |section |iso ?4400[34],? )*(?P<number>\d{1,2}(?:\.\d{1,2})+)",
    re.IGNORECASE,
)
_CLAUSE_WORD = re.compile(
    r"\b(?:clause|section|chapter|paragraph|subclause|§)s? (?P<number>\d{1,2})(?!\.?\d|\w)", re.IGNORECASE
)
_ANNEX = re.compile(
    r"\b(?:annex|appendix)[ -]?(?P<letter>[a-z])\b|\btable[ -]?(?P<table>[a-z])\.?(?P<n>\d)\b", re.IGNORECASE
)
_FRONT = re.compile(r"\b(?P<name>foreword|introduction|bibliography)\b", re.IGNORECASE)
# "the introduction of a new partner", "our introduction", "a one-slide introduction to ...": the word for itself
_FRONT_AS_WORD = re.compile(
    r"(?:\b(?:an?|our|my|your|their|this|new|short|quick|brief|general)\b |-\w+ |-)$", re.IGNORECASE
)
_FRONT_OF = re.compile(r"\s*(?:sections?\s+)?(?:to|of|into|for)\b\s*(?:both\s+|the\s+)?", re.IGNORECASE)
_STANDARDS_TEXT = re.compile(r"standards?|guid|texts?|documents?", re.IGNORECASE)

# ---- decimals that are figures, dates and times ------------------------------------------------------------
_UNIT = re.compile(
    r"[ -]?(?:%|(?:per ?cent|k|m|bn|kg|km|h|hrs?|am|pm|ftes?|x|fold|o'clock|out of|on average|points?(?! [a-g]\b))\b"
    r"|(?:thousand|million|billion|euro|pound|dollar|hour|minute|second|day|week|month|quarter|year|time|people|person"
    r"|staff|employee|worker|member|job|partner|supplier|customer|client|firm|compan|site|unit|piece|order|ton|lit(?:re|er)"
    r"|mile|met(?:re|er)|star|degree)(?:ies|y|n?e?s)?\b)",
    re.IGNORECASE,
)
_FIGURE_BEFORE = re.compile(
    r"(?:[£$€]|\b(?:eur|usd|gbp|chf|euros?|dollars?|pounds?|version|release|revision|rev|v|build"
    r"|scores?|scored|scoring|rat(?:e|ed|ing)s?|averag(?:e|es|ed|ing)|factor|ratio|mark|grade|index|share|total"
    r"|around|nearly|almost|roughly|approximately)\b\.?(?: (?:of|is|was|at|by))?:?) *$",
    re.IGNORECASE,
)
_SPEAKS = (
    r"(?:say|state|mean|require|ask|want|tell|cover|contain|include|list|recommend|give|read|expect|suggest|advise|describe|"
    r"address|deal|demand|call|speak|talk|apply|applie|explain)s?"
)
_SPEAKS_AFTER = re.compile(rf"[ ,]*(?:\w+ ){{0,1}}(?:{_SPEAKS}|about|in (?:full|short|detail|brief))\b", re.IGNORECASE)
_KIND = re.compile(rf"(?:\b|(?=§))(?:{_CLAUSE_WORDS})[ ,]*$", re.IGNORECASE)
_ASKED_FOR = re.compile(
    r"(?:\b(?:what(?:'s| is| was| are)(?: in)?|explain|summari[sz]e|quote|show(?: me)?|read(?: out| me)?|cite|see|describe|compare|according to"
    r"|(?:overview|contents?|text|wording|title|heading|summary|meaning|gist|items?|points?|recommendations?|recs|rest) (?:of|in|from)))[ ,]*(?:the )?$",
    re.IGNORECASE,
)
_MAY_BE_ASKED_FOR = re.compile(
    r"(?:(?:^|[.?!:;,] )(?:is |does |and |but |so )?|\b(?:in|under|does|everything) )$", re.IGNORECASE
)
_LITTLE_ELSE = 2
_SHORT = 150
_LOOK_BACK = 80
"""Characters: a question with few other words is never longer; what belongs to a number never stands further before it."""

# ---- documents of one's own --------------------------------------------------------------------------------
_PAPER = r"(?:[\w-]+ ){0,3}?(?:contract|plan|agreement|polic(?:y|ies)|charter|deal|handbook|manual|proposal|tender|bid|report|nda|mou|memorandum|procedure|template|letter|application)s?\b"
_OF_OWN_PAPER = re.compile(
    rf"[ ,]*(?:of|from) (?:our|my|your|their|his|her|its|the|this|that|an?|any|every|each) {_PAPER}", re.IGNORECASE
)
_IN_OWN_PAPER = re.compile(
    rf"[ ,]*(?:in|to) (?:our|my|your|their|his|her|its|the|this|that|an?|any|every|each) {_PAPER}", re.IGNORECASE
)
_OWN_PAPERS = re.compile(
    rf"\b(?:our|my|your|their|his|her) {_PAPER}(?:['’]s?)?,? (?:(?:{_CLAUSE_WORDS}) )?$", re.IGNORECASE
)

# ---- which standard ----------------------------------------------------------------------------------------
_PREPOSITION = re.compile(r"[ ,]*(?:of|from|in|to)\b *", re.IGNORECASE)
_JOINS = re.compile(
    r"[ ,/&]*(?:\b(?:and|or|to|with|vs\.?|versus|both)\b[ ,]*)*(?:\bthe )?(?:\b(?:clause|section)s? )?", re.IGNORECASE
)
_OF = re.compile(r"[ ,]*(?:of|in|from|to|under|within|per)\b(?: the\b(?: standards?\b)?)? *", re.IGNORECASE)
_BEFORE = re.compile(rf"(?:['’]s?)?[ ,:(–—-]*(?:(?:{_CLAUSE_WORDS}) *)?", re.IGNORECASE)
_AFTER = re.compile(r"[ ,(–—-]*")
_SAYS_IN = re.compile(
    rf" (?:\w+ )?{_SPEAKS}(?: \w+){{0,4}}? (?:in|under|at|with)(?: the)? (?:(?:{_CLAUSE_WORDS}) )?", re.IGNORECASE
)
_SAID_IN = re.compile(
    rf"(?: (?:{_SPEAKS}))?(?: about(?: \w+){{1,2}})?[ ,]*(?:of|in|from|under|according to) ", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard that a question names.

    Attributes:
        name: As shown: "ISO 9001", "ISO 44003".
        number: "9001", "44003", "11000".
        year: Of the edition, "" where none is named.
        start: Where it stands in the question.
        end: Where it ends.
    """

    name: str
    number: str
    year: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reference:
    """A place in a standard that a question names.

    Attributes:
        locator: As in a citation id: "5.10.3.3", "5.5 d)", "Annex A", "Introduction".
        words: What a message repeats of it.
        start: Where it stands in the question.
        end: Where it ends.
        standards: The standards that it is named of; none where the question does not say.
        certain: Whether it can be nothing but a reference. A decimal that merely may be one counts only where a
            clause has that number.
    """

    locator: str
    words: str
    start: int
    end: int
    standards: tuple[Standard, ...] = ()
    certain: bool = True


def standards_in(question: str) -> tuple[Standard, ...]:
    """The standards that a question names, in order."""
    found: list[Standard] = []
    for match in _STANDARD.finditer(question):
        number, _, part = (match["bare"] or match["number"]).partition("-")
        year = match["year"] or (part if re.fullmatch(r"(?:19|20)\d\d", part) else "")
        prefix = re.sub(r"[ -]+", " ", match["prefix"] or "iso").upper()
        name = f"{prefix} {number}" + (f"-{part}" if part and part != year else "")
        found.append(Standard(name, number, year, *match.span()))
    return tuple(found)


def references_in(question: str, at_home: Sequence[str]) -> tuple[Reference, ...]:
    """The places in standards that a question names, in order.

    Args:
        question: The question.
        at_home: Numbers of the standards whose clauses are held: one of them is meant even where it is named far off.
    """
    standards = standards_in(question)
    found = [f for f in _found(question, standards, at_home) if not _of_own_paper(f, question)]
    lists = _lists(found, question)
    placed = [
        replace(r, standards=_standards_of(list_, standards, question, at_home)) for list_ in lists for r in list_
    ]
    return tuple(r for r in placed if r.standards or r.locator not in _FRONT_MATTER)


def without_places_in_papers(question: str, at_home: Sequence[str]) -> str:
    """The question without the clause numbers of one's own papers, which would only draw in clauses of that number."""
    spans: list[tuple[int, int]] = []
    for place in _found(question, standards_in(question), at_home):
        if _of_own_paper(place, question):
            kind, of = _KIND.search(_lead(question, place)), _PREPOSITION.match(question, place.end)
            spans.append((kind.start() if kind else place.start, of.end() if of else place.end))
    return re.sub(r" {2,}", " ", _without(question, spans)) if spans else question


def _found(question: str, standards: Sequence[Standard], at_home: Sequence[str]) -> list[Reference]:
    """Everything that looks like a place in a standard or another paper, in order."""
    found = [*_numbered(question, standards, at_home), *_titled(question, standards, at_home)]
    return sorted(found, key=lambda f: f.start)


_FRONT_MATTER = ("Foreword", "Introduction", "Bibliography")


def _titled(question: str, standards: Sequence[Standard], at_home: Sequence[str]) -> Iterator[Reference]:
    """Whole clauses ("clause 4"), annexes and front matter."""
    for match in _CLAUSE_WORD.finditer(question):
        yield Reference(match["number"], f"clause {match['number']}", *match.span())
    for match in _ANNEX.finditer(question):
        name = f"Annex {(match['letter'] or match['table']).upper()}"
        yield Reference(name, name, *match.span())
    for match in _FRONT.finditer(question):
        if standards and _is_front_matter(match, question, standards, at_home):
            yield Reference(match["name"].capitalize(), match["name"].lower(), *match.span())


def _is_front_matter(word: re.Match[str], question: str, standards: Sequence[Standard], at_home: Sequence[str]) -> bool:
    """Whether "introduction" and the like stand for the part of a standard and not for the word itself."""
    of = _FRONT_OF.match(question, word.end())
    if of and any(s.start == of.end() and s.number in at_home for s in standards):
        return True
    if _FRONT_AS_WORD.search(question[max(0, word.start() - _LOOK_BACK) : word.start()]):
        return False
    return not of or any(s.start == of.end() for s in standards) or bool(_STANDARDS_TEXT.match(question, of.end()))


def _numbered(question: str, standards: Sequence[Standard], at_home: Sequence[str]) -> Iterator[Reference]:
    """Decimal numbers of clauses, without figures, dates and times."""
    lettered = list(_LETTER_OF.finditer(question))
    bare = (
        n for n in _NUMBER.finditer(question) if not any(m.start() < n.end() and n.start() < m.end() for m in lettered)
    )
    found: list[Reference] = []
    for match in [*lettered, *bare]:
        groups = match.groupdict()
        letter = groups.get("letter") or groups.get("bare") or groups.get("glued")
        locator = match["number"] + (f" {letter.strip().lower()})" if letter else "")
        if letter and groups.get("digit"):
            locator += f" {groups['digit']})"
        found.append(Reference(locator, locator, *match.span()))
    for list_ in _lists(sorted(found, key=lambda f: f.start), question):
        if any(_is_figure(r, question, standards) for r in list_):
            continue
        certain = any(_is_asked_for(r, question, standards) for r in list_)
        if certain or any(_may_be_asked_for(r, question, standards, at_home) for r in list_):
            yield from (replace(r, certain=certain) for r in list_)


def _lists(references: Sequence[Reference], question: str) -> list[list[Reference]]:
    """References with nothing but "and", a comma and the like between them belong together ("5.1 and 5.2 of ISO 44004")."""
    lists: list[list[Reference]] = []
    for reference in references:
        if lists and _JOINS.fullmatch(question, lists[-1][-1].end, reference.start):
            lists[-1].append(reference)
        else:
            lists.append([reference])
    return lists


def _is_figure(reference: Reference, question: str, standards: Sequence[Standard]) -> bool:
    """Whether a number is a quantity, a price, a score, a version or a date."""
    parts = reference.locator.split(" ")[0].split(".")
    if any(p.startswith("0") for p in parts):
        return True
    if len(parts) == 3 and len(parts[2]) == 2 and int(parts[1]) <= 12:  # 5.10.24: no clause counts that far
        return True
    if _follows_its_kind(reference, question, standards):
        return False
    if _FIGURE_BEFORE.search(_lead(question, reference)):
        return True
    return len(parts) == 2 and " " not in reference.locator and bool(_UNIT.match(question, reference.end))


def _follows_its_kind(reference: Reference, question: str, standards: Sequence[Standard]) -> bool:
    """Whether "clause", "section" or the name of a standard stands right before a number."""
    if any(_BEFORE.fullmatch(question, s.end, reference.start) for s in standards):
        return True
    return bool(_KIND.search(_lead(question, reference)))


def _is_asked_for(reference: Reference, question: str, standards: Sequence[Standard]) -> bool:
    """Whether a number is certainly that of a clause: a long or lettered one, or by the words around it."""
    if reference.locator.count(".") >= 2 or reference.locator.endswith(")"):
        return True
    if _follows_its_kind(reference, question, standards) or _ASKED_FOR.search(_lead(question, reference)):
        return True
    if _SPEAKS_AFTER.match(question, reference.end):
        return True
    if any(p.fullmatch(question, reference.end, s.start) for s in standards for p in (_OF, _AFTER)):
        return True
    if len(question) > _SHORT:
        return False
    spans = [(reference.start, reference.end), *((s.start, s.end) for s in standards)]
    return len(stems(_without(question, spans))) <= _LITTLE_ELSE


def _may_be_asked_for(
    reference: Reference, question: str, standards: Sequence[Standard], at_home: Sequence[str]
) -> bool:
    """Whether a number may be that of a clause: a held standard is named somewhere, or it stands where one would."""
    named = any(s.number in at_home for s in standards)
    return named or bool(_MAY_BE_ASKED_FOR.search(_lead(question, reference)))


def _of_own_paper(reference: Reference, question: str) -> bool:
    """Whether a place in a contract, plan or the like is meant ("section 2 of our joint plan")."""
    if _OF_OWN_PAPER.match(question, reference.end) or _OWN_PAPERS.search(_lead(question, reference)):
        return True
    return "." not in reference.locator and bool(_IN_OWN_PAPER.match(question, reference.end))


def _standards_of(
    list_: Sequence[Reference], standards: Sequence[Standard], question: str, at_home: Sequence[str]
) -> tuple[Standard, ...]:
    """The standards that references are named of: those behind "of" or "in", else those beside, else the nearest.

    A standard that is not held is meant only where it stands close by: "We run ISO 9001. What does 5.7 say?" does not
    ask for ISO 9001.
    """
    start, end = list_[0].start, list_[-1].end
    inside = [s for s in standards if start <= s.start and s.end <= end]
    if inside:
        return tuple(inside)
    before = [s for s in reversed(standards) if s.end <= start]
    after = [s for s in standards if s.start >= end]
    follower, leader = next(iter(after), None), next(iter(before), None)
    if follower and _OF.fullmatch(question, end, follower.start):
        return _together(follower, standards, question)
    if leader and _BEFORE.fullmatch(question, leader.end, start):
        return _together(leader, standards, question)
    if follower and (
        _AFTER.fullmatch(question, end, follower.start) or _SAID_IN.fullmatch(question, end, follower.start)
    ):
        return _together(follower, standards, question)
    for near in (*before, *after):
        if near.number in at_home or (near.end <= start and _SAYS_IN.fullmatch(question, near.end, start)):
            return _together(near, standards, question)
    return ()


def _together(standard: Standard, standards: Sequence[Standard], question: str) -> tuple[Standard, ...]:
    """A standard with those that it is named together with ("in ISO 44003 and ISO 44004")."""
    at = standards.index(standard)
    first = last = at
    while first > 0 and _JOINS.fullmatch(question, standards[first - 1].end, standards[first].start):
        first -= 1
    while last + 1 < len(standards) and _JOINS.fullmatch(question, standards[last].end, standards[last + 1].start):
        last += 1
    return tuple(standards[first : last + 1])


def _lead(question: str, place: Reference) -> str:
    """The words right before a place."""
    return question[max(0, place.start - _LOOK_BACK) : place.start]


def _without(question: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        question = f"{question[:start]} {question[end:]}"
    return question
