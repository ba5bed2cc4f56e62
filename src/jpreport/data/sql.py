"""SQL as DuckDB itself reads it: syntax trees, and conditions and measures of usual forms.

What has no usual form is refused by name (`SqlError`), never guessed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    import duckdb

# Whatever a measure's SQL says, it sees the tables that are handed to it and nothing else.
LOCKED: Final[dict[str, str | bool | int | float | list[str]]] = {
    "enable_external_access": "false",
    "python_enable_replacements": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    "temp_directory": "",
    # Sums of floats and the order of groups depend on how work is split; one thread does not.
    "threads": "1",
    "preserve_insertion_order": "true",
    # What is divided by nothing has no value; one such group must not end all the others.
    "error_on_division_by_zero": "false",
    "lock_configuration": "true",
}

# What does not fit into so much memory goes to the folder that is given as "temp_directory".
SPILLING: Final[dict[str, str]] = {"memory_limit": "1GB"}

Sign = Literal["=", "<>", "<", ">", "<=", ">="]
Value = str | int | Decimal | bool | date

_SIGNS: Final[Mapping[str, Sign]] = {
    "COMPARE_EQUAL": "=",
    "COMPARE_NOTEQUAL": "<>",
    "COMPARE_LESSTHAN": "<",
    "COMPARE_GREATERTHAN": ">",
    "COMPARE_LESSTHANOREQUALTO": "<=",
    "COMPARE_GREATERTHANOREQUALTO": ">=",
}


class SqlError(ValueError):
    """A text is no SQL, or SQL of no form that is known here; the message says which."""


@dataclass(frozen=True, slots=True)
class Flag:
    """A column of truth values, alone."""

    column: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column compared with a value."""

    column: str
    sign: Sign
    value: Value


@dataclass(frozen=True, slots=True)
class OneOf:
    """`column IN (values)`."""

    column: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """`column BETWEEN low AND high`, both included."""

    column: str
    low: Value
    high: Value


@dataclass(frozen=True, slots=True)
class Stated:
    """`column IS NOT NULL`."""

    column: str


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary of a condition; unknown stays unknown."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions of which all (`and`) or any (`or`) must hold; none of them is of that kind."""

    joint: Literal["and", "or"]
    parts: tuple[Condition, ...]


Condition = Flag | Comparison | OneOf | Between | Stated | Not | Joined


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A function over one column of all records; `column` is "" for `count(*)`."""

    function: str
    column: str = ""
    distinct: bool = False


@cache
def _connection(_process: int) -> duckdb.DuckDBPyConnection:
    """Return a connection of this process: one that a fork inherits is not used."""
    return locked()


def locked(**more: str) -> duckdb.DuckDBPyConnection:
    """Return a connection that sees only the tables that are handed to it, and prints nothing."""
    import duckdb

    config = {**LOCKED, **more, "lock_configuration": "false"}
    connection = duckdb.connect(":memory:", config=config)
    with suppress(duckdb.InvalidInputException):  # in Jupyter without ipywidgets, where is no bar
        connection.execute("SET enable_progress_bar = false")
    connection.execute("SET lock_configuration = true")
    return connection


def syntax_tree(sql: str) -> dict[str, Any]:
    """Return DuckDB's syntax tree of one SELECT; raises SqlError with DuckDB's own words."""
    cursor = _connection(os.getpid()).cursor()
    row = cursor.execute("select json_serialize_sql(?)", [sql]).fetchone()
    answer: dict[str, Any] = json.loads(row[0]) if row else {"error": True}
    if answer["error"]:
        raise SqlError(str(answer.get("error_message", "no answer")).partition("\n")[0])
    if len(answer["statements"]) != 1:
        raise SqlError("more than one statement")
    tree: dict[str, Any] = answer["statements"][0]["node"]
    return tree


def nodes(tree: object) -> Iterator[dict[str, Any]]:
    """Yield every node of a syntax tree, subqueries included."""
    if isinstance(tree, dict):
        yield tree
        for child in tree.values():
            yield from nodes(child)
    elif isinstance(tree, list):
        for child in tree:
            yield from nodes(child)


# Aggregates that give what need not be a value of the column. DuckDB has them in the column's own
# type, which for exact decimals cuts off: the median of 1 and 2 would be 1.
_INTERPOLATING = frozenset(("approx_quantile", "mad", "median", "quantile_cont"))


def with_floats(sql: str, binds: Callable[[str], bool]) -> str:
    """Return a SELECT whose interpolating statistics are those of floats, where these bind.

    Days and moments do not: their middle is a moment.
    """
    if not any(name in sql.lower() for name in _INTERPOLATING):
        return sql
    tree = syntax_tree(sql)
    for node in nodes(tree):
        if node.get("function_name", "").lower() not in _INTERPOLATING:
            continue
        ordered = node["order_bys"]["orders"]
        holder = ordered[0] if ordered else node["arguments"][0] if node["arguments"] else {}
        plain = holder.get("expression")
        if plain is not None:
            times_one = deepcopy(expression("x * 1e0"))
            times_one["arguments"][0]["expression"] = plain
            holder["expression"] = times_one
            candidate = _written(tree)
            if binds(candidate):
                sql = candidate
            else:
                holder["expression"] = plain
    return sql


def _written(tree: Mapping[str, Any]) -> str:
    """Return the SQL of a syntax tree."""
    whole = {"error": False, "statements": [{"node": tree, "named_param_map": []}]}
    cursor = _connection(os.getpid()).cursor()
    row = cursor.execute("select json_deserialize_sql(?::json)", [json.dumps(whole)]).fetchone()
    return str(row[0]) if row else ""


@cache
def _usual(plain: str) -> dict[str, Any]:
    return syntax_tree(plain)


@cache
def _part_of(sql: str, key: Literal["where_clause", "select_list"], plain: str) -> Any:  # noqa: ANN401
    """Return one part of a query's tree; what else the query has must be as in a plain one."""
    # The line end keeps a comment of the author's to itself.
    tree, usual = syntax_tree(f"{sql}\n"), _usual(plain)
    if tree["type"] != usual["type"] or tree["from_table"]["type"] != "EMPTY":
        raise SqlError("more than one expression")
    if any(tree[name] != usual[name] for name in tree if name not in {key, "from_table"}):
        raise SqlError("more than one expression")
    return tree[key]


def filter_tree(text: str) -> dict[str, Any]:
    """Return the syntax tree of a condition; raises SqlError for none, or for more.

    Trees are shared: nobody changes them.
    """
    tree: dict[str, Any] = _part_of(f"SELECT 1 WHERE {text}", "where_clause", "SELECT 1 WHERE x")
    return tree


def expression(text: str) -> dict[str, Any]:
    """Return the syntax tree of one expression, as `filter_tree` does."""
    found: list[dict[str, Any]] = _part_of(f"SELECT {text}", "select_list", "SELECT x")
    if len(found) != 1 or found[0]["alias"]:
        raise SqlError("more than one expression")
    return found[0]


@cache
def condition(text: str) -> Condition:
    """Return a condition as it is meant; raises SqlError for one of no usual form.

    Usual are columns compared with values, IN, BETWEEN, IS (NOT) NULL, columns of truth values,
    and what AND, OR and NOT make of these.
    """
    return _condition(filter_tree(text))


@cache
def aggregate(text: str) -> Aggregate:
    """Return a measure that is one aggregate; raises SqlError for any other."""
    match expression(text):
        case {
            "class": "FUNCTION",
            "function_name": str(name),
            "schema": "",
            "filter": None,
            "order_bys": {"orders": []},
            "is_operator": False,
            "distinct": bool(distinct),
            "arguments": list(arguments),
        }:
            if name == "count_star" and not arguments:
                return Aggregate("count")
            if len(arguments) == 1:
                return Aggregate(name, _column(arguments[0]["expression"]), distinct)
    raise SqlError("not one aggregate of one column")


def equalities(text: str) -> dict[str, str]:
    """Return the label that a condition fixes for each column that it names.

    Raises SqlError where it says more than equalities joined by AND, and by name where it asks
    one column for two labels, which no record has.
    """
    found: dict[str, str] = {}
    whole = condition(text) if text.strip() else Joined("and", ())
    for part in whole.parts if isinstance(whole, Joined) and whole.joint == "and" else (whole,):
        match part:
            case Comparison(name, "=", str() | int() as value) | OneOf(
                name, (str() | int() as value,)
            ) if not isinstance(value, bool):
                label = str(value)
            case _:
                raise SqlError("it says more than which label a column has")
        if found.setdefault(name, label) != label:
            raise SqlError(f'{name} cannot be both "{found[name]}" and "{label}"')
    return found


def _condition(node: Mapping[str, Any]) -> Condition:  # noqa: PLR0911 - one a form
    match node:
        case {"class": "COLUMN_REF"}:
            return Flag(_column(node))
        case {"class": "COMPARISON", "type": str(kind), "left": left, "right": right}:
            if kind in _SIGNS:
                return Comparison(_column(left), _SIGNS[kind], _value(right))
        case {"class": "BETWEEN", "input": column, "lower": low, "upper": high}:
            return Between(_column(column), _value(low), _value(high))
        case {"type": "COMPARE_IN", "children": [column, *values]}:
            return OneOf(_column(column), tuple(map(_value, values)))
        case {"type": "OPERATOR_IS_NOT_NULL", "children": [column]}:
            return Stated(_column(column))
        case {"type": "OPERATOR_IS_NULL", "children": [column]}:
            return Not(Stated(_column(column)))
        case {"type": "OPERATOR_NOT", "children": [child]}:
            return Not(_condition(child))
        case {"class": "CONJUNCTION", "type": str(kind), "children": children}:
            joint: Literal["and", "or"] = "and" if kind == "CONJUNCTION_AND" else "or"
            return Joined(joint, tuple(_flat(joint, map(_condition, children))))
    raise SqlError("a condition of no usual form")


def _flat(joint: Literal["and", "or"], parts: Iterable[Condition]) -> Iterator[Condition]:
    for part in parts:
        if isinstance(part, Joined) and part.joint == joint:
            yield from part.parts
        else:
            yield part


def _column(node: Mapping[str, Any]) -> str:
    match node:
        case {"class": "COLUMN_REF", "column_names": [str(name)]}:
            return name
    raise SqlError("something other than a column stands where a column is expected")


def _value(node: Mapping[str, Any]) -> Value:
    match node:
        case {"class": "CONSTANT", "literal": {"kind": "STRING", "text": str(text)}}:
            return text
        case {"class": "CONSTANT", "literal": {"kind": "INTEGER", "text": str(text)}}:
            return int(text)
        case {"class": "CONSTANT", "literal": {"kind": "NUMERIC", "text": str(text)}}:
            return Decimal(text)
        case {"class": "CONSTANT", "literal": {"kind": "BOOLEAN", "text": str(text)}}:
            return text.lower() == "true"
        case {
            "class": "CAST",
            "try_cast": False,
            "type_expr": {"type_name": str(kind)},
            "child": {"class": "CONSTANT", "literal": {"kind": "STRING", "text": str(text)}},
        } if kind.lower() == "date":
            try:
                return date.fromisoformat(text)
            except ValueError:
                pass
    raise SqlError("something other than a value stands where a value is expected")
