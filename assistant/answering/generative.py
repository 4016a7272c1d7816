"""Clauses -> statements, written by a language model and shown only where a clause supports them."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.answering.answer import Part, Statement
from assistant.answering.citing import stands_in
from assistant.answering.engines import Engine, Reply, ask, stream
from assistant.answering.generation.context import Context, assemble, heading_map, plain_data
from assistant.answering.generation.parsing import (
    Claim,
    claims_of,
    complete_lines,
    refuses,
    says_none,
    without_thoughts,
)
from assistant.answering.generation.quotes import false_quote, within_licence
from assistant.answering.licensing import QuoteLedger
from assistant.answering.outdated import Outdated
from assistant.answering.verification import Verdict, Verifier
from assistant.clauses.catalog import Catalog
from assistant.clauses.clause import Clause
from assistant.encoders import count_model_tokens
from assistant.errors import EngineError
from assistant.prompts import Prompts

_MAX_STATEMENTS = 12
_MAX_QUESTION = 2000
_FEW = 2
_PROGRESS_EVERY = 20
# The map of headings may be this many times as long as the clauses.
_MAP_SHARE = 4
# A model's words need more support than the verifier asks for: nobody has read them before.
_LEAST_SUPPORT = 0.6


@dataclass(frozen=True, slots=True)
class Step:
    """A sign of life while a model works: a line for people."""

    text: str


@dataclass(frozen=True, slots=True)
class Generated:
    """What came of asking a model.

    Attributes:
        statements: Verified statements in the order in which they were written; empty where there is a fallback.
        checked: How many claims were checked.
        removed: How many of them failed.
        notices: Lines that a person should read: unknown keys, clauses kept back.
        fallback_reason: Why the extractive answer is to be given in its place, in a few words; None where it is not.
        shown: Ids of what the model was shown, the best first.
        prompt_sha256: Digest of the prompt file.
        usage: Tokens in and out, where the model tells them.
    """

    statements: tuple[Statement, ...]
    checked: int
    removed: int
    notices: tuple[str, ...]
    fallback_reason: str | None
    shown: tuple[str, ...]
    prompt_sha256: str
    usage: Mapping[str, int] | None = None


@dataclass
class _Sheet:
    """What has been written so far."""

    context: Context
    ledger: QuoteLedger
    part_of: Callable[[str], Part]
    outdated: Outdated
    statements: list[Statement] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    checked: int = 0
    uncited: bool = False
    unknown: dict[str, None] = field(default_factory=dict)

    @property
    def removed(self) -> int:
        return self.checked - len(self.statements)


class GenerativeEngine:
    """Writes answers with a language model; nothing that it makes up passes.

    Args:
        engine: The opened model.
        prompts: The prompt files.
        context_max_tokens: Tokens of guidance that the model is shown.
    """

    def __init__(self, engine: Engine, prompts: Prompts, *, context_max_tokens: int) -> None:
        self._engine = engine
        self._prompts = prompts
        self._context_max_tokens = context_max_tokens

    def generate(
        self,
        question: str,
        clause_ids: Sequence[str],
        catalog: Catalog,
        verifier: Verifier,
        ledger: QuoteLedger,
        part_of: Callable[[str], Part] | None = None,
    ) -> Generated:
        """Answer a question from clauses.

        Args:
            question: A standalone question.
            clause_ids: What the model may be shown, the best first.
            catalog: The clauses.
            verifier: Checks every statement.
            ledger: Licences and quote budget of this answer.
            part_of: Side of the answer that a citation belongs to; by default guidance or plans.

        Raises:
            UnknownCitation: A clause id does not exist.
            PromptError: The prompt file is not usable.
        """
        result = None
        for event in self.stream(question, clause_ids, catalog, verifier, ledger, part_of):
            if isinstance(event, Generated):
                result = event
        assert result is not None
        return result

    def stream(
        self,
        question: str,
        clause_ids: Sequence[str],
        catalog: Catalog,
        verifier: Verifier,
        ledger: QuoteLedger,
        part_of: Callable[[str], Part] | None = None,
    ) -> Iterator[Step | Statement | Generated]:
        """The same step by step: signs of life at once, statements as soon as they are verified, the result last.

        A result with a fallback reason takes back the statements that came before it.
        """
        prompt = self._prompts.get("answer")
        context = assemble(
            catalog,
            clause_ids,
            ledger,
            loopback=self._engine.loopback,
            max_tokens=self._context_max_tokens,
            count=count_model_tokens,
        )
        sheet = _Sheet(context, ledger, part_of or _part_by_source(catalog), Outdated(catalog))
        if not context.keys:
            yield self._result(sheet, prompt.sha256, Reply(""), "no clause may be shown to this model")
            return
        # What checking needs is made ready while the model thinks. No daemon: torch aborts the whole program if it ends meanwhile.
        threading.Thread(target=verifier.warm, args=(tuple(context.renditions),)).start()
        yield Step(f"{self._engine.name} reads {len(set(context.renditions))} clauses and items")
        filled = prompt.render(clauses=context.text, question=plain_data(question)[:_MAX_QUESTION])
        reply, done = Reply(""), 0
        try:
            for count, reply in enumerate(stream(self._engine, filled)):
                lines, _ = complete_lines(without_thoughts(reply.text))
                for line in lines[done:]:
                    yield from self._check_line(line, sheet, catalog, verifier)
                done = len(lines)
                if count % _PROGRESS_EVERY == 0:
                    yield Step(f"{self._engine.name} writes ({len(reply.text.split())} words)")
                if sheet.checked >= 2 * _MAX_STATEMENTS:
                    break
            yield from self._check_line(complete_lines(without_thoughts(reply.text))[1], sheet, catalog, verifier)
        except EngineError as error:
            yield self._result(sheet, prompt.sha256, reply, str(error))
            return
        yield self._result(sheet, prompt.sha256, reply, _too_little(sheet, without_thoughts(reply.text)))

    def _check_line(self, line: str, sheet: _Sheet, catalog: Catalog, verifier: Verifier) -> Iterator[Statement]:
        for claim in claims_of(line):
            folded = " ".join(claim.text.casefold().split())
            if not claim.keys:
                # Thinking aloud, an introduction, a draft: the same words may come again with their clause.
                sheet.uncited = sheet.uncited or not _is_heading(claim.text)
                continue
            if folded in sheet.seen:
                continue
            sheet.seen.add(folded)
            if sheet.checked >= 2 * _MAX_STATEMENTS or len(sheet.statements) >= _MAX_STATEMENTS:
                return
            sheet.checked += 1
            statement = _verified(claim, sheet, catalog, verifier)
            if statement is not None:
                sheet.statements.append(statement)
                yield statement

    def _result(self, sheet: _Sheet, sha256: str, reply: Reply, fallback: str | None) -> Generated:
        notices = list(sheet.context.notices)
        if sheet.unknown:
            named = ", ".join(list(sheet.unknown)[:5])
            notices.append(f"The model cited what it was not shown ({named}); those citations were not used.")
        usage = {"input_tokens": reply.tokens_in, "output_tokens": reply.tokens_out}
        return Generated(
            statements=() if fallback else tuple(sheet.statements),
            checked=sheet.checked,
            removed=sheet.removed,
            notices=tuple(notices),
            fallback_reason=fallback,
            shown=tuple(sheet.context.renditions),
            prompt_sha256=sha256,
            usage=usage if any(usage.values()) else None,
        )

    def rewrite_follow_up(self, question: str, history: Sequence[str]) -> str | None:
        """A follow-up as a question that can be understood by itself.

        Returns:
            None where the model fails or answers with something else than one question.
        """
        if not history:
            return question
        told = "\n".join(f"- {plain_data(q)[:_MAX_QUESTION]}" for q in history[-6:])
        prompt = self._prompts.get("rewrite").render(history=told, question=plain_data(question)[:_MAX_QUESTION])
        try:
            lines = [line.strip(" \"'“”*-") for line in ask(self._engine, prompt).text.splitlines() if line.strip()]
        except EngineError:
            return None
        usable = len(lines) == 1 and 3 <= len(lines[0].split()) <= 60 and not refuses(lines[0])
        return plain_data(lines[0]) if usable else None

    def pick_clauses(
        self, question: str, catalog: Catalog, count: int = 6, allowed: Container[str] | None = None
    ) -> tuple[str, ...]:
        """The clauses under whose headings an answer most likely stands, picked from the map of all headings.

        Only headings and numbers are sent, which no licence restricts.

        Args:
            question: A standalone question.
            catalog: The clauses.
            count: How many at most.
            allowed: Ids that the user's filters let through; None for all.

        Returns:
            Ids of the map, the best first; empty where the model fails or picks none.
        """
        lines, keys = heading_map(catalog, _MAP_SHARE * self._context_max_tokens, count_model_tokens, allowed)
        prompt = self._prompts.get("pick").render(
            headings="\n".join(lines), question=plain_data(question)[:_MAX_QUESTION], count=str(count)
        )
        try:
            reply = ask(self._engine, prompt).text
        except EngineError:
            return ()
        picked = [keys[k] for k in re.findall(r"\bH\d+\b", reply) if k in keys]
        return tuple(dict.fromkeys(picked))[:count]


def _verified(claim: Claim, sheet: _Sheet, catalog: Catalog, verifier: Verifier) -> Statement | None:
    """The statement, where what it cites supports it and its quotes are literal and licensed; None otherwise.

    What rests on an outdated sentence is no statement either, though it stands there word for word.
    """
    allowed = set(sheet.context.keys.values())
    known: list[str] = []
    for key in claim.keys:
        citation = sheet.context.keys.get(key) or (key if key in allowed else None)
        if citation is None:
            sheet.unknown[key] = None
        elif citation not in known:
            known.append(citation)
    if not known:
        return None
    verdict = verifier.check(claim.text, known)
    if not verdict.supported or verdict.support < _LEAST_SUPPORT:
        return None
    if sheet.outdated.repeated(claim.text, known) or sheet.outdated.under(verdict.evidence):
        return None
    citations = _supporting(verdict, known)
    shown = [c for k in citations if (c := _shown_clause(catalog, k, sheet.context)) is not None]
    # A citation that adds no support may still have lent its words.
    if false_quote(claim.text, shown) or not within_licence(
        claim.text, known, catalog, sheet.ledger, sheet.context.renditions
    ):
        return None
    evidence = tuple(e for e in verdict.evidence if e.citation in citations)
    literal = stands_in(catalog, claim.text, evidence)
    return Statement(claim.text, sheet.part_of(citations[0]), citations, evidence, literal, verdict.support)


def _supporting(verdict: Verdict, known: Sequence[str]) -> tuple[str, ...]:
    """What the support stands in, the best first; a citation that adds nothing goes."""
    found = tuple(dict.fromkeys(e.citation for e in verdict.evidence if e.citation in known))
    return found or tuple(known)


def _shown_clause(catalog: Catalog, citation: str, context: Context) -> Clause | None:
    wanted = context.renditions.get(citation)
    return next((c for name, c in catalog.resolve(citation).renditions.items() if name == wanted), None)


def _part_by_source(catalog: Catalog) -> Callable[[str], Part]:
    return lambda citation: "plans" if catalog.resolve(citation).is_plan else "guidance"


def _is_heading(text: str) -> bool:
    """Whether a line without a key only introduces what follows."""
    return text.endswith(":") or len(text.split()) < 3


def _too_little(sheet: _Sheet, text: str) -> str | None:
    """Why what is left is not enough for an answer; None where it is."""
    if says_none(text):
        return "the model found no answer in these clauses"
    if refuses(text) and not sheet.statements:
        return "the model refused to answer"
    if not sheet.checked:
        return "the model cited no clause" if sheet.uncited else "the model did not answer in statements"
    if not sheet.statements:
        return f"none of the model's {sheet.checked} statements could be verified"
    if len(sheet.statements) < _FEW and sheet.removed > len(sheet.statements):
        return f"only {len(sheet.statements)} of the model's {sheet.checked} statements could be verified"
    return None
