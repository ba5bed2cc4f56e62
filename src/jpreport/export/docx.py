"""The Word exporter: pandoc sets the narrative, our templates all else; the same bytes each time.

What bookmarks and content controls are called, and why, says `docx_marks`.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from html import unescape
from pathlib import Path

from markupsafe import Markup

from jpreport.document import pandoc
from jpreport.document.blocks import Document
from jpreport.document.formats import Format, Rendering, Thing
from jpreport.export.accounting import page_text, squeezed
from jpreport.export.annex import write_annex
from jpreport.export.branding import appearance_of
from jpreport.export.docx_body import BodyWriter, filled, relation
from jpreport.export.docx_fonts import font_parts
from jpreport.export.docx_marks import field, fielded, origin, word_language
from jpreport.export.docx_prose import UNNUMBERED, raw
from jpreport.export.docx_tables import GUTTER
from jpreport.export.office import office_file, office_provenance
from jpreport.export.typst import SUFFIXES, TABLE_SIZES_PT, meta_json
from jpreport.export.typst_text import clean
from jpreport.language import phrase, speaking

_MAIN = "word/document.xml"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_TEXTS = re.compile(r"word/(document|footnotes|header\d|footer\d)\.xml")
_PAGES = phrase("Page {number} of {total}")
_PARTS = ("styles", "settings", "fontTable", "numbering", "footnotes")
_NO_NUMBER = (
    '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="0"/></w:numPr>'
    '<w:ind w:left="0" w:firstLine="0"/></w:pPr>'
)
# Lists of pandoc's begin where paragraphs do: a step to each level is enough.
_LIST_INDENT = re.compile(r'<w:ind w:left="(\d+)" w:hanging="360" ?/>')
_SECTION = (
    '<w:sectPr><w:headerReference w:type="default" r:id="rIdHeader2"/>'
    '<w:headerReference w:type="first" r:id="rIdHeader1"/>'
    '<w:footerReference w:type="default" r:id="rIdFooter2"/>'
    '<w:footerReference w:type="first" r:id="rIdFooter1"/>'
    '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1871" w:right="1275" w:bottom="1531" '
    'w:left="3374" w:header="737" w:footer="737" w:gutter="0"/><w:titlePg/></w:sectPr>'
)


def _title_size(title: str) -> float:
    sizes = ((45, 33.0), (90, 27.0), (160, 21.0))
    return next((size for length, size in sizes if len(title) < length), 16.0)


def _related(relations: Mapping[str, tuple[str, str]], more: str = "") -> bytes:
    entries = (
        Markup('<Relationship Id="{}" Type="{}/{}" Target="{}"/>').format(key, _RELATED, kind, to)
        for key, (kind, to) in relations.items()
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{space}">{"".join(entries)}{more}</Relationships>'.encode()


def _content_types() -> bytes:
    kinds = {"rels": "application/vnd.openxmlformats-package.relationships+xml"}
    kinds |= {"xml": "application/xml"} | {suffix: media for media, suffix in SUFFIXES.items()}
    kinds["odttf"] = "application/vnd.openxmlformats-officedocument.obfuscatedFont"
    parts = {f"word/{name}.xml": f"{_TYPES}.{name}+xml" for name in _PARTS}
    parts |= {f"word/{n}{i}.xml": f"{_TYPES}.{n}+xml" for n in ("header", "footer") for i in (1, 2)}
    parts[_MAIN] = f"{_TYPES}.document.main+xml"
    parts["docProps/core.xml"] = "application/vnd.openxmlformats-package.core-properties+xml"
    custom = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
    parts["docProps/custom.xml"] = custom
    rows = [f'<Default Extension="{one}" ContentType="{kind}"/>' for one, kind in kinds.items()]
    rows += [f'<Override PartName="/{one}" ContentType="{kind}"/>' for one, kind in parts.items()]
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    return f'<Types xmlns="{space}">{"".join(rows)}</Types>'.encode()


def _parts(document: Document, folder: Path | None) -> dict[str, bytes]:
    """Return the parts of the package by name."""
    writer = BodyWriter(document, write_annex(document))
    front, appearance = document.front, appearance_of(document.front.brand, folder)
    style = appearance.style
    language, meta = word_language(document.front.language), meta_json(document)
    cover, body = writer.cover(), [*writer.blocks()]
    nodes = [raw(cover), raw(writer.contents()), *body, raw(writer.sources())]
    with zipfile.ZipFile(io.BytesIO(pandoc.write_docx(nodes))) as made:
        files = {name: made.read(name).decode() for name in made.namelist()}
    main = files[_MAIN]
    main = main[: main.rindex("<w:sectPr")] + _SECTION + "</w:body></w:document>"
    main = re.sub(rf"</w:pPr>\s*{re.escape(UNNUMBERED)}", lambda _: _NO_NUMBER, main)
    numbering = _LIST_INDENT.sub(
        lambda found: f'<w:ind w:left="{int(found[1]) // 2}" w:hanging="300"/>',
        files["word/numbering.xml"],
    )
    fonts = tuple(font_parts(appearance, main))
    headings = filled("headings", style=style, gutter=GUTTER)
    numbering = numbering.replace("<w:abstractNum ", f"{headings}<w:abstractNum ", 1)
    own = '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
    numbering = numbering.replace("<w:num ", f"{own}<w:num ", 1)
    links = re.findall(
        r"<Relationship [^>]*/hyperlink\"[^>]*>", files["word/_rels/document.xml.rels"]
    )
    relations = {f"rId{name}": (name, f"{name}.xml") for name in _PARTS}
    for kind in ("header", "footer"):
        relations |= {f"rId{kind.title()}{i}": (kind, f"{kind}{i}.xml") for i in (1, 2)}
    relations |= {relation(name): ("image", f"media/{name}") for name in writer.pictures}
    running = {"front": front, "title": clean(document.title)}
    pages = fielded(_PAGES, number=field("PAGE", "1"), total=field("NUMPAGES", "1"))
    look = {"style": style, "gutter": GUTTER, "language": language, "sizes": TABLE_SIZES_PT}
    texts = {
        "docProps/core.xml": filled("core", meta=meta, front=front, language=language),
        "docProps/custom.xml": filled("custom", origin=origin(document)),
        _MAIN: main,
        "word/styles.xml": filled("styles", **look, title_size=_title_size(document.title)),
        "word/settings.xml": filled("settings", language=language),
        "word/fontTable.xml": filled("fonts", style=style, fonts=fonts),
        "word/numbering.xml": numbering,
        "word/footnotes.xml": files["word/footnotes.xml"],
        "word/_rels/footnotes.xml.rels": files["word/_rels/footnotes.xml.rels"],
    }
    for number, first in ((1, True), (2, False)):
        texts[f"word/header{number}.xml"] = filled("header", **running, first=first)
        texts[f"word/footer{number}.xml"] = filled("footer", pages=pages, first=first)
    core = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
    properties = f'<Relationship Id="rIdCore" Type="{core}" Target="docProps/core.xml"/>'
    main_parts = {
        "rIdMain": ("officeDocument", _MAIN),
        "rIdCustom": ("custom-properties", "docProps/custom.xml"),
    }
    return {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _related(main_parts, properties),
        "word/_rels/document.xml.rels": _related(relations, "".join(links)),
        "word/_rels/fontTable.xml.rels": _related(
            {one.relation: ("font", f"fonts/{one.name}") for one in fonts}
        ),
        **{f"word/fonts/{one.name}": one.content for one in fonts},
        **{name: text.encode() for name, text in texts.items()},
        **{f"word/media/{name}": content for name, content in writer.pictures.items()},
    }


def render_docx(document: Document, folder: Path | None = None) -> Rendering:
    """Return a document as a Word file; the same document gives the same bytes.

    `folder` is the programme's, where its typefaces are. Raises ExportError for a picture that
    cannot be drawn and a language that is none.
    """
    with speaking(document.wording):
        return Rendering(office_file(_parts(document, folder), document, _MAIN))


def texts(content: bytes) -> tuple[str, ...]:
    """Return what readers see of a Word file, a text each part; raises ValueError for others."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = sorted(filter(_TEXTS.fullmatch, archive.namelist()))
            return tuple(page_text(_broken(archive.read(name))) for name in names)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise ValueError("cannot be read as a Word file") from None


def things(content: bytes) -> Counter[Thing]:
    """Return what a Word file holds beside words; of formulas, how many."""
    found: list[Thing] = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for part in ("document", "footnotes"):
            if f"word/{part}.xml" not in archive.namelist():
                continue
            xml = archive.read(f"word/{part}.xml").decode()
            relations = f"word/_rels/{part}.xml.rels"
            links = archive.read(relations).decode() if relations in archive.namelist() else ""
            to = {
                told["Id"]: told["Target"]
                for one in re.findall(r"<Relationship ([^>]*)>", links)
                for told in [dict(re.findall(r'(\w+)="([^"]*)"', one))]
            }
            found += [Thing("formula")] * len(re.findall(r"<m:oMath[ >]", xml))
            found += [Thing("footnote")] * len(re.findall(r"<w:footnoteReference ", xml))
            found += [Thing("reference")] * len(re.findall(r"<w:hyperlink [^>]*w:anchor=", xml))
            found += [
                Thing("picture", squeezed(unescape(alt)))
                for alt in re.findall(r'<wp:docPr [^>]*descr="([^"]*)"', xml)
            ]
            found += [
                Thing("link", squeezed(unescape(to[name])))
                for name in re.findall(r'<w:hyperlink [^>]*r:id="([^"]*)"', xml)
            ]
            for table in re.findall(r"<w:tbl>.*?</w:tbl>", xml, re.DOTALL):
                rows = [row for row in table.split("<w:tr>")[1:] if "<w:tblHeader/>" not in row]
                found.append(Thing("table", str(sum(row.count("<w:tc>") for row in rows))))
    return Counter(found)


def _broken(xml: bytes) -> bytes:
    """Return a part with a line end behind each paragraph."""
    return re.sub(rb"</w:p>|<w:br ?/>|<w:tab ?/>", b"\n", xml)


FORMAT = Format(
    "docx",
    f"{_TYPES}.document",
    render_docx,
    office_provenance,
    texts=texts,
    shown=texts,
    held=things,
    standard=(
        "https://www.nationalarchives.gov.uk/PRONOM/fmt/412",
        "Microsoft Word for Windows (Office Open XML): PRONOM",
    ),
)
