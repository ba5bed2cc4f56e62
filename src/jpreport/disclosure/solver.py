"""The solver without a word, and whole tables that have given numbers."""

from __future__ import annotations

from collections.abc import Mapping

import highspy
import numpy as np
import numpy.typing as npt

from jpreport.disclosure.system import NO_FLOOR, Ints, System
from jpreport.errors import NOWHERE, DisclosureError, Problem


class Silent(highspy.Highs):
    """The solver without a word: it greets on standard output while it starts its callbacks."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.setOptionValue("threads", 1)

    def enableCallbacks(self) -> None:  # noqa: N802 (highspy)
        """Start no callbacks; say nothing from now on."""
        self.silent()


def contradiction() -> DisclosureError:
    """Return the error for numbers that no table has."""
    return DisclosureError(
        Problem(NOWHERE, "the published numbers contradict each other: no table has them all")
    )


def moves(
    system: System,
    rows: npt.NDArray[np.int64],
    price: npt.NDArray[np.float64],
    down: npt.NDArray[np.float64],
    floor: npt.NDArray[np.float64],
) -> highspy.HighsLp:
    """Return the model of all moves away from a table; rows are classes.

    Columns are how far each unknown goes up, then how far each goes down, `down` at most; no row
    falls below its `floor`.
    """
    size = len(down)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = 2 * size, len(rows)
    model.col_cost_, model.col_lower_ = price, np.zeros(2 * size)
    model.col_upper_ = np.concatenate((np.full(size, highspy.kHighsInf), down))
    model.row_lower_ = np.where(floor <= NO_FLOOR, -highspy.kHighsInf, floor)
    model.row_upper_ = np.full(len(rows), highspy.kHighsInf)
    starts, index, value = [0], [], []
    for number in rows:
        at, factor = system.terms(int(number))
        index += [at, at + size]
        value += [factor, -factor]
        starts.append(starts[-1] + 2 * len(at))
    _fill(model, starts, index, value)
    return model


def _fill(
    model: highspy.HighsLp,
    starts: list[int],
    index: list[npt.NDArray[np.int32]],
    value: list[Ints],
) -> None:
    """Give a model its matrix, row by row."""
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.array(starts, dtype=np.int32)
    if index:
        model.a_matrix_.index_ = np.concatenate(index).astype(np.int32)
        model.a_matrix_.value_ = np.concatenate(value).astype(float)


def whole_table(system: System, known: Mapping[int, int]) -> Ints:
    """Return some whole-number table in which these classes have these values.

    Raises DisclosureError where there is none.
    """
    solver = Silent()
    model = highspy.HighsLp()
    size = len(system.unknown)
    lower = system.lowest.astype(float)
    upper = np.full(size, highspy.kHighsInf)
    starts, index, value, sides = [0], [], [], []
    for number in range(len(system.members)):
        at, factor = system.terms(number)
        floor = float(system.floor[number])
        if number not in known and floor <= NO_FLOOR:
            continue
        given = known.get(number)
        ends = (floor, highspy.kHighsInf) if given is None else (float(given), float(given))
        if len(at) == 1 and factor[0] == 1:
            lower[at[0]], upper[at[0]] = max(lower[at[0]], ends[0]), min(upper[at[0]], ends[1])
            continue
        index.append(at)
        value.append(factor)
        sides.append(ends)
        starts.append(starts[-1] + len(at))
    if (lower > upper).any():
        raise contradiction()
    if (lower == upper).all():
        # All unknowns are given: what follows from them is only to be compared.
        table: Ints = lower.astype(np.int64)
    else:
        model.num_col_, model.num_row_ = size, len(sides)
        model.col_cost_ = np.zeros(size)
        model.col_lower_, model.col_upper_ = lower, upper
        model.row_lower_ = np.array([side[0] for side in sides])
        model.row_upper_ = np.array([side[1] for side in sides])
        _fill(model, starts, index, value)
        model.integrality_ = [highspy.HighsVarType.kInteger] * size
        solver.passModel(model)
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise contradiction()
        table = np.rint(np.asarray(solver.getSolution().col_value)).astype(np.int64)
    values = system.values(table)
    if any(values[number] != value for number, value in known.items()):
        raise contradiction()
    if (values < system.floor).any():
        raise contradiction()
    return table
