"""Find the line of `programme.toml` that a faulty value stands on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence

_NAMED_BY = ("id", "name", "text")
_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\"-]+)\s*\]\]?")


def line_of_entry(text: str, table: str, name: str, key: str = "") -> int | None:
    """Return the line of an entry of a list of tables, or of a key in it; None if not found."""
    entries = tomllib.loads(text).get(table, [])
    names = [{entry.get(key) for key in _NAMED_BY} for entry in entries]
    index = next((number for number, known in enumerate(names) if name in known), None)
    return None if index is None else line_of(text, (table, index, *filter(None, [key])))


def line_of(text: str, location: Sequence[str | int]) -> int | None:
    """Return the line (from 1) of a key such as ("indicator", 2, "table"); None if not found.

    `tomllib` keeps no positions. The nearest line is returned: that of the key, else of the
    header of its table.
    """
    names = [part for part in location if isinstance(part, str)]
    index = next((part for part in location if isinstance(part, int)), 0)
    if not names:
        return None
    if len(names) > 2:  # noqa: PLR2004 - a table within a table has its own header
        inner = line_of(text, [f"{names[0]}.{names[1]}", *names[2:]])
        if inner is not None:
            return inner
    seen = -1
    inside = False
    header: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        match = _HEADER.match(line)
        if match:
            if inside:
                break
            if match.group(2).strip('"') == names[0]:
                seen += 1
                inside = seen == index
                header = number if inside else header
        elif inside and len(names) > 1 and re.match(rf"\s*\"?{re.escape(names[1])}\"?\s*=", line):
            return number
    return header
