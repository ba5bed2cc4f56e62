"""Primary suppression: the cells that must be hidden, whatever else is, and how well."""

from __future__ import annotations

from jpreport.disclosure.axes import Coordinate
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.groups import doubtful


def primary_cells(cube: Cube, declaration: Sensitive) -> dict[Coordinate, int]:
    """Return the cells to hide, each with the least distance between its lowest and highest value.

    Those are cells of fewer persons than the threshold (empty ones by the rule for zeros), which
    hide as much as one person makes of them, and what keeps groups from being told as a whole.
    """
    found = {
        key: cell.largest
        for key, cell in cube.cells.items()
        if declaration.fewest <= cell.persons < declaration.threshold
    }
    if declaration.groups == "suppress":
        empty = doubtful(cube, insiders=bool(declaration.insider_width))
        found |= dict.fromkeys(empty - found.keys(), 0)
    return found
