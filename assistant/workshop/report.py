"""What a build did: report.json for programs and the next build, report.md for people."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.workshop.deck import Slide
from assistant.workshop.pack import Pack, chapter_lines

FORM = 2


@dataclass
class BuildReport:
    """What a build did.

    Attributes:
        pack: As it was written.
        slides: As they were drawn, hidden ones left out.
        pages: What was drawn; a slide that one page does not hold is several.
        hidden: Ids of slides that were left out.
        edited: Ids of lines with people's wording.
        lost: Ids of choices that fit nothing any more.
        kept: Files that people had changed, and the names under which they were kept.
        files: The files written, by name, with their SHA-256.
        generation: Generation of the index.
    """

    pack: Pack
    slides: tuple[Slide, ...] = ()
    pages: tuple[Slide, ...] = ()
    hidden: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    kept: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    generation: str = ""

    def to_json(self) -> dict[str, Any]:
        """The report for programs."""
        request = self.pack.request
        return {
            "form": FORM,
            "title": self.pack.title,
            "request": {
                "units": [f"{kind}/{key}" for kind, key in request.units],
                "audience": request.audience,
                "minutes": request.minutes,
                "level": request.level,
                "with_plans": request.with_plans,
                "template": request.template.name if request.template else None,
            },
            "claims_checked": self.pack.checked,
            "replaced": [
                {
                    "id": r.line_id,
                    "was": r.was,
                    "now": r.now,
                    "citations": list(r.citations),
                    "reasons": list(r.reasons),
                }
                for r in self.pack.replacements
            ],
            "edited": list(self.edited),
            "hidden": list(self.hidden),
            "lost_choices": list(self.lost),
            "kept_files": self.kept,
            "notices": list(self.pack.notices),
            "citations": sorted(self.pack.labels),
            "slides": _drawn(self.pages, self.pack),
            "files": self.files,
            "index_generation": self.generation,
        }

    def to_markdown(self) -> str:
        """The report for people."""
        pack = self.pack
        lines = [
            f"# Build report: {pack.title}",
            "",
            f"{pack.checked} guidance claims checked, {len(pack.replacements)} replaced by the digest's sentence, "
            f"{len(pack.labels)} places cited, {len(self.pages)} slides.",
            "",
            "Checked: every citation resolves; strength and figures of provisions are unchanged; each claim is supported by what it cites; "
            "no licence limit is passed. Exempt as teaching text: cases, tasks, wrong quiz options, objectives and ratings (their citations "
            "must resolve all the same), agenda.",
        ]
        lines += _section(
            "Replaced by the digest's sentence",
            (_replacement(r.line_id, r.was, r.now, r.reasons) for r in pack.replacements),
        )
        lines += _section("Your wording", (f"`{i}`" for i in self.edited))
        lines += _section("Choices that fit nothing in this pack", (f"`{i}`" for i in self.lost))
        lines += _section(
            "Files you had changed, kept under another name", (f"{was} is now {now}" for was, now in self.kept.items())
        )
        lines += _section("Notices", pack.notices)
        lines += _section("Hidden slides", (f"`{i}`" for i in self.hidden))
        lines += _section("Slides", (f"`{s.id}` {s.title}" for s in self.slides))
        sentences = {line.id: line.text for c in pack.chapters for line in chapter_lines(c)}
        lines += _section("Sentences", (f"`{i}` {t}" for i, t in sentences.items()))
        return "\n".join(lines) + "\n"


def _replacement(line_id: str, was: str, now: str, reasons: Sequence[str]) -> str:
    return f"`{line_id}` ({'; '.join(reasons)})\n  - was: {was}\n  - now: {now}"


def _section(title: str, entries: Iterable[str]) -> list[str]:
    rows = [f"- {e}" for e in entries]
    return ["", f"## {title}", "", *rows] if rows else []


def _drawn(pages: Sequence[Slide], pack: Pack) -> list[dict[str, Any]]:
    """Drawn pages with the lines of their text areas, so that wording changed in the presentation can be told from ours."""
    bare = {line.id: line.text for c in pack.chapters for line in chapter_lines(c)}
    return [
        {
            "id": page.id,
            "areas": {
                name: [
                    {
                        "id": p.line_id,
                        "text": " ".join(p.text.split()),
                        "bare": " ".join(bare.get(p.line_id, "").split()),
                    }
                    for p in lines
                ]
                for name, lines in page.areas().items()
                if any(p.line_id for p in lines)
            },
        }
        for page in pages
    ]


def sha256_of(path: Path) -> str:
    """Hex digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
