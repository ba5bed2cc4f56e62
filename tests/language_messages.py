"""The English sentences of the house, as its source and its templates say them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from jinja2.ext import babel_extract

import jpreport

SOURCE = Path(jpreport.__file__).parent
# What these say is for those who make reports: it stays English.
_ENGLISH = ("cli", "review")
# A sentence, or the forms of one for one thing and for many.
Message = str | tuple[str, str]


def house_messages() -> dict[Message, str]:
    """Return every message with the place that says it first."""
    found: dict[Message, str] = {}
    for file in sorted(SOURCE.rglob("*.py")):
        name = file.relative_to(SOURCE)
        if name.parts[0] in _ENGLISH:
            continue
        for line, said in _said(ast.parse(file.read_text(encoding="utf-8"))):
            found.setdefault(said, f"{name}:{line}")
    for file in sorted(SOURCE.rglob("*.j2")):
        name = file.relative_to(SOURCE)
        with file.open("rb") as source:
            for line, _, said, _ in babel_extract(source, ["say"], [], {"silent": "false"}):
                one = said[0] if isinstance(said, tuple) else said
                found.setdefault(str(one), f"{name}:{line}")
    return found


def _said(tree: ast.AST) -> Iterator[tuple[int, Message]]:
    """Yield the messages of a module; raises ValueError for one that is put together."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = str(getattr(node.func, "attr", getattr(node.func, "id", ""))).lstrip("_")
        if name == "count" and len(node.args) > 2 and "{}" in (one := _text(node.args[0]) or ""):
            yield node.lineno, (one, _text(node.args[1]) or "")
        elif name == "phrases":
            one, many = map(_text, node.args)
            yield node.lineno, (one or "", many or "")
        elif name in {"say", "phrase"} and node.args:
            yield from ((node.lineno, text) for text in _texts(node.args[0]))


def _texts(node: ast.expr) -> Iterator[str]:
    """Yield what may be said; a name stands for a phrase that is marked elsewhere."""
    match node:
        case ast.IfExp(body=one, orelse=other):
            yield from (*_texts(one), *_texts(other))
        case ast.Name() | ast.Subscript() | ast.Attribute():
            return
        case _ if text := _text(node):
            yield text
        case _:
            raise ValueError(f"is put together where it is said: {ast.unparse(node)}")


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
