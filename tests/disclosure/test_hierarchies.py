"""Several hierarchies over one dimension are one system: counted, protected, attacked together."""

from __future__ import annotations

import json
from collections import Counter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure_samples import (
    REGIONS,
    counted,
    declared,
    grid,
    intervals,
    protect,
    rules,
    table,
)
from jpreport.disclosure.axes import TOTAL
from jpreport.disclosure.cube import Cube, axes_from_json, axes_to_json
from jpreport.disclosure.groups import concentrated
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.release import audit
from jpreport.disclosure.rounding import round_cube, unsound
from jpreport.errors import DisclosureError

KINDS = {"Belgrade": "city", "Novi Sad": "city", "Niš": "town"}
COASTS = {"Belgrade": "inland", "Novi Sad": "coast", "Niš": "coast"}
PLACE = {"name": "place", "column": "shelter", "parents": [[REGIONS], [KINDS]]}
RECORDS = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(["Female", "Male"]), st.sampled_from([*REGIONS])),
    max_size=60,
)
NUMBERS = st.lists(st.integers(0, 30), min_size=12, max_size=12)
# Six municipalities in two regions, of two kinds.
BY_REGION = {f"b{at}": f"region {at // 3}" for at in range(6)}
BY_KIND = {f"b{at}": f"kind {at % 2}" for at in range(6)}


def municipal(numbers: list[int], *ways: dict[str, str]) -> Cube:
    """A cube of two sexes by six municipalities in these hierarchies."""
    return table(dict(zip(grid(2, 6), numbers, strict=True)), (), ways)


@settings(max_examples=25)
@given(RECORDS)
def test_every_hierarchy_counts_the_same_records(records: list[tuple[int, str, str]]) -> None:
    last = {person: (sex, place) for person, sex, place in records}
    rows = [{"person_id": str(n), "sex": sex, "shelter": at} for n, sex, at in records]
    found = counted(rows, dimensions=["sex", PLACE], keep={"row": "last"})
    places = ("Belgrade", "Niš", "Novi Sad")
    assert found.axes[1].leaves == places
    assert found.axes[1].labels == (*places, "North", "South", "city", "town", TOTAL)
    expected = Counter(
        cell
        for sex, at in last.values()
        for cell in product((sex, TOTAL), (at, REGIONS[at], KINDS[at], TOTAL))
    )
    assert found.values() == {cell: expected[cell] for cell in found.cells}
    raw = json.loads(json.dumps(axes_to_json(found.axes)))
    assert axes_from_json(raw) == found.axes


def test_columns_of_groups_may_make_hierarchies() -> None:
    rows = [
        {"person_id": name, "sex": "Male", "shelter": at, "region": REGIONS[at]}
        for name, at in (("a", "Niš"), ("b", "Belgrade"), ("c", "Novi Sad"))
    ]
    by_column = counted(rows, dimensions=[{**PLACE, "parents": [["region"], [KINDS]]}])
    assert by_column.values() == counted(rows, dimensions=[PLACE]).values()


@settings(max_examples=25)
@given(NUMBERS, st.sampled_from(["publish", "cover", "protect"]))
def test_no_suppressed_cell_is_known_from_both_hierarchies_together(
    numbers: list[int], zeros: str
) -> None:
    cube = municipal(numbers, BY_REGION, BY_KIND)
    rule = rules(zeros=zeros)
    try:
        found = protect(cube, rule)
    except DisclosureError:
        return
    for key, (lowest, highest) in intervals(found.cube).items():
        assert highest is None or highest - lowest >= rule.width
        assert lowest <= cube.cells[key].value <= (highest or 10**9)
    assert audit(found.cube, truth=cube) == ()
    assert ProtectedCube.from_json(json.loads(json.dumps(found.cube.to_json()))) == found.cube


def test_what_one_hierarchy_hides_the_other_tells_and_the_audit_finds_it() -> None:
    cube = municipal([3, 9, 14, 22, 8, 17, 20, 31, 12, 45, 16, 27], BY_REGION, BY_KIND)
    alone = protect(municipal([cube.values()[key] for key in grid(2, 6)], BY_REGION), rules())
    # Every cell that the first hierarchy has is protected; those of the second are added.
    both = {key: alone.cube.cells.get(key, value) for key, value in cube.values().items()}
    released = ProtectedCube.made(cube, rules(), both)
    assert audit(alone.cube) == ()
    assert audit(released)


def test_a_second_hierarchy_loses_less_than_a_second_dimension() -> None:
    joint, crossed, cells = 0, 0, 0
    for numbers in ([46, 44, 0, 1, 27, 19, 16, 5, 13, 14, 13, 2],
                    [4, 11, 6, 13, 14, 1, 0, 27, 4, 4, 81, 9],
                    [38, 44, 33, 1, 13, 8, 11, 2, 3, 8, 3, 9]):  # fmt: skip
        found = protect(municipal(numbers, BY_REGION, BY_KIND), rules()).cube
        kinds = product(("a0", "a1"), BY_KIND, ("kind 0", "kind 1"))
        placed = dict(zip(grid(2, 6), numbers, strict=True))
        every = {key: placed[key[:2]] if BY_KIND[key[1]] == key[2] else 0 for key in kinds}
        two = protect(table(every, (), BY_REGION), rules()).cube
        joint += len(found.suppressed)
        for sex, at in found.cells:
            crossed += two.cells[(sex, TOTAL, at) if "kind" in at else (sex, at, TOTAL)] is None
        cells += len(two.suppressed)
    assert joint < crossed
    assert 2 * joint < cells


def test_groups_of_every_hierarchy_are_asked_whether_they_are_told_whole() -> None:
    cube = municipal([6, 0, 7, 0, 8, 0, 9, 9, 9, 9, 9, 9], BY_REGION, BY_KIND)
    found = {row.group for row in concentrated(protect(cube, rules()).cube)}
    assert ("a0", TOTAL) in found  # all of a0 live in places of the first kind
    assert (TOTAL, "kind 1") in found  # and in the second kind all are of a1


@given(NUMBERS)
def test_a_table_with_two_hierarchies_is_rounded(numbers: list[int]) -> None:
    cube = municipal(numbers, BY_REGION, BY_KIND)
    rule = rules(method="round", base=5)
    assert list(unsound(round_cube(cube, rule, secret=bytes(32)).cube, cube)) == []


@pytest.mark.parametrize(
    ("dimension", "says"),
    [
        ({**PLACE, "parents": [[REGIONS], [{"Niš": "town"}]]}, "has no group"),
        ({**PLACE, "parents": [[REGIONS], [{**KINDS, "Belgrade": "South"}]]}, "names two groups"),
        ({**PLACE, "parents": [[REGIONS], [dict.fromkeys(KINDS, "Niš")]]}, "both a group and"),
        ({"name": "place", "column": "note", "parents": [["region"], ["sex"]]}, "that no list"),
    ],
)
def test_hierarchies_that_do_not_fit_are_refused(dimension: object, says: str) -> None:
    row = {"person_id": "a", "sex": "Male", "shelter": "Belgrade", "region": "North", "note": "x"}
    with pytest.raises(DisclosureError, match=says):
        counted([row], dimensions=[dimension])


def test_a_group_of_the_same_values_may_stand_in_two_hierarchies() -> None:
    parents = [[REGIONS], [COASTS, {"inland": "Serbia", "coast": "Serbia"}], [REGIONS]]
    row = {"person_id": "a", "sex": "Male", "shelter": "Niš"}
    axis = counted([row], dimensions=[{**PLACE, "parents": parents}]).axes[0]
    assert axis.upward("Niš") == ("Niš", "South", "coast", "Serbia", TOTAL)


def test_levels_and_hierarchies_are_not_mixed() -> None:
    with pytest.raises(DisclosureError, match="other than levels"):
        declared(dimensions=[{**PLACE, "parents": ["region", [KINDS]]}])
