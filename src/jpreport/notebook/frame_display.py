"""How a cell shows what pandas has: frames whole, a Series, a Styler of the same bytes."""

from __future__ import annotations

import copy
import hashlib
import html
import itertools
import re
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from jpreport.forms.mime import COUNTED, MARKED, MISSING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_RANDOM = re.compile(r"[0-9a-f]{5}")


# A longer frame is shown as pandas cuts it, on the screen alone: a report refuses it.
_MOST_CELLS = 20_000
_WHOLE = ("display.max_rows", None, "display.max_columns", None, "display.max_colwidth", None)
_DATA = re.compile(r"<td(?=[ >])")


def frame_html(frame: pd.DataFrame) -> str:
    """Return a frame whole, whatever the display options say, its missing cells marked."""
    if frame.size > _MOST_CELLS:
        return frame._repr_html_()  # type: ignore[operator,no-any-return]
    counter = pd.RangeIndex(len(frame))
    counted = isinstance(frame.index, pd.RangeIndex) and frame.index.identical(counter)
    classes = [MARKED, *([COUNTED] if counted else [])]
    with pd.option_context(*_WHOLE, "display.show_dimensions", False):  # noqa: FBT003
        text: str = frame.to_html(classes=classes, notebook=True)
    missing = iter(frame.isna().to_numpy().ravel())
    return _DATA.sub(lambda _: f'<td class="{MISSING}"' if next(missing) else "<td", text)


def series_html(series: pd.Series[Any]) -> str:
    """Return a Series as the HTML of a frame of one column."""
    return frame_html(series.to_frame("value" if series.name is None else str(series.name)))


def _as_text(show: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a cell's format by which text that it leaves as it was is no markup."""

    def shown(value: Any) -> Any:  # noqa: ANN401 - whatever a frame holds
        said = show(value)
        if said in {"nan", "NaT", "None", "<NA>"} and value is not said and pd.isna(value):
            return ""
        return html.escape(said) if isinstance(said, str) and said == value else said

    return shown


def _escaped(styler: Any) -> Any:  # noqa: ANN401
    """Return a Styler that shows text from data as text; pandas pastes it into its HTML.

    What a format of the author's made of a value stays as it is: markup may be meant.
    """
    shown = copy.copy(styler)
    for name in ("_display_funcs", "_display_funcs_index", "_display_funcs_columns"):
        own = getattr(styler, name)
        usual = _as_text(own.default_factory())
        formats: defaultdict[Any, Callable[[Any], Any]] = defaultdict(
            itertools.repeat(usual).__next__
        )
        formats.update({place: _as_text(show) for place, show in own.items()})
        setattr(shown, name, formats)
    if isinstance(shown.caption, str):
        shown.caption = html.escape(shown.caption)
    return shown


def styler_html(styler: Any) -> str:  # noqa: ANN401 - importing Styler would load jinja2
    """Return a Styler's HTML; its ids are made from what it says where pandas drew lots."""
    text: str = _escaped(styler).to_html()
    if not _RANDOM.fullmatch(styler.uuid):
        return text
    mark = f"T_{styler.uuid}"
    digest = hashlib.sha256(text.replace(mark, "").encode()).hexdigest()
    return text.replace(mark, f"T_{digest[:8]}")


def _styler_words(styler: Any, printer: Any, _cycle: bool) -> None:  # noqa: ANN401, FBT001
    """Say what a Styler is, where its own words would be an address in memory."""
    rows, columns = styler.data.shape
    printer.text(f"Styler of {rows} rows and {columns} columns")


def show_frames(shell: InteractiveShell) -> None:
    """Let a kernel's cells show them so."""
    assert shell.display_formatter is not None  # noqa: S101 - every shell with a kernel has one
    formatter = shell.display_formatter.formatters["text/html"]
    formatter.for_type(pd.DataFrame, frame_html)
    formatter.for_type(pd.Series, series_html)
    formatter.for_type_by_name("pandas.io.formats.style", "Styler", styler_html)
    plain = shell.display_formatter.formatters["text/plain"]
    plain.for_type_by_name("pandas.io.formats.style", "Styler", _styler_words)
