"""A run of a notebook ahead of time: it stands before a cell until it is told to go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock, Thread

from nbformat import NotebookNode

from jpreport.execute.parameters import INJECTED, tags_of
from jpreport.execute.reuse import asked, behind, carry, changed, questions, with_parameters
from jpreport.release.job import EditionTask, execute


@dataclass(frozen=True, slots=True)
class Step:
    """A run has come to a cell: the first `done` questions of `cells`, its notebook, are answered.

    `cell` is the one that runs now, as its author counts; 0 at the end.
    """

    run: Rehearsal
    cells: list[NotebookNode]
    done: int
    cell: int = 0


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
        self._begun: tuple[str, ...] = ()  # with the question that it is at
        self.stand, self.languages = stand, languages
        report = task.job.edition.report.model_copy(update={"languages": languages})
        edition = replace(task.job.edition, report=report)
        self._task, self._tell = replace(task, job=replace(task.job, edition=edition)), tell
        self._lock = Lock()
        self._source: NotebookNode | None = None
        self._taken: NotebookNode | None = None
        self._cancelled = False
        self._given: list[NotebookNode] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._work: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._thread = Thread(target=self._run, name="jpreport-rehearsal")
        self._thread.start()

    def fits(self, source: NotebookNode) -> bool:
        """Whether a notebook begins with all that it has been asked so far."""
        begun = list(self._begun)
        return questions(with_parameters(source, self._given).cells)[: len(begun)] == begun

    def go_on(self, source: NotebookNode) -> bool:
        """Let it run to the end of a notebook; return whether that begins with what has run."""
        with self._lock:
            if not self.fits(source):
                return False
            self._source = source
        self._wake(self._woken.set)
        return True

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
            notebook = execute(self._task, lambda _: None, self._gate)
        except asyncio.CancelledError:
            return
        except Exception as error:  # noqa: BLE001 (told by who waits for it)
            problem = error
        if not self._cancelled:
            self._tell(Ended(self, notebook, problem))

    async def _gate(self, cells: list[NotebookNode], index: int) -> int:
        """Wait where it stands; take what is to run now in place of what was."""
        if self._loop is None:
            self._work, self._loop = asyncio.current_task(), asyncio.get_running_loop()
            self._given = [cell for cell in cells if INJECTED in tags_of(cell)]
        while True:
            with self._lock:
                if self._cancelled:
                    raise asyncio.CancelledError
                self.done = self._begun = tuple(questions(cells[:index]))
                if self._source is not None and self._source is not self._taken:
                    self._taken = self._source
                    new = with_parameters(self._source, self._given)
                    cells[:] = [_ready(one) for one in carry(cells, new.cells, len(self.done))]
                    index = behind(cells, len(self.done))
                ends = index == len(cells)
                stands = ends or (len(self.done) >= self.stand and bool(asked(cells[index])))
                goes_on = self._taken is not None or not stands
                if goes_on:
                    self._begun = tuple(questions(cells[: index + 1]))
            if goes_on:
                break
            self._woken.clear()
            await self._woken.wait()
        if self._taken is not None:
            others = sum(INJECTED in tags_of(cell) for cell in cells[:index])
            at = index + 1 - others if index < len(cells) else 0
            self._tell(Step(self, list(cells), len(self.done), at))
        return index


def _ready(cell: NotebookNode) -> NotebookNode:
    """Return a cell as papermill's engine takes it."""
    metadata = changed(cell.metadata, papermill={"status": "pending"})
    return changed(cell, metadata=metadata)
