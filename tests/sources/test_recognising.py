"""A text is a known standard where it bears its title, and not where it only speaks of it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from assistant.answering.assistant import GuidanceAssistant
from assistant.plan_files import PlanFiles
from assistant.settings import load_settings, packaged
from assistant.sources.manifest import KnownStandard, read_manifest
from assistant.sources.reading import read_bytes
from assistant.sources.recognising import known_standard
from assistant.sources.registry import Registrations, collect_sources
from tests.clauses.trees import taxonomy

_SMALL = "Guidelines for micro, small and medium-sized enterprises on the implementation of the fundamental principles"
_LARGE = (
    "Guidelines for large organizations seeking collaboration with micro, small and medium-sized enterprises (MSMEs)"
)


@pytest.fixture(scope="module")
def standards() -> tuple[KnownStandard, ...]:
    return read_manifest(packaged("corpus") / "manifest.toml").standard


def recognised(text: str, standards: tuple[KnownStandard, ...], name: str = "text.md") -> str | None:
    known = known_standard(read_bytes(text.encode(), name), standards)
    return known.id if known else None


@pytest.mark.parametrize(
    "text",
    [
        f"# Our plan\n\n## 1 Purpose\n\nThis plan follows ISO 44003, {_SMALL}.\n\n### 5.1 Visions\n\nOur own words.\n",
        f"# Our plan\n\n## 1 Purpose\n\nThis plan follows ISO 44003, {_SMALL}\n\n### 5.1 Visions\n\nOur own words.\n",
        f"# Our plan\n\nThis plan follows ISO 44003, {_SMALL}\n\n## Visions\n\nOur own words.\n",
        f"# Our plan\n\nWe follow:\n\n- ISO 44003, {_SMALL}\n- our own rules\n\n## Visions\n\nOur own words.\n",
        f"# Our plan\n\n- ISO 44003, {_SMALL}\n\n## Visions\n\nOur own words.\n",
        f"# Our plan\n\n| Followed | ISO 44004 {_LARGE} |\n|---|---|\n\n## Visions\n\nOur own words.\n",
        f"# How we apply ISO 44004, {_LARGE}\n\n## Visions\n\nOur own words.\n",
        f"# Our plan\n\nAgreed in May.\n\n## {_LARGE}\n\nOur own words.\n",
        "# Our plan\n\nAgreed in May.\n\n## Key stages of ISO 44001\n\nOur own words.\n",
    ],
)
def test_a_plan_that_speaks_of_a_standard_is_none(text: str, standards: tuple[KnownStandard, ...]) -> None:
    assert recognised(text, standards) is None
    assert recognised(text.replace("#", "").strip(), standards, "text.txt") is None


@pytest.mark.parametrize(
    "text",
    [
        f"# {_SMALL}\n\n## 1 Scope\n\nWords.\n",
        f"# ISO 44003:2021 — Collaborative business relationship management — {_SMALL}\n\n## 1 Scope\n\nWords.\n",
        f"INTERNATIONAL STANDARD\n\nISO 44003\n\nFirst edition\n\n2021-08\n\nCollaborative business relationship management: {_SMALL}\n\n1 Scope\n\nWords.\n",
        f"BS ISO 44003:2021 BSI Standards Publication {_SMALL}\n\nContents\n\n1 Scope\n\nWords.\n",
        f"Licensed to Ann Example. Single-user licence only, no copies.\n\nISO 44003\n\n{_SMALL}\n\n1 Scope\n\nWords.\n",
        "Guidelines for micro, small and medium-sized\n\nenterprises on the implementation of the principles\n\n1 Scope\n\nWords.\n",
        f"---\ntitle: {_SMALL}\n---\n\nWords of the first page.\n\n# 1 Scope\n\nWords.\n",
    ],
)
def test_a_text_that_bears_the_title_is_the_standard(text: str, standards: tuple[KnownStandard, ...]) -> None:
    assert recognised(text, standards) == "iso-44003"


_MENTION = (
    f"# Our plan\n\n## 1 Purpose\n\nThis plan follows ISO 44003, {_SMALL}.\n\n### 5.1 Visions\n\nOur own words.\n"
)


def test_a_folder_with_such_a_plan_gives_a_plan(tmp_path: Path) -> None:
    (tmp_path / "ours.md").write_text(_MENTION)
    registrations = Registrations.load(tmp_path / "data")
    registrations.register(tmp_path)
    sources = collect_sources(packaged("corpus"), registrations, max_bytes=1_000_000).sources
    (ours,) = (s for s in sources if s.folder == tmp_path.resolve())
    assert (ours.source_id, ours.rendition) == ("plan-ours", "plan")


def test_such_a_plan_can_be_uploaded(tmp_path: Path) -> None:
    (tmp_path / "ours.md").write_text(_MENTION)
    product = SimpleNamespace(
        settings=load_settings(data_dir=tmp_path / "data"), catalog=SimpleNamespace(taxonomy=taxonomy())
    )
    preview = PlanFiles(cast(GuidanceAssistant, product)).take_in(tmp_path / "ours.md")
    assert [(s.citation_id, s.text) for s in preview.sections][-1] == ("plan-preview:5.1", "Our own words.")


def test_the_name_of_a_file_makes_no_standard_of_it(standards: tuple[KnownStandard, ...]) -> None:
    assert recognised("We meet every month.\n", standards, f"{_LARGE}.txt") is None
