"""An indicator by columns of its table: a cross table with both margins, a frame for charts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from jpreport.figures import Figure
from jpreport.forms.tables import Cell, Column, Row, Table
from jpreport.notebook import labels
from jpreport.notebook.frames import NOT_RECORDED, SUPPRESSED_NOTE, number_cell
from jpreport.notebook.output import ReportTable

if TYPE_CHECKING:
    import pandas as pd

    from jpreport.notebook.report import Report

OVERLAP_NOTE = "One can stand in several cells; the totals count each once."


def cross_table(report: Report, indicator: str, rows: str, columns: str) -> ReportTable:
    """Return an indicator by two columns of its table, with both margins; every number a figure.

    The margins are the indicator's own, never sums of cells; where the two differ, because one
    can stand in several cells, a note says so. A sensitive table is answered by its protected
    cube, whose suppressed cells say so. Raises FigureError where there is no such column or
    dimension.
    """
    whole = report.figure(indicator)
    inner = report.cross(indicator, rows, columns)
    left, top = report.cross(indicator, rows), report.cross(indicator, columns)
    width = len(top)
    body = [
        Row(_cells(_label(margin), [*inner[place * width : (place + 1) * width], margin]))
        for place, margin in enumerate(left)
    ]
    table = Table(
        columns=(
            Column(labels.heading(rows)),
            *(Column(_label(figure), "number", group=labels.heading(columns)) for figure in top),
            Column("Total", "number"),
        ),
        rows=(*body, Row(_cells("Total", [*top, whole]), "total")),
        notes=tuple(_notes(inner, left, top, whole)),
    )
    return ReportTable(table, (*inner, *left, *top, whole))


def cross_frame(report: Report, indicator: str, *columns: str) -> pd.DataFrame:
    """Return an indicator by columns of its table as a tidy frame, for charts: labels and figures.

    The figures stand in a column that is called by their unit. Combinations without a value are
    left out, and suppressed ones kept. Raises FigureError as `cross_table` does.
    """
    import pandas as pd

    unit = report.figure(indicator).unit
    rows = [
        {**{name: label or NOT_RECORDED for name, label in figure.at}, unit: figure}
        for figure in report.cross(indicator, *columns)
        if figure.suppressed or figure.value is not None
    ]
    return pd.DataFrame(rows, columns=[*columns, unit])


def _notes(
    inner: Sequence[Figure], left: Sequence[Figure], top: Sequence[Figure], whole: Figure
) -> Iterator[str]:
    every = (*inner, *left, *top)
    if any(figure.suppressed for figure in every):
        yield SUPPRESSED_NOTE
    else:
        sums = (math.fsum(one.value or 0 for one in group) for group in (inner, left, top))
        if not all(math.isclose(one, whole.value or 0) for one in sums):
            yield OVERLAP_NOTE
    if whole.qualifier != "exact":
        yield f"The total is {whole.text}; its parts are as firm as the total."


def _label(figure: Figure) -> str:
    ((_, label), *_) = figure.at
    return labels.clean(label or NOT_RECORDED)


def _cells(label: str, figures: Sequence[Figure]) -> tuple[Cell, ...]:
    """Return the numbers of one row, without what the heading and the notes say of them all."""
    cells = (number_cell(figure) for figure in figures)
    return (Cell(label), *cells)
