"""Generations: complete, never-changing states of the index, and the pointer to the one that serves."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from assistant.errors import IndexBusy, IndexMismatch, IndexMissing, IndexProblem
from assistant.files import write_whole

FORM = 1
"""Version of the files in a generation; raised whenever readers of the old form could not read them."""

_POINTER = "current"
_DROPPED = "dropped-"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a generation was built with and from.

    Attributes:
        form: Version of its files.
        encoder: Name of the encoder of passages.
        question_encoder: Name of the encoder of asked-as questions.
        content_sha256: Hex digest of everything that went in.
        passages: Number of passages.
        clauses: Number of clauses, items, rows and sections.
        questions: Number of asked-as questions.
    """

    form: int
    encoder: str
    question_encoder: str
    content_sha256: str
    passages: int
    clauses: int
    questions: int

    @property
    def name(self) -> str:
        """Name of the generation: the same content always has the same one."""
        return f"g{self.form}-{self.content_sha256[:16]}"


class Generations:
    """The folder that holds the generations of one data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._root = data_dir / "index"

    def current(self) -> Path | None:
        """Folder of the generation that serves, None before the first build.

        Raises:
            IndexProblem: The pointer to it cannot be read.
        """
        try:
            name = (self._root / _POINTER).read_text(encoding="ascii").strip()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise IndexProblem(f"{self._root / _POINTER} cannot be read; run `assistant index`") from error
        folder = self._root / name
        return folder if (folder / "stamp.json").is_file() else None

    def readable(self) -> Path | None:
        """As `current`, and None where the pointer is damaged: whoever builds mends it."""
        with suppress(IndexProblem):
            return self.current()
        return None

    def folder(self, name: str) -> Path:
        """Where a generation of this name stands or would stand."""
        return self._root / name

    def serve(self, name: str) -> None:
        """Point at a complete generation, in one step, and drop those before the last one.

        Raises:
            WriteError: The pointer cannot be written; the generation before serves on.
        """
        before = self.readable()
        write_whole(self._root / _POINTER, name)
        # Readers of the generation before may still be at work: it stays until the next build.
        keep = {name, before.name if before else name}
        for folder in self._root.glob("g*-*"):
            if folder.name not in keep:
                self._drop(folder)
        for left in self._root.glob(f"{_DROPPED}*"):
            shutil.rmtree(left, ignore_errors=True)

    def take(self, folder: Path, name: str) -> None:
        """Make a folder that was built the generation of this name; a damaged one gives way to it."""
        self._drop(self.folder(name))
        os.replace(folder, self.folder(name))

    def _drop(self, folder: Path) -> None:
        """Delete a generation; renamed before, so that half of one never bears its name."""
        if folder.exists():
            gone = folder.with_name(f"{_DROPPED}{folder.name}")
            shutil.rmtree(gone, ignore_errors=True)
            # On Windows a folder in which a reader has a file open keeps its name.
            with suppress(OSError):
                folder.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)

    @contextmanager
    def building(self) -> Iterator[Path]:
        """A fresh folder to build in, for one writer at a time; gone again unless it was renamed.

        Raises:
            IndexBusy: Another process is building.
            IndexProblem: The data folder cannot be written.
        """
        with self.writer():
            folder = self._root / "building"
            shutil.rmtree(folder, ignore_errors=True)
            try:
                folder.mkdir(parents=True)
                yield folder
            except BrokenPipeError:
                raise
            except OSError as error:
                raise IndexProblem(
                    f"{self._root} cannot be written ({error.strerror or error}); "
                    "make room, or choose another folder with --data-dir"
                ) from error
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def writer(self) -> Iterator[None]:
        """The right to write, held by one process at a time.

        Raises:
            IndexBusy: Another process has it.
            IndexProblem: The data folder cannot be written.
        """
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            lock = FileLock(str(self._data_dir / "write.lock"))
            lock.acquire(timeout=0)
        except Timeout:
            raise IndexBusy(
                f"another process is indexing into {self._data_dir}; wait until it has finished and try again"
            ) from None
        except OSError as error:
            raise IndexProblem(
                f"{self._data_dir} cannot be written ({error.strerror}); choose another folder with --data-dir"
            ) from error
        try:
            yield
        finally:
            lock.release()


def write_stamp(folder: Path, stamp: Stamp) -> None:
    """Mark a generation as complete; written last."""
    (folder / "stamp.json").write_text(json.dumps(asdict(stamp), indent=1), encoding="utf-8")


def read_stamp(folder: Path) -> Stamp:
    """The stamp of a generation.

    Raises:
        IndexMismatch: It was written by another version, or is no stamp at all.
    """
    try:
        values = json.loads((folder / "stamp.json").read_text(encoding="utf-8"))
        if values.get("form") != FORM:
            raise IndexMismatch("the index was built by another version of the product; run `assistant index`")
        return Stamp(**values)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise IndexMismatch("the index was built by another version of the product; run `assistant index`") from error


def require_current(generations: Generations) -> Path:
    """Folder of the generation that serves.

    Raises:
        IndexMissing: There is none yet.
    """
    folder = generations.current()
    if folder is None:
        raise IndexMissing("nothing is indexed yet; run `assistant index` first")
    return folder


def content_hash(parts: Iterable[str | bytes]) -> str:
    """Hex digest over parts, each with its length so that no two lists of parts run together."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()
