"""Where a notebook is open to be written: the JupyterLab of this person that serves its folder."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote


def lab_address(notebook: Path) -> str:
    """Return a notebook's address in a running JupyterLab, without its token; "" if there is none.

    Servers of Jupyter write where they are into the person's runtime folder. The browser that has
    JupyterLab open needs no token.
    """
    from jupyter_core.paths import jupyter_runtime_dir

    for file in sorted(Path(jupyter_runtime_dir()).glob("jpserver-*.json")):
        with suppress(OSError, ValueError, KeyError, TypeError):
            server = json.loads(file.read_bytes())
            os.kill(server["pid"], 0)  # raises where it has ended
            inside = notebook.resolve().relative_to(Path(server["root_dir"]).resolve())
            return f"{server['url']}lab/tree/{quote(inside.as_posix())}"
    return ""
