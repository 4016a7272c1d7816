"""Answers as HTML. Every text is escaped here; nothing that a user, a plan or a model wrote becomes markup."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html import escape
from typing import Any

from assistant.answering.licensing import QuoteLedger
from assistant.clauses.catalog import Catalog, Entry
from assistant.clauses.clause import Clause
from assistant.web.texts import Texts

_ITEM = re.compile(r"^\s*(?:[a-z]\)|\d+\)|[—–•*-])\s+")
_QUOTE_WORDS = 32
_SHORT_LENGTH = 110
_SECTIONS = (("side:msme", "side_msme"), ("side:large", "side_large"))


def attribute(value: object) -> str:
    """A value for use between double quotes in a tag."""
    return escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), quote=True)


def tab_head_html(heading: str, intro: str) -> str:
    """What a tab begins with."""
    return f'<div class="tab-head"><h2 tabindex="-1">{escape(heading)}</h2><p>{escape(intro)}</p></div>'


def title_html(words: str) -> str:
    """Heading of a part of a tab."""
    return f'<h3 class="block-title">{escape(words)}</h3>'


def said_html(words: str, *, bad: bool = False, busy: bool = False) -> str:
    """A line that says what became of something; trouble is announced at once."""
    if busy:
        return f'<p class="progress" role="status"><span class="dot" aria-hidden="true"></span> {escape(words)}</p>'
    kind, role = ("declined", "alert") if bad else ("said", "status")
    return f'<p class="{kind}" role="{role}">{escape(words)}</p>'


def shortened(text: str) -> str:
    """The first words of a text, cut between words."""
    return text if len(text) <= _SHORT_LENGTH else text[: _SHORT_LENGTH - 1].rsplit(" ", 1)[0] + " …"


def place_html(citation: str, words: str) -> str:
    """A button that opens a clause."""
    return f'<button type="button" class="place" data-clause="{attribute(citation)}">{escape(words)}</button>'


def entry_html(entry: Entry) -> str:
    """A clause in a list of clauses: a button with its label, and its heading where the label does not hold it."""
    heading = "" if entry.clause.heading in entry.label else f" {escape(entry.clause.heading)}"
    button = f'<button type="button" class="place" data-clause="{attribute(entry.citation_id)}">'
    return f"<li>{button}<b>{escape(entry.label)}</b>{heading}</button></li>"


def words_html(text: str) -> str:
    """Text of one or more lines; lines that begin like list items become a list."""
    parts: list[str] = []
    items: list[str] = []
    for line in [part for part in text.split("\n") if part.strip()] or [""]:
        if _ITEM.match(line):
            items.append(f"<li>{escape(line.strip())}</li>")
            continue
        if items:
            parts.append(f'<ul class="as-written">{"".join(items)}</ul>')
            items = []
        parts.append(f"<span class='words'>{escape(line)}</span>")
    if items:
        parts.append(f'<ul class="as-written">{"".join(items)}</ul>')
    return "".join(parts)


class AnswerRenderer:
    """Renders answer objects (docs/architecture.md, "An answer as JSON") for one reader.

    Args:
        catalog: What exists now; an older answer may cite what has gone.
        texts: The words of the interface.
        role: Role of the reader.
        today: Day on which licences are judged.
    """

    def __init__(self, catalog: Catalog, texts: Texts, role: str, today: date) -> None:
        self._catalog = catalog
        self._texts = texts
        self._role = role
        self._today = today

    def answer(self, answer: Mapping[str, Any]) -> str:
        """The whole answer, without the row of buttons below it."""
        ledger = QuoteLedger(self._catalog, self._role, self._today)
        statements = answer["statements"]
        parts = [
            self._statements(statements, answer["citations"], ledger),
            self._gaps(answer["gaps"], alone=not statements),
        ]
        parts += [f'<p class="notice">{escape(n)}</p>' for n in answer["notices"]]
        parts.append(self._state(answer))
        parts.append(self._related(answer["related"]))
        return "".join(parts)

    def statement_parts(self, statements: Sequence[Mapping[str, Any]]) -> str:
        """Statements that have arrived while the rest is still on its way."""
        return self._statements(statements, (), QuoteLedger(self._catalog, self._role, self._today))

    def plain(self, answer: Mapping[str, Any]) -> str:
        """An answer with its citations as plain text, for the clipboard; words withheld on the page are not in it."""
        ledger = QuoteLedger(self._catalog, self._role, self._today)
        labels = {c["id"]: f"{c['label']}, {c['heading']}" for c in answer["citations"]}
        short = {c["id"]: c["label"] for c in answer["citations"]}
        lines = []
        for statement in answer["statements"]:
            words = statement["text"] if self._may_show(statement, ledger) else self._texts("answer.no_text")
            lines.append(f"{words} [{'; '.join(short.get(c, c) for c in statement['citations'])}]")
        lines += [g["say"] for g in answer["gaps"]]
        if labels:
            lines += ["", self._texts("answer.copy_sources"), *labels.values()]
        return "\n".join(lines)

    def _statements(
        self, statements: Sequence[Mapping[str, Any]], citations: Sequence[Mapping[str, Any]], ledger: QuoteLedger
    ) -> str:
        labels = {c["id"]: c["label"] for c in citations}
        by_part: dict[str, list[str]] = {}
        for statement in statements:
            by_part.setdefault(statement["part"], []).append(self._statement(statement, labels, ledger))
        parts = []
        if guidance := by_part.get("guidance"):
            parts.append(f'<div class="guidance">{"".join(guidance)}</div>')
        sides = [(name, by_part[part]) for part, name in _SECTIONS if part in by_part]
        if sides:
            columns = "".join(self._side(name, lines) for name, lines in sides)
            parts.append(f'<div class="sides sides-{len(sides)}">{columns}</div>')
        if plans := by_part.get("plans"):
            title = escape(self._texts("answer.plans"))
            parts.append(f'<section class="from-plans"><h4>{title}</h4>{"".join(plans)}</section>')
        return "".join(parts)

    def _side(self, name: str, lines: Iterable[str]) -> str:
        title, source = (escape(self._texts(f"answer.{key}")) for key in (name, f"{name}_source"))
        return f'<section class="side"><h4>{title} <span class="side-source">{source}</span></h4>{"".join(lines)}</section>'

    def _statement(self, statement: Mapping[str, Any], labels: Mapping[str, str], ledger: QuoteLedger) -> str:
        if not self._may_show(statement, ledger):
            words = f'<span class="words withheld">{escape(self._texts("answer.no_text"))}</span>'
        else:
            words = words_html(statement["text"])
        chips = " ".join(self._chip(c, statement, labels, ledger) for c in statement["citations"])
        return f'<div class="statement">{words} {chips}</div>'

    def _may_show(self, statement: Mapping[str, Any], ledger: QuoteLedger) -> bool:
        """A kept answer is shown as long as the licences of its words still allow it."""
        for evidence in statement["evidence"]:
            clause = self._clause(evidence["citation"], evidence["rendition"])
            # A licensed text that was taken out has taken its licence along: nothing allows its words any more.
            if clause is None and evidence["rendition"] == "licensed":
                return False
            if clause is not None and not ledger.may_show(clause):
                return False
        return True

    def _clause(self, citation: str, rendition: str) -> Clause | None:
        entry = self._catalog.get(citation)
        return entry.renditions.get(rendition) if entry else None  # type: ignore[call-overload]

    def _chip(self, citation: str, statement: Mapping[str, Any], labels: Mapping[str, str], ledger: QuoteLedger) -> str:
        entry = self._catalog.get(citation)
        label = entry.label if entry else labels.get(citation, citation)
        marks = [[e["citation"], e["rendition"], e["start"], e["end"]] for e in statement["evidence"]]
        quote = self._quote(citation, statement, ledger)
        heading = entry.clause.heading if entry else ""
        plan = " plan" if citation.startswith("plan-") else ""
        return (
            f'<button type="button" class="chip{plan}" data-clause="{attribute(citation)}" data-marks="{attribute(marks)}" '
            f'data-heading="{attribute(heading)}" data-quote="{attribute(quote)}">{escape(label)}</button>'
        )

    def _quote(self, citation: str, statement: Mapping[str, Any], ledger: QuoteLedger) -> str:
        """The supporting words for hovering, cut short, where the licence leaves room for them."""
        for evidence in statement["evidence"]:
            clause = self._clause(evidence["citation"], evidence["rendition"])
            if clause is None or evidence["citation"] != citation:
                continue
            words = " ".join(clause.text[evidence["start"] : evidence["end"]].split())
            if statement["verbatim"] or ledger.quote(clause, words):
                return _quoted(words) if ledger.may_show(clause) else ""
        return ""

    def _gaps(self, gaps: Sequence[Mapping[str, Any]], *, alone: bool) -> str:
        boxes = []
        for gap in gaps:
            title = escape(self._texts(f"answer.gap_{gap['reason']}"))
            nearest = self.places(gap["nearest"])
            if nearest:
                nearest = f'<p class="nearest-title">{escape(self._texts("answer.nearest"))}</p>{nearest}'
            kind = "declined" if alone else "gap"
            boxes.append(
                f'<div class="{kind}"><p class="gap-title">{title}</p><p>{escape(gap["say"])}</p>{nearest}</div>'
            )
        return "".join(boxes)

    def places(self, citations: Sequence[str]) -> str:
        """Clauses to go to, as a list of buttons; "" for none that exist."""
        lines = "".join(entry_html(entry) for c in citations if (entry := self._catalog.get(c)))
        return f'<ul class="places">{lines}</ul>' if lines else ""

    def _related(self, related: Sequence[str]) -> str:
        places = self.places(related)
        title = escape(self._texts("answer.related"))
        return f'<section class="related"><h4>{title}</h4>{places}</section>' if places else ""

    def _state(self, answer: Mapping[str, Any]) -> str:
        """How the answer was made and what was checked, in one line."""
        texts, checked = self._texts, answer["verification"]["checked"]
        removed = answer["verification"]["removed"]
        engine = answer["engine"]
        lines = [
            texts("answer.engine_extractive") if engine == "extractive" else texts("answer.engine_model", engine=engine)
        ]
        if not answer["statements"]:
            lines = [texts("answer.verification_none")]
        elif checked:
            lines.append(texts.count("answer.verified", checked))
        if removed:
            lines.append(texts.count("answer.removed", removed))
        if answer.get("fallback_reason"):
            lines.append(texts("answer.fallback", reason=answer["fallback_reason"]))
        return f'<p class="state">{" · ".join(escape(line) for line in lines)}</p>'


def _quoted(words: str) -> str:
    split = words.split()
    return words if len(split) <= _QUOTE_WORDS else " ".join(split[:_QUOTE_WORDS]) + " …"
