"""Charts of Altair, which draw themselves in a browser, as the pictures that its makers offer."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from jpreport.notebook import theme

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_ALTAIR = ("", "Layer", "Facet", "HConcat", "VConcat", "Concat", "Repeat")


def show_stills(shell: InteractiveShell) -> None:
    """Let a cell show such charts as SVG, where the package that makes it is there.

    Altair is not loaded. Without vl-convert-python a chart stays what it is, and the
    exporters say what is missing.
    """
    bundle = shell.display_formatter.mimebundle_formatter  # type: ignore[union-attr]
    for version in ("v5", "v6"):
        for name in _ALTAIR:
            module, chart = f"altair.vegalite.{version}.api", f"{name}Chart"
            bundle.for_type_by_name(module, chart, _drawn)


def _drawn(chart: Any, include: object = None, exclude: object = None) -> Any:  # noqa: ANN401
    spec = chart.to_dict()
    spec["config"] = {"font": theme.style().sans} | spec.get("config", {})
    # What a converter raises that is missing, or of another version, differs.
    with suppress(Exception):
        return {"image/svg+xml": import_module("vl_convert").vegalite_to_svg(spec)}
    return chart._repr_mimebundle_(include=include, exclude=exclude)
