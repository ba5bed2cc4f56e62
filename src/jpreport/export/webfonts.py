"""The report's typefaces, cut down to what a page needs and made part of it."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock

import brotli
import font_source_sans_pro
import font_source_serif_pro
import fontpkg_source_serif_4
import fontTools
from platformdirs import user_cache_path

from jpreport.design.style import Role
from jpreport.errors import OutputError
from jpreport.export.branding import Appearance
from jpreport.files import digest_bytes, digest_file, digest_json, write_atomic

# Western and South Slavic Latin with the punctuation that text is set with. Cut once and used for
# every report: a set made from each report's letters would have to be cut again for each.
_LATIN = (
    frozenset(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x100))))
    | frozenset("ĆćČčĐđŠšŽž")
    | frozenset("↩\ufe0e")  # with which pandoc leads back from a footnote
    | frozenset("\u2009\u202f–—‘’‚“”„†•…‰′‹›€™←↑→↓−≤≥")  # noqa: RUF001 - that is what they are
)
_CYRILLIC = frozenset(map(chr, range(0x400, 0x460)))
_FEW = 24  # letters of a name or two: that of a language to which a page leads
_SEMIBOLD = 600
_FEATURES = ["kern", "lnum", "tnum", "mark", "ccmp", "locl"]


SANS = f"{font_source_sans_pro.font_directory}/SourceSansPro"
SERIF = f"{font_source_serif_pro.font_directory}/SourceSerifPro"
# The italic face above has no Cyrillic; this one does, also as Serbian writes it.
ITALIC = Path(fontpkg_source_serif_4.ROOT, "files", "SourceSerif4-Italic[opsz,wght].ttf")
# A font file, its weight and its slope as CSS has them.
_Face = tuple[str, int, str]
_USUAL: dict[Role, tuple[_Face, ...]] = {
    "sans": (
        (f"{SANS}-Regular.ttf", 400, "normal"),
        (f"{SANS}-Semibold.ttf", 600, "normal"),
    ),
    "serif": (
        (f"{SERIF}-Regular.ttf", 400, "normal"),
        (f"{SERIF}-It.ttf", 400, "italic"),
        (f"{SERIF}-Semibold.ttf", 600, "normal"),
    ),
}


def _faces(appearance: Appearance) -> Iterator[tuple[str, _Face]]:
    """Yield the faces that a page is set in; bold is what its sheet never asks for."""
    families: tuple[tuple[Role, str], ...] = (
        ("sans", appearance.style.sans),
        ("serif", appearance.style.serif),
    )
    for role, family in families:
        own = tuple(
            (str(font.path), font.face.weight, font.face.slope)
            for font in appearance.of(role)
            if font.face.weight <= _SEMIBOLD and (role == "serif" or font.face.slope == "normal")
        )
        yield from ((family, face) for face in own or _USUAL[role])


_cutting = Lock()


def cut(path: str, letters: frozenset[str], family: str = "") -> str:
    """Return what `_cut` does, cut once a machine."""
    # Two reports that are rendered at a time need the same ones.
    with _cutting:
        return _kept(path, letters, family)


@cache
def _kept(path: str, letters: frozenset[str], family: str) -> str:
    made_by = [fontTools.version, brotli.__version__, digest_file(Path(__file__))]
    name = digest_json([made_by, digest_file(Path(path)), sorted(letters), family])
    place = user_cache_path("jpreport") / "fonts" / name
    # What was damaged is cut again, and a folder that cannot be written costs time alone.
    with suppress(OSError, ValueError):
        digest, content = place.read_text("ascii").split()
        if digest == digest_bytes(content.encode()):
            return content
    content = _cut(path, letters, family)
    with suppress(OutputError):
        write_atomic(place, f"{digest_bytes(content.encode())} {content}\n".encode())
    return content


def _cut(path: str, letters: frozenset[str], family: str) -> str:
    """Return a font reduced to some letters, in base64; the same bytes every time.

    It is WOFF2, or TrueType that says that it is of a family.
    """
    # Heavy, and needed only where no earlier build has cut it.
    from fontTools import subset
    from fontTools.varLib.instancer import instantiateVariableFont

    options = subset.Options(
        flavor=None if family else "woff2",
        hinting=False,
        layout_features=_FEATURES,
        # FFTM is an editor's time stamp; fontTools has no public name for its own list.
        drop_tables=[*subset.Options._drop_tables_default, "FFTM"],  # noqa: SLF001
        name_IDs=[0, 1, 2, 13, 14],  # who made it, and the licence that it is under
        recalc_timestamp=False,
    )
    out = io.BytesIO()
    with subset.load_font(path, options) as font:
        if "fvar" in font:
            usual = {axis.axisTag: axis.defaultValue for axis in font["fvar"].axes}
            instantiateVariableFont(font, usual, inplace=True)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=sorted(map(ord, letters)))
        cutter.subset(font)
        if family:
            font["name"].setName(family, 1, 3, 1, 0x409)
        subset.save_font(font, out, options)
    return base64.b64encode(out.getvalue()).decode()


def is_cyrillic(text: str) -> bool:
    """Say whether a text has more of Cyrillic than a name in it."""
    return len(_CYRILLIC.intersection(text)) > _FEW


def font_faces(text: str, appearance: Appearance) -> str:
    """Return `@font-face` rules with the fonts in them, for a page that says `text`."""
    others = frozenset(text) - _LATIN
    cyrillic = _CYRILLIC if is_cyrillic(text) else frozenset()
    letters = _LATIN | cyrillic | frozenset(c for c in others - cyrillic if c.isprintable())
    faces = [(family, face, letters, "") for family, face in _faces(appearance)]
    if cyrillic and not appearance.of("serif"):
        # Declared behind the face without these letters, it is taken for them.
        face = (str(ITALIC), 400, "italic")
        faces.append((appearance.style.serif, face, cyrillic, "unicode-range:U+400-45F;"))
    return "".join(
        f'@font-face{{font-family:"{family}";font-weight:{weight};font-style:{slope};{within}'
        f"src:url(data:font/woff2;base64,{cut(path, held)})}}\n"
        for family, (path, weight, slope), held, within in faces
    )
