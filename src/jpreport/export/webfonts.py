"""The report's typefaces, cut down to what a page needs and made part of it."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import font_source_sans_pro
import font_source_serif_pro
from fontTools import subset

from jpreport.style import Style

# Western and South Slavic Latin with the punctuation that text is set with. Cut once and used for
# every report: a set made from each report's letters would have to be cut again for each.
_LATIN = (
    frozenset(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x100))))
    | frozenset("ĆćČčĐđŠšŽž")
    | frozenset("\u2009\u202f–—‘’‚“”„†•…‰′‹›€™←↑→↓−≤≥")  # noqa: RUF001 - that is what they are
)
_CYRILLIC = frozenset(map(chr, range(0x400, 0x460)))
_FEATURES = ["kern", "lnum", "tnum", "mark", "ccmp", "locl"]


@dataclass(frozen=True, slots=True)
class _Face:
    path: str
    weight: int
    slope: str


def _faces(style: Style) -> list[tuple[str, _Face]]:
    sans = Path(font_source_sans_pro.font_directory) / "SourceSansPro"
    serif = Path(font_source_serif_pro.font_directory) / "SourceSerifPro"
    return [
        (family, _Face(f"{stem}-{name}.ttf", weight, slope))
        for family, stem, names in (
            (style.sans, sans, (("Regular", 400, "normal"), ("Semibold", 600, "normal"))),
            (
                style.serif,
                serif,
                (("Regular", 400, "normal"), ("It", 400, "italic"), ("Semibold", 600, "normal")),
            ),
        )
        for name, weight, slope in names
    ]


@cache
def _woff(path: str, letters: frozenset[str]) -> str:
    """Return a font reduced to some letters, as WOFF in base64; the same bytes every time."""
    options = subset.Options(
        flavor="woff",
        hinting=False,
        layout_features=_FEATURES,
        name_IDs=[0, 1, 2, 13, 14],  # who made it, and the licence that it is under
        recalc_timestamp=False,
    )
    out = io.BytesIO()
    with subset.load_font(path, options) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=sorted(map(ord, letters)))
        cutter.subset(font)
        subset.save_font(font, out, options)
    return base64.b64encode(out.getvalue()).decode()


def font_faces(text: str, style: Style) -> str:
    """Return `@font-face` rules with the fonts in them, for a page that says `text`."""
    others = frozenset(text) - _LATIN
    cyrillic = _CYRILLIC if others & _CYRILLIC else frozenset()
    letters = _LATIN | cyrillic | frozenset(c for c in others - cyrillic if c.isprintable())
    return "".join(
        f'@font-face{{font-family:"{family}";font-weight:{face.weight};font-style:{face.slope};'
        f"src:url(data:font/woff;base64,{_woff(face.path, letters)})}}\n"
        for family, face in _faces(style)
    )
