"""Protect a cube: small cells are suppressed, and as many others as it takes to hide them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from jpreport.disclosure.axes import Coordinate, inner_cells
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.pattern import Criteria, candidates
from jpreport.disclosure.primary import primary_cells
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.release import Rules, prepared
from jpreport.disclosure.secondary import Prices, hidden_by_moves
from jpreport.disclosure.system import Edition
from jpreport.disclosure.trials import Trials
from jpreport.disclosure.unsuppress import cell_cost, keyed_prices, unsuppress
from jpreport.errors import NOWHERE, DisclosureError, Problem

Progress = Callable[[int, int], None]

# Choices that are tried, one secret order after the other, until none of the suppressed cells is
# told by the choice itself.
_ATTEMPTS = 24
# Simplex iterations of the attacker for one choice, after which the rest stays suppressed.
# Counted and not timed, so that the same records give the same cells on every machine.
_WORK, _WORK_BY_CELL = 250_000, 60


@dataclass(frozen=True, slots=True)
class Protection:
    """A protected cube, and what it cost; all but `cube` is not for readers.

    `primary` cells are small; `secondary` were suppressed to hide them. `counts` is what the
    suppressed cells hold that are neither groups nor totals, out of `total`; `cost` is what the
    choice of the secondary cells was to keep low: their counts, a margin's weighing more than a
    part's. `attempts` is how many choices were made until one told nothing by itself. Not
    `complete`: the work ran out before all cells were tried that might be published.
    """

    cube: ProtectedCube
    primary: int
    secondary: int
    counts: int
    total: int
    cost: int
    attempts: int
    complete: bool


def _revealing(
    cube: Cube, previous: Sequence[ProtectedCube], threshold: int
) -> frozenset[Coordinate]:
    """Return the cells that would tell a small change since an earlier release."""
    return frozenset(
        key
        for one in previous
        for key, value in one.published.items()
        if key in cube.cells and 0 < abs(cube.cells[key].value - value) < threshold
    )


class _Choice:
    """The choice of what a release publishes, made anew for each attempt."""

    def __init__(
        self,
        cube: Cube,
        declaration: Sensitive,
        previous: Sequence[ProtectedCube],
        hidden: Collection[Coordinate] = (),
    ) -> None:
        self.cube, self.declaration, self.previous = cube, declaration, previous
        self.primary = dict.fromkeys(hidden, 0) | primary_cells(cube, declaration)
        self.inner = [leaf for leaf, _ in inner_cells(cube.axes)]
        publish = declaration.zeros == "publish"
        self.empty = frozenset(key for key in self.inner if publish and not cube.cells[key].persons)
        self.rules = Rules(
            declaration.threshold,
            declaration.width,
            declaration.insider_width,
            int(publish and cube.count != "sum"),
            _revealing(cube, previous, declaration.threshold).union(self.primary),
            self.primary,
        )
        self.last: Edition = (len(previous),)

    def trials(self) -> Trials:
        """Return the trials, nothing published yet; raises DisclosureError where that is no use."""
        trials = prepared(
            self.cube.axes,
            self.cube.values(),
            self.rules,
            self.previous,
            truth=self.cube,
            empty=self.empty,
        )
        if self.previous and trials.exposed():
            raise DisclosureError(
                Problem(
                    NOWHERE.at(self.cube.table),
                    "cannot be protected against what is published already: persons follow from "
                    "the earlier releases even if this one shows nothing",
                    "publish it once more has been recorded, or withdraw the previous release",
                )
            )
        return trials

    def costs(self, trials: Trials) -> list[tuple[int, list[Coordinate]]]:
        """Return, by class, what it costs to suppress its cells, and these."""
        values = self.cube.values()
        found = []
        for keys in trials.attacker.system.members:
            cells = [cell for edition, cell in keys if edition == self.last and cell in values]
            cost = max(1, sum(cell_cost(cell, values[cell]) for cell in cells))
            found.append((cost, cells))
        return found

    def made(
        self, trials: Trials, price: Prices, work: float, progress: Progress | None
    ) -> tuple[bool, list[int]]:
        """Make the choice by what it costs to hide each class.

        Return whether all was tried that might be published, and the order in which it was: first
        together what no move of a small cell needs, then one after the other, the dearest first.
        """
        free = ~trials.needs.fixed
        must = int((~free).sum())

        def told(done: int) -> None:
            if progress is not None:
                progress(done, len(free))

        hidden = hidden_by_moves(trials, price, work=work / 2, progress=told)
        members = trials.attacker.system.members
        order = sorted(
            map(int, np.flatnonzero(free)),
            key=lambda number: (hidden[number], -price[number], members[number]),
        )
        complete = unsuppress(
            trials,
            order,
            together=int((free & ~hidden).sum()),
            work=max(work - trials.attacker.work, work / 2),
            progress=lambda done: told(must + done),
        )
        return complete, order

    def told(self, trials: Trials) -> set[int]:
        """Return the hidden classes of those parts in which the choice tells a cell; see `pattern`.

        Of series, of counts of records and where groups are suppressed it is not asked: there,
        the tables that fit say too little of what was to be hidden.
        """
        small_only = self.cube.count == "persons" and self.declaration.groups == "state"
        if self.previous or not small_only:
            return set()
        attacker, rules = trials.attacker, self.declaration
        criteria = Criteria(rules.fewest, rules.threshold, rules.width, rules.insider_width)
        parts = candidates(attacker.system, attacker.table, attacker.published, criteria)
        return {
            int(number)
            for classes, found in parts
            if found is not None and found.told
            for number in classes
        }

    def hidden(self, trials: Trials) -> frozenset[Coordinate]:
        """Return the cells that are suppressed as things stand."""
        number, published = trials.attacker.system.number, trials.attacker.published
        return frozenset(
            cell
            for cell in self.cube.cells
            if (at := number.get((self.last, cell))) is not None and not published[at]
        )


def protect(  # noqa: PLR0913 (what a choice depends on)
    cube: Cube,
    declaration: Sensitive,
    *,
    secret: bytes,
    previous: Sequence[ProtectedCube] = (),
    hidden: Collection[Coordinate] = (),
    work: int | None = None,
    progress: Progress | None = None,
) -> Protection:
    """Return the cube with small cells suppressed, and others so that nobody can tell them.

    First, for each small cell, the cheapest other table is looked for in which it is another
    number, by costs that the programme's `secret` has moved; what differs in these tables is
    suppressed. All other cells are published together, then of the suppressed ones one after the
    other, those first that readers miss most, as long as an attacker finds out nothing: with all
    `previous` releases at hand, as a single person of a cell, and from the choice of cells itself;
    where every choice tells something, all stays suppressed. After so much `work` (simplex
    iterations of the attacker; None: by the size of the cube) the rest of a choice stays
    suppressed, and no further choice is begun. `hidden` are cells that must not be published in
    any case. `progress` is told how many of how many cells were tried. Raises DisclosureError where
    nothing can be protected; then there is nothing to publish.
    """
    choice = _Choice(cube, declaration, previous, hidden)
    draws: Counter[int] = Counter()
    attempts = spent = 0
    told: set[int] | None = None
    if work is None:
        work = _WORK + _WORK_BY_CELL * len(cube.cells)
    while told is None or (told and attempts < _ATTEMPTS and spent < work):
        attempts += 1
        trials = choice.trials()
        complete, order = choice.made(
            trials, keyed_prices(choice.costs(trials), secret, draws), work, progress
        )
        spent += trials.attacker.work
        told = choice.told(trials) if complete else set()
        draws.update(told.intersection(order) or order)
    if told:
        trials = choice.trials()
    suppressed = choice.hidden(trials)
    values = cube.values()
    cells = {key: None if key in suppressed else value for key, value in values.items()}
    protected = ProtectedCube.made(cube, declaration, cells)
    secondary = suppressed - choice.primary.keys()
    return Protection(
        cube=protected,
        primary=len(choice.primary),
        secondary=len(secondary),
        counts=sum(values[key] for key in suppressed.intersection(choice.inner)),
        total=cube.total.value,
        cost=sum(cell_cost(key, values[key]) for key in secondary),
        attempts=attempts,
        complete=complete,
    )
