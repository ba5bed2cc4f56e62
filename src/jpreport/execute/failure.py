"""Why a cell failed: told inside the kernel, put into words outside it."""

from __future__ import annotations

import linecache
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from subprocess import CalledProcessError
from typing import Any

from jpreport.errors import ExecutionError, JpreportError, Place, Problem
from jpreport.files.closed import closed

JSON = "application/json"
# What the kernel is asked after a failure; it answers with a `Failure`.
QUESTION = '__import__("jpreport.execute.failure", fromlist=["last_failure"]).last_failure()'

# How libraries word what the system refuses; Landlock also refuses links between folders so.
_DENIED = ("Permission denied", "Operation not permitted", "Invalid cross-device link")
_RELEASE = "the kernel of a release opens its programme's files, and nothing else of this machine"


class RunError(ExecutionError):
    """A run that failed; `notebook` is the JSON of the notebook as far as it got."""

    notebook: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception: its name and text, the problems that it carries if it is ours, its frames.

    `frames` are (execution count, line) of the cells that the exception went through, from the
    outside in. `advice` says what to use in place of records that are closed.
    """

    name: str
    text: str
    problems: tuple[Problem, ...] = ()
    frames: tuple[tuple[int, int], ...] = ()
    advice: str = ""

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {"text/plain": self.name, JSON: asdict(self)}

    @classmethod
    def from_bundle(cls, bundle: Mapping[str, Any]) -> Failure:
        """Return the failure that a kernel has told."""
        told = bundle[JSON]
        problems = tuple(
            Problem(Place.from_json(problem["where"]), problem["message"], problem["hint"])
            for problem in told["problems"]
        )
        frames = tuple((count, line) for count, line in told["frames"])
        return cls(told["name"], told["text"], problems, frames, told["advice"])

    @property
    def message(self) -> str:
        """Return the exception as Python prints it."""
        return f"{self.name}: {self.text}" if self.text else self.name

    def at(self, place: Place, shown: str = "", *, quiet: bool = False) -> tuple[Problem, ...]:
        """Return the failure as problems at a place; `shown` is the code that raised it.

        `quiet` tells no more than the exception's name: its text may quote records of persons.

        Our own errors say what to do, so they need no code beside them.
        """
        if not self.problems:
            hint = "\n  ".join(filter(None, (shown, self.advice)))
            return (Problem(place, self.name if quiet else self.message, hint),)
        return tuple(
            Problem(place, f"{p.where}: {p.message}" if p.where else p.message, p.hint)
            for p in self.problems
        )


def _frames(error: BaseException, cells: Mapping[str, int]) -> list[tuple[int, int]]:
    walked = traceback.walk_tb(error.__traceback__)
    frames = [(frame.f_code.co_filename, line) for frame, line in walked]
    if isinstance(error, SyntaxError):
        frames.append((error.filename or "", error.lineno or 1))
    return [(cells[file], line) for file, line in frames if file in cells]


def _advice(error: BaseException, text: str) -> str:
    """Return what to use instead, if the error may come from reaching for closed records."""
    files = closed()
    cells = (frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__))
    said = "\n".join((text, *(line for cell in dict.fromkeys(cells) for line in _source(cell))))
    named = [file for file in files if PurePath(file.name).name in said]
    denied = isinstance(error, PermissionError | CalledProcessError) or any(
        phrase in text for phrase in _DENIED
    )
    told = named or (files if denied else ())
    advice = [f"{file.problem.message}: {file.problem.hint}" for file in told]
    return "\n  ".join((_RELEASE, *advice)) if denied and advice else "\n  ".join(advice)


def _source(file: str) -> list[str]:
    """Return the lines of a cell; those of a module are not asked for."""
    return [] if Path(file).exists() else linecache.getlines(file)


def last_failure() -> Failure:
    """Return the last exception that this kernel has shown; runs inside the kernel."""
    from IPython import get_ipython

    error = sys.last_value or Exception("nothing has failed")
    shell = get_ipython()
    # IPython gives tracebacks their "Cell In[3]" from this table: file name to execution count.
    cells = getattr(shell.compile, "_filename_map", {})
    ours: Sequence[Problem] = error.problems if isinstance(error, JpreportError) else ()
    try:
        text = (error.msg if isinstance(error, SyntaxError) else str(error)).strip()
    except Exception:  # noqa: BLE001 (an exception's own __str__ may do anything)
        text = ""
    advice = "" if ours else _advice(error, text)
    return Failure(type(error).__name__, text, tuple(ours), tuple(_frames(error, cells)), advice)


class RaisedError(Exception):
    """A cell raised; `told` is what the kernel's messages say of it."""

    def __init__(self, told: Failure) -> None:
        super().__init__(told)
        self.told = told
