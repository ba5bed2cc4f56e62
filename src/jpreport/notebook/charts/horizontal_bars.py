"""Bars from zero, side by side or stacked; those that lie, a row a category."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import starmap
from typing import ClassVar

from jpreport.design.page import TEXT_WIDTH
from jpreport.design.style import DEFAULT
from jpreport.language import current
from jpreport.notebook.charts.canvas import (
    Align,
    Canvas,
    Point,
    RowLabels,
    Weight,
    baseline,
    width_of,
    wrapped,
)
from jpreport.notebook.charts.chart_data import ChartData, Value
from jpreport.notebook.theme import LABEL, outline, text_on

SEAM = 1.2  # of paper between neighbours: they stay apart in any colour
BAR = 13.0  # thickness of a bar that has a row to itself
SLIM = 11.0  # thickness of one among several
BETWEEN = 8.0  # rows
NEAR = 4.0  # from a bar's end to its value
MOST_END = 0.35  # of the width, for what stands at a bar's end
MOST_LABEL = 0.4  # of the width

Span = tuple[float, float]  # along a lane: where it begins from zero, and how long it is


@dataclass(frozen=True)
class Bars(ABC):
    """Bars in a box `width` points wide; a lane is the place of one bar, or of one stack.

    `domain` is the range of values that the box spans (default: the chart's own, always with
    zero). `track` draws what a bar lacks of the whole domain.
    """

    data: ChartData
    fills: Sequence[str]
    width: float = TEXT_WIDTH
    stacked: bool = False
    domain: tuple[float, float] | None = None
    category_fills: Sequence[str] = ()
    track: bool = False

    inset: ClassVar[float]  # of a bar from both sides of its lane
    size: ClassVar[float]  # of the type

    @property
    def lanes(self) -> int:
        """How many lanes a category has."""
        return 1 if self.stacked else len(self.data.series)

    @cached_property
    def lengths(self) -> tuple[tuple[float, ...], ...]:
        """What each lane of each category reaches to."""
        if self.stacked:
            return (self.data.known,)
        return tuple(tuple(value or 0 for value in row) for row in self.data.amounts)

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest value of the scale."""
        lengths = [length for row in self.lengths for length in row]
        return self.domain or (min(0, *lengths), max(0, *lengths))

    @property
    def values(self) -> tuple[tuple[Value, ...], ...]:
        """What each lane of each category stands for; None where that is not known."""
        return (self.data.totals,) if self.stacked else self.data.amounts

    @property
    @abstractmethod
    def thickness(self) -> float:
        """How thick a lane is."""

    @property
    @abstractmethod
    def ends(self) -> tuple[tuple[str, ...], ...]:
        """What stands at the end of each lane of each category: a value, or a word for none."""

    @abstractmethod
    def _point(self, zero: Point, along: float, across: float) -> Point:
        """Return the point at distances along a lane and across it."""

    @abstractmethod
    def _beyond(self, zero: Point, end: float) -> tuple[Point, Align]:
        """Return where a text stands beyond the end of a bar."""

    @abstractmethod
    def _fits(self, text: str, length: float) -> bool:
        """Whether a text has room in a part of a stack."""

    def _box(self, zero: Point, span: Span, inset: float = 0) -> tuple[Point, Point]:
        """Return corner and size of a rectangle along a lane."""
        one = self._point(zero, span[0], inset)
        other = self._point(zero, sum(span), self.thickness - inset)
        corner = min(one[0], other[0]), min(one[1], other[1])
        return corner, (abs(other[0] - one[0]), abs(other[1] - one[1]))

    def _draw_lane(self, canvas: Canvas, zero: Point, s: int, c: int, unit: float) -> None:
        """Draw what stands in a lane; at `zero` its near edge meets zero."""
        if self.stacked:
            end = self._draw_stack(canvas, zero, c, unit)
        else:
            end = self._draw_bar(canvas, zero, s, c, unit)
        value = self.values[s][c]
        if text := self.ends[s][c]:
            at, align = self._beyond(zero, end)
            colour = DEFAULT.muted if value is None else DEFAULT.ink
            weight: Weight = "normal" if value is None or not self.stacked else "semibold"
            canvas.text(at, text, size=self.size, colour=colour, weight=weight, align=align)

    def _draw_bar(self, canvas: Canvas, zero: Point, s: int, c: int, unit: float) -> float:
        """Draw one bar and return where it ends."""
        end = length = self.lengths[s][c] * unit
        fill = self.category_fills[c] if self.category_fills else self.fills[s]
        if self.track:
            end = self.bounds[1] * unit
            canvas.rectangle(*self._box(zero, (0, end)), DEFAULT.tint)
        if length:
            box = self._box(zero, (min(0, length), abs(length)), self.inset)
            canvas.rectangle(*box, fill, outline(fill))
        return end

    def _draw_stack(self, canvas: Canvas, zero: Point, c: int, unit: float) -> float:
        """Draw the parts of a stack and return where it ends."""
        end = 0.0
        for fill, amounts, texts in zip(
            self.fills, self.data.amounts, self.data.texts, strict=True
        ):
            length = (amounts[c] or 0) * unit
            if not length:
                continue
            box = self._box(zero, (end + SEAM / 2, max(length - SEAM, SEAM)))
            canvas.rectangle(*box, fill, outline(fill))
            if self._fits(texts[c], length):
                x, y = self._point(zero, end + length / 2, self.thickness / 2)
                at = x, baseline(y, size=self.size)
                canvas.text(at, texts[c], size=self.size, colour=text_on(fill), align="center")
            end += length
        return end


@dataclass(frozen=True)
class HorizontalBars(Bars):
    """Lying bars, a row a category.

    `most_label` is the room for the categories' names, 0 leaves them out. `pitch` and `unit`
    (points a row and per unit of value) keep several boxes alike.
    """

    most_label: float = TEXT_WIDTH * MOST_LABEL
    pitch: float | None = None
    unit: float | None = None

    inset = 0.5
    size = LABEL

    @property
    def height(self) -> float:
        """How high all rows are together."""
        return self.row_height * len(self.data.categories)

    @property
    def breaks(self) -> list[float]:
        """Where rows end."""
        return [row * self.row_height for row in range(1, len(self.data.categories))]

    @property
    def thickness(self) -> float:
        """How thick a lane is."""
        return BAR if self.lanes == 1 else SLIM

    @cached_property
    def labels(self) -> RowLabels:
        """The names of the categories."""
        return RowLabels(self.data.categories, self.most_label)

    @property
    def left(self) -> float:
        """How much of the width the names take."""
        return self.labels.width + 2 * NEAR if self.most_label else 0

    @cached_property
    def row_height(self) -> float:
        """How high one row is, with the space to the next."""
        return self.pitch or max(self.lanes * self.thickness, self.labels.height) + BETWEEN

    @cached_property
    def ends(self) -> tuple[tuple[str, ...], ...]:
        """What stands at the end of each lane; words may be cut short, a number never is."""
        stacks = (tuple(map(self._stack_end, range(len(self.data.categories)))),)
        lanes = zip(stacks if self.stacked else self.data.texts, self.values, strict=True)
        return tuple(tuple(starmap(_fitting, zip(*lane, strict=True))) for lane in lanes)

    def _stack_end(self, c: int) -> str:
        """Return the total of a stack, or which parts it is drawn without."""
        gaps = self.data.gaps(c)
        if not gaps:
            return self.data.total_texts[c]
        words = current()
        return words.series(
            words.labelled(word, words.listing(names)) for word, names in gaps.items()
        )

    @cached_property
    def scale(self) -> tuple[float, float]:
        """Where zero lies from the box's left, and how many points one unit is."""
        low, high = self.bounds
        ends = [
            (length, width_of(text) + NEAR)
            for lengths, texts in zip(self.lengths, self.ends, strict=True)
            for length, text in zip(lengths, texts, strict=True)
        ]
        left = self.left + max((width for length, width in ends if length < 0), default=0)
        right = max((width for length, width in ends if length >= 0), default=0)
        unit = self.unit or (self.width - left - right) / ((high - low) or 1)
        return left - low * unit, unit

    def draw(self, canvas: Canvas, at: Point) -> None:
        """Draw with the top left corner at `at`."""
        zero, unit = at[0] + self.scale[0], self.scale[1]
        self.draw_names(canvas, at)
        for c in range(len(self.data.categories)):
            top = at[1] + c * self.row_height + (self.row_height - self.lanes * self.thickness) / 2
            for s in range(self.lanes):
                self._draw_lane(canvas, (zero, top + s * self.thickness), s, c, unit)
        ends = at[1] + BETWEEN / 4, at[1] + self.height - BETWEEN / 4
        canvas.line([(zero, end) for end in ends], DEFAULT.muted)

    def draw_names(self, canvas: Canvas, at: Point) -> None:
        """Write the names of the categories, each in the middle of its row."""
        for c in range(len(self.data.categories)):
            self.labels.draw(canvas, (at[0], at[1] + (c + 0.5) * self.row_height), c)

    def _point(self, zero: Point, along: float, across: float) -> Point:
        return zero[0] + along, zero[1] + across

    def _beyond(self, zero: Point, end: float) -> tuple[Point, Align]:
        x, base = zero[0] + end, baseline(zero[1] + self.thickness / 2)
        return ((x - NEAR, base), "right") if end < 0 else ((x + NEAR, base), "left")

    def _fits(self, text: str, length: float) -> bool:
        return width_of(text) + NEAR <= length


def _fitting(text: str, value: Value) -> str:
    """Return what stands at a bar's end: a number in full, or not at all."""
    most = TEXT_WIDTH * MOST_END
    if value is None:
        return wrapped(text, most, most=1)[0]
    return text if width_of(text) <= most else ""
