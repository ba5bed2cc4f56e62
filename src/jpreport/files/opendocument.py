"""Read a sheet of an OpenDocument workbook as one of Excel is read: its cells, and its form."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, iterparse

from jpreport.files.sheets import Cell, Sheet

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_SPACE = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_OFFICE, _TABLE, _TEXT, _STYLE = (_SPACE % one for one in ("office", "table", "text", "style"))
_ERROR = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_ROW, _CELL, _COVERED = f"{_TABLE}table-row", f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"
_DURATION = re.compile(r"(-)?P(?:(\d+)D)?T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?")
# What a sheet can have at most: a cell that is said to stand oftener is no cell of a table.
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384


def is_opendocument(content: bytes) -> bool:
    """Say whether a file is an OpenDocument workbook: its kind stands at a fixed place."""
    return content[30:].startswith(f"mimetype{MEDIA_TYPE}".encode())


def texts_of(content: bytes) -> tuple[str, ...]:
    """Return what every sheet shows, row by row; raises ValueError for what is no workbook."""
    try:
        return tuple(
            "\n".join("\t".join(filter(None, line)) for line in sheet.lines)
            for sheet in opendocument_sheets(content, _shown)
        )
    except (zipfile.BadZipFile, SyntaxError, KeyError, EOFError) as error:
        raise ValueError(f"cannot be read as ODS: {error}") from None


def opendocument_sheets(
    content: bytes, value_of: Callable[[Element], Cell] | None = None
) -> Iterator[Sheet]:
    """Yield the sheets of a workbook; a cell is its value, or what `value_of` gives of it.

    Raises one of `files.workbook.BROKEN` for what is no workbook.
    """
    hidden: set[str] = set()
    style = ""
    reading: _Reading | None = None
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("content.xml") as xml:
        for event, element in iterparse(xml, ("start", "end")):  # noqa: S314 (as in workbook.py)
            match event, element.tag.rpartition("}")[2]:
                case "start", "style":
                    style = element.get(f"{_STYLE}name", "")
                case "end", "table-properties" if element.get(f"{_TABLE}display") == "false":
                    hidden.add(style)
                case "start", "table" if element.tag.startswith(_TABLE) and reading is None:
                    name = element.get(f"{_TABLE}name", "")
                    visible = element.get(f"{_TABLE}style-name") not in hidden
                    reading = _Reading(Sheet(name, visible), value_of or _value)
                case "end", "table-column" if reading:
                    reading.column(element)
                case "end", "table-row" if reading:
                    reading.row(element)
                    element.clear()
                case "end", "table" if reading and element.tag.startswith(_TABLE):
                    yield reading.sheet
                    reading = None
                    element.clear()


@dataclass(slots=True)
class _Reading:
    """Takes in the columns and rows of a sheet, and counts them."""

    sheet: Sheet
    value_of: Callable[[Element], Cell]
    columns: int = 0
    rows: int = 0

    def column(self, element: Element) -> None:
        """Note which columns are hidden."""
        count = min(_repeated(element, "columns"), _MOST_COLUMNS)
        if _is_hidden(element):
            self.sheet.hidden_columns += range(self.columns + 1, self.columns + count + 1)
        self.columns += count

    def row(self, element: Element) -> None:
        """Take in a row, as often as it stands."""
        count = _repeated(element, "rows")
        cells = tuple(self._cells(element))
        if self.rows + count > _MOST_ROWS:
            if cells:
                raise ValueError("has more rows than a sheet can have")
            count = max(_MOST_ROWS - self.rows, 0)
        if _is_hidden(element) and cells:
            self.sheet.hidden_rows += range(self.rows + 1, self.rows + count + 1)
        self.rows += count
        if cells:
            lacking = self.rows - count - len(self.sheet.lines)
            self.sheet.lines += [()] * lacking + [cells] * count

    def _cells(self, row: Element) -> Iterator[Cell]:
        """Yield the cells of a row up to the last that is not empty."""
        waiting, place = 0, 0
        for cell in row:
            if cell.tag not in {_CELL, _COVERED}:
                continue
            count = _repeated(cell, "columns")
            value = self._taken(cell, place) if cell.tag == _CELL else None
            place += count
            if value is None:
                waiting += count
            elif place > _MOST_COLUMNS:
                raise ValueError("has more columns than a sheet can have")
            else:
                yield from [None] * waiting + [value] * count
                waiting = 0

    def _taken(self, cell: Element, place: int) -> Cell:
        """Return the value of a cell; note if it is merged, or a formula without result."""
        at = (self.rows + 1, place + 1)
        down, right = (
            int(cell.get(f"{_TABLE}number-{one}-spanned", 1)) for one in ("rows", "columns")
        )
        if max(down, right) > 1:
            self.sheet.merged.append((at, (at[0] + down - 1, at[1] + right - 1)))
        if cell.get(f"{_TABLE}formula") and cell.get(f"{_OFFICE}value-type") is None:
            self.sheet.uncalculated.append(at)
        return self.value_of(cell)


def _repeated(element: Element, what: str) -> int:
    return int(element.get(f"{_TABLE}number-{what}-repeated", 1))


def _is_hidden(element: Element) -> bool:
    return element.get(f"{_TABLE}visibility", "visible") != "visible"


def _value(cell: Element) -> Cell:
    """Return the value of a cell, of the type that it has in a workbook of Excel."""
    kind = cell.get(f"{_OFFICE}value-type")
    said = cell.get(f"{_OFFICE}{_VALUES.get(kind or '', 'value')}")
    if kind is None or cell.get(_ERROR) == "error":
        return _shown(cell)
    match kind:
        case "boolean":
            return said == "true"
        case "date" if said:
            return dt.datetime.fromisoformat(said)
        case "time" if said:
            return _time(said)
        case "string":
            return said if said is not None else _shown(cell)
    number = float(said or "")
    return int(number) if re.fullmatch(r"-?\d+", said or "") else number


_VALUES = {
    "boolean": "boolean-value",
    "date": "date-value",
    "time": "time-value",
    "string": "string-value",
}


def _time(text: str) -> dt.time | dt.timedelta:
    """Return a time of day, or a longer time; raises ValueError for another text."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text} is no time")
    sign, days, hours, minutes, seconds = match.groups(default="0")
    span = dt.timedelta(int(days), float(seconds), 0, 0, int(minutes), int(hours))
    if sign == "-":
        return -span
    midnight = dt.datetime(1900, 1, 1)  # noqa: DTZ001 - a time without a day
    return (midnight + span).time() if span < dt.timedelta(1) else span


def _shown(cell: Element) -> str | None:
    """Return what a cell shows, a line a paragraph; None if that is nothing."""
    lines = ("".join(_words(one)) for one in cell.iterfind(f"{_TEXT}p"))
    return "\n".join(lines) or None


def _words(element: Element) -> Iterator[str]:
    yield element.text or ""
    for inner in element:
        match inner.tag.rpartition("}")[2]:
            case "s":
                yield " " * int(inner.get(f"{_TEXT}c", 1))
            case "tab":
                yield "\t"
            case "line-break":
                yield "\n"
            case "annotation":
                pass
            case _:
                yield from _words(inner)
        yield inner.tail or ""
