"""A request -> the files of a pack: plan, apply edits, check, draw; all or nothing."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.licensing import QuoteLedger
from assistant.answering.verification.verifier import Verifier
from assistant.clauses.catalog import Catalog
from assistant.errors import WorkshopError
from assistant.progress import Progress, silent
from assistant.workshop.checking import Checker, ClaimVerifier, Rewriter
from assistant.workshop.deck import make_slides
from assistant.workshop.documents import write_guide, write_handout
from assistant.workshop.edits import (
    CHOICES_FILE,
    Choices,
    apply_wording,
    arrange,
    read_choices,
    write_choices,
)
from assistant.workshop.examples import add_plan_lines
from assistant.workshop.markdown import write_markdown
from assistant.workshop.pack import Pack, Reference, WorkshopRequest, chapter_lines
from assistant.workshop.planning import plan_pack, with_examples_found
from assistant.workshop.quoting import add_source_lines
from assistant.workshop.readback import ReadBack, read_back
from assistant.workshop.report import BuildReport, sha256_of
from assistant.workshop.rewording import Rewording, rewording_of
from assistant.workshop.sheets import write_sheets
from assistant.workshop.slides import write_slides
from assistant.workshop.stock import TeachingStock

SLIDES, GUIDE, HANDOUT = "slides.pptx", "facilitator-guide.docx", "participant-handout.docx"
SHEETS, MARKDOWN, REPORT_JSON, REPORT_MD = "self-assessment.xlsx", "pack.md", "report.json", "report.md"


@dataclass(frozen=True)
class WorkshopBuilder:
    """Builds packs for one assistant.

    Attributes:
        assistant: Its index is what packs are checked against.
        verifier: Of guidance claims; None for the product's own.
        rewrite: Puts supported claims into other words; None for the language model of the settings, where there is one.
    """

    assistant: GuidanceAssistant
    verifier: ClaimVerifier | None = None
    rewrite: Rewriter | None = None

    def build(self, request: WorkshopRequest, out: Path, progress: Progress = silent) -> BuildReport:
        """Write a pack into a folder.

        Args:
            request: What the workshop is to be.
            out: Made where it does not exist; choices and wording kept there are applied.
            progress: Told what is being done; may raise to cancel, and then nothing has changed.

        Raises:
            CheckFailed: A citation does not resolve, a provision was changed, or a licence would be broken.
            WorkshopError: The request cannot be met, or the folder cannot be written.
            AssistantError: There is no index, or the teaching material is not consistent.
        """
        progress("choosing the material", 0, 1)
        previous = _previous(out)
        found = self._choices(out, previous)
        choices = found.choices
        catalog = self.assistant.catalog
        stock = TeachingStock.load(self.assistant.settings.corpus_dir, self.assistant.settings.overlay_dir)
        edited = apply_wording(plan_pack(request, stock), choices.text)
        ledger = QuoteLedger(catalog, self.assistant.settings.role, date.today(), purpose="export")
        rewrite = self.rewrite or rewording_of(self.assistant.settings)
        checker = Checker(
            catalog,
            self.verifier or self._own_verifier(catalog),
            self.assistant.encoder,
            ledger,
            edited.originals,
            rewrite,
        )
        pack = checker.check(edited.pack, lambda done, total: progress("checking claims", done, total))
        pack = self._with_sources(pack, catalog, ledger, progress)
        pack = replace(pack, notices=(*pack.notices, *found.notices))
        if isinstance(rewrite, Rewording):
            pack = replace(pack, notices=(*pack.notices, rewrite.notice))
        slides, lost = arrange(make_slides(pack), choices)
        report = BuildReport(
            pack=pack,
            slides=slides,
            hidden=choices.hidden,
            edited=tuple(edited.originals),
            lost=(*edited.lost, *lost),
            generation=self.assistant.index().name,
        )
        _write_all(report, choices, out, previous, progress)
        return report

    def _choices(self, out: Path, previous: dict[str, Any]) -> ReadBack:
        choices = read_choices(out)
        slides = out / SLIDES
        if slides.is_file() and SLIDES in previous.get("files", {}) and sha256_of(slides) != previous["files"][SLIDES]:
            return read_back(slides, previous.get("slides", ()), choices)
        return ReadBack(choices)

    def _own_verifier(self, catalog: Catalog) -> ClaimVerifier:
        index = self.assistant.index()
        return Verifier.of_index(index, self.assistant.encoder, self.assistant.question_encoder, catalog=catalog)

    def _with_sources(self, pack: Pack, catalog: Catalog, ledger: QuoteLedger, progress: Progress) -> Pack:
        """The pack with plan examples, the clauses' own words, labels, references and notices."""
        notices: list[str] = []
        if pack.request.with_plans:
            progress("looking through the plans", 0, 1)
            pack = add_plan_lines(pack, self.assistant, ledger)
            without = [c.title for c in pack.chapters if not c.plan_lines]
            if without:
                notices.append(f"No sentence of the indexed plans fits {', '.join(without)}: no worked example there.")
                pack = with_examples_found(pack)
        pack = replace(pack, chapters=tuple(add_source_lines(c, catalog, ledger) for c in pack.chapters))
        used = dict.fromkeys(_all_citations(pack))
        sources = {catalog.resolve(c).clause.source_id for c in used}
        if any(s.sample for (i, _), s in catalog.sources.items() if i in sources):
            notices.append("The plans quoted are samples of an invented organisation.")
        return replace(
            pack,
            labels={c: catalog.resolve(c).label for c in used},
            headings={c: catalog.resolve(c).clause.heading for c in used},
            references=_references(list(used), catalog),
            notices=(*notices, *ledger.notices()),
        )


def _all_citations(pack: Pack) -> list[str]:
    found: list[str] = []
    for chapter in pack.chapters:
        found += [c for line in chapter_lines(chapter) for c in line.citations]
        found += [c for q in chapter.questions for o in q.options for c in o.citations]
    return found


def _references(citations: list[str], catalog: Catalog) -> tuple[Reference, ...]:
    """One for each source that is cited, with the licence of the words that were used."""
    by_source: dict[str, list[str]] = {}
    for citation in citations:
        by_source.setdefault(catalog.resolve(citation).clause.source_id, []).append(citation)
    references = []
    for source_id, ids in by_source.items():
        held = [
            catalog.sources[source_id, r] for r in ("licensed", "digest", "plan") if (source_id, r) in catalog.sources
        ]
        places = [catalog.resolve(i).label.removeprefix(f"{held[0].label}, ") for i in ids]
        licence = "; ".join(_licence_line(s.rendition, s.licence.line()) for s in held)
        references.append(
            Reference(held[0].label, held[0].title, held[0].edition, licence, tuple(sorted(places, key=_natural)))
        )
    return tuple(sorted(references, key=lambda r: r.label))


def _licence_line(rendition: str, line: str) -> str:
    return {"digest": f"told in the digest's words: {line}", "licensed": f"licensed copy: {line}", "plan": line}[
        rendition
    ]


def _natural(place: str) -> tuple[tuple[int, int | str], ...]:
    """5.9 before 5.10."""
    parts = "".join(c if c.isdigit() else f" {c} " if c in ". #" else c for c in place).split()
    return tuple((0, int(p)) if p.isdigit() else (1, p) for p in parts)


# ---- files ----------------------------------------------------------------------------------------------------


def _previous(out: Path) -> dict[str, Any]:
    """report.json of the last build; empty where there is none that can be read."""
    try:
        values = json.loads((out / REPORT_JSON).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _write_all(report: BuildReport, choices: Choices, out: Path, previous: dict[str, Any], progress: Progress) -> None:
    """Draw everything beside the folder, then move it in: a failure leaves the last pack as it was."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out, prefix=".building-") as name:
            fresh = Path(name)
            _draw_all(report, fresh, progress)
            report.files = {p.name: sha256_of(p) for p in sorted(fresh.iterdir())}
            report.kept = _keep_changed(out, previous.get("files", {}), report.files)
            (fresh / REPORT_JSON).write_text(
                json.dumps(report.to_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
            )
            (fresh / REPORT_MD).write_text(report.to_markdown(), encoding="utf-8")
            for path in sorted(fresh.iterdir()):
                path.replace(out / path.name)
            if choices != read_choices(out) or not (out / CHOICES_FILE).is_file():
                write_choices(out / CHOICES_FILE, choices)
    except OSError as error:
        raise WorkshopError(
            f"{out}: cannot be written ({error.strerror or error}); give another --out folder"
        ) from error


def _draw_all(report: BuildReport, folder: Path, progress: Progress) -> None:
    pack = report.pack
    progress("writing files", 0, 5)
    report.pages = tuple(write_slides(pack, report.slides, folder / SLIDES))
    writers: tuple[tuple[Callable[[Pack, Path], object], str], ...] = (
        (write_guide, GUIDE),
        (write_handout, HANDOUT),
        (write_sheets, SHEETS),
        (write_markdown, MARKDOWN),
    )
    for done, (write, name) in enumerate(writers, 1):
        progress("writing files", done, 5)
        write(pack, folder / name)
    progress("writing files", 5, 5)


def _keep_changed(out: Path, before: dict[str, str], fresh: dict[str, str]) -> dict[str, str]:
    """Files that somebody changed by hand, kept under another name."""
    kept = {}
    for name in fresh:
        path = out / name
        if path.is_file() and before.get(name) != sha256_of(path):
            number = 1
            while (target := out / f"{path.stem} (your version {number}){path.suffix}").exists():
                number += 1
            shutil.copy2(path, target)
            kept[name] = target.name
    return kept
