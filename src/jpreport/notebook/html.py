"""A table as HTML and as plain text, for JupyterLab and the terminal."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from jpreport.forms.tables import SUPPRESSED_SIGN, SUPPRESSED_WORD, Cell, Row, Table
from jpreport.language import current

_RIGHT_TO_LEFT = {"R", "AL", "RLE", "RLO", "RLI"}
# Borders in the colour of the text stand out on light and dark pages alike; the alignment is
# said in the cell because JupyterLab sets every cell flush right.
_RULE = "border-bottom:1px solid currentColor"
_CELL = "padding:3px 8px;vertical-align:top"
_NUMBER = f"{_CELL};text-align:right;font-variant-numeric:tabular-nums"
_TEXT = f"{_CELL};text-align:left"
_QUIET = "font-style:italic;opacity:.8"
NOTHING: Mapping[str, str] = MappingProxyType({})
_NARROW = 2  # spaces between the columns of plain text


def table_html(table: Table, titles: Mapping[str, str] = NOTHING) -> str:
    """Return a table as an HTML fragment; every text is escaped.

    `titles` say of the figures that cells name where they come from; a cell shows it on hover.
    """
    return (
        '<table class="jpreport-table" style="border-collapse:collapse">\n'
        f"<thead>\n{''.join(_head(table))}</thead>\n"
        f"{''.join(_bodies(table, titles))}</table>"
        f"{''.join(_notes(table))}"
    )


def _head(table: Table) -> Iterator[str]:
    if any(label for label, _ in table.groups):
        yield "<tr>"
        for label, width in table.groups:
            if label:
                style = f"{_CELL};text-align:center;{_RULE}"
                yield _cell("th", label, style, scope="colgroup", colspan=str(width))
            else:
                yield f'<td colspan="{width}"></td>'
        yield "</tr>\n"
    yield "<tr>"
    for column in table.columns:
        label = f"{column.label} ({column.unit})" if column.unit else column.label
        yield _cell("th", label, f"{_aligned(column.kind)};{_RULE}", scope="col")
    yield "</tr>\n"


def _bodies(table: Table, titles: Mapping[str, str]) -> Iterator[str]:
    """Yield the rows; a section opens a row group, so that its heading belongs to its rows."""
    yield "<tbody>\n"
    for number, row in enumerate(table.rows):
        if row.role == "section":
            if number:
                yield "</tbody>\n<tbody>\n"
            style = f"{_TEXT};{_RULE}"
            width = str(len(table.columns))
            cell = _cell("th", row.cells[0].text, style, scope="rowgroup", colspan=width)
            yield f"<tr>{cell}</tr>\n"
        else:
            yield f"<tr>{''.join(_row(table, row, titles))}</tr>\n"
    yield "</tbody>\n"


def _row(table: Table, row: Row, titles: Mapping[str, str]) -> Iterator[str]:
    for number, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True)):
        styles = [_aligned(column.kind)]
        if row.role == "total":
            styles.append("font-weight:bold;border-top:1px solid currentColor")
        elif number < table.stub:
            styles.append("font-weight:normal")
        if cell.state in {"not stated", "suppressed"}:
            styles.append(_QUIET)
        style = ";".join(styles)
        mark = f"<sup>{cell.note}</sup>" if cell.note else ""
        if number < table.stub:
            yield _cell("th", cell.text, style, mark, scope="row")
        else:
            title = titles.get(cell.figure or "", "")
            told = {"title": html.escape(title, quote=True)} if title else {}
            yield _cell("td", cell.text, style, mark, **told)


def _notes(table: Table) -> Iterator[str]:
    marked = {cell.note for row in table.rows for cell in row.cells if cell.note}
    for number, note in enumerate(table.notes, start=1):
        mark = f"<sup>{number}</sup> " if number in marked else ""
        yield f'\n<p style="font-size:smaller">{mark}{_escaped(note)}</p>'


def _aligned(kind: str) -> str:
    return _NUMBER if kind == "number" else _TEXT


def _cell(tag: str, text: str, style: str, mark: str = "", **attributes: str) -> str:
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text):
        # Without it, the order of the neighbours would turn with the text.
        attributes["dir"] = "auto"
    names = "".join(f' {name}="{value}"' for name, value in attributes.items())
    shown = _escaped(text)
    if text == SUPPRESSED_SIGN:
        shown = f'<abbr title="{current().say(SUPPRESSED_WORD)}">{shown}</abbr>'
    return f'<{tag}{names} style="{style}">{shown}{mark}</{tag}>'


def _escaped(text: str) -> str:
    return html.escape(text, quote=True).replace("\n", "<br>")


def table_text(table: Table) -> str:
    """Return a table as plain text with aligned columns."""
    labels = [
        Cell(
            " ".join(filter(None, (column.group, column.label, column.unit and f"({column.unit})")))
        )
        for column in table.columns
    ]
    rows = [tuple(labels), *(row.cells for row in table.rows if row.role != "section")]
    widths = [
        max(len(_line(cells[number])) for cells in rows) for number in range(len(table.columns))
    ]
    lines = [_aligned_line(table, labels, widths), "-" * (sum(widths) + _NARROW * len(widths))]
    lines += [
        _line(row.cells[0]) if row.role == "section" else _aligned_line(table, row.cells, widths)
        for row in table.rows
    ]
    return "\n".join([*(line.rstrip() for line in lines), *table.notes])


def _aligned_line(table: Table, cells: Sequence[Cell], widths: Sequence[int]) -> str:
    return (" " * _NARROW).join(
        f"{_line(cell):>{width}}" if column.kind == "number" else f"{_line(cell):<{width}}"
        for column, cell, width in zip(table.columns, cells, widths, strict=True)
    )


def _line(cell: Cell) -> str:
    return " ".join(cell.text.split())
