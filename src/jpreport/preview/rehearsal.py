"""A run of a notebook ahead of time: it stands before a cell until it is told to go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock, Thread

from nbformat import NotebookNode

from jpreport.execute.parameters import INJECTED, tags_of
from jpreport.execute.reuse import asked, behind, carry, changed, questions, with_parameters
from jpreport.release.job import EditionTask, Event, execute


@dataclass(frozen=True, slots=True)
class Step:
    """A run has come to a cell: the first `done` questions of `cells`, its notebook, are answered.

    `cell` of `total` is the one that runs now, as its author counts; 0 at the end.
    """

    run: Rehearsal
    cells: list[NotebookNode]
    done: int
    cell: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """A run is over: its notebook, or why there is none."""

    run: Rehearsal
    notebook: NotebookNode | None = None
    error: Exception | None = None


class Rehearsal:
    """One run of an edition's notebook on a kernel of its own.

    `languages` are those of its answers, the notebook's own first. It answers the first `stand`
    questions of the notebook and waits, until `go_on` gives it the notebook to finish. That may
    differ from what it began with in all that has not run. `tell` is called from its thread.
    """

    def __init__(
        self,
        task: EditionTask,
        languages: tuple[str, ...],
        stand: int,
        tell: Callable[[Step | Ended], None],
    ) -> None:
        self.done: tuple[str, ...] = ()
        self.stand, self.languages = stand, languages
        report = task.job.edition.report.model_copy(update={"languages": languages})
        edition = replace(task.job.edition, report=report)
        self._task, self._tell = replace(task, job=replace(task.job, edition=edition)), tell
        self._lock = Lock()
        self._source: NotebookNode | None = None
        self._taken: NotebookNode | None = None
        self._cancelled = False
        self._given: list[NotebookNode] = []
        self._at = (0, 0)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._work: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._thread = Thread(target=self._run, name="jpreport-rehearsal")
        self._thread.start()

    def fits(self, source: NotebookNode) -> bool:
        """Whether a notebook begins with all that it has been asked so far."""
        done = list(self.done)
        return questions(with_parameters(source, self._given).cells)[: len(done)] == done

    def go_on(self, source: NotebookNode) -> None:
        """Let it run to the end of a notebook, which begins with what has run."""
        with self._lock:
            self._source = source
        self._wake(self._woken.set)

    def cancel(self) -> None:
        """End it with its kernel; it tells nothing more."""
        with self._lock:
            self._cancelled = True
        if self._work is not None:
            self._wake(self._work.cancel)

    def is_alive(self) -> bool:
        """Whether it has not come to its end."""
        return self._thread.is_alive()

    def join(self) -> None:
        """Wait for its end."""
        self._thread.join()

    def _wake(self, what: Callable[[], object]) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            try:
                loop.call_soon_threadsafe(what)
            except RuntimeError:
                return  # it has just ended

    def _run(self) -> None:
        notebook: NotebookNode | None = None
        problem: Exception | None = None
        try:
            notebook = execute(self._task, self._on_event, self._gate)
        except asyncio.CancelledError:
            return
        except Exception as error:  # noqa: BLE001 (told by who waits for it)
            problem = error
        if not self._cancelled:
            self._tell(Ended(self, notebook, problem))

    def _on_event(self, event: Event) -> None:
        self._at = event.cell, event.cells

    async def _gate(self, cells: list[NotebookNode], index: int) -> int:
        """Wait where it stands; take what is to run now in place of what was."""
        if self._loop is None:
            self._work, self._loop = asyncio.current_task(), asyncio.get_running_loop()
            self._given = [cell for cell in cells if INJECTED in tags_of(cell)]
        self.done = tuple(questions(cells[:index]))
        while True:
            with self._lock:
                if self._cancelled:
                    raise asyncio.CancelledError
                source = self._source
            if source is not self._taken and source is not None:
                if not self.fits(source):
                    raise asyncio.CancelledError
                self._taken, new = source, with_parameters(source, self._given)
                cells[:] = [_ready(one) for one in carry(cells, new.cells, len(self.done))]
                index = behind(cells, len(self.done))
            ends = index == len(cells)
            waits = len(self.done) >= self.stand and (ends or asked(cells[index]))
            if self._taken is None and (waits or ends):
                self._woken.clear()
                await self._woken.wait()
                continue
            if self._taken is not None:
                self._tell(Step(self, list(cells), len(self.done), *self._at))
            return index


def _ready(cell: NotebookNode) -> NotebookNode:
    """Return a cell as papermill's engine takes it."""
    metadata = changed(cell.metadata, papermill={"status": "pending"})
    return changed(cell, metadata=metadata)
