"""Judge the cells of a column by its contract: type, format and constraints."""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from jpreport.data.cells import GREATEST_INTEGER, UnreadableError, cell_reader
from jpreport.data.contract import Cell, Field, Resource, Value
from jpreport.data.styles import hints
from jpreport.errors import did_you_mean, masked

_ERRORS = frozenset(
    ("#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")
)
_ERROR_CODE = re.compile(r"Err:\d{3}")
_SAMPLE = dt.datetime(2012, 10, 31, 9, 30)  # noqa: DTZ001 (shown as an example)
_LONGEST = 60
_SPOKEN_FORMATS = {
    "email": "an e-mail address",
    "uri": "a web address such as https://example.org",
    "uuid": "a UUID",
}

# What is wrong with a cell, and what to do.
Finding = tuple[str, str]
Show = Callable[[object], str]
Verdict = tuple[Value, tuple[Finding, ...]]

EMPTY = ("is empty, but a value is required", "fill it in")


def quoted(value: object) -> str:
    """Return a value as a message names it: text in quotes, long text cut."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | Decimal):
        return f"{value}"
    if isinstance(value, dt.datetime) and value.time() == dt.time.min:
        value = value.date()
    text = str(value)
    return f'"{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"}"'


def _expected_date(cell: Cell, field: Field, shown: Show, cells: Iterable[Cell]) -> Finding:
    what = "date" if field.type == "date" else "moment"
    if field.format != "default":
        written = f"written as {_SAMPLE.strftime(field.format)} ({field.format})"
        return f"{shown(cell)} is not a {what} {written}", "correct it in the file"
    sample = "2012-10-31 (year-month-day)" if what == "date" else _SAMPLE.isoformat()
    return f"{shown(cell)} is not a {what} such as {sample}", _styled(field, cells)


def _styled(field: Field, cells: Iterable[Cell]) -> str:
    """Return what to do about a column that is written otherwise, "correct it" where unclear."""
    texts = {str(cell) for cell in cells if cell is not None} - {*field.missing_values}
    return next(hints(texts, field.type), "correct it in the file")


def shower(resource: Resource) -> Callable[[object], str]:
    """Return how messages name the values of a table: those about persons are masked."""
    return (lambda value: masked(str(value))) if resource.sensitive else quoted


def _not_of_type(cell: Cell, field: Field, shown: Show, cells: Iterable[Cell]) -> Finding:
    if cell == "":
        message = "is empty, and by the contract an empty cell is not a missing value"
        return message, 'fill it in, or add "" to "missingValues" in datapackage.json'
    if field.type in {"date", "datetime"}:
        return _expected_date(cell, field, shown, cells)
    hint = "correct it in the file"
    if field.type == "boolean":
        true, false = ", ".join(field.true_values), ", ".join(field.false_values)
        return f"{shown(cell)} is neither true ({true}) nor false ({false})", hint
    expected = {
        "integer": "a whole number",
        "number": "a number",
        "year": "a year of four digits",
        "string": _SPOKEN_FORMATS.get(field.format, "text"),
    }[field.type]
    if field.type == "integer" and str(cell).strip().lstrip("+-").isdecimal():
        expected = f"between -{GREATEST_INTEGER} and {GREATEST_INTEGER}"
    elif field.type == "number" and isinstance(cell, str):
        hint = _styled(field, cells)
    elif field.type == "string" and not isinstance(cell, str):
        hint = "format the cell as text and enter the value anew"
    return f"{shown(cell)} is not {expected}", hint


_CONSTRAINTS: Mapping[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "enum": ("enum", lambda value, allowed: value in allowed),
    "pattern": ("pattern", lambda value, pattern: re.fullmatch(pattern, value) is not None),
    "minimum": ("minimum", operator.ge),
    "maximum": ("maximum", operator.le),
    "exclusiveMinimum": ("exclusive_minimum", operator.gt),
    "exclusiveMaximum": ("exclusive_maximum", operator.lt),
    "minLength": ("min_length", lambda value, least: len(value) >= least),
    "maxLength": ("max_length", lambda value, most: len(value) <= most),
}


def _broken(value: Value, field: Field) -> Iterator[str]:
    """Yield the names of the constraints that a value breaks."""
    for name, (attribute, fits) in _CONSTRAINTS.items():
        limit = getattr(field, attribute)
        if limit not in (None, ()) and not fits(value, limit):
            yield name


def _breaks(name: str, value: Value, field: Field, shown: Show) -> Finding:
    """Return what to say of a value that breaks one constraint."""
    text = str(value)
    size = f"{len(text)} character{'s' if len(text) != 1 else ''}"
    if name == "enum":
        allowed = [str(item) for item in field.enum]
        near = did_you_mean(text, allowed) if shown is quoted else ""
        hint = near if near.startswith("did") else "correct it, or add it to the contract"
        return f"{shown(value)} is not one of: {', '.join(allowed)}", hint
    messages: Mapping[str, str] = {
        "pattern": f"{shown(value)} does not fit the pattern {field.pattern}",
        "minimum": f"{shown(value)} is less than {field.minimum}, the least allowed",
        "maximum": f"{shown(value)} is more than {field.maximum}, the most allowed",
        "exclusiveMinimum": f"{shown(value)} is not more than {field.exclusive_minimum}",
        "exclusiveMaximum": f"{shown(value)} is not less than {field.exclusive_maximum}",
        "minLength": f"{shown(value)} has {size}; at least {field.min_length} are needed",
        "maxLength": f"{shown(value)} has {size}; at most {field.max_length} are allowed",
    }
    return messages[name], "correct it in the file"


def cell_judge(
    field: Field, resource: Resource, cells: Iterable[Cell] = ()
) -> Callable[[Cell], Verdict]:
    """Return a function from a cell to its value and what is wrong with it.

    What to do about a cell depends on all `cells` of its column.
    It reads cells as the loader does: what passes here can be loaded, and means the same there.
    """
    read, show = cell_reader(field), shower(resource)

    def judge(cell: Cell) -> Verdict:
        try:
            value = read(cell)
        except UnreadableError:
            return None, (_not_of_type(cell, field, show, cells or [cell]),)
        if value is None:
            return None, (EMPTY,) if field.required else ()
        if resource.is_workbook and (value in _ERRORS or _ERROR_CODE.fullmatch(str(value))):
            whose = "Excel" if resource.format == "xlsx" else "LibreOffice"
            message = f"holds {whose}'s error {value}"
            return value, ((message, "mend the formula in the workbook"),)
        return value, tuple(_breaks(name, value, field, show) for name in _broken(value, field))

    return judge
