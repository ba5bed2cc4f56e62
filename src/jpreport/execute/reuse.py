"""Which results of an earlier run hold for a notebook as it is now; pure.

A kernel is told of code cells and of the expressions in prose, and of nothing else. Two notebooks
that ask the same of it, one after the other, get the same answers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, ValidationError, v4, validate

from jpreport.document.myst import read_markdown
from jpreport.errors import NotebookError, Place, Problem
from jpreport.execute.check import load_notebook
from jpreport.execute.parameters import INJECTED, TAG, tags_of
from jpreport.files import digest_json
from jpreport.files.canonical import canonical
from jpreport.forms.mime import FILES_READ

_MINOR_WITH_IDS = 5

_RESULTS = ("outputs", "execution_count")
_VALUES = "user_expressions"
# What papermill writes into the metadata of cells while they run, and takes out at the end.
_PASSING = ("papermill", _VALUES)


def read_source(path: Path, where: Place) -> NotebookNode:
    """Return a notebook as it is run, before its parameters; raises NotebookError."""
    # What an earlier run left in the source is not part of this one.
    source = json.loads(canonical(json.dumps(load_notebook(path, where)).encode()))
    try:
        _give_ids(source)
        nb: NotebookNode = v4.reads(json.dumps(source))  # type: ignore[no-untyped-call]
        validate(nb)
    except (ValidationError, TypeError, AttributeError) as error:
        # What is of another type breaks whoever reads it before it is validated.
        message = f"not a valid notebook: {getattr(error, 'message', str(error)).splitlines()[0]}"
        raise NotebookError(Problem(where, message, "open and save it in JupyterLab")) from None
    return nb


def _give_ids(nb: dict[str, Any]) -> None:
    """Give each cell an id that a second run gives as well; nbformat would draw a random one."""
    nb["nbformat_minor"] = max(nb.get("nbformat_minor", 0), _MINOR_WITH_IDS)
    used = {cell.get("id") for cell in nb["cells"]}
    seen: set[str] = set()
    for number, cell in enumerate(nb["cells"], start=1):
        if cell.get("id") in (None, *seen):
            cell["id"] = f"cell-{number}"
            while cell["id"] in used:
                cell["id"] += "-"
            used.add(cell["id"])
        seen.add(cell["id"])


def changed(node: NotebookNode, **values: object) -> NotebookNode:
    """Return a part of a notebook with other values; what was given stays as it is."""
    new: NotebookNode = NotebookNode({**node, **values})  # type: ignore[no-untyped-call]
    return new


def asked(cell: NotebookNode) -> str:
    """Return all that a kernel is asked by a cell, "" if it is asked nothing."""
    if cell.cell_type == "markdown":
        return _expressions(cell.source)
    if cell.cell_type != "code":
        return ""
    kept = {key: value for key, value in cell.metadata.items() if key not in _PASSING and value}
    return json.dumps([cell.id, cell.source, kept], sort_keys=True)


@lru_cache(maxsize=2000)
def _expressions(source: str) -> str:
    roles = read_markdown(source).roles
    return json.dumps([role.expression for role in roles]) if roles else ""


def questions(cells: Sequence[NotebookNode]) -> list[str]:
    """Return what a kernel is asked by cells, in their order."""
    return list(filter(None, map(asked, cells)))


def run_digest(notebook: NotebookNode) -> str:
    """Return the digest of all in a source that decides what its run gives: no prose."""
    return digest_json([notebook.metadata, notebook.nbformat_minor, questions(notebook.cells)])


def shared(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many questions two lists begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def with_parameters(source: NotebookNode, run: Sequence[NotebookNode]) -> NotebookNode:
    """Return a source with the cell that gave an earlier run its parameters, in its place."""
    given = [cell for cell in run if INJECTED in tags_of(cell)]
    cells = list(source.cells)
    declared = (at for at, cell in enumerate(cells) if TAG in tags_of(cell))
    at = next(declared, -1) + 1
    return changed(source, cells=[*cells[:at], *given, *cells[at:]])


def behind(cells: Sequence[NotebookNode], count: int) -> int:
    """Return the index of the cell behind the first `count` that ask something."""
    return [0, *(at + 1 for at in _asking(cells))][count]


def carry(
    run: Sequence[NotebookNode], cells: Sequence[NotebookNode], count: int | None = None
) -> list[NotebookNode]:
    """Return cells with a run's results of the first `count` questions (None: of all)."""
    return _with(cells, _asking(cells)[:count], [run[at] for at in _asking(run)[:count]])


def carry_end(
    run: Sequence[NotebookNode], cells: Sequence[NotebookNode], done: int
) -> list[NotebookNode]:
    """Return cells with a run's results of the questions behind the first `done`.

    Both have to end with those questions; they may have other results now.
    """
    places, answers = _asking(cells), _asking(run)
    last = len(places) - done
    return _with(cells, places[done:], [run[at] for at in answers[len(answers) - last :]])


def author_numbers(cells: Sequence[NotebookNode], done: int) -> tuple[int, ...]:
    """Return the cells, as their author counts, that hold the questions behind the first `done`."""
    places = _asking(cells)[done:]
    given = [at for at, cell in enumerate(cells) if INJECTED in tags_of(cell)]
    return tuple(at + 1 - sum(one <= at for one in given) for at in places)


def finished(source: NotebookNode, run: NotebookNode) -> NotebookNode | None:
    """Return a source with the results of a run, None if it asks anything else."""
    new = with_parameters(source, run.cells)
    if questions(new.cells) != questions(run.cells):
        return None
    kept = {key: run.metadata[key] for key in ("language_info", FILES_READ) if key in run.metadata}
    cells = carry(run.cells, new.cells)
    return changed(new, cells=cells, metadata=changed(new.metadata, **kept))


def _asking(cells: Sequence[NotebookNode]) -> list[int]:
    return [at for at, cell in enumerate(cells) if asked(cell)]


def _with(
    cells: Sequence[NotebookNode], places: Sequence[int], answers: Sequence[NotebookNode]
) -> list[NotebookNode]:
    """Return cells with the results that others, which ask the same, have."""
    found = dict(zip(places, answers, strict=False))
    return [_answered(cell, found[at]) if at in found else cell for at, cell in enumerate(cells)]


def _answered(cell: NotebookNode, answer: NotebookNode) -> NotebookNode:
    results = {key: answer[key] for key in _RESULTS if key in answer}
    values = {_VALUES: answer.metadata[_VALUES]} if _VALUES in answer.metadata else {}
    return changed(cell, **results, metadata=changed(cell.metadata, **values))
