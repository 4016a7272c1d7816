"""What understanding does to answers: nothing is answered with a clause that was not asked for."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.answering.answer import Answer
from assistant.answering.assistant import GuidanceAssistant
from assistant.retrieval.evidence import EvidenceFinder
from assistant.retrieval.retriever import Retriever
from tests.retrieval.cases import each, expect

_CLAUSE = ["What does 5.10.3.3 of ISO 44003 say?"]
_RISKS = ["How should partners handle joint risks?"]


def guidance(answer: Answer) -> list[str]:
    """The ids that an answer cites from guidance."""
    return [c.id for c in answer.citations if not c.id.startswith("plan-")]


@pytest.mark.parametrize("history", [_CLAUSE, _RISKS])
@each("How do we choose partners?", "What is trust?", "How do we measure performance?")
def test_a_new_short_question_is_answered_as_if_it_came_first(
    question: str, history: list[str], assistant: GuidanceAssistant
) -> None:
    answer = assistant.ask(question, history)
    assert guidance(answer) == guidance(assistant.ask(question))
    assert not any(c.startswith("iso-44003:5.10") for c in guidance(answer))


@pytest.mark.parametrize(
    ("question", "history"),
    [
        ("Who won the world cup?", _CLAUSE),
        ("And the price of gold?", _CLAUSE),
        ("And the weather tomorrow?", _RISKS),
        ("yes", _RISKS),
        ("?", _RISKS),
    ],
)
def test_a_short_message_on_something_else_does_not_repeat_the_answer_before(
    question: str, history: list[str], assistant: GuidanceAssistant
) -> None:
    answer = assistant.ask(question, history)
    assert answer.declined
    assert answer.gaps


@each("and why?", "does that apply to us?", "Tell me more")
def test_a_follow_up_on_a_clause_is_answered_from_it(question: str, assistant: GuidanceAssistant) -> None:
    assert guidance(assistant.ask(question, _CLAUSE)) == ["iso-44003:5.10.3.3"]


@expect(
    ("What does clause 5.2 of ISO 9001 say?", ("not_covered", "ISO 9001")),
    ("ISO 27001 5.7", ("not_covered", "ISO 27001")),
    ("What does clause 5.2 of ISO 44001 require?", ("text_not_held", "ISO 44001")),
)
def test_a_clause_of_a_standard_that_is_not_held_is_said_not_to_be(
    question: str, expected: Any, assistant: GuidanceAssistant
) -> None:
    answer = assistant.ask(question)
    assert answer.declined
    assert [(g.reason, expected[1] in g.say) for g in answer.gaps] == [(expected[0], True)]


@expect(
    ("What does 5.2 of ISO 9001 say, and how do we choose partners?", "ISO 9001"),
    ("We work to clause 8.4 of ISO 9001. How do we choose partners?", "ISO 9001"),
    ("What does 5.13 say on how partners should handle joint risks?", "5.13"),
)
def test_what_is_asked_beside_such_a_clause_is_answered(
    question: str, expected: Any, assistant: GuidanceAssistant
) -> None:
    answer = assistant.ask(question)
    assert guidance(answer)
    assert expected in answer.gaps[0].say
    assert answer.gaps[0].reason == "not_covered"


@each("5.7 of ISO 44003 and 5.9 of ISO 44004", "Compare 5.3 of ISO 44003 with 5.5 of ISO 44004")
def test_only_the_clauses_that_were_asked_for_are_cited(question: str, assistant: GuidanceAssistant) -> None:
    small, large = [w for w in question.split() if w.startswith("5.")]
    cited = guidance(assistant.ask(question))
    assert f"iso-44004:{large}" in cited
    assert all(c == f"iso-44004:{large}" or c.startswith(f"iso-44003:{small}") for c in cited)


def test_another_edition_than_the_one_held_is_said_aloud(assistant: GuidanceAssistant) -> None:
    notices = assistant.ask("ISO 44003:2015 5.10.3.3").notices
    assert any("ISO 44003:2015" in n and "ISO 44003:2021" in n for n in notices)
    assert not any("edition" in n for n in assistant.ask("ISO 44003:2021 5.10.3.3").notices)


@each(
    "How should we plan the introduction of a new partner?",
    "We are a small firm. How should we handle the introduction of a new partner?",
    "Our partner has 3.5 people; how should resources be shared?",
    "Their turnover is 5.5 million; how do we choose partners?",
)
def test_ordinary_words_and_figures_are_answered_as_such(question: str, assistant: GuidanceAssistant) -> None:
    answer = assistant.ask(question)
    assert guidance(answer)
    assert not {"iso-44003:Introduction", "iso-44003:5.5", "iso-44004:5.5"} & set(guidance(answer))
    assert answer.gaps == ()


_STORY = (
    "Last year we moved to a new building with a bigger car park and a canteen, and the neighbours complained about the"
    " noise of the lorries. The founder's daughter took over the sales office in spring, after some years at a bank. "
)


@pytest.mark.parametrize("words", [100, 400, 1000])
@expect(
    ("Who should own each risk in the joint risk register?", "iso-44003:5.10.3.3"),
    ("How do we choose a partner?", "iso-44001-guide:partner-selection"),
)
def test_a_question_at_the_end_of_a_long_story_is_read(
    question: str, expected: Any, words: int, assistant: GuidanceAssistant
) -> None:
    story = _STORY * -(-words // len(_STORY.split()))
    assert assistant.ask(story + question).hits[0].id == expected


class _Counter:
    """An encoder that counts a token a word and reads ten."""

    name = "counter"
    max_tokens = 10

    def count_tokens(self, text: str) -> int:
        return len(text.split())


@expect(
    ("We mend old pumps. Who leads?", [("We mend old pumps. Who leads?", 1.0)]),
    (
        "One two three four. Five six seven. Who owns each joint risk? Eight nine ten.",
        [("Who owns each joint risk?", 0.6), ("Eight nine ten. Who owns each joint risk?", 0.4)],
    ),
    ("One two three four. Five six seven. What now?", [("One two three four. Five six seven. What now?", 1.0)]),
    ("one two three four five six seven eight nine ten eleven twelve", [("three four five six seven eight nine ten eleven twelve", 1.0)]),
)  # fmt: skip
def test_of_a_long_text_what_asks_is_searched_for_before_what_tells(question: str, expected: Any) -> None:
    finder = EvidenceFinder(None, _Counter(), _Counter())  # type: ignore[arg-type]
    found = finder.windows(question)
    assert [(text, round(weight, 3)) for text, weight in found] == expected


def test_understanding_and_searching_are_timed_apart(
    assistant: GuidanceAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr("assistant.answering.assistant.time", SimpleNamespace(perf_counter=lambda: clock.now))

    def taking(seconds: float, work: Callable[..., Any]) -> Callable[..., Any]:
        def slow(*args: Any, **options: Any) -> Any:
            clock.now += seconds
            return work(*args, **options)

        return slow

    monkeypatch.setattr(Retriever, "understand", taking(0.2, Retriever.understand))
    monkeypatch.setattr(Retriever, "search", taking(0.5, Retriever.search))
    assert assistant.ask("What is trust?").timings_ms == {"understand": 200, "retrieve": 500, "answer": 0}
