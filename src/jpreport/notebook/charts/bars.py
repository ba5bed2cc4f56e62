"""Charts that compare: bars, grouped and stacked bars, shares, small multiples."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from jpreport.design.colour import mixed
from jpreport.design.style import DEFAULT
from jpreport.errors import did_you_mean
from jpreport.figures import ENGLISH, SHARE, share, total
from jpreport.forms.tables import Cell, Column, Row, Table
from jpreport.notebook import theme
from jpreport.notebook.charts.columns import Columns
from jpreport.notebook.charts.empty import says_nothing
from jpreport.notebook.charts.grid import Grid
from jpreport.notebook.charts.header import Body, Head, Key, composed
from jpreport.notebook.charts.panels import Panels
from jpreport.notebook.charts.reading import (
    MOST_SERIES,
    NothingToDraw,
    check_number,
    check_whole,
    read,
)
from jpreport.notebook.charts.rows import Rows
from jpreport.notebook.charts.shares import Segments

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from jpreport.figures import Figure
    from jpreport.notebook.output import ReportChart

NO_SHARES = "The sum is zero, so there are no shares"
MOST_PANELS = 24
MOST_ACROSS = 5  # panels that can be read
# Bars that stand behind the one that the reader is to see.
QUIET = mixed(DEFAULT.muted, DEFAULT.paper, 0.45)


@says_nothing
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
    grid = read("bar_chart", frame, x, y, unit=unit, text=text)
    fills = _highlighted("bar_chart", grid, highlight)
    body = _body(
        "bar_chart", grid, [theme.style().accent], horizontal=horizontal, category_fills=fills
    )
    told = alt or grid.told("Bar chart", title)
    head = Head(title, _remark(grid, body))
    return composed(head, body, grid.table(), told, grid.figures.values())


@says_nothing
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
    grid = _series_grid("grouped_bar_chart", frame, (x, y, by), unit=unit)
    fills = theme.style().series[: len(grid.series)]
    body = _body("grouped_bar_chart", grid, fills, horizontal=horizontal)
    head = Head(title, _remark(grid, body), list(map(Key, grid.series, fills)))
    told = alt or grid.told("Grouped bar chart", title)
    return composed(head, body, grid.table(), told, grid.figures.values())


@says_nothing
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
    grid = _series_grid("stacked_bar_chart", frame, (x, y, by), unit=unit, positive=True)
    fills = theme.style().series[: len(grid.series)]
    body = _body("stacked_bar_chart", grid, fills, horizontal=horizontal, stacked=True)
    head = Head(title, _remark(grid, body), list(map(Key, grid.series, fills)))
    told = alt or f"{grid.told('Stacked bar chart', title)} In all: {grid.sums().values_told()}."
    return composed(head, body, grid.table(), told, grid.figures.values())


@says_nothing
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
    grid = read("share_chart", frame, x, y, unit=unit, positive=True)
    check_whole("share_chart", frame, y, "so the whole is unknown")
    values = [value for value in grid.amounts[0] if value is not None]
    summed = math.fsum(values)
    if not summed:
        raise NothingToDraw(NO_SHARES)
    shares_of = _shares(grid, whole, summed)
    percents = [ENGLISH.number(value / summed, SHARE) for value in values]
    fills = _highlighted("share_chart", grid, highlight) or theme.style().series
    segments = Segments(grid, percents, fills) if len(values) <= MOST_SERIES else None
    if segments and segments.fits:
        body: Body = segments
    else:
        shown = [f"{p}  ({t})" for p, t in zip(percents, grid.texts[0], strict=True)]
        shares = replace(
            grid, amounts=(tuple(value / summed for value in values),), given=(tuple(shown),)
        )
        chosen = _highlighted("share_chart", grid, highlight)
        body = Rows(
            shares, [theme.style().accent], domain=(0, 1), track=True, category_fills=chosen
        )
    table = _share_table(grid, percents, summed, shares_of)
    told = alt or _told_shares(grid, percents, title)
    figures = (*grid.figures.values(), *shares_of)
    return composed(Head(title, grid.remark), body, table, told, figures)


@says_nothing
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
        raise ValueError(f"small_multiples: across is {across}; from 1 to 5 panels fit in a line")
    grid = read("small_multiples", frame, x, y, by, unit=unit)
    check_number("small_multiples", "panels", len(grid.series), MOST_PANELS)
    # Four panels make a square.
    wanted = across or (2 if len(grid.series) == 4 else 3)  # noqa: PLR2004
    body = Panels(grid, min(wanted, len(grid.series)))
    told = alt or grid.told("Small bar charts of one scale", title)
    return composed(Head(title, grid.remark), body, grid.table(), told, grid.figures.values())


def _series_grid(
    chart: str,
    frame: pd.DataFrame,
    columns: tuple[str, str, str],
    *,
    unit: str,
    positive: bool = False,
) -> Grid:
    grid = read(chart, frame, *columns, unit=unit, positive=positive)
    check_number(chart, "series", len(grid.series), MOST_SERIES)
    return grid


def _body(  # noqa: PLR0913 - one place to choose between lying and standing
    chart: str,
    grid: Grid,
    fills: Sequence[str],
    *,
    horizontal: bool,
    stacked: bool = False,
    category_fills: Sequence[str] = (),
) -> Rows | Columns:
    if horizontal:
        return Rows(grid, fills, stacked=stacked, category_fills=category_fills)
    return Columns(chart, grid, fills, stacked=stacked, category_fills=category_fills)


def _remark(grid: Grid, body: Rows | Columns) -> str:
    """Return what stands over the marks: the unit, and the signs that are among them."""
    signs = body.signs if isinstance(body, Columns) else ()
    return "; ".join(filter(None, (grid.remark, *signs)))


def _highlighted(chart: str, grid: Grid, highlight: str | None) -> list[str]:
    """Return a fill a category where one of them is to stand out, else none."""
    if highlight is None:
        return []
    if highlight not in grid.categories:
        hint = did_you_mean(highlight, grid.categories)
        raise ValueError(f'{chart}: no bar is called "{highlight}"; {hint}')
    return [theme.style().accent if name == highlight else QUIET for name in grid.categories]


def _shares(grid: Grid, whole: Figure | None, summed: float) -> tuple[Figure, ...]:
    """Return each part's share and, last, the whole; none where the parts are bare numbers."""
    parts = list(grid.figures.values())
    if len(parts) < len(grid.categories):
        if whole:
            raise ValueError(f"share_chart: {whole.id} is the whole, and its parts are no figures")
        return ()
    whole = whole or total(parts)
    if whole.suppressed or whole.value is None:
        raise NothingToDraw(f"The whole is {whole.text}, so there are no shares")
    if not math.isclose(whole.value, summed):
        raise ValueError(
            f"share_chart: the parts add up to {ENGLISH.number(summed)}, the whole "
            f"{whole.id} is {whole.text}; name the figure that they are parts of"
        )
    return (*(share(part, whole) for part in parts), whole)


def _share_table(
    grid: Grid, percents: Sequence[str], summed: float, figures: Sequence[Figure]
) -> Table:
    """Return parts, shares and the whole; `figures` as `_shares` gives them."""
    columns = (
        Column(grid.x),
        Column(grid.y, "number", grid.remark),
        Column("Share", "number"),
    )
    texts = ENGLISH.column([*grid.amounts[0], summed], grid.unit)
    names = [figure.id for figure in figures] if figures else [None] * len(texts)
    rows = [
        Row((Cell(name), grid.cell(0, c), Cell(percent, figure=names[c])))
        for c, (name, percent) in enumerate(zip(grid.categories, percents, strict=True))
    ]
    rows.append(Row((Cell("Total"), Cell(texts[-1], figure=names[-1]), Cell("100%")), "total"))
    return Table(
        columns, tuple(rows), notes=ENGLISH.shares_note(value / summed for value in grid.known)
    )


def _told_shares(grid: Grid, percents: Sequence[str], title: str) -> str:
    parts = zip(grid.categories, percents, grid.texts[0], strict=True)
    shown = "; ".join(f"{name}: {percent} ({text})" for name, percent, text in parts)
    return f"{grid.subject('Shares of a whole', title)}. {shown}."
