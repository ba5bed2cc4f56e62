from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jpreport.disclosure import DisclosureError, Interval, Relation, attack
from jpreport.disclosure.attack import Knowledge, exposed, exposed_to_insiders

LINES = {
    "w": (30, 47, 64, 89),
    "x": (90, 124, 5, 31),
    "y": (92, 100, 59, 85),
    "z": (800, 991, 651, 685),
}


def square() -> tuple[dict[str, int], list[Relation[str]]]:
    cells = {row + column: LINES[row][at] for row in LINES for at, column in enumerate("abcd")}
    relations = []
    for row, counts in LINES.items():
        cells[row] = sum(counts)
        relations.append(Relation(((row, -1), *((row + column, 1) for column in "abcd"))))
    for column in "abcd":
        cells[column] = sum(cells[row + column] for row in LINES)
        relations.append(Relation(((column, -1), *((row + column, 1) for row in LINES))))
    return cells, relations


def test_each_line_has_two_suppressed_cells_and_yet_one_follows() -> None:
    cells, relations = square()
    hidden = ["wa", "wb", "wc", "xa", "xc", "yb", "yd", "zb", "zd"]
    found = attack({key: n for key, n in cells.items() if key not in hidden}, relations)
    assert found["wb"] == Interval(47, 47)
    assert {key for key, interval in found.items() if interval.width == 0} == {"wb"}
    assert all(found[key].lower <= cells[key] <= (found[key].upper or 0) for key in hidden)


COUNTIES = {"A": 2, "B": 2, "I": 8, "J": 8, "K": 3, "L": 3, "M": 3, "N": 7}
BY_COUNTY = [
    Relation((("north", -1), *((one, 1) for one in "ABIJ"))),
    Relation((("south", -1), *((one, 1) for one in "KLMN"))),
]
BY_SIZE = [
    Relation((("big", -1), ("L", 1), ("M", 1))),
    Relation((("small", -1), *((one, 1) for one in "ABIJKN"))),
]
SHOWN = {key: n for key, n in COUNTIES.items() if n >= 4}


def test_linked_tables_are_safe_alone_but_not_together() -> None:
    county = attack({**SHOWN, "north": 20, "south": 16}, BY_COUNTY)
    size = attack({**SHOWN, "big": 6, "small": 30}, BY_SIZE)
    assert min(interval.width for interval in [*county.values(), *size.values()]) > 0
    together = attack(
        {**SHOWN, "north": 20, "south": 16, "big": 6, "small": 30}, BY_COUNTY + BY_SIZE
    )
    assert together["K"] == Interval(3, 3)
    assert together["A"].width > 0


def test_what_nothing_limits_has_no_upper_bound() -> None:
    found = attack({"a": 3}, [Relation((("t", -1), ("a", 1), ("b", 1)))])
    assert found == {"t": Interval(3, None), "b": Interval(0, None)}
    assert str(found["t"]) == "3 or more"


def test_what_is_known_of_a_cell_narrows_the_others() -> None:
    relation = Relation((("t", -1), ("a", 1), ("b", 1)))
    assert attack({"t": 9}, [relation], bounds={"a": (1, 4)}) == {
        "a": Interval(1, 4),
        "b": Interval(5, 8),
    }


def test_inequalities_link_tables() -> None:
    relations = [Relation((("later", 1), ("earlier", -1)), 0, None)]
    assert attack({"later": 7}, relations) == {"earlier": Interval(0, 7)}


def test_intervals_are_of_whole_numbers_not_of_fractions() -> None:
    # The linear program alone would say 0 to 2.5, and 0 to 5.
    found = attack({}, [Relation((("x", 2), ("y", 1)), 5, 5)])
    assert found == {"x": Interval(0, 2), "y": Interval(1, 5)}
    # Half-whole corners only: every pair sums to at most 1, all three to at least 1.
    pairs = [Relation(((a, 1), (b, 1)), 0, 1) for a, b in itertools.combinations("abc", 2)]
    total = Relation((("t", -1), ("a", 1), ("b", 1), ("c", 1)))
    assert attack({}, [*pairs, total])["t"] == Interval(0, 1)


@pytest.mark.parametrize(
    ("published", "bounds"),
    [
        ({"t": 5, "a": 2, "b": 2}, {}),
        ({"t": 5, "a": 6}, {}),
        ({"t": 5}, {"a": (6, None)}),
        ({"t": 5}, {"a": (0, 1), "b": (0, 1)}),
    ],
)
def test_numbers_that_no_table_has_are_refused(
    published: dict[str, int], bounds: dict[str, tuple[int, int | None]]
) -> None:
    relation = Relation((("t", -1), ("a", 1), ("b", 1)))
    with pytest.raises(DisclosureError, match="contradict"):
        attack(published, [relation], bounds=bounds)


def test_a_single_person_finds_out_the_neighbour() -> None:
    relation = Relation((("t", -1), ("a", 1), ("b", 1), ("c", 1)))
    knowledge = Knowledge({"t": 9, "c": 5}, [relation], {"a": (1, None), "b": (1, None)})
    widths = {"a": 1, "b": 1}
    assert exposed(knowledge, widths) == {}
    assert exposed_to_insiders(knowledge, widths, {"a": {"a": 1}}) == {("a", "b"): Interval(3, 3)}
    wider = Knowledge({"t": 9}, [relation], dict.fromkeys("abc", (1, None)))
    assert exposed_to_insiders(wider, {"a": 1, "b": 1, "c": 1}, {"a": {"a": 1}}) == {}


def test_a_false_witness_is_not_believed() -> None:
    relation = Relation((("t", -1), ("a", 1), ("b", 1)))
    lies = [{"a": 0, "b": 40}, {"a": 4, "b": 0}, {"a": -5, "b": 9}]
    knowledge = Knowledge({"t": 4}, [relation], {"a": (1, 2)}, lies)
    assert exposed(knowledge, {"a": 4, "b": 4}) == {"a": Interval(1, 2), "b": Interval(2, 3)}


Known = tuple[list[str], list[Relation[str]], dict[str, int]]


@st.composite
def systems(draw: st.DrawFn) -> Known:
    """Small random relations with a known solution, and some of its numbers published."""
    size = draw(st.integers(2, 5))
    cells = [f"c{number}" for number in range(size)]
    truth = {cell: draw(st.integers(0, 4)) for cell in cells}
    relations = []
    for _ in range(draw(st.integers(1, 3))):
        factors = draw(
            st.lists(st.sampled_from((-2, -1, 0, 1, 1, 2)), min_size=size, max_size=size)
        )
        terms = tuple((c, f) for c, f in zip(cells, factors, strict=True) if f)
        value = sum(truth[cell] * factor for cell, factor in terms)
        slack = draw(st.sampled_from((0, 0, 0, 1)))
        relations.append(Relation(terms, value, value + slack))
    published = {cell: truth[cell] for cell in cells if draw(st.booleans())}
    return cells, relations, published


@given(systems())
@settings(max_examples=150, deadline=None)
def test_intervals_are_those_that_enumeration_finds(system: Known) -> None:
    cells, relations, published = system
    bounds = dict.fromkeys(cells, (0, 5))
    fits = []
    for values in itertools.product(range(6), repeat=len(cells)):
        table = dict(zip(cells, values, strict=True))
        sums = [(sum(table[c] * f for c, f in r.terms), r) for r in relations]
        if all(r.lower <= s <= r.upper for s, r in sums) and published.items() <= table.items():
            fits.append(table)
    found = attack(published, relations, bounds=bounds)
    expected = {
        cell: Interval(min(t[cell] for t in fits), max(t[cell] for t in fits))
        for cell in cells
        if cell not in published
    }
    assert found == expected
    narrow = exposed(Knowledge(published, relations, bounds), dict.fromkeys(expected, 2))
    assert narrow == {cell: one for cell, one in expected.items() if one.width < 2}
