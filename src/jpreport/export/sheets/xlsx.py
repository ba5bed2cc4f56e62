"""The XLSX exporter: the tables of a report for Excel, the same bytes every time."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from openpyxl import Workbook as Book  # type: ignore[import-untyped]
from openpyxl import load_workbook
from openpyxl.styles import (  # type: ignore[import-untyped]
    Alignment,
    Border,
    Font,
    NamedStyle,
    Side,
)
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]
from openpyxl.worksheet.hyperlink import Hyperlink  # type: ignore[import-untyped]
from openpyxl.worksheet.table import Table, TableColumn  # type: ignore[import-untyped]
from openpyxl.xml.functions import tostring  # type: ignore[import-untyped]

from jpreport.document.attachments import FORMULA
from jpreport.document.blocks import Document
from jpreport.document.formats import Format, Rendering
from jpreport.export.office import office_file, office_provenance
from jpreport.export.sheets.display import Display
from jpreport.export.sheets.making import workbook_of
from jpreport.export.sheets.workbook import FACE, LINE_PT, SIZE_PT, TITLE_PT, Sheet, Value, Workbook
from jpreport.files.workbook import BROKEN
from jpreport.language import ENGLISH

_CORE = "docProps/core.xml"
# In a text, Excel takes this for the character of that number.
_CODED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_WRAPPED = Alignment(vertical="top", wrap_text=True)
_FLUSH_RIGHT = Alignment("right", "top", wrap_text=True, indent=1)
_BOLD = Font(FACE, SIZE_PT, b=True)
# Excel's own styles, by their numbers: a heading is one for those who do not see it.
_STYLES = (
    NamedStyle("Heading 1", Font(FACE, TITLE_PT, b=True), builtinId=16),
    NamedStyle("Hyperlink", Font(FACE, SIZE_PT, u="single", color="0563C1"), builtinId=8),
    NamedStyle("Line", Font(FACE, SIZE_PT)),
    NamedStyle("Table cell", Font(FACE, SIZE_PT)),
    NamedStyle("Table head", _BOLD, border=Border(bottom=Side("medium"))),
    NamedStyle("Table total", _BOLD, border=Border(top=Side("thin"))),
)
# How wide one is, in digits of Excel's own typeface.
_CHARACTER = 1.25


def _write(cell: Any, value: Value, style: str, alignment: Any = None) -> None:  # noqa: ANN401
    """Set a cell; a text is one, whatever it begins with."""
    cell.style = "Hyperlink" if value.to else style
    if alignment:
        cell.alignment = alignment
    if value.to:
        cell.hyperlink = Hyperlink(cell.coordinate, location=f"'{value.to}'!A1", display=value.text)
    if value.display and value.number is not None:
        cell.value = value.number
        cell.number_format = value.display.code
    else:
        cell.value = _CODED.sub("_x005F_", value.text)
        cell.data_type = "s"
        cell.quotePrefix = value.text.startswith(FORMULA)


def _add(book: Any, sheet: Sheet) -> None:  # noqa: ANN401
    """Add a sheet to a book: lines, heads, rows, and the mark of its table."""
    page = book.create_sheet(sheet.name)
    for row, line in enumerate(sheet.lines, 1):
        _write(page.cell(row, 1), line, "Line" if row > 1 else "Heading 1")
    rows = [tuple(map(Value, sheet.heads)), *sheet.rows]
    for number, (values, lines) in enumerate(zip(rows, sheet.heights, strict=True), -1):
        style = "Table total" if number in sheet.totals else "Table cell"
        for column, value in enumerate(values):
            alignment = _FLUSH_RIGHT if column in sheet.numeric else _WRAPPED
            cell = page.cell(sheet.top + 1 + number, column + 1)
            _write(cell, value, style if number >= 0 else "Table head", alignment)
        page.row_dimensions[sheet.top + 1 + number].height = lines * LINE_PT
    for column, width in enumerate(sheet.widths, 1):
        page.column_dimensions[get_column_letter(column)].width = width * _CHARACTER
    area = f"A{sheet.top}:{page.cell(sheet.end, len(sheet.heads)).coordinate}"
    columns = [TableColumn(id=number, name=head) for number, head in enumerate(sheet.heads, 1)]
    # Without filters: they stand in the way of a screen reader.
    page.add_table(Table(displayName=sheet.table, ref=area, tableColumns=columns))
    page.freeze_panes = f"A{sheet.top + 1}"
    page.print_title_rows = f"{sheet.top}:{sheet.top}"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True


def _saved(workbook: Workbook) -> dict[str, bytes]:
    """Return the parts of a workbook's file by name; none says when it was made."""
    book = Book()
    book.remove(book.active)
    for style in _STYLES:
        book.add_named_style(style)
    for sheet in workbook.sheets:
        _add(book, sheet)
    about = book.properties
    about.title, about.subject, about.language = workbook.title, workbook.subject, workbook.language
    about.creator = workbook.author
    out = io.BytesIO()
    book.save(out)
    if workbook.date:
        about.created = about.modified = dt.datetime.fromisoformat(workbook.date)
    tree = about.to_tree()
    for element in [] if workbook.date else [*tree]:
        if element.tag.endswith(("created", "modified")):
            tree.remove(element)
    with zipfile.ZipFile(out) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return {**parts, _CORE: tostring(tree)}


def render_xlsx(document: Document, folder: Path | None = None) -> Rendering:  # noqa: ARG001
    """Return the tables of a document as XLSX; the same document gives the same bytes.

    Raises ExportError for a table that no spreadsheet takes.
    """
    parts = _saved(workbook_of(document))
    return Rendering(office_file(parts, document, "xl/workbook.xml"))


def _shown(cell: Any) -> str:  # noqa: ANN401
    """Return what a cell of a file shows, as Excel does in English."""
    value = cell.value
    if isinstance(value, int | float):
        display = Display.of_code(cell.number_format, negative=value < 0)
        return display.text(value, ENGLISH) if display else str(value)
    return "" if value is None else re.sub("_x005F_", "_", str(value))


# A build compares them with the document, then its audit reads them.
@lru_cache(maxsize=8)
def _texts(content: bytes) -> Sequence[str]:
    """Return what every sheet shows, row by row."""
    try:
        book = load_workbook(io.BytesIO(content), read_only=True)
        return tuple(
            "\n".join("\t".join(filter(None, map(_shown, row))) for row in sheet.iter_rows())
            for sheet in book.worksheets
        )
    except BROKEN as error:
        raise ValueError(f"cannot be read as a workbook: {error}") from None


FORMAT = Format(
    "xlsx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    render_xlsx,
    office_provenance,
    texts=_texts,
    shown=_texts,
    tables_only=True,
    standard=(
        "https://www.nationalarchives.gov.uk/PRONOM/fmt/214",
        "Office Open XML workbook: PRONOM",
    ),
)
