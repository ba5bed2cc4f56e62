"""Figures of open tables: an indicator's measure, as a whole and by columns, in checked SQL."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Any

from jpreport.data import Records
from jpreport.data.sql import SqlError, expression, nodes
from jpreport.errors import NOWHERE, DataError, FigureError, Place, Problem, did_you_mean
from jpreport.figures.figure import Derivation, Number, Part, Period, equals, select
from jpreport.figures.key import At
from jpreport.programme.folder import entry_place
from jpreport.programme.framework import Indicator

# Results that change from run to run have no place in a report that is built twice.
_VOLATILE = frozenset(
    (
        *("random", "setseed", "uuid", "uuidv4", "uuidv7", "gen_random_uuid", "now", "today"),
        *("current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"),
        *("get_current_time", "get_current_timestamp", "transaction_timestamp"),
        *("nextval", "currval"),
    )
)


class MeasuredResult:
    """The value and the parts of one indicator over an open table, for one period.

    Raises FigureError with every fault of the indicator's declaration.
    """

    def __init__(self, indicator: Indicator, records: Records, period: Period) -> None:
        self._indicator = indicator
        self._records = records
        self._period = period
        self._bare = self._derivation()
        self._fields = {one.name: one for one in records.package.resources[indicator.table].fields}
        self.value, count = self._value()
        sql = select(self._bare, f"{indicator.measure} AS value", indicator.where, period)
        self.derivation = replace(self._bare, records=count, sql=sql)

    def parts(self, column: str) -> tuple[Part, ...]:
        """Return the values by one column, in the order of the contract."""
        return tuple(part for _, part in self._groups([column]).values())

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
        indicator = self._indicator
        names = ", ".join(f'"{name}" AS label_{place}' for place, name in enumerate(columns))
        sql = select(
            self._bare,
            f"{names}, {indicator.measure} AS value, count(*)",
            indicator.where,
            self._period,
        )
        places = ", ".join(str(place) for place in range(1, len(columns) + 1))
        order = ", ".join(f"{place} NULLS LAST" for place in range(1, len(columns) + 1))
        rows = self._query("disaggregate", f"{sql}\nGROUP BY {places} ORDER BY {order}")
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
        dated_by = indicator.date if indicator.date is not None else resource.date or ""
        columns = {field.name: field for field in resource.fields}
        problems = [
            Problem(
                place_of(indicator, key),
                f'table "{indicator.table}" has no column "{name}"',
                did_you_mean(name, columns),
            )
            for key, names in (
                ("disaggregate", indicator.disaggregate),
                ("date", (dated_by,) if dated_by else ()),
            )
            for name in names
            if name not in columns
        ]
        for key in ("where", "measure"):
            text = getattr(indicator, key)
            if text:
                problems += _expression_problems(indicator, key, text, columns)
        if problems:
            raise FigureError(problems)
        return Derivation(
            table=indicator.table,
            where=indicator.where,
            measure=indicator.measure,
            dated_by=dated_by,
            zone=columns[dated_by].zone
            if dated_by and columns[dated_by].type == "datetime"
            else "",
            source=resource.source,
            digest=self._records.digest(indicator.table),
        )

    def _value(self) -> tuple[Number | None, int]:
        indicator = self._indicator
        counted = self._query(
            "where", select(self._bare, "count(*)", indicator.where, self._period)
        )
        sql = select(self._bare, f"{indicator.measure} AS value", indicator.where, self._period)
        rows = self._query("measure", sql)
        if [len(row) for row in rows] != [1]:
            raise FigureError(
                Problem(
                    place_of(indicator, "measure"),
                    f"gives {sum(map(len, rows))} values, not one",
                    "use one aggregate such as count(*), count(distinct x) or sum(x)",
                )
            )
        return self._number(rows[0][0]), int(counted[0][0])

    def _number(self, value: object) -> Number | None:
        if value is None:
            return None
        if isinstance(value, Decimal):
            value = int(value) if value == value.to_integral_value() else float(value)
        where = place_of(self._indicator, "measure")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FigureError(
                Problem(
                    where,
                    f"gives {value!r}, which is not a number",
                    "count, sum or average something",
                )
            )
        if not math.isfinite(value):
            raise FigureError(Problem(where, f"gives {value}"))
        return value

    def _query(self, key: str, sql: str) -> list[tuple[Any, ...]]:
        try:
            return self._records.query(sql)
        except DataError as error:
            # A fault of the SQL has no place yet; one of the records names file and row.
            where = place_of(self._indicator, key)
            raise FigureError(
                problem if problem.where else replace(problem, where=where)
                for problem in error.problems
            ) from None


def _label(labels: Sequence[str | None]) -> str | None:
    """Return the label of a group: None where it is of one column, and not recorded."""
    return labels[0] if len(labels) == 1 else ", ".join(map(str, labels))


def _condition(at: At) -> str:
    return " AND ".join(equals(column, label) for column, label in at)


def place_of(indicator: Indicator, key: str) -> Place:
    """Return where a fault of an indicator stands: the file, the indicator, its key."""
    return entry_place("indicator", indicator.id, key)


def _expression_problems(
    indicator: Indicator, key: str, text: str, columns: Collection[str]
) -> Iterator[Problem]:
    """Refuse what is more than one expression, or gives another result tomorrow."""
    where = place_of(indicator, key)
    try:
        tree = expression(text)
    except SqlError as error:
        hint = f"it is read as {'SELECT ... WHERE' if key == 'where' else 'SELECT'} {text}"
        yield Problem(where, f"is not an SQL expression: {error}", hint)
        return
    volatile = dict.fromkeys(name for node in nodes(tree) for name in _changing(node, columns))
    for name in volatile:
        message = f'"{name}" gives another result on another day'
        yield Problem(where, message, "use columns and fixed values only")


def _changing(node: Mapping[str, Any], columns: Collection[str]) -> Iterator[str]:
    """Yield what makes a node of a syntax tree give another result in another run."""
    if node.get("sample"):
        yield "sample"
    # DuckDB has no brackets behind some of them: a column of that name is meant before them.
    names = [name for name in node.get("column_names", ()) if name not in columns]
    yield from (
        name for name in (*names, node.get("function_name", "")) if name.lower() in _VOLATILE
    )
