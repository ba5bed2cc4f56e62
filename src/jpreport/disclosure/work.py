"""A release on its way to protection: what is small, suppressed and published, as things stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from jpreport.disclosure.axes import Coordinate
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.plan import Plan
from jpreport.disclosure.polytope import Polytope
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.relations import Component, reduce
from jpreport.disclosure.release import (
    Finding,
    Insiders,
    Key,
    Needs,
    System,
    find,
    insiders,
    released,
)
from jpreport.disclosure.restore import Hidden


def small(cube: Cube, declaration: Sensitive) -> set[Coordinate]:
    """Return the primary cells: fewer persons than the threshold, empty ones by the rule."""
    return {
        key
        for key, cell in cube.cells.items()
        if declaration.fewest <= cell.persons < declaration.threshold
    }


def _revealing(cube: Cube, previous: ProtectedCube, threshold: int) -> set[Coordinate]:
    """Return the cells that would tell a small change since the previous release."""
    before = previous.published
    return {
        key
        for key, cell in cube.cells.items()
        if key in before and 0 < abs(cell.value - before[key]) < threshold
    }


class Work:
    """The whole of a release on its way to protection."""

    def __init__(
        self,
        cube: Cube,
        declaration: Sensitive,
        previous: ProtectedCube | None,
    ) -> None:
        self.cube, self.declaration = cube, declaration
        self.primary = small(cube, declaration)
        self.must = set(self.primary)
        if previous is not None:
            self.must |= _revealing(cube, previous, declaration.threshold)
        values = cube.values()
        self.always: dict[Key, int] = {
            ("current", key): 0
            for key, value in values.items()
            if value == 0 and declaration.zeros == "publish"
        }
        lowest = 1 if declaration.zeros == "publish" else 0
        self.system: System = released(cube.axes, lowest, values, previous)
        fixed = {**self.system.known, **self.always}
        reduced = reduce(fixed, self.system.relations, self.system.bounds)
        self.truth: dict[Key, int] = {("current", key): value for key, value in values.items()}
        self.wider: dict[Key, int] = {
            ("current", key): cube.cells[key].largest
            for key in self.primary
            if cube.cells[key].largest > declaration.width
        }
        self.inside = Insiders()
        self.plans = [self._plan(component) for component in reduced.components]
        self.place = {
            key: (plan, column)
            for plan in self.plans
            for column, cells in enumerate(plan.component.cells)
            for key in cells
        }

    def _plan(self, component: Component[Key]) -> Plan:
        given = {
            column: self.truth[key]
            for column, cells in enumerate(component.cells)
            for key in cells
            if key[0] == "current"
        }
        table: Sequence[int]
        if len(given) == len(component.cells):
            table = [given[column] for column in range(len(given))]
        else:
            # The previous release's suppressed counts are not at hand: any that fit will do.
            table = [int(value) for value in Polytope(component).table(given)]
            for cells, value in zip(component.cells, table, strict=True):
                self.truth |= dict.fromkeys(cells, value)
        widths = [
            max(self.wider.get(key, self.declaration.width) for key in cells)
            for cells in component.cells
        ]
        plan = Plan(component, table, widths)
        free = [
            column
            for column, cells in enumerate(component.cells)
            if all(key[0] != "current" for key in cells)
        ]
        plan.shifter.suppress(free)
        return plan

    def hidden(self) -> Hidden:
        """Return the cells that are suppressed as things stand."""
        return frozenset(
            key[1]
            for key, (plan, column) in self.place.items()
            if key[0] == "current" and plan.shifter.suppressed[column]
        )

    def published(self, hidden: Hidden) -> dict[Key, int]:
        """Return the numbers that are published where some cells are suppressed."""
        cells = self.cube.cells.items()
        shown = {("current", key): cell.value for key, cell in cells if key not in hidden}
        return {**self.system.known, **shown}

    def tables(self) -> list[dict[Key, int]]:
        """Return the tables that were found while suppressing, the true one included."""
        truth = {key: int(plan.truth[column]) for key, (plan, column) in self.place.items()}
        return [
            truth | {key: int(table[column]) for key, column in plan.columns.items()}
            for plan in self.plans
            for table in plan.tables
        ]

    def findings(self, hidden: Hidden, tables: Sequence[Mapping[Key, int]]) -> tuple[Finding, ...]:
        """Attack what would be published if these cells were suppressed."""
        rules = self.declaration
        ordered = [key for key in self.cube.cells if key in hidden]
        self.inside = insiders(self.cube, ordered, rules.threshold, rules.insider_width)
        needs = Needs(rules.width, self.wider, self.inside)
        return find(self.system, self.published(hidden), needs, tables)

    def repair(self, findings: Iterable[Finding]) -> int:
        """Suppress what the findings ask for; return how many numbers that were."""
        added: set[int] = set()
        last: tuple[Plan, int] | None = None
        for finding in findings:
            at = self.place.get((finding.edition, finding.cell))
            if at is None:
                continue
            plan, column = last = at
            if finding.knower is None:
                added |= plan.require(column, plan.widths[column])
            else:
                knows = self.inside.know["current", finding.knower]
                held = [plan.columns[key] for key in knows if key in plan.columns]
                added |= plan.require_from(held, column, self.declaration.insider_width)
        if not added and last is not None:
            added = last[0].surround(last[1])
        return len(added)
