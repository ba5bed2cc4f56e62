"""One design language: colours, type and spacing for both formats and the charts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal

from jpreport.design.colour import contrast, nearest

_COLOUR = re.compile(r"#[0-9a-f]{6}")
_FAMILY = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]*")
SERIES = 6

# What a link needs on a dark screen: more than WCAG asks, as thin letters glow there.
_DARK_CONTRAST = 7.0

Role = Literal["serif", "sans"]
Slope = Literal["normal", "italic"]


@dataclass(frozen=True, slots=True)
class Style:
    """The tokens that HTML, PDF and charts share; colours are sRGB hex, sizes are points."""

    ink: str = "#16232e"
    muted: str = "#4a5b68"
    rule: str = "#b8c4cc"
    tint: str = "#eef3f6"
    paper: str = "#ffffff"
    accent: str = "#0b4f6c"
    mark: str = "#8a4b00"  # the illustrative-records mark
    mark_tint: str = "#fdf1de"
    # Dark and light take turns and no two are equally light: neighbours are told apart in
    # greyscale, any two with the common colour-vision deficiencies.
    series: tuple[str, ...] = field(
        default=("#0b4f6c", "#e3a41f", "#b5486a", "#a6d3e4", "#3a2a3f", "#7fae86")
    )
    serif: str = "Source Serif Pro"
    sans: str = "Source Sans Pro"
    body_size: float = 10.0


DEFAULT = Style()

# The same roles on a dark screen; charts keep their white ground.
DARK = Style(
    ink="#e6edf1",
    muted="#a8b7c1",
    rule="#43535f",
    tint="#1c2830",
    paper="#121a20",
    accent="#86c5df",
    mark="#ffd392",
    mark_tint="#3b2a0f",
)


@cache
def dark(style: Style) -> Style:
    """Return the style for a dark screen: its accent made light enough to be read there."""
    if style.accent == DEFAULT.accent:
        return DARK
    accent = nearest(style.accent, lambda c: contrast(c, DARK.tint) >= _DARK_CONTRAST)
    return replace(DARK, accent=accent)


@dataclass(frozen=True, slots=True)
class Face:
    """A font file of a programme; `file` is relative to its folder, `weight` as CSS counts.

    `digest` is the SHA-256 of the file: another file of that name is not this face.
    """

    role: Role
    family: str
    weight: int
    slope: Slope
    file: str
    digest: str

    def __post_init__(self) -> None:
        """Refuse a name that could be more than a name where it is written into a sheet."""
        if not _FAMILY.fullmatch(self.family):
            raise ValueError(f'"{self.family}" cannot be the name of a typeface')


@dataclass(frozen=True, slots=True)
class Logo:
    """A programme's logo; `data` is the file in base64, `alt` what it says."""

    media_type: Literal["image/svg+xml", "image/png"]
    data: str
    alt: str


@dataclass(frozen=True, slots=True)
class Brand:
    """What a programme sets of the design, as it travels with a report.

    Raises ValueError for what is no colour or no name of a typeface.
    """

    accent: str = DEFAULT.accent
    series: tuple[str, ...] = DEFAULT.series
    logo: Logo | None = None
    faces: tuple[Face, ...] = ()

    def __post_init__(self) -> None:
        """Refuse colours that are none: they are written into style sheets."""
        if len(self.series) != SERIES:
            raise ValueError(f"{len(self.series)} colours for series; there are {SERIES}")
        for colour in (self.accent, *self.series):
            if not _COLOUR.fullmatch(colour):
                raise ValueError(f'"{colour}" is no colour')

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Brand:
        """Return the brand that `dataclasses.asdict` made plain; raises ValueError, TypeError."""
        values = dict(value)
        values["series"] = tuple(values["series"])
        values["logo"] = Logo(**values["logo"]) if values["logo"] else None
        values["faces"] = tuple(Face(**face) for face in values["faces"])
        return cls(**values)

    def style(self, roles: frozenset[Role] = frozenset({"serif", "sans"})) -> Style:
        """Return the tokens; only these roles are set in the programme's own typefaces."""
        names = {face.role: face.family for face in self.faces if face.role in roles}
        return replace(
            DEFAULT,
            accent=self.accent,
            series=self.series,
            serif=names.get("serif", DEFAULT.serif),
            sans=names.get("sans", DEFAULT.sans),
        )
