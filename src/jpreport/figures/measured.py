"""Figures of open tables: an indicator's measure, as a whole and by columns, in checked SQL."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import product
from typing import Any

from jpreport.data import Records, Resource
from jpreport.data.sql import SqlError, aggregate, expression, filter_tree, nodes
from jpreport.data.volatile import changing
from jpreport.errors import NOWHERE, DataError, FigureError, Place, Problem, did_you_mean
from jpreport.figures.derivation import Derivation, Number, Part, Period, Source, equals, select
from jpreport.figures.key import At
from jpreport.programme.folder import entry_place
from jpreport.programme.framework import Indicator

# What a measure gives for the records of an indicator, and how many these are.
Value = tuple[Number | None, int]
# The same by the labels of some columns, before it is read: labels, value, number of records.
Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Together:
    """What was measured of many indicators: values, and parts by a column, by id."""

    values: dict[str, Value] = field(default_factory=dict)
    parts: dict[str, dict[str, Rows]] = field(default_factory=dict)


class MeasuredResult:
    """The value and the parts of one indicator over an open table, for one period.

    `together` has what was measured with that of others. `listed` are the labels of
    columns that there are by declaration, whether or not a record has them. `statement` is what a
    measure of kind "text" gives. Raises FigureError with every fault of the declaration.
    """

    def __init__(
        self,
        indicator: Indicator,
        records: Records,
        period: Period,
        together: Together | None = None,
        listed: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self._indicator = indicator
        self._records = records
        self._period = period
        self._listed = listed or {}
        together = together or Together()
        self._grouped = together.parts.get(indicator.id, {})
        self.statement = ""
        self._bare = self._derivation()
        self._tables = [indicator.table, *(one.table for one in self._bare.further)]
        self._fields = {one.name: one for one in records.package.resources[indicator.table].fields}
        self.value, count = together.values.get(indicator.id) or self._value()
        sql = select(self._bare, f"{indicator.measure} AS value", indicator.where, period)
        self.derivation = replace(self._bare, records=count, sql=sql)

    def parts(self, column: str) -> tuple[Part, ...]:
        """Return the values by one column, in the order of the contract."""
        return tuple(part for _, part in self._groups([column]).values())

    def absent(self, column: str, parts: Collection[Part]) -> tuple[Part, ...]:
        """Return the parts of labels that the contract or an edition lists and no record has.

        A count and a sum of nothing are 0; of another measure nothing is known.
        """
        try:
            adds = aggregate(self._indicator.measure).function in {"count", "sum"}
        except SqlError:
            adds = False
        labels = dict.fromkeys([*self._ranks(column), *self._listed.get(column, ())])
        known = {part.label for part in parts}
        return tuple(
            Part(label, 0, 0, equals(column, label))
            for label in labels
            if adds and label not in known
        )

    def cells(self, columns: Sequence[str]) -> Iterator[tuple[At, Part]]:
        """Yield the values at every combination of the labels of some columns.

        The first column varies slowest. A combination without records has the measure of none:
        a count is 0, a sum has no value. Raises FigureError for a column that is not there.
        """
        for name in columns:
            if name not in self._fields:
                raise FigureError(
                    Problem(
                        NOWHERE.at(f"indicator {self._indicator.id}"),
                        f'table "{self._indicator.table}" has no column "{name}"',
                        did_you_mean(name, self._fields),
                    )
                )
        found = self._groups(columns)
        labels = [tuple(one for (one,) in self._groups([column])) for column in columns]
        nothing = self._of_nothing()
        for at in product(*labels):
            where: At = tuple(zip(columns, at, strict=True))
            yield found.get(at) or (where, Part(_label(at), nothing, 0, _condition(where)))

    def _groups(self, columns: Sequence[str]) -> dict[tuple[str | None, ...], tuple[At, Part]]:
        """Return the groups that have records, by their labels, in the order of the contract."""
        rows = self._grouped.get(columns[0]) if len(columns) == 1 else None
        if rows is None:
            measure, condition = self._indicator.measure, self._indicator.where
            sql = grouped(self._bare, columns, measure, condition, self._period)
            rows = self._query("disaggregate", sql)
        groups = {}
        for *labels, value, records in rows:
            at = tuple(None if label is None else str(label) for label in labels)
            where: At = tuple(zip(columns, at, strict=True))
            part = Part(_label(at), self._number(value), int(records), _condition(where))
            groups[at] = (where, part)
        # The contract's own order of categories is the one that readers know.
        ranks = [self._ranks(name) for name in columns]
        return dict(
            sorted(
                groups.items(),
                key=lambda group: [
                    rank.get(label or "", len(rank))
                    for rank, label in zip(ranks, group[0], strict=True)
                ],
            )
        )

    def _ranks(self, column: str) -> dict[str, int]:
        return {str(label): place for place, label in enumerate(self._fields[column].enum or ())}

    def _of_nothing(self) -> Number | None:
        both = f"({self._indicator.where or 'true'}\n) AND false"
        sql = select(self._bare, f"{self._indicator.measure} AS value", both, self._period)
        return self._number(self._query("measure", sql)[0][0])

    def _derivation(self) -> Derivation:
        """Return the indicator's derivation, checked against the contract of its table."""
        indicator, resources = self._indicator, self._records.package.resources
        if indicator.table not in resources:
            raise FigureError(
                Problem(
                    place_of(indicator, "table"),
                    f'there is no table "{indicator.table}"',
                    did_you_mean(indicator.table, resources),
                )
            )
        resource = resources[indicator.table]
        dated = dated_by(indicator, resource)
        columns = {field.name: field for field in resource.fields}
        problems = [
            Problem(
                place_of(indicator, key),
                f'table "{indicator.table}" has no column "{name}"',
                did_you_mean(name, columns),
            )
            for key, names in (
                ("disaggregate", indicator.disaggregate),
                ("date", (dated,) if dated else ()),
            )
            for name in names
            if name not in columns
        ]
        further: dict[str, None] = {}
        for key in ("where", "measure"):
            text = getattr(indicator, key)
            if text:
                problems += _expression_problems(indicator, key, text, columns, further)
        if problems:
            raise FigureError(problems)
        by_name = {name.lower(): name for name in resources}
        others = [by_name[name] for name in further if name in by_name]
        return Derivation(
            table=indicator.table,
            where=indicator.where,
            measure=indicator.measure,
            dated_by=dated,
            zone=columns[dated].moments if dated else "",
            source=resource.source,
            digest=self._read(indicator.table),
            further=tuple(
                Source(name, resources[name].source, self._read(name))
                for name in others
                if name != indicator.table
            ),
        )

    def _read(self, table: str) -> str:
        """Return the digest of a table's file, which is read for it."""
        try:
            return self._records.digest(table)
        except DataError as error:
            raise FigureError(error.problems) from None

    def _value(self) -> Value:
        indicator = self._indicator
        measure = f"{indicator.measure} AS value"
        both = select(self._bare, f"{measure}, count(*)", indicator.where, self._period)
        try:
            ((value, count),) = self._records.query(both, of=self._tables)
        except (DataError, ValueError):
            # Apart, the two say which of them is wrong.
            counted = select(self._bare, "count(*)", indicator.where, self._period)
            ((count,),) = self._query("where", counted)
            sql = select(self._bare, measure, indicator.where, self._period)
            rows = self._query("measure", sql)
            if [len(row) for row in rows] != [1]:
                raise FigureError(
                    Problem(
                        place_of(indicator, "measure"),
                        f"gives {sum(map(len, rows))} values, not one",
                        "use one aggregate such as count(*), count(distinct x) or sum(x)",
                    )
                ) from None
            value = rows[0][0]
        if indicator.kind == "text":
            self.statement = "" if value is None else str(value)
            return None, int(count)
        return self._number(value), int(count)

    def _number(self, value: object) -> Number | None:
        return number_of(self._indicator, value)

    def _query(self, key: str, sql: str) -> list[tuple[Any, ...]]:
        try:
            return self._records.query(sql, of=self._tables)
        except DataError as error:
            # A fault of the SQL has no place yet; one of the records names file and row.
            where = place_of(self._indicator, key)
            raise FigureError(
                problem if problem.where else replace(problem, where=where)
                for problem in error.problems
            ) from None


def dated_by(indicator: Indicator, resource: Resource) -> str:
    """Return the column by which a period selects an indicator's records; "" for none."""
    return indicator.date if indicator.date is not None else resource.date or ""


def grouped(
    derivation: Derivation, columns: Sequence[str], measure: str, where: str, period: Period
) -> str:
    """Return the SQL of a measure by some columns: labels, value and number of records."""
    names = ", ".join(f'"{name}" AS label_{place}' for place, name in enumerate(columns))
    sql = select(derivation, f"{names}, {measure} AS value, count(*)", where, period)
    places = ", ".join(str(place) for place in range(1, len(columns) + 1))
    order = ", ".join(f"{place} NULLS LAST" for place in range(1, len(columns) + 1))
    return f"{sql}\nGROUP BY {places} ORDER BY {order}"


def number_of(indicator: Indicator, value: object) -> Number | None:
    """Return what a measure gave as a number; raises FigureError where it is none.

    Something divided by nothing is infinite or no number: it has no value.
    """
    if value is None or indicator.kind == "text":
        return None
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FigureError(
            Problem(
                place_of(indicator, "measure"),
                f"gives {value!r}, which is not a number",
                'count, sum or average something, or say kind = "text"',
            )
        )
    return value if math.isfinite(value) else None


def _label(labels: Sequence[str | None]) -> str | None:
    """Return the label of a group: None where it is of one column, and not recorded."""
    return labels[0] if len(labels) == 1 else ", ".join(map(str, labels))


def _condition(at: At) -> str:
    return " AND ".join(equals(column, label) for column, label in at)


def place_of(indicator: Indicator, key: str) -> Place:
    """Return where a fault of an indicator stands: the file, the indicator, its key."""
    if indicator.place:
        return indicator.place.at(column=key)
    return entry_place("indicator", indicator.id, key)


def _expression_problems(
    indicator: Indicator, key: str, text: str, columns: Collection[str], tables: dict[str, None]
) -> Iterator[Problem]:
    """Refuse what is more than one expression, or gives another result tomorrow.

    The tables of its subqueries are added to `tables`.
    """
    where = place_of(indicator, key)
    try:
        tree = filter_tree(text) if key == "where" else expression(text)
    except SqlError as error:
        hint = f"it is read as {'SELECT ... WHERE' if key == 'where' else 'SELECT'} {text}"
        yield Problem(where, f"is not an SQL expression: {error}", hint)
        return
    named = (node for node in nodes(tree) if node.get("type") == "BASE_TABLE")
    tables.update((str(node["table_name"]).lower(), None) for node in named)
    volatile = dict.fromkeys(name for node in nodes(tree) for name in changing(node, columns))
    for name in volatile:
        message = f'"{name}" gives another result on another day'
        yield Problem(where, message, "use columns and fixed values only")
