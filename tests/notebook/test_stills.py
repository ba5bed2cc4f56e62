"""Charts of Altair and Plotly: a picture where their makers make one, else what they are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display
from IPython.utils.capture import capture_output

from jpreport.notebook.stills import show_stills


class Chart:
    """Stands for `altair.Chart`."""

    def to_dict(self) -> dict[str, Any]:
        return {"mark": "bar", "config": {"view": {"stroke": None}}}

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {"application/vnd.vegalite.v6+json": self.to_dict(), "text/html": "<div>"}


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401
    monkeypatch.setattr(Chart, "__module__", "altair.vegalite.v6.api")
    shell = InteractiveShell()
    show_stills(shell)
    assert shell.display_formatter is not None
    return lambda chart: shell.display_formatter.format(chart)[0]  # type: ignore[union-attr]


def test_altair_is_drawn_by_its_own_converter(shown: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    converter = ModuleType("vl_convert")
    converter.vegalite_to_svg = lambda spec: f"<svg>{spec}</svg>"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "vl_convert", converter)
    bundle = shown(Chart())
    assert set(bundle) == {"image/svg+xml", "text/plain"}
    assert "'font': 'Source Sans" in bundle["image/svg+xml"]
    assert "'stroke': None" in bundle["image/svg+xml"]


def test_without_the_converter_a_chart_stays_what_it_is(
    shown: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    assert {"application/vnd.vegalite.v6+json", "text/html"} <= set(shown(Chart()))


class Figure:
    """Stands for `plotly.graph_objects.Figure`, which shows itself; `lot` is drawn anew by each."""

    lot = 0

    def __init__(self, other: Figure | None = None) -> None:
        self.layout = SimpleNamespace(font=SimpleNamespace(family=None))
        self.drawn = other is None or other.drawn

    def update_layout(self, font_family: str) -> None:
        self.layout.font.family = font_family

    def to_image(self, _: str) -> bytes:
        if not self.drawn:
            raise RuntimeError("Kaleido requires Google Chrome to be installed")
        Figure.lot += 1
        mark = f"{Figure.lot:06x}"
        return f'<svg><defs id="defs-{mark}"/>{self.layout.font.family} #clip{mark}</svg>'.encode()

    def _ipython_display_(self) -> None:
        display({"application/vnd.plotly.v1+json": {}}, raw=True)  # type: ignore[no-untyped-call]


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """Yield the shell by which what is displayed goes."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def test_plotly_is_drawn_by_kaleido_the_same_every_time(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Figure, "__module__", "plotly.graph_objs._figure")
    show_stills(shell)
    assert shell.display_formatter is not None

    def shown(figure: Figure) -> dict[str, Any]:
        with capture_output() as captured:
            shell.display_formatter.format(figure)  # type: ignore[union-attr]
        (output,) = captured.outputs
        return dict(output.data)

    first, again = shown(Figure())["image/svg+xml"], shown(Figure())["image/svg+xml"]
    assert first == again
    assert "Source Sans" in first
    undrawn = Figure()
    undrawn.drawn = False
    assert set(shown(undrawn)) == {"application/vnd.plotly.v1+json"}
