"""Read a file with care: every cell with its row, every fault of the file's form."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jpreport.data.cellcheck import shower
from jpreport.data.cells import plain_cell
from jpreport.data.cleaning import cleaned, squared
from jpreport.data.contract import WORKBOOKS, Cell, Resource
from jpreport.data.parquet import ParquetError, is_nested, read_parquet
from jpreport.errors import did_you_mean
from jpreport.files.sheets import Sheet
from jpreport.files.workbook import BROKEN, areas, cell_name, read_sheet

_OLE = b"\xd0\xcf\x11\xe0"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a file; `row` as a spreadsheet counts it (the header is row 1)."""

    message: str
    hint: str = ""
    row: int | None = None
    column: str = ""


@dataclass(slots=True)
class Scan:
    """The cells of a table by column, the row each stands in, and the faults of form.

    `whole` says that no row with records was left out because of a fault. `doubts` break no rule.
    """

    columns: dict[str, Sequence[Cell]] = field(default_factory=dict)
    rows: Sequence[int] = ()
    faults: list[Fault] = field(default_factory=list)
    whole: bool = False
    doubts: list[Fault] = field(default_factory=list)

    @classmethod
    def failed(cls, message: str, hint: str = "", row: int | None = None) -> Scan:
        """Return the scan of a file that cannot be read at all."""
        return cls(faults=[Fault(message, hint, row)])


def is_blank(cells: Iterable[Cell]) -> bool:
    """Whether a row holds nothing: such a row is no record, in any format."""
    return all(cell is None or cell == "" for cell in cells)


def _near(name: str, others: Sequence[str]) -> str:
    """Return "did you mean" for a column by a similar name, "" where there is none."""
    found = did_you_mean(name, others)
    return found if found.startswith("did you mean") else ""


def _positions(header: Sequence[str], resource: Resource, faults: list[Fault]) -> dict[str, int]:
    """Return where each declared column stands; their order is free."""
    # Where the header is missing, the first record stands in its place.
    show, columns, row = shower(resource), resource.columns, resource.header_row
    positions: dict[str, int] = {}
    extra: list[str] = []
    for position, raw in enumerate(header):
        name = columns.get(raw)
        if name in positions:
            first = positions[name] + 1
            message = f'the column "{raw}" stands twice (columns {first} and {position + 1})'
            faults.append(Fault(message, "rename or remove one of the two", row))
        elif name:
            positions[name] = position
        elif raw:
            extra.append(raw)
    missing = [raw for raw, name in columns.items() if name not in positions]
    for name in missing if resource.match not in {"superset", "partial"} else ():
        hint = (
            _near(name, () if resource.sensitive else extra)
            or "add it, or take it out of the contract"
        )
        faults.append(Fault(f'the column "{name}" is missing', hint, row))
    for name in extra if resource.match not in {"subset", "partial"} else ():
        hint = (
            _near(name, () if resource.sensitive else missing)
            or "remove it, or describe it in datapackage.json"
        )
        faults.append(Fault(f"the column {show(name)} is not in the contract", hint, row))
    if columns and not positions:
        faults.append(Fault("has none of the columns of the contract", "", row))
    in_order = [*positions] == [*columns.values()]
    if resource.match == "exact" and not missing and not extra and not in_order:
        hint = f"the contract wants: {', '.join(columns)}"
        faults.append(Fault("the columns stand in another order", hint, row))
    return positions


def _table(
    resource: Resource, header: Sequence[str], body: Iterable[tuple[int, Sequence[Cell]]]
) -> Scan:
    """Return the scan of rows that are split into cells already."""
    scan = Scan(whole=True)
    width = len(header)
    records: list[Sequence[Cell]] = []
    rows: list[int] = []
    for row, cells in body:
        if is_blank(cells):
            continue
        if len(cells) != width:
            few = len(cells) < width
            hint = (
                "add the missing cells" if few else "put a value that holds the separator in quotes"
            )
            plural = "" if len(cells) == 1 else "s"
            message = f"has {len(cells)} cell{plural}, but the header has {width}"
            scan.faults.append(Fault(message, hint, row))
            scan.whole = False
            continue
        records.append(cells)
        rows.append(row)
    scan.rows = rows
    columns: list[Sequence[Cell]] = list(zip(*records, strict=True)) or [()] * width
    for position, name in enumerate(header):
        if not name and not is_blank(columns[position]):
            message = f"column {position + 1} holds values but has no name"
            hint = "name it in the first row, or remove it"
            scan.faults.append(Fault(message, hint, resource.header_row))
    positions = _positions(header, resource, scan.faults)
    scan.columns = {name: columns[position] for name, position in positions.items()}
    if resource.match in {"superset", "partial"}:
        absent = [name for name in resource.columns.values() if name not in positions]
        scan.columns |= dict.fromkeys(absent, [None] * len(records))
    return scan


def _first_row(resource: Resource) -> str:
    return f"the first row names the columns: {', '.join(resource.field_names)}"


def decode(content: bytes, encoding: str) -> str:
    """Return a text file's content; raises UnicodeDecodeError. A byte order mark is dropped."""
    return content.decode("utf-8-sig" if encoding == "utf-8" else encoding)


def _undecodable(content: bytes, error: UnicodeDecodeError, encoding: str) -> Scan:
    # A byte order mark is not part of what the decoder counts.
    offset = len(content) - len(error.object) + error.start
    line = content[:offset].count(b"\n") + 1
    message = f"byte {offset + 1} (line {line}, value 0x{content[offset]:02X}) is not {encoding}"
    hint = 'save it as "CSV UTF-8", or state its "encoding" in datapackage.json'
    if content.startswith(_UTF16):
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


def _scan_csv(resource: Resource, content: bytes) -> Scan:
    if not content.strip():
        return Scan.failed("is empty", _first_row(resource))
    try:
        text = decode(content, resource.encoding)
    except UnicodeDecodeError as error:
        return _undecodable(content, error, resource.encoding.upper())
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=resource.delimiter, strict=True)
    lines: list[list[str]] = []
    torn: list[Fault] = []
    try:
        lines.extend(reader)
    except csv.Error:
        message = 'a quotation mark (") is not closed, or stands inside a value undoubled'
        hint = 'put the value in quotes and write "" for each one within'
        torn = [Fault(message, hint, len(lines) + 1)]
        if not lines:
            return Scan(faults=torn)
    if resource.cleaning is None and is_blank(lines[0]):
        return Scan.failed("is empty", _first_row(resource), row=1)
    header, body = cleaned(lines, resource.cleaning)
    scan = _table(resource, header, body)
    if len(header) == 1 and not scan.columns:
        other = _other_delimiter(header[0], resource.delimiter)
        if other is not None:
            return other
    scan.faults += torn
    scan.whole = scan.whole and not torn
    return scan


def _scan_workbook(resource: Resource, content: bytes) -> Scan:
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
    scan = _table(resource, header, body)
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


def _scan_parquet(resource: Resource, content: bytes) -> Scan:
    try:
        table = read_parquet(content)
    except ParquetError:
        return Scan.failed("is not a Parquet file", "write it anew, such as with pandas to_parquet")
    faults: list[Fault] = []
    positions = _positions(table.column_names, resource, faults)
    columns = {}
    for name, position in positions.items():
        if is_nested(table.column(position)):
            faults.append(Fault("holds several values in one cell", "write one a cell", None, name))
        else:
            columns[name] = table.column(position).to_pylist()
    count = table.num_rows
    columns |= {name: [None] * count for name in resource.columns.values() if name not in positions}
    kept = [
        index
        for index, cells in enumerate(zip(*columns.values(), strict=True))
        if not is_blank(cells)
    ]
    if len(kept) < count:
        columns = {name: [cells[index] for index in kept] for name, cells in columns.items()}
    return Scan(dict(columns), [index + 2 for index in kept], faults, whole=True)


_SCANNERS = {"csv": _scan_csv, **dict.fromkeys(WORKBOOKS, _scan_workbook), "parquet": _scan_parquet}


def scan_file(resource: Resource, content: bytes) -> Scan:
    """Return the cells of a table's file, as its contract's reader takes them, and its faults."""
    scan = _SCANNERS[resource.format](resource, content)
    if resource.format != "csv":
        excel = resource.is_workbook
        for name, cells in scan.columns.items():
            declared = resource.field(name)
            scan.columns[name] = [plain_cell(cell, declared, excel=excel) for cell in cells]
    return scan
