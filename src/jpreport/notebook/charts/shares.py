"""The shares of a whole: one bar cut into its parts, or a bar for each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from jpreport.design.page import TEXT_WIDTH
from jpreport.design.style import DEFAULT
from jpreport.figures import (
    Figure,
    share,
    total,
)
from jpreport.forms.tables import Cell, Column, Row, Table
from jpreport.language import SHARE, current, phrase
from jpreport.notebook import theme
from jpreport.notebook.charts.bars import highlighted
from jpreport.notebook.charts.canvas import LINE, Canvas, Point, baseline, width_of, wrapped
from jpreport.notebook.charts.chart import Header, Marks, chart_function, composed
from jpreport.notebook.charts.chart_data import ChartData
from jpreport.notebook.charts.horizontal_bars import HorizontalBars
from jpreport.notebook.charts.reading import MOST_SERIES, NothingToDraw, check_whole, read
from jpreport.notebook.output import ReportChart
from jpreport.notebook.theme import LABEL, outline, text_on

NO_SHARES = phrase("The sum is zero, so there are no shares")
THICK = 24.0
SEAM = 1.6
INSIDE = 4.0
MOST_LINES = 3


@chart_function
def share_chart(  # noqa: PLR0913
    frame: pd.DataFrame,
    x: str,
    y: str,
    *,
    unit: str = "",
    title: str = "",
    alt: str | None = None,
    highlight: str | None = None,
    whole: Figure | None = None,
) -> ReportChart:
    """Return the parts of a whole: each category's share of the sum of `y`.

    One bar in parts where their names have room, else a bar for each. Where the sum is zero, or
    a figure is suppressed or has no value, the chart says so: the other parts would measure it.
    Shares of figures are figures; `whole` is the one that they are shares of (default: their
    sum). Raises ValueError as `bar_chart` does, for missing and negative values, and where the
    parts do not make the whole; FigureError for figures that do not add up.
    """
    data = read(frame, x, y, unit=unit, positive=True)
    check_whole(frame, y, phrase("so the whole is unknown"))
    values = [value for value in data.amounts[0] if value is not None]
    summed = math.fsum(values)
    if not summed:
        raise NothingToDraw(current().say(NO_SHARES))
    shares_of = _shares(data, whole, summed)
    percents = [current().number(value / summed, SHARE) for value in values]
    fills = highlighted(data, highlight)
    marks: Marks
    marks = segments = SegmentedBar(data, percents, fills or theme.style().series)
    if len(values) > MOST_SERIES or not segments.fits:
        shown = tuple(f"{p}  ({t})" for p, t in zip(percents, data.texts[0], strict=True))
        shares = replace(data, amounts=(tuple(v / summed for v in values),), given=(shown,))
        accent = [theme.style().accent]
        marks = HorizontalBars(shares, accent, domain=(0, 1), track=True, category_fills=fills)
    table = _share_table(data, percents, summed, shares_of)
    told = alt or _told_shares(data, percents, title)
    figures = (*data.figures.values(), *shares_of)
    return composed(Header(title, data.remark), marks, table, told, figures)


@dataclass(frozen=True)
class SegmentedBar:
    """One bar over the whole width: names above its parts, shares within, values below."""

    data: ChartData
    percents: Sequence[str]
    fills: Sequence[str]
    width: float = TEXT_WIDTH

    @cached_property
    def _widths(self) -> list[float]:
        values = [value or 0 for value in self.data.amounts[0]]
        return [value / sum(values) * self.width for value in values]

    @cached_property
    def _names(self) -> list[list[str]]:
        return [
            wrapped(name, max(width - INSIDE, 1), most=MOST_LINES + 1)
            for name, width in zip(self.data.categories, self._widths, strict=True)
        ]

    @property
    def fits(self) -> bool:
        """Whether every text has room over its part."""
        return all(
            len(lines) <= MOST_LINES
            and max(map(width_of, (*name.split(), value, percent))) + INSIDE <= width
            for lines, name, value, percent, width in zip(
                self._names,
                self.data.categories,
                self.data.texts[0],
                self.percents,
                self._widths,
                strict=True,
            )
        )

    @property
    def height(self) -> float:
        """How high the bar is with the texts above and below."""
        return (max(map(len, self._names)) + 1) * LABEL * LINE + THICK + 6

    def draw(self, canvas: Canvas, at: Point) -> None:
        """Draw with the top left corner at `at`."""
        x, top = at
        bar = top + max(map(len, self._names)) * LABEL * LINE + 2
        for number, (lines, width) in enumerate(zip(self._names, self._widths, strict=True)):
            fill = self.fills[number]
            canvas.lines((x, bar - len(lines) * LABEL * LINE + LABEL * 0.75), lines)
            canvas.rectangle((x, bar), (width - SEAM, THICK), fill, outline(fill))
            inside = (x + INSIDE, baseline(bar + THICK / 2))
            canvas.text(inside, self.percents[number], colour=text_on(fill), weight="semibold")
            below = (x, bar + THICK + 3 + LABEL * 0.85)
            canvas.text(below, self.data.texts[0][number], colour=DEFAULT.muted)
            x += width


def _shares(data: ChartData, whole: Figure | None, summed: float) -> tuple[Figure, ...]:
    """Return each part's share and, last, the whole; none where the parts are bare numbers."""
    parts = list(data.figures.values())
    if len(parts) < len(data.categories):
        if whole:
            raise ValueError(f"{whole.id} is the whole, and its parts are no figures")
        return ()
    whole = whole or total(parts)
    if whole.suppressed or whole.value is None:
        why = current().say("The whole is {whole}, so there are no shares", whole=whole.text)
        raise NothingToDraw(why)
    if not math.isclose(whole.value, summed):
        raise ValueError(
            f"the parts add up to {current().number(summed)}, the whole "
            f"{whole.id} is {whole.text}; name the figure that they are parts of"
        )
    return (*(share(part, whole) for part in parts), whole)


def _share_table(
    data: ChartData, percents: Sequence[str], summed: float, figures: Sequence[Figure]
) -> Table:
    """Return parts, shares and the whole; `figures` as `_shares` gives them."""
    words = current()
    columns = (
        Column(data.x),
        Column(data.y, "number", data.remark),
        Column(words.say("Share"), "number"),
    )
    texts = words.column([*data.amounts[0], summed], data.unit)
    names = [figure.id for figure in figures] if figures else [None] * len(texts)
    rows = [
        Row((Cell(name), data.cell(0, c), Cell(percent, figure=names[c])))
        for c, (name, percent) in enumerate(zip(data.categories, percents, strict=True))
    ]
    total, every = Cell(words.say("Total")), Cell(words.number(1, SHARE))
    rows.append(Row((total, Cell(texts[-1], figure=names[-1]), every), "total"))
    return Table(
        columns, tuple(rows), notes=words.shares_note(value / summed for value in data.known)
    )


def _told_shares(data: ChartData, percents: Sequence[str], title: str) -> str:
    parts = zip(data.categories, percents, data.texts[0], strict=True)
    words = current()
    shown = words.series(
        words.labelled(name, f"{percent} ({text})") for name, percent, text in parts
    )
    return f"{data.subject(current().say('Shares of a whole'), title)}. {shown}."
