"""The types that a parameter can have: read from an annotation, fitted to a value."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

TYPES = 'str, int, float, bool, date, list[...], Literal["a", "b"], or one of them with `| None`'
_SCALARS: dict[str, type] = {"bool": bool, "int": int, "float": float, "str": str, "date": date}
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Shape:
    """A type that a parameter can have; `kind` is a scalar's name, list, choice or any."""

    kind: str
    item: Shape | None = None
    choices: tuple[Any, ...] = ()
    optional: bool = False

    def __str__(self) -> str:
        """Return the type as it is written in a notebook."""
        text = self.kind
        if self.kind == "list":
            text = f"list[{self.item}]"
        elif self.kind == "choice":
            text = f"Literal[{', '.join(map(repr, self.choices))}]"
        return f"{text} | None" if self.optional else text


ANY = Shape("any", optional=True)


# The last is what an injected cell says.
_DATE_CALLS = ("date", "datetime.date", "_date")


def read_literal(node: ast.expr) -> Any:  # noqa: ANN401
    """Return the value that a literal or a `date(...)` call writes; raises ValueError."""
    if isinstance(node, (ast.List, ast.Tuple)):
        return [read_literal(item) for item in node.elts]
    if isinstance(node, ast.Call) and ast.unparse(node.func) in _DATE_CALLS:
        given = [ast.literal_eval(arg) for arg in node.args]
        named = {str(word.arg): ast.literal_eval(word.value) for word in node.keywords}
        try:
            return date(*given, **named)
        except TypeError as error:
            raise ValueError(error) from None
    match node:
        case ast.Call(func=ast.Name(id="float"), args=[ast.Constant(value=str(text))]):
            return float(text)  # infinity has no other way of being written
    value = ast.literal_eval(node)
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise ValueError("neither text, number, boolean, date, list nor None")


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _choice(node: ast.expr) -> Shape:
    items = node.elts if isinstance(node, ast.Tuple) else [node]
    choices = tuple(read_literal(item) for item in items)
    kept = tuple(choice for choice in choices if choice is not None)
    return Shape("choice", choices=kept, optional=len(kept) < len(choices))


def _generic(node: ast.Subscript) -> Shape:
    match ast.unparse(node.value).removeprefix("typing."):
        case "list" | "List":
            return Shape("list", item=read_shape(node.slice))
        case "Optional":
            return replace(read_shape(node.slice), optional=True)
        case "Literal":
            return _choice(node.slice)
    raise ValueError(ast.unparse(node))


def read_shape(node: ast.expr) -> Shape:
    """Return the type that an annotation names; raises ValueError."""
    match node:
        case ast.Constant(value=str(text)):
            return read_shape(ast.parse(text, mode="eval").body)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right) if _is_none(left) != _is_none(right):
            return replace(read_shape(right if _is_none(left) else left), optional=True)
        case ast.Subscript():
            return _generic(node)
    name = ast.unparse(node).removeprefix("datetime.")
    if name == "list":
        return Shape("list", item=ANY)
    if name not in _SCALARS:
        raise ValueError(name)
    return Shape(name)


def shape_of(value: object) -> Shape:
    """Return the type that a default without annotation stands for."""
    if isinstance(value, list):
        items = {shape_of(item) for item in value}
        return Shape("list", item=items.pop() if len(items) == 1 else ANY)
    names = (name for name, scalar in _SCALARS.items() if isinstance(value, scalar))
    return next(map(Shape, names), ANY)


def _as_date(value: object) -> object:
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{value!r} is no day of the calendar") from None
    return value


def _is_scalar(value: object, kind: str) -> bool:
    # A boolean is an int to Python and a date-time is a date; to a reader they are not.
    if isinstance(value, bool) or isinstance(value, datetime):  # noqa: SIM101
        return kind == "bool" and isinstance(value, bool)
    return isinstance(value, _SCALARS[kind])


def fit(value: object, shape: Shape) -> Any:  # noqa: ANN401
    """Return the value as its type has it; raises ValueError, whose text says what is wrong.

    An int stands for a float, an ISO 8601 day for a date; a boolean is no number.
    """
    if value is None and shape.optional:
        return None
    if shape.kind in ("list", "any") and isinstance(value, (list, tuple)):
        return [fit(item, shape.item or ANY) for item in value]
    match shape.kind:
        case "choice":
            fits = any(type(value) is type(one) and value == one for one in shape.choices)
        case "any":
            fits = any(_is_scalar(value, kind) for kind in _SCALARS)
        case "list":
            fits = False
        case kind:
            if kind == "date":
                value = _as_date(value)
            elif kind == "float" and _is_scalar(value, "int"):
                value = float(value)  # type: ignore[arg-type]
            fits = _is_scalar(value, kind)
    if not fits:
        raise ValueError(f"{value!r} is not {shape}")
    return value
