"""The least that protection can cost, by an integer program: a yardstick for small cubes."""

from __future__ import annotations

import highspy
import numpy as np

from jpreport.disclosure.cube import Cube
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.plan import cell_cost
from jpreport.disclosure.polytope import Silent
from jpreport.disclosure.relations import Component, reduce
from jpreport.disclosure.release import Key, release_system
from jpreport.disclosure.work import small

# No number needs to move farther than this many widths to hide another.
_FARTHEST = 4


class _Program:
    """Collects an integer program, entry by entry."""

    def __init__(self) -> None:
        self.solver = Silent()
        self.solver.setOptionValue("threads", 1)

    def column(self, cost: float, lower: float, upper: float, *, whole: bool = False) -> int:
        """Add an unknown; return its number."""
        number = int(self.solver.getNumCol())
        nothing = np.array([], dtype=np.int32), np.array([], dtype=float)
        self.solver.addCol(cost, lower, upper, 0, *nothing)
        if whole:
            self.solver.changeColIntegrality(number, highspy.HighsVarType.kInteger)
        return number

    def row(self, lower: float, upper: float, terms: list[tuple[int, float]]) -> None:
        """Add a condition on a sum."""
        index = np.array([at for at, _ in terms], dtype=np.int32)
        value = np.array([factor for _, factor in terms], dtype=float)
        self.solver.addRow(lower, upper, len(terms), index, value)


def _table(
    program: _Program, component: Component[Key], truth: list[int], hidden: list[int], far: int
) -> list[int]:
    """Add a table that differs from the truth in hidden numbers only; return its columns."""
    steps = []
    for value, lowest, switch in zip(truth, component.lower, hidden, strict=True):
        down = value - lowest
        step = program.column(0.0, -down, far)
        program.row(-highspy.kHighsInf, 0.0, [(step, 1.0), (switch, -far)])
        program.row(0.0, highspy.kHighsInf, [(step, 1.0), (switch, down)])
        steps.append(step)
    for row in component.rows:
        terms = [
            (steps[at], float(factor))
            for at, factor in zip(row.columns, row.coefficients, strict=True)
        ]
        program.row(0.0, 0.0, terms)
    return steps


def least_cost(cube: Cube, declaration: Sensitive, seconds: float = 60.0) -> int | None:
    """Return the least that secondary suppression could cost; None if time runs out.

    It asks only that each small number have two tables (fractions allowed) the width apart.
    What `protect` promises is more (every suppressed number, whole tables, insiders), so this
    is a floor under `Protection.cost` that may be out of reach.
    """
    values = cube.values()
    publish = declaration.zeros == "publish"
    system = release_system(cube.axes, int(publish), None)
    known: dict[Key, int] = {
        ("current", key): 0 for key, value in values.items() if value == 0 and publish
    }
    primary = small(cube, declaration)
    total = 0
    for component in reduce(known, system.relations, system.bounds).components:
        truth = [values[cells[0][1]] for cells in component.cells]
        must = [any(key[1] in primary for key in cells) for cells in component.cells]
        program = _Program()
        costs = [
            sum(cell_cost(key[1], values[key[1]]) for key in cells if key[1] not in primary)
            for cells in component.cells
        ]
        hidden = [
            program.column(float(cost), float(one), 1.0, whole=True)
            for cost, one in zip(costs, must, strict=True)
        ]
        far = _FARTHEST * declaration.width
        for at in (number for number, one in enumerate(must) if one):
            low, high = (_table(program, component, truth, hidden, far) for _ in range(2))
            program.row(declaration.width, highspy.kHighsInf, [(high[at], 1.0), (low[at], -1.0)])
        program.solver.setOptionValue("time_limit", seconds)
        program.solver.run()
        if program.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        total += round(program.solver.getInfo().objective_function_value)
    return total
