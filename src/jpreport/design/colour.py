"""Colours as numbers: contrast, lightness, and who can tell two of them apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations, pairwise

# WCAG 2.2, 1.4.3 and 1.4.11: text, and marks that carry meaning.
TEXT_CONTRAST = 4.5
MARK_CONTRAST = 3.0

# Distances in OKLab, of which 0.02 is just noticeable; steps of CIE lightness, 0 to 100.
LEAST_DISTANCE = 0.07
LEAST_STEP = 15.0

_STEPS = 256

Vector = tuple[float, float, float]
Matrix = tuple[Vector, Vector, Vector]

# Machado, Oliveira and Fernandes (2009), "A Physiologically-based Model for Simulation of Color
# Vision Deficiency", IEEE TVCG 15(6), severity 1.0, for linear RGB.
_SIGHTS: Mapping[str, Matrix] = {
    "full colour vision": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
# Björn Ottosson's perceptual space OKLab, from linear RGB.
_TO_LMS: Matrix = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB: Matrix = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)


def _linear(colour: str) -> Vector:
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB
        for c in channels
    )
    return red, green, blue


def _times(matrix: Matrix, vector: Vector) -> Vector:
    one, two, three = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return one, two, three


def _seen(colour: str, sight: Matrix) -> Vector:
    """Return how a colour looks with a sight, in OKLab."""
    red, green, blue = (min(max(c, 0.0), 1.0) for c in _times(sight, _linear(colour)))
    long, medium, short = (math.cbrt(c) for c in _times(_TO_LMS, (red, green, blue)))
    return _times(_TO_LAB, (long, medium, short))


def luminance(colour: str) -> float:
    """Return the relative luminance of an sRGB hex colour, 0 to 1 (WCAG 2.2)."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two sRGB hex colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lightness(colour: str) -> float:
    """Return the CIE lightness L* of a colour, which is what greyscale leaves of it: 0 to 100."""
    # Exact above L* = 8; below, every colour is black in print.
    return max(0.0, 116 * math.cbrt(luminance(colour)) - 16)


def mixed(colour: str, other: str, share: float) -> str:
    """Return `colour` with a share (0 to 1) of `other` mixed in."""
    pairs = ((int(c[i : i + 2], 16) for c in (colour, other)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def nearest(colour: str, passes: Callable[[str], bool]) -> str:
    """Return the nearest darker or lighter shade that passes; raises ValueError for none."""
    for step in range(_STEPS + 1):
        for end in ("#000000", "#ffffff"):
            shade = mixed(colour, end, step / _STEPS)
            if passes(shade):
                return shade
    raise ValueError(f"no shade of {colour} passes")


def confused(colours: Sequence[str]) -> dict[tuple[int, int], list[str]]:
    """Return the pairs of positions whose colours look alike, and how one has to look for that.

    Any two are to be told apart with full colour vision, protanopia, deuteranopia and
    tritanopia; neighbours in greyscale too.
    """
    found: dict[tuple[int, int], list[str]] = {}
    for name, sight in _SIGHTS.items():
        places = [_seen(colour, sight) for colour in colours]
        for (i, here), (j, there) in combinations(enumerate(places), 2):
            if math.dist(here, there) < LEAST_DISTANCE:
                found.setdefault((i, j), []).append(f"with {name}")
    for (i, one), (j, other) in pairwise(enumerate(map(lightness, colours))):
        if abs(one - other) < LEAST_STEP:
            found.setdefault((i, j), []).append("in greyscale")
    return dict(sorted(found.items()))
