"""Pack -> checked Pack: citations resolve, strength and figures stand, claims are supported, licences are kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from assistant.answering.answer import Evidence
from assistant.answering.licensing import QuoteLedger
from assistant.answering.verification.numbers import figures
from assistant.answering.verification.support import EXCHANGED, OTHER_SIDE, STRANGER
from assistant.answering.verification.units import Unit, units_of
from assistant.clauses.catalog import Catalog
from assistant.encoders import Vectors
from assistant.errors import CheckFailed
from assistant.workshop.pack import Chapter, Exercise, Line, Pack, Question, Replacement, chapter_lines
from assistant.workshop.provisions import is_count, only_an_option, strange_figures, strength_change
from assistant.workshop.quoting import LicensedRuns

Step = Callable[[int, int], None]
_FEWEST_WORDS = 6
_WEAKENED = "weakened"
_LEFT_OUT = "(words of a licensed copy, left out)"
_APPLIED = re.compile(
    r";\s+|,\s+(?=so |such as |which |as |for instance|like |because |since |in this case )|\s+(?=so that )|:\s+"
)


class Verdict(Protocol):
    """What this stage needs to know of a verified statement."""

    @property
    def supported(self) -> bool: ...

    @property
    def reasons(self) -> tuple[str, ...]: ...

    @property
    def evidence(self) -> tuple[Evidence, ...]: ...


class ClaimVerifier(Protocol):
    """The verifier, as far as this stage needs it."""

    def check(self, text: str, citations: Sequence[str]) -> Verdict:
        """Whether what is cited carries a statement."""
        ...


class SentenceVectors(Protocol):
    """The encoder, as far as this stage needs it."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, one a text."""
        ...


Rewriter = Callable[[str, Sequence[str]], str]
"""A language model: a sentence and its citations -> the sentence in other words."""


@dataclass
class Checker:
    """Checks one pack.

    Attributes:
        catalog: What exists.
        verifier: Verifies guidance claims.
        encoder: Finds the digest's sentence that is nearest to a claim.
        ledger: The export's quote budgets.
        originals: Texts of edited lines before the edit, by line id.
        rewrite: A language model that puts claims into other words, None for none.
    """

    catalog: Catalog
    verifier: ClaimVerifier
    encoder: SentenceVectors
    ledger: QuoteLedger
    originals: Mapping[str, str] = field(default_factory=dict)
    rewrite: Rewriter | None = None
    replacements: list[Replacement] = field(default_factory=list)
    checked: int = 0
    _changed: list[str] = field(default_factory=list)

    def check(self, pack: Pack, step: Step = lambda done, total: None) -> Pack:
        """The pack with every unsupported claim replaced.

        Args:
            pack: As planned and edited.
            step: Told how many claims of how many are done; may raise to stop the work.

        Raises:
            CheckFailed: A citation does not resolve, a provision was changed, or a licence would be broken.
        """
        self._resolve_all(pack)
        total = sum(line.kind == "guidance" for c in pack.chapters for line in chapter_lines(c))
        chapters = []
        for chapter in pack.chapters:
            chapters.append(self._chapter(chapter, lambda: step(self.checked, total)))
        if self._changed:
            raise CheckFailed(_listed("a provision's strength or figure was changed", self._changed))
        checked = replace(pack, chapters=tuple(chapters), checked=self.checked)
        self._keep_licences(checked)
        return replace(checked, replacements=tuple(self._within_licence(r) for r in self.replacements))

    # ---- citations ---------------------------------------------------------------------------------------

    def _resolve_all(self, pack: Pack) -> None:
        unknown = [f"{citation} (in {place})" for place, citation in _cited(pack) if citation not in self.catalog]
        if unknown:
            raise CheckFailed(_listed("citations do not resolve", list(dict.fromkeys(unknown))))

    # ---- claims ------------------------------------------------------------------------------------------

    def _chapter(self, chapter: Chapter, step: Callable[[], None]) -> Chapter:
        points = {f: tuple(self._line(p, "", "", step) for p in lines) for f, lines in chapter.points.items()}
        return replace(
            chapter,
            points={f: _distinct(lines) for f, lines in points.items()},
            exercises=tuple(self._exercise(e, step) for e in chapter.exercises),
            questions=tuple(self._question(q, step) for q in chapter.questions),
        )

    def _exercise(self, exercise: Exercise, step: Callable[[], None]) -> Exercise:
        case = " ".join([exercise.title.text, exercise.situation.text, *(t.text for t in exercise.tasks)])
        return replace(exercise, answer=_distinct(self._line(a, case, case, step) for a in exercise.answer))

    def _question(self, question: Question, step: Callable[[], None]) -> Question:
        shown = " ".join([question.question.text, *(o.line.text for o in question.options)])
        for option in question.options:
            said, case = (option.line.text, question.question.text) if option.right else (option.why, shown)
            self._note_change(Line(option.line.id, said, option.citations), case)
        return replace(question, reason=self._line(question.reason, shown, "", step))

    def _line(self, line: Line, case: str, invented: str, step: Callable[[], None]) -> Line:
        """One line, kept, rewritten or replaced.

        Args:
            line: Any line; only guidance is checked.
            case: The invented case or the question that it speaks of: figures and names may come from there.
            invented: The invented case: a part of the line that applies the guidance to it needs no clause.
            step: Told after each claim.
        """
        if line.kind != "guidance":
            return line
        self.checked += 1
        step()
        reasons = self._faults(line, case, invented)
        if reasons is None:
            return line
        if not reasons:
            return self._reworded(line, case)
        return self._replaced(line, reasons)

    def _faults(self, line: Line, case: str, invented: str) -> tuple[str, ...] | None:
        """None where a provision was changed (kept for the error), else why the claim is not supported."""
        if self._note_change(line, case):
            return None
        verdict = self.verifier.check(line.text, line.citations)
        units = [u.full for c in line.citations for u in units_of(self.catalog, c)]
        if _WEAKENED in verdict.reasons and only_an_option(line.text, units):
            self._changed.append(f"{line.id}: makes a mere option of a recommendation ({', '.join(line.citations)})")
            return None
        told = [r for r in verdict.reasons if _told_in(r, case)]
        # Whether an invented firm is small or large only the case tells.
        sides = (EXCHANGED, OTHER_SIDE) if any(r.startswith(STRANGER) for r in told) else ()
        left = tuple(r for r in verdict.reasons if r not in told and r not in sides)
        if verdict.supported or (verdict.reasons and not left):
            return ()
        for claim in _claims_without_case(line.text, invented):
            if self.verifier.check(claim, line.citations).supported:
                return ()
        return left or ("not supported",)

    def _note_change(self, line: Line, case: str) -> bool:
        """Whether the line changes a provision that it cites; it is kept for the error."""
        change = self._change(line, case) if line.citations else ""
        if change:
            self._changed.append(f"{line.id}: {change} ({', '.join(line.citations)})")
        return bool(change)

    def _change(self, line: Line, case: str, before: str | None = None) -> str:
        """How the line changes the strength or a figure of what it cites; "" where it does not."""
        units = [u.full for c in line.citations for u in units_of(self.catalog, c)]
        before = before or self.originals.get(line.id)
        strange = strange_figures(line.text, [case, before or "", *units, *self._names(line)])
        if strange:
            return f"says {strange[0]!r}, which the clause does not"
        return strength_change(line.text, units, before)

    def _names(self, line: Line) -> Iterator[str]:
        for citation in line.citations:
            entry = self.catalog.resolve(citation)
            yield from (entry.label, *entry.clause.path)

    def _reworded(self, line: Line, case: str) -> Line:
        """What a language model makes of a supported claim, where that is supported as well.

        A trainer's wording stays, and licensed words that came in with an overlay go to no model.
        """
        if self.rewrite is None or line.id in self.originals or any(self._runs.find(line.text)):
            return line
        other = replace(line, text=self.rewrite(line.text, line.citations).strip())
        if not other.text or self._change(other, case, line.text):
            return line
        return other if self.verifier.check(other.text, other.citations).supported else line

    def _replaced(self, line: Line, reasons: tuple[str, ...]) -> Line:
        unit = self._nearest(line)
        if unit is None:
            raise CheckFailed(
                f"{line.id}: not supported ({reasons[0]}), and the digest has no sentence for {', '.join(line.citations)}"
            )
        clause = self.catalog.resolve(unit.citation).renditions["digest"]
        text = _sentence(unit.full)
        if not self.ledger.quote(clause, text):
            raise CheckFailed(
                f"{line.id}: the digest's sentence would pass the export limit of {clause.source_id}; raise it in its manifest"
            )
        self.replacements.append(Replacement(line.id, line.text, text, (unit.citation,), reasons))
        return replace(line, text=text, citations=(unit.citation,))

    def _nearest(self, line: Line) -> Unit | None:
        """The digest's sentence or item that is closest to a claim, among the clauses that it cites."""
        units = [u for c in line.citations for u in units_of(self.catalog, c) if u.rendition == "digest"]
        units = [u for u in units if not u.full.rstrip().endswith(":")] or units
        if not units:
            return None
        vectors = self.encoder.encode([line.text, *(u.full for u in units)])
        return units[int((vectors[1:] @ vectors[0]).argmax())]

    # ---- licences ----------------------------------------------------------------------------------------

    @cached_property
    def _runs(self) -> LicensedRuns:
        return LicensedRuns(self.catalog)

    def _within_licence(self, replacement: Replacement) -> Replacement:
        """The report shows what a claim was; not where these are words of a licensed copy."""
        return replace(replacement, was=_LEFT_OUT) if any(self._runs.find(replacement.was)) else replacement

    def _keep_licences(self, pack: Pack) -> None:
        """Licensed words that stand in the pack, however they came there, count against the export budget."""
        broken = []
        for place, text in _texts(pack):
            for clause, words in self._runs.find(text):
                if not self.ledger.quote(clause, words):
                    broken.append(f"{place} quotes {clause.citation_id}")
        if broken:
            raise CheckFailed(
                _listed("the licence does not allow these words in a file; put them into your own", broken)
            )


def _told_in(reason: str, case: str) -> bool:
    """Whether a fault names something that the invented case brings in ("figure not there: 8", "somebody ...: Nox")."""
    kind, _, value = reason.partition(": ")
    if not case or not (kind.endswith("not there") or (kind == STRANGER and value)):
        return False
    if kind.startswith("figure"):
        return any(f.split(":")[-1] == value for f in figures(case)) or is_count(value)
    return value.casefold() in case.casefold()


def _claims_without_case(text: str, invented: str) -> Iterator[str]:
    """What is left of a sentence without the part that applies it to an invented case, which no clause can support.

    A part counts as such only where it speaks of the case: it has a longer word in common with it.
    """
    words = _long_words(invented)
    for match in _APPLIED.finditer(text):
        first, second = text[: match.start()], text[match.end() :]
        for claim, applied in ((first, second), (second, first)):
            if len(claim.split()) >= _FEWEST_WORDS and _long_words(applied) & words - _long_words(claim):
                yield claim.rstrip(" ,;:.") + "."


def _long_words(text: str) -> set[str]:
    return {w.casefold() for w in re.findall(r"[^\W\d_]{4,}", text)}


def _sentence(text: str) -> str:
    words = text.strip().rstrip(";,")
    words = words[:1].upper() + words[1:]
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _distinct(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Two claims may be replaced by the same sentence: it is said once."""
    seen: dict[str, Line] = {}
    for line in lines:
        seen.setdefault(line.text, line)
    return tuple(seen.values())


def _cited(pack: Pack) -> Iterator[tuple[str, str]]:
    for chapter in pack.chapters:
        for line in chapter_lines(chapter):
            yield from ((line.id, c) for c in line.citations)
        for question in chapter.questions:
            yield from ((o.line.id, c) for o in question.options for c in o.citations)


def _texts(pack: Pack) -> Iterator[tuple[str, str]]:
    """Everything that is written but for what was quoted, and counted, already."""
    for chapter in pack.chapters:
        yield from ((line.id, line.text) for line in chapter_lines(chapter) if line.kind in ("guidance", "teaching"))
        yield from ((o.line.id, o.why) for q in chapter.questions for o in q.options if o.why)


def _listed(what: str, found: Sequence[str], shown: int = 5) -> str:
    more = f", and {len(found) - shown} more" if len(found) > shown else ""
    return f"{what}: {'; '.join(found[:shown])}{more}"
