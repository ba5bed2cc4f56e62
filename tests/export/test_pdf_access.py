"""The PDF for those who cannot see it: tags, headers, words for charts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pdfua
import pikepdf
import pytest

import export_samples as samples
from jpreport.document.blocks import (
    Document,
    TableBlock,
)
from jpreport.export.exporters import PDFReportExporter
from jpreport.forms.tables import Cell, Column, Row, Table
from pdf_reading import (
    attribute,
    elements,
    opened,
    pages,
    pdf_of,
    prose,
    structure,
)


@pytest.fixture(scope="module")
def exported() -> tuple[bytes, dict[str, Any]]:
    return PDFReportExporter().from_notebook_node(samples.sample())


@pytest.fixture(scope="module")
def pdf(exported: tuple[bytes, dict[str, Any]]) -> pikepdf.Pdf:
    return opened(exported[0])


def findings(data: bytes, tmp_path: Path) -> list[Any]:
    path = tmp_path / "report.pdf"
    path.write_bytes(data)
    return list(pdfua.validate(str(path)).findings)


@pytest.mark.slow
def test_an_independent_checker_finds_nothing(
    exported: tuple[bytes, dict[str, Any]], tmp_path: Path
) -> None:
    assert findings(exported[0], tmp_path) == []


@pytest.mark.slow
def test_it_declares_pdf_ua_1_and_pdf_a_3a(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata() as meta:
        assert meta["pdfuaid:part"] == "1"
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("3", "A")
    assert str(pdf.Root.Lang) == "en"
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)


@pytest.mark.slow
def test_charts_speak(pdf: pikepdf.Pdf) -> None:
    assert [str(f.Alt) for f in elements(pdf, "Figure")] == [
        "Bars: North 120, South 97 and Capital 60 teachers."
    ]


@pytest.mark.slow
def test_every_table_has_header_cells_with_a_scope(pdf: pikepdf.Pdf) -> None:
    tables = elements(pdf, "Table")
    assert len(tables) == 5  # the cover's, three of cells, one of Markdown
    for table in tables:
        heads = [c for row in structure(table) for c in row if c.S == pikepdf.Name.TH]
        assert heads
        assert all(attribute(c, "/Scope") is not None for c in heads)


@pytest.mark.slow
def test_a_cell_names_its_column_group_section_and_row(pdf: pikepdf.Pdf) -> None:
    table = next(t for t in elements(pdf, "Table") if len(structure(t)[0]) == 3)
    rows = structure(table)
    groups, heads, section, first = rows[:4]
    assert [int(attribute(c, "/ColSpan") or 1) for c in groups] == [1, 2, 3]
    assert [c.S for c in first] == [pikepdf.Name.TH, *[pikepdf.Name.TD] * 5]
    assert attribute(first[0], "/Scope") == pikepdf.Name.Row
    assert [str(h) for h in attribute(first[2], "/Headers")] == [
        str(groups[1].ID),
        str(heads[2].ID),
        str(section[0].ID),
        str(first[0].ID),
    ]
    names = [str(name) for name in list(pdf.Root.StructTreeRoot.IDTree.Names)[::2]]
    assert str(first[0].ID) in names
    assert names == sorted(names)


@pytest.mark.slow
def test_bold_words_in_a_markdown_table_are_no_row_headers() -> None:
    data = pdf_of(Document("T", blocks=(prose("| A | B |\n|---|---|\n| **x** | **y** |"),)))
    document = opened(data)
    (table,) = elements(document, "Table")
    assert [[str(c.S) for c in row] for row in structure(table)] == [["/TH"] * 2, ["/TD"] * 2]


@pytest.mark.slow
def test_a_table_without_column_names_has_row_headers() -> None:
    table = Table((Column(""), Column("")), (Row((Cell("a"), Cell("b"))),), stub=0)
    data = pdf_of(Document("T", blocks=(TableBlock(table),)))
    document = opened(data)
    (found,) = elements(document, "Table")
    assert [[str(c.S) for c in row] for row in structure(found)] == [["/TH", "/TD"]]


@pytest.mark.slow
def test_a_suppressed_cell_is_read_out_as_suppressed(tmp_path: Path) -> None:
    hidden = Cell("[c]", "suppressed")
    rows = (
        Row((Cell("North"), hidden, Cell("12"))),
        Row((hidden, Cell("not stated", "not stated"), hidden), "total"),
    )
    columns = (Column("Place"), Column("Girls", "number"), Column("All", "number"))
    value = Table(columns, rows, notes=("[c] suppressed: too small.",))
    blocks = (
        prose("## Results\n\n| a | b |\n|---|---|\n| *x* | ***y*** |"),
        TableBlock(value, "tbl-a", "Girls", 1),
    )
    data = pdf_of(Document("Report", samples.FRONT, blocks, 0))
    document = opened(data)
    said = [str(one.ActualText) for one in elements(document, "Span") if "/ActualText" in one]
    assert said == ["suppressed"] * 3
    # The sign stands there as text, so that it can be searched for.
    assert "".join(pages(data)).count("[c]") == 4
    assert findings(data, tmp_path) == []
