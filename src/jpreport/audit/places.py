"""Which cell of a protected cube a figure, or the cell of a table, stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from jpreport.audit.claims import Claim
from jpreport.audit.words import words
from jpreport.data.sql import SqlError, equalities
from jpreport.disclosure.axes import TOTAL, Coordinate
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.protected import ProtectedCube
from jpreport.language import Wording


class Places:
    """Finds cells of one protected cube, whose labels may be told in further languages."""

    def __init__(
        self, cube: ProtectedCube, declaration: Sensitive, languages: Sequence[Wording] = ()
    ) -> None:
        self.cube = cube
        self._axes = {axis.name: axis for axis in cube.axes}
        self._axis_of = {name: name for name in self._axes} | {
            dimension.column: dimension.name
            for dimension in declaration.dimensions
            if not dimension.derive and not dimension.ranges
        }
        self._labels: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        for axis in cube.axes:
            for label in axis.labels[:-1]:
                # What two languages say alike is told once.
                said = {label, *(one.term(label) for one in languages)}
                for name in {tuple(words(one)) for one in said}:
                    self._labels.setdefault(name, []).append((axis.name, label))
        derived = [one.name for one in declaration.dimensions if one.derive == "year"]
        numbered = [
            axis.name
            for axis in cube.axes
            if all(re.fullmatch(r"\d{4}", label) for label in axis.leaves)
        ]
        self._years = next(iter((*derived, *numbered)), "")
        # A table's headers are asked for with each of its numbers.
        self._named = lru_cache(None)(lambda part: self._labels.get(tuple(words(part)), ()))

    def _coordinate(self, at: Mapping[str, str]) -> Coordinate:
        return tuple(at.get(axis.name, TOTAL) for axis in self.cube.axes)

    def _conditions(self, condition: str) -> dict[str, str] | None:
        """Return what a filter fixes; None where it says more than equalities."""
        try:
            fixed = equalities(condition)
        except SqlError:
            return None
        at: dict[str, str] = {}
        for column, label in fixed.items():
            name = self._axis_of.get(column, "")
            if not name or label not in self._axes[name].labels or at.get(name, label) != label:
                return None
            at[name] = label
        return at

    def sums(self, claim: Claim) -> tuple[tuple[Coordinate, ...], ...]:
        """Return the cells, or the sums of cells, that a figure may stand for; none: no cell.

        A figure for part of the programme is the sum of its years, unless it is not dated.
        """
        at = self._conditions(claim.condition)
        if at is None:
            return ()
        whole = (self._coordinate(at),)
        period = claim.key.period
        if not self._years or self._years in at or period is None:
            return (whole,)
        years = range(period.start.year, period.end.year + 1)
        known = [str(year) for year in years if str(year) in self._axes[self._years].leaves]
        return (whole, tuple(self._coordinate({**at, self._years: year}) for year in known))

    def cell(self, headers: Iterable[str]) -> Coordinate | None:
        """Return the cell that a table's headers name; None where they name none, or several."""
        at: dict[str, str] = {}
        for header in headers:
            for part in header.split("\n"):
                for name, label in self._named(part):
                    if at.setdefault(name, label) != label:
                        return None
        return self._coordinate(at) if at else None
