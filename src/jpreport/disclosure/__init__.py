"""Sensitive tables leave only as protected cubes, attacked before they are let go.

Nothing here is loaded with jpreport itself: numpy and the solvers are for release builds.
"""

from jpreport.disclosure.axes import NOT_RECORDED, TOTAL, Axis, Coordinate, unlisted
from jpreport.disclosure.cache import audit_once, protect_once
from jpreport.disclosure.cube import Cube, build_cube
from jpreport.disclosure.cubes import (
    Cubes,
    programme_cubes,
    published_cube,
    read_cube,
    released_cubes,
)
from jpreport.disclosure.declaration import P_PERCENT, Dimension, Sensitive
from jpreport.disclosure.declared import read_sensitive
from jpreport.disclosure.differences import cubes_in, unnamed
from jpreport.disclosure.error import DisclosureError
from jpreport.disclosure.groups import concentrated
from jpreport.disclosure.primary import primary_cells, protection_level
from jpreport.disclosure.protect import Protection, protect
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.release import Finding, audit
from jpreport.disclosure.rounding import round_cube, unsound
from jpreport.disclosure.secret import programme_secret
from jpreport.disclosure.statement import statement
from jpreport.disclosure.trials import Interval

__all__ = [
    "NOT_RECORDED",
    "P_PERCENT",
    "TOTAL",
    "Axis",
    "Coordinate",
    "Cube",
    "Cubes",
    "Dimension",
    "DisclosureError",
    "Finding",
    "Interval",
    "ProtectedCube",
    "Protection",
    "Sensitive",
    "audit",
    "audit_once",
    "build_cube",
    "concentrated",
    "cubes_in",
    "primary_cells",
    "programme_cubes",
    "programme_secret",
    "protect",
    "protect_once",
    "protection_level",
    "published_cube",
    "read_cube",
    "read_sensitive",
    "released_cubes",
    "round_cube",
    "statement",
    "unlisted",
    "unnamed",
    "unsound",
]
