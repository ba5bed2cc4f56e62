"""Axes: round numbers up the side, months and years along the foot."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from jpreport.design.style import DEFAULT
from jpreport.language import SHARE, current
from jpreport.notebook.charts.canvas import LINE, Canvas, baseline, width_of
from jpreport.notebook.theme import SMALL

YEAR = 12  # months
CROWDED = 0.06  # of the axis, between two years' labels
ABOUT = 4  # steps that an axis is divided into
GAP = 6.0  # between an axis' numbers and the plot
# A tick each so many months while a time has no more than so many months.
_STEPS = ((1, 9), (3, 42), (12, 180), (60, 900))


@dataclass(frozen=True)
class ValueAxis:
    """Gridlines at round values from `low` to `high`, which holds zero."""

    low: float
    high: float
    unit: str = ""

    @cached_property
    def ticks(self) -> list[float]:
        """Round values within the range."""
        span = self.high - self.low
        if span <= 0:
            return [0]
        rough = span / ABOUT
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(f * power for f in (1, 2, 2.5, 5, 10) if f * power >= rough * 0.999)
        if float(self.high).is_integer() and self.unit != SHARE:
            step = max(1, math.ceil(step))  # there is no half person
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]

    @cached_property
    def texts(self) -> list[str]:
        """The values of the ticks as they are printed."""
        return current().ticks(self.ticks, self.unit)

    @cached_property
    def width(self) -> float:
        """How much room the numbers take, in points."""
        return max(width_of(text, SMALL) for text in self.texts) + GAP

    def draw(
        self, canvas: Canvas, xs: tuple[float, float, float], zero: float, unit: float
    ) -> None:
        """Draw numbers from the first of three places and lines from the second to the third."""
        left, start, end = xs
        for tick, text in zip(self.ticks, self.texts, strict=True):
            y = zero - tick * unit
            if tick:
                canvas.line([(start, y), (end, y)], DEFAULT.rule, 0.4)
            at = (max(left, start - GAP), baseline(y, size=SMALL))
            canvas.text(at, text, size=SMALL, colour=DEFAULT.muted, align="right")


@dataclass(frozen=True)
class TimeAxis:
    """Months or years from one day to another, as long as the axis has room for."""

    start: dt.date
    end: dt.date

    @property
    def height(self) -> float:
        """How much room the labels take under the line."""
        lines = 2 if any(lower for _, _, lower in self.ticks) else 1
        return lines * SMALL * LINE + 6

    def share(self, day: dt.date) -> float:
        """Return how far along the axis a day lies, 0 to 1."""
        return (day - self.start).days / max(1, (self.end - self.start).days)

    @cached_property
    def ticks(self) -> list[tuple[dt.date, str, str]]:
        """First days of months, each with its upper and lower label."""
        months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1
        step = next((step for step, most in _STEPS if months <= most), _STEPS[-1][0] * 2)
        days = list(self._firsts(step))
        labels: list[tuple[dt.date, str, str]] = []
        names = current().months("abbreviated")
        for day in days:
            if step >= YEAR:
                labels.append((day, str(day.year), ""))
            else:
                year = str(day.year) if not labels or day.month == 1 else ""
                labels.append((day, names[day.month - 1], year))
        # A first tick shortly before January would put two years side by side.
        if len(labels) > 1 and labels[0][2] and labels[1][2] and step < YEAR:
            day, upper, lower = labels[0]
            crowded = self.share(labels[1][0]) - self.share(day) < CROWDED
            labels[0] = (day, upper, "" if crowded else lower)
        return labels

    def _firsts(self, step: int) -> Iterator[dt.date]:
        year, month = self.start.year, self.start.month
        if step > YEAR:
            year -= year % (step // YEAR)
        month -= (month - 1) % min(step, YEAR)
        while (year, month) <= (self.end.year, self.end.month):
            if (first := dt.date(year, month, 1)) >= self.start:
                yield first
            month += step
            year, month = year + (month - 1) // 12, (month - 1) % 12 + 1

    def draw(self, canvas: Canvas, left: float, right: float, foot: float) -> None:
        """Draw the line at `foot`, ticks and labels under it."""
        canvas.line([(left, foot), (right, foot)], DEFAULT.muted)
        for day, upper, lower in self.ticks:
            x = left + self.share(day) * (right - left)
            canvas.line([(x, foot), (x, foot + 3)], DEFAULT.muted)
            base = foot + 4 + SMALL
            width = max(width_of(upper, SMALL), width_of(lower, SMALL))
            middle = min(max(x, left + width / 2 - GAP), canvas.width - width / 2)
            canvas.text((middle, base), upper, size=SMALL, colour=DEFAULT.muted, align="center")
            if lower:
                at = (middle, base + SMALL * LINE)
                canvas.text(at, lower, size=SMALL, align="center")


def rounded_up(high: float) -> float:
    """Return the next round value: the top of an axis."""
    if high <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(high))
    return float(
        next(f * power for f in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if f * power >= high)
    )
