"""Tables in the PDF: none leaves the page, whatever is in it."""

from __future__ import annotations

import re
from dataclasses import replace

import pypdfium2
import pytest

import export_samples as samples
from jpreport.document.blocks import (
    Block,
    CodeBlock,
    Document,
    TableBlock,
    TextBlock,
)
from jpreport.errors import ExportError
from jpreport.export.typst import TABLE_SIZES_PT
from jpreport.forms.tables import Cell, Column, Row, Table
from pdf_reading import (
    assert_on_the_page,
    characters,
    numbers,
    pages,
    pdf_of,
    prose,
    squeezed,
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("columns", "turned", "parts"), [(4, False, 1), (9, False, 1), (14, True, 1), (30, True, 2)]
)
def test_a_table_stays_on_the_page(columns: int, turned: bool, parts: int) -> None:  # noqa: FBT001
    table = numbers(12, columns)
    data = pdf_of(Document("T", blocks=(TableBlock(table, "t", "Months", 1),)))
    assert_on_the_page(data)
    found = list(pypdfium2.PdfDocument(data))[2:]
    assert all((page.get_width() > page.get_height()) == turned for page in found)
    sizes = [size for page in found for char, _, _, size in characters(page) if char.isdigit()]
    assert min(sizes) >= min(TABLE_SIZES_PT) - 0.01
    text = "".join(pages(data)[2:])
    assert text.count("Place 0007") == parts  # the stub is repeated
    for row in table.rows:
        for cell in row.cells[1:]:
            assert cell.text in text
    assert ("Part 2 of 2" in text) == (parts == 2)


@pytest.mark.slow
def test_a_long_table_repeats_its_header() -> None:
    table = numbers(2000, 6)
    data = pdf_of(Document("T", blocks=(TableBlock(table, "t", "Places", 1),)))
    found = pages(data)[2:]
    assert len(found) > 20
    assert all("Municipality" in page and "Month 05" in page for page in found)
    text = "".join(found)
    assert [row.cells[0].text for row in table.rows] == re.findall(r"Place \d{4}", text)


@pytest.mark.slow
def test_row_headers_that_leave_no_room_are_an_error() -> None:
    wide = replace(numbers(2, 60), stub=59)
    with pytest.raises(ExportError) as caught:
        pdf_of(Document("T", blocks=(prose("# One"), TableBlock(wide, "tbl-wide", "W", 1))))
    (problem,) = caught.value.problems
    assert str(problem.where) == 'table "tbl-wide"'
    assert "fits on no page" in problem.message


@pytest.mark.slow
def test_long_words_break_within_their_column() -> None:
    word = "Donaudampfschifffahrtsgesellschaftskapitänswitwe" * 5
    table = Table(
        tuple(Column(f"{word}{i}", group=word, unit=word) for i in range(5)),
        (Row((Cell(word),), "section"), Row(tuple(Cell(word) for _ in range(5)))),
        notes=(word,),
    )
    front = replace(samples.FRONT, programme=word, status=word, short_title=word)
    blocks: tuple[Block, ...] = (
        prose(f"# {word}\n\n{word} `{word}` <https://example.org/{word}>\n\n> - {word}"),
        TableBlock(table, "t", word, 1),
        CodeBlock(word, ""),
        TextBlock(word),
    )
    data = pdf_of(Document(word, front, blocks))
    assert_on_the_page(data)
    assert squeezed("".join(pages(data))).count(word) >= 5 * 4 + 8


@pytest.mark.slow
def test_an_empty_table_says_so() -> None:
    empty = replace(numbers(1, 3), rows=())
    assert "No records" in pages(pdf_of(Document("T", blocks=(TableBlock(empty),))))[-1]
