"""The protected cubes of one release: read where they are staged, else worked out and kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from jpreport.data import Package, Records
from jpreport.disclosure.cache import protect_once
from jpreport.disclosure.cube import build_cube
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.declared import read_sensitive
from jpreport.disclosure.linked import linked_tables
from jpreport.disclosure.protect import protect
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.rounding import round_cube
from jpreport.disclosure.secret import programme_secret
from jpreport.disclosure.statement import statement
from jpreport.errors import NOWHERE, DisclosureError, Place, Problem
from jpreport.files import read_json
from jpreport.language import Sentence
from jpreport.programme.folder import MANIFEST, PUBLISHED_CUBES, STAGED_CUBES

# Is told a table, how many of its cells were tried, and of how many.
OnCells = Callable[[str, int, int], None]


def published_cube(release: Path, table: str) -> ProtectedCube | None:
    """Return the protected cube of a table that a release holds; None where it has none."""
    try:
        return read_cube((release / PUBLISHED_CUBES / f"{table}.json").read_bytes())
    except OSError:
        return None


def read_cube(content: bytes) -> ProtectedCube | None:
    """Return the protected cube in a file's content; None where it is none that can be read."""
    try:
        return ProtectedCube.from_json(json.loads(content))
    except (KeyError, TypeError, ValueError):
        return None


def released_cubes(releases: Sequence[Path], table: str) -> tuple[ProtectedCube, ...]:
    """Return the protected cubes of a table in releases, in the same order.

    A release that told nothing of the table has none. Raises DisclosureError for one whose
    manifest or cube is missing.
    """
    found = []
    for release in releases:
        told = read_json(release / MANIFEST).get("cubes")
        # A manifest that names the table itself is of a version whose cubes cannot be read.
        if told is not None and not {table, f"{PUBLISHED_CUBES}/{table}.json"} & set(told):
            continue
        cube = published_cube(release, table)
        if cube is None:
            raise DisclosureError(
                Problem(
                    Place(f"{release.name}/{PUBLISHED_CUBES}/{table}.json"),
                    "the previous release has no protected cube of this table",
                    "name the folder of a release, with its cubes/",
                )
            )
        found.append(cube)
    return tuple(found)


class Cubes:
    """One protected cube a sensitive table, made once for all reports of a release.

    `root` is the programme folder: one that was staged for a release holds the cubes and no
    records of persons. `work` is a private folder in which protected cubes are kept from one
    build to the next. `releases` are all that are out, the first one first: together with them
    this one must give nothing away either. `on_cells` is told, while a table is protected, how
    many of how many cells were tried.
    """

    def __init__(
        self,
        package: Package,
        root: Path,
        work: Path,
        releases: Sequence[Path] = (),
        on_cells: OnCells = lambda _table, _done, _of: None,
    ) -> None:
        self.package, self._root, self._releases = package, root, releases
        self._on_cells = on_cells
        self._staged = root / STAGED_CUBES
        self._work = work
        self._cube = cache(self._made)
        self._said = cache(lambda table: statement(self._cube(table), self.declaration(table)))

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the sensitive tables, in declared order."""
        return tuple(name for name, one in self.package.resources.items() if one.sensitive)

    def declaration(self, table: str) -> Sensitive:
        """Return what is declared of a sensitive table; raises DisclosureError."""
        resource = self.package.resources.get(table)
        if resource is None or resource.sensitive is None:
            raise DisclosureError(
                Problem(NOWHERE, f'"{table}" is not a sensitive table', "use its records")
            )
        return read_sensitive(resource.sensitive, resource, self.package.place)

    def cube(self, table: str) -> ProtectedCube:
        """Return the protected cube of a table; raises DisclosureError, or DataError."""
        return self._cube(table)

    def protection(self, table: str) -> tuple[Sentence, ...]:
        """Return how a table is protected, for its readers; raises as `cube` does."""
        return self._said(table)

    def _made(self, table: str) -> ProtectedCube:
        declaration = self.declaration(table)
        staged = read_json(self._staged / f"{table}.json")
        if staged:
            return ProtectedCube.from_json(staged)
        previous = released_cubes(self._releases, table)
        with Records(self.package, persons=True) as records:
            declared = {name: self.declaration(name) for name in self.tables}
            if problems := list(linked_tables(declared, records)):
                raise DisclosureError(problems)
            before = [one.axes for one in previous]
            cube = build_cube(declaration, self.package.resources[table], records, before)
        once = partial(
            protect_once,
            folder=self._work,
            secret=programme_secret(self._root, synthetic=self.package.synthetic),
            progress=partial(self._on_cells, table),
        )
        protector = round_cube if declaration.method == "round" else protect
        counts = once(cube, declaration, previous=previous, protector=protector).cube
        # Equal contributions would make a sum tell the count: where that is hidden, so is the sum.
        sums = {
            column: once(
                cube.of(column),
                declaration,
                previous=[one.of(column) for one in previous if column in one.sums],
                hidden=counts.suppressed,
            ).cube.cells
            for column in declaration.sums
        }
        return replace(counts, sums=sums)
