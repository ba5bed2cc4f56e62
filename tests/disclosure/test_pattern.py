"""The choice of suppressed cells tells nothing to somebody who runs the software himself."""

from __future__ import annotations

import random

import numpy as np
import pytest

from disclosure_samples import grid, intruder, protect, rules, sampled, table
from jpreport.disclosure.axes import TOTAL
from jpreport.disclosure.pattern import Criteria, _parts, _tables, candidates
from jpreport.disclosure.protect import _Choice

CRITERIA = Criteria(fewest=1, threshold=5, width=4, insider_width=1)


def test_tables_are_listed_as_by_trying_all() -> None:
    chance = random.Random(5)  # noqa: S311 (no secret)
    for _ in range(30):
        rows = np.array([[chance.randint(0, 1) for _ in range(4)] for _ in range(3)])
        rows = np.vstack((rows, np.ones(4, dtype=int)))
        lowest = np.array([chance.randint(0, 1) for _ in range(4)])
        truth = lowest + [chance.randint(0, 4) for _ in range(4)]
        found = _tables(rows, rows @ truth, lowest)
        assert found is not None
        every = np.indices((int(truth.sum()) + 1,) * 4).reshape(4, -1).T
        fits = (every >= lowest).all(axis=1) & (every @ rows.T == rows @ truth).all(axis=1)
        expected = {tuple(map(int, one)) for one in every[fits]}
        assert {tuple(map(int, one)) for one in found} == expected
        assert len(found) == len(expected)


def test_counts_that_nothing_limits_are_too_many() -> None:
    assert _tables(np.array([[1, 1, 0]]), np.array([5]), np.zeros(3, dtype=int)) is None


def test_unknowns_that_tell_nothing_of_each_other_are_apart() -> None:
    # Two rectangles in one table; the grand total ties them only in appearance.
    sums = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1]])
    parts = _parts(sums, np.zeros((0, 4), dtype=int), np.arange(4))
    assert [list(map(int, part)) for part in parts] == [[0, 1], [2, 3]]


def test_the_cheapest_choice_alone_tells_the_small_ones() -> None:
    """Why the choice is played: of this table, a deterministic one gives all six cells away."""
    cube = table(dict(zip(grid(2, 2), (3, 20, 15, 30), strict=True)))
    choice = _Choice(cube, rules(), ())
    trials = choice.trials()
    assert trials.publish(
        [trials.attacker.system.number[(0,), key] for key in cube.cells if TOTAL in key]
    )
    attacker = trials.attacker
    ((_, found),) = candidates(attacker.system, attacker.table, attacker.published, CRITERIA)
    assert found is not None
    # 1 to 17 fit; from 5 to 13 no cell is small, and nothing would be suppressed.
    first = sorted(
        int(found.values[at, 0]) for at in range(len(found.values)) if found.plausible(at)
    )
    assert first == [1, 2, 3, 4, 14, 15, 16, 17]
    assert found.told == ()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(0, 300, 15))
def test_law_who_runs_the_software_learns_no_more(seed: int) -> None:
    """A share of the 300 that `benchmarks/pattern.py` plays."""
    for number in range(seed, seed + 6, 5):
        cube = sampled(number)
        found = protect(cube, rules())
        assert intruder(cube, found.cube).narrow == ()
