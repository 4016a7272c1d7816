"""Strength: a recommendation must not become an order, nor a mere option; a possibility must not become a recommendation.

The ladder follows ISO/IEC Directives, Part 2, clause 7: "shall" a requirement, "should" a recommendation,
"may" a permission, "can" a possibility; everyday words are put on the rung of the verb that they stand for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass

from assistant.index.lexical import stems

ABSOLUTE, MUST, HAVE, NEED, SHOULD, WILL, MAY = 5.0, 4.0, 3.6, 3.2, 3.0, 2.0, 1.0

# What a clause has to say at least for a statement to stand on a rung.
_CARRIED_BY = {MUST: HAVE, HAVE: NEED}

_MODAL = r"must|shall|has to|have to|needs? to|should|ought to|will|would|can|could|may|might"
_RUNGS: tuple[tuple[float, str], ...] = (
    (ABSOLUTE, r"always|(?:must|shall|should|will|may|can|to) never|in (?:all|every|each) cases?|under (?:any|all|no) circumstances?|without (?:any )?exceptions?|at all times|"
               r"guarantee[sd]?|guaranteeing|no matter what|invariably|every single|at any (?:price|cost)|whatever (?:it costs|the cost)"),
    (MUST, r"must|shall|mandatory|compulsory|obligatory|obligations? to|obliged|obligated|bound to|required (?:to|by)|no choice|insists? (?:on|that)|"
           r"forbid|forbids|forbidden|prohibit(?:s|ed)?|not (?:allowed|permitted)|failing to meet|fails? to comply|imperative|not optional|"
           r"non-negotiable|a (?:strict )?(?:requirement|condition|duty)|demand(?:s|ed) that|by law|legally"),
    (HAVE, r"ha[sd] to|have to|having to|(?:is|are) required|ha(?:s|ve) got to|there is no way round|cannot do without|will need to"),
    (NEED, r"needs?|needed|essential|crucial|vital|critical|fundamental|indispensable|necessary|(?:is|are) (?:a )?key|a must"),
    (SHOULD, r"should|ought to|important|importantly|it (?:really )?matters|recommend(?:s|ed)?|advis(?:ed|able)|it is (?:for|up to)|responsible for|"
             r"responsibility of|(?:role|job|task|aim|duty) (?:is|of [\w ]+ is) to|(?:is|are) expected to|(?:is|are) to be|had better|a good idea"),
    (WILL, r"will|won't|certain(?:ly)? to"),
    (MAY, r"can|could|may|might|possibly|(?:is|are|be|where|wherever|if|when) possible|optional(?:ly)?|perhaps|even (?:if|where|though)"),
)  # fmt: skip
_COMPILED = tuple((level, re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])", re.I)) for level, pattern in _RUNGS)
# What carries a claim in a clause, and is too common a turn to be a claim of that strength in a statement.
_CLAUSES_OWN = (
    (ABSOLUTE, re.compile(r"\b(?:constant(?:ly)?|throughout|continuous(?:ly)?|never)\b", re.I)),
    (ABSOLUTE, re.compile(r"\b(?:inevitabl[ey]|invariably|necessarily|automatically)\b", re.I)),
    (HAVE, re.compile(r"\brequires?\b", re.I)),
    (NEED, re.compile(r"\b(?:as a minimum|at least|underpins?)\b", re.I)),
    (MAY, re.compile(r"\b(?:accessible|reachable)\b", re.I)),
)
# Turns that leave no doubt or let nothing out. They are common words too, so that they only hint at a fault.
_SURE = re.compile(
    r"(?<![\w-])(?<!not )(?:inevitabl[ey]|invariably|necessarily|without fail|(?:certain|sure|bound|guaranteed) to|is certain|definitely|certainly|every time|constantly|reliably|"
    r"(?:wholly|entirely|fully) determin\w+|determin\w+ entirely|the only way|all it takes|no doubt|never fails?|come what may|in (?:any|all) (?:event|circumstances)|"
    r"whatever the circumstances|in no time|decisive|absolute(?:ly)?|each and every|only valid|is never|"
    r"every (?:single )?(?:\w+ )?(?:organi[sz]ation|firm|company|business|relationship|collaboration|partnership|individual and function)s?)(?![\w-])",
    re.I,
)
_CLAUSE_SURE = re.compile(
    r"\b(?:every|each|all|any|always|never|throughout|whatever|regardless|no matter|full|fully|only|whole)\b", re.I
)
# Turns that take a strong word back: they are read as an option and then taken out.
_OPTION = re.compile(
    r"(?<![\w-])(?:need(?:s)? not|needn't|(?:do|does|did|would|will)(?: not|n't) (?:really |actually )?(?:have|need) to|(?:is|are) no need|no need|"
    r"(?:is|are|be)?(?: not|n't) (?:really |strictly |absolutely )?(?:essential|necessary|required|mandatory|crucial|vital|important|compulsory|"
    r"obligatory|obliged to|needed|a must)|without having to|unnecessary|optional|(?:of )?(?:minor|little|small|no great|secondary|limited) importance|"
    r"merely [\w-]+|(?:is|are|be|only|just|also|sometimes|no more than) (?:\w+ )?(?:useful|helpful|handy|beneficial|welcome)(?: at times)?|of (?:some|little|limited) use|(?:a )?nice to have|a plus|an extra|a bonus|(?:is|are) (?:also |quite |perfectly )?fine|(?:just|equally) as (?:good|acceptable|well)|"
    r"(?:just|quite|perfectly|equally) acceptable|matter of (?:taste|choice|preference)|if (?:they|you|it|this|he|she|one) (?:\w+ )?(?:likes?|wish(?:es)?|wants?|"
    r"sees?|thinks?|seems?|feels?|prefers?|suits?|pleases?)[^,;.]*|as they (?:like|please|wish|see fit)|where (?:it|this) (?:seems|suits)[^,;.]*|"
    r"whichever [^,;.]*|helps? (?:somewhat|a little)|cares? to|(?:can|could|may|might) (?:also )?(?:just as well|go without|do without)|"
    r"(?:living|going|doing) without|free to|(?:is|are) (?:allowed|permitted|welcome) to|leave (?:it|them|this) (?:open|out)|"
    r"(?:can|may|might|could) (?:be worth|want to|wish to|like to|care to|find it)[^,;.]*|in (?:their|its) discretion|hardly (?:essential|necessary|needed|required|vital|crucial)|"
    r"up to [^,;.]{2,50}? (?:whether|if)\b[^,;.]*|(?:can|may|could|might) (?:choose|decide) (?:whether|if|not|to)\b[^,;.]*|if (?:\w+ ){1,5}(?:finds?|fancy|fancies|feels?)\b[^,;.]*|"
    r"feels? like (?:it|doing)\b|(?:welcome|handy|useful|nice) but\b[^,;.]*|or (?:leave|let) (?:it|them|this|things) (?:as|be|alone)\b[^,;.]*|not something (?:\w+ ){1,3}(?:is|are|needs?|has|have)\b[^,;.]*|"
    r"(?:left|leave (?:it|this)) to [^,;.]{0,40}?(?:discretion|wish(?:es)?|preferences?|judgement)|depends? (?:up)?on [^,;.]{0,40}?(?:wish(?:es)?|preferences?|mood|taste)|up to (?:them|you|it|him|her)(?! to\b)|"
    r"(?:nice|small|little|mere) (?:extra|touch|addition|plus|bonus|courtesy)|(?:friendly|kind) gesture|a courtesy|side issue|lesser concerns?|modest (?:part|role)|(?:little|no) odds|"
    r"(?:is|are|be|find) (?:\w+ ){0,4}?(?:agreeable|pleasant|handy)|at best|at most an?|(?:does|do|would do) no harm|"
    r"if (?:there is )?(?:time|money|the budget|it|they|he|she|you|the \w+) (?:allows?|permits?|stretch(?:es)?(?: to it)?|can spare[^,;.]*)|"
    r"no (?:real|great|particular) need|(?:not|n't)(?: \w+)? called for|(?:not|n't) (?:a |the )?priority|nothing more is asked|some (?:\w+ ){0,4}(?:like|choose|prefer) to|"
    r"a passing thought|should (?:it|they|you|he|she) (?:find|want|wish|like)|where (?:it|they|you) (?:feels?|finds?|sees?) [^,;.]*|well enough without)(?![\w-])",
    re.I,
)
# Modal verbs in such clauses say nothing of the sentence's own strength ("the risks that can arise").
_RELATIVE = re.compile(
    rf"(?<=\w)(?P<gap>,? )(?:(?P<word>what|how|why|whether|whom|whose|where|when|if)\b(?P<between>(?: (?!(?:does|do|is|are|was|were|has|have)\b)[\w'’-]+){{0,6}}?)|"
    rf"(?P<near>that|which|who)\b(?P<few>(?: [\w'’-]+){{0,1}}?)) (?P<modal>{_MODAL}|needs?|(?:is|are) (?:required|needed|necessary|essential))\b",
    re.I,
)
_SURE_RELATIVES = {"what", "which", "who", "whom", "how", "why", "whether", "whose"}
_WEAK_MODAL = re.compile(r"^(?:can|could|may|might|will|would)$", re.I)
# "Without trust it cannot succeed" says that trust is essential.
_WITHOUT = re.compile(r"\b(?:without|unless)\b.*\b(?:cannot|can't|can not|will not|won't)\b", re.I)
_NO_MODAL = re.compile(
    r"\b(?:if|where|wherever|when|as|whenever) (?:it is |this is )?(?:necessary|needed|required|essential|important)\b|\b(?:cannot|can not|can't)\b|not always|not necessarily|(?:not|n't)\b[^,;.]*\bin (?:every|all) cases?|whether or not",
    re.I,
)
_POSSIBLE = re.compile(r"\b(?:can|could|may|might)\b([^,;:.]*)", re.I)
_IMPERATIVE = re.compile(
    r"^(?:(?:please|then|first|also|always|and|when [^,]*|where [^,]*|before [^,]*|in [^,]*|for each [^,]*|to [^,]*|with [^,]*|if [^,]*),? )?"
    r"(?:make|decide|define|name|set|settle|pick|choose|take|find|check|allocate|identify|establish|review|assess|evaluate|judge|implement|ensure|"
    r"tell|share|give|keep|start|begin|look|work|draw|agree|write|go|help|use|involve|plan|ask|put|consider|think|don't|do not|appoint|create|"
    r"develop|support|communicate|train|select|build|prepare|record|learn|stress|lead|undertake|adapt|get|see|jointly)\b",
    re.I,
)
# Modal verbs of such clauses speak of an end or a ground, not of what is asked.
_SUBORDINATE = re.compile(
    r"\b(?P<word>so that|because|(?:check|see|show|tell|know)s?(?:ing)? (?:to it )?that|the way)\b(?P<between>(?: [\w'’-]+){1,8}?) (?:can|could|may|might)\b|"
    r"(?<=\w)(?P<noun> (?:they|you|we|it)) will\b",
    re.I,
)
_CONSIDER = re.compile(r"(?:^|\bshould (?:also )?)consider (?:\w+ing\b|an?\b|whether\b|the idea\b)", re.I)
_CONSIDERS = re.compile(
    r"\b(?:consider\w*|think(?:ing)? (?:about|of)|thought|worth(?:while)?|weigh\w*|contemplat\w+|look(?:ing)? (?:at|into)|examin\w+|explor\w+|"
    r"evaluat\w+|bear in mind|open to|ask whether|possibility|option)\b",
    re.I,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Strength:
    """How strongly a text speaks.

    Attributes:
        rungs: The rungs that it stands on; empty where it states a plain fact.
        considers: Whether it only recommends to consider something.
        declared: Whether it says outright that something is optional ("need not", "if they like").
        options: Stems of what it calls possible ("can", "may").
        sure: Whether it leaves no doubt, or lets nothing out.
    """

    rungs: frozenset[float]
    considers: bool
    declared: bool = False
    options: frozenset[str] = frozenset()
    sure: bool = False


def strength_of(text: str, *, statement: bool = False) -> Strength:
    """How strongly a sentence, a list item with its lead-in, or a statement speaks.

    Args:
        text: The words.
        statement: A statement counts as considering by more words than a clause, which has its own term for it.
    """
    considers = bool((_CONSIDERS if statement else _CONSIDER).search(text))
    plain = _SUBORDINATE.sub(_without_end, _RELATIVE.sub(_without_modal, _NO_MODAL.sub(" ", text)))
    found: set[float] = {NEED} if _WITHOUT.search(text) else set()
    declared = bool(_OPTION.search(plain))
    if declared:
        found.add(MAY)
        plain = _OPTION.sub(" ", plain)
    found |= {level for level, pattern in _COMPILED if pattern.search(plain)}
    if not statement:
        found |= {level for level, pattern in _CLAUSES_OWN if pattern.search(plain)}
    if not found & {SHOULD, MUST, HAVE, NEED} and _IMPERATIVE.match(text):
        found.add(SHOULD)
    sure = bool(_SURE.search(text)) or (not statement and bool(_CLAUSE_SURE.search(text)))
    return Strength(frozenset(found), considers, declared, _options(text), sure)


def _options(text: str) -> frozenset[str]:
    """Stems of what a text calls possible, whatever clause of it says so."""
    return frozenset(s for m in _POSSIBLE.finditer(text) for s in stems(m[1]))


def _without_end(match: re.Match[str]) -> str:
    return match["noun"] or f"{match['word']}{match['between']}"


def _without_modal(match: re.Match[str]) -> str:
    word = match["word"] or match["near"]
    if (
        word.lower() in _SURE_RELATIVES
        or _WEAK_MODAL.match(match["modal"])
        or match["modal"].lower().startswith(("is", "are"))
    ):
        return f"{match['gap']}{word}{match['between'] or match['few'] or ''}"
    return match.group()


def compare_strength(statement: Strength, evidence: Iterable[Strength]) -> str:
    """ "strengthened", "weakened", or "" where a fitting sentence carries the statement's strength.

    Args:
        statement: Strength of the statement or of one part of it.
        evidence: Strength of each of the sentences that fit it best; one that agrees is enough.
    """
    verdicts = [_compare(statement, unit) for unit in evidence]
    return "" if not verdicts or "" in verdicts else verdicts[0]


def _compare(statement: Strength, unit: Strength) -> str:
    if statement.sure and not unit.sure:
        return "strengthened"
    if not statement.rungs:
        return ""
    claim, top = max(statement.rungs), max(unit.rungs - {ABSOLUTE}, default=0.0)
    if ABSOLUTE in statement.rungs and ABSOLUTE not in unit.rungs:
        return "strengthened"
    if any(top < least for rung, least in _CARRIED_BY.items() if rung in statement.rungs):
        return "strengthened"
    if claim >= HAVE:
        return ""
    if claim >= SHOULD:
        only_considered = unit.considers and not statement.considers and MAY not in statement.rungs
        return "strengthened" if only_considered or top == MAY else ""
    if claim == WILL:
        return "strengthened" if top == MAY else ""
    if statement.declared:
        return "weakened" if top >= SHOULD and not unit.declared else ""
    if statement.options & unit.options:
        return ""
    return "weakened" if min(unit.rungs, default=0.0) >= SHOULD else ""


def is_option(rungs: Set[float]) -> bool:
    """Whether nothing but possibility or permission is spoken of."""
    return bool(rungs) and max(rungs) == MAY


def demands(strength: Strength) -> bool:
    """Whether a text leaves no choice: it speaks of a must, or allows no exception."""
    return max(strength.rungs, default=0.0) >= HAVE


def is_task(strength: Strength) -> bool:
    """Whether something is asked of somebody."""
    return max(strength.rungs, default=0.0) >= SHOULD


def is_imperative(text: str) -> bool:
    """Whether a text tells the reader to do something."""
    return _IMPERATIVE.match(text) is not None
