"""A sheet to draw on: rectangles, lines and text, measured in points from the top left corner.

Every chart places its marks itself, so that labels never collide by chance and a chart needs one
pass only; matplotlib sets the type and writes the SVG. The sheet takes nothing from matplotlib's
global settings, which belong to the analyst.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Sequence
from functools import cache
from typing import Literal

from matplotlib import style as matplotlib_style
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.transforms import IdentityTransform

from jpreport.design.style import DEFAULT
from jpreport.notebook import svg
from jpreport.notebook.labels import clean
from jpreport.notebook.theme import LABEL, TEXT_WIDTH, families

Weight = Literal["normal", "semibold"]
Align = Literal["left", "center", "right"]
Point = tuple[float, float]

CAPITAL = 0.66  # height of a capital letter, in ems
LINE = 1.22  # from line to line, in ems
EDGE = 0.6  # points; a hairline
DASHES = (3.0, 2.0)  # on and off, in thicknesses of the line
_POINTS = IdentityTransform()  # the figure has 72 dots an inch
_LOCK = threading.Lock()  # matplotlib's settings are one for the whole process


@cache
def _face(families: tuple[str, ...], size: float, weight: Weight) -> FontProperties:
    return FontProperties(family=list(families), size=size, weight=weight)


def face(size: float, weight: Weight = "normal") -> FontProperties:
    """Return the report's typeface in a size (points) and weight."""
    return _face(tuple(families()), size, weight)


@cache
def _width(text: str, face: FontProperties) -> float:
    return float(text_to_path.get_text_width_height_descent(text, face, ismath=False)[0])


def width_of(text: str, size: float = LABEL, weight: Weight = "normal") -> float:
    """Return how wide a line of text is, in points."""
    return _width(text, face(size, weight)) if text.strip() else 0.0


def wrapped(
    text: str, width: float, size: float = LABEL, weight: Weight = "normal", most: int = 3
) -> list[str]:
    """Break a text into lines no wider than `width` points; what is left over ends in "…"."""
    lines: list[str] = []
    for word in clean(text).split():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(joined, size, weight) <= width:
            lines[-1] = joined
        else:
            lines += _broken(word, width, size, weight)
    if len(lines) > most:
        last = lines[most - 1]
        while last and width_of(f"{last}…", size, weight) > width:
            last = last[:-1]
        lines[most - 1 :] = [f"{last.rstrip()}…"]
    return lines or [""]


def _broken(word: str, width: float, size: float, weight: Weight) -> list[str]:
    """Cut a word that is wider than the line; all others stay whole."""
    pieces = [""]
    for character in word:
        if pieces[-1] and width_of(pieces[-1] + character, size, weight) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces if width_of(word, size, weight) > width else [word]


class Sheet:
    """A drawing of the text's width and a given height, both in points."""

    width = TEXT_WIDTH

    def __init__(self, height: float) -> None:
        self.height = height
        self._marks: list[Callable[[], Artist]] = []

    def rectangle(self, corner: Point, size: Point, fill: str, edge: str = "none") -> None:
        """Draw a bar from its top left corner, `size` wide and high."""
        x, y = corner
        width, height = size
        self._marks.append(
            lambda: Rectangle(
                (x, self.height - y - height),
                width,
                height,
                facecolor=fill,
                edgecolor=edge,
                linewidth=EDGE,
                transform=_POINTS,
            )
        )

    def area(self, points: Sequence[Point], fill: str) -> None:
        """Fill the inside of a line."""
        turned = [(x, self.height - y) for x, y in points]
        self._marks.append(
            lambda: Polygon(turned, facecolor=fill, edgecolor="none", transform=_POINTS)
        )

    def line(
        self, points: Sequence[Point], colour: str, thickness: float = EDGE, *, dashed: bool = False
    ) -> None:
        """Draw a line through points; `thickness` is in points."""
        xs = [x for x, _ in points]
        ys = [self.height - y for _, y in points]
        self._marks.append(
            lambda: Line2D(
                xs,
                ys,
                color=colour,
                linewidth=thickness,
                linestyle=(0, DASHES) if dashed else "solid",
                solid_capstyle="butt",
                solid_joinstyle="miter",
                transform=_POINTS,
            )
        )

    def text(  # noqa: PLR0913 - what there is to say of a text
        self,
        at: Point,
        text: str,
        *,
        size: float = LABEL,
        colour: str = DEFAULT.ink,
        weight: Weight = "normal",
        align: Align = "left",
    ) -> None:
        """Write one line of text; `at` lies on its baseline."""
        x, y = at
        self._marks.append(
            lambda: Text(
                x,
                self.height - y,
                clean(text),
                color=colour,
                fontproperties=face(size, weight),
                horizontalalignment=align,
                verticalalignment="baseline",
                parse_math=False,
                transform=_POINTS,
            )
        )

    def svg(self, alt: str) -> str:
        """Return the drawing as SVG, with its text for those who cannot see it."""
        buffer = io.BytesIO()
        with _LOCK, matplotlib_style.context({}, after_reset=True):
            figure = Figure(figsize=(self.width / 72, self.height / 72), dpi=72)
            figure.set_facecolor(DEFAULT.paper)
            for mark in self._marks:
                figure.add_artist(mark())
            figure.savefig(buffer, format="svg", backend=svg.BACKEND)
        return svg.described(buffer.getvalue().decode(), alt)
