"""What makes SQL give another result on another day, and has no place in a report."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

_VOLATILE = frozenset(
    (
        *("random", "setseed", "uuid", "uuidv4", "uuidv7", "gen_random_uuid", "now", "today"),
        *("current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"),
        *("get_current_time", "get_current_timestamp", "transaction_timestamp"),
        *("nextval", "currval"),
    )
)


def changing(node: Mapping[str, Any], columns: Collection[str]) -> Iterator[str]:
    """Yield what makes a node of a syntax tree give another result in another run."""
    if node.get("sample"):
        yield "sample"
    # DuckDB has no brackets behind some of them: a column of that name is meant before them.
    names = [name for name in node.get("column_names", ()) if name not in columns]
    yield from (
        name for name in (*names, node.get("function_name", "")) if name.lower() in _VOLATILE
    )
