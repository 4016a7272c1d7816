"""The assistant as LangChain parts: a retriever and a runnable chain that drop into any LangChain program."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.messages import BaseMessage, HumanMessage
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import run_in_executor
from pydantic import ConfigDict

from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.licensing import QuoteLedger
from assistant.answering.outdated import Outdated
from assistant.characters import whole_characters
from assistant.errors import SettingsError
from assistant.retrieval.hit import Filters

Question = str | Mapping[str, Any]

_FORM = 'give a question as text, or {"question": "...", "history": [...]} with a list of strings or messages'


class GuidanceRetriever(BaseRetriever):
    """Ranked clauses as LangChain documents, each in the words that its licence lets the reader see today, without
    sentences that are out of date.

    A document's `id` is the citation id. Its metadata hold citation, label, heading, principle, facet, rank, score,
    `rendition` (licensed, digest or plan: whose words they are) and `model_use` of that rendition's licence: "any",
    "loopback" (only a language model on this machine may be sent the words) or "none". A program that hands the
    documents to a model has to keep to `model_use`. A clause of which nothing may be seen is passed over, so that
    ranks can have holes.

    Attributes:
        assistant: Whose index is searched, and whose settings say the reader's role.
        k: How many clauses at most.
        filters: Restrictions, as in the chat: what they exclude is never among the documents.

    Raises:
        AssistantError: There is no index, or the filters name a principle that does not exist.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    assistant: GuidanceAssistant
    k: int = 10
    filters: Filters | None = None

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return list(islice(self._documents(query), self.k))

    def _documents(self, query: str) -> Iterator[Document]:
        # One retriever throughout: an index that is rebuilt meanwhile may not know the hits any more.
        retriever = self.assistant.retriever()
        catalog = retriever.index.catalog
        ledger = QuoteLedger(catalog, self.assistant.settings.role, date.today())
        outdated = Outdated(catalog)
        for hit in retriever.retrieve(whole_characters(query), (), self.filters, count=self.k).hits:
            entry = catalog.resolve(hit.id)
            clause = next(iter(ledger.renditions(entry)), None)
            words = outdated.left_of(clause) if clause is not None else ""
            if clause is None or not words:
                continue
            yield Document(
                id=hit.id,
                page_content=words,
                metadata={
                    "citation": hit.id,
                    "label": entry.label,
                    "heading": entry.clause.heading,
                    "principle": entry.principle,
                    "facet": entry.facet,
                    "rendition": clause.rendition,
                    "model_use": ledger.licence(clause).model_use,
                    "rank": hit.rank,
                    "score": hit.score,
                },
            )


class GuidanceChain(Runnable[Question, dict[str, Any]]):
    """From a question (or {"question": ..., "history": [...]}) to the answer as JSON; the base class gives `batch`.

    The history is what was asked before, oldest first: strings or LangChain messages, of which those of the human
    count. On its own the chain streams pieces; as a step of a pipe it passes on the whole answer, streamed or not.
    (A wrapper that streams its runnable by itself, such as `with_fallbacks`, is on its own in this: wrap the whole pipe.)

    Args:
        assistant: Who answers.
    """

    def __init__(self, assistant: GuidanceAssistant) -> None:
        self._assistant = assistant

    def invoke(self, input: Question, config: RunnableConfig | None = None, **kwargs: Any) -> dict[str, Any]:
        """The whole answer.

        Raises:
            AssistantError: There is no index, or the input is in another form.
        """
        return self._call_with_config(self._answer, input, config, run_type="chain")

    def stream(self, input: Question, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[dict[str, Any]]:
        """A piece for each verified statement, `{"statement": {...}}`, and at the end `{"answer": {...}}`.

        The answer is what counts: it alone says which statements stayed.

        Raises:
            AssistantError: There is no index, or the input is in another form.
        """
        text, history = _parts(input)
        for event in self._assistant.stream(text, history):
            if event.answer is not None:
                yield {"answer": event.answer.to_json()}
            elif event.statement is not None:
                yield {"statement": {"text": event.statement.text, "citations": list(event.statement.citations)}}

    async def astream(
        self, input: Question, config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[dict[str, Any]]:
        """The pieces of `stream`, each as soon as it is there; the work is done on another thread."""
        pieces = self.stream(input, config, **kwargs)
        while (piece := await run_in_executor(config, next, pieces, None)) is not None:
            yield piece

    def transform(
        self, input: Iterator[Question], config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[dict[str, Any]]:
        """The whole answer to what a step before hands over: a step behind cannot go on from pieces of `stream`."""
        gathered = list(input)
        if gathered:
            yield self.invoke(_joined(gathered), config, **kwargs)

    async def atransform(
        self, input: AsyncIterator[Question], config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[dict[str, Any]]:
        """As `transform`."""
        gathered = [piece async for piece in input]
        if gathered:
            yield await self.ainvoke(_joined(gathered), config, **kwargs)

    def _answer(self, question: Question) -> dict[str, Any]:
        text, history = _parts(question)
        return self._assistant.ask(text, history).to_json()


def _joined(pieces: Sequence[Any]) -> Any:
    """What a streamed step gave, in one: added up where its pieces can be added, else the last (LangChain's rule)."""
    joined = pieces[0]
    for piece in pieces[1:]:
        try:
            joined = joined + piece
        except TypeError:
            joined = piece
    return joined


def _parts(question: Question) -> tuple[str, list[str]]:
    """The question and what was asked before.

    Raises:
        SettingsError: It is neither text nor such an object.
    """
    if isinstance(question, str):
        return question, []
    text = question.get("question") if isinstance(question, Mapping) else None
    if not isinstance(text, str):
        raise SettingsError(f"the chain cannot read this question; {_FORM}")
    history = question.get("history")
    if history is None:
        return text, []
    if not isinstance(history, (list, tuple)) or not all(isinstance(h, (str, BaseMessage)) for h in history):
        raise SettingsError(f"the chain cannot read this history; {_FORM}")
    # The assistant's own words say nothing on what the next question means: only what a person asked counts.
    return text, [h if isinstance(h, str) else str(h.text) for h in history if isinstance(h, (str, HumanMessage))]
