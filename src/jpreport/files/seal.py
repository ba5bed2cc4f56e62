"""A line in a published file with the digest of all the rest: whether a byte was altered.

It is no signature: who alters a file on purpose can seal it anew. Building it again tells.
"""

from __future__ import annotations

import re

from jpreport.files.digests import digest_bytes

_SAYS = "SHA-256 of this file without this line: "
_SEAL = re.compile(rb"(?:<!-- |%)" + _SAYS.encode() + rb"([0-9a-f]{64})(?: -->)?\n")


def seal_at(
    content: bytes, place: int | None = None, *, opening: str = "%", end: str = ""
) -> bytes:
    """Return a file with its seal at a place in it, by default the end.

    `opening` and `end` make it a comment of the format: "%", or "<!-- " and " -->".
    """
    place = len(content) if place is None else place
    seal = f"{opening}{_SAYS}{digest_bytes(content)}{end}\n".encode()
    return content[:place] + seal + content[place:]


def seal_of(content: bytes) -> str | None:
    """Return the digest that a file's seal states; None where it has no seal."""
    seals = _SEAL.findall(content)
    return seals[-1].decode() if seals else None


def is_intact(content: bytes) -> bool:
    """Whether a file has a seal that fits the rest of it."""
    seals = list(_SEAL.finditer(content))
    if not seals:
        return False
    start, end = seals[-1].span()
    return digest_bytes(content[:start] + content[end:]) == seals[-1][1].decode()
