"""Charts of Altair: a picture where its converter makes one, else what they are."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

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
