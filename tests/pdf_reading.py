"""How tests read a PDF back: its pages, its tags, where its characters are."""

from __future__ import annotations

import ctypes
import io
import re
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
from pypdfium2 import raw

from jpreport.design.page import TEXT_MM
from jpreport.document.blocks import Document, Prose
from jpreport.document.markdown import Resolver
from jpreport.document.myst import read_markdown
from jpreport.document.pandoc import MARKDOWN, read_all
from jpreport.errors import Place
from jpreport.export.pdf import render_pdf
from jpreport.forms.tables import Cell, Column, Row, Table

MM = 72 / 25.4


def prose(markdown: str) -> Prose:
    """Return a narrative; its `#` is the first level of the report."""
    text = read_markdown(markdown)
    resolver = Resolver(Place(), text, {})
    resolved = resolver.resolve(read_all([(MARKDOWN, text.pandoc)])[0])
    assert not resolver.problems
    return Prose(tuple(resolved))


def pdf_of(document: Document, folder: Path | None = None) -> bytes:
    """Return a document as PDF; `folder` is the programme's."""
    return render_pdf(document, folder).content


def numbers(rows: int, columns: int) -> Table:
    """Return a table of `rows` by `columns`, each cell unlike the others."""
    return Table(
        tuple(
            Column("Municipality") if i == 0 else Column(f"Month {i:02d}", "number", "persons")
            for i in range(columns)
        ),
        tuple(
            Row(
                (
                    Cell(f"Place {row:04d}"),
                    *(Cell(f"{row * 100 + i:,}") for i in range(1, columns)),
                )
            )
            for row in range(rows)
        ),
    )


def pages(pdf: bytes) -> list[str]:
    """Return the text of each page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def squeezed(text: str) -> str:
    """Return a text without spaces and line ends, which setting it may add or drop."""
    return re.sub(r"[\s\ufffe]+", "", text)


def opened(data: bytes) -> pikepdf.Pdf:
    """Return a PDF; its objects live as long as it is held."""
    return pikepdf.open(io.BytesIO(data))


def elements(pdf: pikepdf.Pdf, kind: str) -> list[Any]:
    """Return the structure elements of a kind in reading order."""
    found, waiting = [], [pdf.Root.StructTreeRoot.K]
    while waiting:
        item = waiting.pop()
        if isinstance(item, pikepdf.Array):
            waiting += reversed(list(item))
        elif isinstance(item, pikepdf.Dictionary) and "/S" in item:
            if str(item.S) == f"/{kind}":
                found.append(item)
            if "/K" in item:
                waiting.append(item.K)
    return found


def marks_of_texts(page: Any) -> set[str]:  # noqa: ANN401
    """Return what a page's texts are marked as, such as "/P", or "/Artifact" for no content."""
    open_marks: list[str] = []
    found: set[str] = set()
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "BDC" | "BMC":
                open_marks.append(str(operands[0]))
            case "EMC":
                open_marks.pop()
            case "Tj" | "TJ":
                found.update(open_marks or [""])
    return found


def attribute(cell: Any, key: str) -> Any:  # noqa: ANN401
    """Return what a cell says of itself as a part of a table."""
    for item in cell.A:
        if item.get("/O") == pikepdf.Name.Table and key in item:
            return item[key]
    return None


def structure(table: Any) -> list[list[Any]]:  # noqa: ANN401
    """Return the cells of a table, row by row."""
    rows: list[list[Any]] = []
    for part in table.K:
        if str(part.S) == "/TR":
            rows.append(list(part.K))
        elif str(part.S) != "/Caption":
            rows += [list(row.K) for row in part.K]
    return rows


def characters(page: Any) -> list[tuple[str, float, float, float]]:  # noqa: ANN401
    """Return the characters of a page with their left and right edges and sizes, in points."""
    text = page.get_textpage()
    found = []
    for i in range(text.count_chars()):
        matrix = raw.FS_MATRIX()
        raw.FPDFText_GetMatrix(text.raw, i, ctypes.byref(matrix))
        size = raw.FPDFText_GetFontSize(text.raw, i) * abs(matrix.d or matrix.b)
        left, _, right, _ = text.get_charbox(i)
        found.append((chr(raw.FPDFText_GetUnicode(text.raw, i)), left, right, size))
    return found


def assert_on_the_page(data: bytes) -> None:
    """Assert that nothing after the cover stands beyond the margins; a note's sign may hang."""
    margin = (210 - TEXT_MM) / 2 * MM
    document = pypdfium2.PdfDocument(data)
    try:
        for page in list(document)[1:]:
            found = characters(page)
            assert min(left for _, left, _, _ in found) >= margin - 1
            assert max(right for _, _, right, _ in found) <= page.get_width() - margin + 4
    finally:
        document.close()
