"""Groups of which everybody has the same property: found always, suppressed where declared."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure_samples import declared, grid, intervals, protect, rules, table
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.groups import concentrated
from jpreport.disclosure.release import audit
from jpreport.disclosure.statement import statement
from jpreport.errors import DisclosureError

SHAPES = ((2, 3), (3, 3), (2, 2, 2), (2, 4))
# Groups in one part are common only where most cells are empty.
COUNTS = st.sampled_from([0, 0, 0, 1, 5, 6, 9, 14])


@st.composite
def cubes(draw: st.DrawFn) -> Cube:
    keys = grid(*draw(st.sampled_from(SHAPES)))
    numbers = draw(st.lists(COUNTS, min_size=len(keys), max_size=len(keys)))
    return table(dict(zip(keys, numbers, strict=True)))


@settings(max_examples=60)
@given(cubes(), st.sampled_from(["cover", "protect"]), st.integers(0, 1))
def test_where_groups_are_suppressed_no_published_row_stands_in_one_part(
    truth: Cube, zeros: str, insider_width: int
) -> None:
    rule = rules(zeros=zeros, groups="suppress", insider_width=insider_width)
    released = protect(truth, rule).cube
    assert concentrated(released, truth if insider_width else None) == ()
    assert audit(released, truth=truth, insider_width=insider_width) == ()
    # By another reckoning: nobody can tell of any group that all stand in one part.
    known = intervals(released)
    low = {key: known[key][0] if value is None else value for key, value in released.cells.items()}
    high = {key: known[key][1] if value is None else value for key, value in released.cells.items()}
    for at, axis in enumerate(released.axes):
        others = [one.labels for place, one in enumerate(released.axes) if place != at]
        for rest in product(*others):
            parts = [(*rest[:at], leaf, *rest[at:]) for leaf in axis.leaves]
            filled = [part for part in parts if high[part] is None or high[part]]
            group = (*rest[:at], "total", *rest[at:])
            assert len(filled) != 1 or not (low[filled[0]] or low[group])
            if insider_width and len(filled) == 2 < len(parts):
                assert min(truth.cells[part].persons for part in filled) != 1


@settings(max_examples=40)
@given(cubes(), st.sampled_from(["publish", "cover"]))
def test_a_group_in_one_part_is_found_whether_or_not_it_is_suppressed(
    truth: Cube, zeros: str
) -> None:
    released = protect(truth, rules(zeros=zeros)).cube
    found = {row.group for row in concentrated(released)}
    for at, axis in enumerate(released.axes):
        for cell, value in released.cells.items():
            parts = [(*cell[:at], leaf, *cell[at + 1 :]) for leaf in axis.leaves]
            if cell[at] == "total" and value and released.cells[parts[0]] == value:
                assert cell in found
    text = " ".join(map(str, statement(released, rules(zeros=zeros))))
    assert ("not suppressed" in text) == bool(found)
    assert ("In 1 group " in text) == (len(concentrated(released)) == 1)


def test_groups_cannot_be_suppressed_where_empty_cells_are_published() -> None:
    with pytest.raises(DisclosureError, match="cannot be suppressed where empty cells"):
        declared(groups="suppress")
    assert declared(groups="suppress", zeros="cover").groups == "suppress"
