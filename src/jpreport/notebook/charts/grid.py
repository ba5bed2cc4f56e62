"""The numbers behind a chart: read from a tidy frame, checked, worded, told as text and table."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pandas as pd

from jpreport.errors import did_you_mean
from jpreport.figures import NOT_STATED, SHARE, SUPPRESSED, Figure, is_currency
from jpreport.notebook import wording
from jpreport.notebook.frames import SUPPRESSED_CELL
from jpreport.notebook.output import cell_name, several_periods
from jpreport.tables import Cell, Column, Row, Table

Value = float | None

# So many values an alternative text gives one by one; of more it gives the extremes.
TOLD = 12
MOST_CATEGORIES = 40
MOST_SERIES = 6
NO_RECORDS = "No records in this period"
NO_VALUES = "No values are stated"
NO_SHARES = "The sum is zero, so there are no shares"
ABSENT = Cell(wording.BLANK, state="empty")
UNSTATED = Cell(NOT_STATED, state="not stated")


class NothingToDraw(Exception):  # noqa: N818 - no error: the chart says it in place of marks
    """There is nothing to draw; the text says why."""


@dataclass(frozen=True)
class Grid:
    """Values by series and category, in the order of the frame.

    `amounts[s][c]` is None where the frame has no number: `absent` names the pairs (s, c) that
    it has no row for. A chart of one series has one without a name. `figures` are the values
    that are figures, by (s, c).
    """

    x: str
    y: str
    by: str
    unit: str
    categories: tuple[str, ...]
    series: tuple[str, ...]
    amounts: tuple[tuple[Value, ...], ...]
    absent: frozenset[tuple[int, int]] = frozenset()
    given: tuple[tuple[str, ...], ...] = ()
    figures: Mapping[tuple[int, int], Figure] = field(default_factory=dict)

    @cached_property
    def texts(self) -> tuple[tuple[str, ...], ...]:
        """The values as they are printed, with equally many decimals."""
        if self.given:
            return self.given
        flat = wording.texts([value for row in self.amounts for value in row], self.unit)
        width = len(self.categories)
        return tuple(
            tuple(
                text or ("" if (s, c) in self.absent else self._missing(s, c))
                for c, text in enumerate(flat[s * width : (s + 1) * width])
            )
            for s in range(len(self.series))
        )

    @property
    def totals(self) -> tuple[float, ...]:
        """The sum of each category over its series."""
        return tuple(
            math.fsum(value for value in column if value is not None)
            for column in zip(*self.amounts, strict=True)
        )

    @property
    def remark(self) -> str:
        """What a chart says of its unit; shares and names of things need no word."""
        return "" if self.unit == SHARE else self.unit

    def table(self) -> Table:
        """Return the data as a table: categories down, series across."""
        number = "" if self.unit == SHARE else self.unit
        columns = [Column(self.x)] + [
            Column(name or self.y, "number", number, self.by and self.y) for name in self.series
        ]
        rows = [
            Row((Cell(category), *(self.cell(s, c) for s in range(len(self.series)))))
            for c, category in enumerate(self.categories)
        ]
        return Table(tuple(columns), tuple(rows))

    def cell(self, s: int, c: int) -> Cell:
        """Return a value as a cell of the data behind the chart."""
        if (s, c) in self.absent:
            return ABSENT
        figure = self.figures.get((s, c))
        if self.amounts[s][c] is None:
            return SUPPRESSED_CELL if figure and figure.suppressed else UNSTATED
        name = cell_name(figure, self._doubled) if figure else None
        return Cell(self.texts[s][c], figure=name)

    @cached_property
    def _doubled(self) -> frozenset[str]:
        return several_periods(tuple(self.figures.values()))

    def _missing(self, s: int, c: int) -> str:
        figure = self.figures.get((s, c))
        return SUPPRESSED if figure and figure.suppressed else NOT_STATED

    def sums(self) -> Grid:
        """Return the totals of the categories as a grid of one series."""
        return replace(
            self, series=("",), amounts=(self.totals,), absent=frozenset(), given=(), figures={}
        )

    def subject(self, kind: str, title: str) -> str:
        """Return what kind of chart shows what, in which unit."""
        subject = title or f"{self.y} by {wording.listing(self._axes)}"
        if not self.remark or self.unit.casefold() in subject.casefold():
            return f"{kind}: {subject}"
        return f"{kind}: {subject}, {'' if is_currency(self.unit) else 'in '}{self.unit}"

    def told(self, kind: str, title: str) -> str:
        """Return the alternative text: the kind of chart, its subject, its values or extremes."""
        return f"{self.subject(kind, title)}. {self.values_told()}."

    def values_told(self) -> str:
        """Return all values where they are few, else how many there are and the extremes."""
        every = len(self.categories) * len(self.series) <= TOLD
        parts = [self._all(s) if every else self._extremes(s) for s in range(len(self.series))]
        return ". ".join(
            f"{name} \N{EN DASH} {part}" if name else part
            for name, part in zip(self.series, parts, strict=True)
        )

    @property
    def _axes(self) -> list[str]:
        return [name[:1].lower() + name[1:] for name in (self.x, self.by) if name]

    def _all(self, s: int) -> str:
        pairs = zip(self.categories, self.texts[s], strict=True)
        return "; ".join(f"{category}: {text}" for category, text in pairs if text)

    def _extremes(self, s: int) -> str:
        known = [(value, c) for c, value in enumerate(self.amounts[s]) if value is not None]
        if not known:
            return NOT_STATED
        low, high = min(known)[1], max(known, key=lambda pair: pair[0])[1]
        count = f"{len(known)} values"
        if len(known) < len(self.categories):
            count = f"{len(known)} of {len(self.categories)} values stated"
        return (
            f"{count}, from {self.texts[s][low]} ({self.categories[low]}) "
            f"to {self.texts[s][high]} ({self.categories[high]})"
        )


def read(  # noqa: PLR0913 - the columns of a chart
    chart: str,
    frame: pd.DataFrame,
    x: str,
    y: str,
    by: str | None = None,
    *,
    unit: str = "",
    text: str | None = None,
    positive: bool = False,
) -> Grid:
    """Read a tidy frame; raises ValueError that says what is wrong with it for this chart.

    A value may be a figure; where all are, their unit is the chart's unless it has one. Raises
    NothingToDraw for a frame without rows or values.
    """
    wanted = [x, y, *([by] if by else []), *([text] if text else [])]
    check_columns(chart, frame, wanted)
    values = read_values(chart, frame, y, positive=positive)
    across = [label(value) for value in frame[x].tolist()]
    down = [label(value) for value in frame[by].tolist()] if by else [""] * len(across)
    categories, series = tuple(dict.fromkeys(across)), tuple(dict.fromkeys(down))
    cells: dict[tuple[int, int], Value] = {}
    figures: dict[tuple[int, int], Figure] = {}
    for category, name, value, given in zip(across, down, values, frame[y].tolist(), strict=True):
        place = series.index(name), categories.index(category)
        if place in cells:
            names = f'"{category}"' + (f' and "{name}"' if by else "")
            keys = f'["{x}", "{by}"]' if by else f'"{x}"'
            raise ValueError(
                f"{chart}: {names} stands in several rows; sum them first, "
                f'e.g. frame.groupby({keys}, as_index=False)["{y}"].sum()'
            )
        cells[place] = value
        if isinstance(given, Figure):
            figures[place] = given
    check_number(chart, "categories", len(categories), MOST_CATEGORIES)
    grid = [(s, c) for s in range(len(series)) for c in range(len(categories))]
    return Grid(
        x=wording.heading(x),
        y=wording.heading(y),
        by=wording.heading(by) if by else "",
        unit=unit or _unit(frame[y].tolist()),
        categories=categories,
        series=series,
        amounts=tuple(
            tuple(cells.get((s, c)) for c in range(len(categories))) for s in range(len(series))
        ),
        absent=frozenset(place for place in grid if place not in cells),
        given=(tuple(label(value) for value in frame[text].tolist()),) if text else (),
        figures=figures,
    )


def _unit(values: Sequence[object]) -> str:
    """Return the unit that all values are figures of, "" where there is none."""
    units = {value.unit if isinstance(value, Figure) else "" for value in values}
    return units.pop() if len(units) == 1 else ""


def check_columns(chart: str, frame: pd.DataFrame, wanted: Sequence[str]) -> None:
    """Refuse what is no frame, or one without the columns that a chart needs.

    Raises NothingToDraw for no rows. A frame made of none has no columns either.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"{chart}: needs a pandas DataFrame, not {type(frame).__name__}")
    names = list(frame.columns)
    if not names and frame.empty:
        raise NothingToDraw(NO_RECORDS)
    for name in wanted:
        if name not in names:
            hint = did_you_mean(str(name), map(str, names))
            raise ValueError(f'{chart}: the frame has no column "{name}"; {hint}')
        if names.count(name) > 1:
            raise ValueError(f'{chart}: the frame has several columns "{name}"')
    if frame.empty:
        raise NothingToDraw(NO_RECORDS)


def read_values(chart: str, frame: pd.DataFrame, y: str, *, positive: bool = False) -> list[Value]:
    """Return a column as floats, None where missing.

    Raises ValueError for what is no number, NothingToDraw where all are missing.
    """
    values = list(_values(chart, frame, y))
    known = [value for value in values if value is not None]
    if not known:
        raise NothingToDraw(NO_VALUES)
    if positive and min(known) < 0:
        raise ValueError(
            f'{chart}: column "{y}" has negative values (lowest {min(known):g}); parts of a '
            "whole cannot be negative, bar_chart shows them"
        )
    return values


def _values(chart: str, frame: pd.DataFrame, y: str) -> Iterator[Value]:
    for given in frame[y].tolist():
        value = given.value if isinstance(given, Figure) else given
        if pd.api.types.is_scalar(value) and pd.isna(value):
            yield None
        elif isinstance(value, numbers.Number) and not isinstance(value, bool | complex):
            exact = float(value)  # type: ignore[arg-type]
            if not math.isfinite(exact):
                raise ValueError(f'{chart}: column "{y}" holds {value}, which has no length')
            yield int(value) if isinstance(value, numbers.Integral) else exact
        else:
            raise ValueError(f'{chart}: column "{y}" holds {value!r}; it must hold numbers')


def check_number(chart: str, things: str, count: int, most: int) -> None:
    """Refuse more bars, lines or panels than a page can show."""
    if count > most:
        raise ValueError(
            f"{chart}: {count} {things} are too many to tell apart (at most {most}); "
            "show the largest and sum up the rest, or use frame_table"
        )


def label(value: Any) -> str:  # noqa: ANN401 - whatever a frame holds
    """Return the name of a category on one line; a year has no thousands separator."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return "not recorded"
    return " ".join(wording.text(value).split()) or wording.BLANK
