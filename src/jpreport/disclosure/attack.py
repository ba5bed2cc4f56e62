"""The auditor: play the intruder, and find what published numbers give away."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

from jpreport.disclosure.polytope import Interval, Polytope
from jpreport.disclosure.relations import Bounds, Relation, reduce

K = TypeVar("K", bound=Hashable)


def exposed(
    published: Mapping[K, int],
    relations: Iterable[Relation[K]],
    widths: Mapping[K, int],
    *,
    bounds: Bounds[K] | None = None,
    insiders: Mapping[K, int] | None = None,
    truth: Mapping[K, int] | None = None,
) -> tuple[dict[K, Interval], dict[tuple[K, K], Interval]]:
    """Return the cells whose interval is narrower than their width, with the interval.

    `widths` names the cells that must be protected, each with how far apart its bounds must be
    (at least 1: "not exactly known"). `insiders` are cells whose value the persons in
    it know: the second result is what such a cell gives away about another, by the pair (cell
    known, cell found out). `truth` is the table itself, where the auditor has it: it saves a
    search, the intruder gains nothing by it. The other parameters are those of `attack`.
    """
    reduced = reduce(published, relations, dict.fromkeys(widths, (0, None)) | dict(bounds or {}))
    found = {
        cell: Interval(value, value)
        for cell, value in reduced.known.items()
        if widths.get(cell, 0) > 0 and cell not in published
    }
    between: dict[tuple[K, K], Interval] = {}
    for component in reduced.components:
        needed = [max(widths.get(cell, 0) for cell in cells) for cells in component.cells]
        polytope = Polytope(component, reach=max(needed, default=0))
        if truth is not None:
            polytope.witness([truth[cells[0]] for cells in component.cells])
        for column, interval in polytope.narrow(needed).items():
            found |= dict.fromkeys(component.cells[column], interval)
        columns = {cell: number for number, cells in enumerate(component.cells) for cell in cells}
        known = {columns[cell]: cell for cell in insiders or {} if cell in columns}
        for column, cell in known.items():
            value = (insiders or {})[cell]
            for other, interval in polytope.supposing(column, value, needed).items():
                between |= {(cell, name): interval for name in component.cells[other]}
    return found, between


def attack(
    published: Mapping[K, int],
    relations: Iterable[Relation[K]],
    *,
    bounds: Bounds[K] | None = None,
) -> dict[K, Interval]:
    """Return, for each cell that is not published, the whole numbers that it can be.

    `published` holds every number that was given out, `relations` how cells add up: within a
    table, between linked tables, between releases. `bounds` is what else is known of a cell
    (lowest, highest or None; default: 0 and up). The intervals are exact for whole numbers.
    Raises DisclosureError where no table has the published numbers.
    """
    reduced = reduce(published, relations, bounds or {})
    found = {
        cell: Interval(value, value)
        for cell, value in reduced.known.items()
        if cell not in published
    }
    for component in reduced.components:
        polytope = Polytope(component)
        for column, cells in enumerate(component.cells):
            found |= dict.fromkeys(cells, polytope.interval(column))
    return found
