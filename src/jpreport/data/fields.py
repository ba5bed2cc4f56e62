"""Read the fields of a table's schema: types, formats and constraints that we support."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast, get_args

from jpreport.data.cells import UnreadableError, cell_reader
from jpreport.data.contract import FALSE_VALUES, TRUE_VALUES, Field, Type, Value
from jpreport.data.descriptor import Faults, Node
from jpreport.errors import Place, did_you_mean

_TYPES = get_args(Type)
_STRING_FORMATS = ("default", "email", "uri", "uuid")

_PROPERTIES = (
    "name", "type", "title", "description", "format", "constraints", "missingValues", "example",
    "rdfType", "unit", "trueValues", "falseValues", "decimalChar", "groupChar", "bareNumber",
    "categories", "categoriesOrdered", "jpreport",
)  # fmt: skip
_TYPE_PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "trueValues": ("boolean",),
    "falseValues": ("boolean",),
    "decimalChar": ("number",),
    "groupChar": ("integer", "number"),
    "bareNumber": ("integer", "number"),
}
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_CONSTRAINTS = ("required", "unique", "enum", "pattern", "minLength", "maxLength", *_LIMITS)
_ORDERED = ("integer", "number", "date", "datetime", "year")
_TYPE_CONSTRAINTS: Mapping[str, tuple[str, ...]] = {
    "pattern": ("string",),
    "minLength": ("string",),
    "maxLength": ("string",),
    "enum": tuple(name for name in _TYPES if name != "boolean"),
} | dict.fromkeys(_LIMITS, _ORDERED)


def _is_name(name: str) -> bool:
    """Whether a column can bear the name: SQL can quote it, a message can show it."""
    return bool(name) and name == name.strip() and name.isprintable() and '"' not in name


def _checked_format(node: Node, kind: str) -> str:
    given = node.get("format", str, "default")
    if given == "default":
        return given
    if kind in {"date", "datetime"}:
        if "%" in given:
            return given
        node.fault(
            f'the format "{given}" does not say how a date is written',
            'give a pattern such as "%d.%m.%Y" (day.month.year), or leave the format out',
        )
    elif kind == "string":
        if given in _STRING_FORMATS:
            return given
        node.fault(f'the format "{given}" is not supported', did_you_mean(given, _STRING_FORMATS))
    else:
        node.fault(f'a field of type {kind} has no format "{given}"', 'leave "format" out')
    return "default"


def _suited(node: Node, table: Mapping[str, tuple[str, ...]], kind: str, what: str) -> None:
    for key in node.raw:
        if key in table and kind not in table[key]:
            types = ", ".join(table[key])
            node.fault(f'{what} "{key}" does not go with type {kind}', f"it goes with {types}")


def _typed(node: Node, key: str, value: Any, reader: Callable[[Any], Value]) -> Value:  # noqa: ANN401 (JSON)
    try:
        return reader(value)
    except UnreadableError:
        node.fault(f'the constraint "{key}" holds {json.dumps(value)}, which is not of its type')
        return None


def _constrained(field: Field, node: Node) -> Field:
    """Return the field with its constraints, each a value of the field's type."""
    node.only(_CONSTRAINTS, "the constraint")
    _suited(node, _TYPE_CONSTRAINTS, field.type, "the constraint")
    # Limits are written as the type's own JSON or as its text; "" would be missing.
    reader = cell_reader(replace(field, missing_values=()))
    pattern = node.raw.get("pattern") and node.get("pattern", str, "")
    if pattern:
        try:
            re.compile(pattern)
        except re.error as error:
            node.fault(f'the pattern "{pattern}" is not a regular expression: {error}')
            pattern = None
    limits = {
        key: _typed(node, key, node.raw[key], reader)
        for key in _LIMITS
        if field.type in _ORDERED and node.raw.get(key) is not None
    }
    enum = node.get("enum", list, [])
    return replace(
        field,
        required=node.get("required", bool, False),
        unique=node.get("unique", bool, False),
        enum=tuple(_typed(node, "enum", value, reader) for value in enum),
        pattern=pattern or None,
        minimum=limits.get("minimum"),
        maximum=limits.get("maximum"),
        exclusive_minimum=limits.get("exclusiveMinimum"),
        exclusive_maximum=limits.get("exclusiveMaximum"),
        min_length=node.get("minLength", int, -1) if "minLength" in node.raw else None,
        max_length=node.get("maxLength", int, -1) if "maxLength" in node.raw else None,
    )


def read_field(
    raw: Mapping[str, Any], place: Place, faults: Faults, missing: tuple[str, ...]
) -> Field:
    """Return the field that a descriptor declares; its faults are noted.

    `missing` are the table's missing values, in force where the field has none of its own.
    """
    name = raw.get("name")
    node = Node(raw, place.at(f"field {name}"), faults)
    if not isinstance(name, str) or not _is_name(name):
        node.fault(f'"{name}" cannot name a column', "use letters, digits and underscores")
        name = str(name)
    node.near_misses(_PROPERTIES)
    kind = node.get("type", str, "string")
    if kind not in _TYPES:
        node.fault(f'the type "{kind}" is not supported', did_you_mean(kind, _TYPES))
        return Field(name)
    _suited(node, _TYPE_PROPERTIES, kind, "the property")
    if "categories" in raw:
        node.fault('"categories" is not supported', 'list the values under "enum" in constraints')
    if "required" in raw:
        node.fault(
            '"required" stands outside "constraints"', 'write "constraints": {"required": …}'
        )
    own = node.child("jpreport")
    own.only(("column", "derive"), 'in "jpreport", the property')
    if own.raw.get("column") and own.raw.get("derive"):
        own.fault('has both "column" and "derive"', "a derived column stands in no file")
    field = Field(
        name=name,
        type=cast(Type, kind),
        title=node.get("title", str, ""),
        description=node.get("description", str, ""),
        unit=node.get("unit", str, ""),
        format=_checked_format(node, kind),
        true_values=node.texts("trueValues", TRUE_VALUES),
        false_values=node.texts("falseValues", FALSE_VALUES),
        missing_values=node.texts("missingValues", missing),
        decimal_char=node.get("decimalChar", str, "."),
        group_char=node.get("groupChar", str, ""),
        bare_number=node.get("bareNumber", bool, True),
        column=own.get("column", str, ""),
        derive=own.get("derive", str, ""),
    )
    return _constrained(field, node.child("constraints"))
