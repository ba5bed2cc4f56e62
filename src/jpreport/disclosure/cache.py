"""Protect what is new, and remember: the same counts under the same rules are protected once."""

from __future__ import annotations

import hmac
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jpreport.disclosure.cube import Cube
from jpreport.disclosure.declaration import Sensitive
from jpreport.disclosure.protect import Protection, protect
from jpreport.disclosure.protected import ProtectedCube
from jpreport.files import digest_json, to_json_bytes, write_atomic

# Raised when what `protect` decides changes for the same input.
_METHOD = 2


def _key(folder: Path) -> bytes:
    """Return the folder's own secret, made on first use.

    A plain digest of counts could be guessed by trying them out; with a secret it says nothing.
    """
    path = folder / "key"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_bytes()
    content = secrets.token_bytes(32)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    return content


def _name(folder: Path, cube: Cube, declaration: Sensitive, previous: ProtectedCube | None) -> str:
    content = digest_json(
        [
            _METHOD,
            cube.digest(),
            repr(declaration),
            previous.digest() if previous else None,
        ]
    )
    return hmac.new(_key(folder), content.encode(), "sha256").hexdigest()


def _read(path: Path) -> Protection | None:
    try:
        raw: dict[str, Any] = json.loads(path.read_bytes())
        return Protection(**{**raw, "cube": ProtectedCube.from_json(raw["cube"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def protect_once(
    cube: Cube,
    declaration: Sensitive,
    folder: Path,
    *,
    previous: ProtectedCube | None = None,
    protector: Callable[..., Protection] = protect,
) -> Protection:
    """Return what `protect` does, from the folder if it has been worked out there before.

    The folder holds protected cubes and what they cost, no counts that are suppressed. It is no
    place for readers all the same: what a protection cost is not for publication. Raises
    DisclosureError, and OutputError where the folder cannot be written.
    """
    path = folder / f"{_name(folder, cube, declaration, previous)}.json"
    known = _read(path)
    if known is not None:
        return known
    found = protector(cube, declaration, previous=previous)
    # `asdict` would take the cube apart; it has its own form.
    raw = {**asdict(found), "cube": found.cube.to_json()}
    write_atomic(path, to_json_bytes(raw))
    return found
