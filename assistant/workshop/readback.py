"""slides.pptx as somebody left it -> Choices: what was hidden, deleted, moved or reworded there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.exc import PackageNotFoundError
from pptx.oxml.ns import qn

from assistant.workshop.deck import BODY, TABLE
from assistant.workshop.edits import Choices

_FRAME = ("Sources", "Slide number")
_NOTHING_KNOWN = (
    "slides.pptx is another deck, or was saved by a program that drops the names of slides: nothing was read back from it. "
    "Write into pack.toml what is to change."
)
_NOT_KEPT = "what was added, deleted or moved within a slide is not kept; reword its sentences, or hide the slide."


@dataclass(frozen=True)
class ReadBack:
    """What was found in the presentation.

    Attributes:
        choices: Those kept so far with what was found.
        notices: What was changed there and cannot be kept when the pack is built again.
    """

    choices: Choices
    notices: tuple[str, ...] = ()


def read_back(path: Path, drawn: Iterable[Mapping[str, Any]], choices: Choices) -> ReadBack:
    """The choices with those that somebody made in the presentation itself.

    Args:
        path: slides.pptx as it is now.
        drawn: Pages of the last build from report.json: `id`, and `areas` with the lines that each text area was drawn with.
        choices: Those kept so far.
    """
    try:
        presentation = Presentation(str(path))
    except (PackageNotFoundError, KeyError, ValueError, OSError):
        return ReadBack(choices, ("slides.pptx is no presentation any more; nothing was read back from it.",))
    pages = {str(p["id"]): p for p in drawn}
    slides = [slide for slide in presentation.slides if _name(slide) in pages]
    if not slides:
        return ReadBack(choices, (_NOTHING_KNOWN,))
    visible = [slide for slide in slides if slide._element.get("show") != "0"]
    shown = list(dict.fromkeys(_slide_of(_name(slide)) for slide in visible))
    was = list(dict.fromkeys(map(_slide_of, pages)))
    text, unread = dict(choices.text), list[str]()
    cut = _cut_lines(pages.values())
    for slide in visible:
        wording, whole = _wording(slide, pages[_name(slide)].get("areas", {}), cut)
        text |= wording
        if not whole:
            unread.append(_name(slide))
    left_out = pages.keys() - {_name(slide) for slide in visible}
    parts = [page for page in pages if page in left_out and _slide_of(page) in shown]
    notices = []
    if unread:
        notices.append(f"{_listed(unread)}: {_NOT_KEPT}")
    if parts:
        notices.append(f"{_listed(parts)}: a part of a continued slide cannot be hidden by itself.")
    found = Choices(
        hidden=tuple(dict.fromkeys([*choices.hidden, *(i for i in was if i not in shown)])),
        order=tuple(shown) if shown != [i for i in was if i in shown] else choices.order,
        text=text,
    )
    return ReadBack(found, tuple(notices))


def _name(slide: Any) -> str:
    return slide._element.find(qn("p:cSld")).get("name") or ""


def _slide_of(page: str) -> str:
    return page.split("~")[0]


def _listed(names: Sequence[str], shown: int = 5) -> str:
    return ", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")


def _cut_lines(pages: Iterable[Mapping[str, Any]]) -> set[str]:
    """Lines that no slide had room for: parts of them stand in several paragraphs, and none is the line."""
    cut = set[str]()
    for page in pages:
        for lines in page.get("areas", {}).values():
            for line in lines:
                if line["id"] and line["bare"] not in line["text"]:
                    cut.add(line["id"])
    return cut


def _wording(
    slide: Any, areas: Mapping[str, Sequence[Mapping[str, str]]], cut: set[str]
) -> tuple[dict[str, str], bool]:
    """New wording by line id, and whether that is all that was changed in the text areas of a page."""
    found: dict[str, str] = {}
    now_there = dict(_areas(slide))
    whole = areas.keys() <= now_there.keys()
    for name in areas.keys() & now_there.keys():
        lines, paragraphs = areas[name], now_there[name]
        before = [line["text"] for line in lines]
        changed = [(line, now) for line, now in zip(lines, paragraphs, strict=False) if now != line["text"]]
        if len(paragraphs) != len(lines) or any(now in before for _, now in changed):
            whole = False
            continue
        for line, now in changed:
            if not line["id"] or line["id"] in cut or not now:
                whole = False
            else:
                found[line["id"]] = _bare(now, line)
    return found, whole


def _areas(slide: Any) -> Iterator[tuple[str, list[str]]]:
    """The text areas of a page by name, with their paragraphs; of a table its cells."""
    places = [p for p in slide.placeholders if p.has_text_frame and p != slide.shapes.title]
    for shape in slide.shapes:
        if shape.has_table:
            cells = [cell for row in shape.table.rows for cell in row.cells]
            yield TABLE, [" ".join(filter(None, map(_words, c.text_frame.paragraphs))) for c in cells]
        elif shape in places[:1]:
            yield BODY, _paragraphs(shape)
        elif shape.has_text_frame and shape not in places and shape.name not in _FRAME:
            yield shape.name, _paragraphs(shape)


def _paragraphs(shape: Any) -> list[str]:
    return [words for p in shape.text_frame.paragraphs if (words := _words(p))]


def _words(paragraph: Any) -> str:
    """A paragraph without its small source numbers; a break within it is a space."""
    parts = []
    for child in paragraph._p:
        if child.tag == qn("a:br"):
            parts.append(" ")
        elif child.tag in (qn("a:r"), qn("a:fld")):
            properties = child.find(qn("a:rPr"))
            if properties is None or properties.get("baseline") in (None, "0"):
                parts.append(child.findtext(qn("a:t")) or "")
    return " ".join("".join(parts).split())


def _bare(words: str, line: Mapping[str, str]) -> str:
    """The wording without what the slide puts round it (a letter, a number, quotation marks)."""
    lead, tail = line["text"].split(line["bare"], 1)
    return words.removeprefix(lead).removesuffix(tail).strip()
