"""The result of an audit, for people and as JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from jpreport.errors import Problem


@dataclass(frozen=True, slots=True)
class TableAudit:
    """What was audited of one sensitive table: its cube's cells, the numbers compared with it.

    `truth` says whether the records were at hand and are those that the cube was made from:
    without them single persons are not played, and tables without figures are not recognized.
    `groups` counts those of which everybody is seen to have the same value of a dimension,
    `dominated` the published numbers that two persons make nearly all of, whatever is declared.
    `cube` is the digest of what is published, `rules` what is declared, `found` counts what the
    attack found.
    """

    table: str
    threshold: int
    cells: int
    suppressed: int
    compared: int
    truth: bool
    groups: int
    dominated: int
    cube: str
    rules: Mapping[str, Any]
    found: int


@dataclass(frozen=True, slots=True)
class Audit:
    """The result of an audit; a release is sound where it has no problems."""

    files: int = 0
    tables: tuple[TableAudit, ...] = ()
    leaks: tuple[Problem, ...] = ()
    numbers: tuple[Problem, ...] = ()
    attacks: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    previous: int = 0

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that was found."""
        return (*self.leaks, *self.numbers, *self.attacks)

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON values."""
        found = {
            name: [one.to_json() for one in problems]
            for name, problems in (
                ("leaks", self.leaks),
                ("numbers", self.numbers),
                ("attacks", self.attacks),
            )
        }
        return {"version": 1, "sound": not self.problems, **asdict(self), **found}
