from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure_samples import counted, grid, intervals, protect, rules, table
from jpreport.data import Records, read_package
from jpreport.disclosure import attacker
from jpreport.disclosure import protect as choice
from jpreport.disclosure.axes import TOTAL
from jpreport.disclosure.cube import Cube, build_cube
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.declared import read_sensitive
from jpreport.disclosure.protect import Protection
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.release import audit
from jpreport.errors import DisclosureError


def promised(cube: Cube, rule: Sensitive, found: Protection) -> None:
    """What a protection promises, checked by other means than it was made with."""
    cells = found.cube.cells
    assert cells.keys() == cube.cells.keys()
    assert all(value in {None, cube.cells[key].value} for key, value in cells.items())
    for key, cell in cube.cells.items():
        if (0 if rule.zeros == "protect" else 1) <= cell.persons < rule.threshold:
            assert cells[key] is None
        if cell.value == 0 and rule.zeros == "publish":
            assert cells[key] == 0
    for key, (lowest, highest) in intervals(found.cube).items():
        assert highest is None or highest - lowest >= rule.width
        assert lowest <= cube.cells[key].value <= (highest or 10**9)
    assert audit(found.cube, truth=cube, insider_width=rule.insider_width) == ()


def filled(keys: list[tuple[str, ...]], numbers: list[int], *parents: dict[str, str]) -> Cube:
    return table(dict(zip(keys, numbers, strict=True)), *parents)


SMALL = filled(grid(3, 4), [8, 1, 12, 20, 9, 14, 2, 7, 30, 11, 6, 5])


@pytest.mark.parametrize("zeros", ["publish", "cover", "protect"])
@pytest.mark.parametrize("threshold", [3, 5, 10, 11])
def test_thresholds_and_rules_for_zeros(threshold: int, zeros: str) -> None:
    cube = filled(grid(3, 4), [8, 1, 12, 20, 9, 14, 0, 7, 30, 11, 6, 5])
    rule = rules(threshold=threshold, width=threshold - 1, zeros=zeros)
    found = protect(cube, rule)
    promised(cube, rule, found)
    assert found.cube.cells[TOTAL, TOTAL] == cube.total.value


def test_margins_are_kept_where_they_can_be() -> None:
    found = protect(SMALL, rules(insider_width=0))
    shown = found.cube.published
    assert all(key in shown for key in SMALL.cells if TOTAL in key)
    # The two cells that complete the rectangle.
    assert set(found.cube.suppressed) == {(a, b) for a in ("a0", "a1") for b in ("b1", "b2")}
    assert (found.primary, found.secondary, found.counts, found.total) == (2, 2, 29, 125)


# Ten men in nine cells: who knows which cells are empty knows the others nearly.
MEN = [1, 1, 1, 0, 1, 1, 2, 1, 2]
WOMEN = [15, 20, 8, 7, 12, 9, 17, 25, 6]


def test_empty_cells_that_cover_small_ones_save_a_margin() -> None:
    cube = filled(grid(2, 3, 3), MEN + WOMEN)
    strict, cover = (protect(cube, rules(zeros=zeros)) for zeros in ("publish", "cover"))
    promised(cube, rules(), strict)
    promised(cube, rules(zeros="cover"), cover)
    men = ("a0", TOTAL, TOTAL)
    assert strict.cube.cells[men] is None
    assert cover.cube.cells[men] == 10
    assert cover.cost < strict.cost


@pytest.mark.slow
def test_of_the_shipped_records_all_totals_by_one_dimension_stand() -> None:
    root = Path(__file__).parents[2]
    package = read_package(root / "data" / "datapackage.json", root)
    totals = {}
    with Records(package, persons=True) as records:
        for name, resource in package.resources.items():
            if resource.sensitive:
                declaration = read_sensitive(resource.sensitive, resource, package.place)
                cube = build_cube(declaration, resource, records)
                found = protect(cube, declaration)
                promised(cube, declaration, found)
                totals[name] = found.cube.value()
                assert len(cube.cells) < 200
                for key, cell in cube.cells.items():
                    if key.count(TOTAL) == len(key) - 1 and cell.persons >= 5:
                        assert found.cube.cells[key] == cell.value
                pairs = [key for key in found.cube.suppressed if key.count(TOTAL) == len(key) - 2]
                assert len(pairs) <= 26
    assert totals == {"assisted_persons": 85, "counselling_sessions": 900}


def test_nothing_small_nothing_suppressed() -> None:
    cube = filled(grid(2, 2), [5, 6, 7, 8])
    found = protect(cube, rules())
    assert found.cube.suppressed == ()
    assert found.cube.value(d0="a0") == 11


def test_fewer_persons_than_the_threshold_leave_nothing_to_publish() -> None:
    cube = filled(grid(2, 2), [1, 2, 0, 0])
    found = protect(cube, rules())
    promised(cube, rules(), found)
    assert set(found.cube.published.values()) == {0}


def test_hierarchies() -> None:
    places = {"b0": "north", "b1": "north", "b2": "south", "b3": "south"}
    cube = filled(grid(2, 4), [9, 2, 14, 8, 12, 7, 15, 3], {}, places)
    found = protect(cube, rules())
    promised(cube, rules(), found)
    assert found.cube.cells["a0", "north"] == 11
    assert found.cube.breakdown("d1") == {
        name: found.cube.cells[TOTAL, name] for name in ("b0", "b1", "b2", "b3")
    }


def test_a_group_of_one_value_does_not_give_it_away() -> None:
    cube = filled(grid(2, 3), [3, 20, 30, 25, 26, 27], {}, {"b0": "west", "b1": "e", "b2": "e"})
    found = protect(cube, rules())
    promised(cube, rules(), found)
    assert found.cube.cells["a0", "west"] is None


def test_singletons_learn_nothing_of_another_small_cell() -> None:
    # The single person of d0 = a can take themself off what a and b have together.
    cube = filled([(name,) for name in "abcd"], [1, 4, 40, 60])
    naive = protect(cube, rules(width=1, insider_width=0))
    assert naive.cube.suppressed == (("a",), ("b",))
    assert audit(naive.cube) == ()
    (seen,) = audit(naive.cube, truth=cube)
    assert (seen.knower, seen.cell, str(seen.interval)) == (("a",), ("b",), "4")
    safe = protect(cube, rules(width=1))
    promised(cube, rules(width=1), safe)
    # Another one goes with them; which one is the secret's choice.
    assert safe.cube.suppressed[:2] == (("a",), ("b",))
    assert len(safe.cube.suppressed) == 3


def test_a_single_person_cannot_follow_a_rectangle_round() -> None:
    naive = protect(SMALL, rules(insider_width=0))
    (seen,) = audit(naive.cube, truth=SMALL)
    assert (seen.knower, seen.cell, str(seen.interval)) == (("a0", "b1"), ("a1", "b2"), "2")
    safe = protect(SMALL, rules())
    promised(SMALL, rules(), safe)


def test_records_are_hidden_with_room_for_what_one_person_may_have() -> None:
    rows = [
        {"person_id": f"p{number}", "sex": sex, "shelter": shelter}
        for number, (sex, shelter, times) in enumerate(
            [("Female", "Niš", 9), ("Female", "Niš", 2)]
            + [("Female", "Belgrade", 2), ("Male", "Niš", 3), ("Male", "Belgrade", 2)] * 9
        )
        for _ in range(times)
    ]
    rows = [row | {"service_id": str(number)} for number, row in enumerate(rows)]
    cube = counted(rows, count="records")
    rule = rules(count="records")
    found = protect(cube, rule)
    promised(cube, rule, found)
    assert cube.cells["Female", "Niš"].persons == 2
    lowest, highest = intervals(found.cube)["Female", "Niš"]
    assert highest is None or highest - lowest >= 9


def four_dimensions() -> Cube:
    numbers = [(7 * n * n + 3 * n) % 23 + (n % 5 == 0) * 30 for n in range(54)]
    return filled(grid(2, 3, 3, 3), numbers)


def test_a_cube_of_four_dimensions_within_seconds() -> None:
    cube = four_dimensions()
    assert len(cube.cells) == 192
    found = protect(cube, rules())
    promised(cube, rules(), found)
    assert all(key in found.cube.published for key in cube.cells if key.count(TOTAL) > 2)


@pytest.mark.slow
def test_three_thousand_cells_within_a_minute() -> None:
    numbers = [(n * n * 31 + 17 * n) % 41 for n in range(1200)]
    places = {f"c{n}": f"region {n // 4}" for n in range(20)}
    cube = filled(grid(2, 6, 20, 5), numbers, {}, {}, places)
    assert len(cube.cells) > 3000
    found = protect(cube, rules())
    assert audit(found.cube, truth=cube) == ()


counts = st.one_of(st.integers(0, 6), st.integers(0, 6), st.integers(5, 60))
shapes = st.sampled_from([(2, 3), (3, 4), (2, 2, 3), (3, 3, 2), (2, 2, 2, 2)])


@st.composite
def cubes(draw: st.DrawFn) -> Cube:
    keys = grid(*draw(shapes))
    numbers = draw(st.lists(counts, min_size=len(keys), max_size=len(keys)))
    last = dict.fromkeys(key[-1] for key in keys)
    groups = {name: f"group {draw(st.integers(0, 1))}" for name in last}
    return filled(keys, numbers, *[{}] * (len(keys[0]) - 1), draw(st.sampled_from([{}, groups])))


rule_sets = st.builds(
    lambda threshold, zeros, insider: rules(
        threshold=threshold, width=threshold - 1, zeros=zeros, insider_width=insider
    ),
    st.sampled_from((3, 5, 10)),
    st.sampled_from(("publish", "cover", "protect")),
    st.sampled_from((0, 1, 4)),
)


@given(cubes(), rule_sets)
@settings(max_examples=25)
def test_law_no_suppressed_count_can_be_told(cube: Cube, rule: Sensitive) -> None:
    promised(cube, rule, protect(cube, rule))


@given(cubes(), rule_sets)
@settings(max_examples=12)
def test_law_moves_near_a_cell_are_as_safe(cube: Cube, rule: Sensitive) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attacker, "_LARGE", 0)
        promised(cube, rule, protect(cube, rule))


@pytest.mark.parametrize("seed", range(3))
def test_of_larger_cubes_most_that_is_not_small_is_published(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (no secret)
    keys = grid(5, 6, 6)
    cube = filled(keys, [int(chance.lognormvariate(2.5, 1.2)) for _ in keys])
    found = protect(cube, rules())
    promised(cube, rules(), found)
    large = [key for key in cube.cells if cube.cells[key].value >= 5]
    assert sum(key in found.cube.published for key in large) > 0.7 * len(large)


def test_nothing_tells_primary_from_secondary() -> None:
    found = protect(SMALL, rules())
    text = json.dumps(found.cube.to_json())
    assert "primary" not in text
    assert "secondary" not in text
    assert ProtectedCube.from_json(json.loads(text)) == found.cube
    changed = filled(grid(3, 4), [8, 2, 12, 19, 9, 14, 3, 6, 30, 11, 6, 5])
    assert protect(changed, rules()).cube.digest() != found.cube.digest()


def test_what_the_cube_does_not_answer_is_refused_with_the_reason() -> None:
    found = protect(SMALL, rules()).cube
    assert found.value(d0="a2", d1="b3") == 5
    assert found.value(d0="a0", d1="b1") is None
    with pytest.raises(DisclosureError, match='no dimension "age"'):
        found.value(age="0-17")
    with pytest.raises(DisclosureError, match='no value "b9"'):
        found.breakdown("d0", d1="b9")


def test_the_same_cube_is_protected_the_same_way() -> None:
    cube = filled(grid(2, 3, 3), MEN + WOMEN)
    assert protect(cube, rules()).cube == protect(cube, rules()).cube


def test_another_secret_makes_another_choice() -> None:
    cube = filled(grid(9), [2, *[20] * 8])
    choices = {
        choice.protect(cube, rules(), secret=bytes([n]) * 32).cube.suppressed for n in range(6)
    }
    assert len(choices) > 1


def test_when_the_work_runs_out_the_rest_stays_suppressed() -> None:
    found = protect(SMALL, rules(), work=0)
    assert not found.complete
    promised(SMALL, rules(), found)


@given(cubes(), rule_sets, st.integers(0, 400))
@settings(max_examples=25)
def test_law_however_little_work_it_is_safe_and_the_same_again(
    cube: Cube, rule: Sensitive, work: int
) -> None:
    found = protect(cube, rule, work=work)
    promised(cube, rule, found)
    assert protect(cube, rule, work=work).cube == found.cube
    assert found.complete or found.cube.suppressed


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    protect(
        filled(grid(2, 3, 3), MEN + WOMEN),
        rules(),
        progress=lambda done, of: told.append((done, of)),
    )
    assert told[-1][0] == told[-1][1]
