"""Workbooks with a text or a table in one of their places."""

from __future__ import annotations

import html
import io
from collections.abc import Callable
from typing import Any

import openpyxl  # type: ignore[import-untyped]
from openpyxl.comments import Comment  # type: ignore[import-untyped]
from openpyxl.workbook.defined_name import DefinedName  # type: ignore[import-untyped]

from jpreport.document.blocks import Document, TableBlock
from jpreport.document.formats import load_format
from jpreport.files.archive import zipped
from jpreport.forms.tables import Cell, Column, Row, Table


def excel_book(**changes: Any) -> bytes:  # noqa: ANN401
    """Return a workbook of Excel with one of its places changed.

    They are a cell, a sheet's name, a format, a property, a defined name, what a hidden sheet has,
    a remark, the foot of a sheet.
    """
    book = openpyxl.Workbook()
    page = book.active
    page["A1"] = changes.get("cell", 1)
    page["A1"].number_format = changes.get("format", "0")
    page.title = changes.get("sheet", "Sheet")
    book.properties.creator = changes.get("author", "nobody")
    if "hidden" in changes:
        hidden = book.create_sheet("Other")
        hidden.sheet_state = "veryHidden"
        hidden["Z99"] = changes["hidden"]
    if "remark" in changes:
        page["A1"].comment = Comment(changes["remark"], "nobody")
    page.oddFooter.center.text = changes.get("foot", "Page")
    if "name" in changes:
        book.defined_names["x"] = DefinedName("x", attr_text=f'"{changes["name"]}"')
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def open_book(text: str, name: str = "content.xml") -> bytes:
    """Return a workbook of OpenDocument with a text in one of its files."""
    space = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    said = f'<a xmlns="{space}"><b t="{html.escape(text)}"/></a>'.encode()
    kind = {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}
    return zipped({**kind, "content.xml": b"<a/>", name: said}, sealed=True)


def sheet_of(name: str) -> Callable[[list[list[str]]], bytes]:
    """Return what writes rows into a workbook of a format."""

    def write(rows: list[list[str]]) -> bytes:
        columns = tuple(Column(one, "number" if one == "n" else "text") for one in rows[0])
        value = Table(columns, tuple(Row(tuple(map(Cell, row))) for row in rows[1:]))
        document = Document("A report", blocks=(TableBlock(value, caption="A table", number=1),))
        return load_format(name).render(document, None).content

    return write
