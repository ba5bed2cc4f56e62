"""Protect and attack what is new, and remember: the same counts by the same rules once only."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from jpreport.disclosure.axes import Coordinate
from jpreport.disclosure.cube import Cube
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.protect import Progress, Protection, protect
from jpreport.disclosure.protected import ProtectedCube
from jpreport.disclosure.release import Finding, audit
from jpreport.files import digest_code, digest_json, to_json_bytes, write_atomic


@cache
def _code() -> str:
    """Return the digest of what decides: the code of this room, and the solver."""
    return digest_code(Path(__file__).parent, ("highspy", "numpy"))


def _path(folder: Path, secret: bytes, *claims: object) -> Path:
    """Return where an answer is kept.

    A plain digest of counts could be guessed by trying them out; with the secret it says nothing.
    """
    content = digest_json([_code(), *claims]).encode()
    return folder / f"{hmac.new(secret, content, 'sha256').hexdigest()}.json"


def _read(path: Path) -> Any:  # noqa: ANN401 (JSON)
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def protect_once(  # noqa: PLR0913 (what protection depends on, and where it is kept)
    cube: Cube,
    declaration: Sensitive,
    folder: Path,
    *,
    secret: bytes,
    previous: Sequence[ProtectedCube] = (),
    hidden: Collection[Coordinate] = (),
    protector: Callable[..., Protection] = protect,
    progress: Progress | None = None,
) -> Protection:
    """Return what `protect` does, from the folder if it has been worked out there before.

    The folder holds protected cubes and what they cost, no counts that are suppressed. It is no
    place for readers all the same: what a protection cost is not for publication. Raises
    DisclosureError, and OutputError where the folder cannot be written.
    """
    releases = [one.digest() for one in previous]
    rules = [repr(declaration), sorted(map(list, hidden))]
    path = _path(folder, secret, "protection", cube.digest(), rules, releases)
    try:
        raw = _read(path)
        return Protection(**{**raw, "cube": ProtectedCube.from_json(raw["cube"])})
    except (KeyError, TypeError, ValueError):
        pass  # nothing is kept, or by another version
    found = protector(
        cube, declaration, secret=secret, previous=previous, hidden=hidden, progress=progress
    )
    # `asdict` would take the cube apart; it has its own form.
    write_atomic(path, to_json_bytes({**asdict(found), "cube": found.cube.to_json()}))
    return found


def audit_once(  # noqa: PLR0913 (the same)
    protected: ProtectedCube,
    folder: Path,
    *,
    secret: bytes,
    previous: Sequence[ProtectedCube] = (),
    truth: Cube | None = None,
    insider_width: int = 1,
    wider: Mapping[Coordinate, int] | None = None,
) -> tuple[Finding, ...]:
    """Return what `audit` does; that nothing was found is remembered in the folder.

    Raises DisclosureError as `audit` does, and OutputError where the folder cannot be written.
    """
    releases = [one.digest() for one in (*previous, protected)]
    needed = sorted([list(cell), width] for cell, width in (wider or {}).items())
    counts = truth.digest() if truth else None
    path = _path(folder, secret, "audit", releases, counts, insider_width, needed)
    if _read(path) == {"sound": True}:
        return ()
    found = audit(
        protected, previous=previous, truth=truth, insider_width=insider_width, wider=wider
    )
    if not found:
        write_atomic(path, to_json_bytes({"sound": True}))
    return found
