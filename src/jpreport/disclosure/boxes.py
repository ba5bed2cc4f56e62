"""Moves along a box: they leave most margins as they are, and need no linear program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from jpreport.disclosure.axes import TOTAL, Axis, Coordinate

Places = npt.NDArray[np.int64]
Prices = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of one table in their dimensions.

    `unknowns` are those of the inner cells, -1 where none is; `classes` those of all cells. By
    dimension, `place` says where a value stands, `beside` which other values are of the same
    group, and `above` where it and what is above it stand among all labels, level by level.
    """

    unknowns: Places
    classes: Places
    place: tuple[Mapping[str, int], ...]
    beside: tuple[tuple[Places, ...], ...]
    above: tuple[Places, ...]

    @classmethod
    def of(
        cls,
        axes: Sequence[Axis],
        unknown: Mapping[Coordinate, int],
        number: Mapping[Coordinate, int],
    ) -> Grid:
        """Return the grid of a table, from the unknowns of inner cells and the class of each."""
        beside, above = [], []
        for axis in axes:
            groups = [axis.upward(leaf)[1:] for leaf in axis.leaves]
            own = np.array([groups.index(one) for one in groups])
            every = np.arange(len(own))
            same = (own[:, None] == own) & (every[:, None] != every)
            beside.append(tuple(np.flatnonzero(row) for row in same))
            at = {label: place for place, label in enumerate(axis.labels)}
            chains = [[at[label] for label in axis.upward(leaf)] for leaf in axis.leaves]
            longest = max(map(len, chains))
            above.append(np.array([[*one, *one[-1:] * (longest - len(one))] for one in chains]).T)
        inner = product(*(axis.leaves for axis in axes))
        cells = product(*(axis.labels for axis in axes))
        return cls(
            np.array([unknown.get(leaf, -1) for leaf in inner]).reshape(
                [len(axis.leaves) for axis in axes]
            ),
            np.array([number.get(cell, -1) for cell in cells]).reshape(
                [len(axis.labels) for axis in axes]
            ),
            tuple({leaf: place for place, leaf in enumerate(axis.leaves)} for axis in axes),
            tuple(beside),
            tuple(above),
        )

    def box(
        self, cell: Coordinate, by: int, price: Prices, room: npt.NDArray[np.float64]
    ) -> tuple[Places, Places] | None:
        """Return the cheapest box that moves a cell: its corners, as unknowns, and their moves.

        Next to each other they move by `by` and by as much the other way, all at one value of those
        dimensions of which the cell is a total. `price` is what it costs to move each class (an
        infinite one is not paid), `room` how far down each unknown may move.
        """
        fixed = [label != TOTAL for label in cell]
        sides = list(product(*((False, True) if one else (False,) for one in fixed)))
        ranges = []
        for label, place, beside in zip(cell, self.place, self.beside, strict=True):
            if label == TOTAL:
                every = np.arange(len(place))
                ranges.append((every, every))
            elif label in place and len(beside[place[label]]):
                ranges.append((np.array([place[label]]), beside[place[label]]))
            else:
                return None
        cost = np.zeros([len(across) for _, across in ranges])
        levels = [
            range(1 if one else len(above)) for one, above in zip(fixed, self.above, strict=True)
        ]
        for side in sides:
            chosen = [own[across] for own, across in zip(ranges, side, strict=True)]
            corner = self.unknowns[np.ix_(*chosen)]
            paid = np.where(corner < 0, np.inf, 0.0)
            if (by > 0) == bool(sum(side) % 2):
                paid = np.where(room[corner] >= abs(by), paid, np.inf)
            for lift in product(*levels):
                labels = [
                    above[level][at]
                    for level, above, at in zip(lift, self.above, chosen, strict=True)
                ]
                paid = paid + price[self.classes[np.ix_(*labels)]]
            cost = cost + paid
            if not np.isfinite(cost).any():
                return None
        best = np.unravel_index(int(cost.argmin()), cost.shape)
        corners = [
            tuple(
                int(own[across][at if across or not one else 0])
                for own, across, at, one in zip(ranges, side, best, fixed, strict=True)
            )
            for side in sides
        ]
        moves = [by * (-1) ** sum(side) for side in sides]
        return np.array([self.unknowns[corner] for corner in corners]), np.array(moves)
