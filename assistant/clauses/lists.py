"""List markers: which list an item counts on, told from the whole run of markers and never from one alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.sources.document import Block

# A marker at the beginning of an item's line. "A." and "1.1" are not among them: a sentence may begin with an initial
# or with the number of a clause.
LIST_MARKER = re.compile(
    r"^(?:[-–•*]|\(?(?:[a-z]{1,2}|[A-Z]|[ivx]{3,6}|[IVX]{2,6}|\d{1,2})\)|(?:[a-z]|[ivx]{2,6}|\d{1,2})\.)\s+"
)
_ENCLOSED = re.compile(r"^(\(?)([A-Za-z]{1,6}|\d{1,2})([).])$")
_DECIMAL = re.compile(r"^\d{1,2}((?:\.\d{1,3})+)\.?$")
_TENS, _ONES = ("", "x", "xx", "xxx"), ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
_ROMAN = {tens + ones: 10 * t + o for t, tens in enumerate(_TENS) for o, ones in enumerate(_ONES) if t or o}


@dataclass(frozen=True, slots=True)
class Marker:
    """What a marker counts with.

    Attributes:
        style: "letter", "roman", "digit", "bullet"; upper case, and numbers of several parts, are styles of
            their own.
        name: How an item is cited by it ("a)", "iv)", "2)"); "" where it is counted by its position.
    """

    style: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read a marker: as the `value`-th of a style, in a form of punctuation."""

    style: str
    form: str
    value: int
    name: str


def read_markers(blocks: Sequence[Block]) -> dict[int, Marker]:
    """The markers of a section's list items, by the place of the block.

    "i)" is a letter after "h)" and a number before "ii)", so that each is read as what goes on with its list.
    """
    found: dict[int, Marker] = {}
    last: dict[tuple[str, str], tuple[int, int]] = {}
    for place, block in enumerate(blocks):
        if block.kind != "item":
            if block.kind != "note":
                last = {}
            continue
        readings = list(_readings(block.marker))
        if not readings:
            parts = _DECIMAL.match(block.marker)
            found[place] = Marker(f"digit{parts[1].count('.') + 1}" if parts else "bullet")
            continue
        following = next((b for b in blocks[place + 1 :] if b.kind == "item" and b.level <= block.level), None)
        one = _fitting(readings, block.level, last, list(_readings(following.marker)) if following else [])
        last[one.style, one.form] = (one.value, block.level)
        found[place] = Marker(one.style, one.name)
    return found


def _readings(marker: str) -> Iterator[_Reading]:
    """The ways to read a marker, the likelier first."""
    match = _ENCLOSED.match(marker)
    if match is None:
        return
    form, sign = match[1] + match[3], match[2]
    if sign.isdigit():
        yield _Reading("digit", form, int(sign), f"{sign})")
        return
    low, case = sign.lower(), "upper " if sign.isupper() else ""
    value = _ROMAN.get(low) if sign in (low, sign.upper()) else None
    roman = _Reading(f"{case}roman", form, value, f"{sign})") if value else None
    if roman and len(low) > 1:
        yield roman
    if len(set(low)) == 1 and len(low) <= 2:  # Word counts "z)", "aa)", "bb)"
        yield _Reading(f"{case}letter", form, ord(low[0]) - 96 + 26 * (len(low) - 1), f"{sign})")
    if roman and len(low) == 1:
        yield roman


def _fitting(
    readings: Sequence[_Reading],
    level: int,
    last: dict[tuple[str, str], tuple[int, int]],
    following: Sequence[_Reading],
) -> _Reading:
    """The reading that goes on with an open list, or that the next item goes on with, or that begins a list."""
    after = [r for r in readings if last.get((r.style, r.form)) == (r.value - 1, level)]
    before = [
        r for r in readings if any((r.style, r.form, r.value + 1) == (f.style, f.form, f.value) for f in following)
    ]
    both = [r for r in after if r in before]
    first = [r for r in readings if r.value == 1]
    begun = [r for r in first if r in before]
    return (both or begun or after or before or first or readings)[0]
