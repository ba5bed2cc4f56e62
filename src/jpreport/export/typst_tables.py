"""Tables as the Typst template takes them: cells, and what decides the width of a column."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from jpreport.document.blocks import CellLinks, FigureLink
from jpreport.export.typst_text import clean, usual, widest
from jpreport.forms.tables import Cell, Table

Json = Any

_NO_LINKS: CellLinks = MappingProxyType({})


def _cell(cell: Cell, link: FigureLink | None) -> Json:
    """Return a cell as its text, or as [text, state, note] where there is more to say.

    A quoted figure has two more: no formatted content, and its link.
    """
    text = clean(cell.text, lines=True)
    if link is not None:
        return [text, cell.state, cell.note, None, list(link)]
    if cell.state == "value" and cell.note is None:
        return text
    return [text, cell.state, cell.note]


def columns_json(
    columns: list[dict[str, str]], bodies: list[list[str]], stub: int
) -> list[dict[str, Json]]:
    """Return columns with the texts and words that could be their widest.

    `columns` holds label, kind, unit and group of each; `bodies` the texts of its cells.
    """
    out: list[dict[str, Json]] = []
    for position, (column, texts) in enumerate(zip(columns, bodies, strict=True)):
        heads = [column["label"], column["unit"]]
        lines = {line for text in texts for line in text.split("\n")}
        out.append(
            {
                **column,
                "stub": position < stub,
                "texts": widest(list(lines)),
                "usual": usual(texts),
                "words": widest([word for line in lines for word in line.split()]),
                "heads": widest([word for head in heads for word in head.split()]),
            }
        )
    return out


def table_json(table: Table, links: CellLinks = _NO_LINKS) -> dict[str, Json]:
    """Return a table as the template's `jp-table` takes it."""
    columns = [
        {
            "label": clean(column.label),
            "kind": column.kind,
            "unit": clean(column.unit),
            "group": clean(column.group),
        }
        for column in table.columns
    ]
    # A table of which no column has a name still needs header cells: those of its rows.
    named = any(column["label"] or column["group"] for column in columns)
    stub = table.stub if named else max(table.stub, 1)
    bodies = [
        [clean(row.cells[i].text, lines=True) for row in table.rows if row.role != "section"]
        for i in range(len(columns))
    ]
    return {
        "columns": columns_json(columns, bodies, stub),
        "rows": [
            [row.role, [_cell(cell, links.get((y, x))) for x, cell in enumerate(row.cells)]]
            for y, row in enumerate(table.rows)
        ],
        "stub": stub,
        "head": named,
        "notes": [clean(note) for note in table.notes],
        "signs": sorted({cell.note for row in table.rows for cell in row.cells if cell.note}),
    }
