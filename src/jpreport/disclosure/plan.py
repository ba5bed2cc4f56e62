"""One component on its way to protection: what is suppressed, and the tables that prove it safe."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from jpreport.disclosure.axes import TOTAL, Coordinate
from jpreport.disclosure.error import DisclosureError
from jpreport.disclosure.relations import Component
from jpreport.disclosure.release import Key
from jpreport.disclosure.shift import Shifter
from jpreport.errors import NOWHERE, Problem

# tau-ARGUS reads costs as whole numbers and takes sums over 2e9 for infinite.
MOST_COST = 1_000_000
# How much more a count matters with each dimension less that it is broken down by.
_MARGIN = 4


def cell_cost(key: Coordinate, value: int) -> int:
    """Return what suppressing a cell loses: its counts, far more for a margin than for a part."""
    weight: int = _MARGIN ** key.count(TOTAL)
    return min(MOST_COST, (1 + value) * weight)


class Plan:
    """The work on one component: what is suppressed so far, and tables that prove it safe."""

    def __init__(
        self, component: Component[Key], truth: Sequence[int], widths: Sequence[int]
    ) -> None:
        self.component = component
        self.truth = np.array(truth)
        self.widths = widths
        self.columns = {
            key: column for column, cells in enumerate(component.cells) for key in cells
        }
        current = [[key[1] for key in cells if key[0] == "current"] for cells in component.cells]
        self.costs = [
            sum(cell_cost(key, value) for key in keys)
            for keys, value in zip(current, truth, strict=True)
        ]
        self.shifter = Shifter(component, self.truth, self.costs)
        self.least, self.most = self.truth.copy(), self.truth.copy()
        self.tables = [self.truth]

    def require(self, column: int, width: int) -> set[int]:
        """Suppress what it takes for an interval of that width; return what was suppressed."""
        room = min(width, int(self.truth[column]) - self.component.lower[column])
        splits = dict.fromkeys((width - room, width, 0, *range(1, width)))
        before = self.shifter.suppressed.copy()
        for up in splits:
            if self._spread(column, up, width - up):
                return set(map(int, np.flatnonzero(self.shifter.suppressed & ~before)))
        raise DisclosureError(
            Problem(
                NOWHERE,
                "the cube cannot be protected against what is published already",
                "publish it once more has been recorded, or withdraw the previous release",
            )
        )

    def _spread(self, column: int, up: int, down: int) -> bool:
        """Suppress what it takes for a number to be `up` higher or `down` lower, if it can be."""
        value = int(self.truth[column])
        for step in (up, -down):
            there = value + step
            if self.least[column] <= there <= self.most[column]:
                continue
            move = self.shifter.move(column, step)
            if move is None:
                return False
            self._take(*move)
        return True

    def _take(self, touched: set[int], table: npt.NDArray[np.float64]) -> set[int]:
        """Suppress what another table touches; keep it as a witness if it is whole."""
        self.shifter.suppress(touched)
        whole = np.rint(table).astype(np.int64)
        if np.abs(table - whole).max() < 1e-6:  # noqa: PLR2004 (the solver's tolerance)
            self.least, self.most = np.minimum(self.least, whole), np.maximum(self.most, whole)
            self.tables.append(whole)
        return touched

    def require_from(self, known: Collection[int], column: int, width: int) -> set[int]:
        """Suppress what it takes against someone who knows some numbers; return what was."""
        ways = [self.shifter.move(column, step, known) for step in (width, -width)]
        found = [way for way in ways if way is not None]
        if not found:
            return set()
        return self._take(*min(found, key=lambda way: sum(self.costs[one] for one in way[0])))

    def surround(self, column: int) -> set[int]:
        """Suppress all that stands in a relation with a number; return what was suppressed."""
        near = {
            other for row in self.component.rows if column in row.columns for other in row.columns
        }
        fresh = {one for one in near if not self.shifter.suppressed[one]}
        self.shifter.suppress(fresh)
        return fresh
