"""What the browser is shown: one immutable view, replaced as a whole, waited for by threads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from threading import Condition
from typing import Any, Literal

from jpreport.errors import Problem
from jpreport.preview.page import Page
from jpreport.preview.printing import Printed


@dataclass(frozen=True, slots=True)
class View:
    """What is shown, and how far it is up to date.

    `state`: "current" is what is saved; "working" is not yet, and `waiting` says what for;
    "failed" cannot be, and `problems` say why. `pending` are the cells, as their author counts,
    whose results are those of an earlier run; None means the whole page.
    """

    editions: tuple[tuple[str, str], ...] = ()
    edition: str = ""
    languages: tuple[tuple[str, str], ...] = ()  # of the edition, by tag and name
    language: str = ""
    notebook: str = ""
    state: Literal["current", "working", "failed"] = "working"
    waiting: str = "the records to be read"
    pending: tuple[int, ...] | None = None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    page: Page | None = None
    revision: int = 0
    printed: Printed | None = None
    printing: int = 0  # how often the PDF was made
    printed_of: int = 0  # the revision of the page that it shows
    lab: str = ""
    cells: tuple[str, ...] = ()  # their ids

    def to_json(self) -> dict[str, Any]:
        """Return all but the pages themselves as JSON values."""
        return {
            "editions": [{"slug": slug, "title": title} for slug, title in self.editions],
            "edition": self.edition,
            "languages": [{"tag": tag, "name": name} for tag, name in self.languages],
            "language": self.language,
            "notebook": self.notebook,
            "state": self.state,
            "waiting": self.waiting,
            "pending": self.pending,
            "problems": _shown(self.problems),
            "warnings": _shown(self.warnings),
            "revision": self.revision if self.page else 0,
            "title": self.page.document.title if self.page else "",
            "printing": self.printing if self.printed else 0,
            "pages": self.printed.pages if self.printed else 0,
            "printed_of": self.printed_of,
            "lab": self.lab,
            "cells": self.cells,
        }


def _shown(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    return [
        {**problem.to_json(), "cell": problem.where.get("cell"), "file": problem.where.file}
        for problem in dict.fromkeys(problems)
    ]


class Board:
    """Holds the view; who reads it can wait for the next one."""

    def __init__(self) -> None:
        self.view = View()
        self.version = 0
        self.closed = False
        self._changed = Condition()

    def show(self, **changes: Any) -> None:  # noqa: ANN401 (fields of the view)
        """Replace parts of the view; a new page or PDF is counted."""
        with self._changed:
            if "page" in changes:
                changes["revision"] = self.view.revision + 1
            if changes.get("printed"):
                changes["printing"] = self.view.printing + 1
            self.view = replace(self.view, **changes)
            self.version += 1
            self._changed.notify_all()

    def after(self, version: int, seconds: float) -> tuple[int, View]:
        """Return the view when it is newer than a version, or as it is after some seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self.closed or self.version > version, seconds)
            return self.version, self.view

    def close(self) -> None:
        """Let everybody go who waits."""
        with self._changed:
            self.closed = True
            self._changed.notify_all()
