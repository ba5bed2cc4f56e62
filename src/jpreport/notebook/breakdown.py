"""A figure divided by columns of its table: one value that is a table, a chart and a sum."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

from jpreport.errors import NOWHERE, FigureError, Problem, did_you_mean
from jpreport.figures import Figure, Results
from jpreport.forms.tables import Cell, Column, Row, Table, column_words
from jpreport.language import current
from jpreport.notebook.charts import (
    bar_chart,
    cumulative_chart,
    grouped_bar_chart,
    share_chart,
    small_multiples,
    stacked_bar_chart,
)
from jpreport.notebook.frames import frame_table, number_cell, suppressed_note
from jpreport.notebook.labels import NOT_RECORDED, heading, said
from jpreport.notebook.listing import Shown, listed
from jpreport.notebook.output import ReportChart, ReportTable, in_languages
from jpreport.notebook.tables import as_firm, breakdown_table

if TYPE_CHECKING:
    import pandas as pd


_SUM = re.compile(r'sum\(\s*"?(\w+)"?\s*\)', re.IGNORECASE)
_DISTINCT = re.compile(r'count\(\s*distinct\s+"?(\w+)"?\s*\)', re.IGNORECASE)

Labels = tuple[str, ...]


@dataclass(frozen=True, repr=False, eq=False)
class Breakdown(Shown, Sequence[Figure]):
    """Figures by labels, the first column slowest; made by `rp["1.1"].by("sex", "age_group")`.

    A cell shows it as a table; `table`, `bars`, `stacked`, `shares`, `panels` and `over_time` are
    what a report shows of it. Two of them, divided by the same columns, add up, are subtracted and
    divided label by label. `side_by_side` brings several measures together.

    `wholes` are the figures that are divided, by the name of their measure ("" of a single one);
    `origins` are the indicators whose records are counted, none for differences and shares.
    """

    dimensions: tuple[str, ...]
    cells: Mapping[Labels, Figure]
    wholes: Mapping[str, Figure]
    results: Results | None = None
    origins: tuple[Figure, ...] = ()

    def __len__(self) -> int:
        """Count the combinations."""
        return len(self.cells)

    @overload
    def __getitem__(self, key: int | str | Labels) -> Figure: ...
    @overload
    def __getitem__(self, key: slice) -> Sequence[Figure]: ...
    def __getitem__(self, key: int | slice | str | Labels) -> Figure | Sequence[Figure]:
        """Return the figure at labels, or at a place; raises FigureError for unknown labels."""
        if isinstance(key, int | slice):
            return list(self.cells.values())[key]
        at = (key,) if isinstance(key, str) else key
        if at not in self.cells:
            known = [", ".join(one) for one in self.cells]
            hint = did_you_mean(", ".join(at), known) or f"there are {'; '.join(known)}"
            raise _fault(f"no {' and '.join(self.dimensions)} is {', '.join(at)}", hint)
        return self.cells[at]

    def shown(self) -> ReportTable:
        """Return a row for each combination."""
        rows = [(*at, figure) for at, figure in self.cells.items()]
        return listed(list(map(heading, self.dimensions)), rows)

    @property
    def frame(self) -> pd.DataFrame:
        """The labels, and the figures in a column that is called by their unit, as a tidy frame.

        Combinations without a value are left out, and suppressed ones kept.
        """
        import pandas as pd

        rows = [
            (*at, figure)
            for at, figure in self.cells.items()
            if figure.suppressed or figure.value is not None
        ]
        return pd.DataFrame(rows, columns=[*self.dimensions, self.unit])

    @property
    def unit(self) -> str:
        """What is counted; raises FigureError where the measures count different things."""
        units = dict.fromkeys(whole.unit for whole in self.wholes.values())
        if len(units) > 1:
            raise _fault(f"{' and '.join(units)} stand on no common axis: chart one measure")
        return next(iter(units))

    def sorted(self, measure: str = "") -> Breakdown:
        """Return the same with the largest first: of a single column, by a measure's figures."""
        name = measure or next(iter(self.wholes))

        def size(at: Labels) -> float:
            figure = self.cells.get((*at[: len(self._rows)], *([name] if name else [])))
            return float(figure.value or 0) if figure else 0

        order = sorted(self.cells, key=size, reverse=True)
        return replace(self, cells={at: self.cells[at] for at in order})

    def __add__(self, other: Breakdown) -> Breakdown:
        """Return the sums, label by label; what stands on one side only stays as it is."""
        summed = self._with(other, lambda one, two: one + two, other.cells)
        return replace(summed, results=self.results, origins=self.origins + other.origins)

    def __sub__(self, other: Breakdown) -> Breakdown:
        """Return the differences, label by label; raises FigureError for one that `other` adds."""
        return self._with(other, lambda one, two: one - two, {})

    def __truediv__(self, other: Breakdown) -> Breakdown:
        """Return the shares or rates, label by label, of the labels that both have."""
        both = {at: figure for at, figure in self.cells.items() if at in other.cells}
        mine = replace(self, cells=both)
        return mine._with(other, lambda one, two: one / two, {}, known=other.cells)

    def _with(
        self,
        other: Breakdown,
        operate: Callable[[Figure, Figure], Figure],
        alone: Mapping[Labels, Figure],
        known: Mapping[Labels, Figure] | None = None,
    ) -> Breakdown:
        if other.dimensions != self.dimensions or other.wholes.keys() != self.wholes.keys():
            mine, others = (" and ".join(one.dimensions) for one in (self, other))
            raise _fault(f"figures by {mine} and figures by {others} do not align")
        cells = {
            at: operate(one, other.cells[at]) if at in other.cells else one
            for at, one in self.cells.items()
        }
        for at in other.cells.keys() - self.cells.keys() if known is None else ():
            if at not in alone:
                raise _fault(f"{', '.join(at)} stands on one side only")
        cells |= {at: one for at, one in alone.items() if at not in cells}
        wholes = {name: operate(one, other.wholes[name]) for name, one in self.wholes.items()}
        return Breakdown(self.dimensions, cells, wholes)

    @property
    def _rows(self) -> tuple[str, ...]:
        """The columns that make the rows of a table: all but that of the measures."""
        return self.dimensions if "" in self.wholes else self.dimensions[:-1]

    @in_languages
    def table(
        self,
        *,
        top: int | None = None,
        labels: Mapping[str, str] | None = None,
        notes: Sequence[str] = (),
    ) -> ReportTable:
        """Return the figures as a table, with the totals that the figures divided are.

        One column gives rows with shares, of which `top` brings the largest and the rest; two
        columns give both margins; measures stand side by side. `labels` are headings by column,
        where its name is none; `notes` stand below it.
        """
        # In the notebook's own language: who sets them says them.
        heads = {name: column_words(name) for name in self.dimensions} | dict(labels or {})
        if "" not in self.wholes:
            return self._side_by_side_table(heads, notes)
        whole = self.wholes[""]
        plain = len(self.origins) == 1 and whole == self.origins[0]
        if len(self.dimensions) == 1 and self.dimensions[0] in whole.breakdown and plain:
            return breakdown_table(
                whole, self.dimensions[0], label=heads[self.dimensions[0]], top=top
            )
        if len(self.dimensions) == 2 and plain and self.results:  # noqa: PLR2004
            return self._cross_table(self.results, heads, notes)
        return frame_table(self.frame, labels=heads, stub=len(self.dimensions), notes=notes)

    def _side_by_side_table(self, heads: Mapping[str, str], notes: Sequence[str]) -> ReportTable:
        import pandas as pd

        rows = dict.fromkeys(at[:-1] for at in self.cells)
        names = [heads[name] for name in self._rows]
        index = pd.MultiIndex.from_tuples(rows, names=names)
        data = {name: [self.cells.get((*at, name)) for at in rows] for name in self.wholes}
        wide = pd.DataFrame(data, index=index.get_level_values(0) if len(names) == 1 else index)
        return frame_table(wide, total=self.wholes, notes=notes)

    def _cross_table(
        self, results: Results, heads: Mapping[str, str], notes: Sequence[str]
    ) -> ReportTable:
        """Return two columns with both margins, which are the figure's own, never sums of cells."""
        (rows, columns), whole = self.dimensions, self.wholes[""]
        left, top = (results.cross(whole.key.indicator, [name]) for name in self.dimensions)
        width, total = len(top), current().say("Total")
        inner = list(self.cells.values())
        body = [
            Row(_row(_label(margin), [*inner[place * width : (place + 1) * width], margin]))
            for place, margin in enumerate(left)
        ]
        table = Table(
            columns=(
                Column(said(heads[rows])),
                *(Column(_label(one), "number", group=said(heads[columns])) for one in top),
                Column(total, "number"),
            ),
            rows=(*body, Row(_row(total, [*top, whole]), "total")),
            notes=(*_notes(inner, left, top, whole), *map(said, notes)),
        )
        return ReportTable(table, (*inner, *left, *top, whole))

    def bars(self, **options: Any) -> ReportChart:  # noqa: ANN401 - a chart's own
        """Return bars, of two columns side by side; options are those of `bar_chart`."""
        if len(self.dimensions) == 1:
            return bar_chart(self.frame, self.dimensions[0], self.unit, **options)
        return grouped_bar_chart(self.frame, *self._axes, **options)

    def stacked(self, **options: Any) -> ReportChart:  # noqa: ANN401
        """Return bars of the first column, cut into parts by the second."""
        return stacked_bar_chart(self.frame, *self._axes, **options)

    def panels(self, **options: Any) -> ReportChart:  # noqa: ANN401
        """Return a panel of bars for each label of the second column."""
        return small_multiples(self.frame, *self._axes, **options)

    def shares(self, **options: Any) -> ReportChart:  # noqa: ANN401
        """Return the shares of the labels of one column in the figure that is divided."""
        whole = self.wholes.get("")
        return share_chart(self.frame, *self._one, self.unit, whole=whole, **options)

    def over_time(self, **options: Any) -> ReportChart:  # noqa: ANN401
        """Return a running total over the period for each label of one column.

        Raises FigureError where the figure counts no records by days, or those of persons.
        """
        import pandas as pd

        forms = {
            (one.derivation.table, one.derivation.measure, one.derivation.dated_by): one
            for one in self.origins
        }
        if self.results is None or len(forms) != 1 or not next(iter(forms))[2]:
            hint = "divide an indicator whose records have a day, or add up such of one measure"
            raise _fault("this runs over no time", hint)
        ((_, _, day), whole), (by,) = next(iter(forms.items())), self._one
        read = [self.results.records_of(one) for one in self.origins]
        frames = [pd.DataFrame(rows, columns=columns) for columns, rows in read]
        records = pd.concat(frames).sort_values(day, kind="stable")
        measure = whole.derivation.measure.strip()
        if once := _DISTINCT.fullmatch(measure):
            records = records.drop_duplicates([once[1], by])
        summed = _SUM.fullmatch(measure)
        return cumulative_chart(
            records,
            day,
            summed[1] if summed else None,
            by=by,
            start=whole.period.start,
            end=whole.period.end,
            unit=whole.unit,
            total={at[0]: figure for at, figure in self.cells.items()},
            **options,
        )

    @property
    def _one(self) -> tuple[str]:
        if len(self.dimensions) != 1:
            raise _fault(f"this chart takes one column, not {' and '.join(self.dimensions)}")
        return (self.dimensions[0],)

    @property
    def _axes(self) -> tuple[str, str, str]:
        if len(self.dimensions) != 2:  # noqa: PLR2004
            raise _fault(f"this chart takes two columns, not {' and '.join(self.dimensions)}")
        return self.dimensions[0], self.unit, self.dimensions[1]


def _fault(message: str, hint: str = "") -> FigureError:
    return FigureError(Problem(NOWHERE, message, hint))


def divided(results: Results, name: str, columns: Sequence[str]) -> Breakdown:
    """Return an indicator by columns of its table; raises FigureError as `Results.cross` does."""
    cells = {
        tuple(label or NOT_RECORDED for _, label in figure.at): figure
        for figure in results.cross(name, columns)
    }
    whole = results.figure(name)
    return Breakdown(tuple(columns), cells, {"": whole}, results, (whole,))


def side_by_side(measures: Mapping[str, Breakdown], name: str = "measure") -> Breakdown:
    """Return several measures by the same columns, each under its name; `name` heads the names.

    As a table, the measures are its columns; as a chart, its second column. Raises FigureError
    where they are divided otherwise.
    """
    first = next(iter(measures.values()))
    for one in measures.values():
        if one.dimensions != first.dimensions or "" not in one.wholes:
            raise _fault(f"all measures have to be by {' and '.join(first.dimensions)}")
    places = dict.fromkeys(at for one in measures.values() for at in one.cells)
    cells = {
        (*at, said): one.cells[at]
        for at in places
        for said, one in measures.items()
        if at in one.cells
    }
    wholes = {said: one.wholes[""] for said, one in measures.items()}
    return Breakdown((*first.dimensions, name), cells, wholes)


def _notes(
    inner: Sequence[Figure], left: Sequence[Figure], top: Sequence[Figure], whole: Figure
) -> Iterator[str]:
    every = (*inner, *left, *top)
    if hidden := suppressed_note(every):
        yield from hidden
    else:
        sums = (math.fsum(one.value or 0 for one in group) for group in (inner, left, top))
        if not all(math.isclose(one, whole.value or 0) for one in sums):
            yield current().say("One can stand in several cells; the totals count each once.")
    if whole.qualifier != "exact":
        yield as_firm(whole)


def _label(figure: Figure) -> str:
    ((_, label), *_) = figure.at
    return said(label or NOT_RECORDED)


def _row(label: str, figures: Sequence[Figure]) -> tuple[Cell, ...]:
    """Return the numbers of one row, without what the heading and the notes say of them all."""
    cells = (number_cell(figure) for figure in figures)
    return (Cell(label), *cells)
