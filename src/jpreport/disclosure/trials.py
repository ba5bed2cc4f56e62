"""Trials of what may be published: the attacker is asked only what its witnesses don't answer."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from jpreport.disclosure.attacker import Attacker, Flags
from jpreport.disclosure.system import Ints, Key
from jpreport.disclosure.witnesses import Insider, Witnesses


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


@dataclass(frozen=True, slots=True)
class Needs:
    """What must stay uncertain, by class.

    `width` is how far apart a class's lowest and highest must be where it is hidden (0: anyone
    may know it). `fixed` classes are no choice of ours: they are to be hidden, or belong to
    another release. `change` classes say only what was added between releases: to know that closely
    is harmful where it is more than nothing and less than `threshold`. No one of the `insiders` may
    know another of the `small` classes to less than `insider_width`.
    """

    width: Ints
    fixed: Flags
    change: Flags
    threshold: int
    insiders: tuple[Insider, ...] = ()
    small: tuple[int, ...] = ()
    insider_width: int = 1

    def harmful(self, number: int, interval: Interval) -> bool:
        """Whether to know a class so closely singles out anybody."""
        if interval.width >= self.width[number]:
            return False
        if not self.change[number]:
            return True
        above = 0 < interval.lower < self.threshold
        below = interval.upper is not None and -self.threshold < interval.upper < 0
        return above or below


@dataclass(frozen=True, slots=True)
class Exposed:
    """A class that is found out too closely: by everyone, or by one insider."""

    number: int
    interval: Interval
    knower: Key | None = None


class _SpentError(Exception):
    """The attacker has worked as much as it may."""


class Trials:
    """What can be published so that all needs are met, one trial after the other."""

    def __init__(self, attacker: Attacker, needs: Needs) -> None:
        self.attacker, self.needs = attacker, needs
        self.witnesses = Witnesses(len(attacker.values), needs.insiders)
        # How much the attacker may have worked in all; what it hasn't answered by then is no. Of
        # a large system the whole is asked up to some work only, and then what is near a class.
        self.limit = self.whole = math.inf
        # The classes that the trial at hand publishes, and those that have not been asked for yet.
        self._fresh: set[int] = set()
        self._unasked = np.ones(len(attacker.values), dtype=bool)
        self._blamed = np.zeros(len(attacker.values), dtype=np.int64)
        self._small = np.zeros(len(attacker.values), dtype=bool)
        self._small[list(needs.small)] = needs.insider_width > 0
        attacker.prefer(needs.fixed)

    def exposed(self, *, outsiders_only: bool = False) -> tuple[Exposed, ...]:
        """Return everything that is found out too closely as things stand.

        What insiders find out is asked only where nobody else finds out anything.
        """
        everything = np.ones(len(self.attacker.values), dtype=bool)
        found = tuple(self._openly(everything))
        if not found and not outsiders_only:
            found = tuple(self._inside(everything))
        self._unasked[:] = bool(found)
        return found

    def publish(self, classes: Collection[int]) -> bool:
        """Publish classes if that exposes nothing; return whether it was done.

        What then follows closely is published as well if it may be: the second of two sexes goes
        with the first. It is not done where the `limit` of work doesn't let it be found out.
        """
        done = self._fresh = set()
        lost = self._unasked.copy()
        fresh = {number for number in classes if not self.attacker.published[number]}
        while fresh:
            self.attacker.publish(fresh)
            done |= fresh
            lost |= self.witnesses.refute(fresh)
            try:
                follow = self._follow(lost)
            except _SpentError:
                follow = None
            if follow is None:
                self.attacker.hide(done)
                self.witnesses.settle(done=False)
                return False
            fresh = follow
        self.witnesses.settle(done=True)
        self._unasked[:] = False
        return True

    def _follow(self, asked: Flags) -> set[int] | None:
        """Return what follows of the classes asked for; None where that must not be."""
        follow = set()
        for one in self._openly(asked):
            if self.needs.fixed[one.number]:
                self._blamed[one.number] += 1
                return None
            follow.add(one.number)
        return None if not follow and any(self._inside(asked)) else follow

    def _openly(self, asked: Flags) -> Iterator[Exposed]:
        """Yield what everyone finds out; first of that which must not be known at all."""
        needs = self.needs
        classes = np.flatnonzero(asked & ~self.attacker.published & (needs.width > 0))
        # One that must not be known ends a trial, and most often one that has done so before.
        classes = classes[np.lexsort((-self._blamed[classes], ~needs.fixed[classes]))]
        reach = [self.witnesses.reach(number) for number in map(int, classes)]
        up, down = np.array(reach, dtype=np.int64).reshape(-1, 2).T.copy()
        for place, number in enumerate(map(int, classes)):
            if up[place] - down[place] >= needs.width[number]:
                continue
            interval = None
            for move in self._answers(number, int(needs.width[number]), up[place], -down[place]):
                if isinstance(move, Interval):
                    interval = move
                    break
                self.witnesses.add(move)
                np.maximum(up, move[classes], out=up)
                np.minimum(down, move[classes], out=down)
            if interval and needs.harmful(number, interval):
                yield Exposed(number, interval)

    def _answers(self, number: int, width: int, up: int, down: int) -> Iterator[Ints | Interval]:
        """Yield moves as `_search` does, without the attacker where witnesses do together."""
        together = self.witnesses.exchanged(number, width, self._fresh)
        move = next(filter(self.attacker.fits, together), None)
        if move is None:
            yield from self._search(number, width, up, down)
        else:
            yield move

    def lacking(self, number: int) -> list[tuple[int, ...]]:
        """Return what insiders know, of those to whom no witnesses keep a small class apart."""
        up, down = self.witnesses.reach_of(number)
        known = (
            self.needs.insiders[at].knows
            for at in map(int, np.flatnonzero(up - down < self.needs.insider_width))
        )
        return [knows for knows in known if number not in knows]

    def _inside(self, asked: Flags) -> Iterator[Exposed]:
        """Yield what insiders find out."""
        needs = self.needs
        for number in map(int, np.flatnonzero(asked & self._small & ~self.attacker.published)):
            up, down = self.witnesses.reach_of(number)
            for place in map(int, np.flatnonzero(up - down < needs.insider_width)):
                insider = needs.insiders[place]
                if number in insider.knows:
                    continue
                up, down = self.witnesses.reach_of(number)
                if up[place] - down[place] >= needs.insider_width:
                    continue
                with self.attacker.held(insider.knows):
                    for move in self._search(
                        number, needs.insider_width, int(up[place]), -int(down[place])
                    ):
                        if isinstance(move, Interval):
                            yield Exposed(number, move, insider.name)
                        else:
                            self.witnesses.add(move)

    def _search(self, number: int, width: int, up: int, down: int) -> Iterator[Ints | Interval]:
        """Yield moves that show a class to be so wide; at last its interval if it is narrower.

        `up` and `down` are how far it is known to go.
        """
        attacker = self.attacker
        steps = (width - down, up - width)
        only_near = attacker.is_large and attacker.work >= self.whole
        # How harmful it is to know a change depends on where exactly it lies.
        if attacker.work >= self.limit or (only_near and self.needs.change[number]):
            raise _SpentError
        looks = (attacker.near,) if only_near else (attacker.near, attacker.step)
        moves = (look(number, by) for look in looks for by in steps)
        move = next((move for move in moves if move is not None), None)
        value = int(attacker.values[number])
        if move is not None or only_near:
            yield Interval(value - down, value + up) if move is None else move
            return
        highest = attacker.farthest(number, upward=True, enough=width, seen=up)
        if highest.move is not None:
            yield highest.move
        above = width if highest.by is None else highest.by
        if above < width:
            lowest = attacker.farthest(number, upward=False, enough=width - above, seen=down)
            if lowest.move is not None:
                yield lowest.move
            below = width if lowest.by is None else lowest.by
            if above + below < width:
                yield Interval(value - below, value + above)
