"""Achieved against target: a bar, a mark where a target is stated, a word where none is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from jpreport.design.page import TEXT_WIDTH
from jpreport.design.style import DEFAULT
from jpreport.figures import Figure
from jpreport.forms.tables import Cell, Column, Row, Table
from jpreport.language import SHARE, current, phrase
from jpreport.notebook import labels, theme
from jpreport.notebook.charts.canvas import Canvas, Point, RowLabels, baseline, width_of
from jpreport.notebook.charts.chart import Header, LegendEntry, chart_function, composed
from jpreport.notebook.charts.chart_data import figure_cell
from jpreport.notebook.charts.reading import MOST_CATEGORIES, check_number, shown
from jpreport.notebook.frames import suppressed_note, unstated
from jpreport.notebook.output import ReportChart, several_periods
from jpreport.notebook.theme import LABEL

BAR = 12.0
MARK = 2.0  # thickness of the mark of a target
OVER = 2.5  # of the mark above and below the bar
BETWEEN = 10.0
NEAR = 5.0
MOST_LABEL = 0.42


@chart_function
def progress_chart(
    figures: Iterable[Figure], *, title: str = "", alt: str | None = None
) -> ReportChart:
    """Return what was achieved against the targets, a row a figure.

    Figures of one unit share a scale; of several units, each bar is drawn against its own
    target. Where no target is stated the row says so and has no mark; a figure that is
    suppressed or without a value has words only. Raises ValueError for no figures, too many, and
    negative values.
    """
    chosen = tuple(figures)
    if not chosen:
        raise ValueError("there are no figures to show")
    check_number("figures", len(chosen), MOST_CATEGORIES)
    for figure in chosen:
        if min(shown(figure) or 0, figure.target or 0) < 0:
            raise ValueError(f"indicator {figure.id} is negative; use a table")
    bars = ProgressBars(chosen)
    legend = [
        LegendEntry(current().say("achieved"), theme.style().accent),
        LegendEntry(current().say("target"), DEFAULT.ink, thin=True),
    ]
    header = Header(title, bars.remark, legend if bars.marked else [])
    told = alt or _told(chosen, title)
    return replace(
        composed(header, bars, _table(chosen), told, chosen, breaks=bars.breaks), derived=True
    )


@dataclass(frozen=True)
class ProgressBars:
    """A row a figure. Figures of one unit share a scale; others are set against their targets.

    Without a target and a common unit there is nothing to draw a bar against: the value stands
    alone. So does the word for a figure that is suppressed or without a value: an empty bar up
    to the target would read as zero.
    """

    figures: Sequence[Figure]
    width: float = TEXT_WIDTH

    @cached_property
    def common(self) -> bool:
        """Whether all figures are of one unit."""
        return len({figure.unit for figure in self.figures}) == 1

    @property
    def marked(self) -> bool:
        """Whether any target is drawn."""
        return any(self.mark(figure) is not None for figure in self.figures)

    def length(self, figure: Figure) -> float | None:
        """Return how long a figure's bar is, in the chart's scale; None where it has none."""
        value = shown(figure)
        if value is None or self.common:
            return value
        return value / figure.target if figure.target else None

    def mark(self, figure: Figure) -> float | None:
        """Return where a figure's target lies, in the chart's scale; None where none is drawn."""
        if figure.target is None or shown(figure) is None:
            return None
        return figure.target if self.common else 1.0

    @cached_property
    def _labels(self) -> RowLabels:
        named = [
            f.name if self.common else current().with_unit(f.name, f.unit) for f in self.figures
        ]
        return RowLabels(named, self.width * MOST_LABEL)

    @property
    def remark(self) -> str:
        """The unit that all bars share, where their values do not show it."""
        unit = self.figures[0].unit
        return current().term(unit) if self.common and current().with_unit("", unit) else ""

    @cached_property
    def _left(self) -> float:
        return self._labels.width + 2 * NEAR

    @cached_property
    def _unit(self) -> float:
        """How many points one step of the scale is: every bar keeps room for its words."""
        room = self.width - self._left - NEAR - max(map(self._words, self.figures))
        ends = [max(self.length(one) or 0, self.mark(one) or 0) for one in self.figures]
        return max(room, 40.0) / (max(ends) or 1)

    def _words(self, figure: Figure) -> float:
        return (
            width_of(figure.text, LABEL, "semibold") + width_of(f" {_target_text(figure)}") + NEAR
        )

    @cached_property
    def _pitch(self) -> float:
        return max(BAR, self._labels.height) + BETWEEN

    @property
    def height(self) -> float:
        """How high all rows are together."""
        return self._pitch * len(self.figures)

    @property
    def breaks(self) -> list[float]:
        """Where rows end."""
        return [row * self._pitch for row in range(1, len(self.figures))]

    def draw(self, canvas: Canvas, at: Point) -> None:
        """Draw with the top left corner at `at`."""
        y, zero = at[1], at[0] + self._left
        for row, figure in enumerate(self.figures):
            middle = y + (row + 0.5) * self._pitch
            self._labels.draw(canvas, (at[0], middle), row)
            end = self._draw_bar(canvas, figure, (zero, middle))
            base = baseline(middle)
            canvas.text((end + NEAR, base), figure.text, weight="semibold")
            after = end + NEAR + width_of(f"{figure.text} ", LABEL, "semibold") + 2
            canvas.text((after, base), _target_text(figure), colour=DEFAULT.muted)
        canvas.line([(zero, y + BETWEEN / 4), (zero, y + self.height - BETWEEN / 4)], DEFAULT.muted)

    def _draw_bar(self, canvas: Canvas, figure: Figure, at: Point) -> float:
        """Draw one bar and return where it ends."""
        zero, middle = at
        top = middle - BAR / 2
        length, mark = self.length(figure), self.mark(figure)
        end = zero
        if mark is not None:
            end = zero + mark * self._unit
            canvas.rectangle((zero, top), (end - zero, BAR), DEFAULT.tint)
        if length:
            canvas.rectangle((zero, top + 1), (length * self._unit, BAR - 2), theme.style().accent)
            end = max(end, zero + length * self._unit)
        if mark is not None:
            x = zero + mark * self._unit
            corner = (x - MARK / 2, top - OVER)
            # The rim keeps the mark apart from a bar that runs past it.
            canvas.rectangle(corner, (MARK, BAR + 2 * OVER), DEFAULT.ink, DEFAULT.paper)
        return end


def _target_text(figure: Figure) -> str:
    """Return what stands behind the value: "of 300 (92%)" or that no target is stated."""
    words = current()
    if figure.target is None:
        return words.say("target not stated")
    target = words.say("of {target}", target=figure.target_text)
    if shown(figure) is None or figure.unit == SHARE:
        return target
    if figure.direction == "decreasing" or figure.target_upper is not None:
        said = {
            True: phrase("target {target} (better)"),
            False: phrase("target {target} (worse)"),
            None: phrase("target {target} (as planned)"),
        }
        return words.say(said[figure.better], target=figure.target_text)
    gone = figure.progress
    return target if gone is None else f"{target} ({words.number(gone, SHARE)})"


def _table(figures: Sequence[Figure]) -> Table:
    """Return the data behind the chart."""
    say = current().say
    columns = (
        Column(say("Indicator")),
        Column(say("Achieved"), "number"),
        Column(say("Target"), "number"),
    )
    doubled = several_periods(figures)
    rows = tuple(
        Row(
            (
                Cell(labels.clean(current().with_unit(figure.name, figure.unit))),
                figure_cell(figure, figure.text, doubled),
                Cell(figure.target_text) if figure.target is not None else unstated(),
            )
        )
        for figure in figures
    )
    return Table(columns, rows, notes=suppressed_note(figures))


def _told(figures: Sequence[Figure], title: str) -> str:
    """Return the alternative text: every figure with its target."""
    words = current()
    lines = (
        words.labelled(
            one.name, f"{one.text}{', ' if one.target is None else ' '}{_target_text(one)}"
        )
        for one in figures
    )
    kind = words.say("Achieved against target")
    subject = words.labelled(kind, title) if title else kind
    return labels.clean(f"{subject}. {words.series(lines)}.")
