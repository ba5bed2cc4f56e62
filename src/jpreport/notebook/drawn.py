"""Plain matplotlib figures in the further languages of a report: their words as its terms are."""

from __future__ import annotations

from typing import Any

from IPython.core.formatters import BaseFormatter
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.pylabtools import print_figure
from traitlets import ObjectName, Unicode

from jpreport.forms.mime import LANGUAGES
from jpreport.language import current, in_each
from jpreport.notebook import svg


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
    """Return a figure's picture in each language that has words for some of its texts.

    Words that matplotlib writes itself while it draws, such as those of ticks, stay as they are.
    """
    found = in_each(lambda _: _drawn(figure))
    return {tag: {"image/svg+xml": picture} for tag, picture in found.items() if picture} or None


def _drawn(figure: Any) -> str:  # noqa: ANN401
    from matplotlib.text import Text

    words = current()
    texts = {one: one.get_text() for one in figure.findobj(Text)}
    said = {one: other for one, text in texts.items() if (other := words.term(text)) != text}
    if not said:
        return ""
    try:
        for one, text in said.items():
            one.set_text(text)
        return str(print_figure(figure, fmt="svg", bbox_inches=None, backend=svg.BACKEND))  # type: ignore[no-untyped-call]
    finally:
        for one in said:
            one.set_text(texts[one])
