"""Papermill's way in: the engine `jpreport` and the translator that types its parameters.

Papermill imports this module when it is imported itself; others import `run`.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

from nbformat import v4
from papermill.engines import Engine
from papermill.log import logger as papermill_logger
from papermill.translators import PythonTranslator, papermill_translators

from jpreport.errors import ExecutionError, NotebookError, Place, Problem
from jpreport.execute.cells import CellRunner, Gate, OnCell
from jpreport.execute.failure import RunError
from jpreport.execute.kernels import OpenKernel, open_kernel
from jpreport.execute.parameters import (
    INJECTED,
    NOTEBOOK,
    check_parameters,
    injected_source,
    read_declaration,
    tags_of,
)
from jpreport.language import ENGLISH
from jpreport.programme.folder import AUDIENCE_VARIABLE, LANGUAGES_VARIABLE

# Our engine alone names this language, so other engines keep papermill's translator.
_LANGUAGE = "jpreport-python"


class JpreportTranslator(PythonTranslator):  # type: ignore[misc]
    """Writes parameters as Python, dates included, and refuses names that are code."""

    @classmethod
    def codify(cls, parameters: Mapping[str, Any], comment: str = "Parameters") -> str:
        """Return the source of the cell that gives the parameters their values."""
        try:
            return injected_source(parameters, comment)
        except ValueError as error:
            raise NotebookError(Problem(NOTEBOOK, str(error))) from None


papermill_translators.register(_LANGUAGE, JpreportTranslator)


def _settle_parameters(nb: Any, where: Place) -> None:  # noqa: ANN401
    """Check and type the parameters that papermill has injected, and name their cell for good."""
    given = nb.metadata.get("papermill", {}).get("parameters") or {}
    typed, problems = check_parameters(_source_declaration(nb, where), given, where)
    if problems:
        raise NotebookError(problems)
    taken = {cell.get("id") for cell in nb.cells if INJECTED not in tags_of(cell)}
    for cell in nb.cells:
        if INJECTED in tags_of(cell) and given:
            cell.source = injected_source(typed)
            cell.id = INJECTED if INJECTED not in taken else f"{INJECTED}-{len(nb.cells)}"
    if given:
        # Papermill writes them as JSON, which knows no dates.
        nb.metadata.papermill["parameters"] = {k: _plain(v) for k, v in typed.items()}


def _source_declaration(nb: Any, where: Place) -> Any:  # noqa: ANN401
    return read_declaration(
        {"cells": [cell for cell in nb.cells if INJECTED not in tags_of(cell)]}, where
    )


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _finish(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine to its end, also from within a running event loop."""
    # ZeroMQ needs a loop that watches sockets, which is not the default on Windows.
    factory = asyncio.SelectorEventLoop if sys.platform == "win32" else None

    def run() -> None:
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(work())

    if _in_loop():
        with ThreadPoolExecutor(1) as pool:
            pool.submit(run).result()
    else:
        run()


class JpreportEngine(Engine):  # type: ignore[misc]
    """Runs code cells and the `{eval}` roles of Markdown cells, in order, on our own kernel."""

    @classmethod
    def nb_kernel_name(cls, _nb: object, name: str | None = None) -> str:
        """Return the kernel's name, which the notebook need not state."""
        return name or "python3"

    @classmethod
    def nb_language(cls, _nb: object, _language: str | None = None) -> str:
        """Return the language whose translator is ours."""
        return _LANGUAGE

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, **settings: Any) -> Any:  # noqa: ANN401
        """Run a notebook that papermill has parameterised, and return it.

        Raises NotebookError if the parameters do not fit the notebook, RunError if it fails.
        """
        where = settings.setdefault("where", Place(str(settings.get("input_path") or "notebook")))
        _settle_parameters(nb, where)
        try:
            return super().execute_notebook(nb, kernel_name, **settings)
        except ExecutionError as error:
            failure = RunError(error.problems)
            failure.killed = error.killed
            failure.notebook = v4.writes(nb)  # type: ignore[no-untyped-call]
            raise failure from error.__cause__

    @classmethod
    def execute_managed_notebook(  # noqa: PLR0913 (papermill hands all settings on by name)
        cls,
        nb_man: Any,  # noqa: ANN401
        kernel_name: str,
        *,
        where: Place,
        working_dir: Path | None = None,
        env: Mapping[str, str] | None = None,
        execution_timeout: float | None = None,
        start_timeout: int = 120,
        on_cell: OnCell | None = None,
        gate: Gate | None = None,
        start: OpenKernel = open_kernel,
        log_output: bool = False,
        stdout_file: Any = None,  # noqa: ANN401
        stderr_file: Any = None,  # noqa: ANN401
        **_: object,
    ) -> None:
        """Run all cells in the folder `working_dir`, in `execution_timeout` seconds altogether."""

        async def work() -> None:
            folder = working_dir or Path.cwd()
            async with start(cwd=folder, env=env or {}, start_timeout=start_timeout) as kernel:
                runner = CellRunner(
                    nb_man,
                    kernel,
                    where=where,
                    quiet=(env or {}).get(AUDIENCE_VARIABLE) == "restricted",
                    time_limit=execution_timeout,
                    on_cell=on_cell,
                    gate=gate,
                    languages=(env or {}).get(LANGUAGES_VARIABLE, ENGLISH.language).split(","),
                    kernel_name=kernel_name,
                    log=papermill_logger,
                    log_output=log_output,
                    stdout_file=stdout_file,
                    stderr_file=stderr_file,
                )
                await runner.run((env or {}).get("JPREPORT_PROJECT"))

        _finish(work)
