"""What people decided about findings: kept in the data folder, apart from index and plans, so that it outlives both."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from filelock import FileLock

from assistant.characters import whole_characters
from assistant.coverage.recommendations import Recommendation
from assistant.coverage.statuses import STATUSES, Status
from assistant.coverage.wording import content_stems
from assistant.errors import CoverageError

Kind = Literal["accepted", "corrected", "withdrawn"]
# Why a decision needs another look: its sentence is gone, the map finds something else than what was accepted, or it was made
# on other plans.
LookAgain = Literal["", "sentence_gone", "found_otherwise", "other_plans"]
# Scope of plans that belong to no organisation: of whatever firm they are, they share it.
LOOSE = "own"
_SAME_WORDS = 0.6
# Citations that a notice names.
_NAMED = 5


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
        plans: Ids of the plans that were mapped; none in records of earlier versions.
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
    plans: tuple[str, ...] = ()

    def about(self, plan_ids: Collection[str]) -> bool:
        """Whether it was made on one of these plans, or does not say on which."""
        return not self.plans or not set(self.plans).isdisjoint(plan_ids)


class Decisions:
    """Decisions of one data folder: a line each, never overwritten; the last one on a recommendation counts (see `attach`).

    Args:
        folder: Where they are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "decisions.jsonl"

    def history(self, scope: str, plan_ids: Collection[str] = ()) -> list[Decision]:
        """Everything that was ever decided for an organisation, oldest first.

        Args:
            scope: The organisation.
            plan_ids: Its plans: what was decided on them before they belonged to it counts too.

        Raises:
            CoverageError: The record is damaged or cannot be read.
        """
        try:
            lines = self._path.read_bytes().split(b"\n") if self._path.is_file() else []
        except OSError as error:
            raise CoverageError(f"{self._path}: cannot be read ({error.strerror}); fix its permissions") from error
        found = []
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                decision = _read(line)
            except (ValueError, TypeError) as error:
                raise CoverageError(f"{self._path}, line {number}: damaged; correct or delete that line") from error
            before = decision.scope == LOOSE and not set(decision.plans).isdisjoint(plan_ids)
            if decision.scope == scope or before:
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
        plans: Sequence[str] = (),
    ) -> Decision:
        """Keep a decision for good.

        Args:
            scope: Organisation whose plans it is about, or "own".
            recommendation: What it is about.
            kind: Whether the finding is accepted or corrected.
            status: The status that counts from now on.
            comment: Reason or remark.
            evidence: The plan's sentence it rests on.
            by: Who decided.
            plans: Ids of the plans that were mapped.

        Raises:
            CoverageError: The status is unknown, or "not applicable" was said without a reason.
        """
        if status not in STATUSES:
            raise CoverageError(f"{status!r} is no status; use one of {', '.join(STATUSES)}")
        if status == "not_applicable" and not comment.strip():
            raise CoverageError("give a reason why the recommendation does not apply; it is kept with the decision")
        decision = Decision(
            scope, recommendation.key, recommendation.citation_id, recommendation.matched_text, kind, status,
            whole_characters(comment).strip(), evidence, by, datetime.now(UTC).isoformat(timespec="seconds"), tuple(plans),
        )  # fmt: skip
        self._append(decision)
        return decision

    def withdraw(self, scope: str, recommendation: Recommendation, *, plans: Sequence[str] = ()) -> None:
        """Let the matcher's own finding count again; the record of what was decided before stays.

        Args:
            scope: Organisation whose plans it is about, or "own".
            recommendation: What it is about.
            plans: Ids of the plans that were mapped.

        Raises:
            CoverageError: It cannot be written.
        """
        stamp = datetime.now(UTC).isoformat(timespec="seconds")
        self._append(
            Decision(scope, recommendation.key, recommendation.citation_id, recommendation.matched_text, "withdrawn",
                     "not_found", at=stamp, plans=tuple(plans))
        )  # fmt: skip

    def _append(self, decision: Decision) -> None:
        line = whole_characters(json.dumps(asdict(decision), ensure_ascii=False)).encode() + b"\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(str(self._path.with_suffix(".lock"))):
                _append_whole(self._path, line)
        except OSError as error:
            raise CoverageError(
                f"{self._path}: cannot be written ({error.strerror}); the decision was not saved: free some space or fix its permissions"
            ) from error


def _append_whole(path: Path, line: bytes) -> None:
    """Add a line in one write; where not all of it could be written, nothing of it stays."""
    with path.open("a+b", buffering=0) as out:
        end = out.seek(0, os.SEEK_END)
        if end:
            out.seek(end - 1)
            line = line if out.read(1) == b"\n" else b"\n" + line
        try:
            if out.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            out.truncate(end)
            raise


def _read(line: bytes) -> Decision:
    """A line of the record.

    Raises:
        ValueError: A value of it is unknown, or it is no JSON text.
        TypeError: It has other fields.
    """
    values = json.loads(line.decode("utf-8"))
    if not isinstance(values, dict):
        raise ValueError("no decision")
    plans = tuple(values.pop("plans", ()))
    decision = Decision(**values, plans=plans)
    whole = all(isinstance(text, str) for text in (*values.values(), *plans))
    if not whole or decision.status not in STATUSES or decision.kind not in get_args(Kind):
        raise ValueError("no decision")
    return decision


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a map found, for the decisions that belong to it.

    Attributes:
        scope: Whose plans they are: the organisation, or "own".
        plan_ids: Ids of the plans.
        sentences: All their sentences.
        found: Status by key of the recommendation.
    """

    scope: str
    plan_ids: Collection[str]
    sentences: Collection[str]
    found: Mapping[str, Status]


@dataclass(frozen=True, slots=True)
class Attached:
    """Decisions on the recommendations and plans of today.

    Attributes:
        by_key: Decision by recommendation key, and why it needs another look.
        notices: Lines on decisions that could not be attached or need another look.
    """

    by_key: Mapping[str, tuple[Decision, LookAgain]]
    notices: tuple[str, ...]


def attach(decisions: Iterable[Decision], wanted: Sequence[Recommendation], mapped: Mapped) -> Attached:
    """Put decisions on today's recommendations: by key and words, else by the words within the same clause.

    What was decided on these plans goes before what was decided on others, whenever that was.

    Args:
        decisions: All that was ever decided, oldest first: the last one on a recommendation of today counts, under whatever
            key it was made.
        wanted: The recommendations of today.
        mapped: What today's map found in which plans.
    """
    by_key: dict[str, tuple[Decision, LookAgain]] = {}
    left: dict[tuple[str, str], Decision] = {}
    for decision in sorted(decisions, key=lambda d: d.about(mapped.plan_ids)):
        recommendation = _recommendation(decision, wanted)
        if recommendation is None:
            left[decision.key, decision.recommendation] = decision
        elif decision.kind == "withdrawn":
            by_key.pop(recommendation.key, None)
        else:
            by_key[recommendation.key] = (decision, _look_again(decision, mapped.found[recommendation.key], mapped))
    return Attached(by_key, tuple(_notices(list(by_key.values()), list(left.values()), mapped.scope)))


def _look_again(decision: Decision, found: Status, mapped: Mapped) -> LookAgain:
    if not decision.about(mapped.plan_ids):
        return "other_plans"
    if decision.evidence and decision.evidence not in mapped.sentences:
        return "sentence_gone"
    return "found_otherwise" if decision.kind == "accepted" and decision.status != found else ""


_WHY: dict[LookAgain, str] = {
    "sentence_gone": "rest on a sentence that the plans no longer hold",
    "found_otherwise": "accept a finding that the map no longer makes",
    "other_plans": "were made on other plans",
}


def _notices(attached: Sequence[tuple[Decision, LookAgain]], left: Sequence[Decision], scope: str) -> Iterator[str]:
    for case, why in _WHY.items():
        cited = [d.citation_id for d, reason in attached if reason == case]
        if cited:
            yield f"{len(cited)} decision(s) {why}: they are kept and marked 'look again' ({_named(cited)})."
    before = [d.citation_id for d, _ in attached if scope != LOOSE and d.scope == LOOSE]
    if before:
        yield f"{len(before)} decision(s) were made on these plans before an organisation was named: they count here too ({_named(before)})."
    lost = sum(d.kind != "withdrawn" for d in left)
    if lost:
        yield f"{lost} decision(s) belong to recommendations that are not part of this map; they are kept."


def _named(citation_ids: Sequence[str]) -> str:
    return ", ".join(citation_ids[:_NAMED]) + (", …" if len(citation_ids) > _NAMED else "")


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
