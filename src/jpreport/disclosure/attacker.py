"""The attacker: one warm linear program that tells how closely published sums give cells away."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import highspy
import numpy as np
import numpy.typing as npt

from jpreport.disclosure.near import Near
from jpreport.disclosure.solver import Floats, Silent, contradiction, moves
from jpreport.disclosure.system import NO_FLOOR, Ints, System
from jpreport.errors import NOWHERE, DisclosureError, Problem

Flags = npt.NDArray[np.bool_]
Classes = npt.NDArray[np.int64]

TOLERANCE = 1e-6
_DUAL, _PRIMAL = 1, 4
# How far from the true table whole ones are looked for first, in widths.
_BOX = 2
_MULTIPLES = (1, 2, 3, 4, 6)
# How much dearer it is to move a count that has no room to go down. Corners at such counts are
# fractions more often, and the more so the dearer large counts are.
_NO_ROOM = 8.0
# How often other prices are tried where a corner is fractional, before an integer program is asked.
_PRICES = 4
# How much dearer it is to move what may be published yet.
_PREFERRED = 4.0
# Of so many unknowns, moves are looked for among a few of them first.
_LARGE = 1_300
# Of so many unknowns, an integer program is soon done.
_SMALL = 60


class _UnboundedError(Exception):
    """Nothing limits how far a class can move."""


@dataclass(frozen=True, slots=True)
class Extreme:
    """How far a class can move from the given table (None: any far), and a move that does it."""

    by: int | None
    move: Ints | None = None


class Attacker:
    """Finds other tables that have the same published numbers as a given one.

    Unknowns are moves away from the given table, upward (columns 0 to n - 1) and downward (n to
    2n - 1), each at a price: the cheapest move that takes a cell somewhere changes few others, so
    that it stays a witness while more and more is published. What is published, hidden or held
    is a change of bounds. To stand still is dual feasible whatever the bounds, so that the dual
    simplex starts there. Every table that is found is checked in whole numbers before it counts.
    """

    def __init__(self, system: System, table: Ints, *, exact: bool = True) -> None:
        """Take a table of the system's unknowns, all of whose classes are hidden at first.

        Not `exact`: where fractions leave it open how far a class can go, it is no farther than
        was seen. That is enough to find out what is safe, and saves most integer programs.
        """
        self.system, self.table, self.exact = system, table, exact
        self.size = len(table)
        self.is_large = self.size >= _LARGE
        self.values = system.values(table)
        classes = len(self.values)
        self.published = np.zeros(classes, dtype=bool)
        self._enforced = self.published.copy()
        lengths = np.diff(system.starts)
        single = np.flatnonzero((lengths == 1) & (system.factor[system.starts[:-1]] == 1))
        self._column = np.full(classes, -1, dtype=np.int64)
        self._column[single] = system.index[system.starts[single]]
        rows = np.flatnonzero(self._column < 0)
        self._row = np.full(classes, -1, dtype=np.int64)
        self._row[rows] = np.arange(len(rows))
        self._down = (table - system.lowest).astype(float)
        no_floor = system.floor <= NO_FLOOR
        self._floor = np.where(no_floor, NO_FLOOR, system.floor - self.values).astype(float)
        # No class goes lower, unknowns that are no class of their own apart.
        self._lowest = self._floor.copy()
        self._lowest[single] = np.maximum(self._floor[single], -self._down[self._column[single]])
        if (self._down < 0).any() or (self._floor > 0).any():
            raise contradiction()
        self._linear = self._model(rows)
        # What it costs to move a class, if nothing is published.
        self._price = np.zeros(classes)
        self._price[single] = self._prices[0][self._column[single]]
        self._integer: highspy.Highs | None = None
        # Simplex iterations so far, one more with each question: the same on every machine.
        self.work = 0

    # The model

    def _model(self, rows: Classes) -> highspy.Highs:
        solver = Silent()
        solver.setOptionValue("presolve", "off")
        solver.setOptionValue("solver", "simplex")
        solver.setOptionValue("simplex_strategy", _DUAL)
        room = 1 + _NO_ROOM / (1 + np.concatenate((self._down, self._down)))
        chance = np.random.default_rng(0)
        self._prices = [room * (1 + chance.random(2 * self.size) / 16)]
        self._prices += [
            room * np.exp(chance.normal(scale=0.7, size=2 * self.size)) for _ in range(_PRICES)
        ]
        self._charged = self._prices[0]
        floor = self._floor[rows]
        solver.passModel(moves(self.system, rows, self._charged, self._down, floor))
        return solver

    def _bound(self, number: int, lower: float, upper: float) -> None:
        """Limit how far a class may move."""
        column, row = int(self._column[number]), int(self._row[number])
        for solver in (self._linear, self._integer):
            if solver is None:
                continue
            if column < 0:
                solver.changeRowBounds(row, lower, upper)
            else:
                solver.changeColBounds(column, max(0.0, lower), max(0.0, upper))
                solver.changeColBounds(
                    column + self.size, max(0.0, -upper), min(max(0.0, -lower), self._down[column])
                )

    def _free(self, number: int) -> None:
        floor = self._floor[number]
        lowest = -highspy.kHighsInf if floor <= NO_FLOOR else floor
        self._bound(number, lowest, highspy.kHighsInf)

    def publish(self, classes: Collection[int]) -> None:
        """Take classes as published from now on."""
        self.published[list(classes)] = True

    def hide(self, classes: Collection[int]) -> None:
        """Take classes as hidden from now on."""
        self.published[list(classes)] = False

    def _ask(self, number: int, lower: float, upper: float) -> None:
        """Limit how far a class may move, and all that is published, unless it follows from parts.

        Rows are fewer by half so.
        """
        enforced = self.published & ~((self._row >= 0) & self.system.implied(self.published))
        for other in map(int, np.flatnonzero(enforced != self._enforced)):
            if enforced[other]:
                self._bound(other, 0.0, 0.0)
            else:
                self._free(other)
        self._enforced = enforced
        self._bound(number, lower, upper)

    @contextmanager
    def held(self, classes: Collection[int]) -> Iterator[None]:
        """Take classes as published within the block."""
        fresh = [number for number in classes if not self.published[number]]
        self.publish(fresh)
        try:
            yield
        finally:
            self.hide(fresh)

    def prefer(self, classes: Flags) -> None:
        """Move these rather than others: they stay hidden, so that such a move stays a witness."""
        single = np.flatnonzero((self._column >= 0) & ~classes)
        self._price[single] *= _PREFERRED
        for prices in self._prices:
            for side in (0, self.size):
                prices[self._column[single] + side] *= _PREFERRED
        self._linear.changeColsCost(
            2 * self.size, np.arange(2 * self.size, dtype=np.int32), self._prices[0]
        )

    # Questions

    def _run(self, *, integer: bool = False, box: float | None = None) -> Floats | None:
        """Solve as things stand; return the moves of the unknowns, None where there are none."""
        solver = self._whole(box) if integer else self._linear
        if not integer:
            solver.setBasis()  # from where nothing moves it is nearer than from the last move
        solver.run()
        self.work += 1 + max(0, solver.getInfo().simplex_iteration_count)
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            found = np.array(solver.getSolution().col_value, dtype=np.float64)
            move: Floats = found[: self.size] - found[self.size : 2 * self.size]
            return move
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status in {
            highspy.HighsModelStatus.kUnbounded,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,
        }:
            raise _UnboundedError
        raise DisclosureError(
            Problem(NOWHERE, f"the attacker's solver gave up: {solver.modelStatusToString(status)}")
        )

    def _whole(self, box: float | None) -> highspy.Highs:
        """Return the integer program as things stand, moves no larger than `box`."""
        model = self._linear.getLp()
        solver = self._integer
        if solver is None:
            solver = self._integer = Silent()
            solver.setOptionValue("mip_rel_gap", 0.0)
            model.integrality_ = [highspy.HighsVarType.kInteger] * (2 * self.size)
            solver.passModel(model)
        upper = np.array(model.col_upper_)
        if box is not None:
            upper = np.minimum(upper, np.maximum(box, model.col_lower_))
        every = np.arange(2 * self.size, dtype=np.int32)
        solver.changeColsBounds(2 * self.size, every, np.array(model.col_lower_), upper)
        rows = np.arange(model.num_row_, dtype=np.int32)
        solver.changeRowsBounds(  # type: ignore[attr-defined]
            model.num_row_, rows, np.array(model.row_lower_), np.array(model.row_upper_)
        )
        solver.changeColsCost(2 * self.size, every, np.array(model.col_cost_))
        return solver

    def _multiple(self, move: Floats) -> Ints | None:
        """Return the least multiple of a move that `_checked` takes.

        All published sums stay as they are if a move is doubled: halves become whole.
        """
        checked = (self._checked(times * move) for times in _MULTIPLES)
        return next((found for found in checked if found is not None), None)

    def _checked(self, move: Floats) -> Ints | None:
        """Return a move by class if it is whole and fits what is published."""
        whole = np.rint(move).astype(np.int64)
        if np.abs(move - whole).max(initial=0) > TOLERANCE or (whole < -self._down).any():
            return None
        classes = self.system.values(whole)
        return classes if self.fits(classes) else None

    def fits(self, move: Ints) -> bool:
        """Whether a whole move, by class, leads to a table with all published numbers."""
        return not move[self.published].any() and bool((move >= self._lowest).all())

    def step(self, number: int, by: int) -> Ints | None:
        """Return a move of all classes that takes one of them so far or farther.

        None where there is none, or where those near the given table are all fractions.
        """
        if by < self._lowest_step(number):
            return None
        self._ask(number, by, by)
        try:
            for prices in self._prices:
                self._charge(prices)
                move = self._run()
                if move is None:
                    return None
                if (found := self._multiple(move)) is not None:
                    return found
            if not self.exact and self.size > _SMALL:
                return None
            move = self._run(integer=True, box=_BOX * abs(by))
            return None if move is None else self._checked(move)
        finally:
            self._free(number)
            self._charge(self._prices[0])

    def near(self, number: int, by: int) -> Ints | None:
        """Return a move as `step` does among the unknowns near a class; None: none found."""
        return next(self.nearby(number, by, self._price), None)

    def nearby(self, number: int, by: int, price: Floats) -> Iterator[Ints]:
        """Yield moves among the unknowns near a class, of more and more of them.

        `price` is what it costs to move each class.
        """
        if not self.is_large or by < self._lowest_step(number):
            return
        for move in self._near.moves(number, by, np.where(self.published, np.inf, price)):
            self.work += self._near.work
            self._near.work = 0
            if (found := self._multiple(move)) is not None:
                yield found

    @cached_property
    def _near(self) -> Near:
        return Near(self.system, self._down, self._floor)

    def _charge(self, prices: Floats) -> None:
        if prices is not self._charged:
            self._charged = prices
            every = np.arange(len(prices), dtype=np.int32)
            self._linear.changeColsCost(len(prices), every, prices)

    def _lowest_step(self, number: int) -> float:
        at, factor = self.system.terms(number)
        below = np.where(factor > 0, -self._down[at] * factor, -highspy.kHighsInf).sum()
        return max(float(below), float(self._floor[number]))

    def farthest(
        self, number: int, *, upward: bool, enough: int | None = None, seen: int = 0
    ) -> Extreme:
        """Return how far a class can move, exactly, or `enough`; `seen`: so far it surely can."""
        at, factor = self.system.terms(number)
        price = np.zeros(2 * self.size)
        sign = -1.0 if upward else 1.0
        price[at], price[at + self.size] = sign * factor, -sign * factor
        self._charge(price)
        self._linear.setOptionValue("simplex_strategy", _PRIMAL)
        far, floor = highspy.kHighsInf, float(self._floor[number])
        if enough is not None:
            far, floor = (float(enough), floor) if upward else (far, max(floor, -float(enough)))
        self._ask(number, floor, far)
        try:
            return self._extreme(number, seen)
        finally:
            self._free(number)
            self._charge(self._prices[0])
            self._linear.setOptionValue("simplex_strategy", _DUAL)

    def _extreme(self, number: int, seen: int) -> Extreme:
        try:
            move = self._run()
        except _UnboundedError:
            return Extreme(None)
        found = None if move is None else self._checked(move)
        if found is None and move is not None:
            at, factor = self.system.terms(number)
            bound = abs(float((move[at] * factor).sum()))
            if math.floor(bound + TOLERANCE) == seen or not self.exact:
                return Extreme(seen)
            move = self._run(integer=True)
            found = None if move is None else self._checked(move)
        if found is None:
            raise contradiction()
        return Extreme(abs(int(found[number])), found)
