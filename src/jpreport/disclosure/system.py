"""The system of an intruder: unknown counts, and every cell as a sum of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import numpy.typing as npt

from jpreport.disclosure.axes import Axis, Coordinate, inner_cells

Ints = npt.NDArray[np.int64]

# The release that a cell belongs to, counted from the first; two releases: what was added
# between them.
Edition = tuple[int, ...]
Key = tuple[Edition, Coordinate]

# Below any count, and far from overflowing.
NO_FLOOR = -(2**40)


@dataclass(frozen=True, slots=True)
class Table:
    """What anyone knows of one release before reading its numbers.

    `empty` are the inner cells that are known to be zero, `lowest` is the least that any other
    inner cell can be. `grows`: the intruder supposes that records were only added to the
    release before.
    """

    axes: tuple[Axis, ...]
    lowest: int
    empty: frozenset[Coordinate]
    grows: bool = True


@dataclass(frozen=True, slots=True)
class Grid:
    """The unknowns of one release in their dimensions, -1 where none is.

    By dimension, `below` says which values lie under each label.
    """

    unknowns: Ints
    below: tuple[Mapping[str, Ints], ...]

    @classmethod
    def of(cls, axes: Sequence[Axis], unknown: Mapping[Coordinate, int]) -> Grid:
        """Return the grid of a table, from the unknowns of its inner cells."""
        leaves = [axis.leaves for axis in axes]
        inner = np.array([unknown.get(leaf, -1) for leaf in product(*leaves)])
        below = []
        for axis, own in zip(axes, leaves, strict=True):
            above = list(map(axis.upward, own))
            at = {label: [label in one for one in above] for label in axis.labels}
            below.append({label: np.flatnonzero(one) for label, one in at.items()})
        return cls(inner.reshape(list(map(len, leaves))), tuple(below))


@dataclass(frozen=True, slots=True)
class System:
    """All cells as sums of unknown inner cells (`unknown`, each at least `lowest`).

    Cells that are the same sum are one class. Class j is the sum of `factor` times unknowns
    `index` from `starts[j]` to `starts[j + 1]`, and at least `floor[j]`. A cell that is in no class
    is zero.
    """

    unknown: tuple[Key, ...]
    lowest: Ints
    starts: npt.NDArray[np.int32]
    index: npt.NDArray[np.int32]
    factor: Ints
    floor: Ints
    members: tuple[tuple[Key, ...], ...]
    number: Mapping[Key, int]
    # Sums of classes: class `whole[k]` is that of `parts` from `split[k]` to `split[k + 1]`.
    whole: npt.NDArray[np.int64]
    parts: npt.NDArray[np.int64]
    split: npt.NDArray[np.int64]
    # By release, the unknowns in their dimensions.
    grids: tuple[Grid, ...]

    def values(self, table: Ints) -> Ints:
        """Return the value of every class in a table, or in each row of several tables."""
        if not self.members:
            return np.zeros((*table.shape[:-1], 0), dtype=np.int64)
        terms = self.factor * table[..., self.index]
        summed: Ints = np.add.reduceat(terms, self.starts[:-1], axis=-1)
        return summed

    def implied(self, published: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Return the classes that follow from published ones of which they are the sum."""
        found = np.zeros(len(published), dtype=bool)
        if len(self.whole):
            found[self.whole[np.logical_and.reduceat(published[self.parts], self.split[:-1])]] = 1
        return found

    def terms(self, number: int) -> tuple[npt.NDArray[np.int32], Ints]:
        """Return the unknowns that a class sums, and their factors."""
        part = slice(int(self.starts[number]), int(self.starts[number + 1]))
        return self.index[part], self.factor[part]


class _Builder:
    """Collects cells, those with the same sum in one class."""

    def __init__(self) -> None:
        self.forms: dict[tuple[tuple[int, int], ...], int] = {}
        self.members: list[list[Key]] = []
        self.floor: list[int] = []

    def add(self, key: Key, form: Mapping[int, int], floor: int = NO_FLOOR) -> None:
        """Take in a cell as a sum of unknowns."""
        sparse = tuple(sorted((at, factor) for at, factor in form.items() if factor))
        if not sparse:
            return
        number = self.forms.setdefault(sparse, len(self.members))
        if number == len(self.members):
            self.members.append([])
            self.floor.append(NO_FLOOR)
        self.members[number].append(key)
        self.floor[number] = max(self.floor[number], floor)


def _sums(table: Table, first: int) -> tuple[list[Coordinate], dict[Coordinate, dict[int, int]]]:
    """Return the inner cells that may hold somebody, and every cell as a sum of them."""
    leaves: list[Coordinate] = []
    sums: dict[Coordinate, dict[int, int]] = {}
    for leaf, above in inner_cells(table.axes):
        if leaf in table.empty:
            for cell in above:
                sums.setdefault(cell, {})
            continue
        number = first + len(leaves)
        leaves.append(leaf)
        for cell in above:
            sums.setdefault(cell, {})[number] = 1
    return leaves, sums


def build_system(tables: Sequence[Table]) -> System:
    """Return the system of a series of releases, and of the changes between any two of them.

    A value that a release does not have had no records then.
    """
    unknown: list[Key] = []
    lowest: list[int] = []
    every: list[dict[Coordinate, dict[int, int]]] = []
    inner: list[dict[Coordinate, int]] = []
    for number, table in enumerate(tables):
        leaves, sums = _sums(table, len(unknown))
        unknown += [((number,), leaf) for leaf in leaves]
        lowest += [table.lowest] * len(leaves)
        every.append(sums)
        inner.append({leaf: len(lowest) - len(leaves) + n for n, leaf in enumerate(leaves)})
    builder = _Builder()
    for number, sums in enumerate(every):
        for cell, form in sums.items():
            builder.add(((number,), cell), form)
    for earlier, later in combinations(range(len(tables)), 2):
        grows = all(table.grows for table in tables[earlier + 1 : later + 1])
        axes = tables[later].axes
        for cell in every[earlier].keys() | every[later].keys():
            before = every[earlier].get(cell, {})
            change = {at: -factor for at, factor in before.items()}
            for at, factor in every[later].get(cell, {}).items():
                change[at] = change.get(at, 0) + factor
            is_inner = all(label in axis.leaves for label, axis in zip(cell, axes, strict=True))
            builder.add(((earlier, later), cell), change, 0 if grows and is_inner else NO_FLOOR)
    of = {key: number for number, keys in enumerate(builder.members) for key in keys}
    grids = [Grid.of(table.axes, own) for table, own in zip(tables, inner, strict=True)]
    return _system(unknown, lowest, builder, of, list(_splits(tables, of)), grids)


def _splits(tables: Sequence[Table], number: Mapping[Key, int]) -> Iterator[tuple[int, list[int]]]:
    """Yield classes that are sums of others, and these: cells along each axis."""
    for at, table in enumerate(tables):
        for place, axis in enumerate(table.axes):
            for label, below in axis.divisions():
                others = [one.labels for one in table.axes]
                for cell in product(*others[:place], (label,), *others[place + 1 :]):
                    keys = (((at,), (*cell[:place], one, *cell[place + 1 :])) for one in below)
                    parts = [number[key] for key in keys if key in number]
                    if len(parts) > 1:
                        yield number[(at,), cell], parts


def _system(  # noqa: PLR0913, PLR0917 (the parts)
    unknown: list[Key],
    lowest: list[int],
    builder: _Builder,
    number: Mapping[Key, int],
    splits: list[tuple[int, list[int]]],
    grids: list[Grid],
) -> System:
    least = np.array(lowest, dtype=np.int64)
    sizes = [len(form) for form in builder.forms]
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
    floor = np.array(builder.floor, dtype=np.int64)
    for form, at in builder.forms.items():
        if len(form) == 1 and form[0][1] == 1:
            least[form[0][0]] = max(least[form[0][0]], floor[at])
    return System(
        unknown=tuple(unknown),
        lowest=least,
        starts=starts,
        index=np.array([at for form in builder.forms for at, _ in form], dtype=np.int32),
        factor=np.array([factor for form in builder.forms for _, factor in form], dtype=np.int64),
        floor=floor,
        members=tuple(map(tuple, builder.members)),
        number=number,
        whole=np.array([whole for whole, _ in splits], dtype=np.int64),
        parts=np.array([part for _, parts in splits for part in parts], dtype=np.int64),
        split=np.cumsum([0, *(len(parts) for _, parts in splits)], dtype=np.int64),
        grids=tuple(grids),
    )


def known_to_be_empty(
    axes: Sequence[Axis], numbers: Mapping[Coordinate, int | None]
) -> frozenset[Coordinate]:
    """Return the inner cells that are published as zero."""
    return frozenset(leaf for leaf, _ in inner_cells(axes) if numbers[leaf] == 0)
