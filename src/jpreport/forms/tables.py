"""A table as data: the notebook door builds it, every exporter sets it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any, Literal

State = Literal["value", "not stated", "suppressed", "empty"]

# What a suppressed number prints as in a table: the Government Statistical Service of the United
# Kingdom recommends it for confidential data, no number looks like it, and it can be searched for.
SUPPRESSED_SIGN, SUPPRESSED_WORD = "[c]", "suppressed"
_IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its finished text (numbers are formatted already) and what it stands for.

    `figure` is the id of the figure behind it, with "@" and its first and last day where the
    table has it for several periods; `note` counts from 1 into the table's notes.
    """

    text: str
    state: State = "value"
    figure: str | None = None
    note: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header, the unit shown with it, the group header above it.

    Consecutive columns with one `group` stand under a common header. Number columns are set
    flush right with figures of equal width; their texts have equally many decimals.
    """

    label: str
    kind: Literal["text", "number"] = "text"
    unit: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a cell a column; a `section` row has one cell, which spans the table."""

    cells: tuple[Cell, ...]
    role: Literal["body", "section", "total"] = "body"


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, rows and notes; the first `stub` columns are row headers.

    Raises ValueError where a row does not fit the columns or a cell names no note.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    stub: int = 1
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """Refuse a ragged table."""
        if not self.columns:
            raise ValueError("a table needs at least one column")
        if not 0 <= self.stub <= len(self.columns):
            raise ValueError(f"stub is {self.stub}; the table has {len(self.columns)} columns")
        for number, row in enumerate(self.rows, start=1):
            expected = 1 if row.role == "section" else len(self.columns)
            if len(row.cells) != expected:
                raise ValueError(f"row {number} has {len(row.cells)} cells, not {expected}")
            for cell in row.cells:
                if cell.note is not None and not 1 <= cell.note <= len(self.notes):
                    raise ValueError(f"row {number} names note {cell.note}, which is not there")

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """Group headers from left to right as (label, number of columns); "" has no header."""
        runs = groupby(column.group for column in self.columns)
        return tuple((label, len(list(run))) for label, run in runs)

    def to_json(self) -> dict[str, Any]:
        """Return the table as plain JSON values."""
        return {"version": 1, **asdict(self)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Table:
        """Return the table that `to_json` wrote; raises ValueError for another version."""
        if value.get("version") != 1:
            raise ValueError(f"table of version {value.get('version')!r}; this release reads 1")
        return cls(
            columns=tuple(Column(**column) for column in value["columns"]),
            rows=tuple(
                Row(tuple(Cell(**cell) for cell in row["cells"]), row["role"])
                for row in value["rows"]
            ),
            stub=value["stub"],
            notes=tuple(value["notes"]),
        )


def column_words(name: str) -> str:
    """Return a column's name as words: `age_group` reads "Age group", all else stays as it is."""
    return name[0].upper() + name[1:].replace("_", " ") if _IDENTIFIER.fullmatch(name) else name


def note_letter(note: int) -> str:
    """Return a note's mark, counted from 1: a to z, then aa, ab and so on."""
    letters = ""
    while note:
        note, rest = divmod(note - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters
