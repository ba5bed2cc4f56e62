"""Prose values: the words of what an `{eval}` role gives."""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

# How Python writes values that are no literals, by the name that they are called with.
_MADE: Mapping[str, Callable[..., object]] = {
    "date": dt.date,
    "datetime": dt.datetime,
    **dict.fromkeys(("datetime64", "Timestamp"), dt.datetime.fromisoformat),
    **dict.fromkeys(("Decimal", "longdouble"), Decimal),
    **{f"{kind}{bits}": Decimal for kind in ("int", "uint", "float") for bits in (8, 16, 32, 64)},
}
_NOTHING = frozenset({"None", "nan", "NaT", "<NA>", "inf", "-inf"})


def worded(data: Mapping[str, Any], expression: str) -> dict[str, Any]:
    """Return the MIME bundle of a value; the text of a plain one as a report words it.

    What has more forms than text, such as a figure, stays as it is, and so does the text of an
    object that says itself how it reads. A whole number is a year, without a separator, where
    the expression has that word. Raises ValueError, with the reason, for what has no form in a
    sentence: None, NaN, lists.
    """
    text = "".join(data.get("text/plain", ()))
    if set(data) != {"text/plain"}:
        return dict(data)
    value = _value(text)
    if value is None or isinstance(value, str):
        return dict(data)
    from jpreport.language import current

    year = "year" in expression.casefold() and re.fullmatch(r"\d{4}", text)
    words = text if year else current().value(value)
    return {"text/plain": text if words == text else repr(words)}


def _value(text: str) -> object:
    """Return the value that Python writes so; None for a text of another kind."""
    if text in _NOTHING:
        raise ValueError(f"is {text}, which has no form in a sentence")
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    match node:
        case ast.List() | ast.Tuple() | ast.Dict() | ast.Set():
            kind = type(node).__name__.lower()
            raise ValueError(f"is a {kind}, which has no form in a sentence")
        case ast.Constant() | ast.UnaryOp(ast.USub(), ast.Constant()):
            return ast.literal_eval(node)
        case ast.Attribute(ast.Name("np"), ("True_" | "False_") as name):
            return name == "True_"
        case ast.Call(ast.Name(name) | ast.Attribute(_, name), arguments, []) if name in _MADE:
            try:
                return _MADE[name](*(ast.literal_eval(ast.unparse(one)) for one in arguments))
            except (ArithmeticError, TypeError, ValueError):
                raise ValueError(f"is {text}, which has no form in a sentence") from None
    return None
