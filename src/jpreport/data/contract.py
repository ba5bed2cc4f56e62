"""The contract that records keep, as frozen data: packages, resources, fields, keys."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from jpreport.errors import Place, Problem
from jpreport.files import digest_file

Type = Literal["string", "integer", "number", "boolean", "date", "datetime", "year"]
Format = Literal["csv", "xlsx", "ods", "parquet"]
WORKBOOKS: tuple[Format, ...] = ("xlsx", "ods")
Match = Literal["equal", "exact", "subset", "superset", "partial"]
Merged = Literal["fill", "first"]

# What a file holds, and what it means by the contract (None: missing).
Cell = Any
Value = str | int | Decimal | bool | dt.date | dt.datetime | None

TRUE_VALUES = ("true", "True", "TRUE", "1")
FALSE_VALUES = ("false", "False", "FALSE", "0")


def quoted(name: str) -> str:
    """Return a name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Field:
    """One column: what its cells mean and which values it may hold.

    `format` is "default", a `strptime` pattern (dates) or email, uri, uuid (strings).
    `enum` and the limits are values of the field's type; `unit` is our own property. Moments that
    state a time zone are told in `zone`; those that state none are taken to be in it. `column` is
    how the file calls it, where otherwise; `derive` the SQL that computes it from other columns.
    """

    name: str
    type: Type = "string"
    title: str = ""
    description: str = ""
    unit: str = ""
    format: str = "default"
    required: bool = False
    unique: bool = False
    enum: tuple[Value, ...] = ()
    pattern: str | None = None
    minimum: Value = None
    maximum: Value = None
    exclusive_minimum: Value = None
    exclusive_maximum: Value = None
    min_length: int | None = None
    max_length: int | None = None
    true_values: tuple[str, ...] = TRUE_VALUES
    false_values: tuple[str, ...] = FALSE_VALUES
    missing_values: tuple[str, ...] = ("",)
    decimal_char: str = "."
    group_char: str = ""
    bare_number: bool = True
    zone: str = "UTC"
    column: str = ""
    derive: str = ""

    @property
    def label(self) -> str:
        """The title where there is one."""
        return self.title or self.name

    @property
    def moments(self) -> str:
        """The time zone in which the days of a column of moments are told; "" for others."""
        return self.zone if self.type == "datetime" else ""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns whose values must stand in the `references` columns of `table`."""

    fields: tuple[str, ...]
    table: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cleaning:
    """The steps from a raw file to its records; rows are counted as a spreadsheet does.

    Names of columns are what `header_rows` say, joined; `comment_rows` are left out, as are rows
    that have one of the values of a column in `leave_out`. `trim` takes space off every text.
    `merged` says of a column whether the value of a merged area is meant for each of its rows
    ("fill") or counts once ("first").
    """

    header_rows: tuple[int, ...] = (1,)
    header_join: str = " "
    comment_rows: frozenset[int] = frozenset()
    trim: bool = False
    merged: Mapping[str, Merged] = dataclasses.field(default_factory=dict)
    leave_out: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resource:
    """One table: where its file stands, how to read it, what it holds.

    `path` is absolute; `source` is the same relative to the programme folder, with slashes.
    `sheet` names or counts (from 1) the sheet of a workbook. `date` is the column by which
    a period selects records. `match` says which columns the file may have beside the declared ones,
    and which it may lack (`fieldsMatch` of the standard). `cleaning` leads from the raw file to
    records. `schema` is the schema as it was declared. `sensitive` is what is declared of the
    protection of persons (see `disclosure.declaration`), None for an open table.
    """

    name: str
    path: Path
    source: str
    format: Format
    fields: tuple[Field, ...]
    title: str = ""
    description: str = ""
    sheet: str | int = 1
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    missing_values: tuple[str, ...] = ("",)
    date: str | None = None
    match: Match = "equal"
    cleaning: Cleaning | None = None
    delimiter: str = ","
    encoding: str = "utf-8"
    schema: Mapping[str, Any] = dataclasses.field(default_factory=dict, repr=False, compare=False)
    sensitive: Mapping[str, Any] | None = dataclasses.field(default=None, repr=False)

    @property
    def label(self) -> str:
        """The title where there is one."""
        return self.title or self.name

    @property
    def field_names(self) -> tuple[str, ...]:
        """Names of the columns, in declared order."""
        return tuple(field.name for field in self.fields)

    @property
    def columns(self) -> dict[str, str]:
        """The names of the columns that the file has, by what the file calls them."""
        return {field.column or field.name: field.name for field in self.fields if not field.derive}

    @property
    def header_row(self) -> int:
        """The last row of the header, as a spreadsheet counts."""
        return max(self.cleaning.header_rows) if self.cleaning else 1

    @property
    def plain(self) -> bool:
        """Whether the file holds the records as they are: nothing to clean, rename or derive."""
        same = all(column == name for column, name in self.columns.items())
        whole = self.match in {"equal", "exact"} and len(self.columns) == len(self.fields)
        return same and whole and self.cleaning is None

    @property
    def is_workbook(self) -> bool:
        """Whether the file is one of sheets, of Excel or OpenDocument."""
        return self.format in WORKBOOKS

    @property
    def place(self) -> Place:
        """Where the table stands: its file, of a workbook also the sheet."""
        if self.is_workbook and isinstance(self.sheet, str):
            return Place(self.source).at(sheet=self.sheet)
        return Place(self.source)

    @property
    def closed(self) -> Problem:
        """What is told to whoever reaches for the records of a sensitive table."""
        return Problem(
            Place(self.source),
            f'"{self.name}" holds records of persons and stays closed',
            'use its protected cube: rp["ID"] or rp.cross("ID", ...) of an indicator over it, '
            f'or rp.cube("{self.name}")',
        )

    def field(self, name: str) -> Field:
        """Return the column of that name; raises KeyError."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    def digest(self) -> str:
        """Return the SHA-256 of the file; raises OSError where it cannot be read."""
        return digest_file(self.path)


@dataclass(frozen=True, slots=True)
class Package:
    """The tables of a programme and what is said about them as a whole.

    `created` is the date of the data as declared (ISO 8601, "" where not stated).
    `synthetic` says that the records are made up to illustrate.
    """

    path: Path
    place: Place
    title: str
    resources: dict[str, Resource]
    description: str = ""
    synthetic: bool = False
    created: str = ""
    version: str = ""
    licenses: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
