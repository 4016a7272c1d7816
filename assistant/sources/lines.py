"""What one line of text says about itself: a marker, a note, a numbered heading, a contents entry."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from assistant.characters import without_invisible

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_BULLET = re.compile(r"(?:[-*–—‣▪◦●○■□➢➤✓°]\s+|[•·\uf0b7\uf0a7]\s*)(?=\S)")
_LETTERED = re.compile(r"(\(?(?:[a-z]{1,2}|[ivx]{1,5}|\d{1,2})\))\s+(?=\S)")
_DOTTED = re.compile(r"((?:\d{1,2}|[a-z])\.)\s+(?=\S)")
_NOTE = re.compile(r"(?:NOTE|Note)(?:\s+\d+)?(?:\s+to\s+entry)?(?:\s*[:—–-]|\s+(?=\S))")
_NUMBERED = re.compile(r"((?:\d{1,3}|[A-Z](?=\.\d))(?:\.\d{1,3})*)\.?\s+(\S.*)", re.DOTALL)
_ANNEX = re.compile(r"(?:Annex|ANNEX|Appendix|APPENDIX)\s+[A-Z]\b(?!\s+(?:and|or|to|for|of|is|are|can|should)\b)")
_CONTENTS = re.compile(r"\S.*?(?:\.{4,}|…{2,}|(?:\s\.){4,})\s*(?:\d{1,4}|[ivxlc]{1,7})?$")
_PAGE_END = re.compile(r"\S.*\t\s*(?:\d{1,4}|[ivxlc]{1,7})$")
_CLOSING = "\"'”’»)]"
MAX_HEADING_CHARACTERS = 160
_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}


def fold(text: str) -> str:
    """Return `text` with invisible characters removed and every run of white space made one space."""
    return " ".join(visible(text).split())


def visible(text: str) -> str:
    """Return `text` without zero-width, direction and control characters, its letters composed (Unicode's form C).

    Lines and tabs stay. A letter and an accent of its own would be two characters to searches and ids.
    """
    text = _CONTROL.sub(" ", without_invisible(text)).translate(_LIGATURES)
    return unicodedata.normalize("NFC", text)


def join_wrapped(lines: Iterable[str]) -> str:
    """Join the lines of one wrapped paragraph; a hyphen at a line end keeps its compound together."""
    parts: list[str] = []
    end = ""
    for line in lines:
        words = fold(line)
        parts += (glue(end), words)
        end = (end + parts[-2] + words)[-2:]
    return "".join(parts)


def glue(end: str) -> str:
    """What stands between a line and the next one of its paragraph.

    Args:
        end: The last two characters of the paragraph so far.
    """
    return "" if not end or re.search(r"\w-$", end) else " "


def ends_sentence(text: str) -> bool:
    """Return whether `text` ends in final punctuation, closing quotes and brackets aside."""
    return without_closing(text).endswith((".", "!", "?", ":", ";", "…"))


def without_closing(text: str) -> str:
    """Return `text` without white space, closing quotes and brackets, and marks of emphasis at its end."""
    return text.rstrip().rstrip(_CLOSING + "*_")


def starts_lower(text: str) -> bool:
    """Return whether the first letter of `text` is its first character and lower case."""
    return text[:1].islower()


def split_bullet(text: str) -> tuple[str, str]:
    """Split a bullet off: ("-", rest) where `text` begins with one, else ("", text)."""
    found = _BULLET.match(text)
    return ("-", text[found.end() :]) if found else ("", text)


def split_marker(text: str, *, dotted: bool = False) -> tuple[str, str]:
    """Split "a)", "1)", "iv)", "(a)" off the front of a list item.

    Args:
        text: An item's words, bullet removed.
        dotted: Take "1." for a marker too; outside a list it is more likely a heading's number.

    Returns:
        The marker and the rest, or "" and the whole text.
    """
    found = _LETTERED.match(text) or (_DOTTED.match(text) if dotted else None)
    return (found.group(1), text[found.end() :]) if found else ("", text)


def item_parts(text: str) -> tuple[str, str] | None:
    """Return marker and words where `text` is a list item by its own look, else None."""
    bullet, rest = split_bullet(text)
    marker, words = split_marker(rest)
    if marker:
        return marker, words
    return (bullet, rest) if bullet else None


def follows(marker: str, previous: str) -> bool:
    """Return whether `marker` is the next in the sequence after `previous` ("c)" after "b)")."""
    now, before = marker.strip("()."), previous.strip("().")
    if now.isdigit() and before.isdigit():
        return int(now) == int(before) + 1
    return len(now) == len(before) == 1 and ord(now) == ord(before) + 1


def is_note(text: str) -> bool:
    """Return whether `text` is a note: "NOTE ...", "NOTE 1 ...", "Note 1 to entry: ...", "Note: ..."."""
    found = _NOTE.match(text)
    if not found:
        return False
    # "Note that ..." opens an ordinary sentence; only the capitals, a number or a colon mark a note.
    return text.startswith("NOTE") or any(sign.isdigit() or sign == ":" for sign in found.group())


def heading_number(text: str) -> str:
    """Return the number of a line such as "5.1.2 Why: ..." or "A.3 Terms", "" where it is none.

    A numbered sentence ("3 of them left.", "2 litres") is no heading: the title starts with a capital,
    is short and does not end like a sentence.
    """
    found = _NUMBERED.fullmatch(text)
    if not found or len(text) > MAX_HEADING_CHARACTERS:
        return ""
    title = found.group(2)
    if title[0].islower() or not any(sign.isalpha() for sign in title) or _is_sentence(title):
        return ""
    return found.group(1)


def is_heading_line(text: str) -> bool:
    """Return whether a line is a heading by its words: a clause number or an annex, and a short title."""
    if heading_number(text):
        return True
    return bool(_ANNEX.match(text)) and len(text) <= MAX_HEADING_CHARACTERS and not _is_sentence(text)


def is_contents_line(text: str) -> bool:
    """Return whether a line is an entry of a contents page with dot leaders."""
    return bool(_CONTENTS.fullmatch(text))


def ends_in_page_number(text: str) -> bool:
    """Return whether a line ends in a tab and a page number, arabic or roman."""
    return bool(_PAGE_END.fullmatch(text))


def _is_sentence(text: str) -> bool:
    return text.endswith((".", ",", ";")) and not is_contents_line(text)
