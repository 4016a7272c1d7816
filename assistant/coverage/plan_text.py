"""Plans -> the sentences, list items and table rows that can be evidence, each with its section."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.clauses.builder import SourceText, read_source
from assistant.clauses.catalog import Catalog
from assistant.clauses.clause import Clause
from assistant.clauses.clause import Part as ClausePart
from assistant.clauses.lead_ins import leads_in
from assistant.clauses.lists import LIST_MARKER
from assistant.clauses.sentences import split_sentences
from assistant.errors import CoverageError
from assistant.sources.document import Document
from assistant.sources.licence import DEFAULT_PLAN_LICENCE, Licence
from assistant.sources.reading import SUFFIXES, read_document
from assistant.sources.registry import Registrations, Source, plan_title

# Rows of tables whose header the file names come as "Case: Insolvency; Notice: At once".
_CELL_BREAK = "; "
_NAMED_CELL = re.compile(r"^[^:;]{1,60}: ")
# A cell that can be a heading: a few words without figures or punctuation, but for an abbreviation ("No.").
_HEADING_CELL = re.compile(r"[^\W\d_]+\.|[^\d.,:;!?]+")
_MAX_HEADING_WORDS = 6
_MIN_WORDS = 4


@dataclass(frozen=True, slots=True)
class PlanSentence:
    """A sentence, item or row of a plan.

    Attributes:
        plan_id: Source id of the plan.
        section_id: Citation id of the section, item or row it stands in.
        heading: Number and heading of the section; "" where the plan has no headings.
        text: Its words.
        lead: The sentence that leads into a list item, or the header of a table row.
        following: The next sentence of the same paragraph, else "".
        page: Page where the plan has pages.
        row: Whether it is a row of a table.
    """

    plan_id: str
    section_id: str
    heading: str
    text: str
    lead: str = ""
    following: str = ""
    page: int | None = None
    row: bool = False

    @property
    def title(self) -> str:
        """The heading without its number."""
        return self.heading.lstrip("0123456789. ")

    @property
    def shown(self) -> str:
        """Its words as people understand them: a row's cells under their headings, an item behind its lead-in."""
        if not self.row:
            return f"{self.lead} {self.text}".strip()
        names, cells = self.lead.split(_CELL_BREAK), self.text.split(_CELL_BREAK)
        if not self.lead and len(cells) == 2 and _can_head(cells[0]):
            return f"{cells[0]}: {cells[1]}"  # a table of names and values
        if not self.lead or len(names) != len(cells):
            return self.text
        return _CELL_BREAK.join(f"{name}: {cell}" for name, cell in zip(names, cells, strict=True))


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as it is compared with the guidance.

    Attributes:
        plan_id: Source id; for a file that is not indexed, "plan-" with its name.
        title: Its title.
        organisation: Slug of the organisation, "" where no manifest names one.
        sentences: What can be evidence, in reading order.
        sha256: Hex digest of the sentences and their sections, for the cache.
        indexed: Whether it was taken from the index.
        notices: Lines that a person should read before trusting the map.
        licence: What may be done with its words.
    """

    plan_id: str
    title: str
    organisation: str
    sentences: tuple[PlanSentence, ...]
    sha256: str
    indexed: bool
    notices: tuple[str, ...]
    licence: Licence

    @property
    def may_export_words(self) -> int:
        """Words of it that may stand in an export."""
        return self.licence.quote_words_per_export if self.licence.export else 0


def read_plans(
    references: Sequence[str], catalog: Catalog, registrations: Registrations, *, max_bytes: int
) -> list[Plan]:
    """Plans by source id or by path of a file, each once.

    Args:
        references: Source ids of indexed plans, or paths of files that are read directly.
        catalog: What is indexed.
        registrations: Gives a file that was indexed before the id it has had since.
        max_bytes: Refuse files larger than this.

    Raises:
        CoverageError: No plan was named, or one is unknown, or has nothing that could be evidence.
        UnreadableSource: A file cannot be read; a scan without text is said to be one.
    """
    if not references:
        raise CoverageError("no plan was named; give a file, or a plan's id from `assistant sources`")
    plans: dict[str, Plan] = {}
    for reference in references:
        plan = _indexed(reference, catalog) or _from_file(reference, catalog, registrations, max_bytes)
        if plan.plan_id in plans and plans[plan.plan_id].sha256 != plan.sha256:
            raise CoverageError(
                f"{reference}: another plan of this run is called {plan.plan_id!r} too; rename one of the files"
            )
        plans[plan.plan_id] = plan
    return list(plans.values())


def plan_ids(catalog: Catalog) -> list[str]:
    """Source ids of the indexed plans."""
    return sorted(source_id for source_id, rendition in catalog.sources if rendition == "plan")


def _indexed(reference: str, catalog: Catalog) -> Plan | None:
    source = catalog.sources.get((reference, "plan"))
    if source is None:
        return None
    clauses = [e.clause for e in catalog if e.is_plan and e.clause.source_id == reference]
    return make_plan(source, clauses, indexed=True)


def _from_file(reference: str, catalog: Catalog, registrations: Registrations, max_bytes: int) -> Plan:
    path = Path(reference)
    _check_file(path, catalog)
    resolved = path.resolve()
    for source in catalog.sources.values():
        if source.rendition == "plan" and resolved in source.files:
            # As its files stand now: they may have changed since they were indexed.
            return _read(source, [read_document(p, max_bytes=max_bytes) for p in source.files], catalog)
    document = read_document(path, max_bytes=max_bytes)
    slug = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "document"
    plan_id = registrations.ids.get(str(resolved), f"plan-{slug}")
    title = plan_title(document)
    source = Source(
        plan_id, "plan", title, title, "", "", "plan", "both", (resolved,), DEFAULT_PLAN_LICENCE, described=False
    )
    return _read(source, [document], catalog)


def _check_file(path: Path, catalog: Catalog) -> None:
    """Refuse what is no file that can be opened.

    Raises:
        CoverageError: It is a folder, there is none, or it cannot be looked at (no permission, too long a name).
    """
    try:
        is_file, is_folder = path.is_file(), path.is_dir()
    except OSError as error:
        raise CoverageError(
            f"{path}: cannot be opened ({error.strerror}); check its name and its permissions"
        ) from error
    if is_file:
        return
    if is_folder:
        raise CoverageError(f"{path}: this is a folder; name its files, or index it with `assistant index --source`")
    known = ", ".join(plan_ids(catalog)) or "none yet"
    looks_like_file = path.suffix.lower() in SUFFIXES or len(path.parts) > 1
    what = "no such file" if looks_like_file else "no indexed plan has this id, and no file this name"
    raise CoverageError(f"{path}: {what}; indexed plans: {known}")


def _read(source: Source, documents: Sequence[Document], catalog: Catalog) -> Plan:
    by_path = dict(zip(source.files, documents, strict=True))
    text: SourceText = read_source(source, catalog.taxonomy, by_path.__getitem__)
    plan = make_plan(source, text.clauses, indexed=False)
    if any(b.kind == "heading" for d in documents for b in d.blocks) or any(c.number for c in text.clauses):
        return plan
    notice = f"{plan.title}: the plan has no headings, so that evidence is named by its words alone; headings would make it easier to find"
    return replace(plan, notices=(*plan.notices, notice))


def make_plan(source: Source, clauses: Sequence[Clause], *, indexed: bool) -> Plan:
    """A plan from its clauses.

    Raises:
        CoverageError: It has nothing that could be evidence.
    """
    sentences = tuple(s for c in clauses if c.kind not in ("item", "row") and c.text for s in _sentences(c))
    if not sentences:
        raise CoverageError(
            f"{source.source_id}: the plan holds headings but no sentences that could be evidence; check the file"
        )
    digest = hashlib.sha256(
        "\n".join(
            f"{s.section_id}\t{s.heading}\t{s.lead}\t{s.text}\t{s.following}\t{s.row}" for s in sentences
        ).encode()
    ).hexdigest()
    notices = (
        [f"{source.title}: only {len(sentences)} sentences or rows; is this the whole plan?"]
        if len(sentences) < 5
        else []
    )
    return Plan(
        plan_id=source.source_id,
        title=source.title,
        organisation=source.organisation,
        sentences=sentences,
        sha256=digest,
        indexed=indexed,
        notices=tuple(notices),
        licence=source.licence,
    )


def _sentences(clause: Clause) -> Iterator[PlanSentence]:
    heading = f"{clause.number} {clause.heading}".strip()
    lead = header = ""
    previous: ClausePart | None = None
    for position, part in enumerate(clause.parts):
        text = LIST_MARKER.sub("", clause.text[part.start : part.end].strip())
        if part.kind == "row":
            if previous is None or previous.kind != "row":
                followed = position + 1 < len(clause.parts) and clause.parts[position + 1].kind == "row"
                header = text if followed and _is_header(text) else ""
                if header:
                    previous = part
                    continue
            yield PlanSentence(clause.source_id, part.citation_id, heading, text, header, "", part.page, row=True)
        elif part.kind == "item":
            yield PlanSentence(clause.source_id, part.citation_id, heading, text, lead, "", part.page)
        else:
            sentences = [s.text for s in split_sentences(text)]
            lead = sentences[-1] if sentences and leads_in(sentences[-1]) else ""
            yield from _of_paragraph(clause, part, heading, sentences)
        previous = part


def _is_header(row: str) -> bool:
    """Whether the first row of a table whose header the file does not mark looks like one.

    Of a table of names and values ("Sponsor; Ada Moll") no row is a header: a row that is taken for one is lost, and
    the others stand under wrong headings.
    """
    if _NAMED_CELL.match(row):
        return False
    cells = row.split(_CELL_BREAK)
    # Headings begin alike; "Final cut; decides; is told" is a row.
    alike = len({cell[0].isupper() for cell in cells if cell[:1].isalpha()}) < 2
    return alike and all(map(_can_head, cells)) and not (len(cells) == 2 and _is_name(cells[1]))


def _can_head(cell: str) -> bool:
    return bool(_HEADING_CELL.fullmatch(cell)) and len(cell.split()) <= _MAX_HEADING_WORDS


def _is_name(cell: str) -> bool:
    """Whether it is written as the name of somebody or something: "Ada Moll"."""
    words = cell.split()
    return len(words) > 1 and all(word[0].isupper() for word in words)


def _of_paragraph(clause: Clause, part: ClausePart, heading: str, sentences: Sequence[str]) -> Iterator[PlanSentence]:
    for n, sentence in enumerate(sentences):
        if len(sentence.split()) < _MIN_WORDS or sentence.casefold() == clause.heading.casefold():
            continue
        following = sentences[n + 1] if n + 1 < len(sentences) else ""
        yield PlanSentence(clause.source_id, part.citation_id, heading, sentence, "", following, part.page)
