"""The coverage map: every recommendation with its status, the plan's sentence, and what people decided."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.licensing import QuoteLedger
from assistant.coverage.decisions import LOOSE, Decision, Decisions, LookAgain, Mapped, attach
from assistant.coverage.examples import Example, evidencing, read_examples, read_sentences
from assistant.coverage.judging import read_parameters
from assistant.coverage.matching import Verdict, Wanted, match
from assistant.coverage.model_reading import ModelReading
from assistant.coverage.own_examples import adapted_to
from assistant.coverage.plan_text import Plan, PlanSentence, read_plans
from assistant.coverage.reading import packaged_reader
from assistant.coverage.recommendations import Recommendation, Size, recommendations
from assistant.coverage.sentence_outputs import sentence_outputs
from assistant.coverage.statuses import STATUS_NAMES, STATUSES, Status
from assistant.errors import CoverageError
from assistant.files import write_whole
from assistant.index.build import Progress, silent
from assistant.index.reader import OpenIndex
from assistant.sources.registry import Registrations

CAVEAT = (
    "Help for a reviewer, not an audit: the map compares what papers say, it does not check what is done, and it errs. On the sample plans "
    "it names the right status for seven in ten recommendations and the right sentence for three in four (it stands among the four shown for nine "
    "in ten) and takes one in five of the true gaps for covered; on plans unlike those that it learnt from, the first sentence is right for "
    "seven in ten. Read each finding, the evidenced ones too, before you rely on it."
)
# Sentences shown beside the first one.
_BESIDE = 3
Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Finding:
    """One recommendation against the plans.

    Attributes:
        recommendation: What is recommended.
        label: Its citation as shown to people.
        status: What the matcher found.
        confidence: Its own estimate that the status is right, 0 to 1.
        reason: Why, in one line.
        evidence: The plan's sentence, None where nothing was found.
        nearest: Further sentences worth a look, best first; begins with the closest one where nothing was found.
        decision: What a person decided, None where nobody has yet.
        look_again: Why the decision needs another look, "" where it does not.
        judged_by: The language model that had the last word, "" for none.
    """

    recommendation: Recommendation
    label: str
    status: Status
    confidence: float
    reason: str
    evidence: PlanSentence | None
    nearest: tuple[PlanSentence, ...] = ()
    decision: Decision | None = None
    look_again: LookAgain = ""
    judged_by: str = ""

    @property
    def final_status(self) -> Status:
        """The person's status where there is a decision, else the matcher's."""
        return self.decision.status if self.decision else self.status

    @property
    def look_again_reason(self) -> str:
        """Why the decision needs another look, a line; "" where it does not."""
        if not self.look_again or self.decision is None:
            return ""
        return {
            "sentence_gone": "the sentence that this decision rests on is no longer in the plans.",
            "found_otherwise": f"the finding that was accepted has changed, the map now says: {STATUS_NAMES[self.status]}.",
            "other_plans": f"this was decided on other plans ({', '.join(self.decision.plans)}).",
        }[self.look_again]


@dataclass(frozen=True, slots=True)
class CoverageMap:
    """All findings for a set of plans.

    Attributes:
        scope: Whose decisions apply: the organisation's slug, or "own".
        size: Which standards were applied.
        plans: The plans.
        findings: In reading order of the guidance.
        notices: Lines that a person should read first; the first one says what the map is.
        from_cache: Whether the verdicts were taken from an earlier run on the same plans.
        examples: How a plan could carry a recommendation out, by its key.
    """

    scope: str
    size: Size
    plans: tuple[Plan, ...]
    findings: tuple[Finding, ...]
    notices: tuple[str, ...]
    from_cache: bool
    examples: Mapping[str, str] = field(default_factory=dict)

    def heat_map(self) -> dict[str, dict[Status, int]]:
        """How many recommendations of each principle have each status, principles in the standard's order."""
        table: dict[str, dict[Status, int]] = {}
        for finding in self.findings:
            row = table.setdefault(finding.recommendation.principle, dict.fromkeys(STATUSES, 0))
            row[finding.final_status] += 1
        return table

    def finding(self, key: str) -> Finding:
        """The finding of a recommendation.

        Raises:
            CoverageError: This map has none of that key.
        """
        for found in self.findings:
            if found.recommendation.key == key:
                return found
        raise CoverageError(f"{key!r} is no recommendation of this map; take a key from its list")

    @property
    def mark(self) -> str:
        """Hex digest of what was found, whatever people decided: two maps with one mark show the same findings."""
        found = "\n".join(repr(replace(f, decision=None, look_again="")) for f in self.findings)
        return hashlib.sha256(f"{self.scope}\n{found}".encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class _Task:
    """What is compared with what."""

    index: OpenIndex
    plans: tuple[Plan, ...]
    size: Size
    wanted: tuple[Recommendation, ...]
    own: tuple[Example, ...]
    ledger: QuoteLedger

    @property
    def sentences(self) -> list[PlanSentence]:
        return [s for p in self.plans for s in p.sentences]


@dataclass
class CoverageMapper:
    """Makes coverage maps from the index of one data folder.

    Attributes:
        assistant: Gives index, encoders and settings.
    """

    assistant: GuidanceAssistant
    _decisions: Decisions = field(init=False)

    def __post_init__(self) -> None:
        self._decisions = Decisions(self.assistant.settings.data_dir / "coverage")

    @property
    def decisions(self) -> Decisions:
        """What people decided, kept in the data folder."""
        return self._decisions

    def make(
        self,
        references: Sequence[str],
        size: Size | None = None,
        *,
        model: ModelReading | None = None,
        progress: Progress = silent,
        stopped: Stop = lambda: False,
    ) -> CoverageMap:
        """Compare plans with the guidance.

        Args:
            references: Source ids of indexed plans, or paths of files.
            size: "msme", "large" or "both"; None for what the settings or the plans' organisation say.
            model: A language model that reads the likeliest evidence too; None for none.
            progress: Told how far it is.
            stopped: Asked now and then; True ends the work.

        Raises:
            CoverageError: A plan is unknown, has nothing to compare or may not be seen, or the work was stopped.
            UnreadableSource: A file cannot be read, or is a scan without text.
        """
        task = self._task(references, size)
        if model is not None:
            model.check_licences(task.plans)
        verdicts, from_cache = self._verdicts(task, model, progress, stopped)
        return self._assemble(task, verdicts, model, from_cache)

    def kept(
        self,
        references: Sequence[str],
        size: Size | None = None,
        *,
        model: ModelReading | None = None,
        mark: str = "",
    ) -> CoverageMap:
        """The map as it was made before, with today's decisions; nothing is compared and no model is asked.

        Args:
            references: Source ids of indexed plans, or paths of files.
            size: As it was made.
            model: The language model that read too; None for none.
            mark: Of the map that is meant; "" for whatever was made last of these plans.

        Raises:
            CoverageError: There is no such map, since plans or guidance have changed; or as in `make`.
            UnreadableSource: A file cannot be read, or is a scan without text.
        """
        task = self._task(references, size)
        verdicts = _read_cache(self._cache_path(task, model))
        found = self._assemble(task, verdicts, model, True) if verdicts is not None else None
        if found is None or (mark and found.mark != mark):
            raise CoverageError("the plans have changed, or the guidance has; make the map again")
        return found

    def _task(self, references: Sequence[str], size: Size | None) -> _Task:
        index, settings, today = self.assistant.index(), self.assistant.settings, date.today()
        plans = read_plans(
            references,
            index.catalog,
            Registrations.load(settings.data_dir),
            max_bytes=settings.max_upload_mb * 1_000_000,
        )
        for plan in plans:
            if not plan.licence.allows(settings.role, today):
                why = "has expired" if plan.licence.expired(today) else f"does not cover the role {settings.role!r}"
                raise CoverageError(
                    f"{plan.plan_id}: its licence {why}; leave the plan out, or change its terms in the manifest and index it again"
                )
        chosen = size or self._size(plans, index)
        ledger = QuoteLedger(index.catalog, settings.role, today)
        wanted = recommendations(index.catalog, ledger, chosen)
        if not wanted:
            raise CoverageError("the index holds no recommendations for this size; run `assistant index` first")
        return _Task(index, tuple(plans), chosen, tuple(wanted), tuple(self._own_examples()), ledger)

    def _verdicts(
        self, task: _Task, model: ModelReading | None, progress: Progress, stopped: Stop
    ) -> tuple[list[Verdict], bool]:
        """A verdict for each recommendation, and whether they come from an earlier run.

        A language model is asked again where a finding that it may judge was not judged.
        """
        kept = self._cache_path(task, model)
        verdicts = _read_cache(kept)
        if verdicts is not None and (model is None or model.is_complete(task.wanted, verdicts, task.index.catalog)):
            return verdicts, True
        if model is None:
            verdicts = self._match(task, progress, stopped)
        else:
            plain, _ = self._verdicts(task, None, progress, stopped)
            verdicts = model.judge(task.wanted, plain, task.sentences, task.index.catalog, progress, stopped)
            if model.failure:
                return verdicts, False
        _write_cache(kept, verdicts)
        return verdicts, False

    def _own_examples(self) -> list[Example]:
        overlay = self.assistant.settings.overlay_dir
        return read_examples(overlay) if overlay else []

    def _every(self, index: OpenIndex) -> list[Recommendation]:
        ledger = QuoteLedger(index.catalog, self.assistant.settings.role, date.today())
        return recommendations(index.catalog, ledger, "both")

    def _size(self, plans: Sequence[Plan], index: OpenIndex) -> Size:
        if self.assistant.settings.organisation_size != "unknown":
            return self.assistant.settings.organisation_size
        slugs = {p.organisation for p in plans}
        sizes = {o.size for o in index.organisations if o.slug in slugs}
        return sizes.pop() if len(sizes) == 1 and len(slugs) == 1 else "both"

    def _match(self, task: _Task, progress: Progress, stopped: Stop) -> list[Verdict]:
        reader = packaged_reader().with_recommendations({r.key: r.matched_text for r in task.wanted})
        reader = adapted_to(task.own, reader, progress, stopped)
        kept = self.assistant.settings.data_dir / "coverage" / "outputs.db"
        outputs = sentence_outputs(kept, task.plans, reader, progress, stopped)
        verdicts = match(
            [Wanted(r.key, r.matched_text) for r in task.wanted], task.sentences, outputs, reader, read_parameters(),
            progress=lambda done, total: progress("comparing", done, total), stopped=stopped,
        )  # fmt: skip
        if len(verdicts) < len(task.wanted):
            raise CoverageError(
                "stopped before the map was ready; run it again to go on, sentences already read are kept"
            )
        return verdicts

    def _cache_path(self, task: _Task, model: ModelReading | None) -> Path:
        concepts = (Path(__file__).parent / "concepts.toml").read_bytes()
        words = hashlib.sha256(concepts + "\n".join(map(repr, task.own)).encode()).hexdigest()
        parts = [
            packaged_reader().name, read_parameters().sha256, words, model.name if model else "",
            *(f"{p.plan_id} {p.sha256}" for p in task.plans), *(f"{r.key}\t{r.matched_text}" for r in task.wanted),
        ]  # fmt: skip
        name = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
        return self.assistant.settings.data_dir / "coverage" / "maps" / f"{name}.json"

    def _assemble(
        self, task: _Task, verdicts: Sequence[Verdict], model: ModelReading | None, from_cache: bool
    ) -> CoverageMap:
        sentences, scope, catalog = task.sentences, scope_of(task.plans), task.index.catalog
        plan_ids = {p.plan_id for p in task.plans}
        statuses = {r.key: v.status for r, v in zip(task.wanted, verdicts, strict=True)}
        mapped = Mapped(scope, plan_ids, {s.text for s in sentences}, statuses)
        attached = attach(self._decisions.history(scope, plan_ids), task.wanted, mapped)
        findings = []
        for recommendation, verdict in zip(task.wanted, verdicts, strict=True):
            decided = attached.by_key.get(recommendation.key)
            found = verdict.status != "not_found" and verdict.position is not None
            others = verdict.others if found or verdict.position is None else (verdict.position, *verdict.others)
            findings.append(
                Finding(
                    recommendation=recommendation,
                    label=catalog.resolve(recommendation.citation_id).label,
                    status=verdict.status,
                    confidence=verdict.confidence,
                    reason=verdict.reason,
                    evidence=sentences[verdict.position] if found and verdict.position is not None else None,
                    nearest=tuple(sentences[i] for i in others[: _BESIDE if found else _BESIDE + 1]),
                    decision=decided[0] if decided else None,
                    look_again=decided[1] if decided else "",
                    judged_by=verdict.judged_by,
                )
            )
        notices = [
            CAVEAT, *(n for p in task.plans for n in p.notices), *attached.notices, *task.ledger.notices(),
            *([model.notice(verdicts)] if model else []), *self._strange_examples(task),
        ]  # fmt: skip
        # Of the corpus' whole plans, which only training needs, nothing is shown.
        examples = evidencing([*read_sentences(self.assistant.settings.corpus_dir), *task.own])
        return CoverageMap(scope, task.size, task.plans, tuple(findings), tuple(notices), from_cache, examples)

    def _strange_examples(self, task: _Task) -> list[str]:
        """A line where keys of own examples name no recommendation."""
        unknown = sorted({e.key for e in task.own} - {r.key for r in self._every(task.index)}) if task.own else []
        if not unknown:
            return []
        return [f"{len(unknown)} keys of own examples name no recommendation and were left out: {unknown[0]}"]


def scope_of(plans: Sequence[Plan]) -> str:
    """Whose decisions apply to these plans: the organisation they belong to, or "own" where none is named."""
    return "+".join(sorted({p.organisation or LOOSE for p in plans}))


def _read_cache(path: Path) -> list[Verdict] | None:
    try:
        rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return [Verdict(**(row | {"others": tuple(row["others"]), "chances": tuple(row["chances"])})) for row in rows]
    except (OSError, ValueError, TypeError, KeyError):
        return None  # missing or from another version: it is made anew


def _write_cache(path: Path, verdicts: Sequence[Verdict]) -> None:
    write_whole(path, json.dumps([asdict(v) for v in verdicts]))
