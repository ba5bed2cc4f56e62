"""Protect a cube: small cells are suppressed, and as many others as it takes to hide them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from jpreport.disclosure.argus import Item, suppressions
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.error import DisclosureError
from jpreport.disclosure.giving import LARGE, Giving, given_back_from_all
from jpreport.disclosure.plan import MOST_COST, Plan, cell_cost
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.relations import Row
from jpreport.disclosure.work import Work
from jpreport.errors import NOWHERE, Problem

Engine = Callable[[Sequence[Item], Sequence[Row], float], set[int]]
Method = Literal["tau-ARGUS", "shifting", "giving back", "none"]

# Beyond so many different numbers tau-ARGUS seldom ends within its shortest time limit, a minute.
ARGUS_NUMBERS = 300
SECONDS = 120.0
_ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Protection:
    """A protected cube, and what it cost; all but `cube` is not for readers.

    `primary` cells are small; `secondary` were suppressed to hide them, `repaired` of these
    because the audit of the first result asked for it. `counts` is what the suppressed cells
    hold that are neither groups nor totals, out of `total`; `cost` is what the choice of the
    secondary cells was to keep low: their counts, a margin's weighing more than a part's.
    `method` says who chose them: tau-ARGUS, linear programs that shift counts, or nobody: all
    was suppressed and then given back as far as the attack allows.
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
    cannot be asked for. All of it above is what it finds soonest, and what is given back
    afterwards makes up for the difference.
    """
    highest = int(4 * (plan.truth.max() + max(plan.widths)))
    items = [
        Item(
            value,
            min(plan.costs[column], MOST_COST),
            max(0, plan.component.lower[column]),
            highest,
            (0, plan.widths[column]) if column in small_ones else None,
        )
        for column, value in enumerate(map(int, plan.truth))
    ]
    return engine(items, plan.component.rows, seconds)


def _suppress(work: Work, engine: Engine | None, seconds: float) -> Method:
    """Suppress the small cells of all components and what first hides them; say who chose."""
    methods: list[Method] = []
    for plan in work.plans:
        columns = {
            column
            for column, cells in enumerate(plan.component.cells)
            if any(key[0] == "current" and key[1] in work.must for key in cells)
        }
        methods.append(_first(plan, columns, engine, seconds))
    return "tau-ARGUS" if "tau-ARGUS" in methods else (methods or ["none"])[0]


def _repair(work: Work) -> int:
    """Suppress more until the attack fails, and return how many rounds that took."""
    rounds = 0
    while findings := work.findings(work.hidden(), work.tables()):
        rounds += 1
        if rounds > _ROUNDS or not work.repair(findings):
            message = "the audit still finds out suppressed numbers; none is published"
            raise DisclosureError(Problem(NOWHERE.at(work.cube.table), message))
    return rounds


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
    is suppressed until the attack fails. Then what hides nothing is given back, margins first;
    where cells suppressed altogether and given back the same way leave readers more, that is
    what is published. Raises DisclosureError where that cannot be had; then
    there is nothing to publish. (`engine=None` leaves secondary suppression and repair out: what
    comes out is unsafe, and serves to show that the audit finds it.)
    """
    began = time.monotonic()
    if declaration.zeros == "cover" and len(cube.cells) > LARGE:
        declaration = replace(declaration, zeros="publish")
    work = Work(cube, declaration, previous)
    repaired = rounds = 0
    if engine is None:
        method = _suppress(work, None, seconds)
        hidden = work.hidden()
    else:
        giving = Giving(work)
        with given_back_from_all(cube, declaration, previous) as waited_for:
            method = _suppress(work, engine, seconds)
            planned = len(work.hidden())
            rounds = _repair(work)
            repaired = len(work.hidden()) - planned
            hidden, from_all = giving.back(work.hidden()), waited_for()
        if from_all is not None and giving.cost(from_all) < giving.cost(hidden):
            hidden, method = from_all, "giving back"
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
        method=method,
        rounds=rounds,
        seconds=time.monotonic() - began,
    )
