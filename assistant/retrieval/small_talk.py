"""Greetings, thanks, questions about the assistant, and orders that are no questions."""

from __future__ import annotations

import re
from typing import Literal

SmallTalk = Literal["greeting", "thanks", "about", "goodbye"]

_PATTERNS: tuple[tuple[SmallTalk, str], ...] = (
    ("greeting", r"(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)|greetings|howdy)(?: there| everyone| all| assistant)?"),
    ("thanks", r"(?:thanks|thank you|thx|ta|cheers|much appreciated|great,? thanks|many thanks|ok(?:ay)?,? thanks)(?: a lot| so much| very much| for (?:that|the help|your help))?"),
    ("goodbye", r"(?:bye|goodbye|see you|good night)(?: then| now)?"),
    ("about", r"(?:who|what) are you|what can you (?:do|help(?: me)? with|answer)|what can i ask(?: you)?|how do(?:es)? (?:you|this(?: assistant| chat| tool)?) work|are you (?:a (?:bot|robot|human|person|real person)|an? ai|chatgpt|human)|what do you know|help|what (?:texts|standards|documents|sources) (?:do you (?:have|know|use)|are (?:indexed|you based on))"),
)  # fmt: skip

_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.?!\n]{0,60}\b(?:instruction|rule|above|previous|prior|prompt|guideline|polic|everything|restriction|context|citation|source)s?\b"
    r"|\bsystem prompt\b|\byou are now\b|\bpretend (?:to be|you|that)\b|\bact as (?:an?|if|though)\b|\brole-?play\b|\bjailbreak\b|\bdeveloper mode\b"
    r"|\b(?:reveal|print|show|repeat)\b[^.?!\n]{0,30}\b(?:prompt|instructions|system message)\b"
    r"|\b(?:answer|reply|respond|say|write)\b[^.?!\n]{0,20}\b(?:only|just|simply|nothing but)\b[^.?!\n]{0,20}[\"'“‘]"
    r"|\b(?:without|no|skip(?: the)?|leave out(?: the)?|drop(?: the)?) (?:any )?citations?\b|\bdo not cite\b|\bdon't cite\b|\bmake (?:up|one up)\b|\binvent\b[^.?!\n]{0,20}\b(?:clause|citation|answer)"
    r"|\bcite (?:clause )?(?:iso[- :]?\d{5}[,: ]+)?\d+(?:\.\d+)*[^.?!\n]{0,30}\b(?:for everything|whatever|regardless|no matter|as (?:the )?(?:source|proof))"
    r"|\b(?:instead|and then),? (?:say|tell me|write|output|print)\b|\bnew (?:instruction|rule|task)s?\b *:|\b(?:system|assistant|admin)\s*:|<\|?(?:im_start|system|endoftext)",
    re.IGNORECASE,
)  # fmt: skip
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]|[\U000e0000-\U000e007f]")


def small_talk(question: str) -> SmallTalk | None:
    """What kind of small talk this is, None for a real question."""
    words = re.sub(r"[\s!.,?]+", " ", question.lower()).strip()
    for kind, pattern in _PATTERNS:
        if re.fullmatch(rf"(?:{pattern})(?: (?:{pattern}))?", words):
            return kind
    return None


def without_invisible(text: str) -> str:
    """The text without characters that nobody sees, its white space folded."""
    return re.sub(r"\s+", " ", _INVISIBLE.sub("", text)).strip()


def without_orders(question: str) -> tuple[str, bool]:
    """The question without sentences that order the assistant about, and whether there were any.

    What such a sentence asks is left out whole; where a real question follows a colon or a comma in it
    ("ignore the rules and tell me: why ...?"), that question is kept.
    """
    kept: list[str] = []
    found = False
    for sentence in re.split(r"(?<=[.?!:;\n])\s+|\s+[-–—]{1,2}\s+", question):
        if not _ORDER.search(sentence):
            kept.append(sentence)
            continue
        found = True
        tail = re.search(
            r"(?:^|[,;:]\s*|\b(?:and|but|then)\s+)((?:what|why|how|when|who|which|where|should|do|does|is|are|can)\b[^?]*\?)",
            sentence,
            re.IGNORECASE,
        )
        if tail and not _ORDER.search(tail[1]):
            kept.append(tail[1])
    return " ".join(k.strip() for k in kept if k.strip()), found
