"""The Browse tab: principles by what, why and how, the stages as a line, every clause, and a search as one types."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape

import gradio as gr

from assistant.clauses.catalog import Catalog, Entry
from assistant.clauses.taxonomy import Principle
from assistant.errors import AssistantError
from assistant.retrieval.naming import SIDE_SOURCE
from assistant.web.context import PRIVATE, WebContext, own_html
from assistant.web.rendering import attribute, entry_html, place_html, tab_head_html, title_html
from assistant.web.texts import Texts

_SMALL, _LARGE = SIDE_SOURCE["msme"], SIDE_SOURCE["large"]
_FACETS = ("what", "why", "how")
_MOST_FOUND = 40


def build_browse_tab(context: WebContext, page: gr.Blocks) -> None:
    """Lay out and wire the tab; what it shows is read anew with every page, since the index may have changed."""
    texts = context.texts
    own_html(tab_head_html(texts("browse.heading"), texts("browse.intro")))
    search = gr.Textbox(
        label=texts("browse.search"), placeholder=texts("browse.search_placeholder"), elem_id="find", max_length=200
    )
    results = own_html(elem_id="found")
    board = own_html(elem_id="board")

    def find(words: str) -> str:
        return _guarded(context, lambda catalog: results_html(catalog, texts, words))

    def show() -> str:
        return _guarded(context, lambda catalog: board_html(catalog, texts))

    search.change(find, [search], [results], queue=False, trigger_mode="always_last", **PRIVATE)
    page.load(show, None, [board], queue=False, **PRIVATE)


def _guarded(context: WebContext, make: Callable[[Catalog], str]) -> str:
    """HTML made from the catalog, or the line that says why there is none."""
    try:
        return make(context.assistant.catalog)
    except AssistantError as error:
        return context.trouble(error)


def board_html(catalog: Catalog, texts: Texts) -> str:
    """The stages, the matrix, and the tree of all clauses."""
    return _stages(catalog, texts) + _matrix(catalog, texts) + _tree(catalog, texts)


# ---- the matrix ----------------------------------------------------------------------------------------------


def _matrix(catalog: Catalog, texts: Texts) -> str:
    rows = "".join(_row(catalog, texts, p) for p in catalog.taxonomy.principle)
    facets = "".join(f'<th scope="col">{escape(texts(f"browse.{f}"))}</th>' for f in _FACETS)
    return (
        f'<h3 class="block-title" id="matrix-title">{escape(texts("browse.matrix"))}</h3>'
        f'<div class="scroll-x"><table class="matrix" aria-labelledby="matrix-title"><thead><tr>'
        f'<th scope="col" rowspan="2">{escape(texts("browse.principle"))}</th>'
        f'<th scope="colgroup" colspan="3">{escape(texts("browse.small"))}</th>'
        f'<th scope="colgroup" colspan="2">{escape(texts("browse.large"))}</th></tr><tr>{facets}'
        f'<th scope="col">{escape(texts("browse.what_why"))}</th><th scope="col">{escape(texts("browse.how"))}</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(catalog: Catalog, texts: Texts, principle: Principle) -> str:
    small = [_small_cell(catalog, texts, principle, facet) for facet in _FACETS]
    name = f'<span class="number">{principle.number}</span>{escape(principle.name)}'
    return f'<tr><th scope="row">{name}</th>{"".join(small)}{_large_cells(catalog, texts, principle)}</tr>'


def _small_cell(catalog: Catalog, texts: Texts, principle: Principle, facet: str) -> str:
    top = catalog.get(f"{_SMALL}:{principle.clauses.get(_SMALL, '')}")
    below = [catalog.resolve(c) for c in top.children] if top else []
    entry = next((e for e in below if e.facet == facet and e.clause.kind == "clause"), None)
    side = f"{texts('browse.small')}, {texts(f'browse.{facet}')}"
    return f"<td>{_cell(texts, entry, entry.clause.number, side, principle) if entry else ''}</td>"


def _large_cells(catalog: Catalog, texts: Texts, principle: Principle) -> str:
    entry = catalog.get(f"{_LARGE}:{principle.clauses.get(_LARGE, '')}")
    if entry is None:
        return "<td></td><td></td>"
    side = f"{texts('browse.large')}, {texts('browse.what_why')}"
    items = [catalog.resolve(c) for c in entry.children]
    items = [e for e in items if e.clause.kind == "item"]
    first = f"<td{'' if items else ' colspan=2'}>{_cell(texts, entry, entry.clause.number, side, principle)}</td>"
    if not items:
        return first
    ends = [re.sub(r"^\S+ ", "", e.clause.locator) for e in (items[0], items[-1])]
    marks = [[e.citation_id, name, 0, len(c.text)] for e in items for name, c in e.renditions.items()]
    side = f"{texts('browse.large')}, {texts('browse.how')}"
    name = f"{entry.clause.number} {ends[0]} – {ends[1]}"
    return f"{first}<td>{_cell(texts, entry, name, side, principle, marks)}</td>"


def _cell(texts: Texts, entry: Entry, words: str, side: str, principle: Principle, marks: Sequence[object] = ()) -> str:
    held = "" if entry.held else f' <span class="absent">({escape(texts("browse.not_held"))})</span>'
    return (
        f'<button type="button" data-clause="{attribute(entry.citation_id)}" data-marks="{attribute(marks)}">'
        f'<span class="cell-name">{escape(side)}: </span><span class="sr-only">{escape(principle.name)}, </span>{escape(words)}{held}</button>'
    )


# ---- stages, tree, search ------------------------------------------------------------------------------------


def _stages(catalog: Catalog, texts: Texts) -> str:
    lines = "".join(
        f'<li><button type="button" data-clause="{attribute(s.citation)}"><span class="dot-number" aria-hidden="true">{s.number}</span>'
        f"<span>{escape(s.name)}</span></button></li>"
        for s in catalog.taxonomy.stage
        if s.citation in catalog
    )
    overview = catalog.get("iso-44001-guide:overview")
    more = place_html(overview.citation_id, texts("browse.overview")) if overview else ""
    return (
        f'{title_html(texts("browse.stages"))}<p class="block-intro">{escape(texts("browse.stage_intro"))} {more}</p>'
        f'<ol class="stages">{lines}</ol>'
    )


def _tree(catalog: Catalog, texts: Texts) -> str:
    groups: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for entry in catalog:
        source = catalog.sources[entry.clause.source_id, entry.clause.rendition]
        titles[source.source_id] = source.label
        groups.setdefault(source.source_id, []).append(_leaf(entry, texts))
    order = sorted(groups, key=lambda s: (s.startswith("plan-"), s))
    lines = "".join(
        f"<details><summary>{escape(titles[s])}</summary><ul>{''.join(groups[s])}</ul></details>" for s in order
    )
    return (
        f'{title_html(texts("browse.all"))}<p class="block-intro">{escape(texts("browse.all_intro"))}</p>'
        f'<div class="tree">{lines}</div>'
    )


def _leaf(entry: Entry, texts: Texts) -> str:
    clause = entry.clause
    absent = "" if entry.held else f' <span class="absent">({escape(texts("browse.held_not"))})</span>'
    words = clause.heading
    if clause.kind in ("item", "row"):
        words = f"{clause.locator} {clause.heading}" if clause.kind == "item" else clause.locator
    elif clause.number:
        words = f"{clause.number} {clause.heading}"
    return f'<li style="--depth:{max(0, len(clause.path) - 1)}">{place_html(entry.citation_id, words)}{absent}</li>'


def results_html(catalog: Catalog, texts: Texts, words: str) -> str:
    """Clauses that hold all the typed words, headings before texts; "" for no words."""
    found = find_clauses(catalog, words)
    if not words.strip():
        return ""
    if not found:
        return f'<p class="found-count" role="status">{escape(texts("browse.found_none"))}</p>'
    lines = "".join(entry_html(e) for e in found[:_MOST_FOUND])
    count = escape(texts.count("browse.found", len(found)))
    return f'<div class="results"><p class="found-count" role="status">{count}</p><ul class="places">{lines}</ul></div>'


def find_clauses(catalog: Catalog, words: str) -> list[Entry]:
    """Entries that hold all words (as beginnings of words), best first: by number, then heading, then text; guidance before plans."""
    wanted = [re.compile(rf"(?<![\w.]){re.escape(w)}", re.IGNORECASE) for w in words.split()]
    ranked: list[tuple[int, bool, int, Entry]] = []
    for order, entry in enumerate(catalog if wanted else ()):
        ranks = [_rank(entry, word) for word in wanted]
        if all(rank < _NOWHERE for rank in ranks):
            ranked.append((max(ranks), entry.is_plan, order, entry))
    return [entry for *_, entry in sorted(ranked, key=lambda r: r[:3])]


_NOWHERE = 4


def _rank(entry: Entry, word: re.Pattern[str]) -> int:
    clause = entry.clause
    item = clause.kind in ("item", "row")
    # A plan's title stands in the label of each of its sections and would find them all.
    named = "" if entry.is_plan else f"{entry.label} {entry.principle or ''} {clause.heading}"
    fields: Iterable[str] = (clause.locator, "" if item else clause.heading, named)
    for rank, words in enumerate(fields):
        if word.search(words):
            return rank
    texts = (c.text for c in entry.renditions.values())
    return _NOWHERE - 1 if any(word.search(t) for t in texts) else _NOWHERE
