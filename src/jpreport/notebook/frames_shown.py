"""How a cell shows what pandas has beside frames: a Series, a Styler of the same bytes."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_RANDOM = re.compile(r"[0-9a-f]{5}")


def series_html(series: pd.Series[Any]) -> str:
    """Return a Series as the HTML of a frame of one column."""
    name = "value" if series.name is None else str(series.name)
    frame: str = series.to_frame(name)._repr_html_()  # type: ignore[operator]
    return frame


def styler_html(styler: Any) -> str:  # noqa: ANN401 - importing Styler would load jinja2
    """Return a Styler's HTML; its ids are made from what it says where pandas drew lots."""
    text: str = styler.to_html()
    if not _RANDOM.fullmatch(styler.uuid):
        return text
    mark = f"T_{styler.uuid}"
    digest = hashlib.sha256(text.replace(mark, "").encode()).hexdigest()
    return text.replace(mark, f"T_{digest[:8]}")


def show_frames(shell: InteractiveShell) -> None:
    """Let a kernel's cells show them so."""
    assert shell.display_formatter is not None  # noqa: S101 - every shell with a kernel has one
    formatter = shell.display_formatter.formatters["text/html"]
    formatter.for_type(pd.Series, series_html)
    formatter.for_type_by_name("pandas.io.formats.style", "Styler", styler_html)
