"""Charts that draw themselves in a browser, as the pictures that their makers offer."""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from IPython.display import display

from jpreport.notebook import theme

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_ALTAIR = ("", "Layer", "Facet", "HConcat", "VConcat", "Concat", "Repeat")


def show_stills(shell: InteractiveShell) -> None:
    """Let a cell show such charts as SVG, where the package that makes it is there.

    Altair and Plotly are not loaded. Without vl-convert-python, and without kaleido and a Chrome
    or Chromium, a chart stays what it is, and the exporters say what is missing.
    """
    bundle = shell.display_formatter.mimebundle_formatter  # type: ignore[union-attr]
    for version in ("v5", "v6"):
        for name in _ALTAIR:
            module, chart = f"altair.vegalite.{version}.api", f"{name}Chart"
            bundle.for_type_by_name(module, chart, _drawn)
    shown = shell.display_formatter.ipython_display_formatter  # type: ignore[union-attr]
    shown.for_type_by_name("plotly.graph_objs._figure", "Figure", _show_printed)


def _drawn(chart: Any, include: object = None, exclude: object = None) -> Any:  # noqa: ANN401
    spec = chart.to_dict()
    spec["config"] = {"font": theme.style().sans} | spec.get("config", {})
    # What a converter raises that is missing, or of another version, differs.
    with suppress(Exception):
        return {"image/svg+xml": import_module("vl_convert").vegalite_to_svg(spec)}
    return chart._repr_mimebundle_(include=include, exclude=exclude)


def _show_printed(figure: Any) -> None:  # noqa: ANN401 - a figure of Plotly, which shows itself
    printed = type(figure)(figure)
    if not printed.layout.font.family:
        printed.update_layout(font_family=theme.style().sans)
    # Kaleido and the browser that it starts are missing in many ways.
    with suppress(Exception):
        svg = _without_chance(printed.to_image("svg").decode())
        display({"image/svg+xml": svg, "text/plain": "a chart"}, raw=True)  # type: ignore[no-untyped-call]
        return
    figure._ipython_display_()


def _without_chance(svg: str) -> str:
    """Return an SVG of Plotly with the same names every time: their mark is drawn by lot."""
    found = re.search(r'id="defs-([0-9a-f]{6})"', svg)
    if not found:
        return svg
    bare = svg.replace(found[1], "")
    return svg.replace(found[1], hashlib.sha256(bare.encode()).hexdigest()[:6])
