"""What a reader is told of the protection of a table: what is hidden, and what is not."""

from __future__ import annotations

from jpreport.disclosure.axes import OTHER
from jpreport.disclosure.groups import concentrated
from jpreport.disclosure.protected import ProtectedCube


def statement(cube: ProtectedCube) -> str:
    """Return the protection of a cube in sentences; nothing in it is not in the cube."""
    few = f"Counts of fewer than {cube.threshold} persons are suppressed"
    said = [f"{few}, and others so that they cannot be worked out."]
    merged = [axis.title for axis in cube.axes if axis.merged]
    if merged:
        said.append(
            f"Values of {' and '.join(merged)} that no list of the programme names, and that "
            f'fewer persons have, are counted as "{OTHER}".'
        )
    count = len(concentrated(cube))
    if count:
        groups = "In 1 group" if count == 1 else f"In {count} groups"
        said.append(
            f"{groups} that the table can show, everybody has the same value of a dimension; "
            "that is not suppressed."
        )
    else:
        said.append("No group that the table can show has one value of a dimension for everybody.")
    return " ".join(said)
