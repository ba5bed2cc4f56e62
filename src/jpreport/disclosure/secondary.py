"""Choose which further classes to hide: the cheapest moves of those that must not be known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cached_property

import numpy as np
import numpy.typing as npt

from jpreport.disclosure.attacker import TOLERANCE, Attacker, Flags
from jpreport.disclosure.system import NO_FLOOR, Ints
from jpreport.disclosure.trials import Trials

Prices = npt.NDArray[np.float64]

# What it costs to move an inner cell that is hidden already: of two ways, the shorter.
_HIDDEN = 1e-3
# What a move near a class may cost, in typical prices of an inner cell: so much is taken at once,
# and more than so much only where there is none of the whole table.
_CHEAP, _DEAR = 8.0, 64.0
# How often other prices are tried where the cheapest move is fractional.
_FRACTIONS = 3


class _Mover(Attacker):
    """An attacker who may move what is not hidden yet, at a price: it has to be hidden then.

    Each row has two columns more: how far a sum that is to be published goes up and down.
    """

    def __init__(self, attacker: Attacker, price: Prices, hidden: Flags, limit: float) -> None:
        super().__init__(attacker.system, attacker.table, exact=False)
        self.hidden = np.zeros(len(price), dtype=bool)
        self._to_hide, self._limit = price, limit
        rows = np.flatnonzero(self._row >= 0)
        count, no_floor = len(rows), self._floor[rows] <= NO_FLOOR
        self._extra = 2 * self.size
        self._linear.addCols(
            2 * count,
            np.tile(price[rows], 2),
            np.zeros(2 * count),
            np.concatenate(
                (np.full(count, np.inf), np.where(no_floor, np.inf, -self._floor[rows]))
            ),
            2 * count,
            np.arange(2 * count, dtype=np.int32),
            np.tile(np.arange(count, dtype=np.int32), 2),
            np.repeat((-1.0, 1.0), count),
        )
        for row in range(count):
            self._linear.changeRowBounds(row, 0.0, 0.0)
        own = np.zeros(self.size)
        alone = np.flatnonzero(self._column >= 0)
        own[self._column[alone]] = price[alone]
        chance = np.random.default_rng(0)
        base = np.concatenate((own, own, price[rows], price[rows]))
        self._free_prices = [_HIDDEN * prices for prices in self._prices]
        self._prices = [base] + [
            base * np.exp(chance.normal(scale=0.7, size=len(base))) for _ in range(_FRACTIONS)
        ]
        self._charge(base)
        self.publish(np.flatnonzero(attacker.published))
        self._close(np.flatnonzero(attacker.published))
        self.cover(np.flatnonzero(hidden))

    def _close(self, classes: Iterable[int]) -> None:
        """Let sums move no more but by their parts."""
        count = int((self._row >= 0).sum())
        for row in self._row[list(classes)]:
            if row >= 0:
                for column in (self._extra + row, self._extra + count + row):
                    self._linear.changeColBounds(int(column), 0.0, 0.0)

    def cover(self, classes: Iterable[int]) -> None:
        """Take classes as hidden from now on: to move them costs next to nothing."""
        classes = list(map(int, classes))
        self.hidden[classes] = True
        self._close(classes)
        for number in classes:
            column = int(self._column[number])
            if column < 0:
                self._free(number)
                continue
            for at in (column, column + self.size):
                for prices, free in zip(self._prices, self._free_prices, strict=False):
                    prices[at] = free[at]
                self._linear.changeColCost(at, self._charged[at])

    def move(self, trials: Trials, number: int, steps: tuple[int, int]) -> None:
        """Move a class one way or the other; the move is a witness of the trials."""
        for by in steps:
            move = self.shift(number, by)
            if move is not None:
                trials.witnesses.add(move)
                return

    def shift(self, number: int, by: int) -> Ints | None:
        """Return a move that takes a hidden class so far, whatever it moves is hidden.

        None where there is none, or where all that were found are fractions.
        """
        if by < self._lowest_step(number):
            return None
        if (near := self._shift_near(number, by)) is not None:
            return near
        if self.work >= self._limit:
            return None
        self._ask(number, by, by)
        try:
            for prices in self._prices:
                self._charge(prices)
                move = self._run()
                if move is None:
                    return None
                moved = np.abs(self.system.values(move)) > TOLERANCE  # type: ignore[arg-type]
                self.cover(np.flatnonzero(moved & ~self.hidden))
                if (found := self._multiple(move)) is not None:
                    return found
            return None
        finally:
            self._free(number)
            self._charge(self._prices[0])

    def _shift_near(self, number: int, by: int) -> Ints | None:
        """Return a cheap move as `shift` does, of a few unknowns of a large table."""
        found, least = None, math.inf
        for move in self.nearby(
            number, by, np.where(self.hidden, _HIDDEN * self._price, self._to_hide)
        ):
            cost = self._to_hide[(move != 0) & ~self.hidden].sum() / self._typical
            if cost < least:
                found, least = move, cost
            if cost <= _CHEAP:
                break
        if found is None or (least > _DEAR and self.work < self._limit):
            return None
        self.cover(np.flatnonzero((found != 0) & ~self.hidden))
        return found

    @cached_property
    def _typical(self) -> float:
        """What it costs to hide an inner cell, most often."""
        return float(np.median(self._to_hide[self._column >= 0]))


def hidden_by_moves(
    trials: Trials,
    price: Prices,
    *,
    work: float,
    progress: Callable[[int], None] = lambda _done: None,
) -> Flags:
    """Return the classes to hide so that those that must not be known can be moved.

    `price` is what it costs to hide each class. The moves are kept as witnesses of the trials. What
    is returned is no proof: only trials tell whether the others may be published. `progress` is
    told how many of the classes that must not be known were done. After so much `work` of the
    attacker moves are looked for only near a class.
    """
    attacker, needs = trials.attacker, trials.needs
    must = needs.fixed & ~attacker.published
    mover = _Mover(attacker, price, must, work)
    change = np.abs(attacker.values)
    asked = must & (needs.width > 0)
    asked &= ~needs.change | ((change > 0) & (change < needs.threshold))
    waiting = sorted(map(int, np.flatnonzero(asked)), key=lambda number: -price[number])
    first, done = len(waiting), 0
    while waiting:
        covered = mover.hidden.copy()
        for number in waiting:
            width = int(needs.width[number])
            up, down = trials.witnesses.reach(number)
            if up - down < width:
                mover.move(trials, number, (width + down, up - width))
            done += 1
            progress(min(done, first))
        for number in needs.small:
            asked_of: set[tuple[int, ...]] = set()
            width = int(needs.width[number])
            known = set().union(*trials.lacking(number))
            while known and any(trials.witnesses.reach(number)):
                with mover.held(known):
                    mover.move(trials, number, (width, -width))
                lacking = [knows for knows in trials.lacking(number) if knows not in asked_of]
                known = set(lacking[0]) if lacking else set()
                asked_of.update(lacking[:1])
        waiting = list(map(int, np.flatnonzero(mover.hidden & ~covered)))
    attacker.work += mover.work
    hidden: Flags = mover.hidden
    return hidden
