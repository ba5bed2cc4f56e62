"""Count a sensitive table once, in every way that a report may ask: the cube with all margins."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Protocol

from jpreport.data.contract import Resource
from jpreport.disclosure.axes import (
    Axis,
    AxisBuilder,
    Coordinate,
    coordinates,
    label_of,
    relations,
)
from jpreport.disclosure.declaration import Count, Sensitive
from jpreport.disclosure.error import DisclosureError
from jpreport.disclosure.relations import Relation
from jpreport.errors import NOWHERE, Problem
from jpreport.files import digest_json

# Beyond this neither a reader nor the protection gets through in reasonable time.
MOST_CELLS = 20_000


@dataclass(frozen=True, slots=True)
class Cell:
    """What is behind one number: `value` counts, from `persons` different persons.

    `largest` is how much of the value one person alone makes (1 where persons are counted).
    """

    value: int
    persons: int
    largest: int


@dataclass(frozen=True, slots=True)
class Cube:
    """The true counts of a sensitive table, all margins included. Never leaves this machine.

    A cell's key has one label for each axis, "total" for a margin. The cube is additive: each
    group and each total is the sum of its parts.
    """

    table: str
    count: Count
    axes: tuple[Axis, ...]
    cells: Mapping[Coordinate, Cell]

    @property
    def total(self) -> Cell:
        """The grand total."""
        return self.cells[("total",) * len(self.axes)]

    def relations(self) -> Iterator[Relation[Coordinate]]:
        """Return how the cells add up."""
        return relations(self.axes)

    def values(self) -> dict[Coordinate, int]:
        """Return the true count of every cell."""
        return {key: cell.value for key, cell in self.cells.items()}

    def to_json(self) -> dict[str, Any]:
        """Return the cube as JSON values. They are as sensitive as the records."""
        return {
            "version": 1,
            "table": self.table,
            "count": self.count,
            "axes": axes_to_json(self.axes),
            "cells": [
                [list(key), cell.value, cell.persons, cell.largest]
                for key, cell in self.cells.items()
            ],
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Cube:
        """Return the cube that `to_json` gave."""
        return cls(
            table=raw["table"],
            count=raw["count"],
            axes=axes_from_json(raw["axes"]),
            cells={tuple(key): Cell(*numbers) for key, *numbers in raw["cells"]},
        )

    def digest(self) -> str:
        """Return the SHA-256 of the content.

        It must not be published: who knows all but a few counts could try out the rest.
        """
        return digest_json(self.to_json())


class Source(Protocol):
    """Where records come from: `jpreport.data.Records` is one."""

    def query(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT, in the order of the file."""


def axes_to_json(axes: Iterable[Axis]) -> list[dict[str, Any]]:
    """Return axes as JSON values, their order kept."""
    return [
        {"name": axis.name, "title": axis.title, "parents": list(map(list, axis.parents.items()))}
        for axis in axes
    ]


def axes_from_json(raw: Iterable[Mapping[str, Any]]) -> tuple[Axis, ...]:
    """Return the axes that `axes_to_json` gave."""
    return tuple(Axis(one["name"], one["title"], dict(one["parents"])) for one in raw)


def _columns(declaration: Sensitive) -> list[str]:
    """Return the columns that counting needs, each once."""
    names = [declaration.unit]
    for dimension in declaration.dimensions:
        names.append(dimension.column)
        names += [level for level in dimension.parents if isinstance(level, str)]
    names += [declaration.keep_by] if declaration.keep_by else []
    return list(dict.fromkeys(names))


def _one_place_each(
    declaration: Sensitive, records: Iterable[tuple[str, Coordinate, Any]]
) -> dict[str, Coordinate]:
    """Return the one cell in which each person counts; raises DisclosureError for "refuse"."""
    rows: dict[str, list[tuple[Any, Coordinate]]] = {}
    for person, coordinate, order in records:
        rows.setdefault(person, []).append((order, coordinate))
    several = sum(len({place for _, place in own}) > 1 for own in rows.values())
    if several and declaration.keep == "refuse":
        raise DisclosureError(
            Problem(
                NOWHERE.at(declaration.table),
                f"{several} of {len(rows)} persons would stand in more than one cell, "
                "and totals would not add up",
                'declare "keep": {"row": "first", "by": a column of dates} under "sensitive", '
                'or "count": "records"',
            )
        )
    if declaration.keep_by:
        for own in rows.values():
            # A missing date is the weakest claim to be first or last; ties keep the file's order.
            dated = [row for row in own if row[0] is not None]
            undated = [row for row in own if row[0] is None]
            dated.sort(key=lambda row: row[0])
            own[:] = undated + dated if declaration.keep == "last" else dated + undated
    return {person: own[-1 if declaration.keep == "last" else 0][1] for person, own in rows.items()}


def _tally(axes: Sequence[Axis], places: Mapping[str, Counter[Coordinate]]) -> dict[Any, Cell]:
    """Count every cell from how often each person stands at which coordinates."""
    value: Counter[Coordinate] = Counter()
    persons: Counter[Coordinate] = Counter()
    largest: dict[Coordinate, int] = {}
    for own in places.values():
        totals: Counter[Coordinate] = Counter()
        for place, times in own.items():
            upward = (axis.upward(label) for axis, label in zip(axes, place, strict=True))
            for coordinate in product(*upward):
                totals[coordinate] += times
        value.update(totals)
        persons.update(totals.keys())
        for coordinate, times in totals.items():
            largest[coordinate] = max(times, largest.get(coordinate, 0))
    return {key: Cell(value[key], persons[key], largest.get(key, 0)) for key in coordinates(axes)}


def build_cube(declaration: Sensitive, resource: Resource, source: Source) -> Cube:
    """Return the cube of a sensitive table: all dimensions with all groups and totals.

    Where persons are counted, each stands in exactly one cell (the declaration's `keep` says in
    which if their rows differ), so that the cube adds up. Raises DisclosureError for rows
    without a person, persons in several cells that no rule places, values without a group,
    names used twice, and a cube that is too large.
    """
    columns = _columns(declaration)
    listed = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
    rows = source.query(f'SELECT {listed} FROM "{resource.name}"')  # noqa: S608 (names checked)
    at = {name: number for number, name in enumerate(columns)}
    builders = [AxisBuilder(dimension, resource) for dimension in declaration.dimensions]
    records: list[tuple[str, Coordinate, Any]] = []
    nameless = 0
    for row in rows:
        person = row[at[declaration.unit]]
        nameless += person is None
        place = tuple(
            builder.add(
                row[at[builder.dimension.column]],
                [row[at[level]] for level in builder.dimension.parents if isinstance(level, str)],
            )
            for builder in builders
        )
        order = row[at[declaration.keep_by]] if declaration.keep_by else None
        records.append((label_of(person), place, order))
    if nameless:
        raise DisclosureError(
            Problem(
                NOWHERE.at(resource.name),
                f'{nameless} records have no "{declaration.unit}"',
                "whom they count could not be told; make the column required",
            )
        )
    axes = tuple(builder.axis() for builder in builders)
    size = math.prod(len(axis.labels) for axis in axes)
    if size > MOST_CELLS:
        raise DisclosureError(
            Problem(
                NOWHERE.at(resource.name),
                f"the cube would have {size:,} cells, more than {MOST_CELLS:,}",
                "declare fewer dimensions, or broader ranges and groups",
            )
        )
    places: dict[str, Counter[Coordinate]] = {}
    if declaration.count == "persons":
        for person, place in _one_place_each(declaration, records).items():
            places[person] = Counter([place])
    else:
        for person, place, _ in records:
            places.setdefault(person, Counter())[place] += 1
    return Cube(resource.name, declaration.count, axes, _tally(axes, places))
