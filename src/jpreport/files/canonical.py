"""The one canonical form of a notebook: what its author wrote, nothing that a run left in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

_FORMAT = 4
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
# What runs and editors leave in metadata: widget states, times, what was folded or trusted.
_TRANSIENT = frozenset(
    (
        *("user_expressions", "execution", "papermill", "ExecuteTime", "trusted", "widgets"),
        *("signature", "collapsed", "scrolled", "heading_collapsed", "hidden", "varInspector"),
        *("outputs_hidden", "source_hidden"),
    )
)


def canonical(content: bytes) -> bytes:
    """Return a notebook file in its canonical form.

    No outputs, execution counts, values of prose, states of widgets, transient metadata, names
    or versions of the kernel that it ran on; ids of cells stay. Keys are sorted, lines are a list
    each, one newline ends the file. Raises ValueError for what is no notebook of format 4.
    """
    notebook = json.loads(content)
    if not isinstance(notebook, dict) or notebook.get("nbformat") != _FORMAT:
        raise ValueError("not a notebook of format 4")
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise ValueError("a cell is malformed")
    metadata = _kept(notebook.get("metadata"))
    # What a run of jpreport writes into an executed notebook.
    metadata = {key: value for key, value in metadata.items() if not key.startswith("jpreport")}
    kernel = metadata.get("kernelspec")
    if not isinstance(kernel, dict) or kernel.get("language", "python") == "python":
        # Reports run on Python's own kernel, whatever it is called where the notebook was saved.
        metadata |= {"kernelspec": dict(_KERNEL), "language_info": {"name": "python"}}
    form = {**notebook, "metadata": metadata, "cells": [_cell(cell) for cell in cells]}
    return f"{json.dumps(form, indent=1, sort_keys=True, ensure_ascii=False)}\n".encode()


@lru_cache(16)  # every edition of a template asks for the same
def canonical_or_same(content: bytes) -> bytes:
    """Return a notebook file in its canonical form, and any other content as it is."""
    try:
        return canonical(content)
    except ValueError:
        return content


def _kept(metadata: object) -> dict[str, Any]:
    if not isinstance(metadata, dict):
        return {}
    kept = {key: value for key, value in metadata.items() if key not in _TRANSIENT}
    if isinstance(jupyter := kept.pop("jupyter", None), dict) and (inner := _kept(jupyter)):
        kept["jupyter"] = inner
    return kept


def _cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    metadata = _kept(cell.get("metadata"))
    if metadata.get("tags") == []:
        del metadata["tags"]
    source = cell.get("source", "")
    if isinstance(source, list) and not all(isinstance(line, str) for line in source):
        raise ValueError("a cell is malformed")
    text = "".join(source) if isinstance(source, list) else str(source)
    form = {**cell, "metadata": metadata, "source": text.splitlines(keepends=True)}
    if cell.get("cell_type") == "code":
        form |= {"outputs": [], "execution_count": None}
    return form
