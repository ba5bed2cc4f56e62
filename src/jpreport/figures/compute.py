"""Compute figures: indicator + records + period, in SQL that cannot leave the records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jpreport.data import Records, Resource
from jpreport.errors import NOWHERE, FigureError, JpreportError, Problem, did_you_mean
from jpreport.figures.arithmetic import combine, ratio, share
from jpreport.figures.currency import Exchange
from jpreport.figures.derivation import Derivation, Number, Part, Period, select
from jpreport.figures.figure import Figure, weakest
from jpreport.figures.key import At, FigureKey
from jpreport.figures.measured import MeasuredResult, Together, place_of
from jpreport.figures.together import measured_together
from jpreport.language import SHARE
from jpreport.programme.folder import OUTPUTS, STATE
from jpreport.programme.framework import Indicator, milestone_days
from jpreport.programme.settings import Settings

if TYPE_CHECKING:
    from jpreport.disclosure.cubes import Cubes
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
            from jpreport.disclosure.cubes import Cubes

            root = self.settings.root
            self._cubes = Cubes(
                self.records.package, root, root / PROTECTED, self.settings.previous_releases
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
        stated = _StatedOfParts(indicator, self.records.package.resources.get(indicator.table))
        return [
            figure.narrowed(at, stated.of(part, at))
            for at, part in self._result(indicator).cells(columns)
        ]

    def over(self, start: dt.date | None, end: dt.date | None) -> Results:
        """Return the same results for another period; None takes the programme's own day."""
        return Results(self.settings, self.records, start, end, self._cubes)

    def _result(self, indicator: Indicator) -> MeasuredResult | ProtectedResult:
        resource = self.records.package.resources.get(indicator.table)
        if resource is None or not resource.sensitive:
            indicator = self._exchange.in_one_currency(indicator)
            return MeasuredResult(
                indicator, self.records, self.period, self._together, self._listed
            )
        from jpreport.figures.protected import ProtectedResult

        programme = self.settings.programme
        return ProtectedResult(indicator, resource, self.cubes, programme, self.period)

    def _measured(self, indicator: Indicator) -> Figure:
        result = self._result(indicator)
        stated = _StatedOfParts(indicator, self.records.package.resources.get(indicator.table))

        def aimed(column: str, parts: Iterable[Part]) -> tuple[Part, ...]:
            return tuple(stated.of(part, ((column, part.label),)) for part in parts)

        breakdown = {name: aimed(name, result.parts(name)) for name in indicator.disaggregate}
        figure = self._stated(indicator, result.value, result.derivation, breakdown)
        if isinstance(result, MeasuredResult):
            absent = {name: aimed(name, result.absent(name, breakdown[name])) for name in breakdown}
            return replace(figure, statement=result.statement, absent=absent)
        figure = replace(figure, qualifier=weakest([figure.qualifier, result.qualifier]))
        return replace(figure, suppressed=figure.value is None)

    @cached_property
    def _together(self) -> Together:
        """What is measured of indicators that differ only in which labels they ask for."""
        return measured_together(self._indicators.values(), self.records, self.period)

    @cached_property
    def _exchange(self) -> Exchange:
        return Exchange(self.settings.currencies, self.records, self.period)

    @cached_property
    def _listed(self) -> Mapping[str, Collection[str]]:
        """The labels that editions are made for, by column: each is a part, if only of zero."""
        found: dict[str, dict[str, None]] = {}
        resources = self.records.package.resources
        for report in self.settings.report:
            for parameter, each in report.for_each.items():
                table, _, column = each.source.partition(".")
                values: Iterable[object] = each.values
                resource = resources.get(table)
                if resource and not resource.sensitive and column in resource.field_names:
                    sql = f'SELECT DISTINCT "{column}" FROM "{table}" ORDER BY 1'  # noqa: S608
                    values = (value for (value,) in self.records.query(sql))
                labels = dict.fromkeys(str(value) for value in values if value is not None)
                for name in (parameter, column or parameter):
                    found.setdefault(name, {}).update(labels)
        return found

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
        baseline, target = _split(indicator.baseline), _split(self._target(indicator))
        return Figure(
            key=FigureKey(indicator.id),
            value=value,
            period=self.period,
            derivation=derivation,
            breakdown=breakdown,
            baseline=baseline[0],
            baseline_statement=baseline[1],
            target=target[0],
            target_statement=target[1],
            target_upper=indicator.target_upper if target[0] == indicator.target else None,
            declared_in=str(indicator.place or ""),
            **{name: getattr(indicator, name) for name in _DECLARED},
        )

    def _target(self, indicator: Indicator) -> Number | str | None:
        """Return the target for the period: its milestone, where some are stated."""
        if not indicator.milestones or self.period.whole:
            return indicator.target
        programme = self.settings.programme
        for name, value in indicator.milestones.items():
            start, end = milestone_days(name)
            within = max(start, programme.start), min(end, programme.end)
            if within == (self.period.start, self.period.end):
                return value
        return None


class _StatedOfParts:
    """The baselines and targets of an indicator's parts."""

    def __init__(self, indicator: Indicator, resource: Resource | None) -> None:
        """Read them; raises FigureError with all names that are none of parts."""
        problems: list[Problem] = []
        self._baselines = dict(_by_part(indicator, resource, "baselines", problems))
        self._targets = dict(_by_part(indicator, resource, "targets", problems))
        if problems:
            raise FigureError(problems)

    def of(self, part: Part, at: At) -> Part:
        """Return a part with what is stated of it."""
        return replace(part, before=self._baselines.get(at), planned=self._targets.get(at))


def _by_part(
    indicator: Indicator, resource: Resource | None, key: str, problems: list[Problem]
) -> Iterator[tuple[At, Number]]:
    known = {field.name: field.enum for field in resource.fields} if resource else {}
    for name, value in getattr(indicator, key).items():
        try:
            at = FigureKey.parse(f"x[{name}]").part
        except ValueError:
            message, hint = f'"{name}" names no part', f'write {key} = {{ "sex=Female" = 100 }}'
            problems.append(Problem(place_of(indicator, key), message, hint))
            continue
        for column, label in at:
            if column not in known:
                message, near = (
                    f'"{name}": there is no column "{column}"',
                    did_you_mean(column, known),
                )
            elif known[column] and label not in known[column]:
                labels = list(map(str, known[column]))
                message, near = f'no {column} is "{label}"', did_you_mean(str(label), labels)
            else:
                continue
            problems.append(Problem(place_of(indicator, key), message, near))
        yield at, value


_DECLARED = (
    *("title", "unit", "level", "objective", "qualifier", "beneficiaries", "published"),
    *("published_in", "verification", "variance_reason", "direction", "decimals", "scale"),
    "baseline_year",
)


def _split(declared: Number | str | None) -> tuple[Number | None, str]:
    """Return what is declared as a number, and as a text."""
    return (None, declared) if isinstance(declared, str) else (declared, "")


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
