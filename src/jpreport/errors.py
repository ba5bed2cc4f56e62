"""What can go wrong: one root, one class per cause, and the `Problem` value."""

from __future__ import annotations

import difflib
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that the user can mend.

    `where` names the place from the outside in: file, then row, column, cell or key
    ("data/students.csv, row 14, column sex"). `hint` says what to do, where that is known.
    """

    where: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """Return the problem as one line, the hint on a second."""
        line = f"{self.where}: {self.message}" if self.where else self.message
        return f"{line}\n  {self.hint}" if self.hint else line


class JpreportError(Exception):
    """Root of all errors that the user can mend; carries every problem of its stage."""

    def __init__(self, problems: Iterable[Problem] | Problem) -> None:
        self.problems: tuple[Problem, ...] = (
            (problems,) if isinstance(problems, Problem) else tuple(problems)
        )
        # The only positional argument is what __init__ takes, so that the error survives pickling.
        super().__init__(self.problems)

    def __str__(self) -> str:
        """Return all problems, one below the other."""
        return "\n".join(map(str, self.problems))

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows for a traceback: the line of the cell, and the problems.

        What happened within this package helps nobody to mend it.
        """
        frames = traceback.extract_tb(self.__traceback__)
        cells = [frame for frame in frames if not Path(frame.filename).exists() and frame.line]
        places = [f"line {frame.lineno}: {frame.line}" for frame in cells]
        return [*places, f"{type(self).__name__}: {self}"]


class ProjectError(JpreportError):
    """`programme.toml` is missing, malformed or contradicts itself."""


class DataError(JpreportError):
    """The Data Package or its records break their contract."""


class FigureError(JpreportError):
    """An indicator cannot be computed."""


class NotebookError(JpreportError):
    """A notebook is not one that a report can be made from, or its parameters do not fit."""


class ExecutionError(JpreportError):
    """A cell or a prose value raised, or the kernel died."""


class ExportError(JpreportError):
    """An executed notebook cannot be set as a document."""


class OutputError(JpreportError):
    """The output folder cannot be written."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return 'did you mean "x"?' for the nearest known word, else the list of known words."""
    choices = sorted(set(known))
    near = difflib.get_close_matches(word, choices, n=1)
    if near:
        return f'did you mean "{near[0]}"?'
    return f"known: {', '.join(choices)}" if choices else ""
