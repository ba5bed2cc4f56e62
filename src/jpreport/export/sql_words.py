"""The measure and the filter of an indicator in words, where they are of a usual form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from jpreport.data.sql import (
    Aggregate,
    Between,
    Comparison,
    Condition,
    Flag,
    Joined,
    Not,
    OneOf,
    SqlError,
    Stated,
    Value,
    aggregate,
    condition,
)
from jpreport.language import ENGLISH

_MEASURES: Mapping[str, str] = {
    "count": "number of records that state {}",
    "sum": "sum of {}",
    "avg": "average of {}",
    "mean": "average of {}",
    "median": "median of {}",
    "max": "largest {}",
    "min": "smallest {}",
}
_SIGNS = {
    "=": "is",
    "<>": "is not",
    "<": "is less than",
    ">": "is more than",
    "<=": "is at most",
    ">=": "is at least",
}


def name_words(name: str) -> str:
    """Return a column's or table's name as words: `participant_id` reads "participant id"."""
    return name.replace("_", " ").strip()


def measure_words(measure: str) -> str:
    """Return an aggregate in words; "" where it is of no usual form."""
    try:
        found = aggregate(measure)
    except SqlError:
        return ""
    if found == Aggregate("count"):
        return "number of records"
    column = name_words(found.column)
    if found.distinct:
        return f"number of different values of {column}" if found.function == "count" else ""
    return _MEASURES.get(found.function, "").format(column)


def condition_words(where: str) -> str:
    """Return a condition in words; "" where it is of no usual form.

    Words have no brackets: a condition that needs them has none.
    """
    try:
        return _words(condition(where))
    except SqlError:
        return ""


def _words(one: Condition) -> str:  # noqa: PLR0911 - one a form
    match one:
        case Joined(joint, parts):
            found = [_words(part) for part in parts]
            if any(isinstance(part, Joined) for part in parts):
                raise SqlError("needs brackets")
            comma = any(" or " in words for words in found)
            return (f", {joint} " if comma else f" {joint} ").join(found)
        case Not(Flag(column)):
            return f"not {name_words(column)}"
        case Not(Stated(column)):
            return f"{name_words(column)} is not stated"
        case Not(OneOf() | Between() as inner):
            return _verb(inner, "is not")
        case OneOf() | Between():
            return _verb(one, "is")
        case Flag(column):
            return name_words(column)
        case Stated(column):
            return f"{name_words(column)} is stated"
        case Comparison(column, sign, value):
            return f"{name_words(column)} {_SIGNS[sign]} {_value(value)}"
    raise SqlError("needs brackets")


def _verb(one: OneOf | Between, verb: str) -> str:
    match one:
        case OneOf(column, values):
            said = ENGLISH.listing([_value(value) for value in values], "or")
        case Between(column, low, high):
            said = f"from {_value(low)} to {_value(high)}"
    return f"{name_words(column)} {verb} {said}"


def _value(value: Value) -> str:
    """Return a value in words; a number is a name here, so a year stays 2011."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f"\u201c{value}\u201d"
        case dt.date():
            return ENGLISH.date(value)
    return str(value).replace("-", "\N{MINUS SIGN}")
