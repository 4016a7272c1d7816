"""What lies in a registered folder: files that can be read, and manifests that describe some of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import ManifestError, SourceError, UnreadableSource
from assistant.sources.manifest import Manifest, SourceEntry, read_manifest
from assistant.sources.reading import SUFFIXES

MANIFEST = "manifest.toml"


@dataclass(frozen=True, slots=True)
class Described:
    """A manifest, and how far it reaches.

    Attributes:
        folder: Where it lies; its paths begin there.
        manifest: What it says.
        only: The one file it is asked about, where that file was registered alone; None for all it names.
    """

    folder: Path
    manifest: Manifest
    only: Path | None = None

    def files(self, entry: SourceEntry) -> list[Path]:
        """The files that one of its entries names, resolved and in order.

        Raises:
            ManifestError: The entry names no file that is there.
        """
        patterns = entry.paths or (entry.path,)
        try:
            found = [path for pattern in patterns for path in _matching(self.folder, pattern)]
        except (ValueError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise ManifestError(
                f"{self.folder / MANIFEST}: source {entry.id!r}: {reason}; name a file, or files with * and ?"
            ) from error
        if not found and self.only is None:
            raise ManifestError(f"{self.folder / MANIFEST}: source {entry.id!r}: no file matches {patterns[0]!r}")
        files = [written_out(path).resolve() for path in found]
        return [path for path in dict.fromkeys(files) if self.only in (None, path)]


def _matching(folder: Path, pattern: str) -> list[Path]:
    """The file of exactly this name, else those that the pattern matches: a name may hold brackets."""
    if pattern and (folder / pattern).is_file():
        return [folder / pattern]
    return sorted(path for path in folder.glob(pattern) if path.is_file() and not _is_passed_over(path.name))


def manifests_of(registered: Path) -> list[Described]:
    """The manifests that describe files of a registered folder, nearest to the files first.

    Args:
        registered: A folder, whose manifests may lie in it and in any folder below; or a single file, which the
            manifest beside it may describe.

    Raises:
        SourceError: A manifest does not parse, or the folder cannot be opened.
    """
    if not registered.is_dir():
        beside = registered.parent / MANIFEST
        return [Described(registered.parent, read_manifest(beside), registered.resolve())] if beside.is_file() else []
    found = [path for path in _walk(registered) if path.name == MANIFEST]
    return [Described(p.parent, read_manifest(p)) for p in sorted(found, key=lambda p: (-len(p.parts), p))]


def files_of(registered: Path) -> list[Path]:
    """The files of a registered folder that can be read, in order; of a single file that file.

    Hidden files and folders inside it are passed over, and the files by which Word marks that a document is open.

    Raises:
        SourceError: The folder cannot be opened, or a name in it is not UTF-8.
    """
    if not registered.is_dir():
        return [written_out(registered)]
    return sorted(written_out(path) for path in _walk(registered) if path.suffix.lower() in SUFFIXES)


def _walk(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise UnreadableSource(
            f"{error.filename}: cannot be opened ({error.strerror}); check its permissions"
        ) from error

    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not _is_passed_over(name)]
        yield from (Path(parent, name) for name in names if not _is_passed_over(name))


def _is_passed_over(name: str) -> bool:
    return name.startswith((".", "~$"))


def written_out(path: Path) -> Path:
    """The path itself, once it is known that it can be written into an index.

    Raises:
        UnreadableSource: Its name is not UTF-8.
    """
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError as error:
        shown = os.fsencode(path).decode("utf-8", "replace")
        raise UnreadableSource(f"{shown}: the name is not UTF-8; rename the file or folder") from error
    return path


def is_there(path: Path) -> bool:
    """Whether a file or folder exists.

    Raises:
        SourceError: It cannot be looked at: no permission, or a name that is too long.
    """
    try:
        return path.exists()
    except OSError as error:
        raise SourceError(f"{path}: cannot be opened ({error.strerror}); check its name and permissions") from error
