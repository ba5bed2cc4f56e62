"""What a cell shows: a table or a chart as data beside the picture of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from jpreport import mime
from jpreport.notebook.html import table_html, table_text
from jpreport.tables import Table


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table that a cell shows; exporters read `table`."""

    table: Table

    def __repr__(self) -> str:
        """Return the table as plain text."""
        return table_text(self.table)

    def _repr_mimebundle_(
        self,
        include: Collection[str] | None = None,  # noqa: ARG002 - IPython's protocol
        exclude: Collection[str] | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        return {
            mime.TABLE: self.table.to_json(),
            "text/html": table_html(self.table),
            "text/plain": table_text(self.table),
        }


@dataclass(frozen=True, slots=True)
class ReportChart:
    """A chart that a cell shows: SVG, the text that stands for it, the data behind it."""

    svg: str
    alt: str
    table: Table

    def __repr__(self) -> str:
        """Return the alternative text."""
        return self.alt

    def _repr_mimebundle_(
        self,
        include: Collection[str] | None = None,  # noqa: ARG002 - IPython's protocol
        exclude: Collection[str] | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        return {
            mime.CHART: {"version": 1, "alt": self.alt, "table": self.table.to_json()},
            "image/svg+xml": self.svg,
            "text/plain": self.alt,
        }
