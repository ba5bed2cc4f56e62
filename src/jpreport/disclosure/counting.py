"""Count the records of a sensitive table in DuckDB, by labels worked out value by value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple, Protocol

from jpreport.data.contract import Resource, quoted
from jpreport.disclosure.axes import TOTAL, Axis, AxisBuilder, Coordinate
from jpreport.disclosure.declaration import Sensitive
from jpreport.errors import NOWHERE, DisclosureError, Problem

# Whole numbers up to here are exact in the solver, with room for what it adds.
_MOST = 10**9


class Counted(NamedTuple):
    """What is behind one number: `value` counts or sums, from `persons` different persons.

    `largest` and `second` are how much of the value the two persons make who make most of it (1
    where persons are counted), `top` how much as many make as the rule of dominance says.
    """

    value: int
    persons: int
    largest: int
    second: int = 0
    top: int = 0


class Source(Protocol):
    """Where records come from: `jpreport.data.Records` is one."""

    def query(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT, in the order of the file."""


class _Dimension:
    """One dimension: what its columns hold, and the labels that each combination of them has."""

    def __init__(self, builder: AxisBuilder, table: str, source: Source) -> None:
        self.builder, dimension = builder, builder.dimension
        self._columns = dimension.columns
        listed = ", ".join(map(quoted, self._columns))
        rows = source.query(f"SELECT DISTINCT {listed} FROM {table}")  # noqa: S608 (quoted)
        self._values = sorted(rows, key=repr)
        self.has_records = bool(rows)
        self._leaves = [builder.add(row[0], row[1:]) for row in self._values]

    def merge(
        self, declaration: Sensitive, source: Source, kept: str, before: Sequence[Axis]
    ) -> None:
        """Merge what few persons have and no list; `kept` is SQL for the rows that count."""
        builder = self.builder
        if builder.problems or not builder.is_open:
            return
        if len(builder.dimension.hierarchies) > 1:
            builder.fault(
                "has several hierarchies, and values that no list of the contract names",
                'list them: "enum" of the column, or the keys of an object in "parents"',
            )
            return
        labels = [list(level) for level in zip(*map(builder.chain, self._leaves), strict=True)]
        parts = ", ".join(f"unnest(?) AS v{at}" for at in range(len(self._columns)))
        values: list[object] = [list(column) for column in zip(*self._values, strict=True)]
        persons = []
        for level in labels:
            rows = source.query(
                f"SELECT m.label, count(DISTINCT t.{quoted(declaration.unit)}) FROM {kept} t "  # noqa: S608 (quoted)
                f"JOIN (SELECT {parts}, unnest(?) AS label) m ON {self._same('m')} GROUP BY ALL",
                [*values, level],
            )
            persons.append(dict(rows))
        became = builder.merge(persons, declaration.threshold, before)
        self._leaves = [became[leaf] for leaf in self._leaves]

    def _same(self, joined: str) -> str:
        """Return the condition that a record `t` has the values of a row that is joined."""
        return " AND ".join(
            f"t.{quoted(column)} IS NOT DISTINCT FROM {joined}.v{at}"
            for at, column in enumerate(self._columns)
        )

    def place(self, axis: Axis) -> None:
        """Take the axis that was made of all values."""
        # Depth 0 is the total; then come groups and values from the top down, and the groups of
        # further hierarchies. A label always stands at the same depth of a hierarchy.
        chains = [axis.chains(leaf) for leaf in self._leaves]
        self._labels = []
        for number in range(len(axis.hierarchies)):
            ways = [own[number][: 0 if number else None : -1] for own in chains]
            longest = max(map(len, ways), default=1)
            self._labels += [
                [way[depth] if depth < len(way) else None for way in ways]
                for depth in range(1, longest)
            ]
        self.depths = 1 + len(self._labels)

    def join(self, number: int) -> tuple[str, list[str], list[object]]:
        """Return a join that labels each record, the labels' names by depth, its parameters."""
        parts = [f"unnest(?) AS v{at}" for at in range(len(self._columns))]
        parts += [f"unnest(?) AS d{depth}" for depth in range(1, self.depths)]
        names = [f"m{number}.d{depth} AS l{number}_{depth}" for depth in range(1, self.depths)]
        values: list[object] = [list(column) for column in zip(*self._values, strict=True)]
        return (
            f"JOIN (SELECT {', '.join(parts)}) m{number} ON {self._same(f'm{number}')}",
            names,
            values + self._labels,
        )


def _kept(declaration: Sensitive, table: str) -> str:
    """Return SQL for the rows that count: one a person where a rule says which, with its line."""
    lined = f"(SELECT *, row_number() OVER () AS line FROM {table})"  # noqa: S608 (quoted)
    if declaration.count != "persons" or declaration.keep == "refuse":
        return lined
    # A missing date is the weakest claim to be first or last; ties keep the file's order.
    by = f"{quoted(declaration.keep_by)} " if declaration.keep_by else "NULL "
    last = declaration.keep == "last"
    order = f"{by}DESC NULLS LAST, line DESC" if last else f"{by}NULLS LAST, line"
    one = f"row_number() OVER (PARTITION BY {quoted(declaration.unit)} ORDER BY {order}) = 1"
    return f"(SELECT * FROM {lined} QUALIFY {one})"  # noqa: S608 (quoted)


def count_records(
    declaration: Sensitive,
    resource: Resource,
    source: Source,
    most: int,
    before: Sequence[Sequence[Axis]] = (),
) -> tuple[tuple[Axis, ...], dict[str, dict[Coordinate, Counted]]]:
    """Return the axes of a table, and what is in each cell: counted (""), and by column of sums.

    Where persons are counted, all that one person has is in the person's cell. Cells without
    records are left out. Raises DisclosureError as `build_cube` does; `most` is
    how many cells there may be, `before` the axes of the releases that are out.
    """
    table = quoted(resource.name)
    builders = [AxisBuilder(dimension, resource) for dimension in declaration.dimensions]
    dimensions = [_Dimension(builder, table, source) for builder in builders]
    unit = quoted(declaration.unit)
    _refuse_nameless(
        declaration,
        source.query(
            f"SELECT count(*) FROM {table} WHERE {unit} IS NULL"  # noqa: S608 (quoted)
        )[0][0],
    )
    kept = _kept(declaration, table)
    for one in dimensions:
        own = [axis for axes in before for axis in axes if axis.name == one.builder.dimension.name]
        one.merge(declaration, source, kept, own)
    axes = tuple(builder.axis() for builder in builders)
    size = math.prod(len(axis.labels) for axis in axes)
    if size > most:
        raise DisclosureError(
            Problem(
                NOWHERE.at(resource.name),
                f"the cube would have {size:,} cells, more than {most:,}",
                "declare fewer dimensions, or broader ranges and groups",
            )
        )
    measures = ["", *declaration.sums]
    if not dimensions[0].has_records:
        return axes, {name: {} for name in measures}
    for column in declaration.sums:
        _refuse_amounts(declaration, source, column)
    joins, names, values = [], [], list[object]()
    for number, (dimension, axis) in enumerate(zip(dimensions, axes, strict=True)):
        dimension.place(axis)
        join, labels, given = dimension.join(number)
        joins.append(join)
        names += labels
        values += given
    columns = ", ".join(
        f"l{n}_{d}" for n, one in enumerate(dimensions) for d in range(1, one.depths)
    )
    amounts = "".join(f", t.{quoted(name)} AS a{at}" for at, name in enumerate(declaration.sums))
    placed = (
        f"(SELECT t.{unit} AS person{amounts}, {', '.join(names)} FROM {kept} t {' '.join(joins)})"  # noqa: S608
    )
    sums = "".join(f", coalesce(sum(a{at}), 0) AS s{at}" for at in range(len(declaration.sums)))
    if declaration.count == "persons":
        _refuse_several(declaration, source, placed, columns, values)
        every = f"(SELECT t.{unit} AS person{amounts} FROM {table} t)"  # noqa: S608
        counted = (
            f"SELECT * FROM (SELECT DISTINCT person, 1 AS n, {columns} FROM {placed}) "  # noqa: S608
            f"JOIN (SELECT person{sums} FROM {every} GROUP BY person) USING (person)"
        )
    else:
        counted = f"SELECT person, count(*) AS n{sums}, {columns} FROM {placed} GROUP BY ALL"  # noqa: S608
    names = ["n", *(f"s{at}" for at in range(len(declaration.sums)))]
    most_of = max(2, declaration.dominance[0])
    parts = [
        _level(depths, names, most_of, once=declaration.count == "persons")
        for depths in product(*(range(one.depths) for one in dimensions))
    ]
    rows = source.query(
        f"WITH counted AS MATERIALIZED ({counted}) {' UNION ALL '.join(parts)}",
        values,
    )
    found: dict[str, dict[Coordinate, Counted]] = {name: {} for name in measures}
    for persons, *numbers in rows:
        cell = tuple(numbers[2 * len(names) :])
        for at, name in enumerate(measures):
            value, top = numbers[2 * at : 2 * at + 2]
            largest, second = (*top, 0, 0)[:2]
            first = sum(top[: declaration.dominance[0]])
            found[name][cell] = Counted(value, persons, largest, second, first)
    return axes, found


def _refuse_amounts(declaration: Sensitive, source: Source, column: str) -> None:
    """Raise DisclosureError for sums that the rules of dominance are not made for."""
    name, table = quoted(column), quoted(declaration.table)
    negative, total = source.query(
        f"SELECT count(*) FILTER (WHERE {name} < 0), coalesce(sum(abs({name})), 0) FROM {table}"  # noqa: S608 (quoted)
    )[0]
    where = NOWHERE.at(declaration.table, f"column {column}")
    if negative:
        message = f"{negative} amounts are negative: who makes most of a sum is not defined then"
        raise DisclosureError(Problem(where, message, "keep what is paid back in its own column"))
    if total > _MOST:
        message = "the sum is too large to be attacked in whole numbers"
        raise DisclosureError(Problem(where, message, "keep it in thousands or millions"))


def _level(depths: Sequence[int], own: Sequence[str], most_of: int, *, once: bool) -> str:
    """Return a query for the cells whose labels stand at these depths.

    `once` says that each person stands in one row already. A row has the number of persons; of
    each measure in `own` its sum and the most that single persons have of it; and the labels.
    """
    at = [f"l{number}_{depth}" for number, depth in enumerate(depths) if depth]
    listed = [
        f"l{number}_{depth}" if depth else f"'{TOTAL}'" for number, depth in enumerate(depths)
    ]
    only = " AND ".join(f"{name} IS NOT NULL" for name in at) or "true"
    by_person = "".join(f", {name}" for name in at)
    summed = ", ".join(f"sum({name})::BIGINT AS {name}" for name in own)
    persons = f"SELECT {summed}{by_person} FROM counted WHERE {only} GROUP BY person{by_person}"  # noqa: S608
    persons = f"SELECT * FROM counted WHERE {only}" if once else persons  # noqa: S608
    numbers = ", ".join(f"sum({name})::BIGINT, max({name}, {most_of})" for name in own)
    by = f" GROUP BY {', '.join(at)}" if at else ""
    return (
        f"SELECT count(*), {numbers}, {', '.join(listed)} "  # noqa: S608
        f"FROM ({persons}){by}"
    )


def _refuse_nameless(declaration: Sensitive, nameless: int) -> None:
    if nameless:
        raise DisclosureError(
            Problem(
                NOWHERE.at(declaration.table),
                f'{nameless} records have no "{declaration.unit}"',
                "whom they count could not be told; make the column required",
            )
        )


def _refuse_several(
    declaration: Sensitive, source: Source, placed: str, columns: str, values: list[object]
) -> None:
    """Raise DisclosureError where persons stand in several cells and no rule says in which."""
    if declaration.keep != "refuse":
        return
    ((several, persons),) = source.query(
        "SELECT count(*) FILTER (WHERE cells > 1), count(*) FROM (SELECT person, "  # noqa: S608
        f"count(DISTINCT row({columns})) AS cells FROM {placed} GROUP BY person)",
        values,
    )
    if several:
        raise DisclosureError(
            Problem(
                NOWHERE.at(declaration.table),
                f"{several} of {persons} persons would stand in more than one cell, "
                "and totals would not add up",
                'declare "keep": {"row": "first", "by": a column of dates} under "sensitive", '
                'or "count": "records"',
            )
        )
