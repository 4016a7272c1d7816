"""Strength: what is recommended must not become an order, and what is recommended must not become a mere option.

The ladder follows ISO/IEC Directives, Part 2, clause 7: "shall" a requirement, "should" a recommendation,
"may" a permission, "can" a possibility; everyday words are put on the rung of the verb that they stand for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MUST, HAVE, NEED, SHOULD, WILL, CONSIDER, MAY = 4.0, 3.6, 3.2, 3.0, 2.5, 2.0, 1.0

_NEEDLESS = (
    r"need(?:s)? not|needn't|(?:do|does|did|would|will)(?: not|n't) (?:really )?(?:have|need) to(?: be)?|(?:is|are) no need|no need|"
    r"(?:is|are|be)?(?: not|n't) (?:really |strictly |absolutely )?(?:essential|necessary|required|mandatory|crucial|vital|important|"
    r"compulsory|obligatory|obliged to|needed)|without having to|unnecessary|not (?:a )?must|can be kept"
)
_RUNGS: tuple[tuple[float, str], ...] = (
    (MUST, r"must|shall|mandatory|compulsory|obligatory|obliged|obligated|is bound to|are bound to|required to|has no choice|"
           r"have no choice|always|in (?:all|every|each) cases?|under (?:any|no) circumstances?|without exceptions?|at all times|"
           r"guarantee[sd]?|guaranteeing|never|insists?|insist on|forbid|forbids|forbidden|prohibit(?:s|ed)?|strictly|no matter what|"
           r"failing to meet the standard|imperative|not optional|invariably|automatically"),
    (HAVE, r"has to|have to|having to|is required|are required|requires?|has got to|have got to"),
    (NEED, r"needs? to|needs|need|essential|crucial|vital|critical|fundamental|indispensable|necessary|needed|as a minimum|at least|"
           r"cannot do without|underpins?"),
    (SHOULD, r"should|ought to|(?:is|are|be) important|importance|it matters|make[s]? sure|see to it|sees to it|recommended|advis(?:ed|able)|"
             r"it is for|responsible for|responsibility of|is up to|are up to|crucially|is to|are to|expected to"),
    (WILL, r"will|won't|certain to|certainly"),
    (CONSIDER, r"consider(?:s|ed|ing|ation)?|think about|thinking about|thought about|thought (?:should )?be given|be thought of|worth|weigh(?:ed|ing)?|"
               r"look(?:ing)? at|evaluate|contemplate|bear in mind|have an open mind"),
    (MAY, r"can|could|may|might|optional|optionally|possible to|possibly|free to|is allowed|are allowed|would be a plus|a plus|worth having|"
          r"(?:is|are) (?:also )?fine|just as (?:good|acceptable)|matter of taste|if they (?:like|wish|want|see a point|think)|as they (?:like|please|wish)|"
          r"if (?:it|this) seems|where (?:it|this) seems|seems handy|whichever|helpful|useful|helps? somewhat|(?:minor|little|no great) importance|cares? to|"
          r"nice to|merely|somewhat|perhaps|or not|go without|living without"),
)  # fmt: skip
_COMPILED = tuple((level, re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])", re.I)) for level, pattern in _RUNGS)
_NEEDLESS_RE = re.compile(rf"(?<![\w-])(?:{_NEEDLESS})(?![\w-])", re.I)
_NO_MODAL = re.compile(r"\b(?:cannot|can not|can't) be shared|not always|not necessarily|whether or not|so to say", re.I)
_IMPERATIVE = re.compile(
    r"^(?:please )?(?:make|decide|define|name|set|settle|pick|choose|take|find|check|allocate|identify|establish|review|assess|evaluate|implement|ensure|"
    r"tell|share|give|keep|start|begin|look|work|draw|agree|write|go|help|use|involve|plan|ask|put|consider|think|don't|do not|"
    r"before anything else|when engaging|in appointing|when appointing|when creating|when setting|where necessary|for each)\b",
    re.I,
)
_GAP = 0.35


def levels(text: str, *, listed: bool = False) -> set[float]:
    """The rungs that a text stands on; empty where it states a plain fact.

    Args:
        text: A sentence, or a list item with its lead-in.
        listed: Whether it is an item or row, which recommends where it is put as an order ("Define ...").
    """
    plain, found = _NO_MODAL.sub(" ", text), set()
    if _NEEDLESS_RE.search(plain):
        found.add(MAY)
        plain = _NEEDLESS_RE.sub(" ", plain)
    found |= {level for level, pattern in _COMPILED if pattern.search(plain)}
    if _IMPERATIVE.match(text) and not found & {SHOULD, MUST, HAVE, NEED}:
        found.add(SHOULD)
    return found


def compare_strength(statement: set[float], evidence: Iterable[set[float]]) -> str:
    """"strengthened", "weakened" or "" where one of the closest sentences carries the statement's strength.

    Args:
        statement: Rungs of the statement.
        evidence: Rungs of each of the sentences that fit it best; one that agrees is enough.
    """
    verdicts = [_compare(statement, unit) for unit in evidence]
    return "" if not verdicts or "" in verdicts else verdicts[0]


def _compare(statement: set[float], unit: set[float]) -> str:
    if not statement:
        return ""
    claim = max(statement)
    top = max(unit, default=0.0)
    if claim >= HAVE:
        return "strengthened" if top < claim - _GAP else ""
    if claim >= SHOULD:
        hedged = CONSIDER in unit and CONSIDER not in statement and top <= SHOULD and MAY not in statement
        return "strengthened" if hedged or top in (MAY, CONSIDER) else ""
    if claim == WILL:
        return "strengthened" if top == MAY else ""
    firm = min((level for level in unit if level != CONSIDER), default=0.0)
    return "weakened" if claim == MAY and firm >= SHOULD else ""
