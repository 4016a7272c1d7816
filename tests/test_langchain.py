"""The product as LangChain parts: retriever and chain as any LangChain program calls them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from langchain_core.documents import Document
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.runnables import Runnable, RunnableLambda, RunnablePassthrough

from assistant.answering.assistant import GuidanceAssistant
from assistant.errors import AssistantError, SettingsError
from assistant.langchain import GuidanceChain, GuidanceRetriever
from assistant.retrieval.hit import Filters
from assistant.retrieval.retriever import Retriever
from assistant.sources.licence import Licence
from tests.small_corpus import SmallProduct

_QUESTION = "Who keeps an eye on shared risks?"
_FOLLOW_UP = "And why does that matter?"
_EARLIER = "What is an exit strategy?"
_EXPIRED = Licence(valid_until=date.today() - timedelta(days=1), model_use="any")

_COPY = """
A guide to sharing a yard

1 Scope

This guide is for all the makers who live around one and the same yard.

2 Keys

The keeper should put every key of every door into one book.

3 Tools

The makers of the yard should:

- a) lend whatever lies idle in their own workshop;
- b) mend what they have broken, or pay for it;
- c) bring it back by nightfall.
"""


def without_timings(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer but for what differs between two runs."""
    return {k: v for k, v in answer.items() if k != "timings_ms"}


# ---- retriever -------------------------------------------------------------------------------------------------


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


def test_the_retriever_does_not_fill_up_with_what_its_filter_excludes(assistant: GuidanceAssistant) -> None:
    retriever = GuidanceRetriever(assistant=assistant, k=10, filters=Filters(principle="Exit strategy"))
    assert {d.metadata["principle"] for d in retriever.invoke(_QUESTION)} == {"Exit strategy"}


def test_the_retriever_refuses_a_principle_that_does_not_exist(assistant: GuidanceAssistant) -> None:
    retriever = GuidanceRetriever(assistant=assistant, filters=Filters(principle="Exitt stratgy"))
    with pytest.raises(SettingsError, match="unknown principle"):
        retriever.invoke(_QUESTION)


@pytest.fixture
def yard(tmp_path: Path) -> GuidanceAssistant:
    """The product over a guide of which a licensed copy lies beside, not indexed yet; no model is loaded."""
    product = SmallProduct(tmp_path, source_id="iso-44003")
    (tmp_path / "licensed").mkdir()
    (tmp_path / "licensed" / "guide.txt").write_text(_COPY, encoding="utf-8")
    assistant = GuidanceAssistant(product.settings)
    assistant.encoder = assistant.question_encoder = product.encoder  # type: ignore[assignment]
    assistant._reader = product.reader()
    assistant.build()
    return assistant


@pytest.fixture
def licensed_yard(yard: GuidanceAssistant, tmp_path: Path) -> GuidanceAssistant:
    """The same with the licensed copy indexed."""
    yard.build([tmp_path / "licensed"])
    return yard


def test_the_retriever_leaves_out_what_is_out_of_date(yard: GuidanceAssistant) -> None:
    """A sentence, and an item with its marker; a clause of which nothing is left is passed over."""
    sources = yard.catalog.sources
    key = ("iso-44003", "digest")
    sources[key] = replace(sources[key], outdated=("spare keys", "mend what they break", "everybody who"))
    texts = {d.id: d.page_content for d in GuidanceRetriever(assistant=yard, k=10).invoke("keys and tools in the yard")}
    assert texts["iso-44003:2"] == "The keeper should write down every key."
    assert texts["iso-44003:3"] == "Makers should:\na) lend what lies idle;"
    assert not {"iso-44003:1", "iso-44003:3 b)"} & set(texts)


def test_half_a_character_in_a_query_is_replaced(assistant: GuidanceAssistant) -> None:
    assert GuidanceRetriever(assistant=assistant, k=2).invoke("joint risk \ud83d")


def set_licence(assistant: GuidanceAssistant, rendition: str, licence: Licence) -> None:
    """Another licence for one rendition of the guide, in this generation."""
    sources = assistant.catalog.sources
    sources["iso-44003", rendition] = replace(sources["iso-44003", rendition], licence=licence)


def found(assistant: GuidanceAssistant, k: int = 10) -> dict[str, Document]:
    """What the retriever gives, by id."""
    documents = GuidanceRetriever(assistant=assistant, k=k).invoke("who writes down the keys")
    return {d.metadata["citation"]: d for d in documents}


def test_the_words_of_a_valid_licence_are_given_with_what_a_model_may_do_with_them(
    licensed_yard: GuidanceAssistant,
) -> None:
    set_licence(licensed_yard, "licensed", Licence(model_use="none"))
    keys = found(licensed_yard)["iso-44003:2"]
    assert (keys.metadata["rendition"], keys.metadata["model_use"]) == ("licensed", "none")
    assert "every door" in keys.page_content


@pytest.mark.parametrize("licence", [_EXPIRED, Licence(roles=("trainer",), model_use="any")])
def test_the_digest_takes_the_place_of_words_that_the_licence_withholds(
    licence: Licence, licensed_yard: GuidanceAssistant
) -> None:
    set_licence(licensed_yard, "licensed", licence)
    set_licence(licensed_yard, "digest", Licence(model_use="loopback"))
    keys = found(licensed_yard)["iso-44003:2"]
    assert (keys.metadata["rendition"], keys.metadata["model_use"]) == ("digest", "loopback")
    assert "every door" not in keys.page_content


def test_the_role_of_the_settings_decides_what_is_given(licensed_yard: GuidanceAssistant) -> None:
    set_licence(licensed_yard, "licensed", Licence(roles=("trainer",)))
    licensed_yard.settings = licensed_yard.settings.model_copy(update={"role": "trainer"})
    assert found(licensed_yard)["iso-44003:2"].metadata["rendition"] == "licensed"


def test_a_clause_of_which_nothing_may_be_seen_is_passed_over_and_the_next_one_takes_its_place(
    licensed_yard: GuidanceAssistant,
) -> None:
    set_licence(licensed_yard, "digest", _EXPIRED)
    set_licence(licensed_yard, "licensed", Licence())
    held = {e.citation_id for e in licensed_yard.catalog if "licensed" in e.renditions}
    assert set(found(licensed_yard)) <= held
    set_licence(licensed_yard, "licensed", _EXPIRED)
    assert found(licensed_yard) == {}


def test_a_rebuild_during_the_search_does_not_break_it(
    yard: GuidanceAssistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    get = yard.retriever

    def rebuilt() -> Retriever:
        yard.build([tmp_path / "licensed"])
        return get()

    monkeypatch.setattr(yard, "retriever", rebuilt)
    assert "iso-44003:3 c)" in found(yard, 20)


# ---- chain -----------------------------------------------------------------------------------------------------


def test_the_chain_gives_the_answer_that_ask_gives(assistant: GuidanceAssistant) -> None:
    answer = GuidanceChain(assistant).invoke(_QUESTION)
    assert answer["statements"] == assistant.ask(_QUESTION).to_json()["statements"]
    assert answer["statements"]


@pytest.mark.parametrize(
    "history",
    [
        [_EARLIER],
        (_EARLIER,),
        [HumanMessage(_EARLIER)],
        [HumanMessage([{"type": "text", "text": _EARLIER}])],
        [SystemMessage("Be brief."), HumanMessage(_EARLIER), AIMessage("A plan for parting.")],
    ],
)
def test_the_chain_uses_the_history_of_strings_or_of_messages(history: Any, assistant: GuidanceAssistant) -> None:
    answer = GuidanceChain(assistant).invoke({"question": _FOLLOW_UP, "history": history})
    assert answer["standalone_question"] == assistant.ask(_FOLLOW_UP, [_EARLIER]).standalone_question
    assert any("5.12" in c for s in answer["statements"] for c in s["citations"])


@pytest.mark.parametrize("history", [None, [], [AIMessage("A plan for parting.")]])
def test_a_history_without_a_question_counts_as_none(history: Any, assistant: GuidanceAssistant) -> None:
    answer = GuidanceChain(assistant).invoke({"question": _FOLLOW_UP, "history": history})
    assert answer["standalone_question"] == assistant.ask(_FOLLOW_UP).standalone_question


@pytest.mark.parametrize("history", [_EARLIER, HumanMessage(_EARLIER), [("human", _EARLIER)], [None], {"a": 1}, 3])
def test_a_history_in_another_form_is_refused_and_the_form_named(history: Any, assistant: GuidanceAssistant) -> None:
    chain = GuidanceChain(assistant)
    for asked in (chain.invoke, lambda value: list(chain.stream(value))):
        with pytest.raises(AssistantError, match=r"history; give .* list of strings or messages"):
            asked({"question": _FOLLOW_UP, "history": history})


@pytest.mark.parametrize("question", [None, 3, [_QUESTION], {}, {"history": [_EARLIER]}, {"question": None}])
def test_a_question_in_another_form_is_refused_and_the_form_named(question: Any, assistant: GuidanceAssistant) -> None:
    with pytest.raises(AssistantError, match="question; give a question as text, or"):
        GuidanceChain(assistant).invoke(question)


def test_the_chain_answers_a_batch_in_order(assistant: GuidanceAssistant) -> None:
    questions = [_QUESTION, _EARLIER]
    answers = GuidanceChain(assistant).batch(list(questions))
    assert [a["question"] for a in answers] == questions


def test_the_chain_streams_each_statement_and_then_the_answer(assistant: GuidanceAssistant) -> None:
    pieces = list(GuidanceChain(assistant).stream(_QUESTION))
    answer = pieces[-1]["answer"]
    assert [p["statement"]["text"] for p in pieces[:-1]] == [s["text"] for s in answer["statements"]]


def test_the_chain_gives_the_same_pieces_when_it_streams_asynchronously(assistant: GuidanceAssistant) -> None:
    chain = GuidanceChain(assistant)

    async def gathered() -> list[dict[str, Any]]:
        return [piece async for piece in chain.astream(_QUESTION)]

    pieces, first = asyncio.run(gathered()), list(chain.stream(_QUESTION))
    assert pieces[:-1] == first[:-1]
    assert without_timings(pieces[-1]["answer"]) == without_timings(first[-1]["answer"])


def invoked(chain: Runnable[Any, Any], value: Any) -> Any:
    """What a chain gives at once."""
    return chain.invoke(value)


def streamed(chain: Runnable[Any, Any], value: Any) -> Any:
    """The last thing that a chain streams."""
    return list(chain.stream(value))[-1]


def invoked_asynchronously(chain: Runnable[Any, Any], value: Any) -> Any:
    """What a chain gives at once in an event loop."""
    return asyncio.run(chain.ainvoke(value))


def streamed_asynchronously(chain: Runnable[Any, Any], value: Any) -> Any:
    """The last thing that a chain streams in an event loop."""

    async def last() -> Any:
        return [piece async for piece in chain.astream(value)][-1]

    return asyncio.run(last())


_WAYS = [invoked, streamed, invoked_asynchronously, streamed_asynchronously]


@pytest.mark.parametrize("way", _WAYS)
@pytest.mark.parametrize("question", [_QUESTION, "Who won the football world cup in 1966?"])
def test_the_next_step_of_a_pipe_gets_the_answer_in_every_way_of_running_it(
    question: str, way: Callable[[Runnable[Any, Any], Any], Any], assistant: GuidanceAssistant
) -> None:
    chain = GuidanceChain(assistant) | RunnableLambda(lambda answer: len(answer["statements"]))
    assert way(chain, question) == len(assistant.ask(question).statements)


@pytest.mark.parametrize("way", _WAYS)
def test_the_chain_takes_all_that_the_step_before_hands_over(
    way: Callable[[Runnable[Any, Any], Any], Any], assistant: GuidanceAssistant
) -> None:
    writer = GenericFakeChatModel(messages=iter([AIMessage(_FOLLOW_UP)])) | StrOutputParser()  # streams word by word
    asked = {"question": RunnableLambda(lambda _: "Ask on.") | writer, "history": RunnablePassthrough()}
    chain = asked | GuidanceChain(assistant) | RunnableLambda(lambda answer: answer["standalone_question"])
    assert way(chain, [_EARLIER]) == assistant.ask(_FOLLOW_UP, [_EARLIER]).standalone_question
