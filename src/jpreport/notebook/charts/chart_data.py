"""The numbers behind a chart: worded, summed up, told as text and as table."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from jpreport.figures import (
    NOT_STATED,
    SUPPRESSED,
    Figure,
)
from jpreport.figures.figure import weakest
from jpreport.forms.tables import Cell, Column, Row, State, Table
from jpreport.language import DASH, SHARE, current, is_currency
from jpreport.notebook.frames import SUPPRESSED_CELL, suppressed_note, unstated
from jpreport.notebook.output import cell_name, several_periods
from jpreport.programme.framework import Qualifier

Value = float | None

# So many values an alternative text gives one by one; of more it gives the extremes.
TOLD = 12
ABSENT = Cell(DASH, state="empty")


@dataclass(frozen=True)
class ChartData:
    """Values by series and category, in the order of the frame.

    `amounts[s][c]` is None where the frame has no number: `absent` names the pairs (s, c) that
    it has no row for. A chart of one series has one without a name. `figures` are the values
    that are figures, by (s, c); one that is suppressed or has no value says so in words,
    whatever `given` has in its place.
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
        """The values as they are printed: a figure as it reads elsewhere."""
        flat = [text for row in self.given for text in row] or current().column(
            [value for row in self.amounts for value in row], self.unit
        )
        width = len(self.categories)
        return tuple(
            tuple(self._text(s, c, flat[s * width + c]) for c in range(width))
            for s in range(len(self.series))
        )

    @property
    def known(self) -> tuple[float, ...]:
        """The sum of each category's known parts: how far they reach, no total."""
        return tuple(
            math.fsum(value for value in column if value is not None)
            for column in zip(*self.amounts, strict=True)
        )

    @cached_property
    def totals(self) -> tuple[Value, ...]:
        """The sum of each category over its series, None where a part has no number.

        A sum of the other parts would be no total, and beside a total that is known from
        elsewhere it would give a suppressed part away.
        """
        return tuple(None if self.gaps(c) else total for c, total in enumerate(self.known))

    @cached_property
    def total_texts(self) -> tuple[str, ...]:
        """The totals as they are printed; in words where a part is not known."""
        texts = current().column(self.totals, self.unit)
        return tuple(
            current().qualified(text, weakest(self._firmness(c)))
            if text
            else self._gap_word(self.gaps(c))
            for c, text in enumerate(texts)
        )

    def _firmness(self, c: int) -> list[Qualifier]:
        """Return how firm the parts of a category are: a total is as firm as the weakest."""
        return ["exact", *(one.qualifier for (_, at), one in self.figures.items() if at == c)]

    @staticmethod
    def _gap_word(gaps: Collection[str]) -> str:
        """Return the one word for what parts are without: the strictest, else what all say."""
        words = current()
        if (hidden := words.say(SUPPRESSED)) in gaps:
            return hidden
        return next(iter(gaps)) if len(gaps) == 1 else words.say(NOT_STATED)

    def gaps(self, c: int) -> dict[str, list[str]]:
        """Return the series that a category has a row but no number of, by what is said of it."""
        found: dict[str, list[str]] = {}
        for s, name in enumerate(self.series):
            if self.missing(s, c):
                found.setdefault(self.texts[s][c], []).append(name)
        return found

    def missing(self, s: int, c: int) -> bool:
        """Whether a value has a row but no number: words stand for it, without a length."""
        return self.amounts[s][c] is None and (s, c) not in self.absent

    @property
    def remark(self) -> str:
        """What a chart says of its unit; shares and names of things need no word."""
        return "" if self.unit == SHARE else current().term(self.unit)

    def table(self) -> Table:
        """Return the data as a table: categories down, series across."""
        columns = [Column(self.x)] + [
            Column(name or self.y, "number", self.remark, self.by and self.y)
            for name in self.series
        ]
        rows = [
            Row((Cell(category), *(self.cell(s, c) for s in range(len(self.series)))))
            for c, category in enumerate(self.categories)
        ]
        return Table(tuple(columns), tuple(rows), notes=suppressed_note(self.figures.values()))

    def cell(self, s: int, c: int) -> Cell:
        """Return a value as a cell of the data behind the chart."""
        if (s, c) in self.absent:
            return ABSENT
        figure = self.figures.get((s, c))
        if figure:
            return figure_cell(figure, self.texts[s][c], self._doubled)
        return unstated() if self.amounts[s][c] is None else Cell(self.texts[s][c])

    @cached_property
    def _doubled(self) -> frozenset[str]:
        return several_periods(tuple(self.figures.values()))

    def _text(self, s: int, c: int, text: str) -> str:
        figure = self.figures.get((s, c))
        if figure and not (self.given and figure.number):
            return figure.label if figure.unit == self.unit else figure.text
        return text or current().say(NOT_STATED) if self.missing(s, c) else text

    def sums(self) -> ChartData:
        """Return the totals of the categories as data of one series."""
        return replace(
            self,
            series=("",),
            amounts=(self.totals,),
            absent=frozenset(),
            given=(self.total_texts,),
            figures={},
        )

    def only(self, s: int) -> ChartData:
        """Return one series as data without a name, its texts as they are in this one."""
        return replace(
            self,
            series=("",),
            amounts=(self.amounts[s],),
            absent=frozenset((0, c) for row, c in self.absent if row == s),
            given=(self.texts[s],),
            figures={(0, c): one for (row, c), one in self.figures.items() if row == s},
        )

    def subject(self, kind: str, title: str) -> str:
        """Return what kind of chart, in words that are said already, shows what in which unit."""
        words = current()
        axes = words.listing(self._axes)
        subject = title or words.say("{values} by {columns}", values=self.y, columns=axes)
        return words.labelled(kind, with_unit_told(subject, self.remark))

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
        words = current()
        return words.series(words.labelled(category, text) for category, text in pairs if text)

    def _extremes(self, s: int) -> str:
        known = [(value, c) for c, value in enumerate(self.amounts[s]) if value is not None]
        places = range(len(self.categories))
        gaps = Counter(self.texts[s][c] for c in places if self.missing(s, c))
        words = current()
        if not known:
            return words.listing(list(gaps), "or")
        low, high = min(known)[1], max(known, key=lambda pair: pair[0])[1]
        count = words.count("{} value", "{} values", len(known))
        if len(known) < len(self.categories):
            stated, every = words.number(len(known)), words.number(len(self.categories))
            count = words.say("{stated} of {every} values stated", stated=stated, every=every)
            hidden = gaps[words.say(SUPPRESSED)]
            count += f" ({words.count('{} suppressed', '{} suppressed', hidden)})" if hidden else ""
        return words.say(
            "{count}, from {low} ({first}) to {high} ({last})",
            count=count,
            low=self.texts[s][low],
            first=self.categories[low],
            high=self.texts[s][high],
            last=self.categories[high],
        )


def figure_cell(figure: Figure, text: str, doubled: Collection[str]) -> Cell:
    """Return a figure as a cell of the data behind a chart; `doubled` as for `cell_name`."""
    if figure.suppressed:
        return SUPPRESSED_CELL
    state: State = "not stated" if figure.value is None else "value"
    return Cell(text, state=state, figure=cell_name(figure, doubled))


def with_unit_told(subject: str, unit: str) -> str:
    """Return what a chart is of, and in which unit, if that is not said with it."""
    if not unit or unit.casefold() in subject.casefold():
        return subject
    if is_currency(unit):
        return f"{subject}, {unit}"
    return current().say("{subject}, in {unit}", subject=subject, unit=unit)
