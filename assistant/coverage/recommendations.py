"""Guidance -> recommendations: sentences with a provision and list items, each under the id it is cited by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from assistant.answering.licensing import QuoteLedger
from assistant.clauses.catalog import Catalog, Entry
from assistant.clauses.clause import Clause
from assistant.clauses.lead_ins import joined_lead, lead_ins, leads_in
from assistant.clauses.lists import LIST_MARKER
from assistant.clauses.sentences import Sentence, split_sentences

Size = Literal["msme", "large", "both"]

# Provisions after ISO/IEC Directives, Part 2, clause 7, and the turns that say the same in plain words.
_STRONG = re.compile(
    r"\b(?:should|shall|must|ought to|needs? to|ha(?:s|ve) to|ensures?|make sure|see to it|"
    r"(?:is|are) (?:to be|necessary|essential|important|vital|crucial|fundamental|recommended|responsible for)|would involve|requires?|"
    r"(?<!practical )needs? (?!of\b|for\b|and\b)\w+|include attention|the msme evaluates)\b",
    re.I,
)
_PLAIN = re.compile(r"\b(?:should|shall|must|ought to)\b", re.I)
_ASIDE = re.compile(r"^Annex [A-Z] (?:lists|is|gives)\b")
_WEAK = re.compile(r"\b(?:can|may|could|might)\b", re.I)
# "..., and X should": a second provision. "..., should X happen, ..." is a condition.
_SECOND = re.compile(
    r"[,;]\s+(?:(?:and |but |or )(?=(?:[\w()'’-]+ ){0,4}?(?:should|shall|must|needs? to)\b)"
    r"|(?=(?:[\w()'’-]+ ){1,4}?(?:should|shall|must|needs? to)\b))",
    re.I,
)
_MIN_WORDS = 4


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Something the guidance recommends, and where it stands.

    Attributes:
        key: Stable name of it: the citation id, with `|s<n>` for the n-th recommending sentence of a clause.
        citation_id: What is cited.
        text: Its words in the rendition named.
        lead: The sentence that leads into the list, or the subject that a second provision shares; else "".
        rendition: "digest" or "licensed".
        start: Offset in that rendition's text of the clause that holds it.
        end: Offset one past the end.
        principle: Name of its principle.
        audience: "msme" or "large".
        strength: "should" for a recommendation, "can" for a possibility or permission.
    """

    key: str
    citation_id: str
    text: str
    lead: str
    rendition: str
    start: int
    end: int
    principle: str
    audience: str
    strength: Literal["should", "can"]

    @property
    def matched_text(self) -> str:
        """What is compared with plans: the recommendation with what leads into it."""
        return f"{self.lead} {self.text}".strip()


def recommendations(catalog: Catalog, ledger: QuoteLedger, size: Size) -> list[Recommendation]:
    """Every recommendation of the standards that apply to an organisation of this size, in reading order.

    The digest's words are taken where the reader may see them: they are free to export and stay the same whether or
    not a licensed copy is at hand; where a clause has no digest, the licensed words are taken if the licence allows it.

    Args:
        catalog: What is indexed.
        ledger: Says which renditions may be shown.
        size: "msme" for ISO 44003, "large" for ISO 44004, "both" for both.
    """
    found: list[Recommendation] = []
    for entry in catalog:
        if entry.is_plan or entry.principle is None or entry.stage is not None:
            continue
        if size != "both" and entry.audience not in (size, "both"):
            continue
        clause = _shown(entry, ledger)
        if clause is not None:
            found += _of_item(catalog, entry, clause) if clause.kind in ("item", "row") else _of_clause(entry, clause)
    return found


def _shown(entry: Entry, ledger: QuoteLedger) -> Clause | None:
    allowed = ledger.renditions(entry)
    return next((c for c in allowed if c.rendition == "digest"), allowed[0] if allowed else None)


def _of_item(catalog: Catalog, entry: Entry, clause: Clause) -> Iterator[Recommendation]:
    if entry.facet in ("what", "why") or any(catalog.resolve(c).clause.kind == "item" for c in entry.children):
        return  # a lead-in of nested items recommends through them
    owner = catalog.resolve(catalog.owner(entry.citation_id)).renditions.get(clause.rendition)
    lead, start, end = "", 0, len(clause.text)
    if owner is not None:
        lead = joined_lead(owner, lead_ins(owner, clause))
        part = next((p for p in owner.parts if p.citation_id == entry.citation_id), None)
        start, end = (part.start, part.end) if part else (start, end)
    text = LIST_MARKER.sub("", re.split(r"\n(?:NOTE|Note)\b", clause.text)[0].strip()).rstrip(";")
    strength: Literal["should", "can"] = "can" if _WEAK.search(lead) and not _STRONG.search(lead) else "should"
    yield _make(entry, clause, entry.citation_id, text, lead, (start, end), strength)


def _of_clause(entry: Entry, clause: Clause) -> Iterator[Recommendation]:
    count = 0
    explains = entry.facet in ("what", "why")  # these summarise and argue: only an outright "should" recommends there
    for part in clause.parts:
        if part.kind != "paragraph":
            continue
        for sentence in split_sentences(clause.text[part.start : part.end], part.start):
            strong = bool((_PLAIN if explains else _STRONG).search(sentence.text))
            weak = entry.facet == "how" and bool(_WEAK.search(sentence.text))
            if leads_in(sentence.text) or _ASIDE.search(sentence.text) or not (strong or weak):
                continue
            for lead, piece in _pieces(sentence):
                count += 1
                key = f"{entry.citation_id}|s{count}"
                yield _make(
                    entry, clause, key, piece.text, lead, (piece.start, piece.end), "should" if strong else "can"
                )


def _pieces(sentence: Sentence) -> Iterator[tuple[str, Sentence]]:
    """A sentence with two provisions is two recommendations; the second one keeps the subject of the first."""
    subject = re.match(r"(?:[\w()'’-]+ ){1,8}?(?=(?:should|shall|must|needs? to)\b)", sentence.text)
    start = 0
    for match in _SECOND.finditer(sentence.text):
        piece = sentence.text[start : match.start()]
        if subject and len(piece.split()) >= _MIN_WORDS and len(sentence.text[match.end() :].split()) >= _MIN_WORDS:
            yield (
                ("" if not start else subject[0].strip()),
                Sentence(piece, sentence.start + start, sentence.start + match.start()),
            )
            start = match.end()
    rest = sentence.text[start:]
    if len(rest.split()) >= _MIN_WORDS:
        yield (
            ("" if not start or subject is None else subject[0].strip()),
            Sentence(rest, sentence.start + start, sentence.end),
        )


def _make(
    entry: Entry,
    clause: Clause,
    key: str,
    text: str,
    lead: str,
    span: tuple[int, int],
    strength: Literal["should", "can"],
) -> Recommendation:
    return Recommendation(
        key=key,
        citation_id=entry.citation_id,
        text=text,
        lead=lead,
        rendition=clause.rendition,
        start=span[0],
        end=span[1],
        principle=entry.principle or "",
        audience=entry.audience,
        strength=strength,
    )
