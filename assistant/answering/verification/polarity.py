"""Polarity: a statement must not deny what the clause affirms, nor affirm what it denies."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.index.lexical import stems

_NEGATION = re.compile(
    r"(?<![\w-])(?:not|\w+n't|cannot|no|none|nobody|no-one|nothing|never|without|neither|nor|avoid(?:s|ed|ing)?|prevent(?:s|ed|ing)?|"
    r"fail(?:s|ed|ing(?= to)|ure)?|lack(?:s|ing)?|leav(?:e|es|ing) (?=(?:\w+ ){0,4}?(?:out|aside|untouched))|left (?:out|aside|untouched)|"
    r"ke(?:ep|eps|pt|eping) (?:\w+ )?(?:out|away|from)|hardly(?: ever)?|rarely|seldom|scarcely|refus\w+|ignor\w+|neglect\w*|exclud\w+|omit\w*|"
    r"withh\w+|unclear|undefined|unaware|unaddressed|unable|inappropriate|uncertain\w*|impractical|unfavou?rable|mishandled|stop(?:s|ped)?|"
    r"hold(?:s|ing)? back|for want of|held back|miss(?:es|ed|ing)?|exceed\w*|poor(?:ly)?|un(?!der|til|less|ion|it|iversal|ique|cover|ified|iform|iting)\w{4,})(?![\w-])",
    re.I,
)
_HARMLESS = re.compile(
    r"\b(?:(?:not|\w+n't) (?:only|just|merely|solely|least|to mention|necessarily|always)|no matter|no less|whether or not|no one but|nothing but|"
    r"no later than|not (?:un\w+|(?:specific|tied|limited|restricted|confined) to)|(?:not|\w+n't) (?:[\w-]+ ){1,4}(?:just|only|merely|alone)|cannot be shared|no (?:cure-all|guarantee|substitute|panacea|secret|doubt|question))\b|"
    r"\b(?:not|\w+n't|never) (?:to )?(?:forget|leave|neglect|skip|overlook|wait|omit|ignore|hesitate|fail|hide|hold|keep|miss)\b[^,;.]*|"
    r"\b(?:not|\w+n't|never|no \w+)\b[^,;.]*?\b(?:alone|only|in-house|single-handed\w*|(?:on|by) (?:its|their|your|his|her) own|by (?:itself|themselves|yourself)|until|enough|mere(?:ly)?|just)\b|"
    r"\b(?:nothing new|not (?:all|every|enough)|no one (?:firm|partner|side)|not (?:keeping|hiding|leaving)|for any reason|not have to be the same)\b|"
    r"\b(?:not|\w+n't)\b[^,;.]*\bin (?:every|all) cases?\b|(?<![\w-])without(?= having to)",
    re.I,
)
_COMPARES = re.compile(r"\brather than\b|\binstead of\b|\bas opposed to\b|\b(?:more|less)\b[^,;.]*\bthan\b", re.I)
_CONDITION = re.compile(r"^(?:and |but |so )?(?:if|unless|without|failing|otherwise|where|when|in case)\b", re.I)
_LESSENED = re.compile(r"\b(?:less|fewer|not as|not so|not too|hardly) $", re.I)
_SCOPE_WORDS = 3
_OPPOSITES: tuple[tuple[str, str], ...] = (
    (r"simple|simply|simpler|straightforward", r"complex|complicated|elaborate"),
    (r"same|identical|alike|uniform", r"differ(?:s|ing|ent|ently)?|varied|var(?:y|ies)"),
    (
        r"early|earliest|beforehand|start|outset|beginning|before|initial(?:ly)?",
        r"late|later|latest|last minute|afterwards|after",
    ),
    (r"accessible|available|reachable|within reach|open to|shared", r"inaccessible|out of reach|hidden|secret"),
    (r"clear|clearly|clarity", r"vague|ambiguous|ambiguity"),
    (r"encourag\w+|support\w*|promot\w+|foster\w*", r"discourag\w+|hinder\w*|undermin\w+|forbid\w*|hamper\w*"),
    (
        r"strengthen\w*|reinforc\w+|enhanc\w+|improv\w+",
        r"weaken\w*|worsen\w*|reduc\w+|lower\w*|harm\w*|damag\w+|unsettl\w+",
    ),
    (r"faster|quick\w*|speed\w*", r"slow\w*"),
    (r"together|jointly|joint", r"alone|separately|on its own|on their own"),
)
_PAIRS = tuple(
    (re.compile(rf"(?<![\w-])(?:{a})(?![\w-])", re.I), re.compile(rf"(?<![\w-])(?:{b})(?![\w-])", re.I))
    for a, b in _OPPOSITES
)
_ONLY = re.compile(
    r"(?<!not )(?<!n't )(?<!and )(?<!not just )(?<!not merely )(?<!left )\b(?:only|solely|exclusively|alone)\b(?! (?:of itself|of themselves|about itself|where|if|when|one|as|because|indirectly|with|through|after|then|by))",
    re.I,
)
_LIMITS = re.compile(
    r"\b(?:only|solely|exclusively|alone|just|limited|restricted|single|largely|mainly|basis of|based on)\b", re.I
)


def negations(text: str) -> list[frozenset[str]]:
    """What a text denies: the stems behind each denial. Turns that deny nothing ("not only") do not count."""
    plain = _HARMLESS.sub(" ", text)
    return [
        frozenset(stems(re.split(r"[,;:.]", plain[m.end() :])[0])[:_SCOPE_WORDS]) for m in _NEGATION.finditer(plain)
    ]


def contradicts(statement: str, sentences: Sequence[str]) -> bool:
    """Whether a statement says the opposite of the sentences about the same thing.

    A denial on one side or an opposite word ("early", "late") turns the meaning; both together leave it as it is.
    A denial only counts where it denies something that the other side speaks of.

    Args:
        statement: The statement or a part of it.
        sentences: The sentences that fit it best; those that agree among each other in other words.
    """
    if _CONDITION.match(statement) or any(_COMPARES.search(text) for text in (statement, *sentences)):
        return False
    relations = [_relation(statement, s) for s in sentences]
    if any(r > 0 for r in relations):
        return False
    mine, theirs = negations(statement), [negations(s) for s in sentences]
    said = {stem for s in sentences for stem in stems(s)}
    denies = any(scope & said for scope in mine) and not any(theirs)
    own = set(stems(statement))
    denied = not mine and all(any(2 * len(scope & own) > len(scope) for scope in scopes) for scopes in theirs)
    opposed = bool(relations) and all(r < 0 for r in relations)
    return (denies or denied) != opposed


def _relation(one: str, other: str) -> int:
    """-1 where one text uses a word and the other its opposite, 1 where one of the two is denied, 0 for neither."""
    for first, second in _PAIRS:
        for a, b in ((one, other), (other, one)):
            left, right = list(first.finditer(a)), list(second.finditer(b))
            if left and right and not first.search(b) and not second.search(a):
                turned = any(_denied(m, a) for m in left) != any(_denied(m, b) for m in right)
                return 1 if turned else -1
    return 0


def _denied(match: re.Match[str], text: str) -> bool:
    if _LESSENED.search(text[: match.start()]):
        return True
    word = set(stems(match.group()))
    return any(word & scope for scope in negations(text))


def adds_only(statement: str, evidence: str) -> bool:
    """Whether a statement restricts ("only", "alone") where the evidence restricts nothing."""
    return bool(_ONLY.search(statement)) and not _LIMITS.search(evidence)
