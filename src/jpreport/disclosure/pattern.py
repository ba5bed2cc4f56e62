"""What the choice of suppressed cells tells by itself to somebody who runs this software.

The choice depends on the counts: small ones are suppressed, and of others no more than it takes.
An intruder can therefore run the choice on every table that fits the published numbers, under
any secret, and rule out those tables from which the suppressed cells do not come out. Cells are
published in an order that the secret moves freely, so what comes out of a table under some secret
are exactly the choices that are safe for it and of which nothing more can be published. That is
asked here of the tables that fit, where they are few enough to be listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jpreport.disclosure.attacker import Flags
from jpreport.disclosure.system import Ints, System

# More tables than that are not listed: the choice rules out too few of them to tell a cell.
MOST_TABLES = 4_000
_MOST_PARTIAL = 60_000
_MOST_UNKNOWN = 300
_TOLERANCE = 1e-7


@dataclass(frozen=True, slots=True)
class Criteria:
    """By what tables are judged that might be the true one; all counts are of persons."""

    fewest: int
    threshold: int
    width: int
    insider_width: int


def _parts(published: Ints, linked: Ints, free: Ints) -> list[Ints]:
    """Return the unknowns in groups that tell nothing of each other.

    `published` holds the sums that are known, a row each; `linked` further sums whose unknowns are
    kept together.
    """
    rows = published[:, free].astype(float)
    pivot = 0
    for column in range(rows.shape[1]):
        if pivot == len(rows):
            break
        best = pivot + int(np.abs(rows[pivot:, column]).argmax())
        if abs(rows[best, column]) < _TOLERANCE:
            continue
        rows[[pivot, best]] = rows[[best, pivot]]
        rows[pivot] /= rows[pivot, column]
        others = np.flatnonzero(np.abs(rows[:, column]) > _TOLERANCE)
        others = others[others != pivot]
        rows[others] -= np.outer(rows[others, column], rows[pivot])
        pivot += 1
    groups = np.arange(len(free))
    for row in (*(np.abs(rows[:pivot]) > _TOLERANCE), *(linked[:, free] != 0)):
        together = np.unique(groups[row])
        if len(together) > 1:
            groups[np.isin(groups, together)] = together[0]
    return [free[groups == group] for group in np.unique(groups)]


def _tables(rows: Ints, sums: Ints, lowest: Ints) -> Ints | None:
    """Return all whole-number tables of some unknowns with these sums; None: too many.

    Unknowns that nothing limits count as too many.
    """
    size = len(lowest)
    sums = sums - rows @ lowest
    if not (rows != 0).any(axis=0).all():
        return None
    # One unknown after the other, those first that complete a sum soonest.
    order: list[int] = []
    waiting = [set(np.flatnonzero(row)) for row in rows]
    while len(order) < size:
        row = min((row for row in waiting if row), key=len)
        order += sorted(map(int, row))
        waiting = [other - row for other in waiting]
    partial = np.zeros((1, 0), dtype=np.int64)
    left = sums[None, :]
    for place, at in enumerate(order):
        inside = np.flatnonzero(rows[:, at])
        later = rows[:, order[place + 1 :]]
        most = left[:, inside].min(axis=1)
        if int(most.sum()) + len(most) > _MOST_PARTIAL:
            return None
        counts = most + 1
        source = np.repeat(np.arange(len(partial)), counts)
        value = np.arange(len(source)) - np.repeat(np.cumsum(counts) - counts, counts)
        left = left[source] - np.outer(value, rows[:, at])
        closed = ~(later != 0).any(axis=1)
        fine = (left >= 0).all(axis=1) & (left[:, closed] == 0).all(axis=1)
        partial = np.column_stack((partial[source], value))[fine]
        left = left[fine]
    if len(partial) > MOST_TABLES:
        return None
    found = np.empty((len(partial), size), dtype=np.int64)
    found[:, order] = partial
    return found + lowest


class Candidates:
    """All tables of one part of a release that fit its published numbers.

    `values` holds, by table, the values of the hidden classes of the part; `leaves` says which
    classes are inner cells, `inside` which inner cells each class sums.
    """

    def __init__(self, values: Ints, inside: Flags, leaves: Ints, criteria: Criteria) -> None:
        self.values, self.inside, self.leaves = values, inside, leaves
        self.criteria = criteria
        small = (values >= criteria.fewest) & (values < criteria.threshold)
        self.small: Flags = small
        self._plausible: dict[int, bool] = {}

    def _seen_by_insiders(self, table: int, fits: Flags, hidden: Flags) -> bool:
        """Whether a single person of a table finds out another small cell of it."""
        width = self.criteria.insider_width
        if not width:
            return False
        values = self.values[fits]
        own = self.values[table]
        small = np.flatnonzero(self.small[table] & (own > 0) & hidden)
        for leaf in self.leaves[own[self.leaves] == 1]:
            knows = np.flatnonzero(self.inside[:, leaf] & (own == 1))
            same = values[(values[:, knows] == 1).all(axis=1)]
            others = small[~np.isin(small, knows)]
            if len(others) and (np.ptp(same[:, others], axis=0) < width).any():
                return True
        return False

    def _more(self, table: int) -> bool:
        """Whether, if this were the true table, more could have been published."""
        own = self.values[table]
        everything = np.ones(self.values.shape[1], dtype=bool)
        for cell in np.flatnonzero(~self.small[table]):
            hidden, fits = everything.copy(), np.ones(len(self.values), dtype=bool)
            fresh = np.array([cell])
            while True:
                hidden[fresh] = False
                fits &= (self.values[:, fresh] == own[fresh]).all(axis=1)
                narrow = np.ptp(self.values[fits], axis=0) < self.criteria.width
                fresh = np.flatnonzero(narrow & hidden)
                if not len(fresh) or self.small[table, fresh].any():
                    break
            if not len(fresh) and not self._seen_by_insiders(table, fits, hidden):
                return True
        return False

    def plausible(self, table: int) -> bool:
        """Whether the suppressed cells come out of a table under some secret."""
        if table not in self._plausible:
            fits = np.ones(len(self.values), dtype=bool)
            hidden = np.ones(self.values.shape[1], dtype=bool)
            self._plausible[table] = not (
                self._seen_by_insiders(table, fits, hidden) or self._more(table)
            )
        return self._plausible[table]

    @cached_property
    def told(self) -> tuple[int, ...]:
        """The classes that the choice tells more closely than promised."""
        found = []
        for number in range(self.values.shape[1]):
            order = np.argsort(self.values[:, number], kind="stable")
            lowest = next((at for at in map(int, order) if self.plausible(at)), None)
            highest = next((at for at in map(int, order[::-1]) if self.plausible(at)), None)
            if lowest is None or highest is None:
                found.append(number)
                continue
            if self.values[highest, number] - self.values[lowest, number] < self.criteria.width:
                found.append(number)
        return tuple(found)


def candidates(
    system: System, table: Ints, published: Flags, criteria: Criteria
) -> list[tuple[Ints, Candidates | None]]:
    """Return, part by part, the hidden classes and the tables that fit; None: too many to list."""
    matrix = np.zeros((len(system.members), len(table)), dtype=np.int64)
    for number in range(len(system.members)):
        at, factor = system.terms(number)
        matrix[number, at] = factor
    alone = np.flatnonzero((matrix != 0).sum(axis=1) == 1)
    known = np.zeros(len(table), dtype=bool)
    for single in alone:
        known[np.flatnonzero(matrix[single])] = published[single]
    free = np.flatnonzero(~known)
    if not len(free):
        return []
    sums = np.unique(matrix[published], axis=0)
    hidden = np.flatnonzero(~published)
    parts = _parts(sums, matrix[hidden], free) if len(free) <= _MOST_UNKNOWN else [free]
    found: list[tuple[Ints, Candidates | None]] = []
    for part in parts:
        own = hidden[(matrix[np.ix_(hidden, part)] != 0).any(axis=1)]
        rows = np.unique(sums[:, part], axis=0)
        rows = rows[(rows != 0).any(axis=1)]
        tables = (
            None
            if len(part) > _MOST_UNKNOWN
            else _tables(rows, rows @ table[part], system.lowest[part])
        )
        if tables is None:
            found.append((own, None))
            continue
        leaves = np.flatnonzero((matrix[own] != 0).sum(axis=1) == 1)
        sizes = matrix[np.ix_(own, part)]
        # By class: which hidden inner cells (as columns of the classes) it holds.
        inside = np.zeros((len(own), len(own)), dtype=bool)
        inside[:, leaves] = (sizes @ sizes[leaves].T) != 0
        rest = matrix[own] @ table - sizes @ table[part]
        found.append((own, Candidates(tables @ sizes.T + rest, inside, leaves, criteria)))
    return found
