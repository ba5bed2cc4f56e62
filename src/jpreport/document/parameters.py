"""What a notebook's parameters were set to, as its cells say."""

from __future__ import annotations

import ast
from typing import Any


def assigned(source: str) -> dict[str, Any]:
    """Return what a cell of parameters sets, by name: plain values, or the Python of others."""
    try:
        lines = ast.parse(source).body
    except SyntaxError:
        return {}
    found: dict[str, Any] = {}
    for line in lines:
        targets = line.targets if isinstance(line, ast.Assign) else [getattr(line, "target", None)]
        value = getattr(line, "value", None)
        for name in targets:
            if isinstance(name, ast.Name) and value is not None:
                plain = isinstance(value, ast.Constant) and not isinstance(
                    value.value, bytes | complex | type(...)
                )
                found[name.id] = value.value if plain else ast.unparse(value)
    return found
