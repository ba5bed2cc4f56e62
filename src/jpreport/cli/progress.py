"""Show a build while it runs: a live display on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from jpreport.cli.show import SHOWN
from jpreport.release.job import Event, OnEvent

_OVER = ("built", "failed", "unchanged", "withheld")
# Rendering takes about as long as this share of the cells.
_RENDERING = 0.25
# Lines of a terminal that are not for reports.
_REST = 3
# Seconds between two lines of something that takes long.
_AT_TIMES = 5.0


@dataclass(slots=True)
class _Report:
    """What is known of one report: its last event, and when it was begun and done."""

    last: Event
    expected: float | None = None
    begun: float | None = None
    done: float | None = None

    @property
    def share_done(self) -> float:
        """How much of it is done, from 0 to 1."""
        if self.last.state == "running":
            return (self.last.cell - 1) / self.last.cells / (1 + _RENDERING)
        return {"waiting": 0.0, "rendering": 1 / (1 + _RENDERING)}.get(self.last.state, 1.0)

    def elapsed(self, now: float) -> float | None:
        """How many seconds it has been running, or ran."""
        if self.begun is None:
            return None
        return (now if self.done is None else self.done) - self.begun


class BuildProgress:
    """The state of every report of a build, and how long the rest will take.

    `workers` is how many run at a time, if they do not say that they are more; `clock` returns
    seconds.
    """

    def __init__(self, workers: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._workers, self._clock = workers, clock
        self._lock = Lock()
        self._reports: dict[str, _Report] = {}
        self._protecting = ""
        self._names: set[str] = set()

    def watch(self, event: Event) -> None:
        """Take note of an event; from any thread."""
        now = self._clock()
        with self._lock:
            self._protecting = _protecting(event)
            if self._protecting:
                return
            report = self._reports.setdefault(event.slug, _Report(event, event.expected))
            if event.worker:
                self._names.add(event.worker)
            report.last = event
            if event.state in ("running", "rendering") and report.begun is None:
                report.begun = now
            if event.state in _OVER and report.begun is not None:
                report.done = now

    def left(self) -> float | None:
        """Return how many seconds the rest will take, None while nothing tells.

        A report is taken to need what it needed the last time, by as much more or less as those
        that are done did today; one that was never made, what those that are done needed.
        """
        with self._lock:
            reports = list(self._reports.values())
        took = [
            (r, r.done - r.begun) for r in reports if r.done is not None and r.begun is not None
        ]
        again = [(r.expected, s) for r, s in took if r.expected]
        pace = sum(s for _, s in again) / sum(e for e, _ in again) if again else 1.0
        usual = [s for _, s in took] or [r.expected for r in reports if r.expected]
        rest = [r for r in reports if r.last.state not in _OVER]
        if not usual:
            return None if rest else 0.0
        new = sum(usual) / len(usual)
        alone = [(pace * r.expected if r.expected else new) * (1 - r.share_done) for r in rest]
        # No report is shared between workers: the longest takes what it takes.
        workers = len(self._names) or self._workers
        return max(sum(alone) / workers, *alone) if alone else 0.0

    def summary(self) -> str:
        """Return how far the build is: "3 of 8 reports, about 12 s left"."""
        with self._lock:
            stale = [r for r in self._reports.values() if r.last.state != "unchanged"]
            done = sum(r.last.state in _OVER for r in stale)
        if self._protecting:
            return self._protecting
        if not stale:
            return "reading the programme" if not self._reports else "all reports are up to date"
        told = f"{done} of {len(stale)} reports"
        left = self.left()
        if done == len(stale):
            return told
        return told if left is None else f"{told}, {_about(left)} left"

    def __rich_console__(self, console: Console, _: object) -> Iterator[Group]:
        """Show a line a report that is at work, and the summary."""
        yield Group(self._table(console.height - _REST), Text(self.summary(), style="bold"))

    def _table(self, lines: int) -> Table:
        now = self._clock()
        with self._lock:
            shown = [(slug, r) for slug, r in self._reports.items() if r.last.state != "unchanged"]
        # Where the terminal is too low, what runs goes before what waits and what is done.
        order = {"running": 0, "rendering": 0, "failed": 1, "waiting": 2}
        first = sorted(shown, key=lambda pair: order.get(pair[1].last.state, 3))[: max(lines, 1)]
        kept = {slug for slug, _ in first}
        table = Table.grid(padding=(0, 2))
        for slug, report in shown:
            if slug in kept:
                elapsed = report.elapsed(now)
                table.add_row(
                    Text(slug),
                    Text(_state(report.last), style="red" if report.last.state == "failed" else ""),
                    Text("" if elapsed is None else f"{elapsed:.0f} s", justify="right"),
                )
        return table


def _state(event: Event) -> str:
    if event.state == "running":
        return f"cell {event.cell} of {event.cells}{_on(event)}"
    return SHOWN.get(event.state, event.state)


def _on(event: Event) -> str:
    return f" on worker {event.worker}" if event.worker else ""


def _about(seconds: float) -> str:
    """Return a time no more exactly than it can be known."""
    if seconds < 1:
        return "less than a second"
    if seconds < 20:  # noqa: PLR2004
        return f"about {seconds:.0f} s"
    if seconds < 100:  # noqa: PLR2004
        return f"about {round(seconds, -1):.0f} s"
    return f"about {seconds / 60:.0f} min"


@contextmanager
def progress(workers: int) -> Iterator[OnEvent]:
    """Yield what shows a build's events: a live display on a terminal, plain lines elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines().watch
        return
    shown = BuildProgress(workers)
    with Live(shown, console=console, refresh_per_second=8, transient=True):
        yield shown.watch


def _protecting(event: Event) -> str:
    """Return how far the protection of a table is, "" for another event."""
    if event.state != "protecting":
        return ""
    return f"protecting {event.slug}: {event.cell:,} of {event.cells:,} cells"


@dataclass(slots=True)
class _Lines:
    """Plain lines: of what takes long, one at times. `clock` returns seconds."""

    clock: Callable[[], float] = time.monotonic
    told: float = field(init=False)

    def __post_init__(self) -> None:
        self.told = self.clock()

    def watch(self, event: Event) -> None:
        """Write a line where there is something to say; from any thread."""
        if said := _protecting(event):
            if (now := self.clock()) - self.told >= _AT_TIMES:
                self.told = now
                _line(said)
            return
        _plain(event)


def _plain(event: Event) -> None:
    if event.state == "running" and event.cell == 1:
        _line(f"{event.slug}: running {event.cells} cells{_on(event)}")
    elif event.state in SHOWN:
        _line(f"{event.slug}: {SHOWN[event.state]}")


def _line(text: str) -> None:
    # One write: lines of reports that run at the same time must not run into each other.
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
