"""A conversation as Markdown, within what each licence lets out of the product."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from assistant.answering.composing import Composer
from assistant.answering.licensing import QuoteLedger
from assistant.conversations import Conversation
from assistant.index.reader import OpenIndex
from assistant.web.context import WebContext

_SIDES = {"side:msme": "answer.side_msme", "side:large": "answer.side_large", "plans": "answer.plans"}


def conversation_markdown(context: WebContext, conversation: Conversation) -> str:
    """The conversation; licensed words that may not be exported give way to the digest's."""
    texts = context.texts
    export = _Export(context, context.assistant.index())
    lines = [f"# {_plain(texts('markdown.title', title=conversation.title))}", ""]
    lines += [texts("markdown.saved", day=date.today().isoformat()), ""]
    for message in conversation.messages:
        lines += [f"## {_plain(message.question)}", "", *export.answer(message.answer, message.question), ""]
    lines += export.sources()
    return "\n".join(lines).rstrip() + "\n"


class _Export:
    def __init__(self, context: WebContext, index: OpenIndex) -> None:
        self._context = context
        self._catalog = index.catalog
        self._ledger = QuoteLedger(index.catalog, context.role, context.today(), "export")
        self._composer = Composer(index, self._ledger)
        self._cited: dict[str, str] = {}

    def answer(self, answer: Mapping[str, Any], question: str) -> list[str]:
        """The lines of one answer."""
        texts = self._context.texts
        lines: list[str] = []
        part = "guidance"
        for statement in answer["statements"]:
            if statement["part"] != part:
                part = statement["part"]
                lines += [f"### {texts(_SIDES[part])}", ""] if part in _SIDES else []
            for words in self._words(statement, question):
                if words not in lines:
                    lines += [words, ""]
        if not answer["statements"]:
            lines += [f"**{texts('markdown.not_answered')}.**", ""]
        for gap in answer["gaps"]:
            lines += [_plain(gap["say"]), ""]
        for citation in answer["citations"]:
            self._cited.setdefault(citation["id"], citation["label"])
        return [*lines, *(f"> {_plain(n)}" for n in answer["notices"])]

    def _words(self, statement: Mapping[str, Any], question: str) -> list[str]:
        """A statement's own words where they may leave the product, else the digest's, else a line that says so."""
        texts = self._context.texts
        labels = "; ".join(self._label(c) for c in statement["citations"])
        if self._may_leave(statement):
            return [f"{_plain(statement['text'])} [{labels}]"]
        replaced = []
        query = self._context.assistant.encoder.encode([question])[0]
        for citation in statement["citations"]:
            if citation not in self._catalog:
                continue
            for other in self._composer.compose(citation, query, question, statement["part"]):
                replaced.append(f"{_plain(other.text)} {texts('markdown.digest_words')} [{self._label(citation)}]")
        return replaced or [texts("markdown.left_out", label=labels)]

    def _may_leave(self, statement: Mapping[str, Any]) -> bool:
        """Whether every text that the words rest on allows them out; the words are then taken from its budget."""
        clauses = []
        for evidence in statement["evidence"]:
            entry = self._catalog.get(evidence["citation"])
            clause = entry.renditions.get(evidence["rendition"]) if entry else None
            if clause is None or not self._ledger.may_show(clause):
                return False
            clauses.append(clause)
        unique = {(c.source_id, c.rendition): c for c in clauses}
        return bool(unique) and all(self._ledger.quote(c, statement["text"]) for c in unique.values())

    def _label(self, citation: str) -> str:
        entry = self._catalog.get(citation)
        return entry.label if entry else citation

    def sources(self) -> list[str]:
        """What was cited, and under which terms it is held."""
        texts, lines, terms = self._context.texts, [], {}
        for citation, label in self._cited.items():
            entry = self._catalog.get(citation)
            heading = f", {entry.clause.heading}" if entry and entry.clause.heading not in entry.label else ""
            lines.append(f"- {_plain(label + heading)}")
            for rendition in entry.renditions if entry else ():
                source = self._catalog.sources[entry.clause.source_id, rendition]  # type: ignore[union-attr]
                terms[f"{source.label} ({texts(f'source.{rendition}').lower()})"] = source.licence.line()
        if not lines:
            return []
        held = [f"- {_plain(texts('markdown.terms', label=label, line=line))}" for label, line in sorted(terms.items())]
        return [f"## {texts('markdown.sources')}", "", *lines, "", *held]


def _plain(words: str) -> str:
    """Text that Markdown leaves alone: no headings, links, tags or code come out of what people wrote."""
    line = " ".join(words.split())
    for sign in ("\\", "`", "*", "_", "[", "]", "<", ">", "#", "|"):
        line = line.replace(sign, f"\\{sign}")
    return line
