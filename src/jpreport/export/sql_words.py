"""The measure and the filter of an indicator in words, where they are of a usual form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import reduce

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
from jpreport.forms.tables import column_words
from jpreport.language import current, phrase

_MEASURES: Mapping[str, str] = {
    "count": phrase("Number of records that state {column}"),
    "sum": phrase("Sum of {column}"),
    "avg": phrase("Average of {column}"),
    "mean": phrase("Average of {column}"),
    "median": phrase("Median of {column}"),
    "max": phrase("Largest {column}"),
    "min": phrase("Smallest {column}"),
}
_SIGNS = {
    "=": phrase("{column} is {value}"),
    "<>": phrase("{column} is not {value}"),
    "<": phrase("{column} is less than {value}"),
    ">": phrase("{column} is more than {value}"),
    "<=": phrase("{column} is at most {value}"),
    ">=": phrase("{column} is at least {value}"),
}
# What is joined, with a comma where a part has an "or" of its own.
_JOINTS = {
    ("and", False): phrase("{one} and {other}"),
    ("and", True): phrase("{one}, and {other}"),
    ("or", False): phrase("{one} or {other}"),
    ("or", True): phrase("{one}, or {other}"),
}


def name_words(name: str) -> str:
    """Return a column's or table's name as words: `participant_id` reads "participant id"."""
    head = column_words(name)
    said = current().term(head)
    return name.replace("_", " ").strip() if said == head else said[:1].lower() + said[1:]


def measure_words(measure: str) -> str:
    """Return an aggregate in words that begin a sentence; "" where it is of no usual form."""
    try:
        found = aggregate(measure)
    except SqlError:
        return ""
    if found == Aggregate("count"):
        return current().say("Number of records")
    words = _MEASURES.get(found.function, "")
    if found.distinct:
        many = phrase("Number of different values of {column}")
        words = many if found.function == "count" else ""
    return current().say(words, column=name_words(found.column)) if words else ""


def condition_words(where: str) -> str:
    """Return a condition in words; "" where it is of no usual form.

    Words have no brackets: a condition that needs them has none.
    """
    try:
        return _words(condition(where))
    except SqlError:
        return ""


def _words(one: Condition) -> str:  # noqa: C901, PLR0911 - one a form
    say = current().say
    match one:
        case Joined(joint, parts):
            found = [_words(part) for part in parts]
            if any(isinstance(part, Joined) for part in parts):
                raise SqlError("needs brackets")
            joined = _JOINTS[joint, any(map(_has_choice, parts))]
            return reduce(lambda one, other: say(joined, one=one, other=other), found)
        case Not(Flag(column)):
            return say("not {column}", column=name_words(column))
        case Not(Stated(column)):
            return say("{column} is not stated", column=name_words(column))
        case Not(OneOf(column, values)):
            return say(_SIGNS["<>"], column=name_words(column), value=_one_of(values))
        case OneOf(column, values):
            return say(_SIGNS["="], column=name_words(column), value=_one_of(values))
        case Not(Between(column, low, high)):
            said = phrase("{column} is not from {low} to {high}")
            return say(said, column=name_words(column), low=_value(low), high=_value(high))
        case Between(column, low, high):
            said = phrase("{column} is from {low} to {high}")
            return say(said, column=name_words(column), low=_value(low), high=_value(high))
        case Flag(column):
            return name_words(column)
        case Stated(column):
            return say("{column} is stated", column=name_words(column))
        case Comparison(column, sign, value):
            return say(_SIGNS[sign], column=name_words(column), value=_value(value))
    raise SqlError("needs brackets")


def _has_choice(part: Condition) -> bool:
    inner = part.condition if isinstance(part, Not) else part
    return isinstance(inner, OneOf) and len(inner.values) > 1


def _one_of(values: Sequence[Value]) -> str:
    return current().listing([_value(value) for value in values], "or")


def _value(value: Value) -> str:
    """Return a value in words; a number is a name here, so a year stays 2011."""
    match value:
        case bool():
            return current().say("true") if value else current().say("false")
        case str():
            return current().say("\u201c{text}\u201d", text=current().term(value))
        case dt.date():
            return current().date(value)
    return str(value).replace("-", "\N{MINUS SIGN}")
