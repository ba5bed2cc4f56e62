"""The texts of a notebook's cells, values in place, and the numbers that texts state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jpreport.document.markdown_text import Role
from jpreport.document.myst import caption_words, read_caption, read_markdown
from jpreport.forms.mime import FIGURE


def text_of(value: Any) -> str:  # noqa: ANN401 - notebooks hold a text or its lines
    """Return a text that a notebook may hold as a list of lines."""
    return value if isinstance(value, str) else "".join(value)


def numbered_cells(notebook: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield an executed notebook's cells with the numbers that they have in their source."""
    number = 0
    for cell in notebook["cells"]:
        # The cell with the parameters' values is the engine's own.
        if "injected-parameters" not in cell["metadata"].get("tags", ()):
            number += 1
            yield number, cell


def results_of(cell: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the results of a Markdown cell's roles by expression."""
    entries = cell["metadata"].get("user_expressions") or ()
    return {entry["expression"].strip(): entry.get("result") or {} for entry in entries}


def values_of(cell: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the MIME bundles of a Markdown cell's values by expression."""
    return {name: result.get("data", {}) for name, result in results_of(cell).items()}


def shown_text(data: Mapping[str, Any]) -> str:
    """Return how a value reads in a sentence: a text without its quotation marks."""
    text = text_of(data.get("text/plain", ""))
    if FIGURE not in data and len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return text


def prose_of(cell: Mapping[str, Any]) -> str:
    """Return a Markdown cell's source with its values in place."""
    return read_markdown(text_of(cell["source"])).filled(_shown(values_of(cell)))


def caption_of(cell: Mapping[str, Any], text: str) -> str:
    """Return a caption or an alternative text of a cell with its values in place."""
    return caption_words(read_caption(text), _shown(values_of(cell)))


def _shown(values: Mapping[str, Mapping[str, Any]]) -> Callable[[Role], str]:
    """Return what gives the words of a role; a role without a value is its own."""
    return lambda role: (
        shown_text(values[role.expression]) if role.expression in values else str(role)
    )
