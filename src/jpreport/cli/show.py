"""Show problems, progress and results on a terminal or in a log."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from jpreport.build import Event, Outcome, Watch
from jpreport.errors import Problem

_LOG_WIDTH = 200
_SHOWN = {"built": "built", "failed": "failed", "unchanged": "up to date", "withheld": "withheld"}


def wide_console() -> Console:
    """Return a console that folds lines on a terminal, and only there."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _LOG_WIDTH
    return console


def show_problems(problems: Sequence[Problem]) -> None:
    """Print problems to standard error: place, message, what to do."""
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    for problem in problems:
        line = Text()
        if problem.where:
            line.append(problem.where, style="bold").append(": ")
        line.append(problem.message)
        console.print(line)
        for hint in problem.hint.splitlines():
            console.print(Text(f"  {hint}", style="dim"))
    count = len(problems)
    console.print(Text(f"jpreport: {count} problem{'s' if count > 1 else ''}", style="bold red"))


@contextmanager
def progress() -> Iterator[Watch]:
    """Yield what shows a build's events: bars on a terminal, plain lines elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[state]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def watch(event: Event) -> None:
            if event.slug not in tasks:
                tasks[event.slug] = bars.add_task(event.slug, total=None, state="", start=False)
            task = tasks[event.slug]
            if event.state == "running":
                bars.start_task(task)
                state = f"cell {event.cell} of {event.cells}"
                # Rendering is the last stretch of the bar.
                bars.update(task, completed=event.cell, total=event.cells + 1, state=state)
            elif event.state in _SHOWN:
                bars.update(task, completed=1, total=1, state=_SHOWN[event.state])
                bars.stop_task(task)
            else:
                bars.update(task, state=event.state)

        yield watch


def _plain(event: Event) -> None:
    if event.state == "running" and event.cell == 1:
        _line(f"{event.slug}: running {event.cells} cells")
    elif event.state in _SHOWN:
        _line(f"{event.slug}: {_SHOWN[event.state]}")


def _line(text: str) -> None:
    # One write: lines of reports that run at the same time must not run into each other.
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def closing_table(outcomes: Sequence[Outcome]) -> None:
    """Print report, state, figures, pages and seconds, a line each."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("report", no_wrap=True)
    table.add_column("state")
    for name in ("figures", "pages", "seconds"):
        table.add_column(name, justify="right")
    for outcome in outcomes:
        failed = outcome.state in {"failed", "withheld"}
        table.add_row(
            Text(outcome.slug),
            Text(_SHOWN.get(outcome.state, outcome.state), style="red" if failed else ""),
            "" if failed else str(outcome.figures),
            "" if failed or outcome.pages is None else str(outcome.pages),
            f"{outcome.seconds:.1f}" if outcome.seconds else "",
        )
    wide_console().print(table)
