"""Greetings, thanks, questions about the assistant, and orders that are no questions."""

from __future__ import annotations

import re
from typing import Literal

SmallTalk = Literal["greeting", "thanks", "about", "goodbye", "nod"]

_PATTERNS: tuple[tuple[SmallTalk, str], ...] = (
    ("greeting", r"(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)|greetings|howdy)(?: there| everyone| all| assistant)?"),
    ("thanks", r"(?:thanks|thank you|thx|ta|cheers|much appreciated|great,? thanks|many thanks|ok(?:ay)?,? thanks)(?: a lot| so much| very much| for (?:that|the help|your help))?"),
    ("goodbye", r"(?:bye|goodbye|see you|good night)(?: then| now)?"),
    ("nod", r"(?:yes|yeah|yep|yup|no|nope|ok|okay|sure|right|fine|i see|got it|understood|maybe|perhaps|indeed|exactly|agreed|hm+|aha?)"),
    ("about", r"(?:who|what) are you|what can you (?:do|help(?: me)? with|answer)|what can i ask(?: you)?|how do(?:es)? (?:you|this(?: assistant| chat| tool)?) work|are you (?:a (?:bot|robot|human|person|real person)|an? ai|chatgpt|human)|what do you know|help|what (?:texts|standards|documents|sources) (?:do you (?:have|know|use)|are (?:indexed|you based on))"),
)  # fmt: skip

# What a sentence commands. It is an order where the command opens a clause of it, or where it speaks to "you".
_COMMAND = (
    r"(?:(?:ignore|disregard|forget|override|bypass)\b[^.?!\n]{0,60}\b(?:instructions?|rules?|above|previous|prior|prompt|guidelines?|polic(?:y|ies)"
    r"|everything|restrictions?|context|citations?|sources?)\b"
    r"|pretend (?:to be|you|that)\b|act as (?:an?|if|though)\b|role-?play\b"
    r"|(?:reveal|print|show|repeat)\b[^.?!\n]{0,30}\b(?:prompt|instructions|system message)\b"
    r"|(?:answer|reply|respond|say|write)\b[^.?!\n]{0,20}\b(?:only|just|simply|nothing but)\b[^.?!\n]{0,20}[\"'“‘]"
    r"|(?:(?:answer|reply|respond|write|do it)\b[^.?!\n]{0,40}\b)?(?:without|no|skip(?: the)?|leave out(?: the)?|drop(?: the)?) (?:any )?citations?\b"
    r"|do not cite\b|don['’]t cite\b|make (?:up|one up)\b|invent\b[^.?!\n]{0,20}\b(?:clause|citation|answer)"
    r"|cite (?:clause )?(?:iso[- :]?\d{5}[,: ]+)?\d+(?:\.\d+)*[^.?!\n]{0,30}\b(?:for everything|whatever|regardless|no matter|as (?:the )?(?:source|proof)))"
)
_OPENS = re.compile(
    rf"(?:^\W{{0,5}}(?:(?:and|but|so|or|then|also|now|just|besides|first|next|instead|let us|let['’]s)\W{{1,3}}){{0,4}}"
    rf"|[,;:–—>(\"“‘]\W{{0,3}}(?:and |but |then )?|\bplease\W{{1,3}})(?:please |just |now |also |then )?{_COMMAND}",
    re.IGNORECASE,
)
_ANYWHERE = re.compile(rf"\b{_COMMAND}", re.IGNORECASE)
_TO_YOU = re.compile(r"\byou(?:rs?|['’](?:re|ll))?\b", re.IGNORECASE)
# What gives an order away wherever it stands.
_GIVEN_AWAY = re.compile(
    r"\bsystem prompt\b|\byou are now (?:an?|the|in|free|dan|un\w+)\b|\bjailbreak\b|\bdeveloper mode\b|\b(?:instead|and then),? (?:say|tell me|write|output|print)\b"
    r"|\bnew (?:instruction|rule|task)s? *:|(?:^|[.?!>\]]\s*)(?:system|assistant|admin)\s*:|<\|?(?:im_start|system|endoftext)"
    r"|\b(?:your|hidden) (?:(?:own|hidden|secret|original|initial) )?(?:prompt|system message)\b"
    r"|\b(?:what are|tell me|reveal|print|show(?: me)?|repeat|ignore|forget|disregard|override|bypass) your (?:\w+ )?(?:instructions|rules)\b",
    re.IGNORECASE,
)
_TOLD_TO = re.compile(
    rf"(?:can|could|would|will|should|must|do) you (?:please |now |just )?(?:{_COMMAND})", re.IGNORECASE
)
_ASKS = re.compile(
    r"(?:and |but |so |or |then )?(?:who|whom|whose|what|why|how|when|where|which|should|shall|do|does|did|is|are|was|were|can|could"
    r"|may|might|must|will|would|has|have|if)\b",
    re.IGNORECASE,
)


def small_talk(question: str) -> SmallTalk | None:
    """What kind of small talk this is, None for a real question."""
    words = re.sub(r"[\s!.,?]+", " ", question.lower()).strip()
    for kind, pattern in _PATTERNS:
        if re.fullmatch(rf"(?:{pattern})(?: (?:{pattern}))?", words):
            return kind
    return None


def without_orders(question: str) -> tuple[str, bool]:
    """The question without sentences that order the assistant about, and whether there were any.

    A sentence that asks is kept whole, whatever verbs are in it ("can a partner override the rules we agreed?"). What an
    order asks is left out whole; where a real question follows a colon or a comma in it ("ignore the rules and tell me:
    why ...?"), that question is kept.
    """
    kept: list[str] = []
    found = False
    for sentence in re.split(r"(?<=[.?!\n])\s+", question):
        if _is_question(sentence) and not _is_order(sentence):
            kept.append(sentence)
            continue
        for part in re.split(r"(?<=[:;])\s+|\s+[-–—]{1,2}\s+", sentence):
            if not _is_order(part):
                kept.append(part)
                continue
            found = True
            tail = re.search(
                r"(?:^|[,;:]\s*|\b(?:and|but|then)\s+)((?:what|why|how|when|who|which|where|should|do|does|is|are|can)\b[^?]*\?)",
                part,
                re.IGNORECASE,
            )
            if tail and not _is_order(tail[1]):
                kept.append(tail[1])
    return " ".join(k.strip() for k in kept if k.strip()), found


def _is_order(sentence: str) -> bool:
    """Whether a sentence tells the assistant what to do."""
    if _GIVEN_AWAY.search(sentence):
        return True
    if _is_question(sentence):
        return bool(_TOLD_TO.match(sentence))
    return bool(_OPENS.search(sentence)) or bool(_TO_YOU.search(sentence) and _ANYWHERE.search(sentence))


def _is_question(sentence: str) -> bool:
    """Whether a sentence opens with a word that asks and ends in a question mark."""
    return bool(_ASKS.match(sentence)) and "?" in sentence[-3:]
