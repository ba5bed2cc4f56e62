"""A sheet of a workbook as data: its cells, and what of its form makes numbers wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Cell = Any
# A cell, counted from 1: row and column.
At = tuple[int, int]


@dataclass(slots=True)
class Sheet:
    """The cells of a sheet, line by line, and the parts of it that mean more than they show.

    `merged` are areas by their first and last cell. `uncalculated` are the cells of formulas
    whose result the workbook does not hold.
    """

    name: str
    visible: bool = True
    lines: list[tuple[Cell, ...]] = field(default_factory=list)
    merged: list[tuple[At, At]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    uncalculated: list[At] = field(default_factory=list)
