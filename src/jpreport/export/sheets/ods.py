"""The ODS exporter: the tables of a report for LibreOffice, the same bytes every time."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

import jinja2
from babel import Locale
from markupsafe import Markup
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

from jpreport.document.attachments import Attachment, attachments
from jpreport.document.blocks import Document
from jpreport.document.formats import Format, Rendering
from jpreport.document.provenance import NAME
from jpreport.export.sheets.display import Display
from jpreport.export.sheets.making import workbook_of
from jpreport.export.sheets.workbook import FACE, LINE_PT, SIZE_PT, TITLE_PT, Value, Workbook
from jpreport.files.archive import zipped
from jpreport.files.opendocument import MEDIA_TYPE, texts_of

_PARTS = ("content.xml", "styles.xml", "meta.xml", "settings.xml")
_FOLDER = "figures"
_CHARACTER_CM = 0.26
_SPACES = re.compile(" {2,}|^ | $|\t")


def _spaces(text: str) -> Markup:
    """Return a text with what OpenDocument would take for one space as elements."""

    def element(match: re.Match[str]) -> str:
        return "<text:tab/>" if match[0] == "\t" else f'<text:s text:c="{len(match[0])}"/>'

    return Markup(_SPACES.sub(element, str(Markup.escape(text))))  # noqa: S704 - escaped above


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("jpreport.export", "templates/ods"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(spaces=_spaces, letters=get_column_letter, value=Value)
    return environment


def _language(tag: str, prefix: str) -> Markup:
    """Return the attributes of a language, by its tag (BCP 47)."""
    locale = Locale.parse(tag, sep="-")
    said = {"language": locale.language, "script": locale.script, "country": locale.territory}
    return Markup("").join(
        Markup(' {}:{}="{}"').format(prefix, name, value) for name, value in said.items() if value
    )


def _parts(book: Workbook) -> dict[str, bytes]:
    """Return the XML of a workbook by the names of its files."""
    displays: dict[Display, str] = {}
    styles: dict[tuple[str, bool, Display | None], str] = {}

    def style_of(*told: str | bool | Display | None) -> str:
        return styles[(*told, None)[:3]]  # type: ignore[index]

    for sheet in book.sheets:
        for column in range(len(sheet.heads)):
            right = column in sheet.numeric
            styles.setdefault(("Table_20_head", right, None), f"c{len(styles)}")
            for number, row in enumerate(sheet.rows):
                value = row[column]
                if value.display:
                    displays.setdefault(value.display, f"n{len(displays)}")
                parent = "Table_20_total" if number in sheet.totals else "Table_20_cell"
                parent = "Hyperlink" if value.to else parent
                styles.setdefault((parent, right, value.display), f"c{len(styles)}")
    values = {
        "book": book,
        "widths": sorted({width for sheet in book.sheets for width in sheet.widths}),
        "heights": sorted({lines for sheet in book.sheets for lines in sheet.heights}),
        "displays": displays,
        "styles": styles,
        "style_of": style_of,
        "face": FACE,
        "size": SIZE_PT,
        "title_size": TITLE_PT,
        "line_pt": LINE_PT,
        "character_cm": _CHARACTER_CM,
    }
    prefixes = {"content.xml": "number", "styles.xml": "fo"}
    return {
        name: _templates()
        .get_template(f"{name}.j2")
        .render(values, language=_language(book.language, prefixes.get(name, "fo")))
        .encode()
        for name in _PARTS
    }


def _manifest(parts: Sequence[str], files: Sequence[Attachment]) -> bytes:
    """Return the list of the files in the package, which must have all of them."""
    types = dict.fromkeys(parts, "text/xml") | {
        f"{_FOLDER}/{file.name}": file.media_type for file in files
    }
    entry = '<manifest:file-entry manifest:full-path="{}" manifest:media-type="{}"/>\n'
    entries = "".join(entry.format(*one) for one in {"/": MEDIA_TYPE, **types}.items())
    space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    head = f'<manifest:manifest xmlns:manifest="{space}" manifest:version="1.2">'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{entries}</manifest:manifest>\n'.encode()
    )


def render_ods(document: Document, folder: Path | None = None) -> Rendering:  # noqa: ARG001
    """Return the tables of a document as ODS; the same document gives the same bytes.

    Raises ExportError for a table that no spreadsheet takes.
    """
    parts, files = _parts(workbook_of(document)), attachments(document)
    members = {
        "mimetype": MEDIA_TYPE.encode(),
        "META-INF/manifest.xml": _manifest([*parts], files),
        **parts,
        **{f"{_FOLDER}/{file.name}": file.content for file in files},
    }
    return Rendering(zipped(members, sealed=True))


def _provenance(content: bytes) -> bytes:
    """Return the provenance among the files of a package."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            name = f"{_FOLDER}/{NAME}"
            return archive.read(name) if name in archive.namelist() else b""
    except zipfile.BadZipFile as error:
        raise ValueError(f"cannot be read as ODS: {error}") from None


# A build compares them with the document, then its audit reads them.
_texts = lru_cache(maxsize=8)(texts_of)

FORMAT = Format(
    "ods",
    MEDIA_TYPE,
    render_ods,
    _provenance,
    texts=_texts,
    shown=_texts,
    tables_only=True,
    standard=(
        "https://www.nationalarchives.gov.uk/PRONOM/fmt/295",
        "OpenDocument 1.2 spreadsheet: PRONOM",
    ),
)
