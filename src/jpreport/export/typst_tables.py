"""Tables as the Typst template takes them: cells, and what decides the width of a column."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from jpreport.document.blocks import CellLinks, FigureLink
from jpreport.export.typst_text import clean, usual, widest
from jpreport.forms.tables import Cell, Column, Table

Json = Any
# The formatted content of cells, by row and column.
Contents = Mapping[tuple[int, int], list[Json]]

_NO_LINKS: CellLinks = MappingProxyType({})
_PLAIN: Contents = MappingProxyType({})


def _cell(cell: Cell, link: FigureLink | None, content: list[Json] | None) -> Json:
    """Return a cell as its text, or as a list where there is more to say.

    The list has text, state and note; with formatting its content; of a quoted figure its link.
    """
    text = clean(cell.text, lines=True)
    if link is not None:
        return [text, cell.state, cell.note, content, link._asdict()]
    if content is not None:
        return [text, cell.state, cell.note, content]
    if cell.state == "value" and cell.note is None:
        return text
    return [text, cell.state, cell.note]


def _column(column: Column, cells: list[Cell], *, stub: bool) -> dict[str, Json]:
    """Return a column with the texts, values and words that could be its widest."""
    label, unit = clean(column.label), clean(column.unit)
    texts = [clean(cell.text, lines=True) for cell in cells]
    lines = {line for text in texts for line in text.split("\n")}
    values = {clean(cell.text) for cell in cells if cell.state == "value"}
    return {
        "label": label,
        "kind": column.kind,
        "unit": unit,
        "group": clean(column.group),
        "stub": stub,
        "texts": widest(list(lines)),
        "values": widest(list(values)) if column.kind == "number" else [],
        "usual": usual(texts),
        "words": widest([word for line in lines for word in line.split()]),
        "heads": widest([*label.split(), *unit.split()]),
    }


def table_json(
    table: Table, links: CellLinks = _NO_LINKS, contents: Contents = _PLAIN
) -> dict[str, Json]:
    """Return a table as the template's `jp-table` takes it."""
    # A table of which no column has a name still needs header cells: those of its rows.
    named = any(column.label or column.group for column in table.columns)
    stub = table.stub if named else max(table.stub, 1)
    rows = [row for row in table.rows if row.role != "section"]
    return {
        "columns": [
            _column(column, [row.cells[i] for row in rows], stub=i < stub)
            for i, column in enumerate(table.columns)
        ],
        "rows": [
            [
                row.role,
                [
                    _cell(cell, links.get((y, x)), contents.get((y, x)))
                    for x, cell in enumerate(row.cells)
                ],
            ]
            for y, row in enumerate(table.rows)
        ],
        "stub": stub,
        "head": named,
        "notes": [clean(note) for note in table.notes],
        "signs": sorted({cell.note for row in table.rows for cell in row.cells if cell.note}),
    }
