"""The protected cube: the only thing that leaves a sensitive table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jpreport.disclosure.axes import TOTAL, Axis, Coordinate
from jpreport.disclosure.cube import Cube, axes_from_json, axes_to_json
from jpreport.disclosure.declaration import Measured, Sensitive, Zeros
from jpreport.errors import NOWHERE, DisclosureError, Problem, did_you_mean
from jpreport.files import digest_json


@dataclass(frozen=True, slots=True)
class ProtectedCube:
    """Counts that may be published, and None where a count is suppressed.

    Why a cell is suppressed, and what it was, is not in here: whoever holds this value knows
    no more than a reader. `width` is the least distance between the lowest and the highest
    that a suppressed cell can have. `sums` has by column what is in the same cells; where a count
    is suppressed, so are the sums. With a `base`, all counts are rounded to multiples of
    it instead (see `rounding`).
    """

    table: str
    count: Measured
    axes: tuple[Axis, ...]
    threshold: int
    width: int
    zeros: Zeros
    cells: Mapping[Coordinate, int | None]
    sums: Mapping[str, Mapping[Coordinate, int | None]] = field(default_factory=dict)
    base: int = 0

    def __repr__(self) -> str:
        """Return what it counts, as a cell shows it."""
        by = ", ".join(axis.title for axis in self.axes)
        hidden = sum(value is None for value in self.cells.values())
        return (
            f"<ProtectedCube {self.table}, {self.count} by {by}; "
            f"{hidden} of {len(self.cells)} cells suppressed>"
        )

    @classmethod
    def made(
        cls,
        cube: Cube,
        rules: Sensitive,
        cells: Mapping[Coordinate, int | None],
        base: int = 0,
    ) -> ProtectedCube:
        """Return what may be published of a cube: these cells, by these rules."""
        shared = (cube.table, cube.count, cube.axes)
        return cls(*shared, rules.threshold, rules.width, rules.zeros, cells, base=base)

    def of(self, column: str) -> ProtectedCube:
        """Return the cube of the sums of a column."""
        return replace(self, count="sum", cells=self.sums[column], sums={})

    @property
    def published(self) -> dict[Coordinate, int]:
        """The cells that are published."""
        return {key: value for key, value in self.cells.items() if value is not None}

    @property
    def suppressed(self) -> tuple[Coordinate, ...]:
        """The cells that are suppressed."""
        return tuple(key for key, value in self.cells.items() if value is None)

    @property
    def lowest(self) -> int:
        """What anyone knows a suppressed count to be at least, by the rule for zeros."""
        return 1 if self.zeros == "publish" and self.count != "sum" else 0

    def axis(self, name: str) -> Axis:
        """Return a dimension; raises DisclosureError for an unknown one."""
        for axis in self.axes:
            if axis.name == name:
                return axis
        known = [axis.name for axis in self.axes]
        raise DisclosureError(
            Problem(
                NOWHERE.at(self.table),
                f'the protected cube has no dimension "{name}"',
                did_you_mean(name, known),
            )
        )

    def coordinate(self, **where: str) -> Coordinate:
        """Return the coordinate at these labels, all other dimensions at their total."""
        for name, label in where.items():
            axis = self.axis(name)
            if label not in axis.labels:
                raise DisclosureError(
                    Problem(
                        NOWHERE.at(self.table),
                        f'the dimension "{name}" has no value "{label}"',
                        did_you_mean(label, axis.labels),
                    )
                )
        return tuple(where.get(axis.name, TOTAL) for axis in self.axes)

    def value(self, **where: str) -> int | None:
        """Return a count; None where it is suppressed. Raises DisclosureError."""
        return self.cells[self.coordinate(**where)]

    def breakdown(self, dimension: str, **where: str) -> dict[str, int | None]:
        """Return the counts of the values of a dimension, without groups and total."""
        return {
            leaf: self.cells[self.coordinate(**{**where, dimension: leaf})]
            for leaf in self.axis(dimension).leaves
        }

    def to_json(self) -> dict[str, Any]:
        """Return the cube as JSON values; null stands for a suppressed count."""
        return {
            "version": 1,
            "table": self.table,
            "count": self.count,
            "axes": axes_to_json(self.axes),
            "threshold": self.threshold,
            "width": self.width,
            "zeros": self.zeros,
            "cells": _listed(self.cells),
            **(
                {"sums": {name: _listed(own) for name, own in self.sums.items()}}
                if self.sums
                else {}
            ),
            **({"base": self.base} if self.base else {}),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> ProtectedCube:
        """Return the cube that `to_json` gave."""
        return cls(
            table=raw["table"],
            count=raw["count"],
            axes=axes_from_json(raw["axes"]),
            threshold=raw["threshold"],
            width=raw["width"],
            zeros=raw["zeros"],
            cells=_cells(raw["cells"]),
            sums={name: _cells(own) for name, own in raw.get("sums", {}).items()},
            base=raw.get("base", 0),
        )

    def digest(self) -> str:
        """Return the SHA-256 of what is published; it tells nothing more."""
        return digest_json(self.to_json())


def _listed(cells: Mapping[Coordinate, int | None]) -> list[list[Any]]:
    return [[list(key), value] for key, value in cells.items()]


def _cells(raw: Iterable[tuple[Iterable[str], int | None]]) -> dict[Coordinate, int | None]:
    return {tuple(key): value for key, value in raw}
