"""Find the cheapest further cells to suppress so that a number becomes uncertain."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from typing import Generic, TypeVar

import highspy
import numpy as np
import numpy.typing as npt

from jpreport.disclosure.polytope import Ints, Silent
from jpreport.disclosure.relations import Component

K = TypeVar("K", bound=Hashable)

_TOLERANCE = 1e-6
# Moving what is suppressed already is nearly free: of two equal ways, the shorter one.
_FREE = 1e-3


class Shifter(Generic[K]):
    """Other tables near the true one: which numbers must move so that a given one can.

    What moves, and was published, has to be suppressed. A linear program finds the cheapest
    move, by the cost of each unit moved.
    """

    def __init__(self, component: Component[K], truth: Ints, costs: Sequence[int]) -> None:
        """Take the true table, and what suppressing each number costs."""
        self.size = len(component.cells)
        self.truth = truth
        self.suppressed = np.zeros(self.size, dtype=bool)
        self._costs = np.array(costs, dtype=float)
        room = np.array(component.lower)
        self._down = (truth - room).astype(float)
        self._up = np.array(
            [
                highspy.kHighsInf if upper is None else float(upper - value)
                for upper, value in zip(component.upper, truth, strict=True)
            ]
        )
        self._solver = self._model(component)

    def _model(self, component: Component[K]) -> highspy.Highs:
        # Columns: how far each number goes up, then how far each goes down.
        solver = Silent()
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("presolve", "off")
        solver.setOptionValue("solver", "simplex")
        model = highspy.HighsLp()
        rows = component.rows
        model.num_col_, model.num_row_ = 2 * self.size, len(rows)
        model.col_lower_ = np.zeros(2 * self.size)
        model.col_upper_ = np.concatenate((self._up, self._down))
        model.col_cost_ = np.tile(self._costs, 2)
        at = [
            sum(
                int(self.truth[column]) * factor
                for column, factor in zip(row.columns, row.coefficients, strict=True)
            )
            for row in rows
        ]
        model.row_lower_ = np.array(
            [
                -highspy.kHighsInf if row.lower is None else float(row.lower - now)
                for row, now in zip(rows, at, strict=True)
            ]
        )
        model.row_upper_ = np.array(
            [
                highspy.kHighsInf if row.upper is None else float(row.upper - now)
                for row, now in zip(rows, at, strict=True)
            ]
        )
        starts = np.concatenate(([0], np.cumsum([2 * len(row.columns) for row in rows])))
        index = [c for row in rows for c in (*row.columns, *(c + self.size for c in row.columns))]
        value = [f for row in rows for f in (*row.coefficients, *(-f for f in row.coefficients))]
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = starts.astype(np.int32)
        model.a_matrix_.index_ = np.array(index, dtype=np.int32)
        model.a_matrix_.value_ = np.array(value, dtype=float)
        solver.passModel(model)
        return solver

    def suppress(self, columns: Collection[int]) -> None:
        """Take numbers as suppressed from now on."""
        for column in columns:
            if not self.suppressed[column]:
                self.suppressed[column] = True
                cost = _FREE * max(1.0, float(self._costs[column]))
                self._solver.changeColCost(column, cost)
                self._solver.changeColCost(column + self.size, cost)

    def move(
        self, column: int, distance: int, held: Collection[int] = ()
    ) -> tuple[set[int], npt.NDArray[np.float64]] | None:
        """Return what must be suppressed so that a number can be `distance` away, and the table.

        `held` stay at their values: someone knows them. None where no table is like that.
        """
        limits = [
            limit
            for one in (column, *held)
            for limit in ((one, self._up[one]), (one + self.size, self._down[one]))
        ]
        for at, _ in limits:
            self._solver.changeColBounds(at, 0.0, 0.0)
        goal = column if distance > 0 else column + self.size
        self._solver.changeColBounds(goal, abs(distance), abs(distance))
        self._solver.run()
        done = self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        ways = np.array(self._solver.getSolution().col_value) if done else np.zeros(0)
        for at, limit in limits:
            self._solver.changeColBounds(at, 0.0, limit)
        beyond = abs(distance) > (self._up if distance > 0 else self._down)[column]
        if not done or beyond:
            return None
        moved = ways[: self.size] - ways[self.size :]
        touched = np.flatnonzero((np.abs(moved) > _TOLERANCE) & ~self.suppressed)
        return {int(one) for one in touched}, self.truth + moved
