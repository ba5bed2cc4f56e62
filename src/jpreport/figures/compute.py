"""Compute figures: indicator + records + period, in SQL that cannot leave the records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from jpreport.data import Records
from jpreport.errors import NOWHERE, FigureError, JpreportError, Problem, did_you_mean
from jpreport.figures.arithmetic import combine, ratio, share
from jpreport.figures.figure import (
    Derivation,
    Figure,
    Number,
    Part,
    Period,
    select,
    weakest,
)
from jpreport.figures.key import FigureKey
from jpreport.figures.measured import MeasuredResult, place_of
from jpreport.figures.wording import SHARE
from jpreport.programme.folder import OUTPUTS, STATE
from jpreport.programme.framework import Indicator
from jpreport.programme.settings import Settings

if TYPE_CHECKING:
    from jpreport.disclosure import Cubes
    from jpreport.figures.protected import ProtectedResult

# Where protected cubes are kept between one look at a notebook and the next.
PROTECTED = f"{STATE}/{OUTPUTS}/protected"


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
                    Problem(
                        NOWHERE, f'there is no indicator "{name}"', did_you_mean(name, indicators)
                    )
                )
            indicator = indicators[name]
            figure = self._ratio(indicator) if indicator.is_ratio else self._measured(indicator)
            self._figures[name] = figure
        return self._figures[name]

    def named(self, key: FigureKey) -> Figure:
        """Return the figure of a key; raises FigureError where there is none."""
        if key.period and key.period != self.period.days:
            return self.over(*key.period).named(key.over(None))
        if key.formula:
            return combine(key.formula.operation, [self.named(one) for one in key.formula.terms])
        figure = self.figure(key.indicator)
        if not key.part:
            return figure
        columns = [column for column, _ in key.part]
        if len(columns) == 1 and columns[0] in figure.breakdown:
            return figure.part(*key.part[0])
        cells = self.cross(key.indicator, columns)
        found = next((cell for cell in cells if cell.key.part == key.part), None)
        if found is None:
            where = NOWHERE.at(f"indicator {key.indicator}")
            raise FigureError(Problem(where, f'there is no part "{key}"'))
        return found

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
                    NOWHERE.at(figure.id),
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
            from jpreport.disclosure import Cubes, programme_secret, released_cubes

            package, root = self.records.package, self.settings.root
            before = self.settings.previous_release
            self._cubes = Cubes(
                package,
                root,
                root / PROTECTED,
                secret=partial(programme_secret, root, synthetic=package.synthetic),
                previous=partial(released_cubes, (before,) if before else ()),
            )
        return self._cubes

    @cached_property
    def _indicators(self) -> dict[str, Indicator]:
        return dict(self.settings.indicators)

    def cross(self, name: str, columns: Sequence[str]) -> list[Figure]:
        """Return an indicator at every combination of some columns or dimensions of a cube.

        The first varies slowest. Over an open table, any of its columns will do; the labels are
        those that records of the period have. Raises FigureError for a ratio, for a column that
        is named twice, and for one that the table or its protected cube does not have.
        """
        figure, indicator = self.figure(name), self._indicators[name]
        if indicator.is_ratio or not columns or len(set(columns)) < len(columns):
            message = "is a ratio of two others" if indicator.is_ratio else "needs columns to cross"
            hint = "cross the two, and divide" if indicator.is_ratio else "name each of them once"
            raise FigureError(Problem(NOWHERE.at(f"indicator {name}"), message, hint))
        return [figure.narrowed(at, part) for at, part in self._result(indicator).cells(columns)]

    def over(self, start: dt.date | None, end: dt.date | None) -> Results:
        """Return the same results for another period; None takes the programme's own day."""
        return Results(self.settings, self.records, start, end, self._cubes)

    def _result(self, indicator: Indicator) -> MeasuredResult | ProtectedResult:
        resource = self.records.package.resources.get(indicator.table)
        if resource is None or not resource.sensitive:
            return MeasuredResult(indicator, self.records, self.period)
        from jpreport.figures.protected import ProtectedResult

        programme = self.settings.programme
        return ProtectedResult(indicator, resource, self.cubes, programme, self.period)

    def _measured(self, indicator: Indicator) -> Figure:
        result = self._result(indicator)
        breakdown = {name: result.parts(name) for name in indicator.disaggregate}
        figure = self._stated(indicator, result.value, result.derivation, breakdown)
        hidden = figure.value is None and figure.derivation.protected
        return replace(figure, suppressed=hidden)

    def _ratio(self, indicator: Indicator) -> Figure:
        above, below = self.figure(indicator.numerator), self.figure(indicator.denominator)
        try:
            made = ratio(above, below) if indicator.unit != SHARE else share(above, below)
        except FigureError as error:
            where = place_of(indicator, "denominator")
            hint = "divide indicators that count alike, or give the ratio a unit of its own"
            raise FigureError(
                Problem(where, problem.message, hint) for problem in error.problems
            ) from None
        figure = self._stated(indicator, made.value, made.derivation, {})
        return replace(
            figure,
            suppressed=made.suppressed,
            qualifier=weakest([indicator.qualifier, made.qualifier]),
            parents=made.parents,
        )

    def _stated(
        self,
        indicator: Indicator,
        value: Number | None,
        derivation: Derivation,
        breakdown: Mapping[str, tuple[Part, ...]],
    ) -> Figure:
        return Figure(
            key=FigureKey(indicator.id),
            title=indicator.title,
            unit=indicator.unit,
            value=value,
            period=self.period,
            derivation=derivation,
            level=indicator.level,
            objective=indicator.objective,
            qualifier=indicator.qualifier,
            beneficiaries=indicator.beneficiaries,
            baseline=indicator.baseline,
            target=indicator.target,
            published=indicator.published,
            published_in=indicator.published_in,
            verification=indicator.verification,
            variance_reason=indicator.variance_reason,
            breakdown=breakdown,
        )


def _period(settings: Settings, start: dt.date | None, end: dt.date | None) -> Period:
    programme = settings.programme
    start, end = start or programme.start, end or programme.end
    if end < start:
        raise FigureError(
            Problem(
                NOWHERE.at("period"),
                f"ends on {end}, before it starts on {start}",
                "swap the two dates",
            )
        )
    if end < programme.start or start > programme.end:
        raise FigureError(
            Problem(
                NOWHERE.at("period"),
                f"{start} to {end} lies outside the programme",
                f"the programme ran from {programme.start} to {programme.end}",
            )
        )
    return Period(start, end, whole=start <= programme.start and end >= programme.end)
