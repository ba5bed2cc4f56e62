"""Moves near a cell: a small linear program over a few values of each dimension."""

from __future__ import annotations

from collections.abc import Iterator

import highspy
import numpy as np

from jpreport.disclosure.axes import Coordinate
from jpreport.disclosure.solver import Floats, Silent, program
from jpreport.disclosure.system import NO_FLOOR, Grid, Ints, System

# How many values of each dimension are taken, more where a move is not found among few.
_VALUES = (5, 9)
# How much more an unknown counts with each value that it shares with the cell.
_SHARED = 4.0


class Near:
    """Looks for moves of a class among a few unknowns, all others at rest.

    A move that is found is one of the whole system, at a cost that hardly grows with it. That none
    is found proves nothing.
    """

    def __init__(self, system: System, down: Floats, floor: Floats) -> None:
        """Take how far `down` each unknown may go, and how far each class, its `floor`."""
        self._system, self._down, self._floor = system, down, floor
        self._own = np.array([system.number[key] for key in system.unknown])
        # By unknown, the classes that sum it.
        order = np.argsort(system.index, kind="stable")
        of = np.repeat(np.arange(len(system.members)), np.diff(system.starts))
        self._classes, self._factors = of[order], system.factor[order]
        self._starts = np.searchsorted(system.index[order], np.arange(len(down) + 1))
        self._solver = Silent()
        self._solver.setOptionValue("presolve", "off")
        # Simplex iterations so far, one more with each program.
        self.work = 0

    def moves(self, number: int, by: int, price: Floats) -> Iterator[Floats]:
        """Yield moves of the unknowns that take a class so far, from among few of them or more.

        `price` is what it costs to move each class; at an infinite one it must not. A class that
        stands in no release by itself has none.
        """
        for edition, cell in self._system.members[number]:
            if len(edition) == 1:
                for most in _VALUES:
                    unknowns = self._around(self._system.grids[edition[0]], cell, price, most)
                    move = self._move(number, by, unknowns, price)
                    if move is not None:
                        yield move
                return

    def _around(self, grid: Grid, cell: Coordinate, price: Floats, most: int) -> Ints:
        """Return the unknowns at a few values of each dimension, a cell's own among them.

        Values are taken at which unknowns move cheaply where those at the cell's own do as well.
        """
        weights = np.where(grid.unknowns < 0, 0, 1 / (1 + price[self._own[grid.unknowns]]))
        below = [own[label] for own, label in zip(grid.below, cell, strict=True)]
        shared = np.ones(weights.shape)
        for axis, (own, size) in enumerate(zip(below, weights.shape, strict=True)):
            if len(own) < size:
                np.moveaxis(shared, axis, 0)[own] *= _SHARED
        chosen = []
        for axis, own in enumerate(below):
            rows = np.moveaxis(weights, axis, 0).reshape(weights.shape[axis], -1)
            counts = np.moveaxis(shared, axis, 0).reshape(rows.shape)[own[0]]
            score = rows @ (rows[own].sum(axis=0) * counts)
            ranked = np.argsort(-score, kind="stable")
            inside = np.isin(ranked, own)
            # Of a group, some of its values and some of others, into which they may move.
            first = ranked[inside][: most // 2 if len(own) < len(ranked) else most]
            chosen.append(np.sort(np.concatenate((first, ranked[~inside]))[:most]))
        found: Ints = grid.unknowns[np.ix_(*chosen)].ravel()
        return found[found >= 0]

    def _terms(self, unknowns: Ints) -> tuple[Ints, Ints, Ints]:
        """Return the classes that sum any of these: class, which of the unknowns, factor."""
        sizes = self._starts[unknowns + 1] - self._starts[unknowns]
        column = np.repeat(np.arange(len(unknowns)), sizes)
        within = np.arange(len(column)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        at = np.repeat(self._starts[unknowns], sizes) + within
        return self._classes[at], column, self._factors[at]

    def _move(self, number: int, by: int, unknowns: Ints, price: Floats) -> Floats | None:
        """Return the cheapest move of these unknowns that takes a class so far; None: none."""
        while True:
            classes, column, factors = self._terms(unknowns)
            touched, row, count = np.unique(classes, return_inverse=True, return_counts=True)
            # What alone would move a sum that must stay does not move.
            stuck = (count[row] == 1) & np.isinf(price[classes])
            if not stuck.any():
                break
            unknowns = np.delete(unknowns, column[stuck])
        is_asked = touched == number
        if not is_asked.any():
            return None
        size, cost = len(unknowns), np.where(is_asked, 0.0, price[touched])
        own = np.zeros(size)
        alone = count[row] == 1
        np.add.at(own, column[alone], cost[row[alone]])
        # Rows: what is asked for, what must stay, and what it costs to move: by two columns more.
        paid = (count > 1) & (cost > 0)
        floor = self._floor[touched]
        kept = paid | is_asked | ((count > 1) & (floor > NO_FLOOR))
        place = np.cumsum(kept) - 1
        extra = place[paid & np.isfinite(cost)]
        least = np.where(floor > NO_FLOOR, floor, -np.inf)
        lower = np.where(is_asked, by, np.where(paid, 0, least))[kept]
        upper = np.where(is_asked, by, np.where(paid, 0, np.inf))[kept]
        charged = cost[paid & np.isfinite(cost)]
        terms, end = kept[row], 2 * (size + len(extra))
        rows = np.concatenate((np.tile(place[row[terms]], 2), np.tile(extra, 2)))
        columns = np.concatenate((column[terms], column[terms] + size, np.arange(2 * size, end)))
        one = np.ones(len(extra))
        values = np.concatenate((factors[terms], -factors[terms], -one, one))
        price = np.concatenate((own, own, charged, charged))
        most = (np.full(size, np.inf), self._down[unknowns], np.full(2 * len(extra), np.inf))
        ends = np.zeros(len(price)), np.concatenate(most)
        self._solver.passModel(program(price, ends, (lower, upper), (rows, columns, values)))
        self._solver.run()
        self.work += 1 + max(0, self._solver.getInfo().simplex_iteration_count)
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = np.array(self._solver.getSolution().col_value)
        move = np.zeros(len(self._down))
        move[unknowns] = solution[:size] - solution[size : 2 * size]
        return move
