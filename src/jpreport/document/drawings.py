"""A drawing on paper: in parts where it is higher than a page, and with type that can be read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jpreport.design.page import LEAST_TYPE, TALLEST, cure, shrunk

_ROOT = re.compile(r"<svg\b[^>]*>")
_BREAKS = re.compile(r'\bdata-breaks="([\d. ]*)"')
_SIZE = re.compile(r'\b(width|height)="([\d.]+)(pt|px|)"')
_BOX = re.compile(r'\bviewBox="([\d. -]+)"')
_TYPE = re.compile(r'\bfont-size(?:="|:\s*)([\d.]+)(px|pt|)')
_PX = 0.75  # points


def in_parts(svg: bytes) -> list[bytes]:
    """Return an SVG as it is, or the parts in which a page holds it, cut where it says it may be.

    `data-breaks` are heights in the units of its view, between which nothing is cut.
    """
    text = svg.decode()
    root = _ROOT.search(text)
    told = root and _BREAKS.search(root[0])
    box = root and _BOX.search(root[0])
    if not root or not told or not box:
        return [svg]
    _, top, width, height = map(float, box[1].split())
    parts = []
    for start, end in _pages([*map(float, told[1].split()), top + height], top):
        shown = _BOX.sub(f'viewBox="0 {start:g} {width:g} {end - start:g}"', root[0])
        shown = re.sub(r'\bheight="[^"]*"', f'height="{end - start:g}pt"', shown)
        parts.append(text.replace(root[0], _BREAKS.sub("", shown), 1).encode())
    return parts


def _pages(breaks: Sequence[float], top: float) -> list[tuple[float, float]]:
    """Return the spans between breaks, each as long as a page holds."""
    pages, start = [], top
    while start < breaks[-1]:
        fits = [one for one in breaks if start < one <= start + TALLEST]
        end = max(fits, default=min(one for one in breaks if one > start))
        pages.append((start, end))
        start = end
    return pages


def unreadable(svg: str) -> str:
    """Return why the type of an SVG would be too small on paper, "" where it is not.

    Type that was drawn as outlines has no size: who drew it looks after that.
    """
    root = _ROOT.search(svg)
    sizes = {name: float(n) * (1 if u == "pt" else _PX) for name, n, u in _found(root)}
    box = _BOX.search(root[0]) if root else None
    if set(sizes) != {"width", "height"}:
        return ""
    width, height = sizes["width"], sizes["height"]
    view = float(box[1].split()[2]) if box else width / _PX
    types = [float(size) * width / view for size, _ in _TYPE.findall(svg)]
    if not types or min(types) * shrunk(width, height) >= LEAST_TYPE:
        return ""
    return cure(width, height, min(types))


def _found(root: re.Match[str] | None) -> list[tuple[str, str, str]]:
    return _SIZE.findall(root[0]) if root else []
