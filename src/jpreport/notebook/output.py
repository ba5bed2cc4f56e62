"""What a cell shows: a table or a chart as data beside the picture of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jpreport.forms import mime
from jpreport.forms.tables import Table
from jpreport.notebook.html import table_html, table_text

if TYPE_CHECKING:
    from jpreport.figures import Figure, Period


def _records(figures: Collection[Figure]) -> list[dict[str, Any]]:
    """Return each figure as JSON, without its breakdown: a part that is shown is one of them."""
    from jpreport.figures import FigureRecord

    return [FigureRecord.of(figure, parts=False).to_json() for figure in figures]


def several_periods(figures: Collection[Figure]) -> frozenset[str]:
    """Return the ids that figures of more than one period have: a cell has to say which."""
    periods: dict[str, Period] = {}
    return frozenset(
        one.id for one in figures if periods.setdefault(one.id, one.period) != one.period
    )


def cell_name(figure: Figure, doubled: Collection[str]) -> str:
    """Return what a cell calls its figure: its id, dated where `doubled` has it."""
    return str(figure.dated) if figure.id in doubled else figure.id


def _titles(figures: Collection[Figure]) -> dict[str, str]:
    """Return where each figure comes from, by the names that a cell may give it."""
    return {
        name: figure.description for figure in figures for name in (figure.id, str(figure.dated))
    }


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table that a cell shows; exporters read `table`.

    `figures` are those that its cells name: an id alone does not say where a number comes from.
    `derived` marks a table whose builder took every number from figures or from the contract,
    also those that name no figure: targets, published values, numbers of records.
    """

    table: Table
    figures: tuple[Figure, ...] = ()
    derived: bool = False

    def __repr__(self) -> str:
        """Return the table as plain text."""
        return table_text(self.table)

    def _repr_mimebundle_(
        self,
        include: Collection[str] | None = None,  # noqa: ARG002 - IPython's protocol
        exclude: Collection[str] | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        return {
            mime.TABLE: {
                **self.table.to_json(),
                "figures": _records(self.figures),
                "derived": self.derived,
            },
            "text/html": table_html(self.table, _titles(self.figures)),
            "text/plain": table_text(self.table),
        }


@dataclass(frozen=True, slots=True)
class ReportChart:
    """A chart that a cell shows: SVG, the text that stands for it, the data behind it.

    `figures` are those that the cells of the data name; `derived` is as in a ReportTable.
    """

    svg: str
    alt: str
    table: Table
    figures: tuple[Figure, ...] = ()
    derived: bool = False

    def __repr__(self) -> str:
        """Return the alternative text."""
        return self.alt

    def _repr_mimebundle_(
        self,
        include: Collection[str] | None = None,  # noqa: ARG002 - IPython's protocol
        exclude: Collection[str] | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        return {
            mime.CHART: {
                "version": 1,
                "alt": self.alt,
                "table": self.table.to_json(),
                "figures": _records(self.figures),
                "derived": self.derived,
            },
            "image/svg+xml": self.svg,
            "text/plain": self.alt,
        }
