"""Clean a raw table by the steps that its contract declares; the file itself stays as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from jpreport.data.contract import Cell, Cleaning, Field, Merged, Resource
from jpreport.data.descriptor import Node

if TYPE_CHECKING:
    from jpreport.files.sheets import At

Line = Sequence[Cell]

# What a derived column may ask for beside the columns: the row of the file, as Excel counts it.
RAW_ROW = "raw_row"
_AT_ONCE = 100_000


def cleaning_of(node: Node, own: Node) -> Cleaning | None:
    """Return the steps that a resource declares; None where it declares none.

    Those that the standard has stand in its dialect: `headerRows`, `headerJoin`, `commentRows`.
    Others stand in `jpreport.clean`: `trim`, `merged` (by column: "fill" or "first"), `leaveOut`
    (by column: the values whose rows are no records).
    """
    dialect, clean = node.child("dialect"), own.child("clean")
    clean.only(("trim", "merged", "leaveOut"), 'in "clean", the step')
    first = dialect.raw.get("headerRows", [1]) == [1] and not dialect.raw.get("commentRows")
    if first and not clean.raw:
        return None
    merged = clean.get("merged", dict, {})
    if unknown := [how for how in merged.values() if how not in ("fill", "first")]:
        clean.fault(f'"merged" cannot be {unknown[0]!r}', 'use "fill" or "first"')
    left = clean.child("leaveOut")
    return Cleaning(
        header_rows=_rows(dialect, "headerRows") or (1,),
        header_join=dialect.get("headerJoin", str, " "),
        comment_rows=frozenset(_rows(dialect, "commentRows")),
        trim=clean.get("trim", bool, False),
        merged={str(name): cast(Merged, how) for name, how in merged.items()},
        leave_out={name: left.texts(name) for name in left.raw},
    )


def _rows(dialect: Node, key: str) -> tuple[int, ...]:
    rows = dialect.get(key, list, [])
    if all(isinstance(row, int) and not isinstance(row, bool) and row > 0 for row in rows):
        return tuple(rows)
    dialect.fault(f'the dialect property "{key}" holds something other than numbers of rows')
    return ()


def tidy(cell: Cell) -> Cell:
    """Return a text without space at its ends, and with single plain spaces within."""
    return " ".join(cell.split()) if isinstance(cell, str) else cell


def squared(lines: Sequence[Line]) -> list[tuple[Cell, ...]]:
    """Return lines of one width: empty cells at the end of a line may be left out of a file."""
    width = max(
        (place for line in lines for place, cell in enumerate(line, 1) if cell not in (None, "")),
        default=0,
    )
    return [(*line[:width], *(None,) * (width - len(line))) for line in lines]


def column_names(lines: Sequence[Line], cleaning: Cleaning, body: Iterable[Line]) -> list[str]:
    """Return the names of columns: header rows joined, doubled ones numbered, none left empty."""
    rows = [lines[row - 1] if row <= len(lines) else () for row in cleaning.header_rows]
    filled = {place for line in body for place, cell in enumerate(line) if cell not in (None, "")}
    width = max(map(len, rows), default=0)
    names: list[str] = []
    for place in range(max(width, *(one + 1 for one in filled)) if filled else width):
        parts = [str(row[place]) for row in rows if place < len(row) and row[place] is not None]
        name = cleaning.header_join.join(dict.fromkeys(part for part in parts if part.strip()))
        name = str(tidy(name)) if cleaning.trim else name
        names.append(name or (f"Column {place + 1}" if place in filled else ""))
    seen: Counter[str] = Counter()
    for place, name in enumerate(names):
        seen[name] += 1
        if name and seen[name] > 1:
            names[place] = f"{name} ({seen[name]})"
    return names


def cleaned(
    lines: Sequence[Line], cleaning: Cleaning | None, areas: list[tuple[At, At]] | None = None
) -> tuple[list[str], Iterable[tuple[int, Line]]]:
    """Return the header and the numbered rows of records of a sheet's lines.

    `areas` are merged ones of the sheet; those that a step takes care of are taken out of it.
    """
    if cleaning is None:
        header = ["" if cell is None else str(cell) for cell in lines[0]]
        return header, enumerate(lines[1:], start=2)
    grid = [list(line) for line in lines]
    areas = [] if areas is None else areas
    # Lines above and between the rows of the header are titles: they may be merged as they like.
    last = max(cleaning.header_rows)
    for (top, left), (bottom, right) in [*areas]:
        if bottom <= last:
            for row in range(top, bottom + 1):
                _fill(grid, row, range(left, right + 1), grid[top - 1][left - 1])
            areas.remove(((top, left), (bottom, right)))
    rows = [row for row in range(last + 1, len(grid) + 1) if row not in cleaning.comment_rows]
    header = column_names(grid, cleaning, (grid[row - 1] for row in rows))
    for (top, left), (bottom, right) in [*areas]:
        declared = [at for at in range(left, right + 1) if header[at - 1] in cleaning.merged]
        filled = [at for at in declared if cleaning.merged[header[at - 1]] == "fill"]
        for row in range(top, bottom + 1):
            _fill(grid, row, filled, grid[top - 1][left - 1])
        if len(declared) == right + 1 - left:
            areas.remove(((top, left), (bottom, right)))
    return header, recorded(((row, grid[row - 1]) for row in rows), header, cleaning)


def _fill(grid: list[list[Cell]], row: int, columns: Iterable[int], value: Cell) -> None:
    for column in columns:
        if row <= len(grid) and column <= len(grid[row - 1]):
            grid[row - 1][column - 1] = value


def recorded(
    rows: Iterable[tuple[int, Line]], header: Sequence[str], cleaning: Cleaning
) -> Iterator[tuple[int, Line]]:
    """Yield the numbered rows below the header that are records, their texts trimmed."""
    out = left_out(header, cleaning)
    for row, cells in rows:
        line = [tidy(cell) for cell in cells] if cleaning.trim else cells
        skipped = any(at < len(line) and line[at] in values for at, values in out.items())
        if row not in cleaning.comment_rows and not skipped:
            yield row, line


def left_out(header: Sequence[str], cleaning: Cleaning) -> dict[int, tuple[str, ...]]:
    """Return the values that make a row no record, by the place of their column."""
    return {header.index(n): v for n, v in cleaning.leave_out.items() if n in header}


class DeriveError(ValueError):
    """A derived column cannot be computed: the first argument is its name, the second why."""


def derived_cells(field: Field, table: Any) -> Iterator[list[Cell]]:  # noqa: ANN401 (pyarrow)
    """Yield the cells of a derived column by block, as DuckDB computes them of those before it.

    `table` has the typed columns, and `raw_row`. Raises DeriveError.
    """
    import duckdb

    from jpreport.data.sql import LOCKED

    with duckdb.connect(":memory:", config=LOCKED) as connection:
        connection.register("records", table)
        sql = f"SELECT ({field.derive}\n) FROM records ORDER BY {RAW_ROW}"  # noqa: S608 (checked)
        try:
            connection.execute(sql)
            while rows := connection.fetchmany(_AT_ONCE):
                yield [cell for (cell,) in rows]
        except duckdb.Error as error:
            kind, _, rest = str(error).partition("\n")[0].partition(" Error: ")
            raise DeriveError(field.name, kind.lower(), rest or kind) from None


def unfit_steps(node: Node, resource: Resource) -> None:
    """Note the steps and the derived columns of a resource that cannot be done."""
    from jpreport.data.sql import SqlError, expression, nodes
    from jpreport.data.volatile import changing

    if resource.cleaning and resource.cleaning.merged and not resource.is_workbook:
        node.fault(f'"merged" is for workbooks: a {resource.format} file merges no cells')
    if resource.cleaning and resource.format == "parquet":
        node.fault("a Parquet file has no rows of header, titles or totals to clean")
    names = [field.name for field in resource.fields]
    for field in resource.fields:
        if not field.derive:
            continue
        try:
            tree = expression(field.derive)
        except SqlError as error:
            node.fault(f'"derive" of "{field.name}" is not an SQL expression: {error}')
            continue
        found = list(nodes(tree))
        if any(one.get("type") == "BASE_TABLE" for one in found):
            node.fault(f'"derive" of "{field.name}" asks another table', "use columns of its row")
        for name in dict.fromkeys(word for one in found for word in changing(one, names)):
            node.fault(f'"derive" of "{field.name}": "{name}" gives another result another day')
