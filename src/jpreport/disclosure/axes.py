"""The axes of a cube: the values of each dimension, the groups above them, the total."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise, product
from typing import Any

from jpreport.data.contract import Field, Resource
from jpreport.disclosure.declaration import Dimension, Level
from jpreport.errors import NOWHERE, DisclosureError, Problem, masked

TOTAL = "total"
NOT_RECORDED = "not recorded"
# What values of few persons become that no list of the contract has; see `AxisBuilder.merge`.
OTHER = "other"

Coordinate = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """One dimension: `parents` leads from each value or group to the group above, else TOTAL.

    So do `others`, further hierarchies over the same values (places by region, and by kind).
    Labels stand in the order of the document: values first, then groups from the bottom up.
    `merged` are those that stand for values of few persons, which are not told one by one.
    """

    name: str
    title: str
    parents: Mapping[str, str]
    merged: tuple[str, ...] = ()
    others: tuple[Mapping[str, str], ...] = ()

    @property
    def hierarchies(self) -> tuple[Mapping[str, str], ...]:
        """All of them, the first one first."""
        return (self.parents, *self.others)

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label that a coordinate may have, TOTAL last."""
        return (*dict.fromkeys(chain.from_iterable(self.hierarchies)), TOTAL)

    @property
    def leaves(self) -> tuple[str, ...]:
        """The values themselves."""
        groups = set(self.parents.values())
        return tuple(label for label in self.parents if label not in groups)

    def chains(self, label: str) -> list[list[str]]:
        """Return a label and all above it, TOTAL last, by hierarchy that has the label."""
        found = []
        for way in self.hierarchies:
            own = [label]
            while own[-1] in way:
                own.append(way[own[-1]])
            if own[-1] == TOTAL:
                found.append(own)
        return found

    def upward(self, label: str) -> tuple[str, ...]:
        """Return a label and all above it in any hierarchy, TOTAL last."""
        above = dict.fromkeys(chain.from_iterable(self.chains(label)))
        return (*(one for one in above if one != TOTAL), TOTAL)

    def divisions(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each group and TOTAL with the labels right under it, once a hierarchy."""
        for way in self.hierarchies:
            found: dict[str, list[str]] = {}
            for label, parent in way.items():
                found.setdefault(parent, []).append(label)
            yield from found.items()


def coordinates(axes: Sequence[Axis]) -> Iterator[Coordinate]:
    """Return the coordinates of all cells: every value, group and total crossed with all others."""
    return product(*(axis.labels for axis in axes))


def inner_cells(axes: Sequence[Axis]) -> Iterator[tuple[Coordinate, tuple[Coordinate, ...]]]:
    """Yield each inner cell with all cells that it is counted in, itself first."""
    upward = [{leaf: axis.upward(leaf) for leaf in axis.leaves} for axis in axes]
    for leaf in product(*upward):
        yield leaf, tuple(product(*(up[label] for up, label in zip(upward, leaf, strict=True))))


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
    """Return the labels that are listed, whatever the records hold; each has its place."""
    if dimension.ranges:
        return list(dimension.ranges)
    if not dimension.derive and field.enum:
        return [label_of(value) for value in field.enum]
    lowest = (levels[0] for levels in dimension.hierarchies)
    return next((list(level) for level in lowest if not isinstance(level, str)), [])


def _is_bounded(dimension: Dimension, field: Field) -> bool:
    """Whether the contract limits whole numbers or years on both sides, which lists them."""
    whole = bool(dimension.derive) or field.type in {"integer", "year"}
    return whole and field.minimum is not None and field.maximum is not None


class AxisBuilder:
    """Gathers one axis from the records, level by level; notes what does not fit together."""

    def __init__(self, dimension: Dimension, resource: Resource) -> None:
        self.dimension = dimension
        field = resource.field(dimension.column)
        self.declared = _declared(dimension, field)
        # Every level of each hierarchy, and what lies under it: a level from 1 on; 0: the values.
        self.levels: list[Level] = []
        self.under: list[int] = []
        for levels in dimension.hierarchies:
            self.under += [0, *range(len(self.levels) + 1, len(self.levels) + len(levels))]
            self.levels += levels
        # By level, the labels that are listed; None: all that there can be.
        self.listed: list[set[str] | None] = [
            None if _is_bounded(dimension, field) else {*self.declared, NOT_RECORDED}
        ]
        for level in self.levels:
            own = resource.field(level).enum if isinstance(level, str) else ()
            closed = not isinstance(level, str)
            self.listed.append(None if closed else {NOT_RECORDED, *map(label_of, own)})
        self.merged: dict[str, None] = {}
        self.where = NOWHERE.at(resource.name, f"dimension {dimension.name}")
        self.seen: dict[str, None] = {}
        self.above: list[dict[str, str]] = [{} for _ in self.levels]
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
        labels, given = [label], iter(groups)
        for level, parent in enumerate(self.levels):
            below = labels[self.under[level]]
            if isinstance(parent, str):
                group = label_of(next(given))
                if self.above[level].setdefault(below, group) != group:
                    self.fault(
                        f'{self._shown(below)} stands under more than one value of "{parent}"',
                        "each value belongs to one group; correct the records",
                    )
                labels.append(group)
            else:
                labels.append(self._mapped(level, parent, below))
        return label

    def _mapped(self, level: int, parent: Mapping[str, str], below: str) -> str:
        if below == NOT_RECORDED:
            group = NOT_RECORDED
        elif below in parent:
            group = parent[below]
        else:
            number = level - max(at for at in range(level + 1) if not self.under[at]) + 1
            self.fault(
                f"{self._shown(below)} has no group", f'add it to level {number} of "parents"'
            )
            group = NOT_RECORDED
        self.above[level][below] = group
        return group

    @property
    def is_open(self) -> bool:
        """Whether there are labels that the contract does not list."""
        return any(
            listed is not None and label not in listed
            for leaf in self.seen
            if not self._is_known(leaf)
            for label, listed in zip(self.chain(leaf), self.listed, strict=True)
        )

    def _is_known(self, leaf: str) -> bool:
        """Whether a value is listed; then its groups tell nothing more."""
        return self.listed[0] is None or leaf in self.declared

    def chain(self, leaf: str) -> tuple[str, ...]:
        """Return a value and its groups, upward, hierarchy by hierarchy, as the records have it."""
        labels = [leaf]
        for level, below in zip(self.above, self.under, strict=True):
            labels.append(level[labels[below]])
        return tuple(labels)

    def merge(
        self, persons: Sequence[Mapping[str, int]], threshold: int, before: Sequence[Axis]
    ) -> dict[str, str]:
        """Merge what is in no list and holds few persons; return what each value has become.

        That a label stands in a table tells that somebody is there, so it must not where it is in
        no list of the contract and holds fewer persons than the threshold. `persons` has by level
        how many each label holds. What stood in a release `before` is told already, and stands;
        what did not, where that release has merged values, may have been among them, and stays
        there. `not recorded` tells of records and not of persons.
        """
        known = {label for axis in before for label in axis.labels}
        became: dict[str, tuple[str, ...]] = {}
        for leaf in self.seen:
            chain, new = self.chain(leaf), list[str]()
            if self._is_known(leaf):
                became[leaf] = chain
                continue
            for level in reversed(range(len(chain))):
                label, listed = chain[level], self.listed[level]
                other = f"{OTHER} in {new[0]}" if new else OTHER
                few = other in known or persons[level].get(label, 0) < threshold
                if listed is not None and label not in listed and label not in known and few:
                    self.merged[other] = None
                    new[:0] = [other] * (level + 1)
                    break
                new.insert(0, label)
            became[leaf] = tuple(new)
        self.seen = dict.fromkeys(chain[0] for chain in became.values())
        self.above = [
            {chain[level]: chain[level + 1] for chain in became.values()}
            for level in range(len(self.above))
        ]
        return {leaf: chain[0] for leaf, chain in became.items()}

    def axis(self) -> Axis:
        """Return the axis; raises DisclosureError with all that was noted."""
        for label in self.declared:
            self._place_declared(label)
        extra = sorted(self.seen.keys() - set(self.declared) - {NOT_RECORDED, *self.merged})
        extra += [label for label in self.merged if label in self.seen]
        leaves = [label for label in self.declared if label in self.seen] + extra
        leaves += [NOT_RECORDED] if NOT_RECORDED in self.seen else []
        first = [at for at, below in enumerate(self.under) if not below]
        ways = [
            self._way(leaves, self.above[start:end])
            for start, end in pairwise([*first, len(self.levels)])
        ]
        parents, *others = ways or [dict.fromkeys(leaves, TOTAL)]
        axis = Axis(
            self.dimension.name, self.dimension.title, parents, tuple(self.merged), tuple(others)
        )
        for label in axis.labels[:-1]:
            if label.casefold() == TOTAL:
                self.fault(f'a value is named "{label}"', "the word is kept for the total")
            under = [
                [leaf for leaf in leaves if label in Axis("", "", way).upward(leaf)]
                for way in axis.hierarchies
                if label in way
            ]
            if any(own != under[0] for own in under):
                self.fault(
                    f"{self._shown(label)} names two groups", "give one of them another name"
                )
        if self.problems:
            raise DisclosureError(self.problems)
        return axis

    def _way(self, leaves: list[str], above: Iterable[Mapping[str, str]]) -> dict[str, str]:
        """Return one hierarchy: from each label to the one above, as by level of groups."""
        parents: dict[str, str] = {}
        level_labels = leaves
        taken: set[str] = set()
        for level in above:
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
        return parents | dict.fromkeys(level_labels, TOTAL)

    def _place_declared(self, label: str) -> None:
        """Give a declared value that no record has its place, if its groups are known."""
        labels = [label]
        for level, parent in enumerate(self.levels):
            below = labels[self.under[level]]
            if below in self.above[level]:
                labels.append(self.above[level][below])
            elif isinstance(parent, str):
                return  # only a record could tell its group
            else:
                labels.append(self._mapped(level, parent, below))
        self.seen[label] = None


def unlisted(dimension: Dimension, resource: Resource, axis: Axis) -> set[str]:
    """Return the labels of an axis that no list of the contract has, but for merged ones."""
    leaves, *groups = AxisBuilder(dimension, resource).listed
    if leaves is None:
        return set()
    listed = {*leaves, *axis.merged, NOT_RECORDED}
    open_groups = [one for one in groups if one is not None]
    found = set(axis.leaves) - listed
    if len(open_groups) == len(groups):
        named = set(listed).union(*open_groups)
        # Groups of listed values tell nothing more than these.
        known = set(axis.leaves) & leaves - {NOT_RECORDED}
        own = {label for leaf in known for label in axis.upward(leaf)}
        found |= set(axis.parents) - set(axis.leaves) - named - own
    return found
