"""The product as the eval suite sees it: one adapter, so that the evals know nothing of its inside."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from assistant.answering.assistant import GuidanceAssistant
from assistant.clauses.catalog import Catalog
from assistant.conversations import Conversations, PendingFeedback
from assistant.evals.protocols import BeirDocument, CitationFacts, Feedback, QuoteBudgets, Search
from assistant.index.build import Progress, silent
from assistant.retrieval.foreign import ForeignDocument, ForeignSearch
from assistant.settings import Settings

PACKAGE = Path(__file__).resolve().parent


class Services:
    """Opens each part of the product when an eval command first asks for it.

    Args:
        settings: Data folder and engine.
        progress: Told how far long work is.
    """

    def __init__(self, settings: Settings, progress: Progress = silent) -> None:
        self._settings = settings
        self._progress = progress

    @cached_property
    def _assistant(self) -> GuidanceAssistant:
        return GuidanceAssistant(self._settings)

    def answerer(self) -> _Answerer:
        """The assistant with the engine that was asked for.

        Raises:
            AssistantError: Index or engine cannot be opened.
        """
        self._assistant.open()
        return _Answerer(self._assistant)

    def catalog(self) -> GuidanceCitations:
        """The citation ids of the current index."""
        return GuidanceCitations(self._assistant.catalog)

    def judge(self) -> _Judge:
        """The verifier."""
        return _Judge(self._assistant)

    def settings(self) -> dict[str, Any]:
        """What shapes an answer."""
        return {"engine": self._settings.engine, "settings_sha256": self._settings.sha256()}

    def hashes(self) -> dict[str, str]:
        """Hashes of index, prompts, and the package itself: its code, weights and word lists."""
        stamp = self._assistant.index().stamp
        return {
            "index": stamp.content_sha256,
            "prompts": folder_sha256(self._settings.prompts_dir),
            "code": folder_sha256(PACKAGE),
        }

    def quote_budgets(self) -> QuoteBudgets:
        """Budgets of the licensed sources; digest and plans are the user's own."""
        licensed = [s for s in self._assistant.catalog.sources.values() if s.rendition == "licensed"]
        return QuoteBudgets(
            {s.source_id: s.licence.quote_words_per_answer for s in licensed},
            {s.source_id: s.licence.quote_words_per_export if s.licence.export else 0 for s in licensed},
        )

    def search(self, name: str, documents: Iterable[BeirDocument]) -> Search:
        """The product's own retrieval over foreign documents."""
        foreign = [ForeignDocument(d.document_id, d.title, d.text) for d in documents]
        folder = self._settings.data_dir / "foreign" / name
        search = ForeignSearch.build(foreign, self._assistant.encoder, folder, progress=self._progress)
        return search.search

    def runs_folder(self) -> Path:
        """Where the quality page looks for runs."""
        return self._settings.data_dir / "runs"

    def user_cases_folder(self) -> Path:
        """Where the user's cases are kept."""
        return user_cases_folder(self._settings.data_dir)

    def feedback(self) -> FeedbackInbox:
        """Thumbs-downs of the chat."""
        return FeedbackInbox(Conversations.in_folder(self._settings.data_dir))


def user_cases_folder(data_dir: Path) -> Path:
    """Where a data folder keeps the user's cases: those made from thumbs-downs, and any other case file put there."""
    return data_dir / "cases"


class _Answerer:
    def __init__(self, assistant: GuidanceAssistant) -> None:
        self._assistant = assistant

    def answer(self, question: str, history: list[str]) -> dict[str, Any]:
        return self._assistant.ask(question, history).to_json()


class GuidanceCitations:
    """Guidance ids of a catalog, as the evals want them (`assistant.evals.protocols.CitationCatalog`).

    Args:
        catalog: What exists.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def known_ids(self) -> set[str]:
        """Every guidance id."""
        return {e.citation_id for e in self._catalog if not e.is_plan}

    def describe(self, citation_id: str) -> CitationFacts:
        """Facts of a known id.

        Raises:
            UnknownCitation: There is no such id.
        """
        entry = self._catalog.resolve(citation_id)
        return {
            "label": entry.label,
            "heading": entry.clause.heading,
            "principle": entry.principle or "",
            "facet": entry.facet or "",
            "audience": entry.audience,
        }


class _Judge:
    def __init__(self, assistant: GuidanceAssistant) -> None:
        self._verifier = assistant.verifier()

    def support(self, statement_text: str, citation_ids: Sequence[str]) -> bool:
        return self._verifier.check(statement_text, citation_ids).supported


class FeedbackInbox:
    """The thumbs-downs of a store, as the evals want them (`assistant.evals.protocols.FeedbackQueue`).

    Args:
        store: Where they are kept.
    """

    def __init__(self, store: Conversations) -> None:
        self._store = store

    def pending(self) -> list[Feedback]:
        """Thumbs-downs that nobody has decided on, oldest first."""
        return [_as_feedback(item) for item in self._store.pending_feedback()]

    def resolve(self, feedback_id: str, outcome: str) -> None:
        """Record what became of one."""
        self._store.resolve_feedback(feedback_id, outcome)


def _as_feedback(item: PendingFeedback) -> Feedback:
    return Feedback(item.feedback_id, item.question, item.history, item.answer, item.note, item.created_at)


def folder_sha256(folder: Path) -> str:
    """Hex digest over the paths and bytes of a folder's files, without what Python compiles of them."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder)
        if "__pycache__" not in name.parts:
            digest.update(name.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
