"""A stored answer checked again, offline: do its citations resolve, do its words stand, what has changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.answering.answer import Evidence
from assistant.answering.assistant import GuidanceAssistant
from assistant.answering.citing import evidence_text, stands_in
from assistant.answering.verification import Verifier
from assistant.characters import whole_json
from assistant.clauses.catalog import Catalog
from assistant.errors import CaseError
from assistant.index.generation import content_hash


@dataclass(frozen=True, slots=True)
class Recheck:
    """What a second look at an answer found.

    Attributes:
        statements: Statements checked.
        failed: Statements that do not stand any more, each with the reason.
        changed: Clauses whose words are not those that were cited.
        generation_changed: Whether another generation of the index serves now.
        settings_changed: Whether the settings that shape answers are others now.
    """

    statements: int
    failed: tuple[str, ...]
    changed: tuple[str, ...]
    generation_changed: bool
    settings_changed: bool

    @property
    def stands(self) -> bool:
        """Whether every statement still rests on the words it was given with."""
        return not self.failed and not self.changed

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {"stands": self.stands, **asdict(self)}

    def text(self) -> str:
        """For people."""
        lines = [f"{self.statements} statements checked: {'all stand' if self.stands else 'not all stand'}."]
        lines += [f"  fails: {f}" for f in self.failed]
        lines += [f"  changed since: {c}" for c in self.changed]
        lines.append("The index has been rebuilt since." if self.generation_changed else "The index is the same.")
        if self.settings_changed:
            lines.append("The settings have changed since.")
        return "\n".join(lines)


def read_answer(path: Path) -> dict[str, Any]:
    """An answer from a file.

    Raises:
        CaseError: The file is missing or holds no answer.
    """
    try:
        values = whole_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise CaseError(f"{path}: cannot be read as JSON; give what `assistant ask --json` printed") from error
    if not isinstance(values, dict) or not isinstance(values.get("statements"), list) or "receipt" not in values:
        raise CaseError(f"{path}: holds no answer; give what `assistant ask --json` printed")
    return values


def verify_answer(answer: Mapping[str, Any], assistant: GuidanceAssistant) -> Recheck:
    """Check each statement of an answer against the index that serves now.

    Raises:
        CaseError: The answer is not of the contract's form.
    """
    index = assistant.index()
    verifier = assistant.verifier()
    receipt = answer["receipt"]
    try:
        statements = answer["statements"]
        failed = [f for s in statements if (f := _failure(s, index.catalog, verifier))]
        if "citations" in answer and {c["id"] for c in answer["citations"]} != {
            c for s in statements for c in s["citations"]
        }:
            failed.append("the list of citations is not what the statements cite")
        changed = _changed(receipt.get("clause_sha256") or {}, index.catalog)
        changed += _without_hash(statements, receipt.get("clause_sha256") or {})
        return Recheck(
            statements=len(answer["statements"]),
            failed=tuple(failed),
            changed=tuple(changed),
            generation_changed=receipt.get("index_generation") != index.name,
            settings_changed=receipt.get("settings_sha256") != assistant.settings.sha256(),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise CaseError("this is no answer of the contract's form; give what `assistant ask --json` printed") from error


def _failure(statement: Mapping[str, Any], catalog: Catalog, verifier: Verifier) -> str | None:
    """Why a statement does not stand, in a few words; None where it does."""
    why = _why(statement, catalog, verifier)
    return f"{_short(statement['text'])}: {why}" if why else None


def _why(statement: Mapping[str, Any], catalog: Catalog, verifier: Verifier) -> str | None:
    text, citations = statement["text"], statement["citations"]
    if not citations:
        return "it cites nothing"
    unknown = [c for c in citations if c not in catalog]
    if unknown:
        return f"there is no {unknown[0]}"
    evidence = [Evidence(e["citation"], e["rendition"], e["start"], e["end"]) for e in statement["evidence"]]
    if any(evidence_text(catalog, e) is None for e in evidence):
        return "its evidence points at no words"
    bare = [c for c in citations if not any(_under(e.citation, c, catalog) for e in evidence)]
    if bare:
        return f"it has no evidence in {bare[0]}"
    if stands_in(catalog, text, evidence) != statement["verbatim"]:
        return (
            f"the quoted words are not in {citations[0]}"
            if statement["verbatim"]
            else "it is quoted, but not marked so"
        )
    if statement["verbatim"]:
        return None
    verdict = verifier.check(text, citations)
    return None if verdict.supported else ", ".join(verdict.reasons) or "not supported"


def _under(evidence: str, citation: str, catalog: Catalog) -> bool:
    """Whether evidence stands in what is cited, or in an item of it."""
    return citation in (evidence, catalog.owner(evidence))


def _without_hash(statements: Iterable[Mapping[str, Any]], hashes: Mapping[str, str]) -> list[str]:
    """Texts that statements rest on and of which the receipt does not say what they were."""
    rested = dict.fromkeys((e["citation"], e["rendition"]) for s in statements for e in s["evidence"])
    return [f"{c} ({r} text: the receipt has no hash of it)" for c, r in rested if f"{c}|{r}" not in hashes]


def _changed(hashes: Mapping[str, str], catalog: Catalog) -> list[str]:
    changed = []
    for key, digest in hashes.items():
        citation, _, rendition = key.rpartition("|")
        entry = catalog.get(citation)
        clause = entry.renditions.get(rendition) if entry else None  # type: ignore[call-overload]
        if clause is None:
            changed.append(f"{citation} ({rendition} text is not indexed any more)")
        elif content_hash([clause.text]) != digest:
            changed.append(f"{citation} ({rendition} text)")
    return changed


def _short(text: str) -> str:
    words = text.split()
    return " ".join(words[:8]) + (" ..." if len(words) > 8 else "")
