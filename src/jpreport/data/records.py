"""Open tables for reading: SQL on a locked DuckDB, and pandas frames."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack
from io import RawIOBase
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from jpreport.data.contract import Package, Resource
from jpreport.data.kept import Opened, Tables, cleaned_digest
from jpreport.data.sql import SPILLING, locked, nodes, syntax_tree, with_floats
from jpreport.data.validation import check_records
from jpreport.errors import NOWHERE, DataError, Place, Problem, did_you_mean
from jpreport.files.closed import lifted
from jpreport.files.private import private_folder

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

T = TypeVar("T")

_UNKNOWN_COLUMN = re.compile(r'Referenced column "([^"]*)" not found')
_UNKNOWN_TABLE = re.compile(r"Table with name (\S+) does not exist")
_FRAME_KINDS = {"string": "string", "bool": "boolean"}
_BYTES_OF_A_VALUE = 9
_FORBIDDEN = ("disabled by", "disabled through", "has been locked")


class Records:
    """The tables of a package, each read when it is first asked for.

    Use as a context manager, or call `close`. Tables are named as in the package. Files are
    read once: digests, SQL and frames agree even where a file changes meanwhile. Sensitive
    tables are closed unless `persons` is set: for protected cubes, and restricted editions.
    `kept` is a folder in which open tables are kept as Arrow files from one reading to the next.
    """

    def __init__(
        self, package: Package, *, persons: bool = False, kept: Path | None = None
    ) -> None:
        self.package = package
        self._persons = persons
        self._files = Tables(kept)
        self._opened: dict[str, Opened] = {}
        self._tables: dict[str, Any] = {}
        self._digests: dict[str, str] = {}
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._spilled: ExitStack | None = None

    def __enter__(self) -> Self:
        """Return the records; what does not fit into memory goes to a private folder meanwhile."""
        self._spilled = ExitStack()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Let go of the connection and the tables."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._tables.clear()
        self._opened.clear()
        if self._spilled is not None:
            self._spilled.close()

    @property
    def tables_read(self) -> frozenset[str]:
        """Names of the tables that were asked for so far."""
        return frozenset(self._digests)

    def resource(self, name: str) -> Resource:
        """Return the declaration of a table; raises DataError for an unknown name."""
        try:
            return self.package.resources[name]
        except KeyError:
            hint = did_you_mean(name, self.package.resources)
            raise DataError(Problem(NOWHERE, f'there is no table "{name}"', hint)) from None

    def _connected(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            more: dict[str, str] = {}
            if self._spilled is not None:
                folder = self._spilled.enter_context(private_folder())
                more = {**SPILLING, "temp_directory": str(folder)}
            self._connection = locked(**more)
        return self._connection

    def _load(self, name: str) -> Any:  # noqa: ANN401 (pyarrow has no types)
        """Return a table in Arrow, known to the connection; raises DataError."""
        resource = self.resource(name)
        if name in self._tables:
            return self._tables[name]
        if resource.sensitive and not self._persons:
            raise DataError(resource.closed)
        try:
            with lifted():
                opened = self._files.open(resource)
        except OSError as error:
            raise DataError(
                Problem(Place(resource.source), f"cannot be read: {error.strerror or error}")
            ) from error
        if opened.reading.broken:
            with lifted():
                problems = check_records(self.package, only=name)
            raise DataError(problems or Problem(resource.place, "cannot be read by its contract"))
        table = opened.reading.table.select(resource.field_names)
        self._connected().register(name, table)
        self._opened[name], self._tables[name] = opened, table
        self._digests[name] = opened.digest
        return table

    def _named(self, sql: str) -> list[str]:
        """Return the tables of the package that an SQL statement names; raises DataError."""
        import duckdb

        kinds = [statement.type for statement in self._connected().extract_statements(sql)]
        if kinds != [duckdb.StatementType.SELECT]:
            raise DataError(
                Problem(NOWHERE, "the SQL is not one SELECT statement", "write a single SELECT")
            )
        by_name = {name.lower(): name for name in self.package.resources}
        tables = (node for node in nodes(syntax_tree(sql)) if node.get("type") == "BASE_TABLE")
        named = dict.fromkeys(str(table["table_name"]).lower() for table in tables)
        return [by_name[name] for name in named if name in by_name]

    def _explained(self, error: duckdb.Error, tables: Sequence[str]) -> Problem:
        """Say in our words what DuckDB found wrong with an SQL statement."""
        text = str(error).partition("\n")[0]
        if any(phrase in text for phrase in _FORBIDDEN):
            message = "the SQL tries to read or write files, or to change settings"
            return Problem(
                NOWHERE,
                message,
                f"ask the package's tables only: {', '.join(self.package.resources)}",
            )
        if match := _UNKNOWN_TABLE.search(text):
            hint = did_you_mean(match[1], self.package.resources)
            return Problem(NOWHERE, f'there is no table "{match[1]}"', hint)
        if match := _UNKNOWN_COLUMN.search(text):
            columns = [name for table in tables for name in self.resource(table).field_names]
            return Problem(
                NOWHERE, f'there is no column "{match[1]}"', did_you_mean(match[1], columns)
            )
        kind, _, rest = text.partition(" Error: ")
        if any(self.resource(table).sensitive for table in tables):
            hint = "what DuckDB says more of it may quote records of persons"
            return Problem(NOWHERE, f"the SQL fails: {kind.lower()} error", hint)
        return Problem(NOWHERE, f"the SQL fails: {rest or kind}")

    def relation(self, name: str) -> duckdb.DuckDBPyRelation:
        """Return a table as a DuckDB relation; raises DataError."""
        self._load(name)
        return self._connected().table(name)

    def blocks(self, name: str, column: str) -> Iterator[Any]:
        """Yield a column of a table as Arrow arrays, in the order of the file; raises DataError."""
        yield from self._load(name)[column].chunks

    def frame(self, name: str) -> pd.DataFrame:
        """Return a table as a pandas frame of its own; raises DataError.

        Types: string, Int64 (integer, year), boolean, datetime64[us] (dates, moments), and
        float64 for numbers; a missing value is NA, NaT or NaN.
        """
        return to_frame(self._load(name))

    def query(
        self, sql: str, params: Sequence[object] = (), *, of: Collection[str] = ()
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT over the package's tables; `?` stands for a parameter.

        `of` names the tables where it is known that the SQL is one SELECT over them. Rows come in
        the order of the file unless the SQL says otherwise. Raises DataError for SQL that is wrong,
        that is not a single SELECT, or that reaches for anything but the package's tables; its
        problem has no `where`, which is the caller's to say.
        """
        given = list(params)
        return self._asked(sql, given, of, lambda one, sql: one.execute(sql, given).fetchall())

    def frame_of(self, sql: str) -> pd.DataFrame:
        """Return the answer to a SELECT as a frame, typed as `frame` is; raises as `query` does."""
        return to_frame(self._asked(sql, [], (), lambda one, sql: one.sql(sql).to_arrow_table()))

    def _asked(
        self,
        sql: str,
        given: list[object],
        of: Collection[str],
        take: Callable[[duckdb.DuckDBPyConnection, str], T],
    ) -> T:
        import duckdb

        tables: list[str] = []
        try:
            tables += of or self._named(sql)
            for name in tables:
                self._load(name)
            connection = self._connected()

            def binds(candidate: str) -> bool:
                try:
                    connection.execute(f"EXPLAIN {candidate}", given)
                except duckdb.BinderException:
                    return False
                return True

            return take(connection, with_floats(sql, binds))
        except duckdb.Error as error:
            # A traceback would quote the values that DuckDB names.
            raise DataError(self._explained(error, tables)) from None

    def frame_size(self, name: str) -> int:
        """Return about how many bytes a table takes as a frame; raises DataError."""
        table = self._load(name)
        kinds = zip(table.columns, table.schema.types, strict=True)
        return sum(
            one.nbytes if str(kind) == "string" else _BYTES_OF_A_VALUE * len(table)
            for one, kind in kinds
        )

    def count(self, name: str) -> int:
        """Return the number of records of a table; raises DataError."""
        return int(self._load(name).num_rows)

    def digest(self, name: str) -> str:
        """Return the SHA-256 of a table's file; raises DataError."""
        self._load(name)
        return self._digests[name]

    def cleaned_digest(self, name: str) -> str:
        """Return the SHA-256 of a table as CSV after its declared cleaning; raises DataError."""
        self._load(name)
        names = self.resource(name).field_names
        return cleaned_digest(self._opened[name], lambda table: _csv_digest(table.select(names)))


class _Digest(RawIOBase):
    """A file that only tells the digest of what is written to it."""

    def __init__(self) -> None:
        self.sha = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:  # noqa: ANN401 (bytes, or what Arrow shares)
        self.sha.update(content)
        return len(content)


def _csv_digest(table: Any) -> str:  # noqa: ANN401 (pyarrow has no types)
    """Return the SHA-256 of a table as CSV, every value as text."""
    import pyarrow as pa
    import pyarrow.csv

    schema = pa.schema([(name, pa.string()) for name in table.column_names])
    digest = _Digest()
    with pyarrow.csv.CSVWriter(digest, schema) as writer:
        for block in table.to_batches():
            columns = [column.cast(pa.string()) for column in block.columns]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
    return digest.sha.hexdigest()


def to_frame(table: Any) -> pd.DataFrame:  # noqa: ANN401 (pyarrow has no types)
    """Return an Arrow table of records as a pandas frame that may be changed."""
    import pandas as pd
    import pyarrow as pa

    columns = {}
    for name, own in zip(table.column_names, table.columns, strict=True):
        column = own.cast(pa.string()) if pa.types.is_dictionary(own.type) else own
        if pa.types.is_floating(column.type):
            columns[name] = column.to_pandas()
        elif pa.types.is_decimal(column.type):
            # By way of text: Arrow's own cast of a decimal may miss the nearest float.
            columns[name] = column.cast(pa.string()).cast(pa.float64()).to_pandas()
        elif pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
            columns[name] = column.to_pandas(date_as_object=False).astype("datetime64[us]")
        else:
            kind = _FRAME_KINDS.get(str(column.type), "Int64")
            columns[name] = column.to_pandas(types_mapper=lambda _: pd.api.types.pandas_dtype(kind))  # noqa: B023
    return pd.DataFrame(columns, copy=True)
