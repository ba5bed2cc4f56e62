"""The protected cubes of one release: read where they are staged, else worked out and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from jpreport.data import Package, Records
from jpreport.disclosure.cache import protect_once
from jpreport.disclosure.cube import build_cube
from jpreport.disclosure.declaration import Sensitive, read_sensitive
from jpreport.disclosure.error import DisclosureError
from jpreport.disclosure.linked import linked_tables
from jpreport.disclosure.protected import ProtectedCube
from jpreport.errors import Problem
from jpreport.folder import KEPT_CUBES, STAGED_CUBES
from jpreport.provenance import read_json


def kept_cube(release: Path, table: str) -> ProtectedCube | None:
    """Return the protected cube of a table that an output folder keeps; None where it has none."""
    raw = read_json(release / KEPT_CUBES / f"{table}.json")
    try:
        return ProtectedCube.from_json(raw) if raw else None
    except (KeyError, TypeError, ValueError):
        return None


def released_cubes(releases: Sequence[Path], table: str) -> tuple[ProtectedCube, ...]:
    """Return the protected cubes of a table that releases keep, in the same order.

    Raises DisclosureError for an output folder that keeps none.
    """
    found = []
    for release in releases:
        cube = kept_cube(release, table)
        if cube is None:
            raise DisclosureError(
                Problem(
                    f"{release.name}/{KEPT_CUBES}/{table}.json",
                    "the previous release has no protected cube of this table",
                    "name the output folder of a release, with its .cache",
                )
            )
        found.append(cube)
    return tuple(found)


class Cubes:
    """One protected cube a sensitive table, made once for all reports of a release.

    `root` is the programme folder: one that was staged for a release holds the cubes and no
    records of persons. `work` is a private folder in which protected cubes are kept from one
    build to the next. `previous` returns the protected cubes of a table in all releases that are
    out, the first one first: together with them this one must give nothing away either.
    `secret` returns the programme's (see `secret`). Both are asked only where a cube is made.
    """

    def __init__(
        self,
        package: Package,
        root: Path,
        work: Path,
        *,
        secret: Callable[[], bytes],
        previous: Callable[[str], Sequence[ProtectedCube]] = lambda _table: (),
    ) -> None:
        self.package, self._secret, self._previous = package, secret, previous
        self._staged = root / STAGED_CUBES
        self._work = work
        self._cube = cache(self._made)

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the sensitive tables, in declared order."""
        return tuple(name for name, one in self.package.resources.items() if one.sensitive)

    def declaration(self, table: str) -> Sensitive:
        """Return what is declared of a sensitive table; raises DisclosureError."""
        resource = self.package.resources.get(table)
        if resource is None or resource.sensitive is None:
            raise DisclosureError(
                Problem("", f'"{table}" is not a sensitive table', "use its records")
            )
        return read_sensitive(resource.sensitive, resource, self.package.path.name)

    def cube(self, table: str) -> ProtectedCube:
        """Return the protected cube of a table; raises DisclosureError, or DataError."""
        return self._cube(table)

    def _made(self, table: str) -> ProtectedCube:
        declaration = self.declaration(table)
        staged = read_json(self._staged / f"{table}.json")
        if staged:
            return ProtectedCube.from_json(staged)
        previous = self._previous(table)
        with Records(self.package, persons=True) as records:
            declared = {name: self.declaration(name) for name in self.tables}
            if problems := list(linked_tables(declared, records)):
                raise DisclosureError(problems)
            cube = build_cube(declaration, self.package.resources[table], records)
        return protect_once(
            cube, declaration, self._work, secret=self._secret(), previous=previous
        ).cube
