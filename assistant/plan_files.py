"""The organisation's plans as files in data_dir/plans: taken in, looked at, kept, replaced, taken out."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from assistant.answering.assistant import GuidanceAssistant
from assistant.clauses.builder import plan_sections, read_source
from assistant.clauses.clause import Clause
from assistant.errors import SourceError, StandardNotPlan, UnreadableSource
from assistant.progress import Progress, silent
from assistant.sources.licence import DEFAULT_PLAN_LICENCE
from assistant.sources.reading import SUFFIXES, read_document
from assistant.sources.recognising import known_standard
from assistant.sources.registry import Registrations, Source, known_standards, plan_title

_WAITING_S = 3600


@dataclass(frozen=True, slots=True)
class Preview:
    """A file that waits to be added.

    Attributes:
        token: Names it until it is added or left.
        name: Name of the file.
        title: Title of the plan.
        sections: Its sections, as they would be cited.
        headings: Whether it has headings at all.
    """

    token: str
    name: str
    title: str
    sections: tuple[Clause, ...]
    headings: bool


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan that is searched.

    Attributes:
        ours: Whether its file lies in our own folder, so that it may be deleted.
    """

    source: Source
    sections: int
    ours: bool


class PlanFiles:
    """Adds plans to and takes them out of the index of an assistant.

    Args:
        assistant: Whose index.
    """

    def __init__(self, assistant: GuidanceAssistant) -> None:
        self._assistant = assistant
        self._folder = assistant.settings.data_dir.resolve() / "plans"
        self._waiting = assistant.settings.data_dir.resolve() / "plans-waiting"
        self._max_bytes = assistant.settings.max_upload_mb * 1_000_000

    def take_in(self, path: Path) -> Preview:
        """Look at an uploaded file and keep it waiting; the upload itself is deleted.

        Raises:
            UnreadableSource: It cannot be read, is too large or of another form; the message names the file only.
            SourceError: It is the text of a known standard.
        """
        self._sweep()
        name = _safe_name(path.name)
        token = secrets.token_hex(16)
        kept = self._waiting / token / name
        kept.parent.mkdir(parents=True)
        shutil.move(str(path), kept)
        try:
            return self._preview(token, kept)
        except SourceError as error:
            self.leave(token)
            raise type(error)(str(error).replace(str(kept), name)) from error

    def _preview(self, token: str, path: Path) -> Preview:
        document = read_document(path, max_bytes=self._max_bytes)
        settings = self._assistant.settings
        standards = known_standards(settings.corpus_dir, Registrations.load(settings.data_dir))
        known = known_standard(document, standards)
        if known is not None:
            raise StandardNotPlan(known.label)
        title = plan_title(document)
        source = Source("plan-preview", "plan", title, title, "", "", "plan", "both", (path,), DEFAULT_PLAN_LICENCE)
        text = read_source(source, self._assistant.catalog.taxonomy, lambda _: document)
        sections = tuple(c for c in text.clauses if c.kind not in ("item", "row"))
        headings = any(b.kind == "heading" for b in document.blocks) or len(plan_sections(document)) > 1
        return Preview(token, path.name, title, sections, headings)

    def add(self, token: str, replaces: str = "", progress: Progress = silent) -> str:
        """Index a waiting file, as a new plan or as the new version of one.

        Args:
            token: Which file.
            replaces: Source id of the plan whose place it takes; "" for none.
            progress: Told how far it is.

        Returns:
            The plan's source id.

        Raises:
            AssistantError: The file is gone, or cannot be indexed; the plans are then as before, and the file waits on.
        """
        path = self._waiting_file(token)
        self._folder.mkdir(parents=True, exist_ok=True)
        old = self._row(replaces).source.files[0] if replaces else None
        target = self._target(path.name, old)
        backup = self._set_aside(old)
        try:
            shutil.move(str(path), target)
            hand_over = partial(self._hand_over, replaces, old, target) if old is not None else None
            self._assistant.build([self._folder], change=hand_over, progress=progress)
        except BaseException:
            if target.exists():
                shutil.move(str(target), path)
            if backup is not None and old is not None:
                shutil.move(str(backup), old)
            raise
        self.leave(token)
        shutil.rmtree(self._waiting / "old", ignore_errors=True)
        return Registrations.load(self._assistant.settings.data_dir).ids.get(str(target), replaces)

    def _set_aside(self, old: Path | None) -> Path | None:
        """Move the file that is replaced out of the folder, to be brought back if something fails."""
        if old is None or not self._is_ours(old):
            return None
        aside = self._waiting / "old" / old.name
        aside.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(str(old), aside)
        return aside

    def _hand_over(self, source_id: str, old: Path, target: Path, registrations: Registrations) -> None:
        """Let the new file have the id of the old one, so that what cites the plan goes on resolving."""
        registrations.ids.pop(str(old), None)
        if not self._is_ours(old):
            registrations.removed.append(str(old))
        registrations.ids[str(target)] = source_id

    def remove(self, source_id: str) -> str:
        """Take a plan out, and delete its file where it is our copy.

        Returns:
            Its title.

        Raises:
            AssistantError: There is no such plan, or another process is indexing.
        """
        row = self._row(source_id)
        self._assistant.build(remove=[source_id])
        if row.ours:
            for file in row.source.files:
                file.unlink(missing_ok=True)
        return row.source.label

    def rows(self) -> list[PlanRow]:
        """The plans that are searched, by title."""
        catalog = self._assistant.catalog
        counts: dict[str, int] = {}
        for entry in catalog:
            if entry.is_plan and entry.clause.kind not in ("item", "row"):
                counts[entry.clause.source_id] = counts.get(entry.clause.source_id, 0) + 1
        plans = [s for s in catalog.sources.values() if s.rendition == "plan"]
        return [
            PlanRow(s, counts.get(s.source_id, 0), all(self._is_ours(f) for f in s.files))
            for s in sorted(plans, key=lambda s: (s.label.casefold(), s.source_id))
        ]

    def leave(self, token: str) -> None:
        """Forget a waiting file."""
        if re.fullmatch(r"[0-9a-f]{32}", token):
            shutil.rmtree(self._waiting / token, ignore_errors=True)

    def _row(self, source_id: str) -> PlanRow:
        found = next((r for r in self.rows() if r.source.source_id == source_id and not r.source.sample), None)
        if found is None:
            raise SourceError("this plan is no longer here; reload the page")
        return found

    def _is_ours(self, path: Path) -> bool:
        return path.resolve().is_relative_to(self._folder)

    def _waiting_file(self, token: str) -> Path:
        folder = self._waiting / token
        files = list(folder.iterdir()) if re.fullmatch(r"[0-9a-f]{32}", token) and folder.is_dir() else []
        if not files:
            raise UnreadableSource("the file is no longer here; select it again")
        return files[0]

    def _target(self, name: str, old: Path | None) -> Path:
        """Where the file will lie: never over another plan."""
        path, count = self._folder / name, 1
        while path.exists() and path != old:
            count += 1
            path = self._folder / f"{Path(name).stem}-{count}{Path(name).suffix}"
        return path

    def _sweep(self) -> None:
        """Delete what has waited for an hour."""
        oldest = time.time() - _WAITING_S
        for folder in self._waiting.glob("*") if self._waiting.is_dir() else ():
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)


def _safe_name(name: str) -> str:
    """A file name without anything that could lead out of the folder or hide the file."""
    path = Path(name)
    stem = re.sub(r"[^\w .()-]+", "-", path.stem).strip(" .-")[:80] or "plan"
    return stem + path.suffix.lower()


def known_suffixes() -> Sequence[str]:
    """Endings of files that can be read."""
    return sorted(SUFFIXES - {".markdown", ".htm"})
