"""The solver without a word, and whole tables that have given numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

from jpreport.disclosure.system import NO_FLOOR, Ints, System
from jpreport.errors import NOWHERE, DisclosureError, Problem

Floats = npt.NDArray[np.float64]
# Of each entry of a matrix its row, its column and its value.
Terms = tuple[Ints, Ints, npt.NDArray[Any]]


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


def program(
    cost: Floats, columns: tuple[Floats, Floats], rows: tuple[Floats, Floats], terms: Terms
) -> highspy.HighsLp:
    """Return a linear program: what columns cost, the limits of columns and rows, its matrix."""
    row, column, factor = terms
    order = np.lexsort((row, column))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(cost), len(rows[0])
    model.col_cost_, (model.col_lower_, model.col_upper_) = cost, columns
    model.row_lower_, model.row_upper_ = rows
    starts = np.searchsorted(column[order], np.arange(len(cost) + 1))
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = starts.astype(np.int32)
    model.a_matrix_.index_ = row[order].astype(np.int32)
    model.a_matrix_.value_ = factor[order].astype(float)
    return model


def _terms(system: System, classes: Ints) -> Terms:
    """Return the sums that some classes are: which of these, unknown, factor."""
    sizes = np.diff(system.starts)[classes]
    row = np.repeat(np.arange(len(classes)), sizes)
    within = np.arange(len(row)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    at = np.repeat(system.starts[:-1][classes], sizes) + within
    return row, system.index[at].astype(np.int64), system.factor[at]


def moves(
    system: System, rows: Ints, price: Floats, down: Floats, floor: Floats
) -> highspy.HighsLp:
    """Return the model of all moves away from a table; rows are classes.

    Columns are how far each unknown goes up, then how far each goes down, `down` at most; no row
    falls below its `floor`.
    """
    size = len(down)
    row, at, factor = _terms(system, rows)
    terms = np.tile(row, 2), np.concatenate((at, at + size)), np.concatenate((factor, -factor))
    lowest = np.where(floor <= NO_FLOOR, -np.inf, floor)
    upper = np.concatenate((np.full(size, np.inf), down))
    ends = np.zeros(2 * size), upper
    return program(price, ends, (lowest, np.full(len(rows), np.inf)), terms)


def whole_table(system: System, known: Mapping[int, int]) -> Ints:
    """Return some whole-number table in which these classes have these values.

    Raises DisclosureError where there is none.
    """
    lower, upper = system.lowest.astype(float), np.full(len(system.unknown), np.inf)
    kept, sides = [], []
    for number, floor in enumerate(system.floor.astype(float)):
        at, factor = system.terms(number)
        if number not in known and floor <= NO_FLOOR:
            continue
        given = known.get(number)
        ends = (floor, np.inf) if given is None else (float(given), float(given))
        if len(at) == 1 and factor[0] == 1:
            lower[at[0]], upper[at[0]] = max(lower[at[0]], ends[0]), min(upper[at[0]], ends[1])
        else:
            kept.append(number)
            sides.append(ends)
    if (lower > upper).any():
        raise contradiction()
    if (lower == upper).all():
        # All unknowns are given: what follows from them is only to be compared.
        table: Ints = lower.astype(np.int64)
    else:
        least, most = np.array(sides, dtype=float).reshape(-1, 2).T
        terms = _terms(system, np.array(kept, dtype=np.int64))
        model = program(np.zeros(len(lower)), (lower, upper), (least, most), terms)
        model.integrality_ = [highspy.HighsVarType.kInteger] * len(lower)
        solver = Silent()
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
