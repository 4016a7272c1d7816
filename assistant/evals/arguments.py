"""The arguments of `assistant evals`, for argparse."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from assistant.errors import CaseError
from assistant.evals import commands
from assistant.evals.dataset import case_files
from assistant.evals.protocols import EvalServices, ServicesFactory
from assistant.evals.review import REVIEWED_FILE

Handler = Callable[[argparse.Namespace], int]


def add_evals_parser(
    subparsers: Any,
    factory: ServicesFactory,
    *,
    cases_folder: Path,
    parents: Sequence[argparse.ArgumentParser] = (),
) -> argparse.ArgumentParser:
    """Add `evals` with its subcommands.

    Args:
        subparsers: What `ArgumentParser.add_subparsers()` gave.
        factory: Opens the product for the parsed arguments.
        cases_folder: Its `*.jsonl`, with the user's cases, are those asked where `--cases` is not given.
        parents: Parsers with options that every command takes (`--data-dir`).

    Returns:
        The parser of `evals`. Each subcommand sets the default `handler`: call `args.handler(args)` for the exit code.
    """
    description = "What got better, what got worse, and is it noise?"
    evals: argparse.ArgumentParser = subparsers.add_parser("evals", help=description, description=description)
    actions = evals.add_subparsers(dest="evals_command", required=True, metavar="COMMAND")

    def command(name: str, words: str, handler: Handler) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = actions.add_parser(name, help=words, description=words, parents=list(parents))
        parser.set_defaults(handler=handler)
        return parser

    _add_run(command, factory, cases_folder)
    _add_score(command, factory, cases_folder)
    _add_compare(command, factory)
    _add_baseline(command)
    _add_review(command, factory, cases_folder)
    _add_retrieval(command, factory)
    return evals


_Command = Callable[[str, str, Handler], argparse.ArgumentParser]


def _chosen_files(given: Sequence[Path] | None, folder: Path, services: EvalServices) -> list[Path]:
    folders = (folder, services.user_cases_folder())
    files = list(given or case_files(*folders))
    if not files:
        raise CaseError(f"no case file in {' or '.join(map(str, folders))}; name one with --cases FILE")
    return files


def _add_run(command: _Command, factory: ServicesFactory, folder: Path) -> None:
    def handler(args: argparse.Namespace) -> int:
        services = factory(args)
        files = _chosen_files(args.cases, folder, services)
        options = commands.RunOptions(files, args.out, args.tier, args.repeat, args.workers, args.json)
        return commands.run(services, options)

    parser = command("run", "Answer the cases and score the answers.", handler)
    _cases_option(parser, folder)
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="run folder, an unfinished one is continued (default: a new one in runs/ of the data folder)",
    )
    parser.add_argument("--tier", choices=("smoke", "full"), default="full", help="which cases (default: full)")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="answer each case N times (default: 1)")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="cases answered at once (default: 2)")
    parser.add_argument("--engine", metavar="ENGINE", help="extractive or PROVIDER:MODEL")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")


def _add_score(command: _Command, factory: ServicesFactory, folder: Path) -> None:
    def handler(args: argparse.Namespace) -> int:
        services = factory(args)
        files = _chosen_files(args.cases, folder, services)
        return commands.score(services, args.answers, files, args.out, as_json=args.json)

    parser = command("score", "Score answers that were made elsewhere (`ask --batch`).", handler)
    parser.add_argument("answers", type=Path, metavar="ANSWERS.jsonl", help="one answer a line, with the case's id")
    _cases_option(parser, folder)
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep answers, scores and reports as a run folder")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")


def _add_compare(command: _Command, factory: ServicesFactory) -> None:
    def handler(args: argparse.Namespace) -> int:
        services = factory(args) if args.html else None
        return commands.compare(
            args.base, args.new, args.max_loss, html=args.html, markdown=args.markdown, services=services
        )

    parser = command("compare", "Compare two runs over the same cases.", handler)
    parser.add_argument("base", type=Path, metavar="BASE", help="run folder or baseline file to compare with")
    parser.add_argument("new", type=Path, metavar="NEW", help="run folder or baseline file that is judged")
    parser.add_argument(
        "--max-loss",
        type=float,
        metavar="POINTS",
        help="exit with 1 when a gated metric lost more than POINTS percentage points and its interval excludes zero, "
        "when a licence budget is breached, or when a case can no longer be scored",
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the HTML report")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the Markdown report")


def _add_baseline(command: _Command) -> None:
    def handler(args: argparse.Namespace) -> int:
        return commands.baseline(args.run, args.out)

    parser = command("baseline", "Keep a run as one file without licensed words, to compare with later.", handler)
    parser.add_argument("run", type=Path, metavar="RUN", help="run folder")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="for instance evals/baselines/smoke.jsonl"
    )


def _add_review(command: _Command, factory: ServicesFactory, folder: Path) -> None:
    def handler(args: argparse.Namespace) -> int:
        services = factory(args)
        users = services.user_cases_folder()
        return commands.review(services, args.into or users / REVIEWED_FILE, case_files(folder, users))

    parser = command("review", "Turn thumbs-downs from the chat into cases.", handler)
    parser.add_argument(
        "--into",
        type=Path,
        metavar="FILE",
        help=f"case file to append to (default: cases/{REVIEWED_FILE} of the data folder, which `evals run` reads)",
    )


def _add_retrieval(command: _Command, factory: ServicesFactory) -> None:
    def handler(args: argparse.Namespace) -> int:
        return commands.retrieval(
            factory(args), args.folder, args.split, run_file=args.run, depth=args.k, as_json=args.json
        )

    parser = command("retrieval", "Score the retrieval on a folder in BEIR form.", handler)
    parser.add_argument("folder", type=Path, metavar="BEIR_DIR", help="corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv")
    parser.add_argument("--split", required=True, metavar="S", help="for instance dev")
    parser.add_argument("--run", type=Path, metavar="FILE.trec", help="write the TREC run")
    parser.add_argument("-k", type=int, default=100, metavar="N", help="hits per query, at least 10 (default: 100)")
    parser.add_argument("--json", action="store_true", help="print the scores as JSON")


def _cases_option(parser: argparse.ArgumentParser, folder: Path) -> None:
    parser.add_argument(
        "--cases",
        type=Path,
        action="append",
        metavar="FILE",
        help="case file, can be given several times (default: all in "
        f"{folder.parent.name}/{folder.name} and in cases/ of the data folder)",
    )
