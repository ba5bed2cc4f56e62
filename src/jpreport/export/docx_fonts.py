"""The report's typefaces within a Word file, so that it looks alike where nobody installed them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass

from jpreport.design.style import Role
from jpreport.export.branding import Appearance
from jpreport.export.webfonts import ITALIC, SANS, SERIF, cut, is_cyrillic
from jpreport.files import digest_bytes

# What reviewers write with in Latin, Greek and Cyrillic letters, and signs.
_RANGES = ((0x20, 0x180), (0x370, 0x460), (0x2010, 0x2040), (0x2190, 0x2194), (0x2260, 0x2266))
_SIGNS = "\N{EURO SIGN}\N{TRADE MARK SIGN}\N{MINUS SIGN}"
_LETTERS = frozenset(map(chr, (n for part in _RANGES for n in range(*part)))) | {*_SIGNS}
_FACES: dict[Role, tuple[tuple[str, str], ...]] = {
    "sans": (("Regular", f"{SANS}-Regular.ttf"), ("Bold", f"{SANS}-Bold.ttf")),
    "serif": (
        ("Regular", f"{SERIF}-Regular.ttf"),
        ("Bold", f"{SERIF}-Bold.ttf"),
        ("Italic", f"{SERIF}-It.ttf"),
    ),
}
_HIDDEN = 32  # bytes at the beginning that ECMA-376 has mixed with the key


@dataclass(frozen=True, slots=True)
class FontPart:
    """A face of a family as a part of the file; `slot` is which of the four it is."""

    family: str
    slot: str
    key: str
    content: bytes

    @property
    def name(self) -> str:
        """What the part is called."""
        return f"{self.key.strip('{}')}.odttf"

    @property
    def relation(self) -> str:
        """What the table of typefaces calls the part."""
        return f"rId{self.slot}{self.key[1:9]}"


def font_parts(appearance: Appearance, text: str) -> Iterator[FontPart]:
    """Yield the usual faces for a text; whether a programme's own may be passed on is not known.

    They are under the SIL Open Font License, which lets them be part of a document.
    """
    for role, faces in _FACES.items():
        family = getattr(appearance.style, role)
        for slot, file in () if appearance.of(role) else faces:
            # The usual italics have no Cyrillic, those that have are slow to be cut.
            path = str(ITALIC) if slot == "Italic" and is_cyrillic(text) else file
            font = base64.b64decode(cut(path, _LETTERS, family))
            digest = digest_bytes(font)[:32].upper()
            places = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))
            key = "-".join(digest[start:end] for start, end in places)
            yield FontPart(family, slot, f"{{{key}}}", _mixed(font, bytes.fromhex(digest)))


def _mixed(font: bytes, key: bytes) -> bytes:
    """Return a font whose first bytes are mixed with its key (ECMA-376-4, 17.8.1)."""
    begin = bytes(byte ^ key[::-1][n % len(key)] for n, byte in enumerate(font[:_HIDDEN]))
    return begin + font[_HIDDEN:]
