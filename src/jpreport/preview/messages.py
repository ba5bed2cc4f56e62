"""What a session is told of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jpreport.errors import JpreportError
from jpreport.preview.printing import Printing
from jpreport.preview.rehearsal import Ended, Step


@dataclass(frozen=True, slots=True)
class Saved:
    """Files of the programme, or templates of the exporters, were saved."""

    files: frozenset[Path]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Another edition is to be shown."""

    slug: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """The edition is to be shown in another of its languages."""

    language: str


@dataclass(frozen=True, slots=True)
class PrintAsked:
    """The PDF is to be shown as well, or no more."""

    wanted: bool


# An error is of who watches the folder: without it, nothing can be followed.
Message = Saved | Chosen | Spoken | PrintAsked | Printing | Step | Ended | JpreportError | None
