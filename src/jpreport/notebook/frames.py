"""Any tidy data frame as a table of the report."""

from __future__ import annotations

import math
import numbers
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from jpreport.errors import did_you_mean
from jpreport.figures import NOT_STATED, Figure
from jpreport.figures import total as add_up
from jpreport.forms.tables import SUPPRESSED_SIGN, Cell, Column, Row, Table
from jpreport.language import DASH, SHARE, current
from jpreport.notebook.labels import cell_text, heading, said
from jpreport.notebook.output import ReportTable, cell_name, in_languages, several_periods

EMPTY = Cell("", state="empty")
BLANK = Cell(DASH, state="empty")
_YEARS = range(1800, 2200)
SUPPRESSED_CELL = Cell(SUPPRESSED_SIGN, state="suppressed")
# What a row of totals holds: sums of all number columns, of those named, or given figures.
Total = bool | Collection[Any] | Mapping[Any, Figure]


@dataclass(frozen=True, slots=True)
class _Series:
    """One column of the table to be: its name in the frame, None where a value is missing."""

    name: Any
    items: list[Any]
    numeric: bool

    @property
    def keys(self) -> tuple[Any, ...]:
        """By which names a caller may mean this column."""
        return (self.name, self.name[-1]) if isinstance(self.name, tuple) else (self.name,)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures among the values: each keeps its derivation."""
        return tuple(value for value in self.items if isinstance(value, Figure))

    @property
    def sum(self) -> Any:  # noqa: ANN401 - int, float or Decimal, as the values are
        known = [value for value in self.items if value is not None]
        return math.fsum(known) if any(isinstance(value, float) for value in known) else sum(known)


@in_languages
def frame_table(  # noqa: PLR0913 - options of a builder, by keyword only
    frame: pd.DataFrame,
    *,
    labels: Mapping[Any, str] | None = None,
    units: Mapping[Any, str] | None = None,
    stub: int | None = None,
    total: Total = False,
    notes: Sequence[str] = (),
) -> ReportTable:
    """Return a data frame as a table, rows and columns in the frame's order.

    `labels` and `units` go by column name (under column groups: by the whole tuple or its last
    level). A column without a label shows its own name, snake_case as words; unit "share"
    prints fractions in per cent. An index with names or texts becomes row headers, else the
    first `stub` columns do (default 1). `total` adds the sums of all number columns, or of
    those named; where it gives figures by column name, these stand in the row of totals. A
    missing value shows as a dash; a value may be a figure, which keeps its derivation and its
    suppression, as does the sum of figures. Raises ValueError for a frame without columns
    and for names that no column has, FigureError for a sum of figures that cannot be added up.
    """
    levels, series = _read(frame)
    if stub is None:
        stub = max(1, levels)
    if not series:
        raise ValueError("frame_table: the frame has no columns")
    if not 0 <= stub <= len(series):
        raise ValueError(f"frame_table: stub is {stub}, the frame has {len(series)} columns")
    summed = () if isinstance(total, bool) else tuple(total)
    _check_names(series, (*(labels or {}), *(units or {}), *summed))

    feet = [_foot(one, total) for one in series]
    figures = tuple(figure for one in series for figure in one.figures)
    figures += tuple(foot for foot in feet if foot)
    doubled = several_periods(figures)
    columns, bodies = [], []
    for position, one in enumerate(series):
        unit = _named(units, one)
        numeric = one.numeric and position >= stub
        adds = numeric and (total is True or any(key in summed for key in one.keys))
        label = _named(labels, one) or _label(one.name)
        aligned = numeric or bool(one.figures)
        columns.append(Column(label, "number" if aligned else "text", _unit(unit), _group(one)))
        cells = [*_cells(one, unit, doubled, numeric=numeric, adds=adds)]
        foot = feet[position]
        bodies.append((*cells[:-1], _figure_cell(foot, doubled)) if foot else tuple(cells))
    rows = [Row(cells) for cells in zip(*bodies, strict=True)]
    totals = rows.pop()
    if total:
        first = Cell(current().say("Total")) if stub else totals.cells[0]
        rows.append(Row((first, *totals.cells[1:]), "total"))
    below = (*map(said, notes), *suppressed_note(figures))
    return ReportTable(Table(tuple(columns), tuple(rows), stub, below), figures)


def unstated() -> Cell:
    """Return the cell of what the sources do not state."""
    return Cell(current().say(NOT_STATED), state="not stated")


def suppressed_note(values: Iterable[object]) -> tuple[str, ...]:
    """Return what the sign of a suppressed number means, where one of the values is such."""
    if not any(isinstance(value, Figure) and value.suppressed for value in values):
        return ()
    words = current().say(
        "{sign} suppressed: the number is small enough for somebody to be recognized, or would "
        "give such a number away.",
        sign=SUPPRESSED_SIGN,
    )
    return (words,)


def _read(frame: pd.DataFrame) -> tuple[int, list[_Series]]:
    """Return how many index levels the table shows, and its columns with them in front."""
    index = frame.index
    told = any(name is not None for name in index.names)
    # A plain numbering, whole or what a filter left of it, tells a reader nothing; years do.
    counted = pd.api.types.is_integer_dtype(index.dtype) and not index.isin(_YEARS).all()
    levels = index.nlevels if told or not counted else 0
    if not len(index):
        levels = levels if told else 0
    series = [
        _series("" if index.names[level] is None else index.names[level], values)
        for level in range(levels)
        for values in [index.get_level_values(level).to_series()]
    ]
    series += [_series(name, frame.iloc[:, place]) for place, name in enumerate(frame.columns)]
    return levels, series


def _series(name: Any, column: pd.Series[Any]) -> _Series:  # noqa: ANN401 - a column's name
    values = [
        None if pd.api.types.is_scalar(value) and pd.isna(value) else value
        for value in column.tolist()
    ]
    return _Series(name, values, _is_numeric(name, column, values))


def _is_numeric(name: Any, column: pd.Series[Any], values: list[Any]) -> bool:  # noqa: ANN401
    """Whether a column is set as numbers: a year is a name, not an amount."""
    kinds = pd.api.types
    if "year" in str(name).casefold() and kinds.is_integer_dtype(column.dtype):
        return False
    if kinds.is_numeric_dtype(column.dtype):
        return not (kinds.is_bool_dtype(column.dtype) or kinds.is_complex_dtype(column.dtype))
    known = [value for value in values if value is not None]
    return (
        bool(known)
        and kinds.is_object_dtype(column.dtype)
        and all(isinstance(v, numbers.Number) and not isinstance(v, bool | complex) for v in known)
    )


def _check_names(series: list[_Series], names: Collection[Any]) -> None:
    known = {key for one in series for key in one.keys}
    for name in names:
        if name not in known:
            hint = did_you_mean(str(name), map(str, known))
            raise ValueError(f'frame_table: the frame has no column "{name}"; {hint}')


def _named(names: Mapping[Any, str] | None, one: _Series) -> str:
    found = (names[key] for key in one.keys if names and key in names)
    return said(next(found, ""))


def _label(name: Any) -> str:  # noqa: ANN401 - a column's name
    if isinstance(name, tuple):
        return next((heading(part) for part in reversed(name) if str(part)), "")
    return heading(name)


def _group(one: _Series) -> str:
    """Return the header above a column's own: the levels before the last that says something."""
    if not isinstance(one.name, tuple):
        return ""
    parts = [heading(part) for part in one.name if str(part)]
    return ", ".join(parts[:-1])


def _unit(unit: str) -> str:
    return "" if unit == SHARE else current().term(unit)


def _foot(one: _Series, total: Total) -> Figure | None:
    """Return the figure that stands under a column of figures in the row of totals."""
    if isinstance(total, Mapping):
        return next((total[key] for key in one.keys if key in total), None)
    named = total if isinstance(total, bool) else any(key in total for key in one.keys)
    return add_up(one.figures) if named and one.figures else None


def number_cell(figure: Figure) -> Cell:
    """Return the number of a figure, where header and notes say its unit and how firm it is."""
    if figure.suppressed:
        return SUPPRESSED_CELL
    return Cell(figure.number, figure=figure.id) if figure.number else BLANK


def _figure_cell(figure: Figure, doubled: Collection[str]) -> Cell:
    if figure.suppressed:
        return SUPPRESSED_CELL
    return Cell(figure.text, figure=cell_name(figure, doubled))


def _cells(
    one: _Series, unit: str, doubled: Collection[str], *, numeric: bool, adds: bool
) -> Iterator[Cell]:
    """Yield the cells of a column and, last, what stands under it in a row of totals."""
    if numeric:
        texts = current().column([*one.items, one.sum if adds else None], unit)
    else:
        plain = [None if isinstance(value, Figure) else value for value in [*one.items, None]]
        texts = ["" if value is None else cell_text(value) for value in plain]
    for value, text in zip(one.items, texts, strict=False):
        if isinstance(value, Figure):
            yield _figure_cell(value, doubled)
        else:
            yield BLANK if value is None else Cell(text)
    yield Cell(texts[-1]) if adds else EMPTY
