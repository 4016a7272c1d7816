"""What a model wrote -> claims with their citation keys, whatever form it chose for them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assistant.answering.generation.context import plain_data
from assistant.characters import whole_characters, whole_json
from assistant.clauses.sentences import split_sentences

_BRACKETS = re.compile(r"\[([^\[\]\n]{1,80})\]|\((C\d[\dC., ;and]*)\)", re.I)
_KEY = re.compile(r"^[A-Za-z]{1,2}\d{1,3}(?:\.\d{1,3})?$")
_CITATION_ID = re.compile(r"^[a-z0-9][\w-]*:\S.*$", re.I)
_BULLET = re.compile(r"^\s*(?:[-*•–>]+|\d{1,2}[.)])\s+")
_LABEL = re.compile(r"^(?:statements?|answer|key points?)\s*\d*\s*:\s*", re.I)
_MARKUP = re.compile(r"\*\*|__|`|^#+\s*")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_FENCE = re.compile(r"^\s*```\w*\s*$")
_THOUGHTS = re.compile(r"<(think|thinking|thought|reasoning)>.*?(?:</\1>|\Z)", re.S | re.I)
# Some servers leave out the opening mark.
_THOUGHTS_END = re.compile(r"^.*</(?:think|thinking|thought|reasoning)>", re.M | re.I)
_NONE = re.compile(r"^\W*none\W*$", re.I)
_REFUSAL = re.compile(
    r"^(?:i(?:['’]m| am) (?:sorry|unable|not able)|i can(?:no|['’]|no)?t (?:help|assist|answer|do)|as an ai|sorry,)",
    re.I,
)
_MAX_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement as the model wrote it, before anybody believes it.

    Attributes:
        text: Its words without markup and keys.
        keys: The keys behind it as written, upper case.
    """

    text: str
    keys: tuple[str, ...]


def says_none(text: str) -> bool:
    """Whether the model found no answer in the clauses."""
    return bool(_NONE.match(text.strip()))


def refuses(text: str) -> bool:
    """Whether the model declines to answer at all."""
    return bool(_REFUSAL.match(text.strip()))


def without_thoughts(text: str) -> str:
    """A model's text without what it thought aloud, also where it has not come to the end of its thoughts."""
    return _THOUGHTS_END.sub("", _THOUGHTS.sub("", text))


def complete_lines(text: str) -> tuple[list[str], str]:
    """Lines of a growing text that will not change any more, and the rest."""
    *lines, rest = text.split("\n")
    return lines, rest


def claims_of(line: str) -> list[Claim]:
    """Claims of one line: JSON or words with keys behind them; a line that claims nothing gives none.

    A sentence takes the keys behind it; one without keys takes those of the next sentence of its line.
    """
    line = whole_characters(line).strip()
    if not line or _FENCE.match(line) or _NONE.match(line):
        return []
    if line.lstrip("[, ").startswith("{"):
        return list(_json_claims(line))
    return list(_word_claims(line))


def _json_claims(line: str) -> Iterator[Claim]:
    decoder, start = json.JSONDecoder(), line.find("{")
    while start >= 0:
        try:
            value, end = decoder.raw_decode(line, start)
            # An escape can stand for half a character.
            value = whole_json(line[start:end])
        except (ValueError, RecursionError):
            return
        if isinstance(value, dict):
            yield from _claims_in(value)
        start = line.find("{", end)


def _claims_in(value: dict[str, Any]) -> Iterator[Claim]:
    for inner in value.values():
        if isinstance(inner, list):
            for entry in inner:
                if isinstance(entry, dict):
                    yield from _claims_in(entry)
    text = next((value[k] for k in ("text", "statement", "claim", "sentence") if isinstance(value.get(k), str)), None)
    keys: Any = next(
        (value[k] for k in ("cite", "citations", "keys", "key", "citation", "sources", "clause") if k in value), []
    )
    if text is None:
        return
    listed = keys if isinstance(keys, list) else [keys]
    named = [k for key in listed for k in _split_keys(str(key).strip("[] "))]
    written = [k for m in _BRACKETS.finditer(text) for k in _split_keys(m[1] or m[2])]
    claim = Claim(_clean(_BRACKETS.sub("", text)), tuple(dict.fromkeys([*named, *written])))
    if claim.text:
        yield claim


def _word_claims(line: str) -> Iterator[Claim]:
    line = _LABEL.sub("", _BULLET.sub("", _MARKUP.sub("", line)))
    pieces: list[tuple[str, list[str]]] = []
    start = 0
    for match in _BRACKETS.finditer(line):
        keys = _split_keys(match[1] or match[2])
        if not keys:
            continue
        words = _clean(line[start : match.start()])
        start = match.end()
        if words:
            pieces += [(s.text, []) for s in split_sentences(words)]
        if pieces:
            pieces[-1][1].extend(keys)
    rest = _clean(line[start:])
    if re.search(r"\w", rest):
        pieces += [(s.text, []) for s in split_sentences(rest)]
    yield from _inherited(pieces)


def _inherited(pieces: list[tuple[str, list[str]]]) -> Iterator[Claim]:
    following: list[str] = []
    claims: list[Claim] = []
    for text, keys in reversed(pieces):
        following = keys or following
        claims.append(Claim(text, tuple(dict.fromkeys(keys or following))))
    yield from reversed(claims)


def _split_keys(inside: str) -> list[str]:
    """Keys between brackets; words between brackets that are no keys give none."""
    if _CITATION_ID.match(inside.strip()):
        return [inside.strip()]
    parts = [p.strip(" []") for p in re.split(r"[,;&]|\band\b", inside)]
    parts = [p for p in parts if p]
    return [p.upper() for p in parts] if parts and all(_KEY.match(p) for p in parts) else []


def _clean(text: str) -> str:
    words = " ".join(plain_data(_LINK.sub(r"\1", _MARKUP.sub("", text))).split()).strip(" -–•|")
    return re.sub(r"\s+([.,;:])", r"\1", words).lstrip(".,;: ")[:_MAX_CHARACTERS]
