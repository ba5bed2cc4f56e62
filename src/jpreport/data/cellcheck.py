"""Judge the cells of a column by its contract, with the standard's own reader."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from jpreport.data.cells import GREATEST_INTEGER, UnreadableError, cell_reader
from jpreport.data.contract import Cell, Field, Resource, Value
from jpreport.errors import did_you_mean

_EXCEL_ERRORS = frozenset(
    ("#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")
)
_SAMPLE = dt.datetime(2012, 10, 31, 9, 30)  # noqa: DTZ001 (shown as an example)
_DAY_FIRST = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{4}")
_LONGEST = 60
_SPOKEN_FORMATS = {
    "email": "an e-mail address",
    "uri": "a web address such as https://example.org",
    "uuid": "a UUID",
}

# What is wrong with a cell, and what to do.
Finding = tuple[str, str]
Verdict = tuple[Value, tuple[Finding, ...]]


def shown(value: object) -> str:
    """Return a value as a message names it: text in quotes, long text cut."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | Decimal):
        return f"{value}"
    if isinstance(value, dt.datetime) and value.time() == dt.time.min:
        value = value.date()
    text = str(value)
    return f'"{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"}"'


def _expected_date(cell: Cell, field: Field) -> Finding:
    what = "date" if field.type == "date" else "moment"
    if field.format != "default":
        written = f"written as {_SAMPLE.strftime(field.format)} ({field.format})"
        return f"{shown(cell)} is not a {what} {written}", "correct it in the file"
    sample = "2012-10-31 (year-month-day)" if what == "date" else _SAMPLE.isoformat()
    hint = "correct it in the file"
    match = _DAY_FIRST.fullmatch(cell) if isinstance(cell, str) else None
    if match and what == "date":
        pattern = match[1].join(("%d", "%m", "%Y"))
        hint = f'if all are written so, state "format": "{pattern}" for this field'
    return f"{shown(cell)} is not a {what} such as {sample}", hint


def _not_of_type(cell: Cell, field: Field) -> Finding:
    if cell == "":
        message = "is empty, and by the contract an empty cell is not a missing value"
        return message, 'fill it in, or add "" to "missingValues" in datapackage.json'
    if field.type in {"date", "datetime"}:
        return _expected_date(cell, field)
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
    elif field.type == "number" and field.decimal_char == "." and "," in str(cell):
        hint = 'write decimals with a point, or state "decimalChar": "," for this field'
    elif field.type == "string" and not isinstance(cell, str):
        hint = "format the cell as text and enter the value anew"
    return f"{shown(cell)} is not {expected}", hint


def _breaks(name: str, value: Value, field: Field) -> Finding:
    """Return what to say of a value that breaks one constraint."""
    text = str(value)
    size = f"{len(text)} character{'s' if len(text) != 1 else ''}"
    if name == "enum":
        allowed = [str(item) for item in field.enum]
        near = did_you_mean(text, allowed)
        hint = near if near.startswith("did") else "correct it, or add it to the contract"
        return f"{shown(value)} is not one of: {', '.join(allowed)}", hint
    messages: Mapping[str, str] = {
        "required": "is empty, but a value is required",
        "pattern": f"{shown(value)} does not fit the pattern {field.pattern}",
        "minimum": f"{shown(value)} is less than {field.minimum}, the least allowed",
        "maximum": f"{shown(value)} is more than {field.maximum}, the most allowed",
        "exclusiveMinimum": f"{shown(value)} is not more than {field.exclusive_minimum}",
        "exclusiveMaximum": f"{shown(value)} is not less than {field.exclusive_maximum}",
        "minLength": f"{shown(value)} has {size}; at least {field.min_length} are needed",
        "maxLength": f"{shown(value)} has {size}; at most {field.max_length} are allowed",
    }
    return messages[name], "fill it in" if name == "required" else "correct it in the file"


def _standard_reader(field: Field, resource: Resource) -> Any:  # noqa: ANN401 (frictionless)
    """Return frictionless's reader of a cell: it gives the value and a note a breach."""
    import frictionless

    declared = next(raw for raw in resource.schema["fields"] if raw["name"] == field.name)
    constraints = dict(declared.get("constraints") or {})
    if field.pattern is not None:
        # frictionless anchors the pattern's text, which would bind to the outer alternatives.
        constraints["pattern"] = rf"(?:{field.pattern})\Z"
    kept = ("format", "trueValues", "falseValues", "decimalChar", "groupChar", "bareNumber")
    descriptor = {
        "name": field.name,
        "type": field.type,
        "missingValues": list(field.missing_values),
        "constraints": constraints,
        **{key: declared[key] for key in kept if declared.get(key) is not None},
    }
    return frictionless.Field.from_descriptor(descriptor).create_cell_reader()


def cell_judge(field: Field, resource: Resource) -> Callable[[Cell], Verdict]:
    """Return a function from a cell to its value and what is wrong with it.

    A cell must satisfy both the standard's reader and ours, which loads it: what passes here
    can be loaded, and means the same there.
    """
    standard = _standard_reader(field, resource)
    read = cell_reader(field)

    def judge(cell: Cell) -> Verdict:
        # Ours goes first: frictionless fails on some cells (decimals of over 28 digits).
        try:
            value = read(cell)
        except UnreadableError:
            return None, (_not_of_type(cell, field),)
        _, notes = standard(cell)
        names = list(notes or ())
        if "type" in names:
            return None, (_not_of_type(cell, field),)
        if resource.format == "xlsx" and value in _EXCEL_ERRORS:
            return value, ((f"holds Excel's error {value}", "mend the formula in the workbook"),)
        return value, tuple(_breaks(name, value, field) for name in names)

    return judge
