"""The product as LangChain parts: retriever and chain as any LangChain program calls them."""

from __future__ import annotations

from langchain_core.runnables import RunnableLambda

from assistant.answering.assistant import GuidanceAssistant
from assistant.langchain import GuidanceChain, GuidanceRetriever
from assistant.retrieval.hit import Filters

_QUESTION = "Who keeps an eye on shared risks?"


def test_the_retriever_gives_the_clauses_of_the_product_in_its_order(assistant: GuidanceAssistant) -> None:
    documents = GuidanceRetriever(assistant=assistant, k=4).invoke(_QUESTION)
    hits = assistant.retrieve(_QUESTION, 4)
    assert [d.id for d in documents] == [h.id for h in hits]
    assert [d.metadata["rank"] for d in documents] == [1, 2, 3, 4]
    assert all(d.page_content and d.metadata["citation"] == d.id for d in documents)


def test_filters_of_the_retriever_hold(assistant: GuidanceAssistant) -> None:
    documents = GuidanceRetriever(assistant=assistant, k=5, filters=Filters(audience="large")).invoke(_QUESTION)
    assert documents
    assert {assistant.catalog.resolve(d.metadata["citation"]).audience for d in documents} <= {"large", "both"}


def test_the_chain_gives_the_answer_that_ask_gives(assistant: GuidanceAssistant) -> None:
    answer = GuidanceChain(assistant).invoke(_QUESTION)
    assert answer["statements"] == assistant.ask(_QUESTION).to_json()["statements"]
    assert answer["statements"]


def test_the_chain_uses_the_history(assistant: GuidanceAssistant) -> None:
    asked = {"question": "And why does that matter?", "history": ["What is an exit strategy?"]}
    answer = GuidanceChain(assistant).invoke(asked)
    assert any("5.12" in c for s in answer["statements"] for c in s["citations"])


def test_the_chain_answers_a_batch_in_order(assistant: GuidanceAssistant) -> None:
    questions = [_QUESTION, "What is an exit strategy?"]
    answers = GuidanceChain(assistant).batch(list(questions))
    assert [a["question"] for a in answers] == questions


def test_the_chain_streams_each_statement_and_then_the_answer(assistant: GuidanceAssistant) -> None:
    pieces = list(GuidanceChain(assistant).stream(_QUESTION))
    answer = pieces[-1]["answer"]
    assert [p["statement"]["text"] for p in pieces[:-1]] == [s["text"] for s in answer["statements"]]


def test_the_chain_can_be_piped(assistant: GuidanceAssistant) -> None:
    chain = GuidanceChain(assistant) | RunnableLambda(lambda answer: len(answer["statements"]))
    assert chain.invoke(_QUESTION) > 0
