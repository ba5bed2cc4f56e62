"""Plain matplotlib figures in the further languages of a report: their words as its terms are."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from IPython.core.formatters import BaseFormatter
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.pylabtools import print_figure
from traitlets import ObjectName, Unicode

from jpreport.forms.mime import LANGUAGES
from jpreport.language import current, in_each
from jpreport.notebook import svg

_DECIMAL = re.compile(r"[-\N{MINUS SIGN}]?\d+\.\d+")
_WORD = re.compile(r"[^\W\d_]")


class _InLanguages(BaseFormatter):
    """Asks what is shown for its forms in further languages."""

    format_type = Unicode(LANGUAGES)
    print_method = ObjectName("_repr_languages_")
    _return_type = (dict,)


def show_in_languages(shell: InteractiveShell) -> None:
    """Let a kernel give plain figures in every language of its report."""
    formatter = _InLanguages(parent=shell.display_formatter)
    assert shell.display_formatter is not None  # noqa: S101 - every shell with a kernel has one
    # The inline backend takes out what is registered for figures themselves.
    formatter.for_type_by_name("matplotlib.figure", "FigureBase", _in_languages)  # type: ignore[no-untyped-call]
    shell.display_formatter.formatters[LANGUAGES] = formatter


def _in_languages(figure: Any) -> dict[str, Any] | None:  # noqa: ANN401 - a figure of matplotlib
    """Return a figure's picture in each language that says some of its texts otherwise."""
    found = in_each(lambda _: spoken_picture(figure))
    return {tag: {"image/svg+xml": picture} for tag, picture in found.items() if picture} or None


def spoken_picture(figure: Any) -> str:  # noqa: ANN401
    """Return a figure's picture in the language that is spoken; "" where it would be the same."""
    from matplotlib.axis import Axis
    from matplotlib.text import Text

    texts = {one: one.get_text() for one in figure.findobj(Text)}
    said = {one: other for one, text in texts.items() if (other := _said(text)) != text}
    axes = figure.findobj(Axis)
    # Labels of ticks are written anew each time that a figure is drawn.
    tickers = [one for axis in axes for one in (axis.major, axis.minor)]
    ticks = {one.formatter: one.formatter.format_ticks for one in tickers}
    changed = bool(said)

    def labels(write: Callable[[Any], list[str]], values: Any) -> list[str]:  # noqa: ANN401
        nonlocal changed
        written = write(values)
        words = [_said(text) for text in written]
        changed |= words != written
        return words

    try:
        for one, text in said.items():
            one.set_text(text)
        for one, write in ticks.items():
            one.format_ticks = partial(labels, write)
        picture = str(print_figure(figure, fmt="svg", bbox_inches=None, backend=svg.BACKEND))  # type: ignore[no-untyped-call]
        return picture if changed else ""
    finally:
        for one in ticks:
            del one.format_ticks
        for one in said:
            one.set_text(texts[one])


def _said(text: str) -> str:
    """Return a text of a figure in the language that is spoken: a term, a decimal, a month."""
    words = current()
    if (other := words.term(text)) != text:
        return other
    if _DECIMAL.fullmatch(text):
        return text.replace(".", words.point)
    months = dict(zip(calendar.month_abbr[1:], words.months("abbreviated"), strict=True))
    months |= dict(zip(calendar.month_name[1:], words.months(), strict=True))
    dated = " ".join(months.get(word, word) for word in text.split(" "))
    return dated if not _WORD.search(" ".join(set(text.split(" ")) - months.keys())) else text
