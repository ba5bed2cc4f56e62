"""Tables that fit what is published: witnesses of how uncertain each class is."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from jpreport.disclosure.attacker import Flags
from jpreport.disclosure.system import Ints, Key

# Of so many refuted witnesses each, two are tried together.
_EXCHANGED = 6


@dataclass(frozen=True, slots=True)
class Insider:
    """A single person: the cell in which they are alone, and the classes that they know."""

    name: Key
    knows: tuple[int, ...]


class Witnesses:
    """Tables that fit what is published, as moves from the given table, by class."""

    def __init__(self, classes: int, insiders: Sequence[Insider]) -> None:
        self._classes, self._insiders = classes, len(insiders)
        self._knowing: dict[int, list[int]] = {}
        for place, one in enumerate(insiders):
            for number in one.knows:
                self._knowing.setdefault(number, []).append(place)
        # Which classes a witness moves, and how far; by class, which witnesses move it, how far.
        self._moves: dict[int, tuple[Ints, Ints]] = {}
        self._moving: list[dict[int, int]] = [{} for _ in range(classes)]
        # By witness, the insiders who know something that it moves.
        self._unlike: dict[int, list[int]] = {}
        # Those that the trial at hand refutes, and, by what they do to its classes, which do it.
        self._refuted: dict[int, None] = {}
        self._alike: dict[tuple[tuple[int, int], ...], list[int]] = {}
        self._names = iter(range(2**62))

    def add(self, move: Ints) -> None:
        """Keep a move that fits."""
        name = next(self._names)
        touched = np.flatnonzero(move)
        self._moves[name] = touched, move[touched]
        self._unlike[name] = sorted(
            {place for number in map(int, touched) for place in self._knowing.get(number, ())}
        )
        for number, by in zip(touched.tolist(), move[touched].tolist(), strict=True):
            self._moving[number][name] = by

    def refute(self, published: Iterable[int]) -> Flags:
        """Take those out for now that have other numbers; return the classes that lose one."""
        self._alike.clear()
        lost = np.zeros(self._classes, dtype=bool)
        for number in published:
            for name in self._moving[number]:
                if name not in self._refuted:
                    self._refuted[name] = None
                    lost[self._moves[name][0]] = True
        return lost

    def settle(self, *, done: bool) -> None:
        """End a trial: what it refuted is out for good, or is in again."""
        if done:
            for name in self._refuted:
                touched, _ = self._moves.pop(name)
                del self._unlike[name]
                for number in map(int, touched):
                    del self._moving[number][name]
        self._refuted.clear()
        self._alike.clear()

    def reach(self, number: int) -> tuple[int, int]:
        """Return how far up and down the witnesses go in a class."""
        moving = self._moving[number].items()
        standing = [0, *(by for name, by in moving if name not in self._refuted)]
        return max(standing), min(standing)

    def reach_of(self, number: int) -> tuple[Ints, Ints]:
        """Return the same by insider: by tables that have what the insider knows."""
        names = [name for name in self._moving[number] if name not in self._refuted]
        moves = np.zeros((len(names), self._insiders), dtype=np.int64)
        for row, name in enumerate(names):
            moves[row] = self._moving[number][name]
            moves[row, self._unlike[name]] = 0
        return moves.max(axis=0, initial=0), moves.min(axis=0, initial=0)

    def _does(self, name: int, fresh: Container[int]) -> tuple[tuple[int, int], ...]:
        """Return which of some classes a witness moves, and how far."""
        touched, by = self._moves[name]
        pairs = zip(touched.tolist(), by.tolist(), strict=True)
        return tuple(pair for pair in pairs if pair[0] in fresh)

    def exchanged(self, number: int, width: int, fresh: Container[int]) -> Iterator[Ints]:
        """Yield differences and sums of two refuted witnesses that may fit and move a class so far.

        What they do to the newly published classes, `fresh`, cancels out.
        """
        if not self._alike:
            for name in self._refuted:
                self._alike.setdefault(self._does(name, fresh), []).append(name)
        moves = self._moving[number]
        touching = [name for name in self._refuted if name in moves]
        for one in touching[-_EXCHANGED:]:
            does = self._does(one, fresh)
            for sign in (-1, 1):
                others = self._alike.get(tuple((at, -sign * by) for at, by in does), ())
                far = [
                    other
                    for other in others
                    if abs(moves[one] + sign * moves.get(other, 0)) >= width
                ]
                for other in far[-_EXCHANGED:]:
                    move = np.zeros(self._classes, dtype=np.int64)
                    for name, factor in ((one, 1), (other, sign)):
                        touched, by = self._moves[name]
                        move[touched] += factor * by
                    yield move
