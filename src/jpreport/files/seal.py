"""A line in a published file with the digest of all the rest: whether a byte was altered.

It is no signature: who alters a file on purpose can seal it anew. Building it again tells.
"""

from __future__ import annotations

import re

from jpreport.files.digests import digest_bytes

_SAYS = "SHA-256 of this file without this line: "
_SEAL = re.compile(rb"(?:<!-- |%)" + _SAYS.encode() + rb"([0-9a-f]{64})(?: -->)?\n")


def seal_page(page: str) -> str:
    """Return an HTML page with its seal as the last line."""
    text = page if page.endswith("\n") else f"{page}\n"
    return f"{text}<!-- {_SAYS}{digest_bytes(text.encode())} -->\n"


def seal_pdf(pdf: bytes) -> bytes:
    """Return a PDF with its seal as a comment behind the last object.

    PDF/A allows nothing behind the end mark, and what stands before `startxref` moves no object.
    """
    place = pdf.rindex(b"startxref")
    return pdf[:place] + f"%{_SAYS}{digest_bytes(pdf)}\n".encode() + pdf[place:]


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
