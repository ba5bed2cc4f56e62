"""Groups of which everybody has the same property: no small count, and told of each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from jpreport.disclosure.axes import TOTAL, Axis, Coordinate
from jpreport.disclosure.counting import Counted
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.protected import ProtectedCube


class Row(NamedTuple):
    """A group (a cell), and its parts along one dimension."""

    group: Coordinate
    parts: tuple[Coordinate, ...]


def rows(axes: Sequence[Axis]) -> Iterator[Row]:
    """Yield every group with its parts along every dimension that has two or more of them."""
    for at, axis in enumerate(axes):
        labels: list[Sequence[str]] = [one.labels for one in axes]
        for label, parts in axis.divisions():
            if len(parts) > 1:
                for cell in product(*labels[:at], (label,), *labels[at + 1 :]):
                    yield Row(cell, tuple((*cell[:at], part, *cell[at + 1 :]) for part in parts))


def concentrated(cube: ProtectedCube, truth: Cube | None = None) -> tuple[Row, ...]:
    """Return the groups of which a reader sees that everybody stands in one part.

    Those are groups with somebody in them of which all parts but one are published as empty
    (group disclosure: Hundepool et al., Statistical Disclosure Control, 2012). The
    cube must be one that was attacked: what is suppressed does not follow from it. With the
    `truth`, also those of which somebody sees it who is alone in another part, and knows that.
    """
    cells = cube.cells

    def is_open(row: Row) -> bool:
        left = [part for part in row.parts if cells[part] != 0]
        if truth and len(left) == 2 and len(row.parts) > 2:  # noqa: PLR2004 (one's own, another)
            return min(truth.cells[part].persons for part in left) == 1
        somebody = bool(left) and (cells[left[0]] or cells[row.group] or cube.lowest)
        return len(left) == 1 and bool(somebody)

    return tuple(row for row in rows(cube.axes) if is_open(row))


def doubtful(cube: Cube, *, insiders: bool) -> frozenset[Coordinate]:
    """Return empty cells to suppress, so that no group is seen to stand in one part.

    One a group is enough: nobody can tell then whether it is empty. With `insiders`, somebody
    who is alone in a part shall not see either that all others stand in one other part; where
    there are two parts, their own says it, and no table could hide it. Chosen is the part that
    most persons of the whole cube have.
    """
    cells = cube.cells
    chosen: dict[Coordinate, None] = {}
    for row in rows(cube.axes):
        filled = [part for part in row.parts if cells[part].persons]
        empty = [part for part in row.parts if not cells[part].persons]
        alone = len(filled) == 2 and min(cells[part].persons for part in filled) == 1  # noqa: PLR2004
        if (len(filled) == 1 or (insiders and alone)) and empty and not chosen.keys() & set(empty):
            chosen[max(empty, key=lambda part: _common(cells, row, part))] = None
    return frozenset(chosen)


def _common(cells: Mapping[Coordinate, Counted], row: Row, part: Coordinate) -> int:
    """Return how many persons of the whole cube have what makes a part of a group."""
    pairs = zip(row.group, part, strict=True)
    margin = tuple(label if label != above else TOTAL for above, label in pairs)
    return cells[margin].persons
