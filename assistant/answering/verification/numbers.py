"""Figures: every number, percentage, frequency, duration and date of a statement has to occur in what it cites."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
    "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "dozen": 12, "dozens": 12,
    "hundreds": 100, "thousands": 1000, "twice": 2, "thrice": 3, "double": 2, "triple": 3, "half": "1/2", "halves": "1/2",
    "thirds": "1/3", "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12, "twentieth": 20, "hundredth": 100, "quarters": "1/4", "second-largest": 2,
}  # fmt: skip
_UNITS = {
    "minute": r"minutes?", "hour": r"hours?|hourly", "day": r"days?|daily|everyday|day-to-day|overnight",
    "week": r"weeks?|weekly|fortnight|fortnightly|weekends?", "month": r"months?|monthly|bi-?monthly",
    "quarter": r"quarterly|quarter", "year": r"years?|yearly|annual|annually|per annum|biannual(?:ly)?|decades?",
    "percent": r"per ?cent|percent|percentage|%", "money": r"euros?|dollars?|pounds? sterling|€|\$|£",
}  # fmt: skip
_CALENDAR = {
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "april", "june",
    "july", "august", "september", "october", "november", "december",
}  # fmt: skip
_STANDARD = re.compile(
    r"\b(?:ISO|IEC|BS|EN|DIN|ANSI|NIST|PAS|TC|TR|TS)(?:[ /-]*(?:IEC|TR|TS|TC|DIS|EN|ISO))*[ -]?\d+(?:[-:]\d+)*", re.I
)
_CLAUSE_NUMBER = re.compile(
    r"\b(?:[1-9]\d?|[A-Z])(?:\.\d+)+\b(?!\s*%)|\b(?:clause|annex|table|section|item|figure)s?\s+[A-Z]?[\d.]+\w?", re.I
)
_DIGITS = re.compile(r"(?<![\w.])\d[\d,. ]*\d(?!\w)|(?<![\w.])\d+")
_IDIOM = re.compile(
    r"\b(?:no two|two or more|(?<!exactly )(?<!only )(?<!just )two (?:kinds|sorts|types|levels|sides|tracks|parts|aspects|directions|ways|places)|(?:only )?half (?:of it|the (?:story|job|battle|work))|(?:had|has|have) (?:its|their|his|her) day|some ?day|one ?day|these days|nowadays|the other day|at the end of the day|half-hearted\w*|in two minds|"
    r"two-way|second nature|in the first place|day one|third part(?:y|ies)|long-term|day-to-day|day to day|quarter of)\b",
    re.I,
)  # fmt: skip
# A pair of parties is spoken of as two, whatever word the text has for it.
_TWO_PARTIES = re.compile(
    r"\btwo (?:of (?:you|us|them)|(?:\w+ )?(?:sides|partners|parties|firms|companies|organi[sz]ations|businesses|groups|teams|ends))\b",
    re.I,
)
_REFERENCE = re.compile(r"\b(?:annex|table) [A-Z](?:\.\d+)?\b|\b\d+(?:\.\d+)+\b(?!\s*%)", re.I)
_PAIR = re.compile(
    r"\b(?:both|each other|one another|one to one|one-to-one|two-way|pair|either|mutual\w*|joint\w*)\b", re.I
)
_LISTED = r"(?:\w+ )?(?:things?|points?|models?|modes?|forms?|items?|elements?|steps?|parts?|ways?|kinds?|examples?|aspects?|topics?|questions?|tasks?|areas?|headings?)"
_FRACTION = re.compile(r"\b(?:a|one|two|three)[ -](third|quarter|fifth|tenth)s?(?: of)?\b", re.I)
_FRACTIONS = {"third": "1/3", "quarter": "1/4", "fifth": "1/5", "tenth": "1/10"}


def figures(text: str) -> set[str]:
    """Normalised figures of a text: "12" for "twelve" and "12", "unit:week" for "weekly", "ISO 44001" for standards.

    Args:
        text: Any text. Clause numbers and idioms ("no two", "some day") are no figures.
    """
    found = {f"standard:{_digits_of(m.group())}" for m in _STANDARD.finditer(text)}
    plain = _CLAUSE_NUMBER.sub(" ", _STANDARD.sub(" ", text))
    found |= {_FRACTIONS[m[1].lower()] for m in _FRACTION.finditer(plain)}
    plain = _FRACTION.sub(" ", _IDIOM.sub(" ", plain))
    found |= {re.sub(r"[,. ](?=\d{3}\b)|\.0+$", "", m.group()).replace(" ", "") for m in _DIGITS.finditer(plain)}
    for word in re.findall(r"[a-z]+", plain.lower()):
        if word in _WORDS:
            found.add(str(_WORDS[word]))
        elif word in _CALENDAR:
            found.add(f"date:{word}")
    lowered = plain.lower()
    for unit, pattern in _UNITS.items():
        if re.search(rf"(?<!\w)(?:{pattern})(?!\w)", lowered):
            found.add(f"unit:{unit}")
    return found


def _counts_things(statement: str, count: int) -> bool:
    """Whether a statement counts what is listed, and not weeks or people."""
    words = [w for w, n in _WORDS.items() if n == count] + [str(count)]
    return re.search(rf"\b(?:{'|'.join(words)}) {_LISTED}", statement, re.I) is not None


def enumerated(text: str) -> set[int]:
    """How many things the enumerations of a text hold: 4 for "identify, analyse, evaluate and treat"."""
    found = set()
    for stretch in re.split(r"[;:.()]", text):
        pieces = [p for p in re.split(r",? (?:and|or) |, ", stretch) if p.strip(" ,")]
        found |= {len(pieces), stretch.count(",") + 1, stretch.count(",") + 2}
    return found


def missing_references(statement: str, evidence: str) -> list[str]:
    """Annexes, tables and numbered clauses that a statement names and its evidence does not, in order.

    Args:
        statement: What is claimed.
        evidence: All that the cited clauses say, with headings and their own labels.
    """
    held = evidence.lower()
    named = dict.fromkeys(m.group() for m in _REFERENCE.finditer(_STANDARD.sub(" ", statement)))
    return [r for r in named if not re.search(rf"(?<![\w.]){re.escape(r.lower())}(?!\w)", held)]


def _digits_of(standard: str) -> str:
    return re.sub(r"\D+", " ", re.sub(r"[-:]\d+$", "", standard)).strip()


def missing_figures(statement: str, evidence: str, *, counts: Iterable[int] = ()) -> list[str]:
    """Figures of a statement that do not occur in what it cites, in a fixed order.

    Args:
        statement: What is claimed.
        evidence: All that the cited clauses say, with headings and the names of their sources.
        counts: Lengths of the lists there; "four things" may be said of a list of four.
    """
    counted = {*counts, *enumerated(evidence), *enumerated(statement)}
    held = figures(evidence) | {str(n) for n in counted if n > 1 and _counts_things(statement, n)}
    held |= {figure.removeprefix("standard:") for figure in held if figure.startswith("standard:")}
    if _PAIR.search(evidence) and _TWO_PARTIES.search(statement):
        held.add("2")
    if re.search(r"\bday[- ]to[- ]day\b", evidence, re.I):
        held.add("unit:day")
    return sorted(figures(statement) - held)
