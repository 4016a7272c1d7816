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
from assistant.coverage.decisions import Decision, Decisions, attach
from assistant.coverage.examples import Example, evidencing, read_examples, read_sentences
from assistant.coverage.judging import Status, read_parameters
from assistant.coverage.matching import Verdict, Wanted, match
from assistant.coverage.model_reading import ModelReading
from assistant.coverage.own_examples import taught_by
from assistant.coverage.plan_text import Plan, PlanSentence, read_plans
from assistant.coverage.reading import packaged_reader
from assistant.coverage.recommendations import Recommendation, Size, recommendations
from assistant.coverage.sentence_outputs import sentence_outputs
from assistant.errors import CoverageError
from assistant.files import write_whole
from assistant.index.build import Progress, silent
from assistant.index.reader import OpenIndex
from assistant.sources.registry import Registrations

STATUSES: tuple[Status, ...] = ("evidenced", "partly", "not_found", "contradicted", "not_applicable")
STATUS_NAMES: dict[Status, str] = {
    "evidenced": "Evidenced",
    "partly": "Partly",
    "not_found": "Not found",
    "contradicted": "Contradicted",
    "not_applicable": "Not applicable",
}
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
        look_again: Whether the decision rests on words that the plans no longer hold.
    """

    recommendation: Recommendation
    label: str
    status: Status
    confidence: float
    reason: str
    evidence: PlanSentence | None
    nearest: tuple[PlanSentence, ...] = ()
    decision: Decision | None = None
    look_again: bool = False

    @property
    def final_status(self) -> Status:
        """The person's status where there is a decision, else the matcher's."""
        return self.decision.status if self.decision else self.status


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
            CoverageError: A plan is unknown or has nothing to compare, or the work was stopped.
            UnreadableSource: A file cannot be read, or is a scan without text.
        """
        index = self.assistant.index()
        settings = self.assistant.settings
        plans = read_plans(
            references,
            index.catalog,
            Registrations.load(settings.data_dir),
            max_bytes=settings.max_upload_mb * 1_000_000,
        )
        chosen = size or self._size(plans, index)
        ledger = QuoteLedger(index.catalog, settings.role, date.today())
        wanted = recommendations(index.catalog, ledger, chosen)
        if not wanted:
            raise CoverageError("the index holds no recommendations for this size; run `assistant index` first")
        own = self._own_examples()
        # Of the corpus' whole plans, which only training needs, nothing is shown.
        examples = evidencing([*read_sentences(self.assistant.settings.corpus_dir), *own])
        if model is not None:
            model.check_licences(plans)
        cached = self._cache_path(plans, wanted, own, model.name if model else "")
        verdicts = _read_cache(cached)
        from_cache = verdicts is not None
        if verdicts is None:
            verdicts = self._match(plans, wanted, own, progress, stopped)
            if model is not None:
                sentences = [s for p in plans for s in p.sentences]
                verdicts = model.judge(wanted, verdicts, sentences, index.catalog, progress, stopped)
            if model is None or not model.failure:
                _write_cache(cached, verdicts)
        found = self._assemble(plans, chosen, wanted, verdicts, index, from_cache, ledger)
        unknown = sorted({e.key for e in own} - {r.key for r in self._every(index)}) if own else []
        notices = [*found.notices, *([model.notice(verdicts)] if model else [])]
        if unknown:
            notices.append(
                f"{len(unknown)} keys of own examples name no recommendation and were left out: {unknown[0]}"
            )
        return replace(found, notices=tuple(notices), examples=examples)

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

    def _match(
        self,
        plans: Sequence[Plan],
        wanted: Sequence[Recommendation],
        own: Sequence[Example],
        progress: Progress,
        stopped: Stop,
    ) -> list[Verdict]:
        reader = packaged_reader().knowing({r.key: r.matched_text for r in wanted})
        reader = taught_by(own, reader, progress, stopped)
        kept = self.assistant.settings.data_dir / "coverage" / "outputs.db"
        outputs = sentence_outputs(kept, plans, reader, progress, stopped)
        verdicts = match(
            [Wanted(r.key, r.matched_text) for r in wanted], [s for p in plans for s in p.sentences], outputs, reader,
            read_parameters(), progress=lambda done, total: progress("comparing", done, total), stopped=stopped,
        )  # fmt: skip
        if len(verdicts) < len(wanted):
            raise CoverageError(
                "stopped before the map was ready; run it again to go on, sentences already read are kept"
            )
        return verdicts

    def _cache_path(
        self, plans: Sequence[Plan], wanted: Sequence[Recommendation], own: Sequence[Example], model: str
    ) -> Path:
        concepts = (Path(__file__).parent / "concepts.toml").read_bytes()
        words = hashlib.sha256(concepts + "\n".join(map(repr, own)).encode()).hexdigest()
        parts = [
            packaged_reader().name, read_parameters().sha256, words, model,
            *(f"{p.plan_id} {p.sha256}" for p in plans), *(f"{r.key}\t{r.matched_text}" for r in wanted),
        ]  # fmt: skip
        name = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
        return self.assistant.settings.data_dir / "coverage" / "maps" / f"{name}.json"

    def _assemble(
        self,
        plans: Sequence[Plan],
        size: Size,
        wanted: Sequence[Recommendation],
        verdicts: Sequence[Verdict],
        index: OpenIndex,
        from_cache: bool,
        ledger: QuoteLedger,
    ) -> CoverageMap:
        sentences = [s for p in plans for s in p.sentences]
        scope = scope_of(plans)
        attached = attach(self._decisions.history(scope), wanted, {s.text for s in sentences})
        findings = []
        for recommendation, verdict in zip(wanted, verdicts, strict=True):
            decision, look_again = attached.by_key.get(recommendation.key, (None, False))
            found = verdict.status != "not_found" and verdict.position is not None
            others = verdict.others if found or verdict.position is None else (verdict.position, *verdict.others)
            findings.append(
                Finding(
                    recommendation=recommendation,
                    label=index.catalog.resolve(recommendation.citation_id).label,
                    status=verdict.status,
                    confidence=verdict.confidence,
                    reason=verdict.reason,
                    evidence=sentences[verdict.position] if found and verdict.position is not None else None,
                    nearest=tuple(sentences[i] for i in others[: _BESIDE if found else _BESIDE + 1]),
                    decision=decision,
                    look_again=look_again,
                )
            )
        notices = (CAVEAT, *(n for p in plans for n in p.notices), *attached.notices, *ledger.notices())
        return CoverageMap(scope, size, tuple(plans), tuple(findings), notices, from_cache)


def scope_of(plans: Sequence[Plan]) -> str:
    """Whose decisions apply to these plans: the organisation they belong to, or "own" where none is named."""
    return "+".join(sorted({p.organisation or "own" for p in plans}))


def _read_cache(path: Path) -> list[Verdict] | None:
    try:
        rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return [Verdict(**(row | {"others": tuple(row["others"]), "chances": tuple(row["chances"])})) for row in rows]
    except (OSError, ValueError, TypeError, KeyError):
        return None  # missing or from another version: it is made anew


def _write_cache(path: Path, verdicts: Sequence[Verdict]) -> None:
    write_whole(path, json.dumps([asdict(v) for v in verdicts]))
