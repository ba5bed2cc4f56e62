"""Find records that stand twice, or refer to none, in tables that were read."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from jpreport.data.cellcheck import shower
from jpreport.data.contract import ForeignKey, Resource, quoted
from jpreport.data.form import Fault
from jpreport.data.kept import Opened
from jpreport.data.reading import LISTED, ROW, Found
from jpreport.data.sql import SPILLING, locked
from jpreport.files.private import private_folder

if TYPE_CHECKING:
    import duckdb

# Among more values, the one that was meant is not looked for.
_MOST_NEAR = 100_000


_ROW = quoted(ROW)


class Asking:
    """DuckDB over tables that were read; what does not fit into memory goes to a private folder."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._functions: set[str] = set()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the tables."""
        self._stack.close()

    def __call__(self, sql: str, **tables: Opened) -> Any:  # noqa: ANN401 (duckdb's result)
        """Return the result of a SELECT over some tables."""
        for name, opened in tables.items():
            self._connected.register(name, opened.reading.table)
        return self._connected.execute(sql)

    def function(self, name: str, function: Callable[[Any], Any]) -> None:
        """Let SQL call a function from texts to texts, both columns of Arrow."""
        if name not in self._functions:
            self._functions.add(name)
            from duckdb.func import PythonUDFType

            kind = "VARCHAR"
            self._connected.create_function(name, function, [kind], kind, type=PythonUDFType.ARROW)

    @cached_property
    def _connected(self) -> duckdb.DuckDBPyConnection:
        folder = self._stack.enter_context(private_folder())
        return self._stack.enter_context(locked(**SPILLING, temp_directory=str(folder)))


def check_keys(resource: Resource, opened: Opened, ask: Asking, found: Found) -> None:
    """Check the primary key and the unique columns."""
    reading, primary = opened.reading, resource.primary_key
    columns = frozenset(reading.table.column_names)
    for name in primary:
        said = resource.field(name).required or name in reading.unread
        if name in columns and not said and reading.table[name].null_count:
            what = f"FROM t WHERE {quoted(name)} IS NULL"
            rows = ask(f"SELECT {_ROW} {what} ORDER BY 1 LIMIT {LISTED}", t=opened).fetchall()
            message, hint = "is empty, but is part of the primary key", "fill it in"
            faults = [Fault(message, hint, row, name) for (row,) in rows]
            found.add(faults, reading.table[name].null_count)
    if primary and columns.issuperset(primary):
        message = "the primary key {key} stands in row {row} already"
        hint = "remove one of the two rows, or correct its key"
        _repeated(resource, opened, ask, found, primary, (message, hint))
    for field in resource.fields:
        if field.unique and field.name in columns and primary != (field.name,):
            message = "{key} stands in row {row} already, but each value may stand once"
            told = (message, "correct one of the two rows")
            _repeated(resource, opened, ask, found, (field.name,), told)


def _repeated(  # noqa: PLR0913, PLR0917
    resource: Resource,
    opened: Opened,
    ask: Asking,
    found: Found,
    names: Sequence[str],
    told: tuple[str, str],
) -> None:
    """Find keys that stand in two rows; the message has places for the key and the first row."""
    keys = ", ".join(map(quoted, names))
    stated = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in names)
    hashes = ask(f"SELECT hash({keys}) AS h FROM t WHERE {stated}", t=opened).fetchnumpy()["h"]  # noqa: S608
    hashes = np.sort(np.asarray(hashes))
    if not (hashes[1:] == hashes[:-1]).any():
        return  # keys with different digests are different
    twice = (
        f"(SELECT {keys}, min({_ROW}) AS first_row, count(*) - 1 AS more FROM t WHERE {stated} "  # noqa: S608
        "GROUP BY ALL HAVING count(*) > 1)"
    )
    ((count,),) = ask(f"SELECT coalesce(sum(more), 0) FROM {twice}", t=opened).fetchall()  # noqa: S608
    rows = ask(
        f"SELECT {_ROW}, first_row, {keys} FROM t JOIN {twice} USING ({keys}) "  # noqa: S608
        f"WHERE {_ROW} > first_row ORDER BY 1 LIMIT {LISTED}",
        t=opened,
    ).fetchall()
    show = shower(resource)
    faults = []
    for row, first, *values in rows:
        key = ", ".join(f"{n} {show(value)}" for n, value in zip(names, values, strict=True))
        message, hint = told
        faults.append(Fault(message.format(key=key, row=first), hint, row, ", ".join(names)))
    found.add(faults, int(count))


def check_reference(  # noqa: PLR0913, PLR0917
    resource: Resource,
    opened: Opened,
    key: ForeignKey,
    target: Resource,
    other: Opened,
    ask: Asking,
    found: Found,
) -> None:
    """Check that values stand in the table referred to.

    Where that table could not be read whole, a value that seems to be missing may be in what
    was not read: nothing is said then, the faults over there are.
    """
    there = other.reading
    if not there.whole or not {*key.references} <= {*there.table.column_names}:
        return
    if there.unread & set(key.references) or not {*key.fields} <= {
        *opened.reading.table.column_names
    }:
        return
    pairs = zip(key.fields, key.references, strict=True)
    same = " AND ".join(f"t.{quoted(own)} = o.{quoted(one)}" for own, one in pairs)
    stated = " AND ".join(f"t.{quoted(name)} IS NOT NULL" for name in key.fields)
    lost = f"FROM t WHERE {stated} AND NOT EXISTS (SELECT 1 FROM o WHERE {same})"  # noqa: S608
    ((count,),) = ask(f"SELECT count(*) {lost}", t=opened, o=other).fetchall()
    if not count:
        return
    keys = ", ".join(map(quoted, key.fields))
    sql = f"SELECT {_ROW}, {keys} {lost} ORDER BY 1 LIMIT {LISTED}"
    rows = ask(sql, t=opened, o=other).fetchall()
    # What stands nearest is a value of the other table, which may be about persons as well.
    hidden = resource.sensitive or target.sensitive or len(key.references) > 1
    texts = [] if hidden else _texts(key.references[0], other, ask)
    place = f"{target.name}.{'+'.join(key.references)}"
    faults = []
    for row, *values in rows:
        near = difflib.get_close_matches(str(values[0]), texts, n=1)
        hint = f'did you mean "{near[0]}"?' if near else "correct it, or add the record over there"
        value = ", ".join(map(shower(resource), values))
        message = f"{value} is not in {place} ({target.place})"
        faults.append(Fault(message, hint, row, ", ".join(key.fields)))
    found.add(faults, int(count))


def _texts(column: str, other: Opened, ask: Asking) -> list[str]:
    sql = f"SELECT DISTINCT {quoted(column)} FROM o WHERE {quoted(column)} IS NOT NULL"  # noqa: S608
    rows = ask(f"{sql} LIMIT {_MOST_NEAR + 1}", o=other).fetchall()
    return [str(value) for (value,) in rows] if len(rows) <= _MOST_NEAR else []
