"""The depth of a list item, from its indentation, or from its kind of marker where none is indented."""

from __future__ import annotations


class Nesting:
    """Remembers the open lists of a text, outermost first, and gives each item its level from 1."""

    def __init__(self) -> None:
        self._open: list[tuple[float, str]] = []
        self._list_ended = False

    def paragraph(self, words: str, *, is_heading: bool) -> None:
        """Note a paragraph between items: a heading, or words that announce a list, end the open ones."""
        if is_heading or words.endswith(":"):
            self._open.clear()
        self._list_ended = True

    def level(self, indent: float, marker: str, before: str, *, tolerance: float = 0) -> int:
        """Return the level of an item and make it the innermost open one.

        Args:
            indent: Distance from the left edge, in any unit.
            marker: Its marker, "-" for a bullet.
            before: Words of the item or paragraph just before it.
            tolerance: Differences of indentation up to this are none.
        """
        family = _family(marker)
        while self._open and indent < self._open[-1][0] - tolerance:
            self._open.pop()
        if self._open and indent <= self._open[-1][0] + tolerance:
            families = [name for _, name in self._open]
            if family in families:
                del self._open[len(families) - families[::-1].index(family) :]
            elif before.endswith(":") and not self._list_ended:
                self._open.append((indent, family))
            else:
                self._open[-1] = (indent, family)
        else:
            self._open.append((indent, family))
        self._list_ended = False
        return len(self._open)


def _family(marker: str) -> str:
    bare = marker.strip("().")
    if bare.isdigit():
        return "number"
    return "letter" if bare.isalpha() else "bullet"
