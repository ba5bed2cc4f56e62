"""What a reader is told of the protection of a table: what is hidden, and what is not."""

from __future__ import annotations

from jpreport.disclosure.axes import OTHER, TOTAL
from jpreport.disclosure.groups import concentrated
from jpreport.disclosure.protected import ProtectedCube


def statement(cube: ProtectedCube) -> str:
    """Return the protection of a cube in sentences; nothing in it is not in the cube."""
    said = [_rounded(cube) if cube.base else _suppressed(cube)]
    merged = [axis.title for axis in cube.axes if axis.merged]
    if merged:
        said.append(
            f"Values of {' and '.join(merged)} that no list of the programme names, and that "
            f'fewer persons have, are counted as "{OTHER}".'
        )
    count = len(concentrated(cube))
    if cube.base:
        return " ".join(said)
    if count:
        groups = "In 1 group" if count == 1 else f"In {count} groups"
        said.append(
            f"{groups} that the table can show, everybody has the same value of a dimension; "
            "that is not suppressed."
        )
    else:
        said.append("No group that the table can show has one value of a dimension for everybody.")
    return " ".join(said)


def _suppressed(cube: ProtectedCube) -> str:
    few = f"Counts of fewer than {cube.threshold} persons are suppressed"
    said = f"{few}, and others so that they cannot be worked out."
    if cube.sums or cube.count == "records":
        said += " So are those of which few persons make most, as far as rules are declared."
    return said


def _rounded(cube: ProtectedCube) -> str:
    base = cube.base
    grouped = any(label != TOTAL for axis in cube.axes for label in axis.parents.values())
    # Of one or two dimensions without groups there always is such a table.
    further = len(cube.axes) > 2 or grouped  # noqa: PLR2004
    totals = ", totals by more where they would not add up otherwise" if further else ""
    return (
        f"All counts are rounded to base {base}: each differs from the true one by at most "
        f"{base - 1}{totals}; 0 may stand for up to {base - 1} persons. Sums of rounded counts "
        "add up."
    )
