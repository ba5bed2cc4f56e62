"""A chart of nothing: a period without records is no fault, and the report says so."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

import pandas as pd

from jpreport.design.style import DEFAULT
from jpreport.figures import ENGLISH, SHARE, Figure
from jpreport.forms.tables import Cell, Column, Row, Table
from jpreport.notebook import labels
from jpreport.notebook.charts.grid import UNSTATED, figure_cell, suppressed_notes
from jpreport.notebook.charts.header import Head, composed
from jpreport.notebook.charts.reading import NothingToDraw, label, unit_of
from jpreport.notebook.charts.sheet import CAPITAL, Point, Sheet
from jpreport.notebook.output import several_periods
from jpreport.notebook.theme import LABEL, TEXT_WIDTH

if TYPE_CHECKING:
    from jpreport.notebook.output import ReportChart

_INSET = 10.0
_COLUMNS = ("x", "date", "by", "y")

P = ParamSpec("P")


@dataclass(frozen=True)
class Statement:
    """A line of text on a tint, in place of marks."""

    words: str
    height: float = 34.0

    def draw(self, sheet: Sheet, at: Point) -> None:
        """Draw with the top left corner at `at`."""
        x, y = at
        sheet.rectangle(at, (TEXT_WIDTH, self.height), DEFAULT.tint)
        base = y + self.height / 2 + LABEL * CAPITAL / 2
        sheet.text((x + _INSET, base), self.words, colour=DEFAULT.muted)


def says_nothing(draw: Callable[P, ReportChart]) -> Callable[P, ReportChart]:
    """Let a chart function return a chart that says so where there is nothing to draw."""
    signature = inspect.signature(draw)

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> ReportChart:
        try:
            return draw(*args, **kwargs)
        except NothingToDraw as nothing:
            given = signature.bind(*args, **kwargs).arguments
            kind = draw.__name__.replace("_", " ").capitalize()
            return _chart(kind, str(nothing), given)

    return drawn


def _chart(kind: str, words: str, given: dict[str, Any]) -> ReportChart:
    names = list(dict.fromkeys(name for key in _COLUMNS if (name := given.get(key))))
    headings = [labels.heading(name) for name in names]
    if given.get("y") is None:  # rows are counted
        headings.append("Records")
    title, unit = given.get("title", ""), given.get("unit", "")
    subject = title or f"{headings[-1]} by {ENGLISH.listing(headings[:-1]) or 'date'}"
    told = given.get("alt") or f"{kind}: {subject}. {words}."
    frame = given["frame"]
    figures = [
        value for name in names[-1:] for value in frame.get(name, ()) if isinstance(value, Figure)
    ]
    table = _table(frame, names, headings, unit or unit_of(figures), figures)
    return composed(Head(title), Statement(words), table, told, figures)


def _table(
    frame: pd.DataFrame,
    names: list[str],
    headings: list[str],
    unit: str,
    figures: Sequence[Figure],
) -> Table:
    """Return the frame as it was given: without rows, or with rows that show nothing."""
    columns = [Column(heading) for heading in headings[:-1]]
    columns.append(Column(headings[-1], "number", "" if unit == SHARE else unit))
    records = zip(*(frame[name].tolist() for name in names), strict=True) if len(frame) else ()
    doubled = several_periods(figures)
    rows = (
        Row((*(Cell(label(value)) for value in record[:-1]), _amount(record[-1], doubled)))
        for record in records
    )
    return Table(tuple(columns), tuple(rows), notes=suppressed_notes(figures))


def _amount(value: object, doubled: Collection[str]) -> Cell:
    if isinstance(value, Figure):
        return figure_cell(value, value.text, doubled)
    return UNSTATED if pd.isna(value) else Cell(label(value))  # type: ignore[call-overload]
