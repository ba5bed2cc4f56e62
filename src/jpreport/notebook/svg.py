"""A matplotlib canvas that writes small SVG: the same bytes every time, no style sheets.

Matplotlib takes this module as a backend (`savefig(..., backend="module://...")`), so that charts
of ours and plain figures of an analyst leave by the same way.
"""

from __future__ import annotations

import hashlib
import html
import io
import re
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import font_source_sans_pro
from matplotlib import font_manager
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.text import Text

from jpreport.design.page import LEAST_TYPE, cure, shrunk
from jpreport.notebook.theme import FALLBACK

BACKEND = f"module://{__name__}"
FACES = ("Regular", "It", "Semibold", "Bold")

_PROLOGUE = re.compile(r"<\?xml.*?\?>\s*|<!DOCTYPE.*?>\s*|<!--.*?-->\s*", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>\s*", re.DOTALL)
_SHEET = re.compile(r"<defs>\s*<style type=\"text/css\">.*?</style>\s*</defs>\s*", re.DOTALL)
_STYLE = re.compile(r' style="([^"]*)"')
_GEOMETRY = re.compile(r'(?<= d=")[^"]*|(?<=translate\()[^)]*|(?<= [xy]=")[^"]*')
_LONG = re.compile(r"-?\d+\.\d{3,}")
_ID = re.compile(r' id="([^"]*)"')
_REFERENCE = re.compile(r'(?:href="|url\()#([^")]*)')
_EMPTY = re.compile(r"<g>\s*</g>\s*|<defs>\s*</defs>\s*|<defs/>\s*")
# What CSS and SVG say with the same words; a strict Content-Security-Policy refuses the CSS.
_ATTRIBUTES = {
    "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity",
    "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin",
    "stroke-miterlimit", "opacity", "image-rendering", "text-anchor",
}  # fmt: skip


class Drawing(Figure):
    """A drawing of ours: as wide as the text, and broken over pages where it is higher than one."""


class FigureCanvas(FigureCanvasSVG):
    """Matplotlib's SVG canvas with the file made smaller and reproducible."""

    def print_svg(self, filename: Any, *, bbox_inches_restore: Any = None, **_: Any) -> None:  # noqa: ANN401 - as overridden
        """Write the figure; metadata such as dates are left out whatever the caller says."""
        if not isinstance(self.figure, Drawing):
            check_type(self.figure)
        buffer = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        with warnings.catch_warnings():
            # Matplotlib draws a box for a letter that no typeface has, and only warns of it.
            warnings.filterwarnings("error", "Glyph .* missing from")
            try:
                super().print_svg(  # type: ignore[no-untyped-call]
                    buffer, bbox_inches_restore=bbox_inches_restore, metadata=nothing
                )
            except UserWarning as warning:
                found = re.search(r"Glyph (\d+)", str(warning))
                letter = chr(int(found[1])) if found else "?"
                raise ValueError(
                    f'the chart says "{letter}", which no typeface of the report has: name one '
                    "that has it under [style.sans] in programme.toml"
                ) from None
        data = tidied(buffer.getvalue()).encode()
        if isinstance(filename, str | Path):
            Path(filename).write_bytes(data)
        else:
            filename.write(data)


def check_type(figure: Any) -> None:  # noqa: ANN401 - a figure of matplotlib
    """Refuse a figure whose type would be too small to read on paper; raises ValueError."""
    width, height = (72 * inches for inches in figure.get_size_inches())
    texts = (one for one in figure.findobj(Text) if one.get_visible() and one.get_text().strip())
    least = min((one.get_fontsize() for one in texts), default=LEAST_TYPE)
    if least * shrunk(width, height) < LEAST_TYPE:
        raise ValueError(f"the chart cannot be read: {cure(width, height, least)}")


def register_fonts() -> None:
    """Make the report's typeface known to matplotlib, before any system font of that name."""
    manager = font_manager.fontManager
    folder = Path(font_source_sans_pro.font_directory)
    wanted = [str(folder / f"SourceSansPro-{face}.otf") for face in FACES]
    if any(entry.fname == wanted[0] for entry in manager.ttflist):
        return
    known = list(manager.ttflist)
    for path in wanted:
        manager.addfont(path)
    added = [entry for entry in manager.ttflist if entry.fname in wanted]
    # The fallback has no semibold, of which matplotlib would complain with every chart.
    bold = [f for f in known if f.name == FALLBACK and (f.weight, f.style) == (700, "normal")][:1]
    added += [replace(entry, weight=600) for entry in bold]
    manager.ttflist[:] = [*added, *known]


def register_family(family: str, files: Mapping[int, Path]) -> None:
    """Make a programme's upright faces, by weight, known to matplotlib before all others."""
    manager = font_manager.fontManager
    for weight, path in files.items():
        manager.addfont(str(path))  # also forgets what was found before
        # The file's own tables may call it otherwise.
        named = replace(manager.ttflist.pop(), name=family, style="normal", weight=weight)
        manager.ttflist[:] = [named, *(f for f in manager.ttflist if f != named)]


def described(svg: str, alt: str) -> str:
    """Return an SVG with a text in its root for those who cannot see it."""
    label = html.escape(" ".join(alt.split()), quote=True)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def tidied(svg: str) -> str:
    """Return matplotlib's SVG without what a document does not need.

    No prologue, comments, metadata or style sheet; styles as attributes; hundredths of a point;
    ids only where something refers to them, counted through and marked with a digest of the
    drawing, so that several drawings can stand in one page.
    """
    for unwanted in (_PROLOGUE, _METADATA, _SHEET):
        svg = unwanted.sub("", svg)
    svg = svg.replace("xlink:href=", "href=").replace(
        ' xmlns:xlink="http://www.w3.org/1999/xlink"', ' stroke-linejoin="round"'
    )
    svg = _STYLE.sub(_as_attributes, svg)
    svg = _GEOMETRY.sub(lambda found: _rounded(found.group()), svg)
    svg = _renamed(svg)
    while svg != (svg := _EMPTY.sub("", svg)):
        pass
    svg = re.sub(r">\s+<", "><", svg)
    return svg.strip() + "\n"


def _as_attributes(found: re.Match[str]) -> str:
    """Return a style as presentation attributes, as far as there are such."""
    declarations = [part.split(":", 1) for part in found.group(1).split(";") if ":" in part]
    pairs = [(name.strip(), value.strip()) for name, value in declarations]
    attributes = [f' {name}="{value}"' for name, value in pairs if name in _ATTRIBUTES]
    rest = "; ".join(f"{name}: {value}" for name, value in pairs if name not in _ATTRIBUTES)
    return "".join(attributes) + (f' style="{rest}"' if rest else "")


def _rounded(numbers: str) -> str:
    def shorter(found: re.Match[str]) -> str:
        text = f"{float(found.group()):.2f}".rstrip("0").rstrip(".")
        return "0" if text == "-0" else text

    short = _LONG.sub(shorter, numbers)
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", " ".join(short.split()))


def _renamed(svg: str) -> str:
    used = dict.fromkeys(_REFERENCE.findall(svg))
    # matplotlib's own ids differ from run to run, so the digest leaves them out.
    bare = _REFERENCE.sub("", _ID.sub("", svg))
    mark = hashlib.sha256(bare.encode()).hexdigest()[:8]
    names = {old: f"c{mark}-{number}" for number, old in enumerate(used, start=1)}
    svg = _ID.sub(lambda f: f' id="{names[f.group(1)]}"' if f.group(1) in names else "", svg)
    return _REFERENCE.sub(
        lambda f: f.group().replace(f"#{f.group(1)}", f"#{names[f.group(1)]}"), svg
    )


register_fonts()
