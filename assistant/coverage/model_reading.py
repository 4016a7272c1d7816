"""A language model reads the likeliest evidence of each recommendation, where the user asks for it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from assistant.answering.assistant import EXTRACTIVE
from assistant.answering.engines import Engine, ask, open_engine
from assistant.answering.generation.context import plain_data
from assistant.clauses.catalog import Catalog
from assistant.coverage.judging import reason_of
from assistant.coverage.matching import Verdict
from assistant.coverage.plan_text import Plan, PlanSentence
from assistant.coverage.recommendations import Recommendation
from assistant.coverage.statuses import JUDGED, Status
from assistant.errors import CoverageError, EngineError
from assistant.files import write_whole
from assistant.index.build import Progress
from assistant.prompts import Prompts
from assistant.settings import Settings

_LINE = re.compile(rf"\W*({'|'.join(JUDGED)})\b([\W\d]*)$")


class ModelReading:
    """Asks a model until it fails once. Its replies are kept: a second run asks for the missing ones alone.

    Args:
        engine: The opened model.
        prompts: Holds `compare`.
        folder: Where replies are kept.
        address: Of the model's server, "" for the provider's own: another server may hold another model under the same name.
    """

    def __init__(self, engine: Engine, prompts: Prompts, folder: Path, address: str = "") -> None:
        self._engine = engine
        self._prompts = prompts
        self._folder = folder
        self._address = address
        self.failure = ""

    @property
    def name(self) -> str:
        """Identity of model, limit and prompt, for what is kept; people are shown the engine's own name."""
        engine = self._engine
        return f"{engine.name} {self._address} {engine.max_tokens} {self._prompts.get('compare').sha256}"

    def notice(self, verdicts: Sequence[Verdict]) -> str:
        """What a reader of the map should know of it, a line."""
        if self.failure:
            return f"{self._engine.name} failed ({self.failure}); the map was made without it. Run it again to go on: its replies so far are kept."
        judged = sum(bool(v.judged_by) for v in verdicts)
        return (
            f"{self._engine.name} judged {judged} of {len(verdicts)} recommendations from the sentences named beside each; "
            "confidence is the map's own in that status, and what was not judged or answered out of form stands as the map found it."
        )

    def check_licences(self, plans: Sequence[Plan]) -> None:
        """Refuse what may not be sent.

        Raises:
            CoverageError: The licence of a plan does not let this model read it.
        """
        for plan in plans:
            if not plan.licence.allows_model(loopback=self._engine.loopback):
                where = "no language model" if plan.licence.model_use == "none" else "only a model on this machine"
                raise CoverageError(
                    f"{plan.plan_id}: its licence lets {where} read it (model_use); make the map without the model, or index the plan with another licence"
                )

    def is_complete(self, wanted: Sequence[Recommendation], verdicts: Sequence[Verdict], catalog: Catalog) -> bool:
        """Whether every verdict that it may give was given.

        Args:
            wanted: The recommendations.
            verdicts: One for each.
            catalog: Gives the licence of a recommendation's words, which may have changed.
        """
        return all(v.judged_by or not self._may_judge(r, v, catalog) for r, v in zip(wanted, verdicts, strict=True))

    def _may_judge(self, recommendation: Recommendation, verdict: Verdict, catalog: Catalog) -> bool:
        source = catalog.resolve(recommendation.citation_id).clause.source_id
        licence = catalog.sources[source, recommendation.rendition].licence
        return verdict.position is not None and licence.allows_model(loopback=self._engine.loopback)

    def judge(
        self,
        wanted: Sequence[Recommendation],
        verdicts: Sequence[Verdict],
        sentences: Sequence[PlanSentence],
        catalog: Catalog,
        progress: Progress,
        stopped: Callable[[], bool],
    ) -> list[Verdict]:
        """Each verdict as the model has it; as it was where it answers out of form or may not be asked.

        Where the model fails, all are as they were: half a judgement would be neither one thing nor the other.

        Args:
            wanted: The recommendations.
            verdicts: One for each.
            sentences: All sentences of the plans.
            catalog: Gives the licence of a recommendation's words.
            progress: Told how many are read, of how many.
            stopped: Asked before each; True ends the work.

        Raises:
            CoverageError: The work was stopped.
        """
        found: list[Verdict] = []
        for recommendation, verdict in zip(wanted, verdicts, strict=True):
            if stopped():
                raise CoverageError("stopped before the map was ready; run it again to go on, replies so far are kept")
            try:
                found.append(self._judged(recommendation, verdict, sentences, catalog))
            except EngineError as error:
                self.failure = str(error)
                return list(verdicts)
            progress("asking the language model", len(found), len(wanted))
        return found

    def _judged(
        self, recommendation: Recommendation, verdict: Verdict, sentences: Sequence[PlanSentence], catalog: Catalog
    ) -> Verdict:
        if verdict.position is None or not self._may_judge(recommendation, verdict, catalog):
            return verdict
        positions = [verdict.position, *verdict.others]
        lines = [f"{n}. [{s.title}] {s.shown}" for n, s in enumerate((sentences[p] for p in positions), 1)]
        prompt = self._prompts.get("compare").render(
            recommendation=plain_data(recommendation.matched_text), sentences="\n".join(map(plain_data, lines))
        )
        kept = self._folder / f"{hashlib.sha256(f'{self.name} {prompt.user}'.encode()).hexdigest()[:32]}.txt"
        reply = kept.read_text(encoding="utf-8") if kept.is_file() else ask(self._engine, prompt).text
        found = read_line(reply, len(positions))
        if found is None:
            return verdict
        write_whole(kept, reply)
        status, named = found
        order = [*(positions[n - 1] for n in named), *positions]
        first, *others = dict.fromkeys(order)
        return replace(
            verdict,
            status=status,
            confidence=verdict.chances[JUDGED.index(status)],
            reason=f"{reason_of(status, recommendation.matched_text, sentences[first])} Judged by {self._engine.name}.",
            position=first,
            others=tuple(others),
            judged_by=self._engine.name,
        )


def read_line(reply: str, count: int) -> tuple[Status, tuple[int, ...]] | None:
    """Status and numbers of sentences in a model's reply; None where it is out of form.

    Args:
        reply: What the model said.
        count: How many sentences it was given; other numbers are left out.
    """
    lines = [line for line in reply.splitlines() if line.strip()]
    found = _LINE.match(lines[-1]) if lines else None
    if found is None:
        return None
    status = next(s for s in JUDGED if s == found[1])
    named = tuple(dict.fromkeys(n for n in map(int, re.findall(r"\b\d{1,3}\b", found[2])) if 1 <= n <= count))
    return (status, named) if named or status == "not_found" else None


def model_reading_of(settings: Settings) -> ModelReading | None:
    """What reads with the model of the settings; None where there is none.

    Raises:
        EngineError: The model cannot be opened.
    """
    if settings.engine == EXTRACTIVE:
        return None
    folder = settings.data_dir / "coverage" / "replies"
    return ModelReading(
        open_engine(settings.engine, settings), Prompts(settings.prompts_dir), folder, settings.base_url
    )
