"""Which HTML a reader never sees: hidden elements, scripts, navigation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser

SKIPPED = frozenset(
    {"script", "style", "template", "noscript", "nav", "footer", "aside", "head", "svg", "math", "canvas"}
    | {"object", "iframe", "audio", "video", "button", "select", "option", "datalist", "textarea"}
)
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_CONTAINERS = frozenset(
    {"div", "section", "article", "aside", "nav", "footer", "header", "main", "details", "figure", "span"}
)
_HIDING_STYLE = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0*(?:\.0+)?\s*(?:;|!|$)"
    r"|font-size\s*:\s*0*(?:\.0+)?\s*(?:px|pt|em|rem|%)?\s*(?:;|!|$))",
    re.IGNORECASE,
)
_HIDING_RULE = re.compile(r"\.([\w-]+)\s*\{[^{}]*(?:display\s*:\s*none|visibility\s*:\s*hidden)[^{}]*\}")


def is_hidden(attributes: Mapping[str, object], hidden_classes: frozenset[str] = frozenset()) -> bool:
    """Return whether an element with these attributes is hidden from readers."""
    if "hidden" in attributes or str(attributes.get("aria-hidden", "")).lower() == "true":
        return True
    if _HIDING_STYLE.search(str(attributes.get("style") or "")):
        return True
    classes = attributes.get("class") or ()
    names = classes.split() if isinstance(classes, str) else classes
    return bool(hidden_classes) and any(name in hidden_classes for name in names)  # type: ignore[attr-defined]


def hidden_classes(style_sheet: str) -> frozenset[str]:
    """Return the class names that a style sheet hides by a plain `.name { display: none }` rule."""
    screen = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", style_sheet)
    return frozenset(_HIDING_RULE.findall(screen))


class OpenTags(HTMLParser):
    """Follows raw HTML through Markdown, whose hidden elements may open in one block and close in another."""

    def __init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, bool]] = []

    @property
    def hide(self) -> bool:
        """Whether text at this point is hidden."""
        return any(hidden for _, hidden in self._open)

    def take(self, fragment: str, *, block: bool = False) -> None:
        """Follow the tags of `fragment`; at the end of a block only containers stay open."""
        self.reset()
        self.feed(fragment)
        if block:
            self._open = [entry for entry in self._open if entry[0] in _CONTAINERS]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Push an element that has an end."""
        if tag not in _VOID:
            self._open.append((tag, tag in SKIPPED or is_hidden(dict(attrs))))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Ignore an element that ends at once."""

    def handle_endtag(self, tag: str) -> None:
        """Pop up to the element that ends here."""
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                return
