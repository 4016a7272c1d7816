"""The command line: results to standard output, everything else to standard error; exit codes 0, 1, 2."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from assistant import __version__
from assistant.answering.answer import Answer
from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.rechecking import read_answer, verify_answer
from assistant.characters import whole_json
from assistant.coverage.commands import add_coverage_parser
from assistant.errors import AssistantError, CaseError, SettingsError, WriteError
from assistant.evals.arguments import add_evals_parser
from assistant.files import read_lines
from assistant.listing import clause_rows, render_answer, source_rows
from assistant.progress import shown, silent
from assistant.retrieval.hit import Filters
from assistant.services import Services
from assistant.settings import Settings, load_settings, packaged
from assistant.workshop.commands import add_workshop_parser

OK, CHECK_FAILED, WRONG_USE = 0, 1, 2
_MAX_REASON = 200
# JSON lets these stand, but many readers of lines end a line at them.
_LINE_BREAKS = {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}


def run(arguments: Sequence[str]) -> int:
    """Run one command.

    Returns:
        0 for success, 1 where a check failed, 2 for wrong use or an error that the user can mend.
    """
    parser = make_parser()
    options = parser.parse_args(arguments)
    if not hasattr(options, "command"):
        parser.print_help(sys.stderr)
        return WRONG_USE
    try:
        code = options.command(options)
        return OK if code is None else int(code)
    except AssistantError as error:
        print(f"assistant: {error}", file=sys.stderr)
        return WRONG_USE
    except KeyboardInterrupt:
        print("assistant: stopped; what was finished is kept", file=sys.stderr)
        return WRONG_USE
    except BrokenPipeError:
        sys.stderr.close()
        return OK


def make_parser() -> argparse.ArgumentParser:
    """The whole command line; `docs/commands.md` is made from it."""
    parser = argparse.ArgumentParser(
        prog="assistant", description="Cited guidance on collaborative business relationships."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_index(commands)
    _add_sources(commands)
    _add_clauses(commands)
    _add_ask(commands)
    _add_retrieve(commands)
    _add_chat(commands)
    add_coverage_parser(commands)
    add_workshop_parser(commands)
    _add_verify(commands)
    _add_evals(commands)
    return parser


def _command(commands: Any, name: str, function: Any, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.add_argument("--data-dir", type=Path, help="where index and conversations live (default ./.assistant)")
    parser.set_defaults(command=function)
    return parser


def settings_of(options: argparse.Namespace, **more: Any) -> Settings:
    """Settings from the environment with what the command line says on top."""
    return load_settings(data_dir=options.data_dir, **more)


def _add_index(commands: Any) -> None:
    parser = _command(commands, "index", index_command, "build or refresh the index")
    parser.add_argument(
        "--source",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="register a folder of texts or plans permanently",
    )
    parser.add_argument(
        "--remove",
        action="append",
        default=[],
        metavar="SOURCE_ID",
        help="remove a source from the index; with the path of a registered folder, forget the folder",
    )


def index_command(options: argparse.Namespace) -> int:
    """`assistant index`."""
    assistant = GuidanceAssistant(settings_of(options))
    try:
        with shown() as progress:
            report = assistant.build(options.source, options.remove, progress=progress)
    except KeyboardInterrupt:
        print("assistant: stopped; the index is as it was before", file=sys.stderr)
        return WRONG_USE
    for notice in report.notices:
        print(notice, file=sys.stderr)
    state = "built" if report.changed else "unchanged"
    print(
        f"index {state}: {report.sources} sources, {report.passages} passages, {report.encoded} texts encoded, generation {report.generation}"
    )
    return OK


def _add_sources(commands: Any) -> None:
    parser = _command(
        commands, "sources", sources_command, "what is indexed: source, edition, rendition, clauses, licence"
    )
    parser.add_argument("--json", action="store_true", help="as JSON")


def sources_command(options: argparse.Namespace) -> None:
    """`assistant sources`."""
    rows = source_rows(GuidanceAssistant(settings_of(options)).catalog)
    if options.json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        print(f"{row['id']}  [{row['rendition']}]  {row['label']}  {row['clauses']} clauses")
        print(f"    licence: {row['licence_state']}; {row['licence_line']}")
        if row["manifest_lines"]:
            print(f"    to change it, put this into {row['folder']}/manifest.toml:")
            print("\n".join(f"        {line}" for line in row["manifest_lines"].splitlines() if line))


def _add_clauses(commands: Any) -> None:
    parser = _command(commands, "clauses", clauses_command, "the clause tree: clauses, list items, annex rows, stages")
    parser.add_argument("--source", metavar="ID", help="only this source")
    parser.add_argument("--json", action="store_true", help="as JSON")


def clauses_command(options: argparse.Namespace) -> None:
    """`assistant clauses`."""
    catalog = GuidanceAssistant(settings_of(options)).catalog
    known = dict.fromkeys(source_id for source_id, _ in catalog.sources)
    if options.source is not None and options.source not in known:
        raise SettingsError(f"there is no source {options.source!r}; use one of: {', '.join(sorted(known))}")
    rows = clause_rows(catalog, options.source)
    if options.json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        held = "" if row["text_held"] else "  (text not held)"
        print(f"{'  ' * row['depth']}{row['id']}  {row['heading']}{held}")


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--audience", choices=("msme", "large"), help="answer for small firms (msme) or large organisations (large)"
    )
    parser.add_argument("--principle", metavar="P", help="only this principle")
    parser.add_argument("--facet", choices=("what", "why", "how"), help="only what, why or how")


def _add_ask(commands: Any) -> None:
    parser = _command(commands, "ask", ask_command, "answer a question, or a file of questions")
    parser.add_argument("question", nargs="?", metavar="QUESTION")
    parser.add_argument("--json", action="store_true", help="the whole answer as JSON")
    _add_filters(parser)
    parser.add_argument("--engine", metavar="ENGINE", help="extractive or PROVIDER:MODEL")
    parser.add_argument("--history", type=Path, metavar="FILE", help="earlier questions, one a line or a JSON list")
    parser.add_argument("--batch", type=Path, metavar="CASES.jsonl", help="answer every case of a file")
    parser.add_argument("--out", type=Path, metavar="ANSWERS.jsonl", help="where the answers of a batch go")


def ask_command(options: argparse.Namespace) -> None:
    """`assistant ask`."""
    _check_combination(options)
    assistant = GuidanceAssistant(settings_of(options, engine=options.engine))
    filters = filters_of(options, assistant)
    if options.batch is not None:
        _batch(assistant, options, filters)
        return
    if not options.question or not options.question.strip():
        raise CaseError('no question given; use: assistant ask "QUESTION"')
    history = read_history(options.history) if options.history else []
    answer = assistant.ask(options.question, history, filters)
    print(
        json.dumps(answer.to_json(), ensure_ascii=False, indent=1)
        if options.json
        else render_answer(answer, assistant.catalog)
    )


def _check_combination(options: argparse.Namespace) -> None:
    """Refuse options that would have no effect together.

    Raises:
        SettingsError: --out without --batch, or --batch with what a case holds itself.
    """
    if options.batch is None and options.out is not None:
        raise SettingsError("--out goes with --batch only; for one answer use: assistant ask QUESTION --json > FILE")
    if options.batch is not None and options.question is not None:
        raise SettingsError("give either a QUESTION or --batch, not both")
    if options.batch is not None and options.history is not None:
        raise SettingsError('--history does not go with --batch; give each case its own "history"')


def filters_of(options: argparse.Namespace, assistant: GuidanceAssistant) -> Filters:
    """Filters of the command line.

    Raises:
        SettingsError: The principle is unknown.
    """
    if options.principle:
        assistant.catalog.taxonomy.require_principle(options.principle)
    return Filters(options.audience, options.principle, options.facet)


def read_history(path: Path) -> list[str]:
    """Earlier questions from a file: a JSON list of strings, or one question a line.

    Raises:
        CaseError: The file is missing or is neither.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path}: cannot be read as UTF-8 text; give a file with one question a line") from error
    if text.lstrip().startswith("["):
        try:
            values = whole_json(text)
        except ValueError as error:
            raise CaseError(f"{path}: not a valid JSON list") from error
        if not all(isinstance(v, str) for v in values):
            raise CaseError(f"{path}: the JSON list must hold strings only")
        return list(values)
    return [line.strip() for line in text.splitlines() if line.strip()]


def read_cases(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Cases of a JSON Lines file with their line numbers.

    Raises:
        CaseError: The file is missing, or a line is no JSON object.
    """
    for number, line in read_lines(path, CaseError):
        try:
            case = whole_json(line)
        except ValueError as error:
            raise CaseError(f"{path}, line {number}: not valid JSON") from error
        if not isinstance(case, dict):
            raise CaseError(f"{path}, line {number}: must be a JSON object with id and question")
        yield number, case


def _batch(assistant: GuidanceAssistant, options: argparse.Namespace, filters: Filters) -> None:
    cases = list(read_cases(options.batch))
    # What is wrong with index or model is wrong for every case: it is told before the answers of an earlier run are gone.
    assistant.open()
    try:
        out = options.out.open("w", encoding="utf-8") if options.out else sys.stdout
    except OSError as error:
        raise CaseError(
            f"{options.out}: cannot be written ({error.strerror}); name a file in a folder that exists"
        ) from error
    try:
        with out if options.out else nullcontext(), shown() as progress:
            for done, (number, case) in enumerate(cases, 1):
                answer = json.dumps(_answer_case(assistant, number, case, filters), ensure_ascii=False)
                out.write(answer.translate(_LINE_BREAKS) + "\n")
                out.flush()
                progress("answering", done, len(cases))
    except BrokenPipeError:
        raise
    except OSError as error:
        where = options.out or "standard output"
        raise WriteError(f"{where}: cannot be written ({error.strerror}); make room and ask the rest again") from error


def _answer_case(assistant: GuidanceAssistant, number: int, case: dict[str, Any], filters: Filters) -> dict[str, Any]:
    """One answer; a case that fails says why and the run goes on. Labels of the case are never read."""
    case_id, question, history = case.get("id"), case.get("question"), case.get("history") or []
    if not isinstance(question, str) or not question.strip():
        return {"id": case_id, "error": f"line {number}: no question"}
    if not isinstance(history, list) or not all(isinstance(h, str) for h in history):
        return {"id": case_id, "error": f"line {number}: history must be a list of strings"}
    try:
        answer: Answer = assistant.ask(question, history, filters).with_id(case_id)
        return answer.to_json()
    except AssistantError as error:
        return {"id": case_id, "error": str(error)}
    except Exception as error:  # whatever is wrong with one case, the others are answered
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:_MAX_REASON]
        return {"id": case_id, "error": f"line {number}: failed unexpectedly ({reason}); ask it in other words"}


def _add_retrieve(commands: Any) -> None:
    parser = _command(commands, "retrieve", retrieve_command, "ranked clauses for a query, without an answer")
    parser.add_argument("query", metavar="QUERY")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("-k", type=_count, default=10, metavar="N", help="number of clauses (default 10)")
    _add_filters(parser)


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number of at least 1")
    return int(text)


def retrieve_command(options: argparse.Namespace) -> None:
    """`assistant retrieve`."""
    assistant = GuidanceAssistant(settings_of(options))
    hits = assistant.retrieve(options.query, options.k, filters_of(options, assistant))
    if options.json:
        print(json.dumps([{"id": h.id, "rank": h.rank, "score": h.score} for h in hits], indent=1))
        return
    for hit in hits:
        entry = assistant.catalog.resolve(hit.id)
        print(f"{hit.rank:3}  {hit.score:7.3f}  {hit.id}  {entry.clause.heading}")


def _add_verify(commands: Any) -> None:
    parser = _command(commands, "verify", verify_command, "re-check a stored answer and say what has changed since")
    parser.add_argument("answer", type=Path, metavar="ANSWER.json", help="what `assistant ask --json` printed")
    parser.add_argument("--json", action="store_true", help="as JSON")


def verify_command(options: argparse.Namespace) -> int:
    """`assistant verify`: 0 where the answer still stands, 1 where something in it does not."""
    assistant = GuidanceAssistant(settings_of(options))
    report = verify_answer(read_answer(options.answer), assistant)
    print(json.dumps(report.to_json(), ensure_ascii=False, indent=1) if options.json else report.text())
    return OK if report.stands else CHECK_FAILED


def _add_evals(commands: Any) -> None:
    data_dir = argparse.ArgumentParser(add_help=False)
    data_dir.add_argument("--data-dir", type=Path, help="where index and conversations live (default ./.assistant)")
    parser = add_evals_parser(commands, eval_services, cases_folder=packaged("evals") / "cases", parents=[data_dir])
    parser.set_defaults(command=evals_command)


def evals_command(options: argparse.Namespace) -> int:
    """`assistant evals ...`."""
    with shown() as progress:
        options.progress = progress
        return int(options.handler(options))


def eval_services(options: argparse.Namespace) -> Services:
    """The product as the eval commands and the pytest plugin see it."""
    settings = load_settings(data_dir=getattr(options, "data_dir", None), engine=getattr(options, "engine", None))
    return Services(settings, getattr(options, "progress", silent))


def _add_chat(commands: Any) -> None:
    parser = _command(commands, "chat", chat_command, "the web chat")
    parser.add_argument("--engine", metavar="ENGINE", help="extractive or PROVIDER:MODEL")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default 7860)")


def chat_command(options: argparse.Namespace) -> None:
    """`assistant chat`."""
    from assistant.web.app import serve  # gradio takes seconds to import: only for the web chat

    serve(settings_of(options, engine=options.engine, host=options.host, port=options.port))
