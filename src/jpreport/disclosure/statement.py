"""What a reader is told of the protection of a table: what is hidden, and what is not."""

from __future__ import annotations

from jpreport.disclosure.axes import OTHER
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.groups import concentrated
from jpreport.disclosure.protected import ProtectedCube


def statement(cube: ProtectedCube, rules: Sensitive) -> str:
    """Return the protection of a cube in sentences; all in it is in the cube, or declared."""
    said = [_rounded(cube) if cube.base else _suppressed(cube, rules)]
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


def _suppressed(cube: ProtectedCube, rules: Sensitive) -> str:
    few = f"Counts of fewer than {cube.threshold} persons are suppressed"
    said = f"{few}, and others so that they cannot be worked out."
    n, k = rules.dominance
    shares = []
    if rules.p_percent:
        shares.append(f"what one person has could be told to within {rules.p_percent:g}%")
    if n:
        shares.append(f"{n} of the persons {'makes' if n == 1 else 'make'} more than {k:g}%")
    if (cube.sums or cube.count == "records") and shares:
        said += f" So are numbers of which {', or '.join(shares)}."
    elif cube.count == "records":
        said += " That one person makes most of a count is not hidden."
    return said


def _rounded(cube: ProtectedCube) -> str:
    base = cube.base
    grouped = any(len(axis.labels) > len(axis.leaves) + 1 for axis in cube.axes)
    # Of one or two dimensions without groups there always is such a table.
    further = len(cube.axes) > 2 or grouped  # noqa: PLR2004
    totals = ", totals by more where they would not add up otherwise" if further else ""
    return (
        f"All counts are rounded to base {base}: each differs from the true one by at most "
        f"{base - 1}{totals}; 0 may stand for up to {base - 1} persons. Sums of rounded counts "
        "add up."
    )
