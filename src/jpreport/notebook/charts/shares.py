"""Parts of a whole: one bar cut into its parts, with what they are written at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from jpreport.design.style import DEFAULT
from jpreport.notebook.charts.grid import Grid
from jpreport.notebook.charts.sheet import CAPITAL, LINE, Point, Sheet, width_of, wrapped
from jpreport.notebook.theme import LABEL, TEXT_WIDTH, outline, text_on

THICK = 24.0
SEAM = 1.6
INSIDE = 4.0
MOST_LINES = 3


@dataclass(frozen=True)
class Segments:
    """One bar over the whole width; names above, shares within, values below."""

    grid: Grid
    percents: Sequence[str]
    fills: Sequence[str]
    width: float = TEXT_WIDTH

    @cached_property
    def _widths(self) -> list[float]:
        values = [value or 0 for value in self.grid.amounts[0]]
        return [value / sum(values) * self.width for value in values]

    @cached_property
    def _names(self) -> list[list[str]]:
        return [
            wrapped(name, max(width - INSIDE, 1), most=MOST_LINES + 1)
            for name, width in zip(self.grid.categories, self._widths, strict=True)
        ]

    @property
    def fits(self) -> bool:
        """Whether every text has room over its part."""
        return all(
            len(lines) <= MOST_LINES
            and max(map(width_of, (*name.split(), value, percent))) + INSIDE <= width
            for lines, name, value, percent, width in zip(
                self._names,
                self.grid.categories,
                self.grid.texts[0],
                self.percents,
                self._widths,
                strict=True,
            )
        )

    @property
    def height(self) -> float:
        """How high the bar is with the texts above and below."""
        return (max(map(len, self._names)) + 1) * LABEL * LINE + THICK + 6

    def draw(self, sheet: Sheet, at: Point) -> None:
        """Draw with the top left corner at `at`."""
        x, top = at
        bar = top + max(map(len, self._names)) * LABEL * LINE + 2
        for number, (lines, width) in enumerate(zip(self._names, self._widths, strict=True)):
            fill = self.fills[number]
            first = bar - len(lines) * LABEL * LINE
            for count, line in enumerate(lines):
                sheet.text((x, first + count * LABEL * LINE + LABEL * 0.75), line)
            sheet.rectangle((x, bar), (width - SEAM, THICK), fill, outline(fill))
            base = bar + THICK / 2 + LABEL * CAPITAL / 2
            inside = (x + INSIDE, base)
            percent = self.percents[number]
            sheet.text(inside, percent, colour=text_on(fill), weight="semibold")
            below = (x, bar + THICK + 3 + LABEL * 0.85)
            sheet.text(below, self.grid.texts[0][number], colour=DEFAULT.muted)
            x += width
