"""Words of a plan against words of the guidance: content stems, concepts with their synonyms, and cues of commitment."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path

import Stemmer

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "being",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "each",
        "for",
        "from",
        "had",
        "has",
        "have",
        "he",
        "her",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "may",
        "might",
        "must",
        "no",
        "nor",
        "not",
        "of",
        "on",
        "or",
        "other",
        "our",
        "out",
        "own",
        "shall",
        "she",
        "should",
        "so",
        "such",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "to",
        "too",
        "up",
        "upon",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "whom",
        "whose",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
        "also",
        "all",
        "both",
        "more",
        "most",
        "some",
    ]
)
_STEMMER = Stemmer.Stemmer("english")
_NUMBER = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|half|once|twice)\b", re.I
)
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][a-z]+\b")


def content_stems(text: str) -> tuple[str, ...]:
    """Stems of the words that carry meaning, in order."""
    return tuple(
        _STEMMER.stemWords([w for w in (m.lower() for m in _WORD.findall(text)) if w not in _STOP and len(w) > 1])
    )


@lru_cache(maxsize=1)
def _lexicon() -> tuple[dict[str, re.Pattern[str]], dict[str, re.Pattern[str]]]:
    values = tomllib.loads((Path(__file__).parent / "concepts.toml").read_text(encoding="utf-8"))
    return _compiled(values["concepts"]), _compiled(values["cues"])


def _compiled(groups: dict[str, list[str]]) -> dict[str, re.Pattern[str]]:
    return {
        name: re.compile(rf"(?<!\w)(?:{'|'.join(_alternative(w) for w in words)})", re.I)
        for name, words in groups.items()
    }


def _alternative(word: str) -> str:
    return rf"{re.escape(word[1:])}(?!\w)" if word.startswith("=") else re.escape(word)


@lru_cache(maxsize=50_000)
def concepts_of(text: str) -> frozenset[str]:
    """Concepts of the lexicon that a text touches."""
    return frozenset(name for name, pattern in _lexicon()[0].items() if pattern.search(text))


def cue_counts(text: str) -> dict[str, int]:
    """How often a text puts off ("later"), does a part only ("part"), lays down the opposite ("against"), or commits ("firm")."""
    return {name: len(pattern.findall(text)) for name, pattern in _lexicon()[1].items()}


def number_count(text: str) -> int:
    """Numbers in figures or words: plans that commit say how many, how much and when."""
    return len(_NUMBER.findall(text))


def name_count(text: str) -> int:
    """Capitalised words inside sentences: names of people, firms and papers."""
    return len(_NAME.findall(text))
