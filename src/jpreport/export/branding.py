"""How a report looks: its programme's colours, and the font files where they are at hand."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jpreport.design.style import DEFAULT, Brand, Face, Role, Style, dark
from jpreport.files import digest_file

# OpenType: bits that say whether a face is upright or italic.
_ITALIC, _BOLD, _REGULAR = 1 << 0, 1 << 5, 1 << 6
_NAMES = {"family": 1, "style": 2, "full": 4}
_OTHER_NAMES = (16, 17, 21, 22, 25)  # families that reckon with more than four styles


@dataclass(frozen=True, slots=True)
class FontFile:
    """A font of the programme's: where it lies, and how a sheet calls it."""

    path: Path
    face: Face


@dataclass(frozen=True, slots=True)
class Appearance:
    """The tokens on paper and on a dark screen; `fonts` are those beside the usual ones."""

    style: Style = DEFAULT
    fonts: tuple[FontFile, ...] = ()

    @property
    def dark(self) -> Style:
        """The tokens for a dark screen."""
        return dark(self.style)

    def of(self, role: Role) -> tuple[FontFile, ...]:
        """Return the programme's fonts for a role; none where the usual ones serve."""
        return tuple(font for font in self.fonts if font.face.role == role)


def appearance_of(brand: Brand, folder: Path | None) -> Appearance:
    """Return the look that a programme has set; `folder` is the programme's.

    A typeface that is not in the folder, as it was when the notebook ran, gives way to the usual
    one: see `missing`.
    """
    gone = {face.role for face in missing(brand, folder)}
    kept = [face for face in brand.faces if face.role not in gone]
    fonts = tuple(FontFile(folder / face.file, face) for face in kept if folder)
    return Appearance(brand.style(frozenset(face.role for face in kept)), fonts)


def missing(brand: Brand, folder: Path | None) -> Iterator[Face]:
    """Yield the faces whose file is not at hand."""
    for face in brand.faces:
        path = folder / face.file if folder else None
        if path is None or not path.is_file() or digest_file(path) != face.digest:
            yield face


def font_bytes(font: FontFile) -> bytes:
    """Return a font whose own tables say what the programme calls it.

    Typst knows a font by its tables alone, and those of a family's files often disagree.
    """
    return _renamed(font.path, font.face)


@cache
def _renamed(path: Path, face: Face) -> bytes:
    from fontTools.ttLib import TTFont

    italic, bold = face.slope == "italic", face.weight >= 600  # noqa: PLR2004 - CSS's semibold
    style = " ".join(filter(None, ("Bold" if bold else "", "Italic" if italic else "")))
    names = {"family": face.family, "style": style or "Regular"}
    names["full"] = f"{names['family']} {names['style']}"
    out = io.BytesIO()
    with TTFont(io.BytesIO(path.read_bytes()), recalcTimestamp=False) as font:
        table = font["name"]
        table.names = [record for record in table.names if record.nameID not in _OTHER_NAMES]
        for key, number in _NAMES.items():
            table.setName(names[key], number, 3, 1, 0x409)
            table.removeNames(nameID=number, platformID=1)
        sizes = font["OS/2"]
        sizes.usWeightClass, sizes.usWidthClass = face.weight, 5
        sizes.fsSelection &= ~(_ITALIC | _BOLD | _REGULAR)
        sizes.fsSelection |= (_ITALIC if italic else 0) | (_BOLD if bold else 0)
        sizes.fsSelection |= 0 if italic or bold else _REGULAR
        font["head"].macStyle = (1 if bold else 0) | (2 if italic else 0)
        font.save(out, reorderTables=None)
    return out.getvalue()
