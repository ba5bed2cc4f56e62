"""What a cell means by its field's contract, the way the Table Schema standard reads it."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from jpreport.data.contract import Cell, Field, Value

DATE_FORMAT = "%Y-%m-%d"

# DuckDB keeps integers in 64 bits.
LEAST_INTEGER, GREATEST_INTEGER = -(2**63), 2**63 - 1

_AROUND_NUMBER = re.compile(r"((^[^-\d]*)|(\D*$))")
# What is around a number must not turn its sign: accounts write -300 as (300) or 300-.
_OTHER_MINUS = re.compile(
    r"^[^\d]*[\u2212\u2013]\s*\d|\d\s*[-\u2212\u2013]$|^[^\d]*\(\s*\d[^(]*\)$"
)
# A web address is known by its scheme, as the standard's own reader has it.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_YEAR_DIGITS = 4
_ISO_SECONDS = len("2010-06-01T00:00:00")
_ISO_SECOND_COLON = len("2010-06-01T00:00")

# Excel keeps 15 significant digits; those beyond are noise of its arithmetic.
_EXCEL_DIGITS = 15


class UnreadableError(ValueError):
    """The cell has no meaning under its field's type and format."""


def _string(cell: Cell, field: Field) -> str:
    if not isinstance(cell, str) or not _is_of_format(cell, field.format):
        raise UnreadableError
    return cell


def _is_of_format(text: str, form: str) -> bool:
    if form == "uri":
        return _SCHEME.match(text) is not None
    if form in {"email", "uuid"}:
        import validators  # needed by few tables

        return bool(getattr(validators, form)(text))
    return True


def _digits(cell: str, field: Field) -> str:
    """Return the text of a number; Python would read "1_2" as 12."""
    text = cell.strip()
    if not field.bare_number:
        if _OTHER_MINUS.search(text):
            raise UnreadableError
        text = _AROUND_NUMBER.sub("", text)
    if "_" in text.replace(field.group_char, ""):
        raise UnreadableError
    return text


def _integer(cell: Cell, field: Field) -> int:
    if isinstance(cell, str):
        number = int(_digits(cell, field).replace(field.group_char, ""))
    elif isinstance(cell, bool) or not isinstance(cell, int | float | Decimal):
        raise UnreadableError
    else:
        number = int(cell)
        if number != cell:
            raise UnreadableError
    if not LEAST_INTEGER <= number <= GREATEST_INTEGER:
        raise UnreadableError
    return number


def _number(cell: Cell, field: Field) -> Decimal:
    if isinstance(cell, str):
        text = _digits(cell, field).replace(field.group_char, "")
        if field.decimal_char != ".":
            if "." in text:
                raise UnreadableError
            text = text.replace(field.decimal_char, ".")
        number = Decimal(text)
    elif isinstance(cell, bool) or not isinstance(cell, int | float | Decimal):
        raise UnreadableError
    else:
        number = Decimal(str(cell))
    if not number.is_finite():
        raise UnreadableError
    return number


def _boolean(cell: Cell, field: Field) -> bool:
    if isinstance(cell, bool):
        return cell
    # Where a word is listed as both, the standard's reader takes it as false.
    if cell in field.false_values:
        return False
    if cell in field.true_values:
        return True
    raise UnreadableError


def _date(cell: Cell, field: Field) -> dt.date:
    if isinstance(cell, dt.datetime):
        if (cell.hour, cell.minute, cell.second) != (0, 0, 0):
            raise UnreadableError
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    if not isinstance(cell, str):
        raise UnreadableError
    pattern = DATE_FORMAT if field.format == "default" else field.format
    return dt.datetime.strptime(cell, pattern).date()  # noqa: DTZ007 (a day has no zone)


def _datetime(cell: Cell, field: Field) -> dt.datetime:
    if isinstance(cell, str):
        if field.format == "default":
            if len(cell) < _ISO_SECONDS or cell[_ISO_SECOND_COLON] != ":":
                raise UnreadableError
            cell = dt.datetime.fromisoformat(cell)
        else:
            cell = dt.datetime.strptime(cell, field.format)  # noqa: DTZ007 (set below)
    if not isinstance(cell, dt.datetime):
        raise UnreadableError
    return (
        cell if cell.tzinfo is None else cell.astimezone(ZoneInfo(field.zone)).replace(tzinfo=None)
    )


def _year(cell: Cell, field: Field) -> int:
    if isinstance(cell, str):
        if len(cell) != _YEAR_DIGITS:
            raise UnreadableError
        cell = int(_digits(cell, field))
    if not isinstance(cell, int) or not 0 <= cell < 10**_YEAR_DIGITS:
        raise UnreadableError
    return cell


_READERS: dict[str, Callable[[Cell, Field], Value]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "year": _year,
}


def plain_cell(cell: Cell, field: Field, *, excel: bool = False) -> Cell:
    """Return a typed cell of an Excel or Parquet file as the standard's reader takes it.

    Such a cell means what it would mean saved as CSV: a number in a text column is its digits (a
    centre's code), a day there is written as 2024-12-31, a day in a column of moments is its
    midnight.
    """
    if isinstance(cell, float):
        if math.isnan(cell):
            return None
        if excel:
            cell = float(f"{cell:.{_EXCEL_DIGITS}g}")
        if cell.is_integer():
            cell = int(cell)
    if isinstance(cell, int) and not isinstance(cell, bool) and field.type in {"string", "boolean"}:
        return str(cell)
    if field.type == "string":
        return _told(cell)
    if field.type == "datetime" and isinstance(cell, dt.date) and not isinstance(cell, dt.datetime):
        return dt.datetime.combine(cell, dt.time.min)
    return cell


def _told(cell: Cell) -> Cell:
    """Return a typed cell in a column of texts as a CSV file would tell it."""
    if isinstance(cell, float | Decimal):
        return format(Decimal(str(cell)), "f")
    if isinstance(cell, dt.datetime) and cell.time() == dt.time.min:
        cell = cell.date()
    return cell.isoformat() if isinstance(cell, dt.date) else cell


def cell_reader(field: Field) -> Callable[[Cell], Value]:
    """Return a function from a cell to its value (None: missing).

    The function raises UnreadableError where the cell does not fit the field's type. Moments
    with a time zone are told in that of the field.
    """
    read = _READERS[field.type]
    missing = frozenset(field.missing_values)

    def reader(cell: Cell) -> Value:
        if cell is None or str(cell) in missing:
            return None
        try:
            return read(cell, field)
        except (ValueError, InvalidOperation, OverflowError) as error:
            raise UnreadableError from error

    return reader
