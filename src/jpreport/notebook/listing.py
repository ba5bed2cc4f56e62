"""Lists of figures and of indicators, which a cell shows as short tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from jpreport.figures import Figure
from jpreport.forms.tables import Cell, Column, Row, Table
from jpreport.language import current, phrase
from jpreport.notebook import labels
from jpreport.notebook.frames import number_cell
from jpreport.notebook.output import ReportTable, in_languages
from jpreport.programme.framework import Indicator

_LEVELS = {
    "input": phrase("input"),
    "output": phrase("output"),
    "outcome": phrase("outcome"),
    "impact": phrase("impact"),
    "context": phrase("context"),
}


def _table(heads: Iterable[str], rows: Iterable[Iterable[Cell]]) -> Table:
    number = current().say("Value")
    columns = tuple(Column(head, "number" if head == number else "text") for head in heads)
    return Table(columns, tuple(Row(tuple(cells)) for cells in rows))


def _value(figure: Figure) -> Cell:
    cell = number_cell(figure)
    return cell if figure.value is None else replace(cell, text=figure.label)


class Shown:
    """What is shown as a table, in JupyterLab as in a terminal."""

    def shown(self) -> ReportTable:
        """Return the table."""
        raise NotImplementedError

    @in_languages
    def _table(self) -> ReportTable:
        return self.shown()

    def __repr__(self) -> str:
        """Return the table as text."""
        return repr(self.shown())

    def _repr_mimebundle_(
        self,
        include: Collection[str] | None = None,  # noqa: ARG002 - IPython's protocol
        exclude: Collection[str] | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        return self._table()._repr_mimebundle_()


class Indicators(Shown, dict[str, Indicator]):
    """The indicators by id: number, title, unit and what each is disaggregated by."""

    def shown(self) -> ReportTable:
        """Return a row for each indicator."""
        say = current().say
        heads = (
            *(say("Indicator"), say("Title"), say("Unit"), say("Level"), say("Disaggregated by")),
        )
        rows = (
            (one.id, one.title, one.unit, say(_LEVELS[one.level]), ", ".join(one.disaggregate))
            for one in self.values()
        )
        return ReportTable(_table(heads, (map(Cell, map(labels.said, row)) for row in rows)))


def listed(heads: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> ReportTable:
    """Return rows of labels with a figure at the end of each, as a table."""
    rows = list(rows)
    cells = ((*(Cell(labels.said(label)) for label in row[:-1]), _value(row[-1])) for row in rows)
    figures = tuple(row[-1] for row in rows)
    return ReportTable(_table((*heads, current().say("Value")), cells), figures, derived=True)
