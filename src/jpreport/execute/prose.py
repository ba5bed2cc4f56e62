"""Prose values: find the `{eval}` roles of a Markdown cell, word what they give."""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_ROLE = "eval"
# What stands behind the marks of a fence: a directive, and what it is called with.
DIRECTIVE = re.compile(r"\{([\w:-]+)\}\s*(.*)")
# What these directives hold is shown as it is, or not at all.
NO_PROSE = ("code", "code-block", "code-cell", "math", "raw")


@dataclass(frozen=True, slots=True)
class Role:
    """One expression in prose; `line` counts the cell's lines from 1."""

    expression: str
    line: int

    def __str__(self) -> str:
        """Return the role as it stands in the text."""
        return f"{{{_ROLE}}}`{self.expression}`"


@cache
def _parser() -> MarkdownIt:
    # Imported late: most Markdown cells hold no role.
    from markdown_it import MarkdownIt
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.footnote import footnote_plugin
    from mdit_py_plugins.myst_role import myst_role_plugin

    parser = MarkdownIt("commonmark").enable("table")
    parser.use(deflist_plugin).use(footnote_plugin).use(myst_role_plugin)
    # Without these two, footnotes stay where they are written, so that the order is the text's.
    return parser.disable(["footnote_tail", "footnote_inline"])


def _inline(tokens: Sequence[Token], line: int) -> Iterator[Role]:
    for token in tokens:
        if token.type == "myst_role" and token.meta.get("name") == _ROLE:
            yield Role(token.content, line)
        elif token.type in ("softbreak", "hardbreak"):
            line += 1
        if token.children:
            yield from _inline(token.children, line)


def roles(markdown: str) -> tuple[Role, ...]:
    """Return the `{eval}` roles of a Markdown text in the order of the text, as MyST reads it.

    Code spans, code blocks, HTML and escaped braces hold none; tables, lists, headings, links,
    footnotes and callouts, within colons or backticks, may.
    """
    return tuple(_roles(markdown, 0)) if f"{{{_ROLE}}}" in markdown else ()


def _roles(markdown: str, first: int) -> Iterator[Role]:
    """Yield the roles of a text whose first line has `first` lines before it."""
    line = first
    for token in _parser().parse(markdown):
        if token.map:
            line = first + token.map[0]
        if token.type == "inline":
            yield from _inline(token.children or (), line + 1)
        elif token.type == "fence":
            directive = DIRECTIVE.fullmatch(token.info.strip())
            if directive and directive[1] not in NO_PROSE:
                yield from _roles(directive[2], line)
                yield from _roles(token.content, line + 1)


def expressions(markdown: str) -> tuple[str, ...]:
    """Return the expressions of the `{eval}` roles in a Markdown text, in its order."""
    return tuple(role.expression for role in roles(markdown))


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
    from jpreport.figures import ENGLISH

    year = "year" in expression.casefold() and re.fullmatch(r"\d{4}", text)
    words = text if year else ENGLISH.value(value)
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
