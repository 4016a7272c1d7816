"""The assistant as LangChain parts: a retriever and a runnable chain that drop into any LangChain program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableGenerator
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


def guidance_chain(assistant: GuidanceAssistant) -> Runnable[Question, dict[str, Any]]:
    """A runnable from a question (or {"question": ..., "history": [...]}) to the answer as JSON.

    `invoke` and `batch` give whole answers; `stream` gives one piece a verified statement
    (`{"statement": {...}}`) and the whole answer (`{"answer": {...}}`) at the end, which `invoke` unpacks.
    """
    chain = RunnableGenerator(lambda questions: _answers(assistant, cast(Iterator[Question], questions)))
    return cast(Runnable[Question, dict[str, Any]], chain | _last)


def _answers(assistant: GuidanceAssistant, questions: Iterator[Question]) -> Iterator[dict[str, Any]]:
    for question in questions:
        text, history = _parts(question)
        count = 0
        for event in assistant.stream(text, history):
            if event.statement is not None and event.answer is None:
                statement = event.statement
                yield {"statements_final": [{"text": statement.text, "citations": list(statement.citations)}]}
                count += 1
            if event.answer is not None:
                yield {"answer": event.answer.to_json()}


def _last(pieces: dict[str, Any]) -> dict[str, Any]:
    return cast(dict[str, Any], pieces["answer"])


def _parts(question: Question) -> tuple[str, list[str]]:
    if isinstance(question, str):
        return question, []
    return str(question["question"]), [str(h) for h in question.get("history", [])]
