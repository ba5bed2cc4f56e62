"""The texts of a notebook's cells, values in place, and the numbers that texts state."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jpreport.forms.mime import FIGURE

_ROLE = re.compile(r"\{eval\}(`+)(.+?)\1", re.DOTALL)


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


def values_of(cell: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the MIME bundles of a Markdown cell's values by expression (white space folded)."""
    return {
        " ".join(entry["expression"].split()): entry["result"].get("data", {})
        for entry in cell["metadata"].get("user_expressions") or ()
    }


def shown_text(data: Mapping[str, Any]) -> str:
    """Return how a value reads in a sentence: a text without its quotation marks."""
    text = text_of(data.get("text/plain", ""))
    if FIGURE not in data and len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return text


def prose_of(cell: Mapping[str, Any]) -> str:
    """Return a Markdown cell's source with its values in place."""
    values = values_of(cell)

    def value(match: re.Match[str]) -> str:
        data = values.get(" ".join(match[2].split()))
        return match[0] if data is None else shown_text(data)

    return _ROLE.sub(value, text_of(cell["source"]))
