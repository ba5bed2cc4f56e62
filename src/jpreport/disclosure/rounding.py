"""Controlled random rounding: a table for readers in which no cell is missing and none is exact.

Every count becomes one of the two multiples of the base beside it (a multiple stays, so that 0
does), and all sums hold: zero-restricted controlled rounding (Cox, "A constructive procedure for
unbiased controlled rounding", JASA 82, 1987; Hundepool et al., Statistical Disclosure Control,
2012). Which of the two a cell gets is drawn by the programme's secret, upward as
often as the count is near the upper one, so that the counts are about right on average.

Somebody who knows the method, the base and all rounded counts b, but not the secret, knows of
each count n that |n - m| < b. That is all: the rounded table itself is a table that could be the
true one, and so is each that one adds up to b - 1 to in one inner cell, or takes from it, for all
sums above move by as much and stay within b - 1. So every count that is b - 1 or less from its
printed one is possible, from 0 on, and an interval of b - 1 at least is left. Nor does the draw
rule any of them out: each rounding of a table is the best one under some secret. To somebody who
is alone in a cell, and knows it, b - 2 is left of all others.

Where no table has all sums so close (in three dimensions and more, or with groups, there may be
none), margins are rounded further, to the next multiples. That it was so is not published: it
would rule out all tables of which it need not be so.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterator, Mapping, Sequence

import highspy
import numpy as np

from jpreport.disclosure.axes import Coordinate, inner_cells
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.protect import Protection
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.solver import Silent
from jpreport.errors import NOWHERE, DisclosureError, Problem

# What a further multiple of a margin costs: more than all draws together.
_FURTHER = 1e4
_GAP = 0.05  # how far from the best draw is good enough, as a share
_NODES = 10_000  # of the search; counted and not timed, so that all machines round alike


def round_cube(  # noqa: PLR0913 (as `protect` has it)
    cube: Cube,
    declaration: Sensitive,
    *,
    secret: bytes,
    previous: Sequence[ProtectedCube] = (),
    hidden: Collection[Coordinate] = (),  # noqa: ARG001 (as `protect` has it: nothing is hidden)
    progress: object = None,  # noqa: ARG001 (the same: it takes no time to speak of)
) -> Protection:
    """Return the cube with every count rounded to a multiple of the declared base.

    The same counts give the same rounded ones under the same secret. Raises DisclosureError where
    an earlier release has other numbers: two roundings of one count narrow it.
    """
    base = declaration.base
    inner = dict(inner_cells(cube.axes))
    leaves = list(inner)
    draws = _draws(leaves, secret, cube.table)
    up, complete = _upward(cube, inner, draws, base)
    rounded = {
        leaf: base * (cube.cells[leaf].value // base + step)
        for leaf, step in zip(leaves, up, strict=True)
    }
    cells = dict.fromkeys(cube.cells, 0)
    for leaf, above in inner.items():
        for cell in above:
            cells[cell] += rounded[leaf]
    released = ProtectedCube.made(cube, declaration, cells, base)
    if any(one != released for one in previous):
        raise DisclosureError(
            Problem(
                NOWHERE.at(cube.table),
                "was published before with other numbers: two roundings of one count narrow it",
                "withdraw the previous release, or publish this one without the table",
            )
        )
    return Protection(released, 0, 0, 0, cube.total.value, 0, 1, complete)


def _draws(leaves: Sequence[Coordinate], secret: bytes, table: str) -> list[float]:
    """Return a number from 0 to 1 for each inner cell, which only the secret tells."""
    keys = (hmac.digest(secret, repr((table, leaf)).encode(), "sha256") for leaf in leaves)
    return [(int.from_bytes(key[:6], "big") + 0.5) / 2**48 for key in keys]


def _upward(
    cube: Cube,
    inner: Mapping[Coordinate, Sequence[Coordinate]],
    draws: Sequence[float],
    base: int,
) -> tuple[list[int], bool]:
    """Return 1 for each inner cell that is rounded up, else 0; and whether the search ended."""
    rest = [cube.cells[leaf].value % base for leaf in inner]
    free = [at for at, more in enumerate(rest) if more]
    column = {at: place for place, at in enumerate(free)}
    members: dict[Coordinate, list[int]] = {}
    for at, (leaf, above) in enumerate(inner.items()):
        for cell in above:
            if at in column and cell != leaf:
                members.setdefault(cell, []).append(column[at])
    # Cells of the same inner cells are one row.
    rows = list(dict.fromkeys(map(tuple, members.values())))
    solver = Silent()
    nothing = np.array([], dtype=np.int32), np.array([], dtype=float)
    for at in free:
        solver.addCol(draws[at] - rest[at] / base, 0.0, 1.0, 0, *nothing)
    for _ in range(2 * len(rows)):
        solver.addCol(_FURTHER, 0.0, highspy.kHighsInf, 0, *nothing)
    for number in range(solver.getNumCol()):
        solver.changeColIntegrality(number, highspy.HighsVarType.kInteger)
    for row, own in enumerate(rows):
        # What is rounded up less what is rounded away lies less than one base from 0.
        away = sum(rest[free[at]] for at in own)
        ends = (away - (base - 1)) / base, (away + (base - 1)) / base
        terms = [*own, len(free) + 2 * row, len(free) + 2 * row + 1]
        factors = np.array([*[1.0] * len(own), 1.0, -1.0])
        solver.addRow(*ends, len(terms), np.array(terms, dtype=np.int32), factors)
    up = [0] * len(inner)
    if free:
        solver.setOptionValue("mip_rel_gap", _GAP)
        solver.setOptionValue("mip_max_nodes", _NODES)
        solver.run()
        values = solver.getSolution().col_value
        for at in free:
            up[at] = round(values[column[at]]) if len(values) else int(draws[at] < rest[at] / base)
    done = not free or solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return up, done


def unsound(cube: ProtectedCube, truth: Cube | None = None) -> Iterator[str]:
    """Yield why a rounded cube does not keep what the method promises; nothing if it does.

    The promise rests on these alone: all are multiples of the base, all sums hold, every inner
    cell lies less than the base from its true count.
    """
    base = cube.base
    if any(value is None or value % base or value < 0 for value in cube.cells.values()):
        yield f"not every count is a multiple of {base}"
        return
    sums = dict.fromkeys(cube.cells, 0)
    inner = dict(inner_cells(cube.axes))
    for leaf, above in inner.items():
        for cell in above:
            sums[cell] += cube.cells[leaf] or 0
    if sums != dict(cube.cells):
        yield "the counts do not add up"
    if base - 1 < cube.width:
        yield "the base is too small for what is promised"
    if truth is not None:
        far = sum(abs((cube.cells[leaf] or 0) - truth.cells[leaf].value) >= base for leaf in inner)
        if far:
            yield f"{far} counts are further from the true ones than is said"
