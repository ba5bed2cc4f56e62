"""What stands over a chart: its title, the unit, and the key to its colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from jpreport.design.style import DEFAULT
from jpreport.forms.tables import Table
from jpreport.notebook.charts.sheet import CAPITAL, LINE, Point, Sheet, width_of, wrapped
from jpreport.notebook.labels import clean
from jpreport.notebook.output import ReportChart
from jpreport.notebook.theme import LABEL, SMALL, TEXT_WIDTH, TITLE, outline

if TYPE_CHECKING:
    from jpreport.figures import Figure

SWATCH = 8.0
GAP = 5.0  # between a swatch and its name
APART = 16.0  # between the entries of a key
EDGE = 2.0  # of paper above the first and below the last mark


class Body(Protocol):
    """The marks of a chart; sizes are points."""

    @property
    def height(self) -> float:
        """How high the body is."""

    def draw(self, sheet: Sheet, at: Point) -> None:
        """Draw with the top left corner at `at`."""


@dataclass(frozen=True)
class Key:
    """What a colour means; `thin` shows it as the mark of a target, not as a bar."""

    name: str
    fill: str
    thin: bool = False


@dataclass(frozen=True)
class Head:
    """Title, unit and key of a chart; all may be absent."""

    title: str = ""
    unit: str = ""
    keys: Sequence[Key] = ()

    @cached_property
    def _titles(self) -> list[str]:
        return wrapped(self.title, TEXT_WIDTH, TITLE, "semibold") if self.title else []

    @cached_property
    def _entries(self) -> list[list[Key]]:
        """The key, broken into lines."""
        lines: list[list[Key]] = []
        used = 0.0
        for key in self.keys:
            text = wrapped(key.name, TEXT_WIDTH - SWATCH - GAP, most=1)[0]
            width = SWATCH + GAP + width_of(text) + APART
            if not lines or used + width - APART > TEXT_WIDTH:
                lines.append([])
                used = 0.0
            lines[-1].append(replace(key, name=text))
            used += width
        return lines

    @property
    def height(self) -> float:
        """How high the head is, with the space under it."""
        high = len(self._titles) * TITLE * LINE
        high += SMALL * LINE if self.unit else 0
        high += len(self._entries) * LABEL * (LINE + 0.2)
        return high + 6 if high else 0

    def draw(self, sheet: Sheet, at: Point) -> None:
        """Draw with the top left corner at `at`."""
        x, y = at
        for line in self._titles:
            sheet.text((x, y + TITLE * 0.85), line, size=TITLE, weight="semibold")
            y += TITLE * LINE
        if self.unit:
            sheet.text((x, y + SMALL * 0.85), self.unit, size=SMALL, colour=DEFAULT.muted)
            y += SMALL * LINE
        for entries in self._entries:
            left = x
            base = y + LABEL
            for key in entries:
                top = base - LABEL * CAPITAL / 2 - SWATCH / 2
                if key.thin:
                    corner, size = (left + SWATCH / 2 - 1, top - 2), (2.0, SWATCH + 4)
                else:
                    corner, size = (left, top), (SWATCH, SWATCH)
                sheet.rectangle(corner, size, key.fill, outline(key.fill))
                sheet.text((left + SWATCH + GAP, base), key.name)
                left += SWATCH + GAP + width_of(key.name) + APART
            y += LABEL * (LINE + 0.2)


def composed(
    head: Head, body: Body, table: Table, alt: str, figures: Iterable[Figure] = ()
) -> ReportChart:
    """Return a chart of its head and body; `figures` are those that its table names."""
    alt = clean(alt)
    sheet = Sheet(2 * EDGE + head.height + body.height)
    head.draw(sheet, (0, EDGE))
    body.draw(sheet, (0, EDGE + head.height))
    return ReportChart(sheet.svg(alt), alt, table, tuple(figures))
