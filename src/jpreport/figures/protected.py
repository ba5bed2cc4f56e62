"""Figures of sensitive tables: every number comes from the table's one protected cube."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING

from jpreport.data.contract import Resource
from jpreport.data.sql import Aggregate, SqlError, aggregate, equalities
from jpreport.errors import FigureError, Problem, did_you_mean
from jpreport.figures.derivation import FROM_CUBE, Derivation, Part, Period, equals
from jpreport.figures.key import At
from jpreport.programme.folder import entry_place
from jpreport.programme.framework import Indicator, Qualifier
from jpreport.programme.settings import Programme

if TYPE_CHECKING:
    from jpreport.disclosure.cubes import Cubes


class ProtectedResult:
    """The value and the parts of one indicator over a sensitive table, for one period.

    A value is None where the cube suppresses it. Raises FigureError, with the reason, for what
    the cube does not answer: another measure, another condition, part of a year.
    """

    def __init__(
        self,
        indicator: Indicator,
        resource: Resource,
        cubes: Cubes,
        programme: Programme,
        period: Period,
    ) -> None:
        self._indicator = indicator
        self._resource = resource
        self._declared = cubes.declaration(resource.name)
        self._whole = cubes.cube(resource.name)
        self._cube = self._whole
        self._protection = cubes.protection(resource.name)
        self._check_measure()
        self._years = self._answering_years(programme, period)
        self._at = self._labels()
        self._check_years()

    @property
    def value(self) -> int | None:
        """The indicator's value."""
        return self._sum({})

    @property
    def qualifier(self) -> Qualifier:
        """How firm the value is."""
        return "rounded" if self._cube.base else "exact"

    @property
    def derivation(self) -> Derivation:
        """Where the value comes from: the cube, never the records."""
        years = f"{self._year_axis} IN ({', '.join(self._years)})" if self._years else ""
        conditions = " AND ".join(filter(None, (self._indicator.where, years)))
        return Derivation(
            table=self._resource.name,
            where=self._indicator.where,
            measure=self._indicator.measure,
            sql="-- read from the protected cube" + (conditions and f" WHERE {conditions}"),
            records=self._counted(self.value),
            source=f"{FROM_CUBE} of {self._resource.source}",
            digest=self._whole.digest(),
            protection=self._protection,
        )

    def cells(self, columns: Sequence[str]) -> Iterator[tuple[At, Part]]:
        """Yield the cells at every combination of the labels of some dimensions.

        The first varies slowest; groups and totals are left out.
        """
        axes = [self._axis_of(column, "disaggregate") for column in columns]
        for labels in product(*map(self._leaves, axes)):
            where = dict(zip(axes, labels, strict=True))
            value = self._sum(where)
            at: At = tuple(zip(columns, labels, strict=True))
            condition = " AND ".join(equals(column, label) for column, label in at)
            text = ", ".join(labels)
            yield at, Part(text, value, self._counted(value), condition, suppressed=value is None)

    def _leaves(self, name: str) -> Iterator[str]:
        """Yield the values of a dimension that condition and period leave."""
        axis = self._cube.axis(name)
        for leaf in axis.leaves:
            within = name != self._year_axis or not self._years or leaf in self._years
            if within and self._at.get(name, leaf) in axis.upward(leaf):
                yield leaf

    def parts(self, column: str) -> tuple[Part, ...]:
        """Return the values by one dimension of the cube."""
        return tuple(part for _, part in self.cells([column]))

    def _sum(self, where: Mapping[str, str]) -> int | None:
        """Return a cell, or the sum of its years; None where any of them is suppressed."""
        at = {**self._at, **where}
        if not self._years or self._year_axis in at:
            return self._cube.value(**at)
        axis = self._cube.axis(self._year_axis)
        values = [
            self._cube.value(**at, **{axis.name: year}) if year in axis.labels else None
            for year in self._years
        ]
        known = [value for value in values if value is not None]
        return sum(known) if len(known) == len(values) else None

    def _counted(self, value: int | None) -> int:
        """Return how many records a number counts; of a sum it is not told."""
        return 0 if self._cube.count == "sum" else value or 0

    def _check_measure(self) -> None:
        keys = self._resource.primary_key
        allowed = {
            f"count(distinct {self._declared.unit})": Aggregate(
                "count", self._declared.unit, distinct=True
            )
        }
        if self._declared.count != "persons":
            allowed = {"count(*)": Aggregate("count")}
            if len(keys) == 1:
                allowed[f"count(distinct {keys[0]})"] = Aggregate("count", keys[0], distinct=True)
        sums = {f"sum({name})": Aggregate("sum", name) for name in self._declared.sums}
        allowed |= sums
        try:
            given = aggregate(self._indicator.measure)
        except SqlError:
            given = None
        if given is not None and given in sums.values():
            self._cube = self._whole.of(given.column)
        if given not in allowed.values():
            raise self._refusal(
                "measure",
                f'the protected cube of "{self._resource.name}" counts {self._declared.count}',
                f"write measure = {' or '.join(map(repr, allowed))}; an average is the ratio of "
                'two indicators; of which columns sums are told, "sums" of the table says',
            )

    def _labels(self) -> dict[str, str]:
        """Return the dimensions that the indicator's condition fixes."""
        at: dict[str, str] = {}
        try:
            fixed = equalities(self._indicator.where)
        except SqlError as error:
            raise self._refusal(
                "where",
                f'the protected cube does not answer "{self._indicator.where.strip()}": {error}',
                "use conditions such as sex = 'Female', joined by AND",
            ) from None
        for column, label in fixed.items():
            name = self._axis_of(column, "where")
            self._check_label(name, label)
            if at.setdefault(name, label) != label:
                message = f'{name} cannot be both "{at[name]}" and "{label}"'
                raise self._refusal("where", message, "no record has both labels")
        return at

    def _check_years(self) -> None:
        """Refuse a condition on a year that the period does not have."""
        label = self._at.get(self._year_axis)
        if self._years and label is not None and label not in self._years:
            message = f"{self._year_axis} cannot be {label} in a period of {', '.join(self._years)}"
            raise self._refusal("where", message, "leave the year to the period")

    def _check_label(self, name: str, label: str) -> None:
        labels = self._cube.axis(name).labels
        if label not in labels:
            few = f"fewer than {self._cube.threshold} persons are counted as other"
            hint = did_you_mean(label, labels) or (few if self._cube.axis(name).merged else "")
            raise self._refusal("where", f'no {name} is "{label}"', hint)

    def _axis_of(self, column: str, key: str) -> str:
        """Return the dimension of that name, or that is made from that column as it is."""
        axes = {axis.name for axis in self._cube.axes}
        if column in axes:
            return column
        for dimension in self._declared.dimensions:
            if dimension.column == column and not dimension.derive and not dimension.ranges:
                return dimension.name
        raise self._refusal(
            key,
            f'the protected cube of "{self._resource.name}" has no dimension "{column}"',
            did_you_mean(column, axes),
        )

    @property
    def _year_axis(self) -> str:
        for dimension in self._declared.dimensions:
            if dimension.derive == "year":
                return dimension.name
        for axis in self._cube.axes:
            if all(re.fullmatch(r"\d{4}", label) for label in axis.leaves):
                return axis.name
        return ""

    def _answering_years(self, programme: Programme, period: Period) -> tuple[str, ...]:
        """Return the years that make up the period; none for the whole programme."""
        if period.whole or self._indicator.date == "":
            return ()
        first, last = period.start.year, period.end.year
        begins = period.start <= programme.start or (period.start.month, period.start.day) == (1, 1)
        ends = period.end >= programme.end or (period.end.month, period.end.day) == (12, 31)
        if not self._year_axis or not (begins and ends):
            raise self._refusal(
                "table",
                f"the protected cube answers whole years, not {period.start} to {period.end}",
                "report on whole years, or leave the indicator out",
            )
        axis = self._cube.axis(self._year_axis)
        # A year that few persons have is not told: it may be among those that are merged.
        return tuple(
            year for year in map(str, range(first, last + 1)) if year in axis.leaves or axis.merged
        )

    def _refusal(self, key: str, message: str, hint: str) -> FigureError:
        where = entry_place("indicator", self._indicator.id, key)
        return FigureError(Problem(where, message, hint))
