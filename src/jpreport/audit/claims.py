"""Find every number that a release gives for a figure: what it is said to count, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from jpreport.audit.items import Data, Grid, Item, Unread, numbered
from jpreport.document.blocks import FigureSource
from jpreport.document.quotes import text_of
from jpreport.errors import Place
from jpreport.figures import Days, FigureKey, FigureRecord, Formula
from jpreport.figures.derivation import Part
from jpreport.forms.mime import FIGURE
from jpreport.language import speaking

Number = int | float

STATED = ("baseline", "target", "published")
# How a record is known, whatever of it is missing, and the keys of earlier versions.
_SIGNS = ({"$type", "id"}, {"id", "derivation"}, {"id", "table", "measure"})


@dataclass(frozen=True, slots=True)
class Claim:
    """A number and the records that it is said to count; None: not shown.

    `key` has the period. `records` is the number of records where it is given, `stated` are
    baseline, target and published value. A figure that is made from others has a `formula`, and
    no `table`.
    """

    where: Place
    key: FigureKey
    value: Number | None
    table: str = ""
    condition: str = ""
    records: int | None = None
    stated: tuple[Number | None, ...] = (None, None, None)
    formula: Formula | None = None
    record: FigureRecord | None = None
    measure: str = ""

    @property
    def place(self) -> Place:
        """Where a problem with it is: the file, the place, the figure."""
        return self.where.at(f"figure {self.key.over(None)}")

    @property
    def terms(self) -> tuple[FigureKey, ...]:
        """The keys, with their periods, of what it is made from."""
        terms = self.formula.terms if self.formula else ()
        return tuple(one if one.period else one.over(self.key.period) for one in terms)


@dataclass(frozen=True, slots=True)
class Shown:
    """A text that is said to show a figure, named by its id, with or without the period.

    `language` is that of the text, "" where it is not said.
    """

    where: Place
    name: str
    text: str
    language: str = ""


def _claims(where: Place, record: FigureRecord) -> Iterator[Claim]:
    """Yield what a record says: its own number, those of its parts and of what it is made from."""
    origin = record.derivation
    claim = Claim(
        where,
        record.dated,
        record.value,
        origin.table,
        origin.where,
        origin.records,
        (record.baseline, record.target, record.published),
        origin.formula,
        record,
        origin.measure,
    )
    yield claim
    for column, parts in record.breakdown.items():
        yield from (_part(claim, column, part) for part in parts)
    for parent in record.parents:
        yield from _claims(where, parent)


def _part(whole: Claim, column: str, part: Part) -> Claim:
    both = (text for text in (whole.condition, part.condition) if text)
    return replace(
        whole,
        key=replace(whole.key, part=((column, part.label),)),
        value=part.value,
        condition=" AND ".join(f"({text})" for text in both),
        records=part.records,
        stated=(None, None, None),
        record=None,
    )


def _objects(where: Place, value: Any) -> Iterator[tuple[Place, dict[str, Any]]]:  # noqa: ANN401
    """Yield every object within a JSON value with its place: of a notebook, the cell.

    What is within a record of a figure is read with the record.
    """
    if isinstance(value, list):
        for number, item in numbered(value):
            inner = where.item(number) if where.get("key") == "cell" else where
            yield from _objects(inner, item)
    elif isinstance(value, dict):
        yield where, value
        if not _is_record(value):
            for key, item in value.items():
                yield from _objects(where.at(key="cell") if key == "cells" else where, item)


def _is_record(value: Mapping[str, Any]) -> bool:
    return any(signs <= value.keys() for signs in _SIGNS)


def _is_table(value: Mapping[str, Any]) -> bool:
    return {"columns", "rows", "stub"} <= value.keys()


def _is_source(value: Mapping[str, Any]) -> bool:
    return value.keys() >= {"figure", "quoted"}


def _number(text: str) -> Number | None:
    """Return the number in a cell of a CSV file; raises ValueError for another text."""
    if not text:
        return None
    value = float(text)
    return int(value) if value.is_integer() else value


def _in_grid(grid: Grid) -> Iterator[Claim | Unread]:
    """Yield what a list of figures as CSV says."""
    header = grid.rows[0]
    if not {"id", "table", "filter", "value"} <= set(header):
        return
    for number, row in enumerate(grid.rows[1:], start=2):
        where = grid.where.at(row=number)
        try:
            yield _of_row(where, dict(zip(header, row, strict=True)))
        except (KeyError, ValueError) as error:
            yield Unread(where, f"its figure cannot be read: {error}")


def _of_row(where: Place, row: Mapping[str, str]) -> Claim:
    """Return what a row says of a figure; raises ValueError or KeyError for what says nothing."""
    texts = {name: text.removeprefix("'") for name, text in row.items()}
    period = Days.parse(texts["period"])
    made = not texts["table"]
    records = _number(row["records"])
    return Claim(
        where,
        FigureKey.parse(texts["id"]).over(period),
        _number(row["value"]),
        texts["table"],
        texts["filter"],
        None if records is None else int(records),
        tuple(_number(row[name]) for name in STATED),
        FigureKey.parse(texts["measure"]).formula if made else None,
        measure=texts["measure"],
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


def _in_table(where: Place, table: Mapping[str, Any]) -> Iterator[Shown]:
    """Yield the cells of numbers that are said to show a figure."""
    for row in table["rows"]:
        for column, cell in zip(table["columns"], row["cells"], strict=False):
            if cell.get("figure") and column["kind"] == "number":
                unit = "%" if column.get("unit") == "%" and "%" not in cell["text"] else ""
                yield Shown(where, cell["figure"], cell["text"] + unit)


def claims_in(item: Item) -> Iterator[Claim | Unread | Shown]:
    """Yield the numbers that an item gives for figures; those that are not shown included.

    What ought to be a figure's record and cannot be read as one comes as `Unread`.
    """
    if isinstance(item, Grid):
        yield from _in_grid(item)
    elif isinstance(item, Data):
        for where, value in _objects(item.where, item.value):
            try:
                yield from _in_object(where, value)
            except ValueError as error:
                yield Unread(where.at(f"figure {value.get('id', '')}"), f"cannot be read: {error}")


def _in_object(where: Place, value: Mapping[str, Any]) -> Iterator[Claim | Shown | Unread]:
    if _is_record(value):
        yield from _claims(where, FigureRecord.from_json(value))
    elif _is_source(value):
        source = FigureSource.from_json(value)
        name = str(source.record.dated)
        language = source.record.language
        yield from (Shown(where, name, quote.text, language) for quote in source.quotes)
    elif _is_table(value):
        yield from _in_table(where, value)
    elif FIGURE in value:
        record = FigureRecord.from_json(value[FIGURE])
        with speaking(record.language):
            bundle = record.figure()._repr_mimebundle_()
        for kind in ("text/plain", "text/html"):
            if kind in value and text_of(value[kind]) != bundle[kind]:
                yield Unread(where.at(f"figure {record.id}"), f"its {kind} is that of another")
