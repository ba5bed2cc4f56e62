"""HTML that a cell shows (a DataFrame, a Styler), as pandoc reads it: tables, words around."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import shorten
from typing import Any, Literal

from jpreport.document.blocks import Prose, TableBlock
from jpreport.document.markdown import Node, Resolver, map_nodes, plain_text
from jpreport.document.markdown_text import MarkdownText
from jpreport.errors import Place, Problem
from jpreport.forms.mime import COUNTED, MARKED
from jpreport.forms.tables import Cell, Column, Row, Table

_NUMBER = re.compile(
    r"[-+\u2212]?(?:\d[\d,.\u00a0\u202f ]*|\.\d+)(?:e[-+]?\d+)?\s?%?", re.IGNORECASE
)
# As pandas writes what is missing; None is a text there, as are the names Nan and Null.
_MISSING = frozenset({"", "nan", "NaN", "NaT", "<NA>"})

_WORD = re.compile(r"\w+")
_CUT = re.compile(r"\d+ rows \u00d7 \d+ columns")
NO_OUTPUT = "show a table, a chart or text instead, or tag the cell `hide`"

Grid = list[list[str]]


def _cell_text(blocks: list[Any]) -> str:
    """Return the words of a cell, its paragraphs and list items apart, with web addresses."""

    def said(node: Any) -> Any:  # noqa: ANN401
        if node["t"] == "LineBreak":
            return {"t": "Space"}
        if node["t"] != "Link":
            return node
        _, words, (address, _) = node["c"]
        told = plain_text(words).strip()
        written = f"{told} ({address})" if told and told != address else address
        return {"t": "Str", "c": told if address.startswith("#") else written}

    texts = []
    for block in blocks:
        if block["t"] in {"BulletList", "OrderedList"}:
            items = block["c"] if block["t"] == "BulletList" else block["c"][1]
            texts.append("; ".join(map(_cell_text, items)))
        elif block["t"] == "Div":
            texts.append(_cell_text(block["c"][1]))
        else:
            texts.append(plain_text(map_nodes(block, said)))
    return " ".join(filter(None, map(str.strip, texts)))


def _alone(row: Any, width: int) -> bool:  # noqa: ANN401
    """Whether a row is one cell that spans the table, as a title or a source note does."""
    _, cells = row
    return width > 1 and len(cells) == 1 and cells[0][3] >= width


def _grid(rows: list[Any], width: int) -> Grid:
    """Return rows of pandoc cells as texts, a spanning cell repeated in each place it covers."""
    grid: list[list[str | None]] = [[None] * width for _ in rows]
    for line, (_, cells) in enumerate(rows):
        for _, _, down, across, blocks in cells:
            start = next((i for i, text in enumerate(grid[line]) if text is None), width)
            for y in range(line, min(line + down, len(rows))):
                for x in range(start, min(start + across, width)):
                    grid[y][x] = _cell_text(blocks)
    return [[text or "" for text in row] for row in grid]


def _headers(head: Grid, stub: int, width: int) -> tuple[list[str], list[str]]:
    """Return the column labels and group labels that the header rows make."""
    names = [""] * width
    # pandas puts the names of the index into a row of their own.
    if stub and len(head) > 1 and any(head[-1][:stub]) and not any(head[-1][stub:]):
        names = head.pop()
    labels = head[-1] if head else names
    # The names of the columns' levels stand above the index: "place / kind".
    above = [
        " / ".join(dict.fromkeys(filter(None, (names[x], *(r[x] for r in head)))))
        for x in range(stub)
    ]
    labels = [*above, *labels[stub:]]
    groups = [
        "" if x < stub else " \u2013 ".join(dict.fromkeys(row[x] for row in head[:-1] if row[x]))
        for x in range(width)
    ]
    return labels, groups


def table_from_pandoc(node: dict[str, Any]) -> tuple[Table, list[str]]:
    """Return a pandoc Table as a table, and the texts left out: missing values, a row counter.

    A caption within it, as a Styler may have one, a title and notes that span the table become
    notes; a row within it that spans the table heads the rows below it.
    """
    (_, classes, _), (_, caption), columns, (_, head_rows), bodies, (_, foot_rows) = node["c"]
    missing = frozenset({""}) if MARKED in classes else _MISSING
    width = len(columns)

    def line(texts: list[str], role: Literal["body", "total"] = "body") -> Row:
        empty = Cell("", "empty")
        return Row(tuple(empty if t.strip() in missing else Cell(t) for t in texts), role)

    spanning = [row for row in (*head_rows, *foot_rows) if _alone(row, width)]
    notes = [plain_text(caption).strip(), *(_cell_text(row[1][0][4]) for row in spanning)]
    head_rows = [row for row in head_rows if row not in spanning]
    foot_rows = [row for row in foot_rows if row not in spanning]
    body_rows = [row for _, _, extra, rows in bodies for row in (*extra, *rows)]
    stub = min((body[1] for body in bodies), default=0)
    head, body, foot = (_grid(rows, width) for rows in (head_rows, body_rows, foot_rows))
    sections = [_alone(row, width) for row in body_rows]
    values = [row for row, section in zip(body, sections, strict=True) if not section]
    labels, groups = _headers(head, stub, width)
    # A frame without rows has no row headers that would tell its index from a column.
    indexed = stub == 1 or (not values and width > 1)
    counter = [row[0] for row in values]
    first = 0
    counts = counter == list(map(str, range(len(values))))
    counts = COUNTED in classes if MARKED in classes else counts
    if indexed and counts and not labels[0].strip():
        first, stub = 1, 0
    kinds = [_numeric([row[x].strip() for row in values], missing) for x in range(width)]
    if not stub and width - first > 1 and not kinds[first]:
        stub = 1
    rows = [
        Row((Cell(row[0]),), "section") if section else line(row[first:])
        for row, section in zip(body, sections, strict=True)
    ]
    table = Table(
        columns=tuple(
            Column(labels[x], "number" if kinds[x] and x - first >= stub else "text", "", groups[x])
            for x in range(first, width)
        ),
        rows=(*rows, *(line(row[first:], "total") for row in foot)),
        stub=stub,
        notes=tuple(filter(None, notes)),
    )
    left_out = [text for row in (*body, *foot) for text in row if text.strip() in missing]
    return table, [*left_out, *(counter if first else ())]


def _numeric(texts: list[str], missing: frozenset[str]) -> bool:
    known = [text for text in texts if text not in missing]
    return any(texts) and all(map(_NUMBER.fullmatch, known))


def _flat(blocks: Sequence[Node]) -> Iterator[Node]:
    """Yield blocks without the divisions that they stand in; a heading is none of the report's."""
    for node in blocks:
        if node["t"] == "Div":
            yield from _flat(node["c"][1])
        elif node["t"] == "Header":
            yield {"t": "Para", "c": [{"t": "Strong", "c": node["c"][2]}]}
        elif not re.match(r"\s*<style\b", _raw(node)):
            yield node


def _raw(node: Node) -> str:
    """Return the markup that a block is, "" where it is more than that."""
    inner = node["c"] if node["t"] in {"Para", "Plain"} else [node]
    return str(inner[0]["c"][1]) if len(inner) == 1 and inner[0]["t"].startswith("Raw") else ""


def _words(value: Any) -> Counter[str]:  # noqa: ANN401 - any part of a pandoc tree
    """Return how often each word stands in a tree."""
    found: Counter[str] = Counter()

    def count(node: Node) -> Node:
        if node["t"] in {"Str", "Code", "Math"}:
            found.update(_WORD.findall(node["c"] if node["t"] == "Str" else node["c"][1]))
        elif node["t"] == "Image":
            found["a picture"] += 1
        return node

    map_nodes(value, count)
    return found


def _table_words(table: Table) -> Counter[str]:
    heads = (text for one in table.columns for text in (one.label, one.group))
    cells = (cell.text for row in table.rows for cell in row.cells)
    return Counter(_WORD.findall(" ".join((*heads, *cells, *table.notes))))


def html_blocks(
    where: Place, blocks: Sequence[Node]
) -> tuple[list[TableBlock | Prose], list[Problem]]:
    """Return the tables of an output with the words before, between and behind them.

    What cannot be set, and a word that would be lost, is a problem.
    """
    flow = list(_flat(blocks))
    if not any(node["t"] == "Table" for node in flow):
        what = "an HTML output that is not a table cannot be printed"
        return [], [Problem(where, what, NO_OUTPUT)]
    resolver = Resolver(where, MarkdownText(), {})
    placed: list[TableBlock | Prose] = []
    lost = _words(list(blocks))
    for tables, group in groupby(flow, key=lambda node: bool(node["t"] == "Table")):
        nodes = list(group)
        if tables:
            for table, left_out in map(table_from_pandoc, nodes):
                placed.append(TableBlock(table))
                lost -= _table_words(table) + Counter(_WORD.findall(" ".join(left_out)))
        elif cut := _CUT.fullmatch(plain_text(nodes).strip()):
            hint = "show its first rows with `.head()`, or a summary"
            return [], [Problem(where, f"pandas has cut a frame of {cut[0]}", hint)]
        elif plain_text(prose := resolver.resolve(nodes)).strip():
            placed.append(Prose(tuple(prose)))
            lost -= _words(prose)
    problems = [*resolver.problems]
    if lost:
        words = shorten(" ".join(lost), 60, placeholder=" \u2026")
        problems.append(
            Problem(where, f'no table can hold what the output says: "{words}"', NO_OUTPUT)
        )
    return placed, problems
