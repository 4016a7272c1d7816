"""From a thumbs-down to a case: nothing enters a suite that a person has not decided on.

`known_cases`, `duplicate_of`, `reviewed_case` and `append_case` are what the terminal dialogue and the page of the web
app share; none of them knows where feedback is kept.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import CaseError
from assistant.evals.answers import cited_ids, statements_of
from assistant.evals.case import Case
from assistant.evals.dataset import load_cases, parse_case
from assistant.evals.matching import fold
from assistant.evals.protocols import CitationCatalog, Feedback, FeedbackQueue
from assistant.evals.wording import content_stems, counted

REVIEWED_FILE = "reviewed.jsonl"
"""Name of the case file that terminal and page write to, in the folder of the user's cases."""

_FOUND = 10
_HELP = (
    'Type words to search the clauses, numbers to pick from the list ("1 3"), "must 1" to pick what has to be cited, '
    '"save" to keep the case, "decline" if the assistant must decline, "drop" to put it aside for good, '
    '"skip" to leave it for later, "quit" to stop.'
)


@dataclass(frozen=True, slots=True)
class ClauseEntry:
    """A clause to pick from."""

    citation_id: str
    label: str
    heading: str
    principle: str


def known_cases(files: Iterable[Path]) -> list[Case]:
    """The cases of those files that exist and hold anything; a file that is named in two ways is read once.

    Raises:
        CaseError: A file is malformed, or two of them use the same case id.
    """
    named = {path.resolve(): path for path in files}
    held = [path for path in named.values() if path.exists() and path.stat().st_size]
    return load_cases(held) if held else []


def duplicate_of(feedback: Feedback, known: Sequence[Case]) -> str:
    """Id of the case that asks the same as a thumbs-down, after the same earlier questions; "" where none does."""
    asked = _asked(feedback.question, feedback.history)
    return next((c.case_id for c in known if _asked(c.question, c.history) == asked), "")


def _asked(question: str, history: Iterable[str]) -> tuple[str, ...]:
    return tuple(" ".join(re.findall(r"\w+", q.lower())) for q in (*history, question))


def reviewed_case(
    feedback: Feedback,
    catalog: CitationCatalog,
    *,
    expected: Sequence[str],
    must_cite: Sequence[str] = (),
    known: Sequence[Case] = (),
) -> Case:
    """The case that a reviewer decided on.

    Args:
        feedback: The thumbs-down.
        catalog: The citation ids that exist.
        expected: Acceptable ids; none means that the assistant must decline.
        must_cite: Those of them that have to be cited.
        known: Cases that there are already.

    Raises:
        CaseError: A known case asks the same, an id does not exist, or a must-cite id is not expected.
    """
    if same := duplicate_of(feedback, known):
        raise CaseError(f"case {same} asks the same already; mend that one, or put this thumbs-down aside")
    written = {fold(i): i for i in catalog.known_ids()}
    for citation in (*expected, *must_cite):
        if fold(citation) not in written:
            raise CaseError(f"{citation}: is no citation id; pick one from the list of clauses")
    ids = [written[fold(i)] for i in expected]
    must = [written[fold(i)] for i in must_cite]
    first = catalog.describe((must or ids)[0]) if ids else None
    audience = first["audience"] if first else ""
    record = {
        "id": f"feedback-{feedback.feedback_id}",
        "question": feedback.question,
        "type": "feedback",
        "expected": ids,
        "must_cite": must,
        "facet": None,
        "principle": (first["principle"] or None) if first else None,
        "audience": audience if audience in ("msme", "large", "both") else None,
        "history": list(feedback.history),
        "key_points": [],
        "tier": "full",
        "note": " ".join(f"From a thumbs-down. {feedback.note}".split()),
    }
    return parse_case(json.dumps(record, ensure_ascii=False), f"feedback {feedback.feedback_id}")


def append_case(path: Path, case: Case) -> None:
    """Add a case to a case file (made where it does not exist); a file that ends without a line break gets one.

    Raises:
        CaseError: The file holds a case with this id, is malformed, or cannot be written.
    """
    if path.exists() and path.stat().st_size and any(c.case_id == case.case_id for c in load_cases([path])):
        raise CaseError(f'{path}: key "id": "{case.case_id}" is there already; edit that line instead')
    line = json.dumps(case.to_record(), ensure_ascii=False) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    line = "\n" + line
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise CaseError(
            f"{path}: cannot be written ({error.strerror}); make its folder writable, "
            "or name another file: `assistant evals review --into FILE`"
        ) from error


class ClauseFinder:
    """Finds clauses by words: the id or its number first, then shared word stems."""

    def __init__(self, catalog: CitationCatalog) -> None:
        self._entries: list[tuple[ClauseEntry, frozenset[str]]] = []
        for citation in sorted(catalog.known_ids(), key=_natural):
            facts = catalog.describe(citation)
            entry = ClauseEntry(citation, facts["label"], facts["heading"], facts["principle"])
            stems = content_stems(f"{entry.heading} {entry.principle} {facts['facet']} {facts['audience']}")
            self._entries.append((entry, frozenset(stems)))

    def find(self, text: str, limit: int = _FOUND) -> list[ClauseEntry]:
        """The best entries for what was typed; none where nothing fits."""
        typed = fold(text)
        wanted = content_stems(text)
        ranked: list[tuple[float, int, ClauseEntry]] = []
        for order, (entry, stems) in enumerate(self._entries):
            locator = entry.citation_id.partition(":")[2].lower()
            named = 3.0 if typed in (fold(entry.citation_id), locator) else 0.0
            within = (
                1.5 if len(typed) > 1 and (typed in fold(entry.citation_id) or typed in entry.label.lower()) else 0.0
            )
            shared = len(wanted & stems) / len(wanted) if wanted else 0.0
            if score := named + within + shared:
                ranked.append((-score, order, entry))
        return [entry for _, _, entry in sorted(ranked, key=lambda r: r[:2])[:limit]]


def _natural(citation: str) -> list[tuple[int, int, str]]:
    return [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in re.split(r"(\d+)", citation.lower())]


@dataclass(slots=True)
class _Choice:
    expected: list[str]
    must_cite: list[str]


class ReviewDialogue:
    """The review on a terminal.

    Attributes:
        saved: Cases that were appended.
        dropped: Thumbs-downs that were put aside.
    """

    def __init__(
        self,
        queue: FeedbackQueue,
        catalog: CitationCatalog,
        into: Path,
        known: Sequence[Case] = (),
        *,
        ask: Callable[[str], str] = input,
        tell: Callable[[str], None] = print,
    ) -> None:
        self.saved = self.dropped = 0
        self._queue, self._catalog, self._into = queue, catalog, into
        self._known = list(known)
        self._ask, self._tell = ask, tell
        self._finder = ClauseFinder(catalog)

    def run(self) -> None:
        """Go through what is pending until it is done or the reviewer stops (also by Ctrl-D or Ctrl-C)."""
        pending = self._queue.pending()
        if not pending:
            self._tell("No thumbs-down waits for review.")
            return
        self._tell(_HELP)
        for number, feedback in enumerate(pending, start=1):
            self._tell(f"\n{number} of {len(pending)}")
            try:
                if not self._review(feedback):
                    break
            except (EOFError, KeyboardInterrupt):
                break
        self._tell(f"{counted(self.saved, 'case')} added to {self._into}, {self.dropped} put aside.")

    def _show(self, feedback: Feedback) -> None:
        for earlier in feedback.history:
            self._tell(f"asked before: {earlier}")
        self._tell(f"question: {feedback.question}")
        if feedback.note:
            self._tell(f"note: {feedback.note}")
        if feedback.answer.get("declined"):
            self._tell("answer: declined")
        for statement in statements_of(feedback.answer):
            self._tell(f"answer: {statement.get('text', '')} [{', '.join(statement.get('citations', ()))}]")
        if same := duplicate_of(feedback, self._known):
            self._tell(f"Case {same} asks the same already.")

    def _review(self, feedback: Feedback) -> bool:
        """One thumbs-down; False when the reviewer stops."""
        self._show(feedback)
        choice = _Choice([], [])
        cited = [fold(i) for i in cited_ids(feedback.answer)]
        listed = [entry for i in cited for entry in self._finder.find(i, 1)]
        if listed:
            self._list(listed)
        while True:
            typed = self._ask("> ").strip()
            word, _, rest = typed.partition(" ")
            numbers = rest if word == "must" else typed
            if typed in ("quit", "skip"):
                return typed == "skip"
            if typed == "drop":
                self._queue.resolve(feedback.feedback_id, "rejected")
                self.dropped += 1
                return True
            if typed == "decline" or (typed == "save" and choice.expected):
                if self._save(feedback, _Choice([], []) if typed == "decline" else choice):
                    return True
            elif typed == "save":
                self._tell('Nothing is picked: pick a clause, or type "decline".')
            elif re.fullmatch(r"\d+([ ,]+\d+)*", numbers):
                self._pick([int(n) for n in re.findall(r"\d+", numbers)], listed, choice, must=word == "must")
            elif typed:
                listed = self._finder.find(typed)
                self._list(listed)

    def _list(self, entries: Sequence[ClauseEntry]) -> None:
        if not entries:
            self._tell("No clause fits; try other words.")
        for number, entry in enumerate(entries, start=1):
            self._tell(f"{number:>3}  {entry.label}  {entry.heading}")

    def _pick(self, numbers: Sequence[int], listed: Sequence[ClauseEntry], choice: _Choice, *, must: bool) -> None:
        for number in numbers:
            if not 1 <= number <= len(listed):
                self._tell(f"There is no {number} in the list.")
                continue
            citation = listed[number - 1].citation_id
            for ids in (choice.expected, choice.must_cite) if must else (choice.expected,):
                if citation not in ids:
                    ids.append(citation)
        picked = [f"{i} (must)" if i in choice.must_cite else i for i in choice.expected]
        self._tell(f"picked: {', '.join(picked) or 'nothing'}")

    def _save(self, feedback: Feedback, choice: _Choice) -> bool:
        try:
            case = reviewed_case(
                feedback, self._catalog, expected=choice.expected, must_cite=choice.must_cite, known=self._known
            )
            append_case(self._into, case)
        except CaseError as error:
            self._tell(str(error))
            return False
        self._queue.resolve(feedback.feedback_id, f"case:{case.case_id}")
        self._known.append(case)
        self.saved += 1
        self._tell(f"saved as {case.case_id}")
        return True
