"""Count a sensitive table once, in every way that a report may ask: the cube with all margins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jpreport.data.contract import Resource
from jpreport.disclosure.axes import Axis, Coordinate, coordinates
from jpreport.disclosure.counting import Counted, Source, count_records
from jpreport.disclosure.declaration import Measured, Sensitive
from jpreport.files import digest_json

# Beyond this neither a reader nor the protection gets through in reasonable time.
MOST_CELLS = 20_000


@dataclass(frozen=True, slots=True)
class Cube:
    """The true counts of a sensitive table, all margins included. Never leaves this machine.

    A cell's key has one label for each axis, "total" for a margin. The cube is additive: each
    group and each total is the sum of its parts. `sums` has by column what is in the same cells.
    """

    table: str
    count: Measured
    axes: tuple[Axis, ...]
    cells: Mapping[Coordinate, Counted]
    sums: Mapping[str, Mapping[Coordinate, Counted]] = field(default_factory=dict)

    def of(self, column: str) -> Cube:
        """Return the cube of the sums of a column."""
        return Cube(self.table, "sum", self.axes, self.sums[column])

    @property
    def total(self) -> Counted:
        """The grand total."""
        return self.cells[("total",) * len(self.axes)]

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
            "cells": [[list(key), *cell] for key, cell in self.cells.items()],
        }

    def digest(self) -> str:
        """Return the SHA-256 of the content.

        It must not be published: who knows all but a few counts could try out the rest.
        """
        return digest_json(self.to_json())


def axes_to_json(axes: Iterable[Axis]) -> list[dict[str, Any]]:
    """Return axes as JSON values, their order kept."""
    return [
        {"name": axis.name, "title": axis.title, "parents": list(map(list, axis.parents.items()))}
        | ({"merged": list(axis.merged)} if axis.merged else {})
        | ({"others": [list(map(list, way.items())) for way in axis.others]} if axis.others else {})
        for axis in axes
    ]


def axes_from_json(raw: Iterable[Mapping[str, Any]]) -> tuple[Axis, ...]:
    """Return the axes that `axes_to_json` gave."""
    return tuple(
        Axis(
            one["name"],
            one["title"],
            dict(one["parents"]),
            tuple(one.get("merged", ())),
            tuple(map(dict, one.get("others", ()))),
        )
        for one in raw
    )


def build_cube(
    declaration: Sensitive,
    resource: Resource,
    source: Source,
    before: Iterable[Sequence[Axis]] = (),
) -> Cube:
    """Return the cube of a sensitive table: all dimensions with all groups and totals.

    Where persons are counted, each stands in exactly one cell (the declaration's `keep` says in
    which if their rows differ), so that the cube adds up. Values that the contract does not list
    and fewer persons have than the threshold are counted as "other"; `before` holds the axes of
    the releases that are out (see `AxisBuilder.merge`). Raises DisclosureError for rows
    without a person, persons in several cells that no rule places, values without a group,
    names used twice, and a cube that is too large.
    """
    axes, measures = count_records(declaration, resource, source, MOST_CELLS, list(before))
    nobody = Counted(0, 0, 0)
    cells, *sums = (
        {key: numbers.get(key, nobody) for key in coordinates(axes)}
        for numbers in measures.values()
    )
    by_column = dict(zip(declaration.sums, sums, strict=True))
    return Cube(resource.name, declaration.count, axes, cells, by_column)
