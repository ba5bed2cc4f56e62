"""A report as the body of a Word file: cover, contents, blocks, annex, and the pictures in it."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

import jinja2
import typst
from markupsafe import Markup
from PIL import Image

from jpreport.design.page import TALLEST
from jpreport.document.blocks import Block, ChartBlock, CodeBlock, Document, Prose, TableBlock
from jpreport.document.drawings import in_parts
from jpreport.document.markdown import Node
from jpreport.document.sources import numbered, shown_figures
from jpreport.errors import NOWHERE, ExportError, Problem
from jpreport.export import docx_marks
from jpreport.export.annex import NAME, Annex
from jpreport.export.docx_marks import Marks, field, field_around, fielded, link, run
from jpreport.export.docx_prose import ProseWriter, raw
from jpreport.export.docx_tables import GUTTER, MEASURE, layout_of, paragraph, write_table
from jpreport.export.html_prose import contents, region_name
from jpreport.export.typst import SUFFIXES
from jpreport.export.typst_text import clean
from jpreport.language import current, phrase

_TAB = Markup("<w:r><w:tab/></w:r>")
_EMU = 12700  # of DrawingML, to a point
_LOGO_PT = 125.0
TEXT_PT = (MEASURE + GUTTER) / 20
_PPI = 150.0
_KINDS = {"Table": phrase("Tables"), "Chart": phrase("Charts")}
_NUMBERED = {"Table": phrase("Table {number}"), "Chart": phrase("Chart {number}")}


class Picture(NamedTuple):
    """A picture of the document: its files by suffix, its size in points."""

    files: Mapping[str, bytes]
    width: float
    height: float


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("jpreport.export", "templates/docx"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    environment.globals.update(say=lambda text, **values: current().say(text, **values))
    environment.globals.update(run=run, tab=_TAB, link=link, around=field_around)
    return environment


def filled(template: str, /, **values: Any) -> Markup:  # noqa: ANN401
    """Return a template of ours with values in it; what is no markup is escaped."""
    return Markup(_templates().get_template(f"{template}.xml.j2").render(**values))  # noqa: S704


@lru_cache(maxsize=64)
def _drawn(svg: bytes) -> tuple[bytes, float, float]:
    """Return an SVG as PNG, and its size in points; raises ExportError where it is none."""
    page = b"#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg))"
    try:
        said = {"svg": svg.decode()}
        png = typst.compile(page, format="png", ppi=_PPI, sys_inputs=said)
    except (typst.TypstError, UnicodeDecodeError) as error:
        raise ExportError(Problem(NOWHERE, f"a picture cannot be drawn: {error}")) from error
    with Image.open(io.BytesIO(png)) as image:
        width, height = image.size
    return png, width * 72 / _PPI, height * 72 / _PPI


def _picture(media_type: str, image: bytes) -> Picture:
    kind = SUFFIXES.get(media_type, "svg")
    if kind == "svg":
        png, width, height = _drawn(image)
        return Picture({"png": png, "svg": image}, width, height)
    try:
        with Image.open(io.BytesIO(image)) as opened:
            across, down = (float(dots) or 72.0 for dots in opened.info.get("dpi", (72, 72)))
            width, height = opened.size
    except (OSError, ValueError) as error:
        raise ExportError(Problem(NOWHERE, f"a picture cannot be read: {error}")) from error
    return Picture({kind: image}, width * 72 / across, height * 72 / down)


class BodyWriter:
    """Writes one document; pictures and what is numbered are gathered on the way."""

    def __init__(self, document: Document, annex: Annex | None) -> None:
        self.document, self.annex = document, annex
        self.marks = Marks(document, annex)
        self.pictures: dict[str, bytes] = {}
        self.lists: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _KINDS}
        called = {
            block.label: numbered(block)
            for block in document.blocks
            if isinstance(block, TableBlock | ChartBlock) and block.number and block.label
        }
        self.prose = ProseWriter(self.marks, called)

    def blocks(self) -> Iterator[Node]:
        """Yield the body as pandoc blocks."""
        places = self.document.places
        for position, block in enumerate(self.document.blocks):
            self.marks.enter(places[position] if position < len(places) else NOWHERE)
            yield from self._block(block, position)

    def _block(self, block: Block, position: int) -> list[Node]:
        match block:
            case Prose():
                return self.prose.prose(block)
            case CodeBlock():
                return [self.prose.code(block.source)]
            case TableBlock():
                title = clean(block.caption) or region_name(c.label for c in block.table.columns)
                layout = layout_of(block.table, title)
                caption = self._caption("Table", block, position, layout.indent)
                return [raw(caption + write_table(block.table, layout, self.marks, block.links))]
            case ChartBlock():
                return [raw(self._chart(block, position))]
            case _:
                return [self.prose.code(block.text, "Output")]

    def _caption(
        self, kind: str, block: TableBlock | ChartBlock, position: int, indent: int
    ) -> Markup:
        if block.number is None:
            return Markup("")
        name, around = block.label or f"jp-{position}", self.marks.paragraph()
        own, number = self.marks.target(name), str(block.number)
        counted = field(f"SEQ {kind} \\* ARABIC", number, "Number")
        says = fielded(_NUMBERED[kind], "Number", number=counted)
        entry = {"style": "TableofFigures", "to": name, "number": number, "tab": True}
        self.lists[kind].append({**entry, "text": block.caption})
        words = own.start + says + own.end + run("  ") + around.start + run(block.caption)
        return paragraph("Caption", words + around.end, indent=indent)

    def _chart(self, block: ChartBlock, position: int) -> Markup:
        svg = block.media_type == "image/svg+xml"
        images = in_parts(block.image) if svg else [block.image]
        found = [_picture(block.media_type, image) for image in images]
        indent = -GUTTER if found[0].width > MEASURE / 20 else 0
        caption = self._caption("Chart", block, position, indent)
        drawn = [
            self.drawing(f"chart-{position}-{part}", one, block.alt)
            for part, one in enumerate(found)
        ]
        figures = Markup("")
        for place, (key, to) in enumerate(shown_figures(block)):
            own, forth = self.marks.target(to.name), link(to.to)
            figures += run(", ") if place else run(f"{current().say('Figures shown:')} ")
            figures += own.start + forth.start + run(key, "QuotedFigure") + forth.end + own.end
        words = caption
        for part, one in enumerate(drawn, start=1):
            more = part == len(drawn) and bool(figures)
            words += paragraph("Picture", one, indent=indent, next_too=more)
        return words + (paragraph("FiguresShown", figures, indent=indent) if figures else "")

    def drawing(self, name: str, found: Picture, alt: str, most: float = TEXT_PT) -> Markup:
        """Return a run with a picture that is no wider than `most` points, and fits on a page."""
        scale = min(1.0, most / found.width, TALLEST / found.height)
        for suffix, content in found.files.items():
            self.pictures[f"{name}.{suffix}"] = content
        return filled(
            "chart",
            id=self.marks.next_id,
            name=name,
            alt=clean(alt),
            wide=round(found.width * scale * _EMU),
            high=round(found.height * scale * _EMU),
            picture=relation(f"{name}.{next(iter(found.files))}"),
            svg=relation(f"{name}.svg") if "svg" in found.files else "",
        )

    def cover(self) -> Markup:
        """Return the first page."""
        front, title = self.document.front, self.marks.bookmark(docx_marks.TITLE)
        words = current()
        span = words.period(front.start, front.end)
        period = words.period(front.period_start, front.period_end)
        logo = front.brand.logo
        facts = (
            (words.say("Programme period"), span),
            (words.say("Duration"), front.duration),
            (words.say("Country"), front.country),
            (words.say("Status"), front.status),
            (words.say("Report date"), words.date(front.date)),
        )
        shown = Markup("")
        if logo:
            picture = _picture(logo.media_type, base64.b64decode(logo.data))
            shown = self.drawing("logo", picture, logo.alt, _LOGO_PT)
        others = Markup("<w:r><w:br/></w:r>").join(
            run(name, language=tag) + run(f": {stem}.docx")
            for tag, name, stem in front.editions
            if tag != front.language
        )
        return filled(
            "cover",
            front=front,
            others=others,
            title=title.start + run(self.document.title) + title.end,
            period=period,
            facts=facts,
            logo=shown,
        )

    def contents(self) -> Markup:
        """Return contents and lists of tables and charts; to be asked when all is written."""
        entries = [
            {"style": f"TOC{entry.level}", "to": entry.id, "number": entry.number}
            | {"tab": bool(entry.number), "text": entry.text}
            for block in self.document.blocks
            if isinstance(block, Prose)
            for entry in contents(block)
        ]
        if self.annex:
            entries.append({"style": "TOC1", "to": NAME, "number": "", "tab": False})
            entries[-1]["text"] = self.annex.title
        lists = [(current().say(_KINDS[kind]), kind, rows) for kind, rows in self.lists.items()]
        return filled("contents", contents=entries, lists=lists)

    def sources(self) -> Markup:
        """Return the annex."""
        if self.annex is None:
            return Markup("")
        files = current().listing([f"{one.name}, {one.description}" for one in self.annex.attached])
        return filled("annex", annex=self.annex, name=NAME, marks=self.marks, files=files)


def relation(file: str) -> str:
    """Return the name by which the body knows a picture."""
    return f"rId_{file.replace('.', '_')}"
