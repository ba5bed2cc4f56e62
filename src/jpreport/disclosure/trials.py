"""Trials of what may be published: the attacker is asked only what its witnesses don't answer."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jpreport.disclosure.attacker import Attacker, Flags, Interval
from jpreport.disclosure.system import Ints, Key

# Of so many refuted witnesses each, two are tried together.
_EXCHANGED = 6


@dataclass(frozen=True, slots=True)
class Insider:
    """A single person: the cell in which they are alone, and the classes that they know."""

    name: Key
    knows: tuple[int, ...]


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


class Witnesses:
    """Tables that fit what is published, as moves of all classes from the given table."""

    def __init__(self, classes: int, insiders: Sequence[Insider]) -> None:
        # Each insider knows something, so that none of these parts is empty.
        self._known = np.array([at for one in insiders for at in one.knows], dtype=np.int64)
        sizes = [0, *(len(one.knows) for one in insiders)]
        self._parts = np.cumsum(sizes)[:-1]
        self.moves = np.zeros((64, classes), dtype=np.int32)
        # Those that fit, of these those that the trial at hand refutes, and by insider those
        # that leave what they know as it is.
        self.fit = np.zeros(64, dtype=bool)
        self.refuted = np.zeros(64, dtype=bool)
        self.aloof = np.zeros((64, len(insiders)), dtype=bool)
        self._used = 0

    def add(self, move: Ints) -> None:
        """Keep a move that fits."""
        if self._used == len(self.moves):
            self._make_room()
        at, self._used = self._used, self._used + 1
        self.moves[at], self.fit[at], self.refuted[at] = move, True, False
        if len(self._parts):
            self.aloof[at] = ~np.logical_or.reduceat(move[self._known] != 0, self._parts)

    def _make_room(self) -> None:
        """Forget the moves that don't fit any more; if most do, take more room."""
        kept = np.flatnonzero(self.fit)
        size = len(self.moves) * (2 if 2 * len(kept) > len(self.moves) else 1)
        for name in ("moves", "fit", "refuted", "aloof"):
            old: npt.NDArray[np.generic] = getattr(self, name)
            new = np.zeros((size, *old.shape[1:]), dtype=old.dtype)
            new[: len(kept)] = old[kept]
            setattr(self, name, new)
        self._used = len(kept)

    def refute(self, published: Sequence[int]) -> Flags:
        """Take those out for now that have other numbers; return the classes that lose one."""
        standing = self.fit & ~self.refuted
        out = standing & (self.moves[:, published] != 0).any(axis=1)
        self.refuted |= out
        lost: Flags = (self.moves[out] != 0).any(axis=0)
        return lost

    def settle(self, *, done: bool) -> None:
        """End a trial: what it refuted is out for good, or is in again."""
        if done:
            self.fit &= ~self.refuted
        self.refuted[:] = False

    def reach(self, classes: Ints) -> tuple[Ints, Ints]:
        """Return how far up and down the witnesses go, by class."""
        moves = self.moves[np.ix_(self.fit & ~self.refuted, classes)]
        return moves.max(axis=0, initial=0), moves.min(axis=0, initial=0)

    def reach_of(self, number: int) -> tuple[Ints, Ints]:
        """Return the same of one class, by insider: by tables that have what the insider knows."""
        at = np.flatnonzero(self.fit & ~self.refuted & (self.moves[:, number] != 0))
        moves = self.aloof[at] * self.moves[at, number][:, None]
        return moves.max(axis=0, initial=0), moves.min(axis=0, initial=0)


class Trials:
    """What can be published so that all needs are met, one trial after the other."""

    def __init__(self, attacker: Attacker, needs: Needs) -> None:
        self.attacker, self.needs = attacker, needs
        self.witnesses = Witnesses(len(attacker.values), needs.insiders)
        # How much the attacker may have worked in all; what it hasn't answered by then is no.
        self.limit = math.inf
        # The classes that the trial at hand publishes.
        self._fresh = np.array([], dtype=np.int64)
        self._blamed = np.zeros(len(attacker.values), dtype=np.int64)
        self._small = np.zeros(len(attacker.values), dtype=bool)
        self._small[list(needs.small)] = needs.insider_width > 0

    def exposed(self, *, outsiders_only: bool = False) -> tuple[Exposed, ...]:
        """Return everything that is found out too closely as things stand.

        What insiders find out is asked only where nobody else finds out anything.
        """
        everything = np.ones(len(self.attacker.values), dtype=bool)
        found = tuple(self._openly(everything))
        return found if found or outsiders_only else tuple(self._inside(everything))

    def publish(self, classes: Collection[int]) -> bool:
        """Publish classes if that exposes nothing; return whether it was done.

        What then follows closely is published as well if it may be: the second of two sexes goes
        with the first. Nothing must be exposed at first, which is what `exposed` finds out. It is
        not done where the `limit` of work doesn't let it be found out.
        """
        done: list[int] = []
        lost = np.zeros(len(self.attacker.values), dtype=bool)
        fresh = {number for number in classes if not self.attacker.published[number]}
        while fresh:
            self.attacker.publish(fresh)
            done += fresh
            self._fresh = np.array(done)
            lost |= self.witnesses.refute(list(fresh))
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
        up, down = self.witnesses.reach(classes)
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
        move = self._exchanged(number, width)
        if move is None:
            yield from self._search(number, width, up, down)
        else:
            yield move

    def _exchanged(self, number: int, width: int) -> Ints | None:
        """Return the difference or the sum of two refuted witnesses, if it fits.

        What they do to the newly published classes must cancel out.
        """
        moves = self.witnesses.moves
        out = np.flatnonzero(self.witnesses.refuted)
        touching = out[moves[out, number] != 0][-_EXCHANGED:]
        changes = moves[np.ix_(out, self._fresh)]
        for one in touching:
            for sign in (-1, 1):
                far = np.abs(moves[one, number] + sign * moves[out, number]) >= width
                same = (changes == -sign * moves[one, self._fresh]).all(axis=1)
                for other in out[far & same][-_EXCHANGED:]:
                    move: Ints = moves[one].astype(np.int64) + sign * moves[other]
                    if self.attacker.fits(move):
                        return move
        return None

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
        if attacker.work >= self.limit:
            raise _SpentError
        for by in (width - down, up - width):
            move = attacker.step(number, by)
            if move is not None:
                yield move
                return
        value = int(attacker.values[number])
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
