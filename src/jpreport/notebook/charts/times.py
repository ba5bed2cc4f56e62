"""Charts of a course: running totals over time, achieved against target."""

from __future__ import annotations

import datetime as dt
import math
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from jpreport.design.style import DEFAULT
from jpreport.errors import did_you_mean
from jpreport.figures import ENGLISH, is_currency
from jpreport.forms.tables import Cell, Column, Row, Table
from jpreport.notebook import labels, theme
from jpreport.notebook.charts.empty import says_nothing
from jpreport.notebook.charts.header import Head, Key, composed
from jpreport.notebook.charts.progress import Progress, progress_table, progress_told
from jpreport.notebook.charts.reading import (
    MOST_CATEGORIES,
    MOST_SERIES,
    check_columns,
    check_number,
    check_whole,
    label,
    read_values,
    shown,
)
from jpreport.notebook.charts.scale import Calendar
from jpreport.notebook.charts.steps import Line, Steps
from jpreport.notebook.output import cell_name, several_periods

if TYPE_CHECKING:
    from jpreport.figures import Figure
    from jpreport.notebook.output import ReportChart

STEPS_NOTE = "Each row counts what the figures in the last row count, up to its day."
LONG = 10  # years; from then on the table has a row a year, not a quarter


@says_nothing
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
    chart = "cumulative_chart"
    check_columns(chart, frame, [name for name in (date, y, by) if name])
    days = _days(chart, frame, date)
    values = read_values(chart, frame, y, positive=True) if y else [1] * len(frame)
    if y:
        check_whole(chart, frame, y, "so there is no running total")
    names = [label(name) for name in frame[by].tolist()] if by else [""] * len(frame)
    calendar = Calendar(start or min(days), end or max(days))
    if min(days) < calendar.start or max(days) > calendar.end:
        raise ValueError(
            f'{chart}: column "{date}" runs from {min(days)} to {max(days)}, beyond the axis '
            f"from {calendar.start} to {calendar.end}; choose the rows first"
        )
    daily: dict[str, dict[dt.date, float]] = {name: {} for name in names}
    for name, day, value in zip(names, days, values, strict=True):
        daily[name][day] = daily[name].get(day, 0) + (value or 0)
    check_number(chart, "lines", len(daily), MOST_SERIES)
    totals = _totals(daily, total)
    sums = ENGLISH.column([sum(one.values()) for one in daily.values()], unit)
    lines = [
        Line(name or (unit if not is_currency(unit) else ""), _running(one), text)
        for (name, one), text in zip(daily.items(), sums, strict=True)
    ]
    what = labels.heading(y) if y else (unit or "records")
    head = Head(title, unit if by or is_currency(unit) else "")
    table = _levels(lines, calendar, what if by else labels.heading(what), unit, totals)
    subject = title or labels.heading(what)
    if unit and unit.casefold() not in subject.casefold():
        subject += f", {unit}" if is_currency(unit) else f", in {unit}"
    told = alt or _told(lines, calendar, subject)
    body = Steps(lines, calendar, theme.style().series[: len(lines)], unit)
    # The steps are counted in the records of the figures that the lines end with.
    return replace(composed(head, body, table, told, totals), derived=bool(totals))


def progress_chart(
    figures: Iterable[Figure], *, title: str = "", alt: str | None = None
) -> ReportChart:
    """Return what was achieved against the targets, a row a figure.

    Figures of one unit share a scale; of several units, each bar is drawn against its own
    target. Where no target is stated the row says so and has no mark; a figure that is
    suppressed or without a value has words only. Raises ValueError for no figures, too many, and
    negative values.
    """
    chosen = tuple(figures)
    if not chosen:
        raise ValueError("progress_chart: there are no figures to show")
    check_number("progress_chart", "figures", len(chosen), MOST_CATEGORIES)
    for figure in chosen:
        if min(shown(figure) or 0, figure.target or 0) < 0:
            raise ValueError(f"progress_chart: indicator {figure.id} is negative; use a table")
    body = Progress(chosen)
    keys = [Key("achieved", theme.style().accent), Key("target", DEFAULT.ink, thin=True)]
    head = Head(title, body.remark, keys if body.marked else [])
    told = alt or progress_told(chosen, title)
    return replace(composed(head, body, progress_table(chosen), told, chosen), derived=True)


def _days(chart: str, frame: pd.DataFrame, date: str) -> list[dt.date]:
    days: list[dt.date] = []
    for value in frame[date].tolist():
        if pd.api.types.is_scalar(value) and pd.isna(value):
            raise ValueError(f'{chart}: column "{date}" has rows without a date; drop them first')
        if not isinstance(value, dt.date):
            raise TypeError(f'{chart}: column "{date}" holds {value!r}; it must hold dates')
        days.append(value.date() if isinstance(value, dt.datetime) else value)
    return days


def _totals(
    daily: Mapping[str, Mapping[dt.date, float]], total: Figure | Mapping[str, Figure] | None
) -> tuple[Figure, ...]:
    """Return the figure that each line ends with; none where none are given."""
    if total is None:
        return ()
    given = total if isinstance(total, Mapping) else dict.fromkeys(daily, total)
    # What has no records has no line either, and its figure says nothing else.
    unmet = [name for name, one in given.items() if name not in daily and shown(one)]
    if unmet or (lacking := [name for name in daily if name not in given]):
        name, what = (unmet[0], "line") if unmet else (lacking[0], "figure")
        hint = did_you_mean(name, daily if unmet else given)
        raise ValueError(f'cumulative_chart: `total` has no {what} for "{name}"; {hint}')
    for name, days in daily.items():
        figure, summed = given[name], math.fsum(days.values())
        if figure.suppressed:
            raise ValueError(
                f"cumulative_chart: {figure.id} is suppressed: its records cannot be drawn one "
                "after another"
            )
        if not math.isclose(figure.value or 0, summed):
            rows = f'the rows of "{name}"' if name else "the rows"
            made = ENGLISH.number(summed)
            raise ValueError(
                f"cumulative_chart: {rows} make {made}, {figure.id} is {figure.text}; "
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
    lines: list[Line], calendar: Calendar, what: str, unit: str, totals: Sequence[Figure]
) -> Table:
    """Return the data as a table: where each line stands at the ends of quarters or years.

    The last row has the totals.
    """
    ends = list(_ends(calendar))
    columns = [Column("By the end of")] + [
        Column(line.name if len(lines) > 1 else what, "number", unit if is_currency(unit) else "")
        for line in lines
    ]
    levels = [
        ENGLISH.column([max((t for d, t in line.points if d <= e), default=0) for e in ends], unit)
        for line in lines
    ]
    rows = [
        Row((Cell(ENGLISH.date(end)), *(Cell(level[number]) for level in levels)))
        for number, end in enumerate(ends)
    ]
    if not totals:
        return Table(tuple(columns), tuple(rows))
    first, *last = rows[-1].cells
    doubled = several_periods(totals)
    named = [
        replace(cell, figure=cell_name(figure, doubled))
        for cell, figure in zip(last, totals, strict=True)
    ]
    return Table(tuple(columns), (*rows[:-1], Row((first, *named))), notes=(STEPS_NOTE,))


def _ends(calendar: Calendar) -> Iterator[dt.date]:
    months = 3 if calendar.end.year - calendar.start.year <= LONG else 12
    year, month = calendar.start.year, (calendar.start.month - 1) // months * months + months
    while (year, month) < (calendar.end.year, calendar.end.month):
        yield dt.date(year, month, monthrange(year, month)[1])
        year, month = year + (month + months - 1) // 12, (month + months - 1) % 12 + 1
    yield calendar.end


def _told(lines: list[Line], calendar: Calendar, subject: str) -> str:
    span = ENGLISH.period(calendar.start, calendar.end)
    parts = []
    for line in lines:
        total = line.points[-1][1]
        half = next(day for day, sofar in line.points if sofar >= total / 2)
        name = f"{line.name}: " if len(lines) > 1 else ""
        parts.append(f"{name}{line.text} in all, half of it by {ENGLISH.date(half)}")
    return f"Line chart of a running total: {subject}, {span}. {'; '.join(parts)}."
