"""What an exporter needs beside a notebook: its programme folder and its front matter."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import replace
from logging import Logger, LoggerAdapter
from pathlib import Path
from typing import Any

from jpreport.data import Records, programme_package
from jpreport.document.cover import FrontMatter, front_matter
from jpreport.errors import NotebookError, ProjectError
from jpreport.execute.parameters import INJECTED, TAG, read_declaration, tags_of
from jpreport.export.branding import missing
from jpreport.figures import Results
from jpreport.forms.mime import FRONT_MATTER
from jpreport.language import speaking
from jpreport.programme.folder import PROJECT_VARIABLE, find_programme
from jpreport.programme.settings import Report, Settings, read_settings


def with_values(nb: Any, resources: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as in `complete`
    """Return a notebook as it is, but one of a programme that was never run, run.

    JupyterLab saves a programme's notebooks without outputs and values. Raises NotebookError or
    ExecutionError as a run does.
    """
    place = resources.get("metadata", {})
    folder = _folder(place.get("path"))
    file = Path(place.get("path") or "", f"{place.get('name', '')}.ipynb")
    code = any(cell["cell_type"] == "code" for cell in nb.cells)
    if folder is None or not file.is_file() or not code or any(map(_was_run, nb.cells)):
        return nb
    from jpreport.execute.run import run_notebook

    return run_notebook(file, {}, cwd=file.parent, env={PROJECT_VARIABLE: str(folder)})


def _was_run(cell: Mapping[str, Any]) -> bool:
    return bool(
        cell.get("outputs") or cell.get("execution_count") or "user_expressions" in cell["metadata"]
    )


def complete(
    nb: Any,  # noqa: ANN401 - a NotebookNode, which is untyped
    resources: Mapping[str, Any],
    log: Logger | LoggerAdapter[Any],
) -> Path | None:
    """Give a notebook the front matter of a draft; return its programme's folder.

    It is that of a build but for the mark: what an exporter makes, no audit has read. A notebook
    that a build executed brings its own. One that was run in JupyterLab lies in the
    folder; what was run elsewhere and far from any programme has neither. `resources` are
    nbconvert's. Raises JpreportError for a programme that cannot be read.
    """
    place = resources.get("metadata", {}).get("path")
    folder = _folder(place)
    if folder is not None and FRONT_MATTER not in nb.metadata:
        file = Path(place or "") / f"{resources['metadata'].get('name', '')}.ipynb"
        nb.metadata[FRONT_MATTER] = _front(nb, file, read_settings(folder)).to_json()
    known = nb.metadata.get(FRONT_MATTER)
    front = replace(FrontMatter.from_json(known) if known else FrontMatter(), draft=True)
    nb.metadata[FRONT_MATTER] = front.to_json()
    for face in missing(front.brand, folder):
        log.warning("%s is not at hand: %s is not used", face.file, face.family)
    return folder


def _folder(place: str | None) -> Path | None:
    named = os.environ.get(PROJECT_VARIABLE)
    if named:
        return Path(named).resolve()
    try:
        return None if place is None else find_programme(Path(place))
    except ProjectError:
        return None


def _front(nb: Mapping[str, Any], file: Path, settings: Settings) -> FrontMatter:
    report = _report(file, settings)
    values = _values(nb)
    start, end = (
        day if isinstance(day := values.get(name), dt.date) else None
        for name in ("period_start", "period_end")
    )
    slug = report.slug([values.get(name) for name in report.for_each]) if report else ""
    package = programme_package(settings)
    with Records(package) as records:
        results = Results(settings, records, start, end)
        with speaking(report.languages[0] if report else settings.programme.language):
            return front_matter(settings, results, report=report, slug=slug)


def _report(file: Path, settings: Settings) -> Report | None:
    """Return the report that a notebook is the template of."""
    own = [r for r in settings.report if (settings.root / r.notebook).resolve() == file.resolve()]
    return own[0] if own else None


def _values(nb: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that a notebook ran with: its own, and those given to it."""
    values: dict[str, Any] = {}
    for tag in (TAG, INJECTED):
        tagged = [
            {**cell, "metadata": {"tags": [TAG]}}
            for cell in nb.get("cells", ())
            if tag in tags_of(cell)
        ]
        try:
            declared = read_declaration({"cells": tagged}).parameters
        except NotebookError:
            continue
        values |= {one.name: one.default for one in declared if not one.required}
    return values
