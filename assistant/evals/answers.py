"""The answer JSON as the evals read it: checked once, then plain values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.characters import refuse_half_characters
from assistant.errors import CaseError
from assistant.evals.matching import is_guidance
from assistant.evals.protocols import source_of
from assistant.sources.licence import count_words

LICENSED = "licensed"
# This engine writes no words of its own: every statement is made of a source's.
EXTRACTIVE = "extractive"
NO_ANSWER = "there is no answer to it"


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """One line of an answers file: what came back for a case.

    Attributes:
        case_id: The case's id.
        repeat: From 0; above 0 only where a run answers each case several times.
        answer: The answer object, None where answering failed.
        error: Why answering failed, "" where it did not.
        wall_ms: Time that the runner measured, None for answers made elsewhere.
    """

    case_id: str
    repeat: int
    answer: Mapping[str, Any] | None
    error: str = ""
    wall_ms: float | None = None

    def to_record(self) -> dict[str, Any]:
        """The line as an object."""
        record: dict[str, Any] = {"id": self.case_id, "repeat": self.repeat}
        if self.wall_ms is not None:
            record["wall_ms"] = round(self.wall_ms, 1)
        return record | ({"error": self.error} if self.answer is None else {"answer": dict(self.answer)})


def read_answer_record(record: Any, origin: str) -> AnswerRecord:
    """An answers line of either form: the runner's (`{"id", "answer"}`) or `ask --batch` (the answer itself).

    Raises:
        CaseError: The line is not of the contract, with file, line and key.
    """
    if not isinstance(record, dict):
        raise CaseError(f"{origin}: is not a JSON object; write one answer object a line")
    refuse_half_characters({key: value for key, value in record.items() if key != "answer"}, origin)
    case_id = record.get("id")
    if not isinstance(case_id, str) or not case_id:
        raise CaseError(f'{origin}: key "id": must be the id of a case; ask with `ask --batch CASES.jsonl` to keep it')
    repeat = record.get("repeat", 0)
    if not isinstance(repeat, int) or isinstance(repeat, bool) or repeat < 0:
        raise CaseError(f'{origin}: key "repeat": must be a whole number from 0')
    wall = record.get("wall_ms")
    if "error" in record and "answer" not in record:
        return AnswerRecord(case_id, repeat, None, str(record["error"]) or "unknown error", finite(wall))
    answer = record.get("answer", record)
    check_answer(answer, origin)
    return AnswerRecord(case_id, repeat, answer, "", finite(wall))


def check_answer(answer: Any, origin: str) -> None:
    """Refuse an answer object whose scored keys are not as the contract has them.

    Raises:
        CaseError: With file, line and key.
    """
    if not isinstance(answer, Mapping):
        raise CaseError(f'{origin}: key "answer": must be an object')
    if not isinstance(answer.get("declined"), bool):
        raise CaseError(f'{origin}: key "declined": must be true or false; is this an answer of `ask --json`?')
    for key, part in (("statements", "text"), ("citations", "id")):
        values = answer.get(key)
        if not isinstance(values, list) or not all(_has_text(v, part) for v in values):
            raise CaseError(f'{origin}: key "{key}": must be a list of objects that have a text "{part}"')
    for statement in answer["statements"]:
        cited = statement.get("citations", [])
        if not isinstance(cited, list) or not all(isinstance(c, str) for c in cited):
            raise CaseError(f'{origin}: key "statements.citations": must be a list of citation ids')
        if not isinstance(statement.get("evidence"), list | None):
            raise CaseError(f'{origin}: key "statements.evidence": must be a list or null')
    if not isinstance(answer.get("gaps"), list | None):
        raise CaseError(f'{origin}: key "gaps": must be a list or null')
    hits = answer.get("hits")
    if hits is not None and not (isinstance(hits, list) and all(_has_text(h, "id") for h in hits)):
        raise CaseError(f'{origin}: key "hits": must be a list of objects that have a text "id"')
    refuse_half_characters(answer, origin)


def _has_text(value: Any, key: str) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get(key), str)


def finite(value: Any) -> float | None:
    """A number as a float; None for what is none: also NaN, an infinity and a whole number beyond every float."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def statements_of(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The statements, in order."""
    return list(answer.get("statements") or ())


def cited_ids(answer: Mapping[str, Any]) -> list[str]:
    """Guidance ids that the answer cites, best first, as they are written."""
    return [c["id"] for c in answer.get("citations") or () if is_guidance(c["id"])]


def hit_ids(answer: Mapping[str, Any]) -> list[str] | None:
    """Guidance ids that were retrieved, best first; None where the answer does not say."""
    hits = answer.get("hits")
    return None if hits is None else [h["id"] for h in hits]


def answer_text(answer: Mapping[str, Any]) -> str:
    """All words of the answer: statements, or what is said of each gap."""
    said = [str(s.get("text", "")) for s in statements_of(answer)]
    said += [str(g.get("say", "")) for g in answer.get("gaps") or () if isinstance(g, Mapping)]
    return "\n".join(s for s in said if s)


def licensed_sources(statement: Mapping[str, Any]) -> list[str]:
    """Sources whose licensed rendition a statement draws on, each once."""
    evidence: Sequence[Any] = statement.get("evidence") or ()
    found = [
        source_of(str(e.get("citation", "")))
        for e in evidence
        if isinstance(e, Mapping) and e.get("rendition") == LICENSED
    ]
    return list(dict.fromkeys(found))


def quoted_words(answer: Mapping[str, Any]) -> dict[str, int]:
    """Words of licensed sources that stand in the answer, by source.

    Counted as the product's own ledger does (`assistant.answering.licensing`), as far as an answer tells it: the whole
    statement for each licensed source that it draws on. Of the extractive engine that is every statement, also a list
    item with its lead-in, which is not verbatim; of any other engine the verbatim ones and those with a support of 1:
    whole sentences of the source one behind the other are its words, though they stand nowhere so. What a model quotes inside a
    sentence of its own, and which words of a verbatim statement come from which of two sources, only the texts could
    tell: the former is not counted here, the latter counts for both.
    """
    counts: dict[str, int] = {}
    for statement in statements_of(answer):
        literal = statement.get("verbatim") or finite(statement.get("support")) == 1.0
        if literal or answer.get("engine") == EXTRACTIVE:
            for source in licensed_sources(statement):
                counts[source] = counts.get(source, 0) + count_words(str(statement.get("text", "")))
    return counts


def latency_ms(record: AnswerRecord) -> float | None:
    """Time of the answer by its own timings, else as the runner measured it, else None."""
    timings = (record.answer or {}).get("timings_ms")
    if isinstance(timings, Mapping):
        values = [v for v in map(finite, timings.values()) if v is not None]
        if values:
            return finite(sum(values))
    return record.wall_ms


def usage(answer: Mapping[str, Any], key: str) -> float | None:
    """A number of the answer's optional `usage` object ("input_tokens", "output_tokens", "cost")."""
    numbers = answer.get("usage")
    return finite(numbers.get(key)) if isinstance(numbers, Mapping) else None


def confidence(answer: Mapping[str, Any]) -> float | None:
    """The answer's `confidence` where it gives one, else the weakest support of its statements, else None."""
    stated = finite(answer.get("confidence"))
    if stated is not None:
        return stated
    supports = [finite(s.get("support")) for s in statements_of(answer)]
    known = [s for s in supports if s is not None]
    return min(known) if known else None
