"""What Jupyter's server saves of a programme's notebooks: their canonical form."""

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
    contents_manager: Any,  # noqa: ANN401 - Jupyter's, which is untyped here
    **_: object,
) -> None:
    """Let a notebook be written as `jpreport strip` would leave it; a hook before saving.

    Notebooks outside of programme folders, and those of formats before 4, are left alone.
    """
    if model["type"] != "notebook" or not model.get("content"):
        return
    try:
        find_programme(Path(contents_manager.root_dir, path.strip("/")).parent)
        model["content"] = json.loads(canonical(json.dumps(model["content"]).encode()))
    except (ProjectError, ValueError):
        return


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:  # noqa: ANN401
    server.contents_manager.register_pre_save_hook(keep_canonical)
