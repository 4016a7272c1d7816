"""The Our plans tab: add a plan after a look at its sections, see what is searched, replace and take out."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.errors import AssistantError, StandardNotPlan
from assistant.plan_files import PlanFiles, PlanRow, Preview, known_suffixes
from assistant.web.context import PRIVATE, WebContext, event_data, own_html, text_of
from assistant.web.rendering import attribute, said_html, shortened, tab_head_html, title_html
from assistant.web.texts import Texts


def build_plans_tab(context: WebContext, page: gr.Blocks, bridge: gr.HTML) -> None:
    """Lay out and wire the tab."""
    texts, settings = context.texts, context.assistant.settings
    files = PlanFiles(context.assistant)
    limit = settings.max_upload_mb
    types = " ".join(known_suffixes())
    intro = f"{texts('plans.intro')} {texts('plans.drop', types=types, limit=limit)}"
    own_html(tab_head_html(texts("plans.heading"), intro))
    upload = gr.File(
        label=texts("plans.file_label"), file_types=list(known_suffixes()), elem_id="plan-upload", height=170
    )
    said = own_html(elem_id="plan-said")
    token = gr.State("")
    with gr.Column(visible=False, elem_id="plan-preview") as waiting:
        preview = own_html()
        target = gr.Dropdown(
            [], label=texts("plans.target"), info=texts("plans.target_info"), filterable=False, elem_id="plan-target"
        )
        with gr.Row():
            add = gr.Button(texts("plans.add"), variant="primary", elem_id="plan-add")
            cancel = gr.Button(texts("plans.cancel"), elem_id="plan-cancel")
    listed = own_html(elem_id="plan-list")

    def show() -> str:
        return list_html(context, files)

    def look(path: str | None) -> tuple[Any, ...]:
        if not path:
            return (gr.skip(),) * 6
        try:
            found = files.take_in(Path(path))
            choices = [(texts("plans.as_new"), "")]
            choices += [(r.source.label, r.source.source_id) for r in files.rows() if not r.source.sample]
        except AssistantError as error:
            standard = isinstance(error, StandardNotPlan)
            line = texts("plans.is_standard", name=Path(path).name, label=error) if standard else str(error)
            return None, said_html(line, bad=True), "", gr.update(visible=False), "", gr.skip()
        same = next((i for label, i in choices if label == found.title and i), "")
        return (
            None,
            "",
            found.token,
            gr.update(visible=True),
            preview_html(texts, found),
            gr.update(choices=choices, value=same),
        )

    def put(name: str, replaces: str | None, progress: gr.Progress = gr.Progress()) -> Iterator[tuple[Any, ...]]:  # noqa: B008
        yield said_html(texts("plans.reading"), busy=True), gr.skip(), gr.skip(), gr.update(interactive=False)
        try:
            source_id = files.add(
                name, replaces or "", lambda what, done, total: progress((done, max(total, 1)), desc=what)
            )
            title = next((r.source.label for r in files.rows() if r.source.source_id == source_id), "")
            line = texts("plans.replaced" if replaces else "plans.added", name=title)
            yield said_html(line), gr.update(visible=False), show(), gr.update(interactive=True)
        except AssistantError as error:
            yield said_html(str(error), bad=True), gr.skip(), show(), gr.update(interactive=True)

    def leave(name: str) -> tuple[Any, ...]:
        files.leave(name)
        return "", gr.update(visible=False), ""

    def remove(event: gr.EventData) -> Iterator[tuple[Any, Any]]:
        yield said_html(texts("plans.removing"), busy=True), gr.skip()
        try:
            title = files.remove(text_of(event_data(event), "id", 200))
            yield said_html(texts("plans.removed", name=title)), show()
        except AssistantError as error:
            yield said_html(str(error), bad=True), show()

    page.load(show, None, [listed], queue=False, **PRIVATE)
    upload.upload(look, [upload], [upload, said, token, waiting, preview, target], **PRIVATE)
    add.click(
        put, [token, target], [said, waiting, listed, add], concurrency_limit=1, concurrency_id="indexing",
        api_visibility="private", show_progress_on=[said],
    )  # fmt: skip
    cancel.click(leave, [token], [token, waiting, said], queue=False, **PRIVATE)
    bridge.unplan(remove, None, [said, listed], concurrency_limit=1, concurrency_id="indexing", **PRIVATE)


def preview_html(texts: Texts, preview: Preview) -> str:
    """The sections that were found in a file, each with its first words."""
    lines = []
    for section in preview.sections:
        number = f"{section.number} " if section.number and not section.heading.startswith(section.number) else ""
        short = shortened(" ".join(section.text.split()))
        lines.append(
            f'<li style="--depth:{max(0, len(section.path) - 1)}"><b>{escape(number + section.heading)}</b><span>{escape(short)}</span></li>'
        )
    warn = "" if preview.headings else f'<p class="declined">{escape(texts("plans.no_headings"))}</p>'
    return (
        f'{title_html(texts("plans.preview", name=preview.name))}<p class="block-intro">{escape(preview.title)} · {escape(texts.count("plans.sections", len(preview.sections)))}. '
        f'{escape(texts("plans.preview_more"))}</p>{warn}<div class="preview" tabindex="0" role="group" '
        f'aria-label="{attribute(texts("plans.preview", name=preview.name))}"><ol>{"".join(lines)}</ol></div>'
    )


def list_html(context: WebContext, files: PlanFiles) -> str:
    """The plans that are searched now."""
    texts = context.texts
    try:
        rows = files.rows()
    except AssistantError as error:
        return context.trouble(error)
    samples = (
        f'<p class="block-intro">{escape(texts("plans.samples"))}</p>' if any(r.source.sample for r in rows) else ""
    )
    body = (
        f'<ul class="rows">{"".join(_row(context, r) for r in rows)}</ul>'
        if rows
        else f'<p class="empty">{escape(texts("plans.none"))}</p>'
    )
    return f"{title_html(texts('plans.listed'))}{samples}{body}"


def _row(context: WebContext, row: PlanRow) -> str:
    texts, source = context.texts, row.source
    first = next(
        (e.citation_id for e in context.assistant.catalog if e.clause.source_id == source.source_id and e.has_text), ""
    )
    about = [source.files[0].name, texts.count("plans.sections", row.sections)]
    if not row.ours and not source.sample:
        about.append(texts("plans.outside", folder=source.folder.name))
    title = f'<span class="sr-only">: {escape(source.label)}</span>'
    key = attribute(source.source_id)
    buttons = f'<button type="button" class="quiet" data-clause="{attribute(first)}">{escape(texts("plans.open"))}{title}</button>'
    form = ""
    if source.sample:
        buttons += f'<span class="tag">{escape(texts("plans.removable_not"))}</span>'
    else:
        buttons += f'<button type="button" class="quiet danger" data-erase-start="{key}">{escape(texts("plans.remove"))}{title}</button>'
        form = (
            f'<div class="row-form erase-form" hidden><span>{escape(texts("plans.remove_what", name=source.label))}</span>'
            f'<button type="button" class="quiet danger" data-unplan="{key}">{escape(texts("plans.remove_sure"))}</button>'
            f'<button type="button" class="quiet" data-form-cancel="{key}">{escape(texts("plans.remove_keep"))}</button></div>'
        )
    return (
        f'<li><div class="row-main"><b>{escape(source.label)}</b><span>{escape(" · ".join(about))}</span></div>'
        f'<div class="row-buttons">{buttons}</div>{form}</li>'
    )
