"""Comparisons: questions that want the same matter told from several texts, side by side.

A question may mention a small firm and a large one and still want one answer ("how many meetings may we ask of a small
supplier?"). It compares where it names several of the texts, or where it is built like the comparisons among the labelled
questions of `corpus/questions/comparisons.jsonl`: a linear model on its words, with the texts and the sides as words of their
own (`scripts/train_comparisons.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from assistant.retrieval.naming import LIFE_CYCLE, SIDE_SOURCE, speaks_of_life_cycle
from assistant.retrieval.needs import told_and_asked

WEIGHTS = Path(__file__).with_name("comparisons.npz")
LONGEST_RUN = 3
# So likely a question has to be a comparison to be answered as one; chosen on the labelled questions (docs/retrieval.md).
LEAST = 0.4
# The same where one text alone is named.
LEAST_OF_ONE = 0.85

_BODY = (
    r"(?:firm|company|companie|business|businesse|organi[sz]ation|enterprise|partner|one|outfit|side|supplier|customer|buyer"
    r"|player|party|partie|guy|fish|shop|workshop|house|studio|brand|agency|agencie|lab|maker|retailer|manufacturer|operator"
    r"|corporation|corporate|employer|client|contractor|vendor|group|boss|boy|end)s?"
)
_NUMBER = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty)"
_SMALL_SIZE = rf"(?:small(?:er)?|little|tiny|micro|mini|minnow|family|{_NUMBER}[- ](?:person|man|woman|people|strong))"
_LARGE_SIZE = (
    r"(?:large(?:r)?|big(?:ger)?|giant|huge|major|multinational|listed|\d{1,3},?000[- ](?:person|strong|people))"
)
_SMALL = (
    rf"(?:{_SMALL_SIZE}[- ](?:\w+ )?{_BODY}|msmes?|smes?|the (?:small(?:er)?|little)|minnows?|small fry|start-?ups?)"
)
_LARGE = (
    rf"(?:{_LARGE_SIZE}[- ](?:\w+ )?{_BODY}|corporat(?:es?|ions?)|multinationals?|conglomerates?"
    r"|the (?:large(?:r)?|big(?:ger)?|whale)|giants?)"
)
_TEXT = r"(?:standard|document|doc|guide|text|guideline|paper|iso|guidance|publication|volume|booklet)s?"


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)


_SMALL_SIDE, _LARGE_SIDE = _words(_SMALL), _words(_LARGE)
_SMALL_TEXT = _words(rf"44003|(?:msme|sme|small(?:er)?[- ]\w+)[- ](?:{_TEXT}|one)|{_TEXT} for (?:the )?{_SMALL}")
_LARGE_TEXT = _words(
    rf"44004|(?:large(?:r)?|big(?:ger)?)(?:[- ]{_TEXT}|[- ]\w+[- ](?:{_TEXT}|one))|{_TEXT} for (?:the )?{_LARGE}"
)
_BOTH_TEXTS = _words(
    rf"(?:both|the two|two|either|each)(?: of the)?(?: two)?(?: [\w-]+)? {_TEXT}"
    r"|(?:each|either) (?:side|one) (?:say|tell|want|ask|recommend|expect|advise|treat)\w*"
)
_THE_TEXTS = _words(r"the (?:standards|documents|guides|texts|guidelines|principles)")
# What stands for the rest, in this order.
_STAND_INS = (
    (_words(r"(?:iso |bs )?(?:44001|11000)|life[- ]?cycle|eight[- ](?:stage|step)s?"), " CYCLE "),
    (_words(r"(?:iso )?(?:44003|44004)"), " STANDARD "),
    (_words(_TEXT), " TEXT "),
    (_SMALL_SIDE, " SMALL "),
    (_LARGE_SIDE, " LARGE "),
)
_TOKEN = re.compile(r"[A-Za-z0-9']+|[?,;:]")
_ASKING = r"(?:who|whom|whose|what(?:['’]?s)?|why|how|when|where|which|whether|should|do|does|is|are|can|may|must|will|would|could|if)"
_ASKS = re.compile(rf"(?<![-\w]){_ASKING}\b", re.IGNORECASE)
_HALVES = re.compile(
    rf"\s*[;,]\s*(?:and\s+|or\s+|but\s+|plus\s+|while\s+|whereas\s+)?(?={_ASKING}\b)"
    rf"|\s(?:and|or|but|plus)\s+(?:also\s+)?(?={_ASKING}\b)|,?\s+(?:while|whereas)\s+",
    re.IGNORECASE,
)
# In front of whoever a question is about: "does the small firm ...", "asked of the little one", "tell us".
_BEFORE = (
    r"(?:do|does|did|should|can|could|must|will|would|may|might|shall|is|are|was|were|has|have|of|from|for|to|by|in|on|about|at"
    r"|what['’]?s|tells?|advises?|asks?|expects?|wants?|requires?|gives?)"
)
_ARTICLE = r"(?:(?:a|an|the|any|our|their|my|your) )?"
_ABOUT = {
    "us": _words(rf"(?:{_BEFORE}|if|when|as|since) (?:we|i|us|ourselves|ours|our (?:own|side|end|part))"),
    "small": re.compile(rf"(?:^|\b{_BEFORE} ){_ARTICLE}{_SMALL}\b", re.IGNORECASE),
    "large": re.compile(rf"(?:^|\b{_BEFORE} ){_ARTICLE}{_LARGE}\b", re.IGNORECASE),
}
_LONGEST_READ = 200
"""Words of a question that are looked at; a comparison is put in fewer."""
_LONGEST_TEXT, _MOST_PARTS = 1500, 3


def compared_texts(question: str) -> tuple[str, ...]:
    """Source ids of the texts that a question wants to hear side by side; empty where one answer is wanted."""
    named = _named_texts(question)
    outright = len(named) > 1 and LIFE_CYCLE not in named
    least = LEAST_OF_ONE if len(named) == 1 else LEAST
    if not outright and chance(question) < least:
        return ()
    sides = tuple(SIDE_SOURCE.values())
    if LIFE_CYCLE not in named:
        return sides
    mentioned = (_SMALL_SIDE.search(question), _LARGE_SIDE.search(question))
    beside = named[1:] or tuple(s for s, m in zip(sides, mentioned, strict=True) if m) or sides
    return (LIFE_CYCLE, *beside)


def chance(question: str) -> float:
    """How likely a question is a comparison by the way it is built, 0 to 1."""
    weights, bias = _weights()
    return float(1 / (1 + np.exp(-(bias + sum(weights.get(run, 0.0) for run in runs_of_words(question))))))


def runs_of_words(question: str) -> set[str]:
    """What the model sees: runs of one to three words and marks, with one word for each text and each side, and whether
    parts of the question ask about different sides; of its first two hundred words."""
    text = question.lower().replace("’", "'")
    for pattern, word in _STAND_INS:
        text = pattern.sub(word, text)
    tokens = _TOKEN.findall(text)[:_LONGEST_READ]
    starts = range(len(tokens))
    runs = {" ".join(tokens[i : i + n]) for n in range(1, LONGEST_RUN + 1) for i in starts[: len(tokens) - n + 1]}
    return runs | ({"SIDES OF PARTS"} if _parts_differ(question[:_LONGEST_TEXT]) else set())


def _parts_differ(question: str) -> bool:
    """Whether it has two parts that ask, one about one side and one about another."""
    told, asked = told_and_asked(question)
    parts = [part for sentence in asked or told for part in _HALVES.split(sentence) if _ASKS.search(part)]
    about = [_about(part) for part in parts[:2]]
    return len(parts) <= _MOST_PARTS and "" not in about and len(set(about)) > 1


def _about(part: str) -> str:
    """Whom a part asks about: "us", "small" or "large"; "" where nobody, or two besides us."""
    whom = [side for side, words in _ABOUT.items() if words.search(part)]
    return whom[0] if len(whom) == 1 or whom[:1] == ["us"] else ""


@lru_cache(maxsize=1)
def _weights() -> tuple[Mapping[str, float], float]:
    with np.load(WEIGHTS) as arrays:
        runs, weights = arrays["runs"].tolist(), arrays["weights"].astype(float).tolist()
        return dict(zip(runs, weights, strict=True)), float(arrays["bias"])


def _named_texts(question: str) -> tuple[str, ...]:
    """The texts that are named, the life cycle first."""
    cycle = speaks_of_life_cycle(question)
    both = bool(_BOTH_TEXTS.search(question) or (cycle and _THE_TEXTS.search(question)))
    sides = zip(SIDE_SOURCE.values(), (_SMALL_TEXT, _LARGE_TEXT), strict=True)
    return (*((LIFE_CYCLE,) if cycle else ()), *(source for source, name in sides if both or name.search(question)))
