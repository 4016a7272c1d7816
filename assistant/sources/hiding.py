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
_MARKUP = re.compile(
    r"^[ ]{0,3}(?P<fence>`{3,}|~{3,})|`[^`\n]*`"
    r"|(?<!\\)<(?P<end>/?)(?P<name>[a-zA-Z][\w-]*)(?P<rest>(?:\s(?:\n(?!\s*\n)|[^<>\n])*)?)>",
    re.MULTILINE,
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


def unclosed_tags(text: str) -> list[int]:
    """Return where a start tag in Markdown would hide what follows but is never closed.

    Such a tag is most likely a placeholder that somebody typed, "<Head of Procurement>", and no markup. What
    stands in code is no tag.

    Returns:
        Offsets of the opening "<", in order.
    """
    unclosed: list[int] = []
    still_open: list[tuple[str, int, bool]] = []
    count: dict[str, int] = {}
    fence = ""
    for found in _MARKUP.finditer(text):
        mark, name = found["fence"] or "", (found["name"] or "").lower()
        if mark and (not fence or mark.startswith(fence)):
            fence = "" if fence else mark
        if fence or not name or name in _VOID or found["rest"].endswith("/"):
            continue
        if not found["end"]:
            still_open.append((name, found.start(), _hides_inline(text, found)))
            count[name] = count.get(name, 0) + 1
        elif count.get(name):
            # What was opened inside and not closed by now never will be.
            while still_open[-1][0] != name:
                inner, place, hides = still_open.pop()
                count[inner] -= 1
                unclosed += [place] * hides
            still_open.pop()
            count[name] -= 1
    return sorted([*unclosed, *(place for _, place, hides in still_open if hides)])


def _hides_inline(text: str, tag: re.Match[str]) -> bool:
    """Whether a tag is one that hides; at the start of a line an attribute hides a block, which has its own end."""
    if tag["name"].lower() in SKIPPED:
        return True
    if not text[text.rfind("\n", 0, tag.start()) + 1 : tag.start()].strip():
        return False
    parser = OpenTags()
    parser.take(tag.group())
    return parser.hide


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
