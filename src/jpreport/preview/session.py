"""The loop of a preview: what was saved, what of it has to run, and what is shown meanwhile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

from nbformat import NotebookNode, v4

from jpreport.errors import JpreportError, Place, Problem
from jpreport.execute.kernels import prewarm
from jpreport.execute.reuse import (
    author_numbers,
    carry_end,
    changed,
    finished,
    questions,
    read_source,
    shared,
)
from jpreport.language import Wording
from jpreport.preview.board import Board
from jpreport.preview.lab import lab_address
from jpreport.preview.messages import Chosen, Message, PrintAsked, Saved, Spoken
from jpreport.preview.page import set_page
from jpreport.preview.printing import Printer, Printing
from jpreport.preview.programme import Programme, Result
from jpreport.preview.rehearsal import Ended, Rehearsal, Step
from jpreport.release.job import EditionTask, placed
from jpreport.release.languages import gaps
from jpreport.release.request import Request
from jpreport.review.narrative.programme import check_numbers


class Session:
    """Keeps one page up to date. One thread calls its methods; any may call `tell`."""

    def __init__(self, request: Request, templates: Path) -> None:
        self.board = Board()
        self._request = request
        self._programme = Programme(request, templates)
        self._queue: SimpleQueue[Message] = SimpleQueue()
        self._slug = self._language = ""
        self._task: EditionTask | None = None
        self._source: NotebookNode = v4.new_notebook()  # type: ignore[no-untyped-call]
        self._results: dict[str, Result] = {}
        self._run: Rehearsal | None = None
        self._where = ""  # how far it is, in words
        self._standing: list[Rehearsal] = []
        self._leaving: list[Rehearsal] = []
        self._writes = False  # a run leaves files where others would find them
        self._early = False  # a page with results of an earlier run is shown
        self._print = False
        self._printer = Printer(self.tell)

    def tell(self, message: Message) -> None:
        """Let the session know of something; None ends it."""
        self._queue.put(message)

    def run(self) -> None:
        """Show the page and keep it up to date until told to end."""
        self._request.store.prepare()
        prewarm(None if self._request.restricted else self._request.root)
        self._read(None)
        while (message := self._queue.get()) is not None:
            self._take(message)

    def close(self) -> None:
        """End all that runs, and remove the private copy of the programme."""
        self.board.close()
        self._await_runs()
        self._printer.end()
        self._programme.close()

    def _take(self, message: Message) -> None:
        match message:
            case JpreportError():
                raise message
            case Saved(files):
                self._read(files | self._saved_since())
            case Chosen(slug) if slug != self._slug:
                self._slug = slug
                self._turn(edition=slug)
            case Spoken(language) if language != self._language:
                self._language = language
                self._turn(language=language)
            case PrintAsked(wanted):
                self._print = wanted
                self._print_page()
            case Printing():
                self._printed(message)
            case Step() if message.run is self._run:
                self._step(message)
            case Ended() if message.run is self._run:
                self._ended(message)

    def _turn(self, **to: str) -> None:
        """Show another edition or language, of which nothing is shown yet."""
        self._forget_runs()
        self.board.show(page=None, printed=None, problems=(), warnings=(), **to)
        self._wait_for("the edition to be read")
        self._look()

    def _saved_since(self) -> frozenset[Path]:
        """Take what else was saved by now out of what is told, and nothing else."""
        told = [self._queue.get() for _ in range(self._queue.qsize())]
        for message in told:
            if not isinstance(message, Saved):
                self._queue.put(message)
        return frozenset().union(*(one.files for one in told if isinstance(one, Saved)))

    def _read(self, files: frozenset[Path] | None) -> None:
        """Read what was saved (None: everything), and bring the page up to date."""
        self._wait_for("what was saved to be read")
        copied = self._programme.is_copied
        try:
            goes_on = self._programme.read(files)
        except JpreportError as error:
            self._forget_runs()
            self._fail(error.problems)
            return
        if not goes_on:
            self._forget_runs()
            if files and copied:
                self._drop(files)
        self._look()

    def _drop(self, files: frozenset[Path]) -> None:
        """Let no result hold of a run that read what was saved since its copy was made."""
        inside = [one for one in files if one.is_relative_to(self._request.root)]
        paths = {*inside, *(one.parent for one in inside)}
        names = {one.relative_to(self._request.root).as_posix() for one in paths}
        for slug, one in self._results.items():
            if names & (one.read.keys() - one.exact):
                self._results[slug] = replace(one, basis="")

    def _look(self) -> None:
        """Bring the page to what is saved: from results that still hold, or by a run."""
        self._clean_up()
        try:
            task = self._task = self._programme.task(self._slug)
            report = task.job.edition.report
            source = read_source(task.root / report.notebook, Place(report.notebook))
        except JpreportError as error:
            self._end_run()
            self._fail(error.problems)
            return
        self._slug, self._source, self._early = task.slug, source, False
        self._language = next(
            filter({self._language}.__contains__, report.languages), report.languages[0]
        )
        self.board.show(
            edition=task.slug,
            languages=tuple((tag, Wording(tag).name) for tag in report.languages),
            language=self._language,
            editions=tuple((one.slug, one.slug) for one in self._programme.editions),
            notebook=report.notebook,
            lab=lab_address(task.root / report.notebook),
            cells=tuple(cell.id for cell in source.cells),
        )
        before = self._results.get(self._slug)
        known = before and self._language in before.languages
        notebook = finished(source, before.notebook) if before and known else None
        if before and notebook and self._programme.holds(task, before):
            self._end_run()
            self._show(notebook)
            if not self._standing:
                self._rehearse(0)
            return
        if self._run is None or not self._run.go_on(source):
            self._end_run()
            self._run, self._where = self._start(source), "the notebook to run"
        self.board.show(waiting=self._where)
        if notebook:
            # What runs has not changed, but what it reads, or how it is set.
            self._show_early(notebook.cells, notebook.cells, 0)

    def _start(self, source: NotebookNode) -> Rehearsal:
        """Let the run go on that has come farthest on the way to a notebook, or a new one."""
        for one in sorted(self._standing, key=lambda one: -len(one.done)):
            if one.is_alive() and one.go_on(source):
                self._standing.remove(one)
                return one
        new = self._stand(0)
        new.go_on(source)
        return new

    def _stand(self, questions_before: int) -> Rehearsal:
        assert self._task  # noqa: S101 (there is one once there is a source)
        own = self._task.job.edition.report.languages[0]
        languages = tuple(dict.fromkeys((own, self._language)))
        return Rehearsal(self._task, languages, questions_before, self.tell)

    def _step(self, step: Step) -> None:
        """Say what the page waits for, and show what is known of it by now."""
        where = f"cell {step.cell} of {len(self._source.cells)} to run"
        self._where = where if step.cell else "the page to be set"
        self.board.show(state="working", waiting=self._where)
        before = self._results.get(self._slug)
        if self._early or before is None or not self._queue.empty():
            return
        if self._language not in before.languages:
            return
        new, old = questions(step.cells), questions(before.notebook.cells)
        same = shared(new[::-1], old[::-1])
        if step.done < len(new) - same or step.done == len(new):
            return
        # All that asks something else has run; what comes behind it most likely gives the same.
        self._show_early(before.notebook.cells, step.cells, step.done)

    def _show_early(self, old: list[NotebookNode], cells: list[NotebookNode], done: int) -> None:
        """Show the first `done` answers, and behind them, marked, those of an earlier run."""
        self._early = True
        metadata = self._results[self._slug].notebook.metadata
        last = carry_end(old, cells, done)
        self._show(changed(self._source, cells=last, metadata=metadata), author_numbers(last, done))

    def _ended(self, ended: Ended) -> None:
        task, before = self._task, self._results.get(self._slug)
        assert task  # noqa: S101 (it is what ran)
        self._run = None
        if not self._writes and self._clean_up():
            # It may have found there what another run has left.
            self._look()
            return
        if ended.error is not None or ended.notebook is None:
            if not isinstance(ended.error, JpreportError):
                raise ended.error or RuntimeError("a run gave nothing")
            self._fail(ended.error.problems)
            return
        run = finished(self._source, ended.notebook)
        assert run  # noqa: S101 (what it ran is the source)
        self._results[self._slug] = self._programme.result(task, run, ended.run.languages)
        self._show(run)
        old = questions(before.notebook.cells) if before else []
        self._rehearse(shared(old, questions(run.cells)))

    def _rehearse(self, spot: int) -> None:
        """Let runs stand where the next change is likely: at the last one's, and at the start."""
        if self._clean_up():
            self._task = self._programme.task(self._slug)
        wanted = {0} if self._writes else {0, spot}
        kept = []
        for one in self._standing:
            if one.stand in wanted and one.fits(self._source):
                wanted.discard(one.stand)
                kept.append(one)
            else:
                self._leave(one)
        self._standing = kept + [self._stand(place) for place in sorted(wanted)]

    def _clean_up(self) -> bool:
        """Leave a private copy that runs have written into; return whether it was so."""
        if not self._programme.was_written_to():
            return False
        self._writes = True
        self._await_runs()
        self._programme.close()
        return True

    def _show(self, notebook: NotebookNode, pending: tuple[int, ...] | None = None) -> None:
        assert self._task  # noqa: S101 (its notebook is shown)
        try:
            page = set_page(self._task, notebook, self._language)
        except JpreportError as error:
            if pending is None:
                self._fail(placed(self._task, error))
            return
        if pending is not None:
            self.board.show(page=page, pending=pending)
            return
        self.board.show(
            page=page, state="current", waiting="", pending=(), problems=(), warnings=()
        )
        self._print_page()
        if self._queue.empty():
            self._check()

    def _check(self) -> None:
        """Show what `jpreport check` finds beside what keeps the page from being made."""
        survey, task = self._programme.plan.survey, self._task
        found = check_numbers(survey.settings, self._request.store.folder / "no-release")
        problems, warnings = (*survey.all_problems, *found.problems), found.warnings
        if task and self._language != task.job.edition.report.languages[0]:
            try:
                lacking = gaps(survey, task.job.edition.report, self._language)
                warnings += lacking.get(self._language, ())
            except JpreportError as error:
                problems += error.problems
        self.board.show(problems=problems, warnings=warnings)

    def _wait_for(self, what: str) -> None:
        self.board.show(state="working", waiting=what, pending=None)

    def _fail(self, problems: tuple[Problem, ...]) -> None:
        self.board.show(state="failed", waiting="", pending=None, problems=problems, warnings=())

    def _print_page(self) -> None:
        """Make the PDF of what is shown, if that is wanted."""
        page = self.board.view.page
        if self._print and page and self._task:
            self._printer.start(self._task, page)

    def _printed(self, made: Printing) -> None:
        self._printer.end()
        view = self.board.view
        if made.page is not view.page:
            self._print_page()
        elif made.printed:
            self.board.show(printed=made.printed, printed_of=view.revision)
        else:
            self.board.show(printed=None, problems=(*view.problems, *made.problems))

    def _end_run(self) -> None:
        if self._run is not None:
            self._leave(self._run)
            self._run = None

    def _leave(self, run: Rehearsal) -> None:
        run.cancel()
        self._leaving = [one for one in self._leaving if one.is_alive()] + [run]

    def _forget_runs(self) -> None:
        """End all runs; their kernels go by themselves."""
        self._end_run()
        for one in self._standing:
            self._leave(one)
        self._standing = []

    def _await_runs(self) -> None:
        """Wait until the kernels of all runs that were ended are gone."""
        self._forget_runs()
        for one in self._leaving:
            one.join()
