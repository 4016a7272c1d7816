"""`assistant evals …` as plain functions; `arguments.py` has the parser that calls them.

Results go to standard output, everything else to standard error. Each function returns the exit code: 0, or 1 when a
check failed; `AssistantError` is left to the caller.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from assistant.errors import CaseError, IndexProblem
from assistant.evals.aggregate import summarise, summary_record
from assistant.evals.answers import NO_ANSWER, AnswerRecord
from assistant.evals.baselines import load_run, save_baseline
from assistant.evals.beir import (
    check_target,
    published_for,
    read_documents,
    read_qrels,
    read_queries,
    run_queries,
    score_run,
    table,
    write_trec,
)
from assistant.evals.case import Case, Tier, select_tier
from assistant.evals.compare import compare_runs
from assistant.evals.dataset import load_cases
from assistant.evals.measures import BY_NAME, shown
from assistant.evals.metrics import Scored, Scorer
from assistant.evals.protocols import EvalServices, name_of
from assistant.evals.report_html import render_html
from assistant.evals.report_markdown import render_comparison, render_run
from assistant.evals.review import ReviewDialogue, known_cases
from assistant.evals.running import answer_cases, progress
from assistant.evals.runs import (
    Key,
    Run,
    RunFolder,
    RunHeader,
    read_answers,
    read_marker,
    scored_record,
    write_lines,
)
from assistant.evals.wording import counted
from assistant.files import write_whole

INTERRUPTED = 2


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Options of `evals run`.

    Attributes:
        cases: Case files.
        out: Run folder, None for a new one among those of the data folder, which the quality page lists.
        tier: "smoke" or "full".
        repeat: Times that each case is answered.
        workers: Cases that are answered at once.
        as_json: Print the summary as JSON.
    """

    cases: Sequence[Path]
    out: Path | None = None
    tier: Tier = "full"
    repeat: int = 1
    workers: int = 2
    as_json: bool = False


def run(services: EvalServices, options: RunOptions) -> int:
    """Answer cases, score the answers, write the reports.

    Returns:
        0; 1 where a case has no score or an answer breaches a quote budget; 2 where Ctrl-C stopped it, with what was
        answered kept.

    Raises:
        CaseError: An option is out of range, a case file is malformed, or the folder cannot hold this run.
        IndexProblem: There is no index to answer from.
        EngineError: The engine cannot be opened.
        AssistantError: Anything else that no case could get past. What is wrong from the start is told before anything
            is written.
    """
    if options.repeat < 1:
        raise CaseError(f"--repeat {options.repeat}: must be at least 1")
    catalog = services.catalog()
    cases = select_tier(load_cases(options.cases, known_ids=catalog.known_ids()), options.tier)
    answerer = services.answerer()
    header = RunHeader.of(cases, options.repeat, services.settings(), services.hashes())
    out = options.out or services.runs_folder() / f"{datetime.now():%Y%m%d-%H%M%S}-{options.tier}"
    with RunFolder.open(out, cases, header) as folder:
        try:
            answers = answer_cases(folder, cases, answerer, workers=options.workers)
            done = Run(out.name, folder.header, tuple(cases), answers)
            return _finish(services, done, out, as_json=options.as_json)
        except KeyboardInterrupt:
            kept = sum(a.answer is not None for a in folder.answers().values())
            total = len(cases) * options.repeat
            _note(f"stopped: {kept} of {total} answers are kept; the same command with --out {out} goes on")
            return INTERRUPTED


def score(
    services: EvalServices,
    answers: Path,
    cases: Sequence[Path],
    out: Path | None = None,
    *,
    as_json: bool = False,
) -> int:
    """Score answers that were made elsewhere, or those of another run folder again.

    Args:
        services: The product.
        answers: One answer a line, with the id of its case; those of other cases are left out and named.
        cases: Case files.
        out: Run folder to keep answers, scores and reports in, so that they can be compared; None to print only.
        as_json: Print the summary as JSON.

    Returns:
        0; 1 where a case has no score (for want of an answer, for instance) or an answer breaches a quote budget.

    Raises:
        CaseError: A file is malformed, no answer belongs to a case, or the folder holds another run.
        IndexProblem: There is no index, without which citations cannot be checked.
        WriteError: A file of the run folder cannot be written.
    """
    loaded = load_cases(cases, known_ids=services.catalog().known_ids())
    marker = answers.parent / "run.json"
    found = read_answers(answers, strict=not marker.exists())
    ids = {c.case_id for c in loaded}
    strange = sorted({i for i, _ in found} - ids)
    if strange:
        _note(f"left out, without a case: {counted(len(strange), 'answer')} ({', '.join(strange[:5])})")
    kept = {key: record for key, record in found.items() if key[0] in ids}
    if not kept:
        raise CaseError(f"{answers}: answers none of the cases; are these the cases that were asked?")
    repeat = 1 + max(number for _, number in kept)
    header = RunHeader.of(loaded, repeat, {"answers": name_of(answers)}, {})
    if marker.exists():
        made_by = read_marker(marker)
        header = replace(header, settings=made_by.settings, hashes=made_by.hashes)
    if out is None:
        return _finish(services, Run(answers.stem, header, tuple(loaded), kept), None, as_json=as_json)
    with RunFolder.open(out, loaded, header) as folder:
        write_lines(out / "answers.jsonl", (record.to_record() for record in kept.values()))
        return _finish(services, Run(out.name, folder.header, tuple(loaded), kept), out, as_json=as_json)


def score_answers(scorer: Scorer, cases: Sequence[Case], answers: dict[Key, AnswerRecord], repeat: int) -> list[Scored]:
    """Scores in the order of the cases, the first repetition of all before the second."""
    wanted = [(case, number) for number in range(repeat) for case in cases]
    scored = []
    with progress(len(wanted), "scored") as told:
        for case, number in wanted:
            record = answers.get((case.case_id, number)) or AnswerRecord(case.case_id, number, None, NO_ANSWER)
            scored.append(scorer.score(case, record))
            told.advance()
    return scored


def _finish(services: EvalServices, found: Run, out: Path | None, *, as_json: bool) -> int:
    catalog, budgets = services.catalog(), services.quote_budgets()
    scorer = Scorer.with_catalog(catalog, services.judge(), budgets.per_answer)
    scored = score_answers(scorer, found.cases, dict(found.answers), found.header.repeat)
    done = Run(found.name, found.header, found.cases, found.answers, tuple(scored))
    summary = summary_record(done.cases, done.scored)
    if out is not None:
        write_lines(out / "scores.jsonl", (scored_record(s) for s in scored))
        write_whole(out / "summary.json", json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
        write_whole(out / "report.html", render_html(done, catalog=catalog, quote_words=budgets.per_export))
        write_whole(out / "report.md", render_run(done))
        _note(f"run: {out}\nreport: {out / 'report.html'}")
    print(json.dumps(summary, indent=2, ensure_ascii=False) if as_json else summary_text(done))
    unscored = [s for s in scored if s.unscored]
    for one in unscored[:5]:
        _note(f"{one.case_id}: {one.unscored}")
    breaches = sum(bool(s.scores.get("budget_breaches")) for s in scored)
    if breaches:
        _note(f"more is quoted than a licence allows in {counted(breaches, 'answer')}")
    return 1 if unscored or breaches else 0


def summary_text(run: Run) -> str:
    """The figures of a run for a terminal."""
    lines = [f"{counted(len(run.cases), 'case')}, {counted(len(run.scored), 'answer')}"]
    for name, figure in summarise(run.scored).items():
        if figure.count:
            measure = BY_NAME[name]
            bounds = figure.interval
            between = f"{shown(measure, bounds.low)} to {shown(measure, bounds.high)}" if bounds else ""
            lines.append(
                f"{measure.label:<22} {shown(measure, figure.value):>9}   {between:<20} {figure.count:>5} cases"
            )
    unscored = sum(bool(s.unscored) for s in run.scored)
    lines += [f"{unscored} could not be scored (in no figure)"] if unscored else []
    return "\n".join(lines)


def compare(
    base: Path,
    new: Path,
    max_loss: float | None = None,
    *,
    html: Path | None = None,
    markdown: Path | None = None,
    services: EvalServices | None = None,
) -> int:
    """Compare two runs (folders or baseline files).

    Args:
        base: The run to compare with.
        new: The run that is judged.
        max_loss: Percentage points that a gated metric may lose; see `compare.py` for the rule.
        html: Where to write the HTML report.
        markdown: Where to write the Markdown report, which also goes to standard output.
        services: For labels and licence budgets in the HTML report; without them ids are shown and no quotes.

    Returns:
        0; 1 where `max_loss` is given and the gate fails.

    Raises:
        CaseError: `max_loss` is out of range, a run cannot be read or has no scores, or the two share no case.
        WriteError: A report cannot be written.
    """
    if max_loss is not None and not 0 <= max_loss <= 100:
        raise CaseError(f"--max-loss {max_loss:g}: must be percentage points from 0 to 100")
    found = compare_runs(load_run(base), load_run(new))
    failures = None if max_loss is None else found.gate(max_loss)
    text = render_comparison(found, failures)
    print(text, end="")
    if markdown:
        write_whole(markdown, text)
    if html:
        catalog, words = None, None
        try:
            if services:
                catalog, words = services.catalog(), services.quote_budgets().per_export
        except IndexProblem as problem:
            _note(f"{problem}; the report shows ids in place of labels, and no licensed words")
        write_whole(html, render_html(found.new, found, catalog=catalog, quote_words=words))
        _note(f"report: {html}")
    return 1 if failures else 0


def baseline(run_folder: Path, out: Path) -> int:
    """Keep a scored run as a baseline file.

    Args:
        run_folder: The run.
        out: The file to write.

    Returns:
        0.

    Raises:
        CaseError: The run cannot be read or has no scores.
        WriteError: The file cannot be written.
    """
    loaded = load_run(run_folder)
    if not loaded.scored:
        raise CaseError(f"{run_folder}: has no scores; finish it with `assistant evals run --out {run_folder}`")
    save_baseline(loaded, out)
    _note(f"baseline: {out}")
    return 0


def review(services: EvalServices, into: Path, known: Sequence[Path] = ()) -> int:
    """Turn thumbs-downs into cases on the terminal.

    Args:
        services: The product.
        into: Case file to append to.
        known: Case files whose questions need no second case; those of `into` are known anyway.

    Returns:
        0, also where the reviewer stopped halfway.

    Raises:
        CaseError: A case file is malformed.
        IndexProblem: There is no index.
        SettingsError: The data folder cannot be written.
    """
    cases = known_cases([*known, into])
    ReviewDialogue(services.feedback(), services.catalog(), into, cases).run()
    return 0


def retrieval(
    services: EvalServices,
    folder: Path,
    split: str,
    *,
    run_file: Path | None = None,
    depth: int = 100,
    as_json: bool = False,
) -> int:
    """Index a BEIR folder with the product's own retrieval, search its queries, score the run.

    Args:
        services: The product.
        folder: A folder in BEIR form.
        split: Which qrels.
        run_file: Where to write the TREC run.
        depth: Hits a query, at least 10.
        as_json: Print the scores as JSON.

    Returns:
        0.

    Raises:
        CaseError: A file of the folder is missing or malformed, or `depth` is too small.
        WriteError: The run file cannot be written; told before the search where that can be seen.
        AssistantError: The documents cannot be indexed.
    """
    if run_file:
        check_target(run_file)
    qrels, queries = read_qrels(folder, split), read_queries(folder)
    search = services.search(folder.resolve().name, read_documents(folder))
    found = run_queries(search, queries, list(qrels), depth)
    if run_file:
        write_trec(run_file, found)
        _note(f"run: {run_file}")
    scores = score_run(qrels, found)
    record: dict[str, Any] = {"split": split, "queries": len(qrels), "scores": scores}
    print(json.dumps(record, indent=2) if as_json else table(split, scores, published_for(folder)))
    return 0


def _note(words: str) -> None:
    print(words, file=sys.stderr)
