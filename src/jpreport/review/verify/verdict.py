"""What becomes of published files that are built again: states, causes, figures."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from jpreport.errors import Problem
from jpreport.language import ENGLISH
from jpreport.review.changes import FigureChange

FileState = Literal["reproduced", "unaffected", "altered", "missing", "differs", "foreign"]

UNAFFECTED = "inputs differ, but in the file nothing but their digests"


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """A published file: whether it is what was built, and what is built now.

    `altered`: not the bytes that were built; `differs`: those bytes, but another build gives
    others; `unaffected`: inputs differ, but another build differs only in what the file says of
    their digests; `foreign`: not in the manifest. `signed_by` are those whose signatures, and
    nothing else, were appended to it; whom their certificates can be trusted by is not told.
    """

    name: str
    state: FileState
    detail: str = ""
    signed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """An input that is not as it was recorded; `reports` are those that depend on it."""

    kind: str
    name: str
    how: str
    reports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a release, or of one report, that was built again."""

    files: tuple[FileVerdict, ...]
    causes: tuple[Cause, ...] = ()
    figures: tuple[FigureChange, ...] = ()
    problems: tuple[Problem, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain JSON values."""
        figures = [change.to_json() for change in self.figures]
        problems = [problem.to_json() for problem in self.problems]
        plain = asdict(replace(self, figures=(), problems=()))
        return {"reproduced": self.reproduced, **plain, "figures": figures, "problems": problems}

    @property
    def reproduced(self) -> bool:
        """Whether every file is, byte for byte, what the inputs at hand give."""
        return not self.problems and all(file.state == "reproduced" for file in self.files)


def first_difference(one: bytes, other: bytes) -> str:
    """Say where two contents part, in bytes from 1."""
    pairs = enumerate(zip(one, other, strict=False), start=1)
    number = ENGLISH.number
    place = next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)) + 1)
    if len(one) != len(other):
        sizes = f"{number(len(one))} bytes, not {number(len(other))}"
        return f"{sizes}; the first that differs is byte {number(place)}"
    count = sum(a != b for a, b in zip(one, other, strict=True))
    differ = ENGLISH.count("{} byte differs", "{} bytes differ", count)
    return f"{differ}, the first is byte {number(place)}"
