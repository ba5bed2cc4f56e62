"""A chart as a whole: header, marks, alternative text; a statement where there are no marks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, wraps
from itertools import pairwise
from typing import Any, ParamSpec, Protocol

import pandas as pd

from jpreport.design.page import TALLEST, TEXT_WIDTH
from jpreport.design.style import DEFAULT
from jpreport.figures import Figure
from jpreport.forms.tables import Cell, Column, Row, Table
from jpreport.language import SHARE, current, phrase
from jpreport.notebook import labels
from jpreport.notebook.charts.canvas import (
    CAPITAL,
    LINE,
    Canvas,
    Point,
    baseline,
    width_of,
    wrapped,
)
from jpreport.notebook.charts.chart_data import figure_cell
from jpreport.notebook.charts.reading import NothingToDraw, label, unit_of
from jpreport.notebook.frames import suppressed_note, unstated
from jpreport.notebook.output import ReportChart, in_languages, several_periods
from jpreport.notebook.theme import LABEL, SMALL, TITLE, outline

SWATCH = 8.0
GAP = 5.0  # between a swatch and its name
APART = 16.0  # between the entries of a legend
EDGE = 2.0  # of paper above the first and below the last mark
INSET = 10.0  # of a statement from the edge of its tint
_KINDS = {
    "bar_chart": phrase("Bar chart"),
    "cumulative_chart": phrase("Cumulative chart"),
    "grouped_bar_chart": phrase("Grouped bar chart"),
    "progress_chart": phrase("Progress chart"),
    "share_chart": phrase("Share chart"),
    "small_multiples": phrase("Small multiples"),
    "stacked_bar_chart": phrase("Stacked bar chart"),
}
_COLUMNS = ("x", "date", "by", "y")

P = ParamSpec("P")


class Marks(Protocol):
    """What a chart draws below its header; sizes are points."""

    @property
    def height(self) -> float:
        """How high the marks are."""

    def draw(self, canvas: Canvas, at: Point) -> None:
        """Draw with the top left corner at `at`."""


@dataclass(frozen=True)
class LegendEntry:
    """What a colour means; `thin` shows it as the mark of a target, not as a bar."""

    name: str
    fill: str
    thin: bool = False


@dataclass(frozen=True)
class Header:
    """Title, unit and legend of a chart; all may be absent."""

    title: str = ""
    unit: str = ""
    legend: Sequence[LegendEntry] = ()

    @cached_property
    def _titles(self) -> list[str]:
        return wrapped(self.title, TEXT_WIDTH, TITLE, "semibold") if self.title else []

    @cached_property
    def _legend_lines(self) -> list[list[LegendEntry]]:
        lines: list[list[LegendEntry]] = []
        used = 0.0
        for entry in self.legend:
            text = wrapped(entry.name, TEXT_WIDTH - SWATCH - GAP, most=1)[0]
            width = SWATCH + GAP + width_of(text) + APART
            if not lines or used + width - APART > TEXT_WIDTH:
                lines.append([])
                used = 0.0
            lines[-1].append(replace(entry, name=text))
            used += width
        return lines

    @property
    def height(self) -> float:
        """How high the header is, with the space under it."""
        high = len(self._titles) * TITLE * LINE
        high += SMALL * LINE if self.unit else 0
        high += len(self._legend_lines) * LABEL * (LINE + 0.2)
        return high + 6 if high else 0

    def draw(self, canvas: Canvas, at: Point) -> None:
        """Draw with the top left corner at `at`."""
        x, y = at
        canvas.lines((x, y + TITLE * 0.85), self._titles, size=TITLE, weight="semibold")
        y += len(self._titles) * TITLE * LINE
        if self.unit:
            canvas.text((x, y + SMALL * 0.85), self.unit, size=SMALL, colour=DEFAULT.muted)
            y += SMALL * LINE
        for entries in self._legend_lines:
            left, base = x, y + LABEL
            for entry in entries:
                top = base - LABEL * CAPITAL / 2 - SWATCH / 2
                corner, size = (left, top), (SWATCH, SWATCH)
                if entry.thin:
                    corner, size = (left + SWATCH / 2 - 1, top - 2), (2.0, SWATCH + 4)
                canvas.rectangle(corner, size, entry.fill, outline(entry.fill))
                canvas.text((left + SWATCH + GAP, base), entry.name)
                left += SWATCH + GAP + width_of(entry.name) + APART
            y += LABEL * (LINE + 0.2)


@dataclass(frozen=True)
class Statement:
    """A line of text on a tint, in place of marks."""

    words: str
    height: float = 34.0

    def draw(self, canvas: Canvas, at: Point) -> None:
        """Draw with the top left corner at `at`."""
        canvas.rectangle(at, (TEXT_WIDTH, self.height), DEFAULT.tint)
        base = baseline(at[1] + self.height / 2)
        canvas.text((at[0] + INSET, base), self.words, colour=DEFAULT.muted)


def composed(  # noqa: PLR0913 - all that a chart is
    header: Header,
    marks: Marks,
    table: Table,
    alt: str,
    figures: Iterable[Figure] = (),
    *,
    breaks: Sequence[float] = (),
) -> ReportChart:
    """Return a chart of its header and marks; `figures` are those that its table names.

    A chart that is higher than a page goes on in the next behind one of `breaks`, which are
    heights of the marks. Raises ValueError where a page does not hold what stands between two.
    """
    alt = labels.clean(alt)
    start = EDGE + header.height
    cuts = [start + one for one in breaks]
    ends = [0.0, *cuts, start + marks.height + EDGE]
    highest = max(end - begin for begin, end in pairwise(ends))
    if highest > TALLEST:
        raise ValueError(
            f"is {highest:.0f} points high in one piece, and a page holds {TALLEST:.0f}: show "
            "fewer categories or series, the largest and the rest, or a table"
        )
    canvas = Canvas(2 * EDGE + header.height + marks.height)
    header.draw(canvas, (0, EDGE))
    marks.draw(canvas, (0, EDGE + header.height))
    svg = canvas.svg(alt, cuts if ends[-1] > TALLEST else ())
    return ReportChart(svg, alt, table, tuple(figures))


def chart_function(draw: Callable[P, ReportChart]) -> Callable[P, ReportChart]:
    """Let a function draw a statement where it has nothing to draw, and sign what it refuses."""
    signature = inspect.signature(draw)

    @in_languages
    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> ReportChart:
        for name in ("title", "alt"):
            if isinstance(text := kwargs.get(name), str):
                kwargs[name] = current().term(text)
        try:
            given = signature.bind(*args, **kwargs).arguments
            return draw(*args, **kwargs)
        except NothingToDraw as nothing:
            return _empty_chart(_KINDS[draw.__name__], str(nothing), given)
        except (TypeError, ValueError) as error:
            error.args = (f"{draw.__name__}: {error}",)
            raise

    return drawn


def _empty_chart(kind: str, why: str, given: dict[str, Any]) -> ReportChart:
    """Return a chart that says why it shows nothing, with the frame as it was given as its data.

    A period without records is no fault, and the report says so.
    """
    words, frame = current(), given["frame"]
    names = list(dict.fromkeys(name for key in _COLUMNS if (name := given.get(key))))
    headings = [labels.heading(name) for name in names]
    if given.get("y") is None:  # rows are counted
        headings.append(words.say("Records"))
    title = given.get("title", "")
    columns = words.listing(headings[:-1]) or words.say("date")
    subject = title or words.say("{values} by {columns}", values=headings[-1], columns=columns)
    alt = given.get("alt") or f"{words.labelled(words.say(kind), subject)}. {why}."
    figures = [one for one in frame.get(names[-1], ()) if isinstance(one, Figure)]
    unit = given.get("unit", "") or unit_of(figures)
    heads = [Column(heading) for heading in headings[:-1]]
    heads.append(Column(headings[-1], "number", "" if unit == SHARE else words.term(unit)))
    records = zip(*(frame[name].tolist() for name in names), strict=True) if len(frame) else ()
    doubled = several_periods(figures)
    rows = (
        Row((*(Cell(label(value)) for value in record[:-1]), _amount(record[-1], doubled)))
        for record in records
    )
    table = Table(tuple(heads), tuple(rows), notes=suppressed_note(figures))
    return composed(Header(title), Statement(why), table, alt, figures)


def _amount(value: object, doubled: Collection[str]) -> Cell:
    if isinstance(value, Figure):
        return figure_cell(value, value.text, doubled)
    return unstated() if pd.isna(value) else Cell(label(value))  # type: ignore[call-overload]
