"""Run one notebook with its parameters: checked before, the same bytes on every run."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, v4
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from jpreport.errors import NotebookError, Place
from jpreport.execute.cells import Gate, OnCell
from jpreport.execute.failure import RunError
from jpreport.execute.kernels import OpenKernel, open_kernel
from jpreport.execute.papermill_engine import JpreportEngine
from jpreport.execute.parameters import check_parameters, read_declaration
from jpreport.execute.reuse import read_source


def _place(path: Path, roots: tuple[str | Path, ...]) -> Place:
    """Return how a reader would name the notebook: from the first root that holds it."""
    for root in map(Path, roots):
        if path.resolve().is_relative_to(root.resolve()):
            return Place(path.resolve().relative_to(root.resolve()).as_posix())
    return Place(path.as_posix())


def _cleaned(nb: NotebookNode) -> NotebookNode:
    """Return the notebook without papermill's clock times and empty tags."""
    nb.metadata.pop("papermill", None)
    for cell in nb.cells:
        cell.metadata.pop("papermill", None)
        if not cell.metadata.get("tags", ["kept"]):
            del cell.metadata["tags"]
    return nb


def _quiet() -> None:
    """Keep papermill's and nbclient's log off our terminal; what fails is told as a problem."""
    logger = logging.getLogger("papermill")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def run_notebook(  # noqa: PLR0913
    path: Path,
    parameters: Mapping[str, Any],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    timeout: float = 600,
    on_cell: OnCell | None = None,
    gate: Gate | None = None,
    start: OpenKernel = open_kernel,
) -> NotebookNode:
    """Return the notebook, run from top to bottom with these parameters in the folder `cwd`.

    `env` is added to the kernel's fixed environment; `timeout` is in seconds for the whole run;
    `on_cell` is called with (number, total) before each cell, `gate` is awaited before it; `start`
    opens the kernel.
    The same notebook, parameters and records give the same notebook, byte for byte.

    Raises NotebookError before a kernel starts if the notebook or the parameters are at fault,
    RunError (an ExecutionError) if a cell or a prose value fails, the kernel dies or time is up;
    its `notebook` is the JSON of what had been run.
    """
    _quiet()
    where = _place(path, tuple(filter(None, [(env or {}).get("JPREPORT_PROJECT"), cwd])))
    nb = read_source(path, where)
    typed, problems = check_parameters(read_declaration(nb, where), parameters, where)
    if problems:
        raise NotebookError(problems)
    try:
        nb = load_notebook_node(nb)  # with papermill's metadata
        if typed:
            nb = parameterize_notebook(nb, typed, engine_name="jpreport", kernel_name="python3")
        # Papermill's `execute_notebook` would write the notebook as well, into nothing.
        done: NotebookNode = JpreportEngine.execute_notebook(
            nb,
            "python3",
            progress_bar=False,
            autosave_cell_every=0,
            execution_timeout=timeout,
            where=where,
            working_dir=cwd,
            env=env,
            on_cell=on_cell,
            gate=gate,
            start=start,
        )
    except RunError as error:
        partial = _cleaned(v4.reads(error.notebook))  # type: ignore[no-untyped-call]
        error.notebook = v4.writes(partial)  # type: ignore[no-untyped-call]
        raise
    return _cleaned(done)
