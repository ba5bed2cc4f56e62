"""The attacker finds what listing every table finds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure_samples import grid, table
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.release import audit
from jpreport.disclosure.trials import Interval
from jpreport.errors import DisclosureError

Leaf = tuple[str, ...]


def shown(cube: Cube, hidden: set[Leaf], zeros: str = "publish", width: int = 4) -> ProtectedCube:
    """A cube with some cells suppressed, whatever follows from the others."""
    cells = {key: None if key in hidden else cell.value for key, cell in cube.cells.items()}
    return ProtectedCube("t", "persons", cube.axes, width + 1, width, zeros, cells)  # type: ignore[arg-type]


def above(cube: ProtectedCube, leaf: Leaf) -> Iterator[Leaf]:
    return itertools.product(*(axis.upward(one) for axis, one in zip(cube.axes, leaf, strict=True)))


def spread(total: int, ends: list[tuple[int, int]]) -> Iterator[tuple[int, ...]]:
    """Every way to make up a total of counts between these ends."""
    if not ends:
        if not total:
            yield ()
        return
    (lowest, highest), *others = ends
    for value in range(lowest, min(highest, total) + 1):
        for rest in spread(total - value, others):
            yield (value, *rest)


def fitting(cube: ProtectedCube) -> list[dict[Leaf, int]]:
    """Every table of a small cube that has all its published numbers, the total among them."""
    leaves = list(itertools.product(*(axis.leaves for axis in cube.axes)))
    total = cube.cells[("total",) * len(cube.axes)]
    assert total is not None
    shown = [cube.cells[leaf] for leaf in leaves]
    ends = [(cube.lowest, total) if value is None else (value, value) for value in shown]
    found = []
    for values in spread(total, ends):
        sums = dict.fromkeys(cube.cells, 0)
        for leaf, value in zip(leaves, values, strict=True):
            for cell in above(cube, leaf) if value else ():
                sums[cell] += value
        if all(sums[key] == value for key, value in cube.published.items()):
            found.append(sums)
    return found


@st.composite
def published(draw: st.DrawFn) -> tuple[Cube, ProtectedCube]:
    """Small tables of few persons, some of their cells suppressed at random, never the total."""
    keys = grid(*draw(st.sampled_from([(2, 2), (2, 3), (2, 2, 2), (5,)])))
    numbers = dict.fromkeys(keys, 0)
    for key in draw(st.lists(st.sampled_from(keys), min_size=1, max_size=8)):
        numbers[key] += 1
    cube = table(numbers)
    zeros = draw(st.sampled_from(("publish", "cover")))
    total = ("total",) * len(cube.axes)
    may = [
        key for key, cell in cube.cells.items() if key != total and (cell.value or zeros == "cover")
    ]
    hidden = {key for key in may if draw(st.integers(0, 3))}
    return cube, shown(cube, hidden, zeros)


@given(published())
@settings(max_examples=80, deadline=None)
def test_law_what_listing_finds_the_attacker_finds(case: tuple[Cube, ProtectedCube]) -> None:
    truth, cube = case
    tables = fitting(cube)
    ranges = {
        key: Interval(min(one[key] for one in tables), max(one[key] for one in tables))
        for key in cube.suppressed
    }
    expected = {key: one for key, one in ranges.items() if one.width < cube.width}
    assert {one.cell: one.interval for one in audit(cube)} == expected
    if not expected:
        insiders = set()
        for leaf in itertools.product(*(axis.leaves for axis in cube.axes)):
            if truth.cells[leaf].value != 1:
                continue
            knows = [key for key in above(cube, leaf) if truth.cells[key].value == 1]
            same = [one for one in tables if all(one[key] == 1 for key in knows)]
            insiders |= {
                (leaf, key)
                for key in cube.suppressed
                if key not in knows
                and 0 < truth.cells[key].value < cube.threshold
                and len({one[key] for one in same}) == 1
            }
        found = audit(cube, truth=truth)
        assert {(one.knower, one.cell) for one in found} == insiders


def test_each_line_has_two_suppressed_cells_and_yet_one_follows() -> None:
    lines = [(30, 47, 64, 89), (90, 124, 5, 31), (92, 100, 59, 85), (800, 991, 651, 685)]
    numbers = {
        (f"a{row}", f"b{at}"): value
        for row, line in enumerate(lines)
        for at, value in enumerate(line)
    }
    cells = {(0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 1), (2, 3), (3, 1), (3, 3)}
    cube = shown(table(numbers), {(f"a{row}", f"b{at}") for row, at in cells}, width=1)
    assert {(one.cell, str(one.interval)) for one in audit(cube)} == {(("a0", "b1"), "47")}


def test_a_count_that_nothing_limits_is_not_found_out() -> None:
    cube = shown(table({("a",): 3, ("b",): 4}), {("b",), ("total",)})
    assert audit(cube) == ()
    assert str(Interval(3, None)) == "3 or more"


def test_numbers_that_no_table_has_are_refused() -> None:
    cube = shown(table({("a",): 3, ("b",): 4}), set())
    wrong = ProtectedCube("t", "persons", cube.axes, 5, 4, "publish", {**cube.cells, ("a",): 2})
    with pytest.raises(DisclosureError, match="contradict"):
        audit(wrong)
