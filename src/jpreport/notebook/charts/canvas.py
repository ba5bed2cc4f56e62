"""A canvas: rectangles, lines and text, measured in points from the top left corner.

Every chart places its marks itself, so that labels never collide by chance and a chart needs one
pass only; matplotlib sets the type and writes the SVG. The canvas takes nothing from matplotlib's
global settings, which belong to the analyst.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import Any, Literal

from matplotlib import style as matplotlib_style
from matplotlib.artist import Artist
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.transforms import IdentityTransform

from jpreport.design.page import TEXT_WIDTH
from jpreport.design.style import DEFAULT
from jpreport.notebook import svg
from jpreport.notebook.labels import clean
from jpreport.notebook.theme import LABEL, families

Weight = Literal["normal", "semibold"]
Align = Literal["left", "center", "right"]
Point = tuple[float, float]

CAPITAL = 0.66  # height of a capital letter, in ems
LINE = 1.22  # from line to line, in ems
EDGE = 0.6  # points; a hairline
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


def baseline(middle: float, lines: int = 1, size: float = LABEL) -> float:
    """Return the baseline of the first of some lines whose middle is at a height."""
    return middle - (lines - 1) * size * LINE / 2 + size * CAPITAL / 2


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


class Canvas:
    """A drawing of the text's width and a given height, both in points."""

    width = TEXT_WIDTH

    def __init__(self, height: float) -> None:
        self.height = height
        # Artists are made in `svg`: they take matplotlib's settings as they are at that moment.
        self._marks: list[Callable[[], Artist]] = []

    def _add(self, artist: Callable[..., Artist], *args: object, **options: Any) -> None:  # noqa: ANN401 - matplotlib's
        self._marks.append(partial(artist, *args, transform=_POINTS, **options))

    def rectangle(self, corner: Point, size: Point, fill: str, edge: str = "none") -> None:
        """Draw a bar from its top left corner, `size` wide and high."""
        x, y = corner
        colours = {"facecolor": fill, "edgecolor": edge}
        self._add(Rectangle, (x, self.height - y - size[1]), *size, linewidth=EDGE, **colours)

    def area(self, points: Sequence[Point], fill: str) -> None:
        """Fill the inside of a line."""
        flipped = [(x, self.height - y) for x, y in points]
        self._add(Polygon, flipped, facecolor=fill, edgecolor="none")

    def line(self, points: Sequence[Point], colour: str, thickness: float = EDGE) -> None:
        """Draw a line through points; `thickness` is in points."""
        xs, ys = [x for x, _ in points], [self.height - y for _, y in points]
        ends = {"solid_capstyle": "butt", "solid_joinstyle": "miter"}
        self._add(Line2D, xs, ys, color=colour, linewidth=thickness, **ends)

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
        self._add(
            Text,
            at[0],
            self.height - at[1],
            clean(text),
            color=colour,
            fontproperties=face(size, weight),
            horizontalalignment=align,
            verticalalignment="baseline",
            parse_math=False,
        )

    def lines(
        self,
        at: Point,
        lines: Sequence[str],
        *,
        size: float = LABEL,
        weight: Weight = "normal",
        align: Align = "left",
    ) -> None:
        """Write lines of text below each other; `at` lies on the baseline of the first."""
        for number, line in enumerate(lines):
            base = at[1] + number * size * LINE
            self.text((at[0], base), line, size=size, weight=weight, align=align)

    def svg(self, alt: str, breaks: Sequence[float] = ()) -> str:
        """Return the drawing as SVG, with its alternative text, and where it may be cut."""
        buffer = io.BytesIO()
        with _LOCK, matplotlib_style.context({}, after_reset=True):
            figure = svg.Drawing(figsize=(self.width / 72, self.height / 72), dpi=72)
            figure.set_facecolor(DEFAULT.paper)
            for mark in self._marks:
                figure.add_artist(mark())
            figure.savefig(buffer, format="svg", backend=svg.BACKEND)
        drawn = svg.described(buffer.getvalue().decode(), alt)
        told = " ".join(f"{one:.2f}" for one in breaks)
        return drawn.replace("<svg ", f'<svg data-breaks="{told}" ', 1) if told else drawn


@dataclass(frozen=True)
class RowLabels:
    """The names of rows at the left of their marks, no wider than `most`; none where that is 0."""

    names: Sequence[str]
    most: float

    @cached_property
    def _lines(self) -> list[list[str]]:
        return [wrapped(name, self.most) if self.most else [] for name in self.names]

    @cached_property
    def width(self) -> float:
        """How wide the widest is."""
        return max((width_of(line) for lines in self._lines for line in lines), default=0)

    @cached_property
    def height(self) -> float:
        """How high the highest is."""
        return max(map(len, self._lines)) * LABEL * LINE

    def draw(self, canvas: Canvas, at: Point, row: int) -> None:
        """Write the name of a row; the middle of its left edge is at `at`."""
        lines = self._lines[row]
        canvas.lines((at[0], baseline(at[1], len(lines))), lines)
