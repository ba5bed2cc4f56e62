"""Small multiples: one small chart a group, all of one scale."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from jpreport.notebook import theme
from jpreport.notebook.charts.grid import Grid
from jpreport.notebook.charts.rows import Rows
from jpreport.notebook.charts.sheet import LINE, Point, Sheet, wrapped
from jpreport.notebook.theme import LABEL, TEXT_WIDTH

GUTTER = 16.0
BETWEEN = 10.0  # lines of panels
MOST_LABEL = 0.26  # of the width


@dataclass(frozen=True)
class Panels:
    """A panel a series, `across` of them in a line; the first of a line names the categories."""

    grid: Grid
    across: int
    width: float = TEXT_WIDTH

    @cached_property
    def _first(self) -> Rows:
        """The names of the categories with no bars, for the room that they take."""
        return Rows(self.grid, [], self.width, most_label=self.width * MOST_LABEL, stacked=True)

    @cached_property
    def _room(self) -> float:
        """How wide a panel is without names."""
        return (self.width - self._first.left - GUTTER * (self.across - 1)) / self.across

    @cached_property
    def _panels(self) -> list[Rows]:
        values = [value or 0 for row in self.grid.amounts for value in row]
        domain = min(0, *values), max(0, *values)
        panels = [
            Rows(
                self.grid.only(s),
                [theme.style().accent],
                self._room,
                domain=domain,
                most_label=0,
                pitch=self._first.rise,
            )
            for s in range(len(self.grid.series))
        ]
        # The narrowest of the scales is one for all.
        unit = min(panel.scale[1] for panel in panels)
        if unit <= 0:
            raise ValueError(f"small_multiples: no room for bars; fewer than {self.across} across")
        return [replace(panel, unit=unit) for panel in panels]

    @cached_property
    def _titles(self) -> list[list[str]]:
        return [wrapped(name, self._room, LABEL, "semibold", 2) for name in self.grid.series]

    @property
    def _lines(self) -> range:
        return range(0, len(self._panels), self.across)

    def _head(self, start: int) -> float:
        lines = max(map(len, self._titles[start : start + self.across]))
        return lines * LABEL * LINE + 2

    @property
    def height(self) -> float:
        """How high all lines of panels are together."""
        heads = sum(self._head(start) for start in self._lines)
        return heads + len(self._lines) * (self._first.height + BETWEEN) - BETWEEN

    def draw(self, sheet: Sheet, at: Point) -> None:
        """Draw with the top left corner at `at`."""
        x, y = at
        for start in self._lines:
            top = y + self._head(start)
            self._first.draw_names(sheet, (x, top))
            for place, s in enumerate(range(start, min(start + self.across, len(self._panels)))):
                left = x + self._first.left + place * (self._room + GUTTER)
                titles = self._titles[s]
                for number, line in enumerate(titles):
                    base = top - 3 - (len(titles) - 1 - number) * LABEL * LINE
                    sheet.text((left, base), line, weight="semibold")
                self._panels[s].draw(sheet, (left, top))
            y = top + self._first.height + BETWEEN
