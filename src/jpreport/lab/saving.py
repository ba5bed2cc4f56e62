"""What JupyterLab saves of a programme's notebooks: their canonical form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jpreport.errors import ProjectError
from jpreport.files.canonical import canonical
from jpreport.programme.folder import find_programme


def keep_canonical(
    model: dict[str, Any],
    path: str,
    contents_manager: Any,  # noqa: ANN401 - Jupyter's, which is untyped
    **_: object,
) -> None:
    """Let a notebook be written as `jpreport strip` would leave it; Jupyter's `pre_save_hook`.

    Notebooks outside of programme folders, and those of formats before 4, are left alone.
    """
    content = model.get("content")
    if model["type"] != "notebook" or not isinstance(content, dict) or content["nbformat"] != 4:
        return
    folder = Path(contents_manager.root_dir, path.strip("/")).parent
    try:
        find_programme(folder)
    except ProjectError:
        return
    model["content"] = json.loads(canonical(json.dumps(content).encode()))
