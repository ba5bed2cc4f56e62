"""Read a table by its contract, block by block: its values as Arrow, and what is wrong with it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from jpreport.data.cleaning import RAW_ROW, DeriveError, derived_cells
from jpreport.data.contract import Resource
from jpreport.data.form import Fault, Scan, UnreadableFileError
from jpreport.data.quick import UnsureError, quick_scans
from jpreport.data.scan import scans
from jpreport.data.typed import Bad, Column, cast
from jpreport.errors import Problem

# The column that says in which row of its file a record stands: no field can bear this name.
ROW = '"row"'
# As many problems of one file are listed; then only how many more there are.
LISTED = 20


class Found:
    """The faults of a table: the first ones by row and column, and how many there are."""

    def __init__(self, resource: Resource) -> None:
        self._order = {name: at for at, name in enumerate(resource.field_names)}
        self.first: list[Fault] = []
        self.count = 0

    def _place(self, fault: Fault) -> tuple[int, int]:
        return fault.row or 0, self._order.get(fault.column.partition(",")[0], -1)

    def add(self, faults: Iterable[Fault], count: int | None = None) -> None:
        """Take in faults; where only the first of them are given, `count` says how many."""
        given = list(faults)
        self.count += len(given) if count is None else count
        if given:
            self.first = sorted([*self.first, *given], key=self._place)[:LISTED]

    def add_cells(self, name: str, rows: Any, bad: Iterator[Bad]) -> None:  # noqa: ANN401 (numpy)
        """Take in what is wrong with cells of a column, given in the order of their rows."""
        first = [
            Fault(message, hint, int(rows[at]), name) for at, (message, hint) in islice(bad, LISTED)
        ]
        self.add(first, len(first) + sum(1 for _ in bad))

    def problems(self, resource: Resource) -> Iterator[Problem]:
        """Yield the first faults in full, then how many more there are."""
        for fault in self.first:
            where = resource.place.at(row=fault.row, column=fault.column or None)
            yield Problem(where, fault.message, fault.hint)
        if (more := self.count - len(self.first)) > 0:
            text = f"and {more} more problem{'s' if more > 1 else ''}"
            yield Problem(resource.place, text, "mend these first")


@dataclass(slots=True)
class Reading:
    """A table as it was read: its records in Arrow, each with its row, and the faults in them.

    `broken` says that it cannot be taken for the table at all, `whole` that no row was left out,
    `unread` are columns in which cells have no meaning; they have no value there. `path` is the
    file that a large table is written to.
    """

    table: Any
    found: Found
    broken: bool = False
    whole: bool = True
    unread: frozenset[str] = frozenset()
    doubts: list[Fault] = field(default_factory=list)
    path: Path | None = None

    @classmethod
    def failed(cls, resource: Resource, message: str) -> Reading:
        """Return what there is of a file that cannot be read at all."""
        return _read(resource, iter([Scan.failed(message)]), None)

    def let_go(self) -> None:
        """Remove the file: what is in it stays, until nothing holds it, and nobody can open it."""
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink()


class _Parts:
    """Blocks of a table one after another, in memory or a private file; a part has one schema."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._blocks: list[list[pa.RecordBatch]] = []
        self._paths: list[Path] = []
        self._schema: pa.Schema | None = None
        self._writer: Any = None

    def add(self, block: pa.RecordBatch) -> None:
        if block.schema != self._schema:
            self._open(block.schema)
        elif not len(block):
            return
        if self._writer is None:
            self._blocks[-1].append(block)
        else:
            self._writer.write_batch(block)

    def _open(self, schema: pa.Schema) -> None:
        self._close()
        self._schema = schema
        if self._folder is None:
            self._blocks.append([])
            return
        handle, name = tempfile.mkstemp(prefix=".records.", dir=self._folder)
        os.close(handle)
        self._paths.append(Path(name))
        self._writer = pa.ipc.new_file(name, schema)

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def tables(self) -> list[tuple[pa.Table, Path | None]]:
        """Return each part with its file."""
        self._close()
        if self._folder is None:
            return [(pa.Table.from_batches(blocks), None) for blocks in self._blocks]
        return [(mapped(path), path) for path in self._paths]

    def drop(self) -> None:
        """Remove the files."""
        self._close()
        for path in self._paths:
            path.unlink(missing_ok=True)


def mapped(path: Path) -> pa.Table:
    """Return the table in an Arrow file, in memory shared with the file."""
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def _joined(
    parts: _Parts, kinds: Callable[[str], pa.DataType], folder: Path | None
) -> tuple[pa.Table, Path | None]:
    """Return all parts as one table, written anew where their types differ."""
    found = parts.tables()
    fields = []
    for name in found[0][0].column_names:
        own = {table.schema.field(name).type for table, _ in found}
        listed = len(own) == 1 and pa.types.is_dictionary(next(iter(own)))
        fields.append(pa.field(name, next(iter(own)) if listed else kinds(name)))
    schema = pa.schema(fields)
    if len(found) == 1 and found[0][0].schema == schema:
        return found[0]
    return _written((table for table, _ in found), schema, folder, parts)


def _written(
    tables: Iterable[pa.Table], schema: pa.Schema, folder: Path | None, before: _Parts | None = None
) -> tuple[pa.Table, Path | None]:
    again = _Parts(folder)
    for table in tables:
        for block in table.to_batches():
            columns = [cast(block[one.name], one.type) for one in schema]
            again.add(pa.RecordBatch.from_arrays(columns, schema=schema))
    again.add(pa.RecordBatch.from_pylist([], schema))
    if before is not None:
        before.drop()
    [one] = again.tables()
    return one


def read_table(resource: Resource, file: BinaryIO, folder: Path | None = None) -> Reading:
    """Return the records of a file in its order, and everything that is wrong with them.

    Columns are in declared order, then `ROW`. Types: string (by place in it, where the contract
    has a closed list), int64 (integer, year), bool, date32, timestamp[us] (in the zone of the
    field), and for numbers decimal128 (exact) unless they have more than 6 decimals or 18 digits:
    then float64. With a `folder`, records are written to a file there as they are read, and only
    some thousands are in memory. Raises OSError.
    """
    if resource.format == "csv":
        with suppress(UnsureError):
            return _read(resource, quick_scans(resource, file), folder)
    try:
        return _read(resource, scans(resource, file), folder)
    except UnreadableFileError as error:
        return _read(resource, iter([error.scan]), None)


def _read(resource: Resource, blocks: Iterator[Scan], folder: Path | None) -> Reading:
    parts = _Parts(folder)
    try:
        return _taken(resource, blocks, folder, parts)
    except BaseException:
        parts.drop()
        raise


def _taken(
    resource: Resource, blocks: Iterator[Scan], folder: Path | None, parts: _Parts
) -> Reading:
    found = Found(resource)
    columns: dict[str, Column] = {}
    reading = Reading(None, found)
    for scan in blocks:
        found.add(scan.faults)
        reading.broken |= bool(scan.faults)
        reading.whole &= scan.whole
        reading.doubts += scan.doubts
        columns = columns or {
            one.name: Column(one, resource) for one in resource.fields if one.name in scan.columns
        }
        block = {}
        for name, column in columns.items():
            block[name], bad = column.read(scan.columns[name])
            found.add_cells(name, scan.rows, bad)
        block[ROW] = pa.array(scan.rows, pa.int32())
        parts.add(pa.RecordBatch.from_pydict(block))
    reading.broken |= any(column.broken for column in columns.values())
    reading.unread = frozenset(name for name, one in columns.items() if one.unread)
    kinds = {name: column.kind for name, column in columns.items()} | {ROW: pa.int32()}
    reading.table, reading.path = _joined(parts, kinds.__getitem__, folder)
    if not found.count and any(one.derive for one in resource.fields):
        _derive(resource, reading, folder)
    return reading


def _derive(resource: Resource, reading: Reading, folder: Path | None) -> None:
    """Add the derived columns: each sees those of the file, and the derived ones before it."""
    table = reading.table
    rows = table[ROW].to_numpy()
    for one in resource.fields:
        if not one.derive:
            continue
        column, before = Column(one, resource), 0
        blocks: list[pa.Array] = []
        names = [RAW_ROW if name == ROW else name for name in table.column_names]
        try:
            for cells in derived_cells(one, table.rename_columns(names)):
                values, bad = column.read(cells)
                if column.broken:
                    why = f"it gives something other than a {one.type}"
                    raise DeriveError(one.name, why, why)  # noqa: TRY301 (as one of DuckDB's)
                reading.found.add_cells(one.name, rows[before:], bad)
                blocks.append(values)
                before += len(values)
        except DeriveError as error:
            name, kind, why = error.args
            message = f'"derive" gives an error: {kind if resource.sensitive else why}'
            reading.found.add([Fault(message, "correct it in datapackage.json", None, name)])
            reading.broken = True
            return
        listed = bool(blocks) and all(pa.types.is_dictionary(block.type) for block in blocks)
        kind = blocks[0].type if listed else column.kind
        table = table.append_column(
            one.name, pa.chunked_array([cast(block, kind) for block in blocks], kind)
        )
        reading.unread |= {one.name} if column.unread else set()
    table = table.select([*resource.field_names, ROW])
    if reading.path is None:
        reading.table = table
    else:
        reading.let_go()
        reading.table, reading.path = _written([table], table.schema, folder)


def kept(resource: Resource, path: Path) -> Reading:
    """Return a table without faults that was written to a file; raises OSError, ArrowInvalid."""
    return Reading(mapped(path), Found(resource), path=path)


def plain_text(column: Any) -> Any:  # noqa: ANN401 (arrays and chunked ones)
    """Return a column of a closed list as the texts that it stands for; others as they are."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
