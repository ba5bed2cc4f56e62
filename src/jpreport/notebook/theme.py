"""The report's look for charts: sizes, colours and matplotlib settings, as plain values."""

from __future__ import annotations

from typing import Any

from jpreport.style import DEFAULT, Style

POINTS_PER_MM = 72 / 25.4
TEXT_WIDTH = 165 * POINTS_PER_MM  # points; the width of the page between its margins
LABEL = 8.5  # points; names and values
SMALL = 8.0  # points; axes and remarks
TITLE = 10.0  # points
# Covers what the report's typeface does not, and travels with matplotlib.
FALLBACK = "DejaVu Sans"
# WCAG 2.2, 1.4.3 and 1.4.11: text, and marks that carry meaning.
TEXT_CONTRAST = 4.5
MARK_CONTRAST = 3.0


def luminance(colour: str) -> float:
    """Return the relative luminance of an sRGB hex colour, 0 to 1 (WCAG 2.2)."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB
        for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two sRGB hex colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def text_on(fill: str, style: Style = DEFAULT) -> str:
    """Return the text colour, ink or paper, that reads best on a fill."""
    return max((style.ink, style.paper), key=lambda colour: contrast(colour, fill))


def mixed(colour: str, other: str, share: float) -> str:
    """Return `colour` with a share (0 to 1) of `other` mixed in."""
    pairs = ((int(c[i : i + 2], 16) for c in (colour, other)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def outline(fill: str, style: Style = DEFAULT) -> str:
    """Return the fill, darkened until its edge stands out from the paper."""
    share = 0.0
    while contrast(mixed(fill, style.ink, share), style.paper) < MARK_CONTRAST:
        share += 0.05
    return mixed(fill, style.ink, share)


def settings(style: Style = DEFAULT) -> dict[str, Any]:
    """Return the matplotlib settings by which any figure takes the report's look."""
    return {
        "font.family": [style.sans, FALLBACK],
        "font.size": LABEL,
        "axes.titlesize": TITLE,
        "axes.titleweight": "semibold",
        "axes.titlelocation": "left",
        "axes.labelsize": LABEL,
        "axes.labelcolor": style.ink,
        "axes.edgecolor": style.muted,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": False,
        "axes.prop_cycle": f"cycler('color', {list(style.series)})",
        "axes.unicode_minus": True,
        "axes.formatter.use_locale": False,
        "figure.figsize": (TEXT_WIDTH / 72, TEXT_WIDTH / 72 * 0.52),
        "figure.titlesize": TITLE,
        "figure.titleweight": "semibold",
        "figure.facecolor": style.paper,
        "figure.constrained_layout.use": True,
        "grid.color": style.rule,
        "grid.linewidth": 0.5,
        "legend.frameon": False,
        "legend.fontsize": LABEL,
        "lines.linewidth": 1.8,
        "patch.linewidth": 0.6,
        "text.color": style.ink,
        "xtick.color": style.muted,
        "xtick.labelcolor": style.ink,
        "xtick.labelsize": SMALL,
        "ytick.color": style.muted,
        "ytick.labelcolor": style.ink,
        "ytick.labelsize": SMALL,
        "svg.fonttype": "path",
        "svg.hashsalt": "jpreport",
    }
