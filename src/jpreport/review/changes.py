"""Which figures differ between two releases, or two builds of one report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from jpreport.figures import FigureRecord


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure that is not the same in two releases; a record is None where it is not there."""

    id: str
    period: str
    before: FigureRecord | None
    after: FigureRecord | None

    @property
    def record(self) -> FigureRecord | None:
        """The figure as the later release has it, else the earlier one."""
        return self.after or self.before

    @property
    def title(self) -> str:
        """What the figure counts."""
        return self.record.title if self.record else ""

    @property
    def texts(self) -> tuple[str, str]:
        """How it reads before and after; "" where it is not there."""
        before, after = (one.text if one else "" for one in (self.before, self.after))
        return before, after

    @property
    def difference(self) -> float | int | None:
        """After minus before, in the figure's unit; None where either has no value."""
        old, new = (one.value if one else None for one in (self.before, self.after))
        return None if old is None or new is None else new - old

    def to_json(self) -> dict[str, Any]:
        """Return the change as plain JSON values."""
        before, after = (one and one.to_json() for one in (self.before, self.after))
        return {"id": self.id, "period": self.period, "before": before, "after": after}


def period_words(record: FigureRecord) -> str:
    """Return the days that a figure covers, as a comparison names them."""
    return f"{record.period.start} to {record.period.end}"


def changed_figures(
    before: Iterable[FigureRecord], after: Iterable[FigureRecord]
) -> tuple[FigureChange, ...]:
    """Return the figures whose value, wording or rule differs, by id and period.

    That a file has another digest is no change of a figure whose value and records are the same.
    """
    old, new = _by_key(before), _by_key(after)
    changes = (
        FigureChange(*key, old.get(key), new.get(key)) for key in dict.fromkeys((*old, *new))
    )
    return tuple(one for one in changes if _compared(one.before) != _compared(one.after))


def _by_key(records: Iterable[FigureRecord]) -> dict[tuple[str, str], FigureRecord]:
    found: dict[tuple[str, str], FigureRecord] = {}
    for record in records:
        found.setdefault((record.id, period_words(record)), record)
    return found


def _compared(record: FigureRecord | None) -> tuple[object, ...] | None:
    if record is None:
        return None
    # What is made from other figures counts no records of its own.
    records = 0 if record.derivation.parents else record.derivation.records
    rule = replace(record.derivation, digest="", records=records)
    return record.text, record.value, record.unit, record.qualifier, rule
