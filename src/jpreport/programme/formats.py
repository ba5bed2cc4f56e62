"""The formats that reports may be made in, by name: none of them is imported to know it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

GROUP = "jpreport.formats"


@cache
def registered_formats() -> Mapping[str, EntryPoint]:
    """Return what is registered under `jpreport.formats`, by name, which is the file suffix."""
    return {one.name: one for one in sorted(entry_points(group=GROUP))}
