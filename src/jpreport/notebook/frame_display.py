"""How a cell shows what pandas has: whole frames, a Series, a Styler of the same bytes."""

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

from jpreport.forms.mime import COUNTED, MARKED

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_RANDOM = re.compile(r"[0-9a-f]{5}")


# A larger frame is cut, as pandas does, and then no report: it is no table to read.
_MOST_ROWS, _MOST_COLUMNS = 1_000, 100


def frame_html(frame: pd.DataFrame) -> str:
    """Return a frame as HTML, whole whatever the display options are; missing values are empty.

    The text None in a column is no missing value.
    """
    rows, columns = frame.shape
    if rows > _MOST_ROWS or columns > _MOST_COLUMNS:
        cut: str = frame._repr_html_()  # type: ignore[operator]
        return cut
    shown = frame.copy(deep=False)
    for place, kind in enumerate(frame.dtypes):
        column = frame.iloc[:, place]
        if pd.api.types.is_object_dtype(kind) or pd.api.types.is_extension_array_dtype(kind):
            whole = column.astype(object).where(column.notna(), "").map(_on_one_line)
            shown.isetitem(place, whole.to_numpy())
    counted = isinstance(frame.index, pd.RangeIndex) and frame.index.identical(pd.RangeIndex(rows))
    with pd.option_context("display.max_colwidth", None, "display.html.table_schema", False):  # noqa: FBT003
        return shown.to_html(
            notebook=True,
            na_rep="",
            max_rows=None,
            max_cols=None,
            classes=[MARKED, *([COUNTED] if counted else [])],
        )


def _on_one_line(value: object) -> object:
    """Return a text without line ends, which pandas would print as backslashes and letters."""
    return re.sub(r"\s*[\r\n\t]\s*", " ", value) if isinstance(value, str) else value


def series_html(series: pd.Series[Any]) -> str:
    """Return a Series as the HTML of a frame of one column."""
    name = "value" if series.name is None else str(series.name)
    return frame_html(series.to_frame(name))


def _as_text(show: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a cell's format by which text that it leaves as it was is no markup."""

    def shown(value: Any) -> Any:  # noqa: ANN401 - whatever a frame holds
        said = show(value)
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
