"""What can go wrong: one root, one class per cause, the `Problem` value and its `Place`."""

from __future__ import annotations

import difflib
import re
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import total_ordering
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

Kind = Literal["part", "sheet", "row", "column", "cell", "line", "key"]
_RANKS = {kind: rank for rank, kind in enumerate(get_args(Kind))}
_DIGITS = re.compile(r"(\d+)")


class Step(NamedTuple):
    """One step into a file: "row 14", "column sex", "cell 3 (tbl-results)".

    A "part" is named by its own words (`[[report]] "donor"`, "page 2"), a "key" by itself.
    """

    kind: Kind
    value: int | str
    label: str = ""

    def __str__(self) -> str:
        """Return the step in words."""
        if self.kind in {"part", "key"}:
            return str(self.value)
        plural = "s" if self.kind == "column" and ", " in str(self.value) else ""
        return f"{self.kind}{plural} {self.value}{f' ({self.label})' if self.label else ''}"


def _natural(value: int | str) -> tuple[tuple[int, str], ...]:
    """Return a key that sorts "page 9" before "page 10"."""
    parts = _DIGITS.split(str(value))
    return tuple((int(part), "") if at % 2 else (-1, part) for at, part in enumerate(parts))


@total_ordering
@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file, then steps into it from the outside in.

    `file` is relative to the programme folder where it lies below it, with slashes, and "" where
    there is none. Places sort by file, then step by step; row 9 comes before row 10. A place
    that says nothing is false.
    """

    file: str = ""
    steps: tuple[Step, ...] = ()

    def at(  # noqa: PLR0913 (one argument for each kind of step)
        self,
        *parts: str,
        sheet: str | None = None,
        cell: int | str | None = None,
        label: str = "",
        line: int | None = None,
        key: str = "",
        row: int | None = None,
        column: int | str | None = None,
    ) -> Place:
        """Return a place within this one; steps come in the order of the arguments.

        `cell` counts a notebook's cells from 1, `row` a table's rows with the header as 1.
        """
        steps = [*self.steps, *(Step("part", part) for part in parts)]
        if sheet is not None:
            steps.append(Step("sheet", sheet))
        if cell is not None:
            steps.append(Step("cell", cell, label))
        if line is not None:
            steps.append(Step("line", line))
        if key:
            steps.append(Step("key", key))
        if row is not None:
            steps.append(Step("row", row))
        if column is not None:
            steps.append(Step("column", column))
        return Place(self.file, tuple(steps))

    def item(self, number: int | str) -> Place:
        """Return the place of one item of the list that this place names."""
        *outer, last = self.steps or (Step("part", "item"),)
        if last == ("key", "cell", ""):
            return Place(self.file, (*outer, Step("cell", number)))
        return Place(self.file, (*outer, last._replace(value=f"{last.value} {number}")))

    def labelled(self, label: str) -> Place:
        """Return the same place with the label of its last step: "cell 3 (tbl-results)"."""
        return replace(self, steps=(*self.steps[:-1], self.steps[-1]._replace(label=label)))

    def reworded(self, change: Callable[[str], str]) -> Place:
        """Return the place with each of its names changed."""
        steps = (
            step._replace(value=change(step.value)) if isinstance(step.value, str) else step
            for step in self.steps
        )
        return Place(change(self.file), tuple(steps))

    def to_json(self) -> dict[str, Any]:
        """Return file, sheet, row, column, cell, label, line, key, as far as it says them.

        What bears names of its own, such as a section, comes as the list "parts".
        """
        found: dict[str, Any] = {"file": self.file} if self.file else {}
        for kind, value, label in self.steps:
            if kind == "part":
                found.setdefault("parts", []).append(value)
            else:
                found[kind] = value
            if label:
                found["label"] = label
        return found

    def below(self, outer: Place) -> Place:
        """Return this place, which names no file, as a place within another."""
        return Place(outer.file, (*outer.steps, *self.steps))

    def get(self, kind: Kind) -> int | str | None:
        """Return the innermost step of a kind, None where there is none."""
        return next((step.value for step in reversed(self.steps) if step.kind == kind), None)

    @property
    def outer(self) -> tuple[Place, ...]:
        """The places that this one lies in, the file first."""
        return tuple(Place(self.file, self.steps[:end]) for end in range(len(self.steps)))

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Place:
        """Return the place that `dataclasses.asdict` and JSON have made a dictionary of."""
        return cls(raw["file"], tuple(Step(*step) for step in raw["steps"]))

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return bool(self.file or self.steps)

    def __lt__(self, other: Place) -> bool:
        """Whether it comes before another."""
        return self._rank() < other._rank()

    def _rank(self) -> tuple[Any, ...]:
        steps = [(_RANKS[kind], _natural(value), label) for kind, value, label in self.steps]
        return _natural(self.file), steps

    def __str__(self) -> str:
        """Return the place in words: "data/students.csv, row 14, column sex"."""
        return ", ".join(filter(None, (self.file, *map(str, self.steps))))


NOWHERE = Place()


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that the user can mend: where it is, what it is, what to do where that is known."""

    where: Place
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """Return the problem as one line, the hint on a second."""
        line = f"{self.where}: {self.message}" if self.where else self.message
        return f"{line}\n  {self.hint}" if self.hint else line

    def to_json(self) -> dict[str, Any]:
        """Return the problem as JSON values: `where` in words, `place` step by step."""
        where, place = str(self.where), self.where.to_json()
        return {"where": where, "place": place, "message": self.message, "hint": self.hint}

    def within(self, outer: Place) -> Problem:
        """Return the problem, whose place names no file, with its place in another."""
        return self if self.where.file else replace(self, where=self.where.below(outer))


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
        """Return what a notebook shows for a traceback."""
        return short_traceback(self)


def short_traceback(error: BaseException) -> list[str]:
    """Return the line of a notebook's cell that failed, and the error.

    What happened within this package helps nobody to mend it.
    """
    frames = traceback.extract_tb(error.__traceback__)
    cells = [frame for frame in frames if not Path(frame.filename).exists() and frame.line]
    places = [f"line {frame.lineno}: {frame.line}" for frame in cells]
    return [*places, f"{type(error).__name__}: {error}"]


class ProjectError(JpreportError):
    """`programme.toml` is missing, malformed or contradicts itself."""


class DataError(JpreportError):
    """The Data Package or its records break their contract."""


class DisclosureError(JpreportError):
    """A sensitive table cannot be declared, protected or audited as asked: nothing is published."""


class FigureError(JpreportError):
    """An indicator cannot be computed."""


class NotebookError(JpreportError):
    """A notebook is not one that a report can be made from, or its parameters do not fit."""


class ExecutionError(JpreportError):
    """A cell or a prose value raised, or the kernel died.

    `killed` means that the system ended the kernel, most likely for want of memory.
    """

    killed: bool = False


class ExportError(JpreportError):
    """An executed notebook cannot be set as a document."""


class TranslationError(JpreportError):
    """A catalogue of translations cannot be read."""


class ClusterError(JpreportError):
    """The workers of a Dask cluster cannot be used."""


class OutputError(JpreportError):
    """The output folder cannot be written."""


def masked(value: str) -> str:
    """Return what a message may say of a value about a person: first character and length."""
    text = value.strip()
    return f'"{text[:1]}\u2026", {len(value)} characters'


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return 'did you mean "x"?' for the nearest known word, else the list of known words."""
    choices = sorted(set(known))
    near = difflib.get_close_matches(word, choices, n=1)
    if near:
        return f'did you mean "{near[0]}"?'
    return f"known: {', '.join(choices)}" if choices else ""
