"""Colours: contrast, and telling them apart with any sight and in greyscale."""

from itertools import pairwise

import pytest

from jpreport.design.colour import confused, contrast, lightness, mixed, nearest
from jpreport.design.style import DARK, DEFAULT, dark


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_nearest_shade_passes_and_is_the_nearest() -> None:
    passes = lambda c: contrast(c, "#ffffff") >= 4.5  # noqa: E731
    assert nearest("#0b4f6c", passes) == "#0b4f6c"
    shade = nearest("#3399cc", passes)
    assert passes(shade)
    assert not passes(mixed(shade, "#3399cc", 0.05))
    with pytest.raises(ValueError, match="no shade"):
        nearest("#3399cc", lambda _: False)


def test_series_are_told_apart_with_any_sight() -> None:
    assert confused(DEFAULT.series) == {}


def test_neighbours_are_told_apart_in_greyscale() -> None:
    greys = list(map(lightness, DEFAULT.series))
    assert all(abs(one - other) > 20 for one, other in pairwise(greys))


def test_who_confuses_what() -> None:
    red_green = confused(["#a03030", "#ffffff", "#5a6420"])
    assert list(red_green) == [(0, 2)]
    assert "with full colour vision" not in red_green[0, 2]
    assert any("protanopia" in how or "deuteranopia" in how for how in red_green[0, 2])
    assert confused(["#a03030", "#306090"]) == {(0, 1): ["in greyscale"]}


@pytest.mark.parametrize("accent", ["#7a1f3d", "#004d40", "#000000"])
def test_accent_is_made_light_for_a_dark_screen(accent: str) -> None:
    from dataclasses import replace

    style = dark(replace(DEFAULT, accent=accent))
    assert contrast(style.accent, DARK.tint) >= 7
    assert contrast(style.accent, DARK.paper) >= 7
    assert dark(DEFAULT) is DARK
