"""The HTML exporter: a document to one page that asks for nothing from outside."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from jpreport.design.style import Style
from jpreport.document import pandoc
from jpreport.document.attachments import Attachment
from jpreport.document.blocks import (
    Block,
    CellLinks,
    ChartBlock,
    CodeBlock,
    Document,
    FigureLink,
    Prose,
    TableBlock,
)
from jpreport.document.formats import Format, Rendering
from jpreport.document.markdown import Node
from jpreport.document.provenance import NAME as PROVENANCE
from jpreport.document.sources import numbered, shown_figures
from jpreport.export.accounting import page_text, page_things
from jpreport.export.annex import NAME, write_annex
from jpreport.export.branding import Appearance, appearance_of
from jpreport.export.html_prose import UniqueNames, contents, html_blocks, raw, region_name
from jpreport.export.webfonts import font_faces
from jpreport.files import seal_at
from jpreport.files.archive import zipped
from jpreport.forms.tables import Row, Table, note_letter
from jpreport.language import current, speaking

# The figures come in one file, as a table and for programs.
_ARCHIVE = "figures.zip"
_ARCHIVES = re.compile(
    rb'<a download="' + _ARCHIVE.encode() + rb'" href="data:application/zip;base64,([\w+/=]*)"'
)
_LONG_WORD = 28
_POLICY = (
    "default-src 'none'; style-src 'sha256-{digest}'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)


def _say(message: str, **values: object) -> Markup:
    """Return one of our sentences as markup; only what is markup already is so in its values."""
    texts = {name: escape(value) for name, value in values.items()}
    return Markup(current().say(message, **texts))  # noqa: S704 - of a catalogue of ours


def _day(date: str) -> str:
    """Return an ISO date in words; anything else as it is."""
    return current().date(date)


def _period(start: str, end: str) -> str:
    return current().period(start, end)


def _bodies(rows: Sequence[Row]) -> list[list[tuple[int, Row]]]:
    """Return rows, counted from 0, in the groups that section rows head; a total stands alone."""
    groups: list[list[tuple[int, Row]]] = []
    before = None
    for place, row in enumerate(rows):
        if not groups or row.role == "section" or (row.role == "total") != (before == "total"):
            groups.append([])
        groups[-1].append((place, row))
        before = row.role
    return groups


def _has_long_word(text: str) -> bool:
    """Return whether a text has a word so long that it would widen its column."""
    return any(len(word) > _LONG_WORD for word in text.split())


def _marked(rows: Sequence[Row]) -> frozenset[int]:
    """Return the notes that a cell calls; the others hold for the whole table."""
    return frozenset(cell.note for row in rows for cell in row.cells if cell.note)


def _data_url(files: Sequence[Attachment]) -> str:
    """Return files as one ZIP, a tenth of their size."""
    packed = zipped({file.name: file.content for file in files})
    return f"data:application/zip;base64,{base64.b64encode(packed).decode()}"


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("jpreport.export"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(day=_day, bodies=_bodies, letter=note_letter, marked=_marked)
    environment.filters.update(data_url=_data_url, long=_has_long_word)
    environment.globals.update(say=_say, period=_period)
    return environment


def _variables(style: Style) -> str:
    colours = ((f.name, getattr(style, f.name)) for f in fields(style))
    return "".join(
        f"--{name.replace('_', '-')}:{value};"
        for name, value in colours
        if isinstance(value, str) and value.startswith("#")
    )


def _stylesheet(page: str, appearance: Appearance) -> str:
    environment = _templates()
    rules, _, _ = environment.loader.get_source(environment, "report.css")  # type: ignore[union-attr]
    rules = re.sub(r"/\*.*?\*/\s*", "", rules, flags=re.DOTALL)
    style, dark = appearance.style, _variables(appearance.dark)
    return (
        f"{font_faces(page, appearance)}"
        f':root{{{_variables(style)}--serif:"{style.serif}";--sans:"{style.sans}"}}\n'
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{rules}"
    )


def _table(table: Table, names: UniqueNames, links: CellLinks, **words: str) -> str:
    """Return a table in its scrolling region, which is called what its caption says."""
    labels = [column.label for column in table.columns]
    values = {"caption": "", "number": "", "id": "", "name": "", **words}
    if not values["caption"]:
        values["name"] = names.unique(region_name(labels))
    return _templates().get_template("table.html.j2").render(table=table, links=links, **values)


def _chart(chart: ChartBlock, identifier: str, inner: str, names: UniqueNames) -> str:
    say, number = current().say, chart.number
    behind = say("Data behind Chart {number}", number=number) if number else ""
    title = names.unique(behind or say("Data behind this chart"))
    # The names of the quotes are those of the line below the chart, which is never folded up.
    links = {place: FigureLink(link.to) for place, link in chart.links.items()}
    words = {"caption": title, "id": f"{inner}-data"}
    data = _table(chart.data, names, links, **words) if chart.data else ""
    return (
        _templates()
        .get_template("chart.html.j2")
        .render(
            chart=chart,
            id=identifier,
            source=f"data:{chart.media_type};base64,{base64.b64encode(chart.image).decode()}",
            title=title,
            name=numbered(chart) if number else names.unique(say("Chart")),
            figures=shown_figures(chart),
            data=Markup(data),  # noqa: S704 - rendered by our own template
        )
    )


def _block(block: Block, place: int, names: UniqueNames) -> list[Node]:
    inner = f"jp-{place}"
    identifier = getattr(block, "label", "") or inner
    match block:
        case Prose():
            return html_blocks(block, names)
        case TableBlock():
            number = numbered(block) if block.number else ""
            words = {"caption": block.caption, "number": number, "id": inner}
            html = _table(block.table, names, block.links, **words)
            return [raw(f'<div class="table" id="{identifier}">\n{html}</div>')]
        case ChartBlock():
            return [raw(_chart(block, identifier, inner, names))]
        case CodeBlock():
            return [{"t": "CodeBlock", "c": [["", [], []], block.source]}]
        case _:
            text = Markup('<pre class="output"><samp>{}</samp></pre>').format(block.text)
            return [raw(str(text))]


def _notes(html: str) -> str:
    """Give pandoc's footnotes a heading and their way back a name.

    Text can't hold these tags: pandoc and the templates escape every angle bracket.
    """
    html = re.sub(
        r'<section id="footnotes"[^>]*>\s*<hr />',
        lambda _: (
            '<section class="footnotes" role="doc-endnotes" aria-labelledby="jp-notes">\n'
            f'<h2 id="jp-notes">{_say("Notes")}</h2>'
        ),
        html,
    )
    return re.sub(
        r'<a href="#fnref(\d+)" class="footnote-back" role="doc-backlink">',
        lambda found: (
            f'{found[0][:-1]} aria-label="'
            f'{_say("Back to where note {number} is called", number=found[1])}">'
        ),
        html,
    )


def _lists(blocks: Sequence[Block]) -> list[tuple[str, list[dict[str, str]]]]:
    """Return the captioned tables and charts, by kind, in their order."""
    lists = []
    say = current().say
    for kind, wanted in ((say("Tables"), TableBlock), (say("Charts"), ChartBlock)):
        entries = [
            {
                "id": block.label or f"jp-{place}",
                "number": numbered(block),
                "text": block.caption,
            }
            for place, block in enumerate(blocks)
            if isinstance(block, wanted) and block.number
        ]
        if entries:
            lists.append((kind, entries))
    return lists


def render_html(document: Document, folder: Path | None = None) -> str:
    """Return a document as one HTML page: no script, no request, the same text every time.

    `folder` is the programme's, where its typefaces are.
    """
    with speaking(document.wording):
        return _page(document, folder)


def _page(document: Document, folder: Path | None) -> str:
    appearance = appearance_of(document.front.brand, folder)
    names = UniqueNames()
    nodes = [n for i, block in enumerate(document.blocks) for n in _block(block, i, names)]
    body = _notes(pandoc.write(nodes, to="html5"))
    annex = write_annex(document)
    page = {
        "title": document.title,
        "front": document.front,
        "languages": document.front.editions,
        "contents": [
            entry
            for block in document.blocks
            if isinstance(block, Prose)
            for entry in contents(block)
        ],
        "notes": 'id="jp-notes"' in body,
        "annex": annex,
        "annex_title": annex.title if annex else "",
        "annex_name": NAME,
        "archive": _ARCHIVE,
        "lists": _lists(document.blocks),
        "body": Markup(body),  # noqa: S704 - pandoc and our templates escaped what is text
    }
    template = _templates().get_template("report.html.j2")
    # Rendered once without fonts, to know which letters they must have.
    css = _stylesheet(template.render(page, css="", policy=""), appearance)
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    html = template.render(
        page,
        css=Markup(css),  # noqa: S704 - colours and names in it are checked to be such
        policy=_POLICY.format(digest=digest),
    )
    text = html if html.endswith("\n") else f"{html}\n"
    return seal_at(text.encode(), opening="<!-- ", end=" -->").decode()


def _provenance(content: bytes) -> bytes:
    """Return the provenance that a page carries in its archive of figures."""
    # The last one: the annex stands behind all that an author writes.
    links = _ARCHIVES.findall(content)
    if not links:
        return b""
    try:
        packed = base64.b64decode(links[-1], validate=True)
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            return archive.read(PROVENANCE)
    except (binascii.Error, zipfile.BadZipFile, zlib.error, KeyError, EOFError):
        raise ValueError(f"its {PROVENANCE} was altered") from None


def _render(document: Document, folder: Path | None) -> Rendering:
    return Rendering(render_html(document, folder).encode())


FORMAT = Format(
    "html",
    "text/html",
    _render,
    _provenance,
    shown=lambda content: (page_text(content),),
    held=page_things,
)
