"""HTML tables (a DataFrame, a Styler) as pandoc reads them, to tables as data."""

from __future__ import annotations

import re
from typing import Any

from jpreport.document.markdown import plain_text
from jpreport.forms.tables import Cell, Column, Row, Table

_NUMBER = re.compile(
    r"[-+\u2212]?(?:\d[\d,.\u00a0\u202f ]*|\.\d+)(?:e[-+]?\d+)?\s?%?", re.IGNORECASE
)
_MISSING = frozenset({"", "nan", "none", "nat", "<na>", "null"})

Grid = list[list[str]]


def _grid(rows: list[Any], width: int) -> Grid:
    """Return rows of pandoc cells as texts, a spanning cell repeated in each place it covers."""
    grid: list[list[str | None]] = [[None] * width for _ in rows]
    for line, (_, cells) in enumerate(rows):
        for _, _, down, across, blocks in cells:
            start = next((i for i, text in enumerate(grid[line]) if text is None), width)
            for y in range(line, min(line + down, len(rows))):
                for x in range(start, min(start + across, width)):
                    grid[y][x] = plain_text(blocks)
    return [[text or "" for text in row] for row in grid]


def _headers(head: Grid, stub: int, width: int) -> tuple[list[str], list[str]]:
    """Return the column labels and group labels that the header rows make."""
    names = [""] * width
    # pandas puts the names of the index into a row of their own.
    if stub and len(head) > 1 and any(head[-1][:stub]) and not any(head[-1][stub:]):
        names = head.pop()
    labels = head[-1] if head else names
    labels = [names[x] or labels[x] if x < stub else labels[x] for x in range(width)]
    groups = [
        "" if x < stub else " \u2013 ".join(dict.fromkeys(row[x] for row in head[:-1] if row[x]))
        for x in range(width)
    ]
    return labels, groups


def _cell(text: str) -> Cell:
    return Cell("", "empty") if text.strip().lower() in _MISSING else Cell(text)


def table_from_pandoc(node: dict[str, Any], notes: tuple[str, ...] = ()) -> Table:
    """Return a pandoc Table as a table; a row counter that pandas added is left out.

    A caption within it, as a Styler may have one, becomes a note.
    """
    _, (_, caption), columns, (_, head_rows), bodies, (_, foot_rows) = node["c"]
    said = plain_text(caption).strip()
    width = len(columns)
    stub = min((body[1] for body in bodies), default=0)
    head = _grid(head_rows, width)
    body = [row for _, _, extra, rows in bodies for row in _grid([*extra, *rows], width)]
    foot = _grid(foot_rows, width)
    labels, groups = _headers(head, stub, width)
    # A frame without rows has no row headers that would tell its index from a column.
    indexed = stub == 1 or (not body and width > 1)
    counted = [row[0] for row in body] == list(map(str, range(len(body))))
    if indexed and counted and not labels[0].strip():
        labels, groups, width = labels[1:], groups[1:], width - 1
        body, foot, stub = [row[1:] for row in body], [row[1:] for row in foot], 0
    kinds = [
        all(
            _NUMBER.fullmatch(row[x].strip())
            for row in body
            if row[x].strip().lower() not in _MISSING
        )
        and any(row[x].strip() for row in body)
        for x in range(width)
    ]
    if not stub and width > 1 and not kinds[0]:
        stub = 1
    return Table(
        columns=tuple(
            Column(labels[x], "number" if kinds[x] and x >= stub else "text", group=groups[x])
            for x in range(width)
        ),
        rows=tuple(Row(tuple(map(_cell, row))) for row in body)
        + tuple(Row(tuple(map(_cell, row)), "total") for row in foot),
        stub=stub,
        notes=(said, *notes) if said else notes,
    )
