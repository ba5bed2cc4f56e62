"""One design language: colours, type and spacing for both formats and the charts."""

from __future__ import annotations

from dataclasses import dataclass, field


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
