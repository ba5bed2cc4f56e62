"""Which results of an earlier run hold for a notebook as it is now; pure.

A kernel is told of code cells and of the expressions in prose, and of nothing else. Two notebooks
that ask the same of it, one after the other, get the same answers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache

from nbformat import NotebookNode

from jpreport.document.myst import read_markdown
from jpreport.execute.parameters import INJECTED, TAG, tags_of
from jpreport.forms.mime import FILES_READ

_RESULTS = ("outputs", "execution_count")
_VALUES = "user_expressions"
# What papermill writes into the metadata of cells while they run, and takes out at the end.
_PASSING = ("papermill", _VALUES)


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
