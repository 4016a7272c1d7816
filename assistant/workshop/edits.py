"""What people change in a pack: wording, hidden slides and their order; kept in pack.toml, and applied again."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

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
