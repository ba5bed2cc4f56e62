"""Compare every number that a release gives of a sensitive table with its protected cube."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jpreport.audit.claims import PUBLISHED, RECORDS, Claim, Number, claims_in, shown_in, tables_in
from jpreport.audit.items import Data, Grid, Item
from jpreport.audit.places import Places
from jpreport.disclosure import Coordinate, Cube, ProtectedCube, Sensitive
from jpreport.errors import Place, Problem

_HINT = "build the release again; no notebook or setting may state what the cube does not"
_NUMBER = re.compile(r"\s*(\d{1,3}(?:[,\u202f\u00a0 ]\d{3})+|\d+)(?:\.0+)?\s*")
# How probable it may be that a table agrees with the true counts by chance.
_CHANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Case:
    """One sensitive table of a release: its rules, its cube, its true counts where known."""

    declaration: Sensitive
    cube: ProtectedCube
    truth: Cube | None = None

    @property
    def table(self) -> str:
        """The table's name."""
        return self.declaration.table

    def named(self, cell: Coordinate) -> str:
        """Return a cell in words."""
        labels = zip(self.cube.axes, cell, strict=True)
        return ", ".join(f"{axis.name} {label}" for axis, label in labels if label != "total")


@dataclass(slots=True)
class Numbers:
    """What was found: problems, how many numbers were compared, what suppressed cells were told."""

    problems: dict[Problem, None] = field(default_factory=dict)
    compared: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    told: dict[str, dict[Coordinate, int]] = field(default_factory=lambda: defaultdict(dict))

    def fault(self, where: Place, message: str) -> None:
        """Note a problem."""
        self.problems[Problem(where, message, _HINT)] = None


class Comparison:
    """Goes through the items of a release for numbers that the protected cubes do not have.

    Figures are compared cell by cell. Tables without figures are recognized by their headers
    and numbers, which takes the true counts. Prose is not read.
    """

    def __init__(self, cases: Sequence[Case]) -> None:
        self.cases = {case.table: case for case in cases}
        self.places = {case.table: Places(case.cube, case.declaration) for case in cases}
        self.result = Numbers()
        self._hidden: set[tuple[str, str, str]] = set()
        self._given: set[str] = set()
        self._derived: list[Claim] = []
        self._shown: list[tuple[Place, str, str]] = []

    def item(self, item: Item) -> None:
        """Take in one item of the release."""
        if not isinstance(item, Grid | Data):
            return
        for claim in claims_in(item):
            if claim.table in self.cases:
                self._claim(claim, self.cases[claim.table])
            elif claim.parents:
                self._derived.append(claim)
        self._shown += shown_in(item)
        for grid in tables_in(item):
            for case in self.cases.values():
                if case.truth is not None:
                    self._grid(grid, case, case.truth)

    def _claim(self, claim: Claim, case: Case) -> None:
        self.result.compared[case.table] += claim.value is not None
        sums = self.places[case.table].sums(claim)
        if not sums:
            self.result.fault(
                claim.place, f'counts what is no cell of the protected cube of "{case.table}"'
            )
            return
        cells = case.cube.cells
        allowed: set[Number] = set()
        for parts in sums:
            values = [cells.get(part) for part in parts]
            known = [value for value in values if value is not None]
            if len(known) == len(values):
                allowed.add(sum(known))
        if allowed:
            self._given.add(claim.id)
        else:
            self._hidden.add((claim.id, claim.start, claim.end))
        single = next((parts[0] for parts in sums if len(parts) == 1), None)
        for name, number in (("value", claim.value), *claim.numbers):
            # What was published elsewhere may differ; where the cube is silent, nothing may stand.
            stated = name == PUBLISHED and allowed
            if number is None or stated or number in allowed or (name == RECORDS and not number):
                continue
            verdict = "is not the one in" if allowed else "is suppressed in"
            self.result.fault(
                claim.place, f'gives a {name} that {verdict} the protected cube of "{case.table}"'
            )
            if not allowed and single is not None and float(number).is_integer():
                self.result.told[case.table][single] = int(number)

    def _grid(self, grid: Grid, case: Case, truth: Cube) -> None:
        """Look for a table, by no figure, that shows true counts of suppressed cells."""
        columns = list(_columns(grid, self.places[case.table]))
        for group in (*columns, [cell for column in columns for cell in column]):
            told = _agreeing(group, case, truth)
            if told:
                self.result.told[case.table] |= told
                first = case.named(next(iter(told)))
                self.result.fault(
                    grid.where,
                    f'shows counts that the protected cube of "{case.table}" suppresses: '
                    f"{len(told)} cells, the first at {first}",
                )
                return

    def finish(self) -> Numbers:
        """Return what was found, with what takes a look at all figures together."""
        for claim in self._derived:
            hidden = [
                name for name in claim.parents if (name, claim.start, claim.end) in self._hidden
            ]
            if claim.value is not None and hidden:
                self.result.fault(
                    claim.place, f"is made from a number that is suppressed: {hidden[0]}"
                )
        # A table's cell names a figure and no period: one that is suppressed in all of them.
        silent = {name for name, _, _ in self._hidden} - self._given
        for where, figure, text in self._shown:
            if figure in silent and re.search(r"\d", text):
                self.result.fault(
                    where.at(f"figure {figure}"), "a table shows a number that is suppressed"
                )
        return self.result


Cell = tuple[Coordinate, int]


def _columns(grid: Grid, places: Places) -> Iterator[list[Cell]]:
    """Yield, for each column of a table, the numbers whose place in the cube its headers tell."""
    header, *rows = grid.rows
    for at, title in enumerate(header):
        found: list[Cell] = []
        for row in rows:
            match = _NUMBER.fullmatch(row[at]) if at < len(row) else None
            if match is None:
                continue
            beside = [text for place, text in enumerate(row) if place != at]
            cell = places.cell((title, *beside))
            if cell is not None:
                found.append((cell, int(re.sub(r"\D", "", match[1]))))
        yield found


def _agreeing(cells: Sequence[Cell], case: Case, truth: Cube) -> dict[Coordinate, int]:
    """Return the suppressed cells that are told, if all agree with the truth, and not by chance."""
    chance = 1.0
    told: dict[Coordinate, int] = {}
    for cell, number in cells:
        if truth.cells[cell].value != number:
            return {}
        chance /= number + 2
        if case.cube.cells.get(cell) is None:
            told[cell] = number
    return told if chance < _CHANCE else {}


def small_cells(case: Case) -> Mapping[Coordinate, int]:
    """Return published cells that hold fewer persons than the threshold, with their counts."""
    least = 0 if case.cube.zeros == "protect" else 1
    found = {}
    for cell, value in case.cube.published.items():
        persons = value if case.truth is None else case.truth.cells[cell].persons
        if least <= persons < case.declaration.threshold:
            found[cell] = value
    return found
