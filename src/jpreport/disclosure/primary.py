"""Primary suppression: the cells that must be hidden, whatever else is, and how well."""

from __future__ import annotations

import math

from jpreport.disclosure.axes import Coordinate
from jpreport.disclosure.counting import Counted
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.groups import doubtful


def primary_cells(cube: Cube, declaration: Sensitive) -> dict[Coordinate, int]:
    """Return the cells to hide, each with the least distance between its lowest and highest value.

    Those are cells of fewer persons than the threshold (empty ones by the rule for zeros), which
    hide as much as one person makes of them; those of which few persons make most; and what keeps
    groups from being told as a whole.
    """
    found = {
        key: cell.largest
        for key, cell in cube.cells.items()
        if declaration.fewest <= cell.persons < declaration.threshold
    }
    if cube.count != "persons":
        for key, cell in cube.cells.items():
            level = protection_level(cell, declaration.p_percent, *declaration.dominance)
            if level:
                found[key] = max(found.get(key, 0), 2 * level)
    if declaration.groups == "suppress" and cube.count != "sum":
        empty = doubtful(cube, insiders=bool(declaration.insider_width))
        found |= dict.fromkeys(empty - found.keys(), 0)
    return found


def protection_level(cell: Counted, p_percent: float, n: int, k: float) -> int:
    """Return how far from its value a sum of contributions must seem to be able to lie; 0: safe.

    Two rules, as declared (Hundepool et al., Statistical Disclosure Control, 2012, sections 4.2.2
    and 4.3; Handbook on Statistical Disclosure Control, 2010, tables 4.2 and 4.3), with the sum X
    and contributions x1 >= x2 >= ... of single persons:

    - p%: sensitive where X - x1 - x2 < p/100 x1: the second person knows x1 to within p%. The
      level is p/100 x1 - (X - x1 - x2).
    - (n, k): sensitive where x1 + ... + xn > k/100 X. The level is 100/k (x1 + ... + xn) - X.

    The level is needed on either side; an interval of twice the level (a sliding protection
    level) leaves it on one side at least and hides where in it the value lies.
    """
    needed = 0.0
    if p_percent:
        needed = p_percent / 100 * cell.largest - (cell.value - cell.largest - cell.second)
    if n:
        needed = max(needed, 100 / k * cell.top - cell.value)
    return max(0, math.ceil(needed - 1e-9))
