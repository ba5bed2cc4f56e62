"""The axes of a cube: the values of each dimension, the groups above them, the total."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from jpreport.data.contract import Field, Resource
from jpreport.disclosure.declaration import Dimension
from jpreport.disclosure.error import DisclosureError
from jpreport.errors import NOWHERE, Problem, masked

TOTAL = "total"
NOT_RECORDED = "not recorded"

Coordinate = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """One dimension: `parents` leads from each value or group to the group above, else TOTAL.

    Labels stand in the order of the document: values first, then groups from the bottom up.
    """

    name: str
    title: str
    parents: Mapping[str, str]

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label that a coordinate may have, TOTAL last."""
        return (*self.parents, TOTAL)

    @property
    def leaves(self) -> tuple[str, ...]:
        """The values themselves."""
        groups = set(self.parents.values())
        return tuple(label for label in self.parents if label not in groups)

    def upward(self, label: str) -> tuple[str, ...]:
        """Return a label and all above it, TOTAL last."""
        chain = [label]
        while chain[-1] != TOTAL:
            chain.append(self.parents[chain[-1]])
        return tuple(chain)

    def children(self) -> dict[str, list[str]]:
        """Return the labels right under each group and under TOTAL."""
        found: dict[str, list[str]] = {}
        for label, parent in self.parents.items():
            found.setdefault(parent, []).append(label)
        return found


def coordinates(axes: Sequence[Axis]) -> Iterator[Coordinate]:
    """Return the coordinates of all cells: every value, group and total crossed with all others."""
    return product(*(axis.labels for axis in axes))


def label_of(value: object) -> str:
    """Return how a value is named on an axis; a missing one is NOT_RECORDED."""
    if value is None or value != value:  # noqa: PLR0124 (not a number)
        return NOT_RECORDED
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _in_range(value: Any, limits: tuple[Any, Any]) -> bool:  # noqa: ANN401 (a date or a number)
    return (limits[0] is None or value >= limits[0]) and (limits[1] is None or value <= limits[1])


def leaf_of(dimension: Dimension, value: object) -> str | None:
    """Return the label of a record on an axis; None where no declared range holds the value."""
    if label_of(value) == NOT_RECORDED:
        return NOT_RECORDED
    if isinstance(value, dt.datetime):
        value = value.date()
    if dimension.derive == "year" and isinstance(value, dt.date):
        return str(value.year)
    if dimension.ranges:
        return next(
            (label for label, limits in dimension.ranges.items() if _in_range(value, limits)), None
        )
    return label_of(value)


def _declared(dimension: Dimension, field: Field) -> list[str]:
    if dimension.ranges:
        return list(dimension.ranges)
    return [] if dimension.derive else [label_of(value) for value in field.enum]


class AxisBuilder:
    """Gathers one axis from the records, level by level; notes what does not fit together."""

    def __init__(self, dimension: Dimension, resource: Resource) -> None:
        self.dimension = dimension
        self.declared = _declared(dimension, resource.field(dimension.column))
        self.where = NOWHERE.at(resource.name, f"dimension {dimension.name}")
        self.seen: dict[str, None] = {}
        self.above: list[dict[str, str]] = [{} for _ in dimension.parents]
        self.problems: dict[Problem, None] = {}

    def _shown(self, label: str) -> str:
        """Return a label as a message names it: those that the contract does not list, masked."""
        return f'"{label}"' if label in self.declared else masked(label)

    def fault(self, message: str, hint: str = "") -> None:
        """Note a fault."""
        self.problems[Problem(self.where, message, hint)] = None

    def add(self, value: object, groups: Iterable[object]) -> str:
        """Take in one record: its value, and what its columns of groups hold, upward."""
        label = leaf_of(self.dimension, value)
        if label is None:
            hint = 'declare a range for it, or leave an end open with null, in "ranges"'
            self.fault("a record lies in none of the declared ranges", hint)
            return NOT_RECORDED
        self.seen[label] = None
        below, given = label, iter(groups)
        for level, parent in enumerate(self.dimension.parents):
            if isinstance(parent, str):
                group = label_of(next(given))
                if self.above[level].setdefault(below, group) != group:
                    self.fault(
                        f'{self._shown(below)} stands under more than one value of "{parent}"',
                        "each value belongs to one group; correct the records",
                    )
                below = group
            else:
                below = self._mapped(level, parent, below)
        return label

    def _mapped(self, level: int, parent: Mapping[str, str], below: str) -> str:
        if below == NOT_RECORDED:
            group = NOT_RECORDED
        elif below in parent:
            group = parent[below]
        else:
            self.fault(
                f"{self._shown(below)} has no group", f'add it to level {level + 1} of "parents"'
            )
            group = NOT_RECORDED
        self.above[level][below] = group
        return group

    def axis(self) -> Axis:
        """Return the axis; raises DisclosureError with all that was noted."""
        for label in self.declared:
            self._place_declared(label)
        extra = sorted(self.seen.keys() - set(self.declared) - {NOT_RECORDED})
        leaves = [label for label in self.declared if label in self.seen] + extra
        leaves += [NOT_RECORDED] if NOT_RECORDED in self.seen else []
        parents: dict[str, str] = {}
        level_labels = leaves
        taken: set[str] = set()
        for level in self.above:
            groups = list(dict.fromkeys(level[label] for label in level_labels))
            for label in level_labels:
                # "Belgrade" the town in "Belgrade" the region: one and the same.
                if level[label] != label:
                    parents[label] = level[label]
            for group in groups:
                own = [label for label in level_labels if level[label] == group]
                if (group in taken or group in level_labels) and own != [group]:
                    self.fault(
                        f"{self._shown(group)} names both a group and a value within another",
                        "give one of them another name",
                    )
            taken.update(level_labels)
            level_labels = groups
        parents |= dict.fromkeys(level_labels, TOTAL)
        for label in parents:
            if label.casefold() == TOTAL:
                self.fault(f'a value is named "{label}"', "the word is kept for the total")
        if self.problems:
            raise DisclosureError(self.problems)
        return Axis(self.dimension.name, self.dimension.title, parents)

    def _place_declared(self, label: str) -> None:
        """Give a declared value that no record has its place, if its groups are known."""
        below = label
        for level, parent in enumerate(self.dimension.parents):
            if below in self.above[level]:
                below = self.above[level][below]
            elif isinstance(parent, str):
                return  # only a record could tell its group
            else:
                below = self._mapped(level, parent, below)
        self.seen[label] = None
