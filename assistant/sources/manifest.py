"""Manifests: which files make up a source, what it is, and under which licence it is held."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from assistant.errors import ManifestError
from assistant.sources.licence import DEFAULT_PLAN_LICENCE, Licence

SourceKind = Literal["standard", "life-cycle", "plan"]
Audience = Literal["msme", "large", "both"]
Rendition = Literal["licensed", "digest", "plan"]


def _checked_pattern(pattern: str) -> str:
    """A pattern is first used when somebody asks a question: one that does not compile is refused before that."""
    try:
        re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise PydanticCustomError(
            "pattern",
            "{pattern} is no regular expression ({reason}); mend it, with a backslash before a sign that is meant as itself",
            {"pattern": repr(pattern), "reason": str(error)},
        ) from error
    return pattern


def _checked_path(path: str) -> str:
    if PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute():
        raise PydanticCustomError(
            "path",
            "{path} is an absolute path; write it relative to the manifest's folder, or put the manifest beside the file",
            {"path": repr(path)},
        )
    return path


def _checked_alternatives(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Outdated sentences are looked for with all patterns at once, so these have to compile as one too."""
    _checked_pattern("|".join(patterns))
    return patterns


def _checked_id(source_id: str) -> str:
    """An id is told from a plan's by its beginning, and stands before the colon of a citation."""
    if not re.fullmatch(r"(?!plan-)[\w.-]+", source_id):
        raise PydanticCustomError(
            "id",
            "{id} cannot be the id of a standard; use letters, digits, points and hyphens, not beginning with plan-",
            {"id": repr(source_id)},
        )
    return source_id


_Pattern = Annotated[str, AfterValidator(_checked_pattern)]
_Alternatives = Annotated[tuple[_Pattern, ...], AfterValidator(_checked_alternatives)]
_Path = Annotated[str, AfterValidator(_checked_path)]
_StandardId = Annotated[str, AfterValidator(_checked_id)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KnownStandard(_Strict):
    """A published text that is recognised by its title, whatever its file is called."""

    id: _StandardId
    title: str
    label: str
    edition: str = ""
    publisher: str = ""
    kind: SourceKind = "standard"
    audience: Audience = "both"
    recognise: tuple[_Pattern, ...] = ()
    outdated: _Alternatives = ()
    not_held: tuple[str, ...] = ()


class Organisation(_Strict):
    """Whose plans these are; its size decides which standard speaks first."""

    slug: str
    name: str
    size: Literal["msme", "large"]


class SourceEntry(_Strict):
    """One `[[source]]` table of a manifest.

    Attributes:
        id: Source id; plans begin with "plan-".
        path: A file, relative to the manifest; or `paths`, globs, for a source of several files.
        rendition: "licensed", "digest" or "plan".
        sample: Set aside as soon as a real plan is indexed; the manifest then speaks for its whole folder.
        licence: Terms; what it leaves out is as in the default licence of the rendition.
    """

    id: str
    path: _Path = ""
    paths: tuple[_Path, ...] = ()
    title: str = ""
    label: str = ""
    edition: str = ""
    publisher: str = ""
    kind: SourceKind | None = None
    audience: Audience | None = None
    rendition: Rendition = "licensed"
    organisation: str = ""
    sample: bool = False
    outdated: _Alternatives = ()
    licence: Licence | None = None

    @model_validator(mode="after")
    def _check_id(self) -> Self:
        if self.rendition == "plan" and not re.fullmatch(r"plan-[\w-]+", self.id):
            raise PydanticCustomError(
                "id",
                "{id} cannot be the id of a plan; write plan- and then letters, digits and hyphens",
                {"id": repr(self.id)},
            )
        return self

    def terms(self) -> Licence:
        """The default licence for what this is, with what the manifest says of it."""
        default = DEFAULT_PLAN_LICENCE if self.rendition == "plan" else Licence()
        said = self.licence.model_dump(exclude_unset=True) if self.licence is not None else {}
        return default.model_copy(update=said)


class Manifest(_Strict):
    """The whole of a manifest.toml."""

    schema_version: int = 1
    standard: tuple[KnownStandard, ...] = ()
    source: tuple[SourceEntry, ...] = ()
    organisation: tuple[Organisation, ...] = ()


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as a dictionary.

    Raises:
        ManifestError: The file is missing or does not parse; the message names the place.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ManifestError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"{path}: cannot be read ({error.__class__.__name__}); save it as UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(f"{path}: not valid TOML: {error}") from error


def read_manifest(path: Path) -> Manifest:
    """Parse one manifest.

    Raises:
        ManifestError: It does not parse, holds an unknown key or a wrong value; the message names the key.
    """
    values = read_toml(path)
    values["schema_version"] = values.pop("schema", 1)
    try:
        manifest = Manifest.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ManifestError(f"{path}: {where}: {first['msg']}") from error
    seen: set[tuple[str, str]] = set()
    for entry in manifest.source:
        if (entry.id, entry.rendition) in seen:
            raise ManifestError(f"{path}: source id {entry.id!r} stands twice; give each source an id of its own")
        seen.add((entry.id, entry.rendition))
        if bool(entry.path) == bool(entry.paths):
            raise ManifestError(f"{path}: source {entry.id!r} needs either path or paths")
    return manifest
