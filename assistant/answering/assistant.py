"""The guidance assistant: everything between a question and its answer, for every interface."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal

from assistant.answering.answer import Answer, Gap, Part, Receipt, Statement, Verification
from assistant.answering.citing import citations_of, clause_hashes
from assistant.answering.composing import Composer
from assistant.answering.engines import open_engine
from assistant.answering.extractive import Draft, ExtractiveEngine, plan_statements, side_of
from assistant.answering.generative import Generated, GenerativeEngine, Step
from assistant.answering.licensing import QuoteLedger
from assistant.answering.suggesting import next_questions, related
from assistant.answering.verification import Verifier
from assistant.characters import whole_characters
from assistant.clauses.catalog import Catalog
from assistant.encoders import PACKAGED, SentenceEncoder
from assistant.errors import SettingsError
from assistant.index.build import BuildReport, build_index
from assistant.index.reader import IndexReader, OpenIndex
from assistant.progress import Progress, silent
from assistant.prompts import Prompts
from assistant.retrieval.follow_up import is_follow_up
from assistant.retrieval.hit import Filters, Hit
from assistant.retrieval.retriever import PlanHit, Retrieved, Retriever
from assistant.settings import Settings
from assistant.sources.registry import Registrations

EXTRACTIVE = "extractive"
_SHOWN = 6
_PLAN_SAYS_SO = 0.55


@dataclass(frozen=True, slots=True)
class AnswerEvent:
    """Something that happens while a question is answered.

    Attributes:
        kind: "progress" with a line in `text`, "statement" with a verified statement, "done" with the answer.
        text: What is being done.
        statement: A statement that will not change any more.
        answer: The whole answer.
    """

    kind: Literal["progress", "statement", "done"]
    text: str = ""
    statement: Statement | None = None
    answer: Answer | None = None


class GuidanceAssistant:
    """Answers questions from the index of one data folder; safe to use from several threads.

    Args:
        settings: How to answer, and where the index is.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        adapter = adapter_path(settings)
        self.encoder = SentenceEncoder(settings.encoder)
        self.question_encoder = SentenceEncoder(settings.encoder, adapter) if adapter else self.encoder
        self._reader = IndexReader(settings.data_dir, self.encoder, self.question_encoder)
        self._retrievers: dict[str, Retriever] = {}
        self._verifiers: dict[str, Verifier] = {}
        self._writers: dict[str, GenerativeEngine] = {}
        self._lock = threading.Lock()

    # ---- index -------------------------------------------------------------------------------------------

    def build(
        self,
        add: Sequence[Path] = (),
        remove: Sequence[str] = (),
        *,
        change: Callable[[Registrations], None] | None = None,
        progress: Progress = silent,
    ) -> BuildReport:
        """Bring the index up to date, with folders added to or sources taken out of what is registered.

        Args:
            add: Folders or files to register for good.
            remove: Source ids to take out, or folders and files that are to be registered no longer.
            change: What else changes in what is registered; like the rest it is kept once the build has succeeded.
            progress: Told how far it is.

        Raises:
            AssistantError: Something cannot be taken in; the index that serves is as before.
        """
        registered = Registrations.load(self.settings.data_dir)
        source_ids = [name for name in remove if not registered.unregister(name)]
        sources = tuple(self.index().catalog.sources.values()) if source_ids else ()
        # Read after what takes time: what another process saves meanwhile must not be lost.
        registrations = Registrations.load(self.settings.data_dir)
        for folder in add:
            registrations.register(folder)
        for name in remove:
            if name in source_ids:
                registrations.remove(sources, name)
            else:
                registrations.unregister(name)
        if change is not None:
            change(registrations)
        return build_index(self.settings, registrations, self.encoder, self.question_encoder, progress=progress)

    def index(self) -> OpenIndex:
        """The generation that serves now.

        Raises:
            IndexMissing: Nothing has been indexed in the data folder yet.
            IndexMismatch: The index was built with another encoder or form.
            SettingsError: The encoder is not on this machine.
        """
        return self._reader.current()

    @property
    def catalog(self) -> Catalog:
        """Every citation id of the generation that serves.

        Raises:
            IndexMissing, IndexMismatch, SettingsError: As for `index`.
        """
        return self.index().catalog

    def retriever(self) -> Retriever:
        """The retriever of the generation that serves.

        Raises:
            IndexMissing, IndexMismatch, SettingsError: As for `index`.
        """
        index = self.index()
        with self._lock:
            if index.name not in self._retrievers:
                self._retrievers = {
                    index.name: Retriever(
                        index, self.encoder, self.question_encoder, organisation_size=self._organisation_size(index)
                    )
                }
            return self._retrievers[index.name]

    def _organisation_size(self, index: OpenIndex) -> str:
        """The size that was set, else that of the one organisation whose real plans are indexed."""
        if self.settings.organisation_size != "unknown":
            return self.settings.organisation_size
        real = {s.organisation for s in index.catalog.sources.values() if s.rendition == "plan" and not s.sample}
        sizes = {o.size for o in index.organisations if o.slug in real}
        return sizes.pop() if len(sizes) == 1 else "unknown"

    def open(self) -> None:
        """Open index and language model.

        Raises:
            AssistantError: One of them cannot be opened: better told once, before the first question, than by each.
        """
        self.index()
        if self.settings.engine != EXTRACTIVE:
            self._writer(self.settings.engine)

    def warm(self) -> None:
        """Load what the first question would otherwise wait for."""
        self.ask("What is risk management about?")

    # ---- answering ---------------------------------------------------------------------------------------

    def retrieve(self, query: str, count: int = 10, filters: Filters | None = None) -> tuple[Hit, ...]:
        """Ranked guidance for a query, the best first.

        Args:
            query: As asked.
            count: How many clauses at most.
            filters: What the user set.

        Raises:
            IndexMissing, IndexMismatch, SettingsError: As for `index`; also a principle that does not exist.
        """
        return self.retriever().retrieve(whole_characters(query), (), filters, count=count).hits[:count]

    def ask(
        self, question: str, history: Sequence[str] = (), filters: Filters | None = None, engine: str | None = None
    ) -> Answer:
        """Answer a question.

        Args:
            question: As asked.
            history: Earlier questions of the conversation, oldest first.
            filters: What the user set.
            engine: "extractive" or PROVIDER:MODEL; None for what the settings say.

        Raises:
            AssistantError: There is no index, or an option is wrong.
        """
        answer = None
        for event in self.stream(question, history, filters, engine):
            answer = event.answer or answer
        assert answer is not None
        return answer

    def stream(
        self, question: str, history: Sequence[str] = (), filters: Filters | None = None, engine: str | None = None
    ) -> Iterator[AnswerEvent]:
        """The same, telling progress at once, then statements that are final, then the answer."""
        # Every interface comes through here, and no tokenizer takes half a character.
        question, history = whole_characters(question), [whole_characters(q) for q in history]
        engine = engine or self.settings.engine
        check_engine(engine)
        writer = self._writer(engine) if engine != EXTRACTIVE else None
        filters = filters or Filters()
        started = time.perf_counter()
        yield AnswerEvent("progress", "searching")
        retriever = self.retriever()
        rewritten = (
            writer.rewrite_follow_up(question, history) if writer and self._rewrites(question, history) else None
        )
        understood = retriever.understand(question, history, filters, rewritten)
        taken_apart = time.perf_counter()
        retrieved = retriever.search(understood, filters)
        found = time.perf_counter()
        work = _Work(self, retriever, retrieved, filters, engine, writer)
        yield from work.run()
        done = time.perf_counter()
        timings = {
            "understand": round((taken_apart - started) * 1000),
            "retrieve": round((found - taken_apart) * 1000),
            "answer": round((done - found) * 1000),
        }
        answer = replace(work.answer(), timings_ms=timings)
        for statement in answer.statements:
            yield AnswerEvent("statement", statement=statement)
        yield AnswerEvent("done", answer=answer)

    def _writer(self, engine: str) -> GenerativeEngine:
        """The engine that writes with a language model, opened once.

        Raises:
            EngineError: The provider is unknown or its package is not installed.
        """
        with self._lock:
            if engine not in self._writers:
                prompts = Prompts(self.settings.prompts_dir)
                opened = open_engine(engine, self.settings)
                limit = self.settings.context_max_tokens
                self._writers[engine] = GenerativeEngine(opened, prompts, context_max_tokens=limit)
            return self._writers[engine]

    def _rewrites(self, question: str, history: Sequence[str]) -> bool:
        return self.settings.model_rewrites and is_follow_up(question, list(history))

    def verifier(self) -> Verifier:
        """Checks statements against the clauses of the generation that serves; opened once a generation.

        Raises:
            IndexMissing, IndexMismatch, SettingsError: As for `index`.
        """
        index = self.index()
        with self._lock:
            if index.name not in self._verifiers:
                self._verifiers = {index.name: Verifier.of_index(index, self.encoder, self.question_encoder)}
            return self._verifiers[index.name]


class _Work:
    """One question being answered."""

    def __init__(
        self,
        assistant: GuidanceAssistant,
        retriever: Retriever,
        retrieved: Retrieved,
        filters: Filters,
        engine: str,
        writer: GenerativeEngine | None,
    ) -> None:
        self._assistant = assistant
        self._retriever = retriever
        self._retrieved = retrieved
        self._filters = filters
        self._engine = engine
        self._writer = writer
        self._index = retriever.index
        self._catalog = retriever.index.catalog
        self._ledger, self._composer = self._fresh_composer()
        self._draft = Draft()
        self._usage: Mapping[str, int] | None = None
        self._used = EXTRACTIVE
        self._fallback: str | None = None
        self._verification = Verification()
        self._prompt_sha256: str | None = None

    def run(self) -> Iterator[AnswerEvent]:
        understood = self._retrieved.understood
        if understood.small_talk:
            self._draft.gaps.append(Gap(understood.question, "off_topic", small_talk_reply(understood.small_talk)))
            return
        if not re.search(r"\w", understood.standalone) or (understood.ordered and not understood.own.strip()):
            self._draft.gaps.append(Gap(understood.question, "off_topic", _NO_QUESTION))
            return
        yield AnswerEvent("progress", "reading the clauses")
        extractive = ExtractiveEngine(self._index, self._composer)
        if self._writer is not None:
            self._draft = extractive.choose(self._retrieved, self._filters)
            if self._draft.chosen:
                yield from self._write(self._writer)
        if not self._draft.statements:
            notices = self._draft.notices
            self._draft = extractive.draft(self._retrieved, self._filters)
            self._draft.notices = notices
            checked = self._verification.checked + len(self._draft.statements)
            self._verification = Verification(checked, self._verification.removed)
        looked_up = bool(understood.named.clauses)
        if (self._draft.statements and not looked_up) or self._filters.scope == "plans":
            self._draft.statements += plan_statements(self._composer, self._retrieved.plan_hits)
        elif not self._draft.statements and not looked_up:
            # What the guidance leaves open one's own plans may say outright; sample plans never count for that.
            own = [h for h in self._retrieved.plan_hits if h.cosine >= _PLAN_SAYS_SO and not self._sample_plan(h)]
            self._draft.statements += plan_statements(self._composer, own)

    def _sample_plan(self, hit: PlanHit) -> bool:
        clause = self._catalog.resolve(hit.passage.citation_id).clause
        return self._catalog.sources[clause.source_id, clause.rendition].sample

    def _fresh_composer(self) -> tuple[QuoteLedger, Composer]:
        ledger = QuoteLedger(self._catalog, self._assistant.settings.role, date.today())
        return ledger, Composer(self._index, ledger)

    def _write(self, writer: GenerativeEngine) -> Iterator[AnswerEvent]:
        """Let the model write from the best clauses; what is not verified, and too little of it, is dropped."""
        question = self._retrieved.understood.standalone
        shown = list(dict.fromkeys([*self._draft.chosen, *(h.id for h in self._retrieved.hits[:_SHOWN])]))
        if self._assistant.settings.model_picks_clauses:
            picked = writer.pick_clauses(question, self._catalog, allowed=self._retrieved.needs[0].scores)
            shown = list(dict.fromkeys([*self._draft.chosen, *picked, *shown]))
        verifier = self._assistant.verifier()
        ledger, _ = self._fresh_composer()
        for event in writer.stream(question, shown, self._catalog, verifier, ledger, self._side):
            if isinstance(event, Step):
                yield AnswerEvent("progress", event.text)
            elif isinstance(event, Generated):
                self._take(event, ledger)

    def _take(self, generated: Generated, ledger: QuoteLedger) -> None:
        self._verification = Verification(generated.checked, generated.removed)
        self._prompt_sha256 = generated.prompt_sha256
        self._usage = generated.usage
        self._draft.notices += generated.notices
        self._fallback = generated.fallback_reason
        if generated.fallback_reason is None and generated.statements:
            self._draft.statements = list(generated.statements)
            self._ledger = ledger
            self._composer = Composer(self._index, ledger)
            self._used = self._engine

    def _side(self, citation: str) -> Part:
        """The side of the answer that a citation of a model belongs to."""
        if citation.startswith("plan-"):
            return "plans"
        return side_of(citation, self._retrieved.understood.compared)

    def answer(self) -> Answer:
        """The draft, dressed."""
        understood = self._retrieved.understood
        statements = tuple(self._draft.statements)
        if not statements and not self._draft.gaps:
            say = _KEPT_BACK if self._ledger.kept_back else _NOTHING_FOUND
            self._draft.gaps.append(Gap(understood.question, "not_covered", say, self._nearest()))
        declined = not statements
        ranking = [*self._draft.chosen, *(h.id for h in self._retrieved.hits)]
        return Answer(
            question=understood.question,
            standalone_question=understood.standalone,
            engine=self._used,
            fallback_reason=self._fallback,
            receipt=Receipt(
                index_generation=self._index.name,
                clause_sha256=clause_hashes(self._catalog, statements),
                prompt_sha256=self._prompt_sha256,
                settings_sha256=self._assistant.settings.sha256(),
            ),
            declined=declined,
            statements=statements,
            citations=citations_of(self._catalog, statements, ranking),
            gaps=tuple(self._draft.gaps),
            related=related(self._catalog, ranking, statements) if not declined else (),
            next_questions=next_questions(self._index, ranking, statements, understood.question, self._draft.gaps),
            notices=tuple(self._notices(statements)),
            hits=self._retrieved.hits,
            plan_hits=self._plan_hits(),
            verification=self._verification,
            usage=self._usage,
        )

    def _nearest(self) -> tuple[str, ...]:
        return tuple(h.id for h in self._retrieved.hits[:2])

    def _plan_hits(self) -> tuple[Hit, ...]:
        best: dict[str, float] = {}
        for hit in self._retrieved.plan_hits:
            best.setdefault(hit.passage.citation_id, hit.score)
        return tuple(Hit(c, i, round(s, 6)) for i, (c, s) in enumerate(best.items(), 1))

    def _notices(self, statements: Sequence[Statement]) -> list[str]:
        told = [e.citation for s in statements for e in s.evidence if e.rendition == "digest"]
        digest_of = {self._catalog.resolve(c).clause.source_id for c in told}
        notices = [*self._draft.notices, *self._ledger.notices(digest_of)]
        if told:
            notices.append(DIGEST_NOTICE)
        if any(self._is_sample(s) for s in statements):
            notices.append(SAMPLE_NOTICE)
        for named, held in self._retrieved.understood.named.editions:
            notices.append(f"You named {named}; the edition that is indexed is {held}.")
        if self._retrieved.understood.ordered:
            notices.append("Instructions inside the question were left aside; the question itself was answered.")
        return list(dict.fromkeys(notices))

    def _is_sample(self, statement: Statement) -> bool:
        if statement.part != "plans":
            return False
        clause = self._catalog.resolve(statement.citations[0]).clause
        return self._catalog.sources[clause.source_id, clause.rendition].sample


DIGEST_NOTICE = (
    "Quoted from this product's plain-language digest: a finder and a reminder, not a substitute for the standard."
)
SAMPLE_NOTICE = "The plans quoted are samples of an invented organisation."
_NO_QUESTION = (
    "There is no question in this that the guidance could answer. Ask what, why or how about working with a partner."
)
_NOTHING_FOUND = "Nothing in the indexed texts answers this."
_KEPT_BACK = "What the indexed texts say on this cannot be quoted here: their licences keep it back."
_REPLIES = {
    "greeting": "Hello. Ask me what, why or how about working with partners: I answer from ISO 44003, ISO 44004, the ISO 44001 life cycle and your own plans, each sentence with its clause.",
    "thanks": "You are welcome. Ask on whenever you like.",
    "goodbye": "Goodbye. Your conversation stays in the history.",
    "nod": "Ask on whenever you like: what, why or how about working with a partner.",
    "about": "I find what ISO 44003, ISO 44004, the ISO 44001 life cycle and your own plans say on a question, quote it with the exact clause, and say so when they do not answer it.",
}


def small_talk_reply(kind: str) -> str:
    """What is said to a greeting and the like."""
    return _REPLIES[kind]


def adapter_path(settings: Settings) -> Path | None:
    """The packaged question adapter; it fits the packaged encoder only."""
    path = settings.corpus_dir / "adapter.npz"
    return path if settings.encoder == PACKAGED and path.is_file() else None


def check_engine(engine: str) -> None:
    """Refuse a name that no engine can have.

    Raises:
        SettingsError: It is neither "extractive" nor PROVIDER:MODEL.
    """
    if engine != EXTRACTIVE and not re.fullmatch(r"[a-z][\w-]*:\S+", engine):
        raise SettingsError(f"unknown engine {engine!r}; use extractive, or PROVIDER:MODEL such as openai:gpt-4o-mini")
