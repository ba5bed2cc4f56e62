"""HTML tables (a DataFrame, a Styler, a great_tables) as pandoc reads them, to tables as data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from jpreport.document.markdown import plain_text
from jpreport.forms.mime import COUNTED, MARKED, MISSING
from jpreport.forms.tables import Cell, Column, Row, Table

_NUMBER = re.compile(
    r"[-+\u2212]?(?:\d[\d,.\u00a0\u202f ]*|\.\d+)(?:e[-+]?\d+)?\s?%?", re.IGNORECASE
)
# How pandas writes what is missing; "None" and "Null" may be words of the data.
_MISSING = frozenset({"", "nan", "NaN", "NaT", "<NA>"})
_CUT = re.compile(r"\d+ rows \u00d7 \d+ columns")
_CUT_TEXT = 50  # characters, at which pandas cuts a text


@dataclass(frozen=True, slots=True)
class _Read:
    """A cell of HTML: its text, and whether its maker says that nothing is there."""

    text: str
    missing: bool = False

    @property
    def cell(self) -> Cell:
        return Cell("", "empty") if self.missing else Cell(self.text)


_NOTHING = _Read("", missing=True)
Grid = list[list[_Read]]


def cell_text(value: Any) -> str:  # noqa: ANN401, PLR0911 - any part of a pandoc tree
    """Return the words of a cell: paragraphs and items a line each, addresses behind links."""
    if isinstance(value, list):
        blocks = any(isinstance(one, dict) and one["t"] in _BLOCKS for one in value)
        return ("\n" if blocks else "").join(filter(None, map(cell_text, value)))
    match value:
        case {"t": "BulletList", "c": items}:
            return "\n".join(f"\N{BULLET} {cell_text(item)}" for item in items)
        case {"t": "OrderedList", "c": [_, items]}:
            return "\n".join(f"{n}. {cell_text(item)}" for n, item in enumerate(items, start=1))
        case {"t": "Link", "c": [_, words, [address, _]]}:
            said = cell_text(words)
            return said if address in {said, f"mailto:{said}"} else f"{said} ({address})"
        case {"t": "LineBreak"}:
            return "\n"
        case {"t": "Table", "c": [_, _, _, [_, head], bodies, [_, foot]]}:
            rows = (*head, *(row for body in bodies for row in (*body[2], *body[3])), *foot)
            return "\n".join(" ".join(cell_text(cell[4]) for cell in cells) for _, cells in rows)
        case {"t": "Para" | "Plain" | "Emph" | "Strong" | "LineBlock" | "BlockQuote", "c": inner}:
            return cell_text(inner)
        case {"t": "Header", "c": [*_, inner]} | {"t": "Div" | "Span", "c": [_, inner]}:
            return cell_text(inner)
    return plain_text(value)


_BLOCKS = frozenset(
    (
        *("Para", "Plain", "BulletList", "OrderedList", "Div", "Header", "Table", "CodeBlock"),
        *("LineBlock", "BlockQuote", "DefinitionList"),
    )
)


def _grid(rows: list[Any], width: int, *, marked: bool) -> Grid:
    """Return rows of pandoc cells, a spanning cell repeated in each place it covers."""
    grid: list[list[_Read | None]] = [[None] * width for _ in rows]
    for line, (_, cells) in enumerate(rows):
        for (_, classes, _), _, down, across, blocks in cells:
            text = cell_text(blocks)
            gone = MISSING in classes if marked else text.strip() in _MISSING
            start = next((i for i, read in enumerate(grid[line]) if read is None), width)
            for y in range(line, min(line + down, len(rows))):
                for x in range(start, min(start + across, width)):
                    grid[y][x] = _Read(text, gone)
    return [[read or _NOTHING for read in row] for row in grid]


def _spans(row: Any, width: int) -> bool:  # noqa: ANN401
    """Return whether a row is one cell across the table, which heads or explains it."""
    return bool(width > 1 and len(row[1]) == 1 and row[1][0][3] == width)


def _headers(head: Grid, stub: int, width: int) -> tuple[list[str], list[str]]:
    """Return the column labels and group labels that the header rows make."""
    rows = [[read.text for read in row] for row in head]
    names = [""] * width
    # pandas puts the names of the index into a row of their own.
    if stub and len(rows) > 1 and any(rows[-1][:stub]) and not any(rows[-1][stub:]):
        names = rows.pop()
    labels = rows[-1] if rows else names
    labels = [names[x] or labels[x] if x < stub else labels[x] for x in range(width)]
    groups = [
        "" if x < stub else " \u2013 ".join(dict.fromkeys(row[x] for row in rows[:-1] if row[x]))
        for x in range(width)
    ]
    return labels, groups


def cut_table(node: dict[str, Any], following: str) -> bool:
    """Return whether pandas left out rows, columns or the ends of texts of a table.

    `following` is what stands behind the table.
    """
    (_, classes, _), *_, bodies, _ = node["c"]
    if MARKED in classes or "dataframe" not in classes:
        return bool(_CUT.fullmatch(following.strip()))
    texts = (cell_text(cell[4]) for body in bodies for row in body[3] for cell in row[1])
    short = any(len(text) == _CUT_TEXT - 1 and text.endswith("...") for text in texts)
    return short or bool(_CUT.fullmatch(following.strip()))


def table_from_pandoc(node: dict[str, Any]) -> tuple[list[str], Table]:
    """Return a pandoc Table as what heads it and a table; a counter of rows is left out.

    A caption within it, as a Styler may have one, heads it too; rows of one cell are sections in
    the body and notes at the foot.
    """
    (_, classes, _), (_, caption), columns, (_, heads), bodies, (_, feet) = node["c"]
    marked = MARKED in classes
    width = len(columns)
    stub = min((body[1] for body in bodies), default=0)
    rows = [row for _, _, extra, rows in bodies for row in (*extra, *rows)]
    titles = [cell_text(caption), *(cell_text(row[1][0][4]) for row in heads if _spans(row, width))]
    notes = [cell_text(row[1][0][4]) for row in feet if _spans(row, width)]
    head = _grid([row for row in heads if not _spans(row, width)], width, marked=marked)
    sections = [_spans(row, width) for row in rows]
    grid = _grid(rows, width, marked=marked)
    foot = _grid([row for row in feet if not _spans(row, width)], width, marked=marked)
    labels, groups = _headers(head, stub, width)
    body = [row for row, section in zip(grid, sections, strict=True) if not section]
    # A frame without rows has no row headers that would tell its index from a column.
    indexed = stub == 1 or (not body and width > 1)
    counted = [row[0].text for row in body] == list(map(str, range(len(body))))
    counted = COUNTED in classes if marked else counted and not labels[0].strip()
    if indexed and counted:
        labels, groups, width, stub = labels[1:], groups[1:], width - 1, 0
        body, grid, foot = ([row[1:] for row in part] for part in (body, grid, foot))
    filled = [[row[x].text for row in body if not row[x].missing] for x in range(width)]
    kinds = [bool(texts) and all(_NUMBER.fullmatch(t.strip()) for t in texts) for texts in filled]
    if not stub and width > 1 and not kinds[0]:
        stub = 1
    read = (
        Row((row[0].cell,), "section") if section else Row(tuple(one.cell for one in row))
        for row, section in zip(grid, sections, strict=True)
    )
    table = Table(
        columns=tuple(
            Column(labels[x], "number" if kinds[x] and x >= stub else "text", group=groups[x])
            for x in range(width)
        ),
        rows=(*read, *(Row(tuple(one.cell for one in row), "total") for row in foot)),
        stub=stub,
        notes=tuple(filter(None, notes)),
    )
    return [title for title in titles if title.strip()], table
