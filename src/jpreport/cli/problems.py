"""Print problems: for people, as JSON, or as annotations of a GitHub workflow."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.text import Text

from jpreport.cli.lines import line_of, with_line
from jpreport.errors import Place, Problem

Style = Literal["text", "json", "github"]
Severity = Literal["error", "warning"]

# The kind and version of what `check --json` prints.
KIND, VERSION = "jpreport.problems", 1


def print_problems(
    errors: Sequence[Problem],
    warnings: Sequence[Problem] = (),
    *,
    style: Style = "text",
    root: Path | None = None,
) -> None:
    """Print problems; only people are told nothing where there are none.

    Text goes to standard error, what machines read to standard output. `root` is the programme
    folder, which places are relative to.
    """
    if root is not None:
        errors, warnings = _with_lines(root, errors), _with_lines(root, warnings)
    if style == "json":
        print(json.dumps(problems_json(errors, warnings), indent=1))
    elif style == "github":
        for severity, problems in _by_severity(errors, warnings):
            for problem in problems:
                print(annotation(problem, severity, root or Path.cwd()))
    else:
        for warning in warnings:
            print(f"warning: {warning}", file=sys.stderr)
        if errors:
            _show(errors)


def _with_lines(root: Path, problems: Sequence[Problem]) -> list[Problem]:
    return [replace(one, where=with_line(root, one.where)) for one in problems]


def _by_severity(
    errors: Sequence[Problem], warnings: Sequence[Problem]
) -> tuple[tuple[Severity, Sequence[Problem]], ...]:
    return ("error", errors), ("warning", warnings)


def problems_json(errors: Sequence[Problem], warnings: Sequence[Problem]) -> dict[str, Any]:
    """Return problems as JSON values; `sound` where there are no errors."""
    told = [
        {"severity": severity, **problem.to_json()}
        for severity, problems in _by_severity(errors, warnings)
        for problem in problems
    ]
    return {"$type": KIND, "version": VERSION, "sound": not errors, "problems": told}


def annotation(problem: Problem, severity: Severity, root: Path) -> str:
    """Return a problem as the workflow command that GitHub shows beside the line at fault."""
    place = problem.where
    # GitHub knows files by their path in the repository, which its runners work in.
    workspace = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    path = (root / place.file).resolve() if place.file else None
    if path is not None and path.is_relative_to(workspace):
        path = path.relative_to(workspace)
    column = place.get("column")
    said = {
        "file": path.as_posix() if path else None,
        "line": line_of(root, place) if path else None,
        "col": column if isinstance(column, int) else None,
        "title": str(Place(steps=place.steps)) or None,
    }
    properties = ",".join(f"{k}={_escaped(v, ':,')}" for k, v in said.items() if v is not None)
    message = "\n".join(filter(None, (problem.message, problem.hint)))
    return f"::{severity}{' ' if properties else ''}{properties}::{_escaped(message)}"


def _escaped(value: object, special: str = "") -> str:
    """Return text as a workflow command takes it; `special` ends a property."""
    for char in f"%\r\n{special}":
        value = str(value).replace(char, f"%{ord(char):02X}")
    return str(value)


def _show(problems: Sequence[Problem]) -> None:
    """Print problems to standard error: place, message, what to do."""
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    for problem in problems:
        line = Text()
        if problem.where:
            line.append(str(problem.where), style="bold").append(": ")
        line.append(problem.message)
        console.print(line)
        for hint in problem.hint.splitlines():
            console.print(Text(f"  {hint}", style="dim"))
    count = len(problems)
    console.print(Text(f"jpreport: {count} problem{'s' if count > 1 else ''}", style="bold red"))
