"""The presentation that slides are drawn into: a clean one made here, or the organisation's own .potx or .pptx."""

from __future__ import annotations

import re
import zipfile
from copy import deepcopy
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE, PP_PLACEHOLDER
from pptx.exc import PackageNotFoundError
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches

from assistant.errors import WorkshopError

_TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
_BODIES = (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT)
_KEPT_LAYOUTS = ("Title Slide", "Title and Content", "Title Only")
_COLOURS = {"dk2": "1B365D", "accent1": "1F6F8B", "accent2": "8A5A00", "lt2": "EAF1F5"}
NAVY, TEAL = RGBColor(0x1B, 0x36, 0x5D), RGBColor(0x1F, 0x6F, 0x8B)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a slide, in EMU."""

    left: int
    top: int
    width: int
    height: int

    @property
    def width_pt(self) -> float:
        """Width in points."""
        return self.width / 12700

    @property
    def height_pt(self) -> float:
        """Height in points."""
        return self.height / 12700


@dataclass(frozen=True)
class Template:
    """An open presentation without slides, and where things go in it.

    Attributes:
        presentation: Of python-pptx.
        title_layout: For the first slide.
        text_layout: Title and one body placeholder.
        plain_layout: Title alone.
        title: Where titles stand.
        body: Where content may stand: below the title, above the footer.
        footer: Where the sources stand.
    """

    presentation: Any
    title_layout: Any
    text_layout: Any
    plain_layout: Any
    title: Box
    body: Box
    footer: Box


def open_template(path: Path | None = None) -> Template:
    """The organisation's template, or the clean one.

    Raises:
        WorkshopError: The file is no PowerPoint file, or has no layout with a title and a body.
    """
    presentation = _clean() if path is None else _read(path)
    layouts = list(presentation.slide_layouts)
    text = _best(layouts, lambda t, b, o: bool(t) and b == 1)
    plain = _best(layouts, lambda t, b, o: bool(t) and b == 0, kind=PP_PLACEHOLDER.TITLE)
    if text is None:
        raise WorkshopError(
            f"{path}: has no layout with a title and one text area; add one to the template or leave --template out"
        )
    title_layout = next((x for x in layouts if PP_PLACEHOLDER.CENTER_TITLE in _kinds(x)), text)
    title, body, footer = _boxes(presentation, text)
    return Template(presentation, title_layout, text, plain or text, title, body, footer)


def _read(path: Path) -> Any:
    try:
        data = path.read_bytes()
        presentation = Presentation(BytesIO(_as_presentation(data)))
    except (OSError, zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError) as error:
        raise WorkshopError(
            f"{path}: is not a PowerPoint template that can be read; give a .potx or .pptx file"
        ) from error
    _drop_slides(presentation)
    return presentation


def _as_presentation(data: bytes) -> bytes:
    """A .potx differs from a .pptx in its declared type alone; python-pptx opens the latter only."""
    source = zipfile.ZipFile(BytesIO(data))
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "[Content_Types].xml":
                content = content.replace(b"presentationml.template.main+xml", b"presentationml.presentation.main+xml")
            target.writestr(name, content)
    return out.getvalue()


def _drop_slides(presentation: Any) -> None:
    ids = presentation.slides._sldIdLst
    for slide in list(ids):
        presentation.part.drop_rel(slide.rId)
        ids.remove(slide)


def _kinds(layout: Any) -> list[Any]:
    return [p.placeholder_format.type for p in layout.placeholders]


def _best(layouts: list[Any], suits: Any, *, kind: Any = None) -> Any:
    """The layout that suits with the fewest placeholders besides."""
    found = []
    for index, layout in enumerate(layouts):
        kinds = _kinds(layout)
        titles = [k for k in kinds if k == kind or (kind is None and k in _TITLES[:1])]
        bodies = [k for k in kinds if k in _BODIES]
        frame = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)
        others = [k for k in kinds if k not in (*_TITLES, *_BODIES, *frame)]
        if suits(titles, len(bodies), others):
            found.append((len(others), index, layout))
    return min(found, key=lambda f: f[:2])[2] if found else None


def _boxes(presentation: Any, layout: Any) -> tuple[Box, Box, Box]:
    """Title, body and footer areas, from the layout's own placeholders."""
    width, height = int(presentation.slide_width), int(presentation.slide_height)
    title = next(p for p in layout.placeholders if p.placeholder_format.type in _TITLES)
    body = next(p for p in layout.placeholders if p.placeholder_format.type in _BODIES)
    title_box = Box(int(title.left), int(title.top), int(title.width), int(title.height))
    footer_height = int(Inches(0.5))
    footer = Box(int(body.left), height - footer_height - int(Inches(0.15)), int(body.width), footer_height)
    top = max(int(body.top), title_box.top + title_box.height)
    bottom = min(max(int(body.top) + int(body.height), footer.top - int(Inches(0.1))), footer.top - int(Inches(0.1)))
    area = Box(int(body.left), top, min(int(body.width), width - int(body.left)), bottom - top)
    if area.height < Inches(2.5) or area.width < Inches(5):
        raise WorkshopError(
            "the template leaves less than 5 by 2.5 inches for text; use a layout with a larger text area"
        )
    return title_box, area, footer


# ---- the clean template ---------------------------------------------------------------------------------------


def _clean() -> Any:
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Inches(13.333), Inches(7.5)
    master = presentation.slide_master
    for layout in list(presentation.slide_layouts):
        if layout.name not in _KEPT_LAYOUTS:
            presentation.slide_layouts.remove(layout)
    _set_theme(master)
    _set_styles(master)
    for holder in [*master.placeholders, *(p for x in presentation.slide_layouts for p in x.placeholders)]:
        _place(holder)
    title_slide = presentation.slide_layouts[0]
    for holder in title_slide.placeholders:
        if holder.placeholder_format.type == PP_PLACEHOLDER.CENTER_TITLE:
            _move(holder, 0.9, 2.1, 11.5, 1.7)
        elif holder.placeholder_format.type == PP_PLACEHOLDER.SUBTITLE:
            _move(holder, 0.9, 4.0, 11.5, 0.9)
            for paragraph in holder._element.iter(qn("a:lvl1pPr")):
                paragraph.set("algn", "l")
    _add_bar(presentation, master)
    return presentation


def _place(holder: Any) -> None:
    kind = holder.placeholder_format.type
    if kind in _TITLES:
        _move(holder, 0.6, 0.35, 12.13, 0.95)
    elif kind in _BODIES:
        _move(holder, 0.6, 1.5, 12.13, 5.1)
    elif kind in (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER):
        holder._element.getparent().remove(holder._element)


def _move(holder: Any, left: float, top: float, width: float, height: float) -> None:
    holder.left, holder.top, holder.width, holder.height = (Inches(v) for v in (left, top, width, height))


def _set_theme(master: Any) -> None:
    part = master.part.part_related_by(RT.THEME)
    xml = part.blob.decode("utf-8")
    for name, value in _COLOURS.items():
        xml = re.sub(rf"<a:{name}>.*?</a:{name}>", f'<a:{name}><a:srgbClr val="{value}"/></a:{name}>', xml, flags=re.S)
    xml = re.sub(r'(<a:m(?:ajor|inor)Font>\s*<a:latin typeface=")[^"]*', r"\g<1>Arial", xml)
    part._blob = xml.encode("utf-8")


def _set_styles(master: Any) -> None:
    """Titles at the left, bold and navy; text dark grey."""
    title = master._element.find(f"{qn('p:txStyles')}/{qn('p:titleStyle')}/{qn('a:lvl1pPr')}")
    title.set("algn", "l")
    run = title.find(qn("a:defRPr"))
    run.set("sz", "2800")
    run.set("b", "1")
    for fill in run.iter(qn("a:schemeClr")):
        fill.set("val", "tx2")
    for holder in master.placeholders:
        if holder.placeholder_format.type in _TITLES:
            holder.text_frame._txBody.find(qn("a:bodyPr")).set("anchor", "b")
            holder.text_frame.margin_left = 0


def _add_bar(presentation: Any, master: Any) -> None:
    """A narrow band at the left edge, on the master so that all slides have it."""
    slide = presentation.slides.add_slide(presentation.slide_layouts[0])
    bar = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, Emu(0), Emu(0), Inches(0.18), presentation.slide_height)
    bar.fill.solid()
    bar.fill.fore_color.rgb = TEAL
    bar.line.fill.background()
    bar.name = "Band"
    master._element.find(f"{qn('p:cSld')}/{qn('p:spTree')}").insert(2, deepcopy(bar._element))
    _drop_slides(presentation)
