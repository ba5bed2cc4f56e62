"""Read a file with care, block by block: every cell with its row, every fault of its form."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import BinaryIO

import numpy as np

from jpreport.data.cells import plain_cell
from jpreport.data.cleaning import cleaned, column_names, recorded, squared
from jpreport.data.contract import WORKBOOKS, Cell, Resource
from jpreport.data.form import Fault, Form, Scan, UnreadableFileError, filled_rows, is_blank
from jpreport.data.parquet import ParquetError, open_parquet
from jpreport.files.sheets import Sheet
from jpreport.files.workbook import BROKEN, areas, cell_name, read_sheet

_OLE = b"\xd0\xcf\x11\xe0"
# So much of a file is looked at together.
_BYTES, _ROWS = 1 << 20, 1 << 16
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def _first_row(resource: Resource) -> str:
    return f"the first row names the columns: {', '.join(resource.field_names)}"


def python_encoding(encoding: str) -> str:
    """Return the name by which a byte order mark is dropped."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _undecodable(resource: Resource, file: BinaryIO) -> Scan:
    """Say which byte of a file is none of its encoding."""
    decoder = codecs.getincrementaldecoder(python_encoding(resource.encoding))()
    file.seek(0)
    before, lines = 0, 1
    while True:
        content = file.read(_BYTES)
        try:
            decoder.decode(content, final=not content)
        except UnicodeDecodeError as error:
            # What was left of the block before, or a byte order mark, changes what is counted.
            at = len(content) - len(error.object) + error.start
            break
        before += len(content)
        lines += content.count(b"\n")
    offset = before + at
    file.seek(offset)
    value = file.read(1)[0]
    file.seek(0)
    utf16 = file.read(2) in _UTF16
    lines += content[: max(at, 0)].count(b"\n")
    message = (
        f"byte {offset + 1} (line {lines}, value 0x{value:02X}) is not {resource.encoding.upper()}"
    )
    hint = 'save it as "CSV UTF-8", or state its "encoding" in datapackage.json'
    if utf16:
        hint = 'it is UTF-16 (Excel calls it "Unicode Text"): save it as "CSV UTF-8"'
    return Scan.failed(message, hint)


def _other_delimiter(header: str, delimiter: str) -> Scan | None:
    """Return what to say of a header that another character separates."""
    for other in (";", "\t", "|", ","):
        if other in header and other != delimiter:
            hint = f'state "dialect": {{"delimiter": {json.dumps(other)}}} in datapackage.json'
            message = f"is separated by {_spoken(other)}, not by {_spoken(delimiter)}"
            return Scan.failed(message, hint, row=1)
    return None


def _spoken(delimiter: str) -> str:
    names = {";": "semicolons", "\t": "tabs", "|": "bars", ",": "commas"}
    return names.get(delimiter, f'"{delimiter}"')


class _Lines:
    """The lines of a CSV file, split into cells; `torn` tells of one whose quotes do not fit."""

    def __init__(self, resource: Resource, file: BinaryIO) -> None:
        self._resource, self._file = resource, file
        self.torn: list[Fault] = []

    def __iter__(self) -> Iterator[list[str]]:
        self._file.seek(0)
        text = io.TextIOWrapper(self._file, python_encoding(self._resource.encoding), newline="")
        read = 0
        try:
            for line in csv.reader(text, delimiter=self._resource.delimiter, strict=True):
                read += 1
                yield line
        except csv.Error:
            message = 'a quotation mark (") is not closed, or stands inside a value undoubled'
            hint = 'put the value in quotes and write "" for each one within'
            self.torn = [Fault(message, hint, read + 1)]
        finally:
            text.detach()


def _scan_csv(resource: Resource, file: BinaryIO) -> Iterator[Scan]:
    if not file.read(_BYTES).strip() and not file.read(1):
        yield Scan.failed("is empty", _first_row(resource))
        return
    try:
        yield from _scan_lines(resource, _Lines(resource, file))
    except UnicodeDecodeError:
        raise UnreadableFileError(_undecodable(resource, file)) from None


def _scan_lines(resource: Resource, lines: _Lines) -> Iterator[Scan]:
    cleaning, last = resource.cleaning, resource.header_row
    body = iter(lines)
    head = list(islice(body, last))
    if not head:
        yield Scan(faults=lines.torn)
        return
    rows: Iterator[tuple[int, Sequence[Cell]]]
    if cleaning is None:
        header, rows = head[0], enumerate(body, 2)
        if is_blank(header):
            yield Scan.failed("is empty", _first_row(resource), row=1)
            return
    else:
        # Below which names cells hold something is known at the end: the file is read twice.
        numbered = enumerate(body, last + 1)
        below = (line for row, line in numbered if row not in cleaning.comment_rows)
        header = column_names(head, cleaning, below)
        numbered = enumerate(lines, 1)
        rows = recorded(islice(numbered, last, None), header, cleaning)
    form = Form(resource, header)
    if len(header) == 1 and not form.positions and not form.absent:
        other = _other_delimiter(header[0], resource.delimiter)
        if other is not None:
            yield other
            return
    while some := list(islice(rows, _ROWS)):
        yield form.scan(some)
    last_one = form.scan(())
    last_one.faults += lines.torn
    last_one.whole = not lines.torn
    yield last_one


def _scan_workbook(resource: Resource, file: BinaryIO) -> Iterator[Scan]:
    scan = _scan_sheet(resource, file.read())
    for name, cells in scan.columns.items():
        declared = resource.field(name)
        scan.columns[name] = [plain_cell(cell, declared, excel=True) for cell in cells]
    yield scan


def _scan_sheet(resource: Resource, content: bytes) -> Scan:
    if content.startswith(_OLE):
        hint = "save it as .xlsx without a password"
        return Scan.failed("is an old .xls file or protected by a password", hint)
    columns = resource.columns
    try:
        sheet = read_sheet(content, resource.sheet)
    except BROKEN:
        kind = "Excel" if resource.format == "xlsx" else "OpenDocument"
        program = "Excel" if resource.format == "xlsx" else "LibreOffice"
        hint = f"open it in {program} and save it as .{resource.format}"
        return Scan.failed(f"is not an {kind} workbook", hint)
    if not isinstance(sheet, Sheet):
        name = resource.sheet if isinstance(resource.sheet, str) else f"number {resource.sheet}"
        there = f"; its sheets are: {', '.join(sheet)}" if not resource.sensitive else ""
        return Scan.failed(
            f'has no sheet "{name}"{there}', "rename the sheet, or correct it in datapackage.json"
        )
    lines = sheet.lines
    if not any(not is_blank(cells) for cells in lines):
        return Scan.failed("is empty", _first_row(resource))
    if resource.cleaning is None and is_blank(lines[0]):
        return Scan.failed("is empty, but stands above the records", _first_row(resource), row=1)
    header, body = cleaned(squared(lines), resource.cleaning, sheet.merged)
    scan = Form(resource, header).scan(body)
    places = {at: columns[raw] for at, raw in enumerate(header, 1) if raw in columns}
    scan.faults += _wrong_cells(sheet, scan.rows, places)
    if not sheet.visible and isinstance(resource.sheet, int):
        message = f"takes its records from sheet number {resource.sheet}, which is hidden"
        hint = f'name the sheet that is meant: "dialect": {{"sheet": {json.dumps(sheet.name)}}}'
        scan.faults.append(Fault(message, hint))
    scan.doubts += _hidden(sheet, scan.rows, places)
    return scan


def _wrong_cells(sheet: Sheet, rows: Sequence[int], places: Mapping[int, str]) -> Iterator[Fault]:
    """Find cells that would be read as empty although the sheet shows a value in them."""
    for area in areas(sheet, rows, list(places)):
        message = f"the cells {area} are merged: only the first of them holds the value"
        yield Fault(
            message, "unmerge them, and write the value into each cell that it is meant for"
        )
    known = set(rows)
    uncalculated = [at for at in sheet.uncalculated if at[0] in known and at[1] in places]
    for column, name in places.items():
        cells = [at for at in uncalculated if at[1] == column]
        if cells:
            count = f"{len(cells)} formula{'s' if len(cells) > 1 else ''}"
            message = (
                f"the workbook does not hold the result of {count}, first in {cell_name(cells[0])}"
            )
            hint = "open it in Excel or LibreOffice, let it calculate, and save it"
            yield Fault(message, hint, cells[0][0], name)


def _hidden(sheet: Sheet, rows: Sequence[int], places: Mapping[int, str]) -> Iterator[Fault]:
    """Tell of records that whoever looks at the sheet does not see, and that count."""
    if hidden := sorted(set(rows) & set(sheet.hidden_rows)):
        message = (
            f"{len(hidden)} of {len(rows)} records stand in hidden rows, first in row {hidden[0]}"
        )
        yield Fault(message, "they count like all others: show the rows, or remove them")
    for column in sorted(set(places) & set(sheet.hidden_columns)):
        yield Fault("is hidden in the sheet, and counts", "show the column", None, places[column])


def _scan_parquet(resource: Resource, file: BinaryIO) -> Iterator[Scan]:
    import pyarrow as pa

    broken = Scan.failed("is not a Parquet file", "write it anew, such as with pandas to_parquet")
    try:
        schema, blocks = open_parquet(file)
        form = Form(resource, schema.names)
        faults = form.faults
        for name, position in list(form.positions.items()):
            if pa.types.is_nested(schema.types[position]):
                faults.append(
                    Fault("holds several values in one cell", "write one a cell", None, name)
                )
                del form.positions[name]
        before = 2
        for block in chain(blocks, [schema.empty_table().columns]):
            columns = {name: block[position] for name, position in form.positions.items()}
            count = len(block[0]) if block else 0
            columns |= {name: pa.nulls(count) for name in form.absent}
            rows = np.arange(before, before + count)
            columns, rows = filled_rows(columns, rows)
            yield Scan(columns, rows, faults, whole=True)
            before, faults = before + count, []
    except ParquetError:
        raise UnreadableFileError(broken) from None


_SCANNERS = {"csv": _scan_csv, **dict.fromkeys(WORKBOOKS, _scan_workbook), "parquet": _scan_parquet}


def scans(resource: Resource, file: BinaryIO) -> Iterator[Scan]:
    """Yield the cells of a table's file, as its contract's reader takes them, and its faults.

    Raises UnreadableFileError where nothing of what was yielded counts.
    """
    file.seek(0)
    return _SCANNERS[resource.format](resource, file)
