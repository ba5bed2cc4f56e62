"""Find every number that a release gives for a figure: what it is said to count, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jpreport.audit.items import Data, Grid, Item, numbered
from jpreport.errors import Place

Number = int | float

RECORDS, PUBLISHED = "number of records", "published value"


@dataclass(frozen=True, slots=True)
class Claim:
    """A number and the records that it is said to count; None: not shown.

    `numbers` are further numbers about the same records, by what they are called. A figure that
    is made from others has no `table`, but `parents`.
    """

    where: Place
    id: str
    value: Number | None
    table: str = ""
    condition: str = ""
    start: str = ""
    end: str = ""
    numbers: tuple[tuple[str, Number], ...] = ()
    parents: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Where a problem with it is: the file, the place, the figure."""
        return self.where.at(f"figure {self.id}")


def _number(value: Any) -> Number | None:  # noqa: ANN401
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _numbers(pairs: Iterable[tuple[str, Any]]) -> tuple[tuple[str, Number], ...]:
    found = ((name, _number(value)) for name, value in pairs)
    return tuple((name, value) for name, value in found if value is not None)


def _figure(where: Place, raw: Mapping[str, Any]) -> Iterator[Claim]:
    """Yield what a figure says: its own number, and those of its parts."""
    origin, period = raw["derivation"] or {}, raw.get("period") or {}
    if not isinstance(origin, dict) or not isinstance(period, dict):
        return
    table, condition = str(origin.get("table", "")), str(origin.get("where", ""))
    days = str(period.get("start", "")), str(period.get("end", ""))
    parents = tuple(map(str, origin.get("parents") or ()))
    beside = _numbers(
        (
            (RECORDS, None if parents else origin.get("records")),
            (PUBLISHED, raw.get("published")),
        )
    )
    name = str(raw.get("id", ""))
    yield Claim(where, name, _number(raw.get("value")), table, condition, *days, beside, parents)
    for column, parts in (raw.get("breakdown") or {}).items():
        for part in parts:
            both = " AND ".join(f"({text})" for text in (condition, part["condition"]) if text)
            yield Claim(
                where,
                f"{name}[{column}={part['label']}]",
                _number(part["value"]),
                table,
                both,
                *days,
                _numbers([(RECORDS, part.get("records"))]),
            )


def _source(where: Place, raw: Mapping[str, Any]) -> Claim:
    """Return what an attached list of sources says of a figure."""
    return Claim(
        where,
        str(raw["id"]),
        _number(raw.get("value")),
        str(raw["table"]),
        str(raw.get("where", "")),
        str(raw.get("period_start", "")),
        str(raw.get("period_end", "")),
        _numbers(((RECORDS, raw.get("records")), (PUBLISHED, raw.get("published")))),
    )


def _objects(where: Place, value: Any) -> Iterator[tuple[Place, dict[str, Any]]]:  # noqa: ANN401
    """Yield every object within a JSON value with its place: of a notebook, the cell."""
    if isinstance(value, list):
        for number, item in numbered(value):
            inner = where.item(number) if where.get("key") == "cell" else where
            yield from _objects(inner, item)
    elif isinstance(value, dict):
        yield where, value
        for key, item in value.items():
            yield from _objects(where.at(key="cell") if key == "cells" else where, item)


def _is_table(value: Mapping[str, Any]) -> bool:
    return {"columns", "rows", "stub"} <= value.keys()


def _cell(text: str) -> Number | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if value.is_integer() else value


def _in_grid(grid: Grid) -> Iterator[Claim]:
    """Yield what a list of figures as CSV says."""
    at = {name: number for number, name in enumerate(grid.rows[0])}
    if not {"id", "table", "filter", "value"} <= at.keys():
        return
    for row in grid.rows[1:]:
        if len(row) != len(grid.rows[0]):
            continue
        told = {name: row[number] for name, number in at.items()}
        start, _, end = told.get("period", "").partition("/")
        beside = ((RECORDS, "records"), (PUBLISHED, "published"))
        yield Claim(
            grid.where,
            told["id"],
            _cell(told["value"]),
            told["table"],
            told["filter"].removeprefix("'"),
            start,
            end,
            _numbers((name, _cell(told.get(key, ""))) for name, key in beside),
        )


def tables_in(item: Item) -> Iterator[Grid]:
    """Yield the tables of an item; those that a notebook keeps as data are brought into rows."""
    if isinstance(item, Grid):
        yield item
    elif isinstance(item, Data):
        for where, value in _objects(item.where, item.value):
            if _is_table(value):
                # One text tells a column's own header and the one above it.
                header = tuple(
                    "\n".join(filter(None, (one["label"], one.get("group", ""))))
                    for one in value["columns"]
                )
                rows = (tuple(cell["text"] for cell in row["cells"]) for row in value["rows"])
                yield Grid(where, (header, *rows))


def shown_in(item: Item) -> Iterator[tuple[Place, str, str]]:
    """Yield (place, figure, text) of the cells of numbers that are said to show a figure."""
    if isinstance(item, Data):
        for where, value in _objects(item.where, item.value):
            for row in value["rows"] if _is_table(value) else ():
                for column, cell in zip(value["columns"], row["cells"], strict=False):
                    if cell.get("figure") and column["kind"] == "number":
                        yield where, cell["figure"], cell["text"]


def claims_in(item: Item) -> Iterator[Claim]:
    """Yield the numbers that an item gives for figures; those that are not shown included."""
    if isinstance(item, Grid):
        yield from _in_grid(item)
    elif isinstance(item, Data):
        for where, value in _objects(item.where, item.value):
            if "derivation" in value and "id" in value:
                yield from _figure(where, value)
            elif {"table", "id", "measure"} <= value.keys():
                yield _source(where, value)
