from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from pathlib import Path

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure_samples import SECRET, protect, rules, table
from jpreport.disclosure import protect as choice
from jpreport.disclosure.axes import TOTAL
from jpreport.disclosure.cache import protect_once
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.protect import Protection
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.release import audit
from jpreport.disclosure.solver import Silent
from jpreport.errors import DisclosureError

SEXES, PLACES = ("Female", "Male"), ("Belgrade", "Niš", "Novi Sad")
KEYS = [(sex, place) for sex in SEXES for place in PLACES]
FIRST = dict(zip(KEYS, (24, 17, 9, 12, 8, 15), strict=True))
AT = ("Female", "Niš")


def later(first: dict[tuple[str, str], int], *added: tuple[str, str]) -> Cube:
    return table({key: number + added.count(key) for key, number in first.items()})


def test_one_new_record_is_found_by_comparing_two_releases() -> None:
    before = protect(table(FIRST), rules()).cube
    now = later(FIRST, AT)
    naive = protect(now, rules()).cube
    assert before.suppressed == naive.suppressed == ()
    seen = audit(naive, previous=[before])
    assert {one.edition for one in seen} == {"change"}
    assert {one.cell for one in seen} == {AT, (TOTAL, "Niš"), ("Female", TOTAL), (TOTAL, TOTAL)}
    assert {str(one.interval) for one in seen} == {"1"}


def test_with_the_previous_release_at_hand_nothing_is_found() -> None:
    before = protect(table(FIRST), rules()).cube
    now = later(FIRST, AT)
    found = protect(now, rules(), previous=[before])
    assert found.cube.cells[AT] is None
    assert found.cube.cells[TOTAL, TOTAL] is None
    assert audit(found.cube, previous=[before]) == ()
    assert audit(found.cube, previous=[before], truth=now) == ()


def test_a_later_release_can_expose_an_earlier_one() -> None:
    # Men in Niš were hidden to hide others; that nobody joined them is told by a later release.
    first = dict(zip(KEYS, (20, 4, 2, 7, 9, 20), strict=True))
    before = protect(table(first), rules()).cube
    assert audit(before) == ()
    added = [key for key, times in zip(KEYS, (8, 7, 6, 8, 0, 7), strict=True) for _ in range(times)]
    now = later(first, *added)
    naive = protect(now, rules()).cube
    assert naive.suppressed == ()
    told = {one.cell: str(one.interval) for one in audit(naive, previous=[before])}
    assert told["Female", "Niš"] == "4 to 5"
    assert told["Female", "Novi Sad"] == "1 to 2"
    found = protect(now, rules(), previous=[before])
    assert audit(found.cube, previous=[before]) == ()


def test_what_was_withdrawn_is_no_contradiction() -> None:
    before = protect(table(FIRST), rules()).cube
    fewer = later(dict(FIRST) | {AT: 11})
    found = protect(fewer, rules(), previous=[before])
    assert audit(found.cube, previous=[before], truth=fewer) == ()


def test_releases_of_other_dimensions_cannot_be_compared() -> None:
    before = protect(table({("Female",): 20, ("Male",): 30}), rules()).cube
    with pytest.raises(DisclosureError, match="has the dimensions d0, this one d0, d1"):
        audit(protect(table(FIRST), rules()).cube, previous=[before])


def test_a_new_value_had_no_records_before() -> None:
    first = {key: number for key, number in FIRST.items() if key[1] != "Niš"}
    before = protect(table(first), rules()).cube
    found = protect(table(FIRST), rules(), previous=[before])
    assert audit(found.cube, previous=[before]) == ()


numbers = st.lists(st.integers(0, 12), min_size=6, max_size=6)
additions = st.lists(st.sampled_from(KEYS), max_size=12)
rule_sets = st.sampled_from([rules(), rules(zeros="protect"), rules(threshold=3, width=2)])


@given(numbers, additions, rule_sets)
@settings(max_examples=15)
def test_law_two_releases_tell_no_more_than_one(
    first: list[int], added: list[tuple[str, str]], rule: Sensitive
) -> None:
    start = dict(zip(KEYS, first, strict=True))
    before = protect(table(start), rule)
    now = later(start, *added)
    found = protect(now, rule, previous=[before.cube])
    assert audit(found.cube, previous=[before.cube], truth=now) == ()
    for key, value in found.cube.published.items():
        assert value == now.cells[key].value
        change = value - (before.cube.cells[key] if before.cube.cells[key] is not None else value)
        assert not 0 < change < rule.threshold


def test_the_same_counts_are_protected_once(tmp_path: Path) -> None:
    asked: list[Cube] = []

    def counting(cube: Cube, declaration: Sensitive, **more: object) -> Protection:
        asked.append(cube)
        return choice.protect(cube, declaration, **more)  # type: ignore[arg-type]

    cube = table(FIRST)
    one = protect_once(cube, rules(), tmp_path, protector=counting, secret=SECRET)
    assert protect_once(cube, rules(), tmp_path, protector=counting, secret=SECRET) == one
    assert len(asked) == 1
    protect_once(cube, rules(threshold=10, width=9), tmp_path, protector=counting, secret=SECRET)
    protect_once(later(FIRST, AT), rules(), tmp_path, protector=counting, secret=SECRET)
    protect_once(
        later(FIRST, AT), rules(), tmp_path, protector=counting, previous=[one.cube], secret=SECRET
    )
    assert len(asked) == 4


def test_the_cache_tells_nothing_of_the_counts(tmp_path: Path) -> None:
    cube = table(FIRST | {AT: 3})
    protect_once(cube, rules(), tmp_path / "a", secret=SECRET)
    protect_once(cube, rules(), tmp_path / "b", secret=SECRET[::-1])
    names = [{path.name for path in (tmp_path / folder).glob("*.json")} for folder in ("a", "b")]
    assert not names[0] & names[1]
    assert cube.digest() not in "".join(names[0] | names[1])
    text = next((tmp_path / "a").glob("*.json")).read_text(encoding="utf-8")
    assert cube.digest() not in text


def test_a_broken_cache_is_made_anew(tmp_path: Path) -> None:
    one = protect_once(table(FIRST), rules(), tmp_path, secret=SECRET)
    (path,) = tmp_path.glob("*.json")
    path.write_text("{", encoding="utf-8")
    assert protect_once(table(FIRST), rules(), tmp_path, secret=SECRET).cube == one.cube


def series(chance: random.Random, releases: int) -> list[Cube]:
    """Cubes of one programme as its records grow."""
    counts = {key: chance.choice((0, 1, 2, 3, 6, 9, 14, 25)) for key in KEYS}
    found = [table(counts)]
    for _ in range(releases - 1):
        for key in chance.choices(KEYS, k=chance.randint(0, 12)):
            counts[key] += 1
        found.append(table(counts))
    return found


def told(cubes: Sequence[ProtectedCube]) -> list[tuple[object, ...]]:  # noqa: C901, PLR0912 (plain)
    """What two integer programs a cell find out of a series: too closely for what was promised.

    Another formulation than the attacker's: all cells of all releases are unknowns.
    """
    solver = Silent()
    at: dict[tuple[int, tuple[str, ...]], int] = {}
    for number, cube in enumerate(cubes):
        for key, value in cube.cells.items():
            at[number, key] = len(at)
            ends = (cube.lowest, highspy.kHighsInf) if value is None else (value, value)
            solver.addCol(0.0, *map(float, ends), 0, np.array([], np.int32), np.array([]))
            solver.changeColIntegrality(len(at) - 1, highspy.HighsVarType.kInteger)
        for key in cube.cells:
            for place, label in enumerate(key):
                parts = [one for one, above in cube.axes[place].parents.items() if above == label]
                if parts:
                    own = [at[number, (*key[:place], one, *key[place + 1 :])] for one in parts]
                    terms = np.array([at[number, key], *own], dtype=np.int32)
                    factors = np.array([-1.0, *[1.0] * len(own)])
                    solver.addRow(0.0, 0.0, len(terms), terms, factors)
        if number:
            for key in KEYS:
                terms = np.array([at[number, key], at[number - 1, key]], dtype=np.int32)
                solver.addRow(0.0, highspy.kHighsInf, 2, terms, np.array([1.0, -1.0]))

    def extreme(form: dict[int, float], sign: float) -> float:
        for column, factor in form.items():
            solver.changeColCost(column, sign * factor)
        solver.run()
        done = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        value = sum(f * solver.getSolution().col_value[c] for c, f in form.items()) if done else 1e9
        for column in form:
            solver.changeColCost(column, 0.0)
        return float(round(value))

    found: list[tuple[object, ...]] = []
    for number, cube in enumerate(cubes):
        for key in cube.suppressed:
            form = {at[number, key]: 1.0}
            if extreme(form, -1.0) - extreme(form, 1.0) < cube.width:
                found.append((number, key))
    for earlier, later in itertools.combinations(range(len(cubes)), 2):
        for key in cubes[later].cells:
            form = {at[later, key]: 1.0, at[earlier, key]: -1.0}
            lowest, highest = extreme(form, 1.0), extreme(form, -1.0)
            if highest - lowest < cubes[later].width and 0 < lowest < cubes[later].threshold:
                found.append((earlier, later, key))
    return found


@pytest.mark.parametrize("seed", range(8))
def test_law_three_releases_tell_no_more_than_one(seed: int) -> None:
    out: list[ProtectedCube] = []
    for truth in series(random.Random(seed), 3):  # noqa: S311 (no secret)
        try:
            found = protect(truth, rules(), previous=out).cube
        except DisclosureError as error:
            assert "cannot be protected against" in str(error)
            break
        assert audit(found, previous=out, truth=truth) == ()
        out.append(found)
        # All together, and each pair, neighbours or not.
        for size in range(2, len(out) + 1):
            for some in itertools.combinations(out, size):
                assert told(some) == []


def test_each_against_the_one_before_is_not_enough() -> None:
    """The series that this law is for: protected two by two, three releases tell."""
    found = 0
    for seed in range(8):
        out: list[ProtectedCube] = []
        for truth in series(random.Random(seed), 3):  # noqa: S311 (no secret)
            out.append(protect(truth, rules(), previous=out[-1:]).cube)
        found += bool(audit(out[-1], previous=out[:-1]))
    assert found
