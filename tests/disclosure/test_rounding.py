"""Controlled rounding: sums hold, and no count is known closer than the base."""

from __future__ import annotations

import random
from itertools import product

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure_samples import SECRET, counted, declared, grid, protect, rules, table
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.rounding import round_cube, unsound
from jpreport.disclosure.solver import Silent
from jpreport.disclosure.statement import statement
from jpreport.errors import DisclosureError

SHAPES = ((3,), (2, 3), (3, 4), (2, 2, 3))


@st.composite
def cubes(draw: st.DrawFn) -> Cube:
    keys = grid(*draw(st.sampled_from(SHAPES)))
    numbers = draw(st.lists(st.integers(0, 14), min_size=len(keys), max_size=len(keys)))
    groups = draw(st.sampled_from([{}, {"a0": "A", "a1": "A"}]))
    return table(dict(zip(keys, numbers, strict=True)), groups)


def known(
    cube: ProtectedCube, given: dict[tuple[str, ...], int]
) -> dict[tuple[str, ...], tuple[int, int]]:
    """What each count can be to who knows method and base, and some counts besides.

    By two integer programs a cell, over the inner cells: nothing of the house's own reckoning.
    """
    leaves = list(product(*(axis.leaves for axis in cube.axes)))
    solver = Silent()
    nothing = np.array([], dtype=np.int32), np.array([], dtype=float)
    for leaf in leaves:
        value = cube.cells[leaf] or 0
        low, high = max(0, value - cube.base + 1), value + cube.base - 1
        own = given.get(leaf)
        solver.addCol(0.0, *map(float, (low, high) if own is None else (own, own)), 0, *nothing)
        solver.changeColIntegrality(solver.getNumCol() - 1, highspy.HighsVarType.kInteger)
    sums: dict[tuple[str, ...], list[int]] = {}
    for at, leaf in enumerate(leaves):
        chains = (axis.upward(one) for axis, one in zip(cube.axes, leaf, strict=True))
        for cell in product(*chains):
            sums.setdefault(cell, []).append(at)
    for cell, own in sums.items():
        value = cube.cells[cell] or 0
        ends = float(value - cube.base + 1), float(value + cube.base - 1)
        solver.addRow(*ends, len(own), np.array(own, dtype=np.int32), np.ones(len(own)))
    found = {}
    for cell, own in sums.items():
        ends = []
        for sign in (1.0, -1.0):
            for at in range(len(leaves)):
                solver.changeColCost(at, sign * (at in own))
            solver.run()
            assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
            ends.append(round(sign * solver.getInfo().objective_function_value))
        found[cell] = ends[0], ends[1]
    return found


@settings(max_examples=12)
@given(cubes(), st.integers(5, 8))
def test_sums_hold_and_no_count_is_known_closer_than_the_base(truth: Cube, base: int) -> None:
    rule = rules(method="round", base=base)
    rounded = round_cube(truth, rule, secret=SECRET).cube
    assert list(unsound(rounded, truth)) == []
    assert rounded.suppressed == ()
    assert all(rounded.cells[key] == 0 for key, cell in truth.cells.items() if not cell.value)
    for low, high in known(rounded, {}).values():
        assert high - low >= base - 1


@settings(max_examples=10)
@given(cubes(), st.integers(5, 6))
def test_somebody_alone_in_a_cell_knows_no_other_count(truth: Cube, base: int) -> None:
    rounded = round_cube(truth, rules(method="round", base=base), secret=SECRET).cube
    leaves = list(product(*(axis.leaves for axis in rounded.axes)))
    alone = next((leaf for leaf in leaves if truth.cells[leaf].persons == 1), None)
    # Margins that had to be rounded further are further from anything that could be known.
    near = all(abs(rounded.cells[key] - own.value) < base for key, own in truth.cells.items())
    if alone is not None and near:
        for cell, (low, high) in known(rounded, {alone: 1}).items():
            mine = all(
                up in axis.upward(one)
                for axis, one, up in zip(rounded.axes, alone, cell, strict=True)
            )
            assert mine or high - low >= base - 2


def test_two_ways_are_rounded_to_a_neighbour_everywhere_and_right_on_average() -> None:
    chance = random.Random(7)  # noqa: S311 (no secret)
    keys = grid(8, 8)
    above = 0
    for run in range(12):
        truth = table({key: chance.choice([0, 0, 1, 2, 3, 7, 11]) for key in keys})
        rounded = round_cube(truth, rules(method="round", base=5), secret=bytes([run]) * 32).cube
        gaps = {key: rounded.cells[key] - cell.value for key, cell in truth.cells.items()}
        assert all(abs(gap) < 5 for gap in gaps.values())
        above += sum(gaps[key] for key in keys)
    assert abs(above) < 12 * 5


def test_the_same_counts_are_rounded_alike_and_others_not_published_beside_them() -> None:
    truth = table(dict(zip(grid(3, 3), [0, 1, 2, 3, 4, 5, 6, 7, 8], strict=True)))
    rule = rules(method="round", base=5)
    first = round_cube(truth, rule, secret=SECRET).cube
    assert round_cube(truth, rule, secret=SECRET, previous=[first]).cube == first
    assert ProtectedCube.from_json(first.to_json()) == first
    more = table(dict(zip(grid(3, 3), [9, 1, 2, 3, 4, 5, 6, 7, 18], strict=True)))
    with pytest.raises(DisclosureError, match="two roundings of one count"):
        round_cube(more, rule, secret=SECRET, previous=[first])
    with pytest.raises(DisclosureError, match="a previous release has rounded counts"):
        protect(more, rules(), previous=[first])
    said = " ".join(map(str, statement(first, rule)))
    assert "rounded to base 5: each differs from the true one by at most 4;" in said


def test_a_sparse_table_keeps_its_numbers() -> None:
    chance = random.Random(3)  # noqa: S311 (no secret)
    counts = dict.fromkeys(grid(6, 8), 0)
    for key in chance.choices(list(counts), k=70):
        counts[key] += 1
    truth = table(counts)
    hidden = protect(truth, rules()).cube
    rounded = round_cube(truth, rules(method="round", base=5), secret=SECRET).cube
    assert len(hidden.suppressed) > len(hidden.cells) / 2
    assert rounded.suppressed == ()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"method": "round", "base": 4}, "use 5 or more"),
        ({"method": "round", "threshold": 10}, ""),
        ({"method": "round", "count": "records"}, "only counts of persons are rounded"),
        ({"method": "round", "sums": ["age"]}, "leave it out"),
        ({"base": 5}, 'no "method": "round"'),
        ({"method": "noise"}, 'cannot be "noise"'),
    ],
)
def test_what_does_not_fit_rounding_is_refused(raw: dict[str, object], said: str) -> None:
    if not said:
        assert declared(**raw).base == 10
        assert counted([], **raw).total.value == 0
        return
    with pytest.raises(DisclosureError, match=said):
        declared(**raw)
