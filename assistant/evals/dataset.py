"""Case files: strict loading, so that a slip in a label stops a run before it starts and not after it.

A case file is JSON Lines, one object a line, with the keys of `KEYS`. Blank lines are skipped, everything else
that is out of form is refused with file, line, key and the remedy.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from assistant.characters import refuse_half_characters
from assistant.errors import CaseError
from assistant.evals.case import Case, Tier
from assistant.evals.matching import fold, is_guidance, meets
from assistant.files import read_lines

KEYS = (
    "id",
    "question",
    "type",
    "expected",
    "must_cite",
    "facet",
    "principle",
    "audience",
    "history",
    "key_points",
    "tier",
    "note",
)
REQUIRED = ("id", "question", "expected")
FACETS = ("what", "why", "how")
AUDIENCES = ("msme", "large", "both")
TIERS = ("smoke", "full")
_MAX_REPORTED = 8


def case_files(*folders: Path) -> list[Path]:
    """The case files (`*.jsonl`) of some folders, by name; a folder that is missing has none."""
    return [path for folder in folders for path in sorted(folder.glob("*.jsonl"))]


def load_cases(paths: Sequence[Path], *, known_ids: Iterable[str] | None = None) -> list[Case]:
    """Cases of one or several files, in order.

    Args:
        paths: Case files; ids must be unique over all of them.
        known_ids: The citation ids that exist; None skips the check.

    Raises:
        CaseError: A file cannot be read, a line is out of form, an id occurs twice, a citation does not exist.
    """
    if not paths:
        raise CaseError("no case file was given; name one with --cases FILE")
    cases: list[Case] = []
    seen: dict[str, str] = {}
    for path in paths:
        for number, line in read_lines(path, CaseError):
            case = parse_case(line, f"{path}:{number}")
            if case.case_id in seen:
                raise CaseError(
                    f'{case.origin}: key "id": "{case.case_id}" is already used in {seen[case.case_id]}; '
                    "give one of the two another id"
                )
            seen[case.case_id] = case.origin
            cases.append(case)
    if not cases:
        raise CaseError(f"{', '.join(map(str, paths))}: no case in it; a case file has one JSON object a line")
    if known_ids is not None:
        check_citations(cases, known_ids)
    return cases


def parse_case(line: str, origin: str) -> Case:
    """One line of a case file; `origin` (`file:line`) opens every message."""
    record = _json_object(line, origin)
    refuse_half_characters(record, origin)
    unknown = [key for key in record if key not in KEYS]
    if unknown:
        near = get_close_matches(unknown[0], KEYS, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"known keys are {', '.join(KEYS)}"
        raise CaseError(f'{origin}: key "{unknown[0]}" is not known; {hint}')
    for key in REQUIRED:
        if key not in record:
            remedy = "use [] where the assistant must decline" if key == "expected" else "add it"
            raise CaseError(f'{origin}: key "{key}" is missing; {remedy}')
    reader = _Reader(record, origin)
    case = Case(
        case_id=reader.text("id"),
        question=reader.text("question"),
        expected=reader.texts("expected"),
        must_cite=reader.texts("must_cite"),
        case_type=reader.optional("type") or "",
        facet=reader.choice("facet", FACETS),
        principle=reader.optional("principle"),
        audience=reader.choice("audience", AUDIENCES),
        history=reader.texts("history"),
        key_points=reader.texts("key_points"),
        tier=cast(Tier, reader.choice("tier", TIERS) or "full"),
        note=reader.optional("note") or "",
        origin=origin,
    )
    _check_ids(case)
    return case


def _json_object(line: str, origin: str) -> dict[str, Any]:
    try:
        record = json.loads(line, object_pairs_hook=_unique_keys)
    except json.JSONDecodeError as error:
        raise CaseError(
            f"{origin}: column {error.colno}: not JSON ({error.msg}); write one JSON object a line"
        ) from error
    except _Duplicate as error:
        raise CaseError(f'{origin}: key "{error}" stands twice in the line; keep one') from error
    except RecursionError as error:
        raise CaseError(f"{origin}: nested too deeply; write one flat JSON object a line") from error
    except ValueError as error:  # a number of thousands of digits
        raise CaseError(f"{origin}: not JSON ({error}); write one JSON object a line") from error
    if not isinstance(record, dict):
        raise CaseError(f"{origin}: is not a JSON object; write one {{...}} a line")
    return record


class _Duplicate(Exception):
    pass


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for key, value in pairs:
        if key in record:
            raise _Duplicate(key)
        record[key] = value
    return record


@dataclass(frozen=True, slots=True)
class _Reader:
    """Typed access to the keys of one line."""

    record: dict[str, Any]
    origin: str

    def text(self, key: str) -> str:
        value = self.record[key]
        if not isinstance(value, str) or not value.strip():
            raise CaseError(f'{self.origin}: key "{key}": must be a text that is not empty, is {_shown(value)}')
        return value.strip()

    def optional(self, key: str) -> str | None:
        value = self.record.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            raise CaseError(f'{self.origin}: key "{key}": must be a text or null, is {_shown(value)}')
        return value.strip() or None

    def choice(self, key: str, allowed: Sequence[str]) -> str | None:
        value = self.optional(key)
        if value is not None and value not in allowed:
            raise CaseError(
                f'{self.origin}: key "{key}": "{value}" is not one of {", ".join(allowed)}; use one of them or null'
            )
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.record.get(key)
        if value is None and key not in REQUIRED:
            return ()
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            raise CaseError(f'{self.origin}: key "{key}": must be a list of texts, is {_shown(value)}')
        return tuple(v.strip() for v in value)


def _shown(value: Any) -> str:
    words = json.dumps(value, ensure_ascii=False)
    return words if len(words) <= 60 else words[:57] + "..."


def _check_ids(case: Case) -> None:
    for key, ids in (("expected", case.expected), ("must_cite", case.must_cite)):
        folded = [fold(i) for i in ids]
        for citation in ids:
            if ":" not in citation:
                raise CaseError(
                    f'{case.origin}: key "{key}": "{citation}" is not a citation id; write SOURCE:LOCATOR, '
                    "for instance iso-44003:5.10.3.3"
                )
            if not is_guidance(citation):
                raise CaseError(
                    f'{case.origin}: key "{key}": "{citation}" belongs to a plan and is never scored; name guidance'
                )
            if folded.count(fold(citation)) > 1:
                raise CaseError(f'{case.origin}: key "{key}": "{citation}" stands there twice; remove one')
    for citation in case.must_cite:
        if not any(meets(citation, e) for e in case.expected):
            raise CaseError(
                f'{case.origin}: key "must_cite": "{citation}" is not in "expected"; add it there or remove it'
            )


def check_citations(cases: Sequence[Case], known_ids: Iterable[str]) -> None:
    """Refuse cases that expect citations which do not exist (any more), all of them in one message.

    Raises:
        CaseError: With file, line and key of the first ones and the count of all.
    """
    known = {fold(i) for i in known_ids}
    lost = [
        f'{case.origin}: key "{key}": {citation}'
        for case in cases
        for key, ids in (("expected", case.expected), ("must_cite", case.must_cite))
        for citation in ids
        if fold(citation) not in known
    ]
    if lost:
        more = f"; and {len(lost) - _MAX_REPORTED} more" if len(lost) > _MAX_REPORTED else ""
        raise CaseError(
            f"{len(lost)} expected citation{'s do' if len(lost) > 1 else ' does'} not exist in the index: "
            f"{'; '.join(lost[:_MAX_REPORTED])}{more}; "
            "mend the ids (`assistant clauses` lists them) or index the source that they belong to"
        )
