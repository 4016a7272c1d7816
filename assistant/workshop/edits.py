"""What people changed in a pack: wording, hidden slides and their order; read back, kept, and applied again."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.exc import PackageNotFoundError
from pptx.oxml.ns import qn
from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.errors import WorkshopError
from assistant.workshop.deck import Slide
from assistant.workshop.pack import Line, Pack, chapter_lines, mapped

CHOICES_FILE = "pack.toml"
_HEAD = """# Your choices for this pack. They are kept when it is built again; guidance that you reword is checked again.
# hidden: ids of slides that are left out. order: ids of slides in the order you want; slides that are not named
# keep their place behind the slide they follow now. [text]: your wording, by the id of the sentence.
# report.md lists all ids. Slides that you hide, delete, move or reword in slides.pptx itself are read back too.
"""


class Choices(BaseModel):
    """The contents of pack.toml.

    Attributes:
        hidden: Ids of slides that are left out.
        order: Ids of slides in the order wanted.
        text: Wording by line id.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    hidden: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    text: dict[str, str] = {}


@dataclass(frozen=True)
class Edited:
    """A pack with the choices applied.

    Attributes:
        pack: With the wording that people chose.
        originals: What edited lines said before, by id.
        lost: Ids of edits that fit nothing in this pack.
    """

    pack: Pack
    originals: dict[str, str] = field(default_factory=dict)
    lost: tuple[str, ...] = ()


def read_choices(out: Path) -> Choices:
    """The choices kept in a pack's folder; none where it has none yet.

    Raises:
        WorkshopError: The file does not parse; the message names the place.
    """
    path = out / CHOICES_FILE
    if not path.is_file():
        return Choices()
    try:
        return Choices.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WorkshopError(f"{path}: not valid TOML ({error}); mend it or move it away") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise WorkshopError(f"{path}: {'.'.join(str(p) for p in first['loc'])}: {first['msg']}") from error


def write_choices(path: Path, choices: Choices) -> None:
    """Write pack.toml (JSON strings and lists are valid TOML)."""
    lines = [
        _HEAD,
        f"hidden = {_listed(choices.hidden)}",
        f"order = {_listed(choices.order)}",
        "",
        "[text]",
        *(f"{_quoted(key)} = {_quoted(words)}" for key, words in choices.text.items()),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _listed(ids: Sequence[str]) -> str:
    return "[\n" + "".join(f"  {_quoted(i)},\n" for i in ids) + "]" if ids else "[]"


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")


def apply_wording(pack: Pack, text: Mapping[str, str]) -> Edited:
    """The pack with people's wording in place of its own."""
    originals: dict[str, str] = {}

    def change(line: Line) -> Line:
        words = text.get(line.id, "").strip()
        if not words or words == line.text:
            return line
        originals[line.id] = line.text
        return replace(line, text=words)

    known = {line.id for c in pack.chapters for line in chapter_lines(c)}
    chapters = tuple(mapped(c, change) for c in pack.chapters)
    return Edited(replace(pack, chapters=chapters), originals, tuple(i for i in text if i not in known))


def arrange(slides: Sequence[Slide], choices: Choices) -> tuple[tuple[Slide, ...], tuple[str, ...]]:
    """The slides that are shown in the order wanted, and the ids of choices that fit no slide.

    A slide that the order does not name stays behind the one that it follows by default.
    """
    by_id = {s.id: s for s in slides}
    wanted = [i for i in dict.fromkeys(choices.order) if i in by_id]
    arranged = list(wanted)
    for at, slide in enumerate(slides):
        if slide.id not in wanted:
            before = slides[at - 1].id if at else None
            arranged.insert(arranged.index(before) + 1 if before in arranged else 0, slide.id)
    lost = [i for i in (*choices.hidden, *choices.order) if i not in by_id]
    return tuple(by_id[i] for i in arranged if i not in choices.hidden), tuple(dict.fromkeys(lost))


# ---- reading back what was done in slides.pptx ----------------------------------------------------------------


def read_back(path: Path, drawn: Iterable[Mapping[str, Any]], choices: Choices) -> Choices:
    """The choices with those that somebody made in the presentation itself.

    Args:
        path: slides.pptx as it is now.
        drawn: Slides of the last build from report.json: `id`, and `lines` with `id` and `text` of each paragraph.
        choices: Those kept so far.
    """
    try:
        presentation = Presentation(str(path))
    except (PackageNotFoundError, KeyError, ValueError, OSError):
        return choices
    before = {str(s["id"]): s for s in drawn}
    shown, hidden, text = [], [], dict(choices.text)
    for slide in presentation.slides:
        name = slide._element.find(qn("p:cSld")).get("name") or ""
        if name not in before:
            continue
        if slide._element.get("show") == "0":
            hidden.append(name.split("~")[0])
        else:
            shown.append(name.split("~")[0])
            text.update(_changed_wording(slide, before[name]["lines"]))
    first_shown = list(dict.fromkeys(shown))
    was = list(dict.fromkeys(str(i).split("~")[0] for i in before))
    gone = [i for i in was if i not in first_shown]
    moved = first_shown != [i for i in was if i in first_shown]
    return Choices(
        hidden=tuple(dict.fromkeys([*choices.hidden, *hidden, *gone])),
        order=tuple(first_shown) if moved else choices.order,
        text=text,
    )


def _changed_wording(slide: Any, lines: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """New wording by line id, where a text area still has as many paragraphs as it was drawn with."""
    found: dict[str, str] = {}
    for shape in slide.shapes:
        if not shape.has_text_frame or shape.name in ("Sources", "Slide number") or shape == slide.shapes.title:
            continue
        paragraphs = [_words(p) for p in shape.text_frame.paragraphs]
        for start in range(len(lines) - len(paragraphs) + 1):
            window = lines[start : start + len(paragraphs)]
            same = sum(w["text"] == p for w, p in zip(window, paragraphs, strict=True))
            if paragraphs and (same or len(lines) == len(paragraphs)):
                found |= {
                    w["id"]: _bare(p, w)
                    for w, p in zip(window, paragraphs, strict=True)
                    if w["id"] and p and p != w["text"]
                }
                break
    return found


def _words(paragraph: Any) -> str:
    """A paragraph without its small source numbers."""
    return "".join(r.text for r in paragraph.runs if r.font._element.get("baseline") in (None, "0")).strip()


def _bare(words: str, line: Mapping[str, str]) -> str:
    """The wording without what the slide puts round it (a letter, a number, quotation marks)."""
    bare, shown = line.get("bare", ""), line["text"]
    if bare and bare in shown:
        lead, tail = shown.split(bare, 1)
        words = words.removeprefix(lead).removesuffix(tail)
    return words.strip()
