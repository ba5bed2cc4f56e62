"""Charts that compare: bars, grouped and stacked bars, small multiples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

import pandas as pd

from jpreport.design.colour import mixed
from jpreport.design.page import TEXT_WIDTH
from jpreport.design.style import DEFAULT
from jpreport.errors import did_you_mean
from jpreport.language import current
from jpreport.notebook import theme
from jpreport.notebook.charts.canvas import LINE, Canvas, Point, wrapped
from jpreport.notebook.charts.chart import Header, LegendEntry, chart_function, composed
from jpreport.notebook.charts.chart_data import ChartData
from jpreport.notebook.charts.horizontal_bars import HorizontalBars
from jpreport.notebook.charts.reading import MOST_SERIES, check_number, label, read
from jpreport.notebook.charts.vertical_bars import VerticalBars
from jpreport.notebook.output import ReportChart
from jpreport.notebook.theme import LABEL

MOST_PANELS = 24
MOST_ACROSS = 5  # panels that can be read
GUTTER = 16.0
BETWEEN = 10.0  # lines of panels
NAMES = 0.26  # of the width
# Bars that stand behind the one that the reader is to see.
QUIET = mixed(DEFAULT.muted, DEFAULT.paper, 0.45)


@chart_function
def bar_chart(  # noqa: PLR0913 - options of a chart, by keyword only
    frame: pd.DataFrame,
    x: str,
    y: str,
    *,
    unit: str = "",
    title: str = "",
    alt: str | None = None,
    horizontal: bool = True,
    text: str | None = None,
    highlight: str | None = None,
) -> ReportChart:
    """Return a bar for each row of a tidy frame, in its order: categories in `x`, lengths in `y`.

    Missing values read "not stated", a figure without a number says why it has none. `text`
    names a column with what stands at the bars' ends in place of the number ("at least 4,500");
    `highlight` is the category to stand out. A frame without rows or values gives a chart that
    says so. Raises ValueError for missing columns, doubled categories and what is no number.
    """
    data = read(frame, x, y, unit=unit, text=text)
    fills = highlighted(data, highlight)
    told = alt or data.told(current().say("Bar chart"), title)
    return _bars(data, title, told, horizontal=horizontal, category_fills=fills)


@chart_function
def grouped_bar_chart(  # noqa: PLR0913
    frame: pd.DataFrame,
    x: str,
    y: str,
    by: str,
    *,
    unit: str = "",
    title: str = "",
    alt: str | None = None,
    horizontal: bool = True,
) -> ReportChart:
    """Return bars side by side: one group for each `x`, in it one bar for each `by`.

    Raises ValueError as `bar_chart` does, and for more than six series.
    """
    data = read(frame, x, y, by, unit=unit)
    told = alt or data.told(current().say("Grouped bar chart"), title)
    return _bars(data, title, told, horizontal=horizontal)


@chart_function
def stacked_bar_chart(  # noqa: PLR0913
    frame: pd.DataFrame,
    x: str,
    y: str,
    by: str,
    *,
    unit: str = "",
    title: str = "",
    alt: str | None = None,
    horizontal: bool = True,
) -> ReportChart:
    """Return bars cut into parts: one bar for each `x`, one part for each `by`, sums at the ends.

    Where a part is suppressed or missing the bar has no sum and says so.

    Raises ValueError as `grouped_bar_chart` does, and for negative values.
    """
    data = read(frame, x, y, by, unit=unit, positive=True)
    told = alt or current().say(
        "{told} In all: {values}.",
        told=data.told(current().say("Stacked bar chart"), title),
        values=data.sums().values_told(),
    )
    return _bars(data, title, told, horizontal=horizontal, stacked=True)


@chart_function
def small_multiples(  # noqa: PLR0913
    frame: pd.DataFrame,
    x: str,
    y: str,
    by: str,
    *,
    unit: str = "",
    title: str = "",
    alt: str | None = None,
    across: int | None = None,
) -> ReportChart:
    """Return a small bar chart for each `by`, `across` in a line (default 3), all of one scale.

    Raises ValueError as `bar_chart` does, for more than 24 panels, and where `across` is not
    1 to 5.
    """
    if across is not None and not 1 <= across <= MOST_ACROSS:
        raise ValueError(f"across is {across}; from 1 to 5 panels fit in a line")
    data = read(frame, x, y, by, unit=unit)
    check_number("panels", len(data.series), MOST_PANELS)
    # Four panels make a square.
    wanted = across or (2 if len(data.series) == 4 else 3)  # noqa: PLR2004
    panels = Panels(data, min(wanted, len(data.series)))
    told = alt or data.told(current().say("Small bar charts of one scale"), title)
    header, figures = Header(title, data.remark), data.figures.values()
    return composed(header, panels, data.table(), told, figures, breaks=panels.breaks)


def _bars(  # noqa: PLR0913 - one place to choose between lying and standing
    data: ChartData,
    title: str,
    alt: str,
    *,
    horizontal: bool,
    stacked: bool = False,
    category_fills: Sequence[str] = (),
) -> ReportChart:
    style = theme.style()
    check_number("series", len(data.series), MOST_SERIES)
    fills = style.series[: len(data.series)] if data.by else [style.accent]
    layout = HorizontalBars if horizontal else VerticalBars
    bars = layout(data, fills, stacked=stacked, category_fills=category_fills)
    signs = bars.signs if isinstance(bars, VerticalBars) else ()
    remark = "; ".join(filter(None, (data.remark, *signs)))
    legend = list(map(LegendEntry, data.series, fills)) if data.by else ()
    header, figures = Header(title, remark, legend), data.figures.values()
    breaks = bars.breaks if isinstance(bars, HorizontalBars) else ()
    return composed(header, bars, data.table(), alt, figures, breaks=breaks)


def highlighted(data: ChartData, category: str | None) -> list[str]:
    """Return a fill for each category where one of them is to stand out, else none."""
    if category is None:
        return []
    category = label(category)
    if category not in data.categories:
        hint = did_you_mean(category, data.categories)
        raise ValueError(f'no bar is called "{category}"; {hint}')
    return [theme.style().accent if name == category else QUIET for name in data.categories]


@dataclass(frozen=True)
class Panels:
    """A panel a series, `across` of them in a line; the first of a line names the categories."""

    data: ChartData
    across: int
    width: float = TEXT_WIDTH

    @cached_property
    def _first(self) -> HorizontalBars:
        """The names of the categories with no bars, for the room that they take."""
        return HorizontalBars(
            self.data, [], self.width, most_label=self.width * NAMES, stacked=True
        )

    @cached_property
    def _room(self) -> float:
        """How wide a panel is without names."""
        return (self.width - self._first.left - GUTTER * (self.across - 1)) / self.across

    @cached_property
    def _panels(self) -> list[HorizontalBars]:
        values = [value or 0 for row in self.data.amounts for value in row]
        domain = min(0, *values), max(0, *values)
        panels = [
            replace(
                self._first,
                data=self.data.only(s),
                fills=[theme.style().accent],
                width=self._room,
                stacked=False,
                domain=domain,
                most_label=0,
                pitch=self._first.row_height,
            )
            for s in range(len(self.data.series))
        ]
        # The narrowest of the scales is one for all.
        unit = min(panel.scale[1] for panel in panels)
        if unit <= 0:
            raise ValueError(f"no room for bars; fewer than {self.across} across")
        return [replace(panel, unit=unit) for panel in panels]

    @cached_property
    def _titles(self) -> list[list[str]]:
        return [wrapped(name, self._room, LABEL, "semibold", 2) for name in self.data.series]

    @property
    def _lines(self) -> range:
        return range(0, len(self._panels), self.across)

    def _head(self, start: int) -> float:
        lines = max(map(len, self._titles[start : start + self.across]))
        return lines * LABEL * LINE + 2

    @property
    def height(self) -> float:
        """How high all lines of panels are together."""
        return [*self._ends][-1] - BETWEEN

    @property
    def breaks(self) -> list[float]:
        """Where lines of panels end."""
        return [*self._ends][:-1]

    @property
    def _ends(self) -> Iterator[float]:
        heights = (self._head(start) + self._first.height + BETWEEN for start in self._lines)
        return accumulate(heights)

    def draw(self, canvas: Canvas, at: Point) -> None:
        """Draw with the top left corner at `at`."""
        x, y = at
        for start in self._lines:
            top = y + self._head(start)
            self._first.draw_names(canvas, (x, top))
            for place, s in enumerate(range(start, min(start + self.across, len(self._panels)))):
                left = x + self._first.left + place * (self._room + GUTTER)
                base = top - 3 - (len(self._titles[s]) - 1) * LABEL * LINE
                canvas.lines((left, base), self._titles[s], weight="semibold")
                self._panels[s].draw(canvas, (left, top))
            y = top + self._first.height + BETWEEN
