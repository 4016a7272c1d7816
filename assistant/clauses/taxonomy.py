"""The words of the field (corpus/taxonomy.toml), and which of them a clause belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.clauses.clause import Clause
from assistant.errors import ManifestError, SettingsError
from assistant.sources.manifest import read_toml

Facet = Literal["what", "why", "how"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class Principle(_Strict):
    """One of the twelve."""

    key: str
    name: str
    number: int
    aliases: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    clauses: dict[str, str] = {}
    stages: tuple[str, ...] = ()


class FacetWords(_Strict):
    """What, why or how, and how people ask for it."""

    key: Facet
    name: str
    heading_prefix: str
    cues: tuple[str, ...] = ()


class Stage(_Strict):
    """One of the eight stages of the life cycle."""

    key: str
    name: str
    number: int
    iso_44001_clause: str
    aliases: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    principles: tuple[str, ...] = ()
    citation: str


class Role(_Strict):
    """Somebody whom the guidance addresses or names."""

    key: str
    name: str
    abbreviation: str = ""
    aliases: tuple[str, ...] = ()
    description: str = ""


class Abbreviation(_Strict):
    """A short form and its words."""

    short: str
    long: str
    source: str = ""


class AudienceWords(_Strict):
    """A side, and the phrases by which a speaker shows to be on it."""

    key: Literal["msme", "large", "both"]
    name: str
    cues: tuple[str, ...] = ()


class Taxonomy(_Strict):
    """The whole of taxonomy.toml, with an overlay's additions merged in."""

    schema_version: int = 1
    principle: tuple[Principle, ...]
    facet: tuple[FacetWords, ...]
    stage: tuple[Stage, ...]
    role: tuple[Role, ...] = ()
    abbreviation: tuple[Abbreviation, ...] = ()
    audience: tuple[AudienceWords, ...] = ()

    def principle_named(self, words: str) -> Principle | None:
        """The principle whose name, key or alias these words are, without regard to case."""
        folded = _fold(words)
        for principle in self.principle:
            if folded in {_fold(n) for n in (principle.name, principle.key, *principle.aliases)}:
                return principle
        near = [
            p
            for p in self.principle
            if len(folded) > 6 and (_fold(p.name).startswith(folded) or folded.startswith(_fold(p.name)))
        ]
        return near[0] if len(near) == 1 else None

    def stage_named(self, words: str) -> Stage | None:
        """The stage whose name, key or alias these words are, without regard to case."""
        folded = _fold(words)
        for stage in self.stage:
            if folded in {_fold(n) for n in (stage.name, stage.key, *stage.aliases)}:
                return stage
        return None

    def require_principle(self, words: str) -> Principle:
        """The principle that these words name.

        Raises:
            SettingsError: There is none; the message lists those that there are.
        """
        principle = self.principle_named(words)
        if principle is None:
            raise SettingsError(_unknown("principle", words, [p.name for p in self.principle]))
        return principle

    def require_stage(self, words: str) -> Stage:
        """The life-cycle stage that these words name.

        Raises:
            SettingsError: There is none; the message lists those that there are.
        """
        stage = self.stage_named(words)
        if stage is None:
            raise SettingsError(_unknown("stage", words, [s.name for s in self.stage]))
        return stage

    def principle_of(self, clause: Clause) -> Principle | None:
        """The principle a clause belongs to, by its number or by its section of an annex table."""
        for principle in self.principle:
            top = principle.clauses.get(clause.source_id)
            if top and re.match(rf"{re.escape(top)}(?![\d])", clause.locator) and clause.kind != "row":
                return principle
        return self.principle_named(clause.heading) if clause.kind == "row" else None

    def stage_of(self, clause: Clause) -> Stage | None:
        """The life-cycle stage that a clause is."""
        return next((s for s in self.stage if s.citation == clause.citation_id.split(" #")[0]), None)

    def facet_of(self, clause: Clause) -> Facet | None:
        """What, why or how: by the headings it stands under; list items and table rows say how."""
        for heading in reversed(clause.path):
            words = re.sub(r"^[\d.]+\s+", "", heading)
            for facet in self.facet:
                if facet.heading_prefix and words.lower().startswith(facet.heading_prefix.lower()):
                    return facet.key
        if clause.rendition != "plan" and clause.kind in ("item", "row") and self.principle_of(clause):
            return "how"
        return None


def _unknown(kind: str, words: str, names: list[str]) -> str:
    return f"unknown {kind} {words!r}; use one of: {', '.join(names)}"


def _fold(words: str) -> str:
    return re.sub(r"[\W_]+", " ", words.lower()).strip()


def read_taxonomy(corpus: Path, overlay: Path | None = None) -> Taxonomy:
    """The packaged taxonomy with the overlay's aliases, synonyms and cues added to the entries of the same key.

    Of these, aliases and the cues of audiences are read; synonyms and the cues of facets have no effect so far.

    Raises:
        ManifestError: A file does not parse, or the overlay names a key that does not exist.
    """
    path = corpus / "taxonomy.toml"
    values = read_toml(path)
    values["schema_version"] = values.pop("schema", 1)
    if overlay is not None and (overlay / "taxonomy.toml").is_file():
        path = overlay / "taxonomy.toml"
        _merge(values, read_toml(path), path)
    try:
        return Taxonomy.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ManifestError(f"{path}: {where}: {first['msg']}") from error


def _merge(values: dict[str, Any], more: Mapping[str, Any], path: Path) -> None:
    for table, entries in more.items():
        if table in ("schema", "schema_version"):
            continue
        if not isinstance(entries, list) or table not in values:
            raise ManifestError(f"{path}: unknown table {table!r}; use principle, stage, role, audience or facet")
        own = {e.get("key", e.get("short")): e for e in values[table]}
        for entry in entries:
            key = entry.get("key", entry.get("short"))
            if table == "abbreviation":
                values[table].append(entry)
                continue
            if key not in own:
                raise ManifestError(f"{path}: [[{table}]] has no key {key!r}")
            for name in ("aliases", "synonyms", "cues"):
                if name in entry:
                    own[key][name] = [*own[key].get(name, []), *entry[name]]
