"""What a file's rows are by its header: cells by column, the row of each, faults of form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jpreport.data.cellcheck import shower
from jpreport.data.contract import Cell, Resource
from jpreport.errors import did_you_mean

Rows = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a file; `row` as a spreadsheet counts it (the header is row 1)."""

    message: str
    hint: str = ""
    row: int | None = None
    column: str = ""


@dataclass(slots=True)
class Scan:
    """Cells of a table by column, the row each stands in, and the faults of form.

    A file is read as one or several of these, in its order; a column is a list of cells, or Arrow
    of texts and Parquet's types. `whole` says that no row with records was left out because of a
    fault. `doubts` break no rule.
    """

    columns: dict[str, Any] = field(default_factory=dict)
    rows: Any = ()  # numbers of rows, in a sequence or an array
    faults: list[Fault] = field(default_factory=list)
    whole: bool = False
    doubts: list[Fault] = field(default_factory=list)

    @classmethod
    def failed(cls, message: str, hint: str = "", row: int | None = None) -> Scan:
        """Return the scan of a file that cannot be read at all."""
        return cls(faults=[Fault(message, hint, row)])


class UnreadableFileError(Exception):
    """A file that is found to be unreadable midway: nothing of it counts; carries its scan."""

    def __init__(self, scan: Scan) -> None:
        super().__init__()
        self.scan = scan


def is_blank(cells: Iterable[Cell]) -> bool:
    """Whether a row holds nothing: such a row is no record, in any format."""
    return all(cell is None or cell == "" for cell in cells)


def _near(name: str, others: Sequence[str]) -> str:
    """Return "did you mean" for a column by a similar name, "" where there is none."""
    found = did_you_mean(name, others)
    return found if found.startswith("did you mean") else ""


def _positions(header: Sequence[str], resource: Resource, faults: list[Fault]) -> dict[str, int]:
    """Return where each declared column stands; their order is free."""
    # Where the header is missing, the first record stands in its place.
    show, columns, row = shower(resource), resource.columns, resource.header_row
    positions: dict[str, int] = {}
    extra: list[str] = []
    for position, raw in enumerate(header):
        name = columns.get(raw)
        if name in positions:
            first = positions[name] + 1
            message = f'the column "{raw}" stands twice (columns {first} and {position + 1})'
            faults.append(Fault(message, "rename or remove one of the two", row))
        elif name:
            positions[name] = position
        elif raw:
            extra.append(raw)
    missing = [raw for raw, name in columns.items() if name not in positions]
    for name in missing if resource.match not in {"superset", "partial"} else ():
        hint = (
            _near(name, () if resource.sensitive else extra)
            or "add it, or take it out of the contract"
        )
        faults.append(Fault(f'the column "{name}" is missing', hint, row))
    for name in extra if resource.match not in {"subset", "partial"} else ():
        hint = (
            _near(name, () if resource.sensitive else missing)
            or "remove it, or describe it in datapackage.json"
        )
        faults.append(Fault(f"the column {show(name)} is not in the contract", hint, row))
    if columns and not positions:
        faults.append(Fault("has none of the columns of the contract", "", row))
    in_order = [*positions] == [*columns.values()]
    if resource.match == "exact" and not missing and not extra and not in_order:
        hint = f"the contract wants: {', '.join(columns)}"
        faults.append(Fault("the columns stand in another order", hint, row))
    return positions


class Form:
    """How the rows of a file are divided into the columns of the contract, by its header."""

    def __init__(self, resource: Resource, header: Sequence[str]) -> None:
        self._resource, self._width = resource, len(header)
        self.unnamed = [position for position, name in enumerate(header) if not name]
        self.faults: list[Fault] = []
        self.positions = _positions(header, resource, self.faults)
        self.absent = [name for name in resource.columns.values() if name not in self.positions]
        if resource.match not in {"superset", "partial"}:
            self.absent = []

    def scan(self, body: Iterable[tuple[int, Sequence[Cell]]]) -> Scan:
        """Return the scan of rows that are split into cells already."""
        # What the header says is told with the first block.
        scan, self.faults = Scan(faults=self.faults, whole=True), []
        records: list[Sequence[Cell]] = []
        rows: list[int] = []
        for row, cells in body:
            if is_blank(cells):
                continue
            if len(cells) != self._width:
                scan.faults.append(self._uneven(row, len(cells)))
                scan.whole = False
                continue
            records.append(cells)
            rows.append(row)
        scan.rows = rows
        columns: list[Sequence[Cell]] = list(zip(*records, strict=True)) or [()] * self._width
        filled = [position for position in self.unnamed if not is_blank(columns[position])]
        for position in filled:
            message = f"column {position + 1} holds values but has no name"
            hint = "name it in the first row, or remove it"
            scan.faults.append(Fault(message, hint, self._resource.header_row))
        self.unnamed = [position for position in self.unnamed if position not in filled]
        scan.columns = {name: columns[position] for name, position in self.positions.items()}
        scan.columns |= {name: [None] * len(rows) for name in self.absent}
        return scan

    def _uneven(self, row: int, count: int) -> Fault:
        few = count < self._width
        hint = "add the missing cells" if few else "put a value that holds the separator in quotes"
        plural = "" if count == 1 else "s"
        return Fault(f"has {count} cell{plural}, but the header has {self._width}", hint, row)


def filled_rows(
    columns: dict[str, Any], rows: Rows, among: Iterable[Any] = ()
) -> tuple[dict[str, Any], Rows]:
    """Return columns and rows without those that hold nothing, also not in columns `among` them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    blank = None
    for column in (*columns.values(), *among):
        empty = column.is_null()
        if pa.types.is_string(column.type):
            empty = pc.or_(empty, pc.fill_null(pc.equal(column, ""), False))  # noqa: FBT003
        blank = empty if blank is None else pc.and_(blank, empty)
        if not pc.any(blank).as_py():
            return columns, rows
    keep = pc.invert(blank)
    return {n: one.filter(keep) for n, one in columns.items()}, rows[
        keep.to_numpy(zero_copy_only=False)
    ]
