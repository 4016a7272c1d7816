"""The source panel as HTML: a clause in its place, with the supporting words marked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

from assistant.clauses.catalog import Catalog
from assistant.errors import UnknownCitation
from assistant.web.rendering import attribute, place_html
from assistant.web.source_view import Block, Mark, Place, SourceView, view_source
from assistant.web.texts import Texts


def panel_html(
    catalog: Catalog, texts: Texts, citation: str, role: str, today: date, marks: Sequence[Mark], rendition: str = ""
) -> str:
    """The panel for a citation id; an id that does not resolve is said to be unknown, never replaced by a near one."""
    try:
        view = view_source(catalog, citation, role, today, marks, rendition)
    except UnknownCitation:
        body = f'<h2 tabindex="-1">{escape(citation)}</h2><p class="declined">{escape(texts("source.unknown"))}</p>'
        return _frame(texts, citation, body)
    return _frame(texts, citation, _head(view, texts) + _body(view, texts, marks) + _foot(view, texts))


def _frame(texts: Texts, citation: str, inner: str) -> str:
    return (
        f'<section class="source" role="region" aria-label="{attribute(texts("source.region"))}" '
        f'data-open="{attribute(citation)}">{_bar(texts, citation)}{inner}</section>'
    )


def _bar(texts: Texts, citation: str) -> str:
    copy, close = escape(texts("source.copy_link")), escape(texts("source.close"))
    return (
        f'<div class="source-bar"><button type="button" class="quiet" data-copy-link="{attribute(citation)}">{copy}</button>'
        f'<button type="button" class="quiet" data-close-source>{close} <span aria-hidden="true">×</span></button></div>'
    )


def _head(view: SourceView, texts: Texts) -> str:
    path = "".join(f"<li>{place_html(p.citation, p.heading)}</li>" for p in view.path)
    heading = "" if view.heading in view.label else escape(view.heading)
    tags = [view.principle, texts(f"filters.facet_{view.facet}") if view.facet else None]
    tag_line = "".join(f'<span class="tag">{escape(t)}</span>' for t in tags if t)
    crumbs = f'<ol class="crumbs">{path}</ol>' if path else ""
    return f'{crumbs}<h2 tabindex="-1"><span class="source-label">{escape(view.label)}</span> {heading}</h2><p class="tags">{tag_line}</p>'


def _body(view: SourceView, texts: Texts, marks: Sequence[Mark]) -> str:
    if view.state != "text":
        words = f'<p class="declined">{escape(texts(f"source.{view.state}"))}</p>'
    else:
        words = "".join(_block(b) for b in view.blocks)
    marked = any(r.marked for b in view.blocks for r in b.runs)
    note = f'<p class="sr-only">{escape(texts("source.marked"))}</p>' if marked and marks else ""
    return f'{note}<div class="clause-text">{words}</div>{_rendition_switch(view, texts, marks)}'


def _block(block: Block) -> str:
    runs = []
    for run in block.runs:
        words = escape(run.text)
        if run.target:
            words = f'<button type="button" class="inline-link" data-clause="{attribute(run.target)}">{words}</button>'
        runs.append(f"<mark>{words}</mark>" if run.marked else words)
    kind = f"block-{block.kind}" + (" asked-for" if block.asked_for else "")
    return f'<p class="{kind}">{"".join(runs)}</p>'


def _rendition_switch(view: SourceView, texts: Texts, marks: Sequence[Mark]) -> str:
    data = attribute([[m.citation, m.rendition, m.start, m.end] for m in marks])
    buttons = "".join(
        f'<button type="button" class="quiet" data-clause="{attribute(view.citation)}" data-marks="{data}" '
        f'data-rendition="{attribute(other)}">{escape(texts(f"source.show_{other}"))}</button>'
        for other in view.others
    )
    return f'<div class="renditions">{buttons}</div>' if buttons else ""


def _foot(view: SourceView, texts: Texts) -> str:
    steps = [("before", view.before), ("parent", view.parent), ("after", view.after)]
    nav = "".join(
        f'<li class="step-{name}">{_step(p, texts(f"source.{name}"))}</li>' for name, p in steps if p is not None
    )
    parts = [
        _places(view.children, texts("source.children"), titled=True),
        _places(view.refers_to, texts("source.refers_to")),
    ]
    question = texts("source.ask_question", label=view.label)
    ask = f'<button type="button" class="quiet" data-ask="{attribute(question)}">{escape(texts("source.ask_about"))}</button>'
    meta = "".join(f"<li>{escape(line)}</li>" for line in _terms(view, texts))
    return f'{"".join(parts)}<ul class="steps">{nav}</ul><p>{ask}</p><ul class="terms">{meta}</ul>'


def _terms(view: SourceView, texts: Texts) -> list[str]:
    source = view.source
    lines = [source.title]
    if source.edition:
        lines.append(texts("source.edition", edition=source.edition))
    lines.append(texts("source.sample") if source.sample else texts(f"source.{view.rendition}"))
    if view.rendition == "digest":
        lines.append(texts("source.digest_note"))
    lines.append(texts("source.licence", line=source.licence.line()))
    return lines


def _places(places: Sequence[Place], title: str, *, titled: bool = False) -> str:
    if not places:
        return ""
    lines = "".join(
        f"<li>{place_html(p.citation, p.heading if titled else f'{p.label} {p.heading}')}</li>" for p in places
    )
    return f'<h3>{escape(title)}</h3><ul class="places">{lines}</ul>'


def _step(place: Place, name: str) -> str:
    title = place.label.rpartition(", ")[2]
    heading = "" if place.heading == title else f" {escape(place.heading)}"
    return (
        f'<button type="button" class="step" data-clause="{attribute(place.citation)}"><span class="step-name">{escape(name)}</span> '
        f"<b>{escape(title)}</b>{heading}</button>"
    )
