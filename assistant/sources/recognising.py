"""Which known standard a document is, by the title that it bears itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from assistant.sources.document import Block, Document
from assistant.sources.lines import heading_number
from assistant.sources.manifest import KnownStandard

_MAX_OPENING = 4000
_SENTENCE_END = re.compile(r"[.!]['\"”’»)\]]*(?:$|\s+[A-Z])|[;:]$")
# A bought copy says on its cover who may use it; the title can stand below that.
_NOTICE = re.compile(
    r"licen[cs]ed (?:to|copy)|copyright|©|all rights reserved|downloaded|single[- ]user", re.IGNORECASE
)
_COVER_WORDS = frozenset(
    "the a an international british european standard standards publication first second third edition".split()
)


def known_standard(document: Document, standards: Iterable[KnownStandard]) -> KnownStandard | None:
    """The standard whose title this document bears, as its own title or above its first sentence.

    A text that only speaks of a standard is none: neither one whose sentences name the title, nor one whose
    heading puts other words before it ("How we apply ...").

    Args:
        document: The document as read.
        standards: Those that can be recognised.

    Returns:
        The first that fits, or None.
    """
    # A reader that finds no title takes the file's name, which says nothing of the words inside.
    title = [] if document.title == document.path.stem else [document.title]
    opening = [block.text for block in _opening(document.blocks)]
    return next((s for s in standards if _is_borne(s, title) or _is_borne(s, opening)), None)


def _opening(blocks: Iterable[Block]) -> Iterator[Block]:
    """Headings and lines above the first full sentence and the first numbered clause, a cover's worth at most."""
    length = 0
    for place, block in enumerate(blocks):
        length += len(block.text)
        if length > _MAX_OPENING or (place and heading_number(block.text)):
            return
        if block.kind != "heading" and _SENTENCE_END.search(block.text):
            if not _NOTICE.search(block.text):
                return
        elif block.kind in ("heading", "paragraph"):
            yield block


def _is_borne(standard: KnownStandard, lines: Sequence[str]) -> bool:
    """Whether the standard's title stands in these lines, of which it may fill several."""
    tidied = filter(None, (re.sub(r"[\s*_#]+", " ", line).strip() for line in lines))
    text = "\n".join(tidied)
    own = {w.casefold() for w in _words(f"{standard.title} {standard.label} {standard.publisher}")} | _COVER_WORDS
    for pattern in standard.recognise:
        for found in re.finditer(pattern, text.replace("\n", " "), re.IGNORECASE):
            before = _words(text[: found.start()].rpartition("\n")[2])
            if all(word.casefold() in own or _is_code(word) for word in before):
                return True
    return False


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def _is_code(word: str) -> bool:
    """Whether a word is a number, a date or the abbreviation of a publisher ("44003", "1st", "BS")."""
    return not word.isalpha() or (word.isupper() and len(word) <= 3)
