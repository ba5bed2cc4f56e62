from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure_samples import REGIONS, counted
from jpreport.disclosure import cube
from jpreport.disclosure.axes import NOT_RECORDED, TOTAL
from jpreport.errors import DisclosureError

PLACE = {"name": "place", "column": "shelter", "parents": ["region"]}
DAY = dt.date(2010, 7, 1)


def row(
    person: str | None, sex: str = "Female", shelter: str = "Niš", **more: object
) -> dict[str, object]:
    return {
        "person_id": person,
        "sex": sex,
        "shelter": shelter,
        "region": REGIONS.get(shelter),
        "provided_on": DAY,
        **more,
    }


def test_all_margins_are_counted_and_declared_values_without_records_are_zero() -> None:
    found = counted([row("a"), row("b", "Male"), row("c", shelter="Belgrade")])
    assert found.total.value == 3
    assert found.values()["Female", TOTAL] == 2
    assert found.values()[TOTAL, "Niš"] == 2
    assert found.values()["Male", "Novi Sad"] == 0
    assert len(found.cells) == 3 * 4


def test_the_same_person_in_two_rows_counts_once() -> None:
    found = counted([row("a"), row("a"), row("b", "Male")])
    assert found.total.value == 2


def test_a_person_in_two_cells_is_refused_without_naming_anyone() -> None:
    with pytest.raises(DisclosureError, match="1 of 2 persons would stand in more") as caught:
        counted([row("code-17"), row("code-17", shelter="Belgrade"), row("b")])
    assert "code-17" not in str(caught.value)


@pytest.mark.parametrize(("which", "place"), [("first", "Belgrade"), ("last", "Niš")])
def test_a_person_in_two_cells_stands_where_the_rule_says(which: str, place: str) -> None:
    rows = [
        row("a", provided_on=dt.date(2011, 5, 1)),
        row("a", shelter="Belgrade", provided_on=dt.date(2010, 5, 1)),
        row("a", shelter="Novi Sad", provided_on=None),
    ]
    found = counted(rows, keep={"row": which, "by": "provided_on"})
    assert found.total.value == found.values()[TOTAL, place] == 1


def test_without_a_column_the_order_of_the_file_decides() -> None:
    rows = [row("a", shelter="Novi Sad"), row("a")]
    assert counted(rows, keep={"row": "first"}).values()[TOTAL, "Novi Sad"] == 1
    assert counted(rows, keep={"row": "last"}).values()[TOTAL, "Niš"] == 1


def test_records_are_counted_and_persons_remembered() -> None:
    found = counted([row("a"), row("a"), row("a", shelter="Belgrade"), row("b")], count="records")
    assert (found.total.value, found.total.persons, found.total.largest) == (4, 2, 3)
    cell = found.cells["Female", "Niš"]
    assert (cell.value, cell.persons, cell.largest) == (3, 2, 2)


def test_groups_from_a_column_and_from_a_mapping_agree() -> None:
    rows = [row("a"), row("b", shelter="Belgrade"), row("c", shelter="Novi Sad")]
    by_column = counted(rows, dimensions=["sex", PLACE])
    by_mapping = counted(rows, dimensions=["sex", {**PLACE, "parents": [REGIONS]}])
    assert by_column.values() == by_mapping.values()
    assert by_column.values()[TOTAL, "North"] == 2
    assert by_column.axes[1].leaves == ("Belgrade", "Niš", "Novi Sad")


def test_two_levels_ranges_years_and_what_is_not_recorded() -> None:
    found = counted(
        [
            *(row(f"a{n}", age=17) for n in range(5)),
            row("b", age=18),
            row("c", age=None, provided_on=None),
        ],
        dimensions=[
            {"name": "age", "ranges": {"0-17": [None, 17], "18 and over": [18, None]}},
            {"name": "year", "column": "provided_on", "derive": "year"},
            {**PLACE, "parents": [REGIONS, {"North": "Serbia", "South": "Serbia"}]},
        ],
    )
    assert found.values()["0-17", "2010", "Serbia"] == 5
    assert found.values()[NOT_RECORDED, NOT_RECORDED, "South"] == 1
    assert found.axes[2].upward("Niš") == ("Niš", "South", "Serbia", TOTAL)


def test_a_group_of_the_same_name_as_its_only_value_is_that_value() -> None:
    parents = [{"Belgrade": "Belgrade", "Niš": "South", "Novi Sad": "North"}]
    found = counted([row("a", shelter="Belgrade")], dimensions=[{**PLACE, "parents": parents}])
    assert found.axes[0].parents["Belgrade"] == TOTAL


@pytest.mark.parametrize(
    ("rows", "raw", "said"),
    [
        ([row("a"), row(None)], {}, 'have no "person_id"'),
        ([row(f"a{n}", shelter="Total") for n in range(5)], {}, "kept for the total"),
        ([row("a"), row("b", region="East")], {"dimensions": [PLACE]}, "more than one value"),
        (
            [row("a")],
            {"dimensions": [{**PLACE, "parents": [{"Niš": "South"}]}]},
            '"Belgrade" has no group',
        ),
        (
            [row("a")],
            {"dimensions": [{**PLACE, "parents": [dict.fromkeys(REGIONS, "Niš")]}]},
            "names both a group and a value",
        ),
        (
            [row("a", age=30)],
            {"dimensions": [{"name": "age", "ranges": {"0-17": [0, 17]}}]},
            "none of the declared ranges",
        ),
    ],
)
def test_what_cannot_be_counted_is_refused(
    rows: list[dict[str, object]], raw: dict[str, object], said: str
) -> None:
    with pytest.raises(DisclosureError, match=said):
        counted(rows, **raw)


def test_a_cube_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cube, "MOST_CELLS", 11)
    with pytest.raises(DisclosureError, match="12 cells, more than 11"):
        counted([row("a")])


def test_a_digest_is_that_of_the_counts() -> None:
    found = counted([row("a"), row("b", "Male")], dimensions=["sex", PLACE])
    again = counted([row("b", "Male"), row("a")], dimensions=["sex", PLACE])
    assert again.digest() == found.digest()
    assert counted([row("a")], dimensions=["sex", PLACE]).digest() != found.digest()


persons = st.lists(
    st.tuples(
        st.sampled_from("abcdefgh"),
        st.sampled_from(("Female", "Male")),
        st.sampled_from([*REGIONS]),
    ),
    min_size=1,
    max_size=25,
)


@given(persons, st.sampled_from(("persons", "records")), st.sampled_from(("first", "last")))
@settings(max_examples=25, deadline=None)
def test_every_cube_adds_up(rows: list[tuple[str, str, str]], count: str, keep: str) -> None:
    found = counted(
        [row(*one) for one in rows],
        dimensions=["sex", PLACE],
        count=count,
        keep={"row": keep},
    )
    first, last = ({}, {})
    for at, (person, sex, shelter) in enumerate(rows):
        first.setdefault(person, (at, sex, shelter))
        last[person] = (at, sex, shelter)
    kept = {"first": first, "last": last}[keep]
    expected: dict[tuple[str, ...], Counter[str]] = {}
    for at, (person, sex, shelter) in enumerate(rows):
        if count == "records" or kept[person][0] == at:
            for cell in itertools.product((sex, TOTAL), (shelter, REGIONS[shelter], TOTAL)):
                expected.setdefault(cell, Counter())[person] += 1
    for cell, numbers in found.cells.items():
        own = expected.get(cell, Counter())
        counted_here = (own.total(), len(own), max(own.values(), default=0))
        assert (numbers.value, numbers.persons, numbers.largest) == counted_here
