"""A model's answer is shown as far as the clauses support it, and every fault of a model ends in a clear reason."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import httpx
import pytest

from assistant.answering.answer import Statement
from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.engines import Engine
from assistant.answering.generative import Generated, GenerativeEngine, Step
from assistant.answering.licensing import QuoteLedger
from assistant.answering.verification import Verifier
from assistant.answering.verification.units import units_of
from assistant.clauses.sentences import split_sentences
from assistant.errors import UnknownCitation
from assistant.prompts import Prompts
from assistant.retrieval.hit import Filters
from assistant.settings import packaged
from tests.answering.models import scripted

REGISTER = "iso-44003:5.10.3.3"
REVIEW = "iso-44003:5.10.3.4"
OWNER = "The joint risk register should clearly show who owns each risk."
FOCUS = "Opportunities that were identified should get equal focus."


class Writer:
    """A generative engine over the packaged corpus with a scripted model."""

    def __init__(self, assistant: GuidanceAssistant, verifier: Verifier, ledger: QuoteLedger) -> None:
        self._assistant = assistant
        self._verifier = verifier
        self._ledger = ledger

    def engine(self, engine: Engine, budget: int = 1500) -> GenerativeEngine:
        """The engine under test."""
        return GenerativeEngine(engine, Prompts(packaged("prompts")), context_max_tokens=budget)

    def write(self, engine: Engine, clauses: tuple[str, ...] = (REGISTER, REVIEW), budget: int = 1500) -> Generated:
        """What comes of asking it about risk."""
        return self.engine(engine, budget).generate(
            "How do we handle joint risks?", clauses, self._assistant.catalog, self._verifier, self._ledger
        )

    def events(self, engine: Engine) -> list[Step | Statement | Generated]:
        """The same step by step."""
        return list(
            self.engine(engine).stream(
                "How do we handle joint risks?",
                (REGISTER, REVIEW),
                self._assistant.catalog,
                self._verifier,
                self._ledger,
            )
        )


@pytest.fixture
def writer(assistant: GuidanceAssistant, verifier: Verifier, ledger: QuoteLedger) -> Writer:
    """Asks scripted models about risk."""
    return Writer(assistant, verifier, ledger)


def test_supported_statements_are_shown_with_their_citations(writer: Writer) -> None:
    """What the clauses say passes, in the order in which it was written."""
    result = writer.write(scripted(f"{OWNER} [C1]\n{FOCUS} [C2]"))
    assert [s.text for s in result.statements] == [OWNER, FOCUS]
    assert [s.citations for s in result.statements] == [(REGISTER,), (REVIEW,)]
    assert all(s.evidence and s.part == "guidance" and 0 < s.support <= 1 for s in result.statements)
    assert (result.checked, result.removed, result.fallback_reason) == (2, 0, None)
    assert len(result.prompt_sha256) == 64


@pytest.mark.parametrize(
    "text",
    [
        f"- {OWNER} [C1]\n- {FOCUS} [c2]",
        f"1. **{OWNER}** [C1]\n2) {FOCUS} (C2)",
        f"Here is the answer:\n\n{OWNER} [C1].\n\n{FOCUS} [C2, C1]\n",
        f"{OWNER} [C1] {FOCUS} [C2]",
        json.dumps({"text": OWNER, "cite": ["C1"]}) + "\n" + json.dumps({"text": FOCUS, "cite": "C2"}),
        "```json\n"
        + json.dumps([{"statement": OWNER, "citations": ["C1"]}, {"statement": FOCUS, "keys": ["[C2]"]}])
        + "\n```",
        json.dumps({"statements": [{"text": OWNER, "cite": ["C1"]}, {"text": FOCUS, "cite": ["C2"]}]}),
        f"{OWNER} [{REGISTER}]\n{FOCUS} [{REVIEW}]",
    ],
)
def test_many_forms_of_answers_are_understood(writer: Writer, text: str) -> None:
    """Lists, prose, JSON and fenced code all give the same statements."""
    result = writer.write(scripted(text))
    assert [s.text.rstrip(".") for s in result.statements] == [OWNER.rstrip("."), FOCUS.rstrip(".")]


@pytest.mark.parametrize(
    "invented",
    [
        "The joint risk register must clearly show who owns each risk. [C1]",
        "The owners should set up the joint risk register. [C1]",
        "The joint risk register should be reviewed every three months. [C2]",
        "A certified auditor should check the joint risk register. [C1]",
        "The contract should name the court that decides. [C1]",
        "Value can be social or environmental and not just financial. [C1]",
        "The joint risk register should not be accessible to the team. [C1]",
    ],
)
def test_what_a_model_makes_up_is_removed_and_counted(writer: Writer, invented: str) -> None:
    """An unsupported statement never reaches the reader; the rest stays."""
    result = writer.write(scripted(f"{OWNER} [C1]\n{invented}\n{FOCUS} [C2]"))
    assert [s.text for s in result.statements] == [OWNER, FOCUS]
    assert (result.checked, result.removed) == (3, 1)


def test_unknown_keys_are_reported_and_never_snapped(writer: Writer) -> None:
    """A key outside the allow-list is named in the notices and its statement removed."""
    result = writer.write(scripted(f"{OWNER} [C1]\n{FOCUS} [C2]\n{OWNER[:-1]} in full. [C9]\nMore. [{REGISTER}.1]"))
    assert all(s.citations for s in result.statements)
    assert len(result.statements) == 2
    assert "C9" in result.notices[-1]
    assert f"{REGISTER}.1" in result.notices[-1]


def test_a_statement_without_a_key_is_removed(writer: Writer) -> None:
    """Nothing is shown without a citation, however true; said again with one, it is."""
    result = writer.write(scripted(f"{OWNER}\n{FOCUS} [C2]\n{OWNER} [C1]"))
    assert [(s.text, s.citations) for s in result.statements] == [(FOCUS, (REVIEW,)), (OWNER, (REGISTER,))]
    assert (result.checked, result.removed) == (2, 0)
    none = writer.write(scripted(f"{OWNER}\n{FOCUS}"))
    assert none.statements == ()
    assert none.fallback_reason == "the model cited no clause"


_THOUGHTS = "\n".join(f"Okay, point {n} of the register may be one to mention here. [C1]" for n in range(30))


@pytest.mark.parametrize(
    "text",
    [
        f"<think>\n{_THOUGHTS}\n</think>\n{OWNER} [C1]\n{FOCUS} [C2]",
        f"<think>All must sign. [C1]</think>{OWNER} [C1]\n{FOCUS} [C2]",
        f"{OWNER} [C1]\n<think>\n{_THOUGHTS}\n</think>\n{FOCUS} [C2]",
        f"Hm.\nSo {OWNER}\n</think>\n{OWNER} [C1]\n{FOCUS} [C2]",
        f"{OWNER} [C1]\n{FOCUS} [C2]\n<think>\n{_THOUGHTS}",
    ],
)
def test_what_a_model_thinks_aloud_is_neither_checked_nor_counted(writer: Writer, text: str) -> None:
    """Thirty lines of thought leave room for the answer, wherever they stand and whether or not they end."""
    result = writer.write(scripted(text))
    assert [s.text for s in result.statements] == [OWNER, FOCUS]
    assert (result.checked, result.removed) == (2, 0)


def test_lines_without_a_key_use_up_no_checks(writer: Writer) -> None:
    """Drafts and introductions may be as long as they like."""
    draft = "\n".join(f"First I could say that point {n} is worth a look." for n in range(40))
    result = writer.write(scripted(f"{draft}\n{OWNER} [C1]\n{FOCUS} [C2]"))
    assert [s.text for s in result.statements] == [OWNER, FOCUS]


def test_verbatim_means_letter_for_letter_in_one_place(assistant: GuidanceAssistant, writer: Writer) -> None:
    """An item with its lead-in, another case, or several sentences are the clause's words, but stand nowhere so."""
    listed = "iso-44003:5.1.3.3"
    unit = next(u for u in units_of(assistant.catalog, listed) if u.listed)
    sentences = [s.text for s in split_sentences(assistant.catalog.text_of(REVIEW).text)][:2]
    lines = [
        f"{unit.full}. [C1]",
        f"{sentences[0]} [C2]",
        f"{sentences[1].upper()} [C2]",
        " ".join(sentences) + " [C2]",
    ]
    told = [json.dumps({"text": line.rpartition(" [")[0], "cite": [line[-3:-1]]}) for line in lines]
    result = writer.write(scripted("\n".join(told)), (listed, REVIEW))
    assert [s.verbatim for s in result.statements] == [False, True, False, False]
    for statement in result.statements:
        held = [assistant.catalog.text_of(e.citation).text[e.start : e.end] for e in statement.evidence]
        assert statement.verbatim is (statement.text in held)


@pytest.mark.parametrize(
    "filters",
    [
        Filters(audience="msme"),
        Filters(audience="large"),
        Filters(principle="Exit strategy"),
        Filters(facet="why"),
        Filters(audience="large", principle="Risk management", facet="how"),
    ],
)
def test_a_model_that_picks_clauses_picks_within_the_users_filters(
    assistant: GuidanceAssistant, filters: Filters
) -> None:
    """What a filter excludes is neither on the map nor shown nor cited."""
    question = "What should a joint risk register make clear?"
    model = scripted("H1 H2 H3 H4 H5 H6")
    picking = GuidanceAssistant(assistant.settings.model_copy(update={"model_picks_clauses": True}))
    picking.encoder, picking.question_encoder = assistant.encoder, assistant.question_encoder
    picking._reader, picking._retrievers, picking._verifiers = (
        assistant._reader, assistant._retrievers, assistant._verifiers,
    )  # fmt: skip
    picking._writers["openai:x"] = GenerativeEngine(model, Prompts(packaged("prompts")), context_max_tokens=3000)
    answer = picking.ask(question, (), filters, engine="openai:x")
    allowed = assistant.retriever().retrieve(question, (), filters).needs[0].scores
    excluded = {e.label for e in assistant.catalog if not e.is_plan and e.citation_id not in allowed}
    excluded -= {assistant.catalog.resolve(assistant.catalog.owner(c)).label for c in allowed}
    on_map = re.findall(r"^H\d+ (.*?): ", "\n".join(model.model.received), re.M)  # type: ignore[attr-defined]
    shown = re.findall(r'title="(.*?): ', "\n".join(model.model.received))  # type: ignore[attr-defined]
    assert on_map
    assert shown
    assert not excluded & {*on_map, *shown}
    assert {c.id for c in answer.citations if not c.id.startswith("plan-")} <= set(allowed)


def test_too_little_left_means_the_extractive_answer(writer: Writer) -> None:
    """Where nearly everything had to go, the reason says how much."""
    result = writer.write(scripted("All must sign. [C1]\nPay 5 % each year. [C1]\nCall the police. [C2]"))
    assert result.statements == ()
    assert result.fallback_reason == "none of the model's 3 statements could be verified"
    assert result.removed == 3


@pytest.mark.parametrize(
    ("engine", "reason"),
    [
        (scripted("NONE"), "the model found no answer in these clauses"),
        (scripted("I'm sorry, but I can't help with that."), "the model refused to answer"),
        (scripted("Some words.", finish="content_filter"), "the model refused to answer"),
        (scripted(""), "the model answered with nothing"),
        (scripted("```\n```"), "the model did not answer in statements"),
        (scripted(error=TimeoutError()), "the model was silent for 5 s"),
        (scripted(error=httpx.ReadTimeout("slow")), "the model was silent for 5 s"),
        (scripted(error=ConnectionRefusedError()), "the model cannot be reached"),
        (
            scripted(f"{OWNER} [C1]\n", error=httpx.RemoteProtocolError("gone"), after=3),
            "the model stopped in the middle of its answer",
        ),
        (
            scripted(f"{OWNER} [C1]\n", error=ValueError("chunk"), after=3),
            "the model stopped in the middle of its answer",
        ),
        (scripted(error=KeyError("choices")), "the model failed (KeyError)"),
    ],
)
def test_each_fault_of_a_model_has_its_reason(writer: Writer, engine: Engine, reason: str) -> None:
    """Time-outs, refusals, dead servers and odd output end in a few clear words and no statement."""
    result = writer.write(engine)
    assert result.fallback_reason == reason
    assert result.statements == ()


def test_a_model_that_never_stops_is_stopped(writer: Writer) -> None:
    """Endless output is cut off, and what was verified stands."""
    result = writer.write(scripted(f"{OWNER} [C1]\n{FOCUS} [C2]\n" + "Blah blah. [C1]\n" * 3000))
    assert len(result.statements) == 2
    assert result.checked <= 24


def test_streaming_shows_life_at_once_and_only_verified_statements(writer: Writer) -> None:
    """The first event is a step, statements come verified, the result comes last."""
    events = writer.events(scripted(f"{OWNER} [C1]\nAll must sign. [C1]\n{FOCUS} [C2]"))
    assert isinstance(events[0], Step)
    assert [e.text for e in events if isinstance(e, Statement)] == [OWNER, FOCUS]
    assert isinstance(events[-1], Generated)
    assert sum(isinstance(e, Generated) for e in events) == 1


def test_the_model_sees_whole_clauses_within_the_budget(writer: Writer) -> None:
    """The prompt holds clauses with keys, and no more tokens than allowed."""
    engine = scripted("NONE")
    writer.write(engine, budget=170)
    sent = engine.model.received[1]
    assert '<clause key="C1"' in sent
    assert "How do we handle joint risks?" in sent
    assert sent.count("<clause") == 1


def test_licences_decide_what_a_model_sees(
    assistant: GuidanceAssistant, verifier: Verifier, ledger: QuoteLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text that may only go to a model on this machine is not sent to one elsewhere."""
    plan = next(e for e in assistant.catalog if e.is_plan and e.has_text and e.clause.kind == "section")
    relicense(assistant, monkeypatch, plan.clause.source_id, model_use="loopback")
    writer = Writer(assistant, verifier, ledger)
    far, near = scripted("NONE", loopback=False), scripted("NONE", loopback=True)
    result = writer.write(far, (plan.citation_id,))
    assert result.fallback_reason == "no clause may be shown to this model"
    assert far.model.received == []
    assert plan.label in result.notices[0]
    writer.write(near, (plan.citation_id,))
    assert near.model.received
    relicense(assistant, monkeypatch, plan.clause.source_id, model_use="none")
    assert writer.write(near, (plan.citation_id,)).fallback_reason == "no clause may be shown to this model"


def test_an_unknown_clause_id_is_an_error(writer: Writer) -> None:
    """The caller's ids have to exist."""
    with pytest.raises(UnknownCitation):
        writer.write(scripted("NONE"), ("iso-44003:99",))


def test_a_false_quote_is_removed(writer: Writer) -> None:
    """Words between quotation marks have to stand in the clause."""
    true = (
        'Equal focus should go to opportunities: "Equal focus should go to harnessing identified opportunities". [C2]'
    )
    false = 'Equal focus should go to opportunities: "Equal focus should go to all the identified opportunities". [C2]'
    result = writer.write(scripted(f"{OWNER} [C1]\n{true}\n{false}\n{FOCUS} [C2]"))
    texts = " ".join(s.text for s in result.statements)
    assert "harnessing" in texts
    assert "all the identified" not in texts


_FORECAST = "who owns each risk"


def outdate(assistant: GuidanceAssistant, monkeypatch: pytest.MonkeyPatch, *patterns: str) -> None:
    """Declare sentences of the digest of ISO 44003 out of date for the rest of the test."""
    source = assistant.catalog.sources["iso-44003", "digest"]
    monkeypatch.setitem(assistant.catalog.sources, ("iso-44003", "digest"), replace(source, outdated=patterns))


@pytest.mark.parametrize("pattern", ["owns ?each ?risk", "who\\s+is\\s+the\\s+owner|clear\\w* \\w*.*owns"])
def test_an_outdated_sentence_is_never_a_statement_of_a_model(
    assistant: GuidanceAssistant, writer: Writer, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    """Neither word for word nor in the model's own words."""
    clause = assistant.catalog.resolve(REGISTER).renditions["digest"]
    literal = next(s.text for s in split_sentences(clause.text) if _FORECAST in s.text)
    told = "It should be plain from the joint risk register to whom each risk belongs."
    review = assistant.catalog.resolve(REVIEW).renditions["digest"]
    kept = [s.text for s in split_sentences(review.text) if "own" not in s.text][:2]
    lines = "\n".join([*(f"{t} [C1]" for t in (literal, OWNER, told)), *(f"{t} [C2]" for t in kept)])
    before = [s.text for s in writer.write(scripted(lines)).statements]
    assert before[:2] == [literal, OWNER]
    outdate(assistant, monkeypatch, pattern)
    after = writer.write(scripted(lines))
    assert [s.text for s in after.statements if s.citations == (REVIEW,)] == kept
    assert after.fallback_reason is None
    assert all(_FORECAST not in clause.text[e.start : e.end] for s in after.statements for e in s.evidence if e.citation == REGISTER)  # fmt: skip
    assert not {literal, OWNER, told} & {s.text for s in after.statements}


@pytest.mark.parametrize("budget", [1500, 150])
def test_an_outdated_sentence_is_not_sent_to_a_model(
    assistant: GuidanceAssistant, writer: Writer, monkeypatch: pytest.MonkeyPatch, budget: int
) -> None:
    """Whole clauses and the openings of long ones are shown without it."""
    engine = scripted("NONE")
    writer.write(engine, (REGISTER,), budget)
    assert _FORECAST in engine.model.received[1]
    outdate(assistant, monkeypatch, _FORECAST)
    engine = scripted("NONE")
    writer.write(engine, (REGISTER,), budget)
    assert '<clause key="C1"' in engine.model.received[1]
    assert _FORECAST not in engine.model.received[1]


def test_items_behind_an_outdated_lead_in_and_clauses_that_are_all_outdated_are_not_sent(
    assistant: GuidanceAssistant, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An item cannot outlive the words that lead into its list; a clause without words left has no key."""
    listed = "iso-44003:5.1.3.3"
    clause = assistant.catalog.resolve(listed).renditions["digest"]
    first = next(p for p in clause.parts if p.kind == "item")
    lead_in = split_sentences(clause.text[: first.start])[-1].text
    engine = scripted("NONE")
    outdate(assistant, monkeypatch, re.escape(lead_in.rstrip(": ")))
    writer.write(engine, (listed, REVIEW))
    assert "[C1.1]" not in engine.model.received[1]
    outdate(assistant, monkeypatch, ".")
    assert writer.write(engine, (listed, REVIEW)).fallback_reason == "no clause may be shown to this model"


def test_follow_ups_are_rewritten_or_left(writer: Writer) -> None:
    """One question on one line is taken; anything else is not."""
    history = ["Who sets up the joint risk register?"]
    good = writer.engine(scripted("Who may see the joint risk register?\n"))
    assert good.rewrite_follow_up("And who may see it?", history) == "Who may see the joint risk register?"
    assert good.rewrite_follow_up("Who may see it?", []) == "Who may see it?"
    for text in ("", "Yes", "One question?\nAnother question here?", "I'm sorry, I cannot help with that.", "x " * 80):
        assert writer.engine(scripted(text)).rewrite_follow_up("And who may see it?", history) is None
    assert writer.engine(scripted(error=TimeoutError())).rewrite_follow_up("And who may see it?", history) is None


def test_clauses_are_picked_from_the_map_of_headings(assistant: GuidanceAssistant, writer: Writer) -> None:
    """Only keys of the map count, and only headings are sent."""
    engine = scripted("H3\nH1, H9999 and H3")
    picked = writer.engine(engine, 3000).pick_clauses("What is this about?", assistant.catalog)
    sent = engine.model.received[1]
    assert len(picked) == 2
    assert all(p in assistant.catalog for p in picked)
    assert "Joint risk management" in sent
    assert "who owns each risk" not in sent
    assert writer.engine(scripted(error=TimeoutError())).pick_clauses("What?", assistant.catalog) == ()


def test_a_licensed_text_is_quoted_within_its_budget(
    assistant: GuidanceAssistant, verifier: Verifier, ledger: QuoteLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the words of a licence are used up, further quotes from it are removed."""
    plan = next(
        e for e in assistant.catalog if e.is_plan and len(e.clause.text.split()) > 30 and e.clause.kind == "section"
    )
    sentence = next(p for p in plan.clause.text.split("\n") if len(p.split()) > 12)
    writer = Writer(assistant, verifier, ledger)
    relicense(assistant, monkeypatch, plan.clause.source_id, quote_words_per_answer=400)
    assert writer.write(scripted(f"{sentence} [C1]"), (plan.citation_id,)).removed == 0
    relicense(assistant, monkeypatch, plan.clause.source_id, quote_words_per_answer=0)
    assert writer.write(scripted(f"{sentence} [C1]"), (plan.citation_id,)).statements == ()


def relicense(assistant: GuidanceAssistant, monkeypatch: pytest.MonkeyPatch, source_id: str, **terms: object) -> None:
    """Put a plan under other terms for the rest of the test."""
    source = assistant.catalog.sources[source_id, "plan"]
    other = replace(source, licence=source.licence.model_copy(update=terms))
    monkeypatch.setitem(assistant.catalog.sources, (source_id, "plan"), other)
