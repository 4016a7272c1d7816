"""Which sources there are: the packaged corpus, its licensed folder, and folders that were registered."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.errors import ManifestError, SourceError, UnreadableSource
from assistant.files import write_whole
from assistant.sources.document import Document
from assistant.sources.folders import MANIFEST, Described, files_of, is_there, manifests_of, written_out
from assistant.sources.licence import DEFAULT_PLAN_LICENCE, Licence
from assistant.sources.manifest import (
    Audience,
    KnownStandard,
    Organisation,
    Rendition,
    SourceEntry,
    SourceKind,
    read_manifest,
)
from assistant.sources.reading import read_document
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
    rendition: Rendition
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
        """The manifest entry that says what holds for a source nobody described, for its terms to be changed."""
        path = os.path.relpath(self.files[0], self.folder.resolve()).replace(os.sep, "/") if self.files else ""
        entry = {"id": self.source_id, "path": path, "rendition": self.rendition, "title": self.title}
        terms = self.licence.model_dump(exclude_none=True)
        return "\n".join(["[[source]]", *_toml_lines(entry), "", "[source.licence]", *_toml_lines(terms), ""])


def _toml_lines(values: dict[str, Any]) -> list[str]:
    return [f"{key} = {_toml(value)}" for key, value in values.items()]


def _toml(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        # A string of JSON is one of TOML too, but for this control character.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value).lower()  # a number, a date, true or false


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
            SourceError: It does not exist or cannot be opened.
        """
        if not is_there(written_out(folder)):
            raise UnreadableSource(f"{folder}: no such file or folder; check the path given to --source")
        name = str(folder.resolve())
        if name not in self.folders:
            self.folders.append(name)
        self.removed = [r for r in self.removed if not _within(r, name)]

    def unregister(self, name: str) -> bool:
        """Forget a registered folder or file, whether it is still there or not.

        Args:
            name: Its path.

        Returns:
            Whether anything was registered under this path.
        """
        known = [f for f in self.folders if f in (name, str(Path(name).absolute()), str(Path(name).resolve()))]
        self.folders = [f for f in self.folders if f not in known]
        return bool(known)

    def remove(self, sources: Iterable[Source], source_id: str) -> None:
        """Take a source out: its files are passed over until they are registered again.

        Raises:
            SourceError: No registered source has this id.
        """
        paths = [str(f) for s in sources if s.source_id == source_id and s.rendition != "digest" for f in s.files]
        if not paths:
            raise SourceError(
                f"no source and no registered folder is called {source_id!r}; `assistant sources` lists them"
            )
        self.folders = [f for f in self.folders if f not in paths]
        self.removed += [p for p in paths if p not in self.removed]

    def save(self) -> None:
        """Write the record in one step."""
        values = {"folders": self.folders, "ids": self.ids, "removed": self.removed}
        write_whole(self._path, json.dumps(values, indent=1))


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


@dataclass(frozen=True, slots=True)
class Collected:
    """Sources in a fixed order, the organisations of the plans, and the standards that can be recognised."""

    sources: tuple[Source, ...]
    organisations: tuple[Organisation, ...]
    standards: tuple[KnownStandard, ...]


def collect_sources(corpus: Path, registrations: Registrations, *, max_bytes: int) -> Collected:
    """Every source of the packaged corpus and of the registered folders; sample plans give way to real ones.

    What a manifest describes comes first, and a file belongs to the manifest that lies nearest to it.

    Raises:
        SourceError: A registered folder is missing, a manifest or file cannot be taken in, or two sources claim
            one id.
    """
    folders = [f for f in (corpus / "plans", corpus / "licensed") if f.is_dir()] + _registered(registrations)
    manifests = _manifests(corpus, folders)
    finder = _Finder(_standards(manifests), registrations, max_bytes)
    for described in manifests:
        finder.add_described(described)
    for folder in folders:
        finder.add_others(folder)
    sources = finder.sources
    if any(s.rendition == "plan" and not s.sample for s in sources):
        sources = [s for s in sources if not s.sample]
    return Collected(tuple(sources), tuple(finder.organisations), finder.standards)


def known_standards(corpus: Path, registrations: Registrations) -> list[KnownStandard]:
    """The standards that a document can be recognised as.

    Raises:
        SourceError: A registered folder is missing, or a manifest does not parse.
    """
    return _standards(_manifests(corpus, _registered(registrations)))


def _manifests(corpus: Path, folders: Iterable[Path]) -> list[Described]:
    packaged = Described(corpus, read_manifest(corpus / MANIFEST))
    return [packaged, *(described for folder in folders for described in manifests_of(folder))]


def _registered(registrations: Registrations) -> list[Path]:
    """The registered folders.

    Raises:
        SourceError: One is not there any more: to go on without it would take its plans out of every answer.
    """
    for folder in registrations.folders:
        if not is_there(Path(folder)):
            raise SourceError(
                f"{folder}: was registered and is not there any more; "
                f'bring it back, or take it out with: assistant index --remove "{folder}"'
            )
    return [Path(folder) for folder in registrations.folders]


def _standards(manifests: Iterable[Described]) -> list[KnownStandard]:
    """The standards of all manifests.

    Raises:
        ManifestError: A manifest gives another meaning to an id that is known.
    """
    known: dict[str, KnownStandard] = {}
    for described in manifests:
        for standard in described.manifest.standard:
            if known.setdefault(standard.id, standard) != standard:
                raise ManifestError(
                    f"{described.folder / MANIFEST}: the standard {standard.id!r} is known already; "
                    "leave it out or give yours another id"
                )
    return list(known.values())


class _Finder:
    def __init__(self, standards: Sequence[KnownStandard], registrations: Registrations, max_bytes: int) -> None:
        self.sources: list[Source] = []
        self.organisations: list[Organisation] = []
        self.standards = tuple(standards)
        self._known = {s.id: s for s in standards}
        self._registrations = registrations
        self._max_bytes = max_bytes
        self._taken: dict[Path, tuple[Path, str]] = {}
        self._closed: list[Path] = []

    def add_described(self, described: Described) -> None:
        """Take in what a manifest names, but for files that a nearer one has named."""
        self.organisations += [o for o in described.manifest.organisation if o not in self.organisations]
        for entry in described.manifest.source:
            self._add_entry(entry, described)
        if any(entry.sample for entry in described.manifest.source):
            # The samples' folder also holds the texts they are made from.
            self._closed.append(described.folder.resolve())

    def add_others(self, folder: Path) -> None:
        """Take in the files of a folder that no manifest names."""
        root = folder if folder.is_dir() else folder.parent
        for path in (file.resolve() for file in files_of(folder)):
            closed = any(path.is_relative_to(other) for other in self._closed)
            if path not in self._taken and not closed and str(path) not in self._registrations.removed:
                self._taken[path] = (root, "")
                self._add_file(path, root)

    def _add_entry(self, entry: SourceEntry, described: Described) -> None:
        root, place = described.folder, described.folder / MANIFEST
        files = self._still_free(entry, described)
        if not files or all(str(f) in self._registrations.removed for f in files):
            return
        known = self._known.get(entry.id)
        if known is None and entry.rendition != "plan":
            raise ManifestError(
                f'{place}: {entry.id!r} is no known standard; use rendition = "plan" or add a [[standard]]'
            )
        self._append(
            Source(
                source_id=entry.id,
                rendition=entry.rendition,
                title=entry.title or (known.title if known else files[0].stem),
                label=entry.label or (known.label if known else entry.title or files[0].stem),
                edition=entry.edition or (known.edition if known else ""),
                publisher=entry.publisher or (known.publisher if known else ""),
                kind=entry.kind or (known.kind if known else "plan"),
                audience=entry.audience or (known.audience if known else "both"),
                files=tuple(files),
                licence=entry.terms(),
                sample=entry.sample,
                organisation=entry.organisation,
                outdated=entry.outdated or (known.outdated if known else ()),
                folder=root,
            )
        )

    def _still_free(self, entry: SourceEntry, described: Described) -> list[Path]:
        """The files of an entry that no entry before has; none where that one is the same, found a second time."""
        found = described.files(entry)
        files = [path for path in found if path not in self._taken]
        own = (described.folder.resolve(), entry.id)
        if found and not files:
            folder, source_id = self._taken[found[0]]
            if folder == own[0] and source_id != entry.id:
                raise ManifestError(
                    f"{described.folder / MANIFEST}: the sources {source_id!r} and {entry.id!r} both name "
                    f"{found[0].name}; keep one of them"
                )
        self._taken.update(dict.fromkeys(files, own))
        return files

    def _add_file(self, path: Path, root: Path) -> None:
        document = read_document(path, max_bytes=self._max_bytes)
        known = known_standard(document, self.standards)
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
    named = document.path.stem.replace("-", " ").replace("_", " ").capitalize()
    return unicodedata.normalize("NFC", document.title or named)
