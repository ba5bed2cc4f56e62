"""A running total over time: a line that steps up on each day."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from jpreport.design.colour import mixed
from jpreport.design.style import DEFAULT
from jpreport.notebook.charts.scale import Axis, Calendar, rounded_up
from jpreport.notebook.charts.sheet import CAPITAL, LINE, Point, Sheet, width_of, wrapped
from jpreport.notebook.theme import LABEL, TEXT_WIDTH, outline

PLOT = 150.0
NEAR = 6.0
LABEL_WIDTH = 110.0
THICK = 1.8
FINEST = 0.4  # points between two steps that can be told apart


@dataclass(frozen=True)
class Line:
    """One running total: its name, (day, total so far) in order of time, its last total's text."""

    name: str
    points: Sequence[tuple[dt.date, float]]
    text: str


@dataclass(frozen=True)
class Steps:
    """Running totals over one calendar, each with its name and total at its end."""

    lines: Sequence[Line]
    calendar: Calendar
    fills: Sequence[str]
    unit: str = ""
    width: float = TEXT_WIDTH

    @property
    def height(self) -> float:
        """How high the plot is with its calendar."""
        return LABEL + PLOT + self.calendar.height

    @cached_property
    def _axis(self) -> Axis:
        top = max(total for line in self.lines for _, total in line.points)
        return Axis(0, rounded_up(top), self.unit)

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

    def _total(self, line: Line) -> float:
        return width_of(f"{line.text} ", LABEL, "semibold") + 2

    @cached_property
    def _right(self) -> float:
        """Room for what stands at the ends of the lines."""
        firsts = [
            self._total(line) + width_of(names[0])
            for line, names in zip(self.lines, self._names, strict=True)
        ]
        return max([*firsts, *(width_of(n) for names in self._names for n in names)]) + NEAR

    def draw(self, sheet: Sheet, at: Point) -> None:
        """Draw with the top left corner at `at`."""
        left, right = at[0] + self._axis.width, at[0] + self.width - self._right
        foot = at[1] + LABEL + PLOT
        unit = PLOT / self._axis.high
        self._axis.draw(sheet, (at[0], left, right), foot, unit)
        ends = []
        for line, fill in zip(self.lines, self.fills, strict=True):
            points = list(self._stepped(line, (left, right), foot, unit))
            if len(self.lines) == 1:
                under = [(points[0][0], foot), *points, (points[-1][0], foot)]
                sheet.area(under, mixed(fill, DEFAULT.paper, 0.88))
            sheet.line(points, outline(fill), THICK)
            ends.append(points[-1])
        self.calendar.draw(sheet, left, right, foot)
        self._draw_names(sheet, ends, (at[1], foot))

    def _stepped(
        self, line: Line, xs: tuple[float, float], foot: float, unit: float
    ) -> Iterator[Point]:
        left, right = xs
        level, last = foot, -math.inf
        yield left, level
        for day, total in line.points:
            x = left + self.calendar.share(day) * (right - left)
            if x - last >= FINEST:
                last = x
                yield x, level
            level = foot - total * unit
            yield last, level
        yield right, level

    def _draw_names(self, sheet: Sheet, ends: Sequence[Point], bounds: tuple[float, float]) -> None:
        """Write totals and names at the ends, moved apart where they would touch."""
        highs = [len(names) * LABEL * LINE for names in self._names]
        middles = _apart([y for _, y in ends], highs, *bounds)
        for (x, y), middle, high, line, names, fill in zip(
            ends, middles, highs, self.lines, self._names, self.fills, strict=True
        ):
            if abs(middle - y) > 1:
                sheet.line([(x, y), (x + NEAR - 1, middle)], outline(fill), 0.6)
            base = middle - high / 2 + LABEL * LINE / 2 + LABEL * CAPITAL / 2
            sheet.text((x + NEAR, base), line.text, weight="semibold")
            sheet.text((x + NEAR + self._total(line), base), names[0])
            for count, name in enumerate(names[1:], start=1):
                sheet.text((x + NEAR, base + count * LABEL * LINE), name)


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
