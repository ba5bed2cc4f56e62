"""Load a table into Arrow with the types of its contract: the fast way, for valid files."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import reduce
from typing import Any

from jpreport.data.cells import UnreadableError, cell_reader, plain_cell
from jpreport.data.cleaning import RAW_ROW, DeriveError, derived_cells
from jpreport.data.contract import Cell, Field, Resource, Value
from jpreport.data.parquet import ParquetError, read_parquet
from jpreport.data.scan import Scan, decode, scan_file

# Money and rates have at most this many decimals; more are measurements, kept as floats.
_DECIMALS = 6
_DECIMAL_DIGITS = 18


class LoadError(ValueError):
    """The file breaks its contract; the check of its records says where and how."""


def _places(value: Decimal) -> tuple[int, int]:
    """Return the digits before the point and the decimals that are not trailing zeros."""
    if not value:
        return 0, 0
    _, digits, exponent = value.as_tuple()
    power = int(exponent)  # of a finite number
    decimals = max(-power, 0)
    for digit in reversed(digits):
        if digit or not decimals:
            break
        decimals -= 1
    return max(len(digits) + power, 0), decimals


def _numbers(values: Sequence[Decimal | None]) -> Any:  # noqa: ANN401 (pyarrow has no types)
    """Return numbers as exact decimals where they look like money, else as floats."""
    import pyarrow as pa

    places = [_places(value) for value in values if value is not None]
    whole = max((digits for digits, _ in places), default=0)
    decimals = max((count for _, count in places), default=0)
    if decimals <= _DECIMALS and whole + decimals <= _DECIMAL_DIGITS:
        return pa.array(values, pa.decimal128(_DECIMAL_DIGITS, decimals))
    return pa.array([None if value is None else float(value) for value in values], pa.float64())


def _values(field: Field, values: Sequence[Any]) -> Any:  # noqa: ANN401 (pyarrow has no types)
    import pyarrow as pa

    if field.type == "number":
        return _numbers(values)
    kinds = {
        "string": pa.string(),
        "integer": pa.int64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "datetime": pa.timestamp("us"),
        "year": pa.int64(),
    }
    return pa.array(values, kinds[field.type])


def _typed(field: Field, column: Any) -> Any:  # noqa: ANN401 (pyarrow has no types)
    """Return a column with the type of its field; every distinct cell is read once.

    Raises UnreadableError.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if field.type == "string" and pa.types.is_string(column.type):
        missing = pa.array(field.missing_values, pa.string())
        return pc.if_else(pc.is_in(column, missing), pa.scalar(None, pa.string()), column)
    encoded = pa.chunked_array(column).combine_chunks().dictionary_encode()
    read = cell_reader(field)
    cells = encoded.dictionary.to_pylist()
    values: list[Value] = [read(plain_cell(cell, field)) for cell in cells]
    return _values(field, values).take(encoded.indices)


def _without_blank_rows(table: Any) -> Any:  # noqa: ANN401 (pyarrow has no types)
    import pyarrow as pa
    import pyarrow.compute as pc

    blanks = []
    for column in table.columns:
        blank = column.is_null()
        if pa.types.is_string(column.type):
            blank = pc.or_(blank, pc.fill_null(pc.equal(column, ""), False))  # noqa: FBT003
        blanks.append(blank)
        if not pc.any(blank).as_py():
            return table
    return table.filter(pc.invert(reduce(pc.and_, blanks)))


def _csv(resource: Resource, content: bytes) -> Any:  # noqa: ANN401 (pyarrow has no types)
    import pyarrow as pa
    from pyarrow import csv

    # Bytes that are no text must not reach Arrow, which tells of them past us.
    content = decode(content, resource.encoding).encode()
    return csv.read_csv(
        pa.BufferReader(content),
        # One block: a value in quotes may run over any number of lines.
        read_options=csv.ReadOptions(use_threads=False, block_size=max(len(content), 1)),
        parse_options=csv.ParseOptions(
            delimiter=resource.delimiter,
            newlines_in_values=True,
            # A row of separators alone is blank, however many there are.
            invalid_row_handler=lambda row: (
                "error" if row.text.strip(f'{resource.delimiter}"') else "skip"
            ),
        ),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(resource.field_names, pa.string()),
            include_columns=list(resource.field_names),
            strings_can_be_null=False,
        ),
    )


def table_of(resource: Resource, scan: Scan) -> tuple[Any, dict[str, list[Cell]]]:
    """Return the Arrow table of a scan without faults, and the cells of its derived columns.

    A derived column sees those of the file, and the derived ones before it. Raises DeriveError,
    UnreadableError.
    """
    import pyarrow as pa

    cells: dict[str, list[Cell]] = {}

    def typed(field: Field, column: Sequence[Cell]) -> Any:  # noqa: ANN401 (pyarrow has no types)
        return _values(field, list(map(cell_reader(field), column)))

    own = [field for field in resource.fields if not field.derive]
    table = pa.table({field.name: typed(field, scan.columns[field.name]) for field in own})
    if len(own) < len(resource.fields):
        table = table.append_column(RAW_ROW, pa.array(scan.rows, pa.int64()))
        for field in resource.fields:
            if field.derive:
                cells[field.name] = derived_cells(field, table)
                try:
                    column = typed(field, cells[field.name])
                except UnreadableError:
                    why = f"it gives something other than a {field.type}"
                    raise DeriveError(field.name, why, why) from None
                table = table.append_column(field.name, column)
    return table.select(list(resource.field_names)), cells


def load_table(resource: Resource, content: bytes) -> Any:  # noqa: ANN401 (pyarrow has no types)
    """Return the records of a file as an Arrow table, in the file's order.

    Columns are in declared order. Types: string, int64 (integer, year), bool, date32,
    timestamp[us] (in the zone of the field), and for numbers decimal128 (exact) unless they
    have more than 6 decimals or 18 digits: then float64. Raises LoadError where the file
    breaks its contract.
    """
    import pyarrow as pa

    try:
        if resource.is_workbook or not resource.plain:
            # Read cell by cell: columns of a workbook can mix types.
            scan = scan_file(resource, content)
            if scan.faults:
                raise LoadError
            return table_of(resource, scan)[0]
        raw = _csv(resource, content) if resource.format == "csv" else read_parquet(content)
        raw = _without_blank_rows(raw.select(list(resource.field_names)))
        columns = {field.name: _typed(field, raw.column(field.name)) for field in resource.fields}
        return pa.table(columns)
    except (
        pa.ArrowException,
        ParquetError,
        UnreadableError,
        UnicodeDecodeError,
        DeriveError,
        KeyError,
    ) as error:
        raise LoadError from error
