"""What a comparison must not show: two counts of persons whose difference singles somebody out."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from jpreport.figures import FigureRecord
from jpreport.review.changes import FigureChange
from jpreport.review.compare.prose import Passage

SMALL = "a difference in this table could single somebody out: neither number is shown"
_HIDDEN = "[not shown]"

Threshold = Callable[[str], int | None]


def singling_out(
    changes: Sequence[FigureChange], *thresholds: Threshold
) -> tuple[FigureChange, ...]:
    """Return the changes that must not be told: of a table of which any count changed by little.

    Others of that table tell it by subtraction, and so does what is made from them. A threshold
    is that of a table on one side, None where it is not known there; the higher one counts, and
    where none is known no change is little enough.
    """
    tables = {table for change in changes for table in _small(change, thresholds)}
    found = [one for one in changes if tables & _tables(one)]
    while True:
        names = {change.id for change in found}
        more = [one for one in changes if one not in found and _terms(one) & names]
        if not more:
            return tuple(found)
        found += more


def _records(change: FigureChange) -> list[FigureRecord]:
    return [one for one in (change.before, change.after) if one]


def _tables(change: FigureChange) -> set[str]:
    """Return the sensitive tables that a figure is read from."""
    return {one.derivation.table for one in _records(change) if one.derivation.protected}


def _small(change: FigureChange, thresholds: Sequence[Threshold]) -> set[str]:
    """Return the tables of which a change tells too little a difference."""
    gap = abs(change.difference or 0)
    return {
        table
        for table in _tables(change)
        if 0 < gap < max((n for own in thresholds if (n := own(table))), default=math.inf)
    }


def _terms(change: FigureChange) -> set[str]:
    """Return the ids of what a figure is made from, on either side."""
    return {str(replace(term, period=None)) for one in _records(change) for term in one.terms}


def withheld(change: FigureChange) -> FigureChange:
    """Return a change without its values."""
    before, after = (one and _silent(one) for one in (change.before, change.after))
    return replace(change, before=before, after=after)


def _silent(record: FigureRecord) -> FigureRecord:
    figure = replace(record.figure(), value=None, suppressed=True, parents=(), breakdown={})
    return FigureRecord.of(
        replace(figure, derivation=replace(figure.derivation, records=0)), parts=False
    )


def masked_passage(passage: Passage, changes: Sequence[FigureChange]) -> Passage:
    """Return a passage without the numbers of figures that are withheld."""
    texts = {
        text
        for change in changes
        for record in _records(change)
        for text in (record.text, record.figure().label, record.figure().number)
        if text
    }
    if not texts:
        return passage
    longest = sorted(texts, key=len, reverse=True)
    number = re.compile(rf"(?<![\w.,])(?:{'|'.join(map(re.escape, longest))})(?!\w|[.,]\w)")
    before, after = (number.sub(_HIDDEN, text) for text in (passage.before, passage.after))
    return replace(passage, before=before, after=after)
