"""`assistant workshop`: a pack from the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from assistant.answering.assistant import GuidanceAssistant
from assistant.clauses.taxonomy import Taxonomy
from assistant.errors import CheckFailed, WorkshopError
from assistant.progress import Progress, shown
from assistant.settings import load_settings
from assistant.workshop.building import WorkshopBuilder
from assistant.workshop.pack import WorkshopRequest
from assistant.workshop.stock import UnitKind

CHECK_FAILED = 1
ProgressBar = Callable[[], AbstractContextManager[Progress]]


class _Topic(argparse.Action):
    """Principles and stages in the order in which they are given."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        kind = "stage" if option_string == "--stage" else "principle"
        namespace.topics = [*(namespace.topics or ()), (kind, str(values))]


def add_workshop_parser(commands: Any) -> None:
    """Add `workshop` to the command line.

    Args:
        commands: The subparsers.
    """
    text = "teaching material on principles or stages: slides, guides, quiz, self-assessment, each statement cited and checked"
    parser: argparse.ArgumentParser = commands.add_parser(
        "workshop",
        help="build a workshop pack",
        description=f"{text[:1].upper()}{text[1:]}. Exit code 1 where a citation, a provision or a licence would be broken; nothing is written then.",
    )
    parser.add_argument("--data-dir", type=Path, help="where index and conversations live (default ./.assistant)")
    parser.add_argument(
        "--principle",
        action=_Topic,
        dest="topics",
        metavar="P",
        help="a principle to teach; may be given several times",
    )
    parser.add_argument(
        "--stage",
        action=_Topic,
        dest="topics",
        metavar="S",
        help="a life-cycle stage to teach; may be given several times",
    )
    parser.add_argument(
        "--audience", choices=("msme", "large", "both"), default="both", help="intended audience (default both)"
    )
    parser.add_argument("--minutes", type=int, default=90, metavar="N", help="length with breaks (default 90)")
    parser.add_argument(
        "--level",
        choices=("introduction", "practice"),
        default="introduction",
        help="depth (default introduction)",
    )
    parser.add_argument("--with-plans", action="store_true", help="quote your own plans as the worked example")
    parser.add_argument("--template", type=Path, metavar="FILE", help="your own .potx or .pptx")
    parser.add_argument("--engine", metavar="ENGINE", help="extractive, or PROVIDER:MODEL to reword guidance claims")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder for the pack; choices kept in its pack.toml are applied",
    )
    parser.set_defaults(command=workshop_command)


def workshop_command(options: argparse.Namespace, progress_bar: ProgressBar = shown) -> int:
    """`assistant workshop`.

    Returns:
        0, or 1 where a check failed and nothing was written.

    Raises:
        AssistantError: The request cannot be met.
    """
    assistant = GuidanceAssistant(load_settings(data_dir=options.data_dir, engine=options.engine))
    request = WorkshopRequest(
        units=topics(options.topics or (), assistant.catalog.taxonomy),
        audience=options.audience,
        minutes=options.minutes,
        level=options.level,
        with_plans=options.with_plans,
        template=options.template,
    )
    try:
        with progress_bar() as progress:
            report = WorkshopBuilder(assistant).build(request, options.out, progress)
    except CheckFailed as error:
        print(f"assistant: the pack was not built: {error}", file=sys.stderr)
        return CHECK_FAILED
    for notice in report.pack.notices:
        print(notice, file=sys.stderr)
    for was, now in report.kept.items():
        print(f"{was} had been changed by hand; your version is kept as {now}", file=sys.stderr)
    replaced = len(report.pack.replacements)
    print(
        f"{options.out}: {len(report.pages)} slides, {report.pack.checked} claims checked, {replaced} replaced by the digest's sentence (report.md)"
    )
    return 0


def topics(given: Any, taxonomy: Taxonomy) -> tuple[tuple[UnitKind, str], ...]:
    """Keys of the topics that were named.

    Raises:
        SettingsError: One is unknown.
        WorkshopError: None was given.
    """
    units: list[tuple[UnitKind, str]] = []
    for kind, name in given:
        if kind == "principle":
            units.append(("principle", taxonomy.require_principle(name).key))
        else:
            units.append(("stage", taxonomy.require_stage(name).key))
    if not units:
        raise WorkshopError("no topic given; use --principle or --stage at least once")
    return tuple(units)
