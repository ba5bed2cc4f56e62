"""The room that a page has for what is drawn, in points, and how small type may be."""

from __future__ import annotations

POINTS_PER_MM = 72 / 25.4
TEXT_MM = 165.0
TEXT_WIDTH = TEXT_MM * POINTS_PER_MM
"""Between the margins."""
TALLEST = 210 * POINTS_PER_MM
"""Of a drawing, with room for its caption."""
LEAST_TYPE = 6.0
"""As it is printed."""


def shrunk(width: float, height: float) -> float:
    """Return by how much a drawing is made smaller so that a page holds it, 1 at most."""
    return min(1.0, TEXT_WIDTH / width, TALLEST / height) if width > 0 < height else 1.0


def cure(width: float, height: float, least: float) -> str:
    """Return why type of `least` points would be too small on paper, and what helps."""
    inches = min(width, TEXT_WIDTH) / 72, min(height, TALLEST) / 72
    return (
        f"it is {width:.0f} by {height:.0f} points, and a page holds {TEXT_WIDTH:.0f} by "
        f"{TALLEST:.0f}: its type would be {least * shrunk(width, height):.1f} points high; "
        f"draw it {inches[0]:.1f} by {inches[1]:.1f} inches, or divide it"
    )
