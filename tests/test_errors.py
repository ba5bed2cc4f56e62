"""The place of a problem: its words, its order, what it is within."""

from __future__ import annotations

import json
import pickle
from dataclasses import asdict
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpreport.errors import NOWHERE, DataError, Place, Problem, Step

WORDS = st.text(max_size=8)
STEPS = st.one_of(
    st.builds(Step, st.sampled_from(["part", "sheet", "key"]), WORDS),
    st.builds(Step, st.sampled_from(["row", "line"]), st.integers(1, 10**6)),
    st.builds(Step, st.just("cell"), st.integers(1, 99), WORDS),
    st.builds(Step, st.just("column"), st.one_of(WORDS, st.integers(1, 99))),
)
PLACES = st.builds(Place, WORDS, st.lists(STEPS, max_size=4).map(tuple))


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (NOWHERE, ""),
        (
            Place("data/students.csv").at(row=14, column="sex"),
            "data/students.csv, row 14, column sex",
        ),
        (Place("a.csv").at(row=3, column="sex, region"), "a.csv, row 3, columns sex, region"),
        (Place("a.xlsx").at(sheet="Staff").at(row=2), "a.xlsx, sheet Staff, row 2"),
        (
            Place("programme.toml").at(line=4).at('[[report]] "x"', key="for_each"),
            'programme.toml, line 4, [[report]] "x", for_each',
        ),
        (Place("n.ipynb").at(cell=15), "n.ipynb, cell 15"),
        (
            Place("n.ipynb").at(cell=2).labelled("tbl-a").at(line=4),
            "n.ipynb, cell 2 (tbl-a), line 4",
        ),
        (Place("d.json").at(line=3, column=7), "d.json, line 3, column 7"),
        (Place("m.json").at(key="list").item(2), "m.json, list 2"),
        (Place("e.ipynb").at(key="cell").item(2).at("figure 1.1"), "e.ipynb, cell 2, figure 1.1"),
    ],
)
def test_a_place_reads_as_a_sentence(place: Place, words: str) -> None:
    assert str(place) == words
    assert bool(place) is bool(words)


@given(st.lists(st.integers(1, 10**6), min_size=2, unique=True))
def test_places_sort_by_number_not_by_letter(numbers: list[int]) -> None:
    for kind in ("row", "line", "cell"):
        places = sorted(Place("a.csv").at(**{kind: number}) for number in numbers)
        assert [place.get(kind) for place in places] == sorted(numbers)
    parts = sorted(Place("a.pdf").at(f"page {number}") for number in numbers)
    assert [place.get("part") for place in parts] == [
        f"page {number}" for number in sorted(numbers)
    ]
    files = sorted(Place(f"report-{number}.html") for number in numbers)
    assert [place.file for place in files] == [
        f"report-{number}.html" for number in sorted(numbers)
    ]


@given(st.lists(PLACES))
def test_any_places_can_be_sorted(places: list[Place]) -> None:
    ordered = sorted(places)
    assert not any(later < earlier for earlier, later in pairwise(ordered))


@given(PLACES)
def test_a_place_survives_pickling_and_json(place: Place) -> None:
    assert pickle.loads(pickle.dumps(place)) == place  # noqa: S301 (our own)
    assert Place.from_json(json.loads(json.dumps(asdict(place)))) == place


@given(PLACES, PLACES)
def test_a_place_lies_in_its_outer_ones(outer: Place, inner: Place) -> None:
    placed = inner.below(outer)
    assert placed.file == outer.file
    assert all(
        Place(outer.file, placed.steps[:end]) in placed.outer for end in range(len(placed.steps))
    )
    assert placed not in placed.outer


def test_only_a_problem_without_a_file_is_put_into_one() -> None:
    loose = Problem(NOWHERE.at(cell=3), "x")
    assert str(loose.within(Place("n.ipynb")).where) == "n.ipynb, cell 3"
    assert loose.within(Place("a")).within(Place("b")).where.file == "a"


def test_problems_come_in_the_order_of_their_places() -> None:
    rows = [Problem(Place("a.csv").at(row=row), "x") for row in (10, 9)]
    assert [problem.where.get("row") for problem in sorted(rows)] == [9, 10]
    again = pickle.loads(pickle.dumps(DataError(rows)))  # noqa: S301 (our own)
    assert again.problems == tuple(rows)


def test_a_problem_tells_its_place_step_by_step() -> None:
    place = Place("n.ipynb").at(cell=2, label="tbl-a", line=4)
    assert Problem(place, "m", "h").to_json() == {
        "where": "n.ipynb, cell 2 (tbl-a), line 4",
        "place": {"file": "n.ipynb", "cell": 2, "label": "tbl-a", "line": 4},
        "message": "m",
        "hint": "h",
    }
    assert Place("a.pdf").at("attachment b", "page 2").to_json()["parts"] == [
        "attachment b",
        "page 2",
    ]
