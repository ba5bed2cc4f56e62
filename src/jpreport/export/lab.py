"""JupyterLab's "Save and Export Notebook As": a route for exporters with a hyphen in their name."""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:  # noqa: ANN401 - a ServerApp, untyped
    """Let the server export by names such as `jpreport-pdf`, which its own route leaves out."""
    from jupyter_server.base.handlers import path_regex
    from jupyter_server.nbconvert.handlers import NbconvertFileHandler
    from jupyter_server.utils import url_path_join

    route = rf"/nbconvert/(?P<format>jpreport-\w+){path_regex}"
    address = url_path_join(server.web_app.settings["base_url"], route)
    server.web_app.add_handlers(".*$", [(address, NbconvertFileHandler)])
