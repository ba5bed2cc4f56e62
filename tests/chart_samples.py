"""What the tests of charts share: figures to draw."""

from __future__ import annotations

import datetime as dt
from typing import Any

from jpreport.figures import (
    Derivation,
    Figure,
    FigureKey,
    Period,
)

WHOLE = Period(dt.date(2010, 6, 1), dt.date(2012, 10, 31))


def figure(name: str, value: float | None, **options: Any) -> Figure:  # noqa: ANN401
    """Return a figure of persons, unless the options name another unit."""
    unit = options.pop("unit", "persons")
    return Figure(FigureKey(name), f"Title {name}", unit, value, WHOLE, Derivation(), **options)
