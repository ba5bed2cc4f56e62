from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import highspy
import numpy as np

from jpreport.data import Field, Resource
from jpreport.disclosure import protect as choice
from jpreport.disclosure.axes import TOTAL, Axis, coordinates
from jpreport.disclosure.cube import Counted, Cube, build_cube
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.declared import read_sensitive
from jpreport.disclosure.pattern import Candidates, Criteria, candidates
from jpreport.disclosure.protect import Protection, _Choice
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.solver import Silent
from jpreport.disclosure.unsuppress import unsuppress
from jpreport.errors import Place

FIELDS = (
    Field("service_id", unique=True),
    Field("person_id"),
    Field("sex", enum=("Female", "Male")),
    Field("age", type="integer"),
    Field("shelter", enum=("Belgrade", "Niš", "Novi Sad")),
    Field("region"),
    Field("provided_on", type="date"),
    Field("note"),
)
RESOURCE = Resource("services", Path("services.csv"), "services.csv", "csv", FIELDS)
REGIONS = {"Belgrade": "North", "Novi Sad": "North", "Niš": "South"}
_TYPES = {"integer": "BIGINT", "date": "DATE"}


Bounds = tuple[int, int | None]


def grid(*sizes: int) -> list[tuple[str, ...]]:
    """The inner cells of a cube of so many values by dimension."""
    names = [[f"{'abcd'[at]}{n}" for n in range(size)] for at, size in enumerate(sizes)]
    return list(product(*names))


def intervals(cube: ProtectedCube) -> dict[tuple[str, ...], Bounds]:
    """What each suppressed cell can be, by two integer programs a cell over all cells.

    Another formulation than the attacker's: every cell is an unknown, and each group or total is
    the sum of its parts.
    """
    solver = Silent()
    cells = list(cube.cells)
    at = {key: number for number, key in enumerate(cells)}
    nothing = np.array([], dtype=np.int32), np.array([], dtype=float)
    for value in cube.cells.values():
        ends = (cube.lowest, highspy.kHighsInf) if value is None else (value, value)
        solver.addCol(0.0, *map(float, ends), 0, *nothing)
        solver.changeColIntegrality(solver.getNumCol() - 1, highspy.HighsVarType.kInteger)
    for place, axis in enumerate(cube.axes):
        for way, key in product(axis.hierarchies, cells):
            parts = [one for one, above in way.items() if above == key[place]]
            if parts:
                terms = [at[key], *(at[(*key[:place], one, *key[place + 1 :])] for one in parts)]
                factors = np.array([-1.0, *[1.0] * len(parts)])
                solver.addRow(0.0, 0.0, len(terms), np.array(terms, dtype=np.int32), factors)
    found: dict[tuple[str, ...], Bounds] = {}
    for key in cube.suppressed:
        ends = []
        for sign in (1.0, -1.0):
            solver.changeColCost(at[key], sign)
            solver.run()
            done = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
            ends.append(round(solver.getSolution().col_value[at[key]]) if done else None)
            solver.changeColCost(at[key], 0.0)
        assert ends[0] is not None
        found[key] = ends[0], ends[1]
    return found


SECRET = bytes(range(32))


def protect(cube: Cube, rule: Sensitive, **more: Any) -> Protection:  # noqa: ANN401
    """Protect with a secret of our own."""
    return choice.protect(cube, rule, secret=SECRET, **more)


# A schema for each table of records: to open a database takes longer than to count one.
_DATABASE = duckdb.connect(config={"threads": 1})
_SCHEMAS = itertools.count()


class Rows:
    """Records in DuckDB, as `jpreport.data.Records` hands them out."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self.connection = _DATABASE.cursor()
        name = f"s{next(_SCHEMAS)}"
        self.connection.execute(f"CREATE SCHEMA {name}; USE {name}")
        columns = ", ".join(f'"{f.name}" {_TYPES.get(f.type, "VARCHAR")}' for f in FIELDS)
        self.connection.execute(f"CREATE TABLE services ({columns})")
        marks = ", ".join("?" * len(FIELDS))
        values = [[row.get(field.name) for field in FIELDS] for row in rows]
        if values:
            every = ", ".join([f"({marks})"] * len(values))
            given = [one for row in values for one in row]
            self.connection.execute(f"INSERT INTO services VALUES {every}", given)  # noqa: S608

    def query(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql, list(params)).fetchall()


def declared(**raw: Any) -> Sensitive:  # noqa: ANN401
    base = {"unit": "person_id", "dimensions": ["sex", "shelter"]}
    return read_sensitive({**base, **raw}, RESOURCE, Place("data/datapackage.json"))


def counted(rows: Iterable[Mapping[str, Any]], **raw: Any) -> Cube:  # noqa: ANN401
    return build_cube(declared(**raw), RESOURCE, Rows(rows))


def rules(**settings: Any) -> Sensitive:  # noqa: ANN401
    return Sensitive(table="t", unit="person_id", dimensions=(), **settings)


def table(
    counts: Mapping[tuple[str, ...], int], *parents: Mapping[str, str] | Sequence[Mapping[str, str]]
) -> Cube:
    """A cube of persons from the counts of its inner cells.

    `parents` by axis: {} for none, several for several hierarchies.
    """
    size = len(next(iter(counts)))
    axes = []
    for place in range(size):
        leaves = dict.fromkeys(key[place] for key in counts)
        given = parents[place] if place < len(parents) else {}
        ways = [
            {leaf: groups.get(leaf, TOTAL) for leaf in leaves}
            | dict.fromkeys(dict.fromkeys(groups.values()), TOTAL)
            for groups in ([given] if isinstance(given, Mapping) else given or [{}])
        ]
        axes.append(Axis(f"d{place}", f"d{place}", ways[0], others=tuple(ways[1:])))
    sums: Counter[tuple[str, ...]] = Counter()
    for key, number in counts.items():
        for cell in product(*(axis.upward(one) for axis, one in zip(axes, key, strict=True))):
            sums[cell] += number
    cells = {key: Counted(sums[key], sums[key], min(1, sums[key])) for key in coordinates(axes)}
    return Cube("t", "persons", tuple(axes), cells)


SHAPES = ((2, 2), (2, 3), (3, 3), (3, 4), (2, 4), (2, 2, 3))


def sampled(seed: int) -> Cube:
    """A small cube of 40 to 100 persons, unevenly spread."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    keys = grid(*SHAPES[seed % len(SHAPES)])
    weights = [chance.expovariate(1) for _ in keys]
    counts = dict.fromkeys(keys, 0)
    for key in chance.choices(keys, weights, k=chance.randint(40, 100)):
        counts[key] += 1
    return table(counts)


@dataclass(frozen=True)
class Intrusion:
    """What somebody finds out who runs the software on every table that fits.

    `exact` and `narrow` cells are known exactly, and to less than promised; `listed` says whether
    all tables could be listed.
    """

    exact: tuple[tuple[str, ...], ...]
    narrow: tuple[tuple[str, ...], ...]
    listed: bool


def comes_out(cube: Cube, suppressed: frozenset[tuple[str, ...]]) -> bool:
    """Whether the software suppresses these cells of a table under some secret.

    It is run, in an order that a secret can bring about: these cells last.
    """
    choice = _Choice(cube, rules(), ())
    trials = choice.trials()
    costs = choice.costs(trials)
    order = [int(number) for number in np.flatnonzero(~trials.needs.fixed)]
    order.sort(key=lambda number: any(cell in suppressed for cell in costs[number][1]))
    unsuppress(trials, order)
    return choice.hidden(trials) == suppressed


def intruder(truth: Cube, released: ProtectedCube) -> Intrusion:
    """Play the intruder who keeps the tables from which the printed cells come out."""
    choice = _Choice(truth, rules(), ())
    trials = choice.trials()
    system, attacker = trials.attacker.system, trials.attacker
    keys = (((0,), cell) for cell in released.published)
    attacker.publish({system.number[key] for key in keys if key in system.number})
    criteria = Criteria(1, 5, 4, 1)
    parts = candidates(system, attacker.table, attacker.published, criteria)
    suppressed = frozenset(released.suppressed)
    exact: list[tuple[str, ...]] = []
    narrow: list[tuple[str, ...]] = []
    for classes, found in parts:
        if found is None:
            continue
        cells = [[cell for _, cell in system.members[number]] for number in classes]

        @cache
        def kept(at: int, found: Candidates = found, cells: list[Any] = cells) -> bool:
            counts = {key: truth.cells[key].value for key in choice.inner}
            for column, own in enumerate(cells):
                counts |= {key: int(found.values[at, column]) for key in own if key in counts}
            return comes_out(table(counts), suppressed)

        for column, own in enumerate(cells):
            order = list(map(int, np.argsort(found.values[:, column], kind="stable")))
            ends = [next(filter(kept, some), None) for some in (order, order[::-1])]
            values = [int(found.values[at, column]) for at in ends if at is not None]
            if not values or values[-1] - values[0] < released.width:
                narrow += own
            if not values or values[-1] == values[0]:
                exact += own
    return Intrusion(tuple(exact), tuple(narrow), all(found is not None for _, found in parts))
