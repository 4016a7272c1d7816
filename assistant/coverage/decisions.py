"""What people decided about findings: kept in the data folder, apart from index and plans, so that it outlives both."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock

from assistant.coverage.judging import Status
from assistant.coverage.recommendations import Recommendation
from assistant.coverage.wording import content_stems
from assistant.errors import CoverageError

Kind = Literal["accepted", "corrected", "withdrawn"]
STATUSES: tuple[Status, ...] = ("evidenced", "partly", "not_found", "contradicted", "not_applicable")
_SAME_WORDS = 0.6


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on one recommendation.

    Attributes:
        scope: Organisation whose plans it is about, or "own".
        key: Key of the recommendation when it was decided.
        citation_id: What the recommendation cites.
        recommendation: Its words then, by which it is found again if the key has changed.
        kind: Whether the finding was accepted or corrected, or what was decided before was withdrawn.
        status: The status that counts from now on; of no meaning where it was withdrawn.
        comment: Reason or remark; a reason is a must for "not_applicable".
        evidence: The plan's sentence it rests on, "" for none.
        by: Who decided, as far as known.
        at: When, ISO 8601 in UTC.
    """

    scope: str
    key: str
    citation_id: str
    recommendation: str
    kind: Kind
    status: Status
    comment: str = ""
    evidence: str = ""
    by: str = ""
    at: str = ""


class Decisions:
    """Decisions of one data folder: a line each, never overwritten; the last one on a recommendation counts (see `attach`).

    Args:
        folder: Where they are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "decisions.jsonl"

    def history(self, scope: str) -> list[Decision]:
        """Everything that was ever decided for an organisation, oldest first.

        Raises:
            CoverageError: The record is damaged.
        """
        if not self._path.is_file():
            return []
        found = []
        # Not splitlines(): a comment may hold one of the rarer line separators of Unicode.
        for number, line in enumerate(self._path.read_text(encoding="utf-8").split("\n"), 1):
            if not line.strip():
                continue
            try:
                decision = Decision(**json.loads(line))
            except (ValueError, TypeError) as error:
                raise CoverageError(f"{self._path}, line {number}: damaged; mend or delete that line") from error
            if decision.scope == scope:
                found.append(decision)
        return found

    def record(
        self,
        scope: str,
        recommendation: Recommendation,
        kind: Kind,
        status: Status,
        *,
        comment: str = "",
        evidence: str = "",
        by: str = "",
    ) -> Decision:
        """Keep a decision for good.

        Raises:
            CoverageError: The status is unknown, or "not applicable" was said without a reason.
        """
        if status not in STATUSES:
            raise CoverageError(f"{status!r} is no status; use one of {', '.join(STATUSES)}")
        if status == "not_applicable" and not comment.strip():
            raise CoverageError("give a reason why the recommendation does not apply; it is kept with the decision")
        decision = Decision(
            scope, recommendation.key, recommendation.citation_id, recommendation.matched_text, kind, status,
            comment.strip(), evidence, by, datetime.now(UTC).isoformat(timespec="seconds"),
        )  # fmt: skip
        self._append(decision)
        return decision

    def withdraw(self, scope: str, recommendation: Recommendation) -> None:
        """Let the matcher's own finding count again; the record of what was decided before stays."""
        stamp = datetime.now(UTC).isoformat(timespec="seconds")
        self._append(
            Decision(scope, recommendation.key, recommendation.citation_id, recommendation.matched_text, "withdrawn",
                     "not_found", at=stamp)
        )  # fmt: skip

    def _append(self, decision: Decision) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(str(self._path.with_suffix(".lock"))), self._path.open("a", encoding="utf-8") as out:
                out.write(json.dumps(asdict(decision), ensure_ascii=False) + "\n")
        except OSError as error:
            raise CoverageError(
                f"{self._path}: cannot be written ({error.strerror}); nothing was decided: free some space or mend its rights"
            ) from error


@dataclass(frozen=True, slots=True)
class Attached:
    """Decisions on the recommendations and plans of today.

    Attributes:
        by_key: Decision by recommendation key, and whether its evidence is no longer in the plans.
        notices: Lines on decisions that could not be attached or need another look.
    """

    by_key: dict[str, tuple[Decision, bool]]
    notices: tuple[str, ...]


def attach(decisions: Iterable[Decision], wanted: Sequence[Recommendation], plan_sentences: set[str]) -> Attached:
    """Put decisions on today's recommendations: by key and words, else by the words within the same clause.

    Args:
        decisions: All that was ever decided, oldest first: the last one on a recommendation of today counts, under whatever
            key it was made.
        wanted: The recommendations of today.
        plan_sentences: All sentences of the plans of today.
    """
    by_key: dict[str, tuple[Decision, bool]] = {}
    left: dict[tuple[str, str], Decision] = {}
    for decision in decisions:
        found = _recommendation(decision, wanted)
        if found is None:
            left[decision.key, decision.recommendation] = decision
        elif decision.kind == "withdrawn":
            by_key.pop(found.key, None)
        else:
            by_key[found.key] = (decision, bool(decision.evidence) and decision.evidence not in plan_sentences)
    stale = sum(look_again for _, look_again in by_key.values())
    lost = sum(d.kind != "withdrawn" for d in left.values())
    notices = []
    if stale:
        notices.append(
            f"{stale} decision(s) rest on a sentence that the plans no longer hold: they are kept and marked 'look again'."
        )
    if lost:
        notices.append(f"{lost} decision(s) belong to recommendations that are not part of this map; they are kept.")
    return Attached(by_key, tuple(notices))


def _recommendation(decision: Decision, wanted: Sequence[Recommendation]) -> Recommendation | None:
    same_clause = [r for r in wanted if r.citation_id == decision.citation_id]
    scored = [(_likeness(decision.recommendation, r.matched_text), r.key == decision.key, r) for r in same_clause]
    if not scored:
        return None
    likeness, _, best = max(scored, key=lambda s: (s[0], s[1]))
    if likeness >= _SAME_WORDS:
        return best
    # A list item is its own recommendation whatever its words; a sentence is not.
    return next((r for r in same_clause if r.key == decision.key == decision.citation_id), None)


def _likeness(a: str, b: str) -> float:
    first, second = set(content_stems(a)), set(content_stems(b))
    return len(first & second) / max(len(first | second), 1)
