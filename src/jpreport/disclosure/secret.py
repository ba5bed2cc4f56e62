"""The programme's secret: nobody outside can run the choice of cells again."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from jpreport.errors import NOWHERE, DisclosureError, Place, Problem
from jpreport.programme.folder import SECRET_VARIABLE, STATE

_FILE = "secret"
_BYTES = 32
# Made-up records have nobody to protect, and shall look the same to everybody.
PUBLIC = hashlib.sha256(b"jpreport: the records of this programme are synthetic").digest()


def programme_secret(root: Path, *, synthetic: bool = False) -> bytes:
    """Return the secret of the programme in a folder, made on first use; 32 bytes or more.

    That of the environment comes first, then the one in the programme's own state folder, which
    is neither published nor committed. A `synthetic` programme has a public one. Raises
    DisclosureError for one that is too short, or no hexadecimal number.
    """
    given = os.environ.get(SECRET_VARIABLE)
    if given:
        return _checked(given, NOWHERE.at(f"environment variable {SECRET_VARIABLE}"))
    if synthetic:
        return PUBLIC
    folder = root / STATE
    path = folder / _FILE
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return _checked(
            path.read_text(encoding="ascii", errors="replace"), Place(f"{folder.name}/{path.name}")
        )
    content = secrets.token_bytes(_BYTES)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(content.hex() + "\n")
    return content


def _checked(text: str, where: Place) -> bytes:
    try:
        secret = bytes.fromhex(text.strip())
    except ValueError:
        secret = b""
    if len(secret) < _BYTES:
        raise DisclosureError(
            Problem(
                where,
                f"the secret is no hexadecimal number of {2 * _BYTES} digits or more",
                'make one: python -c "import secrets; print(secrets.token_hex(32))"',
            )
        )
    return secret
