"""Bars that lie: one row a category, its bars side by side or stacked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import starmap

from jpreport.design.style import DEFAULT
from jpreport.figures import ENGLISH
from jpreport.notebook.charts.grid import Grid
from jpreport.notebook.charts.sheet import CAPITAL, LINE, Point, Sheet, width_of, wrapped
from jpreport.notebook.theme import LABEL, TEXT_WIDTH, outline, text_on

BAR = 13.0  # thickness of a bar that has a row to itself
SLIM = 11.0  # thickness of one among several
BETWEEN = 8.0  # rows
NEAR = 4.0  # from a bar's end to its value
SEAM = 1.2  # of paper between stacked bars
MOST_END = 0.35  # of the width, for what stands at a bar's end
MOST_LABEL = 0.4  # of the width


@dataclass(frozen=True)
class Rows:
    """Lying bars in a box `width` points wide.

    `domain` is the range of values that the box spans (default: the chart's own, always with
    zero); `most_label` is the room for the categories' names, 0 leaves them out; `track` draws
    what a bar lacks of the whole domain. `pitch` and `unit` (points a row and per unit of
    value) keep several boxes alike.
    """

    grid: Grid
    fills: Sequence[str]
    width: float = TEXT_WIDTH
    stacked: bool = False
    domain: tuple[float, float] | None = None
    most_label: float = TEXT_WIDTH * MOST_LABEL
    track: bool = False
    category_fills: Sequence[str] = ()
    pitch: float | None = None
    unit: float | None = None

    @property
    def height(self) -> float:
        """How high all rows are together."""
        return self.rise * len(self.grid.categories)

    @cached_property
    def _thickness(self) -> float:
        return BAR if self._lanes == 1 else SLIM

    @property
    def _lanes(self) -> int:
        return 1 if self.stacked else len(self.grid.series)

    @cached_property
    def labels(self) -> list[list[str]]:
        """The names of the categories, broken into lines."""
        if not self.most_label:
            return [[] for _ in self.grid.categories]
        return [wrapped(name, self.most_label) for name in self.grid.categories]

    @cached_property
    def left(self) -> float:
        """How much of the width the names take."""
        if not self.most_label:
            return 0
        return max(width_of(line) for lines in self.labels for line in lines) + 2 * NEAR

    @cached_property
    def rise(self) -> float:
        """How high one row is, with the space to the next."""
        if self.pitch:
            return self.pitch
        lines = max(map(len, self.labels))
        return max(self._lanes * self._thickness, lines * LABEL * LINE) + BETWEEN

    @cached_property
    def _lengths(self) -> tuple[tuple[float, ...], ...]:
        """What each lane of each category reaches to."""
        if self.stacked:
            return (self.grid.known,)
        return tuple(tuple(value or 0 for value in row) for row in self.grid.amounts)

    @cached_property
    def _ends(self) -> tuple[tuple[str, ...], ...]:
        """What stands at the end of each lane; words may be cut short, a number never is."""
        rows = (tuple(map(self._end, range(len(self.grid.categories)))),)
        values = (self.grid.totals,) if self.stacked else self.grid.amounts
        return tuple(
            tuple(starmap(_fitting, zip(texts, numbers, strict=True)))
            for texts, numbers in zip(
                rows if self.stacked else self.grid.texts, values, strict=True
            )
        )

    def _end(self, c: int) -> str:
        """Return what stands at a stack's end: its total, or which parts it is drawn without."""
        gaps = self.grid.gaps(c)
        if not gaps:
            return self.grid.total_texts[c]
        return "; ".join(f"{word}: {ENGLISH.listing(names)}" for word, names in gaps.items())

    @cached_property
    def scale(self) -> tuple[float, float]:
        """Where zero lies from the box's left, and how many points one unit is."""
        lengths = [length for row in self._lengths for length in row]
        low, high = self.domain or (min(0, *lengths), max(0, *lengths))
        left = self.left
        ends = [
            (length, width_of(text) + NEAR)
            for lengths, texts in zip(self._lengths, self._ends, strict=True)
            for length, text in zip(lengths, texts, strict=True)
        ]
        left += max((width for length, width in ends if length < 0), default=0)
        right = max((width for length, width in ends if length >= 0), default=0)
        unit = self.unit or (self.width - left - right) / ((high - low) or 1)
        return left - low * unit, unit

    def draw(self, sheet: Sheet, at: Point) -> None:
        """Draw with the top left corner at `at`."""
        x, y = at
        zero, _ = self.scale
        self.draw_names(sheet, at)
        for c in range(len(self.grid.categories)):
            first = y + c * self.rise + (self.rise - self._lanes * self._thickness) / 2
            if self.stacked:
                self._draw_stack(sheet, c, (x + zero, first))
            else:
                for s in range(self._lanes):
                    self._draw_bar(sheet, s, c, (x + zero, first + s * self._thickness))
        ends = (y + BETWEEN / 4, y + self.height - BETWEEN / 4)
        sheet.line([(x + zero, end) for end in ends], DEFAULT.muted)

    def draw_names(self, sheet: Sheet, at: Point) -> None:
        """Write the names of the categories, each in the middle of its row."""
        x, y = at
        for c, lines in enumerate(self.labels):
            middle = y + (c + 0.5) * self.rise
            base = middle - (len(lines) - 1) * LABEL * LINE / 2 + LABEL * CAPITAL / 2
            for number, line in enumerate(lines):
                sheet.text((x, base + number * LABEL * LINE), line)

    def _draw_bar(self, sheet: Sheet, s: int, c: int, at: Point) -> None:
        x, y = at
        _, unit = self.scale
        value, text = self.grid.amounts[s][c], self._ends[s][c]
        length = (value or 0) * unit
        fill = self.category_fills[c] if self.category_fills else self.fills[s]
        if self.track and self.domain:
            sheet.rectangle((x, y), (self.domain[1] * unit, self._thickness), DEFAULT.tint)
        if length:
            corner = (min(x, x + length), y + 0.5)
            sheet.rectangle(corner, (abs(length), self._thickness - 1), fill, outline(fill))
        base = y + self._thickness / 2 + LABEL * CAPITAL / 2
        end = x + (self.domain[1] * unit if self.track and self.domain else length)
        colour = DEFAULT.muted if value is None else DEFAULT.ink
        if length < 0:
            sheet.text((end - NEAR, base), text, colour=colour, align="right")
        elif text:
            sheet.text((end + NEAR, base), text, colour=colour)

    def _draw_stack(self, sheet: Sheet, c: int, at: Point) -> None:
        x, y = at
        _, unit = self.scale
        base = y + self._thickness / 2 + LABEL * CAPITAL / 2
        for s, fill in enumerate(self.fills):
            length = (self.grid.amounts[s][c] or 0) * unit
            if not length:
                continue
            inside = max(length - SEAM, SEAM)  # neighbours stay apart in any colour
            sheet.rectangle((x + SEAM / 2, y), (inside, self._thickness), fill, outline(fill))
            text = self.grid.texts[s][c]
            if width_of(text) + NEAR <= length:
                colour = text_on(fill)
                sheet.text((x + length / 2, base), text, colour=colour, align="center")
            x += length
        end = (x + NEAR, base)
        if self.grid.totals[c] is None:
            sheet.text(end, self._ends[0][c], colour=DEFAULT.muted)
        else:
            sheet.text(end, self._ends[0][c], weight="semibold")


def _fitting(text: str, value: float | None) -> str:
    """Return what stands at a bar's end: a number in full, or not at all."""
    most = TEXT_WIDTH * MOST_END
    if value is None:
        return wrapped(text, most, most=1)[0]
    return text if width_of(text) <= most else ""
