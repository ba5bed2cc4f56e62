"""The chart of a running total over time, with its data at the ends of quarters or years."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from jpreport.design.colour import mixed
from jpreport.design.page import TEXT_WIDTH
from jpreport.design.style import DEFAULT
from jpreport.errors import did_you_mean
from jpreport.figures import Figure
from jpreport.forms.tables import Cell, Column, Row, Table
from jpreport.language import current, is_currency, phrase
from jpreport.notebook import labels, theme
from jpreport.notebook.charts.axes import TimeAxis, ValueAxis, rounded_up
from jpreport.notebook.charts.canvas import LINE, Canvas, Point, baseline, width_of, wrapped
from jpreport.notebook.charts.chart import Header, chart_function, composed
from jpreport.notebook.charts.chart_data import with_unit_told
from jpreport.notebook.charts.reading import (
    MOST_SERIES,
    check_columns,
    check_number,
    check_whole,
    label,
    read_values,
    shown,
)
from jpreport.notebook.output import ReportChart, cell_name, several_periods
from jpreport.notebook.theme import LABEL, outline

LONG = 10  # years; from then on the table has a row a year, not a quarter

PLOT = 150.0
NEAR = 6.0
LABEL_WIDTH = 110.0
THICK = 1.8
FINEST = 0.4  # points between two steps that can be told apart


@chart_function
def cumulative_chart(  # noqa: PLR0913 - options of a chart, by keyword only
    frame: pd.DataFrame,
    date: str,
    y: str | None = None,
    *,
    by: str | None = None,
    start: dt.date | None = None,
    end: dt.date | None = None,
    unit: str = "",
    title: str = "",
    alt: str | None = None,
    total: Figure | Mapping[str, Figure] | None = None,
) -> ReportChart:
    """Return the running total of `y` over time; without `y`, of the number of rows.

    The line steps up on the days of `date` and ends with its total; `by` makes a line a group.
    `start` and `end` are the days that the axis spans (default: the first and last in the
    frame). Rows without a date are counted nowhere: they raise ValueError, as do dates outside
    the axis, negative values and what `bar_chart` refuses. Where a figure is suppressed or has
    no value there is no running total, and the chart says so. Raises TypeError for what is no
    date.

    `total` is the figure that the line ends with, where there are several a figure for each
    name: the rows are its records, taken one day after another. Raises ValueError where they
    make another number.
    """
    check_columns(frame, [name for name in (date, y, by) if name])
    days = _days(frame, date)
    values = read_values(frame, y, positive=True) if y else [1] * len(frame)
    if y:
        check_whole(frame, y, phrase("so there is no running total"))
    names = [label(name) for name in frame[by].tolist()] if by else [""] * len(frame)
    axis = TimeAxis(start or min(days), end or max(days))
    if min(days) < axis.start or max(days) > axis.end:
        raise ValueError(
            f'column "{date}" runs from {min(days)} to {max(days)}, beyond the axis '
            f"from {axis.start} to {axis.end}; choose the rows first"
        )
    daily: dict[str, dict[dt.date, float]] = {name: {} for name in names}
    for name, day, value in zip(names, days, values, strict=True):
        daily[name][day] = daily[name].get(day, 0) + (value or 0)
    check_number("lines", len(daily), MOST_SERIES)
    totals = _totals(daily, total)
    sums = [figure.label for figure in totals] or current().column(
        [sum(one.values()) for one in daily.values()], unit
    )
    said = current().term(unit)
    lines = [
        StepLine(name or ("" if is_currency(unit) else said), _running(one), text)
        for (name, one), text in zip(daily.items(), sums, strict=True)
    ]
    what = labels.heading(y) if y else (said or current().say("records"))
    header = Header(title, said if by or is_currency(unit) else "")
    table = _levels(lines, axis, what if by else labels.heading(what), unit, totals)
    subject = with_unit_told(title or labels.heading(what), said)
    told = alt or _told(lines, axis, subject)
    steps = StepLines(lines, axis, theme.style().series[: len(lines)], unit)
    # The steps are counted in the records of the figures that the lines end with.
    return replace(composed(header, steps, table, told, totals), derived=bool(totals))


def _days(frame: pd.DataFrame, date: str) -> list[dt.date]:
    days: list[dt.date] = []
    for value in frame[date].tolist():
        if pd.api.types.is_scalar(value) and pd.isna(value):
            raise ValueError(f'column "{date}" has rows without a date; drop them first')
        if not isinstance(value, dt.date):
            raise TypeError(f'column "{date}" holds {value!r}; it must hold dates')
        days.append(value.date() if isinstance(value, dt.datetime) else value)
    return days


def _totals(
    daily: Mapping[str, Mapping[dt.date, float]], total: Figure | Mapping[str, Figure] | None
) -> tuple[Figure, ...]:
    """Return the figure that each line ends with; none where none are given."""
    if total is None:
        return ()
    given = (
        {label(name): one for name, one in total.items()}
        if isinstance(total, Mapping)
        else dict.fromkeys(daily, total)
    )
    # What has no records has no line either, and its figure says nothing else.
    unmet = [name for name, one in given.items() if name not in daily and shown(one)]
    if unmet or (lacking := [name for name in daily if name not in given]):
        name, what = (unmet[0], "line") if unmet else (lacking[0], "figure")
        hint = did_you_mean(name, daily if unmet else given)
        raise ValueError(f'`total` has no {what} for "{name}"; {hint}')
    for name, days in daily.items():
        figure, summed = given[name], math.fsum(days.values())
        if figure.suppressed:
            raise ValueError(
                f"{figure.id} is suppressed: its records cannot be drawn one after another"
            )
        if not math.isclose(figure.value or 0, summed):
            rows = f'the rows of "{name}"' if name else "the rows"
            made = current().number(summed)
            raise ValueError(
                f"{rows} make {made}, {figure.id} is {figure.text}; "
                "choose the rows that the figure counts"
            )
    return tuple(given[name] for name in daily)


def _running(daily: dict[dt.date, float]) -> list[tuple[dt.date, float]]:
    total = 0.0
    points = []
    for day in sorted(daily):
        total += daily[day]
        points.append((day, total))
    return points


def _levels(
    lines: list[StepLine], axis: TimeAxis, what: str, unit: str, totals: Sequence[Figure]
) -> Table:
    """Return the data as a table: where each line stands at the ends of quarters or years.

    The last row has the totals.
    """
    quarters = axis.end.year - axis.start.year <= LONG
    days = pd.date_range(axis.start, axis.end, freq="QE" if quarters else "YE", inclusive="left")
    ends = [*days.date, axis.end]
    words = current()
    columns = [Column(words.say("By the end of"))] + [
        Column(line.name if len(lines) > 1 else what, "number", unit if is_currency(unit) else "")
        for line in lines
    ]
    levels = [
        current().column(
            [max((t for d, t in line.points if d <= e), default=0) for e in ends], unit
        )
        for line in lines
    ]
    rows = [
        Row((Cell(current().date(end)), *(Cell(level[number]) for level in levels)))
        for number, end in enumerate(ends)
    ]
    if not totals:
        return Table(tuple(columns), tuple(rows))
    first, *last = rows[-1].cells
    doubled = several_periods(totals)
    named = [
        replace(cell, text=figure.label, figure=cell_name(figure, doubled))
        for cell, figure in zip(last, totals, strict=True)
    ]
    note = words.say("Each row counts what the figures in the last row count, up to its day.")
    return Table(tuple(columns), (*rows[:-1], Row((first, *named))), notes=(note,))


def _told(lines: list[StepLine], axis: TimeAxis, subject: str) -> str:
    words = current()
    span = words.period(axis.start, axis.end)
    parts = []
    for line in lines:
        total = line.points[-1][1]
        half = next(day for day, sofar in line.points if sofar >= total / 2)
        day = words.date(half)
        told = words.say("{total} in all, half of it by {day}", total=line.text, day=day)
        parts.append(words.labelled(line.name, told) if len(lines) > 1 else told)
    kind = words.say("Line chart of a running total")
    return words.say(
        "{kind}: {subject}, {days}. {totals}.",
        kind=kind,
        subject=subject,
        days=span,
        totals=words.series(parts),
    )


@dataclass(frozen=True)
class StepLine:
    """One running total: its name, (day, total so far) in order of time, its last total's text."""

    name: str
    points: Sequence[tuple[dt.date, float]]
    text: str


@dataclass(frozen=True)
class StepLines:
    """Running totals over one axis of time, each with its name and total at its end."""

    lines: Sequence[StepLine]
    time_axis: TimeAxis
    fills: Sequence[str]
    unit: str = ""
    width: float = TEXT_WIDTH

    @property
    def height(self) -> float:
        """How high the plot is with its axis of time."""
        return LABEL + PLOT + self.time_axis.height

    @cached_property
    def _axis(self) -> ValueAxis:
        top = max(total for line in self.lines for _, total in line.points)
        return ValueAxis(0, rounded_up(top), self.unit)

    @cached_property
    def _names(self) -> list[list[str]]:
        """The names behind the totals: on the same line where they have room, else below."""
        most = [LABEL_WIDTH - self._total(line) for line in self.lines]
        return [
            [line.name]
            if width_of(line.name) <= room
            else ["", *wrapped(line.name, LABEL_WIDTH, most=2)]
            for line, room in zip(self.lines, most, strict=True)
        ]

    def _total(self, line: StepLine) -> float:
        return width_of(f"{line.text} ", LABEL, "semibold") + 2

    @cached_property
    def _right(self) -> float:
        """Room for what stands at the ends of the lines."""
        firsts = [
            self._total(line) + width_of(names[0])
            for line, names in zip(self.lines, self._names, strict=True)
        ]
        return max([*firsts, *(width_of(n) for names in self._names for n in names)]) + NEAR

    def draw(self, canvas: Canvas, at: Point) -> None:
        """Draw with the top left corner at `at`."""
        left, right = at[0] + self._axis.width, at[0] + self.width - self._right
        foot = at[1] + LABEL + PLOT
        unit = PLOT / self._axis.high
        self._axis.draw(canvas, (at[0], left, right), foot, unit)
        ends = []
        for line, fill in zip(self.lines, self.fills, strict=True):
            points = list(self._stepped(line, (left, right), foot, unit))
            if len(self.lines) == 1:
                under = [(points[0][0], foot), *points, (points[-1][0], foot)]
                canvas.area(under, mixed(fill, DEFAULT.paper, 0.88))
            canvas.line(points, outline(fill), THICK)
            ends.append(points[-1])
        self.time_axis.draw(canvas, left, right, foot)
        self._draw_names(canvas, ends, (at[1], foot))

    def _stepped(
        self, line: StepLine, xs: tuple[float, float], foot: float, unit: float
    ) -> Iterator[Point]:
        left, right = xs
        level, last = foot, -math.inf
        yield left, level
        for day, total in line.points:
            x = left + self.time_axis.share(day) * (right - left)
            if x - last >= FINEST:
                last = x
                yield x, level
            level = foot - total * unit
            yield last, level
        yield right, level

    def _draw_names(
        self, canvas: Canvas, ends: Sequence[Point], bounds: tuple[float, float]
    ) -> None:
        """Write totals and names at the ends, moved apart where they would touch."""
        highs = [len(names) * LABEL * LINE for names in self._names]
        middles = _apart([y for _, y in ends], highs, *bounds)
        for (x, y), middle, line, names, fill in zip(
            ends, middles, self.lines, self._names, self.fills, strict=True
        ):
            if abs(middle - y) > 1:
                canvas.line([(x, y), (x + NEAR - 1, middle)], outline(fill), 0.6)
            base = baseline(middle, len(names))
            canvas.text((x + NEAR, base), line.text, weight="semibold")
            canvas.text((x + NEAR + self._total(line), base), names[0])
            canvas.lines((x + NEAR, base + LABEL * LINE), names[1:])


def _apart(wanted: Sequence[float], highs: Sequence[float], top: float, foot: float) -> list[float]:
    """Return middles near the wanted ones, so that nothing of these heights overlaps."""
    places = list(wanted)
    order = sorted(range(len(places)), key=lambda number: -wanted[number])
    floor = foot + LABEL * LINE / 2
    for number in order:
        places[number] = min(wanted[number], floor - highs[number] / 2)
        floor = places[number] - highs[number] / 2
    ceiling = top
    for number in reversed(order):
        places[number] = max(places[number], ceiling + highs[number] / 2)
        ceiling = places[number] + highs[number] / 2
    return places
