"""Compute figures: indicator + records + period, in SQL that cannot leave the records."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import duckdb

from jpreport.data import Records
from jpreport.data.contract import Resource
from jpreport.errors import DataError, FigureError, JpreportError, Problem, did_you_mean
from jpreport.figures.figure import (
    SHARE,
    Derivation,
    Figure,
    Number,
    Part,
    Period,
    select,
    weakest,
)
from jpreport.framework import Indicator
from jpreport.project import SETTINGS_FILE, Settings

if TYPE_CHECKING:
    from jpreport.disclosure import Cubes
    from jpreport.figures.protected import ProtectedResult

# Where protected cubes are kept between one look at a notebook and the next.
PROTECTED = "outputs/.cache/protected"

# Results that change from run to run have no place in a report that is built twice.
_VOLATILE = re.compile(
    r"\b(random|setseed|uuid|uuidv4|uuidv7|gen_random_uuid|now|today|current_date|current_time|"
    r"current_timestamp|localtime|localtimestamp|get_current_time|get_current_timestamp|"
    r"transaction_timestamp|nextval|currval)\b",
    re.IGNORECASE,
)
_STRINGS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")


class Results:
    """The results framework of a programme, computed from its records for one period.

    `start` and `end` default to the programme's own. Sensitive tables are answered by `cubes`,
    which are made where they are not given. Raises FigureError for a period that lies outside
    the programme or runs backwards.
    """

    def __init__(
        self,
        settings: Settings,
        records: Records,
        start: dt.date | None = None,
        end: dt.date | None = None,
        cubes: Cubes | None = None,
    ) -> None:
        self._cubes = cubes
        self.settings = settings
        self.records = records
        self.period = _period(settings, start, end)
        self._figures: dict[str, Figure] = {}

    def figure(self, name: str) -> Figure:
        """Return the figure of an indicator; raises FigureError if unknown or not computable."""
        if name not in self._figures:
            indicators = self._indicators
            if name not in indicators:
                raise FigureError(
                    Problem("", f'there is no indicator "{name}"', did_you_mean(name, indicators))
                )
            indicator = indicators[name]
            figure = self._ratio(indicator) if indicator.is_ratio else self._measured(indicator)
            self._figures[name] = figure
        return self._figures[name]

    def figures(self) -> tuple[Figure, ...]:
        """Return every figure in declared order; raises FigureError with all problems at once."""
        problems = list(self.problems())
        if problems:
            raise FigureError(problems)
        return tuple(self.figure(name) for name in self._indicators)

    def problems(self) -> Iterator[Problem]:
        """Yield what keeps indicators from being computed."""
        seen: set[Problem] = set()
        for name in self._indicators:
            try:
                self.figure(name)
            except JpreportError as error:
                for problem in error.problems:
                    # A ratio repeats the faults of its two indicators.
                    if problem not in seen:
                        seen.add(problem)
                        yield problem

    def records_of(self, figure: Figure) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Return the column names and the rows that a measured figure counts, in file order."""
        derivation = figure.derivation
        if self.records.package.resources[derivation.table].sensitive:
            raise FigureError(
                Problem(
                    figure.id,
                    f'the records of "{derivation.table}" are about persons and are not shown',
                    "its numbers come from a protected cube",
                )
            )
        columns = self.records.package.resources[derivation.table].fields
        sql = select(derivation, "*", derivation.where, figure.period)
        return [column.name for column in columns], self.records.query(sql)

    @property
    def cubes(self) -> Cubes:
        """The protected cubes of the programme's sensitive tables."""
        if self._cubes is None:
            from jpreport.disclosure import Cubes

            root = self.settings.root
            self._cubes = Cubes(self.records.package, root, root / PROTECTED)
        return self._cubes

    @cached_property
    def _indicators(self) -> dict[str, Indicator]:
        return dict(self.settings.indicators)

    def _measured(self, indicator: Indicator) -> Figure:
        resource = self.records.package.resources.get(indicator.table)
        if resource is not None and resource.sensitive:
            return self._protected(indicator, resource)
        derivation = self._derivation(indicator)
        value, records = self._value(indicator, derivation)
        return self._stated(
            indicator,
            value,
            replace(
                derivation,
                records=records,
                sql=select(
                    derivation, f"{indicator.measure} AS value", indicator.where, self.period
                ),
            ),
            {name: self._parts(indicator, derivation, name) for name in indicator.disaggregate},
        )

    def cross(self, name: str, columns: Sequence[str]) -> list[Figure]:
        """Return an indicator over a sensitive table at every combination of some dimensions.

        The first column varies slowest. Raises FigureError where the table is not sensitive, or
        its cube has no such dimension.
        """
        figure, indicator = self.figure(name), self._indicators[name]
        resource = self.records.package.resources.get(indicator.table)
        if resource is None or not resource.sensitive:
            raise FigureError(
                Problem(name, "is not over a sensitive table", "make the table from its records")
            )
        result = self._protected_result(indicator, resource)
        labels = product(*(result.labels(column) for column in columns))
        cells = (result.cell(dict(zip(columns, at, strict=True))) for at in labels)
        return [figure.narrowed(", ".join(columns), cell) for cell in cells]

    def _protected_result(self, indicator: Indicator, resource: Resource) -> ProtectedResult:
        from jpreport.figures.protected import ProtectedResult

        programme = self.settings.programme
        return ProtectedResult(indicator, resource, self.cubes, programme, self.period)

    def _protected(self, indicator: Indicator, resource: Resource) -> Figure:
        result = self._protected_result(indicator, resource)
        figure = self._stated(
            indicator,
            result.value,
            result.derivation,
            {name: result.parts(name) for name in indicator.disaggregate},
        )
        return replace(figure, suppressed=figure.value is None)

    def _ratio(self, indicator: Indicator) -> Figure:
        above, below = self.figure(indicator.numerator), self.figure(indicator.denominator)
        if indicator.unit == SHARE and above.unit != below.unit:
            raise FigureError(
                Problem(
                    _where(indicator, "denominator"),
                    f"a share of {below.unit} cannot be counted in {above.unit}",
                    "divide indicators of one unit, or give the ratio a unit of its own",
                )
            )
        figure = divide(above, below)
        stated = self._stated(indicator, figure.value, figure.derivation, {})
        return replace(stated, parents=figure.parents)

    def _stated(
        self,
        indicator: Indicator,
        value: Number | None,
        derivation: Derivation,
        breakdown: dict[str, tuple[Part, ...]],
    ) -> Figure:
        qualifier = indicator.qualifier
        if derivation.parents:
            qualifier = weakest(
                [qualifier, *(self.figure(name).qualifier for name in derivation.parents)]
            )
        return Figure(
            id=indicator.id,
            title=indicator.title,
            unit=indicator.unit,
            value=value,
            period=self.period,
            derivation=derivation,
            level=indicator.level,
            objective=indicator.objective,
            qualifier=qualifier,
            baseline=indicator.baseline,
            target=indicator.target,
            published=indicator.published,
            published_in=indicator.published_in,
            verification=indicator.verification,
            variance_reason=indicator.variance_reason,
            breakdown=breakdown,
        )

    def _derivation(self, indicator: Indicator) -> Derivation:
        """Return the indicator's derivation, checked against the contract of its table."""
        resources = self.records.package.resources
        if indicator.table not in resources:
            raise FigureError(
                Problem(
                    _where(indicator, "table"),
                    f'there is no table "{indicator.table}"',
                    did_you_mean(indicator.table, resources),
                )
            )
        resource = resources[indicator.table]
        dated_by = indicator.date if indicator.date is not None else resource.date or ""
        columns = {field.name: field for field in resource.fields}
        problems = [
            Problem(
                _where(indicator, key),
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
                problems += _expression_problems(indicator, key, text)
        if problems:
            raise FigureError(problems)
        return Derivation(
            table=indicator.table,
            where=indicator.where,
            measure=indicator.measure,
            dated_by=dated_by,
            source=resource.source,
            digest=self.records.digest(indicator.table),
        )

    def _value(self, indicator: Indicator, derivation: Derivation) -> tuple[Number | None, int]:
        where = indicator.where
        counted = self._query(
            indicator, "where", select(derivation, "count(*)", where, self.period)
        )
        sql = select(derivation, f"{indicator.measure} AS value", where, self.period)
        rows = self._query(indicator, "measure", sql)
        if [len(row) for row in rows] != [1]:
            raise FigureError(
                Problem(
                    _where(indicator, "measure"),
                    f"gives {sum(map(len, rows))} values, not one",
                    "use one aggregate such as count(*), count(distinct x) or sum(x)",
                )
            )
        return self._number(indicator, rows[0][0]), int(counted[0][0])

    def _parts(
        self, indicator: Indicator, derivation: Derivation, dimension: str
    ) -> tuple[Part, ...]:
        columns = f'"{dimension}" AS label, {indicator.measure} AS value, count(*)'
        sql = select(derivation, columns, indicator.where, self.period)
        rows = self._query(indicator, "disaggregate", f"{sql}\nGROUP BY 1 ORDER BY 1 NULLS LAST")
        field = next(
            field
            for field in self.records.package.resources[derivation.table].fields
            if field.name == dimension
        )
        order = {str(label): place for place, label in enumerate(field.enum or ())}
        parts = [
            Part(
                None if label is None else str(label),
                self._number(indicator, value),
                int(records),
                _equals(dimension, label),
            )
            for label, value, records in rows
        ]
        # The contract's own order of categories is the one that readers know.
        return tuple(sorted(parts, key=lambda part: order.get(part.label or "", len(order))))

    def _number(self, indicator: Indicator, value: object) -> Number | None:
        if value is None:
            return None
        if isinstance(value, Decimal):
            value = int(value) if value == value.to_integral_value() else float(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FigureError(
                Problem(
                    _where(indicator, "measure"),
                    f"gives {value!r}, which is not a number",
                    "count, sum or average something",
                )
            )
        if not math.isfinite(value):
            raise FigureError(Problem(_where(indicator, "measure"), f"gives {value}"))
        return value

    def _query(self, indicator: Indicator, key: str, sql: str) -> list[tuple[Any, ...]]:
        try:
            return self.records.query(sql)
        except DataError as error:
            # A fault of the SQL has no place yet; one of the records names file and row.
            where = _where(indicator, key)
            raise FigureError(
                problem if problem.where else replace(problem, where=where)
                for problem in error.problems
            ) from None


def divide(part: Figure, whole: Figure) -> Figure:
    """Return part / whole as a figure that names both; None where the whole is zero or unknown.

    Raises FigureError where the two do not count the same thing.
    """
    value = part.value / whole.value if part.value is not None and whole.value else None
    return Figure(
        id=f"{part.id} / {whole.id}",
        title=f"{part.title} as a share of: {whole.title}",
        unit=SHARE,
        value=value,
        suppressed=part.suppressed or whole.suppressed,
        period=part.period,
        qualifier=weakest([part.qualifier, whole.qualifier]),
        derivation=Derivation(
            measure=f"{part.id} / {whole.id}",
            records=part.derivation.records + whole.derivation.records,
            parents=(part.id, whole.id),
        ),
        parents=(part, whole),
    )


def share(part: Figure, whole: Figure) -> Figure:
    """Return the share of `part` in `whole`; raises FigureError where their units differ."""
    if part.unit != whole.unit:
        raise FigureError(
            Problem(
                "",
                f"{part.id} counts {part.unit}, {whole.id} counts {whole.unit}",
                "a share needs two figures of one unit",
            )
        )
    return divide(part, whole)


def _equals(column: str, label: object) -> str:
    if label is None:
        return f'"{column}" IS NULL'
    text = str(label).replace("'", "''")
    return f"\"{column}\" = '{text}'"


def _where(indicator: Indicator, key: str) -> str:
    return f'{SETTINGS_FILE}, [[indicator]] "{indicator.id}", {key}'


def _expression_problems(indicator: Indicator, key: str, text: str) -> Iterator[Problem]:
    """Refuse what is more than one expression, or gives another result tomorrow."""
    try:
        duckdb.SQLExpression(text)
    except duckdb.Error as error:
        message = str(error).partition("\n")[0].partition("Error: ")[2]
        yield Problem(
            _where(indicator, key),
            f"is not an SQL expression: {message}",
            f"it is read as {'SELECT ... WHERE' if key == 'where' else 'SELECT'} {text}",
        )
    volatile = _VOLATILE.search(_STRINGS.sub("''", text))
    if volatile:
        yield Problem(
            _where(indicator, key),
            f'"{volatile.group()}" gives another result on another day',
            "use columns and fixed values only",
        )


def _period(settings: Settings, start: dt.date | None, end: dt.date | None) -> Period:
    programme = settings.programme
    start, end = start or programme.start, end or programme.end
    if end < start:
        raise FigureError(
            Problem("period", f"ends on {end}, before it starts on {start}", "swap the two dates")
        )
    if end < programme.start or start > programme.end:
        raise FigureError(
            Problem(
                "period",
                f"{start} to {end} lies outside the programme",
                f"the programme ran from {programme.start} to {programme.end}",
            )
        )
    return Period(start, end, whole=start <= programme.start and end >= programme.end)
