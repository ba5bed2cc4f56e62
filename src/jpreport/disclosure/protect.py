"""Protect a cube: small cells are suppressed, and as many others as it takes to hide them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from jpreport.disclosure.argus import Item, suppressions
from jpreport.disclosure.axes import Coordinate
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.error import DisclosureError
from jpreport.disclosure.plan import MOST_COST, Plan, cell_cost
from jpreport.disclosure.polytope import Polytope
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.relations import Component, Row, reduce
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
from jpreport.disclosure.restore import Hidden, by_importance, restored
from jpreport.errors import Problem

Engine = Callable[[Sequence[Item], Sequence[Row], float], set[int]]
Method = Literal["tau-ARGUS", "shifting", "none"]

# Beyond so many different numbers tau-ARGUS seldom ends within its shortest time limit, a minute.
ARGUS_NUMBERS = 300
# Up to so many it takes a few seconds at most, and is asked in several ways.
SEVERAL_WAYS = 160
SECONDS = 120.0
_ROUNDS = 60
# How many numbers are attacked in all while suppressed ones are given back.
_MOST_WORK = 100_000


@dataclass(frozen=True, slots=True)
class Protection:
    """A protected cube, and what it cost; all but `cube` is not for readers.

    `primary` cells are small; `secondary` were suppressed to hide them, `repaired` of these
    because the audit of the first result asked for it. `counts` is what the suppressed cells
    hold that are neither groups nor totals, out of `total`; `cost` is what the choice of the
    secondary cells was to keep low: their counts, a margin's weighing more than a part's.
    """

    cube: ProtectedCube
    primary: int
    secondary: int
    repaired: int
    counts: int
    total: int
    cost: int
    method: Method
    rounds: int
    seconds: float


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


def _first(plan: Plan, small_ones: set[int], engine: Engine | None, seconds: float) -> Method:
    """Suppress the small numbers of a component and what first hides them; say who chose."""
    plan.shifter.suppress(small_ones)
    alone = all(key[0] == "current" for key in plan.columns)
    if engine is None:
        return "none"
    if len(plan.component.cells) > ARGUS_NUMBERS or not alone or not small_ones:
        order = sorted(small_ones, key=lambda column: (plan.costs[column], column))
        for column in order:
            plan.require(column, plan.widths[column])
        return "shifting"
    plan.shifter.suppress(_by_argus(plan, small_ones, engine, seconds))
    return "tau-ARGUS"


def _by_argus(plan: Plan, small_ones: set[int], engine: Engine, seconds: float) -> set[int]:
    """Return the numbers that tau-ARGUS would suppress, the small ones included.

    It hides each number so far below and so far above; the width alone, wherever it lies, it
    cannot be asked for. So small problems are put in several ways, and the cheapest answer wins.
    """
    # How low a number can be at all follows from the parts that are known not to be empty.
    everything = Polytope(plan.component, max(plan.widths))
    everything.witness(plan.truth)
    lowest = {column: everything.interval(column).lower for column in small_ones}
    highest = int(4 * (plan.truth.max() + max(plan.widths)))
    answers = []
    for share in (1.0, 0.5, 0.0):
        items = []
        for column, value in enumerate(map(int, plan.truth)):
            width = plan.widths[column]
            spare = None
            if column in small_ones:
                below = min(int(width * share), value - lowest[column])
                spare = (below, width - below)
            low = max(0, plan.component.lower[column])
            items.append(Item(value, min(plan.costs[column], MOST_COST), low, highest, spare))
        answers.append(engine(items, plan.component.rows, seconds))
        if len(items) > SEVERAL_WAYS:
            break
    return min(answers, key=lambda chosen: sum(plan.costs[column] for column in chosen))


class _Work:
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


def _least(work: _Work) -> Hidden:
    """Return the least suppression that giving back comes to, from what stands or from all."""
    cube, tables = work.cube, work.tables()
    most = _MOST_WORK // len(cube.cells)
    order = by_importance(cube, cube.cells.keys() - work.must)

    def attack(hidden: Hidden) -> tuple[Finding, ...]:
        return work.findings(hidden, tables)

    def cost(hidden: Hidden) -> int:
        return sum(cell_cost(key, cube.cells[key].value) for key in hidden)

    one = restored(order, work.hidden(), attack, most).hidden
    everything = frozenset(cube.cells) - {key for _, key in work.always}
    if len(order) > most or attack(everything):
        return one
    return min(one, restored(order, everything, attack, most).hidden, key=cost)


def protect(
    cube: Cube,
    declaration: Sensitive,
    *,
    previous: ProtectedCube | None = None,
    engine: Engine | None = suppressions,
    seconds: float = SECONDS,
) -> Protection:
    """Return the cube with small cells suppressed, and others so that nobody can tell them.

    `engine` chooses the secondary suppressions of cubes up to ARGUS_NUMBERS different numbers
    (tau-ARGUS, within `seconds`); larger ones are done by linear programs of our own. Either way
    the result is attacked like an intruder would, with the `previous` release at hand, and more
    is suppressed until the attack fails. Raises DisclosureError where that cannot be had; then
    there is nothing to publish. (`engine=None` leaves secondary suppression and repair out: what
    comes out is unsafe, and serves to show that the audit finds it.)
    """
    began = time.monotonic()
    work = _Work(cube, declaration, previous)
    methods = []
    for plan in work.plans:
        columns = {
            column
            for column, cells in enumerate(plan.component.cells)
            if any(key[0] == "current" and key[1] in work.must for key in cells)
        }
        methods.append(_first(plan, columns, engine, seconds))
    planned = len(work.hidden())
    rounds = 0
    while engine is not None and (findings := work.findings(work.hidden(), work.tables())):
        rounds += 1
        if rounds > _ROUNDS or not work.repair(findings):
            raise DisclosureError(
                Problem(
                    cube.table, "the audit still finds out suppressed numbers; none is published"
                )
            )
    repaired = len(work.hidden()) - planned
    hidden = work.hidden() if engine is None else _least(work)
    published = work.published(hidden)
    cells = {key: published.get(("current", key)) for key in cube.cells}
    protected = ProtectedCube(
        table=cube.table,
        count=cube.count,
        axes=cube.axes,
        threshold=declaration.threshold,
        width=declaration.width,
        zeros=declaration.zeros,
        cells=cells,
    )
    leaves = [set(axis.leaves) for axis in cube.axes]
    counts = sum(
        cube.cells[key].value
        for key in hidden
        if all(label in own for label, own in zip(key, leaves, strict=True))
    )
    return Protection(
        cube=protected,
        primary=len(work.primary),
        secondary=len(hidden) - len(work.primary),
        repaired=repaired,
        counts=counts,
        total=cube.total.value,
        cost=sum(
            cell_cost(key, cube.cells[key].value) for key in hidden if key not in work.primary
        ),
        method="tau-ARGUS" if "tau-ARGUS" in methods else (methods or ["none"])[0],
        rounds=rounds,
        seconds=time.monotonic() - began,
    )
