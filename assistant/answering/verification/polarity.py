"""Polarity: a statement must not deny what the clause affirms, nor affirm what it denies."""

from __future__ import annotations

import re

_NEGATION = re.compile(
    r"(?<![\w-])(?:not|\w+n't|cannot|no|none|nobody|no-one|nothing|never|without|neither|nor|rather than|instead of|as opposed to|avoid(?:s|ed|ing)?|"
    r"prevent(?:s|ed|ing)?|fail(?:s|ed|ing|ure)?|lack(?:s|ing)?|leav(?:e|es|ing) (?:\w+ ){0,4}?(?:out|aside|untouched)|"
    r"ke(?:ep|eps|pt|eping) (?:\w+ )?(?:out|away|from)|hardly(?: ever)?|rarely|seldom|unless|refus\w+|ignor\w+|neglect\w*|"
    r"unclear|undefined|unaware|unaddressed|unable|inappropriate|uncertain\w*|impractical|unfavou?rable|too little|beyond)(?![\w-])",
    re.I,
)
_HARMLESS = re.compile(
    r"\b(?:not only|not just|not merely|not solely|no matter|no two|no less|whether or not|not least|need not|needn't|no one but|nothing but|"
    r"(?:do|does|did)(?: not|n't) (?:really )?(?:have|need) to|not (?:really )?(?:necessarily|always)|if not|without prejudice|no later than|not to mention)\b",
    re.I,
)
_OPPOSITES: tuple[tuple[str, str], ...] = (
    (r"simple|simply|simpler|straightforward|lean", r"complex|complicated|elaborate"),
    (r"same|identical|alike|uniform", r"differ(?:s|ing|ent|ently)?|varied|var(?:y|ies)"),
    (r"often|frequently|usually|mostly|commonly|likely|typically|generally", r"rarely|seldom|hardly(?: ever)?|scarcely|unlikely"),
    (r"early|earliest|beforehand|start|outset|beginning|before|initial(?:ly)?", r"late|later|latest|last minute|afterwards|after"),
    (r"accessible|available|reachable|within reach|open to|shared", r"inaccessible|unavailable|kept from|out of reach|hidden|secret"),
    (r"clear|clearly|clarity", r"unclear|vague|ambiguous|ambiguity"),
    (r"encourag\w+|support\w*|promot\w+|foster\w*", r"discourag\w+|hinder\w*|undermin\w+|forbid\w*|hamper\w*"),
    (r"strengthen\w*|reinforc\w+|enhanc\w+|improv\w+", r"weaken\w*|worsen\w*|reduc\w+|lower\w*|harm\w*|damag\w+|unsettl\w+"),
    (r"more", r"less|fewer|no more"),
    (r"faster|quick\w*|speed\w*", r"slow\w*"),
    (r"higher|bigger|larger", r"lower|smaller"),
    (r"together|jointly|joint", r"alone|separately|on its own|on their own"),
    (r"include\w*|including|cover\w*", r"exclud\w+|leav(?:e|es|ing) (?:\w+ ){0,4}?out|omit\w*"),
)
_PAIRS = tuple(
    (re.compile(rf"(?<![\w-])(?:{a})(?![\w-])", re.I), re.compile(rf"(?<![\w-])(?:{b})(?![\w-])", re.I)) for a, b in _OPPOSITES
)
_ONLY = re.compile(r"(?<!not )(?<!n't )(?<!and )\b(?:only|solely|exclusively|alone)\b(?! (?:where|if|when|one|as|because|indirectly))", re.I)
_LIMITS = re.compile(r"\b(?:only|solely|exclusively|alone|just|limited|restricted|single|largely|mainly|basis of|based on)\b", re.I)


def negations(text: str) -> int:
    """How often a text denies; turns that deny nothing ("not only", "need not") do not count."""
    return len(_NEGATION.findall(_HARMLESS.sub(" ", text)))


def contradicts(statement: str, sentence: str) -> bool:
    """Whether a statement about the same thing says the opposite of a sentence.

    A denial on one side or an opposite word ("often", "rarely") turns the meaning; both together leave it as it is.
    """
    turned = (negations(statement) % 2) != (negations(sentence) % 2)
    opposite = any(
        (a.search(statement) and b.search(sentence) and not a.search(sentence) and not b.search(statement))
        or (b.search(statement) and a.search(sentence) and not b.search(sentence) and not a.search(statement))
        for a, b in _PAIRS
    )
    return turned != opposite


def adds_only(statement: str, evidence: str) -> bool:
    """Whether a statement restricts ("only", "alone") where the evidence restricts nothing."""
    return bool(_ONLY.search(statement)) and not _LIMITS.search(evidence)
