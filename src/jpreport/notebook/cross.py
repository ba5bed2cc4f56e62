"""Cross tables of sensitive records: two dimensions of the protected cube, with their margins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jpreport.figures import Figure
from jpreport.notebook import wording
from jpreport.notebook.frames import SUPPRESSED_CELL, SUPPRESSED_NOTE
from jpreport.notebook.output import ReportTable
from jpreport.tables import Cell, Column, Row, Table

if TYPE_CHECKING:
    from jpreport.notebook.report import Report


def cross_table(report: Report, indicator: str, rows: str, columns: str) -> ReportTable:
    """Return an indicator over a sensitive table by two dimensions, with both margins.

    Cells that the protected cube suppresses say so. Raises FigureError where the table is not
    sensitive or its cube has no such dimension.
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
            Column(wording.heading(rows)),
            *(Column(_label(figure), "number", group=wording.heading(columns)) for figure in top),
            Column("Total", "number"),
        ),
        rows=(*body, Row(_cells("Total", [*top, whole]), "total")),
        notes=(SUPPRESSED_NOTE,) if any(f.suppressed for f in (*inner, *left, *top)) else (),
    )
    return ReportTable(table, (*inner, *left, *top, whole))


def _label(figure: Figure) -> str:
    return figure.id.rpartition("=")[2].removesuffix("]")


def _cells(label: str, figures: Sequence[Figure]) -> tuple[Cell, ...]:
    cells = (
        SUPPRESSED_CELL if figure.suppressed else Cell(figure.text, figure=figure.id)
        for figure in figures
    )
    return (Cell(label), *cells)
