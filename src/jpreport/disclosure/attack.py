"""The auditor: play the intruder, and find what published numbers give away."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from jpreport.disclosure.polytope import Interval, Polytope
from jpreport.disclosure.relations import Bounds, Component, Reduced, Relation, reduce

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Knowledge(Generic[K]):
    """What an intruder has: published numbers, how cells add up, and what else limits them.

    `tables` are candidates for whole-number tables that agree with all of it. They are checked,
    so they save the auditor a search and change nothing in what is found.
    """

    published: Mapping[K, int]
    relations: Sequence[Relation[K]]
    bounds: Bounds[K] = field(default_factory=dict)
    tables: Sequence[Mapping[K, int]] = ()

    def reduced(self, asked: Iterable[K]) -> Reduced[K]:
        """Return what follows by substitution; the cells that are asked for are in it."""
        bounds = dict.fromkeys(asked, (0, None)) | dict(self.bounds)
        return reduce(self.published, self.relations, bounds)

    def polytope(self, component: Component[K], needed: Sequence[int]) -> Polytope[K]:
        """Return the tables of a component, those that were offered tried already."""
        polytope = Polytope(component, reach=max(needed, default=0))
        for table in self.tables:
            polytope.witness([table[cells[0]] for cells in component.cells])
        return polytope


def _needed(component: Component[K], widths: Mapping[K, int]) -> list[int]:
    return [max(widths.get(cell, 0) for cell in cells) for cells in component.cells]


def exposed(knowledge: Knowledge[K], widths: Mapping[K, int]) -> dict[K, Interval]:
    """Return the cells whose interval is narrower than their width, with the interval.

    `widths` names the cells that must be protected, each with how far apart its bounds must be
    (1: "not exactly known"). All others have two whole-number tables to show for it that agree
    with everything known and lie that far apart. Raises DisclosureError like `attack`.
    """
    reduced = knowledge.reduced(widths)
    found = {
        cell: Interval(value, value)
        for cell, value in reduced.known.items()
        if widths.get(cell, 0) > 0 and cell not in knowledge.published
    }
    for component in reduced.components:
        needed = _needed(component, widths)
        narrow = knowledge.polytope(component, needed).narrow(needed)
        for column, interval in narrow.items():
            found |= {
                cell: interval
                for cell in component.cells[column]
                if interval.width < widths.get(cell, 0)
            }
    return found


def exposed_to_insiders(
    knowledge: Knowledge[K], widths: Mapping[K, int], insiders: Mapping[K, Mapping[K, int]]
) -> dict[tuple[K, K], Interval]:
    """Return what insiders find out beside what they know, by (insider, cell found out).

    An insider, by whatever name, knows further cells and their values.
    """
    found: dict[tuple[K, K], Interval] = {}
    for component in knowledge.reduced(widths).components:
        columns = {cell: number for number, cells in enumerate(component.cells) for cell in cells}
        needed = _needed(component, widths)
        polytope = knowledge.polytope(component, needed)
        for name, cells in insiders.items():
            known = {columns[cell]: value for cell, value in cells.items() if cell in columns}
            if not known:
                continue
            for other, interval in polytope.supposing(known, needed).items():
                found |= {
                    (name, cell): interval
                    for cell in component.cells[other]
                    if interval.width < widths.get(cell, 0)
                }
    return found


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
