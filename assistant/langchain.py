"""The assistant as LangChain parts: a retriever and a runnable chain that drop into any LangChain program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig
from pydantic import ConfigDict

from assistant.answering.assistant import GuidanceAssistant
from assistant.retrieval.hit import Filters

Question = str | Mapping[str, Any]


class GuidanceRetriever(BaseRetriever):
    """Ranked clauses as LangChain documents.

    Each document's `id` is the citation id; its metadata hold label, heading, principle, facet, rank and score.

    Attributes:
        assistant: Whose index is searched.
        k: How many clauses.
        filters: Restrictions, as in the chat.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    assistant: GuidanceAssistant
    k: int = 10
    filters: Filters | None = None

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        catalog = self.assistant.catalog
        documents = []
        for hit in self.assistant.retrieve(query, self.k, self.filters):
            entry = catalog.resolve(hit.id)
            clause = catalog.text_of(hit.id)
            documents.append(
                Document(
                    id=hit.id,
                    page_content=clause.text,
                    metadata={
                        "citation": hit.id,
                        "label": entry.label,
                        "heading": entry.clause.heading,
                        "principle": entry.principle,
                        "facet": entry.facet,
                        "rendition": clause.rendition,
                        "rank": hit.rank,
                        "score": hit.score,
                    },
                )
            )
        return documents


class GuidanceChain(Runnable[Question, dict[str, Any]]):
    """From a question (or {"question": ..., "history": [...]}) to the answer as JSON; the base class gives `batch`.

    Args:
        assistant: Who answers.
    """

    def __init__(self, assistant: GuidanceAssistant) -> None:
        self._assistant = assistant

    def invoke(self, input: Question, config: RunnableConfig | None = None, **kwargs: Any) -> dict[str, Any]:
        """The whole answer."""
        return self._call_with_config(self._answer, input, config, run_type="chain")

    def stream(self, input: Question, config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[dict[str, Any]]:
        """A piece for each verified statement, `{"statement": {...}}`, and at the end `{"answer": {...}}`.

        The answer is what counts: it alone says which statements stayed.
        """
        text, history = _parts(input)
        for event in self._assistant.stream(text, history):
            if event.answer is not None:
                yield {"answer": event.answer.to_json()}
            elif event.statement is not None:
                yield {"statement": {"text": event.statement.text, "citations": list(event.statement.citations)}}

    def _answer(self, question: Question) -> dict[str, Any]:
        text, history = _parts(question)
        return self._assistant.ask(text, history).to_json()


def _parts(question: Question) -> tuple[str, list[str]]:
    if isinstance(question, str):
        return question, []
    return str(question["question"]), [str(h) for h in question.get("history", [])]
