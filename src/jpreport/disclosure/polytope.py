"""All whole-number tables that fit what is known: how low and high each unknown can be."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import highspy
import numpy as np
import numpy.typing as npt

from jpreport.disclosure.error import DisclosureError
from jpreport.disclosure.relations import Component, contradiction
from jpreport.errors import NOWHERE, Problem

K = TypeVar("K", bound=Hashable)
Ints = npt.NDArray[np.int64]

_TOLERANCE = 1e-6
# Rounds of looking in one direction for all unknowns at once, while that still gains something.
_SWEEPS = 12
_LEAST_GAIN = 0.05
# Tables kept to be looked through again.
_KEPT = 600
# Beyond any count, and far from overflowing when two are subtracted.
_FAR = 2**60


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """What can be found out about a number: the whole numbers that it can be, from and to.

    `upper` None: nothing limits it.
    """

    lower: int
    upper: int | None

    @property
    def width(self) -> float:
        """Upper minus lower; 0 is exact knowledge, infinity where nothing limits it."""
        return math.inf if self.upper is None else self.upper - self.lower

    def __str__(self) -> str:
        """Return such as "3 to 9", "47" or "1 or more"."""
        if self.upper is None:
            return f"{self.lower} or more"
        return str(self.lower) if self.upper == self.lower else f"{self.lower} to {self.upper}"


class Silent(highspy.Highs):
    """The solver without a word: it greets on standard output while it starts its callbacks."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def enableCallbacks(self) -> None:  # noqa: N802 (highspy)
        """Start no callbacks; say nothing from now on."""
        self.silent()


class Polytope(Generic[K]):
    """The tables of one component, searched with a simplex that starts where it last stopped.

    Every table that is found is checked in whole numbers before it counts as a witness, so
    that "can be as low as" never rests on rounding. Where the linear program ends between whole
    numbers, an integer program decides.
    """

    def __init__(self, component: Component[K], reach: int = 0) -> None:
        """Prepare the search; an interval as wide as `reach` is never cut short."""
        self.component = component
        self.size = len(component.cells)
        rows = component.rows
        sides = [abs(s) for row in rows for s in (row.lower, row.upper) if s is not None]
        ends = [*map(abs, component.lower), *(u for u in component.upper if u is not None)]
        # What nothing limits is cut off here, far beyond all that the relations could add up to.
        self.cap = 4 * (sum(sides) + sum(ends) + self.size + reach + 1)
        self._lower = np.array(component.lower, dtype=np.int64)
        self._upper = np.array(
            [self.cap if upper is None else upper for upper in component.upper], dtype=np.int64
        )
        if bool((self._lower > self._upper).any()):
            raise contradiction()
        counts = [len(row.columns) for row in rows]
        self._starts = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
        self._index = np.array([c for row in rows for c in row.columns], dtype=np.int32)
        self._value = np.array([c for row in rows for c in row.coefficients], dtype=np.int64)
        self._row_of = np.repeat(np.arange(len(rows)), counts)
        far = self.cap * (self.size + 1)
        self._row_lower = np.array([-far if row.lower is None else row.lower for row in rows])
        self._row_upper = np.array([far if row.upper is None else row.upper for row in rows])
        self.least = np.full(self.size, _FAR)
        self.most = np.full(self.size, -_FAR)
        self.tables: list[Ints] = []
        self._linear = self._model()
        self._whole: highspy.Highs | None = None

    def _model(self) -> highspy.Highs:
        solver = Silent()
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("presolve", "off")
        solver.setOptionValue("solver", "simplex")
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self.size, len(self._row_lower)
        model.col_cost_ = np.zeros(self.size)
        model.col_lower_ = self._lower.astype(float)
        model.col_upper_ = self._upper.astype(float)
        model.row_lower_ = self._row_lower.astype(float)
        model.row_upper_ = self._row_upper.astype(float)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = self._starts
        model.a_matrix_.index_ = self._index
        model.a_matrix_.value_ = self._value.astype(float)
        solver.passModel(model)
        return solver

    def fix(self, column: int, value: int | None) -> None:
        """Take an unknown as known from now on; None: as unknown again."""
        lower, upper = self._lower[column], self._upper[column]
        if value is not None:
            lower = upper = np.int64(value)
        for solver in (self._linear, self._whole):
            if solver is not None:
                solver.changeColBounds(column, float(lower), float(upper))

    def witness(self, table: Sequence[float] | Ints) -> bool:
        """Keep a table if it is whole and fits all that is known; return whether it does."""
        given = np.asarray(table, dtype=float)
        whole = np.rint(given).astype(np.int64)
        if (np.abs(given - whole) > _TOLERANCE).any():
            return False
        if (whole < self._lower).any() or (whole > self._upper).any():
            return False
        sums = np.bincount(
            self._row_of, self._value * whole[self._index], minlength=len(self._row_lower)
        )
        if (sums < self._row_lower).any() or (sums > self._row_upper).any():
            return False
        self.least = np.minimum(self.least, whole)
        self.most = np.maximum(self.most, whole)
        if len(self.tables) < _KEPT:
            self.tables.append(whole)
        return True

    def _optimum(self, cost: npt.NDArray[np.float64], *, highest: bool, whole: bool) -> float:
        """Return the optimum of a linear form; its table is offered as a witness."""
        solver = self._linear
        if whole:
            if self._whole is None:
                self._whole = self._model()
                self._whole.setOptionValue("presolve", "choose")
                self._whole.setOptionValue("mip_rel_gap", 0.0)
                kinds = np.full(self.size, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
                columns = np.arange(self.size, dtype=np.int32)
                self._whole.changeColsIntegrality(self.size, columns, kinds)
                self._copy_bounds()
            solver = self._whole
        columns = np.arange(self.size, dtype=np.int32)
        solver.changeColsCost(self.size, columns, cost if not highest else -cost)
        solver.run()
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            raise contradiction()
        if status != highspy.HighsModelStatus.kOptimal:
            raise DisclosureError(
                Problem(
                    NOWHERE, f"the audit's solver gave up: {solver.modelStatusToString(status)}"
                )
            )
        self.witness(solver.getSolution().col_value)
        value = solver.getInfo().objective_function_value
        return -value if highest else value

    def _copy_bounds(self) -> None:
        model = self._linear.getLp()
        columns = np.arange(self.size, dtype=np.int32)
        assert self._whole is not None  # noqa: S101 (its only caller made it)
        self._whole.changeColsBounds(
            self.size, columns, np.array(model.col_lower_), np.array(model.col_upper_)
        )

    def _extreme(self, column: int, *, highest: bool) -> int:
        """Return how high (or low) an unknown can be, exactly."""
        cost = np.zeros(self.size)
        cost[column] = 1.0
        bound = self._optimum(cost, highest=highest, whole=False)
        rounded = math.floor(bound + _TOLERANCE) if highest else math.ceil(bound - _TOLERANCE)
        seen = int(self.most[column] if highest else self.least[column])
        if seen != rounded:
            rounded = round(self._optimum(cost, highest=highest, whole=True))
        return rounded

    def table(self, fixed: Mapping[int, int]) -> Ints:
        """Return some whole-number table in which these unknowns have these values.

        Raises DisclosureError where there is none.
        """
        for column, value in fixed.items():
            self.fix(column, value)
        before = len(self.tables)
        try:
            self._optimum(np.zeros(self.size), highest=False, whole=True)
        finally:
            for column in fixed:
                self.fix(column, None)
        if len(self.tables) == before:
            raise DisclosureError(
                Problem(NOWHERE, "the audit's solver found no whole-number table")
            )
        return self.tables[-1]

    def interval(self, column: int) -> Interval:
        """Return the exact interval of an unknown."""
        at_floor = self.least[column] == self._lower[column]
        lower = int(self._lower[column]) if at_floor else self._extreme(column, highest=False)
        at_top = self.most[column] == self._upper[column]
        upper = int(self._upper[column]) if at_top else self._extreme(column, highest=True)
        return Interval(lower, None if upper > self.cap // 2 else upper)

    def narrow(self, widths: Sequence[int] | Ints) -> dict[int, Interval]:
        """Return the unknowns whose interval is narrower than its width, with the interval.

        All others have two witnesses: whole-number tables that fit and lie that far apart.
        """
        needed = np.asarray(widths)
        self._sweep(needed)
        found = {}
        for column in np.flatnonzero(self.most - self.least < needed):
            if self.most[column] - self.least[column] >= needed[column]:
                continue  # a table found meanwhile shows it
            interval = self.interval(int(column))
            if interval.width < needed[column]:
                found[int(column)] = interval
        return found

    def _sweep(self, needed: npt.NDArray[np.int64]) -> None:
        """Look for witnesses for many unknowns at once."""
        chance = np.random.default_rng(0)
        waiting = self.most - self.least < needed
        for number in range(_SWEEPS):
            cost = waiting.astype(float)
            if number > 1:
                cost *= chance.integers(-1, 2, self.size)
            self._optimum(cost, highest=number % 2 == 0, whole=False)
            left = self.most - self.least < needed
            if not left.any():
                return
            if number > 3 and left.sum() > (1 - _LEAST_GAIN) * waiting.sum():  # noqa: PLR2004
                return
            waiting = left

    def supposing(
        self, known: Mapping[int, int], widths: Sequence[int] | Ints
    ) -> dict[int, Interval]:
        """Return what `narrow` would if these unknowns were known to have these values.

        Raises DisclosureError where they cannot. What was found so far is kept.
        """
        least, most = self.least, self.most
        columns, values = list(known), list(known.values())
        fitting = [table for table in self.tables if (table[columns] == values).all()]
        self.least = np.min([*fitting, np.full(self.size, _FAR)], axis=0)
        self.most = np.max([*fitting, np.full(self.size, -_FAR)], axis=0)
        needed = np.asarray(widths).copy()
        needed[columns] = 0
        for column, value in known.items():
            self.fix(column, value)
        try:
            return self.narrow(needed)
        finally:
            for column in columns:
                self.fix(column, None)
            self.least = np.minimum(self.least, least)
            self.most = np.maximum(self.most, most)
