"""Bars that stand: one place a category from left to right, as befits times and grades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from jpreport.design.style import DEFAULT
from jpreport.figures import SUPPRESSED
from jpreport.figures.wording import DASH
from jpreport.forms.tables import SUPPRESSED_SIGN
from jpreport.notebook.charts.grid import Grid, Value
from jpreport.notebook.charts.scale import Axis
from jpreport.notebook.charts.sheet import CAPITAL, LINE, Point, Sheet, width_of, wrapped
from jpreport.notebook.theme import LABEL, SMALL, TEXT_WIDTH, outline, text_on

PLOT = 130.0  # height of the range of values
NEAR = 3.0  # from a bar's end to its value
FILLED = 0.72  # of a category's place that its bars take
WIDEST = 34.0  # bar
SEAM = 1.2  # of paper between neighbours


@dataclass(frozen=True)
class Columns:
    """Standing bars in a box `width` points wide.

    Each bar carries its value where all values find room, else an axis stands at the left. What
    has no number carries a word, or where that has no room a sign that `signs` explains.
    `domain` is the range of values (default: the chart's own, always with zero).
    """

    chart: str
    grid: Grid
    fills: Sequence[str]
    width: float = TEXT_WIDTH
    stacked: bool = False
    domain: tuple[float, float] | None = None
    category_fills: Sequence[str] = ()
    plot: float = PLOT

    @property
    def height(self) -> float:
        """How high the plot is with its values and names."""
        lines = max(map(len, self._names))
        return self._above + self.plot + self._below + 5 + lines * LABEL * LINE

    @property
    def _above(self) -> float:
        return LABEL + NEAR

    @cached_property
    def _below(self) -> float:
        return LABEL + NEAR if self._range[0] < 0 else 0

    @cached_property
    def _range(self) -> tuple[float, float]:
        if self.domain:
            return self.domain
        rows = (self.grid.known,) if self.stacked else self.grid.amounts
        values = [value or 0 for row in rows for value in row]
        return min(0, *values), max(0, *values)

    @property
    def _lanes(self) -> int:
        return 1 if self.stacked else len(self.grid.series)

    @cached_property
    def _valued(self) -> bool:
        """Whether every value has room at its bar."""
        place = self.width / len(self.grid.categories)
        room = place if self._lanes == 1 else place * FILLED / self._lanes
        texts = (
            text
            for values, row in zip(self._values, self._texts, strict=True)
            for value, text in zip(values, row, strict=True)
            if value is not None
        )
        return all(width_of(text, SMALL) + 2 <= room for text in texts)

    @property
    def _values(self) -> tuple[tuple[Value, ...], ...]:
        """What each lane of each category stands for."""
        return (self.grid.totals,) if self.stacked else self.grid.amounts

    @property
    def _texts(self) -> tuple[tuple[str, ...], ...]:
        return (self.grid.total_texts,) if self.stacked else self.grid.texts

    @cached_property
    def _marks(self) -> tuple[tuple[str, ...], ...]:
        """What stands at each lane of each category: a value, a word or a sign for none."""
        return tuple(
            tuple(
                (text if self._valued else "") if value is not None else self._mark(text)
                for value, text in zip(values, row, strict=True)
            )
            for values, row in zip(self._values, self._texts, strict=True)
        )

    def _mark(self, word: str) -> str:
        room = self._place if self._lanes == 1 else self._thickness
        if width_of(word, SMALL) + 2 <= room:
            return word
        if word != SUPPRESSED:
            return DASH
        if width_of(SUPPRESSED_SIGN, SMALL) > room:
            raise ValueError(
                f"{self.chart}: {SUPPRESSED_SIGN} for a suppressed number has no room at its bar; "
                "use horizontal=True"
            )
        return SUPPRESSED_SIGN

    @property
    def signs(self) -> tuple[str, ...]:
        """What the signs mean that stand for words."""
        found = {
            f"{mark} {text}"
            for row, texts in zip(self._marks, self._texts, strict=True)
            for mark, text in zip(row, texts, strict=True)
            if mark and mark != text
        }
        return tuple(sorted(found))

    @cached_property
    def _axis(self) -> Axis:
        return Axis(*self._range, unit=self.grid.unit)

    @cached_property
    def _left(self) -> float:
        return 0 if self._valued else self._axis.width

    @cached_property
    def _place(self) -> float:
        return (self.width - self._left) / len(self.grid.categories)

    @cached_property
    def _names(self) -> list[list[str]]:
        room = self._place - 3
        for name in self.grid.categories:
            if any(width_of(word) > room for word in name.split()):
                raise ValueError(
                    f'{self.chart}: "{name}" does not fit under its bar; use horizontal=True'
                )
        return [wrapped(name, room) for name in self.grid.categories]

    def draw(self, sheet: Sheet, at: Point) -> None:
        """Draw with the top left corner at `at`."""
        left, top = at[0] + self._left, at[1] + self._above
        low, high = self._range
        unit = self.plot / ((high - low) or 1)
        zero = top + high * unit
        right = at[0] + self.width
        if not self._valued:
            self._axis.draw(sheet, (at[0], left, right), zero, unit)
        for c, lines in enumerate(self._names):
            middle = left + (c + 0.5) * self._place
            if self.stacked:
                self._draw_stack(sheet, c, (middle, zero), unit)
            else:
                self._draw_bars(sheet, c, (middle, zero), unit)
            base = top + self.plot + self._below + 4 + LABEL
            for number, line in enumerate(lines):
                sheet.text((middle, base + number * LABEL * LINE), line, align="center")
        sheet.line([(left, zero), (right, zero)], DEFAULT.muted)

    @property
    def _thickness(self) -> float:
        return min(self._place * FILLED / self._lanes, WIDEST)

    def _draw_bars(self, sheet: Sheet, c: int, foot: Point, unit: float) -> None:
        middle, zero = foot
        for s in range(self._lanes):
            left = middle + (s - self._lanes / 2) * self._thickness
            value, text = self.grid.amounts[s][c], self._marks[s][c]
            length = (value or 0) * unit
            fill = self.category_fills[c] if self.category_fills else self.fills[s]
            if length:
                corner = (left + SEAM / 2, min(zero, zero - length))
                sheet.rectangle(corner, (self._thickness - SEAM, abs(length)), fill, outline(fill))
            if text:
                base = (
                    zero - length - NEAR if length >= 0 else zero - length + NEAR + SMALL * CAPITAL
                )
                colour = DEFAULT.muted if value is None else DEFAULT.ink
                centre = (left + self._thickness / 2, base)
                sheet.text(centre, text, size=SMALL, colour=colour, align="center")

    def _draw_stack(self, sheet: Sheet, c: int, foot: Point, unit: float) -> None:
        middle, y = foot
        for s, fill in enumerate(self.fills):
            length = (self.grid.amounts[s][c] or 0) * unit
            if not length:
                continue
            corner = (middle - self._thickness / 2, y - length + SEAM / 2)
            inside = max(length - SEAM, SEAM)
            sheet.rectangle(corner, (self._thickness, inside), fill, outline(fill))
            text = self.grid.texts[s][c]
            if width_of(text, SMALL) + 2 <= self._thickness and length >= SMALL * LINE:
                base = y - length / 2 + SMALL * CAPITAL / 2
                colour = text_on(fill)
                sheet.text((middle, base), text, size=SMALL, colour=colour, align="center")
            y -= length
        at, text = (middle, y - NEAR), self._marks[0][c]
        if self.grid.totals[c] is None:
            sheet.text(at, text, size=SMALL, colour=DEFAULT.muted, align="center")
        elif text:
            sheet.text(at, text, size=SMALL, weight="semibold", align="center")
