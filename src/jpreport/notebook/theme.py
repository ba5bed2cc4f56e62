"""The report's look for charts: sizes, colours and matplotlib settings, as plain values."""

from __future__ import annotations

from typing import Any

from jpreport.design.colour import MARK_CONTRAST, contrast, mixed
from jpreport.design.page import TEXT_WIDTH
from jpreport.design.style import DEFAULT, Style

LABEL = 8.5  # points; names and values
SMALL = 8.0  # points; axes and remarks
TITLE = 10.0  # points
# Covers what the report's typeface does not, and travels with matplotlib.
FALLBACK = "DejaVu Sans"
_style = DEFAULT


def style() -> Style:
    """Return the tokens of the programme that was opened last: a kernel makes one report."""
    return _style


def use(style: Style) -> None:
    """Let all that is drawn from now on take these tokens."""
    global _style  # noqa: PLW0603 - matplotlib's settings, which follow it, are one a process too
    _style = style


def families() -> list[str]:
    """Return the typefaces of charts, each for what those before it lack."""
    return list(dict.fromkeys((style().sans, DEFAULT.sans, FALLBACK)))


def text_on(fill: str) -> str:
    """Return the text colour, ink or paper, that reads best on a fill."""
    return max((DEFAULT.ink, DEFAULT.paper), key=lambda colour: contrast(colour, fill))


def outline(fill: str) -> str:
    """Return the fill, darkened until its edge stands out from the paper."""
    share = 0.0
    while contrast(mixed(fill, DEFAULT.ink, share), DEFAULT.paper) < MARK_CONTRAST:
        share += 0.05
    return mixed(fill, DEFAULT.ink, share)


def settings() -> dict[str, Any]:
    """Return the matplotlib settings by which any figure takes the report's look."""
    style = _style
    return {
        "font.family": families(),
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
        # Nothing draws an outline around an analyst's lines: the colours themselves stand out.
        "axes.prop_cycle": f"cycler('color', {list(map(outline, style.series))})",
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
