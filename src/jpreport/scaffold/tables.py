"""A table as it would be declared: its columns, key, cleaning steps, what protects persons."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
from slugify import slugify

from jpreport.data.cleaning import RAW_ROW
from jpreport.data.contract import Field, Value
from jpreport.data.doubts import says_total
from jpreport.data.package import SQL_WORDS
from jpreport.data.reading import ROW
from jpreport.data.styles import NumberStyle
from jpreport.data.totals import totals
from jpreport.data.typed import typed_values
from jpreport.scaffold.columns import Column, column_of, habits_of
from jpreport.scaffold.grids import Grid
from jpreport.scaffold.layout import Layout, layout_of
from jpreport.scaffold.persons import is_age, is_sex, marked
from jpreport.scaffold.tools import is_own, stem_of

_SEXES = {
    "Female": ("f", "female", "woman", "women", "girl", "girls", "femme", "femmes", "fille", "z",
               "zena", "\u017eena", "\u017eenski", "mujer", "w", "weiblich"),
    "Male": ("m", "male", "man", "men", "boy", "boys", "homme", "hommes", "gar\u00e7on",
             "mu\u0161ki", "mu\u0161karac", "hombre", "m\u00e4nnlich"),
}  # fmt: skip
_AGES = {"0-4": 4, "5-17": 17, "18-59": 59, "60 and over": None}
_LONG_NAME = 40
_FEW = 3  # rows that say little together
# A protected cube of more cells takes long, and publishes little.
_MOST_CELLS, _MOST_LABELS, _MOST_AXES = 240, 15, 3
_MONTHS, _QUARTERS = 18, 12


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a programme to be. `sensitive` is what is declared where it is of persons."""

    name: str
    title: str
    grid: Grid
    layout: Layout
    columns: tuple[Column, ...]
    derived: tuple[Field, ...] = ()
    key: str = ""
    sensitive: Mapping[str, Any] | None = None

    @property
    def persons(self) -> tuple[Column, ...]:
        """The columns that tell of persons."""
        return tuple(column for column in self.columns if column.person)

    @property
    def date(self) -> Column | None:
        """The column by which a period selects records: the first of days without gaps."""
        days = [one for one in self.columns if one.field.type in {"date", "datetime"} and one.known]
        whole = [one for one in days if one.field.required and "birth" not in one.name]
        return next(iter(whole), None)

    @property
    def span(self) -> tuple[dt.date, dt.date] | None:
        """The first and the last day of its records."""
        if self.date is None:
            return None
        days = [one.date() if isinstance(one, dt.datetime) else one for one in self.date.known]
        dated = [day for day in days if isinstance(day, dt.date)]
        return min(dated), max(dated)

    def lists(self) -> list[tuple[str, int]]:
        """Return the columns with a closed list of values, each with their number."""
        own = [
            (one.name, len(one.field.enum))
            for one in self.columns
            if len(one.field.enum) > 1 and not is_own(one)
        ]
        derived = [(one.name, len(one.enum)) for one in self.derived if one.enum]
        hidden = {name for one in self.columns if one.person for name in [one.name]}
        sexed = {one.name for one in self.columns if is_sex(one)}
        return [*((n, c) for n, c in own if n not in hidden or n in sexed), *derived]


def name_of(text: str, taken: Collection[str], fallback: str) -> str:
    """Return a name for a table or a column: letters, digits, underscores, no word of SQL."""
    # A survey tool puts the group of a question before its name.
    name = slugify(text.rpartition("/")[2] or text, separator="_")[:_LONG_NAME].strip("_")
    name = re.sub(r"^(?=\d)", "n", name) or fallback
    if name in SQL_WORDS.split():
        name = f"{name}_value"
    plain, number = name, 1
    while name in taken or name == RAW_ROW:
        number += 1
        name = f"{plain}_{number}"
    return name


def table_of(grid: Grid, taken: Collection[str]) -> Table | None:
    """Return the table that a grid holds; None where it holds none."""
    layout = layout_of(grid)
    if layout is None:
        return None
    generic = re.fullmatch(
        r"|(sheet|feuil|feuille|tabelle|hoja|blad|list|data|export)_?\d*", slugify(grid.sheet)
    )
    source = stem_of(grid.path) if generic else grid.sheet
    name = name_of(source, taken, "records")
    columns = _columns(layout, grid)
    while sums := _sums(columns, layout):
        layout = layout.without(sums)
        columns = _columns(layout, grid)
    columns = marked(columns)
    if grid.kind == "parquet":
        columns = tuple(
            replace(one, field=replace(one.field, missing_values=("",))) for one in columns
        )
    key = next((one.name for one in columns if one.field.unique), "")
    table = Table(name, _title(source), grid, layout, columns, key=key)
    return _protected(replace(table, **_derived(table)))


def _columns(layout: Layout, grid: Grid) -> tuple[Column, ...]:
    """Return the columns of a layout, each judged by all of its cells."""
    cells = {
        raw: [line[place] if place < len(line) else None for _, line in layout.rows]
        for place, raw in enumerate(layout.header)
        if raw
    }
    habits = habits_of(cells.values(), grid.dialect.get("delimiter", ""))
    names: dict[str, str] = {}
    for place, raw in enumerate(cells, start=1):
        names[raw] = name_of(
            re.sub(r"[(\[][^)\]]*[)\]]\s*$", "", raw), names.values(), f"column_{place}"
        )
    return tuple(column_of(raw, names[raw], cells[raw], habits) for raw in cells)


def _sums(columns: Sequence[Column], layout: Layout) -> dict[int, str]:
    """Return rows that add up others, each with the column that has a word for it ("": none).

    A first or last row may have no word for a total: then all of its numbers have to be sums.
    """
    rows = [row for row, _ in layout.rows]
    fields = [replace(one.field, enum=()) for one in columns]
    values = {one.name: one.values for one in columns if len(one.values) == len(rows)}
    raw = {one.name: one.raw for one in columns}
    typed = {one.name: typed_values(one, values[one.name]) for one in fields if one.name in values}
    texts = [one for one in columns if one.field.type == "string" and one.name in values]
    found = {
        fault.row: raw[fault.column]
        for fault in totals(fields, pa.table(typed | {ROW: pa.array(rows, pa.int32())}))
        if fault.row is not None
    }
    # Once one of a column's words is a total by its numbers, so are the others: of one row, too.
    for column in texts:
        if column.raw in found.values():
            for row, value in zip(rows, values[column.name], strict=True):
                if isinstance(value, str) and says_total(value):
                    found.setdefault(row, column.raw)
    numbers = [
        list(map(_amount, values[one.name]))
        for one in columns
        if one.field.type in {"integer", "number"} and one.name in values
    ]
    for place in {0, len(rows) - 1} if len(rows) > _FEW else ():
        stated = {tuple(one) for one in numbers if one[place]}
        if len(stated) > 1 and all(2 * one[place] == sum(one) for one in stated):
            word = next((one.raw for one in texts if values[one.name][place] is not None), "")
            found.setdefault(rows[place], word)
    return {row: word for row, word in found.items() if len(found) < len(rows)}


def _amount(value: Value) -> Decimal | int:
    return value if isinstance(value, Decimal | int) else 0


def _title(text: str) -> str:
    words = re.sub(r"[_\s-]+", " ", text).strip()
    return words[:1].upper() + words[1:]


def _derived(table: Table) -> dict[str, Any]:
    """Return what follows from the columns: sex in one spelling, age groups, months."""
    columns, derived = list(table.columns), []
    names = [one.name for one in columns]
    for place, column in enumerate(columns):
        if is_sex(column) and (cases := _sex_cases(column)):
            stated = name_of(f"{column.name}_stated", names, "sex_stated")
            kept = replace(column.field, name=stated, column=column.raw, enum=())
            columns[place] = replace(column, field=kept)
            sql = f'CASE lower("{stated}") {cases} END'
            said = f"{stated} in one spelling"
            enum = ("Female", "Male")
            derived.append(Field(column.name, title="Sex", description=said, enum=enum, derive=sql))
        if column.signed:
            stated = name_of(f"{column.name}_stated", names, "stated")
            kept = replace(column.field, name=stated, column=column.raw)
            columns[place] = replace(column, field=kept)
            said = f"the number of {stated}, negative where it is written as accounts do"
            sql = _number_sql(stated, column.signed)
            derived.append(
                replace(column.field, type="number", column="", description=said, derive=sql)
            )
        if is_age(column) and "age_group" not in names:
            steps = [
                f"WHEN \"{column.name}\" <= {to} THEN '{label}'"
                for label, to in _AGES.items()
                if to
            ]
            *_, last = _AGES
            sql = f"CASE {' '.join(steps)} WHEN \"{column.name}\" IS NOT NULL THEN '{last}' END"
            derived.append(
                Field(
                    "age_group",
                    title="Age group",
                    description=f"groups of {column.name}",
                    enum=tuple(_AGES),
                    derive=sql,
                )
            )
    if (month := _months(table)) and month.name not in names:
        derived.append(month)
    if not table.persons and table.grid.kind != "parquet":
        # So that a trace leads to the very row of the raw file.
        row, said = (
            name_of("file_row", [one.name for one in columns], "file_row"),
            "row of the file",
        )
        derived.append(Field(row, "integer", title="Row", description=said, derive=RAW_ROW))
    return {"columns": tuple(columns), "derived": tuple(derived)}


def _sex_cases(column: Column) -> str:
    """Return the cases that bring the words for a sex to one spelling; "" where they have it."""
    said = {str(value).strip().lower() for value in column.known}
    words = {word: sex for sex, spelled in _SEXES.items() for word in spelled}
    if not said or not said <= set(words) or set(map(str, column.known)) <= set(_SEXES):
        return ""
    return " ".join(f"WHEN '{word}' THEN '{words[word]}'" for word in sorted(said))


def _number_sql(column: str, style: NumberStyle) -> str:
    """Return the SQL of a number out of a text such as (1,250.00), 300- or -12.25."""
    digits = f"""regexp_replace("{column}", '[^0-9{style.decimal}]', '', 'g')"""
    if style.decimal != ".":
        digits = f"replace({digits}, '{style.decimal}', '.')"
    sign = f"""regexp_matches("{column}", '^\\s*[-(\u2212\u2013]|[-\u2212]\\s*$')"""
    return f"CASE WHEN {sign} THEN -1 ELSE 1 END * CAST({digits} AS DECIMAL(18, 6))"


def _months(table: Table) -> Field | None:
    """Return the month, quarter or year of a table's day, whichever is not too fine."""
    if table.date is None or table.span is None:
        return None
    first, last = table.span
    column = f'"{table.date.name}"'
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if months == 1:
        return None
    every = [divmod(first.year * 12 + first.month - 1 + step, 12) for step in range(months)]
    if months <= _MONTHS:
        labels = tuple(f"{year}-{month + 1:02}" for year, month in every)
        return Field(
            "month",
            title="Month",
            description=f"of {table.date.name}",
            enum=labels,
            derive=f"strftime({column}, '%Y-%m')",
        )
    if months <= 3 * _QUARTERS:
        labels = tuple(dict.fromkeys(f"{year} Q{month // 3 + 1}" for year, month in every))
        sql = f"year({column}) || ' Q' || quarter({column})"
        return Field(
            "quarter", title="Quarter", description=f"of {table.date.name}", enum=labels, derive=sql
        )
    labels = tuple(dict.fromkeys(str(year) for year, _ in every))
    return Field(
        "year",
        title="Year",
        description=f"of {table.date.name}",
        enum=labels,
        derive=f"CAST(year({column}) AS VARCHAR)",
    )


def _protected(table: Table) -> Table:
    """Return a table about persons with what protects them; any other as it is."""
    if not table.persons:
        return table
    derived, key = list(table.derived), table.key
    if not key:
        key = name_of("record", [one.name for one in table.columns], "record")
        derived.append(
            Field(
                key,
                "integer",
                title="Record",
                description="row of the file",
                unique=True,
                derive=RAW_ROW,
            )
        )
    chosen: list[str] = []
    cells = 1
    for name, count in sorted(table.lists(), key=_first_asked):
        if (
            len(chosen) < _MOST_AXES
            and count <= _MOST_LABELS
            and cells * (count + 1) <= _MOST_CELLS
        ):
            chosen.append(name)
            cells *= count + 1
    if not chosen:
        derived.append(Field("all_records", description="one group", enum=("All",), derive="'All'"))
        chosen = ["all_records"]
    free = [one for one in table.columns if one.field.type == "string" and not one.field.enum]
    told = [
        *(one.name for one in free),
        *(one.name for one in table.persons if not (is_sex(one) or is_age(one))),
    ]
    days = [one.name for one in table.columns if one.field.type in {"date", "datetime"}]
    identifying = [name for name in dict.fromkeys((key, *told, *days)) if name not in chosen]
    sensitive = {"unit": key, "dimensions": chosen, "identifying": identifying}
    return replace(table, derived=tuple(derived), key=key, sensitive=sensitive)


def _first_asked(one: tuple[str, int]) -> tuple[int, int]:
    name, count = one
    asked = [
        pattern for pattern in ("^sex|^gender|sexe|pol$", "age_group") if re.search(pattern, name)
    ]
    return (0 if asked else 1), count


def tables_of(grids: Sequence[Grid]) -> Iterator[Table]:
    """Yield the tables that grids hold, hidden sheets left out."""
    taken: list[str] = []
    for grid in grids:
        left: Grid | None = grid if "the sheet is hidden" not in grid.hidden else None
        while left and (table := table_of(left, taken)):
            taken.append(table.name)
            yield table
            left = left.from_row(table.layout.below) if table.layout.below else None
