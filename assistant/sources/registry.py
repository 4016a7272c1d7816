"""Which sources there are: the packaged corpus, its licensed folder, and folders that were registered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.errors import ManifestError, SourceError, UnreadableSource
from assistant.files import write_whole
from assistant.sources.document import Document
from assistant.sources.licence import DEFAULT_PLAN_LICENCE, Licence
from assistant.sources.manifest import Audience, KnownStandard, Organisation, SourceEntry, SourceKind, read_manifest
from assistant.sources.reading import SUFFIXES, read_document
from assistant.sources.recognising import known_standard


@dataclass(frozen=True, slots=True)
class Source:
    """A text in one rendition, with everything that the later stages need to know of it.

    Attributes:
        source_id: Prefix of its citation ids.
        rendition: "licensed", "digest" or "plan".
        title: Full title.
        label: How citations name it ("ISO 44003:2021"; a plan's title).
        files: Its files in reading order.
        licence: Terms under which it is held.
        described: Whether a manifest describes it; otherwise it is under the default licence.
        sample: Set aside as soon as a real plan is indexed.
        outdated: Patterns of sentences that must never be shown as an answer.
        folder: Where it was found, for the message that says how to change its terms.
    """

    source_id: str
    rendition: str
    title: str
    label: str
    edition: str
    publisher: str
    kind: SourceKind
    audience: Audience
    files: tuple[Path, ...]
    licence: Licence
    described: bool = True
    sample: bool = False
    organisation: str = ""
    outdated: tuple[str, ...] = ()
    folder: Path = field(default=Path("."))

    def manifest_lines(self) -> str:
        """The manifest entry that would change the terms of a source nobody described."""
        name = self.files[0].name if self.files else ""
        return (
            f'[[source]]\nid = "{self.source_id}"\npath = "{name}"\nrendition = "{self.rendition}"\n\n'
            f'[source.licence]\nholder = "..."\nquote_words_per_answer = {self.licence.quote_words_per_answer}\n'
            f'export = {str(self.licence.export).lower()}\nmodel_use = "{self.licence.model_use}"\n'
        )


class Registrations:
    """The folders that a user registered and the plan ids that were given, kept in the data folder."""

    def __init__(self, path: Path, folders: Sequence[str], ids: dict[str, str], removed: Sequence[str]) -> None:
        self._path = path
        self.folders = list(folders)
        self.ids = dict(ids)
        self.removed = list(removed)

    @classmethod
    def load(cls, data_dir: Path) -> Registrations:
        """What is registered in this data folder; nothing where there is no record yet.

        Raises:
            SourceError: The record does not parse.
        """
        path = data_dir / "sources.json"
        if not path.is_file():
            return cls(path, (), {}, ())
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            return cls(path, values["folders"], values["ids"], values["removed"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SourceError(f"{path}: damaged; delete it and register the folders again") from error

    def register(self, folder: Path) -> None:
        """Add a folder or file for good.

        Raises:
            UnreadableSource: It does not exist.
        """
        if not folder.exists():
            raise UnreadableSource(f"{folder}: no such file or folder; check the path given to --source")
        name = str(folder.resolve())
        if name not in self.folders:
            self.folders.append(name)
        self.removed = [r for r in self.removed if not _within(r, name)]

    def remove(self, sources: Iterable[Source], source_id: str) -> None:
        """Take a source out: its files are passed over until they are registered again.

        Raises:
            SourceError: No registered source has this id.
        """
        paths = [str(f) for s in sources if s.source_id == source_id and s.rendition != "digest" for f in s.files]
        if not paths:
            raise SourceError(f"no registered source {source_id!r}; `assistant sources` lists them")
        self.removed += [p for p in paths if p not in self.removed]

    def save(self) -> None:
        """Write the record in one step."""
        values = {"folders": self.folders, "ids": self.ids, "removed": self.removed}
        write_whole(self._path, json.dumps(values, indent=1))


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


@dataclass(frozen=True, slots=True)
class Collected:
    """Sources in a fixed order, the organisations of the plans, and their documents as far as already read."""

    sources: tuple[Source, ...]
    organisations: tuple[Organisation, ...]
    standards: tuple[KnownStandard, ...]


def collect_sources(corpus: Path, registrations: Registrations, *, max_bytes: int) -> Collected:
    """Every source of the packaged corpus and of the registered folders; sample plans give way to real ones.

    Raises:
        SourceError: A manifest or file cannot be taken in, or two sources claim one id.
    """
    manifest = read_manifest(corpus / "manifest.toml")
    standards = manifest.standard
    finder = _Finder(standards, registrations, max_bytes)
    for entry in manifest.source:
        finder.add_entry(entry, corpus)
    samples = corpus / "plans"
    if (samples / "manifest.toml").is_file():
        finder.add_folder(samples)
    for folder in (corpus / "licensed", *(Path(f) for f in registrations.folders)):
        if folder.exists():
            finder.add_folder(folder)
    sources = finder.sources
    if any(s.rendition == "plan" and not s.sample for s in sources):
        sources = [s for s in sources if not s.sample]
    return Collected(tuple(sources), tuple(finder.organisations), standards)


class _Finder:
    def __init__(self, standards: Sequence[KnownStandard], registrations: Registrations, max_bytes: int) -> None:
        self.sources: list[Source] = []
        self.organisations: list[Organisation] = []
        self._standards = {s.id: s for s in standards}
        self._registrations = registrations
        self._max_bytes = max_bytes

    def add_folder(self, folder: Path) -> None:
        described: set[Path] = set()
        root = folder if folder.is_dir() else folder.parent
        if folder.is_dir() and (folder / "manifest.toml").is_file():
            manifest = read_manifest(folder / "manifest.toml")
            self.organisations += manifest.organisation
            for entry in manifest.source:
                described |= set(self.add_entry(entry, folder))
            if any(e.sample for e in manifest.source):
                return  # the samples' folder also holds the texts they are made from
        files = sorted(_files(folder)) if folder.is_dir() else [folder]
        for path in files:
            if path.resolve() not in described and str(path.resolve()) not in self._registrations.removed:
                self._add_file(path.resolve(), root)

    def add_entry(self, entry: SourceEntry, root: Path) -> list[Path]:
        patterns = entry.paths or (entry.path,)
        try:
            files = [p for pattern in patterns for p in sorted(root.glob(pattern))]
        except ValueError as error:
            raise ManifestError(
                f"{root / 'manifest.toml'}: source {entry.id!r}: {error}; name a file, or files with * and ?"
            ) from error
        if not files:
            raise ManifestError(f"{root / 'manifest.toml'}: source {entry.id!r}: no file matches {patterns[0]!r}")
        resolved = [f.resolve() for f in files]
        if all(str(f) in self._registrations.removed for f in resolved):
            return resolved
        known = self._standards.get(entry.id)
        if known is None and entry.rendition != "plan":
            raise ManifestError(
                f'{root / "manifest.toml"}: {entry.id!r} is no known standard; use rendition = "plan" or add a [[standard]]'
            )
        rendition = entry.rendition
        self._append(
            Source(
                source_id=entry.id,
                rendition=rendition,
                title=entry.title or (known.title if known else files[0].stem),
                label=entry.label or (known.label if known else entry.title or files[0].stem),
                edition=entry.edition or (known.edition if known else ""),
                publisher=entry.publisher or (known.publisher if known else ""),
                kind=entry.kind or (known.kind if known else "plan"),
                audience=entry.audience or (known.audience if known else "both"),
                files=tuple(resolved),
                licence=entry.terms(),
                sample=entry.sample,
                organisation=entry.organisation,
                outdated=entry.outdated or (known.outdated if known else ()),
                folder=root,
            )
        )
        return resolved

    def _add_file(self, path: Path, root: Path) -> None:
        document = read_document(path, max_bytes=self._max_bytes)
        known = known_standard(document, self._standards.values())
        if known is not None:
            self._append(
                Source(known.id, "licensed", known.title, known.label, known.edition, known.publisher, known.kind,
                       known.audience, (path,), Licence(), described=False, outdated=known.outdated, folder=root)
            )  # fmt: skip
            return
        title = plan_title(document)
        source_id = self._plan_id(path)
        self._append(
            Source(source_id, "plan", title, title, "", "", "plan", "both", (path,), DEFAULT_PLAN_LICENCE,
                   described=False, folder=root)
        )  # fmt: skip

    def _plan_id(self, path: Path) -> str:
        """The id given when the plan was first seen; a new one is made from the file's name."""
        ids = self._registrations.ids
        if str(path) not in ids:
            base = "plan-" + (re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "document")
            taken = set(ids.values()) | {s.source_id for s in self.sources}
            candidate, count = base, 1
            while candidate in taken:
                count += 1
                candidate = f"{base}-{count}"
            ids[str(path)] = candidate
        return ids[str(path)]

    def _append(self, source: Source) -> None:
        for other in self.sources:
            if other.source_id == source.source_id and other.rendition == source.rendition:
                raise SourceError(
                    f"two sources claim the id {source.source_id!r}: {other.files[0]} and {source.files[0]}; keep one of them"
                )
        self.sources.append(source)


def plan_title(document: Document) -> str:
    """A plan's own title, else its file name made readable."""
    return document.title or document.path.stem.replace("-", " ").replace("_", " ").capitalize()


def _files(folder: Path) -> Iterable[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix.lower() in SUFFIXES and not any(p.startswith(".") for p in path.parts[-3:]):
            yield path
