"""Bars that stand, side by side or stacked: one place a category from left to right."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from jpreport.design.style import DEFAULT
from jpreport.figures import SUPPRESSED
from jpreport.forms.tables import SUPPRESSED_SIGN
from jpreport.language import DASH, current
from jpreport.notebook.charts.axes import ValueAxis
from jpreport.notebook.charts.canvas import CAPITAL, LINE, Align, Canvas, Point, width_of, wrapped
from jpreport.notebook.charts.chart_data import Value
from jpreport.notebook.charts.horizontal_bars import SEAM, Bars
from jpreport.notebook.theme import LABEL, SMALL

PLOT = 130.0  # height of the range of values
ABOVE = 3.0  # from a bar's end to its value
FILLED = 0.72  # of a category's place that its bars take
WIDEST = 34.0  # bar


@dataclass(frozen=True)
class VerticalBars(Bars):
    """Standing bars: one place a category from left to right, as befits times and grades.

    Each bar carries its value where all values find room, else an axis stands at the left. What
    has no number carries a word, or where that has no room a sign that `signs` explains.
    """

    inset = SEAM / 2
    size = SMALL

    @property
    def height(self) -> float:
        """How high the plot is with its values and names."""
        lines = max(map(len, self._names))
        return LABEL + ABOVE + PLOT + self._below + 5 + lines * LABEL * LINE

    @property
    def _below(self) -> float:
        return LABEL + ABOVE if self.bounds[0] < 0 else 0

    @property
    def _place(self) -> float:
        """How wide the place of a category is."""
        return (self.width - self._left) / len(self.data.categories)

    @property
    def thickness(self) -> float:
        """How thick a lane is."""
        return min(self._place * FILLED / self.lanes, WIDEST)

    @property
    def _pairs(self) -> list[list[tuple[Value, str]]]:
        """The value and the text of each lane of each category; without a value, a word."""
        texts = (self.data.total_texts,) if self.stacked else self.data.texts
        return [list(zip(*lane, strict=True)) for lane in zip(self.values, texts, strict=True)]

    @cached_property
    def _valued(self) -> bool:
        """Whether every value has room at its bar."""
        place = self.width / len(self.data.categories)
        room = place if self.lanes == 1 else place * FILLED / self.lanes
        texts = (text for lane in self._pairs for value, text in lane if value is not None)
        return all(width_of(text, SMALL) + 2 <= room for text in texts)

    @cached_property
    def ends(self) -> tuple[tuple[str, ...], ...]:
        """What stands at each lane of each category: a value, a word or a sign for none."""
        return tuple(tuple(self._end(*pair) for pair in lane) for lane in self._pairs)

    def _end(self, value: Value, text: str) -> str:
        if value is not None:
            return text if self._valued else ""
        room = self._place if self.lanes == 1 else self.thickness
        if width_of(text, SMALL) + 2 <= room:
            return text
        if text != current().say(SUPPRESSED):
            return DASH
        if width_of(SUPPRESSED_SIGN, SMALL) > room:
            raise ValueError(
                f"{SUPPRESSED_SIGN} for a suppressed number has no room at its bar; "
                "use horizontal=True"
            )
        return SUPPRESSED_SIGN

    @property
    def signs(self) -> tuple[str, ...]:
        """What the signs mean that stand for words."""
        found = {
            f"{end} {text}"
            for ends, lane in zip(self.ends, self._pairs, strict=True)
            for end, (_, text) in zip(ends, lane, strict=True)
            if end and end != text
        }
        return tuple(sorted(found))

    @cached_property
    def _axis(self) -> ValueAxis:
        return ValueAxis(*self.bounds, unit=self.data.unit)

    @cached_property
    def _left(self) -> float:
        return 0 if self._valued else self._axis.width

    @cached_property
    def _names(self) -> list[list[str]]:
        room = self._place - 3
        for name in self.data.categories:
            if any(width_of(word) > room for word in name.split()):
                raise ValueError(f'"{name}" does not fit under its bar; use horizontal=True')
        return [wrapped(name, room) for name in self.data.categories]

    def draw(self, canvas: Canvas, at: Point) -> None:
        """Draw with the top left corner at `at`."""
        left, right, top = at[0] + self._left, at[0] + self.width, at[1] + LABEL + ABOVE
        low, high = self.bounds
        unit = PLOT / ((high - low) or 1)
        zero = top + high * unit
        if not self._valued:
            self._axis.draw(canvas, (at[0], left, right), zero, unit)
        for c, lines in enumerate(self._names):
            middle = left + (c + 0.5) * self._place
            for s in range(self.lanes):
                x = middle + (s - self.lanes / 2) * self.thickness
                self._draw_lane(canvas, (x, zero), s, c, unit)
            base = top + PLOT + self._below + 4 + LABEL
            canvas.lines((middle, base), lines, align="center")
        canvas.line([(left, zero), (right, zero)], DEFAULT.muted)

    def _point(self, zero: Point, along: float, across: float) -> Point:
        return zero[0] + across, zero[1] - along

    def _beyond(self, zero: Point, end: float) -> tuple[Point, Align]:
        x, y = self._point(zero, end, self.thickness / 2)
        return (x, y - ABOVE if end >= 0 else y + ABOVE + SMALL * CAPITAL), "center"

    def _fits(self, text: str, length: float) -> bool:
        return width_of(text, SMALL) + 2 <= self.thickness and length >= SMALL * LINE
