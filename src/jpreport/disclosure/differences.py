"""How far two releases differ, counted and not told: a small difference singles persons out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jpreport.disclosure.axes import TOTAL
from jpreport.disclosure.cubes import published_cube
from jpreport.disclosure.protected import ProtectedCube
from jpreport.errors import Place, Problem
from jpreport.files import read_json
from jpreport.programme.folder import MANIFEST, PUBLISHED_CUBES


@dataclass(frozen=True, slots=True)
class Differences:
    """How many counts two releases publish differently, and by fewer than the threshold."""

    changed: int
    small: int


def differences(before: ProtectedCube, after: ProtectedCube) -> Differences:
    """Return how far two protected cubes of a table differ where both publish a count.

    Cells are the same where their labels are, whatever dimensions else there are.
    """
    old, new = _by_labels(before), _by_labels(after)
    gaps = [abs(new[cell] - old[cell]) for cell in old.keys() & new.keys()]
    threshold = max(before.threshold, after.threshold)
    return Differences(sum(gap > 0 for gap in gaps), sum(0 < gap < threshold for gap in gaps))


def _by_labels(cube: ProtectedCube) -> dict[frozenset[tuple[str, str]], int]:
    names = [axis.name for axis in cube.axes]
    return {
        frozenset(pair for pair in zip(names, cell, strict=True) if pair[1] != TOTAL): value
        for cell, value in cube.published.items()
    }


def cubes_in(release: Path) -> dict[str, ProtectedCube]:
    """Return the protected cubes of a release by table; none where there is no release."""
    names = read_json(release / MANIFEST).get("cubes", {})
    tables = [Path(name).stem for name in names if Path(name).parent.name == PUBLISHED_CUBES]
    return {table: cube for table in tables if (cube := published_cube(release, table))}


def unnamed(
    cubes: dict[str, ProtectedCube],
    releases: Sequence[tuple[str, dict[str, ProtectedCube]]],
    previous: Sequence[Path],
) -> Iterator[Problem]:
    """Yield a warning for each release that tells a difference and was not protected against.

    `releases` are (name, cubes) of what may be out; those that are among `previous` are not
    asked. Says how many counts differ, never which or by how much.
    """
    named = [cubes_in(release) for release in previous]
    for name, others in releases:
        for table, cube in cubes.items():
            other = others.get(table)
            if other is None or any(one.get(table) == other for one in named):
                continue
            found = differences(other, cube)
            if found.changed:
                yield Problem(
                    Place(name).at(table),
                    f"{found.changed} published counts differ from this release, {found.small} of "
                    f"them by fewer than {cube.threshold} persons: whoever has both can tell who "
                    "was added",
                    "if it is out, keep its folder (manifest.json and cubes/) below the "
                    "programme's, name it in previous_releases, and build again",
                )
