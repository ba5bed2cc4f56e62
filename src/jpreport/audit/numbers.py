"""Compare every number that a release gives of a sensitive table with its protected cube."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from jpreport.audit.claims import STATED, Claim, Number, Shown, claims_in, tables_in
from jpreport.audit.items import Data, Grid, Item, Unread
from jpreport.audit.places import Places
from jpreport.data.sql import SqlError, aggregate
from jpreport.disclosure.axes import Coordinate
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.protected import ProtectedCube
from jpreport.errors import Place, Problem
from jpreport.figures import FigureKey, FigureRecord
from jpreport.figures.arithmetic import value_of
from jpreport.language import Wording
from jpreport.programme.folder import SETTINGS_FILE
from jpreport.programme.framework import Indicator

RECORDS = "number of records"
_HINT = "build the release again; no notebook or setting may state what the cube does not"
# Whole numbers, with a comma or a point between thousands: either may be meant.
_NUMBERS = tuple(
    re.compile(rf"\s*(\d{{1,3}}(?:[{group}\u202f\u00a0 ]\d{{3}})+|\d+)(?:{point}0+)?\s*")
    for group, point in ((",", r"\."), (r"\.", ","))
)
# How probable it may be that a table agrees with the true counts by chance.
_CHANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Case:
    """One sensitive table of a release: its rules, its cube, its true counts where known."""

    declaration: Sensitive
    cube: ProtectedCube
    truth: Cube | None = None
    column: str = ""

    @property
    def table(self) -> str:
        """The table's name, with the column whose sums these are."""
        return _name(self.declaration.table, self.column)

    def of(self, column: str) -> Case:
        """Return the case of the sums of a column."""
        truth = self.truth.of(column) if self.truth else None
        return replace(self, cube=self.cube.of(column), truth=truth, column=column)

    def named(self, cell: Coordinate) -> str:
        """Return a cell in words."""
        labels = zip(self.cube.axes, cell, strict=True)
        return ", ".join(f"{axis.name} {label}" for axis, label in labels if label != "total")


@dataclass(slots=True)
class Numbers:
    """What was found: problems, how many numbers were compared, suppressed cells with counts."""

    problems: dict[Problem, None] = field(default_factory=dict)
    compared: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    given_away: dict[str, dict[Coordinate, int]] = field(default_factory=lambda: defaultdict(dict))

    def fault(self, where: Place, message: str) -> None:
        """Note a problem."""
        self.problems[Problem(where, message, _HINT)] = None


def _name(table: str, column: str) -> str:
    return f"{table}, sum of {column}" if column else table


def _summed(measure: str) -> str:
    """Return the column that a measure is the sum of; "" for any other measure."""
    try:
        read = aggregate(measure)
    except SqlError:
        return ""
    return read.column if read.function == "sum" and not read.distinct else ""


class Comparison:
    """Goes through the items of a release for numbers that the protected cubes do not have.

    Figures are compared cell by cell; what is made from them is computed again. `declared` are
    the programme's indicators, `languages` the further ones of its reports. Tables without figures
    are recognized by their headers and numbers, which takes the true counts. Prose is not read.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        declared: Mapping[str, Indicator],
        languages: Sequence[Wording] = (),
    ) -> None:
        self.cases = {case.table: case for case in cases}
        self.places = {case.table: Places(case.cube, case.declaration, languages) for case in cases}
        self.declared = declared
        self.result = Numbers()
        self._records: dict[FigureKey, FigureRecord] = {}
        self._languages: dict[FigureKey, dict[str, None]] = {}
        # Each once: the files of a release repeat their figures.
        self._made: dict[Claim, None] = {}
        self._shown: dict[Shown, None] = {}

    def item(self, item: Item) -> None:
        """Take in one item of the release."""
        if not isinstance(item, Grid | Data):
            return
        for found in claims_in(item):
            match found:
                case Unread():
                    self.result.fault(found.where, found.why)
                case Shown():
                    self._shown[found] = None
                case Claim():
                    self._take(found)
        for grid in tables_in(item):
            for case in self.cases.values():
                if case.truth is not None:
                    self._grid(grid, case, case.truth)

    def _take(self, claim: Claim) -> None:
        if claim.record:
            self._records.setdefault(claim.key, claim.record)
            self._languages.setdefault(claim.key, {})[claim.record.language] = None
        if not self._is_sensitive(claim.key) and claim.table not in self.cases:
            return
        case = self.cases.get(_name(claim.table, _summed(claim.measure)))
        if claim.formula:
            self._made[replace(claim, record=None)] = None
        elif case is not None:
            self._claim(claim, case)
        else:
            self.result.fault(claim.place, f'is said to count records of "{claim.table}"')

    def _is_sensitive(self, key: FigureKey) -> bool:
        """Whether an indicator that a figure is, or is made from, is over a sensitive table."""
        names = set(key.indicators)
        for name in key.indicators:
            if indicator := self.declared.get(name):
                names |= {indicator.numerator, indicator.denominator}
        return any(one.table in self.cases for name in names if (one := self.declared.get(name)))

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
        single = next((parts[0] for parts in sums if len(parts) == 1), None)
        given = [("value", claim.value), (RECORDS, claim.records or None)]
        if not allowed:
            # Where the cube is silent, no number may stand, whoever stated it.
            given += [
                (f"{name} value", number) for name, number in zip(STATED, claim.stated, strict=True)
            ]
        for name, number in given:
            if number is None or number in allowed:
                continue
            verdict = "is not the one in" if allowed else "is suppressed in"
            self.result.fault(
                claim.place, f'gives a {name} that {verdict} the protected cube of "{case.table}"'
            )
            if not allowed and single is not None and float(number).is_integer():
                self.result.given_away[case.table][single] = int(number)
        if allowed:
            self._compare_stated(claim)

    def _compare_stated(self, claim: Claim) -> None:
        """Compare what a figure is measured against with what the settings state."""
        indicator = self.declared.get(claim.key.indicator)
        whole = indicator is not None and not claim.key.part
        for name, number in zip(STATED, claim.stated, strict=True):
            if number != (getattr(indicator, name) if whole else None):
                self.result.fault(
                    claim.place, f"gives a {name} value that {SETTINGS_FILE} does not"
                )

    def _compare_made(self, claim: Claim) -> None:
        """Compare a figure that is made from others with what these give."""
        terms = [self._records[key] for key in claim.terms if key in self._records]
        if claim.formula is None or len(terms) < len(claim.terms):
            missing = next(key for key in claim.terms if key not in self._records)
            self.result.fault(claim.place, f"is made from a figure that is nowhere: {missing}")
            return
        self._compare_stated(claim)
        hidden = [term.id for term in terms if term.suppressed]
        if claim.value is not None and hidden:
            self.result.fault(claim.place, f"is made from a number that is suppressed: {hidden[0]}")
            return
        value = value_of(claim.formula.operation, [term.figure() for term in terms])
        if not _same(claim.value, value):
            self.result.fault(claim.place, "gives a value that does not follow from its formula")
        if claim.records not in (None, sum(term.derivation.records for term in terms)):
            self.result.fault(claim.place, f"gives a {RECORDS} that its figures do not have")

    def _compare_shown(self, shown: Shown, records: Sequence[FigureRecord]) -> None:
        """Compare a text with the figure that it is said to show, of whichever period."""
        # Where it is not said in which language a text is, it is in one of the figure's.
        languages = [shown.language] if shown.language else self._spoken(records)
        stated = [one for tag in languages if (one := Wording(tag).read(shown.text))]
        values = [record.value for record in records if record.value is not None]
        if stated and not any(one.fits(value) for one in stated for value in values):
            place = shown.where.at(f"figure {shown.name}")
            silent = all(record.suppressed for record in records)
            what = "a number that is suppressed" if silent else "another number than the figure"
            self.result.fault(place, f"a table shows {what}")

    def _spoken(self, records: Sequence[FigureRecord]) -> list[str]:
        """Return the languages that some figures are told in."""
        return list({tag: None for one in records for tag in self._languages[one.dated]})

    def _grid(self, grid: Grid, case: Case, truth: Cube) -> None:
        """Look for a table, by no figure, that shows true counts of suppressed cells."""
        groups: list[list[Cell]] = []
        for pattern in _NUMBERS:
            columns = list(_columns(grid, self.places[case.table], pattern))
            groups += [*columns, [cell for column in columns for cell in column]]
        for group in groups:
            found = _agreeing(group, case, truth)
            if found:
                self.result.given_away[case.table] |= found
                first = case.named(next(iter(found)))
                self.result.fault(
                    grid.where,
                    f'shows counts that the protected cube of "{case.table}" suppresses: '
                    f"{len(found)} cells, the first at {first}",
                )
                return

    def finish(self) -> Numbers:
        """Return what was found, with what takes a look at all figures together."""
        for claim in self._made:
            self._compare_made(claim)
        named: dict[str, list[FigureRecord]] = defaultdict(list)
        for key, record in self._records.items():
            if self._is_sensitive(key):
                named[record.id].append(record)
                named[str(key)].append(record)
        for shown in self._shown:
            if shown.name in named:
                self._compare_shown(shown, named[shown.name])
        return self.result


def _same(one: Number | None, other: Number | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9)


Cell = tuple[Coordinate, int]


def _columns(grid: Grid, places: Places, number: re.Pattern[str]) -> Iterator[list[Cell]]:
    """Yield, for each column of a table, the numbers whose place in the cube its headers tell."""
    header, *rows = grid.rows
    for at, title in enumerate(header):
        found: list[Cell] = []
        for row in rows:
            match = number.fullmatch(row[at]) if at < len(row) else None
            if match is None:
                continue
            beside = [text for place, text in enumerate(row) if place != at]
            cell = places.cell((title, *beside))
            if cell is not None:
                found.append((cell, int(re.sub(r"\D", "", match[1]))))
        yield found


def _agreeing(cells: Sequence[Cell], case: Case, truth: Cube) -> dict[Coordinate, int]:
    """Return the suppressed cells shown, if all cells agree with the truth, and not by chance."""
    chance = 1.0
    found: dict[Coordinate, int] = {}
    for cell, number in cells:
        if truth.cells[cell].value != number:
            return {}
        chance /= number + 2
        if case.cube.cells.get(cell) != number:
            found[cell] = number
    return found if chance < _CHANCE else {}


def small_cells(case: Case) -> Mapping[Coordinate, int]:
    """Return published cells that hold fewer persons than the threshold, with their counts."""
    least = 0 if case.cube.zeros == "protect" else 1
    found: dict[Coordinate, int] = {}
    if case.column and case.truth is None:
        return found  # how many persons are in a sum, the records tell
    for cell, value in case.cube.published.items():
        persons = value if case.truth is None else case.truth.cells[cell].persons
        if least <= persons < case.declaration.threshold:
            found[cell] = value
    return found
